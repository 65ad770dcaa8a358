//! Functions, inner products, derivatives, sums over an index, cases.

use super::numbers::{integer, product};
use super::{Fence, Head, Layout, Raise, Test, Writer};
use crate::ir::{Function, Guard, Index, Op, Term};
use crate::shape::{Dim, Shape};

impl Writer<'_> {
    pub(super) fn call(&self, function: Function, arg: Term) -> Layout {
        let fence = |fence| Layout::Fence(fence, self.boxed(arg));
        match function {
            Function::Abs if self.shape(arg).is_scalar() => fence(Fence::Abs),
            Function::Norm1 => fence(Fence::Norm1),
            Function::Norm2 => fence(Fence::Norm2),
            Function::NormF => fence(Fence::NormF),
            Function::Step => fence(Fence::Step),
            Function::StepClosed => fence(Fence::StepClosed),
            Function::SumAll => self.sum_all(arg),
            Function::Trace => match self.squared_norm(arg) {
                Some(square) => square,
                None => Layout::Apply(Head::Function(function), vec![self.term(arg)]),
            },
            _ => Layout::Apply(Head::Function(function), vec![self.term(arg)]),
        }
    }

    /// `𝟏ᵀy` for a vector that is a name or a product; `sum(…)` otherwise, and in ASCII.
    fn sum_all(&self, arg: Term) -> Layout {
        let ascii = Layout::Apply(Head::Function(Function::SumAll), vec![self.term(arg)]);
        let short = matches!(self.op(arg), Op::Symbol(_) | Op::Product | Op::Differential);
        if !self.shape(arg).is_vector() || !short {
            return ascii;
        }
        let ones = Layout::Ones(Dim::one(), self.shape(arg).rows());
        let paper = product(chained(ones, self.term(arg)));
        Layout::Spelled { ascii: Box::new(ascii), paper: Box::new(paper) }
    }

    /// On paper `aᵀ b` for vectors and `tr(aᵀ b)` for matrices; in ASCII `inner(a, b)`, which is another term.
    pub(super) fn inner(&self, a: Term, b: Term) -> Layout {
        let ascii = Layout::Apply(Head::Word("inner"), vec![self.term(a), self.term(b)]);
        if self.shape(a).is_scalar() {
            let factors =
                if self.context.terms.is_one(a) { vec![self.term(b)] } else { vec![self.term(a), self.term(b)] };
            return Layout::Spelled { ascii: Box::new(ascii), paper: Box::new(product(factors)) };
        }
        let left = match (self.op(a), self.args(a)) {
            (Op::Transpose, &[body]) => self.term(body),
            (Op::Ones(rows, cols), _) => Layout::Ones(cols.clone(), rows.clone()),
            (Op::Identity(_), _) => self.term(a),
            _ => Layout::Raised(self.boxed(a), Raise::Transpose),
        };
        let chain = product(chained(left, self.term(b)));
        let paper =
            if self.shape(a).is_vector() { chain } else { Layout::Apply(Head::Function(Function::Trace), vec![chain]) };
        Layout::Spelled { ascii: Box::new(ascii), paper: Box::new(paper) }
    }

    /// Derivatives of derivatives share one fraction line on paper, the variables in the order of differentiation:
    /// `∂²f/∂x∂y` has rows x and columns y.
    pub(super) fn partial(&self, term: Term) -> Layout {
        let (mut body, mut by) = (term, Vec::new());
        while *self.op(body) == Op::Partial {
            let &[of, variable] = self.args(body) else { break };
            by.push(self.term(variable));
            body = of;
        }
        by.reverse();
        let paper = Layout::Leibniz(self.boxed(body), by);
        let &[of, variable] = self.args(term) else { return paper };
        if *self.op(of) != Op::Partial {
            return paper;
        }
        let ascii = Layout::Leibniz(self.boxed(of), vec![self.term(variable)]);
        Layout::Spelled { ascii: Box::new(ascii), paper: Box::new(paper) }
    }

    /// `S′(Y)` of a defined name, `tanh′(Y)` of a function, otherwise a quotient; in ASCII
    /// `entrywise(S, Y)` where the function is neither built in nor defined as `S(Y) = …`.
    pub(super) fn entrywise_partial(&self, of: Term, by: Term) -> Layout {
        let head = match (self.op(of), self.args(of)) {
            (Op::Symbol(symbol), _) => Some(Head::Elementwise(self.context.name(*symbol).to_string(), 1)),
            (Op::Call(function), &[argument]) if argument == by => Some(Head::Derived(*function)),
            (Op::Elementwise { function, order }, &[argument]) if argument == by => {
                Some(Head::Elementwise(self.context.name(*function).to_string(), order + 1))
            }
            _ => None,
        };
        // Of a scalar, `tanh'(c)` is read as dtanh(c)/dc.
        let built_in = matches!(head, Some(Head::Derived(_)));
        let terms = &self.context.terms;
        let defined = match (terms.as_symbol(of), terms.as_symbol(by)) {
            (Some(function), Some(parameter)) => self.context.is_function_of(function, parameter),
            _ => false,
        };
        let reads_back = (built_in || defined) && !self.shape(by).is_scalar();
        let paper = match head {
            Some(head) => Layout::Apply(head, vec![self.term(by)]),
            None => Layout::Leibniz(self.boxed(of), vec![self.term(by)]),
        };
        if reads_back {
            return paper;
        }
        let ascii = Layout::Apply(Head::Word("entrywise"), vec![self.term(of), self.term(by)]);
        Layout::Spelled { ascii: Box::new(ascii), paper: Box::new(paper) }
    }

    pub(super) fn index_sum(&self, index: &Index, excluding: &Option<Index>, body: Term) -> Layout {
        let shown = self.context.terms.any(body, |term| match self.op(term) {
            Op::Entry(indices) => indices.contains(index),
            _ => false,
        });
        let range = match index {
            Index::Named { dim, .. } if !shown => Some(dim.clone()),
            _ => None,
        };
        Layout::IndexSum { index: index.clone(), excluding: excluding.clone(), range, body: self.boxed(body) }
    }

    pub(super) fn cases(&self, guards: &[Guard], args: &[Term]) -> Layout {
        let (values, subjects) = args.split_at(guards.len().min(args.len()));
        let mut subjects = subjects.iter();
        let cases = guards.iter().zip(values).map(|(guard, &value)| {
            let test = match guard {
                Guard::Equal(i, j) => Test::Indices(i.clone(), true, j.clone()),
                Guard::Different(i, j) => Test::Indices(i.clone(), false, j.clone()),
                Guard::Subject(comparison) => match subjects.next() {
                    Some(&subject) => Test::Subject(self.term(subject), *comparison),
                    None => Test::Otherwise,
                },
                Guard::Otherwise => Test::Otherwise,
            };
            (self.case_value(value), test)
        });
        Layout::Cases(cases.collect())
    }

    /// Entry by entry, all ones are just 1 on paper.
    fn case_value(&self, value: Term) -> Layout {
        let layout = self.term(value);
        let number = match (self.op(value), self.args(value)) {
            (Op::Ones(..), _) => integer(1),
            (Op::Zero(Shape::Matrix { .. }), _) => integer(0),
            (Op::Product, &[number, ones]) if matches!(self.op(ones), Op::Ones(..)) => self.term(number),
            _ => return layout,
        };
        Layout::Spelled { ascii: Box::new(layout), paper: Box::new(number) }
    }
}

/// `left` before the factors of `right`.
fn chained(left: Layout, right: Layout) -> Vec<Layout> {
    let mut factors = vec![left];
    match right {
        Layout::Product(more) if !matches!(more.first(), Some(Layout::Integer(_))) => factors.extend(more),
        other => factors.push(other),
    }
    factors
}
