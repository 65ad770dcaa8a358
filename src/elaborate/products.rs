//! Pieces → values, and products of values.

use super::explode::{Base, Piece};
use super::names::What;
use super::{Elaborator, Outcome, Value};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Op, Term};
use crate::syntax::tree::*;

/// A value and how it is joined to the one before it.
#[derive(Clone, Copy, Debug)]
pub struct Factor {
    pub join: Join,
    pub value: Value,
    /// Is it a derivative in Leibniz notation, which closes itself?
    pub closed: bool,
}

impl Elaborator<'_> {
    /// A product, a name, an operand with postfixes: whatever may hold juxtaposed names.
    pub fn product_of(&mut self, e: &Expr) -> Outcome<Value> {
        self.refuse_unknown_application(e)?;
        let pieces = self.explode(e)?;
        self.pieces_value(&pieces, e.span)
    }

    /// `foo(x)` with an unknown name: a function, not a product.
    fn refuse_unknown_application(&self, e: &Expr) -> Outcome<()> {
        let Node::Product(factors) = &e.node else { return Ok(()) };
        for pair in factors.windows(2) {
            let (Some(name), Join::Beside { glued: true }) = (pair[0].expr.as_name(), pair[1].join) else { continue };
            let group = match &pair[1].expr.node {
                Node::Postfix(base, _) => &base.node,
                node => node,
            };
            let unknown = self.what(name).is_none() && self.scope.poisoned(name).is_none();
            if unknown && matches!(group, Node::Group(Bracket::Round, _)) && !self.splits_somehow(name) {
                return Err(self.refuse_unknown_function(name, pair[0].expr.span));
            }
        }
        Ok(())
    }

    /// The value of pieces.
    pub fn pieces_value(&mut self, pieces: &[Piece], span: Span) -> Outcome<Value> {
        let factors = self.factors(pieces)?;
        self.combine(&factors, span)
    }

    /// The values of pieces, applications and derivatives taken together.
    pub fn factors(&mut self, pieces: &[Piece]) -> Outcome<Vec<Factor>> {
        let mut factors = Vec::new();
        let mut at = 0;
        while at < pieces.len() {
            let start = &pieces[at];
            let (value, used, closed) = self.next_value(&pieces[at..])?;
            factors.push(Factor { join: start.join, value, closed });
            at += used;
        }
        Ok(factors)
    }

    /// The value that starts with the first piece, and how many pieces it takes.
    pub fn next_value(&mut self, pieces: &[Piece]) -> Outcome<(Value, usize, bool)> {
        let plain = matches!(&pieces[0].base, Base::Expr(Expr { node: Node::Group(..) | Node::Number(_), .. }));
        if plain {
            return self.value_at(pieces);
        }
        self.enter(pieces[0].span)?;
        let found = self.value_at(pieces)?;
        self.depth -= 1;
        Ok(found)
    }

    fn value_at(&mut self, pieces: &[Piece]) -> Outcome<(Value, usize, bool)> {
        let first = &pieces[0];
        if let Some((value, used)) = self.leibniz(pieces)? {
            return Ok((value, used, true));
        }
        if self.is_binder(first) {
            let value = self.index_sum(first, &pieces[1..])?;
            return Ok((value, pieces.len(), true));
        }
        if first.is_function() {
            let (value, used) = self.application(pieces)?;
            return Ok((value, used, false));
        }
        if let Some(value) = self.with_its_arguments(pieces)? {
            return Ok((value, 2, false));
        }
        self.refuse_indexing(pieces)?;
        self.refuse_application_of_value(pieces)?;
        self.piece_value(first).map(|value| (value, 1, false))
    }

    /// `A(α)` where A was declared a function of α is A.
    fn with_its_arguments(&mut self, pieces: &[Piece]) -> Outcome<Option<Value>> {
        let [first, next, ..] = pieces else { return Ok(None) };
        let (Some(What::Symbol(symbol)), Some(items)) = (first.part().map(|p| &p.what), next.arguments()) else {
            return Ok(None);
        };
        let depends_on = &self.context.info(*symbol).depends_on;
        let listed = |e: &Expr| {
            let name = crate::syntax::full_name(e)?;
            self.context.lookup(&name).filter(|s| depends_on.contains(s))
        };
        let glued = next.join == Join::Beside { glued: true } && first.posts.is_empty();
        if !glued || items.is_empty() || items.iter().any(|e| listed(e).is_none()) {
            return Ok(None);
        }
        let value = self.piece_value(first)?;
        self.postfixes(Value { span: first.span.to(next.span), ..value }, &next.posts).map(Some)
    }

    /// A piece by itself, with its postfixes.
    pub fn piece_value(&mut self, piece: &Piece) -> Outcome<Value> {
        if let Some(value) = self.special_piece(piece)? {
            return Ok(value);
        }
        let value = match &piece.base {
            Base::Name(part) => self.name_value(part)?,
            Base::Expr(e) => self.operand(e)?,
        };
        self.postfixes(value, &piece.posts)
    }

    /// Pieces that mean something with their postfixes: `‖x‖₂`, `e^…`, `e_i`, `δ_ij`.
    fn special_piece(&mut self, piece: &Piece) -> Outcome<Option<Value>> {
        let mut posts = piece.posts.clone();
        if let Base::Expr(Expr { node: Node::Group(Bracket::Norm, items), .. }) = &piece.base
            && let [one] = items.as_slice()
        {
            let value = self.norm(one, &mut posts, piece.span)?;
            return self.postfixes(value, &posts).map(Some);
        }
        match piece.part().map(|part| &part.what) {
            Some(What::Euler) => self.euler(piece),
            Some(What::Identity) => self.sized_identity(piece),
            Some(&What::Samples(array)) => self.sample(array, &piece.posts, piece.span).map(Some),
            Some(What::Delta) => match piece.posts.split_first() {
                Some((Postfix { kind: PostfixKind::Sub(sub), span }, rest)) => {
                    let value = self.kronecker_delta(sub, piece.span.to(*span))?;
                    self.postfixes(value, rest).map(Some)
                }
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// Products and quotients from left to right.
    pub fn combine(&mut self, factors: &[Factor], span: Span) -> Outcome<Value> {
        let mut group: Vec<Factor> = Vec::new();
        let mut closed_by_fraction: Option<Span> = None;
        for factor in factors {
            if factor.join == Join::Over {
                let above = self.chain(&std::mem::take(&mut group))?;
                let below = self.as_operand(factor.value);
                let value = self.quotient(above, below, above.span.to(below.span))?;
                let plain = self.context.terms.as_number(above.term).is_some()
                    && self.context.terms.as_number(below.term).is_some();
                closed_by_fraction = (!plain).then_some(below.span);
                group.push(Factor { value, closed: false, ..*factor });
                continue;
            }
            if let (Some(below), Join::Beside { glued }, 1) = (closed_by_fraction, factor.join, group.len())
                && !self.stands_behind(below, *factor, glued)
            {
                return Err(self.unclear_fraction(group[0].value, below, factor.value));
            }
            group.push(*factor);
        }
        let value = self.chain(&group)?;
        Ok(Value { span, ..value })
    }

    /// `1/N Σ_i …` and `N/2 log(x)`: a sum, a derivative, and what stands apart from a number in digits are read
    /// behind the fraction by everybody.
    fn stands_behind(&self, below: Span, factor: Factor, glued: bool) -> bool {
        let digits = self.typed(below).bytes().all(|byte| byte.is_ascii_digit());
        factor.closed || (digits && !glued)
    }

    /// `a/b c`: nobody can tell.
    fn unclear_fraction(&self, fraction: Value, below: Span, behind: Value) -> Diagnostic {
        let both = below.to(behind.span);
        let text = self.typed(both).to_string();
        Diagnostic::error("E0004", "it is not clear what this fraction covers")
            .label(both, format!("is {} in the denominator or after it", self.called(behind)))
            .fix("add parentheses, for the product in the denominator", both, format!("({text})"))
            .fixes(
                "add parentheses, for the product after the fraction",
                vec![(fraction.span.before(), "(".into()), (fraction.span.after(), ")".into())],
            )
    }

    /// A value as an operand of a product: `𝟏` becomes a vector.
    pub fn as_operand(&mut self, value: Value) -> Value {
        self.as_factor(value)
    }

    /// The product of factors without quotients between them.
    fn chain(&mut self, factors: &[Factor]) -> Outcome<Value> {
        let [first, rest @ ..] = factors else {
            return Err(Diagnostic::error("E0001", "an operand is missing").label(Span::at(0), ""));
        };
        if rest.is_empty() {
            return Ok(first.value);
        }
        let mut built = Chain::default();
        for (i, factor) in factors.iter().enumerate() {
            let value = self.as_factor(factor.value);
            self.append(&mut built, Factor { value, ..*factor }, factors.get(i + 1))?;
        }
        self.close(built)
    }

    /// One more factor behind a chain.
    fn append(&mut self, chain: &mut Chain, factor: Factor, next: Option<&Factor>) -> Outcome<()> {
        let shape = self.settled_shape(factor.value.term);
        let Some(last) = chain.last_matrix.filter(|_| !shape.is_scalar()) else {
            return {
                chain.push(factor, shape.is_scalar());
                Ok(())
            };
        };
        let left = self.settled_shape(chain.factors[last].value.term);
        if self.unify(&left.cols(), &shape.rows()) {
            self.refuse_two_readings(chain.factors[last].value, factor)?;
            chain.push(factor, false);
            return Ok(());
        }
        if self.segment_is_one_by_one(chain) {
            let scalar = self.cast(chain)?;
            *chain = Chain::default();
            chain.push(Factor { value: scalar, ..factor }, true);
            chain.push(factor, false);
            return Ok(());
        }
        let entrywise = self.is_entrywise(chain.factors[last].value.term) || self.is_entrywise(factor.value.term);
        if entrywise && left == shape {
            let previous = chain.factors[last].value;
            let span = previous.span.to(factor.value.span);
            let value = self.build(Op::Hadamard, &[previous.term, factor.value.term], span)?;
            self.note(
                span,
                format!("{} is read entry by entry, as a matrix product has no shape here", self.called(value)),
            );
            chain.factors[last].value = value;
            return Ok(());
        }
        if let Some(d) = self.right_first(chain, last, factor, next) {
            return Err(d);
        }
        Err(self.inner_mismatch(chain, last, factor, next))
    }

    /// Two square entrywise terms side by side have two readings.
    fn refuse_two_readings(&self, left: Value, right: Factor) -> Outcome<()> {
        let square = self.settled_shape(left.term).is_square() && !self.settled_shape(left.term).is_one_by_one();
        let beside = matches!(right.join, Join::Beside { .. });
        if !(square && beside && self.is_entrywise(left.term) && self.is_entrywise(right.value.term)) {
            return Ok(());
        }
        let span = left.span.to(right.value.span);
        let (a, b) = (self.text(left), self.text(right.value));
        Err(Diagnostic::error("E0301", "this product of square matrices has two readings")
            .label(span, "entry by entry, or the matrix product")
            .fix("entry by entry", span, format!("{a} .* {b}"))
            .fix("the matrix product", span, format!("{a}*{b}")))
    }

    fn segment_is_one_by_one(&self, chain: &Chain) -> bool {
        let (Some(first), Some(last)) = (chain.first_matrix, chain.last_matrix) else { return false };
        let rows = self.settled_shape(chain.factors[first].value.term).rows();
        let cols = self.settled_shape(chain.factors[last].value.term).cols();
        first != last && rows.is_one() && cols.is_one()
    }

    /// The chain as a scalar.
    fn cast(&mut self, chain: &Chain) -> Outcome<Value> {
        let value = self.multiply(&chain.factors)?;
        self.build(Op::AsScalar, &[value.term], value.span)
    }

    fn multiply(&mut self, factors: &[Factor]) -> Outcome<Value> {
        let span = factors.iter().map(|f| f.value.span).reduce(Span::to).unwrap_or_default();
        let terms: Vec<Term> = factors.iter().map(|f| f.value.term).collect();
        match terms.as_slice() {
            [one] => Ok(Value { term: *one, span }),
            _ => self.build(Op::Product, &terms, span),
        }
    }

    /// The finished product; 1×1 is a scalar.
    fn close(&mut self, chain: Chain) -> Outcome<Value> {
        if self.segment_is_one_by_one(&chain) {
            return self.cast(&chain);
        }
        self.multiply(&chain.factors)
    }

    /// `A x'y`: the other grouping has a shape.
    fn right_first(&self, chain: &Chain, last: usize, factor: Factor, next: Option<&Factor>) -> Option<Diagnostic> {
        let next = next?;
        let (row, column) = (self.settled_shape(factor.value.term), self.settled_shape(next.value.term));
        if !(row.is_row() && column.is_vector() && row.cols() == column.rows()) {
            return None;
        }
        let left = chain.factors[last].value;
        let span = factor.value.span.to(next.value.span);
        let text = self.typed(span);
        let spaced = if left.span.end == span.start { " " } else { "" };
        Some(
            Diagnostic::error("E0202", "this product has no shape from left to right")
                .label(left.span.to(factor.value.span), format!("{} times {}", self.settled_shape(left.term), row))
                .label(span, "a scalar, if it is taken first")
                .fix("add parentheses", span, format!("{spaced}({text})")),
        )
    }

    /// The message of a product whose inner dimensions differ.
    fn inner_mismatch(&self, chain: &Chain, last: usize, factor: Factor, next: Option<&Factor>) -> Diagnostic {
        let (left, right) = (chain.factors[last].value, factor.value);
        let (a, b) = (self.settled_shape(left.term), self.settled_shape(right.term));
        let label = format!(
            "{} is {}, {} is {}, and {} ≠ {}",
            self.called(left),
            shape_text(&a),
            self.called(right),
            shape_text(&b),
            a.cols(),
            b.rows()
        );
        let span = left.span.to(right.span);
        let d = Diagnostic::error("E0202", "the inner dimensions of this product do not match").label(span, label);
        let d = self.declared_here(d, right, |_| format!("{} rows", b.rows()));
        let mut d = self.declared_here(d, left, |_| format!("{} columns", a.cols()));
        let before = last.checked_sub(1).map(|i| self.settled_shape(chain.factors[i].value.term));
        let after = next.map(|f| self.settled_shape(f.value.term));
        let follows = after.is_none_or(|s| s.is_scalar() || s.rows() == a.cols());
        let fits = follows && b.cols() == a.rows() && before.is_none_or(|s| s.is_scalar() || s.cols() == b.rows());
        let glued = matches!(factor.join, Join::Beside { glued: true });
        let (l, r) = (self.text(left), self.text(right));
        let star = if glued {
            ""
        } else if matches!(factor.join, Join::Times) {
            "*"
        } else {
            " "
        };
        if fits && a != b {
            d = d.fix("multiply in the other order", span, format!("{r}{star}{l}"));
        } else if a == b && !a.is_vector() {
            d = d.fix("multiply entry by entry", span, format!("{l} .* {r}"));
            d = d.fix("transpose the second factor", span, format!("{l}*{}", transposed(&r)));
            d = d.fix("transpose the first factor", span, format!("{}*{r}", transposed(&l)));
        } else if a == b {
            d = d.fix("the inner product", span, format!("{}*{r}", transposed(&l)));
            d = d.fix("multiply entry by entry", span, format!("{l} .* {r}"));
            d = d.fix("the outer product", span, format!("{l}*{}", transposed(&r)));
        } else if a.cols() == b.cols() && !b.is_vector() {
            d = d.fix("transpose the second factor", span, format!("{l}*{}", transposed(&r)));
        } else if a.rows() == b.rows() {
            d = d.fix("transpose the first factor", span, format!("{}*{r}", transposed(&l)));
        }
        d
    }
}

fn shape_text(shape: &crate::shape::Shape) -> String {
    if shape.is_vector() { format!("a vector of length {shape}") } else { shape.to_string() }
}

/// Factors that fit each other, and which of them are matrices.
#[derive(Default)]
struct Chain {
    factors: Vec<Factor>,
    first_matrix: Option<usize>,
    last_matrix: Option<usize>,
}

impl Chain {
    fn push(&mut self, factor: Factor, scalar: bool) {
        if !scalar {
            self.first_matrix.get_or_insert(self.factors.len());
            self.last_matrix = Some(self.factors.len());
        }
        self.factors.push(factor);
    }
}

/// The text of a transpose; twice is not at all.
fn transposed(text: &str) -> String {
    text.strip_suffix('\'').map_or_else(|| format!("{text}'"), str::to_owned)
}
