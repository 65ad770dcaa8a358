//! Round trips and derivatives against evaluation, and results known by hand.

use super::*;
use crate::eval::{Plan, Value};
use crate::facts::Facts;
use crate::ir::normal::Normal;
use crate::ir::{Claim, Context, Function, Index, Op, Symbol, SymbolKind, Term, ratio};
use crate::print::{Spelling, term as printed};
use crate::rules::{Kink, RuleSet};
use crate::shape::{Dim, Shape};
use crate::trace::{Level, Statement};

/// Declared names and short ways to build raw terms.
struct Bench {
    context: Context,
}

#[allow(clippy::many_single_char_names)]
impl Bench {
    fn new() -> Self {
        Bench { context: Context::new() }
    }

    fn shape(&mut self, shape: &str) -> Shape {
        match shape.split_once('×') {
            None if shape.is_empty() => Shape::Scalar,
            None => Shape::vector(self.context.dim(shape)),
            Some((rows, cols)) => {
                let rows = self.context.dim(rows);
                let cols = self.context.dim(cols);
                Shape::matrix(rows, cols)
            }
        }
    }

    fn var(&mut self, name: &str, shape: &str) -> Term {
        let shape = self.shape(shape);
        let symbol = self.context.declare(name, shape, SymbolKind::Variable);
        self.context.terms.symbol(symbol)
    }

    fn define(&mut self, name: &str, raw: Term) -> Term {
        let normal = Normal::new(&mut self.context.terms).term(raw);
        let shape = self.context.terms.shape(raw).clone();
        let kind = SymbolKind::Definition(crate::ir::Definition { raw, normal });
        let symbol = self.context.declare(name, shape, kind);
        self.context.terms.symbol(symbol)
    }

    fn symbol(&self, term: Term) -> Symbol {
        self.context.terms.as_symbol(term).unwrap()
    }

    fn make(&mut self, op: Op, args: &[Term]) -> Term {
        self.context.terms.make(op, args)
    }

    fn mul(&mut self, args: &[Term]) -> Term {
        self.make(Op::Product, args)
    }

    fn dot(&mut self, a: Term, b: Term) -> Term {
        let row = self.t(a);
        let product = self.mul(&[row, b]);
        self.make(Op::AsScalar, &[product])
    }

    fn add(&mut self, args: &[Term]) -> Term {
        self.make(Op::Sum, args)
    }

    fn had(&mut self, args: &[Term]) -> Term {
        self.make(Op::Hadamard, args)
    }

    fn t(&mut self, a: Term) -> Term {
        self.make(Op::Transpose, &[a])
    }

    fn inv(&mut self, a: Term) -> Term {
        self.make(Op::Inverse, &[a])
    }

    fn call(&mut self, f: Function, a: Term) -> Term {
        self.make(Op::Call(f), &[a])
    }

    fn num(&mut self, n: i64) -> Term {
        self.context.terms.integer(n)
    }

    fn neg(&mut self, a: Term) -> Term {
        let minus = self.num(-1);
        self.mul(&[minus, a])
    }

    fn epow(&mut self, a: Term, n: i64) -> Term {
        let n = self.num(n);
        self.make(Op::ElementPower, &[a, n])
    }

    fn pow(&mut self, a: Term, n: i64) -> Term {
        let n = self.num(n);
        self.make(Op::Power, &[a, n])
    }

    fn index(&mut self, name: &str, dim: &str) -> Index {
        Index::Named { name: name.into(), dim: self.context.dim(dim) }
    }

    fn entry(&mut self, a: Term, indices: &[&Index]) -> Term {
        self.make(Op::Entry(indices.iter().map(|&index| index.clone()).collect()), &[a])
    }

    fn sigma(&mut self, index: &Index, body: Term) -> Term {
        self.make(Op::IndexSum { index: index.clone(), excluding: None }, &[body])
    }

    fn show(&self, term: Term) -> String {
        printed(&self.context, term, Spelling::Unicode)
    }

    /// Both terms have the same value at several random points.
    fn same_values(&self, left: Term, right: Term) {
        let plan = Plan::new(&self.context, &[left, right], &[]);
        let mut seen = 0;
        for point in 0..24 {
            let Ok(mut model) = plan.sample::<f64>(7, point, 0) else { continue };
            for (name, value) in [("i", 1), ("j", 2), ("k", 1), ("l", 2), ("p", 2), ("q", 1)] {
                model.set_index(name, 1 + (value + point as usize) % 2);
            }
            let (Ok(a), Ok(b)) = (model.evaluate(left), model.evaluate(right)) else { continue };
            self.close(&a, &b, left, right);
            seen += 1;
        }
        assert!(seen > 2, "no point could be evaluated: {} and {}", self.show(left), self.show(right));
    }

    fn close(&self, a: &Value<f64>, b: &Value<f64>, left: Term, right: Term) {
        assert_eq!((a.rows(), a.cols()), (b.rows(), b.cols()), "{} | {}", self.show(left), self.show(right));
        for (x, y) in a.data().iter().zip(b.data()).map(|(x, y)| (*x.value(), *y.value())) {
            if x.is_nan() && y.is_nan() {
                continue;
            }
            let scale = 1.0 + x.abs().max(y.abs());
            assert!((x - y).abs() <= 1e-7 * scale, "{} | {}: {x} and {y}", self.show(left), self.show(right));
        }
    }

