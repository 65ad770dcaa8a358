//! Matching of patterns against classes.
//!
//! The search proposes a substitution and what stands around the match; the run builds both sides of the instance
//! and merges these. So a careless search can lose a match, and can never make a wrong equation.
//!
//! - At the root a sum, Hadamard product or product pattern matches some of the operands; below the root all of them.
//! - Sums match up to a common factor (`2ŷ − 2y` holds `ŷ − y` twice), powers in parts (`X⁻²` holds `X⁻¹` twice).
//! - A metavariable among operands may stand for several of them; numbers that are left over go to the last one.
//!
//! Size gates: sums of up to [`SUMMANDS`], products of up to [`FACTORS`]; longer ones belong to directed passes.

use super::language::{Node, Ops, Shapes};
use super::pattern::{Pattern, ProductPattern, Substitution, split_coefficient, split_power};
use super::ratio::{Small, small};
use super::rewrites::Rewrite;
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Op, Store, Term};
use egg::{EGraph, Id};

/// Longer sums are not matched.
pub(super) const SUMMANDS: usize = 6;
/// Longer products are not matched.
pub(super) const FACTORS: usize = 12;

/// What stands around a match among the operands at the root.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Around {
    Nothing,
    /// `rest + scale · match`.
    Sum {
        rest: Vec<Term>,
        scale: Small,
    },
    /// `rest ⊙ match`.
    Hadamard(Vec<Term>),
    /// `left · match · right`, scalars on the left.
    Product {
        left: Vec<Term>,
        right: Vec<Term>,
    },
}

/// A substitution that makes the pattern equal to a part of a class.
#[derive(Clone, Debug)]
pub(super) struct Match {
    pub(super) substitution: Substitution,
    pub(super) around: Around,
    /// Other ways to write parts of the target (`(X⁻¹)²` for `S²`), which link it to the instance.
    pub(super) bridges: Vec<Term>,
}

/// The search for one rewrite.
pub(super) struct Matcher<'g> {
    pub(super) store: &'g mut Store,
    pub(super) egraph: &'g EGraph<Node, Shapes>,
    pub(super) ops: &'g Ops,
    pub(super) ids: &'g FastMap<Term, Id>,
    pub(super) rewrite: &'g Rewrite,
}

/// A class is read as so many powers. An idempotent (a step) is each of its powers, and there is no end of them.
const POWERS: usize = 4;

/// So many ways to read the factors of a commutative product are followed; their number multiplies with each factor.
const WAYS: usize = 64;

#[derive(Clone)]
struct Summand {
    /// The summand as it stands there.
    whole: Term,
    coefficient: Small,
    core: Term,
    class: Id,
}

/// A factor of a commutative product: how much of it is left.
#[derive(Clone)]
enum Left {
    Whole,
    Part(Id, Small),
    Gone,
}

/// A way to read a factor: `base^outer`, or `(base^inner)^outer`.
struct View {
    base: Id,
    inner: Option<Small>,
    outer: Small,
}

impl View {
    fn exponent(&self) -> Small {
        self.inner.map_or(self.outer, |inner| inner * self.outer)
    }
}

/// A match of the factors of a commutative product.
#[derive(Clone)]
struct Powers {
    substitution: Substitution,
    left: Vec<Left>,
    bridges: Vec<Term>,
}

struct Factors {
    number: Small,
    scalars: Vec<Id>,
    chain: Vec<Id>,
}

impl<'g> Matcher<'g> {
    /// All matches of the pattern at an e-node of a class.
    pub(super) fn root(&mut self, node: &'g Node) -> Vec<Match> {
        let rewrite = self.rewrite;
        let empty = Substitution::new();
        match (&rewrite.pattern, self.ops.op(node)) {
            (Pattern::Sum(parts), Op::Sum) if node.args.len() <= SUMMANDS => self.root_sum(parts, node, &empty),
            (Pattern::Hadamard(parts), Op::Hadamard | Op::ElementPower) if node.args.len() <= FACTORS => {
                self.root_hadamard(parts, node, &empty)
            }
            (Pattern::Product(product), Op::Product | Op::Power) if node.args.len() <= FACTORS => {
                self.root_product(product, node, &empty)
            }
            (Pattern::Sum(_) | Pattern::Hadamard(_) | Pattern::Product(_), _) => Vec::new(),
            (pattern, _) => {
                let mut found = Vec::new();
                self.node(pattern, node, &empty, &mut found);
                let whole = |substitution| Match { substitution, around: Around::Nothing, bridges: Vec::new() };
                found.into_iter().map(whole).collect()
            }
        }
    }

