//! Products of matrices: in the cheap order, with `solve` for inverses, rows and vectors on one axis.

use super::{Code, Level, Python, Written};
use crate::ir::{Op, Term};

/// What a part of a chain is.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Matrix,
    Vector,
    Row,
}

impl Code<'_> {
    fn kind(&self, term: Term) -> Kind {
        let shape = self.shape(term);
        match (shape.is_vector(), shape.is_row()) {
            (_, true) => Kind::Row,
            (true, _) => Kind::Vector,
            _ => Kind::Matrix,
        }
    }

    /// The product of matrices that chain. A 1×1 product is a scalar here.
    pub(super) fn chain(&mut self, chain: &[Term]) -> Written {
        // Between a vector and a row the inner size is 1: an outer product.
        let mut bounds: Vec<usize> = (1..chain.len()).filter(|&i| self.shape(chain[i]).is_row()).collect();
        let Some(last) = bounds.pop() else { return self.segment(chain) };
        let mut start = bounds.first().copied().unwrap_or(last);
        let mut left = self.segment(&chain[..start])?;
        for &end in bounds.iter().skip(1).chain((!bounds.is_empty()).then_some(&last)) {
            let scalar = self.segment(&chain[start..end])?;
            left = Python::new(Level::Product, format!("{} * {}", scalar.at(Level::Sign), left.at(Level::Sign)));
            start = end;
        }
        let right = self.segment(&chain[last..])?;
        let number_beside = self.shape(chain[0]).is_row() || self.kind_of_end(chain) != Kind::Row;
        Ok(if number_beside {
            Python::new(Level::Product, format!("{} * {}", left.at(Level::Product), right.at(Level::Sign)))
        } else {
            Python::call("np.outer", &[&left, &right])
        })
    }

    /// What the last part of a chain is: a row, or a number if a vector ends it.
    fn kind_of_end(&self, chain: &[Term]) -> Kind {
        let ends_in_vector = chain.last().is_some_and(|&factor| self.shape(factor).is_vector());
        if ends_in_vector { Kind::Vector } else { Kind::Row }
    }

    /// A part without outer products: (row) matrix … matrix (vector).
    fn segment(&mut self, chain: &[Term]) -> Written {
        match chain {
            [single] => self.factor(*single),
            [first, .., last] if self.kind(*first) == Kind::Row && self.kind(*last) != Kind::Vector => {
                self.left_to_right(chain)
            }
            _ => self.right_to_left(chain),
        }
    }

    /// A factor by itself; a 1×1 factor as a number.
    fn factor(&mut self, term: Term) -> Written {
        let value = self.term(term)?;
        let one_by_one = self.shape(term).is_one_by_one();
        Ok(if one_by_one { Python::atom(format!("{}[0]", value.at(Level::Atom))) } else { value })
    }

    /// `((row @ A) @ B)`; a row times A⁻¹ solves with Aᵀ.
    fn left_to_right(&mut self, chain: &[Term]) -> Written {
        let mut done = self.term(chain[0])?;
        for &factor in &chain[1..] {
            done = match self.inverted(factor) {
                Some((body, transposed)) => self.solve(body, !transposed, &done)?,
                None => self.times(&done, factor)?,
            };
        }
        Ok(done)
    }

    fn times(&mut self, left: &Python, factor: Term) -> Written {
        let factor = self.term(factor)?;
        Ok(Python::new(Level::Product, format!("{} @ {}", left.at(Level::Product), factor.at(Level::Sign))))
    }

    /// `A @ (B @ v)`; A⁻¹ before something solves; an inverse at the end belongs to the factor before it.
    fn right_to_left(&mut self, chain: &[Term]) -> Written {
        let mut rest = chain.to_vec();
        let Some(last) = rest.pop() else { return Ok(Python::atom("1.0")) };
        let mut done = match (self.inverted(last), rest.last().copied()) {
            (Some((body, transposed)), Some(before)) if self.inverted(before).is_none() => {
                rest.pop();
                let before = self.transposed(before)?;
                let solved = self.solve(body, !transposed, &before)?;
                Python::atom(format!("{}.T", solved.at(Level::Atom)))
            }
            _ => self.term(last)?,
        };
        // `A @ B @ C` needs no brackets; `A @ (B * C)` does, for Python reads `@` and `*` from left to right.
        let mut flat = false;
        while let Some(factor) = rest.pop() {
            done = match self.inverted(factor) {
                Some((body, transposed)) => self.solve(body, transposed, &done)?,
                None => {
                    let factor = self.term(factor)?;
                    let right = if flat { Level::Product } else { Level::Sign };
                    flat = self.kind(last) == Kind::Matrix;
                    Python::new(Level::Product, format!("{} @ {}", factor.at(Level::Sign), done.at(right)))
                }
            };
        }
        Ok(done)
    }

    /// The body of an inverse, and whether the inverse is transposed.
    fn inverted(&self, factor: Term) -> Option<(Term, bool)> {
        match (self.op(factor), self.args(factor)) {
            (Op::Inverse, &[body]) => Some((body, false)),
            (Op::Transpose, &[inner]) if *self.op(inner) == Op::Inverse => Some((self.args(inner)[0], true)),
            _ => None,
        }
    }

    /// `np.linalg.solve(A, right)`, with Aᵀ if `transposed`.
    fn solve(&mut self, body: Term, transposed: bool, right: &Python) -> Written {
        let matrix = if transposed { self.transposed(body)? } else { self.square(body)? };
        Ok(Python::call("np.linalg.solve", &[&matrix, right]))
    }

    /// The transpose of a square or other matrix; vectors and rows are the same array.
    pub(super) fn transposed(&mut self, term: Term) -> Written {
        if let (Op::Transpose, &[body]) = (self.op(term), self.args(term)) {
            return self.term(body);
        }
        let value = self.term(term)?;
        Ok(match self.kind(term) {
            Kind::Matrix => Python::atom(format!("{}.T", value.at(Level::Atom))),
            _ => value,
        })
    }
}
