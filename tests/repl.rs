//! What a person at the prompt does, through the library: settings, results by number, help, mistakes.

use gradus::Session;
use gradus::print::{Spelling, document};
use gradus::session::{Outcome, completion, present};

/// What the prompt shows for each line.
fn transcript(lines: &[&str]) -> Vec<String> {
    let mut session = Session::new();
    lines.iter().map(|line| shown(&mut session, line)).collect()
}

fn shown(session: &mut Session, line: &str) -> String {
    let responses = session.run(line);
    let texts = responses.iter().map(|response| match &response.outcome {
        Outcome::Text(text) | Outcome::Set(text) => text.clone(),
        Outcome::Error(error) => format!("{}: {}", error.code, error.title),
        _ => document::text(&present::conversation(session.context(), response), Spelling::Unicode),
    });
    texts.collect()
}

const GIVEN: [&str; 3] = ["A : R^(n×n)", "x : R^n", "grad x'A x wrt x"];

#[test]
fn results_are_numbered_and_can_be_asked_for_again() {
    let shown =
        transcript(&[&GIVEN[..], &["grad x'x wrt x", ":latex %1", ":latex %", ":ascii %2", ":steps %1"]].concat());
    assert!(shown[2].contains("%1"), "{}", shown[2]);
    assert!(shown[3].contains("%2"), "{}", shown[3]);
    assert!(shown[4].contains("\\top"), "{}", shown[4]);
    assert_eq!(shown[5], r"\frac{\partial}{\partial x} \left( x^{\top} x \right) = 2x");
    assert!(shown[6].ends_with("= 2*x") || shown[6].ends_with("= 2 * x"), "{}", shown[6]);
    assert!(shown[7].contains("Layout"), "{}", shown[7]);
}

#[test]
fn settings_hold_from_there_on() {
    let shown = transcript(&[&GIVEN[..], &[":layout numerator", "grad x'A x wrt x", ":layout"]].concat());
    assert_eq!(shown[3], "layout: numerator");
    assert!(shown[4].contains("shape 1×n"), "{}", shown[4]);
    assert_eq!(shown[5], "layout: numerator (one of mixed, numerator, denominator)");
}

#[test]
fn code_is_a_numpy_function() {
    let shown = transcript(&[&GIVEN[..], &[":code numpy %"]].concat());
    assert!(shown[3].contains("def ") && shown[3].contains("return"), "{}", shown[3]);
}

#[test]
fn names_and_reset() {
    let shown = transcript(&[&GIVEN[..2], &[":names", ":reset", ":names", "A : R^(m×n)"]].concat());
    assert_eq!(shown[2], "A ∈ ℝ^(n×n)\nx ∈ ℝ^n");
    assert_eq!(shown[4], "nothing is declared yet");
    assert!(!shown[5].contains("E0"), "{}", shown[5]);
}

#[test]
fn help_and_mistakes() {
    let shown = transcript(&["?softmax", "?d-inv", ":help", "?frobnicate", ":latex %", "x'x", ":layout upside"]);
    assert!(shown[0].starts_with("softmax:"), "{}", shown[0]);
    assert!(shown[1].contains("invertible"), "{}", shown[1]);
    assert!(shown[2].contains(":layout"), "{}", shown[2]);
    assert!(shown[3].starts_with("E0802") && shown[4].starts_with("E0802"), "{} {}", shown[3], shown[4]);
    assert!(shown[5].starts_with("E0101"), "{}", shown[5]);
    assert!(shown[6].starts_with("E0802"), "{}", shown[6]);
}

#[test]
fn the_example_of_every_help_text_runs() {
    let mut session = Session::new();
    session.run("W : R^(m×n)\nx : R^n\ny : R^m\nassume sum(y) = 1");
    for line in ["f = norm2(W x - y)^2", "hessian f wrt x", "differential f", "shape W x", "steps full grad f wrt W"] {
        let shown = shown(&mut session, line);
        assert!(!shown.starts_with("E0"), "{line}: {shown}");
    }
}

#[test]
fn completion_knows_what_was_declared() {
    let mut session = Session::new();
    session.run("weights : R^n");
    let (start, found) = completion::Words::of(&session).complete("grad f wrt wei", 14);
    assert_eq!((start, found.len(), found[0].text.as_str()), (11, 1, "weights"));
}

#[test]
fn a_session_can_move_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<Session>();
    let mut session = Session::new();
    let answers = std::thread::spawn(move || session.run("x : R^n\ngrad x'x wrt x").len()).join();
    assert_eq!(answers.unwrap_or(0), 2);
}
