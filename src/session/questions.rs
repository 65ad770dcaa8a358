//! Questions: what is asked, by which strategy it is answered, and that every answer is checked.

use super::answer::{Answer, Form, Kind, Layout, Status};
use super::derivatives::{self, DerivativeQuestion};
use super::present;
use super::refuse::{self, Places};
use super::settings::Settings;
use super::{Session, naming, rename, size, transposes, typed};
use crate::derive::Deriver;
use crate::derive::structure::Structure;
use crate::diag::{Diagnostic, Span};
use crate::elaborate::{self, Elaborated, Note};
use crate::facts::{Facts, Later};
use crate::index;
use crate::ir::{Index, Op, Property, Symbol, Term};
use crate::print::{self, Formula, Inline, Prose, Spelling};
use crate::rules::Kink;
use crate::syntax::statement::{Ask, Derivative, Question};
use crate::syntax::tree::Expr;

/// How something is asked.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The settings of the question.
    pub settings: &'a Settings,
    /// Where it was typed.
    pub span: Span,
    /// Where its parts were typed.
    pub places: &'a Places,
    /// By which names the answer will be differentiated.
    pub later: &'a Later,
}

impl Asked<'_> {
    /// What the answer will be differentiated by, if first by these names.
    pub(super) fn later_and(&self, first: impl Iterator<Item = Symbol>) -> Later {
        let names = first.chain(self.later.names.iter().copied()).collect();
        Later { names, in_space: self.settings.structure != Structure::Free }
    }
}

/// Answers, and rulings on what was typed.
pub(super) type Answered = Result<(Vec<Answer>, Vec<Note>), Diagnostic>;

impl Session {
    /// Answers a question; the answers are checked, numbered and kept.
    pub(super) fn ask(&mut self, ask: &Ask, span: Span) -> Answered {
        let mut settings = self.settings;
        for setting in &ask.settings {
            if let Err(values) = settings.set(setting.key, setting.value) {
                return Err(Diagnostic::error("E0802", format!("`{}` does not take `{}`", setting.key, setting.value))
                    .label(setting.span, format!("it takes: {}", values.join(", "))));
            }
        }
        if let Some(output) = ask.output.as_deref().filter(|output| !present::OUTPUTS.contains(output)) {
            return Err(refuse::not_yet(span, &format!("an answer as `{output}`")));
        }
        let (mut answers, notes) = self.answer(&ask.question, &settings, span)?;
        for answer in &mut answers {
            self.rest_on_definitions(answer);
        }
        rename::substitute(&mut self.context, &mut answers, &self.built_in);
        naming::repeated_parts(&mut self.context, &mut answers);
        transposes::outside(&mut self.context, &mut answers);
        typed::as_typed(&mut self.context, &mut answers);
        self.verify(&mut answers, &settings, span)?;
        for answer in &mut answers {
            answer.steps = settings.steps;
            answer.output = ask.output.clone();
        }
        self.keep(&mut answers);
        Ok((answers, notes))
    }

    fn answer(&mut self, question: &Question, settings: &Settings, span: Span) -> Answered {
        match question {
            Question::Value(e) => {
                let asked = self.elaborated(e)?;
                self.value(asked, settings, span)
            }
            Question::Derivative { kind, of, wrt } => self.derivative(*kind, of, wrt, settings, span),
            Question::Transform { how, of } => self.transform(*how, of, settings, span),
            Question::Prove { claim, given } => self.prove(claim, given),
            Question::Check { lines, given } => self.check_lines(lines, given),
            Question::Solve { equations, unknowns, given } => self.solve((equations, unknowns), given, settings, span),
            Question::Size { of, dims, format } => self.size(of, dims, format.as_ref(), settings, span),
        }
    }

    /// What is asked about, as a term whose constant parts have values.
    pub(super) fn elaborated(&mut self, e: &Expr) -> Result<Elaborated, Diagnostic> {
        let asked = elaborate::expression(&mut self.context, &self.scope, e)?;
        self.refuse_without_value(asked.term, e.span, &asked.places)?;
        Ok(asked)
    }

