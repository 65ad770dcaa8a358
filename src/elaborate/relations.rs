//! Relations: sides of one shape, with the sizes of `I`, `𝟏` and `0` taken from each other.

use super::wording::has_shape;
use super::{Elaborator, Note, Outcome, Scope, Value};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Context, Op, Term};
use crate::syntax::tree::{Expr, Node, Relation};

/// `a = b = c`: the sides as raw terms of one shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The relation to the side before; `None` for the first.
    pub relation: Option<Relation>,
    /// The side.
    pub term: Term,
    /// Where it was typed.
    pub span: Span,
}

/// Elaborates `a = b = c`, or the sides of an equation, with the notes of all.
///
/// # Errors
/// A side is refused, or the shapes of two sides differ.
pub fn relation(context: &mut Context, scope: &Scope, e: &Expr) -> Result<(Vec<Side>, Vec<Note>), Diagnostic> {
    let Node::Relation(first, rest) = &e.node else {
        return Err(Diagnostic::error("E0005", "an equation is needed").label(e.span, "this has no `=`"));
    };
    let mut sides: Vec<(Option<Relation>, &Expr)> = vec![(None, first)];
    sides.extend(rest.iter().map(|(r, e)| (Some(*r), e)));
    Elaborator::new(context, scope).sides(&sides)
}

impl Elaborator<'_> {
    /// The sides of a chain of relations, settled against each other.
    pub fn sides(mut self, sides: &[(Option<Relation>, &Expr)]) -> Outcome<(Vec<Side>, Vec<Note>)> {
        let typed: Vec<&Expr> = sides.iter().map(|(_, e)| *e).collect();
        let values = self.equal_shapes(&typed)?;
        let mut out = Vec::new();
        for (value, (relation, e)) in values.into_iter().zip(sides) {
            let term = self.all_settled(value)?;
            out.push(Side { relation: *relation, term, span: e.span });
        }
        Ok((out, self.notes))
    }

    /// The values of expressions that have one shape.
    pub(super) fn equal_shapes(&mut self, typed: &[&Expr]) -> Outcome<Vec<Value>> {
        let mut values = Vec::new();
        for e in typed {
            values.push(self.expr(e)?);
        }
        for i in 1..values.len() {
            self.agree(&mut values, i)?;
        }
        for i in (0..values.len().saturating_sub(1)).rev() {
            self.agree(&mut values, i + 1)?;
        }
        Ok(values)
    }

    /// Sides `i − 1` and `i` get one shape.
    fn agree(&mut self, values: &mut [Value], i: usize) -> Outcome<()> {
        let (left, right) = (values[i - 1], values[i]);
        let (a, b) = (self.settled_shape(left.term), self.settled_shape(right.term));
        if self.unify_shapes(&a, &b) {
            return Ok(());
        }
        for (scalar, array, at) in [(left, &b, i - 1), (right, &a, i)] {
            if self.context.terms.is_zero(scalar.term) && self.settled_shape(scalar.term).is_scalar() {
                values[at].term = self.context.terms.zero(array.clone());
                return Ok(());
            }
            if self.settled_shape(scalar.term).is_one_by_one() && array.is_scalar() {
                values[at] = self.build(Op::AsScalar, &[scalar.term], scalar.span)?;
                return Ok(());
            }
        }
        Err(self.sides_differ(left, right))
    }

    fn sides_differ(&self, left: Value, right: Value) -> Diagnostic {
        let (a, b) = (self.settled_shape(left.term), self.settled_shape(right.term));
        let d = Diagnostic::error("E0205", "the two sides have different shapes")
            .label(left.span, has_shape(&a))
            .label(right.span, has_shape(&b));
        let transposed = a == b.transposed() && !a.is_scalar();
        if transposed { d.fix("transpose the right side", right.span, format!("{}'", self.text(right))) } else { d }
    }
}
