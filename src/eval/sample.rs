//! Random models that respect what was declared and assumed.
//!
//! A [`Plan`] knows which names need values; [`Plan::sample`] draws one model for a seed, a point and an attempt. Sizes
//! are above 1, different as far as there are few, odd and even; an attempt that fails (a singular matrix, sizes that
//! do not fit) is followed by another with other sizes, signs and magnitudes. What was drawn is tested against every
//! assumption, so that an equation nobody knows how to satisfy is refused and never ignored.

use super::functions::Settings;
use super::matrix::Matrix;
use super::model::{Model, Value};
use super::random::hash;
use super::ring::Ring;
use super::structure::{close, has, with_properties};
use super::{Dual, EvalError, Rng, recipes};
use crate::ir::hash::FastSet;
use crate::ir::{Claim, Context, Index, Op, Property, Symbol, SymbolKind, Term};
use crate::shape::{Dim, DimName, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// The size of each dimension name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sizes(Vec<(DimName, usize)>);

impl Sizes {
    /// Gives a name a size.
    pub fn set(&mut self, name: DimName, size: usize) {
        match self.0.iter_mut().find(|(known, _)| known.order == name.order) {
            Some(entry) => entry.1 = size,
            None => self.0.push((name, size)),
        }
    }

    /// The size of a name.
    pub fn get(&self, name: &DimName) -> Option<i64> {
        self.0.iter().find(|(known, _)| known.order == name.order).and_then(|&(_, size)| i64::try_from(size).ok())
    }

    /// All names with their sizes.
    pub fn iter(&self) -> impl Iterator<Item = (&DimName, usize)> {
        self.0.iter().map(|(name, size)| (name, *size))
    }
}

/// Which names of a context need values to evaluate some terms, and what those values must satisfy.
#[derive(Clone, Debug)]
pub struct Plan<'c> {
    context: &'c Context,
    symbols: Vec<Symbol>,
    dims: Vec<DimName>,
    properties: Vec<(Term, Property)>,
    equations: Vec<(Term, Term)>,
}

/// With at most this many names all sizes are different.
const DISTINCT: usize = 5;

impl<'c> Plan<'c> {
    /// A plan for models of `roots`, their definitions, and the claims that speak of anything in them.
    pub fn new(context: &'c Context, roots: &[Term], claims: &[Claim]) -> Self {
        let mut reach = Reach::new(context);
        reach.visit(roots);
        let mut left: Vec<&Claim> = claims.iter().collect();
        // A claim that speaks of a reached name may bring in other names, and other claims with them.
        while let Some(at) = left.iter().position(|claim| reach.concerns(claim)) {
            reach.visit(&terms_of(left.swap_remove(at)));
        }
        let relevant: Vec<&Claim> = claims.iter().filter(|claim| !left.contains(claim)).collect();
        let properties = relevant.iter().filter_map(|claim| match claim {
            Claim::Property(term, property) => Some((*term, *property)),
            _ => None,
        });
        let equations = relevant.iter().filter_map(|claim| match claim {
            Claim::Equation(left, right) => Some((*left, *right)),
            _ => None,
        });
        Plan {
            context,
            properties: properties.collect(),
            equations: equations.collect(),
            symbols: reach.variables(),
            dims: reach.dims.into_values().collect(),
        }
    }

    /// The names that get values.
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// The dimension names that get sizes.
    pub fn dims(&self) -> &[DimName] {
        &self.dims
    }

    /// A random model. Each `point` has its own sizes and values; each `attempt` at a point others.
    ///
    /// # Errors
    /// This attempt failed; [`EvalError::is_local`] tells whether another may succeed.
    pub fn sample<R: Ring>(&self, seed: u64, point: u64, attempt: u32) -> Result<Model<'c, R>, EvalError> {
        let sizes = self.sizes(seed, point, attempt);
        self.sample_at(sizes, seed, point, attempt)
    }

    /// As [`Plan::sample`], with sizes given.
    ///
    /// # Errors
    /// As [`Plan::sample`].
    pub fn sample_at<R: Ring>(
        &self,
        sizes: Sizes,
        seed: u64,
        point: u64,
        attempt: u32,
    ) -> Result<Model<'c, R>, EvalError> {
        let mut rng = Rng::of(&[seed, point, u64::from(attempt), 1]);
        let settings = Settings { seed: hash(&[seed, point, u64::from(attempt), 2]), ..Settings::default() };
        let mut model = Model::new(self.context, sizes, settings);
        for &symbol in &self.symbols {
            let value = self.value(&model, symbol, &mut rng, attempt)?;
            model.set(symbol, value);
        }
        for &(left, right) in &self.equations {
            if !holds(&mut model, left, right)? {
                recipes::satisfy(self.context, &mut model, left, right, &mut rng)?;
            }
        }
        self.test(&mut model)?;
        Ok(model)
    }

    fn value<R: Ring>(
        &self,
        model: &Model<'c, R>,
        symbol: Symbol,
        rng: &mut Rng,
        attempt: u32,
    ) -> Result<Value<R>, EvalError> {
        let (rows, cols) = model.size_of(&self.context.info(symbol).shape)?;
        let raw = Matrix::from_fn(rows, cols, |_, _| Dual::draw(rng, attempt));
        with_properties(raw, &self.properties_of(symbol), rng)
    }

    /// The declared and claimed properties of a name.
    fn properties_of(&self, symbol: Symbol) -> Vec<Property> {
        let claimed = self.properties.iter().filter(|(term, _)| self.context.terms.as_symbol(*term) == Some(symbol));
        let declared = self.context.info(symbol).properties.keys().copied();
        let mut all: Vec<Property> = declared.chain(claimed.map(|&(_, property)| property)).collect();
        all.sort();
        all.dedup();
        all
    }

    /// Does every assumed equation and property hold in a model? Declared properties are tested where an equation
    /// was adapted to.
    ///
    /// # Errors
    /// One of them does not ([`EvalError::Unsampleable`]), or has no value.
    pub fn test<R: Ring>(&self, model: &mut Model<'c, R>) -> Result<(), EvalError> {
        for &(left, right) in &self.equations {
            if !holds(model, left, right)? {
                return Err(EvalError::Unsampleable);
            }
        }
        for &(term, property) in &self.properties {
            if !has(&model.evaluate(term)?, property) {
                return Err(EvalError::Unsampleable);
            }
        }
        if self.equations.is_empty() {
            return Ok(());
        }
        let kept = |symbol: &Symbol| {
            let properties = self.properties_of(*symbol);
            model.values().get(symbol).is_none_or(|value| properties.iter().all(|&property| has(value, property)))
        };
        if self.symbols.iter().all(kept) { Ok(()) } else { Err(EvalError::Unsampleable) }
    }

    /// Sizes from 2 on; the first name runs through all of them from point to point.
    fn sizes(&self, seed: u64, point: u64, attempt: u32) -> Sizes {
        let mut rng = Rng::of(&[seed, point, u64::from(attempt), 3]);
        let largest = if self.dims.len() == DISTINCT { DISTINCT + 1 } else { DISTINCT };
        let all: Vec<usize> = (2..=largest).collect();
        let mut pool: Vec<usize> = Vec::new();
        let mut sizes = Sizes::default();
        for (i, name) in self.dims.iter().enumerate() {
            if pool.is_empty() {
                pool = all.clone();
            }
            let at = if i == 0 { (point as usize + attempt as usize + 1) % pool.len() } else { rng.below(pool.len()) };
            sizes.set(name.clone(), pool.swap_remove(at));
        }
        sizes
    }
}

