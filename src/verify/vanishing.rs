//! Which entries of a term are 0 for every input: the diagonal of A − Aᵀ.

use crate::eval::{EvalError, Fp, Matrix, Plan, Ring, Value, domain, needs_signs_only};
use crate::ir::{Claim, Context, Domain, Term, free_indices};

use super::Options;

/// The parts of a matrix in which every entry was 0 at all points; the entries of a vector or scalar are all `on`,
/// `above` and `below`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vanishing {
    /// Entries with i > j.
    pub below: bool,
    /// Entries with i = j.
    pub on: bool,
    /// Entries with i < j.
    pub above: bool,
}

impl Vanishing {
    /// Some entries are 0 for every input.
    pub fn somewhere(self) -> bool {
        self.below || self.on || self.above
    }

    /// All are.
    pub fn everywhere(self) -> bool {
        self.below && self.on && self.above
    }
}

/// Random signs make an entry 0 half of the time: of so many points none may agree by chance.
const POINTS: u64 = 12;

/// Which entries of `term` are 0 wherever it has a value and the claims hold; `None` if it could not be evaluated.
///
/// Mod p, where nothing is small; in floating point, where order is needed otherwise than for signs, only what is 0
/// exactly.
pub fn vanishing(context: &Context, term: Term, claims: &[Claim], options: Options) -> Option<Vanishing> {
    if !free_indices(&context.terms, &[term]).is_empty() {
        return None;
    }
    let plan = Plan::new(context, &[term], claims);
    let smooth = domain(context, &[term], &[]) < Domain::Real;
    match smooth || needs_signs_only(context, &[term], &[]) {
        true => sampled::<Fp>(&plan, term, options, !smooth),
        false => sampled::<f64>(&plan, term, options, false),
    }
}

fn sampled<R: Ring>(plan: &Plan<'_>, term: Term, options: Options, random_signs: bool) -> Option<Vanishing> {
    let mut found: Option<Vanishing> = None;
    for point in 0..POINTS {
        let value = (0..options.attempts).find_map(|attempt| {
            match value::<R>(plan, term, options.seed, (point, attempt), random_signs) {
                Err(error) if error.is_local() => None,
                value => Some(value.ok()),
            }
        })??;
        let here = zeros(&value);
        let so_far = found.unwrap_or(here);
        found = Some(Vanishing {
            below: so_far.below && here.below,
            on: so_far.on && here.on,
            above: so_far.above && here.above,
        });
    }
    found
}

fn value<R: Ring>(
    plan: &Plan<'_>,
    term: Term,
    seed: u64,
    (point, attempt): (u64, u32),
    random_signs: bool,
) -> Result<Value<R>, EvalError> {
    let mut model = plan.sample::<R>(seed, point, attempt)?;
    if random_signs {
        model.set_random_signs();
    }
    model.evaluate(term)
}

fn zeros<R: Ring>(value: &Matrix<R>) -> Vanishing {
    let vector = value.rows() == 1 || value.cols() == 1;
    let all = |wanted: &dyn Fn(usize, usize) -> bool| {
        let entries = value.data().iter().enumerate();
        entries
            .filter(|(at, _)| vector || wanted(at % value.rows(), at / value.rows()))
            .all(|(_, entry)| entry.is_zero())
    };
    Vanishing { below: all(&|i, j| i > j), on: all(&|i, j| i == j), above: all(&|i, j| i < j) }
}
