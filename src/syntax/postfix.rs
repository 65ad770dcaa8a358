//! What stands behind an operand: transposes, powers, subscripts, primes.

use super::cursor::Cursor;
use super::expression::{missing_operand, relation, sum};
use super::token::{Kind, Token, tokens};
use super::tree::*;
use crate::diag::{Diagnostic, Span};

type Parsed<T> = Result<T, Diagnostic>;

/// Reads one postfix into `out` (two for `^{-\top}`); `false` if there is none.
pub fn read(c: &mut Cursor, out: &mut Vec<Postfix>) -> Parsed<bool> {
    let Some(token) = c.peek() else { return Ok(false) };
    let span = token.span;
    let mut push = |kind| out.push(Postfix { kind, span });
    match &token.kind {
        Kind::Transpose => push(PostfixKind::Transpose),
        Kind::Apostrophe => push(PostfixKind::Apostrophe),
        Kind::Prime => push(PostfixKind::Prime),
        Kind::AngleInverse => push(PostfixKind::Power(minus_one(span))),
        Kind::Raised(text) => raised(text, span, out)?,
        Kind::Lowered(text) => {
            let items = inner(text, span, subscript_items)?;
            push(PostfixKind::Sub(Subscript { text: name_part(&items), items }));
        }
        Kind::Caret => return caret(c, span, out).map(|()| true),
        Kind::DotCaret => return element_power(c, span, out).map(|()| true),
        Kind::Underscore => return underscore(c, span, out).map(|()| true),
        _ => return Ok(false),
    }
    c.next();
    Ok(true)
}

/// Superscript characters: `⁻¹`, `²`, `⁻ᵀ`, `⁻¹ᵀ`, `⁺`, `⁽ⁱ⁾`.
fn raised(text: &str, span: Span, out: &mut Vec<Postfix>) -> Parsed<()> {
    let mut push = |kind| out.push(Postfix { kind, span });
    let (power, transposed) = match text.strip_suffix('T') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    match power {
        "" => {}
        "-" | "-1" => push(PostfixKind::Power(minus_one(span))),
        "+" => push(PostfixKind::PseudoInverse),
        _ if power.starts_with('(') && power.ends_with(')') => {
            push(PostfixKind::Sample(power[1..power.len() - 1].to_string()))
        }
        _ => push(PostfixKind::Power(Exponent { expr: inner(power, span, sum)?, open: false })),
    }
    if transposed {
        push(PostfixKind::Transpose);
    }
    Ok(())
}

/// Parses text made of other characters; every span is that of the characters as typed.
fn inner<T>(text: &str, span: Span, parse: fn(&mut Cursor) -> Parsed<T>) -> Parsed<T> {
    let list: Vec<Token> = tokens(text, 0)?.into_iter().map(|t| Token { span, ..t }).collect();
    let mut c = Cursor::new(&list, span.end);
    let value = parse(&mut c)?;
    c.finish()?;
    Ok(value)
}

fn minus_one(span: Span) -> Exponent {
    let one = Expr::new(Node::Number("1".into()), span);
    Exponent { expr: negate(one, span), open: false }
}

fn negate(expr: Expr, span: Span) -> Expr {
    Expr::new(Node::Negate(Box::new(expr)), span)
}

/// What follows `^`.
fn caret(c: &mut Cursor, start: Span, out: &mut Vec<Postfix>) -> Parsed<()> {
    c.next();
    let simple = match c.kind() {
        Some(Kind::Transpose) => Some(PostfixKind::Transpose),
        Some(Kind::Dagger) => Some(PostfixKind::PseudoInverse),
        Some(Kind::Prime) => Some(PostfixKind::Prime),
        Some(Kind::Open(Bracket::Curly)) => return braced(c, start, out),
        _ => None,
    };
    let kind = match simple {
        Some(kind) => {
            c.next();
            kind
        }
        None => PostfixKind::Power(unbraced(c)?),
    };
    out.push(Postfix { kind, span: c.since(start) });
    Ok(())
}

