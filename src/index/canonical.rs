//! The canonical form of networks: equality of forms as polynomials in their atoms.
//!
//! Summed indices have no names that matter, so a network is canonical when its indices are numbered canonically:
//! colour refinement, then individualisation where colours leave a choice, the smallest encoding winning. Parts
//! that share no summed index are numbered separately. Symmetric networks can branch factorially; past the budget
//! the answer is [`Comparison::Unknown`].

use super::form::{Atom, Factor, IndexForm, Label, Network};
use super::{Exponent, Refusal, Workspace};
use crate::ir::hash::FastMap;
use crate::ir::{Rational, Term, compare};
use num_traits::{One, Zero};
use smallvec::SmallVec;
use std::collections::{BTreeMap, BTreeSet};

/// How two forms compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal for all values of their atoms.
    Same,
    /// Different polynomials in their atoms. Atoms may still be related (A⁻¹ and A are), so that the values may agree.
    Different,
    /// A limit was reached.
    Unknown,
}

impl Workspace<'_> {
    /// Are two forms equal, their free indices taken in order?
    pub fn compare(&mut self, left: &IndexForm, right: &IndexForm) -> Comparison {
        self.compared(left, right, &[false])
    }

    /// As [`Workspace::compare`], with defined names looked into, unless that is too long.
    pub fn compare_unfolded(&mut self, left: &IndexForm, right: &IndexForm) -> Comparison {
        self.compared(left, right, &[true, false])
    }

    /// Compares forms as they are, and written out, with names looked into or not, until one of these decides.
    fn compared(&mut self, left: &IndexForm, right: &IndexForm, ways: &[bool]) -> Comparison {
        if left.free.len() != right.free.len() {
            return Comparison::Different;
        }
        let right = IndexForm { free: left.free.clone(), networks: self.instantiate(right, &left.free) };
        if self.same_networks(left, &right) == Comparison::Same {
            return Comparison::Same;
        }
        let mut ways = ways.iter().map(|&unfold| self.same_when_expanded(left, &right, unfold));
        ways.find(|&found| found != Comparison::Unknown).unwrap_or(Comparison::Unknown)
    }

    fn same_when_expanded(&mut self, left: &IndexForm, right: &IndexForm, unfold: bool) -> Comparison {
        if !self.can_be_expanded(left, unfold) || !self.can_be_expanded(right, unfold) {
            return Comparison::Unknown;
        }
        match (self.expanded(left, unfold), self.expanded(right, unfold)) {
            (Ok(left), Ok(right)) => self.same_networks(&left, &right),
            _ => Comparison::Unknown,
        }
    }

    /// Is what would be written out within the limits? Each layer of a network doubles it, so it is counted first.
    fn can_be_expanded(&mut self, form: &IndexForm, unfold: bool) -> bool {
        let limits = self.limits;
        let extent = self.extent(form, unfold);
        extent.is_ok_and(|extent| extent.networks <= limits.networks && extent.factors <= limits.factors)
    }

    /// Have two forms the same networks, as they are?
    fn same_networks(&mut self, left: &IndexForm, right: &IndexForm) -> Comparison {
        let ranks = self.atom_ranks(left.networks.iter().chain(&right.networks));
        let signed = [(left, Rational::one()), (right, -Rational::one())];
        // Equal forms have the same atoms, however their indices are numbered.
        let mut by_atoms: FastMap<Vec<u32>, Rational> = FastMap::default();
        for (form, sign) in &signed {
            for network in &form.networks {
                *by_atoms.entry(ranks.of(network)).or_insert_with(Rational::zero) += &network.coefficient * sign;
            }
        }
        if !by_atoms.values().all(Zero::is_zero) {
            return Comparison::Different;
        }
        let mut difference: FastMap<Key, Rational> = FastMap::default();
        for (form, sign) in &signed {
            for network in &form.networks {
                let Some(key) = self.canonical(network, &form.free, &ranks) else { return Comparison::Unknown };
                *difference.entry(key).or_insert_with(Rational::zero) += &network.coefficient * sign;
            }
        }
        if difference.values().all(Zero::is_zero) { Comparison::Same } else { Comparison::Different }
    }

    /// The form with whole powers of terms that index form can look into written out, and those of defined names if
    /// these are to be unfolded.
    fn expanded(&mut self, form: &IndexForm, unfold: bool) -> Result<IndexForm, Refusal> {
        let mut done = Vec::new();
        let mut pending = form.networks.clone();
        while let Some(network) = pending.pop() {
            match self.expandable(&network, unfold)? {
                Some((at, inner)) => {
                    let mut rest = network;
                    let factor = rest.factors.remove(at);
                    let copies = factor.exponent.copies().unwrap_or(1);
                    let mut product = vec![rest];
                    for _ in 0..copies {
                        let copy = self.instantiate(&inner, &factor.indices);
                        product = self.multiply(&product, &copy)?;
                    }
                    pending.extend(product);
                }
                None => done.push(network),
            }
            if pending.len() + done.len() > self.limits.networks {
                return Err(Refusal::TooManyNetworks(self.limits.networks));
            }
        }
        Ok(self.simplify(IndexForm { free: form.free.clone(), networks: done }))
    }

    /// A factor that is a whole power of a term that can be looked into, with the form of that term.
    fn expandable(&mut self, network: &Network, unfold: bool) -> Result<Option<(usize, IndexForm)>, Refusal> {
        for (at, factor) in network.factors.iter().enumerate() {
            let Some((term, _)) = self.copies(factor) else { continue };
            if let Some(form) = self.inside(term, unfold)? {
                return Ok(Some((at, form)));
            }
        }
        Ok(None)
    }

    /// The term that a factor has several copies of, if it is to be written out where it can be looked into.
    pub(super) fn copies(&self, factor: &Factor) -> Option<(Term, u32)> {
        let copies = factor.exponent.copies().filter(|&copies| copies <= self.limits.written_out)?;
        Some((factor.term()?, copies))
    }

    /// The form of a term that is not itself an atom.
    pub(super) fn inside(&mut self, term: Term, unfold: bool) -> Result<Option<IndexForm>, Refusal> {
        let symbol = self.context.terms.as_symbol(term).filter(|_| unfold);
        if let Some(definition) = symbol.and_then(|symbol| self.context.definition(symbol)) {
            let body = definition.normal;
            return self.read(body).map(Some);
        }
        let form = self.read(term)?;
        Ok((!is_itself(&form, Atom::Term(term))).then_some(form))
    }

    /// A number for each atom with its power, in the structural order of terms, which no history changes.
    pub(super) fn atom_ranks<'n>(&mut self, networks: impl Iterator<Item = &'n Network>) -> Ranks {
        let mut atoms: Vec<(Atom, Exponent)> =
            networks.flat_map(|network| &network.factors).map(|factor| (factor.atom, factor.exponent)).collect();
        let store = &self.context.terms;
        atoms.sort_by(|(a, p), (b, q)| {
            let order = match (a, b) {
                (Atom::Term(a), Atom::Term(b)) => compare(store, *a, *b),
                _ => a.cmp(b),
            };
            order.then_with(|| p.cmp(q))
        });
        atoms.dedup();
        let mut symmetric = BTreeSet::from([Atom::Delta]);
        for (atom, _) in &atoms {
            if let Atom::Term(term) = *atom
                && self.is_symmetric(term)
            {
                symmetric.insert(*atom);
            }
        }
        let numbers = atoms.into_iter().enumerate().map(|(rank, atom)| (atom, rank as u32)).collect();
        Ranks { numbers, symmetric }
    }

    /// The canonical key of a network without its coefficient; `None` past the budget.
    pub(super) fn canonical(&self, network: &Network, free: &[Label], ranks: &Ranks) -> Option<Key> {
        let mut key = Key::new();
        for component in network.components(|label| !free.contains(&label)) {
            key.push(Component::new(&component, free, ranks).canonical(self.limits.labellings)?);
        }
        key.sort();
        Some(key)
    }
}

