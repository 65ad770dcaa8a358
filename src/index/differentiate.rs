//! Derivatives in index form: the product rule over factors, and rules for the atoms.
//!
//! The differential of a term is a form that is linear in entries of differentials `d(u)` of smaller terms; putting
//! the derivative of each `u` in its place gives the derivative. For the variable it is `∂X_ij/∂X_pq = δ_ip δ_jq`,
//! for a definition that of its body (with the name put back), for an undefined function its partial derivatives,
//! for every other atom what a rule of class `differential` says. Each term is differentiated once.

use super::canonical::is_itself;
use super::entries::Varying;
use super::form::{Atom, Factor, IndexForm, Label, Network};
use super::workspace::rank;
use super::{Exponent, Refusal, Workspace};
use crate::facts::{Condition, Evidence, Facts};
use crate::ir::hash::FastMap;
use crate::ir::{Context, Op, Rational, Symbol, SymbolKind, Term};
use crate::rules::{Class, Kink, RuleSet};
use num_traits::One;

/// Where the derivatives of atoms come from: the rules.
pub trait Differentials {
    /// What `d(f(u), …)`, given as a term, is in terms of `d(u)`.
    fn differential(&self, context: &mut Context, differential: Term) -> Option<Applied>;

    /// What a function is in terms of others: `softmax(u)` as `exp(u)/sum(exp(u))`.
    fn definition(&self, context: &mut Context, term: Term) -> Option<Applied>;

    /// What a scalar is known to be: `sum(y)` of y on the simplex is 1.
    fn known_value(&self, context: &mut Context, term: Term) -> Option<Applied>;
}

/// The rules of the table, under facts.
#[derive(Clone, Copy, Debug)]
pub struct Table<'r> {
    /// The rules.
    pub rules: &'r RuleSet,
    /// The facts that conditions are decided by.
    pub facts: &'r Facts,
    /// What the derivative at a kink is.
    pub kink: Kink,
}

impl Table<'_> {
    fn apply(&self, class: Class, context: &mut Context, term: Term) -> Option<Applied> {
        let application = self.rules.apply_class(class, self.kink, context, self.facts, term)?;
        let rule = self.rules.rule(application.rule);
        Some(Applied {
            term: application.after,
            rule: rule.name.clone(),
            reason: rule.reason.clone(),
            evidence: application.evidence,
        })
    }
}

impl Differentials for Table<'_> {
    fn differential(&self, context: &mut Context, differential: Term) -> Option<Applied> {
        self.apply(Class::Differential, context, differential)
    }

    fn definition(&self, context: &mut Context, term: Term) -> Option<Applied> {
        self.apply(Class::Definition, context, term)
    }

    fn known_value(&self, context: &mut Context, term: Term) -> Option<Applied> {
        self.apply(Class::Collect, context, term).filter(|applied| context.terms.as_number(applied.term).is_some())
    }
}

/// What a rule made of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The result.
    pub term: Term,
    /// The name of the rule.
    pub rule: String,
    /// The reason in words.
    pub reason: String,
    /// Why its conditions hold.
    pub evidence: Vec<Evidence>,
}

impl Workspace<'_> {
    /// The derivative of a form by a name, whose entry has the indices `new`: they are appended to the free ones.
    ///
    /// # Errors
    /// No rule for an atom, an operator with composite indices, or too many networks.
    pub fn differentiate(
        &mut self,
        form: &IndexForm,
        variable: Symbol,
        new: &[Label],
        rules: &dyn Differentials,
    ) -> Result<IndexForm, Refusal> {
        let mut derivative = Derivative::new(self, variable, rules)?;
        let result = derivative.of(form, new)?;
        let applied = std::mem::take(&mut derivative.applied);
        self.used.extend(applied.into_iter().flat_map(|applied| applied.evidence));
        Ok(result)
    }
}

