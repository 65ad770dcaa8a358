//! Every function of the catalogue and every operator with every kind of operand: what has no shape is refused, with
//! the shapes that were found.

use gradus::ir::{Context, Function, Op, SymbolKind, Term};
use gradus::session::{Outcome, Session};
use gradus::shape::Shape;

/// A name of each kind of shape, with its declaration and how the shape is spoken of in messages.
const OPERANDS: &[(&str, &str, &str, &str)] = &[
    ("s", "scalar", "", ""),
    ("v", "R^n", "n", "1"),
    ("w", "R^m", "m", "1"),
    ("r", "R^(1×n)", "1", "n"),
    ("A", "R^(n×n)", "n", "n"),
    ("B", "R^(m×n)", "m", "n"),
    ("C", "R^(p×q)", "p", "q"),
];

fn declarations() -> String {
    OPERANDS.iter().map(|(name, shape, ..)| format!("{name} : {shape}\n")).collect()
}

/// The names as terms, in the order of the table.
fn terms(context: &mut Context) -> Vec<Term> {
    let declare = |(name, _, rows, cols): &(&str, &str, &str, &str)| {
        let mut dim = |text: &str| if text == "1" { gradus::shape::Dim::one() } else { context.dim(text) };
        let shape = if rows.is_empty() { Shape::Scalar } else { Shape::matrix(dim(rows), dim(cols)) };
        let symbol = context.declare(name, shape, SymbolKind::Variable);
        context.terms.symbol(symbol)
    };
    OPERANDS.iter().map(declare).collect()
}

/// Does a message speak of this shape?
fn names(message: &str, (_, _, rows, cols): &(&str, &str, &str, &str)) -> bool {
    let vector = [format!("length {rows}"), format!("shape {rows}\n"), format!("shape {rows} "), format!("{rows}×1")];
    match (*rows, *cols) {
        ("", _) => message.contains("scalar") || message.contains("number"),
        (_, "1") => vector.iter().any(|text| message.contains(text)),
        _ => message.contains(&format!("{rows}×{cols}")),
    }
}

/// The message for a question below the declarations; `None` if it is answered.
fn message(question: &str) -> Option<(String, String)> {
    let mut session = Session::new();
    let source = format!("{}{question}\n", declarations());
    let responses = session.run(&source);
    match &responses.last().unwrap().outcome {
        Outcome::Error(error) => {
            let words = [error.title.clone()].into_iter().chain(error.labels.iter().map(|label| label.text.clone()));
            let words: Vec<String> = words.chain(error.notes.iter().cloned()).map(|text| text + "\n").collect();
            Some((error.code.to_owned(), words.concat()))
        }
        _ => None,
    }
}

/// Asks `question` and compares the outcome with whether it has a shape.
fn expect(question: &str, has_shape: bool, operands: &[&(&str, &str, &str, &str)], wrong: &mut Vec<String>) {
    match message(question) {
        None if has_shape => {}
        None => wrong.push(format!("{question} is answered")),
        Some((code, text)) if has_shape => {
            // Readings of another spelling and what is not there yet are refused for other reasons.
            if code.starts_with("E02") {
                wrong.push(format!("{question} has a shape: {code} {text}"));
            }
        }
        Some((code, text)) => {
            // A whole exponent is what a matrix power needs, and no shape.
            let about_shapes = code.starts_with("E02") || code.starts_with("E03");
            if code == "E0901" && text.contains("whole number") {
                return;
            }
            if !about_shapes || !operands.iter().all(|operand| names(&text, operand)) {
                wrong.push(format!("{question}: {code} {text}"));
            }
        }
    }
}

#[test]
fn functions_refuse_other_shapes() {
    let mut context = Context::new();
    let operands = terms(&mut context);
    let mut wrong = Vec::new();
    for function in Function::all() {
        for (operand, &term) in OPERANDS.iter().zip(&operands) {
            let has_shape = context.terms.raw(Op::Call(function), &[term]).is_ok();
            expect(&format!("{}({})", function.name(), operand.0), has_shape, &[operand], &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn operators_refuse_other_shapes() {
    let mut context = Context::new();
    let operands = terms(&mut context);
    let operators: &[(&str, Op)] = &[
        ("{} + {}", Op::Sum),
        ("{} - {}", Op::Sum),
        ("{} .* {}", Op::Hadamard),
        ("{} ./ {}", Op::Quotient),
        ("{} * {}", Op::Product),
        ("inner({}, {})", Op::Inner),
        ("kron({}, {})", Op::Kronecker),
        ("max({}, {})", Op::Max),
        ("entrywise({}, {})", Op::EntrywisePartial),
        ("{}^{}", Op::Power),
        ("{}.^{}", Op::ElementPower),
    ];
    let mut wrong = Vec::new();
    for (template, op) in operators {
        for (a, &left) in OPERANDS.iter().zip(&operands) {
            for (b, &right) in OPERANDS.iter().zip(&operands) {
                // As in MATLAB, a scalar goes with every entry.
                let scalar = matches!(op, Op::Hadamard | Op::Quotient) && (a.2.is_empty() || b.2.is_empty());
                let has_shape = scalar || context.terms.raw(op.clone(), &[left, right]).is_ok();
                let question = template.replacen("{}", a.0, 1).replacen("{}", b.0, 1);
                // The base of a power has nothing to do with what is wrong with its exponent.
                let power = matches!(op, Op::Power | Op::ElementPower);
                let about: &[_] = if power && !b.2.is_empty() {
                    &[b]
                } else if power {
                    &[a]
                } else {
                    &[a, b]
                };
                expect(&question, has_shape, about, &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn one_operand_and_equations() {
    let mut context = Context::new();
    let operands = terms(&mut context);
    let mut wrong = Vec::new();
    for (operand, &term) in OPERANDS.iter().zip(&operands) {
        let name = operand.0;
        let inverse = context.terms.shape(term).is_scalar() || context.terms.raw(Op::Inverse, &[term]).is_ok();
        expect(&format!("inv({name})"), inverse, &[operand], &mut wrong);
        expect(&format!("{name}^-1"), inverse, &[operand], &mut wrong);
        for (other, &right) in OPERANDS.iter().zip(&operands) {
            let same = context.terms.shape(term) == context.terms.shape(right);
            if !same {
                expect(&format!("prove {name} = {}", other.0), false, &[operand, other], &mut wrong);
                expect(&format!("z = {name} = {}", other.0), false, &[operand, other], &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
