//! Bad input gives a diagnostic with code and place, never a panic or a hang, and what follows is still answered.

use gradus::session::{Outcome, Session};

/// Runs `text` followed by a question that has an answer; returns the codes of the errors.
fn codes(text: &str) -> Vec<&'static str> {
    let after = "\nq : R^n\ngrad q'q wrt q\n";
    let responses = Session::new().run(&format!("{text}{after}"));
    let last = responses.last().expect("a response");
    assert!(matches!(last.outcome, Outcome::Answers(_)), "what follows {text:.60?} is not answered: {last:?}");
    let mut codes = Vec::new();
    for response in &responses {
        if let Outcome::Error(diagnostic) = &response.outcome {
            assert!(!diagnostic.labels.is_empty(), "no place: {diagnostic:?}");
            assert!(!diagnostic.title.is_empty());
            codes.push(diagnostic.code);
        }
    }
    codes
}

#[track_caller]
fn refused(text: &str, code: &str) {
    assert_eq!(codes(text), [code], "{text:.80}");
}

#[test]
fn undeclared_names_and_ambiguous_runs() {
    refused("W : R^(M×D)\nz = Wh", "E0101");
    refused("A : R^(n×n)\nB : R^(n×n)\nAB : R^(n×n)\nABA", "E0102");
}

#[test]
fn shapes_that_do_not_fit() {
    refused("W : R^(M×D)\nx : R^D\nz = Wx + W", "E0201");
    refused("W : R^(M×D)\nU : R^(C×M)\nx : R^D\nWUx", "E0202");
    refused("A : R^(m×n)\nA^<-1>A = I", "E0203");
}

#[test]
fn functions_of_square_matrices_need_one() {
    for question in ["tr(A)", "det(A)", "inv(A)", "logdet(A)"] {
        assert_eq!(codes(&format!("A : R^(m×n)\n{question}")).len(), 1, "{question}");
    }
}

#[test]
fn derivatives_by_what_is_no_variable() {
    assert_eq!(codes("x : R^n\ngrad x'x wrt w").len(), 1);
    assert_eq!(codes("x : R^n\ngrad x'x wrt 2").len(), 1);
    assert_eq!(codes("x : R^n\ngrad x'x wrt").len(), 1);
}

#[test]
fn what_has_no_value_or_derivative_anywhere_is_not_called_an_internal_error() {
    for text in [
        "X : R^(N×D) with rows x_i\ngrad sum_i sum_j 1/norm2(x_i - x_j) wrt X",
        "A : R^(n×n) diagonal\ngrad sum(log(A)) wrt A",
        "A : R^(n×n) skew\ngrad sum(abs(A)) wrt A structure free",
        "x : R^n; K : R^(n×n) skew\ngrad 1/(x'K x) wrt x",
        "x : R^n; K : R^(n×n) skew\ngrad log(x'K x) wrt x",
        "x : R^n; y : R^n one-hot\ngrad x'log(y) wrt x",
        "A : R^(n×n)\ngrad log(det(A) - det(A')) wrt A",
        "x : R^n\ngrad logdet(x x') wrt x",
        "x : R^n\nsimplify inv(x x')",
    ] {
        refused(text, "E0410");
    }
}

#[test]
fn what_has_no_real_value_is_refused_before_it_is_derived() {
    let with = "K : R^(n×n) skew; A : R^(n×n); x, y : R^n; s, t : scalar; p : scalar positive\n";
    for question in [
        "grad log(-x'*x) wrt x",
        "simplify log(-norm2(x))",
        "diff sqrt(-exp(t)) wrt t",
        "diff t^2*log(-s^2) wrt t",
        "simplify max(log(-abs(x)), 0)",
        "prove log(-x'*x) = log(-x'*x)",
        "solve log(-x'*x)*t = s for t",
        "g = sqrt(-x'*x)",
        "diff (-p)^s wrt p",
        "diff (-p)^(1/3) wrt p",
        "simplify log(x - x)",
        "simplify 1/(x'*K*x)",
        "check 1/(x'*K*x) = 1/(x'*K*x)",
        "differential 1/(x'*K*x)",
        "grad abs(t)/(x'*K*x) wrt t",
        "simplify log(det(x*x'))",
        "simplify inv(x*y')",
        "diff logdet(A*x*y'*A) wrt A",
        "diff inv(ones(n,n)*t) wrt t",
    ] {
        refused(&format!("{with}{question}"), "E0410");
    }
    for question in [
        "log(x'*A'*A*x)",
        "(-2)^n",
        "det(-A)",
        "sqrt(-relu(s))",
        "(-relu(s))^(1/2)",
        "grad sqrt(x'*x) wrt x",
        "diff log(-s) wrt s",
        "inv(K)",
        "sqrt(t - t)",
        "grad abs(t)/(x'*A*x) wrt t",
        "log(p - 2*s)",
    ] {
        assert!(codes(&format!("{with}{question}")).is_empty(), "{question}");
    }
}

