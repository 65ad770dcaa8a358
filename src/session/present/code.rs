//! Answers as programs.

use super::super::answer::{Answer, Kind};
use crate::ir::{Context, Index, Op, Symbol, Term};
use crate::print::numpy::{self, NotYet, Request};
use crate::print::{self, Spelling};
use std::collections::BTreeMap;

/// An answer as a complete NumPy function: `def grad_J_wrt_W(W, x, U, y): …`.
///
/// # Errors
/// Why there is none, in words.
pub fn numpy(context: &Context, answer: &Answer) -> Result<String, String> {
    if matches!(answer.kind, Kind::Proof | Kind::Size) {
        return Err("it is no value".into());
    }
    let variables = variables(answer);
    let (name, axes) = (function_name(context, answer), axes(context, context.terms.args(answer.question)));
    let request =
        Request { name: &name, answer: answer.value, where_names: &answer.names, variables: &variables, axes: &axes };
    numpy::numpy(context, &request).map_err(|why| match why {
        NotYet::Operator(operator) => format!("`{operator}` has no form in NumPy yet"),
        NotYet::TooLarge => "it is too large".into(),
    })
}

/// What an answer is the derivative of, or the value of, as a NumPy function; what its code is checked against.
pub fn numpy_of(context: &Context, answer: &Answer) -> Option<String> {
    let of = asked(context, answer)?;
    let variables = variables(answer);
    let axes = axes(context, &[of]);
    let request = Request { name: "of", answer: of, where_names: &[], variables: &variables, axes: &axes };
    numpy::numpy(context, &request).ok()
}

/// A name that the code of an answer takes, or that one of these depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name.
    pub symbol: Symbol,
    /// How code calls it.
    pub name: String,
    /// The names it was declared to be a function of, as code calls them.
    pub function_of: Vec<String>,
    /// Its own code, if it is a definition.
    pub numpy: Option<String>,
}

/// The names that the code of an answer is about: its parameters, and what these are functions of. A definition is
/// one only if something was declared to be a function of it.
pub fn parameters(context: &Context, answer: &Answer) -> Vec<Parameter> {
    let variables = variables(answer);
    let definitions: BTreeMap<Symbol, Term> = context
        .symbols()
        .filter_map(|symbol| context.definition(symbol).map(|definition| (symbol, definition.normal)))
        .chain(answer.names.iter().copied())
        .filter(|(symbol, _)| !variables.contains(symbol))
        .collect();
    let roots: Vec<Term> = asked(context, answer).into_iter().chain([answer.value]).collect();
    let among = numpy::reachable(context, &roots, &definitions);
    let named = |symbol: Symbol| numpy::parameter(context, symbol, &among);
    let is_argument = |symbol| among.iter().any(|&other| context.info(other).depends_on.contains(&symbol));
    let is_parameter = |symbol: &Symbol| !definitions.contains_key(symbol) || is_argument(*symbol);
    let code = |symbol: Symbol| {
        let request = Request {
            name: &named(symbol),
            answer: *definitions.get(&symbol)?,
            where_names: &answer.names,
            variables: &variables,
            axes: &[],
        };
        numpy::numpy(context, &request).ok()
    };
    let parameter = |symbol: Symbol| Parameter {
        symbol,
        name: named(symbol),
        function_of: match variables.contains(&symbol) {
            true => Vec::new(),
            false => context.info(symbol).depends_on.iter().map(|&by| named(by)).collect(),
        },
        numpy: code(symbol),
    };
    among.iter().copied().filter(is_parameter).map(parameter).collect()
}

/// The names that stay parameters even if they are defined: those the question differentiates by.
fn variables(answer: &Answer) -> Vec<Symbol> {
    answer.by.iter().copied().chain(answer.variable).collect()
}

/// The term that was differentiated, or whose value was asked for.
fn asked(context: &Context, answer: &Answer) -> Option<Term> {
    if matches!(answer.kind, Kind::Solution { .. } | Kind::Proof | Kind::Size) {
        return None;
    }
    if answer.of.is_some() {
        return answer.of;
    }
    let mut term = answer.question;
    while let Op::Partial | Op::EntrywisePartial | Op::Differential = context.terms.op(term) {
        term = context.terms.args(term)[0];
    }
    Some(term)
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
    !matches!(kind, Kind::Value | Kind::Solution { .. } | Kind::Proof | Kind::Size)
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
        Kind::Solution { .. } => "solution",
        Kind::Value | Kind::Proof | Kind::Size => "value",
    }
}

/// The free indices of an entry question: those of what is differentiated, then those of the variable.
fn axes(context: &Context, sides: &[Term]) -> Vec<Index> {
    let mut axes: Vec<Index> = Vec::new();
    for &side in sides {
        let Op::Entry(indices) = context.terms.op(side) else { continue };
        for index in indices.iter().filter(|index| matches!(index, Index::Named { .. })) {
            if !axes.contains(index) {
                axes.push(index.clone());
            }
        }
    }
    axes
}
