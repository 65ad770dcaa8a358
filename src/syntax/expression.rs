//! Tokens → expressions, by precedence. Nothing here knows which names are declared.
//!
//! From loose to tight: relations; sums; elementwise operators; products, juxtaposed or not;
//! postfixes; operands. Sums and products are flat, so that only brackets, signs in a row and
//! postfixes nest, and those are counted by the cursor.

use super::cursor::{Cursor, STOP_WORDS, unexpected, unknown_command, word};
use super::token::{Kind, Token};
use super::tree::*;
use crate::diag::{Diagnostic, Span};

type Parsed<T> = Result<T, Diagnostic>;

/// `a`, or `a = b = c` and other relations.
pub fn relation(c: &mut Cursor) -> Parsed<Expr> {
    let first = sum(c)?;
    let mut rest = Vec::new();
    while let Some(Kind::Relation(r)) = c.kind() {
        c.next();
        rest.push((*r, sum(c)?));
    }
    Ok(match rest.last() {
        None => first,
        Some((_, last)) => {
            let span = first.span.to(last.span);
            Expr::new(Node::Relation(Box::new(first), rest), span)
        }
    })
}

/// Terms joined by `+` and `-`.
pub fn sum(c: &mut Cursor) -> Parsed<Expr> {
    let mut terms = Vec::new();
    while let Some(sign) = sign_of_term(c, terms.is_empty()) {
        let (negative, at) = sign;
        terms.push(Term { negative, sign: at, expr: signed(c, elementwise)? });
    }
    if terms.len() == 1 {
        return Ok(single(terms.remove(0)));
    }
    let start = if terms[0].sign.is_empty() { terms[0].expr.span } else { terms[0].sign };
    let span = terms.iter().fold(start, |s, t| s.to(t.expr.span));
    Ok(Expr::new(Node::Sum(terms), span))
}

/// A term alone: `-x` is a negation, whatever it stands in.
fn single(term: Term) -> Expr {
    let span = if term.sign.is_empty() { term.expr.span } else { term.sign.to(term.expr.span) };
    match term.negative {
        true => Expr::new(Node::Negate(Box::new(term.expr)), span),
        false => term.expr,
    }
}

/// The sign before the next term; the first term may do without.
fn sign_of_term(c: &mut Cursor, first: bool) -> Option<(bool, Span)> {
    match c.kind() {
        Some(Kind::Plus) => c.next().map(|t| (false, t.span)),
        Some(Kind::Minus) => c.next().map(|t| (true, t.span)),
        _ if first => Some((false, c.span().before())),
        _ => None,
    }
}

/// What `parse` reads, with any number of minus signs before it.
fn signed(c: &mut Cursor, parse: fn(&mut Cursor) -> Parsed<Expr>) -> Parsed<Expr> {
    match c.kind() {
        Some(Kind::Minus) => {
            let start = c.span();
            c.next();
            c.enter()?;
            let inner = signed(c, parse)?;
            c.leave();
            let span = start.to(inner.span);
            Ok(Expr::new(Node::Negate(Box::new(inner)), span))
        }
        _ => parse(c),
    }
}

fn elementwise(c: &mut Cursor) -> Parsed<Expr> {
    let first = product(c)?;
    let mut rest = Vec::new();
    while let Some(Kind::Element(op)) = c.kind() {
        c.next();
        rest.push((*op, signed(c, product)?));
    }
    Ok(match rest.last() {
        None => first,
        Some((_, last)) => {
            let span = first.span.to(last.span);
            Expr::new(Node::Elementwise(Box::new(first), rest), span)
        }
    })
}

fn product(c: &mut Cursor) -> Parsed<Expr> {
    let first = postfixed(c)?;
    let mut factors = vec![Factor { join: Join::First, at: first.span.before(), expr: first }];
    while let Some((join, at)) = join(c)? {
        let expr = if matches!(join, Join::Beside { .. }) { postfixed(c)? } else { signed(c, postfixed)? };
        clear_fraction(&factors, join, &expr)?;
        if c.open.last() != Some(&Bracket::Square) {
            refuse_numbers_in_a_row(&factors, join, &expr)?;
        }
        factors.push(Factor { join, at, expr });
    }
    if factors.len() == 1 {
        return Ok(factors.remove(0).expr);
    }
    let span = factors.iter().fold(factors[0].expr.span, |s, f| s.to(f.expr.span));
    Ok(Expr::new(Node::Product(factors), span))
}

