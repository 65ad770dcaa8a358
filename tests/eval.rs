//! The evaluator against facts worked out by hand and against finite differences.

mod typed;

use gradus::eval::{Dual, EvalError, Fp, Matrix, Model, Plan, Ring, Settings, Sizes, Value, domain};
use gradus::ir::{Claim, Comparison, Context, Domain, Function, Guard, Index, Op, Property, Symbol, Term, ratio};
use gradus::shape::Shape;
use typed::Typed;

/// Evaluation of terms at random points.
trait Evaluated {
    /// A random model in which all `roots` that can have a value there have one; all names have directions.
    fn model<R: Ring>(&self, roots: &[Term], seed: u64) -> Model<'_, R>;
    fn equal<R: Ring>(&self, left: Term, right: Term);
}

impl Evaluated for Typed {
    fn model<R: Ring>(&self, roots: &[Term], seed: u64) -> Model<'_, R> {
        let plan = Plan::new(&self.context, roots, &[]);
        let local =
            |model: &mut Model<'_, R>| roots.iter().any(|&root| model.evaluate(root).is_err_and(|e| e.is_local()));
        let attempt = |attempt| {
            let mut model = plan.sample(seed, 1, attempt).ok()?;
            let mut rng = gradus::eval::Rng::new(seed);
            for (symbol, value) in model.values().clone() {
                model.set_direction(symbol, value.map(|_| Dual::draw(&mut rng, 0)));
            }
            (!local(&mut model)).then_some(model)
        };
        (0..40).find_map(attempt).expect("a point")
    }

    fn equal<R: Ring>(&self, left: Term, right: Term) {
        for seed in 0..4 {
            let mut model = self.model::<R>(&[left, right], seed);
            let (left, right) = (model.evaluate(left).unwrap(), model.evaluate(right).unwrap());
            assert_eq!((left.rows(), left.cols()), (right.rows(), right.cols()));
            for (x, y) in left.data().iter().zip(right.data()) {
                assert!(x.discrepancy(y, 1.0 + x.magnitude()) < 1e-9, "{left:?}\n{right:?}");
            }
        }
    }
}

#[test]
fn the_jacobian_of_softmax() {
    let mut t = Typed::default();
    let (_, theta) = t.vector("θ", "C");
    let softmax = t.call(Function::Softmax, theta);
    let jacobian = t.partial(softmax, theta);
    // diag(s) − s sᵀ
    let diagonal = t.call(Function::Diag, softmax);
    let row = t.transpose(softmax);
    let outer = t.product(&[softmax, row]);
    let outer = t.minus(outer);
    let expected = t.sum(&[diagonal, outer]);
    t.equal::<Fp>(jacobian, expected);
    t.equal::<f64>(jacobian, expected);
}

#[test]
fn the_differential_of_an_inverse_and_of_logdet() {
    let mut t = Typed::default();
    let (_, a) = t.matrix("A", "n", "n");
    let inverse = t.op(Op::Inverse, &[a]);
    let da = t.d(a);
    let product = t.product(&[inverse, da, inverse]);
    let expected = t.minus(product);
    let found = t.d(inverse);
    t.equal::<Fp>(found, expected);
    t.equal::<f64>(found, expected);
    let logdet = t.call(Function::LogDet, a);
    let gradient = t.partial(logdet, a);
    let expected = t.transpose(inverse);
    t.equal::<Fp>(gradient, expected);
    t.equal::<f64>(gradient, expected);
    let det = t.call(Function::Det, a);
    let gradient = t.partial(det, a);
    let adjugate = t.call(Function::Adjugate, a);
    let expected = t.transpose(adjugate);
    t.equal::<Fp>(gradient, expected);
}

#[test]
fn hessians_need_two_infinitesimals() {
    let mut t = Typed::default();
    let (_, x) = t.vector("x", "n");
    let (_, a) = t.matrix("A", "n", "n");
    let row = t.transpose(x);
    let form = t.product(&[row, a, x]);
    let form = t.op(Op::AsScalar, &[form]);
    let gradient = t.partial(form, x);
    let hessian = t.partial(gradient, x);
    let at = t.transpose(a);
    let expected = t.sum(&[a, at]);
    t.equal::<Fp>(hessian, expected);
    t.equal::<f64>(hessian, expected);
    let twice = t.d(form);
    let twice = t.d(twice);
    let dx = t.d(x);
    let da = t.d(a);
    let rowd = t.transpose(dx);
    let two = t.context.terms.integer(2);
    let parts = [t.product(&[rowd, a, dx]), t.product(&[rowd, da, x]), t.product(&[row, da, dx])];
    let parts = t.sum(&parts);
    let parts = t.op(Op::AsScalar, &[parts]);
    let expected = t.product(&[two, parts]);
    t.equal::<Fp>(twice, expected);
}

