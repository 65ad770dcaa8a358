//! Both sides of a rule have one value, and the right side has one wherever the left has.

use super::Fault;
use super::instance::{Instance, instances};
use crate::eval::{self, Dual, EvalError, Fp, Matrix, Model, Plan, Ring, Rng, Value};
use crate::ir::{Domain, Symbol};
use crate::rules::{RuleId, RuleSet};

/// Points at which the sides must agree.
const POINTS: u64 = 12;
/// Attempts to find a point at which the left side is defined.
const ATTEMPTS: u32 = 16;
/// Relative differences below this are rounding.
const ROUNDING: f64 = 1e-7;

/// What happened at one point.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Agree,
    Differ(String),
    LeftUndefined,
    RightUndefined(EvalError, String),
    /// No such point, or too close to a point that is excluded.
    NoPoint,
}

/// How special the values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    /// Random.
    General,
    /// Some entries are zero.
    WithZeros,
    /// Every entry is −1, 0 or 1.
    Small,
    /// Everything is zero.
    Zero,
}

/// All kinds of values.
pub(super) const ALL_VALUES: [Values; 4] = [Values::General, Values::WithZeros, Values::Small, Values::Zero];

/// The faults in the values of a rule.
pub(super) fn sound(rules: &RuleSet, id: RuleId, seed: u64) -> Vec<Fault> {
    instances(rules, rules.rule(id), None).iter().find_map(|instance| fault(instance, seed)).into_iter().collect()
}

fn fault(instance: &Instance, seed: u64) -> Option<Fault> {
    let domain = eval::domain(&instance.context, &[instance.lhs, instance.rhs], &[]);
    let domain = if instance.slope.is_some() { Domain::Real } else { domain };
    if domain != Domain::Real {
        match run::<Fp>(instance, seed) {
            Ok(()) => return None,
            // Algebra means the same here as over the reals; the rest is decided there.
            Err(fault @ (Fault::Differs(_) | Fault::RightUndefined(_))) if domain <= Domain::Algebraic => {
                return Some(fault);
            }
            Err(_) => {}
        }
    }
    run::<f64>(instance, seed).err()
}

/// The rule at several points of one arithmetic.
fn run<R: Ring>(instance: &Instance, seed: u64) -> Result<(), Fault> {
    let plan = plan(instance);
    let mut agreed = 0;
    for point in 0..POINTS {
        for attempt in 0..ATTEMPTS {
            let values = ALL_VALUES[(point as usize) % ALL_VALUES.len()];
            match at_point::<R>(instance, &plan, (seed, point, attempt), values) {
                Outcome::Agree => {
                    agreed += 1;
                    break;
                }
                Outcome::Differ(report) => return Err(Fault::Differs(report)),
                Outcome::RightUndefined(EvalError::NoRoot | EvalError::Overflow, _) => {}
                Outcome::RightUndefined(_, report) => return Err(Fault::RightUndefined(report)),
                Outcome::LeftUndefined | Outcome::NoPoint => {}
            }
        }
    }
    if agreed == 0 { Err(Fault::NeverDefined) } else { Ok(()) }
}

/// The plan of all values an instance needs.
pub(super) fn plan(instance: &Instance) -> Plan<'_> {
    let mut roots = vec![instance.lhs, instance.rhs];
    roots.extend(&instance.away);
    roots.extend(instance.left_out);
    Plan::new(&instance.context, &roots, &instance.claims)
}

/// The model of one point; directions of everything that varies are random.
pub(super) fn model<'c, R: Ring>(
    instance: &'c Instance,
    plan: &Plan<'c>,
    (seed, point, attempt): (u64, u64, u32),
    values: Values,
) -> Result<Model<'c, R>, EvalError> {
    let mut model = plan.sample::<R>(seed, point, attempt)?;
    let mut rng = Rng::of(&[seed, point, u64::from(attempt), 11]);
    for &symbol in plan.symbols() {
        let about = |claim: &crate::ir::Claim| claims(instance, claim, symbol);
        if values != Values::General && !instance.claims.iter().any(about) {
            special(&mut model, symbol, values, &mut rng);
        }
    }
    for &symbol in instance.varying.iter().filter(|symbol| plan.symbols().contains(symbol)) {
        let (rows, cols) = model.size_of(&instance.context.info(symbol).shape)?;
        model.set_direction(symbol, Matrix::from_fn(rows, cols, |_, _| Dual::draw(&mut rng, 0)));
    }
    if let Some(slope) = &instance.slope {
        model.set_kink(Some(slope.clone()));
    }
    for &term in &instance.away {
        if model.evaluate(term)?.data().iter().any(|x| x.weight() < 1e-3) {
            return Err(EvalError::Kink);
        }
    }
    Ok(model)
}

fn claims(instance: &Instance, claim: &crate::ir::Claim, symbol: Symbol) -> bool {
    matches!(claim, crate::ir::Claim::Property(term, _) if instance.context.symbols_in(*term).contains(&symbol))
}

fn special<R: Ring>(model: &mut Model<'_, R>, symbol: Symbol, values: Values, rng: &mut Rng) {
    let Some(value) = model.values().get(&symbol) else { return };
    let value = value.map(|x| match values {
        Values::General => x.clone(),
        Values::WithZeros if rng.below(3) == 0 => Dual::zero(),
        Values::WithZeros => x.clone(),
        Values::Small => Dual::from_integer(rng.below(3) as i64 - 1),
        Values::Zero => Dual::zero(),
    });
    model.set(symbol, value);
}

/// Compares the two sides at one point.
pub(super) fn at_point<R: Ring>(
    instance: &Instance,
    plan: &Plan<'_>,
    point: (u64, u64, u32),
    values: Values,
) -> Outcome {
    let Ok(mut model) = model::<R>(instance, plan, point, values) else { return Outcome::NoPoint };
    let Ok(left) = model.evaluate(instance.lhs) else { return Outcome::LeftUndefined };
    let report = || {
        let sizes = model.sizes();
        let sizes: Vec<String> = sizes.iter().map(|(name, size)| format!("{} = {size}", name.name)).collect();
        format!("seed {}, point {}, attempt {}, {}", point.0, point.1, point.2, sizes.join(", "))
    };
    let report = report();
    match model.evaluate(instance.rhs) {
        Err(error) => Outcome::RightUndefined(error, report),
        Ok(right) if same(&left, &right) => Outcome::Agree,
        Ok(_) => Outcome::Differ(report),
    }
}

fn same<R: Ring>(left: &Value<R>, right: &Value<R>) -> bool {
    let size = |matrix: &Value<R>| (matrix.rows(), matrix.cols());
    let scale = left.data().iter().chain(right.data()).map(Dual::magnitude).fold(1.0, f64::max);
    size(left) == size(right) && left.data().iter().zip(right.data()).all(|(a, b)| a.discrepancy(b, scale) < ROUNDING)
}
