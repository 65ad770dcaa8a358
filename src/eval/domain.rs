//! In which arithmetic equality of a term with another can be decided.

use crate::ir::hash::FastSet;
use crate::ir::{Context, Domain, Function, Guard, Op, Rational, Symbol, Term};
use num_bigint::BigInt;

/// Literals of this many bits could vanish mod 2⁶¹−1; they are decided in floating point.
const LITERAL_BITS: u64 = 60;
/// So could exponents, which a random point takes mod 2⁶¹−2.
const EXPONENT_BITS: u64 = 32;

/// The domain of whole terms, through the definitions they name, but not through `held` names, which have values.
pub fn domain(context: &Context, roots: &[Term], held: &[Symbol]) -> Domain {
    let mut domain = Domain::Field;
    visit(context, roots, held, |term| domain = domain.max(of_node(context, term)));
    domain
}

/// Is the order of numbers all that these terms need of the reals: to choose a side of a kink?
pub fn needs_signs_only(context: &Context, roots: &[Term], held: &[Symbol]) -> bool {
    use Function::{Abs, Norm1, Relu, Sign, Step, StepClosed};
    !any(context, roots, held, |term| {
        let by_sign =
            matches!(context.terms.op(term), Op::Max | Op::Call(Relu | Abs | Sign | Step | StepClosed | Norm1));
        !by_sign && of_node(context, term) >= Domain::Real
    })
}

/// Is something divided, inverted or taken the logarithm of, so that a zero has no value?
pub fn divides(context: &Context, roots: &[Term], held: &[Symbol]) -> bool {
    any(context, roots, held, |term| {
        let args = context.terms.args(term);
        match context.terms.op(term) {
            Op::Quotient | Op::Inverse | Op::Call(Function::Log | Function::LogDet) => true,
            Op::Power | Op::ElementPower => context.terms.as_number(args[1]).is_some_and(Rational::is_negative),
            _ => false,
        }
    })
}

/// Has everything one value in every arithmetic? Equations that are not linear are solved in floating point only, and
/// a pseudo-inverse is known for matrices of full rank only.
pub fn is_evaluated_alike(context: &Context, roots: &[Term], held: &[Symbol]) -> bool {
    !any(context, roots, held, |term| {
        matches!(context.terms.op(term), Op::Solution(_) | Op::Call(Function::PseudoInverse))
    })
}

/// Is one of the terms that the values of some terms depend on wanted?
fn any(context: &Context, roots: &[Term], held: &[Symbol], is_wanted: impl Fn(Term) -> bool) -> bool {
    let mut found = false;
    visit(context, roots, held, |term| found |= is_wanted(term));
    found
}

/// Every term that the values of some terms depend on.
fn visit(context: &Context, roots: &[Term], held: &[Symbol], mut meet: impl FnMut(Term)) {
    let mut seen: FastSet<Term> = FastSet::default();
    let mut stack = roots.to_vec();
    while let Some(term) = stack.pop() {
        if !seen.insert(term) {
            continue;
        }
        meet(term);
        if let Some(symbol) = context.terms.as_symbol(term)
            && !held.contains(&symbol)
        {
            stack.extend(bodies(context, symbol));
        }
        stack.extend(context.terms.args(term));
    }
}

/// The body of a definition; of an undefined function, the bodies of what it depends on.
fn bodies(context: &Context, symbol: Symbol) -> Vec<Term> {
    let depends_on = context.info(symbol).depends_on.iter();
    std::iter::once(&symbol).chain(depends_on).filter_map(|&s| context.definition(s)).map(|body| body.raw).collect()
}

fn of_node(context: &Context, term: Term) -> Domain {
    let store = &context.terms;
    match store.op(term) {
        Op::Number(value) if bits(value) > LITERAL_BITS => Domain::Real,
        Op::Call(function) => function.domain(),
        Op::Elementwise { .. } => Domain::Oracle,
        Op::Max => Domain::Real,
        Op::Cases(guards) if guards.iter().any(|guard| matches!(guard, Guard::Subject(_))) => Domain::Real,
        Op::Power | Op::ElementPower => {
            of_exponent(store.as_number(store.args(term)[1]), store.op(store.args(term)[1]))
        }
        _ => Domain::Field,
    }
}

fn of_exponent(exponent: Option<&Rational>, op: &Op) -> Domain {
    match exponent {
        Some(value) if bits(value) > EXPONENT_BITS => Domain::Real,
        Some(value) if value.is_integer() => Domain::Field,
        Some(value) if value.denom() == BigInt::from(2) => Domain::Algebraic,
        None if matches!(op, Op::Dimension(_)) => Domain::Field,
        _ => Domain::Oracle,
    }
}

fn bits(value: &Rational) -> u64 {
    value.numer().bits().max(value.denom().bits())
}
