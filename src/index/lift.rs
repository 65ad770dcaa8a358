//! Atoms and their powers; functions of entries as entries of functions: `e^{θ_j}` is entry j of exp(θ).

use super::form::{Factor, IndexForm, Label, Network};
use super::workspace::rank;
use super::{Exponent, Refusal, Workspace};
use crate::ir::normal::Normal;
use crate::ir::{Op, Term};
use crate::shape::Shape;

impl Workspace<'_> {
    /// The entry of a term that is not looked into. If there are free named indices below it, it is lifted.
    pub(super) fn atom(&mut self, term: Term, axes: &[Label]) -> Result<Vec<Network>, Refusal> {
        let names = self.names_below(term);
        if names.is_empty() {
            return Ok(vec![Network::factor(Factor::entry(term, axes))]);
        }
        let lifted = self.lift(term, &names)?;
        self.entry_after_reading(lifted, &names)
    }

    /// The power of an argument's entry: of its factors, or of an atom for the whole argument.
    pub(super) fn power_at(&mut self, base: Term, axes: &[Label], exponent: Exponent) -> Result<Vec<Network>, Refusal> {
        let form = self.memo[&base].clone();
        if exponent.is_zero() {
            return Ok(super::read::one());
        }
        if exponent.is_one() {
            return Ok(self.instantiate(&form, axes));
        }
        if let [network] = form.networks.as_slice()
            && let Some(power) = self.network_power(network, &form.free, exponent)
        {
            let power = IndexForm { free: form.free, networks: vec![power] };
            return Ok(self.instantiate(&power, axes));
        }
        let names = form.free[rank(&self.shape(base))..].to_vec();
        let (atom, indices) = if names.is_empty() {
            (base, axes.to_vec())
        } else if axes.is_empty() {
            (self.to_matrix(&form, &names).ok_or(Refusal::Rank(base))?, names)
        } else {
            return Err(Refusal::NotEntrywise(base));
        };
        Ok(vec![Network::factor(Factor { exponent, ..Factor::entry(atom, &indices) })])
    }

    /// The matrix of the values of an entrywise operator for all values of the named indices.
    fn lift(&mut self, term: Term, names: &[Label]) -> Result<Term, Refusal> {
        if names.len() > 2 {
            return Err(Refusal::Rank(term));
        }
        let args = self.context.terms.args(term).to_vec();
        let op = match self.context.terms.op(term).clone() {
            _ if !self.shape(term).is_scalar() => return Err(Refusal::NotEntrywise(term)),
            Op::Power => Op::ElementPower,
            Op::Call(function) if function.is_entrywise() => Op::Call(function),
            op @ (Op::Elementwise { .. } | Op::Max | Op::Cases(_)) => op,
            _ => return Err(Refusal::NotEntrywise(term)),
        };
        let mut lifted = Vec::with_capacity(args.len());
        for (at, arg) in args.into_iter().enumerate() {
            let number = self.context.terms.as_number(arg).is_some() && op == Op::Max;
            let exponent = op == Op::ElementPower && at == 1;
            lifted.push(if number || exponent { arg } else { self.spread(arg, names)? });
        }
        // A power with an index in its exponent (c^{n_j}) has no matrix operator.
        self.context.terms.raw(op.clone(), &lifted).map_err(|_| Refusal::NotEntrywise(term))?;
        if op == Op::ElementPower && self.memo.get(&lifted[1]).is_some_and(|exponent| !exponent.free.is_empty()) {
            return Err(Refusal::NotEntrywise(term));
        }
        Ok(Normal::new(&mut self.context.terms).build(op, &lifted))
    }

    /// The matrix of the values of a scalar for all values of the named indices, equal where it has none of them.
    fn spread(&mut self, scalar: Term, names: &[Label]) -> Result<Term, Refusal> {
        let form = self.memo[&scalar].clone();
        if form.free.is_empty() {
            let ones = self.context.terms.ones(&self.shape_of_axes(names));
            return Ok(Normal::new(&mut self.context.terms).product(&[scalar, ones]));
        }
        self.to_matrix(&form, names).ok_or(Refusal::Rank(scalar))
    }

    /// Reads a term made here and gives its entry at `axes`.
    fn entry_after_reading(&mut self, term: Term, axes: &[Label]) -> Result<Vec<Network>, Refusal> {
        let form = self.read(term)?;
        Ok(self.instantiate(&form, axes))
    }

    /// The shape of an array with these indices: a scalar, a vector or a matrix.
    pub(super) fn shape_of_axes(&self, axes: &[Label]) -> Shape {
        match axes {
            [] => Shape::Scalar,
            [row] => Shape::vector(self.dim(*row).clone()),
            [row, col, ..] => Shape::matrix(self.dim(*row).clone(), self.dim(*col).clone()),
        }
    }
}