    /// ∂vec f/∂(vec x)ᵀ by index form, as matrices and as indices.
    fn jacobian(&mut self, f: Term, x: Term) -> (Option<Term>, Term, Vec<Index>) {
        let symbol = self.symbol(x);
        let mut workspace = Workspace::new(&mut self.context);
        let form = workspace.read(f).unwrap();
        let output = form.free.clone();
        let shape = workspace.shape(x);
        let new = workspace.axes(&shape);
        let derivative = workspace.differentiate(&form, symbol, &new, &Standard(symbol)).unwrap();
        let matrix = workspace.to_jacobian(&derivative, &output, &new);
        let indices = workspace.to_indices(&derivative);
        let free = workspace.free_indices(&derivative.free);
        (matrix, indices, free)
    }

    /// The Jacobian by index form has the values of the derivative by dual numbers.
    fn check_jacobian(&mut self, f: Term, x: Term) -> Option<String> {
        let (matrix, indices, free) = self.jacobian(f, x);
        let by_entries = self.partial_of_entries(f, x, &free);
        self.same_values(indices, by_entries);
        let matrix = matrix?;
        let mut partial = self.make(Op::Partial, &[f, x]);
        if self.context.terms.shape(f).is_scalar() && !self.context.terms.shape(x).is_scalar() {
            let vector = self.call(Function::Vec, partial);
            partial = self.t(vector);
        } else if self.context.terms.shape(x).is_scalar() && !self.context.terms.shape(f).is_scalar() {
            partial = self.call(Function::Vec, partial);
        }
        let matrix_term = if self.context.terms.shape(partial).is_scalar() {
            Normal::new(&mut self.context.terms).as_scalar(matrix)
        } else {
            matrix
        };
        self.same_values(matrix_term, partial);
        Some(self.show(matrix))
    }

    fn partial_of_entries(&mut self, f: Term, x: Term, free: &[Index]) -> Term {
        let split = free.len() - super::workspace::rank(self.context.terms.shape(x));
        let entry = |bench: &mut Self, term: Term, at: &[Index]| {
            if at.is_empty() { term } else { bench.make(Op::Entry(at.to_vec()), &[term]) }
        };
        let f = entry(self, f, &free[..split]);
        let x = entry(self, x, &free[split..]);
        self.make(Op::Partial, &[f, x])
    }

    /// Reading and writing a term gives the same values, as a matrix and as indices.
    fn check_round_trip(&mut self, term: Term) -> Option<String> {
        let mut workspace = Workspace::new(&mut self.context);
        let form = workspace.read(term).unwrap();
        let matrix = workspace.to_matrix(&form, &form.free);
        let indices = workspace.to_indices(&form);
        let free = workspace.free_indices(&form.free);
        let entry = if free.is_empty() { term } else { self.make(Op::Entry(free), &[term]) };
        self.same_values(indices, entry);
        let matrix = matrix?;
        if self.context.terms.shape(matrix) == self.context.terms.shape(term) {
            self.same_values(matrix, term);
        }
        Some(self.show(matrix))
    }
}

/// The rules that belong to Gradus, with everything presupposed that the differentiated term needs.
struct Standard(Symbol);

impl Standard {
    fn with<R>(&self, context: &mut Context, term: Term, then: impl FnOnce(Table, &mut Context) -> R) -> R {
        let facts = Facts::new(context, &[self.0], &[term]);
        then(Table { rules: RuleSet::standard(), facts: &facts, kink: Kink::Excluded }, context)
    }
}

impl Differentials for Standard {
    fn differential(&self, context: &mut Context, differential: Term) -> Option<Applied> {
        self.with(context, differential, |table, context| table.differential(context, differential))
    }

    fn definition(&self, context: &mut Context, term: Term) -> Option<Applied> {
        self.with(context, term, |table, context| table.definition(context, term))
    }

    fn known_value(&self, context: &mut Context, term: Term) -> Option<Applied> {
        self.with(context, term, |table, context| table.known_value(context, term))
    }
}

// --- reading and writing -------------------------------------------------------------------------------------------

