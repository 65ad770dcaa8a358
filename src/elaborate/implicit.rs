//! `x where A x = b`: a name for the solution of an equation.
//!
//! The unknown is bound in the equation, and the name is defined as its solution. A shape that is not stated is the
//! one among the known sizes with which the equation has a shape, and as many entries as its unknown.

use super::declare::dimensions_of;
use super::scope::Place;
use super::wording::declared;
use super::{Elaborator, Outcome, Scope};
use crate::diag::{Diagnostic, Span};
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Claim, Context, Definition, Op, Symbol, SymbolKind, Term};
use crate::shape::{Dim, Shape};
use crate::syntax::statement::{Implicit, Unknown};

/// With more sizes than these, the shape of an unknown is not looked for.
const SIZES: usize = 6;

/// Defines the name of the unknown as the solution of the equation; returns the name and its body.
///
/// # Errors
/// A side is refused, the equation does not determine its unknown, or its shape is not clear.
pub fn implicit(context: &mut Context, scope: &mut Scope, typed: &Implicit) -> Result<(Term, Term), Diagnostic> {
    refuse_used(context, scope, typed)?;
    let shape = match (&typed.shape, known_shape(context, &typed.name)) {
        (Some(stated), _) => Some(dimensions_of(context, stated)?),
        (None, known) => known,
    };
    let body = match shape {
        Some(shape) => equation(context, scope, typed, shape)?,
        None => inferred(context, scope, typed)?,
    };
    let shape = context.terms.shape(body).clone();
    let normal = Normal::new(&mut context.terms).term(body);
    let definition = SymbolKind::Definition(Definition { raw: body, normal });
    let symbol = context.declare(&typed.name, shape, definition);
    scope.functions.remove(&typed.name);
    let whole = typed.span.to(typed.sides.1.span);
    scope.place(&typed.name, Place { name: typed.span, shape: whole, declared: false });
    let name = context.terms.symbol(symbol);
    // That the name satisfies its equation is known like an assumption, and cited where it is used.
    if let Op::Solution(unknown) = *context.terms.op(body) {
        let replace = FastMap::from_iter([(context.terms.symbol(unknown), name)]);
        let sides = context.terms.args(body).to_vec();
        let mut normal = Normal::new(&mut context.terms);
        let [left, right] = [sides[0], sides[1]].map(|side| normal.substitute(side, &replace));
        context.assume(Claim::Equation(left, right));
    }
    Ok((name, body))
}

/// The definition that an equation behind a statement makes: of the one name in it that is new.
///
/// # Errors
/// None of its names is new, or several are.
pub fn unknown(context: &mut Context, scope: &Scope, typed: &Unknown) -> Result<Implicit, Diagnostic> {
    let mut new: Vec<&(String, Span)> = Vec::new();
    for name in &typed.names {
        let known = super::builtins::canonical(&name.0).is_some()
            || context.known_dim(&name.0).is_some()
            || ["I", "e"].contains(&name.0.as_str())
            || Elaborator::new(context, scope).splits_somehow(&name.0);
        if context.lookup(&name.0).is_none() && !known && !new.iter().any(|(other, _)| *other == name.0) {
            new.push(name);
        }
    }
    let at = typed.sides.0.span.to(typed.sides.1.span);
    match new.as_slice() {
        [(name, span)] => Ok(Implicit { name: name.clone(), span: *span, shape: None, sides: typed.sides.clone() }),
        [] => Err(Diagnostic::error("E0105", "it is not clear what this equation is to be solved for")
            .label(at, "every name in it has a meaning already")
            .note("say it on a line of its own: `x where A x = b`")),
        [(_, first), (_, second), ..] => {
            Err(Diagnostic::error("E0101", "more than one name in this equation is not declared")
                .label(*first, "")
                .label(*second, "")
                .note("declare all but the one that the equation is to be solved for"))
        }
    }
}

/// The shape that the name was declared with.
fn known_shape(context: &Context, name: &str) -> Option<Shape> {
    let symbol = context.lookup(name)?;
    let info = context.info(symbol);
    (info.kind == SymbolKind::Variable).then(|| info.shape.clone())
}

