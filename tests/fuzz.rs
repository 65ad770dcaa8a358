//! Random well-shaped expressions, differentiated by both cores, and mutilated text.
//!
//! An expression is asked about as text. The session derives with matrices and checks the answer by evaluation; here
//! the same derivative is found in index form and checked in the same way, so that the two cores agree, whatever
//! each looks like. `GRADUS_FUZZ=20000 cargo test --release --test fuzz -- --nocapture` asks more questions.

use gradus::facts::Facts;
use gradus::index::{self, IndexForm, Workspace};
use gradus::ir::{Context, Function, Index, Op, Signature, Term, normal::Normal};
use gradus::rules::{Kink, RuleSet};
use gradus::session::{Answer, Outcome, Session};
use gradus::verify::{Check, Options, Question, Verdict};
use std::collections::BTreeMap;

/// How many expressions are tried, unless the environment says otherwise.
fn cases(usual: u64) -> u64 {
    std::env::var("GRADUS_FUZZ").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

/// A stream of choices.
struct Choices(u64);

impl Choices {
    fn new(seed: u64) -> Self {
        Choices(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Less than `n`.
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

/// The shape of an expression, by the names of its dimensions; `"1"` is one.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Scalar,
    Matrix(&'static str, &'static str),
}

use Kind::{Matrix, Scalar};

const DECLARED: &str = "x, y : R^n\nu, v : R^m\na, t : scalar\nA, F : R^(n×n)\nB : R^(m×n)\nC : R^(n×m)\n\
                        S : R^(m×m) symmetric\nsigma : elementwise\n";

/// The declared names of a shape.
fn names(kind: Kind) -> &'static [&'static str] {
    match kind {
        Scalar => &["a", "t"],
        Matrix("n", "1") => &["x", "y"],
        Matrix("m", "1") => &["u", "v"],
        Matrix("n", "n") => &["A", "F"],
        Matrix("m", "n") => &["B"],
        Matrix("n", "m") => &["C"],
        Matrix("m", "m") => &["S"],
        _ => &[],
    }
}

/// A well-shaped expression of this shape, as text with all its brackets.
fn expression(c: &mut Choices, kind: Kind, depth: usize) -> String {
    if depth == 0 || c.below(8) == 0 {
        return leaf(c, kind);
    }
    let below = depth - 1;
    match (c.below(11), kind) {
        (0, _) => format!("({} + {})", expression(c, kind, below), expression(c, kind, below)),
        (1, _) => format!("({} - {})", expression(c, kind, below), expression(c, kind, below)),
        (2, _) => format!("(({})*{})", expression(c, Scalar, below), expression(c, kind, below)),
        (3, _) => entry_by_entry(c, kind, below),
        (4, Scalar) => format!("({})/(2 + ({})^2)", expression(c, Scalar, below), expression(c, Scalar, below)),
        (4, _) => format!("(({}) .* ({}))", expression(c, kind, below), expression(c, kind, below)),
        (5, Scalar) => format!("({})^{}", expression(c, Scalar, below), c.of(&["2", "3"])),
        (5, _) => format!("(({}).^{})", expression(c, kind, below), c.of(&["2", "3", "(-1)"])),
        (_, Scalar) => scalar(c, below),
        (_, Matrix(rows, cols)) => matrix(c, rows, cols, below),
    }
}

fn leaf(c: &mut Choices, kind: Kind) -> String {
    match (names(kind), kind) {
        ([], Matrix("1", n)) => format!("{}'", leaf(c, Matrix(n, "1"))),
        (names, Scalar) if c.below(4) > 0 => c.of(names).to_owned(),
        (_, Scalar) => c.of(&["2", "3", "(1/2)", "(-1)"]).to_owned(),
        (names, Matrix(rows, cols)) => match c.below(12) {
            0 => format!("ones({rows}, {cols})"),
            1 if rows == cols => format!("eye({rows})"),
            _ => c.of(names).to_owned(),
        },
    }
}

fn entry_by_entry(c: &mut Choices, kind: Kind, depth: usize) -> String {
    let functions: Vec<Function> = Function::all().filter(|f| f.is_entrywise()).collect();
    let inner = expression(c, kind, depth);
    match c.below(functions.len() + 2) {
        0 => format!("sigma({inner})"),
        1 => format!("max(0, {inner})"),
        at => {
            let name = functions[at - 2].name();
            match functions[at - 2] {
                // So that there are points where these have a value.
                Function::Log | Function::Sqrt => format!("{name}(exp({inner}))"),
                Function::Arcsin | Function::Arccos => format!("{name}(sigmoid({inner}))"),
                _ => format!("{name}({inner})"),
            }
        }
    }
}

/// The functions of the catalogue with this signature.
fn functions(signature: Signature) -> Vec<&'static str> {
    Function::all().filter(|f| f.signature() == signature).map(Function::name).collect()
}

fn scalar(c: &mut Choices, depth: usize) -> String {
    let d = c.of(&["n", "m"]);
    let e = c.of(&["n", "m"]);
    let (vector, square, any) = (Matrix(d, "1"), Matrix(d, d), Matrix(d, e));
    match c.below(6) {
        0 => format!("(({})'*({}))", expression(c, vector, depth), expression(c, vector, depth)),
        1 => format!("inner({}, {})", expression(c, any, depth), expression(c, any, depth)),
        2 => format!("{}({})", c.of(&functions(Signature::VectorToScalar)), expression(c, vector, depth)),
        3 => format!("{}({})", c.of(&functions(Signature::SquareToScalar)), expression(c, square, depth)),
        4 => format!("{}({})", c.of(&functions(Signature::MatrixToScalar)), expression(c, any, depth)),
        _ => {
            let (p, q) = (c.of(names(vector)), c.of(names(vector)));
            format!("(sum_{{i=1}}^{d} ({p}_i*{}({q}_i)))", c.of(&["exp", "sin", "tanh"]))
        }
    }
}

fn matrix(c: &mut Choices, rows: &'static str, cols: &'static str, depth: usize) -> String {
    let d = c.of(&["n", "m"]);
    if rows == "1" {
        return match c.below(3) {
            0 => format!("{}({})", c.of(&functions(Signature::MatrixToCols)), expression(c, Matrix(d, cols), depth)),
            _ => format!("({})'", expression(c, Matrix(cols, "1"), depth)),
        };
    }
    let square = rows == cols;
    match c.below(8) {
        0 if cols == "1" => {
            format!("{}({})", c.of(&functions(Signature::VectorToVector)), expression(c, Matrix(rows, "1"), depth))
        }
        1 if cols == "1" => {
            format!("{}({})", c.of(&functions(Signature::MatrixToRows)), expression(c, Matrix(rows, d), depth))
        }
        2 if cols == "1" => {
            format!("{}({})", c.of(&functions(Signature::SquareToVector)), expression(c, Matrix(rows, rows), depth))
        }
        0 if square => format!("inv({})", expression(c, Matrix(rows, rows), depth)),
        1 if square => {
            format!("{}({})", c.of(&functions(Signature::VectorToSquare)), expression(c, Matrix(rows, "1"), depth))
        }
        2 if square && c.below(3) == 0 => {
            format!("{}({})", c.of(&functions(Signature::SquareToSquare)), expression(c, Matrix(rows, rows), depth))
        }
        2 if square => format!("({})^2", c.of(names(Matrix(rows, rows)))),
        3 if cols != "1" => {
            format!("{}({})", c.of(&functions(Signature::MatrixToMatrix)), expression(c, Matrix(rows, cols), depth))
        }
        4 if cols != "1" => format!("({})'", expression(c, Matrix(cols, rows), depth)),
        5 if cols != "1" => {
            format!("({})*({})'", expression(c, Matrix(rows, "1"), depth), expression(c, Matrix(cols, "1"), depth))
        }
        6 if cols != "1" && c.below(4) == 0 => {
            format!("pinv({})", expression(c, Matrix(cols, rows), depth))
        }
        _ => format!("({})*({})", expression(c, Matrix(rows, d), depth), expression(c, Matrix(d, cols), depth)),
    }
}

/// A question about a random expression.
fn question(seed: u64) -> String {
    let c = &mut Choices::new(seed);
    let kind = match c.below(8) {
        0..4 => Scalar,
        4 | 5 => Matrix(c.of(&["n", "m"]), "1"),
        _ => Matrix(c.of(&["n", "m"]), c.of(&["n", "m"])),
    };
    let depth = 1 + c.below(4);
    let text = expression(c, kind, depth);
    let all = ["x", "y", "u", "a", "t", "A", "F", "B", "C", "S"];
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let used: Vec<&str> = all.into_iter().filter(|name| words.contains(name)).collect();
    // Mostly by what it depends on.
    let variable = if used.is_empty() || c.below(12) == 0 { c.of(&all) } else { c.of(&used) };
    format!("diff {text} wrt {variable}")
}

/// Functions whose derivatives Gradus does not know, or only where their argument is invertible: a question about them
/// may be refused.
const OUT_OF_REACH: &[&str] = &["expm", "logm", "pinv", "adj"];

#[test]
fn both_cores_agree_on_random_expressions() {
    let mut session = Session::new();
    assert!(session.run(DECLARED).iter().all(|response| !response.is_error()));
    let (mut wrong, mut counts) = (Vec::new(), BTreeMap::<String, usize>::new());
    for seed in 0..cases(300) {
        let asked = question(seed);
        let mut session = session.clone();
        let mut count = |what: &str| *counts.entry(what.to_owned()).or_default() += 1;
        if std::env::var_os("GRADUS_FUZZ_SHOW").is_some() {
            println!("{seed}: {asked}");
        }
        match &session.run(&asked)[0].outcome {
            Outcome::Answers(answers) => match opinion_of_indices(session.context(), &answers[0]) {
                Ok(what) => count(what),
                Err(what) => wrong.push(format!("{asked}\n    {what}")),
            },
            Outcome::Error(error) => match error.code {
                "E0401" | "E0408" if OUT_OF_REACH.iter().any(|name| asked.contains(name)) => count("out of reach"),
                // Nowhere defined, as far as sampling can tell; shown in the counts.
                "E0410" if error.title.ends_with("at any point that was tried") => count(error.code),
                "E0702" | "E0409" => {
                    count(error.code);
                    if std::env::var_os("GRADUS_FUZZ").is_some() {
                        println!("{}: {asked}\n    {:?} {:?}", error.code, error.labels[0].text, error.notes);
                    }
                }
                code => wrong.push(format!("{asked}\n    {code} {}: {:?}", error.title, error.labels)),
            },
            other => wrong.push(format!("{asked}\n    {other:?}")),
        }
    }
    println!("{counts:?}");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases(300), wrong.join("\n"));
}

