//! Sums over samples: rows and columns of matrices by one index, and families that are declared to be them.
//!
//! Each answer here was also checked by its session: the sum as typed, sample by sample, against the answer.

use gradus::print::{Spelling, term};
use gradus::session::{Answer, Outcome, Session};

const DECLARED: &str = "X : R^(N×D) with rows x_i; y : R^N; w, μ : R^D; S : R^(D×D) spd; Y : R^(N×C) with rows y^{(i)}\n\
                        W : R^(C×D); b : R^C; K : R^(N×N); Z : R^(D×N) with columns z_n; t : R^D";

/// The answers to the last statement of a script in which nothing is refused.
fn answers(script: &str) -> (Session, Vec<Answer>) {
    let mut session = Session::new();
    let responses = session.run(script);
    let refused = responses.iter().filter_map(|response| match &response.outcome {
        Outcome::Error(error) => Some(format!("{}: {} {}", response.text, error.code, error.title)),
        _ => None,
    });
    let refused: Vec<String> = refused.collect();
    assert!(refused.is_empty(), "{script}\n{refused:?}");
    match responses.into_iter().next_back().map(|response| response.outcome) {
        Some(Outcome::Answers(answers)) => (session, answers),
        other => panic!("{script}: {other:?}"),
    }
}

fn ascii(script: &str) -> String {
    let (session, answers) = answers(script);
    let text = |answer: &Answer| {
        assert!(answer.checked.is_some(), "{script} is not checked");
        term(session.context(), answer.value, Spelling::Ascii).replace(' ', "")
    };
    answers.iter().map(text).collect::<Vec<_>>().join(";")
}

#[test]
fn sums_over_samples_are_differentiated_in_matrices() {
    let expected = [
        ("grad sum_i (y_i - w'x_i)^2 wrt w, X", "2*X'*(X*w-y);2*(X*w-y)*w'"),
        ("grad sum_{i=1}^N log(1 + exp(-y_i w'x_i)) wrt w", "-X'*(sigmoid(-(X*w).*y).*y)"),
        ("grad sum_i norm2(x_i - μ)^2 wrt X", "2*(X-ones(N,1)*mu')"),
        ("grad sum_i sum_j K_ij (x_i - x_j)'(x_i - x_j) wrt X", "2*(diag((K+K')*ones(N,1))-K-K')*X"),
        ("grad sum_i (y^{(i)})' W x_i wrt W", "Y'*X"),
        ("grad sum_n (w'z_n)^2 wrt w", "2*Z*Z'*w"),
        ("grad sum_n (w'Z_{:n})^2 wrt w", "2*Z*Z'*w"),
        ("grad sum_i (X_{i:} w)^2 wrt w", "2*X'*X*w"),
        ("diff sum_i y_i x_i wrt y", "X'"),
    ];
    for (question, answer) in expected {
        assert_eq!(ascii(&format!("{DECLARED}\n{question}")), answer, "{question}");
    }
}

#[test]
fn sums_of_vectors_and_matrices_have_values() {
    let expected = [
        ("sum_i x_i", "X'*ones(N,1)"),
        ("sum_i y_i x_i", "X'*y"),
        ("sum_i x_i x_i'", "X'*X"),
        ("sum_i y_i x_i x_i'", "X'*diag(y)*X"),
        ("sum_i x_i (y^{(i)})'", "X'*Y"),
        ("sum_n z_n", "Z*ones(N,1)"),
        ("sum_i X_{i:}", "ones(1,N)*X"),
        (r"\frac{1}{N} \sum_{i=1}^{N} (x_i - \mu)(x_i - \mu)^\top", "(X'-mu*ones(1,N))*(X-ones(N,1)*mu')/N"),
        ("sum_i softmax(W x_i)", "rowsoftmax(X*W')'*ones(N,1)"),
        ("sum_i e_i (w'x_i)", "X*w"),
        ("sum_i sum_j K_ij x_i x_j'", "X'*K*X"),
    ];
    for (question, answer) in expected {
        assert_eq!(ascii(&format!("{DECLARED}\n{question}")), answer, "{question}");
    }
}

