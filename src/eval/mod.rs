//! Evaluation of terms, raw and normal alike, over a ring: the oracle behind every check.
//!
//! - [`Ring`]: the numbers: residues mod 2⁶¹−1 ([`Fp`]), `f64`, exact rationals, and [`Dual`] numbers over each.
//! - [`Model`]: sizes, values, directions, and the evaluation of every operator.
//! - [`Plan`]: random models that respect declared facts and assumed equations.
//! - [`domain`]: in which arithmetic equality can be decided.
//!
//! Invariants: nothing here is a rule of matrix calculus. Derivatives come from dual numbers, inverses from
//! elimination, `softmax` and `tanh` from `exp`; definitions are evaluated from their bodies as typed. There is no
//! panic, no clock and no state: a seed is an argument.

mod domain;
mod dual;
mod error;
mod exact;
mod fp;
mod functions;
mod matrix;
mod model;
mod opaque;
mod random;
mod real;
mod recipes;
mod ring;
mod sample;
mod solution;
mod structure;

pub use domain::{divides, domain, is_evaluated_alike, needs_signs_only};
pub use dual::Dual;
pub use error::EvalError;
pub use fp::Fp;
pub use functions::Settings;
pub use matrix::Matrix;
pub use model::{Model, Signs, Value, Variable};
pub use random::Rng;
pub use ring::{Analytic, Number, Ring, integer_power};
pub use sample::{Plan, Sizes};
pub use structure::has;
