//! The rewrites of a rule set, compiled once and used for many runs; and the hypotheses of one run.

use super::kinds::Head;
use super::pattern::{DEPTH, Leaves, METAS, Meta, Pattern, Program, Side, metas};
use super::{Hypothesis, Options, Origin};
use crate::facts::{Condition, Evidence, Facts};
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Context, Op, Property, Store, Symbol, Term};
use crate::rules::{Class, Kink, Rule, RuleCondition, RuleSet};
use crate::trace::Level;
use num_traits::One;

/// The rules of a set as rewrites of classes.
///
/// Compiling costs about as much as a few runs, so it is done once for a rule set.
#[derive(Clone, Debug, Default)]
pub struct Rewrites {
    pub(super) list: Vec<Rewrite>,
    skipped: Vec<String>,
}

/// A pattern and what it is equal to.
#[derive(Clone, Debug)]
pub(super) struct Rewrite {
    pub(super) source: Source,
    pub(super) metas: Vec<Meta>,
    pub(super) pattern: Pattern,
    /// The operators that must occur.
    pub(super) head: Head,
    /// How deep the pattern looks.
    pub(super) depth: usize,
    pub(super) lhs: Side,
    pub(super) rhs: Side,
    conditions: Vec<(Check, Program)>,
    /// Only the first way to split the operands of a sum or product: all give equal differentials.
    pub(super) first: bool,
    kink: Option<Kink>,
    /// Pairs of metavariables that can change places without changing the rule.
    pub(super) symmetric: Vec<(usize, usize)>,
}

/// Where a rewrite comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Rule { name: String, class: Class, reason: String, level: Level },
    Hypothesis(Origin),
}

/// A condition without the term it speaks about.
#[derive(Clone, Copy, Debug)]
enum Check {
    Property(Property),
    Constant,
    Varies,
    AwayFromZero,
    Number,
    Integer,
    Named,
}

impl Rewrites {
    /// Compiles a rule set.
    pub fn compile(rules: &RuleSet) -> Self {
        let mut context = rules.context.clone();
        let mut rewrites = Rewrites::default();
        for rule in rules.rules.iter().filter(|rule| used(rule.class)) {
            let mut directions = vec![(rule.lhs, rule.rhs)];
            if rule.both_ways || matches!(rule.class, Class::Definition) {
                directions.push((rule.rhs, rule.lhs));
            }
            for (lhs, rhs) in directions {
                match Rewrite::new(&mut context, rule, lhs, rhs) {
                    Some(rewrite) => rewrites.list.push(rewrite),
                    None => rewrites.skipped.push(rule.name.clone()),
                }
            }
        }
        rewrites
    }

    /// Rules that cannot be used in one of their directions: that side says nothing to match (a single
    /// metavariable, or two in a sum), lacks a metavariable of the other, or both sides have one normal form.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// May one of the rewrites of these classes match somewhere in a normal term?
    pub(super) fn say_something(&self, classes: &[Class], options: &Options, store: &Store, term: Term) -> bool {
        let parts = store.postorder(term);
        let mut rewrites = self.of(classes, options.kink);
        rewrites.any(|rewrite| {
            !(options.directed && rewrite.is_done_by_collecting()) && rewrite.head.occurs_in(store, &parts)
        })
    }

    /// The rewrites of some classes.
    pub(super) fn of<'a>(&'a self, classes: &'a [Class], kink: Kink) -> impl Iterator<Item = &'a Rewrite> + 'a {
        self.list.iter().filter(move |rewrite| {
            let class = matches!(&rewrite.source, Source::Rule { class, .. } if classes.contains(class));
            class && rewrite.kink.is_none_or(|wanted| wanted == kink)
        })
    }
}

/// Classes that are used in the e-graph at all. `Normal` is what the normal builder does, `Ac` what the n-ary
/// e-nodes and their matching do; the others are directed passes.
fn used(class: Class) -> bool {
    use Class::{Collect, Definition, Differential, Lemma, Recognise, Taste};
    matches!(class, Differential | Collect | Taste | Recognise | Definition | Lemma)
}

