//! The e-graph: which form of a term to show, how a differential is pushed in, and whether two forms are equal.
//!
//! The only user of egg. egg keeps classes of equal terms closed under congruence and explains its merges; ours are
//! the terms (n-ary and normal, see `graph`), matching, limits, extraction and steps. Runs are small: one named
//! definition at a time, definitions being the cut points; expansion, accumulation across definitions and
//! identification are directed passes elsewhere.
//!
//! - [`simplify`] finds the best form of a term under hypotheses, folding back to defined names;
//! - [`differentiate`] pushes d(·) through one definition;
//! - [`equal`] tries to rewrite one term into another.
//!
//! Invariants: an answer depends on the terms, rules, hypotheses and limits only (not on the history of the store, on
//! hash orders, or on whether steps were asked for); unknown conditions never fire; every stop has a name; shapes of
//! merged classes agree, or the run ends. What may be assumed while d(·) of a variable is in the e-graph must hold
//! for all values of that variable, because congruence differentiates equations: that is the caller's duty.
//!
//! ```
//! use gradus::egraph::{Hypothesis, Options, Origin, Rewrites, simplify};
//! use gradus::facts::Facts;
//! use gradus::ir::{Context, Function, Op, SymbolKind, normal::Normal};
//! use gradus::rules::RuleSet;
//! use gradus::shape::Shape;
//! // sum(y) ŷ − y, given sum(y) = 1
//! let mut context = Context::new();
//! let c = context.dim("C");
//! let y = context.declare("y", Shape::vector(c.clone()), SymbolKind::Variable);
//! let yhat = context.declare("ŷ", Shape::vector(c), SymbolKind::Variable);
//! let (y, yhat) = (context.terms.symbol(y), context.terms.symbol(yhat));
//! let mut normal = Normal::new(&mut context.terms);
//! let sum = normal.call(Function::SumAll, y);
//! let product = normal.product(&[sum, yhat]);
//! let term = normal.subtract(product, y);
//! let expected = normal.subtract(yhat, y);
//! let one = context.terms.integer(1);
//! let given = Hypothesis { lhs: sum, rhs: one, origin: Origin::Lemma("given".to_owned()) };
//! let rewrites = Rewrites::compile(&RuleSet::default());
//! let facts = Facts::new(&mut context, &[], &[]);
//! let best = simplify(&mut context, &rewrites, &facts, term, &[given], &Options::default());
//! assert_eq!(best.term, expected);
//! assert_eq!(best.steps.len(), 1);
//! ```

mod cost;
mod explain;
mod graph;
mod kinds;
mod language;
mod matching;
mod pattern;
mod ratio;
mod rewrites;
mod run;

pub use rewrites::Rewrites;

use crate::facts::Facts;
use crate::ir::normal::Normal;
use crate::ir::{AssumptionId, Context, Symbol, Term};
use crate::rules::{Class, Kink};
use crate::trace::{Inference, Level, Statement, Step, words};
use run::{Goal, Run, relevant, says_something};

/// An equation that holds, with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hypothesis {
    /// One side; of a definition the name.
    pub lhs: Term,
    /// The other side.
    pub rhs: Term,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a hypothesis comes from; steps cite it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A name and its definition; folding back to the name is a step.
    Definition(Symbol),
    /// An assumption of the user.
    Assumption(AssumptionId),
    /// Something proved before, by this name.
    Lemma(String),
}

impl Hypothesis {
    /// The equation `name = body` of a definition; `None` if the symbol is not a definition.
    pub fn definition(context: &mut Context, symbol: Symbol) -> Option<Self> {
        let rhs = context.definition(symbol)?.normal;
        let lhs = context.terms.symbol(symbol);
        Some(Hypothesis { lhs, rhs, origin: Origin::Definition(symbol) })
    }
}

/// Limits of a run; all of them count, none looks at a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// E-nodes, checked after every application (the last one may add a few more).
    pub nodes: usize,
    /// Iterations.
    pub iterations: usize,
    /// Applications of rules.
    pub matches: usize,
    /// A rule is used only where its result costs at most this much more than the best form known (`None`: always).
    pub growth: Option<u64>,
    /// Iterations without a better form than the one known before, once all rules take part.
    pub patience: usize,
    /// Terms of more distinct parts than this are left as they are.
    pub parts: usize,
    /// Steps are explained one by one in e-graphs of up to this many e-nodes.
    pub explained: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            nodes: 2_000,
            iterations: 20,
            matches: 2_000,
            growth: Some(6),
            patience: 4,
            parts: 1_000,
            explained: 2_000,
        }
    }
}

