//! Samples: rows and columns of a matrix by one index, and the families `x_i`, `x^{(i)}` that are declared to be them.
//!
//! A sample is a column vector, as in books: row i of X is `Xᵀeᵢ`, column i is `X eᵢ`. A slice keeps its direction:
//! `X_{i:}` is a row, `X_{:i}` a column.

use super::indices::index_words;
use super::names::What;
use super::scope::Place;
use super::wording::described;
use super::{Elaborator, Outcome, Scope, Value, not_yet};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Context, Index, Op, Property, Samples, Symbol, SymbolKind};
use crate::shape::{Dim, Shape};
use crate::syntax::statement::{Attribute, AttributeKind, Declaration, Declared, Family, Range};
use crate::syntax::tree::*;

impl Elaborator<'_> {
    /// `X_i`: row i of a matrix, as a column.
    pub fn row_by_index(&mut self, matrix: Value, word: &str, span: Span) -> Outcome<Value> {
        let shape = self.settled_shape(matrix.term);
        if word.parse::<u32>().is_ok() {
            let name = self.text(matrix);
            return Err(Diagnostic::error("E0109", format!("{} has 2 indices, not 1", self.called(matrix)))
                .label(span, described(&shape))
                .fix("the row", span, format!("{name}_{{{word}:}}'"))
                .fix("the column", span, format!("{name}_{{:{word}}}")));
        }
        let index = self.index(word, &shape.rows(), span).map_err(|d| self.other_direction(d, matrix, word, span))?;
        let row = self.sample_of(matrix, index, false, span)?;
        let text = self.typed(span).to_string();
        self.note(span, format!("`{text}` is row {word} of {}, as a column vector", self.called(matrix)));
        Ok(row)
    }

    /// An index that does not run over the rows may have been meant for the columns.
    fn other_direction(&self, d: Diagnostic, matrix: Value, word: &str, span: Span) -> Diagnostic {
        let name = self.text(matrix);
        d.note(format!("`{name}_{word}` is a row of {}", self.called(matrix))).fix(
            "a column",
            span,
            format!("{name}_{{:{word}}}"),
        )
    }

    /// `X_{i:}`, `X_{:j}`; `None` if the words are no slice.
    pub fn slice(&mut self, matrix: Value, words: &[String], span: Span) -> Outcome<Option<Value>> {
        let shape = self.settled_shape(matrix.term);
        let (word, column) = match words {
            [word, whole] if whole == ":" => (word, false),
            [whole, word] if whole == ":" => (word, true),
            _ => return Ok(None),
        };
        let dim = if column { shape.cols() } else { shape.rows() };
        let index = self.index(word, &dim, span)?;
        let unit = self.build(Op::Unit(dim, index), &[], span)?.term;
        if column {
            return self.build(Op::Product, &[matrix.term, unit], span).map(Some);
        }
        let row = self.build(Op::Transpose, &[unit], span)?.term;
        self.build(Op::Product, &[row, matrix.term], span).map(Some)
    }

    /// Row or column `index` as a column vector.
    fn sample_of(&mut self, matrix: Value, index: Index, column: bool, span: Span) -> Outcome<Value> {
        let shape = self.settled_shape(matrix.term);
        let dim = if column { shape.cols() } else { shape.rows() };
        let unit = self.build(Op::Unit(dim, index), &[], span)?.term;
        let turned = if column { matrix.term } else { self.build(Op::Transpose, &[matrix.term], span)?.term };
        self.build(Op::Product, &[turned, unit], span)
    }

    /// `x_i`, `x^{(i)}`, and the entry `x_{ij}`, `x^{(i)}_j` of one, where x is a family; and what stands behind it.
    pub fn sample(&mut self, array: Symbol, posts: &[Postfix], at: Span) -> Outcome<Value> {
        let Some(samples) = self.context.info(array).samples.clone() else { return Err(no_index("x", at)) };
        let shape = self.context.info(array).shape.clone();
        let (words, taken) = indices_of(posts, if shape.is_vector() { 1 } else { 2 });
        let span = posts[..taken].iter().fold(at, |span, post| span.to(post.span));
        let value = Value { term: self.context.terms.symbol(array), span };
        let value = match (words.as_slice(), shape.is_vector()) {
            ([], _) => return Err(no_index(&samples.name, at)),
            ([word], true) => {
                let index = self.index(word, &shape.rows(), span)?;
                self.build(Op::Entry(vec![index]), &[value.term], span)?
            }
            ([word], false) => {
                let dim = if samples.columns { shape.cols() } else { shape.rows() };
                let index = self.index(word, &dim, span)?;
                self.sample_of(value, index, samples.columns, span)?
            }
            ([word, entry], false) => {
                let (row, col) = if samples.columns { (entry, word) } else { (word, entry) };
                let indices = vec![self.index(row, &shape.rows(), span)?, self.index(col, &shape.cols(), span)?];
                self.build(Op::Entry(indices), &[value.term], span)?
            }
            _ => return Err(no_index(&samples.name, span)),
        };
        self.postfixes(value, &posts[taken..])
    }

    /// `x^{(i)}` of a family that is written so: x may be a name of its own.
    pub fn raised_family(&self, name: &str, posts: &[Postfix]) -> Option<What> {
        let index = posts.iter().take(2).any(|post| matches!(post.kind, PostfixKind::Sample(_)));
        let raised = |array: &Symbol| self.context.info(*array).samples.as_ref().is_some_and(|samples| samples.raised);
        self.context.sampled(name).filter(|_| index).filter(raised).map(What::Samples)
    }

    /// The array whose samples a name means.
    pub fn family(&self, name: &str) -> Option<What> {
        self.context.sampled(name).map(What::Samples)
    }

    /// `A^{(i)}` of an array that was not declared to consist of samples.
    pub fn no_family(&self, value: Value, index: &str, span: Span) -> Diagnostic {
        let d = Diagnostic::error("E0101", format!("`{}` is not declared", self.typed(span)))
            .label(span, format!("no family of samples is declared by `{}`", self.text(value)))
            .note(format!("a family is declared by `x^{{({index})}} : R^D, {index} = 1..N`"));
        self.declared_here(d, value, |name| format!("`{name}` is one array"))
    }

    /// `x_i` where X is a declared matrix and x is nothing: its rows may be meant, or its columns.
    pub fn undeclared_sample(&self, run: &str, sub: Option<&str>, d: Diagnostic) -> Diagnostic {
        let Some(index) = sub.filter(|text| text.chars().all(|c| ('i'..='n').contains(&c))) else { return d };
        let matrix = matrix_name(run);
        let shape = self.context.lookup(&matrix).map(|symbol| &self.context.info(symbol).shape);
        let Some(shape @ Shape::Matrix { .. }) = shape.filter(|shape| !shape.is_vector()) else { return d };
        let Some(place) = self.scope.place_of(&matrix).filter(|place| place.declared) else { return d };
        let shape = super::wording::declared(shape);
        d.fix(format!("the rows of {matrix}"), place.shape, format!("{shape} with rows {run}_{index}")).fix(
            format!("the columns of {matrix}"),
            place.shape,
            format!("{shape} with columns {run}_{index}"),
        )
    }
}

