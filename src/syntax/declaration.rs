//! Declarations: names, shapes, attributes; and the claims that `assume` and `given` take.

use super::cursor::{Cursor, unexpected};
use super::expression::{missing_operand, relation, sum};
use super::statement::*;
use super::token::{Kind, Token};
use super::tree::*;
use crate::diag::{Diagnostic, Span};

type Parsed<T> = Result<T, Diagnostic>;

/// Properties: the words as typed, and the canonical word.
pub const PROPERTIES: &[(&[&str], &str)] = &[
    (&["upper", "triangular"], "upper-triangular"),
    (&["lower", "triangular"], "lower-triangular"),
    (&["full", "column", "rank"], "full-column-rank"),
    (&["full", "row", "rank"], "full-row-rank"),
    (&["orthonormal", "columns"], "orthonormal-columns"),
    (&["orthonormal", "rows"], "orthonormal-rows"),
    (&["positive", "semidefinite"], "psd"),
    (&["positive", "definite"], "spd"),
    (&["skew", "-", "symmetric"], "skew"),
    (&["one", "-", "hot"], "one-hot"),
    (&["onehot"], "one-hot"),
    (&["symmetric"], "symmetric"),
    (&["skew"], "skew"),
    (&["invertible"], "invertible"),
    (&["nonsingular"], "invertible"),
    (&["square"], "square"),
    (&["spd"], "spd"),
    (&["psd"], "psd"),
    (&["orthogonal"], "orthogonal"),
    (&["diagonal"], "diagonal"),
    (&["triangular"], "triangular"),
    (&["positive"], "positive"),
    (&["nonnegative"], "nonnegative"),
    (&["nonzero"], "nonzero"),
    (&["probability"], "probability"),
    (&["simplex"], "probability"),
    (&["constant"], "constant"),
    (&["integer"], "integer"),
    (&["differentiable"], "differentiable"),
];

/// Does a declaration start here, before any equation?
pub fn starts(c: &Cursor) -> bool {
    let mut depth = 0usize;
    for token in c.rest() {
        match &token.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            Kind::Relation(_) | Kind::Define => return false,
            kind if is_colon(kind) => return true,
            _ => {}
        }
    }
    false
}

fn is_colon(kind: &Kind) -> bool {
    matches!(kind, Kind::Colon | Kind::ElementOf) || super::cursor::is_word(kind, "in")
}

/// `x, y : R^n symmetric, function of α`, and more of them behind commas.
pub fn declarations(c: &mut Cursor) -> Parsed<Vec<Declaration>> {
    let mut all = vec![declaration(c)?];
    while !c.done() {
        if c.eat(&Kind::Comma).is_none() && c.eat(&Kind::Semicolon).is_none() {
            return Err(c.peek().map_or_else(|| missing_operand(c), unknown_attribute));
        }
        all.push(declaration(c)?);
    }
    Ok(all)
}

fn declaration(c: &mut Cursor) -> Parsed<Declaration> {
    let mut names = vec![declared(c)?];
    while c.eat(&Kind::Comma).is_some() {
        names.push(declared(c)?);
    }
    match c.kind() {
        Some(kind) if is_colon(kind) => c.next(),
        _ => return Err(missing_colon(c)),
    };
    Ok(Declaration { names, shape: shape(c)?, attributes: attributes(c)?, range: range(c)? })
}

/// `, i = 1..N`, `for i = 1, …, N`.
fn range(c: &mut Cursor) -> Parsed<Option<Range>> {
    let mark = c.mark();
    let _ = c.eat(&Kind::Comma).is_some() || c.eat_word("for").is_some();
    let start = c.span();
    let (Some(Kind::Name { name, .. }), Some(Kind::Relation(Relation::Equal)), Some(Kind::Number(first))) =
        (c.kind(), c.ahead(1), c.ahead(2))
    else {
        c.reset(mark);
        return Ok(None);
    };
    c.skip(3);
    c.eat(&Kind::Comma);
    if first != "1" || c.eat(&Kind::Dots).is_none() {
        return Err(Diagnostic::error("E0109", "this is not the range of an index")
            .label(start.to(c.span()), "written `i = 1..N`"));
    }
    c.eat(&Kind::Comma);
    let end = sum(c)?;
    Ok(Some(Range { index: name.clone(), end, span: c.since(start) }))
}