impl Rewrite {
    fn new(context: &mut Context, rule: &Rule, lhs: Term, rhs: Term) -> Option<Self> {
        let mut normal = Normal::new(&mut context.terms);
        let (left, right) = (normal.term(lhs), normal.term(rhs));
        let bound = |symbol: &Symbol| context.terms.any(left, |term| context.terms.as_symbol(term) == Some(*symbol));
        let needed = |symbol: &Symbol| context.terms.any(rhs, |term| context.terms.as_symbol(term) == Some(*symbol));
        if left == right || rule.metavariables.iter().any(|symbol| needed(symbol) && !bound(symbol)) {
            return None;
        }
        let pattern = Pattern::new(&mut context.terms, left, &Leaves::Rule(&rule.metavariables));
        let matchable = match &pattern {
            Pattern::Meta(_) | Pattern::Ground(_) => false,
            Pattern::Sum(parts) => parts.iter().any(|(_, part)| !part.is_meta()),
            Pattern::Hadamard(parts) => parts.iter().any(|(part, _)| !part.is_meta()),
            _ => true,
        };
        let symmetric = symmetric(context, rule, left, right);
        let program = |term: Term| Program::new(&context.terms, term, &rule.metavariables);
        let conditions = rule.conditions.iter().map(|condition| {
            let (check, term) = Check::of(condition);
            (check, program(term))
        });
        (matchable && rule.metavariables.len() <= METAS).then(|| Rewrite {
            source: Source::Rule {
                name: rule.name.clone(),
                class: rule.class,
                reason: rule.reason.clone(),
                level: if rule.headline { Level::Headline } else { Level::Full },
            },
            metas: metas(context, rule),
            conditions: conditions.collect(),
            lhs: Side::Instance(program(left)),
            rhs: Side::Instance(program(rhs)),
            head: Head::of(&pattern, context.terms.shape(left).is_scalar()),
            depth: pattern.depth().min(DEPTH),
            pattern,
            first: rule.class == Class::Differential,
            kink: rule.kink,
            symmetric,
        })
    }

    /// A hypothesis, from `lhs` (normal) to `rhs`.
    pub(super) fn ground(store: &mut Store, lhs: Term, rhs: Term, origin: &Origin) -> Self {
        let pattern = Pattern::new(store, lhs, &Leaves::Ground);
        Rewrite {
            source: Source::Hypothesis(origin.clone()),
            metas: Vec::new(),
            head: Head::of(&pattern, store.shape(lhs).is_scalar()),
            depth: pattern.depth().min(DEPTH),
            pattern,
            lhs: Side::Ground(lhs),
            rhs: Side::Ground(rhs),
            conditions: Vec::new(),
            first: false,
            kink: None,
            symmetric: Vec::new(),
        }
    }

    /// Why the conditions hold of an instance; `None` if one is unknown.
    pub(super) fn evidence(
        &self,
        substitution: &super::pattern::Substitution,
        context: &mut Context,
        facts: &Facts,
    ) -> Option<Vec<Evidence>> {
        let mut evidence = Vec::new();
        for (check, program) in &self.conditions {
            let instance = program.run(substitution, &mut context.terms)?;
            let instance = Normal::new(&mut context.terms).term(instance);
            evidence.extend(check.holds(instance, context, facts)?);
        }
        Some(evidence)
    }

    /// Is it to be used only where the result is not much larger? Differentials grow as they are pushed in, and
    /// hypotheses are few.
    pub(super) fn is_gated(&self) -> bool {
        matches!(self.source, Source::Rule { class, .. } if class != Class::Differential)
    }

    /// Not one of several forms to choose from.
    pub(super) fn is_direct(&self) -> bool {
        !matches!(self.source, Source::Rule { class: Class::Taste | Class::Lemma | Class::Definition, .. })
    }

    /// A rule of class `collect` that the directed pass tries in all the ways in which the e-graph does? Sums up to a
    /// common factor and parts of powers are read here only.
    fn is_done_by_collecting(&self) -> bool {
        let is_read_alike = match &self.pattern {
            Pattern::Apply(..) | Pattern::Leaf(_) => true,
            Pattern::Product(product) => product.scalars.is_empty(),
            Pattern::Meta(_) | Pattern::Ground(_) | Pattern::Sum(_) | Pattern::Hadamard(_) => false,
        };
        is_read_alike && matches!(self.source, Source::Rule { class: Class::Collect, .. })
    }

    /// Both sides of a hypothesis.
    pub(super) fn ground_sides(&self) -> Option<(Term, Term)> {
        match (&self.lhs, &self.rhs) {
            (Side::Ground(lhs), Side::Ground(rhs)) => Some((*lhs, *rhs)),
            _ => None,
        }
    }