/// The words of the indices that stand behind the name of a family, and how many postfixes they are.
fn indices_of(posts: &[Postfix], needed: usize) -> (Vec<String>, usize) {
    let sub = |post: Option<&Postfix>, needed| match post.map(|post| &post.kind) {
        Some(PostfixKind::Sub(sub)) => Some(index_words(sub, needed)),
        _ => None,
    };
    let raised = |post: Option<&Postfix>| match post.map(|post| &post.kind) {
        Some(PostfixKind::Sample(text)) => Some(vec![text.clone()]),
        _ => None,
    };
    let (first, second) = (posts.first(), posts.get(1));
    match (raised(first), sub(first, 1), raised(second)) {
        (Some(sample), ..) => match sub(second, 1) {
            Some(entry) => ([sample, entry].concat(), 2),
            None => (sample, 1),
        },
        (_, Some(entry), Some(sample)) => ([sample, entry].concat(), 2),
        _ => sub(first, needed).map_or((Vec::new(), 0), |words| (words, 1)),
    }
}

fn no_index(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error("E0109", format!("`{name}` is a family of samples and needs its index"))
        .label(span, format!("written `{name}_i`"))
}

/// What the matrix is called whose rows a family `x_i` is: `X`. A name without another capital form is its own.
pub fn matrix_name(family: &str) -> String {
    let capital = family.to_uppercase();
    let latin = family.chars().next().is_some_and(|c| c.is_ascii_lowercase() || "ŷâĉêĝĥîĵôŝûŵẑ".contains(c));
    if latin && family.chars().count() == 1 { capital } else { family.to_string() }
}

