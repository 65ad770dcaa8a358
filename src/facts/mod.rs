//! What is known of names and terms: symmetric, invertible, positive, constant, …
//!
//! A condition *holds* with evidence (the declarations and assumptions it rests on, or that the term as typed
//! presupposes it), or it is unknown. Unknown is never yes.

use crate::ir::{AssumptionId, Context, Op, Property, Symbol, Term};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};

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
}

/// The facts that a question may use.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The variables the question differentiates by; facts about these themselves are used only after
    /// differentiating, and a term is constant if it depends on none of them.
    pub variables: Vec<Symbol>,
    /// Properties that hold because a term that was typed must be defined.
    pub presupposed: BTreeSet<(Property, Term)>,
    /// Known answers of [`Facts::is_constant`] and [`Facts::varies`]; terms never change.
    known: RefCell<Known>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    constant: HashMap<Term, bool>,
    varies: HashMap<Term, bool>,
}

impl Facts {
    /// The facts of a question that differentiates by `variables` and contains the raw or normal terms `typed`.
    pub fn new(_context: &Context, variables: &[Symbol], _typed: &[Term]) -> Self {
        Facts { variables: variables.to_vec(), ..Facts::default() }
    }

    /// Does `condition` hold, and why? `None`: unknown.
    pub fn holds(&self, context: &Context, condition: &Condition) -> Option<Evidence> {
        let evidence = |excluded| Evidence {
            condition: condition.clone(),
            assumptions: BTreeSet::new(),
            presupposed: false,
            excluded,
        };
        match condition {
            Condition::Constant(term) => self.is_constant(context, *term).then(|| evidence(false)),
            Condition::AwayFromZero(_) => Some(evidence(true)),
            Condition::Property(..) => None,
        }
    }

    /// Is the term independent of the variables of the question? Definitions and the names that a name was declared
    /// to be a function of are followed.
    pub fn is_constant(&self, context: &Context, term: Term) -> bool {
        if let Some(&known) = self.known.borrow().constant.get(&term) {
            return known;
        }
        let constant = !self.reaches_variable(context, term);
        self.known.borrow_mut().constant.insert(term, constant);
        constant
    }

    fn reaches_variable(&self, context: &Context, root: Term) -> bool {
        let mut symbols: Vec<Symbol> = Vec::new();
        let mut seen_symbols = BTreeSet::new();
        let mut seen = HashSet::from([root]);
        let mut stack = vec![root];
        loop {
            while let Some(term) = stack.pop() {
                symbols.extend(context.terms.as_symbol(term));
                stack.extend(context.terms.args(term).iter().copied().filter(|&arg| seen.insert(arg)));
            }
            let Some(symbol) = symbols.pop() else { return false };
            if self.variables.contains(&symbol) {
                return true;
            }
            if seen_symbols.insert(symbol) {
                symbols.extend(&context.info(symbol).depends_on);
                stack.extend(context.definition(symbol).map(|body| body.normal).filter(|&body| seen.insert(body)));
            }
        }
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
