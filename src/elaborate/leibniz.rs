//! Leibniz notation: `dJ/dW`, `∂A⁻¹/∂α`, `d/dα (…)`, `\frac{\partial J}{\partial W}`, `∇_W J`, `dA`.

use super::explode::{Base, Piece};
use super::names::What;
use super::{Elaborator, Outcome, Value};
use crate::diag::{Diagnostic, Span};
use crate::ir::Op;
use crate::syntax::tree::*;

/// What is above and below in a quotient of differentials.
struct Quotient<'p, 'e> {
    order: u32,
    body: &'p [Piece<'e>],
    below: &'p [Piece<'e>],
    start: Span,
    /// Braces show how far the part above reaches: `\frac{\partial x^\top x}{\partial x}`.
    braced: bool,
}

impl Elaborator<'_> {
    /// The derivative or differential that starts with the first piece, and how many pieces it takes.
    pub fn leibniz(&mut self, pieces: &[Piece]) -> Outcome<Option<(Value, usize)>> {
        let first = &pieces[0];
        if first.is_sign(Sign::Nabla) {
            return self.nabla(pieces).map(Some);
        }
        if let Base::Expr(Expr { node: Node::Fraction(above, below), .. }) = &first.base {
            return self.fraction_of_differentials(pieces, above, below);
        }
        self.refuse_declared_differentials(pieces)?;
        if !self.is_marker(first) {
            return Ok(None);
        }
        let over = pieces.iter().skip(1).position(|p| p.join == Join::Over || self.is_marker(p)).map(|i| i + 1);
        match over {
            Some(over) if pieces[over].join == Join::Over && self.is_marker(&pieces[over]) => {
                let quotient = Quotient {
                    order: order(first)?,
                    body: &pieces[1..over],
                    below: &pieces[over..],
                    start: first.span,
                    braced: false,
                };
                self.quotient_of_differentials(&quotient)
                    .map(|(value, used)| Some((value, over + used)))
                    .and_then(|found| self.applied_operator(found, pieces, over, first))
            }
            _ if first.is_sign(Sign::Partial) => Err(lone_partial(first.whole())),
            _ => self.differential(pieces).map(Some),
        }
    }

    /// `d/dα (…)`: nothing stands above, so that the next factor is differentiated.
    fn applied_operator(
        &mut self,
        found: Option<(Value, usize)>,
        pieces: &[Piece],
        over: usize,
        first: &Piece,
    ) -> Outcome<Option<(Value, usize)>> {
        let Some((value, used)) = found else { return Ok(None) };
        if over > 1 {
            return Ok(Some((value, used)));
        }
        let behind = &pieces[used..];
        if behind.first().is_none_or(|p| !p.beside()) {
            return Err(Diagnostic::error("E0001", "an operand is missing behind this derivative")
                .label(first.span.to(value.span), "of what")
                .note("written `d/dα (A^-1)`"));
        }
        let (operand, more, _) = self.next_value(behind)?;
        if let Some(last) = last_factor(&behind[more..]) {
            return Err(unclear(first.span.to(last), operand.span, last));
        }
        let order = order(first)?;
        let variables = self.variables_below(&pieces[over..], order)?.0;
        let derivative = self.derive(operand, &variables, first.span.to(operand.span))?;
        Ok(Some((derivative, used + more)))
    }

    /// `∂` or `d` before something that is differentiated.
    fn is_marker(&self, piece: &Piece) -> bool {
        piece.is_sign(Sign::Partial) || piece.part().is_some_and(|p| p.what == What::D)
    }

    /// `dJ/dW` where `dJ` or `dW` is itself a declared name.
    fn refuse_declared_differentials(&self, pieces: &[Piece]) -> Outcome<()> {
        let spelled = |piece: &Piece| {
            let part = piece.part()?;
            let rest = part.name.strip_prefix('d').filter(|rest| !rest.is_empty())?;
            (matches!(part.what, What::Symbol(_)) && self.is_declared(rest)).then(|| rest.to_string())
        };
        let first = &pieces[0];
        let marked = first.part().is_some_and(|p| p.what == What::D);
        let Some(over) = pieces.iter().take(3).position(|p| p.join == Join::Over) else { return Ok(()) };
        let below = &pieces[over];
        let marked_below = below.part().is_some_and(|p| p.what == What::D);
        let (above_name, below_name) = (spelled(first), spelled(below));
        if !(above_name.is_some() && (below_name.is_some() || marked_below) || marked && below_name.is_some()) {
            return Ok(());
        }
        let end = if marked_below { pieces.get(over + 1).map_or(below.whole(), Piece::whole) } else { below.whole() };
        let span = first.span.to(end);
        let name = if above_name.is_some() { first } else { below };
        let text = self.typed(span).to_string();
        let derivative = text.replacen('d', "∂", 1).replace("/d", "/∂").replace("/ d", "/ ∂");
        let quotient: Vec<String> = text.split('/').map(|part| format!("({})", part.trim())).collect();
        Err(Diagnostic::error("E0104", "this is a derivative, and also a quotient of declared names")
            .label(span, format!("`{}` is declared", name.part().map_or("", |p| p.name.as_str())))
            .fix("the derivative", span, derivative)
            .fix("the quotient", span, quotient.join("/")))
    }

    /// `\frac{\partial J}{\partial W}`.
    fn fraction_of_differentials(
        &mut self,
        pieces: &[Piece],
        above: &Expr,
        below: &Expr,
    ) -> Outcome<Option<(Value, usize)>> {
        let first = &pieces[0];
        let (Some(top), Some(bottom)) = (self.differential_part(above)?, self.differential_part(below)?) else {
            return Ok(None);
        };
        if !self.is_marker(&top[0]) || !self.is_marker(&bottom[0]) {
            return Ok(None);
        }
        let order = order(&top[0])?;
        let quotient = Quotient { order, body: &top[1..], below: &bottom, start: first.span, braced: true };
        if top.len() > 1 {
            let (value, used) = self.quotient_of_differentials(&quotient)?;
            if used < bottom.len() {
                return Err(too_many(bottom[used].whole()));
            }
            let value = Value { span: first.span, ..value };
            return self.postfixes(value, &first.posts).map(|v| Some((v, 1)));
        }
        let Some(_) = pieces.get(1).filter(|p| p.beside()) else {
            return Err(
                Diagnostic::error("E0001", "an operand is missing behind this derivative").label(first.span, "of what")
            );
        };
        let (operand, more, _) = self.next_value(&pieces[1..])?;
        if let Some(last) = last_factor(&pieces[1 + more..]) {
            return Err(unclear(first.span.to(last), operand.span, last));
        }
        let variables = self.variables_below(&bottom, quotient.order)?.0;
        let value = self.derive(operand, &variables, first.span.to(operand.span))?;
        Ok(Some((value, 1 + more)))
    }

    /// The pieces of one part of a fraction, if it starts with `∂` or `d`.
    fn differential_part<'e>(&mut self, e: &'e Expr) -> Outcome<Option<Vec<Piece<'e>>>> {
        let marked = match &e.node {
            Node::Product(factors) => starts_marked(&factors[0].expr),
            _ => starts_marked(e),
        };
        if marked { self.explode(e).map(Some) } else { Ok(None) }
    }

    fn quotient_of_differentials(&mut self, q: &Quotient) -> Outcome<(Value, usize)> {
        let (variables, used) = self.variables_below(q.below, q.order)?;
        let end = q.below[used - 1].whole();
        if q.body.is_empty() {
            let first = variables.first().copied().unwrap_or(Value { term: self.context.terms.integer(0), span: end });
            return Ok((Value { span: end, ..first }, used));
        }
        if let Some(loose) = loose_factor(q.body).filter(|_| !q.braced) {
            return Err(unclear(q.start.to(end), q.body[0].whole(), loose.whole()));
        }
        let span = q.body[0].span.to(q.body[q.body.len() - 1].whole());
        let mut body = q.body.to_vec();
        body[0].join = Join::First;
        let of = self.pieces_value(&body, span)?;
        let value = self.derive(of, &variables, q.start.to(end))?;
        Ok((value, used))
    }

    /// Exactly `order` variables behind `∂` or `d`, and how many pieces they take.
    fn variables_below(&mut self, below: &[Piece], order: u32) -> Outcome<(Vec<Value>, usize)> {
        let mut variables = Vec::new();
        let mut at = 0;
        while (variables.len() as u32) < order {
            let Some(marker) = below.get(at).filter(|p| self.is_marker(p)) else {
                return Err(too_few(below[at.min(below.len()) - usize::from(at >= below.len())].whole(), order));
            };
            let Some(piece) = below.get(at + 1) else { return Err(lone_partial(marker.whole())) };
            let (value, times) = self.variable_piece(piece)?;
            variables.extend(std::iter::repeat_n(value, times as usize));
            at += 2;
        }
        Ok((variables, at))
    }

    /// `W`, `x²`, `x'`: the variable and how often it is meant.
    fn variable_piece(&mut self, piece: &Piece) -> Outcome<(Value, u32)> {
        let mut plain = piece.clone();
        let mut times = 1;
        plain.posts.retain(|post| match &post.kind {
            PostfixKind::Transpose | PostfixKind::Apostrophe => false,
            PostfixKind::Power(Exponent { expr: Expr { node: Node::Number(n), .. }, .. }) => {
                times = n.parse().unwrap_or(1).clamp(1, 9);
                false
            }
            PostfixKind::Power(Exponent { expr, .. }) => expr.as_name() != Some("T"),
            _ => true,
        });
        let value = self.piece_value(&plain)?;
        let term = value.term;
        let entry = matches!(self.context.terms.op(term), Op::Entry(_))
            && self.context.terms.as_symbol(self.context.terms.args(term)[0]).is_some();
        if self.context.terms.as_symbol(term).is_some() || entry {
            return Ok((value, times));
        }
        Err(Diagnostic::error("E0402", "a derivative is taken by a name")
            .label(piece.whole(), "this is not a name")
            .note("name it on a line of its own (`u = …`); a derivative by a defined name treats it as the variable"))
    }

    fn derive(&mut self, of: Value, variables: &[Value], span: Span) -> Outcome<Value> {
        variables.iter().try_fold(Value { span, ..of }, |value, variable| {
            let value = self.as_factor(value);
            self.build(Op::Partial, &[value.term, variable.term], span)
        })
    }

    /// `∇_W J`.
    fn nabla(&mut self, pieces: &[Piece]) -> Outcome<(Value, usize)> {
        let first = &pieces[0];
        let mut marker = first.clone();
        let mut subscripts = Vec::new();
        marker.posts.retain(|post| match &post.kind {
            PostfixKind::Sub(sub) => {
                subscripts.extend(sub.items.iter().cloned());
                false
            }
            _ => true,
        });
        if subscripts.is_empty() {
            return Err(Diagnostic::error("E0005", "`∇` needs the variable")
                .label(first.whole(), "written `∇_W J`, and `∇²_x f` for the Hessian"));
        }
        let order = order(&marker)? as usize;
        if pieces.get(1).is_none() {
            return Err(Diagnostic::error("E0001", "an operand is missing after `∇`").label(first.whole(), "of what"));
        }
        let mut variables = Vec::new();
        for item in &subscripts {
            variables.push(self.variable_value(item)?);
        }
        match variables[..] {
            [one] => variables = vec![one; order],
            _ if order > 1 && order != variables.len() => return Err(too_few(first.whole(), order as u32)),
            _ => {}
        }
        let (operand, used, _) = self.next_value(&pieces[1..])?;
        if let Some(last) = last_factor(&pieces[1 + used..]) {
            return Err(unclear(first.span.to(last), operand.span, last));
        }
        let value = self.derive(operand, &variables, first.span.to(operand.span))?;
        Ok((value, 1 + used))
    }

    /// `d` alone, if it is a dimension: `sqrt(d)`.
    fn dimension_d(&mut self, piece: &Piece) -> Outcome<Value> {
        let dim = self.context.known_dim("d").ok_or_else(|| lone_d(piece.whole()))?;
        let value = self.build(Op::Dimension(dim), &[], piece.span)?;
        self.postfixes(value, &piece.posts)
    }

    /// `d(A B)`, `dA`.
    fn differential(&mut self, pieces: &[Piece]) -> Outcome<(Value, usize)> {
        let first = &pieces[0];
        if pieces.get(1).is_none_or(|p| !p.beside()) {
            return self.dimension_d(first).map(|value| (value, 1));
        }
        let order = order(first)?;
        let (operand, used) = match pieces[1].arguments() {
            Some([one]) => {
                let inside = self.expr(one)?;
                let value = self.repeated_differential(inside, order, first.span.to(pieces[1].span))?;
                return Ok((self.postfixes(value, &pieces[1].posts)?, 2));
            }
            _ if pieces[1].is_function() => {
                let (inside, used, _) = self.next_value(&pieces[1..])?;
                (self.repeated_differential(inside, order, first.span.to(inside.span))?, 1 + used)
            }
            _ => {
                let mut plain = pieces[1].clone();
                let posts = std::mem::take(&mut plain.posts);
                let inside = self.piece_value(&plain)?;
                let value = self.repeated_differential(inside, order, first.span.to(plain.span))?;
                (self.postfixes(value, &posts)?, 2)
            }
        };
        Ok((operand, used))
    }

    fn repeated_differential(&mut self, value: Value, order: u32, span: Span) -> Outcome<Value> {
        (0..order).try_fold(self.as_factor(value), |value, _| self.build(Op::Differential, &[value.term], span))
    }
}