#[test]
fn terms_survive_the_round_trip() {
    let mut b = Bench::new();
    let (a, c) = (b.var("A", "m×n"), b.var("C", "n×m"));
    let s = b.var("S", "n×n");
    let (x, y, u) = (b.var("x", "n"), b.var("y", "n"), b.var("u", "m"));
    let t = b.var("t", "");
    let (at, xt) = (b.t(a), b.t(x));
    let ac = b.mul(&[a, c]);
    let trace = b.call(Function::Trace, ac);
    let outer = b.mul(&[u, xt]);
    let both = b.had(&[a, outer]);
    let quadratic = b.mul(&[xt, s, y]);
    let quadratic = b.make(Op::AsScalar, &[quadratic]);
    let diag = b.call(Function::Diag, x);
    let scaled = b.mul(&[a, diag, c]);
    let dp = b.call(Function::DiagPart, ac);
    let total = b.call(Function::SumAll, both);
    let rows = b.call(Function::RowSum, a);
    let cols = b.call(Function::ColSum, a);
    let exp = b.call(Function::Exp, x);
    let exp_sum = b.call(Function::SumAll, exp);
    let soft = b.make(Op::Quotient, &[exp, exp_sum]);
    let ax = b.mul(&[a, x]);
    let residual = b.neg(u);
    let residual = b.add(&[ax, residual]);
    let squares = b.epow(residual, 2);
    let loss = b.call(Function::SumAll, squares);
    let inner = b.make(Op::Inner, &[a, outer]);
    let inverse = b.inv(s);
    let solved = b.mul(&[inverse, y]);
    let power = b.pow(quadratic, 3);
    let mean = b.call(Function::Mean, x);
    let sum = b.mul(&[t, power]);
    let weighted = b.had(&[x, y, x]);
    let gram = b.mul(&[at, a]);
    let matrix_power = b.pow(s, 3);
    let n = b.context.dim("n");
    let ones = b.make(Op::Ones(n.clone(), Dim::one()), &[]);
    let ones_row = b.t(ones);
    let spread = b.mul(&[ones, ones_row]);
    let spread = b.mul(&[spread, s]);
    let unit = b.make(Op::Unit(n, Index::At(2)), &[]);
    let column = b.mul(&[a, unit]);
    for term in [
        trace, both, quadratic, scaled, dp, total, rows, cols, soft, loss, inner, solved, sum, mean, weighted, gram,
        matrix_power, spread, column, at, ac,
    ] {
        b.check_round_trip(term).unwrap_or_else(|| panic!("no matrix form of {}", b.show(term)));
    }
}

#[test]
fn sums_over_indices_become_matrices() {
    let mut b = Bench::new();
    let (y, z) = (b.var("y", "C"), b.var("ŷ", "C"));
    let a = b.var("A", "C×C");
    let (i, j) = (b.index("i", "C"), b.index("j", "C"));
    let (yj, zj) = (b.entry(y, &[&j]), b.entry(z, &[&j]));
    let log = b.call(Function::Log, zj);
    let product = b.mul(&[yj, log]);
    let sum = b.sigma(&j, product);
    let loss = b.neg(sum);
    let matrix = matrix_form(&mut b.context, loss, &[]).unwrap();
    assert_eq!(b.show(matrix), "−yᵀ log ŷ");
    b.same_values(loss, matrix);

    let (yi, aij) = (b.entry(y, &[&i]), b.entry(a, &[&i, &j]));
    let body = b.mul(&[yi, aij, zj]);
    let inner = b.sigma(&j, body);
    let double = b.sigma(&i, inner);
    let matrix = matrix_form(&mut b.context, double, &[]).unwrap();
    assert_eq!(b.show(matrix), "yᵀAŷ");

    let without = b.make(Op::IndexSum { index: j.clone(), excluding: Some(i.clone()) }, &[yj]);
    let exp = b.call(Function::Exp, without);
    let vector = matrix_form(&mut b.context, exp, std::slice::from_ref(&i)).unwrap();
    let entry = b.entry(vector, &[&i]);
    b.same_values(entry, exp);
}

#[test]
fn a_softmax_by_entries_is_a_vector() {
    let mut b = Bench::new();
    let theta = b.var("θ", "C");
    let (i, j) = (b.index("i", "C"), b.index("j", "C"));
    let (ti, tj) = (b.entry(theta, &[&i]), b.entry(theta, &[&j]));
    let (ei, ej) = (b.call(Function::Exp, ti), b.call(Function::Exp, tj));
    let sum = b.sigma(&i, ei);
    let quotient = b.make(Op::Quotient, &[ej, sum]);
    let vector = matrix_form(&mut b.context, quotient, std::slice::from_ref(&j)).unwrap();
    let entry = b.entry(vector, &[&j]);
    b.same_values(entry, quotient);
}

// --- derivatives ---------------------------------------------------------------------------------------------------

#[test]
fn known_jacobians() {
    let mut b = Bench::new();
    let (a, c) = (b.var("A", "m×n"), b.var("B", "k×l"));
    let x = b.var("X", "n×k");
    let s = b.var("S", "n×n");
    let (v, t) = (b.var("v", "n"), b.var("t", ""));
    let axb = b.mul(&[a, x, c]);
    assert_eq!(b.check_jacobian(axb, x).unwrap(), "Bᵀ ⊗ A");
    let inverse = b.inv(s);
    assert_eq!(b.check_jacobian(inverse, s).unwrap(), "−S⁻ᵀ ⊗ S⁻¹");
    let xt = b.t(x);
    let gram = b.mul(&[xt, x]);
    b.check_jacobian(gram, x).unwrap();
    let p = b.call(Function::Softmax, v);
    assert_eq!(b.check_jacobian(p, v).unwrap(), "diag(softmax(v)) − softmax(v) softmax(v)ᵀ");
    let squared = b.had(&[x, x]);
    assert_eq!(b.check_jacobian(squared, x).unwrap(), "2 diag(vec(X))");
    b.check_jacobian(xt, x).unwrap();
    let tv = b.mul(&[t, x]);
    b.check_jacobian(tv, t).unwrap();
    let av = b.mul(&[a, v]);
    assert_eq!(b.check_jacobian(av, a).unwrap(), "vᵀ ⊗ I_m");
    let st = b.t(s);
    let outer = b.mul(&[v, t]);
    let vt = b.t(v);
    let vvt = b.mul(&[v, vt]);
    b.check_jacobian(vvt, v).unwrap();
    b.check_jacobian(outer, v).unwrap();
    let det = b.call(Function::Det, s);
    b.check_jacobian(det, s).unwrap();
    let mixed = b.mul(&[st, s, v]);
    b.check_jacobian(mixed, s).unwrap();
    let trace = b.call(Function::Trace, s);
    let scaled = b.mul(&[trace, x]);
    b.check_jacobian(scaled, s).unwrap();
    let diag = b.call(Function::Diag, v);
    let diagonal = b.mul(&[a, diag]);
    b.check_jacobian(diagonal, v);
}

