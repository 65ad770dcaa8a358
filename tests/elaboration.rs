//! What inputs mean: the term, its shape, and the notes, written in ASCII.

mod common;

use common::run;

/// Declarations for all inputs of this file.
const NAMES: &str = "W : R^(M×D); x : R^D; U : R^(C×M); y : R^C; A, B : R^(n×n); v, w : R^n; X : R^(N×D); Y : R^(N×M); a, b, α : scalar\nh : R^M\nz = W x; θ = U relu(z); ŷ = softmax(θ); J = -sum(y .* log(ŷ))\n";

fn last(input: &str) -> String {
    run(&format!("{NAMES}{input}")).last()
}

#[test]
fn meanings() {
    let inputs = [
        "Wx",
        "2Wx",
        "v^TAv",
        "v'Av",
        "v'A v w",
        "A v'w",
        "-A^-1 B",
        "A^-1B",
        "A⁻¹ᵀB",
        "A^{-\\top}",
        "A^-T",
        "e^-Y",
        "e^{-Y}",
        "1 + e^{-Y}",
        "1/(1+e^{-Y})",
        "(e^Y - e^{-Y})/(e^Y + e^{-Y})",
        "tanh(Y)^2",
        "tanh^2(Y)",
        "sigmoid(Y)(1 - sigmoid(Y))",
        "y/ŷ",
        "log det A",
        "log ŷ_j",
        "-∑_j y_j log ŷ_j",
        "softmax(θ_j)",
        "∂ŷ_j/∂θ_k",
        "dJ/dW",
        "∂J/∂W",
        "\\frac{\\partial J}{\\partial W}",
        "d J / d W",
        "d/dα (A^-1)",
        "d(A^-1)/dα",
        "∂A⁻¹/∂α",
        "∇_W J",
        "∂²J/∂x∂x'",
        "dA",
        "d(A B)",
        "A' A - I",
        "1 - tanh(Y).^2",
        "𝟏ᵀy",
        "(𝟏ᵀy) ŷ - y",
        "‖A v - w‖²",
        "||v||_1",
        "normF(A)^2",
        "|a|",
        "⟨A, B⟩",
        "inner(A, B)",
        "A ⊗ B",
        "kron(A, B)",
        "max{0, Y}",
        "relu'(Y)",
        "e_i",
        "δ_ij",
        "X_ij",
        "sum_i v_i w_i",
        "sum_{i != j} v_i",
        "v.^2",
        "A^2",
        "A^a b",
        "cases(1 if Y > 0; 0 otherwise)",
        "cases(ŷ_j if j = k; 0 if j != k)",
        "sum(log(exp(-y.*(U*h)) + vector(1)))",
        "U' (ŷ - y) ⊙ sgn(h)",
        "x_1",
        "n*a",
        "sum(v)/n",
        "a^b",
        "I v",
        "U'(ŷ - y)",
        "½ a".trim_start_matches('½'),
        "A.T @ B",
        "log(det(inv(A)))",
        "0.5*v'*A*v",
        "sum_j y_j .* a + b",
        "∂J/∂θ Wᵀ",
        "v v'",
        "tr(v v')",
        "exp(a)",
        "e",
        "ŷ_j (1 - ŷ_j)",
        "e^{θ_j}/∑_j e^{θ_j}",
        "A^n",
        "expm(A)",
    ];
    let lines: String = inputs.iter().map(|input| format!("{input}\n    {}\n", last(input).trim_end())).collect();
    insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("elaborate_meanings", lines);
    });
}

#[test]
fn definitions() {
    for (input, line) in [
        ("S(Y) = 1/(1 + e^{-Y})\nS(1 - S)", None),
        ("S(Y) = 1/(1 + e^{-Y})\nS'(Y)", None),
        ("f(P, Q) = P Q\nf(W, x)", Some("W * x : M")),
        ("CrossEntropy(p, q) = -∑_j p_j log q_j\nCrossEntropy(y, ŷ)", Some("-sum_j (y_j * log(yhat_j)) : scalar")),
        ("p_j = softmax(θ_j) = e^{θ_j}/∑_j e^{θ_j}\np", Some("p : C")),
        ("σ : elementwise\nσ'(Y)", None),
        ("L : scalar, function of Y\n∂L/∂Y", None),
        ("assume sum(y) = 1, A symmetric, v > 0", Some("3 assumed")),
        ("prove d(A^-1)/dα = -A^-1 (dA/dα) A^-1 given A^<-1>A = I", Some("1 given 1")),
    ] {
        let found = last(input);
        assert!(!found.contains("error["), "{input}\n{found}");
        if let Some(line) = line {
            assert_eq!(found, line, "{input}");
        }
    }
}

#[test]
fn the_pasted_block_of_the_sheet() {
    let source = r"
W : R^(M×D); U : R^(C×M); y : R^C
\text{CrossEntropy}(y, p) = - \sum_j y_j \log p_j
$$\begin{aligned} x &= \text{input} \in \mathbb{R}^D \\ z &= Wx \in \mathbb{R}^M \\ h &= \text{ReLU}(z) \in \mathbb{R}^M \\ \theta &= Uh \in \mathbb{R}^C \\ \hat{y} &= \text{softmax}(\theta) \in \mathbb{R}^C \\ J &= \text{CrossEntropy}(y, \hat{y}) \in \mathbb{R} \end{aligned}$$
\frac{\partial \hat{y}_j}{\partial \theta_k}
";
    let outcome = run(source);
    assert_eq!(outcome.error(), "no error\n");
    assert_eq!(outcome.lines.len(), 11);
}

