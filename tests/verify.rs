//! The check of answers: right answers pass, wrong ones do not, whatever the question.

mod typed;

use gradus::eval::EvalError;
use gradus::ir::{Claim, Comparison, Function, Guard, Index, Op, Property, SymbolKind, Term, ratio};
use gradus::shape::Shape;
use gradus::verify::{Check, Checked, Method, Question, Reason, Structure, Verdict, refute};
use typed::Typed;

fn derivative(of: Term, by: Term) -> Question {
    Question::Derivative { of, by: vec![by], transposed: false }
}

fn checked(check: &Check<'_>) -> Checked {
    match check.run() {
        Verdict::Checked(checked) => checked,
        other => panic!("{other:?}"),
    }
}

fn method(t: &Typed, question: Question, answer: Term) -> Method {
    checked(&Check::new(&t.context, question, answer)).method
}

fn refused(t: &Typed, question: Question, answer: Term) {
    let verdict = Check::new(&t.context, question, answer).run();
    assert!(matches!(verdict, Verdict::Mismatch(_)), "{verdict:?}");
}

/// The network of the tutorial sheet: x, W, U, y; z = Wx, h = relu(z), θ = Uh, ŷ = softmax(θ), J = −Σ y log ŷ.
struct Network {
    t: Typed,
    x: Term,
    w: Term,
    u: Term,
    y: Term,
    z: Term,
    h: Term,
    theta: Term,
    yhat: Term,
    j: Term,
}

fn network() -> Network {
    let mut t = Typed::default();
    let x = t.vector("x", "D").1;
    let w = t.matrix("W", "M", "D").1;
    let u = t.matrix("U", "C", "M").1;
    let y = t.vector("y", "C").1;
    let body = t.product(&[w, x]);
    let z = t.define("z", body).1;
    let body = t.call(Function::Relu, z);
    let h = t.define("h", body).1;
    let body = t.product(&[u, h]);
    let theta = t.define("θ", body).1;
    let body = t.call(Function::Softmax, theta);
    let yhat = t.define("ŷ", body).1;
    let index = Index::Named { name: "j".into(), dim: t.dim("C") };
    let yj = t.op(Op::Entry(vec![index.clone()]), &[y]);
    let log = t.call(Function::Log, yhat);
    let log = t.op(Op::Entry(vec![index.clone()]), &[log]);
    let product = t.product(&[yj, log]);
    let sum = t.op(Op::IndexSum { index, excluding: None }, &[product]);
    let body = t.minus(sum);
    let j = t.define("J", body).1;
    Network { t, x, w, u, y, z, h, theta, yhat, j }
}

#[test]
fn the_gradients_of_a_network() {
    let mut n = network();
    let minus = n.t.minus(n.y);
    let body = n.t.sum(&[n.yhat, minus]);
    let delta = n.t.define("δ₁", body).1;
    let one = n.t.context.terms.integer(1);
    let total = n.t.call(Function::SumAll, n.y);
    let simplex = Claim::Equation(total, one);
    let with_simplex = |n: &Network, question: Question, answer: Term| {
        let mut check = Check::new(&n.t.context, question, answer);
        check.claims.push(simplex.clone());
        checked(&check)
    };
    // ŷ − y needs Σy = 1; without it, it is wrong.
    let by_theta = derivative(n.j, n.theta);
    assert_eq!(with_simplex(&n, by_theta.clone(), delta).method, Method::ExactModP);
    refused(&n.t, by_theta.clone(), delta);
    let scaled = n.t.product(&[total, n.yhat]);
    let general = n.t.sum(&[scaled, minus]);
    assert_eq!(method(&n.t, by_theta, general), Method::ExactModP);
    // ∂J/∂ŷ = −y ⊘ ŷ
    let quotient = n.t.op(Op::Quotient, &[n.y, n.yhat]);
    let quotient = n.t.minus(quotient);
    assert_eq!(method(&n.t, derivative(n.j, n.yhat), quotient), Method::ExactModP);
    // ∂J/∂U = δ₁hᵀ, ∂J/∂W = δ₂xᵀ, ∂J/∂x = Wᵀδ₂
    let ht = n.t.transpose(n.h);
    let by_u = n.t.product(&[delta, ht]);
    assert_eq!(with_simplex(&n, derivative(n.j, n.u), by_u).method, Method::Float);
    let ut = n.t.transpose(n.u);
    let back = n.t.product(&[ut, delta]);
    let sign = n.t.call(Function::Sign, n.h);
    let body = n.t.op(Op::Hadamard, &[back, sign]);
    let delta2 = n.t.define("δ₂", body).1;
    let xt = n.t.transpose(n.x);
    let by_w = n.t.product(&[delta2, xt]);
    let found = with_simplex(&n, derivative(n.j, n.w), by_w);
    assert_eq!(found.method, Method::Float);
    assert!(found.one_sided.is_empty(), "{found:?}");
    assert!(!found.zero && found.points >= 6);
    let wt = n.t.transpose(n.w);
    let by_x = n.t.product(&[wt, delta2]);
    with_simplex(&n, derivative(n.j, n.x), by_x);
    // Exactly, where relu branches by random signs; with the branches of another relu, or the other ones, it is wrong.
    let by_random_signs = |n: &Network, answer: Term| {
        let mut check = Check::new(&n.t.context, derivative(n.j, n.w), answer);
        check.claims.push(simplex.clone());
        check.agrees_exactly().map(|checked| (checked.method, checked.one_sided.is_empty()))
    };
    assert_eq!(by_random_signs(&n, by_w), Some((Method::RandomSigns, true)));
    let minus_z = n.t.minus(n.z);
    for branch in [minus_z, n.x, n.theta] {
        if n.t.context.terms.shape(branch) != n.t.context.terms.shape(back) {
            continue;
        }
        let step = n.t.call(Function::Step, branch);
        let wrong = n.t.op(Op::Hadamard, &[back, step]);
        let wrong = n.t.product(&[wrong, xt]);
        assert_eq!(by_random_signs(&n, wrong), None);
    }
    let unbranched = n.t.product(&[back, xt]);
    assert_eq!(by_random_signs(&n, unbranched), None);
    // Without the mask, or with another sign, it is refused.
    let unmasked = n.t.product(&[wt, back]);
    refused(&n.t, derivative(n.j, n.x), unmasked);
    let step = n.t.call(Function::Step, n.z);
    let body = n.t.op(Op::Hadamard, &[back, step]);
    let other_mask = n.t.product(&[wt, body]);
    with_simplex(&n, derivative(n.j, n.x), other_mask);
}