/// `X : R^(n×n) where A X + X A' = Q`: the name, with its shape if it is stated, and the equation.
pub fn implicit(c: &mut Cursor) -> Parsed<Implicit> {
    let name = declared(c)?;
    let typed = match c.kind() {
        Some(kind) if is_colon(kind) => c.next().map(|_| shape(c)).transpose()?,
        _ => None,
    };
    let attributes = attributes(c)?;
    if let Some(attribute) = attributes.first() {
        return Err(Diagnostic::error("E0901", "properties of the solution of an equation are not supported yet")
            .label(attribute.span, "the equation says all that is known of it"));
    }
    c.eat_word("where").ok_or_else(|| c.peek().map_or_else(|| missing_operand(c), unexpected))?;
    Ok(Implicit { name: name.name, span: name.span, shape: typed, sides: sides(c)? })
}

/// The left and the right side of an equation.
fn sides(c: &mut Cursor) -> Parsed<(Expr, Expr)> {
    if c.done() {
        return Err(missing_operand(c));
    }
    let e = relation(c)?;
    match e.node {
        Node::Relation(left, rest) => match rest.as_slice() {
            [(Relation::Equal, right)] => Ok((*left, right.clone())),
            _ => Err(Diagnostic::error("E0005", "one equation is needed behind `where`").label(e.span, "")),
        },
        _ => Err(Diagnostic::error("E0005", "an equation is needed behind `where`").label(e.span, "this has no `=`")),
    }
}

/// How many tokens stand before `where`, if it stands here.
pub fn before_where(c: &Cursor) -> Option<usize> {
    c.rest().iter().position(|t| super::cursor::is_word(&t.kind, "where")).filter(|&n| n > 0)
}

/// Are the first `n` tokens a name, or a name with its shape?
pub fn is_declared(c: &Cursor, n: usize) -> bool {
    let mut part = c.sub(n);
    declared(&mut part).is_ok() && (part.done() || part.kind().is_some_and(is_colon))
}

/// `where A x = b, B y = c`: equations, each for a name that is new.
pub fn unknowns(c: &mut Cursor) -> Parsed<Vec<Unknown>> {
    c.eat_word("where");
    let mut all = Vec::new();
    loop {
        let start = c.mark();
        let rest = c.rest();
        let sides = sides(c)?;
        let names = rest[..c.mark() - start].iter().filter_map(|token| match &token.kind {
            Kind::Name { name, .. } => Some((name.clone(), token.span)),
            _ => None,
        });
        all.push(Unknown { names: names.collect(), sides });
        if c.eat(&Kind::Comma).is_none() && c.eat_word("and").is_none() {
            return Ok(all);
        }
    }
}

fn missing_colon(c: &Cursor) -> Diagnostic {
    let before = c.previous().map_or(c.span(), |t| t.span);
    let d = Diagnostic::error("E0005", "a declaration needs `:` between name and shape");
    match c.done() {
        true => d.label(before, "no shape follows").note("written `x : R^n`, `A : R^(m×n)` or `t : scalar`"),
        false => d.label(before.after().to(c.span()), "expected here").fix("add it", before.after(), " :"),
    }
}

