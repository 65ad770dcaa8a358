//! Definitions: `z = W x`, `f(X, W) = X W`, `ŷ_j = softmax(θ_j) = …`; and what an equation means.

use super::scope::{Function, Place};
use super::wording::has_shape;
use super::{Elaborator, Note, Outcome, Scope, entries, not_yet};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Context, Definition, Symbol, SymbolKind, Term, free_indices, normal};
use crate::syntax::full_name;
use crate::syntax::statement::Equation;
use crate::syntax::tree::*;

/// What an equation at the top level is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A definition of a new name.
    Name(String),
    /// A definition of a function: its name and parameters.
    Function(String, Vec<String>),
    /// A definition of a new vector or matrix by its entries.
    Entries(String),
    /// A second definition of a name that has one.
    Again(String),
    /// A claim: `check`, `assume` or `prove` is missing.
    Claim,
}

/// A definition that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defined {
    /// The symbol; of a function only where its parameters are declared names.
    pub symbol: Option<Symbol>,
    /// The name.
    pub name: String,
    /// The body as typed.
    pub body: Option<Term>,
    /// Further sides of `a = b = c`, each claimed to be equal to the body.
    pub also: Vec<Term>,
    /// Rulings that were made.
    pub notes: Vec<Note>,
}

/// What an equation means here: a definition if its left side is new.
pub fn meaning(context: &mut Context, scope: &Scope, equation: &Equation) -> Meaning {
    if equation.relations.iter().any(|r| *r != Relation::Equal) {
        return Meaning::Claim;
    }
    let left = &equation.sides[0];
    if let Some((name, params)) = function_head(left)
        && context.lookup(&name).is_none_or(|s| scope.functions.get(&name).is_some_and(|f| f.own == Some(s)))
    {
        return Meaning::Function(name, params);
    }
    if let Some(name) = full_name(left) {
        return by_name(context, scope, name, left, equation.define);
    }
    Meaning::Claim
}

fn by_name(context: &mut Context, scope: &Scope, name: String, left: &Expr, define: bool) -> Meaning {
    if let Some(symbol) = context.lookup(&name) {
        let defined = context.definition(symbol).is_some();
        return if defined || define { Meaning::Again(name) } else { Meaning::Claim };
    }
    if let Node::Postfix(base, posts) = &left.node
        && let [Postfix { kind: PostfixKind::Sub(sub), .. }] = posts.as_slice()
        && let Some(base) = base.as_name()
        && sub.text.chars().all(|c| ('i'..='n').contains(&c))
    {
        return match context.lookup(base) {
            Some(_) => Meaning::Claim,
            None => Meaning::Entries(base.to_string()),
        };
    }
    let run = match &left.node {
        Node::Name(run) => run.clone(),
        _ => String::new(),
    };
    let elaborator = Elaborator::new(context, scope);
    if !define && run.chars().count() > 1 && elaborator.splits_somehow(&run) {
        return Meaning::Claim;
    }
    Meaning::Name(name)
}

/// `f(X, W)`: a name, and names in parentheses right behind it.
fn function_head(e: &Expr) -> Option<(String, Vec<String>)> {
    let Node::Product(factors) = &e.node else { return None };
    let [name, group] = factors.as_slice() else { return None };
    let Node::Group(Bracket::Round, items) = &group.expr.node else { return None };
    if !matches!(group.join, Join::Beside { .. }) {
        return None;
    }
    let params: Option<Vec<String>> = items.iter().map(full_name).collect();
    Some((full_name(&name.expr)?, params.filter(|p| !p.is_empty())?))
}

/// Makes the definition that [`meaning`] found (also a second one of a name, which replaces the first).
///
/// # Errors
/// The body is refused, or differs from the shape that is ascribed to it.
pub fn define(context: &mut Context, scope: &mut Scope, equation: &Equation) -> Result<Defined, Diagnostic> {
    let whole = equation.sides.iter().fold(equation.sides[0].span, |s, e| s.to(e.span));
    match meaning(context, scope, equation) {
        Meaning::Name(name) | Meaning::Again(name) => define_name(context, scope, equation, name, whole),
        Meaning::Function(name, params) => define_function(context, scope, equation, name, params, whole),
        Meaning::Entries(_) => {
            let (terms, notes) = bodies(context, scope, equation)?;
            let left = full_name(&equation.sides[0]).unwrap_or_default();
            entries::define(context, scope, equation, &left, terms, notes)
        }
        Meaning::Claim => {
            // What is wrong with its sides matters more than what is meant by it.
            let sides: Vec<(Option<Relation>, &Expr)> = equation.sides.iter().map(|e| (None, e)).collect();
            Elaborator::new(context, scope).sides(&sides)?;
            Err(claim(whole, &scope.source))
        }
    }
}