/// What a run should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The limits.
    pub limits: Limits,
    /// Which rules hold at kinks.
    pub kink: Kink,
    /// Are steps wanted? The answer does not depend on it.
    pub steps: bool,
    /// May functions be called by their usual names (rules of class `recognise`)?
    pub recognise: bool,
    /// Does the caller do by itself what needs no search? The rules of class `collect` have nothing more to say about
    /// the term as it is, and whole bodies of definitions will become their names.
    pub directed: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { limits: Limits::default(), kink: Kink::default(), steps: true, recognise: false, directed: false }
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// There was nothing to do: the term is a name or a constant.
    Minimal,
    /// The rules say nothing more.
    Saturated,
    /// The two terms are equal.
    Found,
    /// Too many e-nodes.
    NodeLimit,
    /// Too many iterations.
    IterationLimit,
    /// Too many applications.
    MatchLimit,
    /// No better form for too many iterations.
    Patience,
    /// The term has too many parts for an e-graph.
    SizeLimit,
    /// The rules say nothing more about what was looked at, but some products could be read in more ways than are
    /// followed.
    ReadingLimit,
    /// Two terms of different shapes, or two different numbers, came out equal: a hypothesis or a rule is wrong.
    Contradiction,
}

impl Stop {
    /// The reason as it is shown.
    pub fn name(self) -> &'static str {
        match self {
            Stop::Minimal => "nothing to do",
            Stop::Saturated => "saturated",
            Stop::Found => "found",
            Stop::NodeLimit => "node limit",
            Stop::IterationLimit => "iteration limit",
            Stop::MatchLimit => "match limit",
            Stop::Patience => "no better form",
            Stop::SizeLimit => "size limit",
            Stop::ReadingLimit => "reading limit",
            Stop::Contradiction => "contradiction",
        }
    }
}

/// The best form of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simplified {
    /// The form, a normal term; after a contradiction the term as it was given.
    pub term: Term,
    /// The steps that lead to it (none if they were not asked for). Where egg's explanation was too large or did not
    /// replay, one step that names all rules: every equation in the e-graph was checked when it was made.
    pub steps: Vec<Step>,
    /// Why the run ended.
    pub stop: Stop,
    /// How many e-nodes there were.
    pub nodes: usize,
    /// How many iterations.
    pub iterations: usize,
    /// Nothing in it is forbidden: no differential of a compound, no entry-wise form.
    pub complete: bool,
}

/// Whether two terms were found equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are, by these steps.
    Proved {
        /// From the first term to the second.
        steps: Vec<Step>,
    },
    /// Not found; they may still be equal.
    NotFound {
        /// Why the search ended.
        stop: Stop,
    },
}

const FINISHING: &[Class] = &[Class::Collect, Class::Taste];
const RECOGNISING: &[Class] = &[Class::Collect, Class::Taste, Class::Recognise];
const DIFFERENTIAL: &[Class] = &[Class::Differential];
const PROVING: &[Class] = &[Class::Collect, Class::Taste, Class::Definition, Class::Lemma];

/// The best form of `term` (normal) by the rules of classes `collect` and `taste`, under `hypotheses`.
///
/// Definitions among the hypotheses are folded back to, never unfolded: give every name that may appear.
pub fn simplify(
    context: &mut Context,
    rewrites: &Rewrites,
    facts: &Facts,
    term: Term,
    hypotheses: &[Hypothesis],
    options: &Options,
) -> Simplified {
    let hypotheses = relevant(context, &[term], hypotheses);
    let classes = if options.recognise { RECOGNISING } else { FINISHING };
    best(context, (rewrites, classes), facts, term, &hypotheses, options)
}

/// Pushes the differentials in `term` inwards by the rules of class `differential`, until they stand before names.
///
/// `hypotheses` must hold for all values of the variables of `facts`.
pub fn differentiate(
    context: &mut Context,
    rewrites: &Rewrites,
    facts: &Facts,
    term: Term,
    hypotheses: &[Hypothesis],
    options: &Options,
) -> Simplified {
    best(context, (rewrites, DIFFERENTIAL), facts, term, hypotheses, options)
}

