//! A model: sizes for dimension names, values for symbols, indices and directions; and the value of every term in it.
//!
//! Leaves and names are valued here, the rest in `operators`, `indices` and `derivatives`; `signs` records which sides of its
//! branches an evaluation has met.
//!
//! Invariants: a definition is evaluated from its body as typed, unless the model gives its name a value: then it is
//! a variable. Definitions nest without recursion; only binders (sums over indices, derivatives, cases) recurse.

mod derivatives;
mod indices;
mod operators;
mod signs;

pub use derivatives::Variable;
pub use signs::Signs;

use super::dual::{Dual, Level};
use super::functions::Settings;
use super::matrix::{LIMIT, Matrix};
use super::opaque::polynomial;
use super::random::hash;
use super::ring::Ring;
use super::sample::Sizes;
use super::structure::with_properties;
use super::{EvalError, Rng};
use crate::ir::hash::FastMap;
use crate::ir::{Context, Op, Property, Rational, Symbol, SymbolKind, Term};
use crate::shape::{Dim, Shape};
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::sync::Arc;

type Result<T> = std::result::Result<T, EvalError>;

/// What a term evaluates to; of a scalar, a 1×1 matrix.
pub type Value<R> = Matrix<Dual<R>>;

type Memo<R> = FastMap<Term, Value<R>>;

/// Values over a ring for the names of a context.
///
/// ```
/// use gradus::eval::{Matrix, Model, Settings, Sizes};
/// use gradus::ir::{Context, Op, SymbolKind};
/// use gradus::shape::Shape;
/// let mut context = Context::new();
/// let x = context.declare("x", Shape::Scalar, SymbolKind::Variable);
/// let term = context.terms.symbol(x);
/// let square = context.terms.make(Op::Product, &[term, term]);
/// let derivative = context.terms.make(Op::Partial, &[square, term]);
/// let mut model = Model::<f64>::new(&context, Sizes::default(), Settings::default());
/// model.set(x, Matrix::scalar(3.0.into()));
/// assert_eq!(*model.evaluate(derivative).unwrap().value(), 6.0.into());
/// ```
#[derive(Clone, Debug)]
pub struct Model<'c, R> {
    context: &'c Context,
    /// How many derivatives are being taken around it: the infinitesimals of its numbers have lower levels.
    level: Level,
    sizes: Arc<Sizes>,
    settings: Arc<Settings>,
    values: BTreeMap<Symbol, Value<R>>,
    directions: BTreeMap<Symbol, Value<R>>,
    indices: Vec<(Arc<str>, usize)>,
    memo: Memo<R>,
    opaque: BTreeMap<Symbol, Value<R>>,
    branches: BTreeMap<Term, Signs>,
}

impl<'c, R: Ring> Model<'c, R> {
    /// A model without values.
    pub fn new(context: &'c Context, sizes: Sizes, settings: Settings) -> Self {
        Model {
            context,
            level: 0,
            sizes: Arc::new(sizes),
            settings: Arc::new(settings),
            values: BTreeMap::new(),
            directions: BTreeMap::new(),
            indices: Vec::new(),
            memo: Memo::default(),
            opaque: BTreeMap::new(),
            branches: BTreeMap::new(),
        }
    }

    /// Gives a symbol a value; a definition becomes a variable by it.
    pub fn set(&mut self, symbol: Symbol, value: Value<R>) {
        self.values.insert(symbol, value);
        self.forget();
    }

    /// The direction in which a symbol varies where differentials are evaluated: the value of `dX`.
    pub fn set_direction(&mut self, symbol: Symbol, direction: Value<R>) {
        self.directions.insert(symbol, direction);
        self.forget();
    }

    /// Gives an index a value, counted from 1.
    pub fn set_index(&mut self, name: &str, value: usize) {
        self.indices.retain(|(known, _)| known.as_ref() != name);
        self.indices.push((name.into(), value));
        self.forget();
    }

    /// The slope of relu at 0; without one a derivative at a kink is an error.
    pub fn set_kink(&mut self, slope: Option<Rational>) {
        self.settings = Arc::new(Settings { kink: slope, ..Settings::clone(&self.settings) });
        self.forget();
    }

    /// Where numbers have no order, branches are taken by an odd random function of the number. What agrees for such
    /// signs agrees for the true ones; what does not may only need that they are true.
    pub fn set_random_signs(&mut self) {
        self.settings = Arc::new(Settings { random_signs: true, ..Settings::clone(&self.settings) });
        self.forget();
    }

