//! The surface tree in one line, for comparing spellings and for tests.

use super::tree::*;

/// The outline of an expression.
pub fn expr(e: &Expr) -> String {
    match &e.node {
        Node::Number(n) => n.clone(),
        Node::Name(n) => n.clone(),
        Node::Sign(s) => sign(*s).into(),
        Node::Text(t) => format!("{t:?}"),
        Node::Result(None) => "%".into(),
        Node::Result(Some(n)) => format!("%{n}"),
        Node::Relation(first, rest) => {
            rest.iter().fold(expr(first), |out, (r, e)| format!("{out} {} {}", relation(*r), expr(e)))
        }
        Node::Sum(terms) => list("sum", terms.iter().map(term)),
        Node::Elementwise(first, rest) => {
            rest.iter()
                .fold(format!("[{}", expr(first)), |out, (op, e)| format!("{out} {} {}", element_op(*op), expr(e)))
                + "]"
        }
        Node::Product(factors) => format!("[{}]", factors.iter().map(factor).collect::<String>()),
        Node::Negate(e) => format!("(neg {})", expr(e)),
        Node::Postfix(e, posts) => posts.iter().fold(expr(e), |out, p| out + &postfix(p)),
        Node::Fraction(a, b) => format!("(frac {} {})", expr(a), expr(b)),
        Node::Group(b, items) => group(*b, items),
        Node::Cases(cases) => list("cases", cases.iter().map(case)),
    }
}

fn list(head: &str, items: impl Iterator<Item = String>) -> String {
    items.fold(format!("({head}"), |out, item| out + " " + &item) + ")"
}

fn sign(s: Sign) -> &'static str {
    match s {
        Sign::Partial => "∂",
        Sign::Nabla => "∇",
        Sign::Sum => "∑",
        Sign::Ones => "𝟏",
        Sign::Zeros => "𝟎",
    }
}

/// The usual sign of a relation.
pub fn relation(r: Relation) -> &'static str {
    match r {
        Relation::Equal => "=",
        Relation::NotEqual => "≠",
        Relation::Less => "<",
        Relation::LessEqual => "≤",
        Relation::Greater => ">",
        Relation::GreaterEqual => "≥",
        Relation::Near => "≈",
    }
}

fn element_op(op: ElementOp) -> &'static str {
    match op {
        ElementOp::Times => "⊙",
        ElementOp::Over => "⊘",
        ElementOp::Kronecker => "⊗",
    }
}

fn term(t: &Term) -> String {
    format!("{}{}", if t.negative { "-" } else { "+" }, expr(&t.expr))
}

fn factor(f: &Factor) -> String {
    let join = match f.join {
        Join::First => "",
        Join::Beside { .. } => " ",
        Join::Times => " * ",
        Join::Over => " / ",
    };
    format!("{join}{}", expr(&f.expr))
}

fn postfix(p: &Postfix) -> String {
    match &p.kind {
        PostfixKind::Transpose => "ᵀ".into(),
        PostfixKind::Apostrophe => "'".into(),
        PostfixKind::Prime => "′".into(),
        PostfixKind::PseudoInverse => "⁺".into(),
        PostfixKind::Power(x) => format!("^{}", exponent(x)),
        PostfixKind::ElementPower(x) => format!(".^{}", exponent(x)),
        PostfixKind::Sub(s) => format!("_{{{}}}", comma(&s.items)),
        PostfixKind::Sample(s) => format!("^({s})"),
    }
}

fn exponent(x: &Exponent) -> String {
    let text = expr(&x.expr);
    if x.open { format!("~{text}") } else { format!("{{{text}}}") }
}

fn comma(items: &[Expr]) -> String {
    items.iter().map(expr).collect::<Vec<_>>().join(", ")
}

fn group(bracket: Bracket, items: &[Expr]) -> String {
    let (open, close) = match bracket {
        Bracket::Round | Bracket::Curly => ("(", ")"),
        Bracket::Square => ("⟦", "⟧"),
        Bracket::Bar => ("|", "|"),
        Bracket::Norm => ("‖", "‖"),
        Bracket::Angle => ("⟨", "⟩"),
    };
    format!("{open}{}{close}", comma(items))
}

fn case(c: &Case) -> String {
    match &c.guard {
        Some(guard) => format!("({} if {})", expr(&c.value), expr(guard)),
        None => format!("({} otherwise)", expr(&c.value)),
    }
}