/// `^{…}`.
fn braced(c: &mut Cursor, start: Span, out: &mut Vec<Postfix>) -> Parsed<()> {
    let open = c.span();
    c.next();
    let kinds = match (c.kind(), c.ahead(1), c.ahead(2)) {
        (Some(Kind::Transpose), Some(Kind::Close(Bracket::Curly)), _) => vec![PostfixKind::Transpose],
        (Some(Kind::Prime), Some(Kind::Close(Bracket::Curly)), _) => vec![PostfixKind::Prime],
        (Some(Kind::Plus | Kind::Dagger), Some(Kind::Close(Bracket::Curly)), _) => vec![PostfixKind::PseudoInverse],
        (Some(Kind::Minus), Some(Kind::Transpose), Some(Kind::Close(Bracket::Curly))) => {
            vec![PostfixKind::Power(minus_one(c.span())), PostfixKind::Transpose]
        }
        (Some(Kind::Element(ElementOp::Times)), _, _) => {
            c.next();
            let expr = entered(c, sum)?;
            return finish_braced(c, open, start, PostfixKind::ElementPower(Exponent { expr, open: false }), out);
        }
        _ => return power_or_sample(c, open, start, out),
    };
    c.skip(kinds.len() + 1);
    let span = c.since(start);
    out.extend(kinds.into_iter().map(|kind| Postfix { kind, span }));
    Ok(())
}

fn power_or_sample(c: &mut Cursor, open: Span, start: Span, out: &mut Vec<Postfix>) -> Parsed<()> {
    let expr = entered(c, sum)?;
    let kind = match sample(&expr) {
        Some(text) => PostfixKind::Sample(text),
        None => PostfixKind::Power(Exponent { expr, open: false }),
    };
    finish_braced(c, open, start, kind, out)
}

fn finish_braced(c: &mut Cursor, open: Span, start: Span, kind: PostfixKind, out: &mut Vec<Postfix>) -> Parsed<()> {
    super::expression::close(c, Bracket::Curly, open)?;
    out.push(Postfix { kind, span: c.since(start) });
    Ok(())
}

/// `(i)` in braces belongs to the name.
fn sample(expr: &Expr) -> Option<String> {
    match &expr.node {
        Node::Group(Bracket::Round, items) => match items.as_slice() {
            [one] => Some(name_part(std::slice::from_ref(one))).filter(|text| !text.is_empty()),
            _ => None,
        },
        _ => None,
    }
}

/// An exponent without braces: a signed number, a name, or something in parentheses.
fn unbraced(c: &mut Cursor) -> Parsed<Exponent> {
    let start = c.span();
    if c.eat(&Kind::Minus).is_some() {
        c.enter()?;
        let below = unbraced(c)?;
        c.leave();
        let span = start.to(below.expr.span);
        return Ok(Exponent { expr: negate(below.expr, span), open: below.open });
    }
    match c.peek().map(|t| (&t.kind, t.span)) {
        Some((Kind::Number(n), span)) => {
            c.next();
            Ok(Exponent { expr: Expr::new(Node::Number(n.clone()), span), open: false })
        }
        Some((Kind::Name { name, .. }, span)) => {
            c.next();
            Ok(Exponent { expr: Expr::new(Node::Name(name.clone()), span), open: true })
        }
        Some((Kind::Open(_), _)) => round(c),
        _ => Err(missing_operand(c)),
    }
}

/// `^( … )`; the parentheses are kept around a lone `T`, which they make a variable.
fn round(c: &mut Cursor) -> Parsed<Exponent> {
    let start = c.span();
    let Some(Kind::Open(bracket)) = c.kind() else { return Err(missing_operand(c)) };
    c.next();
    let expr = entered(c, sum)?;
    super::expression::close(c, *bracket, start)?;
    let expr = match expr.as_name() {
        Some("T") => Expr::new(Node::Group(Bracket::Round, vec![expr]), c.since(start)),
        _ => expr,
    };
    Ok(Exponent { expr, open: false })
}

