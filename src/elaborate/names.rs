//! What a run of letters means: a declared name, a known word, or a product of declared names.

use super::{Elaborated, Elaborator, Outcome, Scope, Value};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Context, Op, Symbol, SymbolKind, Term};
use crate::shape::Dim;
use crate::syntax::names::ascii;
use crate::syntax::suggest::nearest;
use crate::syntax::tree::{Expr, Node, PostfixKind};

/// A name that means something inside an expression only.
#[derive(Clone, Debug)]
pub enum Local {
    /// A parameter of a function that is being applied, by its argument.
    Term(Term),
    /// An index, under the name that it has in the term.
    Index {
        /// The name in the term.
        actual: String,
        /// Its range.
        dim: Dim,
    },
}

/// What a word means.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A declared or defined name.
    Symbol(Symbol),
    /// A parameter.
    Term(Term),
    /// A built-in function by canonical name.
    Builtin(&'static str),
    /// An undefined elementwise function.
    Elementwise(Symbol),
    /// A function of the user.
    Function(String),
    /// A dimension as a scalar.
    Dimension(Dim),
    /// `I`.
    Identity,
    /// `e`.
    Euler,
    /// `d`.
    D,
    /// `Σ` with an index below.
    Sum,
    /// `δ_ij`, the Kronecker delta.
    Delta,
    /// A family of samples of this array.
    Samples(Symbol),
}

impl What {
    /// Does it take arguments?
    pub fn is_function(&self) -> bool {
        matches!(self, What::Builtin(_) | What::Elementwise(_) | What::Function(_))
    }
}

/// A part of a letter run.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The canonical name, with its subscript if that belongs to it.
    pub name: String,
    /// What it means.
    pub what: What,
    /// Where it is.
    pub span: Span,
    /// Was the subscript behind the run a part of this name?
    pub took_subscript: bool,
}

/// Runs longer than this are not taken apart.
const LONGEST_RUN: usize = 200;

