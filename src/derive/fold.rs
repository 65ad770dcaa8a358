//! Names of quotients and roots within larger terms: of s = √v also in 1/√v, which is 1/s; of x̂ = u/s also in
//! (gᵀu) u/s³, which is (gᵀx̂) x̂/s.
//!
//! Such a name does not stand there as a part: its scalar factors lie among those of a larger product. It is put back
//! before common factors are taken out, which would tear it apart. Names that are parts as they stand belong to
//! `put_names_back`.

use super::Deriver;
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Function, Op, Rational, Store, Symbol, Term};
use crate::trace::{Inference, Level, Piece, Statement, Step};
use num_traits::One;

/// A body whose name may stand for a part of a product.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// A root: `base^exponent`, of a scalar or entry by entry.
    Power { base: Term, exponent: Rational },
    /// Scalars with their exponents times matrices; at least one scalar that is no number.
    Scaled { number: Rational, scalars: Vec<(Term, Rational)>, chain: Vec<Term> },
}

impl Shape {
    /// The shape of a normal body.
    pub(super) fn of(store: &Store, body: Term) -> Option<Shape> {
        if let Some((base, exponent)) = numeric_power(store, body) {
            // Whole powers are taken in parts by the e-graph, beside other ways to write them.
            return (!exponent.is_integer()).then_some(Shape::Power { base, exponent });
        }
        if *store.op(body) != Op::Product {
            return None;
        }
        let (number, scalars, chain) = split(store, body);
        (!scalars.is_empty()).then_some(Shape::Scaled { number, scalars, chain })
    }
}

impl Deriver<'_> {
    /// Puts the names of quotients, products with scalars, and powers back.
    pub(super) fn fold_products(&mut self, mut term: Term, about: Option<Symbol>) -> Term {
        for (symbol, shape) in self.nameable.shapes(self.context, term) {
            if about == Some(symbol) {
                continue;
            }
            let folded = self.fold_one(term, symbol, &shape);
            let Some(definition) = self.context.definition(symbol).filter(|_| folded != term) else { continue };
            let name = self.context.terms.symbol(symbol);
            let because = vec![Piece::Equation(name, definition.raw)];
            let (before, after) = (Statement::Term(term), Statement::Term(folded));
            self.push(Step::inference(Inference::Fold(symbol), before, after, because, Level::Full));
            term = folded;
        }
        term
    }

    /// The term with every part that the body makes written with the name.
    fn fold_one(&mut self, term: Term, symbol: Symbol, shape: &Shape) -> Term {
        let name = self.context.terms.symbol(symbol);
        let mut normal = Normal::new(&mut self.context.terms);
        let mut done: FastMap<Term, Term> = FastMap::default();
        for node in normal.store().postorder(term) {
            let args: Vec<Term> = normal.store().args(node).iter().map(|arg| done[arg]).collect();
            let op = normal.store().op(node).clone();
            let mut built = normal.build(op, &args);
            while let Some(folded) = fold_here(&mut normal, built, name, shape) {
                built = folded;
            }
            done.insert(node, built);
        }
        done[&term]
    }
}

fn fold_here(normal: &mut Normal, term: Term, name: Term, shape: &Shape) -> Option<Term> {
    match shape {
        Shape::Power { base, exponent } => {
            let (found, total) = numeric_power(normal.store(), term).filter(|(found, _)| found == base)?;
            let times = total / exponent;
            let times = normal.store_mut().number(Some(times).filter(Rational::is_integer)?);
            let folded = if normal.store().shape(found).is_scalar() {
                normal.power(name, times)
            } else {
                normal.element_power(name, times)
            };
            Some(folded)
        }
        Shape::Scaled { number, scalars, chain } => {
            if *normal.store().op(term) != Op::Product {
                return None;
            }
            let (coefficient, found, matrices) = split(normal.store(), term);
            let rest = without(found, scalars)?;
            let mut factors = vec![normal.store_mut().number(coefficient / number)];
            if chain.is_empty() {
                factors.push(name);
                factors.extend(powers(normal, rest));
                factors.extend(matrices);
                return Some(normal.product(&factors));
            }
            if let Some(matrices) = with_name(normal, &matrices, chain, name) {
                factors.extend(powers(normal, rest));
                factors.extend(matrices);
                return Some(normal.product(&factors));
            }
            let (at, scalar) = within_scalar(normal, &rest, chain, name)?;
            factors.push(scalar);
            let others = rest.into_iter().enumerate().filter(|(i, _)| *i != at).map(|(_, power)| power).collect();
            factors.extend(powers(normal, others));
            factors.extend(matrices);
            Some(normal.product(&factors))
        }
    }
}

