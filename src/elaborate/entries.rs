//! Definitions by entries: `ŷ_j = softmax(θ_j)`, `r_i = y_i − w'x_i`, `K_ij = exp(−‖x_i − x_j‖²)`, and by samples,
//! `z_i = W x_i`.
//!
//! What is defined is the whole array, as a sum over its unit vectors: r is Σᵢ rᵢeᵢ, the matrix Z with rows zᵢ is
//! Σᵢ eᵢzᵢᵀ. So a definition has no index that is free, and a sum over one never finds its summands constant.

use super::define::{Defined, record};
use super::samples::{matrix_name, refuse_taken, samples};
use super::{Note, Outcome, Scope};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Context, Index, Op, Term, free_indices};
use crate::syntax::statement::{Declared, Equation, Family};
use crate::syntax::tree::Expr;

/// Defines the array of which the left side, called `left`, is an entry or a sample; `terms` are the right sides.
pub fn define(
    context: &mut Context,
    scope: &mut Scope,
    equation: &Equation,
    left: &str,
    terms: Vec<Term>,
    notes: Vec<Note>,
) -> Outcome<Defined> {
    let at = equation.sides[0].span;
    let whole = equation.sides.iter().fold(at, |span, side| span.to(side.span));
    let body = terms[0];
    let declared = Declared { name: left.to_string(), span: at, arguments: Vec::new() };
    let Some(family) = declared.family() else { return Err(free(context, body, &equation.sides[1], Some(left))) };
    let indices = indices(context, &family, body, &equation.sides[1])?;
    if let Some(array) = entry_of(context, body, &indices) {
        let defined = by_entry(context, scope, (&family.name, at, whole), array, &terms, &indices);
        return Ok(Defined { notes, ..defined });
    }
    let shape = context.terms.shape(body).clone();
    let is_sample = shape.is_vector();
    if !(shape.is_scalar() || is_sample && indices.len() == 1) {
        return Err(Diagnostic::error("E0109", "an array is defined by its entries or its rows")
            .label(equation.sides[1].span, super::wording::has_shape(&shape))
            .note("entries are scalars, rows are vectors with one index"));
    }
    if terms.len() > 1 {
        return Err(super::not_yet("a definition by entries with several right sides is", whole));
    }
    let name = if is_sample { matrix_name(&family.name) } else { family.name.clone() };
    refuse_taken(context, scope, &family, &name)?;
    let raw = assembled(context, body, &indices, is_sample);
    let symbol = record(context, scope, &name, raw, at, whole);
    scope.functions.remove(&name);
    if is_sample || family.raised {
        context.set_samples(symbol, samples(&family, !is_sample));
    }
    Ok(Defined { symbol: Some(symbol), name, body: Some(raw), also: Vec::new(), notes })
}

/// Refuses a definition in which an index is free.
pub fn refuse_free(context: &Context, term: Term, e: &Expr) -> Outcome<()> {
    if free_indices(&context.terms, &[term]).is_empty() { Ok(()) } else { Err(free(context, term, e, None)) }
}

fn free(context: &Context, term: Term, e: &Expr, left: Option<&str>) -> Diagnostic {
    let names: Vec<String> = free_indices(&context.terms, &[term]).into_keys().map(|name| name.to_string()).collect();
    let listed = names.join(", ");
    let d = Diagnostic::error("E0109", format!("the index `{listed}` is free in this definition"))
        .label(e.span, "which entry is meant depends on it");
    match left {
        Some(name) => d.note(format!("write `{name}_{} = …` to define all entries", names.concat())),
        None => d,
    }
}

/// The indices on the left side, each with the dimension it has on the right; no other index may be free there.
fn indices(context: &Context, family: &Family, body: Term, e: &Expr) -> Outcome<Vec<Index>> {
    let found = free_indices(&context.terms, &[body]);
    let words: Vec<String> = match found.contains_key(family.index.as_str()) {
        true => vec![family.index.clone()],
        false => family.index.chars().map(String::from).collect(),
    };
    let known = |word: &String| {
        let dim = found.get(word.as_str())?.clone();
        Some(Index::Named { name: word.as_str().into(), dim })
    };
    let indices: Option<Vec<Index>> = words.iter().map(known).collect();
    match indices {
        Some(indices) if indices.len() == found.len() && words.len() <= 2 => Ok(indices),
        Some(_) if words.len() > 2 => Err(super::not_yet("arrays with more than two indices are", e.span)),
        Some(_) => Err(free(context, body, e, None)),
        None => Err(Diagnostic::error("E0109", format!("the index `{}` does not occur here", family.index))
            .label(e.span, "how far it runs does not follow from anything")),
    }
}

/// The array, if the body is its entry at these indices.
fn entry_of(context: &Context, body: Term, indices: &[Index]) -> Option<Term> {
    match context.terms.op(body) {
        Op::Entry(own) if own == indices => Some(context.terms.args(body)[0]),
        _ => None,
    }
}

/// `ŷ_j = softmax(θ_j) = …`: the vector of which the first right side is entry j.
fn by_entry(
    context: &mut Context,
    scope: &mut Scope,
    (name, at, whole): (&str, Span, Span),
    array: Term,
    terms: &[Term],
    indices: &[Index],
) -> Defined {
    let symbol = record(context, scope, name, array, at, whole);
    let own = context.terms.symbol(symbol);
    let entry = context.terms.raw(Op::Entry(indices.to_vec()), &[own]).unwrap_or(terms[0]);
    let rest = &terms[1..];
    let also = if rest.is_empty() { Vec::new() } else { [&[entry], rest].concat() };
    Defined { symbol: Some(symbol), name: name.to_string(), body: Some(array), also, notes: Vec::new() }
}

/// Σ of the body at its place, over all indices.
fn assembled(context: &mut Context, body: Term, indices: &[Index], is_sample: bool) -> Term {
    let unit = |context: &mut Context, index: &Index| match index {
        Index::Named { dim, .. } => Some(context.terms.make(Op::Unit(dim.clone(), index.clone()), &[])),
        Index::At(_) => None,
    };
    let mut factors = Vec::new();
    factors.extend(indices.first().and_then(|index| unit(context, index)));
    if is_sample {
        factors.push(context.terms.make(Op::Transpose, &[body]));
    } else {
        factors.insert(0, body);
        let column = indices.get(1).and_then(|index| unit(context, index));
        factors.extend(column.map(|column| context.terms.make(Op::Transpose, &[column])));
    }
    let mut term = context.terms.make(Op::Product, &factors);
    for index in indices.iter().rev() {
        term = context.terms.make(Op::IndexSum { index: index.clone(), excluding: None }, &[term]);
    }
    term
}
