//! Entries and sums over an index: `y_j`, `X_ij`, `Σ_j y_j`, `e_i`, `δ_ij`.

use super::explode::Piece;
use super::names::{Local, What};
use super::wording::described;
use super::{Elaborator, Outcome, Value, not_yet};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Index, Op};
use crate::shape::Dim;
use crate::syntax::tree::*;

/// The index of a sum, as typed.
struct Binder {
    name: String,
    span: Span,
    dim: Option<Dim>,
    excluding: Option<String>,
}

impl Elaborator<'_> {
    /// `y_j`, `X_ij`, `X_{i,j}`, `y_1`.
    pub fn entry(&mut self, value: Value, sub: &Subscript, span: Span) -> Outcome<Value> {
        let value = self.as_factor(value);
        let shape = self.settled_shape(value.term);
        if shape.is_scalar() {
            return Err(self.entry_of_scalar(value, span));
        }
        let dims = match (shape.is_vector(), shape.is_row()) {
            (true, _) => vec![shape.rows()],
            (_, true) => vec![shape.cols()],
            _ => vec![shape.rows(), shape.cols()],
        };
        let words = index_words(sub, dims.len());
        if let Some(slice) = self.slice(value, &words, span)? {
            return Ok(slice);
        }
        if let ([word], 2) = (words.as_slice(), dims.len()) {
            return self.row_by_index(value, word, span);
        }
        if words.len() != dims.len() {
            return Err(self.wrong_indices(value, dims.len(), words.len(), span));
        }
        let mut indices = Vec::new();
        for (word, dim) in words.iter().zip(&dims) {
            indices.push(self.index(word, dim, span)?);
        }
        self.build(Op::Entry(indices), &[value.term], span)
    }

    fn entry_of_scalar(&self, value: Value, span: Span) -> Diagnostic {
        Diagnostic::error("E0109", format!("{} has no entries", self.called(value))).label(span, "an entry of a scalar")
    }

    fn wrong_indices(&self, value: Value, needed: usize, found: usize, span: Span) -> Diagnostic {
        Diagnostic::error("E0109", format!("{} has {needed} indices, not {found}", self.called(value)))
            .label(span, described(&self.settled_shape(value.term)))
    }

    /// An index by its word at a place of that size.
    pub fn index(&mut self, word: &str, dim: &Dim, span: Span) -> Outcome<Index> {
        if word.is_empty() || word.contains(['+', '-', '*', '/']) {
            return Err(not_yet("indices that are neither names nor numbers (`x_{i+1}`) are", span));
        }
        if let Ok(at) = word.parse::<u32>() {
            let beyond = self.size(dim).as_constant().is_some_and(|n| i64::from(at) > n);
            if at == 0 || beyond {
                return Err(Diagnostic::error("E0109", format!("there is no entry {at}"))
                    .label(span, format!("entries are counted from 1 to {}", self.size(dim))));
            }
            return Ok(Index::At(at));
        }
        let local = self.locals.iter().rev().find_map(|(name, local)| match local {
            Local::Index { actual, dim } if name == word => Some((actual.clone(), dim.clone())),
            _ => None,
        });
        let (actual, range) = match local {
            Some(known) => known,
            None => self.free_index(word, dim, span)?,
        };
        if !self.unify(&range, dim) {
            let (range, dim) = (self.size(&range), self.size(dim));
            return Err(Diagnostic::error("E0109", format!("the index `{word}` runs over two dimensions"))
                .label(span, format!("up to {dim} here, up to {range} elsewhere")));
        }
        Ok(Index::Named { name: actual.into(), dim: self.size(dim) })
    }

    fn free_index(&mut self, word: &str, dim: &Dim, span: Span) -> Outcome<(String, Dim)> {
        self.refuse_as_index(word, span)?;
        let index = Local::Index { actual: word.to_string(), dim: dim.clone() };
        self.locals.insert(0, (word.to_string(), index));
        Ok((word.to_string(), dim.clone()))
    }

    /// An index may not be a declared scalar or a dimension.
    fn refuse_as_index(&self, word: &str, span: Span) -> Outcome<()> {
        let what = match self.what(word) {
            Some(What::Symbol(_) | What::Term(_)) => "a declared name",
            Some(What::Dimension(_)) => "a dimension",
            _ => return Ok(()),
        };
        Err(Diagnostic::error("E0109", format!("`{word}` cannot be an index"))
            .label(span, format!("`{word}` is {what}"))
            .note("choose another letter for the index"))
    }

    /// `∑_j`, `sum_{i=1}^N`; `Σ_j` where Σ is not declared.
    pub fn is_binder(&self, piece: &Piece) -> bool {
        let sign = piece.is_sign(Sign::Sum) || piece.part().is_some_and(|p| p.what == What::Sum);
        sign && !piece.posts.is_empty()
    }

    /// The sum of everything behind its sign.
    pub fn index_sum(&mut self, piece: &Piece, behind: &[Piece]) -> Outcome<Value> {
        let binders = self.binders(piece)?;
        if behind.is_empty() {
            return Err(Diagnostic::error("E0001", "an operand is missing after this sum")
                .label(piece.whole(), "the sum of what"));
        }
        let mut indices = Vec::new();
        for binder in &binders {
            indices.push(self.bind(binder)?);
        }
        let end = behind[behind.len() - 1].whole();
        let mut body = behind.to_vec();
        body[0].join = Join::First;
        let value = self.pieces_value(&body, behind[0].span.to(end))?;
        let span = piece.span.to(end);
        let value = self.as_factor(value);
        let mut value = Value { span, ..value };
        for (binder, (actual, dim)) in binders.iter().zip(&indices).rev() {
            value = self.close_sum(binder, actual, dim, value)?;
        }
        Ok(value)
    }

    /// Makes the index known while the body is read; its name in the term is new if it is taken.
    fn bind(&mut self, binder: &Binder) -> Outcome<(String, Dim)> {
        self.refuse_as_index(&binder.name, binder.span)?;
        let taken: Vec<String> = self
            .locals
            .iter()
            .filter_map(|(_, l)| match l {
                Local::Index { actual, .. } => Some(actual.clone()),
                Local::Term(_) => None,
            })
            .collect();
        let free = |name: &&str| !taken.iter().any(|t| t == name) && self.what(name).is_none();
        let actual = match taken.contains(&binder.name) {
            false => binder.name.clone(),
            true => {
                let other = ["i", "j", "k", "l", "m", "n", "p", "q", "r", "s"]
                    .iter()
                    .copied()
                    .find(|n| free(n))
                    .unwrap_or("t")
                    .to_string();
                self.note(
                    binder.span,
                    format!(
                        "the index `{}` of this sum is its own, and not the one outside; it is written `{other}`",
                        binder.name
                    ),
                );
                other
            }
        };
        let dim = match &binder.dim {
            Some(dim) => dim.clone(),
            None => self.unknown_size(binder.span, false),
        };
        self.locals.push((binder.name.clone(), Local::Index { actual: actual.clone(), dim: dim.clone() }));
        Ok((actual, dim))
    }

    fn close_sum(&mut self, binder: &Binder, actual: &str, dim: &Dim, body: Value) -> Outcome<Value> {
        let at = self.locals.iter().rposition(|(name, _)| *name == binder.name);
        if let Some(at) = at {
            self.locals.remove(at);
        }
        let dim = self.size(dim);
        if self.unknown(&dim).is_some() {
            return Err(no_extent(binder));
        }
        let excluding = match &binder.excluding {
            Some(word) => Some(self.index(word, &dim, binder.span)?),
            None => None,
        };
        let index = Index::Named { name: actual.into(), dim };
        self.build(Op::IndexSum { index, excluding }, &[body.term], body.span)
    }

    /// The indices below a sum sign.
    fn binders(&mut self, piece: &Piece) -> Outcome<Vec<Binder>> {
        let mut upper = None;
        let mut items: &[Expr] = &[];
        for post in &piece.posts {
            match &post.kind {
                PostfixKind::Sub(sub) => items = &sub.items,
                PostfixKind::Power(exponent) => {
                    upper = Some(super::declare::known_dimension(self.context, &exponent.expr)?)
                }
                _ => return Err(no_range(post.span)),
            }
        }
        if items.is_empty() {
            return Err(no_range(piece.whole()));
        }
        items.iter().map(|item| self.binder(item, upper.clone())).collect()
    }

    fn binder(&mut self, item: &Expr, dim: Option<Dim>) -> Outcome<Binder> {
        let (name, excluding) = match &item.node {
            Node::Relation(left, rest) => match (left.as_name(), rest.as_slice()) {
                (Some(name), [(Relation::Equal, Expr { node: Node::Number(n), .. })]) if n == "1" => (name, None),
                (Some(name), [(Relation::NotEqual, other)]) => (name, other.as_name().map(str::to_string)),
                (_, [(Relation::Equal, _)]) => return Err(not_yet("sums that do not start at 1 are", item.span)),
                _ => return Err(no_range(item.span)),
            },
            Node::Name(name) => (name.as_str(), None),
            _ => return Err(no_range(item.span)),
        };
        Ok(Binder { name: name.to_string(), span: item.span, dim, excluding })
    }

    /// `e_i`.
    pub fn unit_vector(&mut self, sub: &Subscript, span: Span) -> Outcome<Value> {
        let dim = self.unknown_size(span, false);
        let words = index_words(sub, 1);
        let [word] = words.as_slice() else { return Err(no_range(span)) };
        let index = self.index(word, &dim, span)?;
        self.build(Op::Unit(dim, index), &[], span)
    }

    /// `δ_ij` where δ is not declared.
    pub fn kronecker_delta(&mut self, sub: &Subscript, span: Span) -> Outcome<Value> {
        let words = index_words(sub, 2);
        let [i, j] = words.as_slice() else { return Err(no_range(span)) };
        let dim = self.unknown_size(span, false);
        let i = self.index(i, &dim, span)?;
        let j = self.index(j, &dim, span)?;
        self.build(Op::Delta(i, j), &[], span)
    }

    /// An index in a guard, if the expression is one.
    pub fn index_in_guard(&mut self, e: &Expr, dim: &Dim) -> Outcome<Option<Index>> {
        let word = match &e.node {
            Node::Name(name) => name,
            Node::Number(n) => n,
            _ => return Ok(None),
        };
        let local = self.locals.iter().any(|(n, l)| n == word && matches!(l, Local::Index { .. }));
        if local || self.what(word).is_none() && word.parse::<f64>().is_err() || word.parse::<u32>().is_ok() {
            return self.index(word, dim, e.span).map(Some);
        }
        Ok(None)
    }
}