/// `A`, `W_1`, `A(α)`.
fn declared(c: &mut Cursor) -> Parsed<Declared> {
    let start = c.span();
    let Some(Kind::Name { name, .. }) = c.kind() else {
        return Err(Diagnostic::error("E0005", "a name is missing").label(start, "a declaration starts with a name"));
    };
    c.next();
    let mut posts = Vec::new();
    while matches!(c.kind(), Some(Kind::Underscore | Kind::Lowered(_) | Kind::Caret | Kind::Raised(_))) {
        super::postfix::read(c, &mut posts)?;
    }
    let base = Expr::new(Node::Name(name.clone()), start);
    let span = c.since(start);
    let e = if posts.is_empty() { base } else { Expr::new(Node::Postfix(Box::new(base), posts), span) };
    let name = super::full_name(&e).ok_or_else(|| not_a_name(span))?;
    Ok(Declared { name, span, arguments: arguments(c)? })
}

fn not_a_name(span: Span) -> Diagnostic {
    Diagnostic::error("E0005", "only a name can be declared")
        .label(span, "this is more than a name")
        .note("a name is letters, digits, an accent and a subscript: `W_1`, `ŷ`, `delta_2`")
}

fn arguments(c: &mut Cursor) -> Parsed<Vec<(String, Span)>> {
    if !matches!(c.kind(), Some(Kind::Open(Bracket::Round))) {
        return Ok(Vec::new());
    }
    c.next();
    let names = name_list(c)?;
    c.eat(&Kind::Close(Bracket::Round)).ok_or_else(|| missing_operand(c))?;
    Ok(names)
}

/// Names separated by commas or `and`, up to a word that is an attribute.
fn name_list(c: &mut Cursor) -> Parsed<Vec<(String, Span)>> {
    let first = declared_name(c)?;
    let mut names = vec![first];
    loop {
        let mark = c.mark();
        if c.eat(&Kind::Comma).is_none() && c.eat_word("and").is_none() {
            return Ok(names);
        }
        let attribute = property(&c.clone()).is_some() || c.at_word("function");
        let declares = declares_next(c);
        if attribute || declares {
            c.reset(mark);
            return Ok(names);
        }
        names.push(declared_name(c)?);
    }
}

/// Is what follows `name :`?
fn declares_next(c: &Cursor) -> bool {
    let mut ahead = c.rest().iter().skip_while(|t| !is_colon(&t.kind) && !matches!(t.kind, Kind::Open(_)));
    ahead.next().is_some_and(|t| is_colon(&t.kind))
}

fn declared_name(c: &mut Cursor) -> Parsed<(String, Span)> {
    let d = declared(c)?;
    Ok((d.name, d.span))
}

/// A shape: `R^(m×n)`, `matrix(m, n)`, `vector(n)`, `scalar`, `m×n`.
pub fn shape(c: &mut Cursor) -> Parsed<Shape> {
    let start = c.span();
    let kind = match c.word() {
        Some("scalar" | "real") => c.next().map(|_| ShapeKind::Scalar),
        Some("elementwise") => c.next().map(|_| ShapeKind::Elementwise),
        Some("R" | "ℝ") => {
            c.next();
            Some(power_of_reals(c)?)
        }
        Some("vector") if c.ahead(1) == Some(&Kind::Open(Bracket::Round)) => Some(called(c, "vector")?),
        Some("matrix") if c.ahead(1) == Some(&Kind::Open(Bracket::Round)) => Some(called(c, "matrix")?),
        Some("complex" | "C") => return Err(complex(start)),
        _ => None,
    };
    let kind = match kind {
        Some(kind) => kind,
        None if c.done() => return Err(missing_shape(c)),
        None => {
            refuse_word_as_shape(c)?;
            dimensions(c, sum)?
        }
    };
    Ok(Shape { kind, span: c.since(start) })
}