#[test]
fn a_jacobian_by_a_matrix_is_a_kronecker_product() {
    let mut t = Typed::default();
    let (_, x) = t.matrix("X", "N", "D");
    let (_, w) = t.matrix("W", "D", "M");
    let y = t.product(&[x, w]);
    let jacobian = t.partial(y, x);
    let wt = t.transpose(w);
    let n = t.dim("N");
    let identity = t.op(Op::Identity(n.clone()), &[]);
    let expected = t.op(Op::Kronecker, &[wt, identity]);
    t.equal::<Fp>(jacobian, expected);
    // The Jacobian of the transpose is the commutation matrix.
    let xt = t.transpose(x);
    let jacobian = t.partial(xt, x);
    let d = t.dim("D");
    let expected = t.op(Op::Commutation(n, d), &[]);
    t.equal::<Fp>(jacobian, expected);
    // ∂X/∂Xᵀ permutes back.
    let jacobian = t.partial(x, xt);
    let k = t.transpose(expected);
    t.equal::<Fp>(jacobian, k);
}

#[test]
fn an_undefined_function_has_true_partial_derivatives() {
    let mut t = Typed::default();
    let (_, x) = t.matrix("X", "N", "D");
    let (_, w) = t.matrix("W", "D", "M");
    let body = t.product(&[x, w]);
    let (y, y_term) = t.define("Y", body);
    let (l, l_term) = t.variable("L", Shape::Scalar);
    t.context.depend(l, y);
    let found = t.partial(l_term, x);
    let by_y = t.partial(l_term, y_term);
    let wt = t.transpose(w);
    let expected = t.product(&[by_y, wt]);
    t.equal::<Fp>(found, expected);
    t.equal::<f64>(found, expected);
}

#[test]
fn a_matrix_function_of_a_scalar() {
    let mut t = Typed::default();
    let (alpha, alpha_term) = t.variable("α", Shape::Scalar);
    let (a, a_term) = t.matrix("A", "m", "m");
    t.context.depend(a, alpha);
    t.context.set_property(a, Property::Invertible);
    let inverse = t.op(Op::Inverse, &[a_term]);
    let found = t.partial(inverse, alpha_term);
    let da = t.partial(a_term, alpha_term);
    let product = t.product(&[inverse, da, inverse]);
    let expected = t.minus(product);
    t.equal::<Fp>(found, expected);
    // Second derivatives are derivatives of the same polynomial.
    let second = t.partial(da, alpha_term);
    let again = t.partial(a_term, alpha_term);
    let again = t.partial(again, alpha_term);
    t.equal::<Fp>(second, again);
}

#[test]
fn entries_sums_and_cases() {
    let mut t = Typed::default();
    let (_, theta) = t.vector("θ", "C");
    let c = t.dim("C");
    let index = |name: &str| Index::Named { name: name.into(), dim: c.clone() };
    let softmax = t.call(Function::Softmax, theta);
    let (_, s) = t.define("s", softmax);
    let entry = |t: &mut Typed, a: Term, name: &str| t.op(Op::Entry(vec![index(name)]), &[a]);
    let (sj, sk) = (entry(&mut t, s, "j"), entry(&mut t, s, "k"));
    let theta_k = entry(&mut t, theta, "k");
    let found = t.partial(sj, theta_k);
    let one = t.context.terms.integer(1);
    let negative = t.minus(sj);
    let rest = t.sum(&[one, negative]);
    let equal = t.product(&[sj, rest]);
    let product = t.product(&[sj, sk]);
    let different = t.minus(product);
    let guards = vec![Guard::Equal(index("j"), index("k")), Guard::Otherwise];
    let cases = t.op(Op::Cases(guards), &[equal, different]);
    for (j, k) in [(1, 1), (1, 2), (2, 1), (2, 2)] {
        let mut model = t.model::<Fp>(&[found, cases], 3);
        model.set_index("j", j);
        model.set_index("k", k);
        assert_eq!(model.evaluate(found), model.evaluate(cases));
    }
    // Σ_{j≠k} s_j = 1 − s_k
    let sum = t.op(Op::IndexSum { index: index("j"), excluding: Some(index("k")) }, &[sj]);
    let negative = t.minus(sk);
    let expected = t.sum(&[one, negative]);
    let mut model = t.model::<Fp>(&[sum, expected], 3);
    assert_eq!(model.evaluate(sum), Err(EvalError::UnboundIndex("k".into())));
    model.set_index("k", 2);
    assert_eq!(model.evaluate(sum), model.evaluate(expected));
}

