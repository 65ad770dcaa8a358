//! Terms in the three spellings.

use super::*;
use crate::ir::normal::Normal;
use crate::ir::{Comparison, Function, Guard, Op, SymbolKind, ratio};
use crate::shape::{Dim, Shape};
use std::collections::HashMap;

/// A context with the names of the tutorial sheet, and shorthand to build normal terms.
pub(super) struct Bench {
    pub context: Context,
    names: HashMap<String, Term>,
}

impl Bench {
    pub fn new() -> Self {
        let mut bench = Bench { context: Context::new(), names: HashMap::new() };
        let [n, m, d, c] = ["N", "M", "D", "C"].map(|name| bench.context.dim(name));
        for (name, shape) in [
            ("A", Shape::matrix(n.clone(), n.clone())),
            ("B", Shape::matrix(n.clone(), n.clone())),
            ("X", Shape::matrix(n.clone(), d.clone())),
            ("W", Shape::matrix(d.clone(), m.clone())),
            ("Y", Shape::matrix(n.clone(), m.clone())),
            ("S", Shape::matrix(n.clone(), m)),
            ("L", Shape::Scalar),
            ("α", Shape::Scalar),
            ("β", Shape::Scalar),
            ("x", Shape::vector(n.clone())),
            ("b", Shape::vector(n)),
            ("U", Shape::matrix(c.clone(), d)),
            ("y", Shape::vector(c.clone())),
            ("θ", Shape::vector(c.clone())),
            ("ŷ", Shape::vector(c.clone())),
            ("δ_2", Shape::vector(c)),
        ] {
            bench.declare(name, shape);
        }
        bench
    }

    pub fn declare(&mut self, name: &str, shape: Shape) -> Term {
        let symbol = self.context.declare(name, shape, SymbolKind::Variable);
        let term = self.context.terms.symbol(symbol);
        self.names.insert(name.into(), term);
        term
    }

    pub fn get(&self, name: &str) -> Term {
        self.names[name]
    }

    pub fn all<const K: usize>(&self, names: [&str; K]) -> [Term; K] {
        names.map(|name| self.get(name))
    }

    pub fn normal(&mut self) -> Normal<'_> {
        Normal::new(&mut self.context.terms)
    }

    pub fn raw(&mut self, op: Op, args: &[Term]) -> Term {
        self.context.terms.make(op, args)
    }

    fn index(&mut self, name: &str) -> Index {
        Index::Named { name: name.into(), dim: self.context.dim("C") }
    }

    fn entry(&mut self, of: Term, index: &str) -> Term {
        let index = self.index(index);
        self.raw(Op::Entry(vec![index]), &[of])
    }

    #[track_caller]
    fn prints(&self, of: Term, unicode: &str, ascii: &str, latex: &str) {
        assert_eq!(term(&self.context, of, Spelling::Unicode), unicode);
        assert_eq!(term(&self.context, of, Spelling::Ascii), ascii);
        assert_eq!(term(&self.context, of, Spelling::Latex), latex);
    }
}

#[test]
fn signs_come_after_positive_summands() {
    let mut bench = Bench::new();
    let [y, yhat] = bench.all(["y", "ŷ"]);
    let difference = bench.normal().subtract(yhat, y);
    bench.prints(difference, "ŷ − y", "yhat - y", r"\hat{y} - y");
    let quotient = bench.normal().quotient(y, yhat);
    let quotient = bench.normal().negate(quotient);
    bench.prints(quotient, "−y ⊘ ŷ", "-y ./ yhat", r"-y \oslash \hat{y}");
    let sum = bench.normal().call(Function::SumAll, y);
    let scaled = bench.normal().product(&[sum, yhat]);
    let answer = bench.normal().subtract(scaled, y);
    bench.prints(answer, "(𝟏ᵀy) ŷ − y", "sum(y) * yhat - y", r"(\mathbf{1}^{\top} y) \hat{y} - y");
}

