//! `‖x‖`, `|x|`, `⟨A, B⟩`.

use super::wording::described;
use super::{Elaborator, Outcome, Value, not_yet};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Function, Op};
use crate::syntax::tree::*;

impl Elaborator<'_> {
    /// `‖x‖`, with the subscript that says which norm taken off `posts`.
    pub fn norm(&mut self, inside: &Expr, posts: &mut Vec<Postfix>, span: Span) -> Outcome<Value> {
        let value = self.expr(inside)?;
        let which = match posts.first() {
            Some(Postfix { kind: PostfixKind::Sub(sub), .. }) => Some(sub.text.clone()),
            _ => None,
        };
        let own = if which.is_some() { span.to(posts.remove(0).span) } else { span };
        self.named_norm(value, which.as_deref(), own)
    }

    /// The norm of this name: `1`, `2`, `F`, or the usual one.
    pub fn named_norm(&mut self, value: Value, which: Option<&str>, own: Span) -> Outcome<Value> {
        let shape = self.settled_shape(value.term);
        let function = match (which, shape.is_scalar(), shape.is_vector()) {
            (None, true, _) => return self.call(Function::Abs, value, own),
            (None | Some("2"), _, true) => Function::Norm2,
            (Some("1"), _, true) => Function::Norm1,
            (Some("F"), _, _) => Function::NormF,
            (None | Some("2"), _, false) => return Err(self.which_norm(value, own)),
            (Some(other), _, _) => {
                return Err(not_yet(&format!("the norm `{other}` is"), own)
                    .note("norms of a vector are `norm1(x)` and `norm2(x)`, of a matrix `normF(A)`"));
            }
        };
        self.call(function, value, own)
    }

    fn which_norm(&self, value: Value, span: Span) -> Diagnostic {
        let text = self.typed(value.span).to_string();
        Diagnostic::error("E0302", "the norm of a matrix needs its name")
            .label(span, format!("norm of {}", described(&self.settled_shape(value.term))))
            .fix("the Frobenius norm", span, format!("normF({text})"))
    }

    /// `|x|`.
    pub fn bars(&mut self, inside: &Expr, span: Span) -> Outcome<Value> {
        let value = self.expr(inside)?;
        let shape = self.settled_shape(value.term);
        if shape.is_scalar() || shape.is_vector() {
            return self.call(Function::Abs, value, span);
        }
        let text = self.typed(value.span).to_string();
        let d = Diagnostic::error("E0302", "bars around a matrix have two readings").label(span, described(&shape));
        // `log|A|`: the name of a function may stand right before the bar.
        let joined = self.scope.source[..span.start].ends_with(char::is_alphabetic);
        let call = |function: &str| format!("{}{function}({text})", if joined { " " } else { "" });
        let d = if shape.is_square() { d.fix("the determinant", span, call("det")) } else { d };
        Err(d.fix("the absolute value of each entry", span, call("abs")))
    }

    /// `⟨A, B⟩`.
    pub fn inner(&mut self, a: &Expr, b: &Expr, span: Span) -> Outcome<Value> {
        let (a, b) = (self.expr(a)?, self.expr(b)?);
        self.inner_of(a, b, span)
    }

    /// The inner product of two values.
    pub fn inner_of(&mut self, a: Value, b: Value, span: Span) -> Outcome<Value> {
        let (s, t) = (self.settled_shape(a.term), self.settled_shape(b.term));
        if !self.unify_shapes(&s, &t) {
            return Err(self.unequal(a, b, "take the inner product of"));
        }
        self.build(Op::Inner, &[a.term, b.term], span)
    }
}