#[test]
fn relu_away_from_and_at_its_kink() {
    let mut t = Typed::default();
    let (y, y_term) = t.variable("y", Shape::Scalar);
    let relu = t.call(Function::Relu, y_term);
    let slope = t.partial(relu, y_term);
    let zero = t.context.terms.integer(0);
    let one = t.context.terms.integer(1);
    let guards = vec![Guard::Subject(Comparison::Positive), Guard::Otherwise];
    let cases = t.op(Op::Cases(guards), &[one, zero, y_term]);
    let mut model = Model::<f64>::new(&t.context, Sizes::default(), Settings::default());
    for value in [-2.0, 3.0] {
        model.set(y, Matrix::scalar(Dual::from(value)));
        assert_eq!(model.evaluate(slope), model.evaluate(cases));
    }
    model.set(y, Matrix::scalar(Dual::from(0.0)));
    assert_eq!(model.evaluate(slope), Err(EvalError::Kink));
    model.set_kink(Some(ratio(1, 2)));
    assert_eq!(*model.evaluate(slope).unwrap().value(), Dual::from(0.5));
    let mut model = Model::<Fp>::new(&t.context, Sizes::default(), Settings::default());
    model.set(y, Matrix::scalar(Dual::from(Fp::new(2))));
    assert_eq!(model.evaluate(slope), Err(EvalError::NeedsOrder));
}

#[test]
fn assumed_equations_are_sampled_or_refused() {
    let mut t = Typed::default();
    let (_, y) = t.vector("y", "C");
    let (_, x) = t.vector("x", "n");
    let (_, a) = t.matrix("A", "n", "m");
    let (_, b) = t.matrix("B", "n", "n");
    let (_, g) = t.matrix("G", "n", "n");
    let one = t.context.terms.integer(1);
    let total = t.call(Function::SumAll, y);
    let at = t.transpose(a);
    let gram = t.product(&[at, a]);
    let m = t.dim("m");
    let n = t.dim("n");
    let identity = t.op(Op::Identity(m), &[]);
    let xt = t.transpose(x);
    let length = t.product(&[xt, x]);
    let length = t.op(Op::AsScalar, &[length]);
    let bx = t.product(&[b, x]);
    let bg = t.product(&[b, g]);
    let gb = t.product(&[g, b]);
    let identity_n = t.op(Op::Identity(n), &[]);
    let cube = t.product(&[b, b, b]);
    let sampled = [(total, one), (gram, identity), (length, one), (bx, x), (bg, gb), (gb, identity_n)];
    for (left, right) in sampled {
        let plan = Plan::new(&t.context, &[left, right], &[Claim::Equation(left, right)]);
        let model = (0..20).find_map(|attempt| plan.sample::<Fp>(7, 0, attempt).ok());
        assert!(model.is_some(), "{:?}", t.context.terms.op(left));
        let model = (0..20).find_map(|attempt| plan.sample::<f64>(7, 0, attempt).ok());
        assert!(model.is_some(), "{:?}", t.context.terms.op(left));
    }
    let plan = Plan::new(&t.context, &[cube], &[Claim::Equation(cube, identity_n)]);
    for attempt in 0..20 {
        assert_eq!(plan.sample::<Fp>(7, 0, attempt).err(), Some(EvalError::Unsampleable));
    }
}

