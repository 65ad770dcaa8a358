//! Products, entry-by-entry products, and powers.

use super::numbers::{integer, product, rational, times};
use super::{Head, Layout, Raise, Writer};
use crate::ir::{Function, Index, Op, Rational, Term, ratio};
use crate::shape::Dim;
use num_traits::One;

impl Writer<'_> {
    pub(super) fn product(&self, args: &[Term]) -> Layout {
        match args.split_first() {
            Some((&first, rest)) if !rest.is_empty() && self.number(first).is_some_and(is_coefficient) => {
                let number = self.number(first).cloned().unwrap_or_else(Rational::one);
                self.scaled(number, rest)
            }
            _ => self.scaled(Rational::one(), args),
        }
    }

    /// `number · factors`: equal neighbours as powers, scalars with negative powers below a fraction line.
    pub(super) fn scaled(&self, number: Rational, factors: &[Term]) -> Layout {
        let (mut above, mut below) = (Vec::new(), Vec::new());
        let factors = &self.in_reading_order(factors)[..];
        let alone = factors.len() == 1;
        let mut at = 0;
        while at < factors.len() {
            if let Some(sample) = self.sample(&factors[at..]) {
                above.push(sample);
                at += 2;
                continue;
            }
            let run = factors[at..].iter().take_while(|&&factor| factor == factors[at]).count();
            if run > 1 && self.has_power(factors[at]) {
                above.push(self.chain_power(factors[at], run));
                at += run;
                continue;
            }
            match self.denominator(factors[at]) {
                Some(denominator) => below.push(denominator),
                None => above.push(self.factor(factors[at], alone)),
            }
            at += 1;
        }
        // A lone term keeps its own layout: `−(a + b)`, but `−a/b` and not `−(a/b)`.
        match (above.as_mut_slice(), below.is_empty()) {
            ([Layout::Fraction(numerator, denominator)], true) if alone && !number.is_one() => {
                let (top, bottom) = ((**numerator).clone(), (**denominator).clone());
                times(number, if top == integer(1) { Vec::new() } else { vec![top] }, vec![bottom])
            }
            _ => times(number, above, below),
        }
    }

    /// `Xᵀeᵢ` as `xᵢ`, where the rows of X are called so; and its transpose.
    fn sample(&self, factors: &[Term]) -> Option<Layout> {
        let &[first, second, ..] = factors else { return None };
        let (outer, inner, transposed) = match (self.op(second), self.op(first), self.args(first)) {
            (Op::Unit(..), ..) => (first, second, false),
            (_, Op::Transpose, &[unit]) if matches!(self.op(unit), Op::Unit(..)) => (second, unit, true),
            _ => return None,
        };
        let Op::Unit(_, index) = self.op(inner) else { return None };
        let turned = *self.op(outer) == Op::Transpose;
        let array = if turned { self.args(outer)[0] } else { outer };
        let samples = self.context.info(self.context.terms.as_symbol(array)?).samples.as_ref()?;
        if samples.columns == (turned != transposed) {
            return None;
        }
        let name = Layout::Name(samples.name.to_string());
        let sample = match (samples.raised, index) {
            (false, _) => Layout::Entry(Box::new(name), vec![index.clone()]),
            (true, Index::Named { name: i, .. }) => Layout::Name(format!("{}^({i})", samples.name)),
            (true, Index::At(position)) => Layout::Name(format!("{}^({position})", samples.name)),
        };
        Some(if transposed { Layout::Raised(Box::new(sample), Raise::Transpose) } else { sample })
    }

    /// Scalars in front in the order of reading: functions behind names and entries, sums behind both.
    fn in_reading_order(&self, factors: &[Term]) -> Vec<Term> {
        let scalars = factors.iter().take_while(|&&factor| self.shape(factor).is_scalar()).count();
        let mut ordered = factors.to_vec();
        ordered[..scalars].sort_by_key(|&factor| self.complexity(factor));
        ordered
    }

    fn complexity(&self, factor: Term) -> u8 {
        match self.op(factor) {
            Op::Power => self.complexity(self.args(factor)[0]),
            Op::Call(_) => 1,
            Op::Sum => 2,
            _ => 0,
        }
    }

    /// The base and positive exponent, if the factor is a scalar with a negative number as exponent.
    fn denominator(&self, factor: Term) -> Option<Layout> {
        let (Op::Power, &[base, exponent]) = (self.op(factor), self.args(factor)) else { return None };
        let exponent = self.number(exponent).filter(|exponent| exponent.is_negative())?;
        self.shape(base).is_scalar().then(|| self.number_power(base, -exponent))
    }

    fn factor(&self, factor: Term, alone: bool) -> Layout {
        match self.op(factor) {
            // Among other matrices an m×n matrix of ones is written as what it is: a product.
            Op::Ones(rows, cols) if !alone && !rows.is_one() && !cols.is_one() => ones_as_product(rows, cols, false),
            _ => self.term(factor),
        }
    }

    /// Is `A²` the matrix product? Not for what may be built entry by entry: `tanh(Y)²` has two readings.
    fn has_power(&self, factor: Term) -> bool {
        let terms = &self.context.terms;
        let is_entrywise = |term: Term| match terms.op(term) {
            Op::Hadamard | Op::ElementPower | Op::Quotient | Op::Elementwise { .. } | Op::Ones(..) => true,
            Op::Call(function) => function.is_entrywise(),
            Op::Symbol(symbol) => term != factor && self.context.definition(*symbol).is_some(),
            _ => false,
        };
        self.shape(factor).is_square() && !terms.any(factor, is_entrywise)
    }

    /// `run` equal matrices in a row.
    fn chain_power(&self, factor: Term, run: usize) -> Layout {
        match (self.op(factor), self.args(factor)) {
            (Op::Inverse, &[body]) => {
                let power = Layout::Negative(Box::new(integer(run)));
                Layout::Raised(self.boxed(body), Raise::Power(Box::new(power)))
            }
            _ => Layout::Raised(self.boxed(factor), Raise::Power(Box::new(integer(run)))),
        }
    }

    pub(super) fn power(&self, base: Term, exponent: Term) -> Layout {
        match self.number(exponent) {
            Some(value) if value.is_negative() && self.shape(base).is_scalar() => {
                Layout::Fraction(Box::new(integer(1)), Box::new(self.number_power(base, -value)))
            }
            Some(value) => self.number_power(base, value.clone()),
            None => Layout::Raised(self.boxed(base), Raise::Power(self.boxed(exponent))),
        }
    }

    /// A power with a number as exponent: the base alone, a root, `sin²(x)`, or `x³`.
    fn number_power(&self, base: Term, exponent: Rational) -> Layout {
        if exponent.is_one() {
            return self.term(base);
        }
        if let Some(length) = self.power_of_length(base, &exponent) {
            return length;
        }
        if exponent == ratio(1, 2) {
            return Layout::Apply(Head::Function(Function::Sqrt), vec![self.term(base)]);
        }
        match self.op(base) {
            Op::Call(function) if has_short_power(*function) && is_small(&exponent) => {
                self.function_power(*function, base, &exponent)
            }
            _ => Layout::Raised(self.boxed(base), Raise::Power(Box::new(rational(&exponent)))),
        }
    }

    fn function_power(&self, function: Function, base: Term, exponent: &Rational) -> Layout {
        let argument = self.args(base)[0];
        Layout::ApplyPower {
            head: Head::Function(function),
            power: Box::new(rational(exponent)),
            argument: self.boxed(argument),
            entrywise: !self.shape(argument).is_scalar(),
        }
    }

    pub(super) fn hadamard(&self, args: &[Term]) -> Layout {
        let mut args = args.to_vec();
        // `A ⊙ I`, and `A ⊙ (B − C)`.
        args.sort_by_key(|&arg| match self.op(arg) {
            Op::Identity(_) => 2,
            Op::Sum => 1,
            _ => 0,
        });
        self.elementwise(&args)
    }

    pub(super) fn element_power(&self, term: Term) -> Layout {
        self.elementwise(&[term])
    }

    /// What multiplies, then what divides; 𝟏 where nothing multiplies.
    fn elementwise(&self, args: &[Term]) -> Layout {
        let operands: Vec<(bool, Layout)> = args.iter().flat_map(|&arg| self.elementwise_operands(arg)).collect();
        let (mut ordered, below): (Vec<_>, Vec<_>) = operands.into_iter().partition(|(divides, _)| !divides);
        if ordered.is_empty() {
            ordered.push((false, self.ones_like(args[0])));
        }
        ordered.extend(below);
        match ordered.len() {
            1 => ordered.remove(0).1,
            _ => Layout::Elementwise(ordered),
        }
    }

    fn ones_like(&self, term: Term) -> Layout {
        let shape = self.shape(term);
        if shape.is_scalar() { integer(1) } else { Layout::Ones(shape.rows(), shape.cols()) }
    }

    /// What an argument of ⊙ is written as: `S^2` is `S ⊙ S`, a negative power divides.
    fn elementwise_operands(&self, term: Term) -> Vec<(bool, Layout)> {
        let (Op::ElementPower, &[base, exponent]) = (self.op(term), self.args(term)) else {
            return vec![(false, self.operand(term))];
        };
        let Some(value) = self.number(exponent) else {
            return vec![(false, Layout::Raised(self.boxed(base), Raise::ElementPower(self.boxed(exponent))))];
        };
        let (divides, size) = (value.is_negative(), value.abs());
        match self.op(base) {
            _ if size.is_one() => vec![(divides, self.operand(base))],
            _ if size == ratio(1, 2) => {
                vec![(divides, Layout::Apply(Head::Function(Function::Sqrt), vec![self.term(base)]))]
            }
            Op::Symbol(_) if size == ratio(2, 1) => vec![(divides, self.term(base)), (divides, self.term(base))],
            Op::Call(function) if function.is_entrywise() && is_small(&size) && has_name(*function) => {
                vec![(divides, self.function_power(*function, base, &size))]
            }
            _ => vec![(divides, Layout::Raised(self.boxed(base), Raise::ElementPower(Box::new(rational(&size)))))],
        }
    }

    /// An operand of ⊙ or ⊘. Beside ⊙ a product of matrices may be read in two ways; where both have a shape
    /// it stands in brackets, in ASCII always.
    pub(super) fn operand(&self, term: Term) -> Layout {
        let layout = self.term(term);
        let is_chain = *self.op(term) == Op::Product && self.args(term).len() > 1;
        if !is_chain {
            return layout;
        }
        let shape = self.shape(term);
        let matrices = self.args(term).iter().filter(|&&factor| !self.shape(factor).is_scalar());
        let ambiguous = matrices.clone().count() > 1 && matrices.into_iter().any(|&factor| self.shape(factor) == shape);
        Layout::Group { inside: Box::new(layout), paper: ambiguous }
    }

    pub(super) fn kronecker_side(&self, term: Term) -> Box<Layout> {
        Box::new(match self.term(term) {
            Layout::Ones(rows, cols) if !rows.is_one() && !cols.is_one() => ones_as_product(&rows, &cols, true),
            Layout::Identity { size, .. } => Layout::Identity { size, sized: true },
            layout @ (Layout::Product(_) | Layout::Fraction(..)) => {
                Layout::Group { inside: Box::new(layout), paper: true }
            }
            layout => layout,
        })
    }
}

