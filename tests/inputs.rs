//! Each input that the language promises is answered, or refused with its own "not yet"; each input that it excludes is
//! refused with a message of our own. The inputs stand beside the declarations that they need.

use gradus::session::{Outcome, Session};

/// Declarations, and inputs that are answered below them. `⏎` stands for a line break.
const ANSWERED: &[(&str, &[&str])] = &[
    (
        "W : R^(M×D)\nU : R^(C×M)\ny : R^C\nx : R^D\nz = W x\nh = ReLU(z)\nθ = U h\nŷ = softmax(θ)\nJ = −sum(y ⊙ log(ŷ))\nassume sum(y) = 1",
        &[
            "softmax(U·ReLU(Wx))",
            "z = Wx",
            "h := ReLU(z)",
            "ŷ = softmax(θ)",
            "ŷ = softmax(θ)",
            r"\hat{y} = \operatorname{softmax}(\theta)",
            "d J / d W",
            "dJ/dW",
            "∂J/∂W",
            r"\frac{\partial J}{\partial W}",
            "grad J wrt W",
            "grad J, W, U",
            "jacobian z wrt x",
            "∇_W J",
            "steps grad J wrt W",
            "latex dJ/dW",
            "numpy dJ/dW",
            "J = -sum(y .* log(ŷ))",
            "delta_2 = U'(ŷ - y) ⊙ sgn(h)",
            "δ₂ = Uᵀ(ŷ - y) ⊙ sgn(h)",
            r"\delta_{2} = \left(U^\top (\hat{y} - y)\right) \odot \operatorname{sgn}(h)",
            r"\hat{y}_j = \text{softmax}(\theta_j) = \frac{e^{\theta_j}}{\sum_j e^{\theta_j}}",
            r"\frac{\partial \hat{y}_j}{\partial \theta_k}",
            "∂ŷ_j/∂θ_k",
            r"z &= Wx \in \mathbb{R}^M \\",
            "assume sum(y) = 1",
            "check ∂J/∂θ = ŷ - y",
        ],
    ),
    (
        "",
        &[
            "let W : matrix(M, D)",
            "x ∈ R^D",
            "x in R^D",
            r"U, V : R^{n\times k}",
            r"x \in \mathbb{R}^{D}",
            "α : scalar",
            "α ∈ ℝ",
            ":layout numerator",
            "?softmax",
            "W : R^(M×D); x : R^D⏎z = Wx # pre-activation⏎grad sum(z) wrt W",
            r"R(Y) = \max\{0, Y\}",
            r"S(Y) = \frac{1}{1+e^{-Y}}",
            r"\tanh(Y) = \frac{e^Y - e^{-Y}}{e^Y + e^{-Y}}",
            r"\text{CrossEntropy}(y, \hat{y}) = - \sum_j y_j \log \hat{y}_j",
            "σ : elementwise",
        ],
    ),
    (
        "A, K, L, Q : R^(n×n)\nB, X, C : R^(n×n)\nx, y, b, v : R^n\na, α : scalar",
        &[
            "A : R^{m×m} invertible, function of α",
            "A(α) : R^(m x m) invertible",
            "x'*A*x",
            "0.5*x'*A*x",
            "A*exp(x)",
            "(y.*v)'*x",
            "norm1(A*x-y)",
            "norm2(A*x-y)^2",
            "tr(A*X'*B*X*C)",
            "log(det(inv(X)))",
            "A⁻¹ᵀB",
            "A^{-T}",
            r"A^{-\top}B^{\top}",
            "A.T @ B",
            r"x^\top A x",
            r"-A^{-1} \frac{\partial A}{\partial \alpha} A^{-1}",
            "-A⁻¹(∂A/∂α)A⁻¹",
            "‖Ax - b‖²",
            "||Ax-b||_2^2",
            r"\lVert A x - b \rVert_2^{2}",
            "prove d(A^-1)/dα = -A^-1 (dA/dα) A^-1 given A^<-1>A = I",
            "prove inv(A*B) = inv(B)*inv(A)",
            "simplify (A')'",
            "assume A symmetric",
            "assume A'A = I",
            "2Ax + b",
            "a/2",
            "log det X",
            "K ⊗ L",
            "d/dα (A^-1)",
        ],
    ),
    ("x : R^D\nW : R^(M×D)\nJ = sum(W x)\nz = W x", &["hessian J wrt x"]),
    ("x : R^n\nA : R^(n×n)\nf = x'A x", &["∂²f/∂x∂x'"]),
    ("a, b : scalar", &["a^b"]),
    ("X : R^(N×D)\nw : R^D\ny : R^N", &["sum(log(exp(-y.*(X*w)) + vector(1)))"]),
    ("A, B : R^(n×n)\nA\nB\nA B", &["% + B", "tr(%3)"]),
    ("Y : R^(N×M)", &["1 - tanh(Y).^2", "R = max{0, Y}", "S = 1/(1 + e^{-Y})", "L : scalar, function of Y"]),
    ("A, B, Q : R^(m×m)", &["solve A^-1 X = B for X", "solve A X + X A' + Q = 0 for X"]),
    ("X : R^(N×D)\nW : R^(D×M)\nY = X W", &["size ∂Y/∂X with N = 64, M = D = 4096, f32"]),
    ("x : R^(N×D)\nμ : R^D", &["sum_{i=1}^N ‖x_i - μ‖²"]),
];

/// An equation that is no definition is asked about.
const UNCLEAR: &[&str] = &["A^<-1>A = I", "A^{-1}A = I"];

/// Inputs that are refused, with the code.
const REFUSED: &[(&str, &str)] = &[
    ("A ** B", "E0003"),
    ("A + ", "E0001"),
    ("f(x", "E0002"),
    (r"A \ b", "E0003"),
    ("W : R^", "E0005"),
    ("grad J wrt", "E0005"),
    ("A = = B", "E0001"),
    ("solve A X = B", "E0005"),
    ("x ∈ R^{D", "E0002"),
    ("let W matrix(M,D)", "E0005"),
];

/// The codes of the errors of `input` below `declarations`, which have none.
fn codes(declarations: &str, input: &str) -> Vec<&'static str> {
    let mut session = Session::new();
    for response in session.run(declarations) {
        assert!(!response.is_error(), "{}: {:?}", response.text, response.outcome);
    }
    let responses = session.run(&input.replace('⏎', "\n"));
    let codes = responses.iter().filter_map(|response| match &response.outcome {
        Outcome::Error(diagnostic) => Some(diagnostic.code),
        _ => None,
    });
    codes.collect()
}

#[test]
fn every_input_of_the_language_is_answered() {
    let mut wrong = Vec::new();
    for (declarations, inputs) in ANSWERED {
        for input in *inputs {
            let found = codes(declarations, input);
            if !found.is_empty() {
                wrong.push(format!("{input}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_equation_that_is_no_definition_is_asked_about() {
    for input in UNCLEAR {
        assert_eq!(codes("A : R^(m×m) invertible", input), ["E0303"], "{input}");
        assert_eq!(codes("A : R^(m×m) invertible", &format!("check {input}")), [""; 0], "{input}");
    }
}

#[test]
fn every_other_input_is_refused_with_our_own_message() {
    for (input, code) in REFUSED {
        assert_eq!(codes("", input), [*code], "{input}");
    }
}
