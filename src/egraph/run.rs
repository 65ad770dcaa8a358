//! Saturation: search all rewrites, apply all matches, restore the normal forms; until nothing new is found.
//!
//! This is egg's simple schedule (every rewrite, every iteration) without its runner, which looks at a clock and
//! checks its node limit between rewrites only: measured, a limit of 20,000 e-nodes let 97,000 through. Here every
//! application is counted. Matches carry more than egg's substitutions do (operands around the match, parts of
//! powers), so they are ours too; congruence, merging and explanations are egg's.

use super::graph::Graph;
use super::matching::{Around, Match, Matcher};
use super::pattern::{Substitution, unified};
use super::ratio::Small;
use super::rewrites::{Rewrite, equations};
use super::{Hypothesis, Limits, Origin, Stop};
use crate::facts::{Evidence, Facts};
use crate::ir::hash::{FastMap, FastSet};
use crate::ir::{Context, Kinds, Op, Store, Symbol, Term};
use smallvec::SmallVec;
use std::cell::Cell;
use std::collections::BTreeSet;

/// One equation that a rewrite put into the e-graph: `before = after`, both as they are written.
#[derive(Clone, Debug)]
pub(super) struct Application {
    pub(super) rewrite: usize,
    pub(super) substitution: Substitution,
    pub(super) around: Around,
    pub(super) before: Term,
    pub(super) after: Term,
}

/// Which rewrites take part. What hypotheses and one-way rules do is done first: the steps are those a reader
/// expects, and other forms are sought for the smaller term only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Hypotheses and rules of one direction.
    Direct,
    /// All, and the others for the first time: they have not seen any class yet.
    Opening,
    /// All.
    Open,
}

/// What a run is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// All that the rules say.
    Everything,
    /// The best form of a term.
    Best(Term),
    /// Whether two terms are equal.
    Equal(Term, Term),
}

