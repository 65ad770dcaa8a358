//! Sums over an index that matrices cannot say: `Σᵢ log det(S + xᵢxᵢᵀ)`. The derivative of a sum is the sum of the
//! derivatives, its index free in them; what then has a form in matrices is given it.

use super::adjoint::Part;
use super::{Deriver, Refusal};
use crate::index;
use crate::ir::normal::Normal;
use crate::ir::{Function, Index, Op, Symbol, Term};
use crate::trace::{Inference, Level, Statement, Step, words};

impl Deriver<'_> {
    /// d(Σᵢ f) = Σᵢ d(f).
    pub(super) fn differential_of_index_sum(&mut self, sum: Term) -> Term {
        let before = self.d(sum);
        let body = self.context.terms.args(sum)[0];
        let inner = self.d(body);
        let after = self.sum_like(sum, inner);
        self.push(Step::inference(
            Inference::Together(vec!["d-sum".into()]),
            Statement::Term(before),
            Statement::Term(after),
            words("the differential is linear"),
            Level::Full,
        ));
        after
    }

    /// d(y_i) = eᵢᵀ dy, d(X_ij) = eᵢᵀ dX eⱼ.
    pub(super) fn differential_of_entry(&mut self, entry: Term, indices: &[Index]) -> Term {
        let array = self.context.terms.args(entry)[0];
        let shape = self.context.terms.shape(array).clone();
        let (row, col) = match indices {
            [row, col] => (Some(row), Some(col)),
            [only] if shape.cols().is_one() => (Some(only), None),
            _ => (None, indices.first()),
        };
        let d = self.d(array);
        let mut factors = Vec::new();
        if let Some(row) = row {
            let unit = self.context.terms.make(Op::Unit(shape.rows(), row.clone()), &[]);
            factors.push(Normal::new(&mut self.context.terms).transpose(unit));
        }
        factors.push(d);
        factors.extend(col.map(|col| self.context.terms.make(Op::Unit(shape.cols(), col.clone()), &[])));
        let mut normal = Normal::new(&mut self.context.terms);
        let product = normal.product(&factors);
        normal.as_scalar(product)
    }

    /// The parts of ⟨G, Σᵢ D⟩ = Σᵢ ⟨G, D⟩, if `differential` is a sum over an index.
    pub(super) fn parts_of_index_sum(&mut self, g: Term, differential: Term) -> Result<Option<Vec<Part>>, Refusal> {
        if !matches!(self.context.terms.op(differential), Op::IndexSum { .. }) {
            return Ok(None);
        }
        let body = self.context.terms.args(differential)[0];
        // A scalar stays outside, where no index can meet one of its own.
        let scalar = self.context.terms.shape(g).is_scalar();
        let inside = if scalar { self.context.terms.integer(1) } else { g };
        let mut parts = self.parts(inside, body)?;
        for part in &mut parts {
            let sum = self.sum_in_matrices(differential, part.adjoint);
            let factors = [g, sum];
            let factors = if scalar { &factors[..] } else { &factors[1..] };
            part.adjoint = Normal::new(&mut self.context.terms).product(factors);
        }
        Ok(Some(parts))
    }

    /// The matrices M of `P vec(Σᵢ D)`, where D is Σ M vec(dX), if the summand is of that form.
    pub(super) fn identified_in_index_sum(&mut self, summand: Term) -> Result<Option<Vec<(Symbol, Term)>>, Refusal> {
        let terms = &self.context.terms;
        let factors = if *terms.op(summand) == Op::Product { terms.args(summand).to_vec() } else { vec![summand] };
        let Some((&last, before)) = factors.split_last() else { return Ok(None) };
        let sum = if *terms.op(last) == Op::Call(Function::Vec) { terms.args(last)[0] } else { last };
        let constant = |factor: &Term| !terms.any(*factor, |part| *terms.op(part) == Op::Differential);
        if !matches!(terms.op(sum), Op::IndexSum { .. }) || !before.iter().all(constant) {
            return Ok(None);
        }
        let body = terms.args(sum)[0];
        let mut matrices = self.identified(body)?;
        for (_, matrix) in &mut matrices {
            let inner = self.sum_in_matrices(sum, *matrix);
            *matrix = Normal::new(&mut self.context.terms).product(&[before, &[inner]].concat());
        }
        Ok(Some(matrices))
    }

    /// The sum of `body` over the index of `sum`, in matrices if that can be said.
    fn sum_in_matrices(&mut self, sum: Term, body: Term) -> Term {
        let sum = self.sum_like(sum, body);
        index::matrix_form(self.context, sum, &[]).unwrap_or(sum)
    }

    fn sum_like(&mut self, sum: Term, body: Term) -> Term {
        let op = self.context.terms.op(sum).clone();
        Normal::new(&mut self.context.terms).build(op, &[body])
    }
}
