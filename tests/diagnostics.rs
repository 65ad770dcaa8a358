//! How errors read: each message beside the input that it is about, as a snapshot.

mod common;

use common::run;
use gradus::diag::Style;
use gradus::session::{Outcome as SessionOutcome, Session};

/// The messages for inputs, one after the other.
fn messages(inputs: &[&str]) -> String {
    inputs.iter().map(|input| run(input).error() + "\n").collect()
}

macro_rules! snapshot {
    ($name:expr, $value:expr) => {
        insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!($name, $value);
        });
    };
}

#[test]
fn the_messages_of_the_design() {
    snapshot!(
        "errors_design",
        messages(&[
            "W : R^(M×D)\nx : R^D\nz = Wx + W\n",
            "W : R^(M×D)\nU : R^(C×M)\nx : R^D\nWUx\n",
            "W : R^(M×D)\nx : R^D\nz = Wh\n",
            "A, B, AB : R^(n×n)\nABA\n",
            "A : R^(m×n)\nA^<-1>A = I\n",
            "A \\ b\n",
            "a/2b\n",
        ])
    );
}

#[test]
fn equations_that_define() {
    let with = "A : R^(n×n); b : R^n; v : R^m\n";
    let all = [
        "x where A x = b + v\n",
        "x where A b = b\n",
        "x where b'x = 1\n",
        "x : R^n where b'x = 1\n",
        "x : R^m where A x = b\n",
        "x : R^n symmetric where A x = b\n",
        "x where A x = c\n",
        "x where A x\n",
        "x where A x = b = v\n",
        "x : R^n; f = b'x\nx where A x = b\n",
        "b'x where A b = v\n",
        "b'x where A x = y\n",
    ];
    let inputs: Vec<String> = all.iter().map(|input| format!("{with}{input}")).collect();
    snapshot!("errors_implicit", messages(&inputs.iter().map(String::as_str).collect::<Vec<_>>()));
}

#[test]
fn names() {
    snapshot!(
        "errors_names",
        messages(&[
            "x : R^n\nsofmax(x)",
            "x : R^n\nfoo(x)",
            "W : R^(M×D)\ntheta : R^C\nW teta",
            "α : scalar\nx, dx : R^n\ndx/dα",
            "J, W, dJ, dW : scalar\ndJ/dW",
            "y : R^n\nn : scalar\ny*n",
            "z = W x\nz + 1\nh = 2z",
            "y : R^n\nsum_n y_n",
            "y : R^n\nk : scalar\ny_k",
            "A(β) : R^(n×n)",
            "%3",
            "softmax",
            "A : R^(n×n)\nT : scalar\nA^T",
        ])
    );
}

#[test]
fn shapes() {
    snapshot!(
        "errors_shapes",
        messages(&[
            "A : R^(n×n)\nA + 1",
            "A : R^(m×n)\n2 - A",
            "x : R^n\nx + 1",
            "A, B : R^(m×n)\nA*B",
            "x, y : R^n\nx y",
            "A, B : R^(n×n)\nA/B",
            "A : R^(n×n)\n1/A",
            "X : R^(N×D); W : R^(D×M); b : R^M\nX W + b",
            "x : R^n\nx^2",
            "A : R^(m×n)\nA^2",
            "A : R^(m×n)\ntr(A)",
            "A : R^(m×n)\ndet(A)",
            "A : R^(m×n)\nnorm2(A)",
            "A : R^(m×n)\n‖A‖",
            "A : R^(n×n)\n|A|",
            "A : R^(m×n)\nsoftmax(A)",
            "x : R^n; y : R^m\nx .* y",
            "A : R^(m×n) symmetric",
            "W : R^(M×D); x : R^D\nz = W x ∈ R^D",
            "x : R^n\nx = 2",
            "A : R^(m×n); B : R^(n×m)\nprove A = B",
            "x, y : R^n; A : R^(n×n); B : R^(m×n)\nB x'y",
            "A : R^(n×n)\nI'I",
            "x : R^n\ntr(x)",
        ])
    );
}

#[test]
fn readings() {
    snapshot!(
        "errors_readings",
        messages(&[
            "Y : R^(n×n)\ntanh(Y)^2",
            "Y : R^(n×n)\nS = sigmoid(Y)\nS(1 - S)",
            "A, B, C : R^(n×n)\nA*B .* C",
            "A, B : R^(n×n)\ntr A B",
            "x, a, b : scalar\nx/a b",
            "A : R^(n×n)\nα : scalar\nd/dα A A",
            "x : scalar\nsin^-1(x)",
            "A : R^(n×n); x : R^n\nA x = x",
            "x : R^n\ngrad x'x wrt x'",
            "x : R^n\ngrad x'x wrt 2x",
            "[1 2; 3 4]",
            "z : C^n",
            "A^{(i)} : R^(N×D), i = 1..K",
            "X : R^(N×D); w : R^D\nsum_i w'x_i",
            "X : R^(N×D)\nX_3",
            "X : R^(N×D); w : R^N\nsum_j w'X_j",
            "X : R^(N×D) with rows x_i\nx : R^D",
            "X : R^(N×D)\nx_i : R^D, i = 1..N",
            "x_i : R^D, j = 1..N",
            "x^{(i)} : R^D, i = 1..N\nx",
            "y : R^N with rows x_i",
            "f(x) = f(x)\na : scalar\nf(a)",
        ])
    );
}