/// How the next factor is joined, if there is one.
fn join(c: &mut Cursor) -> Parsed<Option<(Join, Span)>> {
    let Some(token) = c.peek() else { return Ok(None) };
    match &token.kind {
        Kind::Factor(join) => {
            c.next();
            Ok(Some((*join, token.span)))
        }
        Kind::Backslash => Err(left_division(c, token.span)),
        Kind::Unknown(word) if !token.spaced && word.len() <= 2 => Err(glued_left_division(c, token.span, word)),
        _ if starts_operand(c, token) => Ok(Some((Join::Beside { glued: !token.spaced }, token.span.before()))),
        _ => Ok(None),
    }
}

fn starts_operand(c: &Cursor, token: &Token) -> bool {
    match &token.kind {
        Kind::Name { name, .. } => !STOP_WORDS.contains(&name.as_str()),
        Kind::Number(_) | Kind::Result(_) | Kind::Sign(_) | Kind::Open(_) | Kind::Frac => true,
        Kind::Begin(_) | Kind::Unknown(_) => true,
        Kind::Text(text) => !text.starts_with("if") && text != "otherwise",
        Kind::Either(bracket) => c.open.last() != Some(bracket),
        _ => false,
    }
}

/// `3 4`, `1.2.3`: a slip of the pen and no product.
fn refuse_numbers_in_a_row(before: &[Factor], join: Join, next: &Expr) -> Parsed<()> {
    let Some(last) = before.last() else { return Ok(()) };
    let numbers = matches!((&last.expr.node, &next.node), (Node::Number(_), Node::Number(_)));
    if !numbers || !matches!(join, Join::Beside { .. }) {
        return Ok(());
    }
    Err(Diagnostic::error("E0001", "an operator is missing between two numbers")
        .label(last.expr.span.to(next.span), "not one number, and nothing joins the two")
        .fixes("multiply them", vec![(Span::new(last.expr.span.end, next.span.start), "*".into())]))
}

/// `a/2b`: nobody can tell.
fn clear_fraction(before: &[Factor], join: Join, next: &Expr) -> Parsed<()> {
    let Some(last) = before.last() else { return Ok(()) };
    let number = matches!(last.expr.node, Node::Number(_));
    if !(number && last.join == Join::Over && join == (Join::Beside { glued: true })) {
        return Ok(());
    }
    let Node::Number(digits) = &last.expr.node else { return Ok(()) };
    let what = next.as_name().map_or("what follows".to_string(), |n| format!("`{n}`"));
    let both = last.expr.span.to(next.span);
    let d = Diagnostic::error("E0004", "it is not clear what this fraction covers")
        .label(last.at.to(next.span), format!("is {what} in the denominator or after it"));
    let title = "add parentheses, for the product in the denominator";
    Err(match next.as_name() {
        Some(name) => d.fix(title, both, format!("({digits}{name})")),
        None => d.fixes(title, vec![(both.before(), "(".into()), (both.after(), ")".into())]),
    })
}

/// `A \ b`, with the fix if what follows can be read.
fn left_division(c: &mut Cursor, at: Span) -> Diagnostic {
    let left = c.previous().map(|t| t.span);
    let name = |token: Option<&Token>| token.and_then(|t| word(&t.kind)).map(str::to_string);
    let before = name(c.previous());
    c.next();
    let (right, after) = (c.span(), name(c.peek()));
    let d =
        Diagnostic::error("E0003", "`\\` is not an operator here").label(at, "MATLAB's left division is not supported");
    match (left, before, after) {
        (Some(left), Some(a), Some(b)) => d.fix("write the inverse out", left.to(right), format!("inv({a})*{b}")),
        _ => d.note("write the inverse out: `inv(A)*b`"),
    }
}

/// `A\b`, which looks like a command of LaTeX.
fn glued_left_division(c: &Cursor, at: Span, right: &str) -> Diagnostic {
    let d = Diagnostic::error("E0003", "`\\` is not an operator here")
        .label(Span::new(at.start, at.start + 1), "MATLAB's left division is not supported");
    match c.previous().and_then(|token| Some((token.span, word(&token.kind)?))) {
        Some((left, a)) => d.fix("write the inverse out", left.to(at), format!("inv({a})*{right}")),
        None => d.note("write the inverse out: `inv(A)*b`"),
    }
}

