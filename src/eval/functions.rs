//! What the built-in functions mean, over any ring.
//!
//! Everything smooth is made from `exp`, `log`, sines and roots; so the checks of the rules for `tanh` or `softmax`
//! rest on their definitions and not on the rules.

use super::EvalError;
use super::matrix::Matrix;
use super::ring::{Analytic, Ring};
use crate::ir::{Function, Rational, ratio};
use std::cmp::Ordering;

type Result<T> = std::result::Result<T, EvalError>;

/// What values of functions depend on besides their arguments.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The key of all random functions.
    pub seed: u64,
    /// The derivative of relu at 0; without one, a derivative at a kink is an error.
    pub kink: Option<Rational>,
    /// Where there is no order, branches are taken by random signs.
    pub random_signs: bool,
}

impl Settings {
    /// A built-in function of a matrix (of a 1×1 matrix, if the argument is a scalar).
    pub(super) fn call<R: Ring>(&self, function: Function, a: &Matrix<R>) -> Result<Matrix<R>> {
        use Function::*;
        if function.is_entrywise() {
            return a.try_map(|x| self.entrywise(function, x));
        }
        let scalar = |value: Result<R>| value.map(Matrix::scalar);
        match function {
            Softmax | ColSoftmax => self.softmax_of_columns(a),
            RowSoftmax => Ok(self.softmax_of_columns(&a.transposed())?.transposed()),
            LogSumExp => scalar(self.log(&self.exp_all(a)?.sum())),
            Norm1 => scalar(Ok(a.try_map(|x| self.abs(x))?.sum())),
            Norm2 | NormF => scalar(a.inner(a).square_root()),
            Mean => scalar(mean(a)),
            Var => scalar(variance(a)),
            Trace => scalar(Ok(diagonal(a).sum())),
            Det => scalar(a.determinant()),
            LogDet => scalar(self.log(&a.determinant()?)),
            Adjugate => a.adjugate(),
            PseudoInverse => pseudo_inverse(a),
            DiagPart => Ok(diagonal(a)),
            Tril => Ok(where_positions(a, |i, j| i >= j)),
            Triu => Ok(where_positions(a, |i, j| i <= j)),
            RowSum => Ok(a.product(&Matrix::constant(a.cols(), 1, R::one()))),
            ColSum => Ok(Matrix::constant(1, a.rows(), R::one()).product(a)),
            MatrixExp => matrix_exp(a),
            MatrixLog => matrix_log(a),
            Diag => Ok(Matrix::from_fn(a.rows(), a.rows(), |i, j| if i == j { a.at(i, 0).clone() } else { R::zero() })),
            Vec => Ok(a.clone().reshaped(a.rows() * a.cols(), 1)),
            SumAll => scalar(Ok(a.sum())),
            _ => unreachable!("entrywise functions are handled above"),
        }
    }

    fn entrywise<R: Ring>(&self, function: Function, x: &R) -> Result<R> {
        use Function::*;
        let plain = |f: Analytic| x.analytic(f, self.seed);
        match function {
            Exp => plain(Analytic::Exp),
            Log => plain(Analytic::Log),
            Sin => plain(Analytic::Sin),
            Cos => plain(Analytic::Cos),
            Tan => Ok(plain(Analytic::Sin)?.times(&plain(Analytic::Cos)?.reciprocal()?)),
            Arcsin => plain(Analytic::Arcsin),
            Arccos => plain(Analytic::Arccos),
            Arctan => plain(Analytic::Arctan),
            Sinh | Cosh | Tanh => self.hyperbolic(function, x),
            Sigmoid => R::one().plus(&self.exp(&x.negated())?).reciprocal(),
            Softplus => self.log(&R::one().plus(&self.exp(x)?)),
            Relu => self.relu(x),
            Abs => self.abs(x),
            Sqrt => x.square_root(),
            Sign => self.jump(x, [-1, 0, 1]),
            Step => self.jump(x, [0, 0, 1]),
            StepClosed => self.jump(x, [0, 1, 1]),
            _ => unreachable!("not an entrywise function"),
        }
    }

