//! Tests of facts: each on the smallest term that shows it.

use super::*;
use crate::ir::{Function, SymbolKind};
use crate::shape::Shape;

struct Session {
    context: Context,
}

impl Session {
    /// X, A, B, S : n×n, T : m×n, y : n×1, c : scalar.
    fn new() -> Self {
        let mut context = Context::new();
        let (n, m) = (context.dim("n"), context.dim("m"));
        for name in ["X", "A", "B", "S"] {
            context.declare(name, Shape::matrix(n.clone(), n.clone()), SymbolKind::Variable);
        }
        context.declare("T", Shape::matrix(m, n.clone()), SymbolKind::Variable);
        context.declare("y", Shape::vector(n), SymbolKind::Variable);
        context.declare("c", Shape::Scalar, SymbolKind::Variable);
        Session { context }
    }

    fn symbol(&self, name: &str) -> Symbol {
        self.context.lookup(name).unwrap()
    }

    fn term(&mut self, name: &str) -> Term {
        let symbol = self.symbol(name);
        self.context.terms.symbol(symbol)
    }

    fn make(&mut self, op: Op, args: &[Term]) -> Term {
        let raw = self.context.terms.make(op, args);
        Normal::new(&mut self.context.terms).term(raw)
    }

    fn set(&mut self, name: &str, property: Property) -> AssumptionId {
        let symbol = self.symbol(name);
        self.context.set_property(symbol, property)
    }

    fn holds(&mut self, property: Property, term: Term) -> Option<Evidence> {
        Facts::new(&mut self.context, &[], &[]).holds(&self.context, &Condition::Property(property, term))
    }
}

#[test]
fn unknown_is_not_yes() {
    let mut session = Session::new();
    let (a, y) = (session.term("A"), session.term("y"));
    for property in [Property::Symmetric, Property::Invertible, Property::Orthogonal, Property::Positive] {
        assert_eq!(session.holds(property, a), None);
    }
    assert_eq!(session.holds(Property::Simplex, y), None);
}

#[test]
fn positive_definite_is_symmetric_and_invertible() {
    let mut session = Session::new();
    let id = session.set("S", Property::PositiveDefinite);
    let s = session.term("S");
    let inverse = session.make(Op::Inverse, &[s]);
    for property in [Property::Symmetric, Property::Invertible, Property::PositiveSemidefinite] {
        for term in [s, inverse] {
            assert_eq!(session.holds(property, term).unwrap().assumptions, BTreeSet::from([id]));
        }
    }
}

#[test]
fn gram_matrices_are_symmetric_and_invertible_at_full_rank() {
    let mut session = Session::new();
    let t = session.term("T");
    let transposed = session.make(Op::Transpose, &[t]);
    let gram = session.make(Op::Product, &[transposed, t]);
    assert!(session.holds(Property::Symmetric, gram).is_some());
    assert!(session.holds(Property::PositiveSemidefinite, gram).is_some());
    assert_eq!(session.holds(Property::Invertible, gram), None);
    session.set("T", Property::FullColumnRank);
    assert!(session.holds(Property::Invertible, gram).is_some());
    assert!(session.holds(Property::PositiveDefinite, gram).is_some());
    let (a, x) = (session.term("A"), session.term("X"));
    let (at, ax) = (session.make(Op::Transpose, &[a]), session.make(Op::Product, &[a, x]));
    let sum = session.make(Op::Sum, &[a, at]);
    assert!(session.holds(Property::Symmetric, sum).is_some());
    assert_eq!(session.holds(Property::Symmetric, ax), None);
}

#[test]
fn one_plus_exp_is_positive_and_softmax_on_the_simplex() {
    let mut session = Session::new();
    let (y, c) = (session.term("y"), session.term("c"));
    let one = session.context.terms.integer(1);
    let exp = session.make(Op::Call(Function::Exp), &[c]);
    let sum = session.make(Op::Sum, &[one, exp]);
    assert!(session.holds(Property::Positive, sum).is_some());
    assert!(session.holds(Property::Nonzero, sum).is_some());
    let difference = session.make(Op::Sum, &[one, c]);
    assert_eq!(session.holds(Property::Nonzero, difference), None);
    let softmax = session.make(Op::Call(Function::Softmax), &[y]);
    assert!(session.holds(Property::Simplex, softmax).is_some());
    assert!(session.holds(Property::NonNegative, softmax).is_some());
}