    /// The name by which steps cite it, if it is a rule.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.source {
            Source::Rule { name, .. } => Some(name),
            Source::Hypothesis(_) => None,
        }
    }
}

/// The pairs of metavariables of one shape that can change places in both sides; a rule with conditions has none.
fn symmetric(context: &mut Context, rule: &Rule, lhs: Term, rhs: Term) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    if !rule.conditions.is_empty() {
        return pairs;
    }
    for (j, &b) in rule.metavariables.iter().enumerate() {
        for (i, &a) in rule.metavariables[..j].iter().enumerate() {
            if context.info(a).shape != context.info(b).shape {
                continue;
            }
            let (a, b) = (context.terms.symbol(a), context.terms.symbol(b));
            let swap = FastMap::from_iter([(a, b), (b, a)]);
            let mut normal = Normal::new(&mut context.terms);
            if normal.substitute(lhs, &swap) == lhs && normal.substitute(rhs, &swap) == rhs {
                pairs.push((i, j));
            }
        }
    }
    pairs
}

impl Check {
    fn of(condition: &RuleCondition) -> (Check, Term) {
        match condition {
            RuleCondition::Property(property, term) => (Check::Property(*property), *term),
            RuleCondition::Constant(term) => (Check::Constant, *term),
            RuleCondition::Varies(term) => (Check::Varies, *term),
            RuleCondition::AwayFromZero(term) => (Check::AwayFromZero, *term),
            RuleCondition::Number(term) => (Check::Number, *term),
            RuleCondition::Integer(term) => (Check::Integer, *term),
            RuleCondition::Named(term) => (Check::Named, *term),
        }
    }

    /// `Some(None)`: it holds and needs no evidence.
    fn holds(self, term: Term, context: &Context, facts: &Facts) -> Option<Option<Evidence>> {
        let condition = match self {
            Check::Property(property) => Condition::Property(property, term),
            Check::Constant => Condition::Constant(term),
            Check::AwayFromZero => Condition::AwayFromZero(term),
            Check::Varies => {
                let store = &context.terms;
                return store.any(term, |part| *store.op(part) == Op::Differential).then_some(None);
            }
            Check::Number => return context.terms.as_number(term).map(|_| None),
            Check::Integer => return context.terms.as_number(term).filter(|value| value.is_integer()).map(|_| None),
            Check::Named => {
                let symbol = context.terms.as_symbol(term)?;
                return context.definition(symbol).map(|_| None);
            }
        };
        facts.holds(context, &condition).map(Some)
    }
}

/// The equations of the hypotheses, each from its compound side to the other: as given, and transposed where
/// that differs. A number in front of the compound side goes to the other one.
pub(super) fn equations(context: &mut Context, hypotheses: &[Hypothesis]) -> Vec<(Term, Term, Origin)> {
    let mut equations = Vec::new();
    for hypothesis in hypotheses {
        let mut normal = Normal::new(&mut context.terms);
        let (lhs, rhs) = (normal.term(hypothesis.lhs), normal.term(hypothesis.rhs));
        let (left, right) = (normal.transpose(lhs), normal.transpose(rhs));
        let mut add = |lhs: Term, rhs: Term| {
            if lhs != rhs && !equations.iter().any(|(a, b, _)| (*a, *b) == (lhs, rhs)) {
                equations.push((lhs, rhs, hypothesis.origin.clone()));
            }
        };
        add(lhs, rhs);
        if !normal.store().shape(lhs).is_scalar() {
            add(left, right);
        }
    }
    for (lhs, rhs, _) in &mut equations {
        if context.terms.shape(*lhs) == context.terms.shape(*rhs) {
            (*lhs, *rhs) = compound_first(context, *lhs, *rhs);
        }
    }
    equations
}

fn compound_first(context: &mut Context, lhs: Term, rhs: Term) -> (Term, Term) {
    let is_leaf = |term: Term| context.terms.args(term).is_empty();
    let (lhs, rhs) = if is_leaf(lhs) && !is_leaf(rhs) { (rhs, lhs) } else { (lhs, rhs) };
    let mut normal = Normal::new(&mut context.terms);
    let (number, core) = normal.split_coefficient(lhs);
    if number.is_one() || normal.store().args(core).is_empty() {
        return (lhs, rhs);
    }
    (core, normal.scale(number.recip(), rhs))
}