    fn exp<R: Ring>(&self, x: &R) -> Result<R> {
        x.analytic(Analytic::Exp, self.seed)
    }

    fn log<R: Ring>(&self, x: &R) -> Result<R> {
        x.analytic(Analytic::Log, self.seed)
    }

    fn exp_all<R: Ring>(&self, a: &Matrix<R>) -> Result<Matrix<R>> {
        a.try_map(|x| self.exp(x))
    }

    fn hyperbolic<R: Ring>(&self, function: Function, x: &R) -> Result<R> {
        let (up, down) = (self.exp(x)?, self.exp(&x.negated())?);
        let half = R::from_integer(2).reciprocal()?;
        match function {
            Function::Sinh => Ok(up.minus(&down).times(&half)),
            Function::Cosh => Ok(up.plus(&down).times(&half)),
            _ => Ok(up.minus(&down).times(&up.plus(&down).reciprocal()?)),
        }
    }

    /// On which side of 0 a number counts.
    pub(super) fn sign<R: Ring>(&self, x: &R) -> Result<Ordering> {
        if self.random_signs { x.random_sign(self.seed) } else { x.sign() }
    }

    /// max(0, x); at 0 the slope is the chosen one.
    pub(super) fn relu<R: Ring>(&self, x: &R) -> Result<R> {
        match self.sign(x)? {
            Ordering::Greater => Ok(x.clone()),
            Ordering::Less => Ok(R::zero()),
            Ordering::Equal if x.is_constant() => Ok(R::zero()),
            Ordering::Equal => Ok(x.times(&R::from_rational(self.kink.as_ref().ok_or(EvalError::Kink)?)?)),
        }
    }

    fn abs<R: Ring>(&self, x: &R) -> Result<R> {
        Ok(self.relu(x)?.plus(&self.relu(&x.negated())?))
    }

    /// A function with one value below 0, one at 0, and one above.
    fn jump<R: Ring>(&self, x: &R, [below, at, above]: [i64; 3]) -> Result<R> {
        Ok(R::from_integer(match self.sign(x)? {
            Ordering::Less => below,
            Ordering::Equal if x.is_constant() => at,
            Ordering::Equal => return Err(EvalError::Kink),
            Ordering::Greater => above,
        }))
    }

    fn softmax_of_columns<R: Ring>(&self, a: &Matrix<R>) -> Result<Matrix<R>> {
        let weights = self.exp_all(a)?;
        let totals = Matrix::constant(1, a.rows(), R::one()).product(&weights).try_map(Ring::reciprocal)?;
        Ok(Matrix::from_fn(a.rows(), a.cols(), |i, j| weights.at(i, j).times(totals.at(0, j))))
    }

    /// x to any exact exponent: the whole part by multiplication, ½ by a root.
    pub(super) fn rational_power<R: Ring>(&self, x: &R, exponent: &Rational) -> Result<R> {
        let whole = exponent.floor();
        let fraction = exponent - &whole;
        let whole = num_traits::ToPrimitive::to_i64(&whole).ok_or(EvalError::Overflow)?;
        let power = super::ring::integer_power(x, whole)?;
        if num_traits::Zero::is_zero(&fraction) {
            return Ok(power);
        }
        let half = fraction == ratio(1, 2);
        let root = if half { x.square_root()? } else { x.fractional_power(&fraction, self.seed)? };
        Ok(power.times(&root))
    }

    /// x to any exponent: e^(exponent·log x).
    pub(super) fn general_power<R: Ring>(&self, x: &R, exponent: &R) -> Result<R> {
        self.exp(&exponent.times(&self.log(x)?))
    }
}

fn count<R: Ring>(n: usize) -> Result<R> {
    Ok(R::from_integer(i64::try_from(n).map_err(|_| EvalError::Overflow)?))
}

fn mean<R: Ring>(a: &Matrix<R>) -> Result<R> {
    Ok(a.sum().times(&count::<R>(a.data().len())?.reciprocal()?))
}