#[test]
fn equations_rules_and_letters() {
    let names = "A, B, X : R^(n×n); W : R^(m×n); x, b : R^n; z : R^m; t : scalar\n";
    let scripts = [
        "solve A*X*X = B for X",
        "solve W*x = z for x",
        "solve A*X - X*A = B for X",
        "solve A*b = b for x",
        "solve A*x = b, B*x = b for x",
        "J = t + 1\nsolve J = 0 for J",
        "expand (t + 1)^5\nprove A invertible",
        "prove A + B symmetric",
        "assume x != b",
        "h(v) = v + v = 2 v",
        "rule swap: A*B => B*A",
        "rule root: sqrt(t^2) => t",
        "rule cyclic: tr(A*B) => tr(B*A)",
        "rule d-inv: A => A",
        "rule mine: A => A\n    class differential",
        ":letters matrixcalculus\nv*P",
        ":letters matrixcalculus\nPv",
    ];
    let all: String = scripts.iter().map(|script| printed(&format!("{names}{script}")) + "\n").collect();
    snapshot!("errors_solving", all);
}

/// Every code in the sources stands in the catalogue, and every code of the catalogue in the sources.
#[test]
fn every_code_is_in_the_catalogue() {
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut used = std::collections::BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for found in text.split('"').filter(|part| part.len() == 5 && part.starts_with(['E', 'N'])) {
                let code = found[1..].chars().all(|c| c.is_ascii_digit());
                assert!(!code || gradus::diag::codes::meaning(found).is_some(), "{found} in {}", path.display());
                used.extend(code.then(|| found.to_owned()).filter(|_| !path.ends_with("diag/codes.rs")));
            }
        }
    }
    let unused: Vec<&str> =
        gradus::diag::codes::ALL.iter().map(|(code, _)| *code).filter(|c| !used.contains(*c)).collect();
    // Codes are permanent; nothing gives this one yet.
    assert_eq!(unused, ["E0503"]);
}

/// What a session prints for a script: every message with its place, note and fix.
fn printed(script: &str) -> String {
    let mut session = Session::new();
    let responses = session.run(script);
    let errors = responses.iter().filter_map(|response| match &response.outcome {
        SessionOutcome::Error(error) => Some(error.render("input", session.source(), Style::Plain)),
        _ => None,
    });
    errors.collect()
}

/// The examples of how errors should read, through a session, byte for byte.
#[test]
fn the_examples_read_as_written() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/inputs/errors.txt")).unwrap();
    let mut seen = 0;
    for example in text.split("\n=====\n") {
        let (input, expected) = example.trim_matches('\n').split_once("\n-----\n").expect("input and message");
        assert_eq!(printed(input).trim_end(), expected.trim_end(), "{input}");
        seen += 1;
    }
    assert!(seen >= 8);
}

/// What students, users of MATLAB, NumPy and Julia, and people with a paper before them type.
const OTHER_LANGUAGES: &[&str] = &[
    "x : R^n\nnorm_inf(x)",
    "x : R^n\nnorm(x, 3)",
    "A : R^(n×n); b : R^n\nx = A\\b",
    "x : R^n\nf = x'x\ngrad(f, x)",
    "x : scalar\nf = x^2\ndiff(f, x, x)",
    "x : R^n\nf = x'x\ngrad f",
    "A : R^(n×n)\nrank(A)",
    "A : R^(n×n)\neig(A)",
    "A : R^(n×n)\n\\lambda_{\\max}(A)",
    "A : R^(n×n)\nsvd(A)",
    "A : R^(n×n)\nTr(A)",
    "A : R^(n×n)\ninverse(A)",
    "x, y : R^n\ndot(x, y)",
    "x : R^n\nlog_2(x)",
    "x : R^n\nlog10(x)",
    "x : R^n\nargmax(x)",
    "log(-1)",
    "x : scalar\nsqrt(-2)*x",
    "x : scalar\nx/0",
    "c = log(-1)\nc + 1",
    "x : R^n\nE = x'x\nd(d(E))",
    "A : R^(n×n)\nA[0]",
    "A : R^(n×n)\nA(1,2)",
    "x : R^n\nx(1)",
    "x : R^n\nx[i]",
    "A : R^(n×n)\nA(:,1)",
    "x : scalar\nf = x^2\ndiff f(x) wrt x",
    "x : scalar\nf = x^2\nf'(x)",
    "x : R^n\nf = x'x\nf'",
    "f(x) = x^2\ndf/dx",
    "x : scalar\nf = x^2\nd2f/dx2",
    "A : R^(n×n)\nnp.linalg.inv(A)",
    "A : R^(n×n)\nA.dot(A)",
    "A : R^(m×n)\nnorm(A, 'fro')",
    "A : R^(m×n)\nnorm(A, \"fro\")",
    "x : R^n\n\\|x\\|_\\infty",
    "A : R^(m×n)\n\\|A\\|_*",
    "\\int x dx",
    "x : scalar\nx && 2",
    "1.2.3",
    "x : scalar\nsin(2 pi x)",
    "x, y : R^3\nx \\times y",
    "A : matrix",
    "A : symmetric",
    "A : Rn",
    "x : R^n\ndifferentiate x'x wrt x",
    "x : R^n\nhessian x wrt x",
    "x : R^n\n<x, x>",
    "import numpy as np",
];

