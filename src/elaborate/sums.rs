//! Sums, negation, and the operators between products and sums.

use super::products::Factor;
use super::wording::{self, has_shape, kind, two};
use super::{Elaborator, Outcome, Value};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Op, Term as IrTerm, ratio};
use crate::shape::Shape;
use crate::syntax::tree::*;

impl Elaborator<'_> {
    /// `a + b − c`.
    pub fn sum(&mut self, terms: &[Term], span: Span) -> Outcome<Value> {
        let mut values = Vec::new();
        for term in terms {
            values.push((self.expr(&term.expr)?, term.negative));
        }
        let shape = self.common_shape(&mut values)?;
        let mut args = Vec::new();
        for (value, negative) in values {
            let term = self.spread(value, &shape)?;
            args.push(if negative { self.negated(term) } else { term });
        }
        self.build(Op::Sum, &args, span)
    }

    /// The shape of a sum: that of its summands that are no scalars.
    fn common_shape(&mut self, values: &mut [(Value, bool)]) -> Outcome<Shape> {
        let mut settled: Option<(Value, bool)> = None;
        for (value, negative) in values.iter() {
            let shape = self.settled_shape(value.term);
            if shape.is_scalar() {
                continue;
            }
            match settled {
                None => settled = Some((*value, *negative)),
                Some((first, _)) => {
                    let left = self.settled_shape(first.term);
                    if !self.unify_shapes(&left, &shape) {
                        return Err(self.unequal(first, *value, if *negative { "subtract" } else { "add" }));
                    }
                }
            }
        }
        let Some((matrix, _)) = settled else { return Ok(Shape::Scalar) };
        let shape = self.settled_shape(matrix.term);
        let scalar = values.iter().find(|(v, _)| self.settled_shape(v.term).is_scalar());
        if let Some((scalar, negative)) = scalar.copied() {
            let entrywise = values.iter().any(|(v, _)| self.is_entrywise(v.term) || self.is_unit_array(v.term));
            if !entrywise {
                return Err(self.scalar_beside_matrix(scalar, matrix, &shape, negative));
            }
        }
        Ok(shape)
    }

    /// `𝟏`, whose purpose is to stand beside scalars.
    fn is_unit_array(&self, term: IrTerm) -> bool {
        matches!(self.context.terms.op(term), Op::Ones(..))
    }

    /// A scalar as an array of that shape, with a note.
    pub fn spread(&mut self, value: Value, shape: &Shape) -> Outcome<IrTerm> {
        if shape.is_scalar() || !self.settled_shape(value.term).is_scalar() {
            return Ok(self.settle(value.term));
        }
        let ones = self.context.terms.ones(shape);
        self.note(value.span, format!("{} is added to every entry: {}", self.called(value), wording::ones(shape)));
        if self.context.terms.is_one(value.term) {
            return Ok(ones);
        }
        self.build(Op::Product, &[value.term, ones], value.span).map(|v| v.term)
    }

    /// `−t`.
    pub fn negated(&mut self, term: IrTerm) -> IrTerm {
        if let Some(number) = self.context.terms.as_number(term) {
            let number = -number.clone();
            return self.context.terms.number(number);
        }
        let minus = self.context.terms.number(ratio(-1, 1));
        self.context.terms.make(Op::Product, &[minus, term])
    }

    /// `-x`.
    pub fn negation(&mut self, inner: &Expr, span: Span) -> Outcome<Value> {
        let value = self.expr(inner)?;
        let term = self.negated(value.term);
        Ok(Value { term, span })
    }

    /// Two operands whose shapes differ.
    pub fn unequal(&self, left: Value, right: Value, verb: &str) -> Diagnostic {
        let (a, b) = (self.settled_shape(left.term), self.settled_shape(right.term));
        let what = if kind(&a) == kind(&b) {
            format!("{} of different shapes", two(&a))
        } else {
            format!("{} and {}", kind(&a), kind(&b))
        };
        let d = Diagnostic::error("E0201", format!("cannot {verb} {what}"))
            .label(left.span, has_shape(&a))
            .label(right.span, has_shape(&b));
        let d = self.declared_here(d, left, |name| format!("`{name}` declared here"));
        let d = self.declared_here(d, right, |name| format!("`{name}` declared here"));
        if verb.contains("entry") {
            return d.note("an operation entry by entry needs equal shapes");
        }
        let larger = if b.is_vector() || b.is_scalar() { &a } else { &b };
        let known = [larger.rows(), larger.cols()].iter().all(|dim| dim.names().iter().all(|name| &*name.name != "?"));
        let d = match known {
            true => d.note(format!(
                "addition needs equal shapes; a scalar is added to every entry only when written `c*{}`",
                wording::ones(larger)
            )),
            false => d.note("addition needs equal shapes, and no size for ? makes them equal"),
        };
        self.bias_fixes(d, left, right)
    }

    /// `XW + b` with b as long as a row or a column of XW.
    fn bias_fixes(&self, d: Diagnostic, left: Value, right: Value) -> Diagnostic {
        let (a, b) = (self.settled_shape(left.term), self.settled_shape(right.term));
        if a.is_vector() || !b.is_vector() {
            return d;
        }
        let text = self.text(right);
        if b.rows() == a.cols() {
            return d.fix("add it to every row", right.span, format!("ones({})*{text}'", a.rows()));
        }
        if b.rows() == a.rows() {
            return d.fix("add it to every column", right.span, format!("{text}*ones({})'", a.cols()));
        }
        d
    }

    /// `A + 1`.
    fn scalar_beside_matrix(&self, scalar: Value, matrix: Value, shape: &Shape, negative: bool) -> Diagnostic {
        let verb = if negative { "subtract" } else { "add" };
        let d = Diagnostic::error("E0201", format!("cannot {verb} a scalar and {}", kind(shape)))
            .label(scalar.span, "a scalar")
            .label(matrix.span, has_shape(shape));
        let d = self.declared_here(d, matrix, |name| format!("`{name}` declared here"));
        let d = d.note("a number is added to every entry only around terms that act entry by entry, such as `exp(Y)`");
        let text = self.text(scalar);
        let times = |what: &str| if text == "1" { what.to_string() } else { format!("{text}*{what}") };
        let d = if shape.is_square() { d.fix("a multiple of the identity", scalar.span, times("I")) } else { d };
        d.fix("the same number in every entry", scalar.span, times(&wording::ones(shape)))
    }

    /// `a .* b ./ c ⊗ d`.
    pub fn elementwise(&mut self, first: &Expr, rest: &[(ElementOp, Expr)], span: Span) -> Outcome<Value> {
        if let Some(regrouped) = self.sum_over_the_rest(first, rest, span) {
            return self.expr(&regrouped);
        }
        let (mut left, mut factors) = self.operand_of_elements(first)?;
        for (op, e) in rest {
            let (right, right_factors) = self.operand_of_elements(e)?;
            if *op != ElementOp::Kronecker {
                self.refuse_two_groupings(&factors, &right_factors, left, right)?;
            }
            left = self.element_operation(*op, left, right, left.span.to(right.span))?;
            factors = Vec::new();
        }
        Ok(Value { span, ..left })
    }

    fn operand_of_elements(&mut self, e: &Expr) -> Outcome<(Value, Vec<Factor>)> {
        match &e.node {
            Node::Product(_) | Node::Name(_) | Node::Postfix(..) => {
                let pieces = self.explode(e)?;
                let factors = self.factors(&pieces)?;
                let value = self.combine(&factors, e.span)?;
                Ok((value, factors))
            }
            _ => self.expr(e).map(|v| (v, Vec::new())),
        }
    }

    /// A sum sign reaches over elementwise operators to the next `+` or `−`.
    fn sum_over_the_rest(&self, first: &Expr, rest: &[(ElementOp, Expr)], span: Span) -> Option<Expr> {
        let operands: Vec<&Expr> = std::iter::once(first).chain(rest.iter().map(|(_, e)| e)).collect();
        let k = operands.iter().position(|e| self.binder_in(e).is_some())?;
        if k + 1 == operands.len() {
            return None;
        }
        let Node::Product(factors) = &operands[k].node else { return None };
        let at = self.binder_in(operands[k])?;
        let mut behind = factors[at + 1..].to_vec();
        behind.first_mut()?.join = Join::First;
        let inner = if behind.len() == 1 { behind.remove(0).expr } else { Expr::new(Node::Product(behind), span) };
        let body = Expr::new(Node::Elementwise(Box::new(inner), rest[k..].to_vec()), span);
        let mut product = factors[..=at].to_vec();
        let group = Expr::new(Node::Group(Bracket::Round, vec![body]), span);
        product.push(crate::syntax::tree::Factor {
            join: Join::Beside { glued: false },
            at: span.before(),
            expr: group,
        });
        let last = Expr::new(Node::Product(product), span);
        if k == 0 {
            return Some(last);
        }
        let mut chain = rest[..k].to_vec();
        chain[k - 1].1 = last;
        Some(Expr::new(Node::Elementwise(Box::new(first.clone()), chain), span))
    }

    /// Which factor is a sum sign with an index.
    fn binder_in(&self, e: &Expr) -> Option<usize> {
        let Node::Product(factors) = &e.node else { return None };
        factors.iter().position(|f| match &f.expr.node {
            Node::Postfix(base, _) => {
                base.node == Node::Sign(Sign::Sum) || base.as_name() == Some("Σ") && self.what("Σ").is_none()
            }
            _ => false,
        })
    }

    /// `A*B .* C` where both groupings have a shape.
    fn refuse_two_groupings(&self, left: &[Factor], right: &[Factor], a: Value, b: Value) -> Outcome<()> {
        let matrices = |factors: &[Factor]| -> Vec<Value> {
            let all = factors.iter().filter(|f| !f.closed).map(|f| f.value);
            all.filter(|v| !self.settled_shape(v.term).is_scalar()).collect()
        };
        let (l, r) = (matrices(left), matrices(right));
        let same = |x: Value, y: Value| self.settled_shape(x.term) == self.settled_shape(y.term);
        let other = match (l.as_slice(), r.as_slice()) {
            ([.., _, last], _) if same(*last, b) => Some((*last, b)),
            (_, [first, _, ..]) if same(*first, a) => Some((a, *first)),
            _ => None,
        };
        let scalar = self.settled_shape(a.term).is_scalar() || self.settled_shape(b.term).is_scalar();
        let Some((x, y)) = other.filter(|_| !scalar && same(a, b)) else { return Ok(()) };
        Err(Diagnostic::error("E0301", "it is not clear which operator goes first")
            .label(a.span.to(b.span), "both groupings have a shape, and they differ")
            .fixes("the product first", if l.len() > 1 { around(a.span) } else { around(b.span) })
            .fixes("the elementwise operation first", around(x.span.to(y.span))))
    }

    fn element_operation(&mut self, op: ElementOp, a: Value, b: Value, span: Span) -> Outcome<Value> {
        let (a, b) = if op == ElementOp::Kronecker { (self.as_factor(a), self.as_factor(b)) } else { (a, b) };
        let (s, t) = (self.settled_shape(a.term), self.settled_shape(b.term));
        if s.is_scalar() && t.is_scalar() || t.is_scalar() || s.is_scalar() && op != ElementOp::Over {
            let op = if op == ElementOp::Over { Op::Quotient } else { Op::Product };
            return self.build(op, &[a.term, b.term], span);
        }
        if op == ElementOp::Kronecker {
            return self.build(Op::Kronecker, &[a.term, b.term], span);
        }
        if s.is_scalar() {
            let ones = self.context.terms.ones(&t);
            let above = if self.context.terms.is_one(a.term) {
                ones
            } else {
                self.build(Op::Product, &[a.term, ones], a.span)?.term
            };
            return self.build(Op::Quotient, &[above, b.term], span);
        }
        if !self.unify_shapes(&s, &t) {
            let verb = if op == ElementOp::Over { "divide entry by entry" } else { "multiply entry by entry" };
            return Err(self.unequal(a, b, verb));
        }
        let op = if op == ElementOp::Over { Op::Quotient } else { Op::Hadamard };
        self.build(op, &[a.term, b.term], span)
    }
}

/// Parentheses around a span.
fn around(span: Span) -> Vec<(Span, String)> {
    vec![(span.before(), "(".into()), (span.after(), ")".into())]
}
