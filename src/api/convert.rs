//! Responses of a session as records.

use super::record::{Answer, Checked, Code, Form, Formula, Named, Parameter, Record, Status, Step};
use crate::ir::{Context, SymbolKind, Term};
use crate::print::{self, Spelling};
use crate::session::answer::{self, Outcome};
use crate::session::{Response, Session, present};
use crate::shape::Shape;
use crate::trace::{self, Level};

/// The records of a response: one for each answer, one if there is none; none for headings and prose.
pub(super) fn records(session: &Session, response: &Response) -> Vec<Record> {
    match &response.outcome {
        Outcome::Heading { .. } | Outcome::Part(_) | Outcome::Prose(_) => Vec::new(),
        Outcome::Answers(answers) => {
            answers.iter().map(|answer| answered(session.context(), response, answer)).collect()
        }
        Outcome::Error(diagnostic) => {
            vec![blank(response, Status::Error).with_error(diagnostic.clone())]
        }
        Outcome::Set(text) | Outcome::Text(text) => {
            let mut record = blank(response, Status::Ok);
            record.notes.insert(0, text.clone());
            vec![record]
        }
        Outcome::Assumed(claims) => {
            let mut record = blank(response, Status::Ok);
            record.assumptions = claims.iter().map(|claim| print::inline(claim, Spelling::Ascii)).collect();
            vec![record]
        }
        Outcome::Confirmed { checked, .. } => {
            let mut record = blank(response, Status::Ok);
            record.checked = Some(self::checked(checked, false));
            vec![record]
        }
        Outcome::Rule { name, sides } => {
            let mut record = blank(response, Status::Ok);
            let sides = print::equation(session.context(), sides.0, sides.1, Spelling::Ascii);
            record.notes.insert(0, format!("rule {name}: {sides}"));
            vec![record]
        }
        Outcome::Declared(_) | Outcome::Defined { .. } | Outcome::DefinedFunction { .. } => {
            vec![blank(response, Status::Ok)]
        }
    }
}

/// A record of a statement without an answer.
fn blank(response: &Response, status: Status) -> Record {
    let span = [response.span.start, response.span.end];
    let mut record = Record::new(response.text.clone(), span, status);
    record.notes = response.notes.iter().map(|note| note.title.clone()).collect();
    record
}

fn answered(context: &Context, response: &Response, answer: &answer::Answer) -> Record {
    let mut record = blank(response, Status::Ok);
    match &answer.status {
        answer::Status::Ok => {}
        answer::Status::Proved => record.status = Status::Proved,
        answer::Status::Refuted(witness) => {
            record.status = Status::Refuted;
            record.witness = Some(witness.clone());
        }
        answer::Status::Unknown(limit) => {
            record.status = Status::Unknown;
            record.limit = Some(present::limit(context, limit));
        }
    }
    let plain = |all: Vec<print::Prose>| all.iter().map(|prose| print::inline(prose, Spelling::Ascii)).collect();
    record.assumptions = plain(present::assumed(context, answer));
    record.excluded = plain(present::excluded(context, answer));
    record.notes.extend(present::remarks(context, answer).iter().map(|prose| print::inline(prose, Spelling::Unicode)));
    record.checked = answer.checked.as_ref().map(|checked| self::checked(checked, answer.second_opinion));
    record.steps = match answer.steps.level() {
        Some(level) => steps(context, &answer.derivation, level),
        None => Vec::new(),
    };
    record.answer = Some(self::answer(context, answer));
    record
}

fn answer(context: &Context, answer: &answer::Answer) -> Answer {
    let formula = present::result(context, answer);
    Answer {
        kind: kind(answer.kind),
        wrt: wrt(context, answer),
        shape: shape(&answer.shape),
        layout: answer.states_layout.then(|| present::layout_name(answer.layout).to_string()),
        unicode: formula.unicode,
        ascii: formula.ascii,
        latex: formula.latex,
        names: answer.names.iter().map(|(symbol, body)| named(context, context.name(*symbol), *body)).collect(),
        code: code(context, answer),
        forms: answer.forms.iter().map(|(form, term)| other_form(context, answer, *form, *term)).collect(),
    }
}

