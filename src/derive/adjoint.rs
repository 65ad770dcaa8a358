//! Gradients of a scalar by one reverse pass over the definitions.
//!
//! The pass keeps, for each name v that still counts, the term G with dJ = … + ⟨G, dv⟩. Names are taken in reverse
//! order of declaration (a definition refers to earlier names only): dv is pushed inwards through the definition of
//! v, and each summand ⟨G, A·dw·B⟩ is turned by the rules of class `adjoint` into ⟨AᵀGBᵀ, dw⟩, which counts towards
//! w. A G that several of its users will share gets a name of its own, δ₁ first, so that cost and text stay linear
//! in the number of definitions. When only the variables are left, their Gs are the gradients, because
//! dJ = Σ ⟨G, dX⟩ for all dX says just that.

use super::{Deriver, Refusal};
use crate::facts::{Condition, Evidence};
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Function, Op, Symbol, SymbolKind, Term};
use crate::rules::Class;
use crate::trace::{Inference, Justification, Level, Piece, Statement, Step};
use std::collections::{BTreeMap, BTreeSet};

/// The gradients of a scalar by several variables, with the names that they share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gradients {
    /// The gradient by each variable, of the shape of the variable, in the order they were asked for.
    pub values: Vec<Term>,
    /// Why the conditions of the rules hold on the way to each variable: a kink that lies on the way to one of them
    /// only is excluded for that one only.
    pub evidence: Vec<Vec<Evidence>>,
    /// Names that the pass introduced, with their terms, in order of introduction.
    pub names: Vec<(Symbol, Term)>,
}

/// A part ⟨adjoint, d(symbol)⟩ of the differential of the scalar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) symbol: Symbol,
    pub(super) adjoint: Term,
}

/// All parts that count towards one name, with the evidence on the way to it.
#[derive(Clone, Debug, Default)]
struct Pending {
    adjoints: Vec<Term>,
    evidence: Vec<Evidence>,
}

/// What counts towards each name that is not done yet.
type Parts = BTreeMap<Symbol, Pending>;

