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

use super::apply::Found;
use super::pattern::{Bindings, FunctionBinding, instantiate, position};
use super::{Rule, RuleCondition};
use crate::facts::{Defined, Facts};
use crate::ir::normal::Normal;
use crate::ir::{Context, Function, Op, Rational, Store, Symbol, Term, ratio};
use num_traits::{One, Signed};
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

#[derive(Clone, Debug)]
struct Scalars {
    patterns: Vec<Term>,
    factors: Factors,
    chain: Rc<[Term]>,
    root: bool,
}

#[derive(Clone, Debug)]
struct Chain {
    patterns: Rc<[Term]>,
    at: usize,
    factors: Rc<[Term]>,
    from: usize,
    to: usize,
    /// Scalar factors that go with the run of the pattern at `absorber`.
    extra: Vec<Term>,
    absorber: usize,
}

#[derive(Clone, Debug)]
struct Operands {
    op: Op,
    patterns: Vec<Term>,
    operands: Vec<Term>,
    root: bool,
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

/// A normal product taken apart.
#[derive(Clone, Debug)]
struct Factors {
    number: Rational,
    scalars: Vec<Term>,
    chain: Vec<Term>,
}

impl Factors {
    fn of(store: &Store, term: Term) -> Self {
        let mut factors = Factors { number: Rational::one(), scalars: Vec::new(), chain: Vec::new() };
        let single = [term];
        let args = if *store.op(term) == Op::Product { store.args(term) } else { &single };
        for &arg in args {
            match store.as_number(arg) {
                Some(value) => factors.number *= value.clone(),
                None if store.shape(arg).is_scalar() => factors.scalars.push(arg),
                None => factors.chain.push(arg),
            }
        }
        factors
    }

    /// The number and the scalars as terms; takes them away.
    fn take_scalars(&mut self, store: &mut Store) -> Vec<Term> {
        let mut all = Vec::new();
        let number = std::mem::replace(&mut self.number, Rational::one());
        if !number.is_one() {
            all.push(store.number(number));
        }
        all.append(&mut self.scalars);
        all
    }

    /// Puts scalar factors in the place of all that are here.
    fn give_scalars(&mut self, store: &Store, factors: Vec<Term>) {
        self.number = Rational::one();
        self.scalars.clear();
        for factor in factors {
            match store.as_number(factor) {
                Some(value) => self.number *= value.clone(),
                None => self.scalars.push(factor),
            }
        }
    }

    /// Takes away the scalar factors of `term`, if all of them are here.
    fn take(&mut self, store: &Store, term: Term) -> bool {
        let other = Factors::of(store, term);
        if !other.number.is_one() {
            if self.number != other.number {
                return false;
            }
            self.number = Rational::one();
        }
        other.scalars.iter().all(|scalar| match self.scalars.iter().position(|known| known == scalar) {
            Some(at) => {
                self.scalars.remove(at);
                true
            }
            None => false,
        })
    }
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
            _ => self.solve(&then(Goal::Match(pattern, target), &None)),
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
        let found = self.context.terms.op(term).clone();
        let found_args = self.context.terms.args(term).to_vec();
        if args.len() != found_args.len() {
            return false;
        }
        let goals = args
            .iter()
            .zip(&found_args)
            .rev()
            .fold(next.clone(), |next, (&pattern, &arg)| then(Goal::Match(pattern, arg), &next));
        self.attempt(|search| search.unify_op(op, &found, term) && search.solve(&goals))
    }

    fn unify_op(&mut self, pattern: &Op, found: &Op, term: Term) -> bool {
        match (pattern, found) {
            (Op::Dimension(n), Op::Dimension(m)) | (Op::Identity(n), Op::Identity(m)) => self.bindings.unify(n, m),
            (Op::Ones(m, n), Op::Ones(rows, cols)) | (Op::Commutation(m, n), Op::Commutation(rows, cols)) => {
                self.bindings.unify(m, rows) && self.bindings.unify(n, cols)
            }
            (Op::Zero(a), Op::Zero(b)) => self.bindings.unify_shape(a, b),
            (Op::Unit(n, i), Op::Unit(m, j)) => i == j && self.bindings.unify(n, m),
            (Op::Elementwise { function, order }, Op::Elementwise { function: symbol, order: found }) => {
                let Some(base) = found.checked_sub(*order) else { return false };
                let binding = FunctionBinding { symbol: *symbol, order: base, seen: term };
                match self.bindings.functions.iter().find(|(known, _)| known == function) {
                    Some((_, known)) => (known.symbol, known.order) == (*symbol, base),
                    None => {
                        self.bindings.functions.push((*function, binding));
                        true
                    }
                }
            }
            (pattern, found) => pattern == found,
        }
    }