    fn root_sum(&mut self, parts: &[(Small, Pattern)], node: &Node, empty: &Substitution) -> Vec<Match> {
        let summands = self.summands(node);
        let mut found = Vec::new();
        for scale in scales(&parts[0].0, &summands) {
            self.sum(parts, &summands, 0, &scale, empty, &mut |substitution, used| {
                let rest = summands.iter().enumerate().filter(|(at, _)| used & (1 << at) == 0).map(|(at, _)| at);
                found.push((substitution, rest.collect::<Vec<usize>>(), scale));
            });
        }
        let whole = |(substitution, rest, scale): (Substitution, Vec<usize>, Small)| Match {
            substitution,
            around: Around::Sum { rest: rest.into_iter().map(|at| self.best(node.args[at])).collect(), scale },
            bridges: Vec::new(),
        };
        found.into_iter().map(whole).collect()
    }

    fn root_hadamard(&mut self, parts: &[(Pattern, Small)], node: &Node, empty: &Substitution) -> Vec<Match> {
        let Some(factors) = self.entry_factors(node) else { return Vec::new() };
        let found = self.powers(parts, &factors, true, empty);
        let matches = found.into_iter().map(|powers| Match {
            around: Around::Hadamard(self.rest(&factors, &powers.left)),
            substitution: powers.substitution,
            bridges: powers.bridges,
        });
        matches.collect()
    }

    fn root_product(&mut self, product: &ProductPattern, node: &Node, empty: &Substitution) -> Vec<Match> {
        let factors = self.factors(node);
        let mut matches = Vec::new();
        let scalars = self.with_number(product, &factors);
        for powers in self.powers(&product.scalars, &scalars, true, empty) {
            let mut left = self.rest(&scalars, &powers.left);
            if scalars.len() == factors.scalars.len() {
                let number = factors.number / product.number;
                if !number.is_one() {
                    left.insert(0, self.store.number(number.exact()));
                }
            }
            for start in 0..=factors.chain.len().saturating_sub(product.chain.len()) {
                let mut ends = Vec::new();
                self.chain(&product.chain, &factors.chain, start, true, None, &powers.substitution, &mut ends);
                for (substitution, end) in ends {
                    let before = factors.chain[..start].iter().map(|&id| self.best(id));
                    let left = left.iter().copied().chain(before).collect();
                    let right = factors.chain[end..].iter().map(|&id| self.best(id)).collect();
                    let around = Around::Product { left, right };
                    matches.push(Match { substitution, around, bridges: powers.bridges.clone() });
                }
                if product.chain.is_empty() {
                    break;
                }
            }
        }
        matches
    }

    /// All matches of a pattern with a whole class.
    fn class(&mut self, pattern: &Pattern, class: Id, s: &Substitution, out: &mut Vec<Substitution>) {
        let egraph = self.egraph;
        match pattern {
            Pattern::Meta(meta) => {
                let best = self.best(class);
                out.extend(self.bind(*meta, best, s));
            }
            Pattern::Ground(term) => {
                if self.is_in(*term, class) {
                    out.push(s.clone());
                }
            }
            _ => {
                for node in &egraph[class].nodes {
                    self.node(pattern, node, s, out);
                }
            }
        }
    }

