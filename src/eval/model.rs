//! A model: sizes for dimension names, values for symbols, indices and directions; and the value of every term in it.
//!
//! Invariants: a definition is evaluated from its body as typed, unless the model gives its name a value: then it is
//! a variable. Definitions nest without recursion; only binders (sums over indices, derivatives, cases) recurse.

use super::functions::Settings;
use super::matrix::{LIMIT, Matrix};
use super::opaque::polynomial;
use super::random::hash;
use super::ring::{Ring, Tower};
use super::sample::Sizes;
use super::structure::with_properties;
use super::{EvalError, Rng};
use crate::ir::hash::{FastMap, FastSet};
use crate::ir::{Comparison, Context, Function, Guard, Index, Op, Property, Rational, Symbol, SymbolKind, Term};
use crate::shape::{Dim, Shape};
use num_traits::ToPrimitive;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

type Result<T> = std::result::Result<T, EvalError>;

type Memo<R> = FastMap<Term, Matrix<R>>;

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
    pub fn spread<R: Ring>(&self, direction: &Matrix<R>, like: &Matrix<R>) -> Matrix<R> {
        let mut spread = Matrix::zero(like.rows(), like.cols());
        for (&position, entry) in self.positions.iter().zip(direction.data()) {
            spread.data_mut()[position] = entry.clone();
        }
        spread
    }
}

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
/// model.set(x, Matrix::scalar(3.0));
/// assert_eq!(*model.evaluate(derivative).unwrap().value(), 6.0);
/// ```
#[derive(Clone, Debug)]
pub struct Model<'c, R> {
    context: &'c Context,
    sizes: Arc<Sizes>,
    settings: Arc<Settings>,
    values: BTreeMap<Symbol, Matrix<R>>,
    directions: BTreeMap<Symbol, Matrix<R>>,
    indices: Vec<(Arc<str>, usize)>,
    memo: Memo<R>,
    opaque: BTreeMap<Symbol, Matrix<R>>,
    branches: BTreeMap<Term, Signs>,
}

/// Which signs the subject of a branching term has had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// An entry was positive.
    pub positive: bool,
    /// An entry was zero.
    pub zero: bool,
    /// An entry was negative.
    pub negative: bool,
}

impl Signs {
    /// What either has seen.
    pub fn or(self, other: Signs) -> Signs {
        Signs {
            positive: self.positive || other.positive,
            zero: self.zero || other.zero,
            negative: self.negative || other.negative,
        }
    }

    /// Two signs at least: more than one side of the branch was met.
    pub fn is_mixed(self) -> bool {
        [self.positive, self.zero, self.negative].iter().filter(|seen| **seen).count() > 1
    }
}