/// Is the form nothing but one entry of this atom?
pub(super) fn is_itself(form: &IndexForm, atom: Atom) -> bool {
    match form.networks.as_slice() {
        [network] => match network.factors.as_slice() {
            [factor] => network.coefficient.is_one() && factor.atom == atom && factor.exponent.is_one(),
            _ => false,
        },
        _ => false,
    }
}

/// The numbers of atoms with their powers, and which of them are symmetric in their two indices.
pub(super) struct Ranks {
    numbers: FastMap<(Atom, Exponent), u32>,
    symmetric: BTreeSet<Atom>,
}

impl Ranks {
    /// The numbers of the atoms of a network, sorted: equal networks have equal ones.
    pub(super) fn of(&self, network: &Network) -> Vec<u32> {
        let number = |factor: &Factor| self.numbers[&(factor.atom, factor.exponent)];
        let mut numbers: Vec<u32> = network.factors.iter().map(number).collect();
        numbers.sort_unstable();
        numbers
    }
}

/// The factors of each component: the number of the atom and the numbers of its indices, sorted.
pub(super) type Key = Vec<Vec<(u32, Vec<u32>)>>;

/// A component with free indices numbered from 0 and then its summed ones.
struct Component {
    free: usize,
    summed: usize,
    /// Number of the atom, its indices, and whether their order does not matter.
    factors: Vec<(u32, Vec<usize>, bool)>,
}

