//! Declarations, definitions, assumptions, settings.

use super::answer::{Outcome, Response};
use super::resolved::Resolved;
use super::{Answer, Session};
use super::{commands, refuse};
use crate::diag::{Diagnostic, Severity, Span};
use crate::elaborate::{self, Meaning, Note};
use crate::facts::Later;
use crate::index;
use crate::ir::normal::Normal;
use crate::ir::{AssumptionId, Claim, Definition, Op, Symbol, SymbolKind, Term};
use crate::print::{Spelling, equation, term};
use crate::syntax::statement::{Claim as Typed, Equation, Parsed, Statement};
use crate::syntax::tree::{Expr, Node};
use crate::verify::{Check, Options, Question, Verdict};

/// What came of a statement, and rulings on what was typed.
pub(super) type Executed = Result<(Outcome, Vec<Note>), Diagnostic>;

impl Session {
    /// Runs one statement. `later` are the statements behind it: a function may be defined there.
    pub(super) fn execute(
        &mut self,
        statement: &Statement,
        span: Span,
        later: &[Parsed],
    ) -> (Outcome, Vec<Diagnostic>) {
        let mut outcome = self.attempt(statement, span);
        if let Err(diagnostic) = &outcome
            && self.define_functions_of(diagnostic, later)
        {
            outcome = self.attempt(statement, span);
        }
        match outcome {
            Ok((outcome, notes)) => (outcome, notes.into_iter().map(as_diagnostic).collect()),
            Err(diagnostic) => {
                self.poison(statement, span);
                (Outcome::Error(diagnostic), Vec::new())
            }
        }
    }

    fn attempt(&mut self, statement: &Statement, span: Span) -> Executed {
        match statement {
            Statement::Heading { level, text } => plain(Outcome::Heading { level: *level, text: text.clone() }),
            Statement::Part(label) => plain(Outcome::Part(label.clone())),
            Statement::Prose(text) => plain(Outcome::Prose(text.clone())),
            Statement::Declare(declarations) => {
                let symbols = elaborate::declare(&mut self.context, &mut self.scope, declarations)?;
                plain(Outcome::Declared(symbols))
            }
            Statement::Assume(claims) => self.assume(claims),
            Statement::Equation(equation) => self.equation(equation, span),
            Statement::Implicit(implicit) => {
                let (name, body) = elaborate::implicit(&mut self.context, &mut self.scope, implicit)?;
                plain(Outcome::Defined { name, body })
            }
            Statement::Unknown(unknown) => {
                let implicit = elaborate::unknown(&mut self.context, &self.scope, unknown)?;
                let (name, body) = elaborate::implicit(&mut self.context, &mut self.scope, &implicit)?;
                plain(Outcome::Defined { name, body })
            }
            Statement::Kink { value, .. } => self.kink(value, span),
            Statement::Ask(ask) => {
                let (answers, notes) = self.ask(ask, span)?;
                Ok((Outcome::Answers(answers), notes))
            }
            Statement::Command(words) => command(commands::run(self, words, span)),
            Statement::Help(topic) => command(commands::help(self, topic, span)),
            Statement::Rule(text) => self.state_rule(text),
        }
    }

    /// If the error is about a function that a later statement defines, defines it now.
    fn define_functions_of(&mut self, diagnostic: &Diagnostic, later: &[Parsed]) -> bool {
        let mut defined = false;
        for statement in later {
            let Ok(Statement::Equation(equation)) = &statement.outcome else { continue };
            let Meaning::Function(name, _) = elaborate::meaning(&mut self.context, &self.scope, equation) else {
                continue;
            };
            if diagnostic.title.contains(&format!("`{name}`")) && !self.scope.functions.contains_key(&name) {
                defined |= elaborate::define(&mut self.context, &mut self.scope, equation).is_ok();
            }
        }
        defined
    }

    fn assume(&mut self, claims: &[Typed]) -> Executed {
        let (claims, notes) = self.given(claims)?;
        let ids = self.record(claims);
        let texts = ids.iter().map(|&id| crate::print::claim(&self.context, &self.context.assumption(id).claim));
        let texts = texts.collect();
        Ok((Outcome::Assumed(texts), notes))
    }

    /// Takes claims for true, and gives their numbers.
    pub(super) fn record(&mut self, claims: Vec<Claim>) -> Vec<AssumptionId> {
        let claims = claims.into_iter().map(|claim| self.claim_in_matrices(claim)).collect();
        elaborate::record(&mut self.context, claims)
    }

    /// `Σ_j y_j = 1` is kept as `sum(y) = 1`, so that it is the same assumption however it was typed.
    fn claim_in_matrices(&mut self, claim: Claim) -> Claim {
        let Claim::Equation(left, right) = claim else { return claim };
        let [left, right] = [left, right].map(|side| index::matrix_form(&mut self.context, side, &[]).unwrap_or(side));
        Claim::Equation(left, right)
    }

