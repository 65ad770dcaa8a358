//! Tests of the matcher with rules built by hand; rules from files are tested in `tests/rules.rs`.

use super::*;
use crate::facts::Facts;
use crate::ir::hash::FastSet;
use crate::ir::normal::Normal;
use crate::ir::{Function, Op, SymbolKind};
use crate::shape::{Dim, Shape};

/// A context of metavariables with `A : m×n`, `B : n×p`, `x, y : n×1`, `a, c` scalars, `S : n×n`.
struct Table {
    context: Context,
    rules: Vec<Rule>,
}

fn declare_all(context: &mut Context, kind: &SymbolKind) {
    let (m, n, p) = (context.dim("m"), context.dim("n"), context.dim("p"));
    let shapes = [
        ("A", Shape::matrix(m.clone(), n.clone())),
        ("P", Shape::matrix(m.clone(), n.clone())),
        ("B", Shape::matrix(n.clone(), p.clone())),
        ("D", Shape::matrix(n.clone(), p.clone())),
        ("G", Shape::matrix(m.clone(), p)),
        ("S", Shape::matrix(n.clone(), n.clone())),
        ("x", Shape::vector(n.clone())),
        ("y", Shape::vector(n.clone())),
        ("a", Shape::Scalar),
        ("c", Shape::Scalar),
    ];
    for (name, shape) in shapes {
        context.declare(name, shape, kind.clone());
    }
}

fn sym(context: &mut Context, name: &str) -> Term {
    let symbol = context.lookup(name).unwrap();
    context.terms.symbol(symbol)
}

fn d(context: &mut Context, term: Term) -> Term {
    context.terms.make(Op::Differential, &[term])
}

fn mul(context: &mut Context, args: &[Term]) -> Term {
    context.terms.make(Op::Product, args)
}

impl Table {
    fn new() -> Self {
        let mut context = Context::new();
        declare_all(&mut context, &SymbolKind::Metavariable);
        Table { context, rules: Vec::new() }
    }

    fn rule(&mut self, name: &str, class: Class, lhs: Term, rhs: Term, conditions: Vec<RuleCondition>) {
        let mut metavariables = self.context.symbols_in(lhs);
        metavariables.extend(self.context.symbols_in(rhs));
        metavariables.sort();
        metavariables.dedup();
        self.rules.push(Rule {
            name: name.into(),
            file: "test".into(),
            class,
            metavariables,
            lhs,
            rhs,
            both_ways: false,
            conditions,
            kink: None,
            reason: name.into(),
            doc: String::new(),
            headline: false,
            example: None,
            near_miss: None,
            exists: None,
            source: "test".into(),
        });
    }

    fn product_rule(mut self) -> RuleSet {
        let c = &mut self.context;
        let (a, b) = (sym(c, "A"), sym(c, "B"));
        let ab = mul(c, &[a, b]);
        let lhs = d(c, ab);
        let (da, db) = (d(c, a), d(c, b));
        let (left, right) = (mul(c, &[da, b]), mul(c, &[a, db]));
        let rhs = c.terms.make(Op::Sum, &[left, right]);
        self.rule("d-matmul", Class::Differential, lhs, rhs, vec![]);
        RuleSet::new(self.context, self.rules)
    }
}

/// A session: the same names as variables, U×V shapes.
fn session() -> Context {
    let mut context = Context::new();
    declare_all(&mut context, &SymbolKind::Variable);
    context
}

fn normal(context: &mut Context, term: Term) -> Term {
    Normal::new(&mut context.terms).term(term)
}

const PASS: Pass = Pass { class: Class::Differential, kink: Kink::Excluded, order: Order::Outermost };

#[test]
fn the_product_rule_splits_first_factor_and_rest() {
    let rules = Table::new().product_rule();
    let mut context = session();
    let c = &mut context;
    let (a, s, b) = (sym(c, "A"), sym(c, "S"), sym(c, "B"));
    let abs = mul(c, &[a, s, b]);
    let target = d(c, abs);
    let facts = Facts::default();
    let application = rules.apply_class(Class::Differential, Kink::Excluded, c, &facts, target).unwrap();
    let sb = mul(c, &[s, b]);
    assert_eq!(application.substitution, [("A".to_owned(), a), ("B".to_owned(), sb)]);
    let (after, steps, stop) = rules.rewrite_all(PASS, c, &facts, target, 10, &mut FastSet::default());
    assert_eq!((steps.len(), stop), (2, Stop::Finished));
    assert!(steps.iter().all(|step| replay(&rules, c, &facts, step).is_ok()));
    let (da, ds, db) = (d(c, a), d(c, s), d(c, b));
    let inner = [mul(c, &[ds, b]), mul(c, &[s, db])];
    let inner = Normal::new(&mut c.terms).sum(&inner);
    let terms = [mul(c, &[da, s, b]), mul(c, &[a, inner])];
    assert_eq!(after, Normal::new(&mut c.terms).sum(&terms));
    assert_eq!(rules.rewrite_all(PASS, c, &facts, target, 1, &mut FastSet::default()).2, Stop::StepLimit);
}

