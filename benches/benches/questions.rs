//! In process, each with its check: every question of the tutorial sheet, the whole sheet, and loading the rules.
//!
//! `cargo bench -p gradus-benches --bench questions`

use divan::Bencher;
use gradus::Session;
use gradus::rules;
use gradus_benches::{Question, SHEET, questions};

fn main() {
    // The rules are read once in a process; reading them is measured on its own.
    drop(Session::new());
    divan::main();
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