/// A run in progress.
pub(super) struct Run<'a> {
    pub(super) graph: Graph<'a>,
    /// The rules that take part.
    rules: Vec<&'a Rewrite>,
    /// The hypotheses as rewrites, numbered after the rules.
    hypotheses: Vec<Rewrite>,
    pub(super) applications: Vec<Application>,
    pub(super) iterations: usize,
    /// Some products had more readings than the matcher follows.
    cut: Cell<bool>,
    seen: FastSet<(usize, Term, Term)>,
    stage: Stage,
    /// Applications that did not fire, with the version of the graph they were tried in.
    refused: FastMap<(usize, Term, Term), u64>,
    matches: usize,
    limits: Limits,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        context: &'a mut Context,
        facts: &'a Facts,
        rewrites: impl Iterator<Item = &'a Rewrite>,
        limits: Limits,
        explanations: bool,
    ) -> Self {
        Run {
            graph: Graph::new(context, facts, explanations),
            rules: rewrites.collect(),
            hypotheses: Vec::new(),
            applications: Vec::new(),
            iterations: 0,
            cut: Cell::new(false),
            seen: FastSet::default(),
            stage: Stage::Direct,
            refused: FastMap::default(),
            matches: 0,
            limits,
        }
    }

    /// Puts hypotheses into the e-graph, as equations and as rewrites of some operands of sums and products.
    pub(super) fn assume(&mut self, hypotheses: &[Hypothesis]) {
        for (lhs, rhs, origin) in equations(self.graph.context, hypotheses) {
            self.graph.add_normal(lhs);
            self.graph.add_normal(rhs);
            let rewrite = Rewrite::ground(&mut self.graph.context.terms, lhs, rhs, &origin);
            let (substitution, around) = (Substitution::new(), Around::Nothing);
            self.hypotheses.push(rewrite);
            let rewrite = self.rules.len() + self.hypotheses.len() - 1;
            self.record(Application { rewrite, substitution, around, before: lhs, after: rhs });
        }
    }

    /// Runs until nothing new is found, a limit is reached, or two terms that should be equal are.
    pub(super) fn saturate(&mut self, goal: Goal) -> Stop {
        if !self.graph.refresh(self.limits.nodes) {
            return Stop::Contradiction;
        }
        let (mut best, mut since) = (None, 0);
        while self.iterations < self.limits.iterations {
            match goal {
                Goal::Equal(a, b) if self.graph.equal(a, b) => return Stop::Found,
                Goal::Best(term) if self.stage == Stage::Open => {
                    let known = best.replace(self.graph.best(term));
                    since = if known == best { since + 1 } else { 0 };
                    if since >= self.limits.patience {
                        return Stop::Patience;
                    }
                }
                _ => {}
            }
            self.iterations += 1;
            let known = self.applications.len();
            let mut stop = None;
            for (rewrite, class, found) in self.search() {
                stop = self.apply(rewrite, class, found).err();
                if stop.is_some() {
                    break;
                }
            }
            if !self.graph.refresh(self.limits.nodes) {
                return Stop::Contradiction;
            }
            if let Some(stop) = stop.or_else(|| self.over_limit()) {
                return stop;
            }
            if self.applications.len() == known && self.stage != Stage::Direct {
                return if self.cut.get() { Stop::ReadingLimit } else { Stop::Saturated };
            }
            self.stage = match self.stage {
                Stage::Direct if self.applications.len() > known => Stage::Direct,
                Stage::Direct => Stage::Opening,
                Stage::Opening | Stage::Open => Stage::Open,
            };
        }
        Stop::IterationLimit
    }

    fn over_limit(&self) -> Option<Stop> {
        if self.graph.size() >= self.limits.nodes {
            return Some(Stop::NodeLimit);
        }
        (self.matches >= self.limits.matches).then_some(Stop::MatchLimit)
    }

    /// All matches in the classes near which something changed since the last search.
    fn search(&mut self) -> Vec<(usize, Term, Match)> {
        let kinds = self.graph.kinds();
        let changed = self.graph.changed();
        let Graph { context, egraph, ops, ids, .. } = &mut self.graph;
        let far = usize::MAX;
        let candidates = egraph.classes().map(|class| {
            let nodes = class.nodes.iter().map(|node| {
                let args: SmallVec<[Kinds; 4]> = node.args.iter().map(|arg| kinds[arg]).collect();
                (node, args)
            });
            let distance = *changed.get(&class.id).unwrap_or(&far);
            let kinds = (class.data.shape.is_scalar(), kinds[&class.id]);
            (class.data.best, nodes.collect::<SmallVec<[_; 2]>>(), kinds, distance)
        });
        let candidates: Vec<_> = candidates.collect();
        let all = candidates.iter().fold(0, |all, (_, _, (_, kinds), _)| all | kinds);
        let stage = self.stage;
        let takes_part =
            |rewrite: &Rewrite| rewrite.head.below & !all == 0 && (stage != Stage::Direct || rewrite.is_direct());
        let mut found = Vec::new();
        let rewrites = self.rules.iter().copied().chain(&self.hypotheses).enumerate();
        for (at, rewrite) in rewrites.filter(|(_, rewrite)| takes_part(rewrite)) {
            let new = stage == Stage::Opening && !rewrite.is_direct();
            let mut matcher = Matcher { store: &mut context.terms, egraph, ops, ids, rewrite, cut: &self.cut };
            for &(class, ref nodes, (is_scalar, kinds), distance) in &candidates {
                if (new || distance <= rewrite.depth) && rewrite.head.admits_class(is_scalar, kinds) {
                    for (node, _) in nodes.iter().filter(|(node, args)| rewrite.head.admits(ops.op(node), args)) {
                        found.extend(matcher.root(node).into_iter().map(|found| (at, class, found)));
                    }
                }
            }
        }
        found
    }

    /// Applies a match in the class of a term, if its conditions hold; the error is the limit that was reached.
    fn apply(&mut self, at: usize, class: Term, found: Match) -> Result<(), Stop> {
        let Match { substitution, around, bridges } = found;
        let Some((before, after)) = self.instance(at, &substitution, &around) else { return Ok(()) };
        let key = (at, before, after);
        if self.seen.contains(&key) || self.refused.get(&key) == Some(&self.graph.version) {
            return Ok(());
        }
        let improved = self.graph.improved(after);
        if self.grows(at, class, improved) || self.evidence(at, &substitution).is_none() {
            // To be tried again when better terms were found.
            self.refused.insert(key, self.graph.version);
            return Ok(());
        }
        self.seen.insert(key);
        if self.graph.equal(class, improved) {
            return Ok(());
        }
        self.matches += 1;
        for term in bridges.into_iter().chain([before, after]) {
            self.graph.add(term);
        }
        if self.graph.normal_form(before) != self.graph.normal_form(after) {
            self.record(Application { rewrite: at, substitution, around, before, after });
        }
        self.over_limit().map_or(Ok(()), Err)
    }

    /// Would the rule make a form that costs much more than the best one known? Such forms are not explored:
    /// expansion and a relation such as `S = 1 − e^{−Y} ⊙ S` would make endless polynomials.
    fn grows(&mut self, at: usize, class: Term, after: Term) -> bool {
        let Some(growth) = self.limits.growth.filter(|_| self.rewrite(at).is_gated()) else { return false };
        let best = self.graph.best(class);
        let (costs, context) = (&mut self.graph.costs, &*self.graph.context);
        costs.of(context, after) > costs.of(context, best).saturating_add(growth)
    }

    fn record(&mut self, application: Application) {
        let reason = self.applications.len().to_string();
        self.graph.merge(application.before, application.after, reason);
        self.applications.push(application);
    }

    /// Both sides of an instance of a rewrite within the operands around it, as they are written.
    pub(super) fn instance(&mut self, at: usize, s: &Substitution, around: &Around) -> Option<(Term, Term)> {
        let store = &mut self.graph.context.terms;
        let rewrite = rewrite(&self.rules, &self.hypotheses, at);
        let s = &unified(&rewrite.metas, s, store)?;
        let (lhs, rhs) = (rewrite.lhs.build(s, store)?, rewrite.rhs.build(s, store)?);
        Some((around.wrap(store, lhs)?, around.wrap(store, rhs)?))
    }

    /// A rewrite by its number.
    pub(super) fn rewrite(&self, at: usize) -> &Rewrite {
        rewrite(&self.rules, &self.hypotheses, at)
    }

    /// Why the conditions of a rewrite hold.
    pub(super) fn evidence(&mut self, at: usize, s: &Substitution) -> Option<Vec<Evidence>> {
        let rewrite = rewrite(&self.rules, &self.hypotheses, at);
        let s = unified(&rewrite.metas, s, &self.graph.context.terms)?;
        rewrite.evidence(&s, self.graph.context, self.graph.facts)
    }

    /// The names of all rules that were applied, each once.
    pub(super) fn rule_names(&self) -> Vec<String> {
        let names = self.applications.iter().filter_map(|application| self.rewrite(application.rewrite).name());
        names.map(str::to_owned).collect::<BTreeSet<String>>().into_iter().collect()
    }
}

