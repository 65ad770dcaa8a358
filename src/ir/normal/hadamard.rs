//! Entry-by-entry products and powers: collected and sorted as scalars are.

use super::Normal;
use crate::ir::{Op, Rational, Term, compare};
use num_traits::{One, Zero};

impl Normal<'_> {
    /// The entry-by-entry product of normal terms of one shape; of scalars it is the product.
    pub fn hadamard(&mut self, factors: &[Term]) -> Term {
        let shape = self.store.shape(factors[0]).clone();
        if shape.is_scalar() {
            return self.product(factors);
        }
        let (mut scalars, mut number) = (Vec::new(), Rational::one());
        let mut powers: Vec<(Term, Rational)> = Vec::new();
        let mut pending: Vec<Term> = factors.iter().rev().copied().collect();
        while let Some(factor) = pending.pop() {
            let (outside, matrix) = self.split_scalars(factor);
            scalars.extend(outside);
            let matrix = matrix.expect("factors of one matrix shape");
            let args = self.store.operands(matrix);
            match self.store.op(matrix) {
                Op::Hadamard => pending.extend(args.into_iter().rev()),
                Op::Ones(..) => self.fire("hadamard-one"),
                Op::Zero(_) => {
                    self.fire("hadamard-zero");
                    return self.store.zero(shape);
                }
                Op::ElementPower if self.store.as_number(args[1]).is_some() => {
                    let exponent = self.store.as_number(args[1]).expect("just seen").clone();
                    powers.push((args[0], exponent));
                }
                _ => powers.push((matrix, Rational::one())),
            }
        }
        let powers = self.without_shared_numbers(powers, &mut number);
        let collected = self.collect_powers(powers);
        let mut factors: Vec<Term> = collected
            .into_iter()
            .map(|(base, exponent)| {
                let exponent = self.store.number(exponent);
                self.element_power(base, exponent)
            })
            .collect();
        factors.sort_by(|a, b| compare(self.store, *a, *b));
        let matrix = match factors.as_slice() {
            [] => self.store.ones(&shape),
            [single] => *single,
            _ => self.store.make(Op::Hadamard, &factors),
        };
        if scalars.is_empty() && number.is_one() {
            return matrix;
        }
        scalars.extend([self.store.number(number), matrix]);
        self.product(&scalars)
    }

    /// Beside other factors a sum gives the number that its terms share to the front, as it does in a product:
    /// A ⊙ (2B − 2C) is 2(A ⊙ (B − C)). Signs stay, as −𝟏 − log p is often multiplied out.
    fn without_shared_numbers(
        &mut self,
        powers: Vec<(Term, Rational)>,
        number: &mut Rational,
    ) -> Vec<(Term, Rational)> {
        if powers.len() < 2 {
            return powers;
        }
        let without = |(base, exponent): (Term, Rational)| {
            let base = if exponent.is_one() { self.primitive(base, number) } else { base };
            (base, exponent)
        };
        let powers = powers.into_iter().map(without).collect();
        self.without_opposite_bases(powers, number)
    }

    /// Each entry of `base` raised to the exponent; of a scalar it is the power.
    pub fn element_power(&mut self, base: Term, exponent: Term) -> Term {
        if self.store.shape(base).is_scalar() {
            return self.power(base, exponent);
        }
        let Some(value) = self.store.as_number(exponent).cloned() else {
            return self.store.make(Op::ElementPower, &[base, exponent]);
        };
        if value.is_zero() {
            self.fire("power-zero");
            let shape = self.store.shape(base).clone();
            return self.store.ones(&shape);
        }
        if value.is_one() {
            return base;
        }
        if value.is_integer()
            && let Some(power) = self.whole_element_power(base, &value)
        {
            return power;
        }
        self.store.make(Op::ElementPower, &[base, exponent])
    }

    fn whole_element_power(&mut self, base: Term, exponent: &Rational) -> Option<Term> {
        let (scalars, matrix) = self.split_scalars(base);
        let exponent_term = self.store.number(exponent.clone());
        if !scalars.is_empty() {
            self.fire("power-product");
            let mut factors: Vec<Term> = scalars.into_iter().map(|scalar| self.power(scalar, exponent_term)).collect();
            factors.push(self.element_power(matrix?, exponent_term));
            return Some(self.product(&factors));
        }
        let args = self.store.operands(base);
        match self.store.op(base) {
            Op::Ones(..) => Some(base),
            Op::Sum => {
                let mut content = Rational::one();
                let sum = self.primitive(base, &mut content);
                if content.is_one() {
                    return None;
                }
                let content = super::powers::number_power(&content, exponent)?;
                self.fire("power-product");
                let power = self.element_power(sum, exponent_term);
                Some(self.scale(content, power))
            }
            Op::Hadamard => {
                self.fire("power-product");
                let factors: Vec<Term> =
                    args.into_iter().map(|factor| self.element_power(factor, exponent_term)).collect();
                Some(self.hadamard(&factors))
            }
            Op::ElementPower => {
                let inner = self.store.as_number(args[1])?.clone();
                self.fire("power-power");
                let product = self.store.number(inner * exponent);
                Some(self.element_power(args[0], product))
            }
            _ => None,
        }
    }
}
