//! How the tutorial sheet reads: the text with its steps, the same in full, and the LaTeX document, as snapshots.
//!
//! A snapshot says "unchanged", never "right": the same answers are held to their closed forms and to their checks in
//! `tests/tutorial.rs`, and `.ci/run` typesets every formula here.

use gradus::print::{Spelling, document};
use gradus::session::{Session, Settings, Steps, present};

const SHEET: &str = include_str!("../examples/tutorial6.gradus");

fn blocks(steps: Steps) -> Vec<document::Block> {
    let mut session = Session::new();
    session.set(Settings { steps, ..Settings::default() });
    let responses = session.run(SHEET);
    present::blocks(session.context(), &responses)
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn the_sheet_as_text() {
    snapshot("tutorial6_unicode", &document::text(&blocks(Steps::Headline), Spelling::Unicode));
}

#[test]
fn the_sheet_as_ascii() {
    snapshot("tutorial6_ascii", &document::text(&blocks(Steps::None), Spelling::Ascii));
}

#[test]
fn the_sheet_with_every_step() {
    snapshot("tutorial6_full", &document::text(&blocks(Steps::Full), Spelling::Unicode));
}

#[test]
fn the_sheet_as_latex() {
    snapshot("tutorial6_latex", &document::latex("Tutorial 6", &blocks(Steps::Headline)));
}