/// The `2` of `∂²`.
fn order(marker: &Piece) -> Outcome<u32> {
    match marker.posts.as_slice() {
        [] => Ok(1),
        [Postfix { kind: PostfixKind::Power(Exponent { expr: Expr { node: Node::Number(n), .. }, .. }), span }] => {
            n.parse().ok().filter(|n| (1..=9).contains(n)).ok_or_else(|| lone_partial(*span))
        }
        _ => Err(lone_partial(marker.whole())),
    }
}

/// Does the expression start with `∂`, `d` or `d…`?
fn starts_marked(e: &Expr) -> bool {
    match &e.node {
        Node::Sign(Sign::Partial) => true,
        Node::Name(name) => name.starts_with('d'),
        Node::Postfix(base, _) => starts_marked(base),
        _ => false,
    }
}

fn lone_partial(span: Span) -> Diagnostic {
    Diagnostic::error("E0005", "this derivative is not complete")
        .label(span, "written `∂J/∂W`, `d/dα (…)` or `∂²f/∂x∂y`")
}

/// `d` alone.
pub fn lone_d(span: Span) -> Diagnostic {
    Diagnostic::error("E0005", "`d` stands alone").label(span, "written `dA`, `d(A B)` or `dJ/dW`")
}

fn too_few(span: Span, order: u32) -> Diagnostic {
    Diagnostic::error("E0005", format!("a derivative of order {order} needs {order} variables"))
        .label(span, "written `∂²f/∂x∂y` or `∂²f/∂x²`")
}