/// An operand and its postfixes.
fn postfixed(c: &mut Cursor) -> Parsed<Expr> {
    let mut base = operand(c)?;
    let mut posts = Vec::new();
    while super::postfix::read(c, &mut posts)? {
        if posts.len() > super::cursor::MAX_DEPTH {
            return Err(super::cursor::too_deep(c.span()));
        }
    }
    if posts.is_empty() {
        return Ok(base);
    }
    if base.as_name() == Some("sum") && matches!(posts[0].kind, PostfixKind::Sub(_) | PostfixKind::Power(_)) {
        base.node = Node::Sign(Sign::Sum);
    }
    let span = posts.iter().fold(base.span, |s, p| s.to(p.span));
    Ok(Expr::new(Node::Postfix(Box::new(base), posts), span))
}

fn operand(c: &mut Cursor) -> Parsed<Expr> {
    let Some(token) = c.peek() else { return Err(missing_operand(c)) };
    let simple = |node: Node| Ok(Expr::new(node, token.span));
    match &token.kind {
        Kind::Number(n) => c.next().map_or_else(|| Err(missing_operand(c)), |_| simple(Node::Number(n.clone()))),
        Kind::Name { name, .. } if STOP_WORDS.contains(&name.as_str()) => Err(missing_operand(c)),
        Kind::Name { name, .. } if name == "cases" && matches!(c.ahead(1), Some(Kind::Open(Bracket::Round))) => {
            super::cases::function(c)
        }
        Kind::Name { name, .. } => {
            c.next();
            simple(Node::Name(name.clone()))
        }
        Kind::Sign(s) => {
            c.next();
            simple(Node::Sign(*s))
        }
        Kind::Text(t) => {
            c.next();
            simple(Node::Text(t.clone()))
        }
        Kind::Result(n) => {
            c.next();
            simple(Node::Result(*n))
        }
        Kind::Open(b) | Kind::Either(b) => group(c, *b),
        Kind::Frac => fraction(c),
        Kind::Begin(name) if name.ends_with("cases") => super::cases::environment(c),
        Kind::Begin(name) if name.contains("matrix") || name == "array" => Err(written_out(token.span)),
        Kind::Unknown(command) => Err(unknown_command(command, token.span)),
        Kind::Close(_) | Kind::End(_) if c.previous().is_none() => Err(unexpected(token)),
        _ => Err(missing_operand(c)),
    }
}

fn group(c: &mut Cursor, bracket: Bracket) -> Parsed<Expr> {
    let start = c.span();
    c.next();
    c.enter()?;
    c.open.push(bracket);
    let mut items = Vec::new();
    let bars = matches!(c.kind(), Some(Kind::Either(_)));
    if bars || !closes(c, bracket) {
        items.push(relation(c)?);
        while c.eat(&Kind::Comma).is_some() {
            items.push(relation(c)?);
        }
    }
    if matches!(c.kind(), Some(Kind::Semicolon | Kind::RowEnd | Kind::Ampersand)) {
        return Err(written_out(start.to(c.span())));
    }
    close(c, bracket, start)?;
    c.open.pop();
    c.leave();
    Ok(Expr::new(Node::Group(bracket, items), c.since(start)))
}

fn closes(c: &Cursor, bracket: Bracket) -> bool {
    match c.kind() {
        Some(Kind::Close(b)) => *b == bracket,
        Some(Kind::Either(b)) => *b == bracket,
        _ => false,
    }
}

/// Reads the closing bracket of `bracket`, opened at `start`.
pub fn close(c: &mut Cursor, bracket: Bracket, start: Span) -> Parsed<()> {
    if closes(c, bracket) {
        c.next();
        return Ok(());
    }
    match c.peek() {
        Some(token) if !matches!(token.kind, Kind::Close(_)) => Err(unexpected(token)),
        _ => Err(super::brackets::unclosed(start, bracket, c.span().before())),
    }
}

fn fraction(c: &mut Cursor) -> Parsed<Expr> {
    let start = c.span();
    c.next();
    let above = braced(c, start)?;
    let below = braced(c, start)?;
    Ok(Expr::new(Node::Fraction(Box::new(above), Box::new(below)), c.since(start)))
}

fn braced(c: &mut Cursor, whole: Span) -> Parsed<Expr> {
    if !matches!(c.kind(), Some(Kind::Open(Bracket::Curly))) {
        return Err(
            Diagnostic::error("E0005", "`\\frac` needs two parts in braces").label(whole, "written `\\frac{a}{b}`")
        );
    }
    let group = group(c, Bracket::Curly)?;
    match group.node {
        Node::Group(_, mut items) if items.len() == 1 => Ok(items.remove(0)),
        _ => Err(Diagnostic::error("E0001", "a part of this fraction is missing")
            .label(group.span, "one expression is needed")),
    }
}