    /// The context of the names.
    pub(super) fn context(&self) -> &'c Context {
        self.context
    }

    /// The seed of what is random about functions here.
    pub(super) fn seed(&self) -> u64 {
        self.settings.seed
    }

    /// Gives a bound symbol a value, or none any more; `changing` are the terms that contain it.
    pub(super) fn assign(&mut self, symbol: Symbol, value: Option<Value<R>>, changing: &[Term]) {
        match value {
            Some(value) => self.values.insert(symbol, value),
            None => self.values.remove(&symbol),
        };
        changing.iter().for_each(|term| drop(self.memo.remove(term)));
    }

    fn forget(&mut self) {
        self.memo.clear();
        self.opaque.clear();
    }

    /// The terms that branch on a sign (relu, max, cases, …) and the signs they have met, also while differentiating.
    pub fn branches(&self) -> &BTreeMap<Term, Signs> {
        &self.branches
    }

    fn saw(&mut self, term: Term, signs: Signs) {
        let known = self.branches.entry(term).or_default();
        *known = known.or(signs);
    }

    fn saw_all(&mut self, branches: &BTreeMap<Term, Signs>) {
        branches.iter().for_each(|(&term, &signs)| self.saw(term, signs));
    }

    /// The largest magnitude among all values computed so far.
    pub fn largest(&self) -> f64 {
        self.memo.values().flat_map(Matrix::data).map(Ring::magnitude).fold(0.0, f64::max)
    }

    /// The sizes.
    pub fn sizes(&self) -> &Sizes {
        &self.sizes
    }

    /// The symbols with values, in order of declaration.
    pub fn values(&self) -> &BTreeMap<Symbol, Value<R>> {
        &self.values
    }

    /// The symbols with directions, in order of declaration.
    pub fn directions(&self) -> &BTreeMap<Symbol, Value<R>> {
        &self.directions
    }

    /// The indices with values.
    pub fn indices(&self) -> &[(Arc<str>, usize)] {
        &self.indices
    }

    /// The number that a dimension is here.
    ///
    /// # Errors
    /// A name without size, a size below 1, or one that is too large.
    pub fn size(&self, dim: &Dim) -> Result<usize> {
        let size = dim.evaluate(&|name| self.sizes.get(name)).ok_or(EvalError::Size)?;
        let size = usize::try_from(size).map_err(|_| EvalError::Size)?;
        match size {
            0 => Err(EvalError::Size),
            _ if size > LIMIT => Err(EvalError::Overflow),
            _ => Ok(size),
        }
    }

    fn sizes_of(&self, rows: &Dim, cols: &Dim) -> Result<(usize, usize)> {
        let (rows, cols) = (self.size(rows)?, self.size(cols)?);
        if rows * cols > LIMIT { Err(EvalError::Overflow) } else { Ok((rows, cols)) }
    }

    /// The number of rows and columns of a shape; a scalar is 1×1.
    ///
    /// # Errors
    /// As [`Model::size`].
    pub fn size_of(&self, shape: &Shape) -> Result<(usize, usize)> {
        match shape {
            Shape::Scalar => Ok((1, 1)),
            Shape::Matrix { rows, cols } => self.sizes_of(rows, cols),
        }
    }

    /// The value of a symbol.
    ///
    /// # Errors
    /// It has none.
    pub fn symbol(&mut self, symbol: Symbol) -> Result<Value<R>> {
        if let Some(value) = self.values.get(&symbol).or_else(|| self.opaque.get(&symbol)) {
            return Ok(value.clone());
        }
        if let Some(definition) = self.context.definition(symbol) {
            return self.evaluate(definition.raw);
        }
        let info = self.context.info(symbol);
        if info.depends_on.is_empty() || info.kind == SymbolKind::Elementwise {
            return Err(EvalError::UnboundSymbol(symbol));
        }
        let mut inputs = Vec::new();
        for &variable in &info.depends_on {
            inputs.extend_from_slice(self.symbol(variable)?.data());
        }
        let (rows, cols) = self.size_of(&info.shape)?;
        let key = hash(&[self.settings.seed, symbol.index() as u64]);
        let properties: Vec<Property> = info.properties.keys().copied().collect();
        let value = with_properties(polynomial(&inputs, rows, cols, key), &properties, &mut Rng::new(key))?;
        self.opaque.insert(symbol, value.clone());
        Ok(value)
    }

    /// The value of a term; of a scalar, a 1×1 matrix.
    ///
    /// # Errors
    /// It has none here, and why.
    pub fn evaluate(&mut self, root: Term) -> Result<Value<R>> {
        let mut stack = vec![(root, false)];
        while let Some((term, ready)) = stack.pop() {
            if self.memo.contains_key(&term) || !ready && self.waits(term, &mut stack) {
                continue;
            }
            let value = self.node(term)?;
            self.memo.insert(term, value);
        }
        self.memo.get(&root).cloned().ok_or(EvalError::Overflow)
    }

    /// Puts a term back on the stack, and above it what must be evaluated before, the first of them on top; `false` if
    /// there is nothing. Binders evaluate their arguments themselves.
    fn waits(&self, term: Term, stack: &mut Vec<(Term, bool)>) -> bool {
        let bottom = stack.len();
        stack.push((term, true));
        match self.context.terms.op(term) {
            Op::Symbol(symbol) if self.values.contains_key(symbol) => {}
            Op::Symbol(symbol) => stack.extend(self.context.definition(*symbol).map(|body| (body.raw, false))),
            Op::IndexSum { .. }
            | Op::Partial
            | Op::EntrywisePartial
            | Op::Differential
            | Op::Cases(_)
            | Op::Solution(_) => {}
            _ => {
                let args = self.context.terms.args(term).iter().rev();
                stack.extend(args.filter(|arg| !self.memo.contains_key(arg)).map(|&arg| (arg, false)));
            }
        }
        let waits = stack.len() > bottom + 1;
        if !waits {
            stack.truncate(bottom);
        }
        waits
    }

    fn node(&mut self, term: Term) -> Result<Value<R>> {
        let context = self.context;
        let args = context.terms.args(term);
        match context.terms.op(term) {
            Op::Symbol(symbol) => self.symbol(*symbol),
            Op::IndexSum { index, excluding } => self.index_sum(args[0], index, excluding.as_ref()),
            Op::Partial => self.partial(args[0], args[1]),
            Op::EntrywisePartial => self.entrywise_partial(args[0], args[1]),
            Op::Differential => self.differential(args[0]),
            Op::Cases(guards) => self.cases(guards, args),
            Op::Solution(unknown) => self.solution(*unknown, args[0], args[1]),
            op if op.is_leaf() => self.leaf(op),
            op => {
                let (value, signs) = self.applied(op, args)?;
                if let Some(signs) = signs {
                    self.saw(term, signs);
                }
                Ok(value)
            }
        }
    }

    /// The value of an operator, and the signs that it branches on; its arguments have values.
    fn applied(&self, op: &Op, args: &[Term]) -> Result<(Value<R>, Option<Signs>)> {
        let values: Option<SmallVec<[&Value<R>; 4]>> = args.iter().map(|arg| self.memo.get(arg)).collect();
        let values = values.ok_or(EvalError::Overflow)?;
        Ok((self.operator(op, args, &values)?, signs::of(&self.settings, op, &values)))
    }

    fn leaf(&self, op: &Op) -> Result<Value<R>> {
        match op {
            Op::Number(value) => Ok(Matrix::scalar(Dual::from_rational(value)?)),
            Op::Dimension(dim) => {
                let size = dim.evaluate(&|name| self.sizes.get(name)).ok_or(EvalError::Size)?;
                Ok(Matrix::scalar(Dual::from_integer(size)))
            }
            Op::Identity(n) => self.sizes_of(n, n).map(|(n, _)| Matrix::identity(n)),
            Op::Ones(rows, cols) => self.sizes_of(rows, cols).map(|(m, n)| Matrix::constant(m, n, Dual::one())),
            Op::Zero(shape) => self.size_of(shape).map(|(m, n)| Matrix::zero(m, n)),
            Op::Unit(n, index) => {
                let (n, at) = (self.size(n)?, self.index(index)?);
                if at > n { Err(EvalError::IndexRange) } else { Ok(indicator(n, 1, |i, _| i + 1 == at)) }
            }
            Op::Commutation(m, n) => {
                // vec A has entry (i, j) at j·m + i, vec Aᵀ at i·n + j.
                let (m, n) = self.sizes_of(m, n)?;
                if m * n * m * n > LIMIT {
                    return Err(EvalError::Overflow);
                }
                Ok(indicator(m * n, m * n, |row, col| row == (col % m) * n + col / m))
            }
            Op::Delta(i, j) => Ok(Matrix::scalar(truth(self.index(i)? == self.index(j)?))),
            _ => Err(EvalError::Unsupported),
        }
    }
}

fn indicator<R: Ring>(rows: usize, cols: usize, one: impl Fn(usize, usize) -> bool) -> Value<R> {
    Matrix::from_fn(rows, cols, |i, j| truth(one(i, j)))
}

fn truth<R: Ring>(holds: bool) -> R {
    if holds { R::one() } else { R::zero() }
}