/// Can `a` be rewritten into `b` by rules and `hypotheses`?
pub fn equal(
    context: &mut Context,
    rewrites: &Rewrites,
    facts: &Facts,
    (a, b): (Term, Term),
    hypotheses: &[Hypothesis],
    options: &Options,
) -> Verdict {
    let mut normal = Normal::new(&mut context.terms);
    let (a, b) = (normal.term(a), normal.term(b));
    if a == b {
        return Verdict::Proved { steps: Vec::new() };
    }
    let (stop, mut run) =
        saturated(context, (rewrites, PROVING), facts, &[a, b], hypotheses, options, Goal::Equal(a, b));
    if stop == Stop::Contradiction || !run.graph.equal(a, b) {
        return Verdict::NotFound { stop };
    }
    Verdict::Proved { steps: steps(&mut run, a, b, options) }
}

/// Every class of the e-graph that [`simplify`] builds for `terms`, each as the terms of its e-nodes; a test
/// evaluates them, and requires one value for each class. All hypotheses are used.
pub fn classes(
    context: &mut Context,
    rewrites: &Rewrites,
    facts: &Facts,
    terms: &[Term],
    hypotheses: &[Hypothesis],
    options: &Options,
) -> (Stop, Vec<Vec<Term>>) {
    let (stop, mut run) = saturated(context, (rewrites, PROVING), facts, terms, hypotheses, options, Goal::Everything);
    (stop, run.graph.classes())
}

fn saturated<'a>(
    context: &'a mut Context,
    (rewrites, classes): (&'a Rewrites, &'a [Class]),
    facts: &'a Facts,
    terms: &[Term],
    hypotheses: &[Hypothesis],
    options: &Options,
    goal: Goal,
) -> (Stop, Run<'a>) {
    let mut run = Run::new(context, facts, rewrites.of(classes, options.kink), options.limits, options.steps);
    for &term in terms {
        run.graph.add_normal(term);
    }
    run.assume(hypotheses);
    (run.saturate(goal), run)
}

fn best(
    context: &mut Context,
    rewrites: (&Rewrites, &[Class]),
    facts: &Facts,
    term: Term,
    hypotheses: &[Hypothesis],
    options: &Options,
) -> Simplified {
    let term = Normal::new(&mut context.terms).term(term);
    if context.terms.args(term).is_empty() {
        return Simplified { term, steps: Vec::new(), stop: Stop::Minimal, nodes: 1, iterations: 0, complete: true };
    }
    if !rewrites.0.say_something(rewrites.1, options, &context.terms, term)
        && !hypotheses.iter().any(|hypothesis| says_something(context, hypothesis, options.directed, term))
    {
        // No e-graph is needed to see that nothing matches anywhere.
        return untouched(context, term, Stop::Saturated);
    }
    if context.terms.postorder(term).len() > options.limits.parts {
        return untouched(context, term, Stop::SizeLimit);
    }
    let (stop, mut run) = saturated(context, rewrites, facts, &[term], hypotheses, options, Goal::Best(term));
    let best = if stop == Stop::Contradiction { term } else { run.graph.best(term) };
    let steps = steps(&mut run, term, best, options);
    let (nodes, iterations) = (run.graph.size(), run.iterations);
    let complete = run.graph.costs.of(run.graph.context, best) < cost::FORBIDDEN;
    Simplified { term: best, steps, stop, nodes, iterations, complete }
}

/// The term as it is: no e-graph was made.
fn untouched(context: &Context, term: Term, stop: Stop) -> Simplified {
    let complete = cost::Costs::default().of(context, term) < cost::FORBIDDEN;
    Simplified { term, steps: Vec::new(), stop, nodes: 0, iterations: 0, complete }
}

/// The steps from one term of a class to another.
fn steps(run: &mut Run<'_>, start: Term, end: Term, options: &Options) -> Vec<Step> {
    if start == end || !options.steps {
        return Vec::new();
    }
    let explained = if run.graph.size() <= options.limits.explained { run.steps(start, end) } else { None };
    explained.unwrap_or_else(|| {
        let by = Inference::Together(run.rule_names());
        let (before, after) = (Statement::Term(start), Statement::Term(end));
        vec![Step::inference(by, before, after, words("by these rules together"), Level::Full)]
    })
}
