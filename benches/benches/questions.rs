//! In process, each with its check: every question of the tutorial sheet, the whole sheet, and loading the rules.
//!
//! `cargo bench -p gradus-benches --bench questions`

use divan::Bencher;
use gradus::Session;
use gradus::rules;
use gradus::session::Outcome;
use gradus_benches::SHEET;
use std::fmt;

fn main() {
    // The rules are read once in a process; reading them is measured on its own.
    drop(Session::new());
    divan::main();
}

/// A question of the sheet, with the session as it is just before.
struct Question {
    number: usize,
    before: Session,
    text: String,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02} {}", self.number, self.text)
    }
}

/// Every statement of the sheet that asks for something.
fn questions() -> Vec<Question> {
    let mut questions = Vec::new();
    for response in Session::new().run(SHEET) {
        if let Outcome::Answers(_) = response.outcome {
            let mut before = Session::new();
            before.run(&SHEET[..response.span.start]);
            questions.push(Question { number: questions.len() + 1, before, text: response.text });
        }
    }
    assert!(questions.len() > 15, "the sheet is not answered");
    questions
}

#[divan::bench(args = questions())]
fn question(bencher: Bencher, question: &Question) {
    bencher.with_inputs(|| question.before.clone()).bench_refs(|session| session.run(&question.text));
}

#[divan::bench]
fn whole_sheet() -> usize {
    Session::new().run(SHEET).len()
}

#[divan::bench]
fn load_rules() -> usize {
    rules::load(rules::FILES).0.rules.len()
}