/// Declares the family `x_i : R^D, i = 1..N` as the matrix whose rows they are, scalars `y_i` as a vector.
pub fn declare_family(
    context: &mut Context,
    scope: &mut Scope,
    declaration: &Declaration,
    declared: &Declared,
    shape: &Shape,
    range: &Range,
) -> Outcome<Symbol> {
    let Some(family) = declared.family().filter(|family| family.index == range.index) else {
        return Err(Diagnostic::error("E0109", format!("`{}` has no index `{}`", declared.name, range.index))
            .label(declared.span, "this is one name, and not a family")
            .label(range.span, "the range of an index"));
    };
    if !shape.is_scalar() && !shape.is_vector() {
        return Err(not_yet("families of matrices are", declared.span));
    }
    let dim: Dim = super::declare::dimension(context, &range.end)?;
    let whole = if shape.is_scalar() { Shape::vector(dim) } else { Shape::matrix(dim, shape.rows()) };
    let name = if shape.is_scalar() { family.name.clone() } else { matrix_name(&family.name) };
    refuse_taken(context, scope, &family, &name)?;
    let symbol = context.declare(&name, whole, SymbolKind::Variable);
    scope.functions.remove(&name);
    scope.place(&name, Place { name: declared.span, shape: declaration.shape.span, declared: true });
    for property in each_entry(&declaration.attributes)? {
        context.set_property(symbol, property);
    }
    context.set_samples(symbol, samples(&family, shape.is_scalar()));
    Ok(symbol)
}

/// What the samples of an array are called, by their declaration.
pub fn samples(family: &Family, columns: bool) -> Samples {
    let (name, index) = (family.name.as_str().into(), family.index.as_str().into());
    Samples { name, index, columns, raised: family.raised }
}

/// Properties of each sample that are properties of their matrix.
fn each_entry(attributes: &[Attribute]) -> Outcome<Vec<Property>> {
    let properties = super::declare::properties(attributes)?;
    let of_entries = [Property::Positive, Property::NonNegative, Property::Nonzero, Property::Constant];
    match attributes.iter().find(|_| properties.iter().any(|property| !of_entries.contains(property))) {
        Some(attribute) => Err(not_yet("samples with this property are", attribute.span)),
        None => Ok(properties),
    }
}

/// A family or its matrix may not have the name of something else.
pub fn refuse_taken(context: &Context, scope: &Scope, family: &Family, matrix: &str) -> Outcome<()> {
    let own = |name: &str| context.lookup(name).filter(|&symbol| context.sampled(&family.name) != Some(symbol));
    let names = if family.raised { &[matrix][..] } else { &[matrix, family.name.as_str()] };
    let Some(&taken) = names.iter().find(|name| own(name).is_some()) else {
        return Ok(());
    };
    let d = Diagnostic::error("E0105", format!("`{taken}` is declared already"))
        .label(family.span, format!("these would be the rows of a matrix `{matrix}`"));
    let place = scope.place_of(matrix).filter(|place| place.declared && taken == matrix);
    let shape = context.lookup(matrix).map(|symbol| context.info(symbol).shape.clone());
    Err(match (place, shape) {
        (Some(place), Some(shape @ Shape::Matrix { .. })) if !shape.is_vector() && taken != family.name => {
            let shape = super::wording::declared(&shape);
            let typed = family.span.of(&scope.source);
            d.fix("if they are its rows, say so there", place.shape, format!("{shape} with rows {typed}"))
        }
        _ => d,
    })
}

/// The names that attributes give to the samples of a declared matrix.
pub fn name_samples(context: &mut Context, symbol: Symbol, attributes: &[Attribute]) -> Outcome<()> {
    let mut named: Option<Span> = None;
    for attribute in attributes {
        let AttributeKind::Samples { family, columns } = &attribute.kind else { continue };
        if let Some(first) = named.replace(attribute.span) {
            let title = format!("the samples of `{}` are named twice", context.name(symbol));
            return Err(Diagnostic::error("E0105", title)
                .label(attribute.span, "one name is possible")
                .label(first, "named here")
                .note("row i is also `X_{i:}'`, column j `X_{:j}`, without a name")
                .fix("remove this one", attribute.span, ""));
        }
        let info = context.info(symbol);
        if info.shape.is_scalar() || info.shape.is_vector() {
            let title = format!("`{}` has no rows or columns to name", info.name);
            return Err(Diagnostic::error("E0204", title).label(attribute.span, "only those of a matrix have names"));
        }
        if family.name != *info.name && context.lookup(&family.name).is_some() && !family.raised {
            return Err(Diagnostic::error("E0105", format!("`{}` is declared already", family.name))
                .label(family.span, "samples need a name of their own"));
        }
        context.set_samples(symbol, samples(family, *columns));
    }
    Ok(())
}

/// A new name may not be that of a family `x_i`: `x_i` would then be its entry. Beside `x^{(i)}` it may.
pub fn refuse_family(context: &Context, name: &str, span: Span) -> Outcome<()> {
    let lowered = |array: &Symbol| context.info(*array).samples.as_ref().is_some_and(|samples| !samples.raised);
    match context.sampled(name).filter(|&array| context.name(array) != name).filter(lowered) {
        Some(array) => Err(Diagnostic::error("E0105", format!("`{name}` is the name of samples"))
            .label(span, format!("`{name}_i` is part of `{}`", context.name(array)))
            .note("choose another name")),
        None => Ok(()),
    }
}
