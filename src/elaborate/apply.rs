//! Applications: `f(x)`, `log det X`, `tanh²(Y)`, `R'(Y)`, and functions of the user.

use super::explode::Piece;
use super::names::{Local, What};
use super::wording::described;
use super::{Elaborator, Outcome, Value, not_yet};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Function, Op, ShapeError, Signature, Symbol};
use crate::shape::{Dim, Shape};
use crate::syntax::tree::*;

/// A function name with what is attached to it.
struct Head {
    what: What,
    name: String,
    span: Span,
    /// Primes: the order of the derivative.
    order: u32,
    /// `tanh²`.
    power: Option<Exponent>,
    /// `softmax_j`.
    sub: Option<Subscript>,
}

impl Elaborator<'_> {
    /// The application that starts with the first piece, and how many pieces it takes.
    pub fn application(&mut self, pieces: &[Piece]) -> Outcome<(Value, usize)> {
        let head = self.head(&pieces[0])?;
        let Some(next) = pieces.get(1).filter(|p| p.beside()) else {
            return self.bare_function(&head).map(|value| (value, 1));
        };
        if let Some(items) = next.arguments() {
            let span = head.span.to(next.span);
            let value = self.apply(&head, items, span)?;
            return Ok((self.postfixes(value, &next.posts)?, 2));
        }
        let (argument, used, _) = self.next_value(&pieces[1..])?;
        if let Some(behind) = pieces.get(1 + used).filter(|p| p.beside()) {
            return Err(self.unclear_extent(&head, argument, behind.whole()));
        }
        let span = head.span.to(argument.span);
        Ok((self.apply_to(&head, argument, span)?, 1 + used))
    }

    fn head(&mut self, piece: &Piece) -> Outcome<Head> {
        let Some(part) = piece.part() else { return Err(no_argument("this", piece.span)) };
        let mut head = Head {
            what: part.what.clone(),
            name: part.name.clone(),
            span: piece.whole(),
            order: 0,
            power: None,
            sub: None,
        };
        for post in &piece.posts {
            match &post.kind {
                PostfixKind::Apostrophe | PostfixKind::Prime => head.order += 1,
                PostfixKind::Power(e) | PostfixKind::ElementPower(e) if head.power.is_none() => {
                    head.power = Some(e.clone())
                }
                PostfixKind::Sub(_) if matches!(part.what, What::Builtin("max" | "min")) => {
                    return Err(largest_of_all(&part.name, head.span));
                }
                PostfixKind::Sub(sub) if head.sub.is_none() => head.sub = Some(sub.clone()),
                _ => {
                    return Err(Diagnostic::error("E0106", format!("this does not belong behind `{}`", part.name))
                        .label(post.span, "a function has no transpose and no entries"));
                }
            }
        }
        Ok(head)
    }

    /// A function without argument: `S` where `S(Y)` was defined stands for `S(Y)`.
    fn bare_function(&mut self, head: &Head) -> Outcome<Value> {
        let own = self.scope.functions.get(&head.name).and_then(|f| f.own.map(|own| (own, f.params.clone())));
        match (own, &head.what) {
            (Some((own, params)), What::Function(_)) => {
                let value = Value { term: self.context.terms.symbol(own), span: head.span };
                let [param] = params.as_slice() else { return Err(no_argument(&head.name, head.span)) };
                let Some(symbol) = self.context.lookup(param) else { return Err(no_argument(&head.name, head.span)) };
                let argument = Value { term: self.context.terms.symbol(symbol), span: head.span };
                self.finish_application(head, value, Some(argument), head.span)
            }
            _ => Err(no_argument(&head.name, head.span)),
        }
    }

    fn unclear_extent(&self, head: &Head, argument: Value, behind: Span) -> Diagnostic {
        let both = argument.span.to(behind);
        let text = self.typed(both);
        Diagnostic::error("E0304", format!("it is not clear how far `{}` reaches", head.name))
            .label(head.span.to(behind), "over one factor or over both")
            .fix("over both", head.span.to(behind), format!("{}({text})", self.typed(head.span)))
            .fix(
                "over one",
                head.span.to(argument.span),
                format!("{}({})", self.typed(head.span), self.typed(argument.span)),
            )
    }

    /// `f(…)`.
    fn apply(&mut self, head: &Head, items: &[Expr], span: Span) -> Outcome<Value> {
        if let What::Builtin(name) = head.what
            && let Some(value) = self.apply_to_sizes(name, items, span)?
        {
            return Ok(value);
        }
        let mut values = Vec::new();
        for item in items {
            values.push(self.expr(item)?);
        }
        match (values.as_slice(), &head.what) {
            ([], _) => Err(no_argument(&head.name, span)),
            (_, What::Function(name)) => self.apply_own(head, &name.clone(), &values, span),
            ([one], _) => self.apply_to(head, *one, span),
            ([a, b], What::Builtin(name)) => self.apply_two(name, *a, *b, span),
            _ => Err(self.wrong_number(&head.name, 1, values.len(), span)),
        }
    }

    fn wrong_number(&self, name: &str, needed: usize, found: usize, span: Span) -> Diagnostic {
        let plural = if needed == 1 { "" } else { "s" };
        Diagnostic::error("E0106", format!("`{name}` takes {needed} argument{plural}"))
            .label(span, format!("{found} here"))
    }

    /// A function of one argument.
    fn apply_to(&mut self, head: &Head, argument: Value, span: Span) -> Outcome<Value> {
        if let (What::Builtin("log"), Some(sub)) = (&head.what, &head.sub)
            && (sub.text.chars().all(|c| c.is_ascii_digit()) || self.settled_shape(argument.term).is_scalar())
        {
            return Err(self.logarithm_to_base(argument, &sub.text, span));
        }
        let value = match &head.what {
            What::Function(name) => return self.apply_own(head, &name.clone(), &[argument], span),
            What::Elementwise(function) => return self.apply_undefined(head, *function, argument, span),
            What::Builtin("inv") => self.inverse(argument, span)?,
            What::Builtin("transpose") => self.transpose(argument, span)?,
            What::Builtin("norm") => match &head.sub {
                Some(sub) => return self.named_norm(argument, Some(&sub.text.clone()), span),
                None => return Err(self.norm_of_what(argument, span)),
            },
            What::Builtin(name) => match Function::named(name) {
                Some(function) => self.call(function, argument, span)?,
                None => return Err(self.wrong_number(name, 2, 1, span)),
            },
            _ => return Err(no_argument(&head.name, span)),
        };
        self.finish_application(head, value, Some(argument), span)
    }

    /// `log_2(x)`, `log(x, 2)`.
    fn logarithm_to_base(&self, argument: Value, base: &str, span: Span) -> Diagnostic {
        let text = self.typed(argument.span);
        Diagnostic::error("E0302", "`log` is the natural logarithm").label(span, format!("to base {base}")).fix(
            "write it with the natural one",
            span,
            format!("log({text})/log({base})"),
        )
    }

    fn norm_of_what(&self, value: Value, span: Span) -> Diagnostic {
        let text = self.typed(value.span);
        let name = if self.settled_shape(value.term).is_vector() { "norm2" } else { "normF" };
        Diagnostic::error("E0302", "a norm needs its name")
            .label(span, format!("of {}", described(&self.settled_shape(value.term))))
            .fix("the usual norm of such a shape", span, format!("{name}({text})"))
    }

    /// Primes, powers and subscripts of the function name.
    fn finish_application(&mut self, head: &Head, value: Value, argument: Option<Value>, span: Span) -> Outcome<Value> {
        let mut value = value;
        for _ in 0..head.order {
            let Some(argument) = argument else { return Err(no_argument(&head.name, span)) };
            value = self.derivative_of_application(&head.name, value, argument, span)?;
        }
        if let Some(exponent) = &head.power {
            value = self.power_of_application(head, value, exponent, span)?;
        }
        match &head.sub {
            Some(sub) => self.entry(value, sub, span),
            None => Ok(value),
        }
    }

    /// `R'(Y)`.
    fn derivative_of_application(&mut self, name: &str, value: Value, argument: Value, span: Span) -> Outcome<Value> {
        let (s, t) = (self.settled_shape(value.term), self.settled_shape(argument.term));
        if s.is_scalar() && t.is_scalar() && self.context.terms.as_symbol(argument.term).is_some() {
            return self.build(Op::Partial, &[value.term, argument.term], span);
        }
        if s == t {
            return self.build(Op::EntrywisePartial, &[value.term, argument.term], span);
        }
        Err(Diagnostic::error("E0403", format!("`{name}'` is the derivative of a function that acts entry by entry"))
            .label(span, format!("from {} to {}", described(&t), described(&s)))
            .note(format!("ask for `diff {name}(…) wrt …`")))
    }

    /// `tanh²(Y)` is always entry by entry.
    fn power_of_application(&mut self, head: &Head, value: Value, exponent: &Exponent, span: Span) -> Outcome<Value> {
        let power = self.expr(&exponent.expr)?;
        if self.context.terms.as_number(power.term).is_some_and(|n| *n == crate::ir::ratio(-1, 1)) {
            return Err(Diagnostic::error("E0301", format!("`{}^-1` has two readings", head.name))
                .label(head.span, "the inverse function, or one over it")
                .note("write `arctan(x)` and its like for the inverse function, `1/tan(x)` for one over it"));
        }
        self.element_power(value, power, span)
    }

    /// `σ(Y)`, `σ'(Y)` of an undefined elementwise function.
    fn apply_undefined(&mut self, head: &Head, function: Symbol, argument: Value, span: Span) -> Outcome<Value> {
        let argument = self.as_factor(argument);
        let value = self.build(Op::Elementwise { function, order: head.order }, &[argument.term], span)?;
        let plain = Head {
            order: 0,
            what: head.what.clone(),
            name: head.name.clone(),
            power: head.power.clone(),
            sub: head.sub.clone(),
            span: head.span,
        };
        self.finish_application(&plain, value, Some(argument), span)
    }

    /// A function of the user: its body with the arguments in the place of its parameters.
    fn apply_own(&mut self, head: &Head, name: &str, values: &[Value], span: Span) -> Outcome<Value> {
        let Some(function) = self.scope.functions.get(name) else { return Err(no_argument(name, span)) };
        if function.params.len() != values.len() {
            return Err(self.wrong_number(name, function.params.len(), values.len(), span));
        }
        let own = function.own.filter(|_| {
            let params = function.params.iter().map(|p| self.context.lookup(p));
            params.zip(values).all(|(p, v)| p.is_some() && p == self.context.terms.as_symbol(v.term))
        });
        let value = match own {
            Some(symbol) => Value { term: self.context.terms.symbol(symbol), span },
            None => self.instantiate(function, values, span)?,
        };
        let argument = if values.len() == 1 { values.first().copied() } else { None };
        self.finish_application(head, value, argument, span)
    }

    fn instantiate(&mut self, function: &super::Function, values: &[Value], span: Span) -> Outcome<Value> {
        let outer = std::mem::take(&mut self.locals);
        // Indices outside cannot be spelled in the body, and a sum in it must not take one of their names.
        let unseen = outer
            .iter()
            .filter(|(_, local)| matches!(local, Local::Index { .. }))
            .map(|(_, local)| (String::new(), local.clone()));
        self.locals = unseen.collect();
        let params = function.params.iter().cloned().zip(values.iter().map(|v| Local::Term(v.term)));
        self.locals.extend(params);
        let value = self.expr(&function.body);
        self.locals = outer;
        Ok(Value { span, ..value? })
    }

    /// A built-in function of one argument.
    pub fn call(&mut self, function: Function, argument: Value, span: Span) -> Outcome<Value> {
        let argument = if function.is_entrywise() { argument } else { self.as_factor(argument) };
        if let Some(value) = self.entry_of_vector_function(function, argument, span)? {
            return Ok(value);
        }
        let shape = self.settled_shape(argument.term);
        let square = matches!(
            function.signature(),
            Signature::SquareToScalar | Signature::SquareToSquare | Signature::SquareToVector
        );
        if square && !shape.is_scalar() {
            self.unify(&shape.rows(), &shape.cols());
        }
        match self.raw(Op::Call(function), &[argument.term]) {
            Ok(term) => Ok(Value { term, span }),
            Err(error) => Err(self.wrong_argument(function, argument, &error, span)),
        }
    }

    /// `softmax(θ_j)` is entry j of softmax(θ).
    fn entry_of_vector_function(&mut self, function: Function, argument: Value, span: Span) -> Outcome<Option<Value>> {
        let Op::Entry(indices) = self.context.terms.op(argument.term).clone() else { return Ok(None) };
        if function.signature() != Signature::VectorToVector {
            return Ok(None);
        }
        let vector = self.context.terms.args(argument.term)[0];
        let whole = self.build(Op::Call(function), &[vector], span)?;
        let value = self.build(Op::Entry(indices), &[whole.term], span)?;
        self.note(span, format!("{} is an entry of `{}` of the whole vector", self.called(value), function.name()));
        Ok(Some(value))
    }

    fn wrong_argument(&self, function: Function, argument: Value, error: &ShapeError, span: Span) -> Diagnostic {
        let name = function.name();
        let shape = self.settled_shape(argument.term);
        let text = self.typed(argument.span).to_string();
        let (code, needs) = match error {
            ShapeError::NotSquare { .. } => ("E0203", "a square matrix"),
            ShapeError::NotVector { .. } => ("E0204", "a vector"),
            _ => ("E0204", "a vector or a matrix"),
        };
        let instead: &[(&str, &str)] = match (function, &shape) {
            (Function::Norm2 | Function::Norm1, Shape::Matrix { .. }) => &[("the Frobenius norm", "normF")],
            (Function::Softmax, Shape::Matrix { .. }) => {
                &[("the softmax of each row", "rowsoftmax"), ("the softmax of each column", "colsoftmax")]
            }
            _ => &[],
        };
        let code = if instead.is_empty() { code } else { "E0302" };
        let d = Diagnostic::error(code, format!("`{name}` needs {needs}")).label(argument.span, described(&shape));
        let d = self.declared_here(d, argument, |n| format!("`{n}` declared here"));
        let d = if shape.is_scalar() { d.note(format!("`{name}` of a scalar has no meaning")) } else { d };
        instead.iter().fold(d, |d, (title, other)| d.fix(*title, span, format!("{other}({text})")))
    }

    /// `kron(A, B)`, `max(a, b)`, `inner(A, B)`, `entrywise(f, x)`.
    fn apply_two(&mut self, name: &str, a: Value, b: Value, span: Span) -> Outcome<Value> {
        match name {
            "kron" => {
                let (a, b) = (self.as_factor(a), self.as_factor(b));
                self.refuse_scalar_in_kronecker(a, b, span)?;
                self.build(Op::Kronecker, &[a.term, b.term], span)
            }
            "inner" => self.inner_of(a, b, span),
            "entrywise" => self.build(Op::EntrywisePartial, &[a.term, b.term], span),
            "max" => self.maximum(a, b, span),
            "norm" => match self.typed(b.span).trim() {
                which @ ("1" | "2") => self.named_norm(a, Some(which), span),
                which => Err(not_yet(&format!("the norm `{which}` is"), span)
                    .note("norms of a vector are `norm1(x)` and `norm2(x)`, of a matrix `normF(A)`")),
            },
            "log" => Err(self.logarithm_to_base(a, self.typed(b.span), span)),
            "trace" | "tr" | "sum" | "mean" | "var" | "softmax" | "logsumexp" => {
                let along =
                    "`rowsum(A)` and `colsum(A)`, `rowsoftmax(A)` and `colsoftmax(A)` go along rows and columns";
                Err(self.wrong_number(name, 1, 2, span).note(along))
            }
            // The smaller is what is larger of the negatives.
            "min" => {
                let [a, b] = [a, b].map(|value| Value { term: self.negated(value.term), ..value });
                let larger = self.maximum(a, b, span)?;
                Ok(Value { term: self.negated(larger.term), span })
            }
            _ => Err(self.wrong_number(name, 1, 2, span)),
        }
    }

    fn refuse_scalar_in_kronecker(&self, a: Value, b: Value, span: Span) -> Outcome<()> {
        let (s, t) = (self.settled_shape(a.term), self.settled_shape(b.term));
        if !s.is_scalar() && !t.is_scalar() {
            return Ok(());
        }
        Err(Diagnostic::error("E0204", "a Kronecker product is of two matrices")
            .label(a.span, described(&s))
            .label(b.span, described(&t))
            .fix("multiply", span, format!("{}*{}", self.text(a), self.text(b))))
    }

    fn maximum(&mut self, a: Value, b: Value, span: Span) -> Outcome<Value> {
        let (s, t) = (self.settled_shape(a.term), self.settled_shape(b.term));
        let number = |v: Value| self.context.terms.as_number(v.term).is_some();
        if s.is_scalar() != t.is_scalar() && !number(a) && !number(b) {
            return Err(self.unequal(a, b, "compare entry by entry"));
        }
        if !s.is_scalar() && !t.is_scalar() && !self.unify_shapes(&s, &t) {
            return Err(self.unequal(a, b, "compare entry by entry"));
        }
        self.build(Op::Max, &[a.term, b.term], span)
    }

    /// `ones(m, n)`, `eye(n)`, `vector(1)` and their like, whose arguments are sizes.
    fn apply_to_sizes(&mut self, name: &str, items: &[Expr], span: Span) -> Outcome<Option<Value>> {
        let sizes = |this: &mut Self| -> Outcome<Vec<Dim>> {
            items.iter().map(|e| super::declare::known_dimension(this.context, e)).collect()
        };
        let term = match (name, items.len()) {
            ("ones" | "zeros", 1 | 2) => {
                let sizes = sizes(self)?;
                let shape = Shape::matrix(sizes[0].clone(), sizes.get(1).cloned().unwrap_or_else(Dim::one));
                if name == "ones" { self.context.terms.ones(&shape) } else { self.context.terms.zero(shape) }
            }
            ("eye", 1) => {
                let n = sizes(self)?.remove(0);
                self.context.terms.identity(n)
            }
            ("commutation", 2) => {
                let sizes = sizes(self)?;
                self.context.terms.make(Op::Commutation(sizes[0].clone(), sizes[1].clone()), &[])
            }
            ("vector" | "matrix", 1) => return self.constant_array(name, &items[0], span).map(Some),
            ("ones" | "zeros" | "eye" | "commutation" | "vector" | "matrix", found) => {
                return Err(self.wrong_number(name, if name == "commutation" { 2 } else { 1 }, found, span));
            }
            _ => return Ok(None),
        };
        Ok(Some(Value { term, span }))
    }

    /// `vector(1)`: a vector of ones, as long as its surroundings need.
    fn constant_array(&mut self, name: &str, e: &Expr, span: Span) -> Outcome<Value> {
        let value = self.expr(e)?;
        let ones = self.flexible_ones(span);
        let ones = if name == "vector" { self.as_factor(ones) } else { ones };
        match self.context.terms.as_number(value.term) {
            Some(n) if num_traits::Zero::is_zero(n) => {
                let shape = self.settled_shape(ones.term);
                Ok(Value { term: self.context.terms.zero(shape), span })
            }
            _ if self.context.terms.is_one(value.term) => Ok(ones),
            _ => self.build(Op::Product, &[value.term, ones.term], span),
        }
    }
}

/// A function where a value is needed.
pub fn no_argument(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error("E0106", format!("`{name}` is a function and needs its argument"))
        .label(span, "nothing that it could be applied to follows")
        .note(format!("written `{name}(x)`"))
}

/// `max_i x_i`: the largest of the entries.
fn largest_of_all(name: &str, span: Span) -> Diagnostic {
    let (which, smooth) = match name {
        "max" => ("largest", "logsumexp(x)"),
        _ => ("smallest", "-logsumexp(-x)"),
    };
    Diagnostic::error("E0901", format!("the {which} of all entries is not part of Gradus"))
        .label(span, format!("`{name}` takes two arguments and compares them entry by entry"))
        .note(format!("smooth, and close to the {which}: `{smooth}`"))
}
