//! Declarations: names into the context, with shapes and properties.

use super::samples::{declare_family, name_samples, refuse_family};
use super::scope::Place;
use super::wording::described;
use super::{Scope, not_yet};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Context, Property, Symbol, SymbolKind};
use crate::shape::{Dim, Shape};
use crate::syntax::statement::{Attribute, AttributeKind, Declaration, Declared, ShapeKind};
use crate::syntax::tree::{Expr, Join, Node, PostfixKind};

type Outcome<T> = Result<T, Diagnostic>;

/// Declares names with shapes, properties and what they are functions of.
///
/// # Errors
/// A shape that is none, a property that the shape does not allow, an undeclared argument.
pub fn declare(context: &mut Context, scope: &mut Scope, all: &[Declaration]) -> Result<Vec<Symbol>, Diagnostic> {
    let mut symbols = Vec::new();
    for declaration in all {
        let (shape, kind) = shape(context, declaration)?;
        let properties = properties(&declaration.attributes)?;
        if let Some(range) = &declaration.range {
            for declared in &declaration.names {
                symbols.push(declare_family(context, scope, declaration, declared, &shape, range)?);
            }
            continue;
        }
        for attribute in &declaration.attributes {
            check_attribute(&shape, attribute, declaration)?;
        }
        for declared in &declaration.names {
            refuse_family(context, &declared.name, declared.span)?;
            refuse_known_word(declared, &kind)?;
            let arguments = arguments(context, scope, declared, &declaration.attributes)?;
            let symbol = context.declare(&declared.name, shape.clone(), kind.clone());
            scope.functions.remove(&declared.name);
            let place = Place { name: declared.span, shape: declaration.shape.span, declared: true };
            scope.place(&declared.name, place);
            for &property in &properties {
                context.set_property(symbol, property);
            }
            for argument in arguments {
                context.depend(symbol, argument);
            }
            name_samples(context, symbol, &declaration.attributes)?;
            symbols.push(symbol);
        }
    }
    Ok(symbols)
}

/// The shape of a declaration, as terms have it.
pub fn shape(context: &mut Context, declaration: &Declaration) -> Outcome<(Shape, SymbolKind)> {
    let kind = match &declaration.shape.kind {
        ShapeKind::Elementwise => SymbolKind::Elementwise,
        _ => SymbolKind::Variable,
    };
    Ok((dimensions_of(context, &declaration.shape)?, kind))
}

/// A shape as typed.
pub fn dimensions_of(context: &mut Context, typed: &crate::syntax::statement::Shape) -> Outcome<Shape> {
    Ok(match &typed.kind {
        ShapeKind::Scalar | ShapeKind::Elementwise => Shape::Scalar,
        ShapeKind::Vector(n) => Shape::vector(dimension(context, n)?),
        ShapeKind::Matrix(m, n) => Shape::matrix(dimension(context, m)?, dimension(context, n)?),
    })
}

fn refuse_known_word(declared: &Declared, kind: &SymbolKind) -> Outcome<()> {
    let builtin = super::builtins::canonical(&declared.name).is_some();
    if builtin && *kind != SymbolKind::Elementwise && declared.name.chars().count() > 2 {
        return Err(Diagnostic::error("E0105", format!("`{}` is a built-in function", declared.name))
            .label(declared.span, "choose another name"));
    }
    Ok(())
}

fn arguments(context: &Context, scope: &Scope, declared: &Declared, attributes: &[Attribute]) -> Outcome<Vec<Symbol>> {
    let listed = attributes.iter().flat_map(|a| match &a.kind {
        AttributeKind::FunctionOf(names) => names.as_slice(),
        _ => &[],
    });
    let mut symbols = Vec::new();
    for (name, span) in declared.arguments.iter().chain(listed) {
        let symbol = context.lookup(name).ok_or_else(|| {
            Diagnostic::error("E0101", format!("`{name}` is not declared"))
                .label(*span, "what something is a function of is declared first")
                .fix("declare it on its own line", scope.statement.before(), format!("{name} : scalar\n"))
        })?;
        if !symbols.contains(&symbol) {
            symbols.push(symbol);
        }
    }
    Ok(symbols)
}

/// The properties that attributes declare.
pub fn properties(attributes: &[Attribute]) -> Outcome<Vec<Property>> {
    let mut all = Vec::new();
    for attribute in attributes {
        let AttributeKind::Property(word) = &attribute.kind else { continue };
        all.extend(property(word, attribute.span)?);
    }
    Ok(all)
}