    /// Binds a metavariable, or compares with what it stands for; its shape is a guard.
    fn bind(&mut self, symbol: Symbol, term: Term) -> bool {
        let Some(at) = position(self.rule, symbol) else { return false };
        if let Some(known) = self.bindings.terms[at] {
            return known == term;
        }
        let shape = self.context.terms.shape(term).clone();
        if !self.bindings.unify_shape(&self.patterns.info(symbol).shape, &shape) {
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

    fn transpose(&mut self, term: Term) -> Term {
        Normal::new(&mut self.context.terms).transpose(term)
    }

    /// Transposes of normal terms stand on leaves, so `A'` also matches what is better written with a transpose.
    fn transposed(&mut self, pattern: Term, term: Term, next: &Goals) -> bool {
        let store = &self.context.terms;
        if *store.op(term) == Op::Transpose {
            let inner = store.args(term)[0];
            return self.solve(&then(Goal::Match(pattern, inner), next));
        }
        if let Some(known) = self.bound(pattern) {
            return self.transpose(known) == term && self.solve(next);
        }
        let row = store.shape(term).is_row() && self.patterns.terms.shape(pattern).is_vector();
        // A rule about nothing but a transpose is about one that is written: X'X is X'X transposed, for ever.
        let alone = next.is_none() && self.bindings.terms.iter().all(Option::is_none);
        let inside = !alone && store.args(term).iter().any(|&arg| *store.op(arg) == Op::Transpose);
        if !self.is_free(pattern) || !(row || inside) {
            return false;
        }
        let inner = self.transpose(term);
        self.solve(&then(Goal::Match(pattern, inner), next))
    }

    /// `A^-1` matches X⁻¹, and X⁻ᵀ as the inverse of Xᵀ.
    fn inverted(&mut self, pattern: Term, term: Term, next: &Goals) -> bool {
        let store = &self.context.terms;
        let args = store.args(term);
        match store.op(term) {
            Op::Inverse => self.solve(&then(Goal::Match(pattern, args[0]), next)),
            Op::Transpose if *store.op(args[0]) == Op::Inverse => {
                let body = store.args(args[0])[0];
                let inner = self.transpose(body);
                self.solve(&then(Goal::Match(pattern, inner), next))
            }
            _ => false,
        }
    }

    /// The scalar in a 1×1 matrix is the scalar in its transpose.
    fn as_scalar(&mut self, pattern: Term, term: Term, next: &Goals) -> bool {
        if *self.context.terms.op(term) != Op::AsScalar {
            return false;
        }
        let inner = self.context.terms.args(term)[0];
        if self.solve(&then(Goal::Match(pattern, inner), next)) {
            return true;
        }
        let other = self.transpose(inner);
        other != inner && self.solve(&then(Goal::Match(pattern, other), next))
    }

    /// A trace of a product matches wherever the product begins, and transposed.
    fn trace(&mut self, pattern: Term, term: Term, next: &Goals) -> bool {
        if *self.context.terms.op(term) != Op::Call(Function::Trace) {
            return false;
        }
        let inner = self.context.terms.args(term)[0];
        if self.patterns.terms.as_symbol(pattern).is_some() || *self.context.terms.op(inner) != Op::Product {
            return self.solve(&then(Goal::Match(pattern, inner), next));
        }
        let transposed = self.transpose(inner);
        for body in [inner, transposed] {
            let chain = Factors::of(&self.context.terms, body).chain;
            for start in 0..chain.len() {
                let rotated: Vec<Term> = chain[start..].iter().chain(&chain[..start]).copied().collect();
                let rotated = Normal::new(&mut self.context.terms).product(&rotated);
                if self.solve(&then(Goal::Match(pattern, rotated), next)) {
                    return true;
                }
            }
        }
        false
    }

    fn product(&mut self, pattern: Term, term: Term, root: bool, next: &Goals) -> bool {
        let mut wanted = Factors::of(&self.patterns.terms, pattern);
        let mut factors = Factors::of(&self.context.terms, term);
        if !wanted.number.is_one() {
            let minus = -wanted.number.clone();
            if minus.is_one() && !root && leads_negative(&self.context.terms, term) {
                // −(x − y) is stored as −x + y.
                let negated = Normal::new(&mut self.context.terms).negate(term);
                factors = Factors::of(&self.context.terms, negated);
            } else if minus.is_one() && factors.number.is_negative() {
                factors.number = -factors.number;
            } else if factors.number == wanted.number {
                factors.number = Rational::one();
            } else {
                return false;
            }
            wanted.number = Rational::one();
        }
        let chain: Rc<[Term]> = wanted.chain.into();
        self.solve(&then(Goal::Scalars(Scalars { patterns: wanted.scalars, factors, chain, root }), next))
    }

    fn scalars(&mut self, goal: &Scalars, next: &Goals) -> bool {
        let Some(at) = (0..goal.patterns.len()).min_by_key(|&at| self.rank(goal.patterns[at])) else {
            return self.chains(goal, next);
        };
        let mut after = goal.clone();
        let pattern = after.patterns.remove(at);
        if let Some(known) = self.bound(pattern) {
            return after.factors.take(&self.context.terms, known) && self.solve(&then(Goal::Scalars(after), next));
        }
        let Some(symbol) = self.patterns.terms.as_symbol(pattern) else {
            return (0..goal.factors.scalars.len()).any(|i| {
                let mut after = after.clone();
                let scalar = after.factors.scalars.remove(i);
                let goals = then(Goal::Match(pattern, scalar), &then(Goal::Scalars(after), next));
                self.solve(&goals)
            });
        };
        self.divisions(symbol, &after).into_iter().any(|(taken, left)| {
            let mut after = after.clone();
            after.factors.give_scalars(&self.context.terms, left);
            let value = Normal::new(&mut self.context.terms).product(&taken);
            self.solve(&then(Goal::Match(pattern, value), &then(Goal::Scalars(after), next)))
        })
    }

    /// The ways to divide the scalar factors into those that a free metavariable takes and the others.
    fn divisions(&mut self, symbol: Symbol, goal: &Scalars) -> Vec<(Vec<Term>, Vec<Term>)> {
        let all = goal.factors.clone().take_scalars(&mut self.context.terms);
        if all.is_empty() {
            return Vec::new();
        }
        if self.rule.takes_all(self.patterns, symbol) {
            let (taken, left): (Vec<Term>, Vec<Term>) =
                all.into_iter().partition(|&factor| self.filters(symbol, factor) == Some(true));
            return together_or_singly(taken, &left);
        }
        if !goal.patterns.iter().any(|&pattern| self.is_free(pattern)) {
            return vec![(all, Vec::new())];
        }
        // One factor; the number last.
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|&i| self.context.terms.as_number(all[i]).is_some());
        let divide = |i: usize| {
            let mut left = all.clone();
            (vec![left.remove(i)], left)
        };
        order.into_iter().map(divide).collect()
    }

    /// The scalar patterns are matched; now the matrices.
    fn chains(&mut self, goal: &Scalars, next: &Goals) -> bool {
        let mut factors = goal.factors.clone();
        let extra = factors.take_scalars(&mut self.context.terms);
        let (wanted, found) = (goal.chain.len(), factors.chain.len());
        if wanted == 0 {
            if goal.root {
                self.rest = Rest::Product(extra, factors.chain);
                return self.solve(next);
            }
            return extra.is_empty() && factors.chain.is_empty() && self.solve(next);
        }
        let chain = |from: usize, to: usize, extra: Vec<Term>, absorber: usize| {
            let (patterns, factors) = (goal.chain.clone(), factors.chain.as_slice().into());
            Goal::Chain(Chain { patterns, at: 0, factors, from, to, extra, absorber })
        };
        if !goal.root {
            let absorber = (0..wanted).rev().find(|&at| self.is_free(goal.chain[at]));
            return match absorber {
                None if !extra.is_empty() => false,
                _ => self.solve(&then(chain(0, found, extra, absorber.unwrap_or(wanted)), next)),
            };
        }
        if !self.has_heads(&goal.chain, &factors.chain) {
            return false;
        }
        let mirrors = self.is_mirrored(&goal.chain).then(|| self.mirrors(&factors.chain));
        // Longest runs first, then from the left.
        (wanted..=found).rev().any(|length| {
            (0..=found - length).any(|start| {
                if mirrors.as_ref().is_some_and(|at| length % 2 == 1 || !at.contains(&(start + length / 2))) {
                    return false;
                }
                let before = extra.iter().chain(&factors.chain[..start]).copied().collect();
                self.rest = Rest::Product(before, factors.chain[start + length..].to_vec());
                self.solve(&then(chain(start, start + length, Vec::new(), wanted), next))
            })
        })
    }

    /// Is there a factor for each function and inverse in a chain of patterns? Without one no run can match.
    fn has_heads(&self, patterns: &[Term], factors: &[Term]) -> bool {
        let store = &self.context.terms;
        let head = |term: Term| match store.op(term) {
            Op::Transpose => store.op(store.args(term)[0]),
            op => op,
        };
        patterns.iter().all(|&pattern| match self.patterns.terms.op(pattern) {
            wanted @ (Op::Call(_) | Op::Inverse) => factors.iter().any(|&factor| head(factor) == wanted),
            _ => true,
        })
    }

    /// Is the chain a metavariable and its transpose, in either order?
    fn is_mirrored(&self, patterns: &[Term]) -> bool {
        let store = &self.patterns.terms;
        let turned = |a: Term, b: Term| *store.op(b) == Op::Transpose && store.args(b)[0] == a && self.is_free(a);
        matches!(*patterns, [a, b] if turned(a, b) || turned(b, a))
    }

    /// The places of factors that stand behind their own transpose: only there a run can be followed by its transpose.
    fn mirrors(&mut self, factors: &[Term]) -> Vec<usize> {
        (1..factors.len()).filter(|&at| self.transpose(factors[at - 1]) == factors[at]).collect()
    }

    fn chain(&mut self, goal: &Chain, next: &Goals) -> bool {
        let Some(&pattern) = goal.patterns.get(goal.at) else { return goal.from == goal.to && self.solve(next) };
        let after = goal.patterns.len() - goal.at - 1;
        let Some(longest) = (goal.to - goal.from).checked_sub(after).filter(|&longest| longest > 0) else {
            return false;
        };
        let run = |search: &mut Self, length: usize| {
            let run = &goal.factors[goal.from..goal.from + length];
            let term = match (run, goal.absorber == goal.at) {
                ([single], false) => *single,
                (run, false) => search.context.terms.make(Op::Product, run),
                (run, true) => {
                    let factors: Vec<Term> = goal.extra.iter().chain(run).copied().collect();
                    Normal::new(&mut search.context.terms).product(&factors)
                }
            };
            let rest = Goal::Chain(Chain { at: goal.at + 1, from: goal.from + length, ..goal.clone() });
            search.solve(&then(Goal::Match(pattern, term), &then(rest, next)))
        };
        if let Some(length) = self.known_length(pattern) {
            return length <= longest && run(self, length);
        }
        if after == 0 {
            return run(self, longest);
        }
        if goal.at == 0 && self.is_mirrored(&goal.patterns) {
            let length = (goal.to - goal.from) / 2;
            return (goal.to - goal.from).is_multiple_of(2) && run(self, length);
        }
        if self.prefers_long_runs(pattern) {
            (1..=longest).rev().any(|length| run(self, length))
        } else {
            (1..=longest).any(|length| run(self, length))
        }
    }

    /// How many factors a pattern of a chain stands for, if that is known.
    fn known_length(&mut self, pattern: Term) -> Option<usize> {
        let store = &self.patterns.terms;
        let (symbol, transposed) = match store.op(pattern) {
            Op::Symbol(_) => (pattern, false),
            Op::Transpose if store.as_symbol(store.args(pattern)[0]).is_some() => (store.args(pattern)[0], true),
            _ => return Some(1),
        };
        let known = self.bound(symbol)?;
        let value = if transposed { self.transpose(known) } else { known };
        Some(Factors::of(&self.context.terms, value).chain.len())
    }

    /// In a rule about a metavariable that varies, the others take as much as they can.
    fn prefers_long_runs(&self, pattern: Term) -> bool {
        let mut varying = self.rule.conditions.iter().filter(|condition| matches!(condition, RuleCondition::Varies(_)));
        let mut any = false;
        let itself = varying.any(|condition| {
            any = true;
            condition.term() == pattern
        });
        any && !itself
    }

    fn operands_of(&mut self, pattern: Term, term: Term, root: bool, next: &Goals) -> bool {
        let op = self.patterns.terms.op(pattern).clone();
        let patterns = self.patterns.terms.args(pattern).to_vec();
        let operands = self.context.terms.args(term).to_vec();
        self.solve(&then(Goal::Operands(Operands { op, patterns, operands, root }), next))
    }

    fn operands(&mut self, goal: &Operands, next: &Goals) -> bool {
        let Some(at) = (0..goal.patterns.len()).min_by_key(|&at| self.rank(goal.patterns[at])) else {
            if goal.root && !goal.operands.is_empty() {
                self.rest = Rest::Operands(goal.op.clone(), goal.operands.clone());
            } else if goal.root {
                self.rest = Rest::Nothing;
            }
            return (goal.root || goal.operands.is_empty()) && self.solve(next);
        };
        if goal.operands.len() < goal.patterns.len() && !goal.root {
            let bound = goal.patterns.iter().any(|&pattern| self.bound(pattern).is_some());
            if !bound {
                return false;
            }
        }
        let mut after = goal.clone();
        let pattern = after.patterns.remove(at);
        if let Some(known) = self.bound(pattern) {
            return self.take_operands(known, &mut after) && self.solve(&then(Goal::Operands(after), next));
        }
        if self.is_free(pattern) && after.patterns.is_empty() && !goal.root {
            let rest = Normal::new(&mut self.context.terms).build(goal.op.clone(), &goal.operands);
            after.operands.clear();
            return self.solve(&then(Goal::Match(pattern, rest), &then(Goal::Operands(after), next)));
        }
        (0..goal.operands.len()).any(|i| {
            let mut after = after.clone();
            let operand = after.operands.remove(i);
            self.solve(&then(Goal::Match(pattern, operand), &then(Goal::Operands(after), next)))
        })
    }

    /// Takes away the operands of what a metavariable stands for.
    fn take_operands(&self, known: Term, goal: &mut Operands) -> bool {
        let store = &self.context.terms;
        let single = [known];
        let parts = if *store.op(known) == goal.op { store.args(known) } else { &single };
        parts.iter().all(|part| match goal.operands.iter().position(|operand| operand == part) {
            Some(at) => {
                goal.operands.remove(at);
                true
            }
            None => false,
        })
    }

    /// `A ./ B`: B is everything under a negative power, or one such factor.
    fn quotient(&mut self, above: Term, below: Term, term: Term, next: &Goals) -> bool {
        let entrywise = !self.patterns.terms.shape(below).is_scalar();
        let Some(parts) = Parts::of(&self.context.terms, term, entrywise) else { return false };
        let under = parts.under.clone();
        let all: Vec<usize> = (0..under.len()).collect();
        let singles = (0..under.len()).map(|i| vec![i]).filter(|_| under.len() > 1);
        std::iter::once(all).chain(singles).any(|chosen| {
            let (numerator, denominator) = parts.split(&chosen, &mut Normal::new(&mut self.context.terms));
            let goals = then(Goal::Match(below, denominator), next);
            self.solve(&then(Goal::Match(above, numerator), &goals))
        })
    }
}

/// Is the number in front negative (of a sum: of its first term)?
fn leads_negative(store: &Store, term: Term) -> bool {
    *store.op(term) == Op::Sum && Factors::of(store, store.args(term)[0]).number.is_negative()
}

/// A normal term as a fraction.
struct Parts {
    /// The factors that are not under a negative power: outer scalars, and the others.
    outside: Vec<Term>,
    above: Vec<Term>,
    /// Bases with their positive exponents.
    under: Vec<(Term, Rational)>,
    entrywise: bool,
    shape: crate::shape::Shape,
}

impl Parts {
    /// `None` if there is no negative power.
    fn of(store: &Store, term: Term, entrywise: bool) -> Option<Self> {
        let factors = Factors::of(store, term);
        let mut parts = Parts {
            outside: Vec::new(),
            above: Vec::new(),
            under: Vec::new(),
            entrywise,
            shape: store.shape(term).clone(),
        };
        let operands: Vec<Term> = if entrywise {
            let [matrix] = factors.chain[..] else { return None };
            let all = if *store.op(term) == Op::Product { store.args(term) } else { &[] };
            parts.outside = all.iter().copied().filter(|&arg| arg != matrix).collect();
            if *store.op(matrix) == Op::Hadamard { store.args(matrix).to_vec() } else { vec![matrix] }
        } else {
            if *store.op(term) == Op::Product { store.args(term).to_vec() } else { vec![term] }
        };
        for operand in operands {
            match negative_power(store, operand, entrywise) {
                Some(power) => parts.under.push(power),
                None => parts.above.push(operand),
            }
        }
        (!parts.under.is_empty()).then_some(parts)
    }

