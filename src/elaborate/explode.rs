//! A flat product as typed → pieces, in which every name is one thing.
//!
//! `2Wx^TAx'` is five pieces: 2, W, xᵀ, A, x′s transpose. Open exponents are cut here, because a part
//! of them may be a factor.

use super::names::{Part, What};
use super::{Elaborator, Outcome};
use crate::diag::{Diagnostic, Span};
use crate::syntax::tree::*;

/// A factor whose name is resolved.
#[derive(Clone, Debug)]
pub struct Piece<'e> {
    /// How it is joined to the piece before it.
    pub join: Join,
    /// What it is.
    pub base: Base<'e>,
    /// What is attached behind it.
    pub posts: Vec<Postfix>,
    /// Where its base is.
    pub span: Span,
}

/// What a piece is.
#[derive(Clone, Debug)]
pub enum Base<'e> {
    /// A resolved name.
    Name(Part),
    /// Anything else.
    Expr(&'e Expr),
}

impl Piece<'_> {
    /// Where the piece is, with what is attached.
    pub fn whole(&self) -> Span {
        self.posts.iter().fold(self.span, |s, p| s.to(p.span))
    }

    /// The name, if it is one.
    pub fn part(&self) -> Option<&Part> {
        match &self.base {
            Base::Name(part) => Some(part),
            Base::Expr(_) => None,
        }
    }

    /// Is it this sign?
    pub fn is_sign(&self, sign: Sign) -> bool {
        matches!(&self.base, Base::Expr(e) if e.node == Node::Sign(sign))
    }

    /// Is it a function?
    pub fn is_function(&self) -> bool {
        self.part().is_some_and(|part| part.what.is_function())
    }

    /// Stands it beside the piece before it, without an operator?
    pub fn beside(&self) -> bool {
        matches!(self.join, Join::Beside { .. })
    }

    /// The items, if it is a group in parentheses or braces.
    pub fn arguments(&self) -> Option<&[Expr]> {
        match &self.base {
            Base::Expr(Expr { node: Node::Group(Bracket::Round | Bracket::Curly, items), .. }) => Some(items),
            _ => None,
        }
    }
}

