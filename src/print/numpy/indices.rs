//! Entries, sums over an index and cases: every index has an axis of its own, and arrays broadcast.

use super::{Code, Level, NotYet, Python, Written};
use crate::ir::{Comparison, Guard, Index, Op, Term};

/// The indices in scope.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// Each index with the Python name of its array.
    known: Vec<(Index, String)>,
    /// How many axes index arrays have.
    axes: usize,
    /// Is a sum being written as a loop, in which indices are numbers?
    looping: bool,
}

impl Code<'_> {
    /// Is an index in scope, or an array of entries being written?
    pub(super) fn is_indexed(&self) -> bool {
        self.scope.axes > 0 || !self.scope.known.is_empty()
    }

    /// The free indices of a term: those asked for first, then in order of appearance.
    pub(super) fn free_indices(&self, term: Term, asked: &[Index]) -> Vec<Index> {
        let mut found: Vec<Index> = asked.iter().filter(|index| is_named(index)).cloned().collect();
        let mut pending = vec![(term, Vec::new())];
        while let Some((term, bound)) = pending.pop() {
            let mut bound: Vec<Index> = bound;
            let here: Vec<&Index> = match self.op(term) {
                Op::Entry(indices) => indices.iter().collect(),
                Op::Delta(i, j) => vec![i, j],
                Op::Cases(guards) => guards.iter().flat_map(guard_indices).collect(),
                Op::IndexSum { index, excluding } => {
                    bound.push(index.clone());
                    excluding.iter().collect()
                }
                _ => Vec::new(),
            };
            let new = here.into_iter().filter(|index| is_named(index) && !bound.contains(index));
            for index in new {
                if !found.contains(index) {
                    found.push(index.clone());
                }
            }
            pending.extend(self.args(term).iter().rev().map(|&arg| (arg, bound.clone())));
        }
        found
    }

    /// The array of all entries.
    pub(super) fn indexed_result(&mut self, term: Term, free: &[Index]) -> Result<String, NotYet> {
        let nested = self.nesting(term);
        self.scope.axes = free.len() + nested;
        for (axis, index) in free.iter().enumerate() {
            self.index_line(index, axis)?;
        }
        let value = self.term(term)?;
        let sizes: Vec<String> =
            free.iter().map(|index| self.range(index).map(|size| size.text)).collect::<Result<_, _>>()?;
        let full = sizes.join(", ") + if sizes.len() == 1 { "," } else { "" };
        Ok(match nested {
            0 => format!("np.broadcast_to({}, ({full})).copy()", value.text),
            _ => {
                let ones = ", 1".repeat(nested);
                let whole = format!("{}{ones}", sizes.join(", "));
                format!("np.broadcast_to({}, ({whole})).reshape({full})", value.text)
            }
        })
    }

    /// How many sums stand inside each other.
    fn nesting(&self, term: Term) -> usize {
        let mut depth: std::collections::HashMap<Term, usize> = std::collections::HashMap::new();
        for node in self.context.terms.postorder(term) {
            let below = self.args(node).iter().map(|arg| depth[arg]).max().unwrap_or(0);
            depth.insert(node, below + usize::from(matches!(self.op(node), Op::IndexSum { .. })));
        }
        depth[&term]
    }

    /// `j = np.arange(C).reshape(-1, 1)`.
    fn index_line(&mut self, index: &Index, axis: usize) -> Result<(), NotYet> {
        let Index::Named { name, .. } = index else { return Ok(()) };
        let variable = self.index_variable(name);
        let size = self.range(index)?;
        let shape: Vec<&str> = (0..self.scope.axes).map(|i| if i == axis { "-1" } else { "1" }).collect();
        let reshape = if shape.len() > 1 { format!(".reshape({})", shape.join(", ")) } else { String::new() };
        let line = format!("{variable} = np.arange({}){reshape}", size.text);
        if !self.lines.contains(&line) {
            self.lines.push(line);
        }
        self.scope.known.push((index.clone(), variable));
        Ok(())
    }

    /// The Python name of an index.
    fn index_variable(&self, name: &str) -> String {
        let mut variable = super::leaves::identifier(name);
        let taken = |variable: &str| {
            self.context.symbols().any(|symbol| self.symbol_name(symbol) == variable)
                || self.context.dims().any(|size| self.size_name(&size) == variable)
        };
        while taken(&variable) {
            variable.push_str("_index");
        }
        variable
    }

    fn range(&mut self, index: &Index) -> Written {
        match index {
            Index::Named { dim, .. } => Ok(self.size(dim)),
            Index::At(_) => Ok(Python::atom("1")),
        }
    }

    pub(super) fn index(&self, index: &Index) -> Result<String, NotYet> {
        match index {
            Index::At(position) => Ok(position.saturating_sub(1).to_string()),
            Index::Named { name, .. } => {
                let known = self.scope.known.iter().rev().find(|(known, _)| known == index);
                known.map(|(_, variable)| variable.clone()).ok_or_else(|| NotYet::Operator(format!("the index {name}")))
            }
        }
    }

    pub(super) fn entry(&mut self, of: Term, indices: &[Index]) -> Written {
        let value = self.term(of)?;
        let places: Vec<String> = indices.iter().map(|index| self.index(index)).collect::<Result<_, _>>()?;
        Ok(Python::atom(format!("{}[{}]", value.at(Level::Atom), places.join(", "))))
    }

    pub(super) fn delta(&mut self, i: &Index, j: &Index) -> Written {
        Ok(Python::atom(format!("np.where({} == {}, 1.0, 0.0)", self.index(i)?, self.index(j)?)))
    }

    pub(super) fn index_sum(&mut self, term: Term, index: &Index, excluding: &Option<Index>) -> Written {
        let body = self.args(term)[0];
        if self.scope.looping || self.is_over_arrays(term) {
            return self.loop_sum(body, index, excluding);
        }
        let outermost = self.scope.known.is_empty();
        if outermost {
            self.scope.axes = self.nesting(term);
        }
        let axis = if outermost { 0 } else { self.scope.axes - self.nesting(term) };
        self.index_line(index, axis)?;
        let mut value = self.term(body)?;
        if let Some(other) = excluding {
            let test = format!("{} != {}", self.index(index)?, self.index(other)?);
            value = Python::atom(format!("np.where({test}, {}, 0.0)", value.text));
        } else if !self.mentions(body, index) {
            let size = self.range(index)?;
            value = Python::new(Level::Product, format!("{} * {}", size.at(Level::Sign), value.at(Level::Sign)));
            self.scope.known.pop();
            return Ok(value);
        }
        self.scope.known.pop();
        Ok(Python::atom(match outermost {
            true => format!("np.sum({})", value.text),
            false => format!("np.sum({}, axis={axis}, keepdims=True)", value.text),
        }))
    }

    /// Does a sum add up arrays, or scalars that are made of arrays by an index: rows of a matrix?
    fn is_over_arrays(&self, term: Term) -> bool {
        self.context.terms.any(term, |part| match self.op(part) {
            Op::IndexSum { .. } => !self.shape(self.args(part)[0]).is_scalar(),
            Op::Unit(_, index) => is_named(index),
            _ => false,
        })
    }

    /// `sum(… for i in range(N))`.
    fn loop_sum(&mut self, body: Term, index: &Index, excluding: &Option<Index>) -> Written {
        let Index::Named { name, .. } = index else { return self.term(body) };
        let variable = self.index_variable(name);
        let size = self.range(index)?;
        let left_out = match excluding {
            Some(other) => format!(" if {variable} != {}", self.index(other)?),
            None => String::new(),
        };
        let before = std::mem::replace(&mut self.scope.looping, true);
        self.scope.known.push((index.clone(), variable.clone()));
        let value = self.term(body);
        self.scope.known.pop();
        self.scope.looping = before;
        Ok(Python::atom(format!("sum({} for {variable} in range({}){left_out})", value?.text, size.text)))
    }

    fn mentions(&self, term: Term, index: &Index) -> bool {
        self.context.terms.any(term, |term| match self.op(term) {
            Op::Entry(indices) => indices.contains(index),
            Op::Delta(i, j) => i == index || j == index,
            Op::Cases(guards) => guards.iter().flat_map(guard_indices).any(|i| i == index),
            Op::IndexSum { excluding, .. } => excluding.as_ref() == Some(index),
            _ => false,
        })
    }

    /// Nested `np.where`; where no guard holds there is no value.
    pub(super) fn cases(&mut self, guards: &[Guard], args: &[Term]) -> Written {
        let (values, subjects) = args.split_at(guards.len().min(args.len()));
        let mut subjects = subjects.iter();
        let mut branches = Vec::new();
        for (guard, &value) in guards.iter().zip(values) {
            let test = match guard {
                Guard::Equal(i, j) => Some(format!("{} == {}", self.index(i)?, self.index(j)?)),
                Guard::Different(i, j) => Some(format!("{} != {}", self.index(i)?, self.index(j)?)),
                Guard::Subject(comparison) => match subjects.next() {
                    Some(&subject) => Some(format!("{} {} 0", self.term(subject)?.at(Level::Sum), sign(*comparison))),
                    None => None,
                },
                Guard::Otherwise => None,
            };
            branches.push((test, self.broadcast(value)?));
        }
        let mut rest = if exhaustive(guards, args) { branches.pop().map(|(_, value)| value) } else { None }
            .unwrap_or_else(|| Python::atom("np.nan"));
        for (test, value) in branches.into_iter().rev() {
            rest = match test {
                Some(test) => Python::atom(format!("np.where({test}, {}, {})", value.text, rest.text)),
                None => value,
            };
        }
        Ok(rest)
    }
}

/// Does the last guard hold wherever the others do not?
fn exhaustive(guards: &[Guard], args: &[Term]) -> bool {
    use Comparison::*;
    match guards {
        [.., Guard::Otherwise] => true,
        [Guard::Equal(i, j), Guard::Different(k, l)] | [Guard::Different(i, j), Guard::Equal(k, l)] => (i, j) == (k, l),
        [Guard::Subject(first), Guard::Subject(second)] => {
            let pair = [(Positive, NonPositive), (Negative, NonNegative)];
            args.get(2) == args.get(3)
                && pair.iter().any(|&(a, b)| (a, b) == (*first, *second) || (b, a) == (*first, *second))
        }
        _ => false,
    }
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Positive => ">",
        Comparison::Negative => "<",
        Comparison::Zero => "==",
        Comparison::NonNegative => ">=",
        Comparison::NonPositive => "<=",
    }
}

fn is_named(index: &Index) -> bool {
    matches!(index, Index::Named { .. })
}

fn guard_indices(guard: &Guard) -> Vec<&Index> {
    match guard {
        Guard::Equal(i, j) | Guard::Different(i, j) => vec![i, j],
        _ => Vec::new(),
    }
}
