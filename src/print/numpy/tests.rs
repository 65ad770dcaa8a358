//! NumPy functions; `numpy_functions.snap` is also run against finite differences.

use super::*;
use crate::ir::normal::Normal;
use crate::ir::{Comparison, Function, Guard, Index, SymbolKind};
use crate::print::tests::Bench;

struct File {
    bench: Bench,
    text: String,
}

impl File {
    fn write(&mut self, name: &str, answer: Term) {
        let request = Request { name, answer, where_names: &[], variables: &[], axes: &[] };
        match numpy(&self.bench.context, &request) {
            Ok(code) => self.text.push_str(&format!("\n\n{code}")),
            Err(error) => panic!("{name}: {error:?}"),
        }
    }

    fn define(&mut self, name: &str, body: Term) -> Term {
        let shape = self.bench.context.terms.shape(body).clone();
        let definition = crate::ir::Definition { raw: body, normal: body };
        let symbol = self.bench.context.declare(name, shape, SymbolKind::Definition(definition));
        self.bench.context.terms.symbol(symbol)
    }

    fn normal(&mut self) -> Normal<'_> {
        self.bench.normal()
    }
}

#[test]
fn functions() {
    let mut file = File { bench: Bench::new(), text: IMPORT.into() };
    network(&mut file);
    algebra(&mut file);
    entries(&mut file);
    insta::with_settings!({ snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"), prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("numpy_functions", file.text);
    });
}

/// Softmax regression with a hidden layer: the loss and its gradients.
fn network(file: &mut File) {
    let (d, m, c) = (file.bench.context.dim("D"), file.bench.context.dim("M"), file.bench.context.dim("C"));
    let w = file.bench.declare("W1", Shape::matrix(m.clone(), d.clone()));
    let v = file.bench.declare("lambda", Shape::matrix(c.clone(), m));
    let input = file.bench.declare("u", Shape::vector(d));
    let y = file.bench.get("y");
    let z = file.normal().product(&[w, input]);
    let z = file.define("z", z);
    let h = file.normal().call(Function::Relu, z);
    let h = file.define("h", h);
    let theta = file.normal().product(&[v, h]);
    let theta = file.define("θ", theta);
    let yhat = file.normal().call(Function::Softmax, theta);
    let yhat = file.define("ŷ", yhat);
    let log = file.normal().call(Function::Log, yhat);
    let body = file.normal().hadamard(&[y, log]);
    let loss = file.normal().call(Function::SumAll, body);
    let loss = file.normal().negate(loss);
    file.write("J", loss);
    let total = file.normal().call(Function::SumAll, y);
    let delta = file.normal().product(&[total, yhat]);
    let delta = file.normal().subtract(delta, y);
    let delta = file.define("δ_1", delta);
    let ht = file.normal().transpose(h);
    let gradient = file.normal().product(&[delta, ht]);
    file.write("grad_J_wrt_lambda", gradient);
    let vt = file.normal().transpose(v);
    let back = file.normal().product(&[vt, delta]);
    let sign = file.normal().call(Function::Sign, h);
    let delta_2 = file.normal().hadamard(&[back, sign]);
    let delta_2 = file.define("δ_2", delta_2);
    let ut = file.normal().transpose(input);
    let gradient = file.normal().product(&[delta_2, ut]);
    file.write("grad_J_wrt_W1", gradient);
    let wt = file.normal().transpose(w);
    let gradient = file.normal().product(&[wt, delta_2]);
    file.write("grad_J_wrt_u", gradient);
}