impl Elaborator<'_> {
    /// The pieces of a product, or of anything that stands in the place of one.
    pub fn explode<'e>(&mut self, e: &'e Expr) -> Outcome<Vec<Piece<'e>>> {
        let mut pieces = Vec::new();
        match &e.node {
            Node::Product(factors) => {
                for f in factors {
                    self.explode_factor(f.join, &f.expr, &mut pieces)?;
                }
            }
            _ => self.explode_factor(Join::First, e, &mut pieces)?,
        }
        Ok(pieces)
    }

    fn explode_factor<'e>(&mut self, join: Join, e: &'e Expr, out: &mut Vec<Piece<'e>>) -> Outcome<()> {
        let (base, posts): (&Expr, &[Postfix]) = match &e.node {
            Node::Postfix(base, posts) => (base, posts),
            _ => (e, &[]),
        };
        match &base.node {
            Node::Name(run) => self.explode_run(join, run, base.span, posts.to_vec(), out),
            _ => self.attach(
                Piece { join, base: Base::Expr(base), posts: Vec::new(), span: base.span },
                posts.to_vec(),
                out,
            ),
        }
    }

    /// A run of letters and what is attached to its last part.
    fn explode_run<'e>(
        &mut self,
        join: Join,
        run: &str,
        span: Span,
        mut posts: Vec<Postfix>,
        out: &mut Vec<Piece<'e>>,
    ) -> Outcome<()> {
        let sub = match posts.first().map(|p| &p.kind) {
            Some(PostfixKind::Sub(sub)) if !sub.text.is_empty() => Some(sub.text.clone()),
            // `Σ_{i=1}`: no part of a name, and yet a subscript.
            Some(PostfixKind::Sub(_)) if run == "Σ" => Some("=".into()),
            _ => None,
        };
        let sampled = self.sampled_name(run, &posts);
        let family = self.raised_family(run, &posts);
        let parts = match (sampled, family) {
            (None, Some(what)) => vec![Part { name: run.into(), what, span, took_subscript: false }],
            (Some((name, n)), _) => {
                posts.drain(..n);
                let what = self.what(&name).ok_or_else(|| self.undeclared(&name, None, span))?;
                vec![Part { name, what, span, took_subscript: false }]
            }
            (None, None) => self.resolve(run, sub.as_deref(), span)?,
        };
        let last = parts.len() - 1;
        for (i, part) in parts.into_iter().enumerate() {
            let join = if i == 0 { join } else { Join::Beside { glued: true } };
            let took = part.took_subscript;
            let piece = Piece { join, span: part.span, base: Base::Name(part), posts: Vec::new() };
            if i < last {
                out.push(piece);
                continue;
            }
            if took {
                let sub = posts.remove(0);
                let span = piece.span.to(sub.span);
                let base = match piece.base {
                    Base::Name(part) => Base::Name(Part { span, ..part }),
                    other => other,
                };
                self.attach(Piece { span, base, ..piece }, std::mem::take(&mut posts), out)?;
            } else {
                self.attach(piece, std::mem::take(&mut posts), out)?;
            }
        }
        Ok(())
    }

    /// `x^{(i)}` that is declared as a name, and the number of postfixes in it.
    fn sampled_name(&self, run: &str, posts: &[Postfix]) -> Option<(String, usize)> {
        let mut name = run.to_string();
        for (n, post) in posts.iter().enumerate() {
            match &post.kind {
                PostfixKind::Sub(sub) if !sub.text.is_empty() => name = format!("{name}_{}", sub.text),
                PostfixKind::Sample(text) => {
                    name = format!("{name}^({text})");
                    return self.is_declared(&name).then_some((name, n + 1));
                }
                _ => return None,
            }
        }
        None
    }

    /// Attaches postfixes up to an open exponent, of which a part may be the next factor.
    fn attach<'e>(&mut self, mut piece: Piece<'e>, posts: Vec<Postfix>, out: &mut Vec<Piece<'e>>) -> Outcome<()> {
        let mut posts = posts.into_iter();
        while let Some(post) = posts.next() {
            let PostfixKind::Power(exponent) = &post.kind else {
                piece.posts.push(post);
                continue;
            };
            let Some((closed, rest)) = self.cut(exponent)? else {
                piece.posts.push(post);
                continue;
            };
            piece.posts.push(Postfix { kind: PostfixKind::Power(closed), span: post.span });
            out.push(piece);
            let (run, span) = rest;
            return self.explode_run(Join::Beside { glued: true }, &run, span, posts.collect(), out);
        }
        out.push(piece);
        Ok(())
    }

    /// Cuts an open exponent: the longest declared name at its start, and the rest if there is one.
    fn cut(&mut self, exponent: &Exponent) -> Outcome<Option<(Exponent, (String, Span))>> {
        let (inner, negative) = match &exponent.expr.node {
            Node::Negate(inner) => (&**inner, true),
            _ => (&exponent.expr, false),
        };
        let Node::Name(run) = &inner.node else { return Ok(None) };
        if !exponent.open
            || run == "T"
            || matches!(self.what(run), Some(What::Symbol(_) | What::Term(_) | What::Dimension(_)))
        {
            return Ok(None);
        }
        let ends: Vec<usize> = (1..run.len()).rev().filter(|end| run.is_char_boundary(*end)).collect();
        let named = |this: &Self, end: &usize| {
            let head = &run[..*end];
            head == "T" || matches!(this.what(head), Some(What::Symbol(_) | What::Term(_) | What::Dimension(_)))
        };
        let Some(end) = ends.iter().find(|end| named(self, end)).copied() else { return Ok(None) };
        let span = inner.span;
        let exact = span.end - span.start == run.len();
        let cut = if exact { span.start + end } else { span.end };
        let head = Expr::new(Node::Name(run[..end].to_string()), Span::new(span.start, cut));
        let head = if negative { Expr::new(Node::Negate(Box::new(head)), exponent.expr.span) } else { head };
        let rest = crate::syntax::names::canonical(&run[end..]);
        Ok(Some((Exponent { expr: head, open: false }, (rest, if exact { Span::new(cut, span.end) } else { span }))))
    }

    /// A function name where an operand is needed.
    pub fn refuse_unknown_function(&self, name: &str, span: Span) -> Diagnostic {
        if let Some(foreign) = self.foreign(name, span) {
            return foreign;
        }
        let words: Vec<&str> = super::builtins::FUNCTIONS.iter().map(|(word, _)| *word).collect();
        let own: Vec<&str> = self.scope.functions.keys().map(String::as_str).collect();
        let known = [words, own].concat();
        let d = Diagnostic::error("E0103", format!("there is no function `{name}`"))
            .label(span, "neither declared nor built in");
        match crate::syntax::suggest::nearest(name, &known) {
            Some(near) => d.fix("a function that is spelled like it", span, near),
            None => {
                d.note("a function is defined by `f(x) = …`; `f : elementwise` declares one without a definition").fix(
                    "declare an undefined elementwise function",
                    self.scope.statement.before(),
                    format!("{name} : elementwise\n"),
                )
            }
        }
    }
}