/// Do the two sides have one value?
pub(super) fn holds<R: Ring>(model: &mut Model<'_, R>, left: Term, right: Term) -> Result<bool, EvalError> {
    Ok(close(&model.evaluate(left)?, &model.evaluate(right)?))
}

fn terms_of(claim: &Claim) -> Vec<Term> {
    match claim {
        Claim::Property(term, _) => vec![*term],
        Claim::Equation(left, right) => vec![*left, *right],
        Claim::Differentiable(..) => Vec::new(),
    }
}

/// Everything that terms reach through definitions and dependence.
struct Reach<'c> {
    context: &'c Context,
    terms: FastSet<Term>,
    symbols: BTreeSet<Symbol>,
    /// The unknowns of equations, which get no values.
    bound: BTreeSet<Symbol>,
    dims: BTreeMap<u32, DimName>,
}

impl<'c> Reach<'c> {
    fn new(context: &'c Context) -> Self {
        Reach {
            context,
            terms: FastSet::default(),
            symbols: BTreeSet::new(),
            bound: BTreeSet::new(),
            dims: BTreeMap::new(),
        }
    }

    fn visit(&mut self, roots: &[Term]) {
        let mut stack = roots.to_vec();
        while let Some(term) = stack.pop() {
            if self.terms.insert(term) {
                self.operator(self.context.terms.op(term), &mut stack);
                stack.extend(self.context.terms.args(term));
            }
        }
    }

    fn operator(&mut self, op: &Op, stack: &mut Vec<Term>) {
        match op {
            Op::Symbol(symbol) => self.symbol(*symbol, stack),
            Op::Solution(unknown) => drop(self.bound.insert(*unknown)),
            Op::Dimension(n) | Op::Identity(n) => self.dim(n),
            Op::Ones(m, n) | Op::Commutation(m, n) => [m, n].into_iter().for_each(|dim| self.dim(dim)),
            Op::Zero(shape) => self.shape(shape),
            Op::Unit(n, index) => {
                self.dim(n);
                self.index(index);
            }
            Op::Entry(indices) => indices.iter().for_each(|index| self.index(index)),
            Op::IndexSum { index, .. } => self.index(index),
            Op::Delta(i, j) => [i, j].into_iter().for_each(|index| self.index(index)),
            _ => {}
        }
    }

    fn symbol(&mut self, symbol: Symbol, stack: &mut Vec<Term>) {
        let mut left = vec![symbol];
        while let Some(symbol) = left.pop() {
            if self.symbols.insert(symbol) {
                let info = self.context.info(symbol);
                self.shape(&info.shape);
                left.extend(&info.depends_on);
                stack.extend(self.context.definition(symbol).map(|definition| definition.raw));
            }
        }
    }

    fn shape(&mut self, shape: &Shape) {
        if let Shape::Matrix { rows, cols } = shape {
            self.dim(rows);
            self.dim(cols);
        }
    }

    fn index(&mut self, index: &Index) {
        if let Index::Named { dim, .. } = index {
            self.dim(dim);
        }
    }

    fn dim(&mut self, dim: &Dim) {
        self.dims.extend(dim.names().into_iter().map(|name| (name.order, name)));
    }

    fn concerns(&self, claim: &Claim) -> bool {
        terms_of(claim).iter().any(|&term| self.context.symbols_in(term).iter().any(|s| self.symbols.contains(s)))
    }

    /// The symbols that need a value: neither defined nor undefined functions.
    fn variables(&self) -> Vec<Symbol> {
        let free = |symbol: &Symbol| {
            let info = self.context.info(*symbol);
            info.depends_on.is_empty() && matches!(info.kind, SymbolKind::Variable | SymbolKind::Metavariable)
        };
        self.symbols.difference(&self.bound).copied().filter(free).collect()
    }
}
