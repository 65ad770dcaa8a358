//! The language: every input of `tests/inputs/accepted.txt` gives a tree, every input of
//! `tests/inputs/refused.txt` a message of our own, and three spellings give one tree.

use gradus::diag::Style;
use gradus::syntax::statement::{Question, Statement};
use gradus::syntax::{expression, script};

macro_rules! snapshot {
    ($name:expr, $value:expr) => {
        insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!($name, $value);
        });
    };
}

/// A line of the input files as text.
fn lines(file: &str) -> impl Iterator<Item = String> {
    file.lines().filter(|line| !line.starts_with("# ")).map(|line| line.replace('⏎', "\n"))
}

/// A statement in one line.
fn outline(statement: &Statement) -> String {
    match statement {
        Statement::Ask(ask) => match &ask.question {
            Question::Value(e) => format!("value {}", e.outline()),
            Question::Derivative { kind, of, wrt } => {
                let wrt: Vec<String> = wrt.iter().map(|e| e.outline()).collect();
                format!("{kind:?} {} wrt {}", of.outline(), wrt.join(", "))
            }
            Question::Transform { how, of } => format!("{how:?} {}", of.outline()),
            other => format!("{other:?}").split(' ').next().unwrap_or("").to_string(),
        },
        Statement::Implicit(e) => format!("{} with {} = {}", e.name, e.sides.0.outline(), e.sides.1.outline()),
        Statement::Unknown(e) => format!("unknown in {} = {}", e.sides.0.outline(), e.sides.1.outline()),
        Statement::Equation(e) => {
            let sides: Vec<String> = e.sides.iter().map(|e| e.outline()).collect();
            format!("equation {}", sides.join(" | "))
        }
        Statement::Declare(all) => {
            let names = all.iter().flat_map(|d| &d.names).map(|n| n.name.as_str());
            format!("declare {}", names.collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn every_accepted_input_gives_a_tree() {
    let mut out = String::new();
    for line in lines(include_str!("inputs/accepted.txt")) {
        for parsed in script(&line) {
            match parsed.outcome {
                Ok(statement) => out += &format!("{}\n    {}\n", parsed.span.of(&line), outline(&statement)),
                Err(d) => panic!("{line}\n{}", d.render("input", &line, Style::Plain)),
            }
        }
    }
    snapshot!("grammar_accepted", out);
}

#[test]
fn every_refused_input_has_our_own_message() {
    let mut out = String::new();
    for line in lines(include_str!("inputs/refused.txt")) {
        let parsed = script(&line);
        assert_eq!(parsed.len(), 1, "{line}");
        let d = parsed[0].outcome.clone().expect_err(&line);
        assert!(d.span().is_some() && !d.title.is_empty(), "{line}");
        assert!(d.help.iter().all(|fix| fix.apply(&line).is_some()), "{line}");
        out += &format!("{}\n", d.render("input", &line, Style::Plain));
    }
    snapshot!("grammar_refused", out);
}

#[test]
fn three_spellings_give_one_tree() {
    for spellings in [
        ["U*relu(W*x)", "U·relu(W·x)", r"U \cdot \operatorname{relu}(W \cdot x)"],
        ["A .* B ./ C", "A ⊙ B ⊘ C", r"A \odot B \oslash C"],
        ["A .* B", "A ∘ B", r"A \circ B"],
        ["x.T @ y", "xᵀ·y", r"x^{\top} \cdot y"],
        ["A^-1 B", "A⁻¹ B", r"A^{-1} B"],
        ["A^<-1>*x", "A⁻¹ * x", r"A^{-1} * x"],
        ["A^2", "A²", "A^{2}"],
        ["A.^2", "A.^2", r"A^{\circ 2}"],
        ["||x||_2^2", "‖x‖₂²", r"\lVert x\rVert_2^2"],
        ["abs(x)|y|", "abs(x)|y|", r"\operatorname{abs}(x)\lvert y \rvert"],
        ["yhat + delta_2", "ŷ + δ₂", r"\hat{y} + \delta_{2}"],
        ["y\u{302}", "ŷ", r"\hat y"],
        ["theta mu epsilon lambda", "θ µ ϵ λ", r"\vartheta \mu \varepsilon \lambda"],
        ["sum_i a_i", "∑_i a_i", r"\sum_i a_{i}"],
        ["sum_{i=1}^N (a_i)", "∑_{i=1}^N (a_i)", r"\sum_{i=1}^N \left(a_i\right)"],
        ["∂J/∂W", "∂J/∂W", r"\partial J / \partial W"],
        ["max{0, Y}", "max(0, Y)", r"\max\{0,Y\}"],
        ["X_ij", "Xᵢⱼ", "X_{ij}"],
        ["W : matrix(M,D)", "W ∈ ℝ^(M×D)", r"W \in \mathbb{R}^{M \times D}"],
        [
            "cases(a if j = k; b if j != k)",
            "cases(a if j = k; b if j ≠ k)",
            r"\begin{cases} a, & j = k \\ b, & j \neq k \end{cases}",
        ],
        [
            "cases(1 if Y > 0; 0 otherwise)",
            "cases(1 if Y > 0; 0 otherwise)",
            r"\begin{cases} 1, & \text{if } Y > 0 \\ 0, & \text{otherwise} \end{cases}",
        ],
        ["⟨G, D⟩", "⟨G, D⟩", r"\left\langle G, D \right\rangle"],
    ] {
        let trees: Vec<String> = spellings.iter().map(|text| one(text)).collect();
        assert!(trees.iter().all(|tree| *tree == trees[0]), "{spellings:?}\n{trees:#?}");
    }
}

fn one(text: &str) -> String {
    let parsed = script(text);
    assert_eq!(parsed.len(), 1, "{text}");
    outline(parsed[0].outcome.as_ref().unwrap_or_else(|d| panic!("{}", d.render("input", text, Style::Plain))))
}

#[test]
fn precedence_as_designed() {
    for (text, tree) in [
        ("-A^-1 B", "(neg [A^{(neg 1)} B])"),
        ("A^-1B", "[A^{(neg 1)} B]"),
        ("A*B .* C + D", "(sum +[[A * B] ⊙ C] +D)"),
        ("x^TAx", "x^~TAx"),
        ("e^-Y", "e^~(neg Y)"),
        ("2Ax", "[2 Ax]"),
        ("A * -B C", "[A * (neg B) C]"),
        ("A^(T)", "A^{(T)}"),
        ("a'b", "[a' b]"),
        ("a/2", "[a / 2]"),
        ("1/2 x'", "[1 / 2 x']"),
        ("|x| + |y|", "(sum +|x| +|y|)"),
    ] {
        assert_eq!(expression(text).unwrap().outline(), tree, "{text}");
    }
}

#[test]
fn hostile_inputs_are_refused_at_once() {
    let nested = |open: &str, close: &str| format!("{}x{}", open.repeat(10_000), close.repeat(10_000));
    let minus = "-".repeat(10_000) + "x";
    let quotes = "x".to_string() + &"'".repeat(10_000);
    let powers = "x^-".repeat(10_000) + "1";
    let long = "x+".repeat(500_000);
    for text in [
        nested("(", ")"),
        nested("{", "}"),
        nested("\\left(", "\\right)"),
        nested("f(", ")"),
        minus,
        quotes,
        powers,
        long,
    ] {
        let parsed = script(&text);
        let code = parsed[0].outcome.as_ref().unwrap_err().code;
        assert!(["E0006", "E0007"].contains(&code), "{code} {}", &text[..20]);
    }
    assert!(expression(&nested("|", "|")).is_err());
    assert!(expression(&nested("\\frac{", "}{2}")).is_err());
    assert!(script("").is_empty() && script("\n# nothing\n").is_empty());
}

#[test]
fn within_the_bounds_nothing_overflows() {
    let deep = format!("{}x{}", "(".repeat(99), ")".repeat(99));
    assert!(expression(&deep).is_ok());
    let wide = "x+".repeat(30_000) + "x";
    assert!(expression(&wide).is_ok());
}

mod any_text {
    use gradus::syntax::{expression, rule_file, script};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(6), ..ProptestConfig::default() })]

        #[test]
        fn never_panics(text in r"[ -~\n∂αŷ∈ℝ×⊙ᵀ⁻¹₂‖|\\{}()]{0,60}") {
            let _ = (expression(&text), script(&text), rule_file(&text));
        }

        #[test]
        fn never_panics_on_words(words in prop::collection::vec(prop::sample::select(WORDS), 0..14)) {
            let text = words.join(" ");
            for parsed in script(&text) {
                if let Err(d) = parsed.outcome {
                    d.render("input", &text, gradus::diag::Style::Plain);
                }
            }
        }
    }

    const WORDS: &[&str] = &[
        "let", "x", "A", ":", "R^", "(", ")", "{", "}", "\\frac", "grad", "wrt", "solve", "for", "=", "+", "-", "*",
        "'", "^", "_", "|", "‖", "cases", "if", ";", ",", "\\begin{cases}", "\\end{cases}", "&", "\\\\", "prove",
        "given", "size", "with", "f32", "steps", "latex", "∂", "/", "\\hat", "sum", "assume", "symmetric", "function",
        "of", "in", "rule", "=>", "%3", "?", "layout", "\n", "$$", "\\[", "matrix(", "∈", ":=", "\\text{a b}", "1",
        "d",
    ];
}
