//! Pieces → statements: which kind a piece is, and what is stripped from it first.

use super::cursor::Cursor;
use super::scan::{Piece, PieceKind, pieces_from};
use super::statement::*;
use super::token::{Kind, Token, tokens};
use super::tree::*;
use super::{brackets, declaration, expression, question, rules};
use crate::diag::{Diagnostic, Span};

type Outcome<T> = Result<T, Diagnostic>;

/// The statements of a script in their order; one that is wrong does not disturb the others.
///
/// ```
/// let script = gradus::syntax::script("x : R^n\ngrad x'x wrt\nz = 2x");
/// assert_eq!(script.len(), 3);
/// assert!(script[1].outcome.is_err());
/// ```
pub fn script(text: &str) -> Vec<Parsed> {
    script_from(text, 0)
}

/// The statements of a script from the byte `start` on; the spans point into the whole text.
pub fn script_from(text: &str, start: usize) -> Vec<Parsed> {
    pieces_from(text, start).into_iter().flat_map(|piece| parsed(text, piece)).collect()
}

/// The statements of a piece: mostly one.
fn parsed(text: &str, piece: Piece) -> Vec<Parsed> {
    let span = piece.span;
    let source = span.of(text);
    let outcome = match piece.kind {
        PieceKind::Bad(diagnostic) => Err(*diagnostic),
        PieceKind::Heading => Ok(heading(source)),
        PieceKind::Part => Ok(Statement::Part(source.trim_matches(|c: char| !c.is_ascii_lowercase()).to_string())),
        PieceKind::Prose => Ok(Statement::Prose(prose(source))),
        PieceKind::Command => Ok(Statement::Command(words(&source[1..]))),
        PieceKind::Help => help(source, span),
        PieceKind::Code if source.starts_with("rule ") => rules::rule(text, span).map(Statement::Rule),
        PieceKind::Code => match code(source, span.start) {
            Ok(statements) => return statements,
            Err(diagnostic) => Err(diagnostic),
        },
    };
    vec![Parsed { span, outcome }]
}

fn heading(source: &str) -> Statement {
    let text = source.trim_start_matches('#');
    Statement::Heading { level: source.len() - text.len(), text: text.trim().to_string() }
}

fn prose(source: &str) -> String {
    let lines = source.lines().map(|line| line.trim().trim_start_matches('>').trim());
    lines.collect::<Vec<_>>().join("\n").trim().to_string()
}

fn words(source: &str) -> Vec<String> {
    source.split('#').next().unwrap_or("").split_whitespace().map(str::to_string).collect()
}

fn help(source: &str, span: Span) -> Outcome<Statement> {
    match words(&source[1..]).as_slice() {
        [one] => Ok(Statement::Help(one.clone())),
        _ => Err(Diagnostic::error("E0005", "help on what").label(span, "written `?softmax`")),
    }
}

/// The statement in a piece; none if it holds nothing but wrappers. The equations behind `where` come first.
fn code(source: &str, offset: usize) -> Outcome<Vec<Parsed>> {
    let all = unwrapped(tokens(source, offset)?)?;
    let Some(first) = all.first() else { return Ok(Vec::new()) };
    brackets::check(&all)?;
    let mut c = Cursor::new(&all, offset + source.trim_end().len());
    let mut statements = Vec::new();
    if let Some(n) = declaration::before_where(&c).filter(|&n| !declaration::is_declared(&c, n)) {
        let mut before = c.sub(n);
        let about = statement(&mut before)?;
        before.finish()?;
        c.skip(n);
        for unknown in declaration::unknowns(&mut c)? {
            let span = unknown.sides.0.span.to(unknown.sides.1.span);
            statements.push(Parsed { span, outcome: Ok(Statement::Unknown(unknown)) });
        }
        statements.push(Parsed { span: before.since(first.span), outcome: Ok(about) });
    } else {
        let outcome = Ok(statement(&mut c)?);
        statements.push(Parsed { span: Span::new(offset, offset + source.len()), outcome });
    }
    c.finish()?;
    Ok(statements)
}

