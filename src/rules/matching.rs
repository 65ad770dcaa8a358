//! Matching of one side of a rule against a normal term.
//!
//! The search proposes, instantiation disposes: a match counts only if the instance of the pattern, put back among
//! the factors or summands around it, *is* the target. So a clever or careless step of the search can lose a
//! match, and can never make a wrong one.
//!
//! - At the root a product pattern matches a contiguous run of factors, a sum or Hadamard pattern some of the
//!   operands; what is left stays around the result. Everywhere below the root the whole operand must match.
//! - A matrix metavariable may stand for a run of factors (shortest run first; longest first beside a metavariable
//!   that must vary, so that a differential is freed in one step). The last metavariable of a sum takes the rest.
//! - Scalar factors belong to scalar metavariables: one that must be constant, a number, or vary takes every such
//!   factor, others one factor, the last one the rest. Without scalar metavariables they stay outside at the root, and below the root go
//!   with the last run.
//! - `A ./ B` matches a term with negative powers: B is what they stand under.
//!
//! The recursion is as deep as the pattern is large, whatever the size of the target; [`Search::BUDGET`] bounds its work.

mod chains;
mod factors;
mod fractions;
mod operands;
mod scalars;
mod turned;

use super::Rule;
use super::apply::Found;
use super::pattern::{Bindings, instantiate, position};
use crate::facts::{Defined, Facts};
use crate::ir::normal::Normal;
use crate::ir::{Context, Function, Op, Symbol, Term};
use chains::Chain;
use operands::Operands;
use scalars::Scalars;
use std::rc::Rc;

/// One attempt to match one side of one rule at the root of one term.
pub(super) struct Search<'a> {
    patterns: &'a Context,
    rule: &'a Rule,
    context: &'a mut Context,
    facts: &'a Facts,
    from: Term,
    to: Term,
    target: Term,
    defined: Defined,
    bindings: Bindings,
    rest: Rest,
    budget: u32,
    found: Option<Found>,
}

/// What a pattern at the root leaves in place around the result.
#[derive(Clone, Debug, Default)]
pub(super) enum Rest {
    /// Nothing: the pattern matched the whole term.
    #[default]
    Nothing,
    /// Factors before and after.
    Product(Vec<Term>, Vec<Term>),
    /// Other operands of a sum or Hadamard product.
    Operands(Op, Vec<Term>),
}

impl Rest {
    /// The term with `inner` in the place of what was matched.
    pub(super) fn around(&self, normal: &mut Normal<'_>, inner: Term) -> Term {
        match self {
            Rest::Nothing => inner,
            Rest::Product(before, after) => {
                let factors: Vec<Term> = before.iter().copied().chain([inner]).chain(after.iter().copied()).collect();
                normal.product(&factors)
            }
            Rest::Operands(op, others) => {
                let operands: Vec<Term> = others.iter().copied().chain([inner]).collect();
                normal.build(op.clone(), &operands)
            }
        }
    }
}

/// What is still to be matched.
#[derive(Clone, Debug)]
enum Goal {
    /// This pattern with this term, as a whole.
    Match(Term, Term),
    /// Scalar patterns with scalar factors; then the chains.
    Scalars(Scalars),
    /// Patterns with consecutive factors.
    Chain(Chain),
    /// Patterns with operands of a commutative operator.
    Operands(Operands),
}

type Goals = Option<Rc<Link>>;

#[derive(Debug)]
struct Link {
    goal: Goal,
    next: Goals,
}

fn then(goal: Goal, next: &Goals) -> Goals {
    Some(Rc::new(Link { goal, next: next.clone() }))
}

impl<'a> Search<'a> {
    /// How many goals one attempt may look at; beyond it the rule does not fire.
    const BUDGET: u32 = 20_000;

    /// An attempt to rewrite `target` from the pattern `from` to the pattern `to`.
    pub(super) fn new(
        (patterns, rule): (&'a Context, &'a Rule),
        (from, to): (Term, Term),
        context: &'a mut Context,
        facts: &'a Facts,
        target: Term,
    ) -> Self {
        Search {
            patterns,
            rule,
            context,
            facts,
            from,
            to,
            target,
            defined: Defined::new(target),
            bindings: Bindings::new(rule),
            rest: Rest::Nothing,
            budget: Self::BUDGET,
            found: None,
        }
    }

    /// The first match whose conditions hold.
    pub(super) fn run(mut self) -> Option<Found> {
        let (pattern, target) = (self.from, self.target);
        let matched = match (self.patterns.terms.op(pattern), self.context.terms.op(target)) {
            (Op::Product, _) => self.product(pattern, target, true, &None),
            (op @ (Op::Sum | Op::Hadamard), found) if op == found => self.operands_of(pattern, target, true, &None),
            _ => self.single(pattern, target, &None),
        };
        self.found.filter(|_| matched)
    }