fn rewrite<'r>(rules: &[&'r Rewrite], hypotheses: &'r [Rewrite], at: usize) -> &'r Rewrite {
    rules.get(at).copied().unwrap_or_else(|| &hypotheses[at - rules.len()])
}

impl Around {
    /// The term with `inner` in the place of the match, as it is written but with products and sums flat.
    fn wrap(&self, store: &mut Store, inner: Term) -> Option<Term> {
        match self {
            Around::Nothing => Some(inner),
            Around::Sum { rest, scale } => {
                let scaled = scaled(store, scale, inner)?;
                join(store, Op::Sum, rest, scaled, &[])
            }
            Around::Hadamard(rest) => join(store, Op::Hadamard, rest, inner, &[]),
            Around::Product { left, right } => join(store, Op::Product, left, inner, right),
        }
    }
}

fn scaled(store: &mut Store, scale: &Small, term: Term) -> Option<Term> {
    if scale.is_one() {
        return Some(term);
    }
    let number = store.number(scale.exact());
    join(store, Op::Product, &[number], term, &[])
}

fn join(store: &mut Store, op: Op, left: &[Term], inner: Term, right: &[Term]) -> Option<Term> {
    if left.is_empty() && right.is_empty() {
        return Some(inner);
    }
    let single = [inner];
    let middle = if *store.op(inner) == op { store.args(inner) } else { &single };
    let operands: Vec<Term> = left.iter().chain(middle).chain(right).copied().collect();
    store.raw(op, &operands).ok()
}

/// The hypotheses that can say something about terms in the symbols of `terms`. A definition is used to fold, so the
/// symbols of its body must be there; of an assumption, those of one side.
pub(super) fn relevant(context: &Context, terms: &[Term], hypotheses: &[Hypothesis]) -> Vec<Hypothesis> {
    let mut known: BTreeSet<Symbol> = terms.iter().flat_map(|&term| context.symbols_in(term)).collect();
    let mut open: Vec<(&Hypothesis, Vec<Symbol>, Vec<Symbol>)> = hypotheses
        .iter()
        .map(|hypothesis| (hypothesis, context.symbols_in(hypothesis.lhs), context.symbols_in(hypothesis.rhs)))
        .collect();
    let mut chosen = vec![false; hypotheses.len()];
    loop {
        let before = known.len();
        for (at, (hypothesis, lhs, rhs)) in open.iter_mut().enumerate() {
            let within = |side: &[Symbol]| !side.is_empty() && side.iter().all(|symbol| known.contains(symbol));
            let is_name = |term: Term| context.terms.as_symbol(term).is_some();
            let definition = matches!(hypothesis.origin, Origin::Definition(_));
            let left = within(lhs) && !(definition && is_name(hypothesis.lhs) && !is_name(hypothesis.rhs));
            let right = within(rhs) && !(definition && is_name(hypothesis.rhs) && !is_name(hypothesis.lhs));
            if !chosen[at] && (left || right) {
                chosen[at] = true;
                known.extend(lhs.iter().chain(rhs.iter()));
            }
        }
        if known.len() == before {
            break;
        }
    }
    hypotheses.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(hypothesis, _)| hypothesis.clone()).collect()
}

/// Can a hypothesis say something about a term as it is, beyond what the caller sees: the whole body of a definition?
/// One side of it occurs there, or all of its operands do.
pub(super) fn says_something(context: &mut Context, hypothesis: &Hypothesis, directed: bool, term: Term) -> bool {
    let parts = context.terms.postorder(term);
    let equations = equations(context, std::slice::from_ref(hypothesis));
    let is_definition = matches!(hypothesis.origin, Origin::Definition(_));
    let is_whole = |side: Term| !context.terms.args(side).is_empty() && parts.contains(&side);
    if directed && is_definition && equations.iter().any(|&(lhs, rhs, _)| is_whole(lhs) || is_whole(rhs)) {
        return false;
    }
    equations.into_iter().any(|(lhs, rhs, origin)| {
        let pattern = Rewrite::ground(&mut context.terms, lhs, rhs, &origin).pattern;
        let occurs = |part: Term| parts.contains(&part) || context.terms.as_number(part).is_some();
        parts.contains(&rhs) || pattern.grounds().into_iter().all(occurs)
    })
}