/// `A : matrix`, `A : symmetric`, `x : R3`: words that would be taken for the name of a dimension.
fn refuse_word_as_shape(c: &Cursor) -> Parsed<()> {
    const KINDS: &[&str] = &[
        "matrix", "vector", "vec", "mat", "array", "tensor", "number", "int", "float", "double", "square", "row",
        "column",
    ];
    let Some(word) = c.word() else { return Ok(()) };
    let d = Diagnostic::error("E0005", "a shape is missing");
    if let Some(dimension) = word.strip_prefix('R').filter(|rest| rest.chars().count() == 1 && c.ahead(1).is_none()) {
        return Err(d.label(c.span(), "a name, and no shape").fix("a power of R", c.span(), format!("R^{dimension}")));
    }
    let is_attribute = word != "square" && PROPERTIES.iter().any(|(spelled, _)| spelled[0] == word);
    if !is_attribute && !KINDS.contains(&word) {
        return Ok(());
    }
    let how =
        if is_attribute { format!("`A : R^(n×n) {word}`") } else { "`x : R^n`, `A : R^(m×n)`, `t : scalar`".into() };
    Err(d.label(c.span(), format!("`{word}` says no size")).note(format!("written {how}")))
}

fn complex(span: Span) -> Diagnostic {
    Diagnostic::error("E0902", "complex numbers are not supported")
        .label(span, "everything is real")
        .note("`A'` is the transpose, not the adjoint")
}

fn missing_shape(c: &Cursor) -> Diagnostic {
    let before = c.previous().map_or(c.span(), |t| t.span);
    Diagnostic::error("E0005", "a shape is missing")
        .label(before, "nothing follows")
        .note("written `x : R^n`, `A : R^(m×n)` or `t : scalar`")
}

/// What follows `R`.
fn power_of_reals(c: &mut Cursor) -> Parsed<ShapeKind> {
    if let Some(Kind::Raised(text)) = c.kind() {
        let (text, span) = (text.clone(), c.span());
        c.next();
        return Ok(ShapeKind::Vector(Expr::new(Node::Name(text), span)));
    }
    if c.eat(&Kind::Caret).is_none() {
        return Ok(ShapeKind::Scalar);
    }
    let start = c.span();
    match c.kind() {
        None => Err(missing_dimension(c)),
        Some(Kind::Open(bracket)) => {
            c.next();
            let kind = dimensions(c, sum)?;
            super::expression::close(c, *bracket, start)?;
            Ok(kind)
        }
        _ => dimensions(c, single),
    }
}

fn missing_dimension(c: &Cursor) -> Diagnostic {
    let at = c.previous().map_or(c.span(), |t| t.span);
    Diagnostic::error("E0005", "a dimension is missing after `^`")
        .label(at, "nothing follows")
        .fix("for a vector of length n", at, "^n")
        .fix("for an m×n matrix", at, "^(m×n)")
}

/// One number or name without brackets.
fn single(c: &mut Cursor) -> Parsed<Expr> {
    let token = c.next().ok_or_else(|| missing_operand(c))?;
    let node = match &token.kind {
        Kind::Number(n) => Node::Number(n.clone()),
        Kind::Name { name, .. } => Node::Name(name.clone()),
        _ => return Err(unexpected(token)),
    };
    Ok(Expr::new(node, token.span))
}

/// `vector(n)`, `matrix(m, n)`.
fn called(c: &mut Cursor, word: &str) -> Parsed<ShapeKind> {
    c.next();
    let open = c.span();
    c.next();
    let first = dimensions(c, sum)?;
    let kind = match (first, c.eat(&Kind::Comma)) {
        (ShapeKind::Vector(rows), Some(_)) if word == "matrix" => ShapeKind::Matrix(rows, sum(c)?),
        (kind @ ShapeKind::Matrix(..), None) if word == "matrix" => kind,
        (kind @ ShapeKind::Vector(_), None) if word == "vector" => kind,
        _ => {
            return Err(Diagnostic::error("E0005", format!("`{word}` has the wrong number of dimensions"))
                .label(open.to(c.span()), "written `vector(n)`, `matrix(m, n)`"));
        }
    };
    super::expression::close(c, Bracket::Round, open)?;
    Ok(kind)
}