/// A power with a number other than 1 as exponent.
fn numeric_power(store: &Store, term: Term) -> Option<(Term, Rational)> {
    let (Op::Power | Op::ElementPower, &[base, exponent]) = (store.op(term), store.args(term)) else { return None };
    let is_power_of_entries = store.shape(base).is_scalar() || *store.op(term) == Op::ElementPower;
    let exponent = store.as_number(exponent).filter(|_| is_power_of_entries)?;
    Some((base, exponent.clone()))
}

/// The number, the scalars with their exponents, and the matrices of a product.
fn split(store: &Store, product: Term) -> (Rational, Vec<(Term, Rational)>, Vec<Term>) {
    let (mut number, mut scalars, mut chain) = (Rational::one(), Vec::new(), Vec::new());
    for &factor in store.args(product) {
        if let Some(value) = store.as_number(factor) {
            number *= value.clone();
        } else if store.shape(factor).is_scalar() {
            scalars.push(numeric_power(store, factor).unwrap_or((factor, Rational::one())));
        } else {
            chain.push(factor);
        }
    }
    (number, scalars, chain)
}

/// The scalars that are left when those of the body are taken out; `None` if they are not all there.
fn without(mut scalars: Vec<(Term, Rational)>, body: &[(Term, Rational)]) -> Option<Vec<(Term, Rational)>> {
    for (base, exponent) in body {
        let (_, total) = scalars.iter_mut().find(|(found, _)| found == base)?;
        if total.is_negative() != exponent.is_negative() || total.abs() < exponent.abs() {
            return None;
        }
        *total -= exponent;
    }
    Some(scalars)
}

fn powers(normal: &mut Normal, scalars: Vec<(Term, Rational)>) -> Vec<Term> {
    let power = |(base, exponent)| {
        let exponent = normal.store_mut().number(exponent);
        normal.power(base, exponent)
    };
    scalars.into_iter().map(power).collect()
}

/// The chain with a run of factors, or the transpose of it, replaced by the name.
fn with_name(normal: &mut Normal, factors: &[Term], run: &[Term], name: Term) -> Option<Vec<Term>> {
    let flipped: Vec<Term> = run.iter().rev().map(|&factor| normal.transpose(factor)).collect();
    let flipped_name = normal.transpose(name);
    for (run, name) in [(run, name), (&flipped[..], flipped_name)] {
        if let Some(at) = factors.windows(run.len()).position(|window| window == run) {
            return Some([&factors[..at], &[name], &factors[at + run.len()..]].concat());
        }
        if let [part] = *run
            && let Some((at, factor)) = within_factor(normal, factors, part, name)
        {
            return Some([&factors[..at], &[factor], &factors[at + 1..]].concat());
        }
    }
    None
}

/// A factor that is linear in the part, `c ⊙ part` or `diag(part)`, with the name in its place.
fn within_factor(normal: &mut Normal, factors: &[Term], part: Term, name: Term) -> Option<(usize, Term)> {
    factors.iter().enumerate().find_map(|(at, &factor)| {
        let op = normal.store().op(factor).clone();
        if !matches!(op, Op::Hadamard | Op::Call(Function::Diag)) {
            return None;
        }
        let mut args = normal.store().args(factor).to_vec();
        let single = args.iter().position(|&arg| arg == part);
        let (i, inner) = match single {
            Some(i) => (i, name),
            None if op == Op::Hadamard => return None,
            None => (0, within_factor(normal, &args, part, name)?.1),
        };
        args[i] = inner;
        Some((at, normal.build(op, &args)))
    })
}

/// The same within a scalar factor such as gᵀu.
fn within_scalar(normal: &mut Normal, scalars: &[(Term, Rational)], run: &[Term], name: Term) -> Option<(usize, Term)> {
    scalars.iter().enumerate().find_map(|(at, (scalar, exponent))| {
        if !exponent.is_one() || !matches!(normal.store().op(*scalar), Op::AsScalar | Op::Inner) {
            return None;
        }
        let op = normal.store().op(*scalar).clone();
        let args = normal.store().args(*scalar).to_vec();
        let inside = (0..args.len()).find_map(|i| {
            let factors = match normal.store().op(args[i]) {
                Op::Product => normal.store().args(args[i]).to_vec(),
                _ => vec![args[i]],
            };
            Some((i, with_name(normal, &factors, run, name)?))
        });
        let (i, factors) = inside?;
        let mut args = args;
        args[i] = normal.product(&factors);
        Some((at, normal.build(op, &args)))
    })
}
