//! Answers as programs.

use super::super::answer::{Answer, Kind};
use crate::ir::{Context, Index, Op, Symbol, Term};
use crate::print::numpy::{self, NotYet, Request};
use crate::print::{self, Spelling};

/// An answer as a complete NumPy function: `def grad_J_wrt_W(W, x, U, y): …`.
///
/// # Errors
/// Why there is none, in words.
pub fn numpy(context: &Context, answer: &Answer) -> Result<String, String> {
    if matches!(answer.kind, Kind::Proof | Kind::Size) {
        return Err("it is no value".into());
    }
    let mut variables = answer.by.clone();
    variables.extend(answer.variable);
    let (name, axes) = (function_name(context, answer), axes(context, answer.question));
    let request = Request {
        name: &name,
        answer: answer.value,
        where_names: &answer.names,
        variables: &variables,
        axes: &axes,
    };
    numpy::numpy(context, &request).map_err(|why| match why {
        NotYet::Operator(operator) => format!("`{operator}` has no form in NumPy yet"),
        NotYet::TooLarge => "it is too large".into(),
    })
}

/// `grad_J_wrt_W`; what has no name is left out.
fn function_name(context: &Context, answer: &Answer) -> String {
    let mut parts = vec![kind_word(answer.kind).to_string()];
    if let Some(of) = context.terms.args(answer.question).first().filter(|_| is_derivative(answer.kind)) {
        parts.extend(context.terms.as_symbol(array(context, *of)).map(|symbol| word(context, symbol)));
    }
    if let Some(variable) = answer.variable {
        parts.push("wrt".into());
        parts.push(word(context, variable));
    }
    parts.join("_")
}

fn is_derivative(kind: Kind) -> bool {
    !matches!(kind, Kind::Value | Kind::Proof | Kind::Size)
}

/// The array of an entry; anything else is itself.
fn array(context: &Context, term: Term) -> Term {
    match context.terms.op(term) {
        Op::Entry(_) => context.terms.args(term)[0],
        _ => term,
    }
}

/// The name as a part of a Python identifier.
fn word(context: &Context, symbol: Symbol) -> String {
    let ascii = print::name(context.name(symbol), Spelling::Ascii);
    let parts: Vec<&str> = ascii.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    parts.join("_")
}

fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Gradient => "grad",
        Kind::Jacobian | Kind::VecJacobian => "jacobian",
        Kind::Hessian => "hessian",
        Kind::Differential => "differential",
        Kind::Derivative | Kind::Entrywise | Kind::Entry => "derivative",
        Kind::Value | Kind::Proof | Kind::Size => "value",
    }
}

/// The free indices of an entry question: those of what is differentiated, then those of the variable.
fn axes(context: &Context, question: Term) -> Vec<Index> {
    let mut axes: Vec<Index> = Vec::new();
    for &side in context.terms.args(question) {
        let Op::Entry(indices) = context.terms.op(side) else { continue };
        for index in indices.iter().filter(|index| matches!(index, Index::Named { .. })) {
            if !axes.contains(index) {
                axes.push(index.clone());
            }
        }
    }
    axes
}