/// Derivatives by a variable, or by several in turn.
pub(super) struct Derivative<'w, 'c, 'r> {
    workspace: &'w mut Workspace<'c>,
    variable_term: Term,
    rules: &'r dyn Differentials,
    /// Which symbols depend on the variable.
    depends: Vec<bool>,
    /// Which symbols depend on one of the variables.
    varies: Vec<bool>,
    /// The derivative of each term by the variable: its free indices are those of the term, then those of the variable.
    done: FastMap<Term, IndexForm>,
    /// The differential of each term, in terms of others: one for all variables.
    plans: FastMap<Term, IndexForm>,
    /// The rules that were used, in order of first use.
    pub(super) applied: Vec<Applied>,
}

impl<'w, 'c, 'r> Derivative<'w, 'c, 'r> {
    pub(super) fn new(
        workspace: &'w mut Workspace<'c>,
        variable: Symbol,
        rules: &'r dyn Differentials,
    ) -> Result<Self, Refusal> {
        let mut derivative = Derivative::by_each(workspace, &[variable], rules);
        derivative.turn_to(variable)?;
        Ok(derivative)
    }

    /// By each of some variables, none of which depends on another; [`Derivative::turn_to`] says which is next.
    pub(super) fn by_each(
        workspace: &'w mut Workspace<'c>,
        variables: &[Symbol],
        rules: &'r dyn Differentials,
    ) -> Self {
        let varies = dependents(workspace.context, variables);
        let variable_term = workspace.context.terms.symbol(variables[0]);
        Derivative {
            workspace,
            variable_term,
            rules,
            depends: varies.clone(),
            varies,
            done: FastMap::default(),
            plans: FastMap::default(),
            applied: Vec::new(),
        }
    }

    /// From here on derivatives are by this variable.
    pub(super) fn turn_to(&mut self, variable: Symbol) -> Result<(), Refusal> {
        let context = &mut *self.workspace.context;
        let kind = &context.info(variable).kind;
        if !matches!(kind, SymbolKind::Variable | SymbolKind::Definition(_) | SymbolKind::Metavariable) {
            return Err(Refusal::NotVariable(variable));
        }
        self.variable_term = context.terms.symbol(variable);
        self.depends = dependents(context, &[variable]);
        self.done.clear();
        Ok(())
    }

    /// The derivative of a form by the entry `new` of the variable.
    pub(super) fn of(&mut self, form: &IndexForm, new: &[Label]) -> Result<IndexForm, Refusal> {
        let needed = rank(&self.workspace.shape(self.variable_term));
        if new.len() != needed {
            return Err(Refusal::Indices { needed, found: new.len() });
        }
        let differential = self.product_rule(form);
        let mut stack = differentials_in(self.workspace.context, &differential);
        while let Some(&term) = stack.last() {
            if self.done.contains_key(&term) || !self.depends_on_variable(term) {
                stack.pop();
                continue;
            }
            let plan = match self.plans.get(&term) {
                Some(plan) => plan.clone(),
                None => self.plan(term)?,
            };
            let missing: Vec<Term> = differentials_in(self.workspace.context, &plan)
                .into_iter()
                .filter(|&needed| !self.done.contains_key(&needed) && self.depends_on_variable(needed))
                .collect();
            self.plans.insert(term, plan.clone());
            if missing.is_empty() {
                let derivative = self.finish(term, &plan)?;
                self.done.insert(term, derivative);
                stack.pop();
            } else {
                stack.extend(missing);
            }
        }
        self.put_in(&differential, new)
    }

    /// Does the term depend on one of the variables?
    fn varies(&self, term: Term) -> bool {
        depends(self.workspace.context, &self.varies, term)
    }

    /// Does the term depend on the variable?
    pub(super) fn depends_on_variable(&self, term: Term) -> bool {
        depends(self.workspace.context, &self.depends, term)
    }