fn written_out(span: Span) -> Diagnostic {
    Diagnostic::error("E0903", "block matrices are not supported")
        .label(span, "a matrix written out in rows")
        .note("declare the matrix by name and shape: `A : R^(m×n)`")
}

/// An operand is missing at this place.
pub fn missing_operand(c: &Cursor) -> Diagnostic {
    let Some(before) = c.previous() else {
        let d = Diagnostic::error("E0001", "an operand is missing").label(c.span(), "before this");
        return match c.kind() {
            Some(Kind::Relation(Relation::Less)) => d.note("an inner product is written `⟨x, y⟩` or `x'y`"),
            _ => d,
        };
    };
    if let Some(d) = slice_or_norm(c, before) {
        return d;
    }
    let sign = sign_text(&before.kind);
    let title = format!("an operand is missing after `{sign}`");
    let d = Diagnostic::error("E0001", title);
    match c.peek() {
        None => {
            let d = d.label(before.span, "nothing follows");
            if is_operator(&before.kind) { d.fix(format!("remove the `{sign}`"), before.span, "") } else { d }
        }
        Some(next) if next.kind == before.kind && is_operator(&next.kind) => d
            .label(before.span.to(next.span), "two operators, and nothing between them")
            .fix(format!("write one `{sign}`"), before.span.to(next.span), sign),
        Some(next) => d.label(before.span.to(next.span), "something is needed between these two"),
    }
}

/// `A(:, 1)`, `A_{:,j}`, `‖A‖_*`, `‖x‖_∞`: known elsewhere, and no operand is missing.
fn slice_or_norm(c: &Cursor, before: &Token) -> Option<Diagnostic> {
    let next = c.peek()?;
    let opens = matches!(before.kind, Kind::Open(_) | Kind::Comma);
    let what = match (&before.kind, &next.kind) {
        (_, Kind::Colon) if opens => "slices other than one row and one column",
        (Kind::Underscore, Kind::Factor(Join::Times) | Kind::Element(_)) => "this norm",
        (Kind::Open(_) | Kind::Comma, Kind::Apostrophe) => {
            let d = Diagnostic::error("E0003", "`'` is not an operator here");
            return Some(d.label(next.span, "text in quotes is not part of the language, and nothing is transposed"));
        }
        _ => return None,
    };
    let verb = if what.starts_with("this") { "is" } else { "are" };
    let d = Diagnostic::error("E0901", format!("{what} {verb} not supported yet")).label(before.span.to(next.span), "");
    Some(match what.starts_with("this") {
        true => d.note("norms of a vector are `norm1(x)` and `norm2(x)`, of a matrix `normF(A)`"),
        false => {
            d.note("row i of a matrix is `A_{i:}`, column j `A_{:j}`, an entry `A_{ij}`; sums over rows and columns are `rowsum(A)`, `colsum(A)`")
        }
    })
}

fn is_operator(kind: &Kind) -> bool {
    matches!(kind, Kind::Plus | Kind::Minus | Kind::Factor(_) | Kind::Element(_) | Kind::Relation(_) | Kind::Cross)
}

/// How a token is written in a message.
fn sign_text(kind: &Kind) -> String {
    match kind {
        Kind::Plus => "+".into(),
        Kind::Minus => "-".into(),
        Kind::Factor(Join::Over) => "/".into(),
        Kind::Factor(_) => "*".into(),
        Kind::Element(ElementOp::Times) => ".*".into(),
        Kind::Element(ElementOp::Over) => "./".into(),
        Kind::Element(ElementOp::Kronecker) => "⊗".into(),
        Kind::Relation(r) => super::outline::relation(*r).into(),
        Kind::Caret => "^".into(),
        Kind::Underscore => "_".into(),
        Kind::Comma => ",".into(),
        Kind::Cross => "×".into(),
        Kind::Colon => ":".into(),
        Kind::ElementOf => "∈".into(),
        Kind::Define => ":=".into(),
        Kind::Open(Bracket::Curly) => "{".into(),
        Kind::Open(Bracket::Square) => "[".into(),
        Kind::Open(Bracket::Bar) | Kind::Either(Bracket::Bar) => "|".into(),
        Kind::Open(Bracket::Norm) | Kind::Either(Bracket::Norm) => "‖".into(),
        Kind::Open(_) => "(".into(),
        Kind::Name { name, .. } => name.clone(),
        _ => "this".into(),
    }
}