/// A declared name that definitions use already would mean one thing in them and another thing from here on.
fn refuse_used(context: &Context, scope: &Scope, typed: &Implicit) -> Outcome<()> {
    let Some(known) = context.lookup(&typed.name).filter(|&known| context.definition(known).is_none()) else {
        return Ok(());
    };
    let uses = |user: &Symbol| {
        context.definition(*user).is_some_and(|body| context.symbols_in(body.raw).contains(&known))
            || context.info(*user).depends_on.contains(&known)
    };
    let Some(user) = context.symbols().find(uses) else { return Ok(()) };
    let d = Diagnostic::error("E0105", format!("`{}` is in use already as a variable", typed.name))
        .label(typed.span, format!("`{}` was defined with the variable", context.name(user)));
    Err(match scope.place_of(&typed.name) {
        Some(place) => d.context(place.name, "declared here").note("define it by its equation before it is used"),
        None => d,
    })
}

/// The solution of the equation, for an unknown of this shape.
fn equation(context: &mut Context, scope: &Scope, typed: &Implicit, shape: Shape) -> Outcome<Term> {
    let unknown = context.declare_hidden(&typed.name, shape.clone(), SymbolKind::Variable);
    let before = context.bind(&typed.name, Some(unknown));
    let sides = Elaborator::new(context, scope).sides(&[(None, &typed.sides.0), (None, &typed.sides.1)]);
    context.bind(&typed.name, before);
    let sides = sides?.0;
    let (left, right) = (sides[0].term, sides[1].term);
    let at = typed.sides.0.span.to(typed.sides.1.span);
    let occurs = [left, right].iter().any(|&side| context.symbols_in(side).contains(&unknown));
    if !occurs {
        return Err(Diagnostic::error("E0404", format!("this equation does not contain `{}`", typed.name))
            .label(at, "")
            .label(typed.span, "this is to be defined by it"));
    }
    let found = context.terms.shape(left).clone();
    if found.entries() != shape.entries() {
        let (equations, unknowns) = (found.entries(), shape.entries());
        return Err(Diagnostic::error("E0206", format!("this equation does not determine `{}`", typed.name))
            .label(at, format!("{equations} equations"))
            .label(typed.span, format!("{unknowns} unknowns")));
    }
    context.terms.raw(Op::Solution(unknown), &[left, right]).map_err(|_| unclear(typed, &[]))
}

/// The solution, for the one shape of the unknown that fits.
fn inferred(context: &mut Context, scope: &Scope, typed: &Implicit) -> Outcome<Term> {
    let mut sizes = vec![Dim::one()];
    let shapes: Vec<Shape> = context.names().map(|(_, symbol)| context.info(symbol).shape.clone()).collect();
    for shape in shapes.iter().filter(|shape| !shape.is_scalar()) {
        sizes.extend([shape.rows(), shape.cols()]);
    }
    sizes.sort();
    sizes.dedup();
    if sizes.len() > SIZES {
        return Err(unclear(typed, &[]));
    }
    let pairs = sizes.iter().flat_map(|rows| sizes.iter().map(|cols| (rows.clone(), cols.clone())));
    let matrices = pairs.filter(|(rows, cols)| !rows.is_one() || !cols.is_one());
    let candidates = std::iter::once(Shape::Scalar).chain(matrices.map(|(rows, cols)| Shape::matrix(rows, cols)));
    let (mut fitting, mut refusals) = (Vec::new(), Vec::new());
    for shape in candidates {
        match equation(context, scope, typed, shape.clone()) {
            Ok(body) => fitting.push((body, shape)),
            Err(diagnostic) => refusals.push(diagnostic),
        }
    }
    let names = refusals.iter().position(|refusal| refusal.code.starts_with("E01"));
    match fitting.as_slice() {
        [(body, _)] => Ok(*body),
        // What is wrong whatever the shape is has nothing to do with it.
        [] if names.is_some() || refusals.windows(2).all(|pair| pair[0].code == pair[1].code) => {
            Err(refusals.swap_remove(names.unwrap_or_default()))
        }
        fitting => Err(unclear(typed, &fitting.iter().map(|(_, shape)| shape.clone()).collect::<Vec<_>>())),
    }
}

fn unclear(typed: &Implicit, fitting: &[Shape]) -> Diagnostic {
    let label =
        if fitting.is_empty() { "no shape is found with which the equation has one" } else { "more than one fits" };
    let d = Diagnostic::error("E0207", format!("the shape of `{}` is not clear", typed.name)).label(typed.span, label);
    let fix = |d: Diagnostic, shape: &Shape| d.fix("state it", typed.span.after(), format!(" : {}", declared(shape)));
    match fitting {
        [] => d.note(format!("state it: `{} : R^n where …`", typed.name)),
        all => all.iter().fold(d, fix),
    }
}
