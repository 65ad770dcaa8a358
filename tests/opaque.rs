//! Unknown is never constant and never zero: undefined functions and functions without a rule stand below every
//! function of the catalogue and every operator, and each question is refused or has the unknown derivative in its
//! answer.

use gradus::ir::{Context, Function, Op, Signature, Term};
use gradus::session::{Answer, Outcome, Session};

/// The shape of an operand or of what an operator gives.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Scalar,
    Vector,
    Row,
    Square,
}

use Kind::{Row, Scalar, Square, Vector};

const DECLARED: &str = "X, P, A : R^(n×n)\np, q : R^n\nb : scalar\n\
    L : scalar, function of X\ng : R^n, function of X\nG : R^(n×n), function of X\n\
    σ : elementwise\nY : R^(n×n) where A Y = G\nN = L\nH = G\nf(Z) = Z P\n";

/// Unknown things that vary with X. Of those in the second list no derivative is known at all.
const UNDEFINED: &[(Kind, &str)] = &[
    (Scalar, "L"),
    (Scalar, "N"),
    (Vector, "g"),
    (Square, "G"),
    (Square, "H"),
    (Square, "Y"),
    (Square, "σ(X)"),
    (Vector, "σ(X p)"),
    (Scalar, "σ(p'X q)"),
];

const WITHOUT_RULE: &[(Kind, &str)] = &[
    (Square, "expm(X)"),
    (Square, "logm(X)"),
    (Square, "pinv(X)"),
    (Square, "adj(X)"),
    (Scalar, "tr(expm(X))"),
    (Vector, "expm(X) p"),
    (Square, "(expm(X) G)"),
];

/// Operators around an operand `{}`: its shape, the text, the shape of the whole.
const OPERATORS: &[(Kind, &str, Kind)] = &[
    (Scalar, "({} + b)", Scalar),
    (Scalar, "(b - {})", Scalar),
    (Scalar, "({})*P", Square),
    (Scalar, "p*({})", Vector),
    (Scalar, "b/({})", Scalar),
    (Scalar, "({})/b", Scalar),
    (Scalar, "({})^3", Scalar),
    (Scalar, "2^({})", Scalar),
    (Scalar, "max(0, {})", Scalar),
    (Scalar, "max(b, {})", Scalar),
    (Scalar, "P.^({})", Square),
    (Scalar, "(sum_{i=1}^n (p_i*({})))", Scalar),
    (Scalar, "\\begin{cases} {} & b > 0 \\\\ b & \\text{otherwise} \\end{cases}", Scalar),
    (Vector, "({} + p)", Vector),
    (Vector, "({} - p)", Vector),
    (Vector, "({})'", Row),
    (Vector, "(({})'p)", Scalar),
    (Vector, "(p'({}))", Scalar),
    (Vector, "({})*p'", Square),
    (Vector, "P*({})", Vector),
    (Vector, "(({}) .* p)", Vector),
    (Vector, "(({}) ./ p)", Vector),
    (Vector, "(p ./ ({}))", Vector),
    (Vector, "(({}).^2)", Vector),
    (Vector, "inner({}, p)", Scalar),
    (Vector, "max(0, {})", Vector),
    (Vector, "max({}, p)", Vector),
    (Vector, "({})_1", Scalar),
    (Vector, "b*({})", Vector),
    (Row, "({})*P", Row),
    (Row, "({})*p", Scalar),
    (Row, "({})'", Vector),
    (Square, "({} + P)", Square),
    (Square, "(P - {})", Square),
    (Square, "({})'", Square),
    (Square, "({})*P", Square),
    (Square, "P*({})", Square),
    (Square, "({})*p", Vector),
    (Square, "p'*({})", Row),
    (Square, "(p'*({})*q)", Scalar),
    (Square, "(({}) .* P)", Square),
    (Square, "(({}) ./ P)", Square),
    (Square, "(P ./ ({}))", Square),
    (Square, "(({}).^2)", Square),
    (Square, "(({})*({}))", Square),
    (Square, "inv({})", Square),
    (Square, "inner(P, {})", Scalar),
    (Square, "max(0, {})", Square),
    (Square, "max(P, {})", Square),
    (Square, "f({})", Square),
    (Square, "inner(kron({}, P), kron(A, A))", Scalar),
    (Square, "inner(kron(P, {}), kron(A, A))", Scalar),
    (Square, "(vec({})'vec(P))", Scalar),
    (Square, "({})_{12}", Scalar),
    (Square, "b*({})", Square),
];

/// Functions that are constant between their jumps: a derivative without the unknown one is right.
const STEPS: &[&str] = &["sgn(", "step(", "stepc("];

/// Every operator stands in the table above, so that a new one has to be put there (or here, with the reason).
fn stands_for(op: &Op) -> &'static str {
    match op {
        Op::Sum => "({} + b)",
        Op::Product => "P*({})",
        Op::Hadamard => "(({}) .* P)",
        Op::Quotient => "b/({})",
        Op::Kronecker => "inner(kron({}, P), kron(A, A))",
        Op::Transpose => "({})'",
        Op::Inverse => "inv({})",
        Op::Power => "({})^3",
        Op::ElementPower => "(({}).^2)",
        Op::AsScalar => "(p'({}))",
        Op::Max => "max(P, {})",
        Op::Inner => "inner(P, {})",
        Op::Entry(_) => "({})_1",
        Op::IndexSum { .. } => "(sum_{i=1}^n (p_i*({})))",
        Op::Cases(_) => "\\begin{cases} {} & b > 0 \\\\ b & \\text{otherwise} \\end{cases}",
        // The unknown thing `Y` is the solution of an equation that holds one.
        Op::Solution(_) => "",
        // Functions come from the catalogue; the undefined one is among the unknown things themselves.
        Op::Call(_) | Op::Elementwise { .. } => "",
        // What is asked, and no operand of anything that is differentiated.
        Op::Differential | Op::Partial | Op::EntrywisePartial => "",
        // Without operands.
        Op::Symbol(_) | Op::Number(_) | Op::Dimension(_) | Op::Identity(_) | Op::Ones(..) | Op::Zero(_) => "",
        Op::Unit(..) | Op::Commutation(..) | Op::Delta(..) => "",
    }
}

