//! Assumptions about sums, used in the entries of a derivative: Σⱼ yⱼ = 1.

use super::{Question, detail};
use crate::facts::Evidence;
use crate::index::Comparison;
use crate::index::form::{Factor, IndexForm, Network};
use crate::ir::{AssumptionId, Claim, Function, Rational, Term};
use crate::trace::{Inference, Justification, Level, Piece};
use num_traits::One;

impl Question<'_, '_> {
    /// Sums over indices that an assumption or a fact knows are replaced by what they are.
    pub(super) fn with_assumptions(&mut self, mut form: IndexForm, mut term: Term) -> Term {
        while let Some((next, known, sum)) = self.first_known(&form) {
            let after = self.workspace.to_indices(&next);
            let because = vec![Piece::Text("since ".into()), Piece::Equation(sum, known.value)];
            let mut step = detail(known.by, term, after, because);
            step.level = Level::Headline;
            step.evidence = known.evidence.clone();
            self.workspace.used.extend(known.evidence);
            self.assumptions.extend(known.assumption);
            self.derivation.push(step);
            (form, term) = (next, after);
        }
        self.result = Some(form);
        term
    }

    /// The form with the first sum replaced whose value is known; the value; and the sum as a term.
    fn first_known(&mut self, form: &IndexForm) -> Option<(IndexForm, Known, Term)> {
        for (place, known) in self.closed_sums(form) {
            let Some(known) = known else { continue };
            let Ok(value) = self.workspace.read(known.value) else { continue };
            let Some(next) = self.replaced(form, place, &value) else { continue };
            let sum = IndexForm { free: Vec::new(), networks: vec![sum_network(place, form)] };
            let sum = self.workspace.to_indices(&sum);
            return Some((next, known, sum));
        }
        None
    }

    /// The components without free indices of all networks, with what is known of each.
    fn closed_sums(&mut self, form: &IndexForm) -> Vec<((usize, usize), Option<Known>)> {
        let mut found = Vec::new();
        for (at, network) in form.networks.iter().enumerate() {
            for (part, component) in components(network, form).into_iter().enumerate() {
                if is_closed_sum(&component, form) {
                    let known = self.known_sum(&component);
                    found.push(((at, part), known));
                }
            }
        }
        found
    }

    fn known_sum(&mut self, component: &[Factor]) -> Option<Known> {
        let network = Network { coefficient: Rational::one(), factors: component.to_vec() };
        let form = IndexForm { free: Vec::new(), networks: vec![network] };
        let claims: Vec<(AssumptionId, Claim)> =
            self.workspace.context.assumptions().map(|(id, assumption)| (id, assumption.claim.clone())).collect();
        for (id, claim) in claims {
            let Claim::Equation(left, right) = claim else { continue };
            if !self.workspace.context.terms.shape(left).is_scalar() {
                continue;
            }
            if !self.shrinks(left, right) {
                continue;
            }
            let Ok(left) = self.workspace.read(left) else { continue };
            if self.workspace.compare(&form, &left) == Comparison::Same {
                let value = self.workspace.normal().term(right);
                let by = Justification::Inference(Inference::Assumption(id));
                return Some(Known { value, by, assumption: Some(id), evidence: Vec::new() });
            }
        }
        let term = self.workspace.to_matrix(&form, &[])?;
        let applied = self.rules.known_value(self.workspace.context, term)?;
        let by = Justification::Rule(applied.rule);
        Some(Known { value: applied.term, by, assumption: None, evidence: applied.evidence })
    }

    /// Equations are used towards the smaller side only, so that using them ends.
    fn shrinks(&self, left: Term, right: Term) -> bool {
        let store = &self.workspace.context.terms;
        store.tree_size(right) < store.tree_size(left)
    }

    /// The form with one component replaced by a value.
    fn replaced(&mut self, form: &IndexForm, (at, part): (usize, usize), value: &IndexForm) -> Option<IndexForm> {
        let mut form = form.clone();
        let network = form.networks.remove(at);
        let mut parts = components(&network, &form);
        parts.remove(part);
        let rest = Network { coefficient: network.coefficient, factors: parts.concat() };
        let value = self.workspace.instantiate(value, &[]);
        form.networks.extend(self.workspace.multiply(&[rest], &value).ok()?);
        Some(self.workspace.simplify(form))
    }

    /// Assumptions, not made, that would make the result simpler.
    pub(super) fn helpful_claims(&mut self) -> Vec<Claim> {
        let mut helpful = Vec::new();
        let Some(form) = self.result.take() else { return helpful };
        for ((at, part), known) in self.closed_sums(&form) {
            let component = components(&form.networks[at], &form)[part].clone();
            let claim = self.helpful(&component).filter(|_| known.is_none());
            helpful.extend(claim.filter(|claim| !helpful.contains(claim)));
        }
        helpful
    }

    /// That the entries of a name add up to 1, where their sum stands in the answer.
    fn helpful(&mut self, component: &[Factor]) -> Option<Claim> {
        let [factor] = component else { return None };
        let term = factor.term().filter(|_| factor.exponent.is_one())?;
        self.workspace.context.terms.as_symbol(term)?;
        let sum = self.workspace.normal().call(Function::SumAll, term);
        let one = self.workspace.context.terms.integer(1);
        Some(Claim::Equation(sum, one))
    }
}

/// What is known of a sum.
struct Known {
    value: Term,
    by: Justification,
    assumption: Option<AssumptionId>,
    evidence: Vec<Evidence>,
}

fn components(network: &Network, form: &IndexForm) -> Vec<Vec<Factor>> {
    network.components(|label| !form.is_free(label))
}

fn is_closed_sum(component: &[Factor], form: &IndexForm) -> bool {
    let mut labels = component.iter().flat_map(|factor| &factor.indices).peekable();
    labels.peek().is_some() && labels.all(|&label| !form.is_free(label))
}

fn sum_network((at, part): (usize, usize), form: &IndexForm) -> Network {
    let factors = components(&form.networks[at], form)[part].clone();
    Network { coefficient: Rational::one(), factors }
}