#[test]
fn elementwise_products_and_powers() {
    let mut bench = Bench::new();
    let [s, y] = bench.all(["S", "Y"]);
    let shape = bench.context.terms.shape(s).clone();
    let ones = bench.context.terms.ones(&shape);
    let rest = bench.normal().subtract(ones, s);
    let product = bench.normal().hadamard(&[s, rest]);
    bench.prints(product, "S ⊙ (𝟏 − S)", "S .* (ones(N, M) - S)", r"S \odot (\mathbf{1} - S)");
    let tanh = bench.normal().call(Function::Tanh, y);
    let two = bench.context.terms.integer(2);
    let square = bench.normal().element_power(tanh, two);
    let rest = bench.normal().subtract(ones, square);
    bench.prints(rest, "𝟏 − tanh²(Y)", "ones(N, M) - tanh(Y).^2", r"\mathbf{1} - \tanh^2(Y)");
    let square = bench.normal().element_power(s, two);
    bench.prints(square, "S ⊙ S", "S .* S", r"S \odot S");
    let cube = bench.context.terms.integer(3);
    let cube = bench.normal().element_power(s, cube);
    bench.prints(cube, "S.^3", "S.^3", r"S^{\circ 3}");
    let [u, yy, th] = bench.all(["U", "y", "θ"]);
    let ut = bench.normal().transpose(u);
    let back = bench.normal().product(&[ut, yy]);
    let x = bench.normal().product(&[ut, th]);
    let sign = bench.normal().call(Function::Sign, x);
    let delta = bench.normal().hadamard(&[back, sign]);
    bench.prints(
        delta,
        "Uᵀy ⊙ sgn(Uᵀθ)",
        "(U' * y) .* sgn(U' * θ)".replace('θ', "theta").as_str(),
        r"U^{\top} y \odot \operatorname{sgn}(U^{\top} \theta)",
    );
    // A square matrix: the product beside ⊙ has two readings.
    let [a, x, b] = bench.all(["A", "x", "b"]);
    let product = bench.normal().product(&[a, x]);
    let both = bench.normal().hadamard(&[product, b]);
    bench.prints(both, "(Ax) ⊙ b", "(A * x) .* b", r"(Ax) \odot b");
}

#[test]
fn chains_of_matrices() {
    let mut bench = Bench::new();
    let [a, x, b, alpha] = bench.all(["A", "x", "b", "α"]);
    let inverse = bench.normal().inverse(a);
    let derivative = bench.raw(Op::Partial, &[a, alpha]);
    let minus = bench.context.terms.integer(-1);
    let answer = bench.normal().product(&[minus, inverse, derivative, inverse]);
    bench.prints(
        answer,
        "−A⁻¹ (∂A/∂α) A⁻¹",
        "-A^-1 * (dA/dalpha) * A^-1",
        r"-A^{-1} \frac{\partial A}{\partial \alpha} A^{-1}",
    );
    let ax = bench.normal().product(&[a, x]);
    let residual = bench.normal().subtract(ax, b);
    let at = bench.normal().transpose(a);
    let two = bench.context.terms.integer(2);
    let gradient = bench.raw(Op::Product, &[two, at, residual]);
    bench.prints(gradient, "2Aᵀ(Ax − b)", "2 * A' * (A * x - b)", r"2A^{\top} (Ax - b)");
    let xt = bench.normal().transpose(x);
    let form = bench.normal().product(&[xt, a, x]);
    let form = bench.normal().as_scalar(form);
    bench.prints(form, "xᵀAx", "x' * A * x", r"x^{\top} Ax");
    let square = bench.normal().product(&[a, a]);
    bench.prints(square, "A²", "A^2", "A^2");
    let square = bench.normal().product(&[inverse, inverse]);
    bench.prints(square, "A⁻²", "A^-2", "A^{-2}");
    let transposed = bench.normal().transpose(inverse);
    bench.prints(transposed, "A⁻ᵀ", "A^-1'", r"A^{-\top}");
    let [x, b] = bench.all(["x", "b"]);
    let difference = bench.normal().subtract(x, b);
    let twice = bench.normal().product(&[two, difference]);
    bench.prints(twice, "2(x − b)", "2 * (x - b)", "2(x - b)");
    let half = bench.context.terms.number(ratio(-1, 2));
    let scaled = bench.normal().product(&[half, form, x]);
    bench.prints(scaled, "−(xᵀAx) x/2", "-(x' * A * x) * x / 2", r"-\frac{1}{2} (x^{\top} Ax) x");
}

#[test]
fn kronecker_products_outer_products_and_norms() {
    let mut bench = Bench::new();
    let [w, d2, x, a] = bench.all(["W", "δ_2", "x", "A"]);
    let wt = bench.normal().transpose(w);
    let n = bench.context.dim("N");
    let identity = bench.context.terms.identity(n.clone());
    let jacobian = bench.normal().kronecker(wt, identity);
    bench.prints(jacobian, "Wᵀ ⊗ I_N", "kron(W', eye(N))", r"W^{\top} \otimes I_N");
    let xt = bench.normal().transpose(x);
    let outer = bench.normal().product(&[d2, xt]);
    bench.prints(outer, "δ₂ xᵀ", "delta_2 * x'", r"\delta_2 x^{\top}");
    let norm = bench.normal().call(Function::Norm2, x);
    let minus = bench.context.terms.integer(-1);
    let inverse = bench.normal().power(norm, minus);
    let unit = bench.normal().product(&[inverse, x]);
    bench.prints(unit, "x/‖x‖", "x / norm2(x)", r"\frac{x}{\lVert x \rVert}");
    let size = bench.context.terms.make(Op::Dimension(n), &[]);
    let mean = bench.normal().power(size, minus);
    let ax = bench.normal().product(&[a, x]);
    let rest = bench.normal().subtract(ax, x);
    let at = bench.normal().transpose(a);
    let two = bench.context.terms.integer(2);
    let gradient = bench.raw(Op::Product, &[two, mean, at, rest]);
    bench.prints(gradient, "2Aᵀ(Ax − x)/N", "2 * A' * (A * x - x) / N", r"\frac{2}{N} A^{\top} (Ax - x)");
    let logdet = bench.normal().call(Function::LogDet, a);
    bench.prints(logdet, "log det A", "logdet(A)", r"\log \det A");
}