/// The fixes of a refusal can be put in as they stand.
#[test]
fn bars_behind_a_function_are_replaced_by_a_word_of_its_own() {
    let responses = Session::new().run("A : R^(n×n)\n\\log|A|");
    let Some(Outcome::Error(error)) = responses.last().map(|response| &response.outcome) else { panic!() };
    let fixes: Vec<&str> = error.help.iter().map(|fix| fix.edits[0].text.as_str()).collect();
    assert_eq!(fixes, [" det(A)", " abs(A)"]);
    assert_eq!(codes("A : R^(n×n)\n\\log det(A)"), [""; 0]);
}

#[test]
fn brackets_functions_and_operators() {
    for text in
        ["f(x", "x : R^n\nfrobnicate(x)", "A \\ b", "A ** B", "W : R^", "A = = B", "x ∈ R^{D", "let W matrix(M,D)"]
    {
        assert!(!codes(text).is_empty(), "{text}");
    }
}

#[test]
fn a_failed_definition_is_reported_once_by_what_depends_on_it() {
    let found = codes("x : R^n\nz = x + 1\nh = relu(z)\ngrad h'h wrt x");
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn depth_and_length_are_bounded() {
    assert_eq!(codes(&format!("x : scalar\n{}x{}", "(".repeat(10_000), ")".repeat(10_000))).len(), 1);
    assert_eq!(codes(&format!("x : scalar\n{}x", "x+".repeat(500_000))).len(), 1);
    assert_eq!(codes(&format!("x : scalar\nx{}", "'".repeat(10_000))).len(), 1);
    assert_eq!(codes(&format!("x : scalar\n{}x", "-".repeat(10_000))).len(), 1);
    assert!(!codes(&format!("x : scalar\n{}", "sin ".repeat(10_000))).is_empty());
}

/// What can be nested by what stands before: brackets, signs, functions, commands, keywords.
fn prefixes() -> Vec<String> {
    let fixed = [
        "(", "[", "{", "⟨", "|", "‖", "||", "\\{", "\\left(", "\\lvert ", "\\lVert ", "\\langle ", "\\frac{",
        "\\frac{1}{", "\\sqrt{", "\\hat{", "\\text{", "\\begin{cases} ", "-", "+", "−", "√", "∂", "∇", "∇_x ", "d",
        "d(", "d/dx ", "∂/∂x ", "\\frac{d}{dx} ", "Σ_i ", "sum_i ", "\\sum_{i=1}^n ", "e^", "e^{", "x^", "x^{", "x_",
        "x_{", "x^(", "x.^(", "f(", "1/(", "1/", "x*(", "x .* (", "x ⊗ (", "kron(x, ", "max(0, ", "inner(x, ",
        "entrywise(x, ", "cases(", "prove ", "check ", "steps ", "grad ", "diff ", "hessian ", "simplify ", "latex ",
        "let ", "assume ", "solve ", "size ", "$", "$$", "\\[", "\\(", "%", "?", ":", "=", "x = ", "x : ", "given ",
        "wrt ", "f'(", "σ'(",
    ];
    fixed.iter().map(|text| (*text).to_owned()).collect()
}

const POSTFIXES: &[&str] = &[
    "'", "ᵀ", "⊤", "^T", ".T", "^\\top", "^{\\top}", "^2", "^{2}", "²", "⁻¹", "^-1", "^{-1}", "^<-1>", ".^2",
    "^{\\circ 2}", "_1", "_{1}", "_i", "₁", "′", "^\\prime", "^+", "^\\dagger", "(x)", "(", ")", "]", "}", "⟩", "|",
    "‖", "!", ",", ";", "+x", "-x", "*x", " x", "·x", ".*x", "/x", "./x", "⊗x", "⊙x", " = x", " < x", "^x", ", x",
    " wrt x", " given x", " layout mixed", " kink 0", "\\\\", " & x", " \\in ", " ∈ R", ":",
];

/// Ten thousand of anything ends quickly, with a diagnostic where it nests, and on the stack of a test in a debug build.
#[test]
fn ten_thousand_of_everything() {
    let declared = "x : scalar\nf(y) = y\nσ : elementwise\n";
    for prefix in prefixes() {
        Session::new().run(&format!("{declared}{}x", prefix.repeat(10_000)));
    }
    for postfix in POSTFIXES {
        Session::new().run(&format!("{declared}x{}", postfix.repeat(10_000)));
    }
}

#[test]
fn what_nests_too_deeply_is_refused() {
    let pairs = [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("⟨", ", x⟩"),
        ("\\left(", "\\right)"),
        ("\\lvert ", " \\rvert"),
        ("\\lVert ", " \\rVert"),
        ("\\langle ", ", x \\rangle"),
        ("\\frac{", "}{2}"),
        ("\\frac{1}{", "}"),
        ("\\sqrt{", "}"),
        ("e^{", "}"),
        ("x^{", "}"),
        ("x_{", "}"),
        ("f(", ")"),
        ("d(", ")"),
        ("-", ""),
        ("√", ""),
        ("∇_x ", ""),
        ("d/dx ", ""),
        ("d/dx (", ")"),
        ("sum_i ", ""),
        ("Σ_i (", ")"),
        ("1/(", ")"),
        ("x*(", ")"),
        ("x .* (", ")"),
        ("kron(x, ", ")"),
        ("max(0, ", ")"),
        ("inner(x, ", ")"),
        ("\\begin{cases} ", " & x > 0 \\end{cases}"),
        ("", "'"),
        ("", "^T"),
        ("", "ᵀ"),
        ("", "^2"),
        ("", "²"),
        ("", "^{-1}"),
        ("", ".^2"),
        ("", "_1"),
        ("", "_{1}"),
        ("", "′"),
        ("", "^\\top"),
        ("", "^\\dagger"),
    ];
    let pairs = pairs.iter().map(|(open, close)| ((*open).to_owned(), (*close).to_owned()));
    let functions = gradus::ir::Function::all()
        .flat_map(|f| [(format!("{}(", f.name()), ")".to_owned()), (format!("{} ", f.name()), String::new())]);
    for (open, close) in pairs.chain(functions) {
        let text = format!("x : scalar\nf(y) = y\n{}x{}", open.repeat(10_000), close.repeat(10_000));
        assert!(!codes(&text).is_empty(), "{open}…{close}");
    }
}

#[test]
fn empty_and_binary_text() {
    assert_eq!(Session::new().run("").len(), 0);
    assert_eq!(Session::new().run("\n  \n# nothing\n").len(), 0);
    let binary: String = (0u32..512).filter_map(char::from_u32).collect();
    Session::new().run(&binary);
    Session::new().run("\u{0}\u{0}\u{1}ELF\u{fffd}\u{fffd}");
}

#[test]
fn what_is_not_there_yet_says_so() {
    for text in ["[1 2; 3 4]", "z : complex"] {
        assert_eq!(codes(text).len(), 1, "{text}");
    }
}

/// Deterministic nonsense: prefixes, deletions and swaps of good lines never panic.
#[test]
fn mutilated_lines_do_not_panic() {
    let lines = [
        "prove ∂A⁻¹/∂α = −A⁻¹ (∂A/∂α) A⁻¹ given A⁻¹A = I",
        "ŷ_j = softmax(θ_j) = \\frac{e^{\\theta_j}}{\\sum_j e^{\\theta_j}}",
        "size ∂Y/∂X with N = 64, M = D = 4096, f32",
        "sum(log(exp(-y.*(X*w)) + vector(1)))",
        "\\begin{aligned} z &= Wx \\in \\mathbb{R}^M \\\\ h &= \\text{ReLU}(z) \\end{aligned}",
    ];
    let declared = "α : scalar\nA(α) : R^(m×m) invertible\nx : R^D\nW : R^(M×D)\nX : R^(N×D)\ny : R^N\nw : R^D\n";
    for line in lines {
        let chars: Vec<char> = line.chars().collect();
        for at in 0..chars.len() {
            let prefix: String = chars[..at].iter().collect();
            let without: String = chars.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, c)| c).collect();
            for text in [prefix, without] {
                Session::new().run(&format!("{declared}{text}"));
            }
        }
    }
}