/// The words of a subscript: `ij` is two where two are needed.
pub fn index_words(sub: &Subscript, needed: usize) -> Vec<String> {
    let word = |e: &Expr| match &e.node {
        Node::Name(text) | Node::Number(text) => text.clone(),
        _ => String::new(),
    };
    match sub.items.as_slice() {
        [_] if needed > 1 && sub.text.chars().count() == needed => sub.text.chars().map(String::from).collect(),
        [_] if !sub.text.is_empty() => vec![sub.text.clone()],
        items => items.iter().map(word).collect(),
    }
}

/// No array in the sum has this index.
fn no_extent(binder: &Binder) -> Diagnostic {
    let name = &binder.name;
    let d = Diagnostic::error("E0207", format!("how far `{name}` runs does not follow from anything"))
        .label(binder.span, format!("no array in the sum has the index `{name}`"));
    let letters: Vec<String> = name.chars().map(String::from).collect();
    if letters.len() < 2 {
        return d.note("write the range: `sum_{i=1}^n`");
    }
    d.fix("one index for each letter", binder.span, format!("{{{}}}", letters.join(",")))
}

fn no_range(span: Span) -> Diagnostic {
    Diagnostic::error("E0109", "this is not an index").label(span, "written `j`, `i=1` with `^N` above, or `j != k`")
}
