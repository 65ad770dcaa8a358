//! What is known of names and terms: symmetric, invertible, positive, constant, …
//!
//! A condition *holds* with evidence (the declarations and assumptions it rests on, or that the term as typed
//! presupposes it), or it is unknown. Unknown is never yes.
//!
//! - `implications` is the lattice: what follows from what for one term;
//! - `structure` says how properties pass through operators (AᵀA is symmetric, 1 + exp(−Y) is positive);
//! - `presupposed` collects what must hold for the typed terms to be defined (A⁻¹: A is invertible);
//! - `never` finds terms for which that cannot hold (log(−xᵀx)).
//!
//! **Facts and differentiation.** Only what holds for all values of a variable may be differentiated. While a term is
//! differentiated by a variable, or will be later, an equality about the variable itself (symmetric, simplex, XᵀX = I)
//! is not used to show another equality. Strict conditions (invertible, positive, nonzero, full rank) at a point hold
//! around it too, so they may rest on anything.

mod implications;
mod never;
mod presupposed;
mod structure;
#[cfg(test)]
mod tests;

pub use never::{Never, without_value};

use crate::ir::hash::{FastMap, FastSet};
use crate::ir::normal::Normal;
use crate::ir::{AssumptionId, Claim, Context, Op, Property, Symbol, Term};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;

/// Why a condition holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The condition.
    pub condition: Condition,
    /// Declarations and assumptions it rests on.
    pub assumptions: BTreeSet<AssumptionId>,
    /// It holds because what was typed must be defined (A⁻¹ was typed, so A is invertible).
    pub presupposed: bool,
    /// It does not hold everywhere: the answer excludes the points where it fails (kinks).
    pub excluded: bool,
}

/// A condition on terms, of a rule or a question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// A property of a term.
    Property(Property, Term),
    /// The term does not depend on the variables of the question.
    Constant(Term),
    /// The scalar or every entry is nonzero away from points that the answer excludes.
    AwayFromZero(Term),
    /// The equation of a solution (`x where A x = b`) has exactly one.
    Determined(Term),
    /// A property of a factor, assumed so that an equation has exactly one solution.
    Unique(Property, Term),
    /// A solution of an equation that is not affine, at which the equation linearised has exactly one solution.
    Regular(Term),
}

impl Condition {
    /// Does this condition say more than another?
    pub fn is_stronger_than(&self, context: &Context, other: &Condition) -> bool {
        let (Some((own, of)), Some((weaker, about))) = (self.property(), other.property()) else { return false };
        let square = context.terms.shape(of).is_square();
        of == about && implications::follows(weaker, own, square) && !implications::follows(own, weaker, square)
    }

    fn property(&self) -> Option<(Property, Term)> {
        match *self {
            Condition::Property(property, of) => Some((property, of)),
            Condition::AwayFromZero(of) => Some((Property::Nonzero, of)),
            _ => None,
        }
    }
}

/// The facts that a question may use.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The variables the question differentiates by; a term is constant if it depends on none of them.
    pub variables: Vec<Symbol>,
    /// Properties of normal terms that hold because a term that was typed must be defined.
    pub presupposed: BTreeSet<(Property, Term)>,
    /// The names by which is differentiated now: equalities about them are not used.
    moving: Vec<Symbol>,
    /// The names by which the answer will be differentiated: nor are those about them.
    later: Later,
    /// Properties assumed of normal terms that are more than a name.
    assumed: Vec<(Property, Term, AssumptionId)>,
    /// Known answers; terms never change.
    known: RefCell<Known>,
    /// Conditions that nothing settled and that were granted all the same, to find out what would help.
    wishes: Option<RefCell<Vec<Condition>>>,
}

/// The names by which an answer will be differentiated. They are constants of its question, unless they are variables
/// of it, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Later {
    /// The names.
    pub names: Vec<Symbol>,
    /// They are varied within the spaces in which they were declared to lie (symmetric matrices), where that they do
    /// holds everywhere.
    pub in_space: bool,
}

#[derive(Clone, Debug, Default)]
struct Known {
    constant: FastMap<Term, bool>,
    varies: FastMap<Term, bool>,
    properties: FastMap<(Property, Term), Option<Reason>>,
}

/// What a property rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reason {
    assumptions: BTreeSet<AssumptionId>,
    presupposed: bool,
}

impl Reason {
    fn assumption(id: AssumptionId) -> Self {
        Reason { assumptions: BTreeSet::from([id]), presupposed: false }
    }