#[test]
fn matrices_by_matrices_and_layouts() {
    let mut t = Typed::default();
    let x = t.matrix("X", "N", "D").1;
    let w = t.matrix("W", "D", "M").1;
    let y = t.product(&[x, w]);
    let wt = t.transpose(w);
    let n = t.dim("N");
    let identity = t.op(Op::Identity(n), &[]);
    let kronecker = t.op(Op::Kronecker, &[wt, identity]);
    assert_eq!(method(&t, derivative(y, x), kronecker), Method::ExactModP);
    let transposed = t.transpose(kronecker);
    let question = Question::Derivative { of: y, by: vec![x], transposed: true };
    assert_eq!(method(&t, question, transposed), Method::ExactModP);
    let verdict = Check::new(&t.context, derivative(y, x), transposed).run();
    assert_eq!(verdict, Verdict::Undecidable(Reason::Evaluation(EvalError::Shape)));
    let swapped = t.op(Op::Kronecker, &[identity, wt]);
    assert!(!Check::new(&t.context, derivative(y, x), swapped).run().is_checked());
    // dY = dX W
    let symbol = t.context.terms.as_symbol(x).unwrap();
    let dx = t.d(x);
    let map = t.product(&[dx, w]);
    assert_eq!(method(&t, Question::Differential { of: y, variables: vec![symbol] }, map), Method::ExactModP);
    let wrong = t.product(&[x, w]);
    refused(&t, Question::Differential { of: y, variables: vec![symbol] }, wrong);
}

#[test]
fn second_derivatives() {
    let mut t = Typed::default();
    let x = t.vector("x", "n").1;
    let a = t.matrix("A", "n", "n").1;
    let row = t.transpose(x);
    let form = t.product(&[row, a, x]);
    let form = t.op(Op::AsScalar, &[form]);
    let at = t.transpose(a);
    let hessian = t.sum(&[a, at]);
    let question = Question::Derivative { of: form, by: vec![x, x], transposed: false };
    assert_eq!(method(&t, question.clone(), hessian), Method::ExactModP);
    refused(&t, question, a);
    // tr(X'AX) by X twice: I ⊗ (A + A')
    let big = t.matrix("X", "n", "m").1;
    let m = t.dim("m");
    let xt = t.transpose(big);
    let form = t.product(&[xt, a, big]);
    let trace = t.call(Function::Trace, form);
    let identity = t.op(Op::Identity(m), &[]);
    let expected = t.op(Op::Kronecker, &[identity, hessian]);
    let question = Question::Derivative { of: trace, by: vec![big, big], transposed: false };
    assert_eq!(method(&t, question, expected), Method::ExactModP);
    // d²/ds² of s⁴ is 12 s²
    let s = t.variable("s", Shape::Scalar).1;
    let power = |t: &mut Typed, k: i64| {
        let k = t.context.terms.integer(k);
        t.op(Op::Power, &[s, k])
    };
    let (fourth, square) = (power(&mut t, 4), power(&mut t, 2));
    let twelve = t.context.terms.integer(12);
    let answer = t.product(&[twelve, square]);
    let question = Question::Derivative { of: fourth, by: vec![s, s], transposed: false };
    assert_eq!(method(&t, question, answer), Method::ExactModP);
}

