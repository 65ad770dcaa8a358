//! What the user can set, for one question or from there on.

use super::answer::{Deltas, Layout};
use crate::derive::structure::Structure;
use crate::rules::Kink;
use crate::trace::Level;

/// The settings of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The layout of derivatives.
    pub layout: Layout,
    /// How the δs of a gradient are written.
    pub deltas: Deltas,
    /// The derivative of relu at 0.
    pub kink: Kink,
    /// What the gradient by a symmetric variable means.
    pub structure: Structure,
    /// How many steps are shown.
    pub steps: Steps,
    /// What a letter stands for that nobody declared.
    pub letters: Letters,
}

/// What a letter stands for that nobody declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Letters {
    /// Nothing: names are declared.
    #[default]
    Declared,
    /// What matrixcalculus.org takes it for: a to g scalars, h to z vectors, A to Z matrices.
    MatrixCalculus,
}

/// How many steps are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Steps {
    /// Answers only.
    None,
    /// What a teacher writes.
    #[default]
    Headline,
    /// Every rule.
    Full,
}

impl Steps {
    /// The level of detail up to which steps are shown.
    pub fn level(self) -> Option<Level> {
        match self {
            Steps::None => None,
            Steps::Headline => Some(Level::Headline),
            Steps::Full => Some(Level::Full),
        }
    }
}

/// The settings by name, with the values that each takes.
pub const SETTINGS: &[(&str, &[&str])] = &[
    ("layout", &["mixed", "numerator", "denominator"]),
    ("deltas", &["column", "row"]),
    ("kink", &["excluded", "0", "1", "1/2"]),
    ("steps", &["none", "headline", "full"]),
    ("structure", &["projection", "free", "cookbook"]),
    ("letters", &["declared", "matrixcalculus"]),
];

impl Settings {
    /// Changes the setting `key`.
    ///
    /// # Errors
    /// The values it takes, if `value` is none of them; an empty list if there is no such setting.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), &'static [&'static str]> {
        let values = SETTINGS.iter().find(|(name, _)| *name == key).map_or(&[][..], |(_, values)| values);
        match (key, value) {
            ("layout", "mixed") => self.layout = Layout::Mixed,
            ("layout", "numerator") => self.layout = Layout::Numerator,
            ("layout", "denominator") => self.layout = Layout::Denominator,
            ("deltas", "column") => self.deltas = Deltas::Column,
            ("deltas", "row") => self.deltas = Deltas::Row,
            ("kink", "excluded") => self.kink = Kink::Excluded,
            ("kink", "0") => self.kink = Kink::Zero,
            ("kink", "1") => self.kink = Kink::One,
            ("kink", "1/2") => self.kink = Kink::Half,
            ("structure", "projection") => self.structure = Structure::Projection,
            ("structure", "free") => self.structure = Structure::Free,
            ("structure", "cookbook") => self.structure = Structure::Cookbook,
            ("steps", "none") => self.steps = Steps::None,
            ("steps", "headline") => self.steps = Steps::Headline,
            ("steps", "full") => self.steps = Steps::Full,
            ("letters", "declared") => self.letters = Letters::Declared,
            ("letters", "matrixcalculus") => self.letters = Letters::MatrixCalculus,
            _ => return Err(values),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_value_is_taken_and_no_other() {
        for (key, values) in SETTINGS {
            for value in *values {
                assert_eq!(Settings::default().set(key, value), Ok(()), "{key} {value}");
            }
            assert_eq!(Settings::default().set(key, "nonsense"), Err(*values));
        }
    }
}
