//! Chains of matrices: identities leave, neighbours cancel, 1×1 parts become scalars; transposes and inverses.

use super::Normal;
use crate::ir::{Op, Rational, Term};
use crate::shape::Dim;
use num_traits::{One, Zero};

impl Normal<'_> {
    /// The chain of matrices without identities and cancelling neighbours. Scalars that appear go to `scalars`
    /// and numbers into `number`; a chain that vanishes is the identity.
    pub(super) fn chain(&mut self, chain: Vec<Term>, number: &mut Rational, scalars: &mut Vec<Term>) -> Vec<Term> {
        let mut done: Vec<Term> = Vec::with_capacity(chain.len());
        for factor in self.with_split_ones(chain) {
            if matches!(self.store.op(factor), Op::Identity(_)) {
                self.fire("mul-identity");
                continue;
            }
            self.append(&mut done, factor);
            self.contract_ones(&mut done, scalars);
        }
        let chain = self.extract_scalars(done, number, scalars);
        self.with_joined_ones(chain)
    }

    /// Beside other matrices, all ones are a column and a row: A𝟏𝟏ᵀ holds the row sums A𝟏.
    fn with_split_ones(&mut self, chain: Vec<Term>) -> Vec<Term> {
        if chain.len() == 1 {
            return chain;
        }
        let mut split = Vec::with_capacity(chain.len());
        for factor in chain {
            match self.store.op(factor).clone() {
                Op::Ones(m, n) if !m.is_one() && !n.is_one() => {
                    split.push(self.store.make(Op::Ones(m, Dim::one()), &[]));
                    split.push(self.store.make(Op::Ones(Dim::one(), n), &[]));
                }
                _ => split.push(factor),
            }
        }
        split
    }

    /// By itself 𝟏𝟏ᵀ is all ones.
    fn with_joined_ones(&mut self, chain: Vec<Term>) -> Vec<Term> {
        let [a, b] = chain[..] else { return chain };
        match (self.store.op(a).clone(), self.store.op(b).clone()) {
            (Op::Ones(m, k), Op::Ones(_, n)) if k.is_one() => {
                self.fire("ones-outer");
                vec![self.store.make(Op::Ones(m, n), &[])]
            }
            _ => chain,
        }
    }

    /// Appends a factor, or cancels it against the end of the chain.
    fn append(&mut self, done: &mut Vec<Term>, factor: Term) {
        // factor = Y⁻¹ after the factors of Y.
        if let Some(body) = self.inverse_body(factor)
            && done.ends_with(&body)
        {
            self.fire("inv-cancel-right");
            done.truncate(done.len() - body.len());
            return;
        }
        done.push(factor);
        // the factors of Y after Y⁻¹.
        for start in (0..done.len().saturating_sub(1)).rev() {
            let Some(body) = self.inverse_body(done[start]) else { continue };
            if done[start + 1..] == body[..] {
                self.fire("inv-cancel-left");
                done.truncate(start);
            }
            return;
        }
    }

    /// The factors of Y, if the factor is Y⁻¹ or its transpose (then those of Yᵀ).
    fn inverse_body(&mut self, factor: Term) -> Option<Vec<Term>> {
        let body = match self.store.op(factor) {
            Op::Inverse => self.store.args(factor)[0],
            Op::Transpose if *self.store.op(self.store.args(factor)[0]) == Op::Inverse => {
                let inverse = self.store.args(factor)[0];
                let body = self.store.args(inverse)[0];
                self.transpose(body)
            }
            _ => return None,
        };
        Some(self.flatten(Op::Product, &[body]))
    }

    /// All ones of m×k and k×n together are k times all ones.
    fn contract_ones(&mut self, done: &mut Vec<Term>, scalars: &mut Vec<Term>) {
        let [.., a, b] = done[..] else { return };
        let (Op::Ones(m, k), Op::Ones(_, n)) = (self.store.op(a).clone(), self.store.op(b).clone()) else { return };
        if k.is_one() || (m.is_one() && n.is_one()) {
            return; // 𝟏ᵀ𝟏 is a 1×1 matrix; `as_scalar` makes it the dimension
        }
        self.fire("ones-sum");
        done.truncate(done.len() - 2);
        let size = self.dimension(k);
        scalars.extend(self.flatten(Op::Product, &[size]));
        done.push(self.store.make(Op::Ones(m, n), &[]));
    }

    /// A part of a longer chain that is 1×1 becomes a scalar factor: u vᵀw is (vᵀw) u.
    fn extract_scalars(&mut self, mut chain: Vec<Term>, number: &mut Rational, scalars: &mut Vec<Term>) -> Vec<Term> {
        loop {
            let ones: Vec<usize> = (0..chain.len())
                .filter(|&at| self.store.shape(chain[at]).is_row())
                .chain(chain.last().filter(|&&last| self.store.shape(last).is_vector()).map(|_| chain.len()))
                .collect();
            let whole = (0, chain.len());
            let Some(pair) = ones.windows(2).map(|pair| (pair[0], pair[1])).find(|&pair| pair != whole) else {
                return chain;
            };
            let part: Vec<Term> = chain.drain(pair.0..pair.1).collect();
            let product = if part.len() == 1 { part[0] } else { self.store.make(Op::Product, &part) };
            let scalar = self.as_scalar(product);
            for factor in self.flatten(Op::Product, &[scalar]) {
                match self.store.as_number(factor).cloned() {
                    Some(value) => *number *= value,
                    None => scalars.push(factor),
                }
            }
            if number.is_zero() {
                return Vec::new();
            }
        }
    }

    /// The scalar in a 1×1 matrix, written with as few transposes as possible.
    pub fn as_scalar(&mut self, term: Term) -> Term {
        let op = self.store.op(term).clone();
        match op {
            Op::Sum => {
                let terms = self.store.operands(term);
                let scalars: Vec<Term> = terms.into_iter().map(|term| self.as_scalar(term)).collect();
                return self.sum(&scalars);
            }
            Op::Zero(_) => return self.store.integer(0),
            Op::Identity(_) => return self.store.integer(1),
            _ => {}
        }
        if let Some(product) =
            self.with_scalars_outside(term, "collect-terms", |normal, matrix| normal.as_scalar(matrix))
        {
            return product;
        }
        if let Some(sum) = self.sum_with_ones(term) {
            return sum;
        }
        let transposed = self.transpose(term);
        let best = if self.prefers(transposed, term) { transposed } else { term };
        if best != term {
            self.fire("transpose-scalar");
        }
        self.store.make(Op::AsScalar, &[best])
    }

    /// 𝟏ᵀA𝟏, 𝟏ᵀv and vᵀ𝟏 are sums of entries.
    fn sum_with_ones(&mut self, term: Term) -> Option<Term> {
        if *self.store.op(term) != Op::Product {
            return None;
        }
        let mut chain = self.store.operands(term);
        let is_ones = |store: &crate::ir::Store, term: Term| matches!(store.op(term), Op::Ones(..));
        let (first, last) = (is_ones(self.store, chain[0]), is_ones(self.store, *chain.last()?));
        if !first && !last {
            return None;
        }
        if let [a, _] = chain[..]
            && first
            && last
        {
            let n = self.store.shape(a).cols();
            self.fire("sum-ones");
            return Some(self.dimension(n));
        }
        if last {
            chain.pop();
        }
        if first {
            chain.remove(0);
        }
        self.fire("ones-sum");
        let body = if chain.len() == 1 { chain[0] } else { self.store.make(Op::Product, &chain) };
        Some(self.call(crate::ir::Function::SumAll, body))
    }

    /// Is `a` the better way to write a scalar or a trace than `b`: fewer transposed factors, then by order.
    pub(super) fn prefers(&self, a: Term, b: Term) -> bool {
        let transposes = |term: Term| {
            // A row is a transposed column anyway; but a differential stands best on the right, untransposed.
            let is_transposed = |&&factor: &&Term| {
                *self.store.op(factor) == Op::Transpose
                    && (!self.store.shape(factor).is_row()
                        || *self.store.op(self.store.args(factor)[0]) == Op::Differential)
            };
            let args = self.store.args(term);
            match self.store.op(term) {
                Op::Product => args.iter().filter(is_transposed).count(),
                _ => [term].iter().filter(is_transposed).count(),
            }
        };
        transposes(a).cmp(&transposes(b)).then_with(|| crate::ir::compare(self.store, a, b)).is_lt()
    }

    /// The transpose, pushed to the leaves.
    pub fn transpose(&mut self, term: Term) -> Term {
        if self.store.shape(term).is_scalar() {
            return term;
        }
        let args = self.store.operands(term);
        let op = self.store.op(term).clone();
        match op {
            Op::Transpose => {
                self.fire("transpose-transpose");
                args[0]
            }
            Op::Identity(_) => term,
            Op::Ones(rows, cols) => self.store.make(Op::Ones(cols, rows), &[]),
            Op::Zero(shape) => self.store.zero(shape.transposed()),
            Op::Commutation(m, n) => self.store.make(Op::Commutation(n, m), &[]),
            Op::Sum | Op::Hadamard | Op::Kronecker => {
                self.fire(match op {
                    Op::Sum => "transpose-sum",
                    Op::Hadamard => "transpose-hadamard",
                    _ => "transpose-kron",
                });
                let args: Vec<Term> = args.into_iter().map(|arg| self.transpose(arg)).collect();
                self.build(op, &args)
            }
            Op::IndexSum { .. } => {
                self.fire("transpose-sum");
                let body = self.transpose(args[0]);
                self.build(op, &[body])
            }
            Op::Product => {
                self.fire("transpose-product");
                let args: Vec<Term> = args.into_iter().rev().map(|arg| self.transpose(arg)).collect();
                self.product(&args)
            }
            Op::ElementPower | Op::Power => {
                self.fire("transpose-elementwise");
                let base = self.transpose(args[0]);
                self.build(op, &[base, args[1]])
            }
            Op::Call(crate::ir::Function::Diag) => {
                self.fire("transpose-diag");
                term
            }
            _ => self.store.make(Op::Transpose, &[term]),
        }
    }

    /// The inverse of a square matrix.
    pub fn inverse(&mut self, term: Term) -> Term {
        let args = self.store.operands(term);
        match self.store.op(term) {
            Op::Identity(_) => {
                self.fire("inv-identity");
                return term;
            }
            Op::Inverse => {
                self.fire("inv-inverse");
                return args[0];
            }
            Op::Transpose => {
                self.fire("inv-transpose");
                let inverse = self.inverse(args[0]);
                return self.transpose(inverse);
            }
            _ => {}
        }
        let (mut coefficient, core) = self.split_coefficient(term);
        let core = self.primitive(core, &mut coefficient);
        if !coefficient.is_one() && !coefficient.is_zero() {
            self.fire("inv-scale");
            let inverse = self.inverse(core);
            return self.scale(coefficient.recip(), inverse);
        }
        if *self.store.op(term) == Op::Product && args.iter().all(|&factor| factor == args[0]) {
            self.fire("inv-power");
            let inverse = self.inverse(args[0]);
            return self.product(&vec![inverse; args.len()]);
        }
        if *self.store.op(term) == Op::Product {
            let (scalars, chain): (Vec<Term>, Vec<Term>) =
                args.iter().partition(|&&factor| self.store.shape(factor).is_scalar());
            if !scalars.is_empty() {
                self.fire("inv-of-multiple");
                return self.inverse_of_multiple(&scalars, &chain);
            }
        }
        let transposed = self.transpose(term);
        if self.transposes(transposed) < self.transposes(term) {
            self.fire("inv-transpose");
            let inverse = self.inverse(transposed);
            return self.transpose(inverse);
        }
        self.store.make(Op::Inverse, &[term])
    }

    /// (c S)⁻¹ as c⁻¹ S⁻¹.
    fn inverse_of_multiple(&mut self, scalars: &[Term], chain: &[Term]) -> Term {
        let minus_one = self.store.integer(-1);
        let mut factors: Vec<Term> = scalars.iter().map(|&scalar| self.power(scalar, minus_one)).collect();
        let matrix = self.product(chain);
        factors.push(self.inverse(matrix));
        self.product(&factors)
    }

    /// How many transposes a term has, each as often as it stands in the dag: of M⁻¹ and (Mᵀ)⁻ᵀ the one with fewer
    /// of them inside is normal.
    fn transposes(&self, term: Term) -> usize {
        let terms = self.store.postorder(term);
        terms.into_iter().filter(|&term| *self.store.op(term) == Op::Transpose).count()
    }
}
