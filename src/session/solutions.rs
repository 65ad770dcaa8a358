//! `solve A X + B = C for X`: the unknown of a linear equation, with steps.
//!
//! The answer is checked against the solution of the equation as typed, which is evaluated without any of the steps:
//! by probing its linear part and elimination.

use super::Session;
use super::answer::{Answer, Kind};
use super::questions::Answered;
use super::refuse;
use super::settings::Settings;
use crate::derive::Deriver;
use crate::derive::solve::Unsolved;
use crate::diag::{Diagnostic, Span};
use crate::elaborate::{self, Note};
use crate::ir::hash::FastMap;
use crate::ir::{Op, Symbol, SymbolKind, Term};
use crate::syntax::full_name;
use crate::syntax::statement::{Claim as Typed, Implicit};
use crate::syntax::tree::{Expr, Node, Relation};

impl Session {
    /// Answers `solve l = r for X given …`.
    pub(super) fn solve(
        &mut self,
        (equations, unknowns): (&[Expr], &[Expr]),
        given: &[Typed],
        settings: &Settings,
        span: Span,
    ) -> Answered {
        let ([equation], [unknown]) = (equations, unknowns) else {
            let d = refuse::not_yet(span, "solving several equations at once");
            return Err(d.note("solve one for its unknown, put the solution into the others, and go on"));
        };
        let new = self.new_unknown(unknown, equation)?;
        let answered = self.solve_one(equation, unknown, given, settings, span);
        if let Some(name) = new {
            self.context.bind(&name, None);
        }
        answered
    }

    /// A name that is not declared is declared for this question, with the one shape that the equation allows.
    fn new_unknown(&mut self, e: &Expr, equation: &Expr) -> Result<Option<String>, Diagnostic> {
        let name = full_name(e).filter(|name| self.context.lookup(name).is_none());
        let (Some(name), Node::Relation(left, rest)) = (name, &equation.node) else { return Ok(None) };
        let [(Relation::Equal, right)] = rest.as_slice() else { return Ok(None) };
        let sides = ((**left).clone(), right.clone());
        let implicit = Implicit { name: name.clone(), span: e.span, shape: None, sides };
        let (mut context, mut scope) = (self.context.clone(), self.scope.clone());
        let (solution, _) = elaborate::implicit(&mut context, &mut scope, &implicit)?;
        let shape = context.terms.shape(solution).clone();
        let symbol = self.context.declare_hidden(&name, shape, SymbolKind::Variable);
        self.context.bind(&name, Some(symbol));
        Ok(Some(name))
    }

    fn solve_one(
        &mut self,
        equation: &Expr,
        unknown: &Expr,
        given: &[Typed],
        settings: &Settings,
        span: Span,
    ) -> Answered {
        let (symbol, mut notes) = self.unknown(unknown)?;
        let (sides, more) = elaborate::relation(&mut self.context, &self.scope, equation)?;
        notes.extend(more);
        let [left, right] = &sides[..] else {
            let d = Diagnostic::error("E0005", "`solve` takes an equation with two sides");
            return Err(d.label(equation.span, format!("{} sides", sides.len())));
        };
        if right.relation != Some(Relation::Equal) {
            return Err(Diagnostic::error("E0005", "`solve` needs an equation").label(equation.span, "this is none"));
        }
        for side in [left, right] {
            self.refuse_without_value(side.term, equation.span, &[])?;
        }
        let (given, more) = self.given(given)?;
        notes.extend(more);
        notes.extend(self.unused_properties(symbol, unknown.span));
        let sides = (self.written_in(left.term, symbol, span)?, self.written_in(right.term, symbol, span)?);
        let first = self.context.next_assumption();
        self.record(given);
        let answer = self.solution(sides, symbol, settings, equation.span);
        self.context.retire(first);
        Ok((vec![answer?], notes))
    }

    /// What is solved for: a declared name.
    fn unknown(&mut self, e: &Expr) -> Result<(Symbol, Vec<Note>), Diagnostic> {
        let variable = elaborate::variable(&mut self.context, &self.scope, e)?;
        let symbol = self.context.terms.as_symbol(variable.term).filter(|&symbol| {
            let info = self.context.info(symbol);
            info.kind == SymbolKind::Variable && info.depends_on.is_empty()
        });
        let symbol = symbol.ok_or_else(|| {
            Diagnostic::error("E0403", "an equation is solved for a declared name")
                .label(e.span, "this is an entry, defined, or a function of something else")
        })?;
        Ok((symbol, variable.notes))
    }