#[test]
fn other_languages() {
    snapshot!("errors_other_languages", OTHER_LANGUAGES.iter().map(|input| printed(input) + "\n").collect::<String>());
}

/// What was refused once with a fix that does not work, or with words that nobody understands.
const UNCLEAR: &[&str] = &[
    ":letters matrixcalculus\nsimplify kron(I,B)+kron(I,B)",
    "B : R^(n×n); C : R^(m×m)\nsimplify kron(I,B)+kron(I,C)",
    ":letters matrixcalculus\ndiff sin(Ax+b) wrt x",
    ":letters matrixcalculus\ndiff ABx wrt x",
    "x : R^n\ngrad prod_i x_i wrt x",
    "x : R^n\ngrad max_n x_n wrt x",
    "x : R^n\ngrad min_i x_i wrt x",
    "x : R^n; A : R^(m×n); b : R^m\nf = norm2(A*x-b)^2\nsolve grad f wrt x = 0 for x",
    "x : R^n; t : scalar\nsolve t*3*x = grad norm2(x)^2 wrt x for x",
    "X : R^(n×n)\nM(X) : R^(n×n)\ngrad tr(M) wrt X",
];

#[test]
fn unclear_messages() {
    snapshot!("errors_unclear", UNCLEAR.iter().map(|input| printed(input) + "\n").collect::<String>());
}

/// A fix can be applied as it stands: what it leaves has not the same error at the same place.
#[test]
fn fixes_of_other_languages_can_be_applied() {
    let first = |input: &str| {
        Session::new().run(input).into_iter().find_map(|response| match response.outcome {
            SessionOutcome::Error(error) => Some(error),
            _ => None,
        })
    };
    for input in OTHER_LANGUAGES.iter().chain(UNCLEAR) {
        let error = first(input).unwrap_or_else(|| panic!("{input} is answered"));
        for fix in &error.help {
            let fixed = fix.apply(&format!("{input}\n")).unwrap_or_else(|| panic!("{input}: {fix:?}"));
            let later = first(&fixed);
            assert!(
                later.as_ref().is_none_or(|l| l.code != error.code || l.title != error.title),
                "{input}\n{fixed}\n{later:?}"
            );
        }
    }
}

/// Applying a fix of a shape or a reading leaves an input without that error.
#[test]
fn fixes_can_be_applied() {
    for input in [
        "A : R^(n×n)\nA + 1",
        "A, B : R^(m×n)\nA*B",
        "x, y : R^n\nx y",
        "A, B : R^(n×n)\nA/B",
        "X : R^(N×D); W : R^(D×M); b : R^M\nX W + b",
        "x : R^n\nx^2",
        "A : R^(m×n)\nA^2",
        "A : R^(m×n)\nnorm2(A)",
        "A : R^(n×n)\n|A|",
        "Y : R^(n×n)\ntanh(Y)^2",
        "Y : R^(n×n)\nS = sigmoid(Y)\nS(1 - S)",
        "A, B, C : R^(n×n)\nA*B .* C",
        "A, B : R^(n×n)\ntr A B",
        "x, a, b : scalar\nx/a b",
        "x, y : R^n; B : R^(m×n); A : R^(n×n)\nA x'y",
        "A : R^(m×n)\nA^<-1>A",
        "A, B, AB : R^(n×n)\nABA",
        "W : R^(M×D)\nx : R^D\nz = Wh\n",
        "A : R^(n×n)\nα : scalar\nd/dα A A",
        "A : R^(n×n)\nT : scalar\nA^T",
    ] {
        let outcome = run(input);
        let d = outcome.lines.iter().find_map(|l| l.as_ref().err()).unwrap_or_else(|| panic!("{input}"));
        assert!(!d.help.is_empty(), "{input}");
        for fix in &d.help {
            let fixed = fix.apply(input).unwrap();
            let again = run(&fixed);
            let later = again.lines.iter().find_map(|l| l.as_ref().err());
            let matrix_power_of_t = fixed.contains("^(T)");
            assert!(later.is_none() || matrix_power_of_t, "{input}\n{fixed}\n{}", again.error());
        }
    }
}