#[test]
fn derivatives_and_differentials() {
    let mut bench = Bench::new();
    let [a, alpha, beta, u, l, w] = bench.all(["A", "α", "β", "U", "L", "W"]);
    let inverse = bench.normal().inverse(a);
    let product = bench.raw(Op::Product, &[inverse, a]);
    let whole = bench.raw(Op::Partial, &[product, alpha]);
    bench.prints(
        whole,
        "∂(A⁻¹ A)/∂α",
        "d(A^-1 * A)/dalpha",
        r"\frac{\partial}{\partial \alpha} \left( A^{-1} A \right)",
    );
    let part = bench.raw(Op::Partial, &[inverse, alpha]);
    bench.prints(part, "∂A⁻¹/∂α", "d(A^-1)/dalpha", r"\frac{\partial A^{-1}}{\partial \alpha}");
    let first = bench.raw(Op::Partial, &[a, alpha]);
    let second = bench.raw(Op::Partial, &[first, alpha]);
    bench.prints(second, "∂²A/∂α²", "d(dA/dalpha)/dalpha", r"\frac{\partial^2 A}{\partial \alpha^2}");
    let mixed = bench.raw(Op::Partial, &[first, beta]);
    bench.prints(mixed, "∂²A/∂α∂β", "d(dA/dalpha)/dbeta", r"\frac{\partial^2 A}{\partial \alpha \partial \beta}");
    let du = bench.raw(Op::Differential, &[u]);
    bench.prints(du, "dU", "dU", r"\mathrm{d}U");
    let ut = bench.raw(Op::Transpose, &[du]);
    bench.prints(ut, "(dU)ᵀ", "(dU)'", r"(\mathrm{d}U)^{\top}");
    let [x, d2] = bench.all(["x", "δ_2"]);
    let d2t = bench.normal().transpose(d2);
    let uw = bench.raw(Op::Product, &[du, w]);
    let duw = bench.raw(Op::Product, &[d2t, du, w]);
    bench.prints(duw, "δ₂ᵀ dU W", "delta_2' * dU * W", r"\delta_2^{\top} \, \mathrm{d}U \, W");
    let dd = bench.raw(Op::Differential, &[uw]);
    bench.prints(dd, "d(dU W)", "d(dU * W)", r"\mathrm{d}(\mathrm{d}U \, W)");
    let xt = bench.normal().transpose(x);
    let outer = bench.normal().product(&[d2, xt]);
    let other = bench.raw(Op::Differential, &[outer]);
    let inner = bench.raw(Op::Inner, &[outer, other]);
    bench.prints(
        inner,
        "tr((δ₂ xᵀ)ᵀ d(δ₂ xᵀ))",
        "inner(delta_2 * x', d(delta_2 * x'))",
        r"\operatorname{tr}((\delta_2 x^{\top})^{\top} \, \mathrm{d}(\delta_2 x^{\top}))",
    );
    let dl = bench.raw(Op::Partial, &[l, w]);
    let wt = bench.raw(Op::Transpose, &[w]);
    let product = bench.raw(Op::Product, &[wt, dl]);
    bench.prints(product, "Wᵀ (∂L/∂W)", "W' * (dL/dW)", r"W^{\top} \frac{\partial L}{\partial W}");
}

