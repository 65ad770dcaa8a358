//! Variants of textbook derivations, each with the closed form that it must have.
//!
//! `variants/*.gradus` holds them: a part `## …` is a session of its own, whose last answer must be written as the
//! line `# gives …` says, with the names of the lines `# where …`, and must have passed the check of the engine, which
//! evaluates the question as typed. `# holds` ends a part with a check; `# refused E….` names what must be refused.

use gradus::print::{Spelling, term};
use gradus::session::{Outcome, Session, Status};

/// What a part asks for, in its comments.
#[derive(Default)]
struct Wanted<'t> {
    gives: Option<&'t str>,
    names: Vec<&'t str>,
    refused: Option<&'t str>,
}

fn wanted(text: &str) -> Wanted<'_> {
    let mut wanted = Wanted::default();
    for line in text.lines() {
        wanted.gives = wanted.gives.or(line.strip_prefix("# gives "));
        wanted.refused = wanted.refused.or(line.strip_prefix("# refused "));
        wanted.names.extend(line.strip_prefix("# where "));
    }
    wanted
}

/// What is wrong with a part, if something is.
fn complaint(text: &str) -> Option<String> {
    let wanted = wanted(text);
    let mut session = Session::new();
    let responses = session.run(text);
    let errors = responses.iter().filter_map(|response| match &response.outcome {
        Outcome::Error(error) => Some(format!("{} {}", error.code, error.title)),
        _ => None,
    });
    if let Some(error) = errors.into_iter().next() {
        return wanted.refused.is_none_or(|code| !error.starts_with(code)).then_some(error);
    }
    let answer = session.results().last()?;
    if answer.checked.is_none() {
        return Some("it is not checked".into());
    }
    let context = session.context();
    let Some(gives) = wanted.gives else {
        return (answer.status != Status::Proved).then(|| "it is not proved".into());
    };
    let value = term(context, answer.value, Spelling::Unicode);
    let names: Vec<String> = answer.names.iter().map(|(name, body)| named(context, *name, *body)).collect();
    let same = value == gives && names == wanted.names;
    (!same)
        .then(|| format!("gives {value}\n{}", names.iter().map(|name| format!("# where {name}\n")).collect::<String>()))
}

/// `δ = …`, or the equation that defines the name.
fn named(context: &gradus::ir::Context, name: gradus::ir::Symbol, body: gradus::ir::Term) -> String {
    let text = term(context, body, Spelling::Unicode);
    match context.terms.op(body) {
        gradus::ir::Op::Solution(_) => text,
        _ => format!("{} = {text}", gradus::print::name(context.name(name), Spelling::Unicode)),
    }
}

#[test]
fn each_variant_has_its_closed_form() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/variants");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut report = String::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for part in text.split("\n## ").skip(1) {
            let (title, body) = part.split_once('\n').unwrap();
            if let Some(complaint) = complaint(body) {
                report += &format!("{}: {title}: {complaint}\n", file.file_name().unwrap().display());
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}
