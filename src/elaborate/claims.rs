//! What is assumed or given: equations, inequalities with zero, and properties of terms.

use super::declare::{check_property, properties};
use super::relations::relation;
use super::{Elaborator, Note, Outcome, Scope, not_yet};
use crate::diag::Diagnostic;
use crate::ir::{AssumptionId, Claim, Comparison, Context, Property};
use crate::syntax::statement::{AttributeKind, Claim as Typed};
use crate::syntax::tree::{Expr, Node, Relation};

/// The claims of one `given` or `assume`, without recording them.
///
/// # Errors
/// A term is refused, or what is claimed cannot be used.
pub fn claims(context: &mut Context, scope: &Scope, typed: &Typed) -> Result<(Vec<Claim>, Vec<Note>), Diagnostic> {
    match typed {
        Typed::Property { of, attributes } => {
            let mut all = Vec::new();
            let mut notes = Vec::new();
            for e in of {
                let value = super::expression(context, scope, e)?;
                let shape = context.terms.shape(value.term).clone();
                for attribute in attributes {
                    match &attribute.kind {
                        AttributeKind::Property(word) => {
                            check_property(&shape, word, attribute.span, e.span.of(&scope.source), e.span)?
                        }
                        AttributeKind::Samples { .. } => {
                            return Err(Diagnostic::error("E0005", "samples are named where their matrix is declared")
                                .label(attribute.span, "this assumes nothing"));
                        }
                        AttributeKind::FunctionOf(_) => {}
                    }
                }
                all.extend(properties(attributes)?.into_iter().map(|p| Claim::Property(value.term, p)));
                all.extend(dependences(context, scope, value.term, e, attributes)?);
                notes.extend(value.notes);
            }
            Ok((all, notes))
        }
        Typed::Relation(e) => related(context, scope, e),
    }
}

fn dependences(
    context: &Context,
    scope: &Scope,
    term: crate::ir::Term,
    e: &Expr,
    attributes: &[crate::syntax::statement::Attribute],
) -> Outcome<Vec<Claim>> {
    let mut all = Vec::new();
    for attribute in attributes {
        let AttributeKind::FunctionOf(names) = &attribute.kind else { continue };
        let Some(symbol) = context.terms.as_symbol(term) else {
            return Err(Diagnostic::error("E0402", "only a name can be declared a function of another")
                .label(e.span, "this is not a name"));
        };
        for (name, span) in names {
            match context.lookup(name) {
                Some(variable) => all.push(Claim::Differentiable(symbol, variable)),
                None => {
                    return Err(Diagnostic::error("E0101", format!("`{name}` is not declared")).label(*span, "").fix(
                        "declare it on its own line",
                        scope.statement.before(),
                        format!("{name} : scalar\n"),
                    ));
                }
            }
        }
    }
    Ok(all)
}

/// Equations as they are, inequalities with zero as properties.
fn related(context: &mut Context, scope: &Scope, e: &Expr) -> Outcome<(Vec<Claim>, Vec<Note>)> {
    let Node::Relation(first, rest) = &e.node else {
        return Err(
            Diagnostic::error("E0005", "this is not a claim").label(e.span, "neither an equation nor a property")
        );
    };
    if rest.iter().all(|(r, _)| *r == Relation::Equal) {
        let (sides, notes) = relation(context, scope, e)?;
        let pairs = sides.windows(2).map(|pair| Claim::Equation(pair[0].term, pair[1].term));
        return Ok((pairs.collect(), notes));
    }
    let (mut left, mut claims, mut notes) = (&**first, Vec::new(), Vec::new());
    for (relation, right) in rest {
        let (claim, more) = compared(context, scope, left, *relation, right)?;
        claims.push(claim);
        notes.extend(more);
        left = right;
    }
    Ok((claims, notes))
}

/// One relation of a chain: `x > y` says that x − y is positive.
fn compared(
    context: &mut Context,
    scope: &Scope,
    left: &Expr,
    relation: Relation,
    right: &Expr,
) -> Outcome<(Claim, Vec<Note>)> {
    let span = left.span.to(right.span);
    if relation == Relation::Equal {
        let (sides, notes) = Elaborator::new(context, scope).sides(&[(None, left), (Some(relation), right)])?;
        return Ok((Claim::Equation(sides[0].term, sides[1].term), notes));
    }
    let differs = relation == Relation::NotEqual;
    let mut elaborator = Elaborator::new(context, scope);
    let (subject, comparison) = match relation {
        // x ≠ y speaks of x − y as x > y does, and x < y of y − x.
        Relation::NotEqual => elaborator.comparison(left, Relation::Greater, right, span)?,
        Relation::Less => elaborator.comparison(right, Relation::Greater, left, span)?,
        Relation::LessEqual => elaborator.comparison(right, Relation::GreaterEqual, left, span)?,
        relation => elaborator.comparison(left, relation, right, span)?,
    };
    let (property, negative) = match comparison {
        _ if differs => (Property::Nonzero, false),
        Comparison::Positive => (Property::Positive, false),
        Comparison::NonNegative => (Property::NonNegative, false),
        Comparison::Negative => (Property::Positive, true),
        Comparison::NonPositive => (Property::NonNegative, true),
        Comparison::Zero => return Err(not_yet("this relation is", span)),
    };
    let term = if negative { elaborator.negated(subject.term) } else { subject.term };
    let subject = elaborator.finish(super::Value { term, ..subject })?;
    let is_zero = matches!(&right.node, Node::Number(n) if n == "0");
    if differs && !is_zero && !context.terms.shape(subject.term).is_scalar() {
        return Err(not_yet("`≠` between two vectors or matrices is", span)
            .note("that no entry of the difference is 0 is written `x - y != 0`"));
    }
    Ok((Claim::Property(subject.term, property), subject.notes))
}

/// Records claims as assumptions; properties of names become facts of the names.
///
/// # Errors
/// As [`claims`].
pub fn assume(
    context: &mut Context,
    scope: &Scope,
    typed: &Typed,
) -> Result<(Vec<AssumptionId>, Vec<Note>), Diagnostic> {
    let (all, notes) = claims(context, scope, typed)?;
    Ok((record(context, all), notes))
}

/// Records claims as assumptions; properties of names become facts of the names.
pub fn record(context: &mut Context, claims: Vec<Claim>) -> Vec<AssumptionId> {
    let ids = claims.into_iter().map(|claim| match (&claim, subject(context, &claim)) {
        (Claim::Property(_, property), Some(symbol)) => context.set_property(symbol, *property),
        (Claim::Differentiable(symbol, variable), _) => context.depend(*symbol, *variable),
        _ => context.assume(claim),
    });
    ids.collect()
}

fn subject(context: &Context, claim: &Claim) -> Option<crate::ir::Symbol> {
    match claim {
        Claim::Property(term, _) => context.terms.as_symbol(*term),
        _ => None,
    }
}