    /// All matches of a compound pattern with a whole e-node.
    fn node(&mut self, pattern: &Pattern, node: &'g Node, s: &Substitution, out: &mut Vec<Substitution>) {
        let op = self.ops.op(node);
        match (pattern, op) {
            (Pattern::Leaf(wanted), _) => out.extend(unify_leaf(wanted, op, s)),
            (Pattern::Apply(wanted, args), _) if args.len() == node.args.len() => {
                let Some(start) = unify_op(wanted, op, s) else { return };
                let mut states = vec![start];
                for (arg, &class) in args.iter().zip(&node.args) {
                    let mut next = Vec::new();
                    for state in &states {
                        self.class(arg, class, state, &mut next);
                    }
                    states = next;
                }
                out.extend(states);
            }
            (Pattern::Sum(parts), Op::Sum) if node.args.len() <= FACTORS => {
                let summands = self.summands(node);
                let all = (1u32 << summands.len()) - 1;
                self.sum(parts, &summands, 0, &Small::ONE, s, &mut |substitution, used| {
                    if used == all {
                        out.push(substitution);
                    }
                });
            }
            (Pattern::Hadamard(parts), Op::Hadamard | Op::ElementPower) if node.args.len() <= FACTORS => {
                let Some(factors) = self.entry_factors(node) else { return };
                let found = self.powers(parts, &factors, false, s);
                let whole = |powers: &Powers| powers.left.iter().all(|left| matches!(left, Left::Gone));
                out.extend(found.into_iter().filter(whole).map(|powers| powers.substitution));
            }
            (Pattern::Product(product), Op::Product | Op::Power) if node.args.len() <= FACTORS => {
                self.product(product, node, &Small::ONE, s, out);
            }
            _ => {}
        }
    }

    /// A product with a whole e-node, times a number that stands in front of it.
    fn product(
        &mut self,
        product: &ProductPattern,
        node: &Node,
        extra: &Small,
        s: &Substitution,
        out: &mut Vec<Substitution>,
    ) {
        let factors = self.factors(node);
        let scalars = self.with_number(product, &factors);
        for powers in self.powers(&product.scalars, &scalars, false, s) {
            let mut over = self.rest(&scalars, &powers.left);
            let taken = scalars.len() > factors.scalars.len();
            let number = if taken { *extra } else { *extra * factors.number / product.number };
            if !number.is_one() {
                over.insert(0, self.store.number(number.exact()));
            }
            let absorb = match over.as_slice() {
                [] => None,
                over => Some(Normal::new(self.store).product(over)),
            };
            let mut ends = Vec::new();
            self.chain(&product.chain, &factors.chain, 0, false, absorb, &powers.substitution, &mut ends);
            out.extend(ends.into_iter().map(|(substitution, _)| substitution));
        }
    }

    /// Patterns with consecutive factors from `from`; reports where each match ends.
    #[allow(clippy::too_many_arguments)] // one recursion with its state
    fn chain(
        &mut self,
        patterns: &[Pattern],
        factors: &[Id],
        from: usize,
        root: bool,
        absorb: Option<Term>,
        s: &Substitution,
        out: &mut Vec<(Substitution, usize)>,
    ) {
        let Some((pattern, later)) = patterns.split_first() else {
            if absorb.is_none() && (root || from == factors.len()) {
                out.push((s.clone(), from));
            }
            return;
        };
        if factors.len() < from + patterns.len() {
            return;
        }
        let mut found = Vec::new();
        match pattern {
            Pattern::Meta(meta) if s.terms[*meta].is_none() => {
                let last = !later.iter().any(|later| matches!(later, Pattern::Meta(m) if s.terms[*m].is_none()));
                let scalar = absorb.filter(|_| last);
                let longest = factors.len() - from - later.len();
                let lengths = match (root, later.is_empty()) {
                    (true, _) => 1..=1,
                    (false, true) => longest..=longest,
                    (false, false) if self.rewrite.first => 1..=1,
                    (false, false) => 1..=longest,
                };
                for length in lengths {
                    let run = self.run(&factors[from..from + length], scalar);
                    if let Some(substitution) = self.bind(*meta, run, s) {
                        found.push((substitution, length, absorb.filter(|_| !last)));
                    }
                }
            }
            Pattern::Meta(meta) => {
                let bound = s.terms[*meta].map_or(Vec::new(), |term| self.chain_of(term));
                let fits = factors[from..].len() >= bound.len()
                    && bound.iter().zip(&factors[from..]).all(|(&term, &class)| self.is_in(term, class));
                if fits {
                    found.push((s.clone(), bound.len(), absorb));
                }
            }
            _ => {
                let mut matches = Vec::new();
                self.class(pattern, factors[from], s, &mut matches);
                found.extend(matches.into_iter().map(|substitution| (substitution, 1, absorb)));
            }
        }
        for (substitution, length, absorb) in found {
            self.chain(later, factors, from + length, root, absorb, &substitution, out);
        }
    }

