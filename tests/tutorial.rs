//! The tutorial sheet in its three spellings: the closed forms it must give, the same records from each spelling,
//! every answer checked, and snapshots of how the answers read.

use gradus::api;
use gradus::print::{Spelling, inline, term};
use gradus::session::{Outcome, Session, Status};

const UNICODE: &str = include_str!("../examples/tutorial6.gradus");
const ASCII: &str = include_str!("../examples/tutorial6-ascii.gradus");
const LATEX: &str = include_str!("../examples/tutorial6-latex.gradus");

/// Question and closed form of every answer that has one, in order.
const ANSWERS: &[(&str, &str)] = &[
    ("∂A⁻¹/∂α", "−A⁻¹ (∂A/∂α) A⁻¹"),
    ("∂A⁻¹/∂α", "−A⁻¹ (∂A/∂α) A⁻¹"),
    ("∂L/∂X", "(∂L/∂Y) Wᵀ"),
    ("∂L/∂W", "Xᵀ (∂L/∂Y)"),
    ("∂Y/∂X", "Wᵀ ⊗ I_N"),
    ("∂Y/∂W", "I_M ⊗ X"),
    ("R′(Y)", "{ 1 if Y > 0; 0 if Y < 0 }"),
    ("R′(Y)", "{ 1 if Y > 0; 0 if Y ≤ 0 }"),
    ("S′(Y)", "S ⊙ (𝟏 − S)"),
    ("tanh′(Y)", "𝟏 − tanh²(Y)"),
    ("∂J/∂ŷ", "−y ⊘ ŷ"),
    ("∂ŷⱼ/∂θₖ", "{ ŷⱼ(1 − ŷⱼ) if j = k; −ŷⱼŷₖ if j ≠ k }"),
    ("∂J/∂θ", "(𝟏ᵀy) ŷ − y"),
    ("∂J/∂θₖ", "ŷₖ − yₖ"),
    ("∂J/∂θ", "ŷ − y"),
    ("∂J/∂U", "δ₁ hᵀ"),
    ("∂J/∂W", "δ₂ xᵀ"),
    ("∂J/∂x", "Wᵀ δ₂"),
    ("∂J/∂U", "δ₁ᵀ hᵀ"),
    ("∂J/∂W", "δ₂ᵀ xᵀ"),
    ("∂J/∂x", "(δ₂ W)ᵀ"),
    ("∂J/∂U", "δ₁ᵀ hᵀ"),
    ("∂J/∂W", "δ₂ᵀ xᵀ"),
    ("∂J/∂x", "(δ₂ W)ᵀ"),
    ("∂J/∂W", "δ₂ᵀ xᵀ"),
];

fn run(text: &str) -> (Session, Vec<gradus::session::Response>) {
    let mut session = Session::new();
    let responses = session.run(text);
    for response in &responses {
        if let Outcome::Error(diagnostic) = &response.outcome {
            panic!("{}", diagnostic.render("sheet", session.source(), gradus::diag::Style::Plain));
        }
    }
    (session, responses)
}

fn answers(responses: &[gradus::session::Response]) -> Vec<&gradus::session::Answer> {
    let answers = responses.iter().filter_map(|response| match &response.outcome {
        Outcome::Answers(answers) => Some(answers),
        _ => None,
    });
    answers.flatten().filter(|answer| answer.lines.is_empty()).collect()
}

