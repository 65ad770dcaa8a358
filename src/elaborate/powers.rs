//! Postfixes of values: transposes, powers, entries; and the notations `e^…`, `I_n`, `e_i`.

use super::explode::Piece;
use super::wording::{described, kind};
use super::{Elaborator, Outcome, Value};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Function, Op, Rational, ratio};
use crate::shape::Shape;
use crate::syntax::tree::*;

impl Elaborator<'_> {
    /// A value with postfixes.
    pub fn postfixes(&mut self, value: Value, posts: &[Postfix]) -> Outcome<Value> {
        posts.iter().try_fold(value, |value, post| self.postfix(value, post))
    }

    fn postfix(&mut self, value: Value, post: &Postfix) -> Outcome<Value> {
        let span = value.span.to(post.span);
        match &post.kind {
            PostfixKind::Apostrophe => {
                self.refuse_prime_of_scalar(value.term, span)?;
                self.transpose(value, span)
            }
            PostfixKind::Transpose => self.transpose(value, span),
            PostfixKind::Prime => Err(prime_of_value(post.span)),
            PostfixKind::PseudoInverse => self.call(Function::PseudoInverse, value, span),
            PostfixKind::Power(exponent) => self.power(value, exponent, span),
            PostfixKind::ElementPower(exponent) => {
                let exponent = self.scalar_exponent(&exponent.expr)?;
                self.element_power(value, exponent, span)
            }
            PostfixKind::Sub(sub) => self.entry(value, sub, span),
            PostfixKind::Sample(index) => Err(self.no_family(value, index, span)),
        }
    }

    /// `Aᵀ`; a scalar is its own transpose.
    pub fn transpose(&mut self, value: Value, span: Span) -> Outcome<Value> {
        if self.settled_shape(value.term).is_scalar() {
            return Ok(Value { span, ..value });
        }
        let value = self.as_factor(value);
        self.build(Op::Transpose, &[value.term], span)
    }

    /// `A^…`.
    fn power(&mut self, base: Value, exponent: &Exponent, span: Span) -> Outcome<Value> {
        match transposing(&exponent.expr) {
            Some(inverse) => {
                self.refuse_variable_t(base, span)?;
                let base = if inverse { self.inverse(base, span)? } else { base };
                return self.transpose(base, span);
            }
            None if exponent.open => self.refuse_open(exponent)?,
            None => {}
        }
        let exponent = self.scalar_exponent(&exponent.expr)?;
        let number = self.context.terms.as_number(exponent.term).cloned();
        if self.settled_shape(base.term).is_scalar() {
            return self.build(Op::Power, &[base.term, exponent.term], span);
        }
        match number {
            Some(n) if n == ratio(-1, 1) => self.inverse(base, span),
            Some(n) if n.is_integer() => self.whole_power(base, exponent, &n, span),
            _ if self.is_entrywise(base.term) => self.entrywise_power(base, exponent, span),
            _ => Err(self.no_power(base, span)),
        }
    }

    /// An open exponent that is no name.
    fn refuse_open(&self, exponent: &Exponent) -> Outcome<()> {
        let inner = match &exponent.expr.node {
            Node::Negate(inner) => inner,
            _ => return Ok(()),
        };
        match inner.as_name() {
            Some(name) if self.what(name).is_none() => Err(self.undeclared(name, None, inner.span)),
            _ => Ok(()),
        }
    }

    /// `A^T` with a variable T.
    fn refuse_variable_t(&self, base: Value, span: Span) -> Outcome<()> {
        if !self.is_declared("T") {
            return Ok(());
        }
        let text = self.text(base);
        Err(Diagnostic::error("E0104", "`^T` is the transpose, and `T` is also declared")
            .label(span, "transpose or power")
            .fix("the transpose", span, format!("{text}'"))
            .fix("the power", span, format!("{text}^(T)")))
    }

    fn scalar_exponent(&mut self, e: &Expr) -> Outcome<Value> {
        let e = match &e.node {
            Node::Group(_, items) if items.len() == 1 => &items[0],
            _ => e,
        };
        let value = self.expr(e)?;
        let shape = self.settled_shape(value.term);
        if shape.is_scalar() {
            return Ok(value);
        }
        Err(Diagnostic::error("E0204", "an exponent must be a scalar")
            .label(e.span, described(&shape))
            .note("`e^A` acts entry by entry; the matrix exponential is `expm(A)`"))
    }

    /// `A⁻¹`.
    pub fn inverse(&mut self, value: Value, span: Span) -> Outcome<Value> {
        let shape = self.settled_shape(value.term);
        if shape.is_scalar() {
            let minus = self.context.terms.integer(-1);
            return self.build(Op::Power, &[value.term, minus], span);
        }
        let square = self.unify(&shape.rows(), &shape.cols());
        if !square {
            return Err(self.not_invertible(value, &shape, span));
        }
        self.build(Op::Inverse, &[value.term], span)
    }

    fn not_invertible(&self, value: Value, shape: &Shape, span: Span) -> Diagnostic {
        let name = self.called(value);
        let title = format!("{name} must be square to be inverted");
        let d = Diagnostic::error("E0203", title).label(span, format!("inverse of {}", described(shape)));
        let (rows, cols) = (shape.rows(), shape.cols());
        let differ = rows.as_name().is_some() && cols.as_name().is_some();
        let d = self.declared_here(d, value, |name| match differ {
            true => format!("`{name}` declared here; {rows} and {cols} are different names, so they may differ"),
            false => format!("`{name}` declared here"),
        });
        if shape.is_vector() {
            return d.note("a vector has no inverse; entry by entry it is `1 ./ x`");
        }
        let plain = name.trim_matches('`').to_string();
        let d = d.note(format!("for a rectangular matrix use the pseudo-inverse `pinv({plain})`"));
        let place = self.bare_name(value.term).and_then(|name| self.scope.place_of(&name));
        match place {
            Some(place) if place.declared => {
                d.fix("declare it square", place.shape, format!("R^({rows}×{rows}) invertible"))
            }
            _ => d,
        }
    }

    fn whole_power(&mut self, base: Value, exponent: Value, n: &Rational, span: Span) -> Outcome<Value> {
        let shape = self.settled_shape(base.term);
        let entrywise = self.is_entrywise(base.term);
        if !shape.is_square() && (entrywise || !self.unify(&shape.rows(), &shape.cols())) {
            return if entrywise { self.entrywise_power(base, exponent, span) } else { Err(self.no_power(base, span)) };
        }
        if entrywise && *n != ratio(1, 1) {
            let text = self.text(base);
            let d = Diagnostic::error("E0301", "this power of a square matrix has two readings")
                .label(span, "entry by entry, or the matrix power")
                .fix("entry by entry", span, format!("{text}.^{n}"));
            return Err(match small(n) {
                Some(n) => d.fix("the matrix product", span, vec![text; n].join("*")),
                None => d.note("name the matrix product of it with itself"),
            });
        }
        self.build(Op::Power, &[base.term, exponent.term], span)
    }

    fn entrywise_power(&mut self, base: Value, exponent: Value, span: Span) -> Outcome<Value> {
        let value = self.element_power(base, exponent, span)?;
        self.note(span, format!("{} is a power entry by entry", self.called(value)));
        Ok(value)
    }

    /// `A.^p`.
    pub fn element_power(&mut self, base: Value, exponent: Value, span: Span) -> Outcome<Value> {
        let op = if self.settled_shape(base.term).is_scalar() { Op::Power } else { Op::ElementPower };
        self.build(op, &[base.term, exponent.term], span)
    }

    /// `x^2` of a vector, `A^2` of a rectangular matrix.
    fn no_power(&self, base: Value, span: Span) -> Diagnostic {
        let shape = self.settled_shape(base.term);
        if shape.is_square() {
            return super::not_yet("matrix powers whose exponent is not a whole number are", span);
        }
        let text = self.text(base);
        let exponent = self.typed(Span::new(base.span.end, span.end)).trim_start_matches('^').to_string();
        let exponent =
            if exponent.is_empty() || exponent.contains(['²', '³', '⁴']) { "2".to_string() } else { exponent };
        let d = Diagnostic::error("E0302", format!("{} has no power", kind(&shape)))
            .label(span, format!("power of {}", described(&shape)));
        let d = self.declared_here(d, base, |name| format!("`{name}` declared here"));
        let d = d.fix("entry by entry", span, format!("{text}.^{exponent}"));
        match (shape.is_vector(), exponent.trim_matches(['{', '}'])) {
            (true, "2") => d.fix("the inner product with itself", span, format!("{text}'{text}")),
            (false, "2") => d.fix("the product with its transpose", span, format!("{text}*{text}'")),
            _ => d,
        }
    }

    /// `e^Y`, `e_i`, and `e` alone.
    pub fn euler(&mut self, piece: &Piece) -> Outcome<Option<Value>> {
        let Some((first, rest)) = piece.posts.split_first() else { return Ok(None) };
        let span = piece.span.to(first.span);
        let value = match &first.kind {
            PostfixKind::Power(exponent) => {
                let value = self.expr(&exponent.expr)?;
                let value = self.as_exponent(value);
                self.call(Function::Exp, Value { term: value.term, ..value }, span)?
            }
            PostfixKind::Sub(sub) => self.unit_vector(sub, span)?,
            _ => return Ok(None),
        };
        self.postfixes(value, rest).map(Some)
    }

    fn as_exponent(&mut self, value: Value) -> Value {
        if self.is_flexible(value.term) { self.as_factor(value) } else { value }
    }

    /// `I_n`, `I_3`, `I_{n+1}`.
    pub fn sized_identity(&mut self, piece: &Piece) -> Outcome<Option<Value>> {
        let Some((Postfix { kind: PostfixKind::Sub(sub), span }, rest)) = piece.posts.split_first() else {
            return Ok(None);
        };
        let [size] = sub.items.as_slice() else { return Ok(None) };
        let dim = super::declare::known_dimension(self.context, size)?;
        let term = self.context.terms.identity(dim);
        self.postfixes(Value { term, span: piece.span.to(*span) }, rest).map(Some)
    }
}

/// Is the exponent `T` (`false`) or `-T` (`true`)?
fn transposing(e: &Expr) -> Option<bool> {
    match &e.node {
        Node::Name(name) if name == "T" => Some(false),
        Node::Negate(inner) if inner.as_name() == Some("T") => Some(true),
        _ => None,
    }
}

/// A whole number from 2 to 4.
fn small(n: &Rational) -> Option<usize> {
    use num_traits::ToPrimitive;
    n.to_usize().filter(|n| (2..=4).contains(n))
}

fn prime_of_value(span: Span) -> Diagnostic {
    Diagnostic::error("E0302", "`′` is the derivative of a function")
        .label(span, "this stands behind a value")
        .fix("the transpose", span, "'")
}
