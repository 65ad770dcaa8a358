//! From terms to index form.
//!
//! Every operator that index notation can say is looked into; the others are atoms. Terms are read bottom-up and
//! each once, so that deep and shared terms cost what their size in the store says.

use super::form::{Factor, IndexForm, Label, Network};
use super::workspace::rank;
use super::{Exponent, Refusal, Workspace};
use crate::ir::hash::{FastMap, FastSet};
use crate::ir::normal::Normal;
use crate::ir::{Context, Function, Guard, Index, Op, Rational, Term};
use crate::shape::{Dim, Shape};
use num_traits::{One, Zero};
use std::sync::Arc;

/// The matrix notation of a term with sums over indices and entries: each closed part of it is turned into matrices,
/// the rest stays as written. The free indices `axes` (none, one or two) become rows and columns. `None`: no matrix
/// notation was found.
pub fn matrix_form(context: &mut Context, term: Term, axes: &[Index]) -> Option<Term> {
    if !axes.is_empty() {
        return Workspace::new(context).read_as_matrix(term, axes);
    }
    let indexed = |op: &Op| {
        matches!(op, Op::IndexSum { .. } | Op::Delta(..)) || matches!(op, Op::Entry(at) if at.iter().any(is_named))
    };
    let any = |context: &Context, term| context.terms.any(term, |node| indexed(context.terms.op(node)));
    if !any(context, term) {
        return Some(Normal::new(&mut context.terms).term(term));
    }
    let mut done: FastMap<Term, Term> = FastMap::default();
    for node in context.terms.postorder(term) {
        let op = context.terms.op(node).clone();
        let value = match op {
            Op::IndexSum { .. } => match Workspace::new(context).sum_as_matrix(node) {
                Some(matrix) => matrix,
                None => node, // open: its own Σ is above
            },
            op => {
                let args: Vec<Term> = context.terms.args(node).iter().map(|arg| done[arg]).collect();
                Normal::new(&mut context.terms).build(op, &args)
            }
        };
        done.insert(node, value);
    }
    let result = done[&term];
    (!any(context, result)).then_some(result)
}

fn is_named(index: &Index) -> bool {
    matches!(index, Index::Named { .. })
}