impl Elaborator<'_> {
    /// What a word means as a whole.
    pub fn what(&self, name: &str) -> Option<What> {
        let local = self.locals.iter().rev().find(|(n, _)| n == name);
        if let Some((_, Local::Term(term))) = local {
            return Some(What::Term(*term));
        }
        if let Some(symbol) = self.context.lookup(name) {
            let elementwise = self.context.info(symbol).kind == SymbolKind::Elementwise;
            return Some(if elementwise { What::Elementwise(symbol) } else { What::Symbol(symbol) });
        }
        if self.scope.functions.contains_key(name) {
            return Some(What::Function(name.to_string()));
        }
        if let Some(family) = self.family(name) {
            return Some(family);
        }
        if let Some(function) = super::builtins::canonical(name) {
            return Some(What::Builtin(function));
        }
        match name {
            "I" => return Some(What::Identity),
            "e" => return Some(What::Euler),
            "d" => return Some(What::D),
            _ => {}
        }
        self.context.known_dim(name).map(What::Dimension)
    }

    /// Is the word declared, as a name rather than a notation?
    pub fn is_declared(&self, name: &str) -> bool {
        matches!(self.what(name), Some(What::Symbol(_) | What::Term(_) | What::Elementwise(_) | What::Function(_)))
    }

    /// Resolves a letter run; `sub` is the subscript behind it, if it could be part of a name.
    pub fn resolve(&mut self, run: &str, sub: Option<&str>, span: Span) -> Outcome<Vec<Part>> {
        if let Some(text) = sub {
            let full = format!("{run}_{text}");
            self.refuse_poisoned(&full, span)?;
            if let Some(what) = self.what(&full) {
                return Ok(vec![Part { name: full, what, span, took_subscript: true }]);
            }
        }
        self.refuse_poisoned(run, span)?;
        if let Some(what) = self.what(run) {
            self.note_shadowing(run, &what, span);
            return Ok(vec![Part { name: run.into(), what, span, took_subscript: false }]);
        }
        if let Some(what) = notation(run, sub) {
            return Ok(vec![Part { name: run.into(), what, span, took_subscript: false }]);
        }
        if let Some(parts) = self.differential_run(run, sub, span)? {
            return Ok(parts);
        }
        self.split(run, sub, span)
    }

    fn refuse_poisoned(&self, name: &str, span: Span) -> Outcome<()> {
        match self.scope.poisoned(name) {
            Some(at) if self.what(name).is_none() => {
                Err(Diagnostic::error("E0108", format!("`{name}` has no meaning here"))
                    .context(at, "its definition failed")
                    .label(span, "this depends on it"))
            }
            _ => Ok(()),
        }
    }

    /// A declared `I`, `e` or `d` wins over the notation, and says so.
    fn note_shadowing(&mut self, run: &str, what: &What, span: Span) {
        if matches!(what, What::Symbol(_)) && matches!(run, "I" | "e" | "d") {
            let usual = match run {
                "I" => "the identity",
                "e" => "Euler's number",
                _ => "the differential",
            };
            self.note(span, format!("`{run}` is the declared name, not {usual}"));
        }
    }

    /// `dJ`: `d` and what it stands before.
    fn differential_run(&mut self, run: &str, sub: Option<&str>, span: Span) -> Outcome<Option<Vec<Part>>> {
        let Some(rest) = run.strip_prefix('d').filter(|rest| !rest.is_empty()) else { return Ok(None) };
        if self.is_declared("d") {
            return Ok(None);
        }
        let rest = crate::syntax::names::canonical(rest);
        let behind = Span::new(span.start + 1.min(span.end - span.start), span.end);
        let known = matches!(self.what(&rest), Some(What::Symbol(_) | What::Term(_)));
        let with_sub = sub.is_some_and(|text| self.what(&format!("{rest}_{text}")).is_some());
        if !known && !with_sub && self.ways(&rest, sub)[0] == 0 {
            return Ok(None);
        }
        if self.ways(run, sub)[0] > 0 {
            return Ok(None);
        }
        let mut parts = vec![Part {
            name: "d".into(),
            what: What::D,
            span: Span::new(span.start, behind.start),
            took_subscript: false,
        }];
        parts.extend(self.resolve(&rest, sub, behind)?);
        Ok(Some(parts))
    }

    /// The names that may be part of a run: spelling, name.
    fn candidates(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let mut add = |name: &str| {
            all.push((name.to_string(), name.to_string()));
            let plain = ascii(name);
            if plain != name {
                all.push((plain, name.to_string()));
            }
        };
        for (name, symbol) in self.context.names() {
            if self.context.info(symbol).kind != SymbolKind::Elementwise {
                add(name);
            }
        }
        for (name, local) in &self.locals {
            if matches!(local, Local::Term(_)) {
                add(name);
            }
        }
        for family in self.context.families() {
            add(&family);
        }
        if !self.is_declared("I") {
            add("I");
        }
        // A parameter shadows a declared name: one candidate, not two.
        all.sort();
        all.dedup();
        all.sort_by_key(|(spelling, _)| spelling.len());
        all
    }

    /// For each place of the run, in how many ways (at most 2) the rest splits into names.
    fn ways(&self, run: &str, sub: Option<&str>) -> Vec<u8> {
        let mut ways = vec![0u8; run.len() + 1];
        if run.len() > LONGEST_RUN {
            return ways;
        }
        let candidates = self.candidates();
        ways[run.len()] = 1;
        for at in (0..run.len()).rev().filter(|at| run.is_char_boundary(*at)) {
            for (spelling, _) in &candidates {
                ways[at] = (ways[at] + self.reach(run, at, spelling, sub).map_or(0, |end| ways[end])).min(2);
            }
        }
        ways
    }

    /// Where the candidate ends if it stands at `at`; with the subscript it must be the last.
    fn reach(&self, run: &str, at: usize, spelling: &str, sub: Option<&str>) -> Option<usize> {
        let rest = &run[at..];
        if let Some((base, text)) = spelling.rsplit_once('_') {
            return (Some(text) == sub && rest == base).then_some(run.len());
        }
        rest.starts_with(spelling).then_some(at + spelling.len()).filter(|_| !spelling.is_empty())
    }

    /// Does the run split into names at all, `d` before them allowed?
    pub fn splits_somehow(&self, run: &str) -> bool {
        let behind_d =
            run.strip_prefix('d').is_some_and(|rest| self.what(rest).is_some() || self.ways(rest, None)[0] > 0);
        behind_d || self.ways(run, None)[0] > 0
    }

    /// The unique split of a run.
    fn split(&mut self, run: &str, sub: Option<&str>, span: Span) -> Outcome<Vec<Part>> {
        let ways = self.ways(run, sub);
        if ways[0] == 0 {
            return Err(self.undeclared(run, sub, span));
        }
        let splits = self.splits(run, sub, &ways);
        if ways[0] > 1 {
            return Err(ambiguous(run, &splits, span));
        }
        let Some(split) = splits.into_iter().next() else { return Err(self.undeclared(run, sub, span)) };
        // Only where the text is as long as its canonical spelling do the parts have places of their own.
        let exact = span.end - span.start == run.len();
        let mut at = span.start;
        let mut parts = Vec::new();
        for (name, length) in split {
            let own = if exact { Span::new(at, at + length) } else { span };
            at += length;
            let what = self.what(&name).ok_or_else(|| self.undeclared(run, sub, span))?;
            parts.push(Part { took_subscript: name.contains('_') && sub.is_some(), name, what, span: own });
        }
        Ok(parts)
    }

    /// At most two splits, those with shorter names first.
    fn splits(&self, run: &str, sub: Option<&str>, ways: &[u8]) -> Vec<Vec<(String, usize)>> {
        let candidates = self.candidates();
        let mut found = Vec::new();
        let mut stack: Vec<(usize, Vec<(String, usize)>)> = vec![(0, Vec::new())];
        while let Some((at, path)) = stack.pop() {
            if at == run.len() {
                found.push(path);
                if found.len() == 2 {
                    break;
                }
                continue;
            }
            for (spelling, name) in candidates.iter().rev() {
                if let Some(end) = self.reach(run, at, spelling, sub).filter(|end| ways[*end] > 0) {
                    let mut next = path.clone();
                    next.push((name.clone(), end - at));
                    stack.push((end, next));
                }
            }
        }
        found
    }

    /// The longest beginning of the run that splits, and what is left.
    fn known_beginning(&self, run: &str) -> (Vec<String>, String) {
        let ends = (1..run.len()).rev().filter(|end| run.is_char_boundary(*end));
        for end in ends {
            let ways = self.ways(&run[..end], None);
            if ways[0] > 0 {
                let names = self.splits(&run[..end], None, &ways);
                let names = names.into_iter().next().unwrap_or_default();
                return (names.into_iter().map(|(name, _)| name).collect(), run[end..].to_string());
            }
        }
        (Vec::new(), run.to_string())
    }

    /// A name that is not declared, with a declaration that would do.
    pub fn undeclared(&self, run: &str, sub: Option<&str>, span: Span) -> Diagnostic {
        let full = sub.map_or(run.to_string(), |text| format!("{run}_{text}"));
        let foreign = self.foreign(&full, span).or_else(|| self.foreign(run, span));
        if let Some(foreign) = foreign.or_else(|| self.differential_of_function(run, span)) {
            return foreign;
        }
        let d = Diagnostic::error("E0101", format!("`{full}` is not declared"));
        if let Some(product) = super::letters::product(run).filter(|_| self.scope.letters && sub.is_none()) {
            return d.label(span, "letters that stand together are one name").fix(
                "the product of the letters",
                span,
                product,
            );
        }
        let (known, rest) = self.known_beginning(run);
        let at = self.scope.statement.before();
        if let Some(last) = known.last() {
            let list = known.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" and ");
            let verb = if known.len() == 1 { "is" } else { "are" };
            let d = d
                .label(span, format!("{list} {verb} declared, `{rest}` is not"))
                .note("letters written together are read as a product of declared names");
            let length =
                self.context.lookup(last).map(|s| self.context.info(s).shape.clone()).filter(|s| !s.is_scalar());
            let shape = length
                .map_or("scalar".to_string(), |s| super::wording::declared(&crate::shape::Shape::vector(s.cols())));
            return d.fix("declare it on its own line", at, format!("{rest} : {shape}\n"));
        }
        let names: Vec<String> = self.candidates().into_iter().map(|(spelling, _)| spelling).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let d = d.label(span, "no declaration and no definition of this name");
        if full == "π" {
            let fix = format!("{run} : scalar positive\n");
            return d
                .note("π is no number of the language: a declared scalar stands for it")
                .fix("declare it", at, fix);
        }
        let d = self.undeclared_sample(run, sub, d);
        match nearest(run, &names).filter(|_| run.chars().count() > 2) {
            Some(near) => d.fix("a declared name that is spelled like it", span, near),
            None => d.fix("declare it on its own line", at, format!("{full} : scalar\n")),
        }
    }

    /// `df` of a function `f(x) = …`, and `d2f` for the second derivative.
    fn differential_of_function(&self, run: &str, span: Span) -> Option<Diagnostic> {
        let rest = run.strip_prefix('d')?;
        if self.scope.functions.contains_key(rest) {
            let d = Diagnostic::error("E0106", format!("`{rest}` is a function and needs its argument"));
            return Some(d.label(span, "of what").note(format!("written `d/dx {rest}(x)`, or `{rest}'(x)`")));
        }
        let order = rest.chars().next().filter(|c| ('2'..='9').contains(c))?;
        let name = crate::syntax::names::canonical(&rest[1..]);
        self.what(&name)?;
        let d = Diagnostic::error("E0101", format!("`{run}` is not declared"));
        let note = format!("a derivative of higher order is written `d^{order}{name}/dx^{order}` or `∂²{name}/∂x²`");
        Some(d.label(span, "no declaration and no definition of this name").note(note))
    }

    /// The value of a resolved name that is no function.
    pub fn name_value(&mut self, part: &Part) -> Outcome<Value> {
        let span = part.span;
        let term = match &part.what {
            What::Symbol(symbol) => {
                self.refuse_confusable(&part.name, *symbol, span)?;
                self.context.terms.symbol(*symbol)
            }
            What::Term(term) => *term,
            What::Dimension(dim) => self.context.terms.make(Op::Dimension(dim.clone()), &[]),
            What::Identity => return Ok(self.flexible_identity(span)),
            What::Euler => {
                let one = self.context.terms.integer(1);
                self.context.terms.make(Op::Call(crate::ir::Function::Exp), &[one])
            }
            What::Samples(array) => return self.sample(*array, &[], span),
            What::D => return Err(super::leibniz::lone_d(span)),
            _ => return Err(super::apply::no_argument(&part.name, span)),
        };
        Ok(Value { term, span })
    }

    /// A scalar and a dimension of one name.
    fn refuse_confusable(&self, name: &str, symbol: Symbol, span: Span) -> Outcome<()> {
        if self.context.known_dim(name).is_none() || !self.context.info(symbol).shape.is_scalar() {
            return Ok(());
        }
        Err(Diagnostic::error("E0107", format!("`{name}` is a scalar and also a dimension"))
            .label(span, "which of them is meant")
            .note("give one of them another name"))
    }
}