#[test]
fn what_is_never_positive_has_no_logarithm() {
    let mut session = Session::new();
    let (y, c, x) = (session.term("y"), session.term("c"), session.term("X"));
    let minus_one = session.context.terms.integer(-1);
    let transposed = session.make(Op::Transpose, &[y]);
    let square = session.make(Op::Product, &[transposed, y]);
    let square = session.make(Op::AsScalar, &[square]);
    let negative = session.make(Op::Product, &[minus_one, square]);
    let minus_c = session.make(Op::Product, &[minus_one, c]);
    let minus_x = session.make(Op::Product, &[minus_one, x]);
    for (function, about, never) in [
        (Function::Log, negative, true),
        (Function::Sqrt, negative, true),
        (Function::Log, square, false),
        (Function::Log, minus_c, false),
        (Function::Sqrt, minus_x, false),
    ] {
        let typed = session.make(Op::Call(function), &[about]);
        let found = without_value(&mut session.context, typed);
        assert_eq!(found.map(|never| (never.part, never.about)), never.then_some((typed, about)));
    }
}

#[test]
fn what_was_typed_is_defined() {
    let mut session = Session::new();
    let (a, b) = (session.term("A"), session.term("B"));
    let product = session.context.terms.make(Op::Product, &[a, b]);
    let typed = session.context.terms.make(Op::Inverse, &[product]);
    let facts = Facts::new(&mut session.context, &[], &[typed]);
    for term in [a, b] {
        let evidence = facts.holds(&session.context, &Condition::Property(Property::Invertible, term)).unwrap();
        assert!(evidence.presupposed && evidence.assumptions.is_empty());
    }
}

#[test]
fn equalities_about_a_variable_wait_until_differentials_are_taken() {
    let mut session = Session::new();
    session.set("X", Property::PositiveDefinite);
    session.set("A", Property::Symmetric);
    let (x, a) = (session.term("X"), session.term("A"));
    let variable = session.symbol("X");
    let facts = Facts::new(&mut session.context, &[variable], &[]);
    let holds =
        |facts: &Facts, property, term| facts.holds(&session.context, &Condition::Property(property, term)).is_some();
    assert!(!holds(&facts, Property::Symmetric, x));
    assert!(holds(&facts, Property::Invertible, x), "a strict condition holds around the point");
    assert!(holds(&facts, Property::Symmetric, a));
    assert!(holds(&facts.after_differentiating(), Property::Symmetric, x));
}

#[test]
fn equalities_about_a_name_wait_until_the_answer_is_differentiated_by_it() {
    let mut session = Session::new();
    session.set("X", Property::Symmetric);
    session.set("A", Property::Symmetric);
    let (x, a) = (session.term("X"), session.term("A"));
    let (variable, other) = (session.symbol("A"), session.symbol("X"));
    let facts = Facts::new(&mut session.context, &[variable], &[]);
    let holds = |facts: &Facts, term| {
        facts.after_differentiating().holds(&session.context, &Condition::Property(Property::Symmetric, term)).is_some()
    };
    let free = facts.before_differentiating_by(&Later { names: vec![other], in_space: false });
    assert!(holds(&facts, x) && !holds(&free, x) && holds(&free, a));
    assert!(free.is_constant(&session.context, x), "it is no variable of this question");
    assert!(!free.after_differentiating().may_use(&session.context, &[x]));
    let in_space = facts.before_differentiating_by(&Later { names: vec![other], in_space: true });
    assert!(holds(&in_space, x), "the matrices near it are symmetric, too");
    assert!(!in_space.after_differentiating().may_use(&session.context, &[x]), "an equation about it holds here only");
}

#[test]
fn constant_means_no_variable_is_reached() {
    let mut session = Session::new();
    let (x, a) = (session.symbol("X"), session.symbol("A"));
    session.context.depend(a, x);
    let facts = Facts::new(&mut session.context, &[x], &[]);
    let (a, b) = (session.term("A"), session.term("B"));
    let product = session.make(Op::Product, &[a, b]);
    assert!(!facts.is_constant(&session.context, product));
    assert!(facts.is_constant(&session.context, b));
    assert!(facts.may_use(&session.context, &[product]), "holds for every value of the variable");
}

#[test]
fn an_equation_can_say_that_columns_are_orthonormal() {
    let mut session = Session::new();
    let t = session.term("T");
    let transposed = session.context.terms.make(Op::Transpose, &[t]);
    let gram = session.context.terms.make(Op::Product, &[transposed, t]);
    let n = session.context.dim("n");
    let identity = session.context.terms.identity(n);
    let id = session.context.assume(Claim::Equation(gram, identity));
    let evidence = session.holds(Property::OrthonormalColumns, t).unwrap();
    assert_eq!(evidence.assumptions, BTreeSet::from([id]));
    assert!(session.holds(Property::FullColumnRank, t).is_some());
}

#[test]
fn a_deep_term_is_unknown_and_does_not_overflow() {
    let mut session = Session::new();
    session.set("A", Property::Invertible);
    let mut term = session.term("A");
    for _ in 0..20_000 {
        term = session.context.terms.make(Op::Inverse, &[term]);
    }
    assert!(session.holds(Property::Symmetric, term).is_none());
}
