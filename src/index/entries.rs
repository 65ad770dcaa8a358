//! Questions about entries, with the steps that a teacher would write: `∂ŷ_j/∂θ_k`, `∂J/∂θ_k`, `∂Y_ij/∂X_pq`.
//!
//! The derivative of an entry is differentiated directly, through what its name is defined to be; where some
//! networks have δ_jk and others have not, the answer is in cases. A scalar that depends on the variable through one
//! definition is differentiated by the chain rule over the entries of that definition, with the term j = k set apart
//! and sums that an assumption knows replaced (`known`). Nothing here knows a particular function.

mod known;

use super::differentiate::Derivative;
use super::form::{Factor, IndexForm, Indices, Label, Network};
use super::workspace::rank;
use super::{Applied, Differentials, Limits, Refusal, Workspace};
use crate::facts::{Evidence, Facts};
use crate::ir::{AssumptionId, Claim, Context, Guard, Index, Op, Symbol, Term};
use crate::trace::{Derivation, Inference, Justification, Level, Piece, Rich, Statement, Step, words};
use num_traits::One;
use std::collections::BTreeSet;

/// The derivative of an entry or a scalar by an entry.
#[derive(Clone, Debug)]
pub struct EntryAnswer {
    /// The derivative: a scalar term in entries, perhaps in cases.
    pub term: Term,
    /// How it was found.
    pub derivation: Derivation,
    /// Why the conditions of the rules that were used hold.
    pub evidence: Vec<Evidence>,
    /// The assumptions that were used as equations.
    pub assumptions: BTreeSet<AssumptionId>,
    /// Assumptions, not made, that would make the answer simpler.
    pub would_help: Vec<Claim>,
}

/// The derivative of the scalar `f` (a name, or a term in which entries have named indices) by the entry `indices`
/// of `variable`.
///
/// # Errors
/// See [`Refusal`].
pub fn entry_derivative(
    context: &mut Context,
    rules: &dyn Differentials,
    facts: &Facts,
    f: Term,
    variable: Symbol,
    indices: &[Index],
) -> Result<EntryAnswer, Refusal> {
    let mut question = Question::new(context, rules, facts, f, variable, indices)?;
    let result = match question.intermediate() {
        Some(name) => question.by_chain_rule(name)?,
        None => question.directly()?,
    };
    Ok(question.answer(result))
}

/// What is asked, and what was found on the way.
struct Question<'c, 'r> {
    workspace: Workspace<'c>,
    rules: &'r dyn Differentials,
    f: Term,
    /// `f`, looked into if it is a defined name.
    body: IndexForm,
    variable: Symbol,
    /// The indices of the entry of the variable.
    new: Vec<Label>,
    /// Which of them stand at a fixed position.
    fixed: Vec<(Label, Index)>,
    by: Term,
    derivation: Derivation,
    assumptions: BTreeSet<AssumptionId>,
    /// The answer of the chain rule, in which sums may be known.
    result: Option<IndexForm>,
}

impl<'c, 'r> Question<'c, 'r> {
    fn new(
        context: &'c mut Context,
        rules: &'r dyn Differentials,
        facts: &Facts,
        f: Term,
        variable: Symbol,
        indices: &[Index],
    ) -> Result<Self, Refusal> {
        if !context.terms.shape(f).is_scalar() {
            return Err(Refusal::NotScalar(f));
        }
        let mut workspace = Workspace::with(context, facts.clone(), Limits::default());
        let name = workspace.context.terms.symbol(variable);
        let shape = workspace.shape(name);
        if indices.len() != rank(&shape) {
            return Err(Refusal::Indices { needed: rank(&shape), found: indices.len() });
        }
        let by = workspace.entry_term(name, indices);
        let dims = [shape.rows(), shape.cols()].into_iter().filter(|dim| !dim.is_one());
        let (mut new, mut fixed) = (Vec::new(), Vec::new());
        for (index, dim) in indices.iter().zip(dims) {
            new.push(workspace.label_of(index).unwrap_or_else(|| {
                let label = workspace.fresh(dim);
                fixed.push((label, index.clone()));
                label
            }));
        }
        let symbol = workspace.context.terms.as_symbol(f);
        let body = match symbol.filter(|&symbol| symbol != variable).and_then(|x| workspace.context.definition(x)) {
            Some(definition) => workspace.read(definition.normal)?,
            None => workspace.read(f)?,
        };
        let (derivation, assumptions) = (Derivation::default(), BTreeSet::new());
        Ok(Question { workspace, rules, f, body, variable, new, fixed, by, derivation, assumptions, result: None })
    }

