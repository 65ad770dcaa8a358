//! Derivatives, by values over dual numbers: the definition that answers are checked against.

use super::{Memo, Model, Result, Value, indicator};
use crate::eval::EvalError;
use crate::eval::dual::{Dual, ORDERS};
use crate::eval::matrix::{LIMIT, Matrix};
use crate::eval::ring::Ring;
use crate::ir::{Function, Op, Symbol, Term};
use std::collections::BTreeMap;

/// What a derivative is taken by: a symbol, or some of its entries in the order of the variable as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The symbol.
    pub symbol: Symbol,
    /// The positions of its entries, column by column of the variable as written.
    pub positions: Vec<usize>,
    /// The number of rows and columns of the variable as written.
    pub size: (usize, usize),
}

impl Variable {
    /// A direction of the variable as a direction of the whole symbol, whose value is `like`.
    pub fn spread<R: Ring>(&self, direction: &Value<R>, like: &Value<R>) -> Value<R> {
        let mut spread = Matrix::zero(like.rows(), like.cols());
        let entries = spread.data_mut();
        for (&position, entry) in self.positions.iter().zip(direction.data()) {
            entries[position] = entry.clone();
        }
        spread
    }
}

impl<'c, R: Ring> Model<'c, R> {
    /// The variable that a term is: a symbol, an entry, a transpose or vec of one.
    ///
    /// # Errors
    /// The term is something else.
    pub fn variable(&self, term: Term) -> Result<Variable> {
        let args = self.context.terms.args(term);
        match self.context.terms.op(term) {
            Op::Symbol(symbol) => {
                let (rows, cols) = self.size_of(self.context.terms.shape(term))?;
                Ok(Variable { symbol: *symbol, positions: (0..rows * cols).collect(), size: (rows, cols) })
            }
            Op::Entry(indices) => {
                let whole = self.variable(args[0])?;
                let at = self.position(indices, whole.size)?;
                Ok(Variable { symbol: whole.symbol, positions: vec![whole.positions[at]], size: (1, 1) })
            }
            Op::Transpose => {
                let whole = self.variable(args[0])?;
                let (rows, cols) = whole.size;
                let positions = (0..rows * cols).map(|k| whole.positions[(k % cols) * rows + k / cols]).collect();
                Ok(Variable { symbol: whole.symbol, positions, size: (cols, rows) })
            }
            Op::Call(Function::Vec) => {
                let whole = self.variable(args[0])?;
                Ok(Variable { size: (whole.positions.len(), 1), ..whole })
            }
            _ => Err(EvalError::NotAVariable),
        }
    }

    /// The same model with one more infinitesimal, along which some symbols vary; everything else is constant.
    ///
    /// # Errors
    /// There are too many infinitesimals, or a symbol has no value.
    pub fn raised(&mut self, varying: &[(Symbol, Value<R>)]) -> Result<Self> {
        if self.level == ORDERS {
            return Err(EvalError::Order);
        }
        let mut values = self.values.clone();
        for (symbol, direction) in varying {
            let value = self.symbol(*symbol)?;
            values.insert(*symbol, self.along(&value, direction));
        }
        Ok(Model {
            context: self.context,
            level: self.level + 1,
            sizes: self.sizes.clone(),
            settings: self.settings.clone(),
            values,
            directions: self.directions.clone(),
            indices: self.indices.clone(),
            memo: Memo::default(),
            opaque: BTreeMap::new(),
            branches: BTreeMap::new(),
        })
    }

    /// value + direction·ε, in the model that is raised from this one.
    fn along(&self, value: &Value<R>, direction: &Value<R>) -> Value<R> {
        value.zip(direction, |x, dx| Dual::along(self.level, x.clone(), dx.clone()))
    }

    /// The coefficient of ε of a value in the model that is raised from this one.
    fn slope(&self, value: &Value<R>) -> Value<R> {
        value.map(|x| x.slope(self.level))
    }

    /// The derivative of a term along directions of symbols: the coefficient of ε where each symbol moves by ε times
    /// its direction. A defined name that moves is a variable: what it was defined from stands still.
    ///
    /// # Errors
    /// The term has no derivative here.
    pub fn directional(&mut self, term: Term, varying: &[(Symbol, Value<R>)]) -> Result<Value<R>> {
        let mut raised = self.raised(varying)?;
        let value = raised.evaluate(term)?;
        self.saw_all(&raised.branches);
        Ok(self.slope(&value))
    }

    /// The mixed derivative along several directions, one infinitesimal for each.
    ///
    /// # Errors
    /// As [`Model::directional`].
    pub fn mixed(&mut self, term: Term, directions: &[(Symbol, Value<R>)]) -> Result<Value<R>> {
        let Some((first, rest)) = directions.split_first() else { return self.evaluate(term) };
        let mut raised = self.raised(std::slice::from_ref(first))?;
        let value = raised.mixed(term, rest)?;
        self.saw_all(&raised.branches);
        Ok(self.slope(&value))
    }

    pub(super) fn differential(&mut self, term: Term) -> Result<Value<R>> {
        // dX is the direction of X: a model of duals for each of them would make a sum of them quadratic.
        let direction = self.context.terms.as_symbol(term).and_then(|symbol| self.directions.get(&symbol));
        if let Some(direction) = direction {
            return Ok(direction.clone());
        }
        let varying: Vec<_> = self.directions.iter().map(|(&symbol, direction)| (symbol, direction.clone())).collect();
        self.directional(term, &varying)
    }

    /// The derivative of each entry of f by its entry of x: all entries move at once. Where x is not a variable it is
    /// taken for one: its value moves, and what it was computed from stands still.
    pub(super) fn entrywise_partial(&mut self, f: Term, x: Term) -> Result<Value<R>> {
        let value = self.evaluate(x)?;
        let ones = Matrix::constant(value.rows(), value.cols(), Dual::one());
        if let Ok(variable) = self.variable(x) {
            let whole = self.symbol(variable.symbol)?;
            let direction = variable.spread(&ones, &whole);
            return self.directional(f, &[(variable.symbol, direction)]);
        }
        let mut raised = self.raised(&[])?;
        raised.memo.insert(x, self.along(&value, &ones));
        Ok(self.slope(&raised.evaluate(f)?))
    }

    /// ∂f/∂x in mixed layout, one direction for each entry of x.
    pub(super) fn partial(&mut self, f: Term, x: Term) -> Result<Value<R>> {
        let variable = self.variable(x)?;
        let value = self.symbol(variable.symbol)?;
        let mut columns = Vec::new();
        let mut raised = self.raised(&[(variable.symbol, Matrix::zero(value.rows(), value.cols()))])?;
        for k in 0..variable.positions.len() {
            let unit = indicator(variable.size.0, variable.size.1, |i, j| j * variable.size.0 + i == k);
            raised.set(variable.symbol, self.along(&value, &variable.spread(&unit, &value)));
            columns.push(self.slope(&raised.evaluate(f)?));
            if columns.len() * columns[0].data().len() > LIMIT {
                return Err(EvalError::Overflow);
            }
        }
        self.saw_all(&raised.branches);
        let first = columns.first().ok_or(EvalError::Size)?;
        let (rows, cols) = match (self.is_scalar(f), self.is_scalar(x)) {
            (_, true) => (first.rows(), first.cols()),
            (true, false) => variable.size,
            (false, false) => (first.data().len(), columns.len()),
        };
        let data = columns.iter().flat_map(|column| column.data().iter().cloned()).collect();
        Matrix::from_columns(rows, cols, data).ok_or(EvalError::Overflow)
    }
}