#[test]
fn entries_sums_and_cases() {
    let mut bench = Bench::new();
    let [y, yhat, theta, d2] = bench.all(["y", "ŷ", "θ", "δ_2"]);
    let (yj, hj, tk) = (bench.entry(y, "j"), bench.entry(yhat, "j"), bench.entry(theta, "k"));
    let hk = bench.entry(yhat, "k");
    bench.prints(hj, "ŷⱼ", "yhat_j", r"\hat{y}_j");
    let dj = bench.entry(d2, "j");
    bench.prints(dj, "(δ₂)ⱼ", "(delta_2)_j", r"(\delta_2)_j");
    let entry = bench.raw(Op::Partial, &[hj, tk]);
    bench.prints(entry, "∂ŷⱼ/∂θₖ", "dyhat_j/dtheta_k", r"\frac{\partial \hat{y}_j}{\partial \theta_k}");
    let log = bench.normal().call(Function::Log, hj);
    let body = bench.normal().product(&[yj, log]);
    let (j, k) = (bench.index("j"), bench.index("k"));
    let sum = bench.raw(Op::IndexSum { index: j.clone(), excluding: None }, &[body]);
    let loss = bench.normal().negate(sum);
    bench.prints(loss, "−Σⱼ yⱼ log ŷⱼ", "-sum_j (y_j * log(yhat_j))", r"-\sum_{j} y_j \log \hat{y}_j");
    let product = bench.normal().product(&[yj, hk]);
    let rest = bench.raw(Op::IndexSum { index: j.clone(), excluding: Some(k.clone()) }, &[product]);
    bench.prints(rest, "Σ_{j≠k} yⱼŷₖ", "sum_{j!=k} (y_j * yhat_k)", r"\sum_{j \neq k} y_j \hat{y}_k");
    let sum = bench.raw(Op::IndexSum { index: j.clone(), excluding: None }, &[yj]);
    let product = bench.raw(Op::Product, &[sum, hk]);
    bench.prints(product, "(Σⱼ yⱼ) ŷₖ", "(sum_j (y_j)) * yhat_k", r"\left( \sum_{j} y_j \right) \hat{y}_k");
    let one = bench.context.terms.integer(1);
    let rest = bench.normal().subtract(one, hj);
    let equal = bench.normal().product(&[hj, rest]);
    let differ = bench.normal().product(&[hj, hk]);
    let differ = bench.normal().negate(differ);
    let cases = Op::Cases(vec![Guard::Equal(j.clone(), k.clone()), Guard::Different(j.clone(), k.clone())]);
    let cases = bench.raw(cases, &[equal, differ]);
    bench.prints(
        cases,
        "{ ŷⱼ(1 − ŷⱼ) if j = k; −ŷⱼŷₖ if j ≠ k }",
        "cases(yhat_j * (1 - yhat_j) if j = k; -yhat_j * yhat_k if j != k)",
        r"\begin{cases} \hat{y}_j (1 - \hat{y}_j), & j = k \\ -\hat{y}_j \hat{y}_k, & j \neq k \end{cases}",
    );
    let delta = bench.raw(Op::Delta(j, k), &[]);
    bench.prints(delta, "δⱼₖ", "delta_jk", r"\delta_{jk}");
}

#[test]
fn cases_of_a_matrix() {
    let mut bench = Bench::new();
    let y = bench.get("Y");
    let shape = bench.context.terms.shape(y).clone();
    let (one, zero) = (bench.context.terms.ones(&shape), bench.context.terms.zero(shape));
    let guards = vec![Guard::Subject(Comparison::Positive), Guard::Subject(Comparison::NonPositive)];
    let cases = bench.raw(Op::Cases(guards), &[one, zero, y, y]);
    bench.prints(
        cases,
        "{ 1 if Y > 0; 0 if Y ≤ 0 }",
        "cases(ones(N, M) if Y > 0; zeros(N, M) if Y <= 0)",
        r"\begin{cases} 1, & Y > 0 \\ 0, & Y \leq 0 \end{cases}",
    );
    let step = bench.normal().call(Function::Step, y);
    bench.prints(step, "𝟏[Y > 0]", "step(Y)", r"\mathbf{1}[Y > 0]");
}

#[test]
fn letters_that_would_make_a_word_stand_apart() {
    let mut bench = Bench::new();
    let (c, d) = (bench.context.dim("C"), bench.context.dim("D"));
    let mu = bench.declare("m", Shape::matrix(c.clone(), d.clone()));
    let u = bench.declare("u", Shape::matrix(d.clone(), d));
    let product = bench.raw(Op::Product, &[mu, u]);
    bench.prints(product, "m u", "m * u", "m u");
    bench.declare("Ux", Shape::Scalar);
    let (big, x) = (bench.get("U"), bench.declare("x", Shape::vector(Dim::named(2, "D"))));
    let product = bench.raw(Op::Product, &[big, x]);
    bench.prints(product, "U x", "U * x", "U x");
}

#[test]
fn a_term_too_deep_is_an_ellipsis() {
    let mut bench = Bench::new();
    let mut deep = bench.get("y");
    for _ in 0..1000 {
        deep = bench.raw(Op::Call(Function::Softmax), &[deep]);
    }
    bench.prints(deep, "…", "…", r"\cdots");
}