impl Deriver<'_> {
    /// Adjoints of at most this many leaves are not worth a name.
    const NAMELESS: usize = 3;

    /// The gradients of the scalar `root`, which was `typed`, by the variables of the question.
    ///
    /// # Errors
    /// A differential that no rule knows, or that does not come out of its inner product.
    pub fn gradients(&mut self, root: Term, typed: Term) -> Result<Gradients, Refusal> {
        let mark = self.derivation.steps.len();
        match self.reverse_pass(root, typed) {
            Err(refusal @ Refusal::NotReadable(_)) => {
                self.derivation.steps.truncate(mark);
                self.gradients_by_indices(root, refusal)
            }
            found => found,
        }
    }

    /// Each gradient by itself, in index form.
    fn gradients_by_indices(&mut self, root: Term, refusal: Refusal) -> Result<Gradients, Refusal> {
        let (mut values, mut evidence) = (Vec::new(), Vec::new());
        for variable in self.facts.variables.clone() {
            self.evidence.clear();
            values.push(self.gradient_by_indices(root, variable, refusal.clone())?);
            evidence.push(std::mem::take(&mut self.evidence));
        }
        Ok(Gradients { values, evidence, names: Vec::new() })
    }

    /// The reverse pass.
    fn reverse_pass(&mut self, root: Term, typed: Term) -> Result<Gradients, Refusal> {
        self.root = Some(typed);
        let variables = self.facts.variables.clone();
        let mut pending = Parts::new();
        let mut names = Vec::new();
        let one = self.context.terms.integer(1);
        self.distribute(None, root, one, &mut pending)?;
        let mut found = Parts::new();
        while let Some((symbol, parts)) = pending.pop_last() {
            if variables.contains(&symbol) {
                found.insert(symbol, parts);
                continue;
            }
            self.evidence = parts.evidence;
            let adjoint = self.total(symbol, &parts.adjoints)?;
            if self.is_solution(symbol) {
                for part in self.through_equation(symbol, adjoint, &mut names)? {
                    self.add(&mut pending, part);
                }
                continue;
            }
            let adjoint = self.name_adjoint(symbol, adjoint, &mut names);
            self.through(symbol, adjoint, &mut pending)?;
        }
        let (mut values, mut evidence) = (Vec::new(), Vec::new());
        for variable in variables {
            let parts = found.remove(&variable).unwrap_or_default();
            self.evidence = parts.evidence;
            let shape = self.context.info(variable).shape.clone();
            let value = match parts.adjoints.as_slice() {
                [] => self.context.terms.zero(shape),
                adjoints => self.total(variable, adjoints)?,
            };
            values.push(value);
            let mut found = std::mem::take(&mut self.evidence);
            self.reveal(&mut found);
            evidence.push(found);
        }
        names.extend(self.partial_products.iter().copied());
        names.sort();
        let names = self.used_names(&values, names);
        let before = values.clone();
        let names = self.inline_short(&mut values, names);
        for ((value, before), variable) in values.iter_mut().zip(before).zip(self.facts.variables.clone()) {
            if *value != before {
                *value = self.finish(*value, Some(variable))?;
            }
        }
        Ok(Gradients { values, evidence, names })
    }

    /// Adds a part with the evidence on the way to it.
    fn add(&mut self, pending: &mut Parts, part: Part) {
        let entry = pending.entry(part.symbol).or_default();
        entry.adjoints.push(part.adjoint);
        let new: Vec<Evidence> = self.evidence.iter().filter(|e| !entry.evidence.contains(e)).cloned().collect();
        entry.evidence.extend(new);
    }

    /// ⟨adjoint, d(symbol)⟩ through the definition of the symbol, or through what it was declared to depend on.
    fn through(&mut self, symbol: Symbol, adjoint: Term, pending: &mut Parts) -> Result<(), Refusal> {
        match self.context.definition(symbol) {
            Some(definition) => {
                let body = self.with_named_argument(definition.normal);
                self.distribute(Some(symbol), body, adjoint, pending)
            }
            None => self.through_dependence(symbol, adjoint, pending),
        }
    }

    /// `softmax(Wx + b)` as softmax(u) of a hidden name u = Wx + b, so that the gradient by u is simplified before it
    /// goes on to W, x and b, and is the one that they share.
    fn with_named_argument(&mut self, body: Term) -> Term {
        let Some(argument) = self.argument_to_name(body) else { return body };
        let shape = self.context.terms.shape(argument).clone();
        let mut free = (1usize..).map(|n| format!("u_{n}")).filter(|name| self.context.lookup(name).is_none());
        let free = free.nth(self.hidden.len());
        let definition = crate::ir::Definition { raw: argument, normal: argument };
        let name = free.unwrap_or_else(|| "u".into());
        let name = self.context.declare_hidden(&name, shape, SymbolKind::Definition(definition));
        let name = self.context.terms.symbol(name);
        self.hidden.insert(name, argument);
        let op = self.context.terms.op(body).clone();
        Normal::new(&mut self.context.terms).build(op, &[name])
    }

    /// The argument of a body that is one function of several names; only functions whose differential needs no
    /// condition, because what is known of the argument is not known of its name.
    fn argument_to_name(&self, body: Term) -> Option<Term> {
        use Function::*;
        let terms = &self.context.terms;
        let unconditional = match terms.op(body) {
            Op::Call(function) => matches!(
                function,
                Exp | Sin | Cos | Sinh | Cosh | Tanh | Sigmoid | Relu | Softplus | Softmax | RowSoftmax | ColSoftmax
            ),
            Op::Elementwise { .. } => true,
            _ => false,
        };
        let argument = *terms.args(body).first().filter(|_| unconditional)?;
        (self.context.symbols_in(argument).len() >= 2).then_some(argument)
    }

    /// Hidden names replaced by what they stand for.
    fn without_hidden(&mut self, term: Term) -> Term {
        if self.hidden.is_empty() {
            return term;
        }
        Normal::new(&mut self.context.terms).substitute(term, &self.hidden)
    }

    /// The conditions of some evidence without hidden names.
    fn reveal(&mut self, evidence: &mut [Evidence]) {
        for evidence in evidence {
            let term = match &mut evidence.condition {
                Condition::Property(_, term)
                | Condition::Unique(_, term)
                | Condition::Constant(term)
                | Condition::AwayFromZero(term)
                | Condition::Determined(term)
                | Condition::Regular(term) => term,
            };
            let shown = *term;
            *term = self.without_hidden(shown);
        }
    }

    /// An undefined scalar L that is a function of Y: dL = ⟨∂L/∂Y, dY⟩.
    fn through_dependence(&mut self, symbol: Symbol, adjoint: Term, pending: &mut Parts) -> Result<(), Refusal> {
        let f = self.context.terms.symbol(symbol);
        if !self.context.info(symbol).shape.is_scalar() {
            return self.through_opaque_matrix(symbol, adjoint, pending);
        }
        for variable in self.context.info(symbol).depends_on.clone() {
            let x = self.context.terms.symbol(variable);
            if !self.is_active(x) {
                continue;
            }
            let partial = self.context.terms.make(Op::Partial, &[f, x]);
            let contribution = Normal::new(&mut self.context.terms).product(&[adjoint, partial]);
            let (df, dx) = (self.d(f), self.d(x));
            let before = self.paired(adjoint, df);
            let after = self.paired(contribution, dx);
            let because = vec![Piece::Math(f), Piece::Text(" is a function of ".into()), Piece::Math(x)];
            let step = Step::inference(
                Inference::ChainRule(variable),
                Statement::Term(before),
                Statement::Term(after),
                because,
                Level::Headline,
            );
            self.push(step);
            self.add(pending, Part { symbol: variable, adjoint: contribution });
        }
        Ok(())
    }

    /// A matrix or vector A that is an undefined function of scalars or vectors: dA = (∂A/∂t) dt, vec dA = (∂A/∂q) dq.
    fn through_opaque_matrix(&mut self, symbol: Symbol, adjoint: Term, pending: &mut Parts) -> Result<(), Refusal> {
        let f = self.context.terms.symbol(symbol);
        for variable in self.context.info(symbol).depends_on.clone() {
            let x = self.context.terms.symbol(variable);
            if !self.is_active(x) {
                continue;
            }
            let by = self.context.info(variable).shape.clone();
            if !by.is_scalar() && !by.is_vector() {
                return Err(Refusal::NoRule(f));
            }
            let partial = self.context.terms.make(Op::Partial, &[f, x]);
            let mut normal = Normal::new(&mut self.context.terms);
            let contribution = if by.is_scalar() {
                normal.inner(adjoint, partial)
            } else {
                let is_vector = normal.store().shape(adjoint).is_vector();
                let column = if is_vector { adjoint } else { normal.call(Function::Vec, adjoint) };
                let transposed = normal.transpose(partial);
                normal.product(&[transposed, column])
            };
            self.add(pending, Part { symbol: variable, adjoint: contribution });
        }
        Ok(())
    }

    /// Adds the parts of ⟨adjoint, d(body)⟩ to what is pending.
    fn distribute(
        &mut self,
        symbol: Option<Symbol>,
        body: Term,
        adjoint: Term,
        pending: &mut Parts,
    ) -> Result<(), Refusal> {
        let mark = self.derivation.steps.len();
        let differential = self.differential(body)?;
        let differential = self.put_names_back(differential, None);
        self.headline_differential(symbol, body, adjoint, differential, mark);
        for part in self.parts(adjoint, differential)? {
            self.add(pending, part);
        }
        Ok(())
    }

    /// The parts of ⟨adjoint, differential⟩, each brought to ⟨G, dw⟩ by the rules of class `adjoint`.
    pub(super) fn parts(&mut self, adjoint: Term, differential: Term) -> Result<Vec<Part>, Refusal> {
        let mut open = self.inner_products(adjoint, differential);
        open.reverse();
        let mut parts = Vec::new();
        // Each rule takes an operand away from the differential; the bound is for rules that undo each other.
        let mut left = Self::STEPS * open.len();
        while let Some(inner) = open.pop() {
            left = left.checked_sub(1).ok_or(Refusal::NotReadable(inner))?;
            let [g, d] = *self.context.terms.args(inner) else { return Err(Refusal::NotReadable(inner)) };
            if *self.context.terms.op(d) == Op::Differential {
                let symbol = self.context.terms.as_symbol(self.context.terms.args(d)[0]);
                let symbol = symbol.ok_or(Refusal::NotReadable(d))?;
                parts.push(Part { symbol, adjoint: g });
                continue;
            }
            if let Some(of_sum) = self.parts_of_index_sum(g, d)? {
                parts.extend(of_sum);
                continue;
            }
            let application = self.apply_class(Class::Adjoint, inner).ok_or(Refusal::NotReadable(inner))?;
            let after = application.after;
            self.log(application);
            let mut next = self.summands(after);
            next.reverse();
            open.extend(next);
        }
        Ok(parts)
    }

    /// ⟨adjoint, each summand of the differential⟩.
    fn inner_products(&mut self, adjoint: Term, differential: Term) -> Vec<Term> {
        let summands = self.summands(differential);
        summands.into_iter().map(|summand| self.context.terms.make(Op::Inner, &[adjoint, summand])).collect()
    }

    /// The summands of a sum of inner products or differentials; a zero has none.
    pub(super) fn summands(&self, term: Term) -> Vec<Term> {
        match self.context.terms.op(term) {
            Op::Sum => self.context.terms.args(term).to_vec(),
            _ if self.context.terms.is_zero(term) => Vec::new(),
            _ => vec![term],
        }
    }

    /// The sum of all that counts towards a name, which is the derivative by it, in its best form, with the steps.
    fn total(&mut self, symbol: Symbol, parts: &[Term]) -> Result<Term, Refusal> {
        let total = Normal::new(&mut self.context.terms).sum(parts);
        let total = self.without_hidden(total);
        let x = self.context.terms.symbol(symbol);
        let Some(root) = self.root.filter(|&root| root != x) else { return self.finish(total, Some(symbol)) };
        let derivative = self.context.terms.make(Op::Partial, &[root, x]);
        let collected = self.collect_quietly(total, Some(symbol))?;
        if collected == derivative {
            return Ok(collected); // ∂L/∂Y of an undefined L is its own value
        }
        let dx = self.d(x);
        let because = vec![Piece::Text("the factor of ".into()), Piece::Math(dx)];
        let (before, after) = (Statement::Term(derivative), Statement::Term(collected));
        self.push(Step::inference(Inference::ReadOff, before, after, because, Level::Headline));
        let mark = self.derivation.steps.len();
        let best = self.finish(collected, Some(symbol))?;
        self.headline_result(collected, best, mark);
        Ok(best)
    }

    /// If no headline step since `mark` ends in `best`, one that does.
    pub(super) fn headline_result(&mut self, from: Term, best: Term, mark: usize) {
        let shown = self.derivation.steps[mark..].iter().rev().find(|step| step.level == Level::Headline);
        let last = shown.map_or(Statement::Term(from), |step| step.after);
        let Statement::Term(last) = last else { return };
        if last == best {
            return;
        }
        let (reasons, rules) = (self.all_reasons(mark), self.rules_since(mark));
        let (before, after) = (Statement::Term(last), Statement::Term(best));
        let by = Inference::Together(rules);
        self.push(Step::inference(by, before, after, crate::trace::words(reasons.join(", ")), Level::Headline));
    }

    /// The reasons of all rules used since `mark`, each once.
    fn all_reasons(&self, mark: usize) -> Vec<String> {
        let mut reasons: Vec<String> = Vec::new();
        for name in self.rules_since(mark) {
            let Some(rule) = self.engine.rules.named(&name).map(|id| self.engine.rules.rule(id)) else { continue };
            if !reasons.contains(&rule.reason) {
                reasons.push(rule.reason.clone());
            }
        }
        reasons
    }

    /// The step ⟨G, dv⟩ = ⟨G, differential of the definition of v⟩.
    fn headline_differential(
        &mut self,
        symbol: Option<Symbol>,
        body: Term,
        adjoint: Term,
        differential: Term,
        mark: usize,
    ) {
        let mut because = Vec::new();
        let name = symbol.map(|symbol| self.context.terms.symbol(symbol));
        if let Some(name) = name {
            because.push(Piece::Equation(name, body));
        }
        for reason in self.headline_reasons(mark) {
            let comma = if because.is_empty() { "" } else { ", " };
            because.push(Piece::Text(format!("{comma}{reason}")));
        }
        let d = self.d(name.or(self.root).unwrap_or(body));
        let before = self.paired(adjoint, d);
        let after = self.paired(adjoint, differential);
        if before == after {
            return;
        }
        let rules = self.rules_since(mark);
        let step = Step::inference(
            Inference::Together(rules),
            Statement::Term(before),
            Statement::Term(after),
            because,
            Level::Headline,
        );
        self.push(step);
    }

    /// ⟨adjoint, d⟩ as a reader would write it: with the adjoint 1 it is d itself.
    pub(super) fn paired(&mut self, adjoint: Term, d: Term) -> Term {
        if self.context.terms.is_one(adjoint) {
            return d;
        }
        Normal::new(&mut self.context.terms).inner(adjoint, d)
    }

    /// The reasons of the headline rules used since `mark`, each once; of all rules, if there was no such one.
    pub(super) fn headline_reasons(&self, mark: usize) -> Vec<String> {
        let rules = self.rules_since(mark);
        let rules = rules.iter().filter_map(|name| self.engine.rules.named(name)).map(|id| self.engine.rules.rule(id));
        let (mut reasons, mut small): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        for rule in rules {
            let known = if rule.headline { &mut reasons } else { &mut small };
            if !known.contains(&rule.reason) {
                known.push(rule.reason.clone());
            }
        }
        // No step stands without a reason: where nothing else was done, it is that of a small rule.
        if reasons.is_empty() { small } else { reasons }
    }

    /// The names of the rules used since `mark`, each once.
    pub(super) fn rules_since(&self, mark: usize) -> Vec<String> {
        let mut rules: Vec<String> = Vec::new();
        for step in &self.derivation.steps[mark..] {
            let names = match &step.by {
                Justification::Rule(name) => std::slice::from_ref(name),
                Justification::Inference(Inference::Together(names)) => names,
                Justification::Inference(_) => &[],
            };
            names.iter().for_each(|name| {
                if !rules.contains(name) {
                    rules.push(name.clone());
                }
            });
        }
        rules
    }

    /// Does an equation define the name?
    pub(super) fn is_solution(&self, symbol: Symbol) -> bool {
        let body = self.context.definition(symbol);
        body.is_some_and(|body| matches!(self.context.terms.op(body.normal), Op::Solution(_)))
    }

    /// Gives an adjoint a name (or finds the user's name for it), if it is compound and will be used more than once.
    fn name_adjoint(&mut self, symbol: Symbol, adjoint: Term, names: &mut Vec<(Symbol, Term)>) -> Term {
        let compound = self.context.terms.tree_size(adjoint) >= Self::NAMELESS
            && !matches!(self.context.terms.op(adjoint), Op::Partial)
            && self.leaves(adjoint) >= 2;
        if !compound || !self.is_shared(symbol) {
            return adjoint;
        }
        let shape = self.context.terms.shape(adjoint).clone();
        let name = self.fresh_delta(names);
        let definition = crate::ir::Definition { raw: adjoint, normal: adjoint };
        let delta = self.context.declare_hidden(&name, shape, SymbolKind::Definition(definition));
        names.push((delta, adjoint));
        let term = self.context.terms.symbol(delta);
        let defined = self.context.terms.symbol(symbol);
        let because = vec![
            Piece::Text("the derivative by ".into()),
            Piece::Math(defined),
            Piece::Text(" is used more than once".into()),
        ];
        let step = Step::inference(
            Inference::Name(delta),
            Statement::Term(adjoint),
            Statement::Term(term),
            because,
            Level::Headline,
        );
        self.push(step);
        term
    }

    /// The next of the names δ₁, δ₂, … after those introduced that the user has not taken.
    fn fresh_delta(&self, introduced: &[(Symbol, Term)]) -> String {
        let number = |symbol: Symbol| self.context.name(symbol).strip_prefix("δ_")?.parse::<usize>().ok();
        let last = introduced.iter().rev().find_map(|&(symbol, _)| number(symbol)).unwrap_or(0);
        let mut names = (last + 1..).map(|n| format!("δ_{n}"));
        names.find(|name| self.context.lookup(name).is_none()).unwrap_or_else(|| "δ".into())
    }

    /// The definition of the name has two or more operands that the derivative by them would go through: two names,
    /// or one in two places.
    fn is_shared(&self, symbol: Symbol) -> bool {
        self.context.definition(symbol).is_some_and(|definition| {
            let body = definition.normal;
            let is_name = |t: Term| self.context.terms.as_symbol(t).is_some();
            self.argument_to_name(body).is_none() && self.written(body, is_name) >= 2
        })
    }

    /// How many symbols stand in a term, each as often as it is written.
    fn leaves(&self, term: Term) -> usize {
        let terms = &self.context.terms;
        terms.postorder(term).into_iter().filter(|&t| terms.as_symbol(t).is_some()).count()
    }

    /// Short names that are used once are written out: a name is for what is long or shared.
    fn inline_short(&mut self, values: &mut [Term], names: Vec<(Symbol, Term)>) -> Vec<(Symbol, Term)> {
        let count = values.len();
        let mut terms: Vec<Term> = values.iter().copied().chain(names.iter().map(|&(_, body)| body)).collect();
        let mut users: BTreeMap<Symbol, Vec<usize>> = BTreeMap::new();
        for (at, &term) in terms.iter().enumerate() {
            self.context.symbols_in(term).into_iter().for_each(|symbol| users.entry(symbol).or_default().push(at));
        }
        let mut kept = Vec::new();
        for (at, (symbol, _)) in names.into_iter().enumerate() {
            let (name, body) = (self.context.terms.symbol(symbol), terms[count + at]);
            let stays = matches!(self.context.terms.op(body), Op::Solution(_));
            let user = match users.get(&symbol).map(Vec::as_slice) {
                Some(&[user])
                    if !stays
                        && self.leaves(body) <= Self::NAMELESS
                        && self.written(terms[user], |t| t == name) == 1 =>
                {
                    user
                }
                _ => {
                    kept.push((symbol, body));
                    continue;
                }
            };
            let replace = FastMap::from_iter([(name, body)]);
            terms[user] = Normal::new(&mut self.context.terms).substitute(terms[user], &replace);
        }
        values.copy_from_slice(&terms[..count]);
        kept
    }

    /// How often such parts are written in a term.
    fn written(&self, term: Term, is_wanted: impl Fn(Term) -> bool) -> usize {
        let terms = &self.context.terms;
        let mut counts: FastMap<Term, usize> = FastMap::default();
        for t in terms.postorder(term) {
            let below: usize = terms.args(t).iter().map(|arg| counts[arg]).fold(0, usize::saturating_add);
            counts.insert(t, usize::from(is_wanted(t)).saturating_add(below));
        }
        counts[&term]
    }

    /// The introduced names that the values use, directly or through each other.
    pub(super) fn used_names(&self, values: &[Term], names: Vec<(Symbol, Term)>) -> Vec<(Symbol, Term)> {
        let mut used: BTreeSet<Symbol> = values.iter().flat_map(|&value| self.context.symbols_in(value)).collect();
        for (name, body) in names.iter().rev() {
            if used.contains(name) {
                used.extend(self.context.symbols_in(*body));
            }
        }
        names.into_iter().filter(|(name, _)| used.contains(name)).collect()
    }
}
