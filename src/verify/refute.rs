//! Refutation: the smallest real matrices for which a claimed equation is false.
//!
//! Exact rational numbers are tried first, with small entries, and made smaller still; where functions have no
//! rational values, the same rational inputs are used in floating point. A residue mod p is never a counterexample.

use super::Entries;
use super::compare::{Comparison, compare};
use super::point::shown;
use crate::eval::{Dual, Model, Plan, Ring, Rng, Settings, Sizes, Value};
use crate::ir::{Claim, Context, Rational, Symbol, Term};

/// Real numbers for which two sides differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// The size of each dimension name.
    pub sizes: Vec<(String, usize)>,
    /// The value of each name.
    pub values: Vec<(Symbol, Entries)>,
    /// The direction of each name that varies, if the equation contains differentials.
    pub directions: Vec<(Symbol, Entries)>,
    /// The left side.
    pub left: Entries,
    /// The right side.
    pub right: Entries,
    /// The first entry, counted from 1, where the two differ.
    pub entry: (usize, usize),
    /// Both sides are exact numbers.
    pub exact: bool,
}

/// Attempts with exact numbers; half of them with all sizes 2.
const ATTEMPTS: u32 = 48;

/// Numbers for which `left = right` is false under the claims; `None` if none were found.
pub fn refute(context: &Context, left: Term, right: Term, claims: &[Claim], seed: u64) -> Option<Counterexample> {
    let plan = Plan::new(context, &[left, right], claims);
    let search = Search { context, plan, left, right, seed };
    (0..ATTEMPTS).find_map(|attempt| search.exact(attempt)).or_else(|| (0..ATTEMPTS).find_map(|n| search.float(n)))
}

struct Search<'c> {
    context: &'c Context,
    plan: Plan<'c>,
    left: Term,
    right: Term,
    seed: u64,
}

impl<'c> Search<'c> {
    fn draw<R: Ring>(&self, attempt: u32) -> Option<Model<'c, R>> {
        let mut small = Sizes::default();
        self.plan.dims().iter().for_each(|name| small.set(name.clone(), 2));
        let mut model = match attempt % 4 {
            3 => self.plan.sample(self.seed, 0, attempt),
            _ => self.plan.sample_at(small, self.seed, 0, attempt),
        }
        .ok()?;
        let mut rng = Rng::of(&[self.seed, u64::from(attempt), 21]);
        for (symbol, value) in model.values().clone() {
            model.set_direction(symbol, value.map(|_| Dual::draw(&mut rng, 0)));
        }
        Some(model)
    }

    fn differs<R: Ring>(&self, model: &mut Model<'c, R>) -> Option<(Value<R>, Value<R>)> {
        let (left, right) = (model.evaluate(self.left).ok()?, model.evaluate(self.right).ok()?);
        (compare(&left, &right, model.largest()) == Comparison::Different).then_some((left, right))
    }

    fn exact(&self, attempt: u32) -> Option<Counterexample> {
        let mut model = self.draw::<Rational>(attempt)?;
        self.differs(&mut model)?;
        self.shrink(&mut model);
        let (left, right) = self.differs(&mut model)?;
        Some(self.report(&model, &model, &left, &right))
    }

    /// Entries become 0 or 1 where the sides still differ and every assumption still holds.
    fn shrink(&self, model: &mut Model<'c, Rational>) {
        let free = |symbol: &&Symbol| self.context.info(**symbol).properties.is_empty();
        for &symbol in self.plan.symbols().iter().filter(free) {
            let Some(entries) = model.values().get(&symbol).map(|value| value.data().len()) else { continue };
            for (at, small) in (0..entries).flat_map(|at| [(at, 0), (at, 1)]) {
                let before = model.values()[&symbol].clone();
                if before.data()[at].is_zero() {
                    continue;
                }
                let mut value = before.clone();
                value.data_mut()[at] = Dual::from_integer(small);
                model.set(symbol, value);
                if self.plan.test(model).is_err() || self.differs(model).is_none() {
                    model.set(symbol, before);
                }
            }
        }
    }

    /// The same small inputs in floating point; without them, random ones.
    fn float(&self, attempt: u32) -> Option<Counterexample> {
        let Some(exact) = self.draw::<Rational>(attempt) else {
            let mut model = self.draw::<f64>(attempt)?;
            let (left, right) = self.differs(&mut model)?;
            return Some(self.report(&model, &model, &left, &right));
        };
        let real = |x: &Dual<Rational>| Dual::<f64>::from_rational(x.value());
        let settings = Settings { seed: self.seed, ..Settings::default() };
        let mut model = Model::<f64>::new(self.context, exact.sizes().clone(), settings);
        for (&symbol, value) in exact.values() {
            model.set(symbol, value.try_map(real).ok()?);
        }
        for (&symbol, value) in exact.directions() {
            model.set_direction(symbol, value.try_map(real).ok()?);
        }
        self.plan.test(&mut model).ok()?;
        let (left, right) = self.differs(&mut model)?;
        Some(self.report(&exact, &model, &left, &right))
    }

    fn report<R: Ring, S: Ring>(
        &self,
        inputs: &Model<'c, R>,
        model: &Model<'c, S>,
        left: &Value<S>,
        right: &Value<S>,
    ) -> Counterexample {
        let moves = [self.left, self.right].iter().any(|&side| {
            self.context.terms.any(side, |term| *self.context.terms.op(term) == crate::ir::Op::Differential)
        });
        let scale = left.data().iter().chain(right.data()).map(Ring::magnitude).fold(f64::MIN_POSITIVE, f64::max);
        let mut pairs = left.data().iter().zip(right.data());
        let at = pairs.position(|(x, y)| x.discrepancy(y, scale) > 1e-6).unwrap_or(0);
        Counterexample {
            sizes: model.sizes().iter().map(|(name, size)| (name.name.to_string(), size)).collect(),
            values: inputs.values().iter().map(|(&symbol, value)| (symbol, shown(value))).collect(),
            directions: match moves {
                true => inputs.directions().iter().map(|(&symbol, value)| (symbol, shown(value))).collect(),
                false => Vec::new(),
            },
            left: shown(left),
            right: shown(right),
            entry: (1 + at % left.rows(), 1 + at / left.rows()),
            exact: matches!(left.value().report(), crate::eval::Number::Exact(_)),
        }
    }
}
