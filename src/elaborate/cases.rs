//! Case distinctions: guards about indices, and guards that compare a subject with zero.

use super::{Elaborator, Outcome, Value};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Comparison, Guard, Op, Term};
use crate::shape::Shape;
use crate::syntax::tree::*;

impl Elaborator<'_> {
    /// `cases(a if j = k; b otherwise)`.
    pub fn cases(&mut self, cases: &[Case], span: Span) -> Outcome<Value> {
        let (mut values, mut guards, mut subjects) = (Vec::new(), Vec::new(), Vec::new());
        for case in cases {
            values.push(self.expr(&case.value)?);
        }
        for case in cases {
            let (guard, subject) = match &case.guard {
                Some(e) => self.guard(e)?,
                None => (Guard::Otherwise, None),
            };
            guards.push(guard);
            subjects.extend(subject);
        }
        let shape = self.shape_of_cases(&values, &subjects)?;
        let mut args: Vec<Term> = Vec::new();
        for value in values {
            args.push(self.spread_case(value, &shape)?);
        }
        args.extend(subjects.iter().map(|s| s.term));
        self.build(Op::Cases(guards), &args, span)
    }

    /// One shape for all values and subjects that are no scalars.
    fn shape_of_cases(&mut self, values: &[Value], subjects: &[Value]) -> Outcome<Shape> {
        let mut settled: Option<Value> = None;
        for value in values.iter().chain(subjects) {
            let shape = self.settled_shape(value.term);
            match settled {
                _ if shape.is_scalar() => {}
                None => settled = Some(*value),
                Some(first) => {
                    let left = self.settled_shape(first.term);
                    if !self.unify_shapes(&left, &shape) {
                        return Err(self.unequal(first, *value, "choose entry by entry between"));
                    }
                }
            }
        }
        Ok(settled.map_or(Shape::Scalar, |v| self.settled_shape(v.term)))
    }

    fn spread_case(&mut self, value: Value, shape: &Shape) -> Outcome<Term> {
        let number = self.context.terms.as_number(value.term).is_some();
        if self.context.terms.is_zero(value.term) {
            return Ok(self.context.terms.zero(shape.clone()));
        }
        if !number && self.settled_shape(value.term).is_scalar() && !shape.is_scalar() {
            let ones = self.context.terms.ones(shape);
            return self.build(Op::Product, &[value.term, ones], value.span).map(|v| v.term);
        }
        let notes = self.notes.len();
        let term = self.spread(value, shape)?;
        self.notes.truncate(notes);
        Ok(term)
    }

    /// A condition, and what it compares with zero.
    fn guard(&mut self, e: &Expr) -> Outcome<(Guard, Option<Value>)> {
        let Node::Relation(left, rest) = &e.node else { return Err(no_condition(e.span)) };
        let [(relation, right)] = rest.as_slice() else { return Err(no_condition(e.span)) };
        if matches!(relation, Relation::Equal | Relation::NotEqual)
            && let Some(guard) = self.index_guard(left, *relation, right)?
        {
            return Ok((guard, None));
        }
        let (subject, comparison) = self.comparison(left, *relation, right, e.span)?;
        Ok((Guard::Subject(comparison), Some(subject)))
    }

    fn index_guard(&mut self, left: &Expr, relation: Relation, right: &Expr) -> Outcome<Option<Guard>> {
        if left.as_name().is_none() {
            return Ok(None);
        }
        let dim = self.unknown_size(left.span.to(right.span), false);
        let Some(i) = self.index_in_guard(left, &dim)? else { return Ok(None) };
        let Some(j) = self.index_in_guard(right, &dim)? else { return Ok(None) };
        Ok(Some(if relation == Relation::Equal { Guard::Equal(i, j) } else { Guard::Different(i, j) }))
    }

    /// `Y > 0`, `0 < Y`, `Y > a`.
    pub fn comparison(
        &mut self,
        left: &Expr,
        relation: Relation,
        right: &Expr,
        span: Span,
    ) -> Outcome<(Value, Comparison)> {
        let (a, b) = (self.expr(left)?, self.expr(right)?);
        let (subject, relation) = if self.context.terms.is_zero(b.term) {
            (a, relation)
        } else if self.context.terms.is_zero(a.term) {
            (b, mirrored(relation))
        } else {
            let shape = self.shape_of_cases(&[a, b], &[])?;
            let (s, t) = (self.spread_case(a, &shape)?, self.spread_case(b, &shape)?);
            let minus = self.negated(t);
            (self.build(Op::Sum, &[s, minus], span)?, relation)
        };
        let comparison = match relation {
            Relation::Greater => Comparison::Positive,
            Relation::GreaterEqual => Comparison::NonNegative,
            Relation::Less => Comparison::Negative,
            Relation::LessEqual => Comparison::NonPositive,
            Relation::Equal => Comparison::Zero,
            Relation::NotEqual | Relation::Near => return Err(no_condition(span)),
        };
        Ok((subject, comparison))
    }
}

fn mirrored(relation: Relation) -> Relation {
    match relation {
        Relation::Less => Relation::Greater,
        Relation::LessEqual => Relation::GreaterEqual,
        Relation::Greater => Relation::Less,
        Relation::GreaterEqual => Relation::LessEqual,
        other => other,
    }
}

fn no_condition(span: Span) -> Diagnostic {
    Diagnostic::error("E0005", "this is not a condition that a case can have")
        .label(span, "written `j = k`, `j != k`, `Y > 0`, `Y <= 0`")
}
