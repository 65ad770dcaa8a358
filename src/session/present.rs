//! Responses as the blocks of a document, and answers as formulas and remarks.
//!
//! Answers of one statement share one derivation and one list of names. What must stand beside an answer (layout,
//! assumptions, excluded points, the check) is always there; nothing here depends on how the input was spelled.
//! How blocks look on a terminal or typeset is left to [`crate::print::document`].

mod code;
mod derivation;
mod remarks;
mod text;

pub use code::{Parameter, numpy, numpy_of, parameters};
pub use remarks::{assumed, excluded, layout_name, limit, remarks};
pub use text::justification;

use super::answer::{Answer, Form, Kind, Outcome, Response, Status};
use super::settings::Steps;
use crate::ir::{Context, Op, Symbol, SymbolKind, Term};
use crate::print::document::{self, Block, Declaration, Equation, Shaped};
use crate::print::{self, Formula, Inline, Prose, Spelling};
use std::collections::BTreeSet;

/// The blocks of a document that holds everything a script says and answers. Rulings on how it was typed are not part
/// of it.
pub fn blocks(context: &Context, responses: &[Response]) -> Vec<Block> {
    let mut blocks = Vec::new();
    for response in responses {
        outcome(context, response).into_iter().for_each(|block| push(&mut blocks, block));
    }
    blocks
}

/// The same for whoever typed the script: with the rulings on what was typed, without failures, which stand elsewhere.
pub fn script(context: &Context, responses: &[Response]) -> Vec<Block> {
    let mut blocks = Vec::new();
    for response in responses.iter().filter(|response| !response.is_error()) {
        outcome(context, response).into_iter().for_each(|block| push(&mut blocks, block));
        note(&mut blocks, response);
    }
    blocks
}

/// The blocks of one response at a prompt, where results are numbered.
pub fn conversation(context: &Context, response: &Response) -> Vec<Block> {
    let mut blocks = outcome(context, response);
    if let Outcome::Answers(answers) = &response.outcome {
        number(&mut blocks, answers);
    }
    note(&mut blocks, response);
    blocks
}

/// The rulings on a statement, beside its answer or below.
fn note(blocks: &mut Vec<Block>, response: &Response) {
    let label = |i| if i == 0 { "Note" } else { "" };
    let notes = response.notes.iter().enumerate();
    let notes: Vec<_> = notes.map(|(i, note)| (label(i).to_string(), print::plain(note.title.as_str()))).collect();
    match blocks.last_mut() {
        _ if notes.is_empty() => {}
        Some(Block::Answer(answer)) => answer.remarks.extend(notes),
        _ => blocks.push(Block::Answer(document::Answer { equations: vec![], where_names: vec![], remarks: notes })),
    }
}

/// Declarations and definitions that follow each other are one block.
fn push(blocks: &mut Vec<Block>, block: Block) {
    match (blocks.last_mut(), block) {
        (Some(Block::Given(all)), Block::Given(more)) => all.extend(more),
        (Some(Block::Definitions(all)), Block::Definitions(more)) => all.extend(more),
        (_, block) => blocks.push(block),
    }
}

fn outcome(context: &Context, response: &Response) -> Vec<Block> {
    match &response.outcome {
        Outcome::Heading { text, .. } => vec![Block::Heading(text.clone())],
        Outcome::Part(label) => vec![Block::Part(format!("({label})"))],
        Outcome::Prose(text) => vec![Block::Prose(text::prose(text))],
        Outcome::Declared(symbols) => vec![Block::Given(symbols.iter().map(|&s| declaration(context, s)).collect())],
        Outcome::Defined { name, body } => {
            let lhs = text::applied(Formula::term(context, *name), &response.text);
            vec![Block::Definitions(vec![Equation::of(context, lhs, *body)])]
        }
        Outcome::DefinedFunction { name, params, body } => function(context, name, params, *body).into_iter().collect(),
        Outcome::Confirmed { sides, .. } => vec![Block::Display("Also".into(), chain(context, sides))],
        Outcome::Assumed(claims) => vec![text::assumption(claims)],
        Outcome::Rule { name, sides } => {
            vec![Block::Display(format!("Rule {name}"), chain(context, &[sides.0, sides.1]))]
        }
        Outcome::Set(_) => Vec::new(),
        Outcome::Error(error) => vec![text::unanswered(&error.title)],
        Outcome::Text(text) => vec![Block::Code("text".into(), text.clone())],
        Outcome::Answers(answers) => self::answers(context, answers),
    }
}