    /// The names in a term that depend on the variable, the variable itself among them.
    pub(super) fn names_that_vary(&self, term: Term) -> Vec<Symbol> {
        let names = self.workspace.context.symbols_in(term);
        names.into_iter().filter(|name| self.depends.get(name.index()).copied().unwrap_or(false)).collect()
    }

    /// Are all factors that vary entries of names?
    pub(super) fn varies_in_names_only(&self, form: &IndexForm) -> bool {
        let factors = form.networks.iter().flat_map(|network| &network.factors);
        factors
            .filter_map(Factor::term)
            .all(|term| self.workspace.context.terms.as_symbol(term).is_some() || !self.depends_on_variable(term))
    }

    /// Which factors of a form vary.
    pub(super) fn varying(&self, form: &IndexForm) -> Varying {
        let varies = |factor: &&Factor| factor.term().is_some_and(|term| self.depends_on_variable(term));
        let of_network = |network: &Network| network.factors.iter().filter(varies).cloned().collect::<Vec<_>>();
        let varying: Vec<Vec<Factor>> = form.networks.iter().map(of_network).collect();
        let product = varying.iter().any(|factors| factors.len() > 1);
        let divided = |factors: &Vec<Factor>| factors.len() > 1 && factors.iter().any(|x| x.exponent.is_negative());
        let itself = |factor: &Factor| factor.term() == Some(self.variable_term) && factor.exponent.is_one();
        let plain = !product && varying.iter().flatten().all(itself);
        Varying { quotient: varying.iter().any(divided), product, plain }
    }

    fn finish(&mut self, term: Term, plan: &IndexForm) -> Result<IndexForm, Refusal> {
        let shape = self.workspace.shape(self.variable_term);
        let new = self.workspace.axes(&shape);
        if term == self.variable_term {
            let deltas = plan.free.iter().zip(&new).map(|(&a, &b)| Factor::delta(a, b)).collect();
            let network = Network { coefficient: Rational::one(), factors: deltas };
            return Ok(IndexForm { free: [plan.free.clone(), new].concat(), networks: vec![network] });
        }
        let derivative = self.put_in(plan, &new)?;
        Ok(match self.workspace.context.terms.as_symbol(term) {
            Some(symbol) => self.workspace.fold(&derivative, symbol),
            None => derivative,
        })
    }

    /// The differential of a form: each factor in turn, `(a^p)′ = p a^(p−1) d(a)`. Factors that depend on none of the
    /// variables are constant.
    fn product_rule(&mut self, form: &IndexForm) -> IndexForm {
        let mut networks = Vec::new();
        for network in &form.networks {
            for (at, factor) in network.factors.iter().enumerate() {
                let Some(term) = factor.term().filter(|&term| self.varies(term)) else { continue };
                let mut product = network.clone();
                if factor.exponent.is_one() {
                    product.factors.remove(at);
                } else {
                    product.coefficient *= factor.exponent.exact();
                    product.factors[at].exponent -= Exponent::ONE;
                }
                let differential = self.workspace.context.terms.make(Op::Differential, &[term]);
                product.factors.push(Factor::entry(differential, &factor.indices));
                networks.push(product);
            }
        }
        IndexForm { free: form.free.clone(), networks }
    }

    /// The differential of a term at its own indices.
    fn plan(&mut self, term: Term) -> Result<IndexForm, Refusal> {
        let shape = self.workspace.shape(term);
        let axes = self.workspace.axes(&shape);
        if term == self.variable_term || !self.varies(term) {
            return Ok(IndexForm { free: axes, networks: Vec::new() });
        }
        if let Some(symbol) = self.workspace.context.terms.as_symbol(term) {
            return match self.workspace.context.definition(symbol) {
                Some(definition) => Ok(self.differential_at(definition.normal, axes)),
                None => self.partials(term, symbol, axes),
            };
        }
        if let Some(symbol) = self.differentiated_symbol(term) {
            return self.partials(term, symbol, axes);
        }
        let form = self.workspace.read(term)?;
        if is_itself(&form, Atom::Term(term)) { self.by_rule(term, axes) } else { Ok(self.product_rule(&form)) }
    }