    fn chain_of(&self, term: Term) -> Vec<Term> {
        let is_chain = *self.store.op(term) == Op::Product
            && self.store.args(term).iter().all(|&arg| !self.store.shape(arg).is_scalar());
        if is_chain { self.store.args(term).to_vec() } else { vec![term] }
    }

    fn run(&mut self, run: &[Id], scalar: Option<Term>) -> Term {
        let factors: Vec<Term> = scalar.into_iter().chain(run.iter().map(|&id| self.best(id))).collect();
        if let [single] = factors[..] { single } else { Normal::new(self.store).product(&factors) }
    }

    /// Summand patterns with distinct summands; reports substitutions and the set of summands they use.
    fn sum(
        &mut self,
        parts: &[(Small, Pattern)],
        summands: &[Summand],
        used: u32,
        scale: &Small,
        s: &Substitution,
        report: &mut dyn FnMut(Substitution, u32),
    ) {
        let Some(((number, pattern), later)) = parts.split_first() else { return report(s.clone(), used) };
        let wanted = *scale * *number;
        for (substitution, taken) in self.summand(pattern, &wanted, summands, used, later, s) {
            self.sum(later, summands, used | taken, scale, &substitution, report);
        }
    }

    fn summand(
        &mut self,
        pattern: &Pattern,
        wanted: &Small,
        summands: &[Summand],
        used: u32,
        later: &[(Small, Pattern)],
        s: &Substitution,
    ) -> Vec<(Substitution, u32)> {
        let free: Vec<usize> = (0..summands.len()).filter(|at| used & (1 << at) == 0).collect();
        let mut found = Vec::new();
        match pattern {
            Pattern::Meta(meta) if s.terms[*meta].is_none() => {
                let ways = self.ways(*meta, later);
                for set in subsets(&free, ways) {
                    let term = self.part_of_sum(summands, &set, wanted);
                    let taken = set.iter().fold(0, |mask, at| mask | 1 << at);
                    found.extend(self.bind(*meta, term, s).map(|substitution| (substitution, taken)));
                }
            }
            Pattern::Meta(meta) => {
                let bound = s.terms[*meta].into_iter().collect::<Vec<Term>>();
                let taken = bound.first().and_then(|&term| self.summands_of(term, wanted, summands, used));
                found.extend(taken.map(|taken| (s.clone(), taken)));
            }
            _ => {
                for at in free {
                    let mut matches = Vec::new();
                    let ratio = summands[at].coefficient / *wanted;
                    self.scaled(pattern, &ratio, summands[at].class, s, &mut matches);
                    found.extend(matches.into_iter().map(|substitution| (substitution, 1 << at)));
                }
            }
        }
        found
    }

    /// A compound pattern with `ratio` times a class.
    fn scaled(&mut self, pattern: &Pattern, ratio: &Small, class: Id, s: &Substitution, out: &mut Vec<Substitution>) {
        if ratio.is_one() {
            return self.class(pattern, class, s, out);
        }
        let Pattern::Product(product) = pattern else { return };
        let (egraph, ops) = (self.egraph, self.ops);
        for node in egraph[class].nodes.iter().filter(|node| *ops.op(node) == Op::Product) {
            self.product(product, node, ratio, s, out);
        }
    }

    fn part_of_sum(&mut self, summands: &[Summand], set: &[usize], wanted: &Small) -> Term {
        if let [at] = *set
            && summands[at].coefficient == *wanted
        {
            return summands[at].core;
        }
        if let [at] = *set
            && wanted.is_one()
        {
            return summands[at].whole;
        }
        let mut normal = Normal::new(self.store);
        let terms: Vec<Term> = set
            .iter()
            .map(|&at| normal.scale((summands[at].coefficient / *wanted).exact(), summands[at].core))
            .collect();
        normal.sum(&terms)
    }

