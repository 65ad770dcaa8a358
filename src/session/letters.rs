//! `:letters matrixcalculus`: names that nobody declared get shapes by their letters and their use.
//!
//! Letters of a question belong to it alone: in the next one they may have other sizes, unless it speaks of its result
//! (`%`). Letters of definitions and assumptions stay declared.

use super::Session;
use super::answer::{Outcome, Response};
use super::settings::Letters;
use crate::diag::{Diagnostic, Severity, Span};
use crate::elaborate::letters::{self, Letter, Part};
use crate::elaborate::{self, Meaning, Place};
use crate::ir::hash::FastSet;
use crate::ir::{Symbol, SymbolKind, Term};
use crate::print::{self, Spelling};
use crate::syntax::statement::{AttributeKind, Claim, Question, Statement};
use crate::syntax::tree::{Expr, Node};
use crate::syntax::walk::children;

/// The letters of one statement.
#[derive(Clone, Debug, Default)]
pub(super) struct Declared {
    names: Vec<(String, Symbol)>,
    /// Do they stay when the statement has been answered?
    stay: bool,
    /// Letters that keep another meaning.
    pub(super) notes: Vec<Diagnostic>,
}

impl Session {
    /// Declares the letters of a statement that nothing else declares.
    pub(super) fn declare_letters(&mut self, statement: &Statement) -> Declared {
        if is_silent(statement) {
            return Declared::default();
        }
        let before = self.forget_letters();
        self.scope.letters = self.settings.letters != Letters::Declared;
        let mut parts = Vec::new();
        self.parts_of(statement, &mut parts);
        self.recall_letters(&parts);
        if self.settings.letters == Letters::Declared {
            return Declared::default();
        }
        let (found, kept) = letters::letters(&mut self.context, &self.scope, &parts);
        let shapes = letters::shapes(&mut self.context, &self.scope, &found, &parts);
        let stay = !matches!(statement, Statement::Ask(_));
        let mut declared = Declared { names: Vec::new(), stay, notes: kept.iter().map(not_a_letter).collect() };
        for (Letter { name, span }, shape) in found.into_iter().zip(shapes) {
            let same =
                before.iter().find(|(known, symbol)| *known == name && self.context.info(*symbol).shape == shape);
            let symbol = match same {
                Some(&(_, symbol)) => symbol,
                None => self.context.declare(&name, shape, SymbolKind::Variable),
            };
            self.context.bind(&name, Some(symbol));
            self.scope.place(&name, Place { name: span, shape: span, declared: false });
            if !stay {
                self.letters.push((name.clone(), symbol));
                self.of_questions.insert(symbol);
            }
            declared.names.push((name, symbol));
        }
        declared
    }

    /// Letters of earlier questions mean nothing any more; which they were.
    fn forget_letters(&mut self) -> Vec<(String, Symbol)> {
        let before = std::mem::take(&mut self.letters);
        for (name, symbol) in &before {
            if self.context.lookup(name) == Some(*symbol) {
                self.context.bind(name, None);
            }
        }
        before
    }

    /// In a statement that speaks of an earlier result, the letters of the result are what they were there.
    fn recall_letters(&mut self, parts: &[Part]) {
        let mut results = Vec::new();
        parts.iter().flat_map(|part| part.expressions()).for_each(|e| results_in(e, &mut results));
        for number in results {
            let at = number.unwrap_or(self.results.len());
            let Some(term) = at.checked_sub(1).and_then(|at| self.results.get(at)).map(|answer| answer.value) else {
                continue;
            };
            for symbol in self.all_symbols(term) {
                let name = self.context.name(symbol).to_owned();
                if self.of_questions.contains(&symbol) && self.context.lookup(&name).is_none() {
                    self.context.bind(&name, Some(symbol));
                    self.letters.push((name, symbol));
                }
            }
        }
    }

    /// The symbols in a term and in what its names stand for.
    pub(super) fn all_symbols(&self, term: Term) -> Vec<Symbol> {
        let (mut open, mut seen, mut found) = (vec![term], FastSet::default(), Vec::new());
        while let Some(term) = open.pop() {
            for symbol in self.context.symbols_in(term) {
                if seen.insert(symbol) {
                    found.push(symbol);
                    open.extend(self.context.definition(symbol).map(|definition| definition.raw));
                }
            }
        }
        found
    }