#[test]
fn a_factor_moves_across_an_inner_product_up_to_the_differential() {
    // inner(G, A*D) => inner(A'*G, D) where varies(D)
    let mut table = Table::new();
    let c = &mut table.context;
    let (a, big_d, g) = (sym(c, "A"), sym(c, "D"), sym(c, "G"));
    let ad = mul(c, &[a, big_d]);
    let lhs = c.terms.make(Op::Inner, &[g, ad]);
    let at = c.terms.make(Op::Transpose, &[a]);
    let atg = mul(c, &[at, g]);
    let rhs = c.terms.make(Op::Inner, &[atg, big_d]);
    table.rule("inner-left", Class::Adjoint, lhs, rhs, vec![RuleCondition::Varies(big_d)]);
    let rules = RuleSet::new(table.context, table.rules);

    let mut context = session();
    let c = &mut context;
    let (a, s, b, g) = (sym(c, "A"), sym(c, "S"), sym(c, "B"), sym(c, "G"));
    let db = d(c, b);
    let product = mul(c, &[a, s, s, db]);
    let target = c.terms.make(Op::Inner, &[g, product]);
    let facts = Facts::default();
    let application = rules.apply_class(Class::Adjoint, Kink::Excluded, c, &facts, target).unwrap();
    let ass = mul(c, &[a, s, s]);
    assert_eq!(application.substitution[0], ("A".to_owned(), ass));
    // Without a differential nothing moves.
    let still = mul(c, &[a, s, b]);
    let target = c.terms.make(Op::Inner, &[g, still]);
    assert_eq!(rules.apply_class(Class::Adjoint, Kink::Excluded, c, &facts, target), None);
}

#[test]
fn declared_shapes_are_guards() {
    // x'*y => y'*x for vectors must not match A'*P.
    let mut table = Table::new();
    let c = &mut table.context;
    let (x, y) = (sym(c, "x"), sym(c, "y"));
    let (xt, yt) = (c.terms.make(Op::Transpose, &[x]), c.terms.make(Op::Transpose, &[y]));
    let (lhs, rhs) = (mul(c, &[xt, y]), mul(c, &[yt, x]));
    table.rule("swap", Class::Taste, lhs, rhs, vec![]);
    let rules = RuleSet::new(table.context, table.rules);
    let mut context = session();
    let c = &mut context;
    let (a, p, x, y, s) = (sym(c, "A"), sym(c, "P"), sym(c, "x"), sym(c, "y"), sym(c, "S"));
    let (at, xt) = (c.terms.make(Op::Transpose, &[a]), c.terms.make(Op::Transpose, &[x]));
    let facts = Facts::default();
    let matrices = mul(c, &[at, p]);
    assert_eq!(rules.apply(RuleId(0), c, &facts, matrices), None);
    let vectors = mul(c, &[xt, s, y]);
    assert!(rules.apply(RuleId(0), c, &facts, vectors).is_some());
}

