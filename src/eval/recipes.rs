//! How to satisfy an assumed equation at a random point: the closed list of what can be sampled.
//!
//! A recipe changes the value of one name. None of them is trusted: the sampler tests every equation and every
//! declared property afterwards. What no recipe satisfies is refused.

use super::matrix::Matrix;
use super::model::{Model, Value};
use super::ring::Ring;
use super::sample::holds;
use super::structure::orthonormal_columns;
use super::{Dual, EvalError, Rng};
use crate::ir::{Context, Function, Op, Property, Symbol, Term};

type Result<T> = std::result::Result<T, EvalError>;

/// Changes values so that `left = right` holds, if a recipe is known.
///
/// # Errors
/// No recipe satisfies the equation here.
pub(super) fn satisfy<R: Ring>(
    context: &Context,
    model: &mut Model<'_, R>,
    left: Term,
    right: Term,
    rng: &mut Rng,
) -> Result<()> {
    for (left, right) in [(left, right), (right, left)] {
        let before = model.clone();
        if known(context, model, left, right, rng)? && holds(model, left, right)? {
            return Ok(());
        }
        *model = before;
    }
    for symbol in symbols(context, left, right) {
        let before = model.clone();
        if affine(model, symbol, left, right).is_ok() && holds(model, left, right).unwrap_or(false) {
            return Ok(());
        }
        *model = before;
    }
    Err(EvalError::Unsampleable)
}

/// The names in an equation, the last declared first: in `A x = b` it is b that is adapted.
fn symbols(context: &Context, left: Term, right: Term) -> Vec<Symbol> {
    let mut symbols = context.symbols_in(left);
    symbols.extend(context.symbols_in(right));
    symbols.sort();
    symbols.dedup();
    symbols.reverse();
    symbols
}

/// The recipes for equations of a known form; `false` if the form is another.
fn known<R: Ring>(context: &Context, model: &mut Model<'_, R>, left: Term, right: Term, rng: &mut Rng) -> Result<bool> {
    if let Some(symbol) = summed(context, left) {
        return rescale(model, symbol, left, right);
    }
    if let Some((symbol, transposed)) = gram(context, left)
        && matches!(context.terms.op(right), Op::Identity(_))
    {
        return orthonormal(model, symbol, transposed, rng);
    }
    if let Some((symbol, squared)) = length(context, left) {
        return sphere(model, symbol, squared, right, rng);
    }
    if let Some(symbol) = square(context, left) {
        return projector(context, model, symbol, right, rng);
    }
    if let (Some((a, b)), Some((c, d))) = (pair(context, left), pair(context, right))
        && (a, b) == (d, c)
    {
        return commuting(model, a, b, rng);
    }
    if let Some(symbol) = context.terms.as_symbol(left) {
        return reflected(context, model, symbol, right);
    }
    Ok(false)
}

/// The name in `sum(y)`, `1'y`, `y'1`, or the sum of its entries by an index: scalars homogeneous in it.
fn summed(context: &Context, term: Term) -> Option<Symbol> {
    if context.terms.shape(term).is_scalar() { added(context, term) } else { None }
}

fn added(context: &Context, term: Term) -> Option<Symbol> {
    let store = &context.terms;
    let args = store.args(term);
    let ones = |term: Term| {
        let inner = if *store.op(term) == Op::Transpose { store.args(term)[0] } else { term };
        matches!(store.op(inner), Op::Ones(..))
    };
    match store.op(term) {
        Op::Symbol(symbol) => Some(*symbol),
        Op::Call(Function::SumAll) | Op::AsScalar | Op::IndexSum { .. } => added(context, args[0]),
        Op::Entry(_) | Op::Transpose => store.as_symbol(args[0]),
        Op::Product if args.len() == 2 && ones(args[0]) => added(context, args[1]),
        Op::Product if args.len() == 2 && ones(args[1]) => added(context, args[0]),
        _ => None,
    }
}