    /// The declarations as a response before that of the statement; a statement that failed keeps none.
    pub(super) fn letters_declared(
        &mut self,
        declared: &Declared,
        span: Span,
        outcome: &mut Outcome,
    ) -> Option<Response> {
        if declared.names.is_empty() {
            return None;
        }
        let text = self.declarations(declared);
        if let Outcome::Error(diagnostic) = outcome {
            let note = format!("by `:letters matrixcalculus`: {text}");
            *diagnostic = diagnostic.clone().note(note);
            if declared.stay {
                declared.names.iter().for_each(|(name, _)| {
                    self.context.bind(name, None);
                });
            }
            return None;
        }
        let symbols = declared.names.iter().map(|(_, symbol)| *symbol).collect();
        Some(Response { span, text, outcome: Outcome::Declared(symbols), notes: Vec::new() })
    }

    /// `x : R^n; A : R^(n*n)`, as it can be typed.
    fn declarations(&self, declared: &Declared) -> String {
        let one = |(name, symbol): &(String, Symbol)| {
            let shape = &self.context.info(*symbol).shape;
            let shape = if shape.is_scalar() { "scalar".into() } else { print::space(shape, Spelling::Ascii) };
            format!("{} : {shape}", print::name(name, Spelling::Ascii))
        };
        declared.names.iter().map(one).collect::<Vec<_>>().join("; ")
    }

    /// What a statement says about shapes.
    fn parts_of<'e>(&mut self, statement: &'e Statement, parts: &mut Vec<Part<'e>>) {
        match statement {
            Statement::Ask(ask) => question(&ask.question, parts),
            Statement::Assume(claims) => claims.iter().for_each(|one| claim(one, parts)),
            Statement::Equation(equation) => match elaborate::meaning(&mut self.context, &self.scope, equation) {
                Meaning::Function(..) => {}
                Meaning::Claim => parts.push(Part::Sides(equation.sides.iter().collect())),
                _ => parts.push(Part::Sides(equation.sides[1..].iter().collect())),
            },
            _ => {}
        }
    }
}

/// `e` and `I` are letters at matrixcalculus.org.
fn not_a_letter(letter: &Letter) -> Diagnostic {
    let (what, shape) = if letter.name == "I" { ("the identity", "R^(n×n)") } else { ("Euler's number", "scalar") };
    let text = format!("`{0}` is {what}; declare `{0} : {shape}` if it is to be a letter", letter.name);
    Diagnostic::new("N0001", Severity::Note, text).label(letter.span, "")
}

/// Statements that may stand between a question and what is said about its result.
fn is_silent(statement: &Statement) -> bool {
    use Statement::*;
    matches!(statement, Command(_) | Help(_) | Heading { .. } | Part(_) | Prose(_) | Kink { .. } | Rule(_))
}

fn question<'e>(question: &'e Question, parts: &mut Vec<Part<'e>>) {
    let mut claims = |all: &'e [Claim]| all.iter().for_each(|one| claim(one, parts));
    match question {
        Question::Value(e) | Question::Transform { of: e, .. } | Question::Size { of: e, .. } => relation(e, parts),
        Question::Derivative { of, wrt, .. } => parts.extend(std::iter::once(of).chain(wrt).map(Part::Value)),
        Question::Prove { claim, given } => {
            claims(std::slice::from_ref(claim));
            claims(given);
        }
        Question::Check { lines, given } => {
            claims(lines);
            claims(given);
        }
        Question::Solve { equations, unknowns, given } => {
            claims(given);
            equations.iter().for_each(|e| relation(e, parts));
            parts.extend(unknowns.iter().map(Part::Value));
        }
    }
}

fn claim<'e>(claim: &'e Claim, parts: &mut Vec<Part<'e>>) {
    match claim {
        Claim::Relation(e) => relation(e, parts),
        Claim::Property { of, attributes } => {
            let square = attributes.iter().any(|attribute| match &attribute.kind {
                AttributeKind::Property(word) => elaborate::needs_square(word),
                AttributeKind::FunctionOf(_) | AttributeKind::Samples { .. } => false,
            });
            parts.extend(of.iter().map(if square { Part::Square } else { Part::Value }));
        }
    }
}

fn relation<'e>(e: &'e Expr, parts: &mut Vec<Part<'e>>) {
    match &e.node {
        Node::Relation(first, rest) => {
            let sides = std::iter::once(&**first).chain(rest.iter().map(|(_, side)| side));
            parts.push(Part::Sides(sides.collect()));
        }
        _ => parts.push(Part::Value(e)),
    }
}