/// Without `$`, `\[`, the marks of alignment, and the row end and punctuation behind a row.
fn unwrapped(all: Vec<Token>) -> Outcome<Vec<Token>> {
    let mut depth = 0usize;
    let mut out: Vec<Token> = Vec::new();
    let mut marked = None;
    for token in all {
        if token.kind == Kind::Ampersand && marked == Some(token.span.start) {
            return Err(logical_and(token.span));
        }
        marked = (token.kind == Kind::Ampersand).then_some(token.span.end);
        match &token.kind {
            Kind::Mathematics => continue,
            Kind::Begin(name) | Kind::End(name) if is_block(name) => continue,
            Kind::Begin(_) => depth += 1,
            Kind::End(_) => depth = depth.saturating_sub(1),
            Kind::Ampersand if depth == 0 => continue,
            Kind::Relation(_) if depth == 0 => drop_row_end(&mut out),
            _ => {}
        }
        out.push(token);
    }
    while matches!(out.last().map(|t| &t.kind), Some(Kind::RowEnd | Kind::Semicolon)) {
        out.pop();
    }
    Ok(out)
}

/// `&&` of programs; a single `&` only aligns.
fn logical_and(at: Span) -> Diagnostic {
    Diagnostic::error("E0003", "`&&` is not an operator here").label(at, "claims are joined by a comma")
}

fn is_block(name: &str) -> bool {
    ["align", "gather", "split", "eqnarray", "equation"].iter().any(|block| name.starts_with(block))
}

/// A row that starts with a relation goes on with the one before.
fn drop_row_end(out: &mut Vec<Token>) {
    if matches!(out.last().map(|t| &t.kind), Some(Kind::RowEnd)) {
        out.pop();
    }
}

fn statement(c: &mut Cursor) -> Outcome<Statement> {
    if declaration::before_where(c).is_some() {
        return declaration::implicit(c).map(Statement::Implicit);
    }
    if question::starts(c) {
        return question::ask(c).map(Statement::Ask);
    }
    if c.at_word("let") && matches!(c.ahead(1), Some(Kind::Name { .. })) {
        c.next();
        return declare_or_define(c);
    }
    if c.at_word("assume") && !matches!(c.ahead(1), Some(Kind::Relation(_) | Kind::Colon | Kind::Define)) {
        c.next();
        return declaration::claims(c).map(Statement::Assume);
    }
    if declaration::starts(c) {
        return declaration::declarations(c).map(Statement::Declare);
    }
    equation_or_question(c)
}

/// `let x : R^n`, and also `let z = W x`.
fn declare_or_define(c: &mut Cursor) -> Outcome<Statement> {
    let equation = c.rest().iter().any(|t| matches!(t.kind, Kind::Relation(_) | Kind::Define));
    if equation && !declaration::starts(c) {
        return equation_or_question(c);
    }
    declaration::declarations(c).map(Statement::Declare)
}

fn equation_or_question(c: &mut Cursor) -> Outcome<Statement> {
    if let Some(declared) = placeholder(c)? {
        return Ok(Statement::Declare(vec![declared]));
    }
    let first = expression::sum(c)?;
    let (mut sides, mut relations, mut define) = (vec![first], Vec::new(), false);
    loop {
        match c.kind() {
            Some(Kind::Relation(r)) => relations.push(*r),
            Some(Kind::Define) => {
                define = true;
                relations.push(Relation::Equal);
            }
            _ => break,
        }
        c.next();
        sides.push(expression::sum(c)?);
    }
    if relations.is_empty() {
        return ask_value(c, sides.remove(0));
    }
    let ascription = ascription(c)?;
    let equation = Equation { sides, relations, define, ascription };
    Ok(kink(&equation).unwrap_or(Statement::Equation(equation)))
}

fn ask_value(c: &mut Cursor, e: Expr) -> Outcome<Statement> {
    let mut ask = Ask { question: Question::Value(e), settings: Vec::new(), output: None };
    if !c.done() {
        let rest = question::settings(c)?;
        ask.settings = rest;
    }
    Ok(Statement::Ask(ask))
}

/// `∈ ℝ^M` behind an equation.
fn ascription(c: &mut Cursor) -> Outcome<Option<Shape>> {
    let mark = matches!(c.kind(), Some(Kind::ElementOf | Kind::Colon)) || c.at_word("in");
    if !mark {
        return Ok(None);
    }
    c.next();
    declaration::shape(c).map(Some)
}