/// y·(right/left): for equations homogeneous in y; it keeps signs.
fn rescale<R: Ring>(model: &mut Model<'_, R>, symbol: Symbol, left: Term, right: Term) -> Result<bool> {
    let (is, wanted) = (model.evaluate(left)?, model.evaluate(right)?);
    if is.data().len() != 1 || wanted.data().len() != 1 {
        return Ok(false);
    }
    let factor = wanted.value().times(&is.value().reciprocal()?);
    change(model, symbol, |value| Ok(value.scaled(&factor)))
}

/// Replaces the value of a name; `false` if it has none of its own.
fn change<R: Ring>(
    model: &mut Model<'_, R>,
    symbol: Symbol,
    change: impl FnOnce(&Value<R>) -> Result<Value<R>>,
) -> Result<bool> {
    let Some(value) = model.values().get(&symbol) else { return Ok(false) };
    let value = change(value)?;
    model.set(symbol, value);
    Ok(true)
}

/// `X'X` (false) or `X X'` (true).
fn gram(context: &Context, term: Term) -> Option<(Symbol, bool)> {
    let store = &context.terms;
    let [a, b] = store.args(term) else { return None };
    if *store.op(term) != Op::Product {
        return None;
    }
    let transposed = |outer: Term, inner: Term| *store.op(outer) == Op::Transpose && store.args(outer)[0] == inner;
    match (store.as_symbol(*a), store.as_symbol(*b)) {
        (None, Some(x)) if transposed(*a, *b) => Some((x, false)),
        (Some(x), None) if transposed(*b, *a) => Some((x, true)),
        _ => None,
    }
}

fn orthonormal<R: Ring>(model: &mut Model<'_, R>, symbol: Symbol, transposed: bool, rng: &mut Rng) -> Result<bool> {
    change(model, symbol, |value| {
        if transposed {
            Ok(orthonormal_columns(&value.transposed(), rng)?.transposed())
        } else {
            orthonormal_columns(value, rng)
        }
    })
}

/// The squared length (true) or the length (false) of a vector or matrix.
fn length(context: &Context, term: Term) -> Option<(Symbol, bool)> {
    let store = &context.terms;
    let args = store.args(term);
    match store.op(term) {
        Op::AsScalar => gram(context, args[0]).map(|(symbol, _)| (symbol, true)),
        Op::Inner if args[0] == args[1] => store.as_symbol(args[0]).map(|symbol| (symbol, true)),
        Op::Call(Function::Norm2 | Function::NormF) => store.as_symbol(args[0]).map(|symbol| (symbol, false)),
        Op::Power if store.as_number(args[1]) == Some(&crate::ir::ratio(2, 1)) => {
            length(context, args[0]).filter(|(_, squared)| !squared).map(|(symbol, _)| (symbol, true))
        }
        _ => None,
    }
}

/// A random point of a sphere: a column of an orthogonal matrix times the length.
fn sphere<R: Ring>(
    model: &mut Model<'_, R>,
    symbol: Symbol,
    squared: bool,
    right: Term,
    rng: &mut Rng,
) -> Result<bool> {
    let radius = model.evaluate(right)?.value().clone();
    let radius = if squared { radius.square_root()? } else { radius };
    change(model, symbol, |value| {
        let (rows, cols) = (value.rows(), value.cols());
        let unit = orthonormal_columns(&value.clone().reshaped(rows * cols, 1), rng)?;
        Ok(unit.reshaped(rows, cols).scaled(&radius))
    })
}

/// `A A` or `A^2`.
fn square(context: &Context, term: Term) -> Option<Symbol> {
    let store = &context.terms;
    let args = store.args(term);
    match store.op(term) {
        Op::Product if args.len() == 2 && args[0] == args[1] => store.as_symbol(args[0]),
        Op::Power if store.as_number(args[1]) == Some(&crate::ir::ratio(2, 1)) => store.as_symbol(args[0]),
        _ => None,
    }
}

