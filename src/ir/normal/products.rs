//! Normal products: one number, scalars with their powers, a chain of matrices.

use super::Normal;
use crate::ir::{Op, Rational, Term, compare};
use crate::shape::Shape;
use num_traits::{One, Zero};

impl Normal<'_> {
    /// The product of normal terms; scalars may stand anywhere.
    ///
    /// # Panics
    /// If the matrices do not chain.
    pub fn product(&mut self, factors: &[Term]) -> Term {
        let shape = self.shape_of_product(factors);
        let mut number = Rational::one();
        let (mut scalars, mut chain) = (Vec::new(), Vec::new());
        for factor in self.without_content(factors, &mut number) {
            if let Some(value) = self.store.as_number(factor) {
                number *= value;
            } else if self.store.shape(factor).is_scalar() {
                scalars.push(factor);
            } else {
                chain.push(factor);
            }
        }
        if number.is_zero() || chain.iter().any(|&factor| self.store.is_zero(factor)) {
            self.fire("mul-zero");
            return self.store.zero(shape);
        }
        let chain = self.chain(chain, &mut number, &mut scalars);
        if number.is_zero() {
            return self.store.zero(shape);
        }
        let scalars = self.collect_scalars(scalars, &mut number);
        self.assemble(number, scalars, chain, shape)
    }

    /// The factors, flat; beside other factors a sum gives the number that its terms share to the front, so that
    /// `(2a + 2b) x` and `2 (a + b) x` are one term.
    fn without_content(&mut self, factors: &[Term], number: &mut Rational) -> Vec<Term> {
        let flat = self.flatten(Op::Product, factors);
        if flat.iter().filter(|&&factor| self.store.as_number(factor).is_none()).count() < 2 {
            return flat;
        }
        let factors = flat.into_iter().map(|factor| {
            let sum = self.primitive(factor, number);
            self.without_sign(sum, number)
        });
        let factors = factors.collect();
        self.without_opposites(factors, number)
    }

    /// A sum all of whose terms are negative as one of positive terms, with the sign in `number`.
    fn without_sign(&mut self, factor: Term, number: &mut Rational) -> Term {
        let is_sum = *self.store.op(factor) == Op::Sum;
        let terms = self.store.operands(factor);
        if !is_sum || !terms.iter().all(|&term| self.coefficient(term).is_some_and(Rational::is_negative)) {
            return factor;
        }
        self.fire("common-number");
        *number = -number.clone();
        self.negate(factor)
    }

    /// A sum divided by the number > 0 that all its terms share, which goes into `number`; other terms as they are.
    pub(super) fn primitive(&mut self, factor: Term, number: &mut Rational) -> Term {
        if *self.store.op(factor) != Op::Sum {
            return factor;
        }
        let terms = self.store.operands(factor);
        // Most sums have a term without a number, and nothing in common.
        let is_whole = |term: &Term| self.coefficient(*term).is_none_or(Rational::is_integer);
        let is_unit = |term: &Term| self.coefficient(*term).is_none_or(Rational::is_unit);
        if terms.iter().all(is_whole) && terms.iter().any(is_unit) {
            return factor;
        }
        let one = Rational::one();
        let content = terms
            .iter()
            .fold(Rational::zero(), |shared, &term| shared.common_measure(self.coefficient(term).unwrap_or(&one)));
        if content.is_one() || content.is_zero() {
            return factor;
        }
        let terms: Vec<Term> = terms.into_iter().map(|term| self.scale(content.recip(), term)).collect();
        *number *= content;
        self.fire("common-number");
        self.sum(&terms)
    }

    fn shape_of_product(&mut self, factors: &[Term]) -> Shape {
        // The raw builder checks that the factors chain, and knows the shape.
        let raw = self.store.make(Op::Product, factors);
        self.store.shape(raw).clone()
    }

    /// Scalars sorted, with equal bases collected into powers; numbers that arise go into `number`.
    fn collect_scalars(&mut self, scalars: Vec<Term>, number: &mut Rational) -> Vec<Term> {
        let powers: Vec<(Term, Rational)> = scalars.into_iter().map(|scalar| self.split_power(scalar)).collect();
        let powers = self.without_opposite_bases(powers, number);
        let mut collected = self.collect_powers(powers);
        collected.sort_by(|(a, _), (b, _)| compare(self.store, *a, *b));
        let mut factors = Vec::new();
        for (base, exponent) in collected {
            let exponent = self.store.number(exponent);
            let power = self.power(base, exponent);
            // A power may come out as a number or a product again.
            for factor in self.flatten(Op::Product, &[power]) {
                match self.store.as_number(factor) {
                    Some(value) => *number *= value,
                    None => factors.push(factor),
                }
            }
        }
        let mut bases: Vec<Term> = factors.iter().map(|&factor| self.split_power(factor).0).collect();
        bases.sort_unstable();
        if bases.windows(2).any(|pair| pair[0] == pair[1]) {
            return self.collect_scalars(factors, number); // |t|⁴ came out as t⁴ beside t
        }
        factors.sort_by(|a, b| compare(self.store, *a, *b));
        factors
    }

    /// Equal bases with their exponents added, in order of first appearance; those with exponent 0 are gone.
    pub(super) fn collect_powers(&mut self, powers: Vec<(Term, Rational)>) -> Vec<(Term, Rational)> {
        let mut collected: Vec<(Term, Rational)> = Vec::with_capacity(powers.len());
        for (base, exponent) in powers {
            match collected.iter_mut().find(|(known, _)| *known == base) {
                Some((_, sum)) => {
                    *sum += exponent;
                    self.fire("collect-powers");
                }
                None => collected.push((base, exponent)),
            }
        }
        collected.retain(|(_, exponent)| !exponent.is_zero());
        collected
    }

    /// A power with a numeric exponent as base and exponent.
    fn split_power(&self, scalar: Term) -> (Term, Rational) {
        if *self.store.op(scalar) == Op::Power
            && let [base, exponent] = *self.store.args(scalar)
            && let Some(exponent) = self.store.as_number(exponent)
        {
            return (base, exponent.clone());
        }
        (scalar, Rational::one())
    }

    fn assemble(&mut self, number: Rational, scalars: Vec<Term>, chain: Vec<Term>, shape: Shape) -> Term {
        let chain_is_identity = chain.is_empty() && !shape.is_scalar();
        let mut factors = scalars;
        factors.extend(chain);
        if chain_is_identity {
            factors.push(self.store.identity(shape.rows()));
        }
        if number.is_one() {
            return match factors.as_slice() {
                [] => self.store.integer(1),
                [single] => *single,
                _ => self.store.make(Op::Product, &factors),
            };
        }
        if factors.is_empty() {
            return self.store.number(number);
        }
        if let [single] = factors[..]
            && *self.store.op(single) == Op::Sum
        {
            // A number is distributed over a sum, so that like terms meet; print puts it in front again.
            let terms = self.store.operands(single);
            let scaled: Vec<Term> = terms.into_iter().map(|term| self.scale(number.clone(), term)).collect();
            return self.sum(&scaled);
        }
        factors.insert(0, self.store.number(number));
        self.store.make(Op::Product, &factors)
    }

    /// `a / b` as a product or Hadamard product with a negative power.
    pub fn quotient(&mut self, a: Term, b: Term) -> Term {
        let minus_one = self.store.integer(-1);
        if self.store.shape(b).is_scalar() {
            let inverse = self.power(b, minus_one);
            self.product(&[a, inverse])
        } else {
            let inverse = self.element_power(b, minus_one);
            self.hadamard(&[a, inverse])
        }
    }

    /// The Kronecker product; scalar factors go to the front.
    pub fn kronecker(&mut self, a: Term, b: Term) -> Term {
        let ((mut scalars, a), (more, b)) = (self.split_scalars(a), self.split_scalars(b));
        let (a, b) = (a.expect("a matrix"), b.expect("a matrix"));
        scalars.extend(more);
        let product = match (self.store.op(a).clone(), self.store.op(b).clone()) {
            (Op::Identity(m), Op::Identity(n)) => {
                self.fire("kron-identity");
                self.store.identity(m * n)
            }
            (Op::Identity(m), _) if m.is_one() => {
                self.fire("kron-identity");
                b
            }
            (_, Op::Identity(n)) if n.is_one() => {
                self.fire("kron-identity");
                a
            }
            _ => {
                let product = self.store.make(Op::Kronecker, &[a, b]);
                if self.store.is_zero(a) || self.store.is_zero(b) {
                    self.fire("mul-zero");
                    let shape = self.store.shape(product).clone();
                    self.store.zero(shape)
                } else {
                    product
                }
            }
        };
        if scalars.is_empty() {
            return product;
        }
        scalars.push(product);
        self.product(&scalars)
    }

    /// The Frobenius inner product. It stays an inner product, also of scalars: what stands on either side of it is
    /// how a derivation says "this, times that differential".
    pub fn inner(&mut self, a: Term, b: Term) -> Term {
        if self.store.is_zero(a) || self.store.is_zero(b) {
            self.fire("mul-zero");
            return self.store.integer(0);
        }
        self.store.make(Op::Inner, &[a, b])
    }
}