    /// The set of summands that make up `wanted · term`.
    fn summands_of(&mut self, term: Term, wanted: &Small, summands: &[Summand], used: u32) -> Option<u32> {
        let single = [term];
        let is_sum = *self.store.op(term) == Op::Sum;
        let parts = if is_sum { self.store.args(term).to_vec() } else { single.to_vec() };
        let mut taken = 0u32;
        for part in parts {
            let (coefficient, core) = split_coefficient(self.store, part);
            let coefficient = coefficient * *wanted;
            let at = (0..summands.len()).find(|at| {
                (used | taken) & (1 << at) == 0
                    && summands[*at].coefficient == coefficient
                    && self.is_in(core, summands[*at].class)
            })?;
            taken |= 1 << at;
        }
        Some(taken)
    }

    fn summands(&mut self, node: &Node) -> Vec<Summand> {
        let mut summands = Vec::with_capacity(node.args.len());
        for &class in &node.args {
            let best = self.best(class);
            let (coefficient, core) = split_coefficient(self.store, best);
            summands.push(match self.ids.get(&core) {
                Some(&id) => Summand { whole: best, coefficient, core, class: self.egraph.find(id) },
                None => Summand { whole: best, coefficient: Small::ONE, core: best, class },
            });
        }
        summands
    }

    /// Powers with the factors of a commutative product.
    fn powers(&mut self, parts: &[(Pattern, Small)], factors: &[Id], root: bool, s: &Substitution) -> Vec<Powers> {
        let left = vec![Left::Whole; factors.len()];
        let mut states = vec![Powers { substitution: s.clone(), left, bridges: Vec::new() }];
        for (at, (pattern, exponent)) in parts.iter().enumerate() {
            let last = at + 1 == parts.len();
            let mut next = Vec::new();
            for state in &states {
                match pattern {
                    Pattern::Meta(meta) => self.power_meta(*meta, exponent, factors, (last, root), state, &mut next),
                    _ => self.power(pattern, exponent, factors, state, &mut next),
                }
            }
            next.truncate(WAYS);
            states = next;
        }
        states
    }

    /// `pattern^exponent` with a part of one factor.
    fn power(&mut self, pattern: &Pattern, exponent: &Small, factors: &[Id], state: &Powers, out: &mut Vec<Powers>) {
        for (at, &factor) in factors.iter().enumerate() {
            for view in self.views(factor, &state.left[at]) {
                let total = view.exponent();
                if total.is_positive() != exponent.is_positive() || total.is_smaller(*exponent) {
                    continue;
                }
                let mut found = Vec::new();
                self.class(pattern, view.base, &state.substitution, &mut found);
                let over = total - *exponent;
                for substitution in found {
                    let mut next = Powers { substitution, ..state.clone() };
                    next.left[at] = if over.is_zero() { Left::Gone } else { Left::Part(view.base, over) };
                    next.bridges.extend(self.bridge(&view));
                    out.push(next);
                }
            }
        }
    }

    fn power_meta(
        &mut self,
        meta: usize,
        exponent: &Small,
        factors: &[Id],
        (last, root): (bool, bool),
        state: &Powers,
        out: &mut Vec<Powers>,
    ) {
        if let Some(bound) = state.substitution.terms[meta] {
            return self.power_bound(bound, exponent, factors, state, out);
        }
        let open: Vec<usize> =
            (0..factors.len()).filter(|&at| self.is_open(factors[at], &state.left[at], exponent)).collect();
        if self.rewrite.metas[meta].number {
            let numbers = open.into_iter().filter(|&at| self.store.as_number(self.best(factors[at])).is_some());
            for at in numbers.collect::<Vec<usize>>() {
                self.take(meta, exponent, factors, &[at], state, out);
            }
            return;
        }
        if !exponent.is_positive() {
            // Everything under the fraction; at the root also each part of it.
            let parts = if root && open.len() > 1 { subsets(&open, Ways::Each) } else { Vec::new() };
            for set in std::iter::once(open.clone()).chain(parts) {
                self.take(meta, exponent, factors, &set, state, out);
            }
            return;
        }
        let ways = match () {
            () if last => Ways::All,
            () if self.rewrite.first && !root => Ways::First,
            () => Ways::Each,
        };
        for set in subsets(&open, ways) {
            self.take(meta, exponent, factors, &set, state, out);
        }
        if open.len() == 1 && !last && exponent.is_one() {
            self.take_half(meta, factors, open[0], state, out);
        }
    }

