//! Names for parts of answers: products in which many factors vary, and parts that are written more than once.
//!
//! Every answer here passed its check, which evaluates it with its names: an answer that does not is no answer.

use gradus::print::{Spelling, measure, term};
use gradus::session::answer::Answer;
use gradus::session::{Outcome, Session};

/// The answers to the last statement.
fn answers(source: &str) -> (Session, Vec<Answer>) {
    let mut session = Session::new();
    let outcome = session.run(source).pop().map(|response| response.outcome);
    match outcome {
        Some(Outcome::Answers(answers)) => (session, answers),
        other => panic!("no answer: {other:?}"),
    }
}

/// An answer and its names, a line each.
fn lines(session: &Session, answer: &Answer) -> Vec<String> {
    let context = session.context();
    let named = answer.names.iter().map(|&(symbol, body)| (context.name(symbol).to_owned(), body));
    let show = |body| term(context, body, Spelling::Ascii);
    std::iter::once(show(answer.value)).chain(named.map(|(name, body)| format!("{name} = {}", show(body)))).collect()
}

fn shown(source: &str) -> Vec<String> {
    let (session, answers) = answers(source);
    answers.iter().flat_map(|answer| lines(&session, answer)).collect()
}

/// The words of an answer with its names.
fn size(source: &str) -> usize {
    let (session, answers) = answers(source);
    let terms = answers.iter().flat_map(|answer| [answer.value].into_iter().chain(answer.names.iter().map(|n| n.1)));
    terms.map(|term| measure(session.context(), term).size).sum()
}

fn names(stem: &str, n: usize) -> String {
    (1..=n).map(|k| format!("{stem}_{k}")).collect::<Vec<_>>().join(", ")
}

fn joined(n: usize, between: &str, part: impl Fn(usize) -> String) -> String {
    (1..=n).map(part).collect::<Vec<_>>().join(between)
}

fn trace(n: usize) -> String {
    let product = joined(n, " ", |k| format!("X A_{k}"));
    format!("X, {} : R^(n×n)\ngrad tr({product}) wrt X", names("A", n))
}

fn factors(n: usize) -> String {
    format!("x, {} : R^n\ngrad {} wrt x", names("a", n), joined(n, "*", |k| format!("(a_{k}'x)")))
}

#[test]
fn the_gradient_of_a_long_trace_is_written_with_the_products_before_and_behind_each_factor() {
    let expected = [
        "(A_1 * X * S_2 + A_8 * P_7 * X * A_7 + S_7 * P_7 + S_6 * P_6 + S_5 * P_5 + S_4 * P_4 + S_3 * P_3 + S_2 * X * A_1)'",
        "P_3 = X * A_1 * X * A_2",
        "P_4 = P_3 * X * A_3",
        "P_5 = P_4 * X * A_4",
        "P_6 = P_5 * X * A_5",
        "P_7 = P_6 * X * A_6",
        "S_7 = A_7 * X * A_8",
        "S_6 = A_6 * X * S_7",
        "S_5 = A_5 * X * S_6",
        "S_4 = A_4 * X * S_5",
        "S_3 = A_3 * X * S_4",
        "S_2 = A_2 * X * S_3",
    ];
    assert_eq!(shown(&trace(8)), expected);
}

#[test]
fn answers_to_long_products_grow_as_the_products_do() {
    for question in [trace, factors] {
        let (small, large) = (size(&question(24)), size(&question(96)));
        assert!(large <= 4 * small + 60, "{small} words, then {large}");
    }
}

#[test]
fn short_products_are_written_out() {
    assert_eq!(shown(&trace(3)), ["(A_1 * X * A_2 * X * A_3 + A_2 * X * A_3 * X * A_1 + A_3 * X * A_1 * X * A_2)'"]);
    assert_eq!(shown(&factors(2)), ["(a_1' * x) * a_2 + (a_2' * x) * a_1"]);
}

#[test]
fn equal_arcs_of_a_trace_are_counted_and_not_named() {
    let source = format!("X, A : R^(n×n)\ngrad tr({}) wrt X", joined(12, " ", |_| "X A".into()));
    let found = shown(&source);
    assert!(found.len() == 1 && found[0].starts_with("12 * "), "{found:?}");
    assert_eq!(shown("A : R^(n×n)\ngrad tr(A^30) wrt A"), ["30 * (A^29)'"]);
}

/// Nothing is divided by: at x = 0 the product of the others is 0 and not 0/0.
#[test]
fn no_factor_is_divided_by() {
    let (session, answers) = answers(&factors(12));
    assert!(lines(&session, &answers[0]).iter().all(|line| !line.contains('/') && !line.contains("^-1")));
}

#[test]
fn letters_of_the_user_are_left_alone() {
    let source = trace(8).replacen("X,", "P, S1, X,", 1);
    let found = shown(&source);
    assert!(found[1].starts_with("L_3 = "), "{found:?}");
    let taken = "P, L_1, Φ, Γ : scalar\n".to_owned() + &trace(8);
    assert!(shown(&taken)[1].starts_with("P_"), "numbers are free where no letter is");
}

