//! Quotients: by a scalar, or entry by entry where that is the only reading.

use super::wording::{self, described};
use super::{Elaborator, Outcome, Value};
use crate::diag::{Diagnostic, Span};
use crate::ir::Op;
use crate::syntax::tree::Expr;

impl Elaborator<'_> {
    /// `\frac{a}{b}` that is no derivative.
    pub fn fraction(&mut self, above: &Expr, below: &Expr, span: Span) -> Outcome<Value> {
        let above = self.expr(above)?;
        let below = self.expr(below)?;
        self.quotient(above, below, span)
    }

    /// `a/b`.
    pub fn quotient(&mut self, above: Value, below: Value, span: Span) -> Outcome<Value> {
        let (s, t) = (self.settled_shape(above.term), self.settled_shape(below.term));
        if t.is_scalar() {
            return self.build(Op::Quotient, &[above.term, below.term], span);
        }
        if s.is_scalar() {
            return self.scalar_over_array(above, below, span);
        }
        let entrywise = s.is_vector() || self.is_entrywise(above.term) || self.is_entrywise(below.term);
        if !self.unify_shapes(&s, &t) {
            return Err(self.unequal(above, below, "divide"));
        }
        if !entrywise {
            return Err(self.matrix_division(above, below, span));
        }
        let value = self.build(Op::Quotient, &[above.term, below.term], span)?;
        self.note(span, format!("{} is divided entry by entry", self.called(value)));
        Ok(value)
    }

    /// `1/(1 + e^{-Y})`.
    fn scalar_over_array(&mut self, above: Value, below: Value, span: Span) -> Outcome<Value> {
        if !self.is_entrywise(below.term) {
            return Err(self.matrix_division(above, below, span));
        }
        let shape = self.settled_shape(below.term);
        let ones = self.context.terms.ones(&shape);
        let above_term = match self.context.terms.is_one(above.term) {
            true => ones,
            false => self.build(Op::Product, &[above.term, ones], above.span)?.term,
        };
        let value = self.build(Op::Quotient, &[above_term, below.term], span)?;
        self.note(span, format!("{} is divided entry by entry", self.called(value)));
        Ok(value)
    }

    fn matrix_division(&self, above: Value, below: Value, span: Span) -> Diagnostic {
        let shape = self.settled_shape(below.term);
        let d = Diagnostic::error("E0302", format!("cannot divide by {}", wording::kind(&shape)))
            .label(below.span, described(&shape));
        let d = self.declared_here(d, below, |name| format!("`{name}` declared here"));
        let (a, b) = (self.text(above), self.text(below));
        let scalar = self.settled_shape(above.term).is_scalar();
        let inverse = match (scalar, a.as_str()) {
            (true, "1") => format!("inv({b})"),
            _ => format!("{a}*inv({b})"),
        };
        let d = if shape.is_square() { d.fix("multiply by the inverse", span, inverse) } else { d };
        d.fix("divide entry by entry", span, format!("{a} ./ {b}"))
    }
}