/// The derivative in index form, entry by entry, checked by evaluation against the question.
fn opinion_of_indices(context: &Context, answer: &Answer) -> Result<&'static str, String> {
    if answer.second_opinion {
        return Ok("index form agrees");
    }
    let Some(variable) = answer.variable else { return Ok("no variable") };
    let mut context = context.clone();
    let of = context.terms.args(answer.question)[0];
    let normal = Normal::new(&mut context.terms).term(of);
    let normal = index::matrix_form(&mut context, normal, &[]).unwrap_or(normal);
    let facts = Facts::new(&mut context, &[variable], &[of]);
    let table = index::Table { rules: RuleSet::standard(), facts: &facts, kink: Kink::Excluded };
    let mut workspace = Workspace::with(&mut context, facts.clone(), index::Limits::default());
    let Ok(form) = workspace.read(normal) else { return Ok("index form does not read it") };
    let output = form.free.clone();
    let shape = workspace.context().info(variable).shape.clone();
    let new = workspace.axes(&shape);
    let Ok(derivative) = workspace.differentiate(&form, variable, &new, &table) else {
        return Ok("index form does not differentiate it");
    };
    workspace.after_differentiating();
    let (of_rank, free) = (output.len(), [output, new].concat());
    let indices = workspace.free_indices(&free);
    let written = workspace.to_indices(&IndexForm { free, ..derivative });
    let (output, new) = indices.split_at(of_rank);
    let x = context.terms.symbol(variable);
    let (of, by) = (entry(&mut context, of, output), entry(&mut context, x, new));
    let question = Question::Derivative { of, by: vec![by], transposed: false };
    let mut check = Check::new(&context, question, written);
    check.options = Options { points: 2, ..Options::default() };
    match check.run() {
        Verdict::Checked(_) => Ok("both pass their checks"),
        Verdict::Undecidable(_) => Ok("index form could not be checked"),
        Verdict::Mismatch(witness) => Err(format!(
            "index form derives {}: {:?} expected, {:?} found",
            gradus::print::term(&context, written, gradus::print::Spelling::Unicode),
            witness.expected,
            witness.found
        )),
    }
}

