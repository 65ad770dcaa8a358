//! The case book: derivations with known closed forms, asked in our language and compared in numbers.
//!
//! `corpus/*.gradus` holds the cases, one file for each family of sources: a part `## P016 · 61` is a session of its
//! own whose last answer is the case, and its line `# prints …` is the form that the source prints; ours is at most as
//! large, or a line `# larger …` says why not. `docs/readability.md` has both beside each other. `points.json`
//! holds two points for each: values for the names, and the value of the closed form there, which also agrees with
//! central differences. The points are the judge. What is not answered yet is listed here, with the reason, and must
//! be refused: a wrong number is never acceptable.

use gradus::eval::{Dual, Matrix, Model, Settings, Sizes};
use gradus::ir::{Context, Symbol, Term};
use gradus::print::{Measure, Spelling, measure, term};
use gradus::session::{Kind, Outcome, Session};
use serde_json::Value;
use std::collections::BTreeMap;
use table::Row;

#[path = "corpus/table.rs"]
mod table;

/// Cases that need what Gradus does not do: functions of matrices by their spectrum.
const OUT_OF_REACH: &[(&str, &str)] = &[
    ("P063", "matrix sine"),
    ("P065", "matrix exponential"),
    ("P070", "spectral norm"),
    ("P071", "nuclear norm"),
    ("P077", "eigenvalues"),
    ("P087", "pseudo-inverse"),
];

/// Cases that are refused today, and why. Every repair takes a line away.
const NOT_YET: &[(&str, &str)] = &[];

/// A part of a corpus file.
struct Case {
    id: String,
    text: String,
    printed: Option<String>,
    larger: Option<String>,
}

/// What came of a case.
enum Result {
    Right(Row),
    Wrong(String),
    Refused(String),
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "gradus") {
            let text = std::fs::read_to_string(&path).unwrap();
            cases.extend(text.split("\n## ").skip(1).map(case));
        }
    }
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    cases
}

fn case(part: &str) -> Case {
    let (title, body) = part.split_once('\n').unwrap();
    let line = |mark| body.lines().find_map(|line| line.strip_prefix(mark)).map(str::to_owned);
    let (printed, larger) = (line("# prints "), line("# larger "));
    Case { id: title.split_whitespace().next().unwrap().to_owned(), text: body.to_owned(), printed, larger }
}

fn points() -> BTreeMap<String, Vec<(Value, Matrix<f64>)>> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/points.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let of = |case: &Value| {
        let points = case["points"].as_array().unwrap();
        points.iter().map(|point| (point["inputs"].clone(), matrix(&point["expected"]))).collect()
    };
    all.as_object().unwrap().iter().map(|(id, case)| (id.clone(), of(case))).collect()
}

/// A number, a list for a column, or a list of rows.
fn matrix(value: &Value) -> Matrix<f64> {
    let number = |value: &Value| value.as_f64().unwrap();
    match value.as_array() {
        None => Matrix::scalar(number(value)),
        Some(rows) if rows[0].is_array() => {
            Matrix::from_fn(rows.len(), rows[0].as_array().unwrap().len(), |i, j| number(&rows[i][j]))
        }
        Some(entries) => Matrix::from_fn(entries.len(), 1, |i, _| number(&entries[i])),
    }
}

fn run(case: &Case, points: &[(Value, Matrix<f64>)]) -> Result {
    let mut session = Session::new();
    let responses = session.run(&case.text);
    for response in &responses {
        if let Outcome::Error(error) = &response.outcome {
            let labels: Vec<&str> = error.labels.iter().map(|label| label.text.as_str()).collect();
            return Result::Refused(format!("{} {}: {}", error.code, error.title, labels.join("; ")));
        }
    }
    let Some(answer) = session.results().last().cloned() else { return Result::Wrong("there is no answer".into()) };
    assert_ne!(answer.kind, Kind::Value, "{}: the last statement asks for no derivative", case.id);
    let text = term(session.context(), answer.value, Spelling::Unicode);
    for (inputs, expected) in points {
        match evaluate(session.context(), inputs, answer.value) {
            Err(error) => return Result::Wrong(format!("{text}: {error}")),
            Ok(found) if differ(&found, expected) => return Result::Wrong(format!("{text}\n{found:?}\n{expected:?}")),
            Ok(_) => {}
        }
    }
    let ours = shown(session.context(), answer.value, &answer.names);
    let source = case.printed.as_ref().map(|printed| source_form(&mut session, printed));
    Result::Right(Row { id: case.id.clone(), source, ours, larger: case.larger.clone() })
}