    fn differential_at(&mut self, term: Term, axes: Vec<Label>) -> IndexForm {
        let differential = self.workspace.context.terms.make(Op::Differential, &[term]);
        IndexForm { networks: vec![Network::factor(Factor::entry(differential, &axes))], free: axes }
    }

    /// The differential of an atom by a rule, or through what its function is defined to be.
    fn by_rule(&mut self, term: Term, axes: Vec<Label>) -> Result<IndexForm, Refusal> {
        let differential = self.workspace.context.terms.make(Op::Differential, &[term]);
        if let Some(written) = self.of_elementwise(term) {
            return self.workspace.read(written);
        }
        let applied = self.rules.differential(self.workspace.context, differential);
        if let Some(applied) = applied.filter(|applied| applied.term != differential && self.is_honest(applied)) {
            let form = self.workspace.read(applied.term)?;
            self.check_linear(term, &form)?;
            self.record(applied);
            return Ok(form);
        }
        match self.rules.definition(self.workspace.context, term) {
            Some(applied) => {
                let plan = self.differential_at(applied.term, axes);
                self.record(applied);
                Ok(plan)
            }
            None => Err(Refusal::NoDerivative(term)),
        }
    }

    /// A rule may not take for constant what depends on the variable: facts about another question would make
    /// everything zero.
    fn is_honest(&self, applied: &Applied) -> bool {
        applied.evidence.iter().all(|evidence| match evidence.condition {
            Condition::Constant(term) => !self.varies(term),
            _ => true,
        })
    }

    fn record(&mut self, applied: Applied) {
        if !self.applied.iter().any(|known| known.rule == applied.rule) {
            self.applied.push(applied);
        }
    }

    /// The differential of an undefined elementwise function is what its order says: σ′(u) ⊙ d(u).
    fn of_elementwise(&mut self, term: Term) -> Option<Term> {
        let &Op::Elementwise { function, order } = self.workspace.context.terms.op(term) else { return None };
        let arg = self.workspace.context.terms.args(term)[0];
        let store = &mut self.workspace.context.terms;
        let derivative = store.make(Op::Elementwise { function, order: order + 1 }, &[arg]);
        let differential = store.make(Op::Differential, &[arg]);
        Some(self.workspace.normal().hadamard(&[derivative, differential]))
    }

    /// A rule must leave exactly one plain differential in each network.
    fn check_linear(&self, term: Term, form: &IndexForm) -> Result<(), Refusal> {
        let store = &self.workspace.context.terms;
        let is_differential = |term: Term| *store.op(term) == Op::Differential;
        for network in &form.networks {
            let terms: Vec<Term> = network.factors.iter().filter_map(Factor::term).collect();
            let (plain, others): (Vec<Term>, Vec<Term>) = terms.into_iter().partition(|&term| is_differential(term));
            if plain.len() != 1 || others.into_iter().any(|other| store.any(other, is_differential)) {
                return Err(Refusal::Composite(term));
            }
        }
        Ok(())
    }

    // --- undefined functions -------------------------------------------------------------------------------------

    /// The name under partial derivatives: L of ∂L/∂Y.
    fn differentiated_symbol(&self, term: Term) -> Option<Symbol> {
        let store = &self.workspace.context.terms;
        let mut inner = term;
        while *store.op(inner) == Op::Partial {
            inner = store.args(inner)[0];
        }
        if inner == term { None } else { store.as_symbol(inner) }
    }