/// A matrix with A² = A or A² = I: P D P⁻¹, P orthogonal if A is symmetric.
fn projector<R: Ring>(
    context: &Context,
    model: &mut Model<'_, R>,
    symbol: Symbol,
    right: Term,
    rng: &mut Rng,
) -> Result<bool> {
    let other = match context.terms.op(right) {
        Op::Symbol(same) if *same == symbol => Dual::zero(),
        Op::Identity(_) => Dual::from_integer(-1),
        _ => return Ok(false),
    };
    let symmetric = context.info(symbol).properties.contains_key(&Property::Symmetric);
    change(model, symbol, |value| {
        let n = value.rows();
        let raw = Matrix::from_fn(n, n, |_, _| Dual::draw(rng, 0));
        let basis = if symmetric { orthonormal_columns(&raw, rng)? } else { raw };
        let first = 1 + rng.below(n - 1);
        let diagonal = Matrix::from_fn(n, n, |i, j| match (i == j, i < first) {
            (false, _) => Dual::zero(),
            (true, true) => Dual::one(),
            (true, false) => other.clone(),
        });
        Ok(basis.product(&diagonal).product(&basis.inverse()?))
    })
}

/// The two names of a product.
fn pair(context: &Context, term: Term) -> Option<(Symbol, Symbol)> {
    let store = &context.terms;
    match (store.op(term), store.args(term)) {
        (Op::Product, [a, b]) => Some((store.as_symbol(*a)?, store.as_symbol(*b)?)),
        _ => None,
    }
}

/// b becomes a polynomial in a.
fn commuting<R: Ring>(model: &mut Model<'_, R>, a: Symbol, b: Symbol, rng: &mut Rng) -> Result<bool> {
    let a = model.symbol(a)?;
    change(model, b, |_| {
        let mut sum = a.product(&a).scaled(&Dual::draw(rng, 0));
        sum.add(&a.scaled(&Dual::draw(rng, 0)));
        sum.add(&Matrix::identity(a.rows()).scaled(&Dual::draw(rng, 0)));
        Ok(sum)
    })
}

/// `A = A'` or `A = -A'`: the sum or difference of A and its transpose.
fn reflected<R: Ring>(context: &Context, model: &mut Model<'_, R>, symbol: Symbol, right: Term) -> Result<bool> {
    let store = &context.terms;
    let args = store.args(right);
    let sign = match store.op(right) {
        Op::Transpose if store.as_symbol(args[0]) == Some(symbol) => Dual::one(),
        Op::Product if args.len() == 2 && store.as_number(args[0]) == Some(&crate::ir::ratio(-1, 1)) => {
            let same = *store.op(args[1]) == Op::Transpose && store.as_symbol(store.args(args[1])[0]) == Some(symbol);
            if !same {
                return Ok(false);
            }
            Dual::from_integer(-1)
        }
        _ => return Ok(false),
    };
    change(model, symbol, |value| Ok(value.zip(&value.transposed(), |x, y| x.plus(&sign.times(y)))))
}

/// Solves an equation that is affine in one name by the smallest change of it: x − Jᵀ(JJᵀ)⁻¹(left − right).
fn affine<R: Ring>(model: &mut Model<'_, R>, symbol: Symbol, left: Term, right: Term) -> Result<()> {
    let Some(value) = model.values().get(&symbol).cloned() else { return Err(EvalError::Unsampleable) };
    let residual = model.evaluate(left)?.zip(&model.evaluate(right)?, Dual::minus);
    let (equations, unknowns) = (residual.data().len(), value.data().len());
    if equations > unknowns {
        return Err(EvalError::Unsampleable);
    }
    let mut jacobian = Vec::with_capacity(equations * unknowns);
    for k in 0..unknowns {
        let mut unit = Matrix::zero(value.rows(), value.cols());
        unit.data_mut()[k] = Dual::one();
        let varying = [(symbol, unit)];
        let slope = model.directional(left, &varying)?.zip(&model.directional(right, &varying)?, Dual::minus);
        jacobian.extend_from_slice(slope.data());
    }
    let jacobian = Matrix::from_columns(equations, unknowns, jacobian).ok_or(EvalError::Unsampleable)?;
    let transposed = jacobian.transposed();
    let factor = jacobian.product(&transposed).inverse()?;
    let change = transposed.product(&factor.product(&residual.reshaped(equations, 1)));
    let change = change.reshaped(value.rows(), value.cols());
    model.set(symbol, value.zip(&change, Dual::minus));
    Ok(())
}