    /// What was declared of the unknown says something about the solution, and is not what makes it one.
    fn unused_properties(&self, unknown: Symbol, span: Span) -> Option<Note> {
        let info = self.context.info(unknown);
        let words: Vec<&str> = info.properties.keys().map(|&property| crate::print::property(property)).collect();
        let name = crate::print::name(&info.name, crate::print::Spelling::Unicode);
        let text = format!("that `{name}` is {} is not used: the equation is solved among all", words.join(", "));
        (!words.is_empty()).then_some(Note { span, text })
    }

    /// A side with its derivatives worked out, and the definitions that hold the unknown written out.
    fn written_in(&mut self, side: Term, unknown: Symbol, span: Span) -> Result<Term, Diagnostic> {
        let mut term = self.resolved(side, span)?.term;
        loop {
            let mut replace = FastMap::default();
            for symbol in self.context.symbols_in(term) {
                let Some(definition) = self.context.definition(symbol) else { continue };
                if self.all_symbols(definition.raw).contains(&unknown) {
                    let name = self.context.terms.symbol(symbol);
                    replace.insert(name, definition.raw);
                }
            }
            if replace.is_empty() {
                return Ok(term);
            }
            term = self.replaced(term, &replace);
            term = self.resolved(term, span)?.term;
        }
    }

    /// The raw term with parts replaced by others of their shape.
    fn replaced(&mut self, root: Term, replace: &FastMap<Term, Term>) -> Term {
        let mut done = replace.clone();
        for node in self.context.terms.postorder(root) {
            if !done.contains_key(&node) {
                let args: Vec<Term> = self.context.terms.args(node).iter().map(|arg| done[arg]).collect();
                let op = self.context.terms.op(node).clone();
                done.insert(node, self.context.terms.raw(op, &args).unwrap_or(node));
            }
        }
        done[&root]
    }

    fn solution(
        &mut self,
        (left, right): (Term, Term),
        symbol: Symbol,
        settings: &Settings,
        span: Span,
    ) -> Result<Answer, Diagnostic> {
        // Nothing is known of the unknown but the equation.
        let (name, shape) = (self.context.name(symbol).to_owned(), self.context.info(symbol).shape.clone());
        let unknown = self.context.declare_hidden(&name, shape, SymbolKind::Variable);
        let [named, term] = [symbol, unknown].map(|symbol| self.context.terms.symbol(symbol));
        let replace = FastMap::from_iter([(named, term)]);
        let [left, right] = [left, right].map(|side| self.replaced(side, &replace));
        let mut deriver = Deriver::new(&mut self.context, &self.engine, settings.kink, &[unknown], &[left, right]);
        let solved = deriver.solve(unknown, (left, right));
        let (derivation, evidence) = (deriver.derivation.clone(), deriver.evidence.clone());
        let solved = solved.map_err(|why| self.unsolved(why, symbol, span))?;
        let solution = self.context.terms.raw(Op::Solution(unknown), &[left, right]);
        let Ok(solution) = solution else { return Err(self.unsolved(Unsolved::Absent, symbol, span)) };
        let question = self.replaced(solved.unknown, &FastMap::from_iter([(term, named)]));
        let evaluated = self.replaced(solved.unknown, &FastMap::from_iter([(term, solution)]));
        let mut answer = self.blank(Kind::Solution { evaluated }, question, solved.value);
        answer.derivation = derivation.into();
        answer.evidence = evidence;
        Ok(answer)
    }