#[test]
fn known_gradients_and_hessians() {
    let mut b = Bench::new();
    let a = b.var("A", "n×n");
    let x = b.var("x", "n");
    let y = b.var("y", "n");
    let ax = b.mul(&[a, x]);
    let quadratic = b.dot(x, ax);
    let gradient = |b: &mut Bench, f: Term, x: Term| {
        let symbol = b.symbol(x);
        let mut w = Workspace::new(&mut b.context);
        let form = w.read(f).unwrap();
        let shape = w.shape(x);
        let new = w.axes(&shape);
        let derivative = w.differentiate(&form, symbol, &new, &Standard(symbol)).unwrap();
        w.to_matrix(&derivative, &new).unwrap()
    };
    let g = gradient(&mut b, quadratic, x);
    assert_eq!(b.check_jacobian(g, x).unwrap(), "A + Aᵀ");
    let n = b.call(Function::Norm2, x);
    let g = gradient(&mut b, n, x);
    b.check_jacobian(g, x).unwrap();
    let e = b.call(Function::Exp, ax);
    let lse = b.call(Function::LogSumExp, ax);
    let dots = b.dot(y, e);
    for f in [lse, dots] {
        b.check_jacobian(f, x).unwrap();
        b.check_jacobian(f, a).unwrap();
        let g = gradient(&mut b, f, x);
        b.check_jacobian(g, x).unwrap();
        b.check_jacobian(g, a);
    }
    // det(A) of a singular A has a derivative (Jacobi's formula with adj), but no second one by a rule.
    let a_symbol = b.symbol(a);
    b.context.set_property(a_symbol, crate::ir::Property::Invertible);
    let det = b.call(Function::Det, a);
    let g = gradient(&mut b, det, a);
    b.check_jacobian(g, a).unwrap();
}

#[test]
fn third_derivatives_are_written_in_indices() {
    let mut b = Bench::new();
    let x = b.var("x", "n");
    let norm = b.dot(x, x);
    let f = b.pow(norm, 2);
    let symbol = b.symbol(x);
    let mut w = Workspace::new(&mut b.context);
    let mut form = w.read(f).unwrap();
    let shape = w.shape(x);
    for _ in 0..3 {
        let new = w.axes(&shape);
        form = w.differentiate(&form, symbol, &new, &Standard(symbol)).unwrap();
    }
    assert_eq!(form.free.len(), 3);
    let term = w.to_indices(&form);
    assert_eq!(w.to_matrix(&form, &form.free), None);
    assert_eq!(b.show(term).matches('δ').count(), 3, "{}", b.show(term));
}

#[test]
fn definitions_are_cut_points() {
    let mut b = Bench::new();
    let (w, x) = (b.var("W", "M×D"), b.var("x", "D"));
    let u = b.var("U", "C×M");
    let y = b.var("y", "C");
    let wx = b.mul(&[w, x]);
    let z = b.define("z", wx);
    let relu = b.call(Function::Tanh, z);
    let h = b.define("h", relu);
    let uh = b.mul(&[u, h]);
    let theta = b.define("θ", uh);
    let soft = b.call(Function::Softmax, theta);
    let yhat = b.define("ŷ", soft);
    let log = b.call(Function::Log, yhat);
    let loss = b.dot(y, log);
    let loss = b.neg(loss);
    let j = b.define("J", loss);
    for variable in [yhat, theta, u, h, z, w, x] {
        let shown = b.check_jacobian(j, variable);
        assert!(shown.is_some(), "{}", b.show(variable));
    }
}

#[test]
fn deep_networks_stay_small() {
    let mut b = Bench::new();
    let (x, y) = (b.var("x", "n"), b.var("y", "n"));
    let weights: Vec<Term> = (0..64).map(|layer| b.var(&format!("W{layer}"), "n×n")).collect();
    let mut h = x;
    for (layer, &w) in weights.iter().enumerate() {
        let z = b.mul(&[w, h]);
        let z = b.define(&format!("z{layer}"), z);
        let tanh = b.call(Function::Tanh, z);
        h = b.define(&format!("h{layer}"), tanh);
    }
    let loss = b.dot(y, h);
    let symbol = b.symbol(weights[0]);
    let mut w = Workspace::new(&mut b.context);
    let form = w.read(loss).unwrap();
    let shape = w.shape(weights[0]);
    let new = w.axes(&shape);
    let derivative = w.differentiate(&form, symbol, &new, &Standard(symbol)).unwrap();
    assert_eq!(derivative.networks.len(), 1);
    assert!(w.to_matrix(&derivative, &new).is_some());
}