/// The numbers of earlier results in an expression; `None` is the last one.
fn results_in(e: &Expr, found: &mut Vec<Option<usize>>) {
    if let Node::Result(number) = &e.node {
        found.push(*number);
    }
    children(e).into_iter().for_each(|part| results_in(part, found));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The declarations and the answer or error of the last statement.
    fn run(text: &str) -> (String, String) {
        let mut session = Session::new();
        let responses = session.run(&format!(":letters matrixcalculus\n{text}"));
        let before = &responses[responses.len() - 2];
        let declared = Some(before).filter(|before| before.span == responses[responses.len() - 1].span);
        let last = match &responses[responses.len() - 1].outcome {
            Outcome::Answers(answers) => print::term(session.context(), answers[0].value, Spelling::Ascii),
            Outcome::Error(error) => format!("{}: {}", error.code, error.notes.last().map_or("", |note| note)),
            _ => String::new(),
        };
        (declared.map_or(String::new(), |response| response.text.clone()), last)
    }

    #[test]
    fn sizes_follow_from_use() {
        for (question, declared) in [
            ("diff x'*A*x wrt x", "x : R^n; A : R^(n x n)"),
            ("diff x'*A*x + c*sin(y)'*x wrt x", "x : R^n; A : R^(n x n); c : scalar; y : R^n"),
            ("diff norm2(A*x-y)^2 wrt x", "A : R^(m x n); x : R^n; y : R^m"),
            ("diff sum(log(exp(-y.*(X*w)) + vector(1))) wrt w", "y : R^m; X : R^(m x n); w : R^n"),
            ("diff tr(A*X*B) wrt X", "A : R^(m x n); X : R^(n x p); B : R^(p x m)"),
            ("diff x'*A'*inv(B)*y wrt B", "x : R^n; A : R^(m x n); B : R^(m x m); y : R^m"),
            ("diff logdet(A + c*eye(3)) wrt A", "A : R^(3 x 3); c : scalar"),
            ("diff n'*A^2*m wrt m", "n : R^p; A : R^(p x p); m : R^p"),
            ("diff x_1'*A2*x_1 wrt x_1", "x_1 : R^n; A2 : R^(n x n)"),
            ("d/dx (x'*x)", "x : R^n"),
            ("diff x^TA*x wrt x", "x : R^n; A : R^(n x n)"),
            ("simplify kron(A, B) + C", "A : R^(m x n); B : R^(p x q); C : R^((m*p) x (n*q))"),
            ("prove A*x = y given A'*A = I, y = A*x", "A : R^(m x n); x : R^n; y : R^m"),
            ("check x'*S*x = y given S symmetric", ""),
        ] {
            assert_eq!(run(question).0, declared, "{question}");
        }
    }

    #[test]
    fn what_is_declared_wins() {
        assert_eq!(run("A : R^(p×q)\ndiff A*x wrt x"), ("x : R^q".into(), "A".into()));
        assert_eq!(run("x : scalar\ndiff x^2 wrt x"), (String::new(), "2 * x".into()));
        assert_eq!(run("f(x) = x'*A*x\ndiff f(x) wrt x").0, "A : R^(n x n); x : R^n");
        assert_eq!(run("n : R^5\nz : R^k\ndiff k*norm2(x)^2 wrt x").0, "x : R^m");
    }

    #[test]
    fn letters_belong_to_one_question_and_its_result() {
        let again = run("diff x'*A*x wrt x\ndiff norm2(A*x-y)^2 wrt x");
        assert_eq!(again.0, "A : R^(m x n); x : R^n; y : R^m");
        assert_eq!(run("diff x'*A*x wrt x\ndiff % wrt x"), (String::new(), "A + A'".into()));
        assert_eq!(run("diff x'*A*x wrt x\nsimplify norm2(B*x)\ndiff %1 wrt x").1, "A + A'");
        assert_eq!(run("f = x'*A*x\ndiff f wrt x"), (String::new(), "(A + A') * x".into()));
        assert_eq!(run("diff x'*y wrt x\ny = B*z\ndiff sum(y) wrt z"), (String::new(), "B' * ones(m, 1)".into()));
        assert!(run("diff x'*A*x wrt x\n:letters declared\ndiff x'*A*x wrt x").1.starts_with("E0101"));
    }

    #[test]
    fn what_does_not_fit_says_what_was_inferred() {
        assert_eq!(run("diff x*A wrt x").1, "E0202: by `:letters matrixcalculus`: x : R^p; A : R^(m x n)");
        assert_eq!(run("A + x").1, "E0201: by `:letters matrixcalculus`: A : R^(m x n); x : R^p");
        assert!(run("A + kron(A, B)").1.starts_with("E0201"));
        assert!(run("diff g(x) wrt x").1.starts_with("E0103"));
        assert!(run("diff Ax wrt x").1.starts_with("E0101"));
        assert!(run("vector(1)").1.starts_with("E0207"));
    }

    #[test]
    fn euler_and_the_identity_are_no_letters() {
        let mut session = Session::new();
        let responses = session.run(":letters matrixcalculus\ndiff sum(e^x) wrt x\ne : scalar\ndiff e*x wrt e");
        assert!(responses[2].notes[0].title.contains("Euler"));
        assert!(responses[5].notes.iter().all(|note| !note.title.contains("Euler's number;")));
    }
}