/// `n`, `m×n`, `m x n`, `mxn`.
fn dimensions(c: &mut Cursor, parse: fn(&mut Cursor) -> Parsed<Expr>) -> Parsed<ShapeKind> {
    if c.done() {
        return Err(missing_operand(c));
    }
    let first = parse(c)?;
    if c.eat(&Kind::Cross).is_some() {
        return Ok(ShapeKind::Matrix(first, parse(c)?));
    }
    Ok(match split_at_x(&first) {
        Some((rows, columns)) => ShapeKind::Matrix(rows, columns),
        None => ShapeKind::Vector(first),
    })
}

/// `m x n`, typed with the letter.
fn split_at_x(e: &Expr) -> Option<(Expr, Expr)> {
    match &e.node {
        Node::Name(run) => {
            let letters: Vec<char> = run.chars().collect();
            let [rows, 'x', columns] = letters[..] else { return None };
            let name = |c: char| Expr::new(Node::Name(c.to_string()), e.span);
            Some((name(rows), name(columns)))
        }
        Node::Product(factors) => {
            let at = factors.iter().position(|f| f.expr.as_name() == Some("x"))?;
            Some((factors_of(&factors[..at])?, factors_of(factors.get(at + 1..)?)?))
        }
        _ => None,
    }
}

fn factors_of(factors: &[Factor]) -> Option<Expr> {
    let mut list = factors.to_vec();
    list.first_mut()?.join = Join::First;
    if list.len() == 1 {
        return list.pop().map(|f| f.expr);
    }
    let span = list[0].expr.span.to(list[list.len() - 1].expr.span);
    Some(Expr::new(Node::Product(list), span))
}

/// Attributes with or without commas, up to something that is none.
pub fn attributes(c: &mut Cursor) -> Parsed<Vec<Attribute>> {
    let mut all = Vec::new();
    loop {
        let mark = c.mark();
        let _ = c.eat(&Kind::Comma).is_some() || c.eat_word("and").is_some() || c.eat_word("is").is_some();
        match attribute(c)? {
            Some(attribute) => all.push(attribute),
            None => {
                c.reset(mark);
                return Ok(all);
            }
        }
    }
}

fn attribute(c: &mut Cursor) -> Parsed<Option<Attribute>> {
    let start = c.span();
    if c.eat_word("function").is_some() {
        if c.eat_word("of").is_none() {
            return Err(
                Diagnostic::error("E0005", "`of` is missing after `function`").label(start, "written `function of α`")
            );
        }
        let names = name_list(c)?;
        return Ok(Some(Attribute { kind: AttributeKind::FunctionOf(names), span: c.since(start) }));
    }
    if let Some(samples) = samples(c)? {
        return Ok(Some(Attribute { kind: samples, span: c.since(start) }));
    }
    let Some((word, length)) = property(c) else { return Ok(None) };
    c.skip(length);
    if word == "probability" && c.ahead(1).is_some_and(|k| super::cursor::is_word(k, "simplex")) {
        c.skip(3);
    }
    Ok(Some(Attribute { kind: AttributeKind::Property(word), span: c.since(start) }))
}

/// `with rows x_i`, `columns x^{(i)}`; the rows may be written as the rows that they are, `x_i'`.
fn samples(c: &mut Cursor) -> Parsed<Option<AttributeKind>> {
    let at = usize::from(c.at_word("with"));
    let says = |word: &str| c.ahead(at).is_some_and(|kind| super::cursor::is_word(kind, word));
    let columns = says("columns");
    if !columns && !says("rows") {
        return Ok(None);
    }
    c.skip(at + 1);
    let start = c.span();
    let mut ahead = c.clone();
    ahead.next();
    // `x_i^T`: the transpose is no part of the name.
    let mut length = 1;
    while matches!(ahead.kind(), Some(Kind::Underscore | Kind::Lowered(_) | Kind::Caret | Kind::Raised(_))) {
        let mut posts = Vec::new();
        super::postfix::read(&mut ahead, &mut posts)?;
        if !posts.iter().all(|post| matches!(post.kind, PostfixKind::Sub(_) | PostfixKind::Sample(_))) {
            break;
        }
        length = ahead.mark() - c.mark();
    }
    let name = declared(&mut c.sub(length))?;
    c.skip(length);
    transposed(c)?;
    let family = name
        .family()
        .ok_or_else(|| Diagnostic::error("E0005", "samples need an index").label(start, "written `with rows x_i`"))?;
    Ok(Some(AttributeKind::Samples { family, columns }))
}