fn entry(context: &mut Context, of: Term, indices: &[Index]) -> Term {
    if indices.is_empty() { of } else { context.terms.make(Op::Entry(indices.to_vec()), &[of]) }
}

/// Questions that random ones found to be answered wrongly by one core, refused without reason, or without end.
#[test]
fn what_was_found_stays_repaired() {
    let mut session = Session::new();
    session.run(DECLARED);
    for asked in [
        "diff normF((ones(m, 1))*(u)') wrt u",
        "diff norm2((ones(m, n))*(y)) wrt y",
        "diff normF((B)*(ones(n, m))) wrt B",
        "diff -((1 - 2*t)*(u + v)) wrt u",
        "diff u - (1 - t)*u wrt u",
        "diff logsumexp(diagpart((A)')) wrt A",
        "diff x'diagpart(A') wrt A",
        "diff relu(relu(a)) wrt a",
        "diff sum(max(0, max(0, x))) wrt x",
        "diff (A)*(C) wrt x",
    ] {
        let mut session = session.clone();
        match &session.run(asked)[0].outcome {
            Outcome::Answers(answers) => {
                let opinion = opinion_of_indices(session.context(), &answers[0]);
                assert!(opinion.is_ok(), "{asked}: {opinion:?}");
            }
            other => panic!("{asked}: {other:?}"),
        }
    }
}