#[test]
fn the_sheet_has_its_own_closed_forms() {
    let (session, responses) = run(UNICODE);
    let unicode = |t| term(session.context(), t, Spelling::Unicode);
    let found: Vec<(String, String)> =
        answers(&responses).iter().map(|answer| (unicode(answer.question), unicode(answer.value))).collect();
    let expected: Vec<(String, String)> = ANSWERS.iter().map(|(q, a)| (q.to_string(), a.to_string())).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_answer_is_checked() {
    let (_, responses) = run(UNICODE);
    for answer in answers(&responses) {
        let checked = answer.checked.as_ref().expect("a check");
        assert!(checked.points >= 6 && !checked.zero, "{checked:?}");
        assert!(matches!(answer.status, Status::Ok | Status::Proved));
    }
}

#[test]
fn the_proof_does_not_use_its_claim() {
    let (_, responses) = run(UNICODE);
    let proof = answers(&responses)[0];
    assert_eq!(proof.status, Status::Proved);
    assert_eq!(proof.not_used, ["d-inv"]);
    let used = proof.derivation.steps.iter().any(|step| format!("{:?}", step.by).contains("d-inv"));
    assert!(!used);
}

#[test]
fn kinks_are_excluded_where_they_matter_only() {
    let (session, responses) = run(UNICODE);
    let z = session.context().lookup("z").expect("z");
    for answer in answers(&responses) {
        let name = answer.variable.map_or("", |symbol| session.context().name(symbol));
        let is_network = matches!(name, "U" | "W" | "x") && answer.names.iter().any(|_| true);
        if is_network {
            let expected = name != "U";
            let excluded = answer.excluded.iter().any(|e| session.context().terms.as_symbol(e.term) == Some(z));
            assert_eq!(excluded, expected, "∂J/∂{name}");
        }
    }
}

#[test]
fn the_size_of_the_jacobian() {
    let (_, responses) = run(UNICODE);
    let lines: Vec<String> = responses
        .iter()
        .filter_map(|response| match &response.outcome {
            Outcome::Answers(answers) => Some(
                answers.iter().flat_map(|a| &a.lines).map(|line| inline(line, Spelling::Unicode)).collect::<Vec<_>>(),
            ),
            _ => None,
        })
        .flatten()
        .collect();
    let text = lines.join("\n").replace('\u{202f}', " ");
    for expected in
        ["68 719 476 736 = 2³⁶ ≈ 6.9·10¹⁰ entries", "256 GiB (274.9 GB)", "dX 1 MiB, W 64 MiB", "result 1 MiB"]
    {
        assert!(text.contains(expected), "{expected:?} is not in {text:?}");
    }
}

/// What must not depend on the spelling of a script.
fn records(text: &str) -> Vec<serde_json::Value> {
    let (session, responses) = run(text);
    let kept = ["status", "answer", "assumptions", "excluded", "steps"];
    api::records(&session, &responses)
        .into_iter()
        .map(|record| {
            let value = serde_json::to_value(record).expect("JSON");
            serde_json::Value::Object(kept.iter().map(|key| (key.to_string(), value[key].clone())).collect())
        })
        .collect()
}

#[test]
fn three_spellings_are_one_script() {
    let unicode = records(UNICODE);
    for (name, other) in [("ASCII", records(ASCII)), ("LaTeX", records(LATEX))] {
        assert_eq!(unicode.len(), other.len(), "{name}");
        for (a, b) in unicode.iter().zip(&other) {
            assert_eq!(a, b, "{name}");
        }
    }
}

#[test]
fn the_same_script_gives_the_same_bytes() {
    let text = |records: Vec<serde_json::Value>| serde_json::to_string(&records).expect("JSON");
    assert_eq!(text(records(UNICODE)), text(records(UNICODE)));
}

#[test]
fn without_the_assumption_it_is_named() {
    let (_, responses) = run(UNICODE);
    let open = answers(&responses)[12];
    assert_eq!(open.would_help.len(), 1);
    assert!(open.evidence.iter().all(|evidence| evidence.assumptions.is_empty()));
}

/// The derivative of a user's function is written as it is asked for, and read back as the same question.
#[test]
fn the_derivative_of_a_defined_function_has_a_prime_in_ascii() {
    let mut session = Session::new();
    let question = |session: &mut Session, text: &str| {
        let responses = session.run(text);
        let question = answers(&responses).last().expect("an answer").question;
        (question, term(session.context(), question, Spelling::Ascii))
    };
    let (asked, text) = question(&mut session, "Y : R^(m×n)\nR(Y) = max(0, Y)\nR'(Y)");
    assert_eq!(text, "R'(Y)");
    assert_eq!(question(&mut session, &text), (asked, text));
}