impl Component {
    fn new(factors: &[Factor], free: &[Label], ranks: &Ranks) -> Self {
        let mut numbers: BTreeMap<Label, usize> = free.iter().enumerate().map(|(at, &label)| (label, at)).collect();
        for &label in factors.iter().flat_map(|factor| &factor.indices) {
            let next = numbers.len();
            numbers.entry(label).or_insert(next);
        }
        let convert = |factor: &Factor| {
            let indices = factor.indices.iter().map(|label| numbers[label]).collect();
            let rank = ranks.numbers[&(factor.atom, factor.exponent)];
            (rank, indices, ranks.symmetric.contains(&factor.atom))
        };
        let factors = factors.iter().map(convert).collect();
        Component { free: free.len(), summed: numbers.len().saturating_sub(free.len()), factors }
    }

    fn canonical(&self, budget: usize) -> Option<Vec<(u32, Vec<u32>)>> {
        let start: Vec<u32> = (0..self.free as u32).chain((0..self.summed).map(|_| self.free as u32)).collect();
        let mut best: Option<Vec<(u32, Vec<u32>)>> = None;
        let mut pending = vec![self.refined(start)];
        let mut tried = 0;
        while let Some(colours) = pending.pop() {
            tried += 1;
            if tried > budget {
                return None;
            }
            match self.smallest_choice(&colours) {
                None => {
                    let encoding = self.encoding(&colours);
                    if best.as_ref().is_none_or(|best| encoding < *best) {
                        best = Some(encoding);
                    }
                }
                Some(cell) => pending.extend(cell.into_iter().map(|at| self.refined(individualised(&colours, at)))),
            }
        }
        best
    }

    /// Colours split until equal colours have equal surroundings. A colour is the number of indices with smaller ones.
    fn refined(&self, mut colours: Vec<u32>) -> Vec<u32> {
        loop {
            let mut signatures: Vec<(u32, Vec<Surrounding>)> = colours.iter().map(|&c| (c, Vec::new())).collect();
            for (rank, indices, symmetric) in &self.factors {
                let mut around: SmallVec<[u32; 4]> = indices.iter().map(|&index| colours[index]).collect();
                if *symmetric {
                    around.sort_unstable();
                }
                for (slot, &index) in indices.iter().enumerate() {
                    let slot = if *symmetric { 0 } else { slot };
                    signatures[index].1.push((*rank, slot, around.clone()));
                }
            }
            signatures.iter_mut().for_each(|(_, around)| around.sort_unstable());
            let mut order: Vec<usize> = (0..colours.len()).collect();
            order.sort_by(|&a, &b| signatures[a].cmp(&signatures[b]));
            let mut next = colours.clone();
            for (place, &index) in order.iter().enumerate() {
                let same = place > 0 && signatures[order[place - 1]] == signatures[index];
                next[index] = if same { next[order[place - 1]] } else { place as u32 };
            }
            if next == colours {
                return colours;
            }
            colours = next;
        }
    }

    /// The smallest set of summed indices that have one colour and are more than one.
    fn smallest_choice(&self, colours: &[u32]) -> Option<Vec<usize>> {
        let mut cells: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (index, &colour) in colours.iter().enumerate().skip(self.free) {
            cells.entry(colour).or_default().push(index);
        }
        cells.into_values().filter(|cell| cell.len() > 1).min_by_key(Vec::len)
    }

    fn encoding(&self, colours: &[u32]) -> Vec<(u32, Vec<u32>)> {
        let mut encoding: Vec<(u32, Vec<u32>)> = self
            .factors
            .iter()
            .map(|(rank, indices, symmetric)| {
                let mut numbers: Vec<u32> = indices.iter().map(|&index| colours[index]).collect();
                if *symmetric {
                    numbers.sort_unstable();
                }
                (*rank, numbers)
            })
            .collect();
        encoding.sort_unstable();
        encoding
    }
}

/// A factor around an index: its atom, the slot, and the colours in its slots.
type Surrounding = (u32, usize, SmallVec<[u32; 4]>);

/// One index made smaller than the others of its colour.
fn individualised(colours: &[u32], at: usize) -> Vec<u32> {
    let mut colours = colours.to_vec();
    let own = colours[at];
    for (index, colour) in colours.iter_mut().enumerate() {
        if index != at && *colour == own {
            *colour += 1;
        }
    }
    colours
}