#[test]
fn entrywise_derivatives_from_definitions() {
    let mut t = Typed::default();
    let y = t.matrix("Y", "N", "M").1;
    let minus = t.minus(y);
    let (up, down) = (t.call(Function::Exp, y), t.call(Function::Exp, minus));
    let negative = t.minus(down);
    let (above, below) = (t.sum(&[up, negative]), t.sum(&[up, down]));
    let tanh = t.op(Op::Quotient, &[above, below]);
    let (n, m) = (t.dim("N"), t.dim("M"));
    let ones = t.op(Op::Ones(n, m), &[]);
    let builtin = t.call(Function::Tanh, y);
    let square = t.op(Op::Hadamard, &[builtin, builtin]);
    let square = t.minus(square);
    let answer = t.sum(&[ones, square]);
    assert_eq!(method(&t, Question::Entrywise { of: tanh, by: y }, answer), Method::ExactModP);
    assert_eq!(method(&t, Question::Equal(tanh), builtin), Method::ExactModP);
    let as_term = t.op(Op::EntrywisePartial, &[tanh, y]);
    assert_eq!(method(&t, Question::Equal(as_term), answer), Method::ExactModP);
    refused(&t, Question::Entrywise { of: tanh, by: y }, ones);
    // A function that mixes entries has no entrywise derivative.
    let total = t.call(Function::SumAll, y);
    let mixed = t.product(&[total, y]);
    refused(&t, Question::Entrywise { of: mixed, by: y }, answer);
}

#[test]
fn kinks() {
    let mut t = Typed::default();
    let y = t.matrix("Y", "N", "M").1;
    let zero = t.context.terms.integer(0);
    let relu = t.op(Op::Max, &[zero, y]);
    let (n, m) = (t.dim("N"), t.dim("M"));
    let shape = Shape::matrix(n.clone(), m.clone());
    let (ones, zeros) = (t.op(Op::Ones(n, m), &[]), t.op(Op::Zero(shape), &[]));
    let cases = |t: &mut Typed, comparison| {
        t.op(Op::Cases(vec![Guard::Subject(comparison), Guard::Otherwise]), &[ones, zeros, y])
    };
    let (open, closed) = (cases(&mut t, Comparison::Positive), cases(&mut t, Comparison::NonNegative));
    let question = Question::Entrywise { of: relu, by: y };
    let run = |answer: Term, kink: Option<i64>| {
        let mut check = Check::new(&t.context, question.clone(), answer);
        check.kink = kink.map(|value| ratio(value, 1));
        check.run()
    };
    for answer in [open, closed] {
        assert!(run(answer, None).is_checked());
    }
    assert!(run(open, Some(0)).is_checked());
    assert!(run(closed, Some(1)).is_checked());
    assert!(!run(open, Some(1)).is_checked());
    assert!(!run(closed, Some(0)).is_checked());
    assert!(!run(ones, None).is_checked());
}

#[test]
fn entries_by_entries() {
    let mut n = network();
    let c = n.t.dim("C");
    let index = |name: &str| Index::Named { name: name.into(), dim: c.clone() };
    let entry = |t: &mut Typed, a: Term, name: &str| t.op(Op::Entry(vec![index(name)]), &[a]);
    let (sj, sk) = (entry(&mut n.t, n.yhat, "j"), entry(&mut n.t, n.yhat, "k"));
    let theta_k = entry(&mut n.t, n.theta, "k");
    let minus = n.t.minus(sk);
    let delta = n.t.op(Op::Delta(index("j"), index("k")), &[]);
    let rest = n.t.sum(&[delta, minus]);
    let answer = n.t.product(&[sj, rest]);
    assert_eq!(method(&n.t, derivative(sj, theta_k), answer), Method::ExactModP);
    let without_delta = n.t.product(&[sj, minus]);
    refused(&n.t, derivative(sj, theta_k), without_delta);
    let only_delta = n.t.product(&[sj, delta]);
    refused(&n.t, derivative(sj, theta_k), only_delta);
}