    /// d L = Σ ∂L/∂Y_ij dY_ij over the names that L was declared to be a function of.
    fn partials(&mut self, term: Term, symbol: Symbol, axes: Vec<Label>) -> Result<IndexForm, Refusal> {
        let mut networks = Vec::new();
        for by in self.workspace.context.info(symbol).depends_on.clone() {
            if !self.varies.get(by.index()).copied().unwrap_or(false) {
                continue;
            }
            let by = self.workspace.context.terms.symbol(by);
            let inner_shape = self.workspace.shape(by);
            let inner = self.workspace.axes(&inner_shape);
            if axes.len() + inner.len() > 2 || (axes.len(), inner.len()) == (1, 1) && !self.is_column(term) {
                return Err(Refusal::Composite(term));
            }
            let partial = self.workspace.context.terms.make(Op::Partial, &[term, by]);
            let differential = self.workspace.context.terms.make(Op::Differential, &[by]);
            let factors = vec![
                Factor::entry(partial, &[axes.clone(), inner.clone()].concat()),
                Factor::entry(differential, &inner),
            ];
            networks.push(Network { coefficient: Rational::one(), factors });
        }
        Ok(IndexForm { free: axes, networks })
    }

    fn is_column(&self, term: Term) -> bool {
        self.workspace.context.terms.shape(term).is_vector()
    }

    // --- composition ---------------------------------------------------------------------------------------------

    /// The differential with the derivative of each term in place of its differential.
    fn put_in(&mut self, differential: &IndexForm, new: &[Label]) -> Result<IndexForm, Refusal> {
        let mut networks = Vec::new();
        for network in &differential.networks {
            let mut rest = network.clone();
            let Some(at) = rest.factors.iter().position(|x| differential_of(self.workspace.context, x).is_some())
            else {
                continue;
            };
            let factor = rest.factors.remove(at);
            let Some(term) = differential_of(self.workspace.context, &factor) else { continue };
            // What is not there does not depend on the variable.
            let Some(derivative) = self.done.get(&term).cloned() else { continue };
            let entry = self.workspace.instantiate(&derivative, &[&factor.indices, new].concat());
            // An index of d(𝟏uᵀ) that the derivative does not have is summed over still.
            let bound: Vec<Label> = network.labels().into_iter().filter(|l| !differential.free.contains(l)).collect();
            let products = self.workspace.multiply(&[rest], &entry)?;
            networks.extend(self.workspace.sum_over(products, &bound));
            networks = self.workspace.bounded(networks)?;
        }
        let form = IndexForm { free: [differential.free.clone(), new.to_vec()].concat(), networks };
        Ok(self.workspace.simplify(form))
    }
}

/// The term of which a factor is the differential.
fn differential_of(context: &Context, factor: &Factor) -> Option<Term> {
    let term = factor.term()?;
    (*context.terms.op(term) == Op::Differential).then(|| context.terms.args(term)[0])
}

fn differentials_in(context: &Context, form: &IndexForm) -> Vec<Term> {
    let mut terms: Vec<Term> = form
        .networks
        .iter()
        .flat_map(|network| network.factors.iter().filter_map(|factor| differential_of(context, factor)))
        .collect();
    terms.sort();
    terms.dedup();
    terms
}

/// For each symbol, whether it depends on a variable: it is one, its body does, or it was declared so.
fn dependents(context: &Context, variables: &[Symbol]) -> Vec<bool> {
    let symbols: Vec<Symbol> = context.symbols().collect();
    let mut known = vec![false; symbols.len()];
    variables.iter().for_each(|variable| known[variable.index()] = true);
    loop {
        let before = known.clone();
        for &symbol in &symbols {
            let declared = context.info(symbol).depends_on.iter().any(|by| known[by.index()]);
            let defined = context.definition(symbol).is_some_and(|body| depends(context, &known, body.normal));
            known[symbol.index()] |= declared || defined;
        }
        if known == before {
            return known;
        }
    }
}

fn depends(context: &Context, known: &[bool], term: Term) -> bool {
    context.terms.any(term, |node| {
        context.terms.as_symbol(node).is_some_and(|symbol| known.get(symbol.index()).copied().unwrap_or(false))
    })
}
