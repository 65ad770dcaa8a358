//! The solution of a linear equation: `np.linalg.solve` where the unknown stands at the end of a product; otherwise
//! the equation is probed at zero and at each unit, and the system of its entries is solved.

use super::{Code, Level, NotYet};
use crate::ir::{Function, Op, Symbol, Term};
use crate::print::Spelling;
use crate::shape::Shape;
use std::collections::BTreeMap;

impl Code<'_> {
    /// The lines that give `name` the value of `unknown` at which the sides of `body` are equal.
    pub(super) fn solution(&mut self, name: &str, unknown: Symbol, body: Term) -> Result<(), NotYet> {
        let (left, right) = (self.args(body)[0], self.args(body)[1]);
        if let Some(matrices) = self.before_unknown(unknown, left, right) {
            let value = self.term(right)?;
            let value = self.solved(&matrices, value.text)?;
            self.lines.push(format!("{name} = {value}"));
            return Ok(());
        }
        self.bound.insert(unknown, name.to_string());
        let left = self.term(left)?;
        let zero = self.context.terms.is_zero(right);
        let right = if zero { String::new() } else { format!(" - {}", self.term(right)?.at(Level::Product)) };
        self.bound.remove(&unknown);
        let shape = match self.context.info(unknown).shape.clone() {
            Shape::Scalar => "()".to_string(),
            Shape::Matrix { rows, cols } if cols.is_one() => format!("({},)", self.size(&rows).text),
            Shape::Matrix { rows, cols } if rows.is_one() => format!("({},)", self.size(&cols).text),
            Shape::Matrix { rows, cols } => format!("({}, {})", self.size(&rows).text, self.size(&cols).text),
        };
        let residual = format!("residual_{name}");
        self.lines.push(format!("def {residual}({name}):"));
        self.lines.push(format!("    return np.ravel({}{right})", left.text));
        self.lines.push(format!("{name} = np.zeros({shape})"));
        let columns = format!("[{residual}(unit.reshape({name}.shape)) for unit in np.eye({name}.size)]");
        self.lines.push(format!("columns_{name} = np.array({columns}) - {residual}({name})"));
        self.lines
            .push(format!("{name} = np.linalg.solve(columns_{name}.T, -{residual}({name})).reshape({name}.shape)"));
        Ok(())
    }

    /// The same code, in which unknowns of equations that are not linear are parameters.
    pub(super) fn with_given_solutions(mut self) -> Self {
        let is_given = |&(_, body): &(Symbol, Term)| match self.op(body) {
            Op::Solution(unknown) => {
                let (left, right) = (self.args(body)[0], self.args(body)[1]);
                self.before_unknown(*unknown, left, right).is_none()
                    && !(self.is_affine(left, *unknown) && self.is_affine(right, *unknown))
            }
            _ => false,
        };
        let given: BTreeMap<Symbol, Term> =
            self.definitions.iter().map(|(&symbol, &body)| (symbol, body)).filter(is_given).collect();
        self.definitions.retain(|symbol, _| !given.contains_key(symbol));
        self.given = given;
        self
    }

    /// A comment for each parameter that an equation defines.
    pub(super) fn equations_of_given(&self) -> Vec<String> {
        let used = self.given.iter().filter(|(symbol, _)| self.names.contains(symbol));
        let comment = |(&symbol, &body): (&Symbol, &Term)| {
            let side = |at: usize| crate::print::term(self.context, self.args(body)[at], Spelling::Ascii);
            format!("# {} is the solution of {} = {} that is meant", self.symbol_name(symbol), side(0), side(1))
        };
        used.map(comment).collect()
    }

    /// Is a term made of the unknown by linear operators and constants only?
    fn is_affine(&self, term: Term, unknown: Symbol) -> bool {
        use Function::*;
        let holds = |&part: &Term| self.context.terms.any(part, |t| *self.op(t) == Op::Symbol(unknown));
        let with: std::vec::Vec<Term> = self.args(term).iter().copied().filter(holds).collect();
        if with.is_empty() {
            return true;
        }
        let linear = match self.op(term) {
            Op::Sum | Op::Transpose | Op::AsScalar => true,
            Op::Product | Op::Hadamard | Op::Kronecker | Op::Inner => with.len() == 1,
            Op::Quotient => with == [self.args(term)[0]],
            Op::Call(function) => {
                matches!(function, Trace | SumAll | Mean | Diag | DiagPart | Tril | Triu | Vec | RowSum | ColSum)
            }
            _ => false,
        };
        linear && with.into_iter().all(|part| self.is_affine(part, unknown))
    }

    /// The square matrices before the unknown, if it stands at the end of the product on the left and nowhere else.
    fn before_unknown(&self, unknown: Symbol, left: Term, right: Term) -> Option<Vec<Term>> {
        let free = |term: Term| !self.context.terms.any(term, |t| *self.op(t) == Op::Symbol(unknown));
        let (&last, matrices) = self.args(left).split_last().filter(|_| *self.op(left) == Op::Product)?;
        let square = matrices.iter().all(|&matrix| self.shape(matrix).is_square() && free(matrix));
        (*self.op(last) == Op::Symbol(unknown) && square && free(right)).then(|| matrices.to_vec())
    }

    fn solved(&mut self, matrices: &[Term], right: String) -> Result<String, NotYet> {
        matrices
            .iter()
            .try_fold(right, |right, &matrix| Ok(format!("np.linalg.solve({}, {right})", self.term(matrix)?.text)))
    }
}
