//! What stands inside an expression.

use super::tree::{Expr, Node, PostfixKind};

/// The expressions directly inside an expression that have values of their own, in the order in which they were
/// typed; subscripts are left out.
///
/// ```
/// use gradus::syntax::{expression, walk::children};
/// let e = expression("x_i + y^2").unwrap();
/// assert_eq!(children(&e).len(), 2);
/// ```
pub fn children(e: &Expr) -> Vec<&Expr> {
    match &e.node {
        Node::Number(_) | Node::Name(_) | Node::Sign(_) | Node::Text(_) | Node::Result(_) => Vec::new(),
        Node::Relation(first, rest) => behind(first, rest.iter().map(|(_, e)| e)),
        Node::Elementwise(first, rest) => behind(first, rest.iter().map(|(_, e)| e)),
        Node::Sum(terms) => terms.iter().map(|term| &term.expr).collect(),
        Node::Product(factors) => factors.iter().map(|factor| &factor.expr).collect(),
        Node::Negate(inner) => vec![inner],
        Node::Fraction(above, below) => vec![above, below],
        Node::Group(_, items) => items.iter().collect(),
        Node::Postfix(base, posts) => behind(base, posts.iter().filter_map(|post| exponent(&post.kind))),
        Node::Cases(cases) => cases.iter().flat_map(|case| std::iter::once(&case.value).chain(&case.guard)).collect(),
    }
}

fn behind<'e>(first: &'e Expr, rest: impl Iterator<Item = &'e Expr>) -> Vec<&'e Expr> {
    std::iter::once(first).chain(rest).collect()
}

fn exponent(kind: &PostfixKind) -> Option<&Expr> {
    match kind {
        PostfixKind::Power(exponent) | PostfixKind::ElementPower(exponent) => Some(&exponent.expr),
        _ => None,
    }
}