#[test]
fn factors_and_summands_around_a_match_stay() {
    // S'*S => S (nonsense, but the matcher does not mind)
    let mut table = Table::new();
    let c = &mut table.context;
    let (s, a, p) = (sym(c, "S"), sym(c, "A"), sym(c, "P"));
    let st = c.terms.make(Op::Transpose, &[s]);
    let lhs = mul(c, &[st, s]);
    table.rule("run", Class::Collect, lhs, s, vec![]);
    let c = &mut table.context;
    let (ea, ep) = (c.terms.make(Op::Call(Function::Exp), &[a]), c.terms.make(Op::Call(Function::Exp), &[p]));
    let lhs = c.terms.make(Op::Sum, &[ea, ep]);
    table.rule("some", Class::Collect, lhs, a, vec![]);
    let rules = RuleSet::new(table.context, table.rules);

    let mut context = session();
    let c = &mut context;
    let (s, a, p, b, scalar) = (sym(c, "S"), sym(c, "A"), sym(c, "P"), sym(c, "B"), sym(c, "a"));
    let st = c.terms.make(Op::Transpose, &[s]);
    let two = c.terms.integer(2);
    let target = mul(c, &[two, scalar, a, st, s, b]);
    let facts = Facts::default();
    let found = rules.apply(RuleId(0), c, &facts, target).unwrap();
    assert_eq!(found.after, mul(c, &[two, scalar, a, s, b]));
    let (ea, ep) = (c.terms.make(Op::Call(Function::Exp), &[a]), c.terms.make(Op::Call(Function::Exp), &[p]));
    let sum = c.terms.make(Op::Sum, &[a, p, ea, ep]);
    let target = normal(c, sum);
    let found = rules.apply(RuleId(1), c, &facts, target).unwrap();
    let sum = c.terms.make(Op::Sum, &[a, p, a]);
    assert_eq!(found.after, normal(c, sum));
}

#[test]
fn a_constant_scalar_metavariable_takes_all_constant_factors() {
    // d(c*A) => c*d(A) where constant(c)
    let mut table = Table::new();
    let k = &mut table.context;
    let (c, a) = (sym(k, "c"), sym(k, "A"));
    let ca = mul(k, &[c, a]);
    let lhs = d(k, ca);
    let da = d(k, a);
    let rhs = mul(k, &[c, da]);
    table.rule("d-scale", Class::Differential, lhs, rhs, vec![RuleCondition::Constant(c)]);
    let rules = RuleSet::new(table.context, table.rules);
    let mut context = session();
    let k = &mut context;
    let (a, c, s, x) = (sym(k, "a"), sym(k, "c"), sym(k, "S"), sym(k, "x"));
    let three = k.terms.integer(3);
    let target = mul(k, &[three, a, c, s, x]);
    let target = d(k, target);
    let variable = k.lookup("c").unwrap();
    let facts = Facts::new(k, &[variable], &[]);
    let found = rules.apply(RuleId(0), k, &facts, target).unwrap();
    let inner = mul(k, &[c, s, x]);
    let inner = d(k, inner);
    assert_eq!(found.after, mul(k, &[three, a, inner]));
    assert_eq!(found.evidence.len(), 1);
    let step = found.into_step(&rules);
    assert_eq!(replay(&rules, k, &facts, &step), Ok(()));
    // Every part of a step counts.
    let mut other = step.clone();
    other.substitution.pop();
    assert_eq!(replay(&rules, k, &facts, &other), Err(ReplayError::Incomplete));
    let mut other = step.clone();
    other.substitution.iter_mut().find(|(name, _)| name == "c").unwrap().1 = a;
    assert_eq!(replay(&rules, k, &facts, &other), Err(ReplayError::Before));
    let mut other = step.clone();
    other.after = other.before;
    assert_eq!(replay(&rules, k, &facts, &other), Err(ReplayError::After));
    let mut other = step.clone();
    other.place = vec![7];
    assert_eq!(replay(&rules, k, &facts, &other), Err(ReplayError::NoSuchPlace));
    let variable = k.lookup("a").unwrap();
    let facts = Facts::new(k, &[variable], &[]);
    assert!(matches!(replay(&rules, k, &facts, &step), Err(ReplayError::Condition(_))));
}

#[test]
fn a_quotient_matches_negative_powers() {
    // d(A./P) => A  marks what is bound.
    let mut table = Table::new();
    let c = &mut table.context;
    let (a, p) = (sym(c, "A"), sym(c, "P"));
    let quotient = c.terms.make(Op::Quotient, &[a, p]);
    let lhs = d(c, quotient);
    table.rule("d-quotient", Class::Differential, lhs, p, vec![]);
    let rules = RuleSet::new(table.context, table.rules);
    let mut context = session();
    let c = &mut context;
    let (a, p) = (sym(c, "A"), sym(c, "P"));
    let facts = Facts::default();
    let denominator = c.terms.make(Op::Hadamard, &[p, p]);
    for numerator in [a, c.terms.make(Op::Ones(Dim::named(0, "m"), Dim::named(1, "n")), &[])] {
        let quotient = c.terms.make(Op::Quotient, &[numerator, denominator]);
        let quotient = normal(c, quotient);
        let target = d(c, quotient);
        let found = rules.apply(RuleId(0), c, &facts, target).unwrap();
        assert_eq!(found.after, normal(c, denominator));
    }
}