fn declaration(context: &Context, symbol: Symbol) -> Declaration {
    if context.info(symbol).kind != SymbolKind::Elementwise {
        return document::declaration(context, symbol);
    }
    let formula = Formula::new(|spelling| print::name(context.name(symbol), spelling));
    Declaration { formula, properties: vec![print::plain("an elementwise function")] }
}

/// `f(X, W) = X W`; nothing if the name means something else by now.
fn function(context: &Context, name: &str, params: &[String], body: Option<Term>) -> Option<Block> {
    let lhs = Formula::new(|spelling| {
        let params: Vec<String> = params.iter().map(|param| print::name(param, spelling)).collect();
        format!("{}({})", print::name(name, spelling), params.join(", "))
    });
    Some(Block::Definitions(vec![Equation::of(context, lhs, body?)]))
}

/// `a = b = c`.
fn chain(context: &Context, sides: &[Term]) -> Equation {
    let formula = |&side: &Term| Formula::term(context, side);
    let mut sides = sides.iter().map(formula);
    let lhs = sides.next().unwrap_or_default();
    let mut rhs: Vec<Formula> = sides.next().into_iter().collect();
    rhs.extend(sides.map(|side| Formula::new(|spelling| format!("= {}", side.get(spelling)))));
    Equation { lhs, rhs, shape: None, is_definition: false }
}

/// The answers of one statement.
fn answers(context: &Context, answers: &[Answer]) -> Vec<Block> {
    let Some(first) = answers.first() else { return Vec::new() };
    if let Some(output) = &first.output {
        return answers.iter().map(|answer| in_one_notation(context, answer, output)).collect();
    }
    let proof = first.kind == Kind::Proof;
    let mut blocks = Vec::new();
    if proof {
        blocks.extend(answers.iter().map(|answer| Block::Display("Claim".into(), equation(context, answer))));
    }
    let lines = derivation::shared(context, answers);
    if !lines.is_empty() {
        let title = if proof { "Proof" } else { "" };
        blocks.push(Block::Derivation { title: title.into(), lines, proof: first.status == Status::Proved });
    }
    let stated = answers.iter().filter(|_| !proof && first.kind != Kind::Size);
    blocks.push(Block::Answer(document::Answer {
        equations: stated.map(|answer| equation(context, answer)).collect(),
        where_names: names(context, answers),
        remarks: remarks::beside(context, answers),
    }));
    blocks
}

/// The notations and languages in which an answer can be asked for.
pub const OUTPUTS: &[&str] = &["latex", "unicode", "ascii", "numpy", "code"];

/// The one notation or language that was asked for: `latex E`, `numpy grad f wrt x`.
fn in_one_notation(context: &Context, answer: &Answer, output: &str) -> Block {
    let formulas = |spelling| formulas(context, answer, spelling).join("\n");
    let code = match output {
        "latex" => Ok(formulas(Spelling::Latex)),
        "unicode" => Ok(formulas(Spelling::Unicode)),
        "ascii" => Ok(formulas(Spelling::Ascii)),
        _ => numpy(context, answer),
    };
    match code {
        Ok(code) => Block::Code(if output == "numpy" { "python" } else { output }.into(), code),
        Err(why) => Block::Prose(print::plain(format!("There is no code for this: {why}."))),
    }
}