fn claim(span: Span, source: &str) -> Diagnostic {
    let text = span.of(source);
    Diagnostic::error("E0303", "this equation is not a definition; say what is meant by it")
        .label(span, "its left side is not a new name")
        .fix("check it", span, format!("check {text}"))
        .fix("assume it", span, format!("assume {text}"))
        .fix("prove it", span, format!("prove {text}"))
}

/// The sides behind the first, of one shape.
fn bodies(context: &mut Context, scope: &Scope, equation: &Equation) -> Outcome<(Vec<Term>, Vec<Note>)> {
    let sides: Vec<(Option<Relation>, &Expr)> =
        equation.sides[1..].iter().map(|e| (Some(Relation::Equal), e)).collect();
    let (sides, notes) = Elaborator::new(context, scope).sides(&sides)?;
    Ok((sides.into_iter().map(|s| s.term).collect(), notes))
}

fn define_name(
    context: &mut Context,
    scope: &mut Scope,
    equation: &Equation,
    name: String,
    whole: Span,
) -> Outcome<Defined> {
    super::samples::refuse_family(context, &name, equation.sides[0].span)?;
    let (mut terms, notes) = bodies(context, scope, equation)?;
    let body = terms.remove(0);
    if !free_indices(&context.terms, &[body]).is_empty() {
        return entries::define(context, scope, equation, &name, [vec![body], terms].concat(), notes);
    }
    check_ascription(context, equation, body)?;
    let symbol = record(context, scope, &name, body, equation.sides[0].span, whole);
    scope.functions.remove(&name);
    Ok(Defined { symbol: Some(symbol), name, body: Some(body), also: terms, notes })
}

/// The symbol of a new definition.
pub(super) fn record(context: &mut Context, scope: &mut Scope, name: &str, raw: Term, at: Span, whole: Span) -> Symbol {
    let normal = normal::Normal::new(&mut context.terms).term(raw);
    let shape = context.terms.shape(raw).clone();
    let symbol = context.declare(name, shape, SymbolKind::Definition(Definition { raw, normal }));
    scope.place(name, Place { name: at, shape: whole, declared: false });
    symbol
}

/// `z = W x ∈ ℝ^M`.
fn check_ascription(context: &mut Context, equation: &Equation, body: Term) -> Outcome<()> {
    let Some(ascribed) = &equation.ascription else { return Ok(()) };
    let declaration = crate::syntax::statement::Declaration {
        names: Vec::new(),
        shape: ascribed.clone(),
        attributes: Vec::new(),
        range: None,
    };
    let (shape, _) = super::declare::shape(context, &declaration)?;
    let found = context.terms.shape(body).clone();
    if shape == found {
        return Ok(());
    }
    let fix = super::wording::declared(&found);
    Err(Diagnostic::error("E0206", "this shape differs from the one that is stated")
        .label(equation.sides[1].span, has_shape(&found))
        .label(ascribed.span, has_shape(&shape))
        .fix("state the shape that it has", ascribed.span, fix))
}

fn define_function(
    context: &mut Context,
    scope: &mut Scope,
    equation: &Equation,
    name: String,
    params: Vec<String>,
    whole: Span,
) -> Outcome<Defined> {
    if equation.sides.len() > 2 {
        return Err(
            not_yet("a function with several bodies is", whole).note("define it by the first, and `check` the others")
        );
    }
    let function = Function { params: params.clone(), body: equation.sides[1].clone(), own: None };
    let previous = scope.functions.remove(&name);
    if let Some(own) = previous.as_ref().and_then(|f| f.own)
        && context.lookup(&name) == Some(own)
    {
        context.bind(&name, None);
    }
    let known = params.iter().all(|p| context.lookup(p).is_some());
    let mut defined = Defined { symbol: None, name: name.clone(), body: None, also: Vec::new(), notes: Vec::new() };
    if known {
        // Errors of the body are reported where it is defined; functions of undeclared names, where they are applied.
        let value = super::expression(context, scope, &equation.sides[1])?;
        entries::refuse_free(context, value.term, &equation.sides[1])?;
        defined.notes = value.notes;
        defined.body = Some(value.term);
        if params.len() == 1 {
            defined.symbol = Some(hidden(context, scope, &name, value.term, equation.sides[0].span, whole));
        }
    }
    scope.functions.insert(name, Function { own: defined.symbol, ..function });
    Ok(defined)
}

/// The definition that stands for a function of its own parameter; the name stays that of the function.
fn hidden(context: &mut Context, scope: &mut Scope, name: &str, raw: Term, at: Span, whole: Span) -> Symbol {
    let normal = normal::Normal::new(&mut context.terms).term(raw);
    let shape = context.terms.shape(raw).clone();
    scope.place(name, Place { name: at, shape: whole, declared: false });
    context.declare_hidden(name, shape, SymbolKind::Definition(Definition { raw, normal }))
}