    fn partial(&mut self, f: Term, by: Term) -> Term {
        self.workspace.context.terms.make(Op::Partial, &[f, by])
    }

    /// The one definition through which a scalar depends on the variable.
    fn intermediate(&mut self) -> Option<Symbol> {
        if !self.body.free.is_empty() {
            return None;
        }
        let derivative = Derivative::new(&mut self.workspace, self.variable, self.rules).ok()?;
        let mut found = BTreeSet::new();
        for factor in self.body.networks.iter().flat_map(|network| &network.factors) {
            let Some(term) = factor.term().filter(|&term| derivative.depends_on_variable(term)) else { continue };
            found.extend(derivative.names_that_vary(term));
        }
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some(one), None) if one != self.variable => {
                self.workspace.context.definition(one)?;
                Some(one)
            }
            _ => None,
        }
    }

    // --- one entry -----------------------------------------------------------------------------------------------

    /// The derivative without a name in between.
    fn directly(&mut self) -> Result<Term, Refusal> {
        let (f, by, body) = (self.f, self.by, self.body.clone());
        let new = self.new.clone();
        let (_, term) = self.entry_by_entry(f, by, &body, self.variable, &new)?;
        Ok(term)
    }

    /// The derivative of `f`, whose form is `body`, by an entry; the steps; and the answer as a term.
    fn entry_by_entry(
        &mut self,
        f: Term,
        by: Term,
        body: &IndexForm,
        variable: Symbol,
        new: &[Label],
    ) -> Result<(IndexForm, Term), Refusal> {
        let question = self.partial(f, by);
        let Route { opened, mut form, used } = self.route(body, variable, new)?;
        self.workspace.used.extend(used.evidence.clone());
        let mut details = Vec::new();
        if let Some(opened) = opened {
            form = self.folded_back(form, opened, by, question, &used, &mut details);
        }
        let term = self.in_cases(&form);
        if let Some(Step { after: Statement::Term(now), .. }) = details.last()
            && *now != term
        {
            let cases = Justification::Inference(Inference::SetApart);
            details.push(detail(cases, *now, term, words("equal and different indices")));
        }
        let mut step = detail(used.by, question, term, used.because);
        step.level = Level::Headline;
        step.evidence = used.evidence;
        self.derivation.push(step);
        details.into_iter().for_each(|step| self.derivation.push(step));
        Ok((form, term))
    }

    /// How to differentiate: through what a function is defined to be, where names alone are left once it has its
    /// name back (the quotient rule on a softmax); else by the rule for the function.
    fn route(&mut self, body: &IndexForm, variable: Symbol, new: &[Label]) -> Result<Route, Refusal> {
        if let Some(opened) = self.opened(body, variable, true)?
            && let Ok((form, used)) = self.differentiated(&opened.form, variable, new)
        {
            let folded = self.workspace.fold_as(&form, opened.body, opened.name);
            let derivative = Derivative::new(&mut self.workspace, variable, self.rules)?;
            if derivative.varies_in_names_only(&folded) {
                return Ok(Route { opened: Some(opened), form, used });
            }
        }
        let opened = self.opened(body, variable, false)?;
        let inside = opened.as_ref().map_or(body, |opened| &opened.form).clone();
        let (form, used) = self.differentiated(&inside, variable, new)?;
        Ok(Route { opened, form, used })
    }

    /// The derivative of a form, with indices at fixed positions put there, and what was used to find it.
    fn differentiated(
        &mut self,
        inside: &IndexForm,
        variable: Symbol,
        new: &[Label],
    ) -> Result<(IndexForm, Used), Refusal> {
        let mut derivative = Derivative::new(&mut self.workspace, variable, self.rules)?;
        let varying = derivative.varying(inside);
        let form = derivative.of(inside, new)?;
        let applied = std::mem::take(&mut derivative.applied);
        let form = self.pin(form)?;
        let names = applied.iter().map(|applied| applied.rule.clone()).collect();
        let because = self.reason(&varying, &applied, inside);
        let evidence: Vec<Evidence> = applied.into_iter().flat_map(|applied| applied.evidence).collect();
        Ok((form, Used { by: Justification::Inference(Inference::Together(names)), because, evidence }))
    }

    /// What a teacher says: `quotient rule on e^(θⱼ)/Σᵢ e^(θᵢ)`, or the reason of the only rule.
    fn reason(&mut self, varying: &Varying, applied: &[Applied], inside: &IndexForm) -> Rich {
        let rule = match (varying, applied) {
            (Varying { quotient: true, .. }, _) => "quotient rule on ",
            (Varying { product: true, .. }, _) => "product rule on ",
            (Varying { plain: true, .. }, _) => return words("entry by entry"),
            (_, [only]) if !only.reason.is_empty() => return words(only.reason.clone()),
            _ => "derivative of ",
        };
        vec![Piece::Text(rule.into()), Piece::Math(self.workspace.to_indices(inside))]
    }

    /// The derivative of what a name was looked into as, with the name put back; each a step in `details`.
    fn folded_back(
        &mut self,
        form: IndexForm,
        opened: Opened,
        by: Term,
        question: Term,
        used: &Used,
        details: &mut Vec<Step>,
    ) -> IndexForm {
        let mut unfolded = question;
        for (justification, form) in opened.by {
            let inside = self.workspace.to_indices(&form);
            let next = self.partial(inside, by);
            details.push(detail(justification, unfolded, next, words("by definition")));
            unfolded = next;
        }
        let differentiated = self.workspace.to_indices(&form);
        details.push(detail(used.by.clone(), unfolded, differentiated, used.because.clone()));
        let form = self.workspace.fold_as(&form, opened.body, opened.name);
        let folded = self.workspace.to_indices(&form);
        if folded != differentiated {
            let fold = Justification::Inference(Inference::Fold(opened.symbol));
            details.push(detail(fold, differentiated, folded, words("by definition")));
        }
        form
    }

    /// An entry of a defined name, looked into; a function of it is written out by what it is defined to be, if
    /// `written_out` (`None` if nothing says what).
    fn opened(&mut self, body: &IndexForm, variable: Symbol, written_out: bool) -> Result<Option<Opened>, Refusal> {
        let Some((symbol, labels)) = single_entry(self.workspace.context, body) else { return Ok(None) };
        let Some(definition) = self.workspace.context.definition(symbol).filter(|_| symbol != variable) else {
            return Ok(None);
        };
        let name = self.workspace.context.terms.symbol(symbol);
        let unfold = Justification::Inference(Inference::Unfold(symbol));
        let mut by = vec![(unfold, self.form_at(definition.normal, &labels, &body.free)?)];
        let mut inside = definition.normal;
        if written_out {
            let Some(applied) = self.rules.definition(self.workspace.context, inside) else { return Ok(None) };
            inside = applied.term;
            by.push((Justification::Rule(applied.rule), self.form_at(inside, &labels, &body.free)?));
        }
        let form = self.form_at(inside, &labels, &body.free)?;
        Ok(Some(Opened { symbol, name, body: inside, form, by }))
    }

    fn form_at(&mut self, term: Term, labels: &[Label], free: &[Label]) -> Result<IndexForm, Refusal> {
        let form = self.workspace.read(term)?;
        let networks = self.workspace.instantiate(&form, labels);
        Ok(self.workspace.simplify(IndexForm { free: free.to_vec(), networks }))
    }

    /// Indices of the variable at a fixed position are put there.
    fn pin(&mut self, form: IndexForm) -> Result<IndexForm, Refusal> {
        let mut form = form;
        for (label, index) in self.fixed.clone() {
            if !form.is_free(label) {
                continue;
            }
            let dim = self.workspace.dim(label).clone();
            let place =
                Network::factor(Factor::entry(self.workspace.context.terms.make(Op::Unit(dim, index), &[]), &[label]));
            form.networks = self.workspace.multiply(&form.networks, &[place])?;
            form.free.retain(|&free| free != label);
            form = self.workspace.simplify(form);
        }
        Ok(form)
    }

    /// In cases, where some networks have the δ of one pair of free indices and others have not.
    fn in_cases(&mut self, form: &IndexForm) -> Term {
        let Some((a, b)) = split_pair(form) else { return self.workspace.factored(form) };
        let (equal, different) = split(form, a, b);
        let equal = self.workspace.simplify(equal);
        let indices = self.workspace.free_indices(&[a, b]);
        let [i, j] = &indices[..] else { return self.workspace.factored(form) };
        let guards = vec![Guard::Equal(i.clone(), j.clone()), Guard::Different(i.clone(), j.clone())];
        let values = [self.workspace.factored(&equal), self.workspace.factored(&different)];
        self.workspace.context.terms.make(Op::Cases(guards), &values)
    }

    // --- the chain rule over the entries of a definition ---------------------------------------------------------

    /// `∂J/∂θ_k = Σ_j (∂J/∂ŷ_j)(∂ŷ_j/∂θ_k)`.
    fn by_chain_rule(&mut self, name: Symbol) -> Result<Term, Refusal> {
        let middle = self.workspace.context.terms.symbol(name);
        let labels = self.indices_of(middle);
        let indices = self.workspace.free_indices(&labels);
        let entry = self.workspace.entry_term(middle, &indices);
        let (f, by, body) = (self.f, self.by, self.body.clone());

        let (outer, _) = self.entry_by_entry(f, entry, &body, name, &labels)?;
        let inner_form =
            IndexForm { free: labels.clone(), networks: vec![Network::factor(Factor::entry(middle, &labels))] };
        let new = self.new.clone();
        let (inner, _) = self.entry_by_entry(entry, by, &inner_form, self.variable, &new)?;

        self.workspace.after_differentiating();

        let question = self.partial(f, by);
        let (left, right) = (self.partial(f, entry), self.partial(entry, by));
        let mut chained = self.workspace.as_written(Op::Product, &[left, right]);
        for index in indices.iter().rev() {
            let sum = Op::IndexSum { index: index.clone(), excluding: None };
            chained = self.workspace.context.terms.make(sum, &[chained]);
        }
        self.derivation.push(headline(Inference::ChainRule(name), question, chained, words("chain rule")));

        let product = self.workspace.multiply(&outer.networks, &inner.networks)?;
        let free: Vec<Label> = inner.free.iter().copied().filter(|label| !labels.contains(label)).collect();
        let now = self.set_apart(&product, &labels, &free, chained);
        let summed = self.workspace.sum_over(product, &labels);
        let total = self.workspace.simplify(IndexForm { free, networks: summed });
        let term = self.workspace.to_indices(&total);
        if term != now {
            let collect = Inference::Together(vec!["collect-terms".into()]);
            self.derivation.push(headline(collect, now, term, words("collect")));
        }
        Ok(self.with_assumptions(total, term))
    }

    /// Labels with names for the entry of a term: the index that the body uses with it, if it has a name.
    fn indices_of(&mut self, term: Term) -> Vec<Label> {
        let taken: BTreeSet<Label> = self.new.iter().copied().collect();
        let uses =
            |factor: &&Factor| factor.term().is_some_and(|atom| self.workspace.context.terms.contains(atom, term));
        let used: Indices = self
            .body
            .networks
            .iter()
            .flat_map(|network| &network.factors)
            .find(uses)
            .map(|factor| factor.indices.clone())
            .unwrap_or_default();
        let shape = self.workspace.shape(term);
        let mut labels = self.workspace.axes(&shape);
        for (label, used) in labels.iter_mut().zip(used) {
            *label = self.workspace.fresh_like(used);
        }
        let all: Vec<Label> = taken.into_iter().chain(labels.iter().copied()).collect();
        let names = self.workspace.free_indices(&all);
        let own = names[all.len() - labels.len()..].to_vec();
        own.iter().filter_map(|index| self.workspace.label_of(index)).collect()
    }

    /// `Σ_j a_j = a_k + Σ_{j≠k} a_j`, where a δ picks out j = k; the term after this step.
    fn set_apart(&mut self, product: &[Network], labels: &[Label], free: &[Label], before: Term) -> Term {
        let ([j], [k]) = (labels, free) else { return before };
        let both = self.workspace.simplify(IndexForm { free: vec![*k, *j], networks: product.to_vec() });
        if split_pair(&both) != Some((*k, *j)) {
            return before;
        }
        let (equal, different) = split(&both, *k, *j);
        let equal = self.workspace.simplify(equal);
        let equal = self.workspace.factored(&equal);
        let rest = self.workspace.factored(&different);
        let indices = self.workspace.free_indices(&[*k, *j]);
        let sum = Op::IndexSum { index: indices[1].clone(), excluding: Some(indices[0].clone()) };
        let rest = self.workspace.context.terms.make(sum, &[rest]);
        let after = self.workspace.as_written(Op::Sum, &[equal, rest]);
        let mut because = words("the term ");
        because.push(Piece::Text(format!("{} = {} set apart", text(&indices[1]), text(&indices[0]))));
        self.derivation.push(headline(Inference::SetApart, before, after, because));
        after
    }

    fn answer(mut self, term: Term) -> EntryAnswer {
        let would_help = self.helpful_claims();
        EntryAnswer {
            term,
            derivation: self.derivation,
            evidence: self.workspace.used,
            assumptions: self.assumptions,
            would_help,
        }
    }
}