    /// May a metavariable with this exponent stand for (a part of) the factor?
    fn is_open(&self, factor: Id, left: &Left, exponent: &Small) -> bool {
        match left {
            Left::Gone => false,
            Left::Part(_, over) => over.is_positive() == exponent.is_positive(),
            Left::Whole if exponent.is_positive() => true,
            Left::Whole => !split_power(self.store, self.best(factor)).1.is_positive(),
        }
    }

    /// Binds a metavariable to a set of factors, raised to 1/exponent.
    fn take(
        &mut self,
        meta: usize,
        exponent: &Small,
        factors: &[Id],
        set: &[usize],
        state: &Powers,
        out: &mut Vec<Powers>,
    ) {
        let mut next = state.clone();
        let terms: Vec<Term> = set.iter().filter_map(|&at| self.left(factors[at], &state.left[at])).collect();
        if terms.is_empty() {
            return;
        }
        let reciprocal = self.store.number(exponent.recip().exact());
        let mut normal = Normal::new(self.store);
        let product = if terms.len() == 1 { terms[0] } else { normal.hadamard(&terms) };
        let term = if exponent.is_one() { product } else { normal.element_power(product, reciprocal) };
        for &at in set {
            next.left[at] = Left::Gone;
        }
        if let Some(substitution) = self.bind(meta, term, &state.substitution) {
            next.substitution = substitution;
            out.push(next);
        }
    }

    /// One factor of a square that is the only factor left: `S²` as `S ⊙ S`.
    fn take_half(&mut self, meta: usize, factors: &[Id], at: usize, state: &Powers, out: &mut Vec<Powers>) {
        for view in self.views(factors[at], &state.left[at]) {
            let over = view.exponent() - Small::ONE;
            if !over.is_positive() {
                continue;
            }
            let base = self.best(view.base);
            if let Some(substitution) = self.bind(meta, base, &state.substitution) {
                let mut next = Powers { substitution, ..state.clone() };
                next.left[at] = Left::Part(view.base, over);
                out.push(next);
            }
        }
    }

    /// A bound metavariable: each of its factors must be there.
    fn power_bound(&mut self, bound: Term, exponent: &Small, factors: &[Id], state: &Powers, out: &mut Vec<Powers>) {
        let single = [bound];
        let parts = match self.store.op(bound) {
            Op::Hadamard => self.store.args(bound).to_vec(),
            Op::Product if self.store.shape(bound).is_scalar() => self.store.args(bound).to_vec(),
            _ => single.to_vec(),
        };
        let mut states = vec![state.clone()];
        for part in parts {
            let (base, inner) = split_power(self.store, part);
            let mut next = Vec::new();
            for state in &states {
                self.power(&Pattern::Ground(part), exponent, factors, state, &mut next);
                if !inner.is_one() {
                    self.power(&Pattern::Ground(base), &(inner * *exponent), factors, state, &mut next);
                }
            }
            next.truncate(WAYS);
            states = next;
        }
        out.extend(states);
    }

    /// The ways to read what is left of a factor.
    fn views(&self, factor: Id, left: &Left) -> Vec<View> {
        match left {
            Left::Gone => Vec::new(),
            Left::Part(base, exponent) => vec![View { base: *base, inner: None, outer: *exponent }],
            Left::Whole => {
                let mut views = vec![View { base: factor, inner: None, outer: Small::ONE }];
                for (base, outer) in self.numeric_powers(factor) {
                    let inner = self.numeric_powers(base);
                    views.push(View { base, inner: None, outer });
                    let nested = inner.into_iter();
                    views.extend(nested.map(|(base, inner)| View { base, inner: Some(inner), outer }));
                }
                views
            }
        }
    }