#[test]
fn a_sample_by_itself_keeps_its_name() {
    let expected = [
        ("diff w'x_i wrt w", "x_i"),
        ("x_1'w", "x_1'*w"),
        ("x_{ij}", "X_ij"),
        ("y^{(i)}_j", "Y_ij"),
        ("diff b'y^{(i)} wrt b", "y^{(i)}"),
    ];
    for (question, answer) in expected {
        assert_eq!(ascii(&format!("{DECLARED}\n{question}")), answer, "{question}");
    }
}

#[test]
fn functions_of_samples_are_functions_of_rows() {
    for question in [
        "grad sum_i (x_i - μ)'S^-1(x_i - μ) wrt μ, S, X",
        "grad sum_i norm2(x_i - μ) wrt μ, X",
        "grad sum_i norm1(x_i - μ) wrt μ",
        "grad sum_i logsumexp(W x_i + b) wrt W, b, X",
        "grad -sum_i (y^{(i)})'log(softmax(W x_i + b)) wrt W, b",
        "grad sum_i sum_j exp(-norm2(x_i - x_j)^2) wrt X",
        "grad sum_i sum_{j≠i} log(1 + norm2(x_i - x_j)^2) wrt X",
        "grad sum_i (var(x_i) + mean(x_i)) wrt X",
        "grad sum_i b'relu(W x_i) wrt W",
        "grad sum_i (b'tanh(W x_i) - y_i)^2 wrt W, b",
        "grad sum_i max(0, 1 - y_i w'x_i) wrt w",
        "grad sum_n norm2(z_n - t)^2 wrt t, Z",
        "grad logdet(sum_i x_i x_i' + S) wrt X",
    ] {
        let text = ascii(&format!("{DECLARED}\n{question}"));
        assert!(!text.contains("sum_") && !text.contains("_i"), "{question}: {text}");
    }
}

/// What no matrices say is a sum of derivatives, and has NumPy code.
#[test]
fn other_sums_have_derivatives_that_are_sums() {
    let expected = [
        ("grad sum_i logdet(S + x_i x_i') wrt S", "sum_{i=1}^N((S+x_i*x_i')^-1)"),
        ("grad sum_i logdet(S + x_i x_i') wrt X", "2*sum_{i=1}^N(e_i*x_i'*(S+x_i*x_i')^-1)"),
        ("diff sum_i inv(S + x_i x_i')*w wrt w", "sum_{i=1}^N((S+x_i*x_i')^-1)"),
        ("grad sum_i det(x_i x_i' + y_i*S)*(w'x_i) wrt w", "sum_i(det(x_i*x_i'+y_i*S)*x_i)"),
        ("diff y_i^2 wrt y", "2*y_i*e_i"),
    ];
    for (question, answer) in expected {
        let script = format!("{DECLARED}\n{question}");
        assert_eq!(ascii(&script), answer, "{question}");
    }
    for question in [
        "diff sum_i inv(S + x_i x_i') wrt S",
        "grad log(sum_i logdet(S + x_i x_i')) wrt X",
        "grad norm2(sum_i inv(S + x_i x_i')*w)^2 wrt w, X",
        "grad sum_i sum_j sum_k exp(x_i'x_j + y_k*K_jk) wrt X, y, K",
    ] {
        ascii(&format!("{DECLARED}\n{question}"));
    }
}

#[test]
fn arrays_are_defined_by_their_entries_and_rows() {
    let expected = [
        ("r_i = y_i - w'x_i; J = sum_i r_i^2\n∂J/∂w", "-2*X'*r"),
        ("h_i = W x_i\ngrad sum_i b'tanh(h_i) wrt b", "tanh(H)'*ones(N,1)"),
        ("q_i = softmax(W x_i + b); L = -sum_i (y^{(i)})' log q_i\ngrad L wrt Y", "-log(Q)"),
        ("k_ij = exp(x_i'x_j)\ngrad y'k y wrt y", "2*k*y"),
        ("a_i = x_i; o_i = a_i .* w\ngrad sum_i sum(o_i) wrt w", "A'*ones(N,1)"),
    ];
    for (script, answer) in expected {
        assert_eq!(ascii(&format!("{DECLARED}\n{script}")), answer, "{script}");
    }
}

