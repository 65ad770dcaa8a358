//! Questions about derivatives: which strategy, which layout, and the check of the result.

use super::answer::{Answer, Deltas, Form, Kind, Layout, Status};
use super::listed::Names;
use super::rename;
use super::settings::Settings;
use crate::derive::structure::Structure;
use crate::derive::{Deriver, Engine, Refusal, implicit};
use crate::facts::Later;
use crate::index;
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Context, Definition, Index, Op, Symbol, SymbolKind, Term};
use crate::rules::Kink;
use crate::shape::Shape;
use crate::trace::{Derivation, Inference, Justification, Level, Statement, Step, words};
use std::sync::Arc;

/// A derivative that is asked for: of a raw term, by names.
#[derive(Clone, Debug)]
pub struct DerivativeQuestion {
    /// Of what, as typed.
    pub of: Term,
    /// By which names; several for gradients only.
    pub by: Vec<Symbol>,
    /// The Hessian, not the first derivative.
    pub hessian: bool,
    /// By which names the answer will be differentiated.
    pub later: Later,
}

/// Which kind of derivative the shapes give.
pub fn kind_of(of: &Shape, by: &Shape) -> Kind {
    match (of, by) {
        (_, Shape::Scalar) => Kind::Derivative,
        (Shape::Scalar, _) => Kind::Gradient,
        (f, x) if f.is_vector() && x.is_vector() => Kind::Jacobian,
        _ => Kind::VecJacobian,
    }
}

/// Derives the answers to a question, one for each variable; they are not checked yet.
///
/// # Errors
/// What cannot be derived.
pub fn derive(
    context: &mut Context,
    engine: &Engine,
    question: &DerivativeQuestion,
    settings: &Settings,
) -> Result<Vec<Answer>, Refusal> {
    let normal = in_matrices(context, question.of);
    let mut deriver = Deriver::new(context, engine, settings.kink, &question.by, &[question.of])
        .before_differentiating_by(&question.later);
    show_in_matrices(&mut deriver, question.of, normal);
    let shape = deriver.context.terms.shape(normal).clone();
    let is_gradient = |context: &Context, by| kind_of(&shape, &context.info(by).shape) == Kind::Gradient;
    let mut answers = if question.hessian {
        vec![hessian(&mut deriver, question, normal, settings)?]
    } else if question.by.iter().all(|&by| is_gradient(deriver.context, by)) {
        gradients(&mut deriver, question, normal, settings.structure)?
    } else {
        let mut answers = Vec::new();
        for &variable in &question.by {
            let mut deriver = Deriver::new(deriver.context, engine, settings.kink, &[variable], &[question.of])
                .before_differentiating_by(&question.later);
            show_in_matrices(&mut deriver, question.of, normal);
            if is_gradient(deriver.context, variable) {
                let one = DerivativeQuestion { by: vec![variable], ..question.clone() };
                answers.extend(gradients(&mut deriver, &one, normal, settings.structure)?);
            } else {
                answers.push(single(&mut deriver, question.of, normal, variable)?);
            }
        }
        answers
    };
    if settings.deltas == Deltas::Row {
        deltas_as_rows(context, &mut answers);
    }
    for answer in &mut answers {
        apply_layout(context, answer, settings.layout);
        if settings.kink != Kink::Excluded && uses_convention(engine, answer) {
            answer.convention = Some(convention(settings.kink));
        }
    }
    Ok(answers)
}

/// The normal form of a term, in matrices where it was typed with sums over indices.
pub(super) fn in_matrices(context: &mut Context, of: Term) -> Term {
    let normal = Normal::new(&mut context.terms).term(of);
    index::matrix_form(context, normal, &[]).unwrap_or(normal)
}

/// A sum over samples as it is in matrices is the first step; what sums over entries are is plain.
fn show_in_matrices(deriver: &mut Deriver, of: Term, in_matrices: Term) {
    let terms = &deriver.context.terms;
    let is_sample = |part: Term| matches!(terms.op(part), Op::Unit(_, Index::Named { .. }));
    let is_sum = |part: Term| matches!(terms.op(part), Op::IndexSum { .. }) && terms.any(part, is_sample);
    if !terms.any(of, is_sum) || terms.any(in_matrices, is_sum) {
        return;
    }
    let (before, after) = (Statement::Term(of), Statement::Term(in_matrices));
    let because = words("the sum over samples in matrices");
    deriver.derivation.push(Step::inference(Inference::Indices, before, after, because, Level::Headline));
}

