//! `size ∂Y/∂X with N = 64, M = D = 4096, f32`: what an explicit Jacobian would take, beside its closed form.

use crate::ir::{Context, Op, Term};
use crate::shape::{Dim, Shape};
use num_bigint::BigInt;
use num_traits::{One, ToPrimitive, Zero};
use std::collections::BTreeMap;

/// Number formats with their size in bytes.
pub const FORMATS: &[(&str, u64)] = &[("f16", 2), ("bf16", 2), ("f32", 4), ("f64", 8), ("i8", 1)];

/// One array of a size question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// What it is: a name, or the result.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// The number of entries.
    pub entries: BigInt,
}

/// Numbers for dimension names.
pub type Sizes = BTreeMap<String, i64>;

/// The number of entries of a shape.
///
/// # Errors
/// The names of the dimensions that have no number.
pub fn entries(shape: &Shape, sizes: &Sizes) -> Result<BigInt, Vec<String>> {
    Ok(value(&shape.rows(), sizes)? * value(&shape.cols(), sizes)?)
}

fn value(dim: &Dim, sizes: &Sizes) -> Result<BigInt, Vec<String>> {
    let missing: Vec<String> =
        dim.names().iter().filter(|name| !sizes.contains_key(&*name.name)).map(|name| name.name.to_string()).collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    Ok(dim.terms().fold(BigInt::zero(), |sum, (coefficient, monomial)| {
        let product = monomial.iter().fold(BigInt::from(coefficient), |product, (name, exponent)| {
            product * BigInt::from(sizes[&*name.name]).pow(*exponent)
        });
        sum + product
    }))
}

/// The arrays that a closed form touches: the names in it, and its result.
///
/// # Errors
/// The names of the dimensions that have no number.
pub fn arrays_of(context: &Context, form: Term, result: &str, sizes: &Sizes) -> Result<Vec<Array>, Vec<String>> {
    let mut arrays = Vec::new();
    let mut add = |name: String, shape: &Shape| -> Result<(), Vec<String>> {
        arrays.push(Array { name, shape: shape.clone(), entries: entries(shape, sizes)? });
        Ok(())
    };
    for term in context.terms.postorder(form) {
        let name = match context.terms.op(term) {
            Op::Symbol(symbol) if !is_differentiated(context, form, term) => context.name(*symbol).to_owned(),
            Op::Differential => {
                format!("d{}", context.terms.as_symbol(context.terms.args(term)[0]).map_or("(…)", |s| context.name(s)))
            }
            _ => continue,
        };
        if !context.terms.shape(term).is_scalar() {
            add(name, context.terms.shape(term))?;
        }
    }
    add(result.to_owned(), context.terms.shape(form))?;
    Ok(arrays)
}

/// The symbol stands only below a `d(·)`.
fn is_differentiated(context: &Context, root: Term, symbol: Term) -> bool {
    let terms = &context.terms;
    let users = terms.postorder(root).into_iter().filter(|&t| terms.args(t).contains(&symbol));
    let mut users = users.peekable();
    users.peek().is_some() && users.all(|t| *terms.op(t) == Op::Differential)
}

/// `68 719 476 736 entries (2³⁶ ≈ 6.9·10¹⁰)`.
pub fn count(entries: &BigInt) -> String {
    let mut about = Vec::new();
    if let Some(exponent) = power_of_two(entries).filter(|&exponent| exponent >= 10) {
        about.push(format!("2{}", superscript(exponent)));
    }
    if *entries >= BigInt::from(1_000_000) {
        about.push(scientific(entries));
    }
    let exact = grouped(entries);
    if about.is_empty() { exact } else { format!("{exact} = {}", about.join(" ≈ ")) }
}

/// `256 GiB (274.9 GB)`; below one gibibyte only the first.
pub fn bytes(count: &BigInt) -> String {
    const BINARY: [&str; 7] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    const DECIMAL: [&str; 7] = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"];
    let binary = scaled(count, 1024, &BINARY);
    if *count < BigInt::from(1u64 << 30) { binary } else { format!("{binary} ({})", scaled(count, 1000, &DECIMAL)) }
}

fn scaled(count: &BigInt, base: u64, units: &[&str]) -> String {
    let (mut scale, mut unit) = (BigInt::one(), 0);
    while unit + 1 < units.len() && *count >= &scale * base {
        scale *= base;
        unit += 1;
    }
    // Tenths, rounded half up, in exact arithmetic.
    let tenths = (count * 20 + &scale) / (&scale * 2);
    let whole: BigInt = &tenths / 10u8;
    let tenth: BigInt = &tenths % 10u8;
    let tenth = tenth.to_u8().unwrap_or(0);
    if tenth == 0 {
        format!("{} {}", grouped(&whole), units[unit])
    } else {
        format!("{}.{tenth} {}", grouped(&whole), units[unit])
    }
}

fn power_of_two(value: &BigInt) -> Option<u64> {
    let exponent = value.bits().checked_sub(1)?;
    (*value == BigInt::one() << exponent).then_some(exponent)
}

fn scientific(value: &BigInt) -> String {
    let digits = value.to_string();
    let exponent = digits.len() as u64 - 1;
    // Two significant digits, rounded half up.
    let leading: u64 = digits[..3.min(digits.len())].parse().unwrap_or(0);
    let rounded = (leading + 5) / 10;
    let (rounded, exponent) = if rounded == 100 { (10, exponent + 1) } else { (rounded, exponent) };
    format!("{}.{}·10{}", rounded / 10, rounded % 10, superscript(exponent))
}

fn superscript(exponent: u64) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    exponent.to_string().bytes().map(|digit| DIGITS[(digit - b'0') as usize]).collect()
}

/// Digits in groups of three: `68 719 476 736`.
fn grouped(value: &BigInt) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jacobian_of_the_sheet() {
        let entries = BigInt::from(64i64 * 4096) * BigInt::from(64i64 * 4096);
        assert_eq!(count(&entries).replace('\u{202f}', " "), "68 719 476 736 = 2³⁶ ≈ 6.9·10¹⁰");
        assert_eq!(bytes(&(entries * 4)), "256 GiB (274.9 GB)");
        assert_eq!(bytes(&BigInt::from(64 << 20)), "64 MiB");
    }
}