    /// The e-nodes of a class that are powers with a numeric exponent, so many of them.
    fn numeric_powers(&self, class: Id) -> Vec<(Id, Small)> {
        let nodes = self.egraph[class].nodes.iter();
        let powers = nodes.filter(|node| matches!(self.ops.op(node), Op::ElementPower | Op::Power));
        powers.filter_map(|node| self.numeric_power(node)).take(POWERS).collect()
    }

    fn numeric_power(&self, node: &Node) -> Option<(Id, Small)> {
        let base = self.egraph.find(node.args[0]);
        if *self.ops.op(node) == Op::Power && !self.egraph[base].data.shape.is_scalar() {
            return None;
        }
        self.store.as_number(self.best(node.args[1])).and_then(small).map(|exponent| (base, exponent))
    }

    fn bridge(&mut self, view: &View) -> Option<Term> {
        let inner = view.inner?;
        let base = self.best(view.base);
        let op = if self.store.shape(base).is_scalar() { Op::Power } else { Op::ElementPower };
        [inner, view.outer].into_iter().try_fold(base, |term, exponent| {
            let exponent = self.store.number(exponent.exact());
            self.store.raw(op.clone(), &[term, exponent]).ok()
        })
    }

    fn left(&mut self, factor: Id, left: &Left) -> Option<Term> {
        match left {
            Left::Gone => None,
            Left::Whole => Some(self.best(factor)),
            Left::Part(base, exponent) => {
                let exponent = self.store.number(exponent.exact());
                let base = self.best(*base);
                Some(Normal::new(self.store).element_power(base, exponent))
            }
        }
    }

    fn rest(&mut self, factors: &[Id], left: &[Left]) -> Vec<Term> {
        factors.iter().zip(left).filter_map(|(&factor, left)| self.left(factor, left)).collect()
    }

    /// The factors of an entry-by-entry product, or a single power with a numeric exponent.
    fn entry_factors(&self, node: &Node) -> Option<Vec<Id>> {
        if *self.ops.op(node) == Op::Hadamard {
            return Some(node.args.to_vec());
        }
        self.numeric_power(node)?;
        self.egraph.lookup(node.clone()).map(|id| vec![id])
    }

    fn factors(&self, node: &Node) -> Factors {
        let mut factors = Factors { number: Small::ONE, scalars: Vec::new(), chain: Vec::new() };
        if *self.ops.op(node) == Op::Power {
            if self.numeric_power(node).is_some() {
                factors.scalars.extend(self.egraph.lookup(node.clone()));
            }
            return factors;
        }
        for &class in &node.args {
            match self.store.as_number(self.best(class)).and_then(small) {
                Some(value) => factors.number = factors.number * value,
                None if self.egraph[class].data.shape.is_scalar() => factors.scalars.push(class),
                None => factors.chain.push(class),
            }
        }
        factors
    }

    /// The scalar factors; with the number, if the pattern has metavariables for scalars.
    fn with_number(&mut self, product: &ProductPattern, factors: &Factors) -> Vec<Id> {
        let mut scalars = factors.scalars.clone();
        let wanted = product.scalars.iter().any(|(pattern, _)| pattern.is_meta()) && product.number.is_one();
        if wanted && !factors.number.is_one() {
            let number = self.store.number(factors.number.exact());
            scalars.extend(self.ids.get(&number).map(|&id| self.egraph.find(id)));
        }
        scalars
    }

    fn best(&self, class: Id) -> Term {
        self.egraph[class].data.best
    }

    fn is_in(&self, term: Term, class: Id) -> bool {
        self.ids.get(&term).is_some_and(|&id| self.egraph.find(id) == self.egraph.find(class))
    }

    /// The ways in which a metavariable takes summands, before those of `later`.
    fn ways(&self, meta: usize, later: &[(Small, Pattern)]) -> Ways {
        let symmetric = |other: usize| {
            self.rewrite.symmetric.iter().any(|&(a, b)| (a, b) == (meta, other) || (b, a) == (meta, other))
        };
        match later {
            [] => Ways::All,
            _ if self.rewrite.first => Ways::First,
            // Both have one coefficient, or changing places would have changed the pattern.
            [(_, Pattern::Meta(other))] if symmetric(*other) => Ways::EachWithFirst,
            _ => Ways::Each,
        }
    }