/// A rule was used that holds by the choice at a kink only.
fn uses_convention(engine: &Engine, answer: &Answer) -> bool {
    answer.derivation.steps.iter().any(|step| {
        let Justification::Rule(name) = &step.by else { return false };
        let rule = engine.rules.named(name).map(|id| engine.rules.rule(id));
        rule.is_some_and(|rule| rule.kink.is_some_and(|kink| kink != Kink::Excluded))
    })
}

fn convention(kink: Kink) -> String {
    let value = match kink {
        Kink::Zero => "0",
        Kink::One => "1",
        _ => "1/2",
    };
    format!("the derivative of ReLU at 0 is taken to be {value}; this is a choice and not a theorem")
}

fn gradients(
    deriver: &mut Deriver,
    question: &DerivativeQuestion,
    normal: Term,
    structure: Structure,
) -> Result<Vec<Answer>, Refusal> {
    let gradients = deriver.gradients(normal, question.of)?;
    let mut derivation = Arc::new(deriver.derivation.clone());
    let names = Names::new(deriver.context, gradients.names);
    let mut answers = Vec::new();
    for ((&variable, &value), evidence) in question.by.iter().zip(&gradients.values).zip(gradients.evidence) {
        deriver.evidence = evidence;
        let value = deriver.structured(variable, value, structure)?;
        let evidence = std::mem::take(&mut deriver.evidence);
        if deriver.derivation.steps.len() > derivation.steps.len() {
            derivation = Arc::new(deriver.derivation.clone());
        }
        let mut answer = blank(deriver, &derivation, question.of, variable, value, Kind::Gradient);
        answer.structure = structure;
        answer.convention = deriver.convention_of(variable, structure).map(str::to_owned);
        answer.names = names.used(deriver.context, [value]);
        answer.evidence = evidence;
        answers.push(answer);
    }
    Ok(answers)
}

fn hessian(
    deriver: &mut Deriver,
    question: &DerivativeQuestion,
    normal: Term,
    settings: &Settings,
) -> Result<Answer, Refusal> {
    let [variable] = question.by[..] else {
        return Err(Refusal::NotYet("a Hessian by several variables at once".into()));
    };
    let value = deriver.hessian(normal, question.of, variable, settings.structure)?;
    let x = deriver.context.terms.symbol(variable);
    let gradient = deriver.context.terms.make(Op::Partial, &[question.of, x]);
    let derivation = Arc::new(deriver.derivation.clone());
    let mut answer = blank(deriver, &derivation, gradient, variable, value, Kind::Hessian);
    answer.structure = settings.structure;
    answer.convention = deriver.convention_of(variable, settings.structure).map(str::to_owned);
    Ok(answer)
}

/// A derivative by one variable that is no gradient.
fn single(deriver: &mut Deriver, of: Term, normal: Term, variable: Symbol) -> Result<Answer, Refusal> {
    let kind = kind_of(deriver.context.terms.shape(of), &deriver.context.info(variable).shape.clone());
    if kind == Kind::Derivative {
        let value = deriver.derivative_by_scalar(normal, variable)?;
        let derivation = Arc::new(deriver.derivation.clone());
        return Ok(blank(deriver, &derivation, of, variable, value, kind));
    }
    let differential = deriver.total_differential(normal)?;
    let value = deriver.read_jacobian(normal, differential, variable)?;
    let mut forms = Vec::new();
    if kind == Kind::VecJacobian {
        if implicit::is_solved(deriver.context, differential, variable) {
            let map = deriver.finish(differential, None)?;
            forms.push((Form::LinearMap, map));
        }
        if deriver.context.terms.shape(of) == &deriver.context.info(variable).shape
            && let Some(entrywise) = deriver.read_entrywise(differential, variable)?
        {
            forms.push((Form::Entrywise, entrywise));
        }
    }
    let derivation = Arc::new(deriver.derivation.clone());
    let mut answer = blank(deriver, &derivation, of, variable, value, kind);
    answer.forms = forms;
    Ok(answer)
}