/// `x = \text{input} ∈ ℝ^D` declares x.
fn placeholder(c: &mut Cursor) -> Outcome<Option<Declaration>> {
    let relation = c.rest().iter().position(|t| t.kind == Kind::Relation(Relation::Equal));
    let Some(at) = relation else { return Ok(None) };
    let text = match c.ahead(at + 1) {
        Some(Kind::Text(_)) => true,
        Some(Kind::Name { styled, name }) => *styled && name != "sum",
        _ => false,
    };
    if !text || !matches!(c.ahead(at + 2), Some(Kind::ElementOf)) {
        return Ok(None);
    }
    let left = expression::sum(c)?;
    let name = super::full_name(&left);
    let Some(name) = name else {
        return Err(
            Diagnostic::error("E0005", "only a name can be declared").label(left.span, "this is more than a name")
        );
    };
    c.skip(3);
    let shape = declaration::shape(c)?;
    let declared = Declared { name, span: left.span, arguments: Vec::new() };
    Ok(Some(Declaration { names: vec![declared], shape, attributes: declaration::attributes(c)?, range: None }))
}

/// `relu'(0) = 0`: what the derivative is at a kink.
fn kink(equation: &Equation) -> Option<Statement> {
    let [left, value] = equation.sides.as_slice() else { return None };
    let Node::Product(factors) = &left.node else { return None };
    let [function, argument] = factors.as_slice() else { return None };
    let Node::Postfix(base, posts) = &function.expr.node else { return None };
    let Node::Group(_, items) = &argument.expr.node else { return None };
    let zero = matches!(items.as_slice(), [Expr { node: Node::Number(n), .. }] if n == "0");
    let prime = matches!(posts.as_slice(), [Postfix { kind: PostfixKind::Apostrophe | PostfixKind::Prime, .. }]);
    let kinked = matches!(base.as_name(), Some("relu" | "ReLU" | "abs"));
    let name = base.as_name().filter(|_| zero && prime && kinked)?;
    Some(Statement::Kink { function: name.to_string(), value: value.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Statement {
        let mut all = script(text);
        assert_eq!(all.len(), 1, "{text}");
        all.remove(0).outcome.unwrap()
    }

    #[test]
    fn a_pasted_block_declares_and_defines() {
        let text = r"$$\begin{aligned} x &= \text{input} \in \mathbb{R}^D \\ z &= Wx \in \mathbb{R}^M \\ h &= \text{ReLU}(z) \in \mathbb{R}^M \end{aligned}$$";
        let all = script(text);
        assert_eq!(all.len(), 3);
        assert!(matches!(all[0].outcome, Ok(Statement::Declare(_))));
        let Ok(Statement::Equation(z)) = &all[1].outcome else { panic!() };
        assert_eq!(z.sides[1].outline(), "Wx");
        assert!(z.ascription.is_some());
        assert_eq!(all[2].span.of(text), r"h &= \text{ReLU}(z) \in \mathbb{R}^M");
    }

    #[test]
    fn text_lines() {
        assert_eq!(only("## Problem 1"), Statement::Heading { level: 2, text: "Problem 1".into() });
        assert_eq!(only("- (a)"), Statement::Part("a".into()));
        assert_eq!(only("> one $x$\n> two"), Statement::Prose("one $x$\ntwo".into()));
        assert_eq!(only(":layout numerator"), Statement::Command(vec!["layout".into(), "numerator".into()]));
        assert_eq!(only("?softmax"), Statement::Help("softmax".into()));
    }

    #[test]
    fn settings_of_one_question() {
        let Statement::Ask(ask) = only("steps full grad J wrt W layout numerator kink 1/2") else { panic!() };
        let settings: Vec<_> = ask.settings.iter().map(|s| (s.key, s.value)).collect();
        assert_eq!(settings, [("steps", "full"), ("layout", "numerator"), ("kink", "1/2")]);
        assert!(matches!(only("relu'(0) = 0"), Statement::Kink { .. }));
    }

    #[test]
    fn a_check_of_many_lines_is_one_chain() {
        let Statement::Ask(ask) = only("check ∂J/∂θ = a\n  = b\n  = c given sum(y) = 1") else { panic!() };
        let Question::Check { lines, given } = ask.question else { panic!() };
        assert_eq!((lines.len(), given.len()), (1, 1));
    }
}