    /// An expression: a derivative in Leibniz notation, or a term to simplify.
    fn value(&mut self, asked: Elaborated, settings: &Settings, span: Span) -> Answered {
        let Elaborated { term: raw, notes, places } = asked;
        let args = self.context.terms.args(raw).to_vec();
        let answers = match self.context.terms.op(raw) {
            Op::Partial => {
                let later = &Later::default();
                self.partial(args[0], args[1], Asked { settings, span, places: &places, later })?
            }
            Op::Differential => {
                vec![self.differential_question(args[0], &[], settings, span, &places)?]
            }
            Op::EntrywisePartial => vec![self.entrywise(args[0], args[1], settings, span, &places)?],
            _ => vec![self.simplified(raw, settings, span, &places)?],
        };
        Ok((answers, notes))
    }

    /// ∂f/∂x as it was typed.
    pub(super) fn partial(&mut self, f: Term, x: Term, asked: Asked<'_>) -> Result<Vec<Answer>, Diagnostic> {
        let (mut of, mut by) = (f, vec![x]);
        while let (Op::Partial, &[g, y]) = (self.context.terms.op(of), self.context.terms.args(of)) {
            by.insert(0, y);
            of = g;
        }
        self.derivative_by_all(of, &by, asked)
    }

    /// The name x, also where it was written transposed (`∂²f/∂x∂xᵀ`).
    pub(super) fn variable_symbol(&self, x: Term) -> Option<Symbol> {
        match self.context.terms.op(x) {
            Op::Transpose => self.context.terms.as_symbol(self.context.terms.args(x)[0]),
            _ => self.context.terms.as_symbol(x),
        }
    }

    pub(super) fn no_variable(&self, x: Term, span: Span) -> Diagnostic {
        Diagnostic::error("E0402", format!("{} is not something to differentiate by", refuse::quoted(&self.context, x)))
            .label(span, "a declared or defined name, or an entry of one, is needed")
    }

    /// The answers to a question about a derivative, before they are checked.
    pub(super) fn derive(
        &mut self,
        question: &DerivativeQuestion,
        asked: Asked<'_>,
    ) -> Result<Vec<Answer>, Diagnostic> {
        let before = asked.later_and(question.by.iter().copied());
        let resolved = self.resolved_before(question.of, asked.span, &before)?;
        let typed = question.of;
        let question = DerivativeQuestion { of: resolved.term, later: asked.later.clone(), ..question.clone() };
        let mut answers = derivatives::derive(&mut self.context, &self.engine, &question, asked.settings)
            .map_err(|refusal| refuse::derivation(&self.context, &refusal, asked.span, asked.places))?;
        answers.iter_mut().for_each(|answer| answer.of = Some(resolved.term));
        if resolved.term != typed {
            answers.iter_mut().for_each(|answer| self.of_typed(answer, (resolved.term, typed), &resolved));
        }
        Ok(answers)
    }

    fn entrywise(
        &mut self,
        f: Term,
        x: Term,
        settings: &Settings,
        span: Span,
        places: &Places,
    ) -> Result<Answer, Diagnostic> {
        let Some(symbol) = self.context.terms.as_symbol(x) else { return Err(self.no_variable(x, span)) };
        let answer = derivatives::entrywise(&mut self.context, &self.engine, f, symbol, settings.kink);
        answer.map_err(|refusal| refuse::derivation(&self.context, &refusal, span, places))
    }