impl<'c, R: Tower> Model<'c, R> {
    /// A model without values.
    pub fn new(context: &'c Context, sizes: Sizes, settings: Settings) -> Self {
        Model {
            context,
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
    pub fn set(&mut self, symbol: Symbol, value: Matrix<R>) {
        self.values.insert(symbol, value);
        self.forget();
    }

    /// The direction in which a symbol varies where differentials are evaluated: the value of `dX`.
    pub fn set_direction(&mut self, symbol: Symbol, direction: Matrix<R>) {
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
    pub(super) fn assign(&mut self, symbol: Symbol, value: Option<Matrix<R>>, changing: &[Term]) {
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
    pub fn values(&self) -> &BTreeMap<Symbol, Matrix<R>> {
        &self.values
    }

    /// The symbols with directions, in order of declaration.
    pub fn directions(&self) -> &BTreeMap<Symbol, Matrix<R>> {
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
    pub fn symbol(&mut self, symbol: Symbol) -> Result<Matrix<R>> {
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
    pub fn evaluate(&mut self, root: Term) -> Result<Matrix<R>> {
        let mut stack = vec![(root, false)];
        while let Some((term, ready)) = stack.pop() {
            if self.memo.contains_key(&term) {
                continue;
            }
            let before = if ready { Vec::new() } else { self.needed(term) };
            if before.is_empty() {
                let value = self.node(term)?;
                self.memo.insert(term, value);
            } else {
                stack.push((term, true));
                stack.extend(before.into_iter().rev().map(|term| (term, false)));
            }
        }
        self.memo.get(&root).cloned().ok_or(EvalError::Overflow)
    }

    /// What must be evaluated before a term; binders evaluate their arguments themselves.
    fn needed(&self, term: Term) -> Vec<Term> {
        match self.context.terms.op(term) {
            Op::Symbol(symbol) if self.values.contains_key(symbol) => Vec::new(),
            Op::Symbol(symbol) => self.context.definition(*symbol).map(|body| body.raw).into_iter().collect(),
            Op::IndexSum { .. }
            | Op::Partial
            | Op::EntrywisePartial
            | Op::Differential
            | Op::Cases(_)
            | Op::Solution(_) => Vec::new(),
            _ => self.context.terms.args(term).iter().copied().filter(|arg| !self.memo.contains_key(arg)).collect(),
        }
    }

    fn node(&mut self, term: Term) -> Result<Matrix<R>> {
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
                let values: Vec<&Matrix<R>> =
                    args.iter().map(|arg| self.memo.get(arg)).collect::<Option<_>>().ok_or(EvalError::Overflow)?;
                let value = self.operator(op, args, &values)?;
                if let Some(signs) = signs(&self.settings, op, &values) {
                    self.saw(term, signs);
                }
                Ok(value)
            }
        }
    }

    fn leaf(&self, op: &Op) -> Result<Matrix<R>> {
        match op {
            Op::Number(value) => Ok(Matrix::scalar(R::from_rational(value)?)),
            Op::Dimension(dim) => {
                let size = dim.evaluate(&|name| self.sizes.get(name)).ok_or(EvalError::Size)?;
                Ok(Matrix::scalar(R::from_integer(size)))
            }
            Op::Identity(n) => self.sizes_of(n, n).map(|(n, _)| Matrix::identity(n)),
            Op::Ones(rows, cols) => self.sizes_of(rows, cols).map(|(m, n)| Matrix::constant(m, n, R::one())),
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

    fn operator(&self, op: &Op, args: &[Term], values: &[&Matrix<R>]) -> Result<Matrix<R>> {
        let a = *values.first().ok_or(EvalError::Unsupported)?;
        match op {
            Op::Sum => {
                let mut total = a.clone();
                values[1..].iter().for_each(|value| total.add(value));
                Ok(total)
            }
            Op::Hadamard => Ok(values[1..].iter().fold(a.clone(), |product, value| product.zip(value, R::times))),
            Op::Product => Ok(self.product(args, values)),
            Op::Quotient if self.is_scalar(args[1]) => Ok(a.scaled(&values[1].value().reciprocal()?)),
            Op::Quotient => Ok(a.zip(&values[1].try_map(R::reciprocal)?, R::times)),
            Op::Kronecker => a.kronecker(values[1]),
            Op::Transpose => Ok(a.transposed()),
            Op::Inverse => a.inverse(),
            Op::Power | Op::ElementPower => self.power(op, args, values),
            Op::AsScalar => Ok(a.clone()),
            Op::Call(function) => self.settings.call(*function, a),
            Op::Elementwise { function, order } => {
                let key = hash(&[self.settings.seed, function.index() as u64]);
                a.try_map(|x| x.opaque(key, *order))
            }
            Op::Max => self.max(a, values[1]),
            Op::Inner => Ok(Matrix::scalar(a.inner(values[1]))),
            Op::Entry(indices) => self.entry(a, indices),
            _ => Err(EvalError::Unsupported),
        }
    }

    fn is_scalar(&self, term: Term) -> bool {
        self.context.terms.shape(term).is_scalar()
    }

    fn product(&self, args: &[Term], values: &[&Matrix<R>]) -> Matrix<R> {
        let mut scalar: Option<R> = None;
        let mut chain: Option<Matrix<R>> = None;
        for (&arg, &value) in args.iter().zip(values) {
            if self.is_scalar(arg) {
                scalar = Some(scalar.map_or_else(|| value.value().clone(), |product| product.times(value.value())));
            } else {
                chain = Some(chain.map_or_else(|| value.clone(), |product| product.product(value)));
            }
        }
        match (scalar, chain) {
            (Some(scalar), Some(chain)) => chain.scaled(&scalar),
            (Some(scalar), None) => Matrix::scalar(scalar),
            (None, chain) => chain.unwrap_or_else(|| Matrix::scalar(R::one())),
        }
    }

    fn power(&self, op: &Op, args: &[Term], values: &[&Matrix<R>]) -> Result<Matrix<R>> {
        let base = values[0];
        match self.exact(args[1]) {
            Some(exponent) if *op == Op::Power && !self.is_scalar(args[0]) => {
                base.power(exponent.to_i64().ok_or(EvalError::Overflow)?)
            }
            Some(exponent) => base.try_map(|x| self.settings.rational_power(x, &exponent)),
            None => base.try_map(|x| self.settings.general_power(x, values[1].value())),
        }
    }

    /// The exact value of an exponent made of numbers and dimensions.
    fn exact(&self, term: Term) -> Option<Rational> {
        let mut args = self.context.terms.args(term).iter().map(|&arg| self.exact(arg));
        match self.context.terms.op(term) {
            Op::Number(value) => Some(value.clone()),
            Op::Dimension(dim) => Some(Rational::from_integer(dim.evaluate(&|name| self.sizes.get(name))?)),
            Op::Sum => args.sum(),
            Op::Product => args.product(),
            Op::Quotient => match (args.next()??, args.next()??) {
                (_, divisor) if Ring::is_zero(&divisor) => None,
                (number, divisor) => Some(number / divisor),
            },
            _ => None,
        }
    }

    fn max(&self, a: &Matrix<R>, b: &Matrix<R>) -> Result<Matrix<R>> {
        let wide = |value: &Matrix<R>, like: &Matrix<R>| match value.data().len() {
            1 => Matrix::constant(like.rows(), like.cols(), value.value().clone()),
            _ => value.clone(),
        };
        let (a, b) = (wide(a, b), wide(b, a));
        let mut larger = b.zip(&a, R::minus).try_map(|x| self.settings.relu(x))?;
        larger.add(&a);
        Ok(larger)
    }

    fn index(&self, index: &Index) -> Result<usize> {
        match index {
            Index::At(position) => Ok(*position as usize),
            Index::Named { name, .. } => {
                let found = self.indices.iter().rev().find(|(known, _)| known == name);
                found.map(|&(_, value)| value).ok_or_else(|| EvalError::UnboundIndex(name.to_string()))
            }
        }
    }

    /// The position along the columns of an entry in a matrix of this size.
    fn position(&self, indices: &[Index], (rows, cols): (usize, usize)) -> Result<usize> {
        let mut at = indices.iter().map(|index| self.index(index));
        let (i, j) = match (at.next(), at.next()) {
            (Some(i), Some(j)) => (i?, j?),
            (Some(k), None) if cols == 1 => (k?, 1),
            (Some(k), None) => (1, k?),
            (None, _) => return Err(EvalError::IndexRange),
        };
        if i == 0 || j == 0 || i > rows || j > cols {
            return Err(EvalError::IndexRange);
        }
        Ok((j - 1) * rows + i - 1)
    }

    fn entry(&self, array: &Matrix<R>, indices: &[Index]) -> Result<Matrix<R>> {
        let position = self.position(indices, (array.rows(), array.cols()))?;
        Ok(Matrix::scalar(array.data()[position].clone()))
    }

    fn index_sum(&mut self, body: Term, index: &Index, excluding: Option<&Index>) -> Result<Matrix<R>> {
        let Index::Named { name, dim } = index else { return self.evaluate(body) };
        let n = self.size(dim)?;
        let left_out = excluding.map(|index| self.index(index)).transpose()?;
        let dependent = self.depending_on_index(body, name);
        // An index of this name outside (another sum uses a definition that is a sum itself) has values of its own.
        let outside: Vec<_> = dependent.iter().filter_map(|&term| Some((term, self.memo.remove(&term)?))).collect();
        let (rows, cols) = self.size_of(self.context.terms.shape(body))?;
        let mut total = Matrix::zero(rows, cols);
        for value in (1..=n).filter(|&value| Some(value) != left_out) {
            self.indices.push((name.clone(), value));
            dependent.iter().for_each(|term| drop(self.memo.remove(term)));
            let term = self.evaluate(body);
            self.indices.pop();
            total.add(&term?);
        }
        dependent.iter().for_each(|term| drop(self.memo.remove(term)));
        self.memo.extend(outside);
        Ok(total)
    }

    /// All terms of `body` with an index of this name below them: their values change with the index.
    fn depending_on_index(&self, body: Term, name: &Arc<str>) -> Vec<Term> {
        self.depending_on(&[body], |op| mentions(op, name))
    }

    /// All terms of some bodies with an operator of this kind at or below them.
    pub(super) fn depending_on(&self, bodies: &[Term], is: impl Fn(&Op) -> bool) -> Vec<Term> {
        let store = &self.context.terms;
        let mut found: FastSet<Term> = FastSet::default();
        for term in store.postorder_of(bodies) {
            if is(store.op(term)) || store.args(term).iter().any(|arg| found.contains(arg)) {
                found.insert(term);
            }
        }
        found.into_iter().collect()
    }

    fn cases(&mut self, guards: &[Guard], args: &[Term]) -> Result<Matrix<R>> {
        let (rows, cols) = self.size_of(self.context.terms.shape(args[0]))?;
        let mut chosen: Vec<Option<R>> = vec![None; rows * cols];
        let mut subjects = args[guards.len()..].iter();
        for (guard, &value) in guards.iter().zip(args) {
            let holds = match guard {
                Guard::Equal(i, j) => vec![self.index(i)? == self.index(j)?; rows * cols],
                Guard::Different(i, j) => vec![self.index(i)? != self.index(j)?; rows * cols],
                Guard::Otherwise => vec![true; rows * cols],
                Guard::Subject(comparison) => {
                    let &term = subjects.next().ok_or(EvalError::NoCase)?;
                    let subject = self.evaluate(term)?;
                    self.saw(term, signs_of(&self.settings, subject.data().iter()));
                    subject.data().iter().map(|x| compares(x, *comparison)).collect::<Result<_>>()?
                }
            };
            let takes: Vec<usize> = (0..rows * cols).filter(|&k| holds[k] && chosen[k].is_none()).collect();
            if !takes.is_empty() {
                let value = self.evaluate(value)?;
                takes.into_iter().for_each(|k| chosen[k] = Some(value.data()[k].clone()));
            }
        }
        let data = chosen.into_iter().collect::<Option<Vec<R>>>().ok_or(EvalError::NoCase)?;
        Matrix::from_columns(rows, cols, data).ok_or(EvalError::Overflow)
    }

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

    /// The same model over dual numbers, in which some symbols vary; everything else is constant.
    ///
    /// # Errors
    /// The tower of dual numbers ends here, or a symbol has no value.
    pub fn raised(&mut self, varying: &[(Symbol, Matrix<R>)]) -> Result<Model<'c, R::Up>> {
        let constant = |value: &Matrix<R>| value.try_map(|x| R::raise(x, &R::zero()));
        let lift = |map: &BTreeMap<Symbol, Matrix<R>>| {
            map.iter().map(|(&symbol, value)| Ok((symbol, constant(value)?))).collect::<Result<BTreeMap<_, _>>>()
        };
        let mut values = lift(&self.values)?;
        for (symbol, direction) in varying {
            values.insert(*symbol, along(&self.symbol(*symbol)?, direction)?);
        }
        Ok(Model {
            context: self.context,
            sizes: self.sizes.clone(),
            settings: self.settings.clone(),
            values,
            directions: lift(&self.directions)?,
            indices: self.indices.clone(),
            memo: Memo::default(),
            opaque: BTreeMap::new(),
            branches: BTreeMap::new(),
        })
    }

    /// The derivative of a term along directions of symbols: the coefficient of ε where each symbol moves by ε times
    /// its direction. A defined name that moves is a variable: what it was defined from stands still.
    ///
    /// # Errors
    /// The term has no derivative here.
    pub fn directional(&mut self, term: Term, varying: &[(Symbol, Matrix<R>)]) -> Result<Matrix<R>> {
        let mut raised = self.raised(varying)?;
        let value = raised.evaluate(term)?.map(R::slope);
        self.saw_all(&raised.branches);
        Ok(value)
    }

    /// The mixed derivative along several directions, one infinitesimal for each.
    ///
    /// # Errors
    /// As [`Model::directional`].
    pub fn mixed(&mut self, term: Term, directions: &[(Symbol, Matrix<R>)]) -> Result<Matrix<R>> {
        let Some((first, rest)) = directions.split_first() else { return self.evaluate(term) };
        let mut raised = self.raised(std::slice::from_ref(first))?;
        let rest = rest
            .iter()
            .map(|(symbol, direction)| Ok((*symbol, direction.try_map(|x| R::raise(x, &R::zero()))?)))
            .collect::<Result<Vec<_>>>()?;
        let value = raised.mixed(term, &rest)?.map(R::slope);
        self.saw_all(&raised.branches);
        Ok(value)
    }

    fn differential(&mut self, term: Term) -> Result<Matrix<R>> {
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
    fn entrywise_partial(&mut self, f: Term, x: Term) -> Result<Matrix<R>> {
        let value = self.evaluate(x)?;
        let ones = Matrix::constant(value.rows(), value.cols(), R::one());
        if let Ok(variable) = self.variable(x) {
            let whole = self.symbol(variable.symbol)?;
            let direction = variable.spread(&ones, &whole);
            return self.directional(f, &[(variable.symbol, direction)]);
        }
        let mut raised = self.raised(&[])?;
        raised.memo.insert(x, along(&value, &ones)?);
        Ok(raised.evaluate(f)?.map(R::slope))
    }

    /// ∂f/∂x in mixed layout, one direction for each entry of x.
    fn partial(&mut self, f: Term, x: Term) -> Result<Matrix<R>> {
        let variable = self.variable(x)?;
        let value = self.symbol(variable.symbol)?;
        let mut columns = Vec::new();
        let mut raised = self.raised(&[(variable.symbol, Matrix::zero(value.rows(), value.cols()))])?;
        for k in 0..variable.positions.len() {
            let unit = indicator(variable.size.0, variable.size.1, |i, j| j * variable.size.0 + i == k);
            raised.set(variable.symbol, along(&value, &variable.spread(&unit, &value))?);
            columns.push(raised.evaluate(f)?.map(R::slope));
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
        let data: Vec<R> = columns.iter().flat_map(|column| column.data().iter().cloned()).collect();
        Matrix::from_columns(rows, cols, data).ok_or(EvalError::Overflow)
    }
}

/// The signs on which an operator branches.
fn signs<R: Ring>(settings: &Settings, op: &Op, values: &[&Matrix<R>]) -> Option<Signs> {
    use Function::{Abs, Norm1, Relu, Sign, Step, StepClosed};
    match op {
        Op::Call(Relu | Abs | Sign | Step | StepClosed | Norm1) => Some(signs_of(settings, values[0].data().iter())),
        Op::Max => {
            // A scalar beside a matrix is compared with each entry.
            let (a, b) = (values[0].data(), values[1].data());
            let count = a.len().max(b.len());
            let differences: Vec<R> = (0..count).map(|k| a[k % a.len()].minus(&b[k % b.len()])).collect();
            Some(signs_of(settings, differences.iter()))
        }
        _ => None,
    }
}

fn signs_of<'a, R: Ring + 'a>(settings: &Settings, values: impl Iterator<Item = &'a R>) -> Signs {
    let mut signs = Signs::default();
    for x in values {
        match settings.sign(x) {
            Ok(Ordering::Greater) => signs.positive = true,
            Ok(Ordering::Less) => signs.negative = true,
            Ok(Ordering::Equal) => signs.zero = true,
            Err(_) => {}
        }
    }
    signs
}

/// value + direction·ε
fn along<R: Tower>(value: &Matrix<R>, direction: &Matrix<R>) -> Result<Matrix<R::Up>> {
    let pairs = value.data().iter().zip(direction.data());
    let data = pairs.map(|(x, dx)| R::raise(x, dx)).collect::<Result<Vec<_>>>()?;
    Matrix::from_columns(value.rows(), value.cols(), data).ok_or(EvalError::Overflow)
}

fn indicator<R: Ring>(rows: usize, cols: usize, one: impl Fn(usize, usize) -> bool) -> Matrix<R> {
    Matrix::from_fn(rows, cols, |i, j| truth(one(i, j)))
}

fn truth<R: Ring>(holds: bool) -> R {
    if holds { R::one() } else { R::zero() }
}

fn compares<R: Ring>(x: &R, comparison: Comparison) -> Result<bool> {
    let sign = x.sign()?;
    if sign == Ordering::Equal && !x.is_constant() {
        return Err(EvalError::Kink);
    }
    Ok(match comparison {
        Comparison::Positive => sign == Ordering::Greater,
        Comparison::Negative => sign == Ordering::Less,
        Comparison::Zero => sign == Ordering::Equal,
        Comparison::NonNegative => sign != Ordering::Less,
        Comparison::NonPositive => sign != Ordering::Greater,
    })
}

fn mentions(op: &Op, name: &Arc<str>) -> bool {
    let is = |index: &Index| matches!(index, Index::Named { name: known, .. } if known == name);
    match op {
        Op::Unit(_, index) => is(index),
        Op::Entry(indices) => indices.iter().any(is),
        Op::Delta(i, j) => is(i) || is(j),
        Op::IndexSum { index, excluding } => is(index) || excluding.as_ref().is_some_and(is),
        Op::Cases(guards) => guards.iter().any(|guard| match guard {
            Guard::Equal(i, j) | Guard::Different(i, j) => is(i) || is(j),
            Guard::Subject(_) | Guard::Otherwise => false,
        }),
        _ => false,
    }
}