/// A defined name that was looked into.
struct Opened {
    symbol: Symbol,
    name: Term,
    /// What it was looked into as; folding it gives the name back.
    body: Term,
    form: IndexForm,
    /// How it was looked into, one after the other.
    by: Vec<(Justification, IndexForm)>,
}

/// A derivative, before a name that was looked into has its name back.
struct Route {
    opened: Option<Opened>,
    form: IndexForm,
    used: Used,
}

/// How a derivative was found.
struct Used {
    by: Justification,
    because: Rich,
    evidence: Vec<Evidence>,
}

/// Which factors of a form vary, to name the rule that differentiates them.
pub(super) struct Varying {
    /// A varying factor has a negative power, beside another one.
    pub(super) quotient: bool,
    /// Two factors of one network vary.
    pub(super) product: bool,
    /// The form is linear in the variable itself, or nothing varies.
    pub(super) plain: bool,
}

fn headline(by: Inference, before: Term, after: Term, because: Rich) -> Step {
    Step::inference(by, Statement::Term(before), Statement::Term(after), because, Level::Headline)
}

fn detail(by: Justification, before: Term, after: Term, because: Rich) -> Step {
    let step = headline(Inference::Together(Vec::new()), before, after, because);
    Step { by, level: Level::Full, ..step }
}