#[test]
fn conventions_for_symmetric_variables() {
    let mut t = Typed::default();
    let (symbol, x) = t.matrix("X", "n", "n");
    let a = t.matrix("A", "n", "n").1;
    t.context.set_property(symbol, Property::Symmetric);
    let product = t.product(&[a, x]);
    let f = t.call(Function::Trace, product);
    let at = t.transpose(a);
    let sum = t.sum(&[a, at]);
    let half = t.context.terms.number(ratio(1, 2));
    let projected = t.product(&[half, sum]);
    let n = t.dim("n");
    let identity = t.op(Op::Identity(n), &[]);
    let diagonal = t.op(Op::Hadamard, &[a, identity]);
    let diagonal = t.minus(diagonal);
    let table = t.sum(&[a, at, diagonal]);
    for (structure, right) in [(Structure::Projection, projected), (Structure::Free, at), (Structure::Cookbook, table)]
    {
        for answer in [projected, at, table] {
            let mut check = Check::new(&t.context, derivative(f, x), answer);
            check.structure = structure;
            assert_eq!(check.run().is_checked(), answer == right, "{structure:?}");
        }
    }
}

#[test]
fn what_residues_cannot_decide_is_decided_in_floating_point() {
    let mut t = Typed::default();
    let a = t.matrix("A", "n", "n").1;
    let b = t.matrix("B", "n", "n").1;
    let product = t.product(&[a, b]);
    let logdet = t.call(Function::LogDet, product);
    let (la, lb) = (t.call(Function::LogDet, a), t.call(Function::LogDet, b));
    let sum = t.sum(&[la, lb]);
    assert_eq!(method(&t, Question::Equal(logdet), sum), Method::Float);
    let difference = t.minus(lb);
    let difference = t.sum(&[la, difference]);
    refused(&t, Question::Equal(logdet), difference);
    let (s, u) = (t.variable("s", Shape::Scalar).1, t.variable("u", Shape::Scalar).1);
    let (es, eu) = (t.call(Function::Exp, s), t.call(Function::Exp, u));
    let (both, exponent) = (t.product(&[es, eu]), t.sum(&[s, u]));
    let exponential = t.call(Function::Exp, exponent);
    assert_eq!(method(&t, Question::Equal(exponential), both), Method::Float);
    // The modulus itself is no zero.
    let p = t.context.terms.integer((1 << 61) - 1);
    let multiple = t.product(&[p, s]);
    let zero = t.context.terms.integer(0);
    refused(&t, derivative(multiple, s), zero);
    // A zero gradient is checked, and said to be zero.
    let found = checked(&Check::new(&t.context, derivative(es, u), zero));
    assert!(found.zero);
}

#[test]
fn undefined_functions_and_their_derivatives() {
    let mut t = Typed::default();
    let x = t.matrix("X", "N", "D").1;
    let w = t.matrix("W", "D", "M").1;
    let body = t.product(&[x, w]);
    let (y, y_term) = t.define("Y", body);
    let (l, l_term) = t.variable("L", Shape::Scalar);
    t.context.depend(l, y);
    let by_y = t.partial(l_term, y_term);
    let xt = t.transpose(x);
    let answer = t.product(&[xt, by_y]);
    assert_eq!(method(&t, derivative(l_term, w), answer), Method::ExactModP);
    // σ(Wx) entry by entry
    let z = t.vector("z", "M").1;
    let sigma = t.context.declare("σ", Shape::Scalar, SymbolKind::Elementwise);
    let value = t.op(Op::Elementwise { function: sigma, order: 0 }, &[z]);
    let slope = t.op(Op::Elementwise { function: sigma, order: 1 }, &[z]);
    let jacobian = t.call(Function::Diag, slope);
    assert_eq!(method(&t, derivative(value, z), jacobian), Method::ExactModP);
    let wrong = t.call(Function::Diag, value);
    refused(&t, derivative(value, z), wrong);
}

#[test]
fn false_equations_have_small_exact_counterexamples() {
    let mut t = Typed::default();
    let a = t.matrix("A", "n", "n").1;
    let b = t.matrix("B", "n", "n").1;
    let inverse = |t: &mut Typed, a: Term| t.op(Op::Inverse, &[a]);
    let product = t.product(&[a, b]);
    let left = inverse(&mut t, product);
    let (ia, ib) = (inverse(&mut t, a), inverse(&mut t, b));
    let (wrong, right) = (t.product(&[ia, ib]), t.product(&[ib, ia]));
    let found = refute(&t.context, left, wrong, &[], 1).expect("a counterexample");
    assert!(found.exact);
    assert_eq!(found.sizes, [("n".to_string(), 2)]);
    assert_eq!(refute(&t.context, left, right, &[], 1), None);
    // Not without its hypothesis: they commute.
    let other = t.product(&[b, a]);
    let commute = Claim::Equation(product, other);
    assert_eq!(refute(&t.context, left, wrong, &[commute], 1), None);
    let exp = t.call(Function::MatrixExp, a);
    let expb = t.call(Function::MatrixExp, b);
    let sum = t.sum(&[a, b]);
    let (left, wrong) = (t.call(Function::MatrixExp, sum), t.product(&[exp, expb]));
    let found = refute(&t.context, left, wrong, &[], 1).expect("a counterexample");
    assert!(!found.exact);
}