fn too_many(span: Span) -> Diagnostic {
    Diagnostic::error("E0005", "there are more variables than the order of this derivative").label(span, "not expected")
}

/// A factor that stands by itself behind another, neither an argument nor glued to it: `∂A B/∂α`.
fn loose_factor<'p, 'e>(body: &'p [Piece<'e>]) -> Option<&'p Piece<'e>> {
    let is_loose = |pair: &&[Piece]| {
        let next = &pair[1];
        next.join == (Join::Beside { glued: false })
            && !pair[0].is_function()
            && !next.is_function()
            && next.arguments().is_none()
    };
    body.windows(2).find(is_loose).map(|pair| &pair[1])
}

/// Where the factors that follow end, if there are any: also what divides, as in `d/dx 1/x`.
fn last_factor(behind: &[Piece]) -> Option<Span> {
    let factors = behind.iter().take_while(|piece| piece.beside() || matches!(piece.join, Join::Times | Join::Over));
    factors.last().map(Piece::whole)
}

/// Two factors beside each other where one is differentiated, or both.
fn unclear(whole: Span, one: Span, two: Span) -> Diagnostic {
    let around = |span: Span| vec![(span.before(), "(".to_string()), (span.after(), ")".to_string())];
    let d = Diagnostic::error("E0304", "it is not clear how far this derivative reaches")
        .label(whole, "over one factor or over both")
        .fixes("over both", around(one.to(two)));
    // In `∂A B/∂α` the variable stands behind both.
    let operator = two.end == whole.end;
    if operator { d.fixes("over one", around(Span::new(whole.start, one.end))) } else { d }
}