fn entered<T>(c: &mut Cursor, parse: fn(&mut Cursor) -> Parsed<T>) -> Parsed<T> {
    c.enter()?;
    c.open.push(Bracket::Curly);
    let value = parse(c)?;
    c.open.pop();
    c.leave();
    Ok(value)
}

fn element_power(c: &mut Cursor, start: Span, out: &mut Vec<Postfix>) -> Parsed<()> {
    c.next();
    let exponent = match c.kind() {
        Some(Kind::Open(_)) => round(c)?,
        _ => unbraced(c)?,
    };
    out.push(Postfix { kind: PostfixKind::ElementPower(exponent), span: c.since(start) });
    Ok(())
}

/// What follows `_`.
fn underscore(c: &mut Cursor, start: Span, out: &mut Vec<Postfix>) -> Parsed<()> {
    c.next();
    let items = match c.peek().map(|t| (&t.kind, t.span)) {
        Some((Kind::Open(Bracket::Curly | Bracket::Round), open)) => {
            let Some(Kind::Open(bracket)) = c.kind() else { return Err(missing_operand(c)) };
            c.next();
            let items = entered(c, subscript_items)?;
            super::expression::close(c, *bracket, open)?;
            items
        }
        Some((Kind::Number(n), span)) => {
            c.next();
            vec![Expr::new(Node::Number(n.clone()), span)]
        }
        Some((Kind::Name { name, .. }, span)) => {
            c.next();
            vec![Expr::new(Node::Name(name.clone()), span)]
        }
        _ => return Err(missing_operand(c)),
    };
    let text = name_part(&items);
    out.push(Postfix { kind: PostfixKind::Sub(Subscript { text, items }), span: c.since(start) });
    Ok(())
}

/// `i:`, `:,j`, `·j`: a whole row or column; the whole dimension is the item `:`.
fn slice(c: &mut Cursor) -> Option<Vec<Expr>> {
    let is_whole = |kind: &Kind| matches!(kind, Kind::Colon | Kind::Factor(Join::Times));
    let mut ahead = c.clone();
    let mut items = Vec::new();
    while let Some(token) = ahead.peek() {
        let node = match &token.kind {
            Kind::Close(_) => break,
            Kind::Comma if items.len() == 1 => {
                ahead.next();
                continue;
            }
            kind if is_whole(kind) => Node::Name(":".into()),
            Kind::Name { name, .. } => Node::Name(name.clone()),
            Kind::Number(number) => Node::Number(number.clone()),
            _ => return None,
        };
        items.push(Expr::new(node, token.span));
        ahead.next();
    }
    let whole = items.iter().filter(|item| item.as_name() == Some(":")).count();
    (items.len() == 2 && whole == 1).then(|| {
        c.reset(ahead.mark());
        items
    })
}

fn subscript_items(c: &mut Cursor) -> Parsed<Vec<Expr>> {
    if let Some(items) = slice(c) {
        return Ok(items);
    }
    let mut items = vec![relation(c)?];
    while c.eat(&Kind::Comma).is_some() {
        items.push(relation(c)?);
    }
    Ok(items)
}

/// A subscript as part of a name: `1`, `ij`, `1j`; empty if it holds operators.
fn name_part(items: &[Expr]) -> String {
    let [item] = items else { return String::new() };
    match &item.node {
        Node::Number(text) | Node::Name(text) | Node::Text(text) => text.clone(),
        Node::Product(factors) => {
            let beside = |f: &Factor| matches!(f.join, Join::First | Join::Beside { .. });
            let parts = factors
                .iter()
                .map(|f| if beside(f) { name_part(std::slice::from_ref(&f.expr)) } else { String::new() });
            let parts: Vec<String> = parts.collect();
            if parts.iter().any(String::is_empty) { String::new() } else { parts.concat() }
        }
        _ => String::new(),
    }
}