    fn equation(&mut self, equation: &Equation, span: Span) -> Executed {
        match elaborate::meaning(&mut self.context, &self.scope, equation) {
            Meaning::Function(name, params) => self.define_function(equation, &name, &params),
            Meaning::Again(_) => self.define_again(equation, span),
            Meaning::Claim if self.defines_entries_again(equation) => self.confirm(equation, span),
            _ => {
                let defined = elaborate::define(&mut self.context, &mut self.scope, equation)?;
                let (Some(symbol), Some(body)) = (defined.symbol, defined.body) else {
                    let outcome = Outcome::DefinedFunction { name: defined.name, params: Vec::new(), body: None };
                    return Ok((outcome, defined.notes));
                };
                let settled = match self.confirm_sides(body, &defined.also, span) {
                    Ok(_) => self.settle_definition(symbol, body, span),
                    Err(wrong) => Err(wrong),
                };
                if settled.is_err() {
                    self.forget(&defined.name, span);
                }
                let (name, body) = settled?;
                Ok((Outcome::Defined { name, body }, defined.notes))
            }
        }
    }

    /// `tanh(Y) = …` of a function that there is already must agree with it.
    fn define_function(&mut self, equation: &Equation, name: &str, params: &[String]) -> Executed {
        let built_in = self.built_in_of(name, params);
        let defined = elaborate::define(&mut self.context, &mut self.scope, equation)?;
        if let Some(body) = defined.body {
            let span = equation.sides[0].span;
            let others: Vec<Term> = built_in.into_iter().chain(defined.also.iter().copied()).collect();
            if let Err(wrong) = self.confirm_sides(body, &others, span) {
                self.scope.functions.remove(name);
                return Err(wrong);
            }
        }
        match (defined.symbol, defined.body) {
            (Some(symbol), Some(body)) => {
                if let [parameter] = params
                    && let Some(parameter) = self.context.lookup(parameter)
                {
                    self.context.offer(symbol, parameter);
                }
                let name = self.context.terms.symbol(symbol);
                if let Some(built_in) = built_in {
                    self.built_in.insert(name, built_in);
                }
                Ok((Outcome::Defined { name, body }, defined.notes))
            }
            _ => {
                let body = elaborate::expression(&mut self.context, &self.scope, &equation.sides[1]).ok();
                let (name, params) = (name.to_owned(), params.to_vec());
                let body = body.map(|body| body.term);
                Ok((Outcome::DefinedFunction { name, params, body }, defined.notes))
            }
        }
    }

    /// The built-in function of this name applied to the parameter, if both are known.
    fn built_in_of(&mut self, name: &str, params: &[String]) -> Option<Term> {
        let [param] = params else { return None };
        let function = crate::ir::Function::named(name)?;
        let symbol = self.context.lookup(param)?;
        let argument = self.context.terms.symbol(symbol);
        self.context.terms.raw(Op::Call(function), &[argument]).ok()
    }

    /// A second definition of a name: equal to the first it is a fact, otherwise it replaces it.
    fn define_again(&mut self, equation: &Equation, span: Span) -> Executed {
        let first = elaborate::expression(&mut self.context, &self.scope, &equation.sides[0])?.term;
        let defined = elaborate::define(&mut self.context, &mut self.scope, equation)?;
        let (Some(symbol), Some(body)) = (defined.symbol, defined.body) else {
            let outcome = Outcome::DefinedFunction { name: defined.name, params: Vec::new(), body: None };
            return Ok((outcome, defined.notes));
        };
        let mut notes = defined.notes;
        if self.context.terms.shape(first) != self.context.terms.shape(body)
            || !matches!(self.check_equal(first, body), Verdict::Checked(_))
        {
            let text = format!("`{}` had another meaning before; from here on it is this one", defined.name);
            notes.push(Note { span, text });
        }
        let (name, body) = self.settle_definition(symbol, body, span)?;
        Ok((Outcome::Defined { name, body }, notes))
    }

    /// `ŷ_j = …` of a name that has a definition.
    fn defines_entries_again(&mut self, equation: &Equation) -> bool {
        let Ok(left) = elaborate::expression(&mut self.context, &self.scope, &equation.sides[0]) else { return false };
        match self.context.terms.op(left.term) {
            Op::Entry(_) => {
                let array = self.context.terms.args(left.term)[0];
                let symbol = self.context.terms.as_symbol(array);
                symbol.is_some_and(|symbol| self.context.definition(symbol).is_some())
            }
            _ => false,
        }
    }

    /// A chain of equations about something that is defined already: checked.
    fn confirm(&mut self, equation: &Equation, span: Span) -> Executed {
        let rest = equation.sides[1..].iter().map(|e| (crate::syntax::tree::Relation::Equal, e.clone())).collect();
        let relation = Expr::new(Node::Relation(Box::new(equation.sides[0].clone()), rest), span);
        let (sides, notes) = elaborate::relation(&mut self.context, &self.scope, &relation)?;
        let terms: Vec<Term> = sides.iter().map(|side| side.term).collect();
        let checked = self.confirm_sides(terms[0], &terms[1..], span)?;
        match checked {
            Some(checked) => Ok((Outcome::Confirmed { sides: terms, checked }, notes)),
            None => Err(refuse::not_yet(span, "an equation of one side")),
        }
    }