#[test]
fn families_are_the_rows_of_a_matrix() {
    for declared in [
        "x_i : R^D, i = 1..N; y_i : scalar, i = 1..N; w : R^D",
        "x_i ∈ ℝ^D for i = 1, …, N; y_i ∈ ℝ for i = 1, …, N; w ∈ ℝ^D",
        r"x^{(i)} \in \mathbb{R}^D, i = 1, \ldots, N; y^{(i)} \in \mathbb{R}, i = 1, \ldots, N; w : R^D",
    ] {
        let sum = if declared.contains('^') && declared.contains("(i)") {
            "grad sum_i (w'x^{(i)} - y^{(i)})^2 wrt w"
        } else {
            "grad sum_i (w'x_i - y_i)^2 wrt w"
        };
        assert_eq!(ascii(&format!("{declared}\n{sum}")), "2*X'*(X*w-y)", "{declared}");
    }
}

/// Beside a family `x^(i)` a vector x may be declared: a superscript is no entry.
#[test]
fn a_raised_family_leaves_its_letter_free() {
    let script = "x^{(i)} : R^D, i = 1..N; x : R^D\ngrad sum_i norm2(x - x^{(i)})^2 wrt x";
    assert_eq!(ascii(script), "2*(N*x-X'*ones(N,1))");
}

#[test]
fn what_is_no_sample_is_refused() {
    let code = |script: &str| {
        let responses = Session::new().run(script);
        let code = responses.iter().find_map(|response| match &response.outcome {
            Outcome::Error(error) => Some(error.code),
            _ => None,
        });
        code.unwrap_or("answered")
    };
    assert_eq!(code("X : R^(N×D); w : R^D\nsum_i w'x_i"), "E0101");
    assert_eq!(code("X : R^(N×D)\nX_3"), "E0109");
    assert_eq!(code("X : R^(N×D); y : R^D\nsum_i y_i X_i"), "E0109");
    assert_eq!(code("X : R^(N×D) with rows x_i\nx : R^D"), "E0105");
    assert_eq!(code("X : R^(N×D) with rows x_i\nx = X'X"), "E0105");
    assert_eq!(code("X : R^(N×D)\nx_i : R^D, i = 1..N"), "E0105");
    assert_eq!(code("x : R^D\nX : R^(N×D) with rows x_i"), "E0105");
    assert_eq!(code("X : R^(N×D) with rows x_i with columns z_j"), "E0105");
    assert_eq!(code("X : R^(N×D) with rows x_i and rows z_i"), "E0105");
    assert_eq!(code("X : R^(N×D)\nX_{:}"), "E0901");
    assert_eq!(code("X : R^(N×D)\nX_{1:3}"), "E0009");
    assert_eq!(code("x_i : R^D, j = 1..N"), "E0109");
    assert_eq!(code("A^{(i)} : R^(n×n), i = 1..N"), "E0901");
    assert_eq!(code("x^{(i)} : R^D, i = 1..N\nx"), "E0109");
    assert_eq!(code("x_i : R^D probability, i = 1..N"), "E0901");
    assert_eq!(code("y : R^N with rows x_i"), "E0204");
    assert_eq!(code("A : R^(n×n)\nassume A rows a_i"), "E0005");
    assert_eq!(code("W : R^(n×n)\nW^{(1)}"), "E0101");
    // A name for an entry whose index is free would be taken for a constant by the sums over it.
    assert_eq!(code("y : R^n\nr = 2*y_i"), "E0109");
    assert_eq!(code("x : R^n; w : R^n\nf(w) = w_i*x_i"), "E0109");
    assert_eq!(code("y : R^n\nr_i = y_i*y_j"), "E0109");
    assert_eq!(code("y : R^n\nr_i = sum(y)"), "E0109");
    assert_eq!(code("y : R^n\nr_ijk = y_i*y_j*y_k"), "E0901");
}