/// An answer with the names that it introduces, as printed, and the measure of all of it.
fn shown(context: &Context, value: Term, names: &[(Symbol, Term)]) -> (String, Measure) {
    let mut text = term(context, value, Spelling::Unicode);
    let mut total = measure(context, value);
    for (at, &(name, body)) in names.iter().enumerate() {
        let name = gradus::print::name(context.name(name), Spelling::Unicode);
        let joint = if at == 0 { "where" } else { "and" };
        text += &format!(" {joint} {name} = {}", term(context, body, Spelling::Unicode));
        total = total + measure(context, body);
    }
    (text, total)
}

fn evaluate(context: &Context, inputs: &Value, answer: Term) -> std::result::Result<Matrix<f64>, String> {
    let values: Vec<_> = inputs.as_object().unwrap().iter().map(|(name, value)| (name, matrix(value))).collect();
    let mut sizes = Sizes::default();
    let known = values.iter().filter_map(|(name, value)| Some((context.lookup(name)?, value)));
    for (symbol, value) in known.clone() {
        let shape = &context.info(symbol).shape;
        for (dim, size) in [(shape.rows(), value.rows()), (shape.cols(), value.cols())] {
            if let Some(name) = dim.as_name() {
                sizes.set(name.clone(), size);
            }
        }
    }
    let mut model = Model::new(context, sizes, Settings { seed: 1, ..Settings::default() });
    known.for_each(|(symbol, value)| model.set(symbol, value.map(|&entry| Dual::from(entry))));
    let found = model.evaluate(answer).map(|value| value.map(|entry| *entry.value()));
    found.map_err(|error| format!("{error:?}"))
}

fn differ(found: &Matrix<f64>, expected: &Matrix<f64>) -> bool {
    let scale = expected.data().iter().fold(1e-3_f64, |scale, entry| scale.max(entry.abs()));
    let close = |a: &f64, b: &f64| (a - b).abs() <= 1e-6 * scale;
    (found.rows(), found.cols()) != (expected.rows(), expected.cols())
        || !found.data().iter().zip(expected.data()).all(|(a, b)| close(a, b))
}

/// The form that the source prints, read as a definition, and its measure as it stands there.
fn source_form(session: &mut Session, printed: &str) -> (String, Measure) {
    let responses = session.run(&format!("form = {printed}"));
    if let Some(Outcome::Error(error)) = responses.last().map(|response| &response.outcome) {
        panic!("{printed}: {}", error.title);
    }
    let context = session.context();
    let form = context.lookup("form").and_then(|form| context.definition(form)).unwrap().raw;
    (term(context, form, Spelling::Unicode), measure(context, form))
}

#[test]
fn every_case_is_right_and_readable_or_refused() {
    let (cases, points) = (cases(), points());
    assert_eq!(cases.iter().map(|case| &case.id).collect::<Vec<_>>(), points.keys().collect::<Vec<_>>());
    let (mut report, mut rows, mut refused) = (String::new(), Vec::new(), 0);
    for case in &cases {
        let id = &case.id;
        let listed = OUT_OF_REACH.iter().chain(NOT_YET).find(|(listed, _)| listed == id);
        match (run(case, &points[id]), listed) {
            (Result::Wrong(what), _) => report += &format!("{id}: wrong: {what}\n"),
            (Result::Right { .. }, Some(_)) => report += &format!("{id}: is answered now; take it off the list\n"),
            (Result::Refused(why), None) => report += &format!("{id}: refused: {why}\n"),
            (Result::Refused(_), Some(_)) => refused += 1,
            (Result::Right(row), None) => {
                let larger = row.source.as_ref().is_some_and(|(_, source)| row.ours.1.size > source.size);
                if larger != row.larger.is_some() {
                    let is = if larger { "is larger, and nothing says why" } else { "is no larger any more" };
                    report += &format!("{id}: {is}: {:?}, {:?}\n", row.ours, row.source);
                }
                rows.push(row);
            }
        }
    }
    assert!(report.is_empty(), "{} right, {refused} refused as listed, and:\n{report}", rows.len());
    the_table_is_fresh(&rows);
}

/// `UPDATE_DOCS=1 cargo test --test corpus` writes it.
fn the_table_is_fresh(rows: &[Row]) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/readability.md");
    let stored = std::fs::read_to_string(path).unwrap();
    let fresh = table::written(&stored, rows);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &fresh).unwrap();
    }
    assert!(stored == fresh, "docs/readability.md is not fresh: UPDATE_DOCS=1 cargo test --test corpus");
}