    fn and(mut self, other: Reason) -> Self {
        self.assumptions.extend(other.assumptions);
        self.presupposed |= other.presupposed;
        self
    }
}

/// A normal term that has a value, and what that says.
#[derive(Clone, Debug)]
pub struct Defined {
    term: Term,
    properties: OnceCell<BTreeSet<(Property, Term)>>,
}

impl Defined {
    /// What follows from `term` having a value.
    pub fn new(term: Term) -> Self {
        Defined { term, properties: OnceCell::new() }
    }
}

impl Facts {
    /// The facts of a question that differentiates by `variables` and contains the raw or normal terms `typed`.
    pub fn new(context: &mut Context, variables: &[Symbol], typed: &[Term]) -> Self {
        let (variables, moving) = (variables.to_vec(), variables.to_vec());
        let mut facts = Facts { variables, moving, ..Facts::default() };
        facts.assumed = assumed(context);
        facts.presupposed = presupposed::collect(context, typed);
        facts
    }

    /// The same facts for an answer that will be differentiated again: what holds for some values only of the names by
    /// which it will be may not be used in it.
    pub fn before_differentiating_by(&self, later: &Later) -> Self {
        Facts { later: later.clone(), ..self.with_moving(self.variables.clone()) }
    }

    /// The same facts once all differentials are taken: those about the variables themselves may be used.
    pub fn after_differentiating(&self) -> Self {
        self.with_moving(Vec::new())
    }

    /// The names by which the answer will be differentiated.
    pub fn later(&self) -> &Later {
        &self.later
    }

    fn with_moving(&self, moving: Vec<Symbol>) -> Self {
        let known = Known { properties: FastMap::default(), ..self.known.borrow().clone() };
        Facts { moving, known: RefCell::new(known), ..self.clone() }
    }

    /// The same facts, with every property granted that nothing settles: never for an answer, only to find out what
    /// would help. [`Facts::wishes`] lists what was granted.
    pub fn wishing(&self) -> Self {
        Facts { wishes: Some(RefCell::default()), ..self.clone() }
    }

    /// The properties that were granted without a reason, in order.
    pub fn wishes(&self) -> Vec<Condition> {
        self.wishes.as_ref().map_or_else(Vec::new, |wishes| wishes.borrow().clone())
    }

    /// Does `condition` hold, and why? `None`: unknown.
    pub fn holds(&self, context: &Context, condition: &Condition) -> Option<Evidence> {
        self.known_to_hold(context, condition).or_else(|| self.grant(condition))
    }

    /// As [`Facts::holds`], where the normal term that `defined` was made of has a value: a rule speaks of terms that
    /// are defined, so d(S⁻¹) says by itself that S is invertible.
    pub fn holds_where(&self, context: &Context, condition: &Condition, defined: &Defined) -> Option<Evidence> {
        let known = self.known_to_hold(context, condition);
        known.or_else(|| self.follows_from(context, condition, defined)).or_else(|| self.grant(condition))
    }

    fn follows_from(&self, context: &Context, condition: &Condition, defined: &Defined) -> Option<Evidence> {
        let Condition::Property(property, term) = *condition else { return None };
        let properties = defined.properties.get_or_init(|| presupposed::of_normal(context, defined.term));
        if properties.is_empty() {
            return None;
        }
        let reason = structure::Proof::new(context, self, property).where_defined(properties).show(property, term)?;
        Some(Evidence {
            condition: condition.clone(),
            assumptions: reason.assumptions,
            presupposed: true,
            excluded: false,
        })
    }

    fn grant(&self, condition: &Condition) -> Option<Evidence> {
        let wishes = self.wishes.as_ref()?;
        if !matches!(condition, Condition::Property(property, _) if *property != Property::Constant) {
            return None;
        }
        if !wishes.borrow().contains(condition) {
            wishes.borrow_mut().push(condition.clone());
        }
        Some(Evidence {
            condition: condition.clone(),
            assumptions: BTreeSet::new(),
            presupposed: false,
            excluded: false,
        })
    }

    fn known_to_hold(&self, context: &Context, condition: &Condition) -> Option<Evidence> {
        let evidence = |reason: Reason, excluded| Evidence {
            condition: condition.clone(),
            assumptions: reason.assumptions,
            presupposed: reason.presupposed,
            excluded,
        };
        match *condition {
            Condition::Property(Property::Constant, term) | Condition::Constant(term) => {
                self.is_constant(context, term).then(|| evidence(Reason::default(), false))
            }
            Condition::AwayFromZero(term) if context.terms.is_zero(term) => None,
            Condition::AwayFromZero(term) => Some(match self.property(context, Property::Nonzero, term) {
                Some(reason) => evidence(reason, false),
                None => evidence(Reason::default(), true),
            }),
            Condition::Property(property, term) => Some(evidence(self.property(context, property, term)?, false)),
            Condition::Determined(_) | Condition::Regular(_) | Condition::Unique(..) => None,
        }
    }