    /// Checks that `others` are equal to `first`.
    fn confirm_sides(
        &mut self,
        first: Term,
        others: &[Term],
        span: Span,
    ) -> Result<Option<crate::verify::Checked>, Diagnostic> {
        let mut last = None;
        for &other in others {
            match self.check_equal(first, other) {
                Verdict::Checked(checked) => last = Some(checked),
                Verdict::Mismatch(_) => {
                    let text = equation(&self.context, first, other, Spelling::Unicode);
                    return Err(Diagnostic::error("E0504", "these two definitions differ")
                        .label(span, format!("`{text}` does not hold"))
                        .note("a name has one meaning; define another name, or correct one of the two"));
                }
                Verdict::Undecidable(reason) => {
                    return Err(Diagnostic::error("E0502", "it could not be checked whether these are equal")
                        .label(span, refuse::undecidable(&reason)));
                }
            }
        }
        Ok(last)
    }

    pub(super) fn check_equal(&self, left: Term, right: Term) -> Verdict {
        let mut check = Check::new(&self.context, Question::Equal(left), right);
        check.claims = self.context.assumptions().map(|(_, assumption)| assumption.claim.clone()).collect();
        check.options = self.check_options();
        check.run()
    }

    pub(super) fn check_options(&self) -> Options {
        Options { seed: self.limits.seed, points: self.limits.points, ..Options::default() }
    }

    /// The name and body of a new definition: derivatives in the body are worked out, and its normal form is in
    /// matrices where it was typed with sums over indices.
    fn settle_definition(&mut self, symbol: Symbol, body: Term, span: Span) -> Result<(Term, Term), Diagnostic> {
        self.refuse_without_value(body, span, &[])?;
        // By whichever names what is defined here will be differentiated: what was assumed of them waits.
        let later = Later { names: self.all_symbols(body), in_space: true };
        let Resolved { term: resolved, evidence, .. } = self.resolved_before(body, span, &later)?;
        let normal = Normal::new(&mut self.context.terms).term(resolved);
        let normal = index::matrix_form(&mut self.context, normal, &[]).unwrap_or(normal);
        let settled = Definition { raw: resolved, normal };
        if self.context.definition(symbol) == Some(settled) {
            return Ok((self.context.terms.symbol(symbol), resolved));
        }
        let info = self.context.info(symbol).clone();
        let symbol = self.context.declare(&info.name, info.shape, SymbolKind::Definition(settled));
        if let Some(samples) = info.samples {
            self.context.set_samples(symbol, samples);
        }
        if !evidence.is_empty() {
            self.derived.insert(symbol, evidence);
        }
        Ok((self.context.terms.symbol(symbol), resolved))
    }

    fn kink(&mut self, value: &Expr, span: Span) -> Executed {
        let value = elaborate::expression(&mut self.context, &self.scope, value)?.term;
        let text = term(&self.context, value, Spelling::Ascii);
        command(commands::run(self, &["kink".into(), text], span))
    }

    /// A definition that failed poisons its name.
    fn poison(&mut self, statement: &Statement, span: Span) {
        if let Statement::Implicit(implicit) = statement {
            self.context.bind(&implicit.name, None);
            self.scope.poison(&implicit.name, span);
        }
        let Statement::Equation(equation) = statement else { return };
        if let Meaning::Name(name) | Meaning::Entries(name) =
            elaborate::meaning(&mut self.context, &self.scope, equation)
        {
            self.forget(&name, span);
        }
    }

    /// What depends on this name from here on is told that its definition failed.
    fn forget(&mut self, name: &str, span: Span) {
        self.context.bind(name, None);
        self.scope.poison(name, span);
    }

    /// Numbers answers and keeps them for `%`.
    pub(super) fn keep(&mut self, answers: &mut [Answer]) {
        for answer in answers {
            answer.number = self.results.len() + 1;
            self.scope.results.push(Some(answer.value));
            self.results.push(answer.clone());
        }
    }
}

fn plain(outcome: Outcome) -> Executed {
    Ok((outcome, Vec::new()))
}

/// A command that failed is an error like any other.
fn command(outcome: Outcome) -> Executed {
    match outcome {
        Outcome::Error(diagnostic) => Err(diagnostic),
        outcome => plain(outcome),
    }
}

/// A ruling as a diagnostic of severity note.
fn as_diagnostic(note: Note) -> Diagnostic {
    Diagnostic::new("N0001", Severity::Note, note.text).label(note.span, "")
}

impl Response {
    /// Was the statement refused?
    pub fn is_error(&self) -> bool {
        matches!(self.outcome, Outcome::Error(_))
    }
}
