//! Sums: patterns with summands, up to a common factor.

use super::ways::{Set, Ways, subsets};
use super::{Around, Match, Matcher};
use crate::egraph::language::Node;
use crate::egraph::pattern::{Pattern, Substitution, split_coefficient};
use crate::egraph::ratio::Small;
use crate::ir::normal::Normal;
use crate::ir::{Op, Term, Terms};
use egg::Id;
use smallvec::SmallVec;

/// A summand taken apart.
#[derive(Clone)]
pub(super) struct Summand {
    /// The summand as it stands there.
    pub(super) whole: Term,
    pub(super) coefficient: Small,
    pub(super) core: Term,
    pub(super) class: Id,
}

impl<'g> Matcher<'g> {
    pub(super) fn root_sum(&mut self, parts: &[(Small, Pattern)], node: &Node, empty: &Substitution) -> Vec<Match> {
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

    /// Summand patterns with distinct summands; reports substitutions and the set of summands they use.
    pub(super) fn sum(
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
        let free: Set = (0..summands.len()).filter(|at| used & (1 << at) == 0).collect();
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
                    self.multiple_of_leaf(pattern, &ratio, summands[at].class, s, &mut matches);
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

    /// a·𝟏 with a number of times 𝟏, which is no product.
    fn multiple_of_leaf(
        &mut self,
        pattern: &Pattern,
        ratio: &Small,
        class: Id,
        s: &Substitution,
        out: &mut Vec<Substitution>,
    ) {
        let Pattern::Product(product) = pattern else { return };
        let Some((meta, leaf)) = product.multiple_of_leaf() else { return };
        let number = self.store.number((*ratio / product.number).exact());
        if let Some(bound) = self.bind(meta, number, s) {
            self.class(leaf, class, &bound, out);
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
        let parts = if is_sum { self.store.operands(term) } else { Terms::from_slice(&single) };
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

    pub(super) fn summands(&mut self, node: &Node) -> Vec<Summand> {
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
}

/// The factors up to which a sum may match: 1, and what makes the first part fit a summand.
fn scales(first: &Small, summands: &[Summand]) -> SmallVec<[Small; 4]> {
    let mut scales: SmallVec<[Small; 4]> = SmallVec::new();
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
    let positive: SmallVec<[Small; 4]> = scales.iter().filter(|scale| scale.is_positive()).copied().collect();
    scales.retain(|scale| scale.is_positive() || !positive.contains(&scale.abs()) || !first.is_positive());
    scales
}