    /// Does a term have a property, and what does that rest on?
    fn property(&self, context: &Context, property: Property, term: Term) -> Option<Reason> {
        if let Some(known) = self.known.borrow().properties.get(&(property, term)) {
            return known.clone();
        }
        let reason = structure::Proof::new(context, self, property).show(property, term);
        self.known.borrow_mut().properties.insert((property, term), reason.clone());
        reason
    }

    /// Is the term independent of the variables of the question? Definitions and the names that a name was declared
    /// to be a function of are followed.
    pub fn is_constant(&self, context: &Context, term: Term) -> bool {
        if let Some(&known) = self.known.borrow().constant.get(&term) {
            return known;
        }
        let constant = !reaches(context, term, &self.variables, true);
        self.known.borrow_mut().constant.insert(term, constant);
        constant
    }

    /// May an equation or equality about these terms be used now? Not if it speaks of a name by which the result is
    /// differentiated.
    pub fn may_use(&self, context: &Context, terms: &[Term]) -> bool {
        [&self.moving, &self.later.names]
            .iter()
            .all(|names| names.is_empty() || !terms.iter().any(|&term| reaches(context, term, names, false)))
    }

    /// May it be used now that a name was declared to have a property, where that is no strict condition?
    fn may_use_declared(&self, symbol: Symbol, property: Property) -> bool {
        let in_space = self.later.in_space && implications::is_linear(property);
        !self.moving.contains(&symbol) && (in_space || !self.later.names.contains(&symbol))
    }

    /// Does the term contain a differential?
    pub fn varies(&self, context: &Context, term: Term) -> bool {
        if let Some(&known) = self.known.borrow().varies.get(&term) {
            return known;
        }
        let varies = context.terms.any(term, |part| *context.terms.op(part) == Op::Differential);
        self.known.borrow_mut().varies.insert(term, varies);
        varies
    }
}

/// Does one of `names` occur in the term or the definitions it names; with `functions`, also in what names were declared
/// to be functions of?
fn reaches(context: &Context, root: Term, names: &[Symbol], functions: bool) -> bool {
    let mut symbols: Vec<Symbol> = Vec::new();
    let mut seen_symbols = BTreeSet::new();
    let mut seen = FastSet::from_iter([root]);
    let mut stack = vec![root];
    loop {
        while let Some(term) = stack.pop() {
            symbols.extend(context.terms.as_symbol(term));
            stack.extend(context.terms.args(term).iter().copied().filter(|&arg| seen.insert(arg)));
        }
        let Some(symbol) = symbols.pop() else { return false };
        if names.contains(&symbol) {
            return true;
        }
        if seen_symbols.insert(symbol) {
            if functions {
                symbols.extend(&context.info(symbol).depends_on);
            }
            stack.extend(context.definition(symbol).map(|body| body.normal).filter(|&body| seen.insert(body)));
        }
    }
}

/// The properties assumed of terms; `A'A = I` says that the columns of A are orthonormal.
fn assumed(context: &mut Context) -> Vec<(Property, Term, AssumptionId)> {
    let claims: Vec<(AssumptionId, Claim)> =
        context.assumptions().map(|(id, assumption)| (id, assumption.claim.clone())).collect();
    let mut found = Vec::new();
    for (id, claim) in claims {
        let mut normal = Normal::new(&mut context.terms);
        match claim {
            Claim::Property(term, property) => found.push((property, normal.term(term), id)),
            Claim::Equation(left, right) => {
                let sides = [normal.term(left), normal.term(right)];
                found.extend(orthonormal(context, sides).map(|columns| (Property::OrthonormalColumns, columns, id)));
            }
            Claim::Differentiable(..) => {}
        }
    }
    found
}

/// The X of an equation XᵀX = I.
fn orthonormal(context: &mut Context, sides: [Term; 2]) -> Option<Term> {
    let is_identity = |&&side: &&Term| matches!(context.terms.op(side), Op::Identity(_));
    sides.iter().find(is_identity)?;
    let gram = sides.into_iter().find(|&side| *context.terms.op(side) == Op::Product)?;
    let [left, right] = *context.terms.args(gram) else { return None };
    (Normal::new(&mut context.terms).transpose(right) == left).then_some(right)
}