/// The mean of the squared deviations from the mean.
fn variance<R: Ring>(a: &Matrix<R>) -> Result<R> {
    let centre = mean(a)?;
    let deviations = a.map(|x| x.minus(&centre));
    mean(&deviations.zip(&deviations, R::times))
}

/// The entries at some positions; the others are zero.
fn where_positions<R: Ring>(a: &Matrix<R>, keeps: impl Fn(usize, usize) -> bool) -> Matrix<R> {
    Matrix::from_fn(a.rows(), a.cols(), |i, j| if keeps(i, j) { a.at(i, j).clone() } else { R::zero() })
}

fn diagonal<R: Ring>(a: &Matrix<R>) -> Matrix<R> {
    Matrix::from_fn(a.rows(), 1, |i, _| a.at(i, i).clone())
}

/// The pseudo-inverse of a matrix of full rank; another rank is reported as singular.
fn pseudo_inverse<R: Ring>(a: &Matrix<R>) -> Result<Matrix<R>> {
    let t = a.transposed();
    if a.rows() >= a.cols() {
        Ok(t.product(a).inverse()?.product(&t))
    } else {
        Ok(t.product(&a.product(&t).inverse()?))
    }
}

/// How often the argument of the matrix exponential is halved, and the terms of its series then.
const HALVINGS: i32 = 8;
const TERMS: i64 = 12;

/// Σ aᵏ/k!, by scaling and squaring; real arithmetic only.
fn matrix_exp<R: Ring>(a: &Matrix<R>) -> Result<Matrix<R>> {
    needs_reals::<R>()?;
    let scaled = a.scaled(&R::from_integer(1 << HALVINGS).reciprocal()?);
    let one = Matrix::identity(a.rows());
    let mut total = one.clone();
    for k in (1..=TERMS).rev() {
        total = scaled.product(&total).scaled(&R::from_integer(k).reciprocal()?);
        total.add(&one);
    }
    for _ in 0..HALVINGS {
        total = total.product(&total);
    }
    if total.data().iter().all(Ring::is_finite) { Ok(total) } else { Err(EvalError::Overflow) }
}

/// An error in arithmetic without order or without eˣ, where a truncated series would mean nothing.
fn needs_reals<R: Ring>() -> Result<()> {
    R::one().sign()?;
    R::one().analytic(Analytic::Exp, 0).map(|_| ())
}

/// The principal logarithm: 2⁵ log a^(1/2⁵), the roots by Denman and Beavers' iteration, the logarithm by the series
/// 2 artanh((b−1)(b+1)⁻¹).
fn matrix_log<R: Ring>(a: &Matrix<R>) -> Result<Matrix<R>> {
    const ROOTS: i64 = 5;
    needs_reals::<R>()?;
    let n = a.rows();
    let one = Matrix::<R>::identity(n);
    let root = (0..ROOTS).try_fold(a.clone(), |root, _| matrix_root(&root))?;
    let minus = root.zip(&one, R::minus);
    let mut plus = root;
    plus.add(&one);
    let quotient = minus.product(&plus.inverse()?);
    let square = quotient.product(&quotient);
    let mut series = Matrix::zero(n, n);
    for k in (0..12).rev() {
        series = series.product(&square);
        series.add(&one.scaled(&R::from_integer(2 * k + 1).reciprocal()?));
    }
    Ok(series.product(&quotient).scaled(&R::from_integer(2 << ROOTS)))
}

fn matrix_root<R: Ring>(a: &Matrix<R>) -> Result<Matrix<R>> {
    let half = R::from_integer(2).reciprocal()?;
    let (mut root, mut inverse) = (a.clone(), Matrix::identity(a.rows()));
    for _ in 0..24 {
        let (next_root, next_inverse) = (inverse.inverse()?, root.inverse()?);
        root.add(&next_root);
        inverse.add(&next_inverse);
        (root, inverse) = (root.scaled(&half), inverse.scaled(&half));
    }
    let square = root.product(&root);
    let far = square.data().iter().zip(a.data()).any(|(x, y)| x.discrepancy(y, 1.0) > 1e-9);
    if far { Err(EvalError::Undefined("logm")) } else { Ok(root) }
}