/// Letters that are a notation where they are not declared.
fn notation(run: &str, sub: Option<&str>) -> Option<What> {
    let two_indices = sub.is_some_and(|s| s.chars().count() == 2 && s.chars().all(|c| ('i'..='n').contains(&c)));
    match run {
        "Σ" if sub.is_some() => Some(What::Sum),
        "δ" if two_indices => Some(What::Delta),
        _ => None,
    }
}

fn ambiguous(run: &str, splits: &[Vec<(String, usize)>], span: Span) -> Diagnostic {
    let written = |separator: &str| {
        let all = splits.iter().map(|split| split.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(separator));
        all.collect::<Vec<_>>()
    };
    let dots: Vec<String> = written("·").iter().map(|s| format!("`{s}`")).collect();
    let spaced = written(" ").into_iter().next().unwrap_or_default();
    Diagnostic::error("E0102", format!("`{run}` can be split into declared names in two ways"))
        .label(span, dots.join(" or "))
        .fix("write the product out", span, spaced)
}

/// Elaborates what a derivative is taken by: a declared or defined name, or an entry of one.
///
/// # Errors
/// The expression is something else, or not declared.
pub fn variable(context: &mut Context, scope: &Scope, e: &Expr) -> Result<Elaborated, Diagnostic> {
    let mut elaborator = Elaborator::new(context, scope);
    let value = elaborator.variable_value(e)?;
    elaborator.finish(value)
}

impl Elaborator<'_> {
    /// The value of a variable of differentiation.
    pub fn variable_value(&mut self, e: &Expr) -> Outcome<Value> {
        let mut e = e;
        while let Node::Group(_, items) = &e.node
            && let [one] = items.as_slice()
        {
            e = one;
        }
        let value = self.expr(e)?;
        let is_variable = match self.context.terms.op(value.term) {
            Op::Symbol(_) => true,
            Op::Entry(_) => self.context.terms.as_symbol(self.context.terms.args(value.term)[0]).is_some(),
            _ => false,
        };
        if is_variable { Ok(value) } else { Err(not_a_variable(e)) }
    }
}

fn not_a_variable(e: &Expr) -> Diagnostic {
    let d = Diagnostic::error("E0402", "a derivative is taken by a name").label(e.span, "this is not a name");
    match &e.node {
        Node::Postfix(base, posts) if matches!(posts[0].kind, PostfixKind::Transpose | PostfixKind::Apostrophe) => {
            d.note(format!("differentiate by `{}` and transpose the answer", base.as_name().unwrap_or("X")))
        }
        _ => d.note("name it on a line of its own (`u = …`); a derivative by a defined name treats it as the variable"),
    }
}
