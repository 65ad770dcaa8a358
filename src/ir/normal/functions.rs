//! Built-in functions of normal arguments: linear ones let numbers out, inverse pairs cancel.

use super::Normal;
use crate::ir::{Function, Op, Term, compare};

impl Normal<'_> {
    /// A built-in function of a normal argument.
    pub fn call(&mut self, function: Function, arg: Term) -> Term {
        if let Some(zero) = self.of_zero(function, arg) {
            return zero;
        }
        match function {
            Function::SumAll => self.linear_sum(arg),
            Function::Trace => self.trace(arg),
            Function::Sqrt => {
                self.fire("sqrt-power");
                let half = self.store.number(crate::ir::ratio(1, 2));
                self.element_power(arg, half)
            }
            Function::Exp | Function::Log | Function::Det | Function::Diag | Function::DiagPart => {
                self.cancelled(function, arg).unwrap_or_else(|| self.plain_call(function, arg))
            }
            _ => self.plain_call(function, arg),
        }
    }

    /// Zero, if the function is linear and its argument is zero; the rule that says so.
    fn of_zero(&mut self, function: Function, arg: Term) -> Option<Term> {
        let rule = match function {
            Function::RowSum => "rowsum-zero",
            Function::ColSum => "colsum-zero",
            Function::Tril => "tril-zero",
            Function::Triu => "triu-zero",
            Function::Vec => "vec-zero",
            Function::Diag => "diag-zero",
            Function::DiagPart => "diagpart-zero",
            _ => return None,
        };
        if !self.store.is_zero(arg) {
            return None;
        }
        self.fire(rule);
        let call = self.store.make(Op::Call(function), &[arg]);
        let shape = self.store.shape(call).clone();
        Some(self.store.zero(shape))
    }

    /// A call that is kept; an entrywise function of a transpose is the transpose of the function.
    fn plain_call(&mut self, function: Function, arg: Term) -> Term {
        if function.is_entrywise() && *self.store.op(arg) == Op::Transpose {
            self.fire("transpose-elementwise");
            let call = self.call(function, self.store.args(arg)[0]);
            return self.transpose(call);
        }
        self.store.make(Op::Call(function), &[arg])
    }

    fn cancelled(&mut self, function: Function, arg: Term) -> Option<Term> {
        let inner = self.store.args(arg).first().copied();
        let shape = self.store.shape(arg).clone();
        match (function, self.store.op(arg).clone()) {
            (Function::Exp, Op::Call(Function::Log)) => {
                self.fire("exp-log");
                inner
            }
            (Function::Log, Op::Call(Function::Exp)) => {
                self.fire("log-exp");
                inner
            }
            (Function::Log, Op::Call(Function::Det)) => {
                self.fire("log-det");
                Some(self.call(Function::LogDet, inner?))
            }
            (Function::Exp, _) if self.store.is_zero(arg) => {
                self.fire("exp-zero");
                Some(self.store.ones(&shape))
            }
            (Function::Log, Op::Ones(..)) => {
                self.fire("log-one");
                Some(self.store.zero(shape))
            }
            (Function::Log, _) if self.store.is_one(arg) => {
                self.fire("log-one");
                Some(self.store.integer(0))
            }
            (Function::Det, Op::Identity(_)) => {
                self.fire("det-identity");
                Some(self.store.integer(1))
            }
            (Function::Det, Op::Transpose) => {
                self.fire("det-transpose");
                Some(self.call(Function::Det, inner?))
            }
            (Function::Det, Op::Product) => self.determinant_of_power(arg),
            (Function::Diag, Op::Ones(n, _)) => {
                self.fire("diag-ones");
                Some(self.store.identity(n))
            }
            (Function::DiagPart, Op::Call(Function::Diag)) => {
                self.fire("diag-ones");
                inner
            }
            _ => None,
        }
    }

    /// det(Sⁿ) = det(S)ⁿ, of a product of equal factors.
    fn determinant_of_power(&mut self, product: Term) -> Option<Term> {
        let factors = self.store.operands(product);
        if factors.iter().any(|&factor| factor != factors[0]) {
            return None;
        }
        self.fire("det-power");
        let det = self.call(Function::Det, factors[0]);
        Some(self.product(&vec![det; factors.len()]))
    }

    /// The sum of all entries: linear, blind to transposes.
    fn linear_sum(&mut self, arg: Term) -> Term {
        let args = self.store.operands(arg);
        match self.store.op(arg).clone() {
            Op::Sum => {
                self.fire("sum-linear");
                let sums: Vec<Term> = args.into_iter().map(|term| self.linear_sum(term)).collect();
                return self.sum(&sums);
            }
            Op::Ones(rows, cols) => {
                self.fire("sum-ones");
                return self.dimension(rows * cols);
            }
            Op::Zero(_) => return self.store.integer(0),
            Op::Transpose => {
                self.fire("sum-transpose");
                return self.linear_sum(args[0]);
            }
            _ => {}
        }
        self.with_scalars_outside(arg, "sum-scale", Normal::linear_sum)
            .unwrap_or_else(|| self.store.make(Op::Call(Function::SumAll), &[arg]))
    }

    /// The trace: linear, blind to transposes, and of a product independent of where it begins.
    fn trace(&mut self, arg: Term) -> Term {
        let args = self.store.operands(arg);
        match self.store.op(arg).clone() {
            Op::Sum => {
                self.fire("trace-linear");
                let traces: Vec<Term> = args.into_iter().map(|term| self.trace(term)).collect();
                return self.sum(&traces);
            }
            Op::Identity(n) => {
                self.fire("trace-identity");
                return self.dimension(n);
            }
            Op::Zero(_) => return self.store.integer(0),
            Op::Transpose => {
                self.fire("trace-transpose");
                return self.trace(args[0]);
            }
            _ => {}
        }
        if let Some(product) = self.with_scalars_outside(arg, "trace-scale", Normal::trace) {
            return product;
        }
        if *self.store.op(arg) == Op::Product {
            return self.trace_of_chain(arg);
        }
        self.store.make(Op::Call(Function::Trace), &[arg])
    }

    /// tr(u vᵀ) = vᵀu; otherwise the best of all rotations, of the chain and of its transpose.
    fn trace_of_chain(&mut self, product: Term) -> Term {
        let chain = self.store.operands(product);
        if let Some(at) = chain.iter().position(|&factor| self.store.shape(factor).is_row()) {
            self.fire("trace-outer");
            let rotated = self.rotation(&chain, at);
            return self.as_scalar(rotated);
        }
        let transposed = self.transpose(product);
        let mut best = self.best_rotation(&chain);
        if *self.store.op(transposed) == Op::Product {
            let other = self.store.operands(transposed);
            let other = self.best_rotation(&other);
            if self.prefers(other, best) {
                best = other;
            }
        }
        if best != product {
            self.fire("trace-cyclic");
            // A rotation can bring together what cancels.
            if *self.store.op(best) != Op::Product || self.store.args(best).len() != chain.len() {
                return self.trace(best);
            }
        }
        self.store.make(Op::Call(Function::Trace), &[best])
    }

    /// The product of the chain begun at its smallest factor (of equal ones, the smallest continuation).
    fn best_rotation(&mut self, chain: &[Term]) -> Term {
        let compare_from = |normal: &Self, i: usize, j: usize| {
            (0..chain.len())
                .map(|k| compare(normal.store, chain[(i + k) % chain.len()], chain[(j + k) % chain.len()]))
                .find(|order| order.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        };
        let start = (1..chain.len()).fold(0, |best, i| if compare_from(self, i, best).is_lt() { i } else { best });
        self.rotation(chain, start)
    }

    fn rotation(&mut self, chain: &[Term], start: usize) -> Term {
        let rotated: Vec<Term> = chain[start..].iter().chain(&chain[..start]).copied().collect();
        self.product(&rotated)
    }

    /// The larger of two; max(0, u) is relu(u), max(u, u) is u.
    pub fn max(&mut self, a: Term, b: Term) -> Term {
        if a == b {
            self.fire("max-same");
            return a;
        }
        for (zero, other) in [(a, b), (b, a)] {
            if self.store.is_zero(zero) {
                self.fire("max-zero");
                return self.call(Function::Relu, other);
            }
        }
        self.store.make(Op::Max, &[a, b])
    }
}