#[test]
fn naming_or_inlining_changes_nothing() {
    for (named, inlined) in
        [("S = sigmoid(Y)\nS (1 - S)", "sigmoid(Y)(1 - sigmoid(Y))"), ("S = e^{-Y}\n1/(1 + S)", "1/(1 + e^{-Y})")]
    {
        let (named, inlined) = (last(named), last(inlined));
        assert_eq!(named.contains("error"), inlined.contains("error"), "{named}\n{inlined}");
    }
}

#[test]
fn nesting_within_the_bounds_does_not_overflow() {
    let deep = format!("{}a{}", "(1 + ".repeat(98), ")".repeat(98));
    assert!(!last(&deep).contains("E0006"), "{}", last(&deep));
    let deep = format!("{}a{}", "exp(2 .* ".repeat(98), ")".repeat(98));
    assert!(!last(&deep).contains("error["), "{}", last(&deep));
    let sums = "sum_i ".repeat(2000) + "v_i";
    assert!(last(&sums).contains("E0006"));
}

/// What is printed in ASCII is read back as what is printed the same.
#[test]
fn printing_and_reading_again_changes_nothing() {
    for input in [
        "Wx",
        "v^TAv",
        "v'A v w",
        "-A^-1 B",
        "A⁻¹ᵀB",
        "1 + e^{-Y}",
        "1/(1+e^{-Y})",
        "tanh^2(Y)",
        "y/ŷ",
        "log det A",
        "log ŷ_j",
        "-∑_j y_j log ŷ_j",
        "softmax(θ_j)",
        "∂ŷ_j/∂θ_k",
        "dJ/dW",
        "d/dα (A^-1)",
        "∂²J/∂x∂x'",
        "dA",
        "d(A B)",
        "A' A - I",
        "(𝟏ᵀy) ŷ - y",
        "‖A v - w‖²",
        "A ⊗ B",
        "max{0, Y}",
        "relu'(Y)",
        "δ_ij",
        "X_ij",
        "sum_{i != j} v_i",
        "A^2",
        "a/(2b)",
        "(a/b) a",
        "-a^2",
        "(-a)^2",
        "cases(1 if Y > 0; 0 otherwise)",
        "cases(ŷ_j if j = k; 0 if j != k)",
        "U' (ŷ - y) ⊙ sgn(h)",
        "0.5*v'*A*v",
        "e^{θ_j}/∑_i e^{θ_i}",
        "a - (b - α)",
        "A (B + A)",
        "A .* B ./ A",
        "A ./ (B .* A)",
        "(A B) .* A",
        "A (B .* A)",
        "2^a",
        "(2a)^b",
        "(a^b)^2",
        "e^{-a}",
        "sqrt(a)",
        "(v + w)'",
        "(A B)^-1",
        "A^-1'",
        "-(a + b)",
        "-∑_i v_i - a",
        "(∑_i v_i)^2",
        "∑_i (v_i + a)",
        "a ∑_i v_i",
        "(∑_i v_i) w_j",
    ] {
        let once = last(input);
        assert!(!once.contains("error["), "{input}\n{once}");
        let printed = plain(&once);
        let twice = last(printed);
        assert_eq!(plain(&twice), printed, "{input}\n{twice}");
    }
}

/// The term of a line without its shape and notes.
fn plain(line: &str) -> &str {
    let term = line.split("   #").next().unwrap_or("");
    term.rsplit_once(" : ").map_or(term, |(term, _)| term)
}

mod any_text {
    use super::{NAMES, common::run};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(6), ..ProptestConfig::default() })]

        #[test]
        fn never_panics(words in prop::collection::vec(prop::sample::select(WORDS), 0..10)) {
            for separator in ["", " "] {
                let outcome = run(&format!("{NAMES}{}", words.join(separator)));
                for line in outcome.lines {
                    if let Err(d) = line {
                        d.render("input", &outcome.source, gradus::diag::Style::Plain);
                        for fix in &d.help {
                            prop_assert!(fix.apply(&outcome.source).is_some());
                        }
                    }
                }
            }
        }
    }

    const WORDS: &[&str] = &[
        "W",
        "x",
        "A",
        "v",
        "Y",
        "a",
        "J",
        "ŷ",
        "θ_j",
        "n",
        "I",
        "e",
        "d",
        "T",
        "𝟏",
        "0",
        "1",
        "2",
        "+",
        "-",
        "*",
        "/",
        ".*",
        "./",
        "⊗",
        "'",
        "^",
        "^T",
        "^-1",
        "^2",
        ".^",
        "_i",
        "_ij",
        "_1",
        "(",
        ")",
        "(v)",
        "(A, B)",
        "{",
        "}",
        "|",
        "‖",
        "∂",
        "d",
        "∇_W",
        "∑_i",
        "sum_{i=1}^n",
        "sum_{i != j}",
        "exp",
        "log",
        "softmax",
        "tr",
        "inv",
        "det",
        "max(0, Y)",
        "norm2",
        "relu'",
        "vec",
        "diag",
        "ones(n)",
        "eye(n)",
        "vector(1)",
        "cases(1 if a > 0; 0 otherwise)",
        "=",
        "e_i",
        "δ_ij",
        "S(Y)",
        "f(v)",
        "%",
        "\\frac{\\partial J}{\\partial W}",
        "⟨v, v⟩",
        "Σ_i",
        ":",
        "∈ R^n",
    ];
}