/// The variable; of an equation that was solved, the unknown or its vec.
fn wrt(context: &Context, answer: &answer::Answer) -> Option<String> {
    match answer.kind {
        answer::Kind::Solution { .. } => Some(print::term(context, answer.question, Spelling::Unicode)),
        _ => answer.variable.map(|variable| print::name(context.name(variable), Spelling::Unicode)),
    }
}

fn code(context: &Context, answer: &answer::Answer) -> Code {
    let Ok(numpy) = present::numpy(context, answer) else { return Code::default() };
    let all = present::parameters(context, answer);
    let wrt = all.iter().find(|parameter| Some(parameter.symbol) == answer.variable);
    Code {
        numpy: Some(numpy),
        of: present::numpy_of(context, answer),
        wrt: wrt.map(|parameter| parameter.name.clone()),
        parameters: all.iter().map(|parameter| self::parameter(context, parameter)).collect(),
    }
}

fn parameter(context: &Context, parameter: &present::Parameter) -> Parameter {
    let info = context.info(parameter.symbol);
    Parameter {
        name: parameter.name.clone(),
        shape: shape(&info.shape),
        properties: info.properties.keys().map(|&property| print::property(property).to_string()).collect(),
        function_of: parameter.function_of.clone(),
        elementwise: info.kind == SymbolKind::Elementwise,
        numpy: parameter.numpy.clone(),
    }
}

fn named(context: &Context, name: &str, body: Term) -> Named {
    Named {
        name: print::name(name, Spelling::Unicode),
        shape: shape(context.terms.shape(body)),
        formula: formula(print::Formula::term(context, body)),
    }
}

fn other_form(context: &Context, answer: &answer::Answer, form: answer::Form, term: Term) -> Form {
    let name = match form {
        answer::Form::LinearMap => "linear-map",
        answer::Form::Entrywise => "entrywise",
        answer::Form::Cases => "cases",
    };
    Form { form: name, formula: formula(present::form(context, answer, form, term)) }
}

fn formula(formula: print::Formula) -> Formula {
    Formula { unicode: formula.unicode, ascii: formula.ascii, latex: formula.latex }
}

fn shape(shape: &Shape) -> Vec<String> {
    let dim = |dim| print::dim(dim, Spelling::Ascii);
    match shape {
        Shape::Scalar => Vec::new(),
        Shape::Matrix { rows, cols } if cols.is_one() => vec![dim(rows)],
        Shape::Matrix { rows, cols } => vec![dim(rows), dim(cols)],
    }
}

fn kind(kind: answer::Kind) -> &'static str {
    match kind {
        answer::Kind::Gradient => "gradient",
        answer::Kind::Jacobian => "jacobian",
        answer::Kind::VecJacobian => "vec-jacobian",
        answer::Kind::Derivative => "derivative",
        answer::Kind::Hessian => "hessian",
        answer::Kind::Entrywise => "entrywise",
        answer::Kind::Entry => "entry",
        answer::Kind::Differential => "differential",
        answer::Kind::Value => "value",
        answer::Kind::Solution { .. } => "solution",
        answer::Kind::Proof => "proof",
        answer::Kind::Size => "size",
    }
}

fn steps(context: &Context, derivation: &trace::Derivation, level: Level) -> Vec<Step> {
    derivation.up_to(level).map(|step| self::step(context, step)).collect()
}

fn step(context: &Context, step: &trace::Step) -> Step {
    let statement = |statement| formula(print::Formula::new(|spelling| print::statement(context, statement, spelling)));
    Step {
        rule: present::justification(&step.by),
        level: match step.level {
            Level::Headline => "headline",
            Level::Full => "full",
            Level::Bookkeeping => "bookkeeping",
        },
        before: statement(&step.before),
        after: statement(&step.after),
        because: print::rich(context, &step.because, Spelling::Unicode),
    }
}

fn checked(checked: &crate::verify::Checked, second_opinion: bool) -> Checked {
    let second_opinion = second_opinion.then(|| "index form".to_owned());
    Checked { method: checked.method.to_string(), points: checked.points, second_opinion }
}