impl Workspace<'_> {
    fn read_as_matrix(&mut self, term: Term, axes: &[Index]) -> Option<Term> {
        let form = self.read(term).ok()?;
        let axes: Vec<Label> = axes.iter().filter_map(|index| self.label_of(index)).collect();
        if form.free.iter().any(|label| !axes.contains(label)) {
            return None;
        }
        self.to_matrix(&form, &axes)
    }

    /// A closed sum over an index, of whatever shape.
    fn sum_as_matrix(&mut self, sum: Term) -> Option<Term> {
        let form = self.read(sum).ok()?;
        let shape = self.shape(sum);
        let axes = form.free[..rank(&shape)].to_vec();
        let matrix = self.to_matrix(&form, &axes)?;
        Some(if *self.context.terms.shape(matrix) == shape { matrix } else { self.normal().transpose(matrix) })
    }

    /// The index form of a term, raw or normal. Its free indices are those of its rows and columns (where these are
    /// not 1), then the named indices in it.
    ///
    /// # Errors
    /// Too many networks, or a function of entries that is no entry of a matrix.
    pub fn read(&mut self, term: Term) -> Result<IndexForm, Refusal> {
        let term = Normal::new(&mut self.context.terms).term(term);
        for node in self.unread(term) {
            let form = self.node(node)?;
            let form = self.simplify(form);
            self.memo.insert(node, form);
        }
        Ok(self.memo[&term].clone())
    }

    /// The terms below that must be read first, arguments before their users: only where index form looks into.
    fn unread(&self, root: Term) -> Vec<Term> {
        let mut order = Vec::new();
        let mut seen = FastSet::default();
        let mut stack = vec![(root, false)];
        while let Some((term, done)) = stack.pop() {
            if done {
                order.push(term);
            } else if !self.memo.contains_key(&term) && seen.insert(term) {
                stack.push((term, true));
                if !matches!(self.context.terms.op(term), Op::Differential) {
                    stack.extend(self.context.terms.args(term).iter().map(|&arg| (arg, false)));
                }
            }
        }
        order
    }

    fn op(&self, term: Term) -> Op {
        self.context.terms.op(term).clone()
    }

    fn args(&self, term: Term) -> Vec<Term> {
        self.context.terms.args(term).to_vec()
    }

    pub(super) fn shape(&self, term: Term) -> Shape {
        self.context.terms.shape(term).clone()
    }

    /// The entry of an argument, which was read before, at `axes`.
    pub(super) fn entry_of(&mut self, arg: Term, axes: &[Label]) -> Vec<Network> {
        let form = self.memo[&arg].clone();
        self.instantiate(&form, axes)
    }

    /// The free named indices below a term.
    pub(super) fn names_below(&self, term: Term) -> Vec<Label> {
        let mut names: Vec<Label> = Vec::new();
        for arg in self.context.terms.args(term) {
            let Some(form) = self.memo.get(arg) else { continue };
            names.extend(form.free.iter().skip(rank(self.context.terms.shape(*arg))));
        }
        names.sort();
        names.dedup();
        names
    }

    fn node(&mut self, term: Term) -> Result<IndexForm, Refusal> {
        let axes = self.axes(&self.shape(term));
        let mut free = axes.clone();
        let networks = match self.op(term) {
            Op::Entry(_) | Op::IndexSum { .. } | Op::Delta(..) | Op::Cases(_) | Op::Unit(..) => {
                return self.indexed(term, axes);
            }
            op => self.looked_into(op, term, &axes)?,
        };
        free.extend(self.names_below(term));
        Ok(IndexForm { free, networks: self.bounded(networks)? })
    }

    fn looked_into(&mut self, op: Op, term: Term, axes: &[Label]) -> Result<Vec<Network>, Refusal> {
        let args = self.args(term);
        match op {
            Op::Number(value) if value.is_zero() => Ok(Vec::new()),
            Op::Zero(_) => Ok(Vec::new()),
            Op::Number(value) => Ok(vec![Network::number(value)]),
            Op::Ones(..) => Ok(one()),
            Op::Identity(_) => Ok(delta(axes)),
            Op::Sum => Ok(args.iter().flat_map(|&arg| self.entry_of(arg, axes)).collect()),
            Op::Product => self.chain(&args, axes),
            Op::Hadamard => self.factors_at(&args, axes),
            Op::Quotient => {
                let divisor_axes = if self.shape(args[1]).is_scalar() { &[] } else { axes };
                let dividend = self.entry_of(args[0], axes);
                let divisor = self.power_at(args[1], divisor_axes, -Exponent::ONE)?;
                self.multiply(&dividend, &divisor)
            }
            Op::Transpose => Ok(self.entry_of(args[0], &axes.iter().rev().copied().collect::<Vec<_>>())),
            Op::AsScalar => Ok(self.entry_of(args[0], &[])),
            Op::Inner => {
                let axes = self.axes(&self.shape(args[0]));
                let product = self.factors_at(&args, &axes)?;
                Ok(self.sum_over(product, &axes))
            }
            Op::Power | Op::ElementPower => self.power_node(op, term, axes),
            Op::Call(function) => self.call(function, term, axes),
            _ => self.atom(term, axes),
        }
    }

    /// The entry of a factor of a product. A sum stays one atom, so that products of sums are not expanded and keep
    /// their form, unless it has a δ to contract or a differential. A sum of vectors with one free named index, the
    /// `x_i − μ` of a sum over samples, is a row of a matrix.
    fn factor_of_product(&mut self, arg: Term, axes: &[Label]) -> Vec<Network> {
        let form = &self.memo[&arg];
        let store = &self.context.terms;
        let opaque = |factor: &Factor| {
            factor.term().is_some_and(|term| !store.any(term, |node| *store.op(node) == Op::Differential))
        };
        let names = form.free[axes.len()..].to_vec();
        let is_sum = form.networks.len() > 1 && form.networks.iter().flat_map(|network| &network.factors).all(opaque);
        if is_sum && names.is_empty() {
            return vec![Network::factor(Factor::entry(arg, axes))];
        }
        if is_sum
            && !axes.is_empty()
            && let Ok(rows) = self.spread(arg, axes, &[&names, axes].concat())
        {
            return vec![Network::factor(Factor::entry(rows, &[&names, axes].concat()))];
        }
        self.entry_of(arg, axes)
    }

    fn power_node(&mut self, op: Op, term: Term, axes: &[Label]) -> Result<Vec<Network>, Refusal> {
        let args = self.args(term);
        let entrywise = op == Op::ElementPower || self.shape(term).is_scalar();
        match self.context.terms.as_number(args[1]).and_then(Exponent::new) {
            Some(exponent) if entrywise => self.power_at(args[0], axes, exponent),
            _ => self.atom(term, axes),
        }
    }

    fn call(&mut self, function: Function, term: Term, axes: &[Label]) -> Result<Vec<Network>, Refusal> {
        let arg = self.args(term)[0];
        let inner = self.axes(&self.shape(arg));
        match function {
            Function::Trace | Function::DiagPart => {
                let (summed, at) = match (function, axes, &inner[..]) {
                    (Function::DiagPart, [row], _) => (Vec::new(), vec![*row, *row]),
                    (_, _, [row, _]) => (vec![*row], vec![*row, *row]),
                    _ => (Vec::new(), Vec::new()),
                };
                let diagonal = self.entry_of(arg, &at);
                Ok(self.sum_over(diagonal, &summed))
            }
            Function::Diag => {
                let vector = self.entry_of(arg, &axes[..axes.len().min(1)]);
                self.multiply(&vector, &delta(axes))
            }
            Function::SumAll | Function::Mean => {
                let entries = self.entry_of(arg, &inner);
                let sum = self.sum_over(entries, &inner);
                if function == Function::SumAll { Ok(sum) } else { self.divide_by_size(sum, arg) }
            }
            Function::RowSum => self.partial_sum(arg, axes, true),
            Function::ColSum => self.partial_sum(arg, axes, false),
            _ => self.atom(term, axes),
        }
    }

    fn divide_by_size(&mut self, sum: Vec<Network>, vector: Term) -> Result<Vec<Network>, Refusal> {
        let size = self.shape(vector).entries();
        let divisor = match size.as_constant() {
            Some(n) if n != 0 => Network::number(Rational::from_integer(n).recip()),
            Some(_) => return Err(Refusal::NoDerivative(vector)),
            None => {
                let size = self.context.terms.make(Op::Dimension(size), &[]);
                Network::factor(Factor { exponent: -Exponent::ONE, ..Factor::entry(size, &[]) })
            }
        };
        self.multiply(&sum, &[divisor])
    }

    /// The sums of rows (or of columns): the other index is summed over.
    fn partial_sum(&mut self, arg: Term, axes: &[Label], of_rows: bool) -> Result<Vec<Network>, Refusal> {
        let shape = self.shape(arg);
        let (kept, summed) = if of_rows { (shape.rows(), shape.cols()) } else { (shape.cols(), shape.rows()) };
        let over: Vec<Label> = if summed.is_one() { Vec::new() } else { vec![self.fresh(summed)] };
        let kept: Vec<Label> = if kept.is_one() { Vec::new() } else { axes.to_vec() };
        let at: Vec<Label> = if of_rows { [kept, over.clone()].concat() } else { [over.clone(), kept].concat() };
        let entries = self.entry_of(arg, &at);
        Ok(self.sum_over(entries, &over))
    }

    /// The product of entries of several arguments at the same place.
    fn factors_at(&mut self, args: &[Term], axes: &[Label]) -> Result<Vec<Network>, Refusal> {
        let mut product = one();
        for &arg in args {
            let factor = self.factor_of_product(arg, axes);
            product = self.multiply(&product, &factor)?;
        }
        Ok(product)
    }

    /// A product of scalars and of matrices that chain.
    fn chain(&mut self, args: &[Term], axes: &[Label]) -> Result<Vec<Network>, Refusal> {
        let (mut product, mut summed) = (one(), Vec::new());
        let last = args.iter().rposition(|&arg| !self.shape(arg).is_scalar());
        let mut axes = axes.iter().copied();
        let mut left: Option<Label> = None;
        let mut begun = false;
        for (at, &arg) in args.iter().enumerate() {
            let shape = self.shape(arg);
            let mut labels = Vec::new();
            if !shape.is_scalar() {
                if !begun {
                    left = if shape.rows().is_one() { None } else { axes.next() };
                    begun = true;
                }
                let right = match (shape.cols().is_one(), Some(at) == last) {
                    (true, _) => None,
                    (false, true) => axes.next(),
                    (false, false) => {
                        let inner = self.fresh(shape.cols());
                        summed.push(inner);
                        Some(inner)
                    }
                };
                labels.extend(left);
                labels.extend(right);
                left = right;
            }
            let factor = self.factor_of_product(arg, &labels);
            product = self.multiply(&product, &factor)?;
        }
        Ok(self.sum_over(product, &summed))
    }

    // --- operators with indices of their own ---------------------------------------------------------------------

    fn indexed(&mut self, term: Term, axes: Vec<Label>) -> Result<IndexForm, Refusal> {
        let args = self.args(term);
        match self.op(term) {
            Op::Unit(n, index) => {
                let networks = match axes.first() {
                    Some(&axis) => vec![self.at_place(axis, &n, &index)],
                    None => one(),
                };
                Ok(self.with_names(axes, &[&index], networks))
            }
            Op::Delta(a, b) => {
                let networks = self.equal(&a, &b);
                Ok(self.with_names(axes, &[&a, &b], networks))
            }
            Op::Entry(indices) => self.entry_node(args[0], &indices),
            Op::IndexSum { index, excluding } => self.index_sum(args[0], &index, excluding.as_ref()),
            Op::Cases(guards) => self.cases(term, &guards, axes),
            _ => unreachable!("called for these operators only"),
        }
    }

    fn with_names(&mut self, axes: Vec<Label>, indices: &[&Index], networks: Vec<Network>) -> IndexForm {
        let mut names: Vec<Label> = indices.iter().filter_map(|index| self.label_of(index)).collect();
        names.sort();
        names.dedup();
        IndexForm { free: [axes, names].concat(), networks }
    }

    /// 1 where `axis` is at `index`, else 0.
    fn at_place(&mut self, axis: Label, n: &Dim, index: &Index) -> Network {
        match self.label_of(index) {
            Some(label) => Network::factor(Factor::delta(axis, label)),
            None => {
                let unit = self.context.terms.make(Op::Unit(n.clone(), index.clone()), &[]);
                Network::factor(Factor::entry(unit, &[axis]))
            }
        }
    }

    /// δ of two indices of terms.
    fn equal(&mut self, a: &Index, b: &Index) -> Vec<Network> {
        match (self.label_of(a), self.label_of(b)) {
            (Some(a), Some(b)) => vec![Network::factor(Factor::delta(a, b))],
            (Some(label), None) => vec![self.at_place(label, &self.dim(label).clone(), b)],
            (None, Some(label)) => vec![self.at_place(label, &self.dim(label).clone(), a)],
            (None, None) if a == b => one(),
            (None, None) => Vec::new(),
        }
    }

    /// An entry: the argument at the labels of the indices; a fixed position contracts with a unit vector.
    fn entry_node(&mut self, array: Term, indices: &[Index]) -> Result<IndexForm, Refusal> {
        let shape = self.shape(array);
        let dims: Vec<Dim> = [shape.rows(), shape.cols()].into_iter().filter(|dim| !dim.is_one()).collect();
        let standing: Vec<&Index> = if indices.len() == 2 {
            indices.iter().zip([shape.rows(), shape.cols()]).filter(|(_, dim)| !dim.is_one()).map(|x| x.0).collect()
        } else {
            indices.iter().take(dims.len()).collect()
        };
        let (mut labels, mut places, mut fixed) = (Vec::new(), Vec::new(), Vec::new());
        for (index, dim) in standing.iter().zip(dims) {
            labels.push(match self.label_of(index) {
                Some(label) => label,
                None => {
                    let label = self.fresh(dim.clone());
                    places.push(self.at_place(label, &dim, index));
                    fixed.push(label);
                    label
                }
            });
        }
        let mut networks = self.entry_of(array, &labels);
        for place in places {
            networks = self.multiply(&networks, &[place])?;
        }
        let names = self.memo[&array].free[rank(&shape)..].to_vec();
        let mut free: Vec<Label> = labels.into_iter().filter(|label| !fixed.contains(label)).chain(names).collect();
        free.sort();
        free.dedup();
        Ok(IndexForm { free, networks })
    }

    fn index_sum(&mut self, body: Term, index: &Index, excluding: Option<&Index>) -> Result<IndexForm, Refusal> {
        let form = self.memo[&body].clone();
        let Index::Named { name, dim } = index else { return Ok(form) };
        let bound = self.named(name, dim);
        let dummy = self.fresh_like(bound);
        let rename = |to: Label| move |label: Label| if label == bound { to } else { label };
        let all = form.networks.iter().map(|network| network.relabelled(rename(dummy))).collect();
        let mut networks = self.sum_over(all, &[dummy]);
        let (axes, names) = form.free.split_at(rank(&self.shape(body)));
        let mut names: Vec<Label> = names.iter().copied().filter(|&label| label != bound).collect();
        if let Some(excluded) = excluding {
            networks.extend(self.left_out(&form, axes, bound, excluded)?);
            names.extend(self.label_of(excluded));
        }
        names.sort();
        names.dedup();
        Ok(IndexForm { free: [axes, &names].concat(), networks })
    }

    /// Minus the summand at the value that a sum leaves out.
    fn left_out(
        &mut self,
        body: &IndexForm,
        axes: &[Label],
        bound: Label,
        excluded: &Index,
    ) -> Result<Vec<Network>, Refusal> {
        let copy = self.instantiate(body, axes);
        let (at, place) = match self.label_of(excluded) {
            Some(label) => (label, Network::number(-Rational::one())),
            None => {
                let label = self.fresh_like(bound);
                let dim = self.dim(bound).clone();
                let mut place = self.at_place(label, &dim, excluded);
                place.coefficient = -Rational::one();
                (label, place)
            }
        };
        let moved: Vec<Network> =
            copy.iter().map(|network| network.relabelled(|label| if label == bound { at } else { label })).collect();
        self.multiply(&moved, &[place])
    }

    /// Cases on equality of indices are sums with δ's; other cases are atoms.
    fn cases(&mut self, term: Term, guards: &[Guard], axes: Vec<Label>) -> Result<IndexForm, Refusal> {
        let mut free = axes.clone();
        free.extend(self.names_below(term));
        if guards.iter().any(|guard| matches!(guard, Guard::Subject(_))) {
            let networks = self.atom(term, &axes)?;
            return Ok(IndexForm { free, networks });
        }
        let args = self.args(term);
        let (mut networks, mut rest) = (Vec::new(), one());
        for (guard, &value) in guards.iter().zip(&args) {
            let holds = self.guard(guard, &mut free);
            let here = self.multiply(&rest, &holds)?;
            let value = self.entry_of(value, &axes);
            networks.extend(self.multiply(&here, &value)?);
            let fails = complement(holds);
            rest = self.multiply(&rest, &fails)?;
        }
        let names = free.split_off(axes.len());
        let mut names: Vec<Label> = names;
        names.sort();
        names.dedup();
        free.extend(names);
        Ok(IndexForm { free, networks })
    }

    fn guard(&mut self, guard: &Guard, free: &mut Vec<Label>) -> Vec<Network> {
        match guard {
            Guard::Equal(a, b) | Guard::Different(a, b) => {
                free.extend(self.label_of(a));
                free.extend(self.label_of(b));
                let equal = self.equal(a, b);
                if matches!(guard, Guard::Equal(..)) { equal } else { complement(equal) }
            }
            Guard::Otherwise | Guard::Subject(_) => one(),
        }
    }
}

/// The number 1.
pub(super) fn one() -> Vec<Network> {
    vec![Network::number(Rational::one())]
}

fn complement(networks: Vec<Network>) -> Vec<Network> {
    let negated = networks.into_iter().map(|network| Network { coefficient: -network.coefficient, ..network });
    one().into_iter().chain(negated).collect()
}

/// The entry of an identity matrix.
fn delta(axes: &[Label]) -> Vec<Network> {
    match axes {
        [row, col] => vec![Network::factor(Factor::delta(*row, *col))],
        _ => one(),
    }
}

/// A named index of a term.
pub(super) fn named_index(name: &Arc<str>, dim: &Dim) -> Index {
    Index::Named { name: name.clone(), dim: dim.clone() }
}