#[test]
fn errors_are_named() {
    let mut t = Typed::default();
    let (x, x_term) = t.variable("x", Shape::Scalar);
    let exp = t.call(Function::Exp, x_term);
    let tower = (0..40).fold(exp, |tower, _| t.call(Function::Exp, tower));
    let mut model = Model::<f64>::new(&t.context, Sizes::default(), Settings::default());
    assert_eq!(model.evaluate(exp), Err(EvalError::UnboundSymbol(x)));
    model.set(x, Matrix::scalar(Dual::from(1.0)));
    assert_eq!(model.evaluate(tower), Err(EvalError::Overflow));
    let derivative = (0..4).fold(exp, |f, _| t.context.terms.raw(Op::Partial, &[f, x_term]).unwrap());
    let mut model = Model::<f64>::new(&t.context, Sizes::default(), Settings::default());
    model.set(x, Matrix::scalar(Dual::from(1.0)));
    assert_eq!(model.evaluate(derivative), Err(EvalError::Order));
}

#[test]
fn domains() {
    let mut t = Typed::default();
    let (_, y) = t.vector("y", "n");
    let sum = t.call(Function::SumAll, y);
    let norm = t.call(Function::Norm2, y);
    let tanh = t.call(Function::Tanh, y);
    let relu = t.call(Function::Relu, tanh);
    let (defined, name) = t.define("h", relu);
    let of = |term: Term| domain(&t.context, &[term], &[]);
    assert_eq!(
        (of(sum), of(norm), of(tanh), of(name)),
        (Domain::Field, Domain::Algebraic, Domain::Oracle, Domain::Real)
    );
    assert_eq!(domain(&t.context, &[name], &[defined]), Domain::Field);
}

/// Central differences of every smooth function, as a third opinion.
#[test]
fn finite_differences_agree() {
    let mut t = Typed::default();
    let (_, x) = t.vector("x", "n");
    let (_, a) = t.matrix("A", "n", "n");
    let mut terms = Vec::new();
    for function in Function::all() {
        let arg = match function {
            Function::Softmax | Function::LogSumExp | Function::Norm1 | Function::Norm2 => x,
            Function::Mean | Function::Var | Function::Diag => x,
            _ => a,
        };
        let jump = matches!(function, Function::Sign | Function::Step | Function::StepClosed);
        if !jump {
            terms.push(t.call(function, arg));
        }
    }
    let half = t.context.terms.number(ratio(1, 3));
    terms.push(t.op(Op::ElementPower, &[x, half]));
    terms.push(t.op(Op::Inverse, &[a]));
    for term in terms {
        let point = (0..60).find_map(|attempt| compare_with_differences(&t.context, term, attempt).ok());
        let difference = point.unwrap_or_else(|| panic!("no point for {:?}", t.context.terms.op(term)));
        assert!(difference < 1e-6, "{:?}: {difference}", t.context.terms.op(term));
    }
}

/// The numbers without infinitesimals.
fn reals(value: &Value<f64>) -> Matrix<f64> {
    value.map(|entry| *entry.value())
}

fn compare_with_differences(context: &Context, term: Term, attempt: u32) -> Result<f64, EvalError> {
    let plan = Plan::new(context, &[term], &[]);
    let mut model = plan.sample::<f64>(11, 0, attempt)?;
    let mut rng = gradus::eval::Rng::new(3);
    let directions: Vec<(Symbol, Value<f64>)> =
        model.values().iter().map(|(&s, value)| (s, value.map(|_| Dual::draw(&mut rng, 0)))).collect();
    let exact = model.directional(term, &directions)?;
    let step = 1e-5;
    let moved = |sign: f64| {
        let mut moved = model.clone();
        for (symbol, direction) in &directions {
            let value = moved.values()[symbol].zip(direction, |x, dx| x.plus(&Dual::from(sign * step).times(dx)));
            moved.set(*symbol, value);
        }
        moved.evaluate(term)
    };
    let (up, down) = (reals(&moved(1.0)?), reals(&moved(-1.0)?));
    let difference = up.zip(&down, |up, down| (up - down) / (2.0 * step));
    let exact = reals(&exact);
    let scale = exact.data().iter().fold(1.0, |scale: f64, x| scale.max(x.abs()));
    let worst = exact.zip(&difference, |x, y| (x - y).abs() / scale);
    Ok(worst.data().iter().fold(0.0, |worst: f64, x| worst.max(*x)))
}