/// What has no rule is never taken for constant, wherever it stands: the question is refused.
#[test]
fn unknown_is_never_zero() {
    let declared = "A, B : R^(n×n)\nx : R^n\nE = expm(A)\nP = adj(A)\n";
    for of in [
        "tr(expm(A))",
        "x'expm(A)x",
        "tr(B expm(A) B)",
        "tr(A) + tr(expm(A))",
        "sum(B .* expm(2A))",
        "tr(E E)",
        "tr(A E)",
        "exp(tr(E))",
        "sum(pinv(A))",
        "normF(pinv(A) B)^2",
        "tr(logm(A))",
        "det(expm(A) + B)",
        "norm2(E x)",
    ] {
        let question = format!("{declared}grad {of} wrt A");
        assert_eq!(codes(&question), ["E0408"], "{of}");
    }
    // The rule for the adjugate needs an inverse, of which nothing is known.
    for of in ["tr(adj(A))", "tr(P)", "x'P x"] {
        assert_eq!(codes(&format!("{declared}grad {of} wrt A")), ["E0401"], "{of}");
    }
}

/// Scalars beside vectors in one question.
#[test]
fn gradients_by_a_scalar_and_a_vector() {
    assert!(codes("w, x : R^n\nb : scalar\ngrad sigmoid(w'x + b) wrt w, b").is_empty());
}

/// A claim that holds under its hypotheses is not called false for want of them.
#[test]
fn hypotheses_count_when_a_claim_is_tested() {
    assert_eq!(codes("A : R^(n×n)\nB : R^(n×n)\nprove A*B*A = A*A*B given A*B = B*A"), [] as [&str; 0]);
    assert_eq!(codes("A : R^(n×n)\nB : R^(n×n)\nprove A*B = B*A"), ["E0501"]);
}