    /// ∂f/∂x_k and ∂f_j/∂x_k, in index form.
    pub(super) fn entry(
        &mut self,
        f: Term,
        variable: Symbol,
        indices: &[Index],
        asked: Asked<'_>,
    ) -> Result<Answer, Diagnostic> {
        let Asked { settings, span, places, later } = asked;
        if self.is_in_a_space(variable) {
            return Err(refuse::not_yet(span, "one entry of a derivative by a variable whose entries are not free"));
        }
        let (typed, resolved) = (f, self.resolved_before(f, span, &asked.later_and([variable].into_iter()))?);
        let f = resolved.term;
        let facts = Facts::new(&mut self.context, &[variable], &[f]).before_differentiating_by(later);
        let table = index::Table { rules: &self.engine.rules, facts: &facts, kink: settings.kink };
        let found = match index::entry_derivative(&mut self.context, &table, &facts, f, variable, indices) {
            Ok(found) => found,
            Err(refusal) => {
                let whole = self.entry_of_whole(typed, variable, indices, asked);
                return whole.ok_or_else(|| self.no_entry(f, &refusal, span, places));
            }
        };
        let x = self.context.terms.symbol(variable);
        let entry = self.context.terms.make(Op::Entry(indices.to_vec()), &[x]);
        let question = self.context.terms.make(Op::Partial, &[f, entry]);
        let mut answer = self.blank(Kind::Entry, question, found.term);
        answer.variable = Some(variable);
        answer.derivation = found.derivation.into();
        answer.evidence = found.evidence;
        answer.assumptions = found.assumptions;
        answer.claims_would_help = found.would_help;
        if f != typed {
            self.of_typed(&mut answer, (f, typed), &resolved);
        }
        Ok(answer)
    }

    /// Was the variable declared so that its entries depend on each other?
    pub(super) fn is_in_a_space(&self, variable: Symbol) -> bool {
        use Property::*;
        let free = [Invertible, Positive, NonNegative, Nonzero, Constant, FullColumnRank];
        self.context.info(variable).properties.keys().any(|property| !free.contains(property))
    }

    fn no_entry(&self, f: Term, refusal: &index::Refusal, span: Span, places: &Places) -> Diagnostic {
        let (t, what) = match refusal {
            index::Refusal::NoDerivative(t) if matches!(self.context.terms.op(*t), Op::Solution(_)) => {
                (Some(f), "one entry of the derivative of")
            }
            index::Refusal::NoDerivative(t) => {
                return refuse::derivation(&self.context, &crate::derive::Refusal::NoRule(*t), span, places);
            }
            index::Refusal::Rank(t) | index::Refusal::NotEntrywise(t) | index::Refusal::Composite(t) => {
                (Some(*t), "entries of")
            }
            index::Refusal::NotScalar(t) => (Some(*t), "a derivative by an entry of what is not a scalar,"),
            _ => (None, "this entry"),
        };
        let what = t.map_or(what.to_owned(), |t| format!("{what} {}", refuse::quoted(&self.context, t)));
        refuse::not_yet(span, &what)
    }

    fn derivative(&mut self, kind: Derivative, of: &Expr, wrt: &[Expr], settings: &Settings, span: Span) -> Answered {
        let of = self.elaborated(of)?;
        let (mut notes, places) = (of.notes, of.places);
        let mut by = Vec::new();
        for e in wrt {
            let variable = elaborate::variable(&mut self.context, &self.scope, e)?;
            notes.extend(variable.notes);
            by.push(variable.term);
        }
        if kind == Derivative::Differential {
            return Ok((vec![self.differential_question(of.term, &by, settings, span, &places)?], notes));
        }
        let asked = Asked { settings, span, places: &places, later: &Later::default() };
        let one_question = kind == Derivative::Diff || by.len() == 1;
        if one_question && by.iter().any(|&x| matches!(self.context.terms.op(x), Op::Entry(_))) {
            return Ok((self.derivative_by_all(of.term, &by, asked)?, notes));
        }
        let mut symbols = Vec::new();
        for &x in &by {
            symbols.push(self.variable_symbol(x).ok_or_else(|| self.no_variable(x, span))?);
        }
        let answers = match (kind, &symbols[..]) {
            (_, []) => return Err(self.by_what(of.term, span)),
            (Derivative::Diff, [_, _, ..]) => self.derivative_of_order(of.term, &symbols, asked)?,
            (Derivative::Hessian | Derivative::Gradient, _) if !self.context.terms.shape(of.term).is_scalar() => {
                return Err(self.no_gradient(of.term, span));
            }
            (Derivative::Hessian, all) => self.hessian_blocks(of.term, all, asked)?,
            _ => {
                let question = DerivativeQuestion { of: of.term, by: symbols, hessian: false, later: Later::default() };
                self.derive(&question, asked)?
            }
        };
        Ok((answers, notes))
    }