    fn bind(&self, meta: usize, term: Term, s: &Substitution) -> Option<Substitution> {
        // The best term of the class, so that equal operands are equal terms.
        let term = self.ids.get(&term).map_or(term, |&id| self.best(id));
        if let Some(bound) = s.terms[meta] {
            return (bound == term).then(|| s.clone());
        }
        self.rewrite.metas[meta].admits(self.store.shape(term)).then(|| {
            let mut next = s.clone();
            next.terms[meta] = Some(term);
            next
        })
    }
}

/// The factors up to which a sum may match: 1, and what makes the first part fit a summand.
fn scales(first: &Small, summands: &[Summand]) -> Vec<Small> {
    let mut scales: Vec<Small> = Vec::new();
    for summand in summands {
        let scale = summand.coefficient / *first;
        if !scales.contains(&scale) {
            scales.push(scale);
        }
    }
    if !scales.iter().any(|scale| scale.is_positive()) || scales.iter().any(|scale| scale.abs() != scales[0].abs()) {
        let one = Small::ONE;
        if !scales.contains(&one) {
            scales.push(one);
        }
    }
    // Of a scale and its negative one is enough; the positive one reads better.
    let positive: Vec<Small> = scales.iter().filter(|scale| scale.is_positive()).cloned().collect();
    scales.retain(|scale| scale.is_positive() || !positive.contains(&scale.abs()) || !first.is_positive());
    scales
}

/// Which sets of operands a metavariable may stand for.
#[derive(Clone, Copy)]
enum Ways {
    /// All that are left: it is the last one.
    All,
    /// The first operand: any one way is enough.
    First,
    /// Each operand by itself, and all but each.
    Each,
    /// Of these, those with the first operand: a metavariable that could change places with this one takes the rest.
    EachWithFirst,
}

fn subsets(free: &[usize], ways: Ways) -> Vec<Vec<usize>> {
    let Some(&first) = free.first() else { return Vec::new() };
    let (singles, many) = match ways {
        Ways::All => return vec![free.to_vec()],
        Ways::First => return vec![vec![first]],
        Ways::Each => (free, free.len() > 2),
        Ways::EachWithFirst => (&free[..1], free.len() > 2),
    };
    let mut sets: Vec<Vec<usize>> = singles.iter().map(|&at| vec![at]).collect();
    let left_out = if singles.len() == 1 { &free[1..] } else { free };
    if many {
        sets.extend(left_out.iter().map(|&out| free.iter().copied().filter(|&at| at != out).collect()));
    }
    sets
}

fn unify_leaf(wanted: &Op, found: &Op, s: &Substitution) -> Option<Substitution> {
    let mut next = s.clone();
    let fits = match (wanted, found) {
        (Op::Dimension(n), Op::Dimension(m)) | (Op::Identity(n), Op::Identity(m)) => next.unify(n, m),
        (Op::Ones(m, n), Op::Ones(rows, cols)) | (Op::Commutation(m, n), Op::Commutation(rows, cols)) => {
            next.unify(m, rows) && next.unify(n, cols)
        }
        (Op::Zero(a), Op::Zero(b)) => next.unify_shape(a, b),
        (Op::Unit(n, i), Op::Unit(m, j)) => i == j && next.unify(n, m),
        (wanted, found) => wanted == found,
    };
    fits.then_some(next)
}

fn unify_op(wanted: &Op, found: &Op, s: &Substitution) -> Option<Substitution> {
    if let (Op::Elementwise { function, order }, Op::Elementwise { function: symbol, order: seen }) = (wanted, found) {
        let base = seen.checked_sub(*order)?;
        let known = s.functions.iter().find(|(known, ..)| known == function);
        if let Some((_, bound, order)) = known {
            return ((bound, *order) == (symbol, base)).then(|| s.clone());
        }
        let mut next = s.clone();
        next.functions.push((*function, *symbol, base));
        return Some(next);
    }
    (wanted == found).then(|| s.clone())
}
