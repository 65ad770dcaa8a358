//! Products of matrices: a number, scalars in any order, and a run of factors.

use super::{Around, Match, Matcher};
use crate::egraph::language::Node;
use crate::egraph::pattern::{Pattern, ProductPattern, Substitution};
use crate::egraph::ratio::{Small, small};
use crate::ir::normal::Normal;
use crate::ir::{Op, Term};
use egg::Id;

/// The factors of an e-node.
struct Factors {
    number: Small,
    scalars: Vec<Id>,
    chain: Vec<Id>,
}

impl<'g> Matcher<'g> {
    pub(super) fn root_product(&mut self, product: &ProductPattern, node: &Node, empty: &Substitution) -> Vec<Match> {
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

    /// A product with a whole e-node, times a number that stands in front of it.
    pub(super) fn product(
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
}
