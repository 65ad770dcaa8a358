//! Entries, sums over indices, and cases.

use super::{Model, Result, Value, signs};
use crate::eval::ring::Ring;
use crate::eval::{Dual, EvalError, Matrix};
use crate::ir::hash::FastSet;
use crate::ir::{Comparison, Guard, Index, Op, Term};
use std::cmp::Ordering;
use std::sync::Arc;

impl<R: Ring> Model<'_, R> {
    pub(super) fn index(&self, index: &Index) -> Result<usize> {
        match index {
            Index::At(position) => Ok(*position as usize),
            Index::Named { name, .. } => {
                let found = self.indices.iter().rev().find(|(known, _)| known == name);
                found.map(|&(_, value)| value).ok_or_else(|| EvalError::UnboundIndex(name.to_string()))
            }
        }
    }

    /// The position along the columns of an entry in a matrix of this size.
    pub(super) fn position(&self, indices: &[Index], (rows, cols): (usize, usize)) -> Result<usize> {
        let mut at = indices.iter().map(|index| self.index(index));
        let (i, j) = match (at.next(), at.next()) {
            (Some(i), Some(j)) => (i?, j?),
            (Some(k), None) if cols == 1 => (k?, 1),
            (Some(k), None) => (1, k?),
            (None, _) => return Err(EvalError::IndexRange),
        };
        if i == 0 || j == 0 || i > rows || j > cols {
            return Err(EvalError::IndexRange);
        }
        Ok((j - 1) * rows + i - 1)
    }

    pub(super) fn entry(&self, array: &Value<R>, indices: &[Index]) -> Result<Value<R>> {
        let position = self.position(indices, (array.rows(), array.cols()))?;
        Ok(Matrix::scalar(array.data()[position].clone()))
    }

    pub(super) fn index_sum(&mut self, body: Term, index: &Index, excluding: Option<&Index>) -> Result<Value<R>> {
        let Index::Named { name, dim } = index else { return self.evaluate(body) };
        let n = self.size(dim)?;
        let left_out = excluding.map(|index| self.index(index)).transpose()?;
        let dependent = self.depending_on_index(body, name);
        // An index of this name outside (another sum uses a definition that is a sum itself) has values of its own.
        let outside: Vec<_> = dependent.iter().filter_map(|&term| Some((term, self.memo.remove(&term)?))).collect();
        let (rows, cols) = self.size_of(self.context.terms.shape(body))?;
        let mut total = Matrix::zero(rows, cols);
        for value in (1..=n).filter(|&value| Some(value) != left_out) {
            self.indices.push((name.clone(), value));
            dependent.iter().for_each(|term| drop(self.memo.remove(term)));
            let term = self.evaluate(body);
            self.indices.pop();
            total.add(&term?);
        }
        dependent.iter().for_each(|term| drop(self.memo.remove(term)));
        self.memo.extend(outside);
        Ok(total)
    }

    /// All terms of `body` with an index of this name below them: their values change with the index.
    fn depending_on_index(&self, body: Term, name: &Arc<str>) -> Vec<Term> {
        self.depending_on(&[body], |op| mentions(op, name))
    }

    /// All terms of some bodies with an operator of this kind at or below them.
    pub(in crate::eval) fn depending_on(&self, bodies: &[Term], is: impl Fn(&Op) -> bool) -> Vec<Term> {
        let store = &self.context.terms;
        let mut found: FastSet<Term> = FastSet::default();
        for term in store.postorder_of(bodies) {
            if is(store.op(term)) || store.args(term).iter().any(|arg| found.contains(arg)) {
                found.insert(term);
            }
        }
        found.into_iter().collect()
    }

    pub(super) fn cases(&mut self, guards: &[Guard], args: &[Term]) -> Result<Value<R>> {
        let (rows, cols) = self.size_of(self.context.terms.shape(args[0]))?;
        let mut chosen: Vec<Option<Dual<R>>> = vec![None; rows * cols];
        let mut subjects = args[guards.len()..].iter();
        for (guard, &value) in guards.iter().zip(args) {
            let holds = match guard {
                Guard::Equal(i, j) => vec![self.index(i)? == self.index(j)?; rows * cols],
                Guard::Different(i, j) => vec![self.index(i)? != self.index(j)?; rows * cols],
                Guard::Otherwise => vec![true; rows * cols],
                Guard::Subject(comparison) => {
                    let &term = subjects.next().ok_or(EvalError::NoCase)?;
                    let subject = self.evaluate(term)?;
                    self.saw(term, signs::of_all(&self.settings, subject.data().iter()));
                    subject.data().iter().map(|x| compares(x, *comparison)).collect::<Result<_>>()?
                }
            };
            let takes: Vec<usize> = (0..rows * cols).filter(|&k| holds[k] && chosen[k].is_none()).collect();
            if !takes.is_empty() {
                let value = self.evaluate(value)?;
                takes.into_iter().for_each(|k| chosen[k] = Some(value.data()[k].clone()));
            }
        }
        let data = chosen.into_iter().collect::<Option<Vec<_>>>().ok_or(EvalError::NoCase)?;
        Matrix::from_columns(rows, cols, data).ok_or(EvalError::Overflow)
    }
}

fn compares<R: Ring>(x: &R, comparison: Comparison) -> Result<bool> {
    let sign = x.sign()?;
    if sign == Ordering::Equal && !x.is_constant() {
        return Err(EvalError::Kink);
    }
    Ok(match comparison {
        Comparison::Positive => sign == Ordering::Greater,
        Comparison::Negative => sign == Ordering::Less,
        Comparison::Zero => sign == Ordering::Equal,
        Comparison::NonNegative => sign != Ordering::Less,
        Comparison::NonPositive => sign != Ordering::Greater,
    })
}

fn mentions(op: &Op, name: &Arc<str>) -> bool {
    let is = |index: &Index| matches!(index, Index::Named { name: known, .. } if known == name);
    match op {
        Op::Unit(_, index) => is(index),
        Op::Entry(indices) => indices.iter().any(is),
        Op::Delta(i, j) => is(i) || is(j),
        Op::IndexSum { index, excluding } => is(index) || excluding.as_ref().is_some_and(is),
        Op::Cases(guards) => guards.iter().any(|guard| match guard {
            Guard::Equal(i, j) | Guard::Different(i, j) => is(i) || is(j),
            Guard::Subject(_) | Guard::Otherwise => false,
        }),
        _ => false,
    }
}
