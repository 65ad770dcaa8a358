//! What must neither overflow nor be computed twice: logarithms of softmax, sigmoid and determinants, and terms that
//! an answer uses more than once.

use super::{Code, Level, Python, Written};
use crate::ir::{Function, Op, Symbol, Term};
use std::collections::BTreeSet;

impl Code<'_> {
    /// log(softmax(θ)), log(sigmoid(z)) and log(det(A)), also through a name that is defined as such.
    pub(super) fn stable_log(&self, function: Function, arg: Term) -> Option<(Function, Term)> {
        if function != Function::Log {
            return None;
        }
        let body = match self.op(arg) {
            Op::Symbol(symbol) => *self.definitions.get(symbol)?,
            _ => arg,
        };
        match self.op(body) {
            Op::Call(inner) if has_stable_log(*inner) => Some((*inner, self.args(body)[0])),
            _ => None,
        }
    }

    /// log of a softmax, sigmoid or determinant of `arg`.
    pub(super) fn log_of(&mut self, function: Function, arg: Term) -> Written {
        let axis = match function {
            Function::RowSoftmax => 1,
            Function::ColSoftmax => 0,
            Function::Det => return self.written_call(Function::LogDet, arg),
            Function::Sigmoid => {
                let value = self.term(arg)?;
                return Ok(Python::new(Level::Sign, format!("-np.logaddexp(0, -{})", value.at(Level::Power))));
            }
            _ => {
                let value = self.once(arg)?;
                let text = format!("{} - np.logaddexp.reduce({})", value.at(Level::Sum), value.text);
                return Ok(Python::new(Level::Sum, text));
            }
        };
        let shape = self.shape(arg);
        let value = if shape.is_vector() || shape.is_row() { self.two_axes(arg)? } else { self.once(arg)? };
        let total = format!("np.logaddexp.reduce({}, axis={axis}, keepdims=True)", value.text);
        let log = Python::new(Level::Sum, format!("{} - {total}", value.at(Level::Product)));
        let flat = shape.is_vector() || shape.is_row();
        Ok(if flat { Python::atom(format!("({}).ravel()", log.text)) } else { log })
    }

    /// A term by a name of its own, which is assigned before; as it is where it is a name already, or where an index
    /// or the unknown of an equation is in scope.
    pub(super) fn once(&mut self, term: Term) -> Written {
        if let Some(name) = self.named.get(&term) {
            return Ok(Python::atom(name.clone()));
        }
        let value = self.written(term)?;
        let is_name = value.text.chars().all(|c| c.is_alphanumeric() || c == '_');
        if is_name || self.is_indexed() || !self.bound.is_empty() {
            return Ok(value);
        }
        let name = self.fresh_name();
        self.lines.push(format!("{name} = {}", value.text));
        self.named.insert(term, name.clone());
        Ok(Python::atom(name))
    }

    /// `t1`, `t2`, …: the first that nothing else is called.
    fn fresh_name(&self) -> String {
        let parameters: BTreeSet<String> = self.context.symbols().map(|symbol| self.symbol_name(symbol)).collect();
        let sizes: BTreeSet<String> = self.context.dims().map(|size| self.size_name(&size)).collect();
        let taken = |name: &String| {
            parameters.contains(name) || sizes.contains(name) || self.named.values().any(|other| other == name)
        };
        let mut names = (1..).map(|number| format!("t{number}"));
        names.find(|name| !taken(name)).unwrap_or_default()
    }

    /// The calls of costly functions that the answer, with the definitions it uses, holds more than once.
    pub(super) fn repeated_below(&self, bodies: &[Term]) -> BTreeSet<Term> {
        let (mut seen, mut walked, mut repeated) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut pending = bodies.to_vec();
        while let Some(term) = pending.pop() {
            if matches!(self.op(term), Op::Call(function) if is_costly(*function)) && !seen.insert(term) {
                repeated.insert(term);
            }
            if walked.insert(term) && !matches!(self.op(term), Op::Partial | Op::EntrywisePartial) {
                pending.extend(self.args(term).iter().copied().filter(|&arg| !self.is_inside_log(term, arg)));
            }
        }
        repeated
    }

    fn is_inside_log(&self, term: Term, arg: Term) -> bool {
        matches!(self.op(term), Op::Call(function) if self.stable_log(*function, arg).is_some())
    }

    /// The names in a term, but for those that only stand in a stable logarithm.
    pub(super) fn used_directly(&self, body: Term) -> Vec<Symbol> {
        let as_symbol = |term: Term| match self.op(term) {
            Op::Symbol(symbol) => Some(*symbol),
            _ => None,
        };
        let mut found: Vec<Symbol> = as_symbol(body).into_iter().collect();
        for node in self.values(body) {
            match self.op(node) {
                Op::Partial | Op::EntrywisePartial => {}
                Op::Call(function) if self.stable_log(*function, self.args(node)[0]).is_some() => {}
                _ => found.extend(self.args(node).iter().filter_map(|&arg| as_symbol(arg))),
            }
        }
        found
    }
}

fn has_stable_log(function: Function) -> bool {
    use Function::*;
    matches!(function, Softmax | RowSoftmax | ColSoftmax | Sigmoid | Det)
}

fn is_costly(function: Function) -> bool {
    use Function::*;
    matches!(function, Softmax | RowSoftmax | ColSoftmax | LogSumExp | Det | LogDet | Adjugate)
}