/// The lines of the scripts and of the inputs in this project.
fn lines() -> Vec<String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"));
    let mut lines = Vec::new();
    for folder in ["tests/corpus", "tests/inputs", "examples"] {
        let mut paths: Vec<_> =
            std::fs::read_dir(format!("{root}/{folder}")).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "gradus" || e == "txt")) {
            let text = std::fs::read_to_string(path).unwrap();
            lines.extend(text.lines().map(str::to_owned).filter(|line| !line.trim().is_empty()));
        }
    }
    lines
}

/// A line with parts dropped, doubled, swapped, or put in from another line.
fn mutilated(c: &mut Choices, lines: &[String]) -> String {
    let pick = |c: &mut Choices| lines[c.below(lines.len())].chars().collect::<Vec<char>>();
    let mut line = pick(c);
    for _ in 0..1 + c.below(3) {
        let at = c.below(line.len() + 1);
        let end = (at + c.below(4)).min(line.len());
        match c.below(5) {
            0 => drop(line.drain(at..end)),
            1 => {
                let other = pick(c);
                let start = c.below(other.len());
                let stop = (start + 1 + c.below(12)).min(other.len());
                line.splice(at..at, other[start..stop].iter().copied());
            }
            2 if at < line.len() => {
                let other = c.below(line.len());
                line.swap(at, other);
            }
            3 => {
                let again: Vec<char> = line[at..end].to_vec();
                line.splice(at..at, again);
            }
            _ => {
                let signs: Vec<char> = "()[]{}|‖'^_+-*/.,;:=<>&\\$%#?∂∇Σ𝟏ᵀ⁻¹₁é\u{302}\u{200b}\t0".chars().collect();
                line.insert(at, signs[c.below(signs.len())]);
            }
        }
    }
    line.into_iter().collect()
}

/// Any text gets an answer or a diagnostic with a place inside the text, and what follows is still answered.
#[test]
fn mutilated_lines_are_answered_or_refused() {
    let lines = lines();
    assert!(lines.len() > 300);
    let mut session = Session::new();
    session.run(DECLARED);
    for seed in 0..cases(600) {
        let text = mutilated(&mut Choices::new(seed + 1), &lines);
        if std::env::var_os("GRADUS_FUZZ_SHOW").is_some() {
            println!("{seed}: {text}");
        }
        let mut session = session.clone();
        let responses = session.run(&text);
        for response in &responses {
            if let Outcome::Error(error) = &response.outcome {
                let inside = |span: gradus::diag::Span| span.end <= session.source().len();
                assert!(error.labels.iter().all(|label| inside(label.span)), "{text}: {error:?}");
                assert!(!error.labels.is_empty(), "{text}: {error:?}");
                assert!(!["E0701"].contains(&error.code), "{text}: {error:?}");
            }
        }
        // Names of its own: a definition of `x` that failed takes `x` away, as it should.
        let after = session.run("\n\nqq : R^kk\ngrad qq'qq wrt qq");
        let last = after.last().expect("a response");
        assert!(!last.is_error(), "{text}: {last:?}");
    }
}