#[test]
fn long_products_of_every_kind_have_names() {
    let vectors = format!("x, {} : R^n", names("a", 9));
    let entrywise = format!("{vectors}\ngrad sum({}) wrt x", joined(9, " .* ", |k| format!("(a_{k} + x)")));
    let matrices = format!("X, {} : R^(n×n)\nu, v : R^n", names("A", 9));
    let product = joined(9, " ", |k| format!("X A_{k}"));
    let bilinear = format!("{matrices}\ngrad u' {product} v wrt X");
    let jacobian = format!("{matrices}\njacobian {product} v wrt X");
    let scalar = format!(
        "t : scalar\n{}, B : R^(n×n)\ndiff {} wrt t",
        names("A", 9),
        joined(9, " ", |k| format!("(A_{k} + t B)"))
    );
    let number =
        format!("x, {} : R^n\nc : scalar\ngrad 3*c*{} wrt x", names("a", 9), joined(9, "*", |k| format!("(a_{k}'x)")));
    for source in [entrywise, bilinear, jacobian, scalar, number] {
        let (_, answers) = answers(&source);
        assert!(!answers[0].names.is_empty(), "{source}");
    }
}

/// The product of a definition: its derivative has a δ of its own, and the names of its parts stand beside it.
#[test]
fn a_long_product_below_a_definition() {
    let source = format!(
        "X, {} : R^(n×n)\nY = {}\nJ = tr(Y Y')\ngrad J wrt X",
        names("A", 9),
        joined(9, " ", |k| format!("X A_{k}"))
    );
    let (session, answers) = answers(&source);
    let context = session.context();
    let introduced: Vec<&str> = answers[0].names.iter().map(|&(symbol, _)| context.name(symbol)).collect();
    assert!(introduced.contains(&"P_4") && introduced.contains(&"S_4"), "{introduced:?}");
}

#[test]
fn parts_of_a_long_answer_that_are_repeated_get_names() {
    let source = "V : R^(p×m); W : R^(m×n); x : R^n; b : R^m; y : R^p\nhessian norm2(V tanh(W x + b) - y)^2 wrt x";
    let expected = [
        "2 * W' * (diag(t_2) * V' * V * diag(t_2) - 2 * diag((V' * (V * t_1 - y)) .* t_1 .* t_2)) * W",
        "t_1 = tanh(W * x + b)",
        "t_2 = ones(m, 1) - t_1 .* t_1",
    ];
    assert_eq!(shown(source), expected);
}

/// Written as one formula, a network is answered as by backpropagation, and each answer lists its own names only.
#[test]
fn a_nested_formula_is_answered_as_a_network() {
    let source = "W1, W2, W3 : R^(n×n); x : R^n\ngrad norm2(tanh(W3 tanh(W2 tanh(W1 x))))^2 wrt W1, W2, W3";
    let (session, answers) = answers(source);
    let of = |at: usize| lines(&session, &answers[at]);
    assert_eq!(of(2)[0], "2 * (t_3 - t_3.^3) * t_2'");
    assert_eq!(of(2).len(), 4, "{:?}", of(2));
    assert_eq!(of(0)[0], "2 * ((W2' * t_4) .* (ones(n, 1) - t_1 .* t_1)) * x'");
    assert_eq!(of(0).len(), 5, "{:?}", of(0));
}

#[test]
fn repeated_parts_of_short_answers_stay() {
    let logistic = "X : R^(n×m); w : R^m; y : R^n\nhessian sum(log(1 + exp(X w))) - y'X w wrt w";
    assert_eq!(shown(logistic), ["X' * diag(sigmoid(X * w) .* (ones(n, 1) - sigmoid(X * w))) * X"]);
}

#[test]
fn new_names_for_parts_do_not_clash() {
    let source = "V : R^(p×m); W : R^(m×n); t : R^n; b : R^m; y : R^p\nhessian norm2(V tanh(W t + b) - y)^2 wrt t";
    assert!(shown(source)[1].starts_with("q_1 = tanh("));
}

/// All gradients of a deep network with relu are checked together, exactly, by random signs.
#[test]
fn a_deep_network_with_relu_is_checked_exactly() {
    let layers = joined(12, "\n", |l| format!("W_{l} : R^(n×n)\nh_{l} = relu(W_{l} h_{})", l - 1));
    let source = format!("h_0 : R^n\n{layers}\nJ = h_12'h_12\ngrad J wrt {}", names("W", 12));
    let (_, answers) = answers(&source);
    for answer in answers {
        let checked = answer.checked.unwrap();
        assert_eq!(checked.method, gradus::verify::Method::RandomSigns);
        assert!(checked.one_sided.is_empty() && !checked.zero, "{checked:?}");
    }
}

/// `%1` is what the answer says, also where the next answer introduces the same names for something else.
#[test]
fn an_earlier_result_is_written_out_in_a_new_question() {
    let source = "W : R^(m×n); U : R^(k×m); x : R^n; b : R^m\nz = W x + b\nh = tanh(z)\nJ = norm2(U h)^2\n\
                  grad J wrt W, x, b\ngrad norm2(%2)^2 wrt U";
    let (session, answers) = answers(source);
    let context = session.context();
    for &(symbol, body) in &answers[0].names {
        let own = context.name(symbol);
        let inside = context.symbols_in(body);
        assert!(inside.iter().all(|&other| context.name(other) != own), "{own} stands in its own body");
    }
}