#[test]
fn undefined_functions_have_partial_derivatives() {
    let mut b = Bench::new();
    let (x, w) = (b.var("X", "N×D"), b.var("W", "D×M"));
    let xw = b.mul(&[x, w]);
    let y = b.define("Y", xw);
    let l = b.var("L", "");
    let (l_symbol, y_symbol) = (b.symbol(l), b.symbol(y));
    b.context.depend(l_symbol, y_symbol);
    let (matrix, ..) = b.jacobian(l, x);
    // The Jacobian is the row vec(·)ᵀ of the gradient (∂L/∂Y) Wᵀ.
    assert_eq!(b.show(matrix.unwrap()), "vec((∂L/∂Y) Wᵀ)ᵀ");
}

#[test]
fn unknown_is_refused_not_zero() {
    let mut b = Bench::new();
    let a = b.var("A", "n×n");
    let f = b.call(Function::MatrixExp, a);
    let symbol = b.symbol(a);
    let mut w = Workspace::new(&mut b.context);
    let form = w.read(f).unwrap();
    let shape = w.shape(a);
    let new = w.axes(&shape);
    assert_eq!(w.differentiate(&form, symbol, &new, &Standard(symbol)), Err(Refusal::NoDerivative(f)));
}

#[test]
fn a_second_opinion_looks_into_names() {
    let (mut b, [theta, y, yhat, loss]) = tutorial();
    let minus = b.neg(y);
    let total = b.call(Function::SumAll, y);
    let scaled = b.mul(&[total, yhat]);
    let answer = b.add(&[scaled, minus]);
    let delta = b.define("δ_1", answer);
    let wrong = b.add(&[yhat, y]);
    let symbol = b.symbol(theta);
    for (answer, expected) in [(answer, Comparison::Same), (delta, Comparison::Same), (wrong, Comparison::Different)] {
        let mut w = Workspace::new(&mut b.context);
        assert_eq!(second_opinion(&mut w, &Standard(symbol), loss, symbol, answer), Ok(expected));
    }
}

// --- comparison ----------------------------------------------------------------------------------------------------

#[test]
fn forms_compare_up_to_the_names_of_summed_indices() {
    let mut b = Bench::new();
    let (a, c) = (b.var("A", "n×n"), b.var("B", "n×n"));
    let x = b.var("x", "n");
    let compare = |b: &mut Bench, left: Term, right: Term| {
        let mut w = Workspace::new(&mut b.context);
        let (left, right) = (w.read(left).unwrap(), w.read(right).unwrap());
        w.compare(&left, &right)
    };
    let sum = b.add(&[a, c]);
    let minus = b.neg(c);
    let difference = b.add(&[a, minus]);
    let product = b.mul(&[sum, difference]);
    let terms = [b.mul(&[a, a]), b.mul(&[a, c]), b.mul(&[c, a]), b.mul(&[c, c])];
    let (minus_ac, minus_cc) = (b.neg(terms[1]), b.neg(terms[3]));
    let expanded = b.add(&[terms[0], minus_ac, terms[2], minus_cc]);
    assert_eq!(compare(&mut b, product, expanded), Comparison::Same);
    assert_eq!(compare(&mut b, terms[1], terms[2]), Comparison::Different);
    let (at, ct) = (b.t(a), b.t(c));
    let powers = b.pow(a, 8);
    let transposed = b.pow(at, 8);
    let (left, right) = (b.call(Function::Trace, powers), b.call(Function::Trace, transposed));
    assert_eq!(compare(&mut b, left, right), Comparison::Same);
    let abab = b.mul(&[a, c, a, c]);
    let other = b.mul(&[ct, at, ct, at]);
    let (left, right) = (b.call(Function::Trace, abab), b.call(Function::Trace, other));
    assert_eq!(compare(&mut b, left, right), Comparison::Same);
    let ax = b.mul(&[a, x]);
    let q = b.dot(x, ax);
    let squared = b.pow(q, 2);
    let written = b.mul(&[q, q]);
    assert_eq!(compare(&mut b, squared, written), Comparison::Same);
}

#[test]
fn past_the_budget_the_answer_is_unknown() {
    let mut b = Bench::new();
    let a = b.var("A", "n×n");
    let power = b.pow(a, 8);
    let trace = b.call(Function::Trace, power);
    let limits = Limits { labellings: 2, ..Limits::default() };
    let mut w = Workspace::with(&mut b.context, Facts::default(), limits);
    let form = w.read(trace).unwrap();
    assert_eq!(w.compare(&form, &form.clone()), Comparison::Unknown);
}

/// (a + c)⁴ has 16 networks with 64 factors; both are counted before anything is written out.
#[test]
fn what_would_be_too_long_is_not_written_out() {
    let mut b = Bench::new();
    let (a, c) = (b.var("a", ""), b.var("c", ""));
    let sum = b.add(&[a, c]);
    let name = b.define("s", sum);
    let (folded, unfolded) = (b.pow(name, 4), b.pow(sum, 4));
    for (factors, expected) in [(64, Comparison::Same), (63, Comparison::Unknown)] {
        let limits = Limits { factors, ..Limits::default() };
        let mut w = Workspace::with(&mut b.context, Facts::default(), limits);
        let (left, right) = (w.read(folded).unwrap(), w.read(unfolded).unwrap());
        assert_eq!(w.extent(&left, true), Ok(super::extent::Extent { networks: 16, factors: 64 }));
        assert_eq!(w.compare_unfolded(&left, &right), expected);
    }
}

