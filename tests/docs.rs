//! The documents are true: every ```gradus block of README and docs runs without error and, where a ```text block
//! follows, prints exactly that; a ```gradus,error block must fail; links lead somewhere; the rule catalogue is fresh.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` writes what is printed into the documents.

use gradus::diag::Style;
use gradus::print::{Spelling, document};
use gradus::rules::RuleSet;
use gradus::session::{Outcome, Response, Session, catalogue, lookup, present};
use std::fs;
use std::path::{Path, PathBuf};

/// A fenced block of a document.
struct Block<'a> {
    /// What stands behind the fence: `gradus`, `text`.
    kind: &'a str,
    /// The text, and where it stands in the document.
    body: &'a str,
    start: usize,
    end: usize,
}

#[test]
fn every_example_runs_and_prints_what_it_says() {
    let mut wrong = Vec::new();
    let mut examples = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).expect("a document");
        let blocks = blocks(&text);
        let mut updated = String::new();
        let mut copied = 0;
        for (at, block) in blocks.iter().enumerate().filter(|(_, b)| b.kind.starts_with("gradus")) {
            examples += 1;
            let (printed, failed) = run(block.body);
            if failed != (block.kind == "gradus,error") {
                wrong.push(format!("{}:\n{}\n{printed}", path.display(), block.body));
            }
            let Some(expected) = blocks.get(at + 1).filter(|next| next.kind == "text") else { continue };
            if expected.body.trim_end() != printed.trim_end() {
                wrong.push(format!("{}:\n{}\nprints\n{printed}", path.display(), block.body));
            }
            updated += &text[copied..expected.start];
            updated += &format!("{}\n", printed.trim_end());
            copied = expected.end;
        }
        updated += &text[copied..];
        if std::env::var_os("UPDATE_DOCS").is_some() && updated != text {
            fs::write(&path, updated).expect("a document that can be written");
        }
    }
    assert!(examples > 5, "the examples were not found");
    assert!(wrong.is_empty(), "{}\nif this is right: UPDATE_DOCS=1 cargo test --test docs", wrong.join("\n\n"));
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).expect("a document");
        for target in text.match_indices("](").map(|(at, _)| &text[at + 2..]) {
            let target = target.split([')', '#']).next().unwrap_or("");
            let there = path.parent().expect("a folder").join(target);
            if !target.is_empty() && !target.contains("://") && !there.exists() {
                broken.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_rule_catalogue_is_fresh() {
    is_fresh("docs/rules.md", &catalogue::markdown(RuleSet::standard()));
}

#[test]
fn the_table_of_derivatives_is_fresh() {
    is_fresh("docs/derivatives.md", &lookup::markdown(RuleSet::standard()));
}

fn is_fresh(name: &str, fresh: &str) {
    let path = root().join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, fresh).expect(name);
    }
    let stored = fs::read_to_string(&path).expect(name);
    assert!(stored == fresh, "{name} is not fresh: UPDATE_DOCS=1 cargo test --test docs");
}

#[test]
fn the_codes_of_messages_are_documented() {
    let path = root().join("docs/errors.md");
    let fresh = gradus::diag::codes::markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &fresh).expect("docs/errors.md");
    }
    let stored = fs::read_to_string(&path).expect("docs/errors.md");
    assert!(stored == fresh, "docs/errors.md is not fresh: UPDATE_DOCS=1 cargo test --test docs");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<PathBuf> {
    let mut documents = vec![root().join("README.md"), root().join("CHANGELOG.md")];
    let docs = fs::read_dir(root().join("docs")).expect("docs").map(|entry| entry.expect("an entry").path());
    documents.extend(docs.filter(|path| path.extension().is_some_and(|e| e == "md")));
    documents.sort();
    documents
}

/// The fenced blocks of a document, in order.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(kind) = line.trim_end().strip_prefix("```") {
            match open.take() {
                None => open = Some((kind, at + line.len())),
                Some((kind, start)) => blocks.push(Block { kind, body: &text[start..at], start, end: at }),
            }
        }
        at += line.len();
    }
    blocks
}

/// What `gradus` prints for a script, and whether a statement failed.
fn run(script: &str) -> (String, bool) {
    let mut session = Session::new();
    let responses = session.run(script);
    let failed = |response: &Response| matches!(response.outcome, Outcome::Error(_));
    let mut printed = String::new();
    for run in responses.chunk_by(|a, b| !failed(a) && !failed(b)) {
        match &run[0].outcome {
            Outcome::Error(error) => printed += &error.render("input", script, Style::Plain),
            _ => printed += &document::text(&present::blocks(session.context(), run), Spelling::Unicode),
        }
    }
    (printed, responses.iter().any(failed))
}