    /// `grad f` without a variable; if there is one only, it is offered.
    fn by_what(&self, of: Term, span: Span) -> Diagnostic {
        let d = Diagnostic::error("E0005", "by what is this to be differentiated");
        let of = self.context.terms.as_symbol(of).and_then(|name| self.context.definition(name)).map_or(of, |d| d.raw);
        let names: Vec<&str> = self.context.symbols_in(of).into_iter().map(|name| self.context.name(name)).collect();
        match names[..] {
            [] => d.label(span, "say `wrt x`"),
            [one] => d.label(span, "the variable is missing").fix("say which", span.after(), format!(" wrt {one}")),
            _ => d.label(span, format!("say `wrt` one or some of {}", names.join(", "))),
        }
    }

    fn no_gradient(&self, of: Term, span: Span) -> Diagnostic {
        let shape = crate::print::shape(self.context.terms.shape(of), Spelling::Unicode);
        let name = refuse::quoted(&self.context, of);
        Diagnostic::error("E0405", "a gradient and a Hessian are of a scalar")
            .label(span, format!("{name} has shape {shape}"))
            .note("ask for the `jacobian`, or for the gradient of a scalar made of it, such as its `sum`")
    }

    fn differential_question(
        &mut self,
        of: Term,
        by: &[Term],
        settings: &Settings,
        span: Span,
        places: &Places,
    ) -> Result<Answer, Diagnostic> {
        if self.context.terms.any(of, |part| *self.context.terms.op(part) == Op::Differential) {
            return Err(refuse::not_yet(span, "a differential of a differential")
                .note("ask for the second derivative: `hessian f wrt x`, `diff f wrt t, t`"));
        }
        let question = self.context.terms.make(Op::Differential, &[of]);
        // Of a name alone what it stands for is asked: d(E) = dE says nothing.
        let of = match self.context.terms.as_symbol(of).and_then(|name| self.context.definition(name)) {
            Some(definition) if by.is_empty() => definition.raw,
            _ => of,
        };
        let symbols: Vec<Symbol> = match by {
            [] => self.context.symbols_in(of),
            by => by.iter().filter_map(|&x| self.variable_symbol(x)).collect(),
        };
        let normal = derivatives::in_matrices(&mut self.context, of);
        let mut deriver = Deriver::new(&mut self.context, &self.engine, settings.kink, &symbols, &[of]);
        let found = deriver.total_differential(normal).and_then(|d| deriver.finish(d, None));
        let (derivation, evidence) = (deriver.derivation.clone(), deriver.evidence.clone());
        let value = found.map_err(|refusal| refuse::derivation(&self.context, &refusal, span, places))?;
        if let Some(name) = self.unsolved_differential(value, &symbols) {
            let what =
                format!("the differential of {}, which its equation defines,", refuse::quoted(&self.context, name));
            return Err(
                refuse::not_yet(span, &what).note("ask for the gradient, the Jacobian or the derivative by a scalar")
            );
        }
        let mut answer = self.blank(Kind::Differential, question, value);
        answer.derivation = derivation.into();
        answer.evidence = evidence;
        answer.by = symbols;
        Ok(answer)
    }

    /// A name whose differential was left in a differential by `variables`.
    fn unsolved_differential(&self, value: Term, variables: &[Symbol]) -> Option<Term> {
        let terms = &self.context.terms;
        let differentials = terms.postorder(value).into_iter().filter(|&t| *terms.op(t) == Op::Differential);
        let open = |&name: &Term| terms.as_symbol(name).is_none_or(|symbol| !variables.contains(&symbol));
        differentials.map(|d| terms.args(d)[0]).find(open)
    }