// --- questions about entries ---------------------------------------------------------------------------------------

/// ŷ = softmax(θ), J = −Σ_j y_j log ŷ_j.
fn tutorial() -> (Bench, [Term; 4]) {
    let mut b = Bench::new();
    let theta = b.var("θ", "C");
    let y = b.var("y", "C");
    let soft = b.call(Function::Softmax, theta);
    let yhat = b.define("ŷ", soft);
    let j = b.index("j", "C");
    let (yj, zj) = (b.entry(y, &[&j]), b.entry(yhat, &[&j]));
    let log = b.call(Function::Log, zj);
    let product = b.mul(&[yj, log]);
    let sum = b.sigma(&j, product);
    let loss = b.neg(sum);
    let loss = b.define("J", loss);
    (b, [theta, y, yhat, loss])
}

fn ask(b: &mut Bench, f: Term, x: Term, indices: &[&Index]) -> EntryAnswer {
    let symbol = b.symbol(x);
    let indices: Vec<Index> = indices.iter().map(|&index| index.clone()).collect();
    let answer = entry_derivative(&mut b.context, &Standard(symbol), &Facts::default(), f, symbol, &indices).unwrap();
    for step in &answer.derivation.steps {
        let (Statement::Term(before), Statement::Term(after)) = (step.before, step.after) else { continue };
        if answer.assumptions.is_empty() {
            b.same_values(before, after);
        }
    }
    answer
}

fn headlines(b: &Bench, answer: &EntryAnswer) -> Vec<String> {
    let show = |statement: &Statement| crate::print::statement(&b.context, statement, Spelling::Unicode);
    answer.derivation.up_to(Level::Headline).map(|step| show(&step.after)).collect()
}

#[test]
fn the_softmax_by_entries_in_cases() {
    let (mut b, [theta, _, yhat, _]) = tutorial();
    let (j, k) = (b.index("j", "C"), b.index("k", "C"));
    let entry = b.entry(yhat, &[&j]);
    let answer = ask(&mut b, entry, theta, &[&k]);
    assert_eq!(b.show(answer.term), "{ ŷⱼ(1 − ŷⱼ) if j = k; −ŷⱼŷₖ if j ≠ k }");
    assert!(answer.would_help.is_empty());
}

#[test]
fn the_cross_entropy_by_entries_without_and_with_the_assumption() {
    let (mut b, [theta, y, yhat, loss]) = tutorial();
    let k = b.index("k", "C");
    let answer = ask(&mut b, loss, theta, &[&k]);
    let steps = headlines(&b, &answer);
    assert_eq!(b.show(answer.term), "(Σⱼ yⱼ) ŷₖ − yₖ", "{steps:#?}");
    let sum = b.call(Function::SumAll, y);
    let one = b.num(1);
    assert_eq!(answer.would_help, [Claim::Equation(sum, one)]);

    let id = b.context.assume(Claim::Equation(sum, one));
    let answer = ask(&mut b, loss, theta, &[&k]);
    let steps = headlines(&b, &answer);
    assert_eq!(b.show(answer.term), "ŷₖ − yₖ", "{steps:#?}");
    assert_eq!(answer.assumptions.into_iter().collect::<Vec<_>>(), [id]);
    assert_eq!(
        steps,
        [
            "−yⱼ/ŷⱼ",
            "{ ŷⱼ(1 − ŷⱼ) if j = k; −ŷⱼŷₖ if j ≠ k }",
            "Σⱼ (∂J/∂ŷⱼ) (∂ŷⱼ/∂θₖ)",
            "Σ_{j≠k} yⱼŷₖ − yₖ(1 − ŷₖ)",
            "(Σⱼ yⱼ) ŷₖ − yₖ",
            "ŷₖ − yₖ",
        ]
    );
    let j = b.index("j", "C");
    let answer = ask(&mut b, loss, yhat, &[&j]);
    assert_eq!(b.show(answer.term), "−yⱼ/ŷⱼ");
}

#[test]
fn labels_on_the_simplex_need_no_other_assumption() {
    let (mut b, [theta, y, _, loss]) = tutorial();
    let y = b.symbol(y);
    let id = b.context.set_property(y, crate::ir::Property::Simplex);
    let k = b.index("k", "C");
    let symbol = b.symbol(theta);
    let answer = entry_derivative(&mut b.context, &Standard(symbol), &Facts::default(), loss, symbol, &[k]).unwrap();
    assert_eq!(b.show(answer.term), "ŷₖ − yₖ");
    assert!(answer.evidence.iter().any(|evidence| evidence.assumptions.contains(&id)));
    assert!(answer.would_help.is_empty());
}

