//! Which sides of its branches an evaluation has met.

use crate::eval::Matrix;
use crate::eval::functions::Settings;
use crate::eval::ring::Ring;
use crate::ir::{Function, Op};
use std::cmp::Ordering;

/// Which signs the subject of a branching term has had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// An entry was positive.
    pub positive: bool,
    /// An entry was zero.
    pub zero: bool,
    /// An entry was negative.
    pub negative: bool,
}

impl Signs {
    /// What either has seen.
    pub fn or(self, other: Signs) -> Signs {
        Signs {
            positive: self.positive || other.positive,
            zero: self.zero || other.zero,
            negative: self.negative || other.negative,
        }
    }

    /// Two signs at least: more than one side of the branch was met.
    pub fn is_mixed(self) -> bool {
        [self.positive, self.zero, self.negative].iter().filter(|seen| **seen).count() > 1
    }
}

/// The signs on which an operator branches.
pub(super) fn of<R: Ring>(settings: &Settings, op: &Op, values: &[&Matrix<R>]) -> Option<Signs> {
    use Function::{Abs, Norm1, Relu, Sign, Step, StepClosed};
    match op {
        Op::Call(Relu | Abs | Sign | Step | StepClosed | Norm1) => Some(of_all(settings, values[0].data().iter())),
        Op::Max => {
            // A scalar beside a matrix is compared with each entry.
            let (a, b) = (values[0].data(), values[1].data());
            let count = a.len().max(b.len());
            let differences: Vec<R> = (0..count).map(|k| a[k % a.len()].minus(&b[k % b.len()])).collect();
            Some(of_all(settings, differences.iter()))
        }
        _ => None,
    }
}

/// The signs of values.
pub(super) fn of_all<'a, R: Ring + 'a>(settings: &Settings, values: impl Iterator<Item = &'a R>) -> Signs {
    let mut signs = Signs::default();
    for x in values {
        match settings.sign(x) {
            Ok(Ordering::Greater) => signs.positive = true,
            Ok(Ordering::Less) => signs.negative = true,
            Ok(Ordering::Equal) => signs.zero = true,
            Err(_) => {}
        }
    }
    signs
}