    /// Numerator and denominator, where the denominator is the product of the chosen powers.
    fn split(&self, chosen: &[usize], normal: &mut Normal<'_>) -> (Term, Term) {
        let op = if self.entrywise { Op::Hadamard } else { Op::Product };
        let mut above = self.above.clone();
        let mut below = Vec::new();
        for (i, (base, exponent)) in self.under.iter().enumerate() {
            let inside = chosen.contains(&i);
            let exponent = if inside { exponent.clone() } else { -exponent.clone() };
            let exponent = normal.store_mut().number(exponent);
            let power = normal.element_power(*base, exponent);
            if inside { below.push(power) } else { above.push(power) }
        }
        if above.is_empty() {
            let one = if self.entrywise { normal.store_mut().ones(&self.shape) } else { normal.store_mut().integer(1) };
            above.push(one);
        }
        let denominator = normal.build(op.clone(), &below);
        let numerator = normal.build(op, &above);
        let factors: Vec<Term> = self.outside.iter().copied().chain([numerator]).collect();
        (normal.product(&factors), denominator)
    }
}

/// Base and positive exponent of a factor with a negative numeric exponent.
fn negative_power(store: &Store, term: Term, entrywise: bool) -> Option<(Term, Rational)> {
    let wanted = if entrywise { Op::ElementPower } else { Op::Power };
    if *store.op(term) != wanted || (!entrywise && !store.shape(term).is_scalar()) {
        return None;
    }
    let [base, exponent] = *store.args(term) else { return None };
    let exponent = store.as_number(exponent)?;
    (*exponent < ratio(0, 1)).then(|| (base, -exponent.clone()))
}

/// All factors that a metavariable takes, or one of them: −1 and 1 − t are together t − 1, and (t − 1) u is not how
/// −(1 − t) u was written.
fn together_or_singly(taken: Vec<Term>, left: &[Term]) -> Vec<(Vec<Term>, Vec<Term>)> {
    if taken.is_empty() {
        return Vec::new();
    }
    let singly = if taken.len() > 1 { 0..taken.len() } else { 0..0 };
    let one = |at: usize| {
        let mut others = taken.clone();
        (vec![others.remove(at)], [others, left.to_vec()].concat())
    };
    let singly: Vec<_> = singly.map(one).collect();
    [vec![(taken, left.to_vec())], singly].concat()
}