#[test]
fn an_elementwise_name_keeps_its_own_rule() {
    let mut b = Bench::new();
    let z = b.var("z", "n");
    let sigmoid = b.call(Function::Sigmoid, z);
    let s = b.define("s", sigmoid);
    let (i, j) = (b.index("i", "n"), b.index("j", "n"));
    let entry = b.entry(s, &[&i]);
    let answer = ask(&mut b, entry, z, &[&j]);
    assert_eq!(b.show(answer.term), "δᵢⱼ sᵢ(1 − sᵢ)");
}

#[test]
fn facts_about_another_question_make_nothing_zero() {
    let mut b = Bench::new();
    let (x, y) = (b.var("x", "n"), b.var("y", "n"));
    let (x_symbol, y_symbol) = (b.symbol(x), b.symbol(y));
    let exp = b.call(Function::Exp, x);
    let f = b.call(Function::SumAll, exp);
    let mut w = Workspace::new(&mut b.context);
    let form = w.read(f).unwrap();
    let new = vec![w.fresh(Dim::named(0, "n"))];
    assert_eq!(w.differentiate(&form, x_symbol, &new, &Standard(y_symbol)), Err(Refusal::NoDerivative(exp)));
}

#[test]
fn entries_of_matrix_products() {
    let mut b = Bench::new();
    let (x, w) = (b.var("X", "N×D"), b.var("W", "D×M"));
    let xw = b.mul(&[x, w]);
    let y = b.define("Y", xw);
    let (i, j) = (b.index("i", "N"), b.index("j", "M"));
    let (p, q) = (b.index("p", "N"), b.index("q", "D"));
    let entry = b.entry(y, &[&i, &j]);
    let answer = ask(&mut b, entry, x, &[&p, &q]);
    assert_eq!(b.show(answer.term), "δᵢₚ W_qj");
    let answer = ask(&mut b, entry, x, &[&Index::At(1), &Index::At(2)]);
    let partial = {
        let at = b.make(Op::Entry(vec![Index::At(1), Index::At(2)]), &[x]);
        b.make(Op::Partial, &[entry, at])
    };
    b.same_values(answer.term, partial);
}

#[test]
fn wrong_questions_are_refused() {
    let (mut b, [theta, _, yhat, loss]) = tutorial();
    let symbol = b.symbol(theta);
    let refuse = |b: &mut Bench, f: Term, indices: &[Index]| {
        entry_derivative(&mut b.context, &Standard(symbol), &Facts::default(), f, symbol, indices)
            .map(|answer| answer.term)
    };
    let k = b.index("k", "C");
    assert_eq!(refuse(&mut b, yhat, std::slice::from_ref(&k)), Err(Refusal::NotScalar(yhat)));
    assert_eq!(refuse(&mut b, loss, &[k.clone(), k]), Err(Refusal::Indices { needed: 1, found: 2 }));
}

#[test]
fn a_softmax_defined_by_entries_gives_the_same_cases() {
    let mut b = Bench::new();
    let theta = b.var("θ", "C");
    let (i, j, k) = (b.index("i", "C"), b.index("j", "C"), b.index("k", "C"));
    let (ti, tj) = (b.entry(theta, &[&i]), b.entry(theta, &[&j]));
    let (ei, ej) = (b.call(Function::Exp, ti), b.call(Function::Exp, tj));
    let sum = b.sigma(&i, ei);
    let quotient = b.make(Op::Quotient, &[ej, sum]);
    let vector = matrix_form(&mut b.context, quotient, std::slice::from_ref(&j)).unwrap();
    let yhat = b.define("ŷ", vector);
    let entry = b.entry(yhat, &[&j]);
    let answer = ask(&mut b, entry, theta, &[&k]);
    assert_eq!(b.show(answer.term), "{ ŷⱼ(1 − ŷⱼ) if j = k; −ŷⱼŷₖ if j ≠ k }");
    // The question may also be asked about the quotient itself.
    let answer = ask(&mut b, quotient, theta, &[&k]);
    assert!(matches!(b.context.terms.op(answer.term), Op::Cases(_)), "{}", b.show(answer.term));
}

#[test]
fn a_symmetric_matrix_needs_no_transpose() {
    let mut b = Bench::new();
    let (a, x) = (b.var("A", "n×n"), b.var("x", "n"));
    let (a_symbol, x_symbol) = (b.symbol(a), b.symbol(x));
    b.context.set_property(a_symbol, crate::ir::Property::Symmetric);
    let ax = b.mul(&[a, x]);
    let f = b.dot(x, ax);
    let facts = Facts::new(&mut b.context, &[x_symbol], &[f]);
    let mut w = Workspace::with(&mut b.context, facts, Limits::default());
    let form = w.read(f).unwrap();
    let new = vec![w.fresh(Dim::named(0, "n"))];
    let derivative = w.differentiate(&form, x_symbol, &new, &Standard(x_symbol)).unwrap();
    let gradient = w.to_matrix(&derivative, &new).unwrap();
    assert!(w.evidence().iter().any(|evidence| evidence.assumptions.len() == 1));
    assert_eq!(b.show(gradient), "2Ax");
}

// --- random terms --------------------------------------------------------------------------------------------------

/// Random terms over a few names.
struct Grower<'b> {
    bench: &'b mut Bench,
    rng: crate::eval::Rng,
    leaves: Vec<Term>,
}