/// A property by its word; `None` for words that say nothing more.
pub fn property(word: &str, span: Span) -> Outcome<Option<Property>> {
    Ok(Some(match word {
        "symmetric" => Property::Symmetric,
        "skew" => Property::Skew,
        "invertible" => Property::Invertible,
        "spd" => Property::PositiveDefinite,
        "psd" => Property::PositiveSemidefinite,
        "orthogonal" => Property::Orthogonal,
        "diagonal" => Property::Diagonal,
        "upper-triangular" => Property::UpperTriangular,
        "lower-triangular" => Property::LowerTriangular,
        "positive" => Property::Positive,
        "nonnegative" => Property::NonNegative,
        "nonzero" => Property::Nonzero,
        "probability" => Property::Simplex,
        "one-hot" => Property::OneHot,
        "constant" => Property::Constant,
        "full-column-rank" => Property::FullColumnRank,
        "orthonormal-columns" => Property::OrthonormalColumns,
        "square" | "differentiable" => return Ok(None),
        "triangular" => {
            return Err(Diagnostic::error("E0005", "which triangle")
                .label(span, "")
                .fix("zero above the diagonal", span, "lower triangular")
                .fix("zero below the diagonal", span, "upper triangular"));
        }
        other => return Err(not_yet(&format!("the property `{other}` is"), span)),
    }))
}

/// Does the shape allow the property?
fn check_attribute(shape: &Shape, attribute: &Attribute, declaration: &Declaration) -> Outcome<()> {
    let AttributeKind::Property(word) = &attribute.kind else { return Ok(()) };
    let name = declaration.names.first().map_or("", |n| n.name.as_str());
    check_property(shape, word, attribute.span, name, declaration.shape.span)
}

/// Does only a square matrix have this property?
pub fn needs_square(word: &str) -> bool {
    const SQUARE: &[&str] = &[
        "symmetric", "skew", "invertible", "spd", "psd", "orthogonal", "diagonal", "upper-triangular",
        "lower-triangular", "square",
    ];
    SQUARE.contains(&word)
}

/// Refuses a property that no array of the shape has.
pub fn check_property(shape: &Shape, word: &str, span: Span, name: &str, at: Span) -> Outcome<()> {
    if needs_square(word) && !shape.is_square() {
        let d = Diagnostic::error("E0203", format!("`{name}` must be square to be {word}"))
            .context(at, described(shape))
            .label(span, "only a square matrix is");
        return Err(match shape {
            Shape::Matrix { rows, cols } if !cols.is_one() => {
                d.fix("declare it square", at, format!("R^({rows}×{rows})"))
            }
            _ => d,
        });
    }
    if ["probability", "one-hot"].contains(&word) && !shape.is_vector() {
        return Err(Diagnostic::error("E0204", format!("`{name}` must be a vector to be {word}"))
            .context(at, described(shape))
            .label(span, "only a vector is"));
    }
    Ok(())
}

/// A dimension as typed; its names become known.
///
/// # Errors
/// It is no polynomial in names with whole coefficients.
pub fn dimension(context: &mut Context, e: &Expr) -> Result<Dim, Diagnostic> {
    read(context, e, &mut |context, name, _| Ok(context.dim(name)))
}

/// A dimension whose names must be known.
pub fn known_dimension(context: &mut Context, e: &Expr) -> Outcome<Dim> {
    read(context, e, &mut |context, name, span| {
        context.known_dim(name).ok_or_else(|| {
            Diagnostic::error("E0101", format!("`{name}` is not a known dimension"))
                .label(span, "no declared shape has it")
        })
    })
}

type Named<'a> = &'a mut dyn FnMut(&mut Context, &str, Span) -> Outcome<Dim>;

fn read(context: &mut Context, e: &Expr, named: Named) -> Outcome<Dim> {
    match &e.node {
        Node::Number(text) => match text.parse::<i64>() {
            Ok(n) if (1..=1 << 40).contains(&n) => Ok(Dim::constant(n)),
            _ => Err(no_dimension(e.span)),
        },
        Node::Name(name) => named(context, name, e.span),
        Node::Group(_, items) if items.len() == 1 => read(context, &items[0], named),
        Node::Product(factors) => factors.iter().try_fold(Dim::one(), |product, f| match f.join {
            Join::Over => Err(no_dimension(e.span)),
            _ => Ok(product * read(context, &f.expr, named)?),
        }),
        Node::Sum(terms) => terms.iter().try_fold(Dim::constant(0), |sum, t| {
            let sign = Dim::constant(if t.negative { -1 } else { 1 });
            Ok(sum + sign * read(context, &t.expr, named)?)
        }),
        Node::Postfix(base, posts) => match posts.as_slice() {
            [post] => match (&post.kind, base.as_name()) {
                (PostfixKind::Sub(sub), Some(name)) if !sub.text.is_empty() => {
                    named(context, &format!("{name}_{}", sub.text), e.span)
                }
                (PostfixKind::Power(x), _) => match &x.expr.node {
                    Node::Number(n) => {
                        let n: u32 =
                            n.parse().ok().filter(|n| (1..=9).contains(n)).ok_or_else(|| no_dimension(e.span))?;
                        let base = read(context, base, named)?;
                        Ok((0..n).fold(Dim::one(), |product, _| product * base.clone()))
                    }
                    _ => Err(no_dimension(e.span)),
                },
                _ => Err(no_dimension(e.span)),
            },
            _ => Err(no_dimension(e.span)),
        },
        _ => Err(no_dimension(e.span)),
    }
}

fn no_dimension(span: Span) -> Diagnostic {
    Diagnostic::error("E0005", "this is not a dimension")
        .label(span, "a name, a whole number, or a product or sum of them: `D`, `N·M`, `n+1`")
}