/// A matrix of ones as 𝟏𝟏ᵀ on paper, in brackets there if `grouped`.
fn ones_as_product(rows: &Dim, cols: &Dim, grouped: bool) -> Layout {
    let column = Layout::Ones(rows.clone(), Dim::one());
    let row = Layout::Ones(Dim::one(), cols.clone());
    let paper = Layout::Group { inside: Box::new(product(vec![column, row])), paper: grouped };
    Layout::Spelled { ascii: Box::new(Layout::Ones(rows.clone(), cols.clone())), paper: Box::new(paper) }
}

/// A number that can stand in front: everything but 0, and 1 as typed.
fn is_coefficient(value: &Rational) -> bool {
    !num_traits::Zero::is_zero(value) && !value.is_one()
}

fn is_small(exponent: &Rational) -> bool {
    exponent.is_integer() && *exponent <= ratio(9, 1)
}

/// Is it written as a word before its argument?
fn has_name(function: Function) -> bool {
    !matches!(function, Function::Abs | Function::Step | Function::StepClosed | Function::Sqrt)
}

/// Functions whose powers everybody writes `sin²(x)`, of scalars too.
fn has_short_power(function: Function) -> bool {
    use Function::*;
    matches!(function, Sin | Cos | Tan | Sinh | Cosh | Tanh)
}