fn algebra(file: &mut File) {
    let [a, x, b, xs, w, alpha] = file.bench.all(["A", "x", "b", "X", "W", "α"]);
    let inverse = file.normal().inverse(a);
    let xt = file.normal().transpose(x);
    let form = file.normal().product(&[xt, inverse, x]);
    let form = file.normal().as_scalar(form);
    file.write("form", form);
    let it = file.normal().transpose(inverse);
    let gradient = file.normal().product(&[it, x, xt, it]);
    let gradient = file.normal().negate(gradient);
    file.write("grad_form_wrt_A", gradient);
    let da = file.bench.raw(Op::Partial, &[a, alpha]);
    let derivative = file.normal().product(&[inverse, da, inverse]);
    let derivative = file.normal().negate(derivative);
    file.write("derivative_of_inverse", derivative);
    let logdet = file.normal().call(Function::LogDet, a);
    file.write("log_det", logdet);
    let row = file.normal().product(&[xt, inverse]);
    file.write("row", row);
    let product = file.normal().product(&[xs, w]);
    file.write("product", product);
    let wt = file.normal().transpose(w);
    let n = file.bench.context.dim("N");
    let identity = file.bench.context.terms.identity(n);
    let jacobian = file.normal().kronecker(wt, identity);
    file.write("jacobian_of_product_wrt_X", jacobian);
    let vec = file.normal().call(Function::Vec, product);
    file.write("vec_of_product", vec);
    let (d, m) = (file.bench.context.dim("D"), file.bench.context.dim("M"));
    let commutation = file.bench.raw(Op::Commutation(d, m), &[]);
    let vec = file.normal().call(Function::Vec, w);
    let vec = file.normal().product(&[commutation, vec]);
    file.write("vec_of_transpose", vec);
    let ax = file.normal().product(&[a, x]);
    let residual = file.normal().subtract(ax, b);
    let norm = file.normal().call(Function::Norm2, residual);
    file.write("norm", norm);
    let minus = file.bench.context.terms.integer(-1);
    let power = file.normal().power(norm, minus);
    let at = file.normal().transpose(a);
    let gradient = file.normal().product(&[power, at, residual]);
    file.write("grad_norm_wrt_x", gradient);
    let y = file.bench.get("Y");
    let sigmoid = file.normal().call(Function::Sigmoid, y);
    file.write("sigmoid", sigmoid);
    let ones = {
        let shape = file.bench.context.terms.shape(y).clone();
        file.bench.context.terms.ones(&shape)
    };
    let rest = file.normal().subtract(ones, sigmoid);
    let derivative = file.normal().hadamard(&[sigmoid, rest]);
    file.write("derivative_of_sigmoid", derivative);
    let rows = file.normal().call(Function::RowSoftmax, y);
    file.write("rows", rows);
    let ones = {
        let m = file.bench.context.dim("M");
        file.bench.context.terms.ones(&Shape::vector(m))
    };
    let sums = file.normal().product(&[y, ones]);
    file.write("row_sums", sums);
}

fn entries(file: &mut File) {
    let c = file.bench.context.dim("C");
    let theta = file.bench.declare("t", Shape::vector(c.clone()));
    let p = file.normal().call(Function::Softmax, theta);
    file.write("softmax", p);
    let p = file.define("p", p);
    let y = file.bench.get("y");
    let index = |name: &str| Index::Named { name: name.into(), dim: c.clone() };
    let (j, k) = (index("j"), index("k"));
    let [pj, pk] = [&j, &k].map(|at| file.bench.raw(Op::Entry(vec![at.clone()]), &[p]));
    let yj = file.bench.raw(Op::Entry(vec![j.clone()]), &[y]);
    let one = file.bench.context.terms.integer(1);
    let rest = file.normal().subtract(one, pj);
    let on = file.normal().product(&[pj, rest]);
    let off = file.normal().product(&[pj, pk]);
    let off = file.normal().negate(off);
    let guards = vec![Guard::Equal(j.clone(), k.clone()), Guard::Different(j.clone(), k.clone())];
    let cases = file.bench.raw(Op::Cases(guards), &[on, off]);
    file.write("jacobian_of_softmax", cases);
    let delta = file.bench.raw(Op::Delta(j.clone(), k.clone()), &[]);
    let same = file.normal().subtract(delta, pk);
    let same = file.normal().product(&[pj, same]);
    file.write("jacobian_of_softmax_by_delta", same);
    let term = file.normal().product(&[yj, pk]);
    let sum = file.bench.raw(Op::IndexSum { index: j.clone(), excluding: Some(k) }, &[term]);
    let gradient = {
        let yk = file.bench.raw(Op::Entry(vec![index("k")]), &[y]);
        let rest = file.normal().subtract(one, pk);
        let term = file.normal().product(&[yk, rest]);
        file.normal().subtract(sum, term)
    };
    file.write("gradient_by_entries", gradient);
    let log = file.normal().call(Function::Log, pj);
    let term = file.normal().product(&[yj, log]);
    let sum = file.bench.raw(Op::IndexSum { index: j, excluding: None }, &[term]);
    let loss = file.normal().negate(sum);
    file.write("loss_by_entries", loss);
    let s = file.bench.get("S");
    let shape = file.bench.context.terms.shape(s).clone();
    let (one, zero) = (file.bench.context.terms.ones(&shape), file.bench.context.terms.zero(shape));
    let guards = vec![Guard::Subject(Comparison::Positive), Guard::Subject(Comparison::NonPositive)];
    let cases = file.bench.raw(Op::Cases(guards), &[one, zero, s, s]);
    file.write("derivative_of_relu", cases);
}

#[test]
fn what_numpy_lacks_is_refused() {
    let mut bench = Bench::new();
    let a = bench.get("A");
    let answer = bench.normal().call(Function::MatrixExp, a);
    let request = Request { name: "f", answer, where_names: &[], variables: &[], axes: &[] };
    assert_eq!(numpy(&bench.context, &request), Err(NotYet::Operator("expm".into())));
}