/// All operators and functions with an operand of this shape.
fn around(kind: Kind) -> Vec<(String, Kind)> {
    let operators = OPERATORS.iter().filter(|(of, ..)| *of == kind).map(|(_, text, to)| ((*text).to_owned(), *to));
    let functions = Function::all().filter_map(|f| Some((format!("{}({{}})", f.name()), given(f.signature(), kind)?)));
    operators.chain(functions).collect()
}

/// The shape of a function's value for an operand of this shape, if it takes one.
fn given(signature: Signature, of: Kind) -> Option<Kind> {
    use Signature::*;
    Some(match (signature, of) {
        (Entrywise, kind) => kind,
        (VectorToVector, Vector) => Vector,
        (VectorToScalar, Vector) | (SquareToScalar, Square) => Scalar,
        (SquareToSquare, Square) => Square,
        (SquareToVector, Square) => Vector,
        (VectorToSquare, Vector) => Square,
        (MatrixToScalar, Vector | Row | Square) => Scalar,
        (MatrixToMatrix, kind @ (Vector | Square)) => kind,
        (MatrixToTransposed, Vector) => Row,
        (MatrixToTransposed, Square) => Square,
        (MatrixToRows | MatrixToVec, Vector) => Vector,
        (MatrixToRows, Square) => Vector,
        (MatrixToCols, Square) => Row,
        _ => return None,
    })
}

/// A scalar that depends on every entry of the operand.
fn summed(text: &str, kind: Kind) -> String {
    match kind {
        Scalar => text.to_owned(),
        Vector => format!("inner(p, {text})"),
        Row => format!("inner(q', {text})"),
        Square => format!("inner(A, {text})"),
    }
}

/// Does the answer, with the names that it introduced, hold a derivative of something undefined?
fn holds_unknown(context: &Context, answer: &Answer) -> bool {
    let holds = |term: Term| {
        context.terms.any(term, |part| match context.terms.op(part) {
            Op::Partial => true,
            Op::Elementwise { order, .. } => *order > 0,
            _ => false,
        })
    };
    holds(answer.value) || answer.names.iter().any(|(_, body)| holds(*body))
}

/// Asks for the gradient of `text` by X; what is wrong with the outcome.
fn complaint(session: &Session, text: &str, known_to_be_refused: bool) -> Option<String> {
    let mut session = session.clone();
    let responses = session.run(&format!("grad {text} wrt X"));
    match &responses[0].outcome {
        Outcome::Error(error) => match error.code {
            "E0408" | "E0401" | "E0409" | "E0901" | "E0702" => None,
            code => Some(format!("{text}: {code} {}", error.title)),
        },
        Outcome::Answers(answers) => {
            let answer = &answers[0];
            let is_step = STEPS.iter().any(|name| text.contains(name));
            let right = !known_to_be_refused && holds_unknown(session.context(), answer);
            let shown = gradus::print::term(session.context(), answer.value, gradus::print::Spelling::Unicode);
            (!right && !is_step).then(|| format!("{text}: {shown}"))
        }
        other => Some(format!("{text}: {other:?}")),
    }
}

fn session() -> Session {
    let mut session = Session::new();
    for response in session.run(DECLARED) {
        assert!(!response.is_error(), "{}: {:?}", response.text, response.outcome);
    }
    session
}

#[test]
fn below_one_operator() {
    let session = session();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for (list, refused) in [(UNDEFINED, false), (WITHOUT_RULE, true)] {
        for (kind, unknown) in list {
            for (template, to) in around(*kind) {
                asked += 1;
                wrong.extend(complaint(&session, &summed(&template.replace("{}", unknown), to), refused));
            }
        }
    }
    assert!(asked > 500, "{asked}");
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Two operators, one inside the other: each pair with one unknown thing of the shape.
#[test]
fn below_two_operators() {
    let session = session();
    let unknown = |kind: Kind| {
        if kind == Scalar {
            "L"
        } else if kind == Vector {
            "g"
        } else {
            "G"
        }
    };
    let mut wrong = Vec::new();
    for kind in [Scalar, Vector, Square] {
        for (at, (inner, between)) in around(kind).into_iter().enumerate() {
            // Each inner operator meets each outer one for some kind; all three would take too long.
            let outer = around(between);
            for (template, to) in outer.iter().skip(at % 19).step_by(19) {
                let text = template.replace("{}", &inner.replace("{}", unknown(kind)));
                wrong.extend(complaint(&session, &summed(&text, *to), false));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_operator_is_in_the_table() {
    // The match in `stands_for` is exhaustive; here its texts are held to the table.
    for op in [Op::Sum, Op::Product, Op::Hadamard, Op::Quotient, Op::Kronecker, Op::Transpose, Op::Inverse, Op::Power]
        .into_iter()
        .chain([Op::ElementPower, Op::AsScalar, Op::Max, Op::Inner, Op::Entry(Vec::new()), Op::Cases(Vec::new())])
    {
        let text = stands_for(&op);
        assert!(OPERATORS.iter().any(|(_, template, _)| *template == text), "{op:?}: {text}");
    }
}