    fn solve(&mut self, goals: &Goals) -> bool {
        let Some(link) = goals else { return self.accept() };
        if self.budget == 0 {
            return false;
        }
        self.budget -= 1;
        match &link.goal {
            Goal::Match(pattern, term) => self.single(*pattern, *term, &link.next),
            Goal::Scalars(scalars) => self.scalars(scalars, &link.next),
            Goal::Chain(chain) => self.chain(chain, &link.next),
            Goal::Operands(operands) => self.operands(operands, &link.next),
        }
    }

    /// Runs `f`; if it fails, everything bound meanwhile is forgotten.
    fn attempt(&mut self, f: impl FnOnce(&mut Self) -> bool) -> bool {
        let mark = self.bindings.mark();
        let done = f(self);
        if !done {
            self.bindings.undo(mark);
        }
        done
    }

    /// All patterns are matched: do the instance, the shapes and the conditions agree?
    fn accept(&mut self) -> bool {
        let Some((instance, _)) = instantiate(self.patterns, self.rule, self.from, &self.bindings, self.context) else {
            return false;
        };
        if self.rest.around(&mut Normal::new(&mut self.context.terms), instance) != self.target {
            return false;
        }
        let rest = std::mem::take(&mut self.rest);
        self.found = Found::new(
            (self.patterns, self.rule),
            self.to,
            &self.bindings,
            &rest,
            self.context,
            (self.facts, &self.defined),
        )
        .filter(|found| found.after != self.target);
        self.rest = rest;
        self.found.is_some()
    }

    fn single(&mut self, pattern: Term, term: Term, next: &Goals) -> bool {
        let args = self.patterns.terms.args(pattern);
        match self.patterns.terms.op(pattern) {
            Op::Symbol(symbol) => self.attempt(|search| search.bind(*symbol, term) && search.solve(next)),
            Op::Product => self.product(pattern, term, false, next),
            op @ (Op::Sum | Op::Hadamard) => {
                op == self.context.terms.op(term) && self.operands_of(pattern, term, false, next)
            }
            Op::Transpose => self.transposed(args[0], term, next),
            Op::Inverse => self.inverted(args[0], term, next),
            Op::Quotient => self.quotient(args[0], args[1], term, next),
            Op::AsScalar => self.as_scalar(args[0], term, next),
            Op::Call(Function::Trace) => self.trace(args[0], term, next),
            op => self.same(op, args, term, next),
        }
    }

    /// The same operator with as many arguments, which match one by one.
    fn same(&mut self, op: &Op, args: &[Term], term: Term, next: &Goals) -> bool {
        if args.len() != self.context.terms.args(term).len() {
            return false;
        }
        self.attempt(|search| {
            let store = &search.context.terms;
            if !search.bindings.unify_op(op, store.op(term), term) {
                return false;
            }
            let pairs = args.iter().zip(store.args(term)).rev();
            let goals = pairs.fold(next.clone(), |next, (&pattern, &arg)| then(Goal::Match(pattern, arg), &next));
            search.solve(&goals)
        })
    }

    /// Binds a metavariable, or compares with what it stands for; its shape is a guard.
    fn bind(&mut self, symbol: Symbol, term: Term) -> bool {
        let Some(at) = position(self.rule, symbol) else { return false };
        if let Some(known) = self.bindings.terms[at] {
            return known == term;
        }
        if !self.bindings.unify_shape(&self.patterns.info(symbol).shape, self.context.terms.shape(term)) {
            return false;
        }
        self.bindings.bind(at, term);
        self.filters(symbol, term) != Some(false)
    }

    /// Do the conditions on this metavariable alone hold of `term`? `None` if there are none.
    fn filters(&self, symbol: Symbol, term: Term) -> Option<bool> {
        let conditions = self
            .rule
            .conditions
            .iter()
            .filter(|condition| self.patterns.terms.as_symbol(condition.term()) == Some(symbol));
        conditions
            .map(|condition| condition.check(term, self.context, self.facts, &self.defined).is_some())
            .reduce(|a, b| a && b)
    }

    /// Structured and bound patterns come before free metavariables, those with conditions before the others.
    fn rank(&self, pattern: Term) -> u8 {
        match self.patterns.terms.as_symbol(pattern) {
            None => 0,
            Some(_) if self.bound(pattern).is_some() => 1,
            Some(symbol) if self.rule.takes_all(self.patterns, symbol) => 2,
            Some(_) => 3,
        }
    }

    fn bound(&self, pattern: Term) -> Option<Term> {
        let symbol = self.patterns.terms.as_symbol(pattern)?;
        self.bindings.terms[position(self.rule, symbol)?]
    }

    /// A metavariable that is not bound yet.
    fn is_free(&self, pattern: Term) -> bool {
        self.patterns.terms.as_symbol(pattern).is_some() && self.bound(pattern).is_none()
    }
}
