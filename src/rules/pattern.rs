//! Patterns: how a side of a rule is prepared for matching, and how it is instantiated.
//!
//! Targets are normal terms, so a pattern is matched in normal form too: `(A*B)'` as `B'*A'`, `S^-1` as the inverse.
//! A quotient stays: the normal form of `A ./ B` would be a factor with exponent −1, which is less than a
//! quotient means (a denominator may be several factors, with other exponents). Nothing else is lost, because
//! every term a pattern should match is normal itself; a rule whose two sides have one normal form says what the
//! normal builder does anyway (class `normal`) and is never matched.

use super::Rule;
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Context, Guard, Index, Op, Store, Symbol, Term};
use crate::shape::{Dim, DimName, Shape};

/// The form of a raw pattern that is matched against normal terms.
pub(super) fn prepare(store: &mut Store, pattern: Term) -> Term {
    let mut done: FastMap<Term, Term> = FastMap::default();
    for node in store.postorder(pattern) {
        let args: Vec<Term> = store.args(node).iter().map(|arg| done[arg]).collect();
        let op = store.op(node).clone();
        let built = match op {
            Op::Quotient => store.make(op, &args),
            op => Normal::new(store).build(op, &args),
        };
        done.insert(node, built);
    }
    done[&pattern]
}

/// What the metavariables, dimensions and function names of a rule stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings {
    /// By position in [`Rule::metavariables`].
    pub(super) terms: Vec<Option<Term>>,
    /// Dimension names of the rule, in order of binding.
    pub(super) dims: Vec<(DimName, Dim)>,
    /// Undefined elementwise functions: the function, how often it is differentiated, and where it was seen.
    pub(super) functions: Vec<(Symbol, FunctionBinding)>,
    /// Positions in the order in which they were bound: the trail of the search.
    trail: Vec<usize>,
}

/// How much was bound at some moment of the search.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark(usize, usize, usize);

/// What a function name of a rule stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FunctionBinding {
    /// The function.
    pub(super) symbol: Symbol,
    /// The order of differentiation that counts as 0 in the rule.
    pub(super) order: u32,
    /// The application it was matched with.
    pub(super) seen: Term,
}

impl Bindings {
    /// Nothing bound yet.
    pub(super) fn new(rule: &Rule) -> Self {
        Bindings { terms: vec![None; rule.metavariables.len()], ..Bindings::default() }
    }

    /// Binds the metavariable at `position`.
    pub(super) fn bind(&mut self, position: usize, term: Term) {
        self.terms[position] = Some(term);
        self.trail.push(position);
    }

    /// How much is bound now.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.trail.len(), self.dims.len(), self.functions.len())
    }

    /// Forgets everything bound since `mark`.
    pub(super) fn undo(&mut self, mark: Mark) {
        while self.trail.len() > mark.0 {
            if let Some(position) = self.trail.pop() {
                self.terms[position] = None;
            }
        }
        self.dims.truncate(mark.1);
        self.functions.truncate(mark.2);
    }

    /// What a dimension name stands for.
    pub(super) fn dim(&self, name: &DimName) -> Option<Dim> {
        self.dims.iter().find(|(known, _)| known == name).map(|(_, dim)| dim.clone())
    }

    /// A dimension of the rule with all names replaced; `None` if one is not bound.
    pub(super) fn instance(&self, dim: &Dim) -> Option<Dim> {
        let bound = dim.names().iter().all(|name| self.dim(name).is_some());
        bound.then(|| dim.substitute(&|name| self.dim(name)))
    }

    /// Makes a dimension of the rule equal to one of the target: a new name is bound. A compound dimension
    /// must be bound already.
    pub(super) fn unify(&mut self, pattern: &Dim, target: &Dim) -> bool {
        match (self.instance(pattern), pattern.as_name()) {
            (Some(dim), _) => dim == *target,
            (None, Some(name)) => {
                self.dims.push((name.clone(), target.clone()));
                true
            }
            (None, None) => false,
        }
    }

    /// Makes a shape of the rule equal to one of the target. Compound dimensions are left to a later check.
    pub(super) fn unify_shape(&mut self, pattern: &Shape, target: &Shape) -> bool {
        match (pattern, target) {
            (Shape::Scalar, Shape::Scalar) => true,
            (Shape::Matrix { rows, cols }, Shape::Matrix { rows: r, cols: c }) => {
                [(rows, r), (cols, c)].into_iter().all(|(pattern, target)| {
                    let later = self.instance(pattern).is_none() && !pattern.is_simple();
                    later || self.unify(pattern, target)
                })
            }
            _ => false,
        }
    }

    /// Makes an operator of the rule equal to the one at `term`, with the dimensions and functions in it.
    pub(super) fn unify_op(&mut self, pattern: &Op, found: &Op, term: Term) -> bool {
        match (pattern, found) {
            (Op::Dimension(n), Op::Dimension(m)) | (Op::Identity(n), Op::Identity(m)) => self.unify(n, m),
            (Op::Ones(m, n), Op::Ones(rows, cols)) | (Op::Commutation(m, n), Op::Commutation(rows, cols)) => {
                self.unify(m, rows) && self.unify(n, cols)
            }
            (Op::Zero(a), Op::Zero(b)) => self.unify_shape(a, b),
            (Op::Unit(n, i), Op::Unit(m, j)) => i == j && self.unify(n, m),
            (Op::Elementwise { function, order }, Op::Elementwise { function: symbol, order: found }) => {
                let Some(base) = found.checked_sub(*order) else { return false };
                let binding = FunctionBinding { symbol: *symbol, order: base, seen: term };
                match self.functions.iter().find(|(known, _)| known == function) {
                    Some((_, known)) => (known.symbol, known.order) == (*symbol, base),
                    None => {
                        self.functions.push((*function, binding));
                        true
                    }
                }
            }
            (pattern, found) => pattern == found,
        }
    }

    /// Is `target` exactly the shape `pattern` with all names replaced?
    pub(super) fn fits(&self, pattern: &Shape, target: &Shape) -> bool {
        match (pattern, target) {
            (Shape::Scalar, Shape::Scalar) => true,
            (Shape::Matrix { rows, cols }, Shape::Matrix { rows: r, cols: c }) => {
                self.instance(rows).as_ref() == Some(r) && self.instance(cols).as_ref() == Some(c)
            }
            _ => false,
        }
    }
}