/// A transpose, where it changes nothing.
fn transposed(c: &mut Cursor) -> Parsed<()> {
    let mut ahead = c.clone();
    let mut posts = Vec::new();
    if super::postfix::read(&mut ahead, &mut posts)? {
        let is_t = |e: &Exponent| e.expr.as_name() == Some("T");
        let transposes = posts.iter().all(|post| match &post.kind {
            PostfixKind::Transpose | PostfixKind::Apostrophe => true,
            PostfixKind::Power(exponent) => is_t(exponent),
            _ => false,
        });
        if transposes {
            c.reset(ahead.mark());
        }
    }
    Ok(())
}

/// The property whose words stand here, and how many tokens they are.
pub fn property(c: &Cursor) -> Option<(&'static str, usize)> {
    let matches = |words: &[&str]| {
        let here = words.iter().enumerate();
        here.fold(true, |all, (i, w)| all && c.ahead(i).is_some_and(|k| is(k, w)))
    };
    PROPERTIES.iter().find(|(words, _)| matches(words)).map(|(words, name)| (*name, words.len()))
}

fn is(kind: &Kind, word: &str) -> bool {
    if word == "-" { *kind == Kind::Minus } else { super::cursor::is_word(kind, word) }
}

fn unknown_attribute(token: &Token) -> Diagnostic {
    let Some(word) = super::cursor::word(&token.kind) else { return unexpected(token) };
    let known: Vec<&str> = PROPERTIES.iter().map(|(_, name)| *name).collect();
    let d = Diagnostic::error("E0009", format!("`{word}` is not an attribute")).label(token.span, "");
    match super::suggest::nearest(word, &known) {
        Some(near) => d.fix("an attribute of a similar name", token.span, near),
        None => d.note(format!("attributes: {}, function of …", known_list(&known))),
    }
}

fn known_list(known: &[&str]) -> String {
    let mut list: Vec<&str> = known.to_vec();
    list.sort_unstable();
    list.dedup();
    list.join(", ")
}

/// Claims separated by commas: `sum(y) = 1, A, B symmetric`.
pub fn claims(c: &mut Cursor) -> Parsed<Vec<Claim>> {
    let (mut all, mut plain): (Vec<Claim>, Vec<Expr>) = (Vec::new(), Vec::new());
    loop {
        let e = before_property(c)?;
        let found = attributes(c)?;
        if !found.is_empty() {
            plain.push(e);
            all.push(Claim::Property { of: std::mem::take(&mut plain), attributes: found });
        } else if matches!(e.node, Node::Relation(..)) {
            all.push(Claim::Relation(e));
        } else {
            plain.push(e);
        }
        if c.eat(&Kind::Comma).is_none() {
            break;
        }
    }
    match plain.first() {
        None => Ok(all),
        Some(e) => Err(Diagnostic::error("E0005", "this is not a claim")
            .label(e.span, "neither an equation nor a property")
            .note("claims are written `sum(y) = 1`, `A symmetric`, `x > 0`")),
    }
}

/// An expression that ends where a property begins.
fn before_property(c: &mut Cursor) -> Parsed<Expr> {
    let mut ahead = c.clone();
    let mut n = 0;
    while !ahead.done() {
        let word = property(&ahead).is_some() || ahead.at_word("is") || ahead.at_word("function");
        if n > 0 && word {
            break;
        }
        ahead.skip(1);
        n += 1;
    }
    if ahead.done() {
        return relation(c);
    }
    let mut part = c.sub(n);
    let e = relation(&mut part)?;
    c.skip(part.mark());
    Ok(e)
}