    fn unsolved(&self, why: Unsolved, unknown: Symbol, span: Span) -> Diagnostic {
        let name = crate::print::name(self.context.name(unknown), crate::print::Spelling::Unicode);
        match why {
            Unsolved::Absent => Diagnostic::error("E0404", format!("this equation says nothing about `{name}`"))
                .label(span, "it does not stand in it, or cancels"),
            Unsolved::NotLinear => Diagnostic::error("E0411", format!("this equation is not linear in `{name}`"))
                .label(span, "only linear equations are solved")
                .note(format!("`{name} where …` names a solution without solving the equation, on a new name")),
            Unsolved::Count { equations, unknowns } => {
                let d = Diagnostic::error("E0411", format!("this equation does not determine `{name}`"))
                    .label(span, format!("equations: {equations}, unknowns: {unknowns}"));
                let overdetermined = !equations.is_one() && !unknowns.is_one();
                let note = "for least squares, solve the normal equations: `A'*(A*x - b) = 0`";
                if overdetermined { d.note(note) } else { d }
            }
            Unsolved::Refused(refusal) => refuse::derivation(&self.context, &refusal, span, &[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::{self, Spelling};
    use crate::session::Outcome;

    const NAMES: &str = "A, B, C, X : R^(n×n); W : R^(m×n); x, b : R^n; z : R^m; Z, D : R^(n×m); V : R^(m×m)\n\
                         r, s, t : scalar; f = norm2(W*x - z)^2; P : R^(n×n) symmetric";

    fn answer(question: &str) -> String {
        let mut session = Session::new();
        session.run(NAMES);
        match &session.run(question)[0].outcome {
            Outcome::Answers(answers) => {
                assert!(answers[0].checked.as_ref().is_some_and(|checked| !checked.zero), "{question}");
                let [left, right] =
                    [answers[0].question, answers[0].value].map(|t| print::term(session.context(), t, Spelling::Ascii));
                format!("{left} = {right}")
            }
            Outcome::Error(error) => format!("{}: {}", error.code, error.title),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn what_multiplies_the_unknown_is_inverted() {
        for (question, solved) in [
            ("solve A*x = b for x", "x = A^-1 * b"),
            ("solve A*X*B + C = 2*C for X", "X = A^-1 * C * B^-1"),
            ("solve A*X' = B for X", "X = B' * A^-1'"),
            ("solve (A + s*I)*x = b for x", "x = (A + s * eye(n))^-1 * b"),
            ("solve A*x + B*x - b = x for x", "x = (A + B - eye(n))^-1 * b"),
            ("solve 2*W'*(W*x - z) = 0 for x", "x = (W' * W)^-1 * W' * z"),
            ("solve d/dx f = 0 for x", "x = (W' * W)^-1 * W' * z"),
            ("solve s*r + t = 2 for r", "r = (2 - t) / s"),
            ("solve X*A - B = X for X", "X = B * (A - eye(n))^-1"),
            ("solve x = A*x + b for x", "x = (eye(n) - A)^-1 * b"),
            ("solve W*W'*v = z for v", "v = (W * W')^-1 * z"),
            ("solve 2*W'*(W*x - z) + 2*s*x = 0 for x", "x = (W' * W + s * eye(n))^-1 * W' * z"),
            ("solve n*x = b for x", "x = b / n"),
            ("solve 3*x - b = 0 for x", "x = b / 3"),
        ] {
            assert_eq!(answer(question), solved, "{question}");
        }
    }

    #[test]
    fn what_is_multiplied_entry_by_entry_is_divided_so() {
        for (question, solved) in [
            ("solve X.*A = B for X", "X = B ./ A"),
            ("solve A.*X + B = 2*X for X", "X = -B ./ (A - 2 * ones(n, n))"),
            ("solve A.*X = B.*X + C for X", "X = C ./ (A - B)"),
            ("solve X./A = B for X", "X = A .* B"),
            ("solve x.*b = s*b for x", "x = s * ones(n, 1)"),
        ] {
            assert_eq!(answer(question), solved, "{question}");
        }
        for (question, code) in [
            ("solve eye(n).*X = B for X", "E0411"),
            ("solve (A - A').*X = B for X", "E0411"),
            ("solve A.*X - X.*A = B for X", "E0404"),
            ("solve A.*X = X*B + C for X", "vec(X)"),
        ] {
            assert!(answer(question).starts_with(code), "{question}: {}", answer(question));
        }
    }

    #[test]
    fn what_stands_on_both_sides_is_solved_entry_by_entry() {
        for (question, solved) in [
            ("solve A*X + X*B = C for X", "vec(X) = (kron(eye(n), A) + kron(B', eye(n)))^-1 * vec(C)"),
            ("solve A'*P + P*A = -C for P", "vec(P) = -(kron(A, eye(n)) + kron(eye(n), A))^-1' * vec(C)"),
            ("solve A*Z + Z*V = D for Z", "vec(Z) = (kron(eye(m), A) + kron(V', eye(n)))^-1 * vec(D)"),
            ("solve (b'*x)*b + A*x = b for x", "x = (A + b * b')^-1 * b"),
        ] {
            assert_eq!(answer(question), solved, "{question}");
        }
    }

    #[test]
    fn what_cannot_be_isolated_is_refused() {
        for (question, code) in [
            ("solve A*X*X = B for X", "E0411"),
            ("solve exp(x) = b for x", "E0411"),
            ("solve sgn(x) + x = b for x", "E0411"),
            ("solve X^-1 = A for X", "E0411"),
            ("solve W*x = z for x", "E0411"),
            ("solve tr(A*X) = s for X", "E0411"),
            ("solve A*X - X*A = B for X", "E0411"),
            ("solve A*x - A*x = b for x", "E0404"),
            ("solve A*b = b for x", "E0404"),
            ("solve A*x = b, B*x = b for x", "E0901"),
            ("solve f = 0 for f", "E0403"),
        ] {
            assert_eq!(answer(question).split(':').next(), Some(code), "{question}: {}", answer(question));
        }
    }
}