    fn size(
        &mut self,
        of: &Expr,
        dims: &[(String, Expr)],
        format: Option<&(String, Span)>,
        settings: &Settings,
        span: Span,
    ) -> Answered {
        let asked = elaborate::expression(&mut self.context, &self.scope, of)?;
        let mut sizes = size::Sizes::new();
        for (name, value) in dims {
            let number = elaborate::expression(&mut self.context, &self.scope, value)?.term;
            let number = self.context.terms.as_number(number).filter(|n| n.is_integer()).map(|n| n.numer());
            let Some(number) = number.and_then(|n| i64::try_from(n).ok()).filter(|&n| n > 0) else {
                let d = Diagnostic::error("E0406", "a dimension is a positive whole number below 2⁶³");
                return Err(d.label(value.span, "this is none"));
            };
            sizes.insert(name.clone(), number);
        }
        let bytes = match format {
            None => None,
            Some((name, at)) => Some((name.as_str(), self.format(name, *at)?)),
        };
        let mut form = None;
        if *self.context.terms.op(asked.term) == Op::Partial {
            let [f, x] = *self.context.terms.args(asked.term) else { return Err(self.no_variable(asked.term, span)) };
            let later = &Later::default();
            let answers = self.partial(f, x, Asked { settings, span, places: &asked.places, later })?;
            form = answers.into_iter().next();
        }
        let mut answer = self.blank(Kind::Size, asked.term, asked.term);
        answer.lines = self.size_lines(asked.term, form.as_ref(), &sizes, bytes).map_err(|missing| {
            Diagnostic::error("E0406", format!("no number is given for {}", missing.join(", ")))
                .label(span, format!("say `with {} = …`", missing[0]))
        })?;
        Ok((vec![answer], asked.notes))
    }

    fn format(&self, name: &str, at: Span) -> Result<u64, Diagnostic> {
        let known = size::FORMATS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        size::FORMATS.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes).ok_or_else(|| {
            Diagnostic::error("E0406", format!("`{name}` is not a number format")).label(at, format!("known: {known}"))
        })
    }

    fn size_lines(
        &mut self,
        of: Term,
        answer: Option<&Answer>,
        sizes: &size::Sizes,
        format: Option<(&str, u64)>,
    ) -> Result<Vec<Prose>, Vec<String>> {
        let text = |text: String| Inline::Text(text);
        let shape = self.context.terms.shape(of).clone();
        let entries = size::entries(&shape, sizes)?;
        let name = Inline::Math(Formula::term(&self.context, of));
        let shape = Inline::Math(Formula::new(|spelling| print::shape(&shape, spelling)));
        let entries_words = text(format!(": {} entries", size::count(&entries)));
        let mut lines = vec![vec![name, text(" is ".into()), shape, entries_words]];
        if let Some((format, bytes)) = format {
            lines.push(print::plain(format!("In {format}: {}", size::bytes(&(entries * bytes)))));
        }
        let map = answer.and_then(|answer| answer.forms.iter().find(|(form, _)| *form == Form::LinearMap));
        if let Some(&(_, map)) = map {
            let arrays = size::arrays_of(&self.context, map, "the result", sizes)?;
            let closed = Inline::Math(Formula::term(&self.context, map));
            let each = arrays.iter().map(|array| match format {
                Some((_, bytes)) => format!("{} {}", array.name, size::bytes(&(&array.entries * bytes))),
                None => format!("{} {} entries", array.name, size::count(&array.entries)),
            });
            let touched = text(format!(" touches {}", each.collect::<Vec<_>>().join(", ")));
            lines.push(vec![text("The closed form ".into()), closed, touched]);
        }
        Ok(lines)
    }

    /// An answer about a term, without derivation or check.
    pub(super) fn blank(&self, kind: Kind, question: Term, value: Term) -> Answer {
        Answer {
            number: 0,
            kind,
            question,
            of: None,
            variable: None,
            by: Vec::new(),
            value,
            forms: Vec::new(),
            shape: self.context.terms.shape(value).clone(),
            layout: Layout::Mixed,
            states_layout: false,
            names: Vec::new(),
            evidence: Vec::new(),
            assumptions: Default::default(),
            excluded: Vec::new(),
            would_help: Vec::new(),
            claims_would_help: Vec::new(),
            convention: None,
            kink: Kink::Excluded,
            structure: Default::default(),
            not_used: Vec::new(),
            derivation: Default::default(),
            checked: None,
            second_opinion: false,
            status: Status::Ok,
            lines: Vec::new(),
            steps: Default::default(),
            output: None,
        }
    }
}