fn text(index: &Index) -> String {
    match index {
        Index::Named { name, .. } => name.to_string(),
        Index::At(position) => position.to_string(),
    }
}

/// The symbol and labels, if the form is one entry of a name.
fn single_entry(context: &Context, form: &IndexForm) -> Option<(Symbol, Vec<Label>)> {
    let [network] = form.networks.as_slice() else { return None };
    let [factor] = network.factors.as_slice() else { return None };
    let plain = network.coefficient.is_one() && factor.exponent.is_one();
    let symbol = context.terms.as_symbol(factor.term()?)?;
    plain.then(|| (symbol, factor.indices.to_vec()))
}

/// The pair of free indices whose δ stands in some networks but not in all; no other δ may be there.
fn split_pair(form: &IndexForm) -> Option<(Label, Label)> {
    let deltas: BTreeSet<(Label, Label)> = form
        .networks
        .iter()
        .flat_map(|network| network.factors.iter().filter(|factor| factor.is_delta()).filter_map(Factor::pair))
        .collect();
    let mut pairs = deltas.into_iter();
    let (Some(pair), None) = (pairs.next(), pairs.next()) else { return None };
    let everywhere = form.networks.iter().all(|network| network.factors.iter().any(Factor::is_delta));
    (!everywhere).then_some(pair)
}

/// The form where two indices are equal, and where they differ.
fn split(form: &IndexForm, a: Label, b: Label) -> (IndexForm, IndexForm) {
    let (mut equal, mut different) = (Vec::new(), Vec::new());
    for network in &form.networks {
        let mut plain = network.clone();
        plain.factors.retain(|factor| !factor.is_delta());
        equal.push(plain.relabelled(|label| if label == b { a } else { label }));
        if plain.factors.len() == network.factors.len() {
            different.push(plain);
        }
    }
    let free = form.free.iter().copied().filter(|&label| label != b).collect();
    (IndexForm { free, networks: equal }, IndexForm { free: form.free.clone(), networks: different })
}
