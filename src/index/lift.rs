//! Atoms and their powers; functions of entries as entries of functions: `e^{θ_j}` is entry j of exp(θ).

use super::form::{Factor, IndexForm, Label, Network};
use super::workspace::rank;
use super::{Exponent, Refusal, Workspace};
use crate::ir::normal::Normal;
use crate::ir::{Op, Term};
use crate::rules::{Class, Kink, RuleSet};
use crate::shape::Shape;

impl Workspace<'_> {
    /// The entry of a term that is not looked into. If there are free named indices below it, it is lifted, or
    /// looked into by the definition of its function.
    pub(super) fn atom(&mut self, term: Term, axes: &[Label]) -> Result<Vec<Network>, Refusal> {
        let names = self.names_below(term);
        if names.is_empty() {
            return Ok(vec![Network::factor(Factor::entry(term, axes))]);
        }
        if let Some(defined) = self.by_definition(term) {
            return self.entry_after_reading(defined, axes);
        }
        let free = [&names, axes].concat();
        let lifted = self.lift(term, axes, &free)?;
        self.entry_after_reading(lifted, &free)
    }

    /// What a function of an array that does not act entry by entry is in terms of others: `‖u‖` is `√(uᵀu)`.
    fn by_definition(&mut self, term: Term) -> Option<Term> {
        match self.context.terms.op(term) {
            Op::Call(function) if !function.is_entrywise() && function.of_each_row().is_none() => {}
            _ => return None,
        }
        let rules = RuleSet::standard();
        let facts = self.facts().clone();
        let applied = rules.apply_class(Class::Definition, Kink::Excluded, self.context, &facts, term)?;
        self.used.extend(applied.evidence);
        Some(applied.after)
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
        } else {
            let free = [&names, axes].concat();
            (self.spread(base, axes, &free)?, free)
        };
        Ok(vec![Network::factor(Factor { exponent, ..Factor::entry(atom, &indices) })])
    }

    /// The array of the values of a term for all values of its named indices and its own `axes`; `free` are both.
    /// The term is an operator that acts entry by entry, or a function of vectors that there is one of each row of.
    fn lift(&mut self, term: Term, axes: &[Label], free: &[Label]) -> Result<Term, Refusal> {
        let args = self.context.terms.args(term).to_vec();
        let op = match self.context.terms.op(term).clone() {
            Op::Power if axes.is_empty() => Op::ElementPower,
            Op::Call(function) if function.is_entrywise() => Op::Call(function),
            Op::Call(function) => match (function.of_each_row(), free.len()) {
                (Some(of_rows), 2) if axes.len() == 1 => Op::Call(of_rows),
                _ => return Err(Refusal::NotEntrywise(term)),
            },
            op @ (Op::Elementwise { .. } | Op::Max | Op::Cases(_) | Op::ElementPower) => op,
            _ => return Err(Refusal::NotEntrywise(term)),
        };
        let mut lifted = Vec::with_capacity(args.len());
        for (at, arg) in args.into_iter().enumerate() {
            let number = self.context.terms.as_number(arg).is_some() && op == Op::Max;
            let exponent = op == Op::ElementPower && at == 1;
            lifted.push(if number || exponent { arg } else { self.spread(arg, axes, free)? });
        }
        // A power with an index in its exponent (c^{n_j}) has no matrix operator.
        self.context.terms.raw(op.clone(), &lifted).map_err(|_| Refusal::NotEntrywise(term))?;
        if op == Op::ElementPower && self.memo.get(&lifted[1]).is_some_and(|exponent| !exponent.free.is_empty()) {
            return Err(Refusal::NotEntrywise(term));
        }
        Ok(Normal::new(&mut self.context.terms).build(op, &lifted))
    }

    /// The array of the values of an argument, at its own `axes`, for all values of the indices `free`, equal where it
    /// has none of them.
    pub(super) fn spread(&mut self, arg: Term, axes: &[Label], free: &[Label]) -> Result<Term, Refusal> {
        let form = self.memo[&arg].clone();
        let scalar = self.shape(arg).is_scalar();
        if scalar && form.free.is_empty() {
            let ones = self.context.terms.ones(&self.shape_of_axes(free));
            return Ok(Normal::new(&mut self.context.terms).product(&[arg, ones]));
        }
        let axes = if scalar { &[] } else { axes };
        let networks = self.instantiate(&form, axes);
        let form = IndexForm { free: [axes, &form.free[axes.len()..]].concat(), networks };
        self.to_matrix(&form, free).ok_or(Refusal::Rank(arg))
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