/// `∂J/∂W = δ₂ xᵀ`, with the space of the value in the stated layout.
fn equation(context: &Context, answer: &Answer) -> Equation {
    let lhs = Formula::term(context, answer.question);
    let rhs = print::pieces(context, answer.value);
    Equation { lhs, rhs, shape: Shaped::of(&answer.shape), is_definition: false }
}

/// The names that the engine introduced, each once.
fn names(context: &Context, answers: &[Answer]) -> Vec<Equation> {
    let mut all: Vec<Equation> = Vec::new();
    let mut seen = BTreeSet::new();
    let named = answers.iter().flat_map(|answer| &answer.names);
    for (symbol, body) in named.filter(|&&name| seen.insert(name)) {
        let name = Formula::new(|spelling| print::name(context.name(*symbol), spelling));
        let equation = Equation::of(context, name, *body);
        if !all.contains(&equation) {
            all.push(equation);
        }
    }
    all
}

/// The numbers by which the user can refer to the results: `%3`.
fn number(blocks: &mut Vec<Block>, answers: &[Answer]) {
    let numbers: Vec<String> = answers.iter().map(|answer| format!("%{}", answer.number)).collect();
    for block in blocks {
        if let Block::Answer(answer) = block {
            answer.remarks.push(("Result".into(), print::plain(numbers.join(", "))));
        }
    }
}

/// The closed form; for a proof, the equation.
pub fn result(context: &Context, answer: &Answer) -> Formula {
    match answer.kind {
        Kind::Proof => Formula::equation(context, answer.question, answer.value),
        Kind::Size => Formula::new(|spelling| {
            let lines = answer.lines.iter().map(|line| print::inline(line, spelling));
            lines.collect::<Vec<_>>().join("\n")
        }),
        _ => Formula::term(context, answer.value),
    }
}

/// Another form of an answer: `dX ↦ dX W`.
pub fn form(context: &Context, answer: &Answer, form: Form, term: Term) -> Formula {
    let Some(variable) = answer.variable.filter(|_| form == Form::LinearMap) else {
        return Formula::term(context, term);
    };
    Formula::new(|spelling| {
        let (d, arrow) = match spelling {
            Spelling::Unicode => ("d", "↦"),
            Spelling::Ascii => ("d", "|->"),
            Spelling::Latex => ("\\mathrm{d}", "\\mapsto"),
        };
        let name = print::name(context.name(variable), spelling);
        format!("{d}{name} {arrow} {}", print::term(context, term, spelling))
    })
}

/// An answer and its names as equations, a line each, in one spelling.
pub fn formulas(context: &Context, answer: &Answer, spelling: Spelling) -> Vec<String> {
    let unchanged = Formula::term(context, answer.question) == Formula::term(context, answer.value);
    if answer.kind == Kind::Size || unchanged {
        return vec![result(context, answer).get(spelling).to_string()];
    }
    let names = names(context, std::slice::from_ref(answer));
    let mut lines = vec![equation(context, answer).line(spelling)];
    lines.extend(names.iter().map(|name| name.line(spelling)));
    lines
}

/// An answer as it stands on a terminal.
pub fn answer_text(context: &Context, answer: &Answer, steps: Steps) -> String {
    let answer = Answer { steps, ..answer.clone() };
    let text = document::text(&answers(context, &[answer]), Spelling::Unicode);
    text.trim_end().to_string()
}

/// The variable by which an answer was differentiated, as prose.
fn question(context: &Context, answer: &Answer) -> Prose {
    vec![Inline::Math(Formula::term(context, answer.question))]
}

/// Is the question a derivative of a scalar?
fn of_scalar(context: &Context, answer: &Answer) -> bool {
    let terms = &context.terms;
    matches!(terms.op(answer.question), Op::Partial) && terms.shape(terms.args(answer.question)[0]).is_scalar()
}