/// f′(Y) entry by entry.
///
/// # Errors
/// f does not act entry by entry, or cannot be differentiated.
pub fn entrywise(
    context: &mut Context,
    engine: &Engine,
    of: Term,
    variable: Symbol,
    kink: Kink,
) -> Result<Answer, Refusal> {
    let normal = Normal::new(&mut context.terms).term(of);
    let mut deriver = Deriver::new(context, engine, kink, &[variable], &[of]);
    let (value, cases) = deriver.entrywise_derivative(normal, variable)?;
    let derivation = Arc::new(deriver.derivation.clone());
    let mut answer = blank(&mut deriver, &derivation, of, variable, cases.unwrap_or(value), Kind::Entrywise);
    if cases.is_some() {
        answer.forms.push((Form::Entrywise, value));
    }
    answer.question = {
        let y = context.terms.symbol(variable);
        context.terms.make(Op::EntrywisePartial, &[of, y])
    };
    if uses_convention(engine, &answer) {
        answer.convention = Some(convention(kink));
    }
    Ok(answer)
}

/// An answer with the derivation so far, unchecked, in mixed layout.
fn blank(
    deriver: &mut Deriver,
    derivation: &Arc<Derivation>,
    of: Term,
    variable: Symbol,
    value: Term,
    kind: Kind,
) -> Answer {
    let x = deriver.context.terms.symbol(variable);
    let question = deriver.context.terms.make(Op::Partial, &[of, x]);
    let names = deriver.introduced(value);
    Answer {
        number: 0,
        kind,
        question,
        of: None,
        variable: Some(variable),
        by: Vec::new(),
        value,
        forms: Vec::new(),
        shape: deriver.context.terms.shape(value).clone(),
        layout: Layout::Mixed,
        states_layout: kind != Kind::Entrywise,
        names,
        evidence: deriver.evidence.clone(),
        assumptions: Default::default(),
        excluded: Vec::new(),
        would_help: deriver.would_help.clone(),
        claims_would_help: Vec::new(),
        convention: None,
        kink: Kink::Excluded,
        structure: Structure::default(),
        not_used: Vec::new(),
        derivation: derivation.clone(),
        checked: None,
        second_opinion: false,
        status: Status::Ok,
        lines: Vec::new(),
        steps: Default::default(),
        output: None,
    }
}

/// Transposes a derivative into another layout than mixed, as a step with that name.
fn apply_layout(context: &mut Context, answer: &mut Answer, layout: Layout) {
    answer.layout = layout;
    let transposes = matches!(
        (layout, answer.kind),
        (Layout::Numerator, Kind::Gradient) | (Layout::Denominator, Kind::Jacobian | Kind::VecJacobian)
    );
    if !transposes {
        return;
    }
    let before = answer.value;
    answer.value = Normal::new(&mut context.terms).transpose(before);
    answer.shape = answer.shape.transposed();
    let name = if layout == Layout::Numerator { "numerator" } else { "denominator" };
    Arc::make_mut(&mut answer.derivation).push(Step::inference(
        Inference::Layout,
        Statement::Term(before),
        Statement::Term(answer.value),
        words(format!("transpose, for {name} layout")),
        Level::Headline,
    ));
}

/// The same answers with each δ that is a column written as a row; the gradient by a vector is then the transpose of
/// a row. The answers to one question share their δs.
fn deltas_as_rows(context: &mut Context, answers: &mut [Answer]) {
    let mut columns: Vec<(Symbol, Term)> = answers.iter().flat_map(|answer| answer.names.clone()).collect();
    columns.sort();
    columns.dedup();
    let mut replace: FastMap<Term, Term> = FastMap::default();
    let mut rows: FastMap<Symbol, (Symbol, Term)> = FastMap::default();
    for (symbol, body) in columns {
        let body = Normal::new(&mut context.terms).substitute(body, &replace);
        if !context.info(symbol).shape.is_vector() {
            rows.insert(symbol, (symbol, body));
            continue;
        }
        let transposed = Normal::new(&mut context.terms).transpose(body);
        let shape = context.terms.shape(transposed).clone();
        let name = context.name(symbol).to_owned();
        let definition = SymbolKind::Definition(Definition { raw: transposed, normal: transposed });
        let row = context.declare_hidden(&name, shape, definition);
        let (column, row_term) = (context.terms.symbol(symbol), context.terms.symbol(row));
        let as_column = Normal::new(&mut context.terms).transpose(row_term);
        replace.insert(column, as_column);
        rows.insert(symbol, (row, transposed));
    }
    answers.iter_mut().flat_map(|answer| &mut answer.names).for_each(|name| *name = rows[&name.0]);
    rename::substitute(context, answers, &replace);
}