/// The normal instance of a side of a rule in the session's context, with the normalisations that fired;
/// `None` if a metavariable or dimension is not bound or the instance has no shape.
pub(super) fn instantiate(
    patterns: &Context,
    rule: &Rule,
    pattern: Term,
    bindings: &Bindings,
    context: &mut Context,
) -> Option<(Term, Vec<&'static str>)> {
    let store = &patterns.terms;
    let mut done: FastMap<Term, Term> = FastMap::default();
    let mut normal = Normal::new(&mut context.terms);
    for node in store.postorder(pattern) {
        let args: Vec<Term> = store.args(node).iter().map(|arg| done[arg]).collect();
        let built = match store.op(node) {
            Op::Symbol(symbol) => bindings.terms[position(rule, *symbol)?]?,
            op => {
                let op = instance_of_op(op, bindings)?;
                // The raw builder says whether it has a shape, without a panic.
                normal.store_mut().raw(op.clone(), &args).ok()?;
                normal.build(op, &args)
            }
        };
        done.insert(node, built);
    }
    Some((done[&pattern], normal.fired().to_vec()))
}

/// The position of a metavariable among those of its rule.
pub(super) fn position(rule: &Rule, symbol: Symbol) -> Option<usize> {
    rule.metavariables.iter().position(|&known| known == symbol)
}

/// An operator with the dimensions and functions it carries replaced.
fn instance_of_op(op: &Op, bindings: &Bindings) -> Option<Op> {
    let dim = |dim: &Dim| bindings.instance(dim);
    Some(match op {
        Op::Dimension(n) => match dim(n)?.as_constant() {
            Some(value) => Op::Number(crate::ir::ratio(value, 1)),
            None => Op::Dimension(dim(n)?),
        },
        Op::Identity(n) => Op::Identity(dim(n)?),
        Op::Ones(m, n) => Op::Ones(dim(m)?, dim(n)?),
        Op::Zero(shape) => match shape {
            Shape::Scalar => Op::Number(crate::ir::ratio(0, 1)),
            Shape::Matrix { rows, cols } => Op::Zero(Shape::matrix(dim(rows)?, dim(cols)?)),
        },
        Op::Unit(n, index) => Op::Unit(dim(n)?, instance_of_index(index, bindings)?),
        Op::Commutation(m, n) => Op::Commutation(dim(m)?, dim(n)?),
        Op::Elementwise { function, order } => {
            let (_, binding) = bindings.functions.iter().find(|(known, _)| known == function)?;
            Op::Elementwise { function: binding.symbol, order: binding.order.checked_add(*order)? }
        }
        Op::Entry(indices) => {
            Op::Entry(indices.iter().map(|index| instance_of_index(index, bindings)).collect::<Option<_>>()?)
        }
        Op::Delta(i, j) => Op::Delta(instance_of_index(i, bindings)?, instance_of_index(j, bindings)?),
        Op::IndexSum { index, excluding } => Op::IndexSum {
            index: instance_of_index(index, bindings)?,
            excluding: match excluding {
                Some(index) => Some(instance_of_index(index, bindings)?),
                None => None,
            },
        },
        Op::Cases(guards) => {
            Op::Cases(guards.iter().map(|guard| instance_of_guard(guard, bindings)).collect::<Option<_>>()?)
        }
        op => op.clone(),
    })
}

fn instance_of_index(index: &Index, bindings: &Bindings) -> Option<Index> {
    Some(match index {
        Index::Named { name, dim } => Index::Named { name: name.clone(), dim: bindings.instance(dim)? },
        Index::At(position) => Index::At(*position),
    })
}

fn instance_of_guard(guard: &Guard, bindings: &Bindings) -> Option<Guard> {
    Some(match guard {
        Guard::Equal(i, j) => Guard::Equal(instance_of_index(i, bindings)?, instance_of_index(j, bindings)?),
        Guard::Different(i, j) => Guard::Different(instance_of_index(i, bindings)?, instance_of_index(j, bindings)?),
        guard => guard.clone(),
    })
}
