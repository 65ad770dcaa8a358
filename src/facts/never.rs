//! What never has a value: log(−xᵀx), since −xᵀx is never positive.
//!
//! The condition that a part presupposes is shown to fail wherever the names have values, apart from a few points of
//! no extent (√(−xᵀx) has a value at x = 0, and nothing can be said about it). What is not shown may have values.

use super::structure::Proof;
use super::{Facts, implications, presupposed};
use crate::ir::normal::Normal;
use crate::ir::{Context, Property, Term, ratio};
use std::collections::BTreeSet;

/// A part of a typed term that has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Never {
    /// The part, as typed.
    pub part: Term,
    /// The argument of the part, which never has the property that it must have.
    pub about: Term,
    /// That property.
    pub property: Property,
}

/// The first part of a term, inner ones first, that never has a value. Definitions are not looked into.
pub fn without_value(context: &mut Context, typed: Term) -> Option<Never> {
    let parts = context.terms.postorder(typed);
    let asked = parts.into_iter().filter_map(|part| {
        let (property, about) = presupposed::of_node(context, part)?;
        let by_sign = matches!(property, Property::Positive | Property::NonNegative);
        by_sign.then_some(Never { part, about, property })
    });
    let asked: Vec<Never> = asked.collect();
    if asked.is_empty() {
        return None;
    }
    let facts = Facts::new(context, &[], &[]);
    asked.into_iter().find(|never| fails(context, &facts, *never))
}

/// Is −u at least 0 where u must be positive, or positive where u must be at least 0?
fn fails(context: &mut Context, facts: &Facts, never: Never) -> bool {
    let mut normal = Normal::new(&mut context.terms);
    let about = normal.term(never.about);
    let negative = normal.scale(ratio(-1, 1), about);
    let opposite = if never.property == Property::Positive { Property::NonNegative } else { Property::Positive };
    let nonzero = almost_everywhere(context, about);
    Proof::new(context, facts, opposite).where_defined(&nonzero).show(opposite, negative).is_some()
}

/// That no entry of a name is zero holds almost everywhere, if the entries are free.
fn almost_everywhere(context: &mut Context, term: Term) -> BTreeSet<(Property, Term)> {
    let names = context.symbols_in(term).into_iter().filter(|&symbol| {
        let info = context.info(symbol);
        let free = info.properties.keys().all(|&property| implications::is_open(property));
        free && context.definition(symbol).is_none()
    });
    let names: Vec<_> = names.collect();
    names.into_iter().map(|symbol| (Property::Nonzero, context.terms.symbol(symbol))).collect()
}