impl Grower<'_> {
    fn below(&mut self, n: u64) -> u64 {
        self.rng.bits() % n
    }

    fn leaf(&mut self, shape: &Shape) -> Term {
        let fitting: Vec<Term> =
            self.leaves.iter().copied().filter(|&leaf| self.bench.context.terms.shape(leaf) == shape).collect();
        let transposed: Vec<Term> = self
            .leaves
            .iter()
            .copied()
            .filter(|&leaf| self.bench.context.terms.shape(leaf).transposed() == *shape && !shape.is_scalar())
            .collect();
        let at = self.below((fitting.len() + transposed.len()).max(1) as u64) as usize;
        match (fitting.get(at), transposed.get(at.saturating_sub(fitting.len()))) {
            (Some(&leaf), _) => leaf,
            (None, Some(&leaf)) => self.bench.t(leaf),
            (None, None) => self.bench.context.terms.ones(shape),
        }
    }

    fn dim(&mut self) -> Dim {
        let name = ["m", "n"][self.below(2) as usize];
        self.bench.context.dim(name)
    }

    fn grow(&mut self, shape: &Shape, depth: u32) -> Term {
        if depth == 0 {
            return self.leaf(shape);
        }
        let smaller = |grower: &mut Self, shape: &Shape| grower.grow(shape, depth - 1);
        if shape.is_scalar() {
            let (rows, cols) = (self.dim(), self.dim());
            let matrix = Shape::matrix(rows.clone(), cols);
            return match self.below(7) {
                0 => {
                    let square = smaller(self, &Shape::matrix(rows.clone(), rows));
                    self.bench.call(Function::Trace, square)
                }
                1 => {
                    let matrix = smaller(self, &matrix);
                    self.bench.call(Function::SumAll, matrix)
                }
                2 => {
                    let (a, b) = (smaller(self, &Shape::vector(rows.clone())), smaller(self, &Shape::vector(rows)));
                    self.bench.dot(a, b)
                }
                3 => {
                    let (a, b) = (smaller(self, &matrix), smaller(self, &matrix));
                    self.bench.make(Op::Inner, &[a, b])
                }
                4 => {
                    let (a, b) = (smaller(self, shape), smaller(self, shape));
                    self.bench.mul(&[a, b])
                }
                5 => {
                    let vector = smaller(self, &Shape::vector(rows));
                    self.bench.call(Function::LogSumExp, vector)
                }
                _ => {
                    let inner = smaller(self, shape);
                    self.bench.call(Function::Tanh, inner)
                }
            };
        }
        match self.below(9) {
            0 => {
                let (a, b) = (smaller(self, shape), smaller(self, shape));
                self.bench.add(&[a, b])
            }
            1 => {
                let (a, b) = (smaller(self, shape), smaller(self, shape));
                self.bench.had(&[a, b])
            }
            2 => {
                let a = smaller(self, &shape.transposed());
                self.bench.t(a)
            }
            3 => {
                let a = smaller(self, shape);
                self.bench.call(Function::Tanh, a)
            }
            4 => {
                let (s, a) = (smaller(self, &Shape::Scalar), smaller(self, shape));
                self.bench.mul(&[s, a])
            }
            5 if shape.is_vector() => {
                let a = smaller(self, shape);
                self.bench.call(Function::Softmax, a)
            }
            5 if shape.is_square() => {
                let a = smaller(self, &Shape::vector(shape.rows()));
                self.bench.call(Function::Diag, a)
            }
            6 if shape.is_vector() => {
                let cols = self.dim();
                let a = smaller(self, &Shape::matrix(shape.rows(), cols));
                self.bench.call(Function::RowSum, a)
            }
            _ => {
                let inner = self.dim();
                let a = smaller(self, &Shape::matrix(shape.rows(), inner.clone()));
                let b = smaller(self, &Shape::matrix(inner, shape.cols()));
                self.bench.mul(&[a, b])
            }
        }
    }
}

#[test]
fn random_terms_agree_with_evaluation() {
    let mut found = 0;
    for seed in 0..60 {
        let mut b = Bench::new();
        let leaves = vec![
            b.var("A", "m×n"),
            b.var("B", "n×m"),
            b.var("S", "m×m"),
            b.var("x", "n"),
            b.var("y", "m"),
            b.var("t", ""),
        ];
        let (m, n) = (b.context.dim("m"), b.context.dim("n"));
        let shapes = [Shape::Scalar, Shape::vector(m.clone()), Shape::matrix(n, m)];
        let shape = shapes[seed as usize % 3].clone();
        let mut grower = Grower { bench: &mut b, rng: crate::eval::Rng::new(seed), leaves: leaves.clone() };
        let term = grower.grow(&shape, 3);
        b.check_round_trip(term);
        for variable in [leaves[0], leaves[3], leaves[5]] {
            found += usize::from(b.check_jacobian(term, variable).is_some());
        }
    }
    assert!(found > 90, "only {found} Jacobians had a matrix form");
}

#[test]
fn half_powers_do_not_lose_signs() {
    let mut b = Bench::new();
    let x = b.var("x", "n");
    let square = b.epow(x, 2);
    let half = b.context.terms.number(ratio(1, 2));
    let root = b.make(Op::ElementPower, &[square, half]);
    b.check_round_trip(root).unwrap();
}
