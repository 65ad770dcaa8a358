//! Applying rules: conditions with their evidence, the result of an application, and whole classes of rules.

use super::matching::{Rest, Search};
use super::pattern::{Bindings, instantiate};
use super::replay::is_told;
use super::{Class, Direction, Kink, Rule, RuleCondition, RuleId, RuleSet};
use crate::facts::{Condition, Defined, Evidence, Facts};
use crate::ir::normal::Normal;
use crate::ir::{Context, Op, Rational, Symbol, Term};
use crate::trace::{Justification, Level, Statement, Step, words};

/// What one application of a rule did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// The rule.
    pub rule: RuleId,
    /// From left to right, or back.
    pub direction: Direction,
    /// The normal term that was rewritten.
    pub before: Term,
    /// The normal term it became.
    pub after: Term,
    /// What each metavariable stands for; an undefined function is shown by the application it was matched with.
    pub substitution: Vec<(String, Term)>,
    /// Why each condition holds.
    pub evidence: Vec<Evidence>,
    /// What the normal builder did with the right side.
    pub normalisations: Vec<&'static str>,
}

impl Application {
    /// The application as a step of a derivation in which `before` became `after` by a change at `place`.
    pub fn step(self, rules: &RuleSet, place: Vec<usize>, before: Term, after: Term) -> Step {
        let rule = rules.rule(self.rule);
        Step {
            by: Justification::Rule(rule.name.clone()),
            place,
            before: Statement::Term(before),
            after: Statement::Term(after),
            substitution: self.substitution,
            evidence: self.evidence,
            because: words(rule.reason.clone()),
            level: rule.level(),
        }
    }

    /// As [`Application::step`], for a change of the whole term.
    pub fn into_step(self, rules: &RuleSet) -> Step {
        let (before, after) = (self.before, self.after);
        self.step(rules, Vec::new(), before, after)
    }
}

impl Rule {
    /// How much detail a step by this rule is.
    pub fn level(&self) -> Level {
        match self.class {
            _ if self.headline => Level::Headline,
            Class::Ac | Class::Normal => Level::Bookkeeping,
            _ => Level::Full,
        }
    }

    /// Must this metavariable be constant, a number, or vary: does it stand for every factor that is?
    pub(super) fn takes_all(&self, patterns: &Context, symbol: Symbol) -> bool {
        use RuleCondition::{Constant, Integer, Number, Varies};
        self.conditions.iter().any(|condition| {
            matches!(condition, Constant(_) | Varies(_) | Number(_) | Integer(_))
                && patterns.terms.as_symbol(condition.term()) == Some(symbol)
        })
    }
}

impl RuleCondition {
    /// The pattern it speaks about.
    pub fn term(&self) -> Term {
        match self {
            RuleCondition::Property(_, term)
            | RuleCondition::Constant(term)
            | RuleCondition::Varies(term)
            | RuleCondition::AwayFromZero(term)
            | RuleCondition::Number(term)
            | RuleCondition::Integer(term)
            | RuleCondition::Named(term) => *term,
        }
    }

    /// The same condition about another pattern.
    pub(super) fn about(&self, term: Term) -> Self {
        match self {
            RuleCondition::Property(property, _) => RuleCondition::Property(*property, term),
            RuleCondition::Constant(_) => RuleCondition::Constant(term),
            RuleCondition::Varies(_) => RuleCondition::Varies(term),
            RuleCondition::AwayFromZero(_) => RuleCondition::AwayFromZero(term),
            RuleCondition::Number(_) => RuleCondition::Number(term),
            RuleCondition::Integer(_) => RuleCondition::Integer(term),
            RuleCondition::Named(_) => RuleCondition::Named(term),
        }
    }

    /// The condition for an instance of its pattern; `None` if it is about the form of the instance only.
    pub fn of_instance(&self, instance: Term) -> Option<Condition> {
        match self {
            RuleCondition::Property(property, _) => Some(Condition::Property(*property, instance)),
            RuleCondition::Constant(_) => Some(Condition::Constant(instance)),
            RuleCondition::AwayFromZero(_) => Some(Condition::AwayFromZero(instance)),
            RuleCondition::Varies(_)
            | RuleCondition::Number(_)
            | RuleCondition::Integer(_)
            | RuleCondition::Named(_) => None,
        }
    }

    /// Does it hold of an instance of its pattern? `Some(None)` if it does and needs no evidence.
    pub(super) fn check(
        &self,
        instance: Term,
        context: &Context,
        facts: &Facts,
        defined: &Defined,
    ) -> Option<Option<Evidence>> {
        if let Some(condition) = self.of_instance(instance) {
            return facts.holds_where(context, &condition, defined).map(Some);
        }
        let holds = match self {
            RuleCondition::Varies(_) => facts.varies(context, instance),
            RuleCondition::Number(_) => context.terms.as_number(instance).is_some(),
            RuleCondition::Integer(_) => context.terms.as_number(instance).is_some_and(Rational::is_integer),
            _ => match context.terms.op(instance) {
                Op::Symbol(symbol) => context.definition(*symbol).is_some(),
                _ => false,
            },
        };
        holds.then_some(None)
    }
}

/// A match whose conditions hold, and what it gives.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) after: Term,
    pub(super) substitution: Vec<(String, Term)>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) normalisations: Vec<&'static str>,
}

impl Found {
    /// Checks shapes and conditions of complete bindings, and builds the right side within `rest`.
    pub(super) fn new(
        (patterns, rule): (&Context, &Rule),
        to: Term,
        bindings: &Bindings,
        rest: &Rest,
        context: &mut Context,
        (facts, defined): (&Facts, &Defined),
    ) -> Option<Self> {
        let fits = rule.metavariables.iter().zip(&bindings.terms).all(|(symbol, term)| {
            term.is_none_or(|term| bindings.fits(&patterns.info(*symbol).shape, context.terms.shape(term)))
        });
        if !fits {
            return None;
        }
        let mut evidence = Vec::new();
        for condition in &rule.conditions {
            let (instance, _) = instantiate(patterns, rule, condition.term(), bindings, context)?;
            evidence.extend(condition.check(instance, context, facts, defined)?);
        }
        let (inner, mut normalisations) = instantiate(patterns, rule, to, bindings, context)?;
        let mut normal = Normal::new(&mut context.terms);
        let after = rest.around(&mut normal, inner);
        for &name in normal.fired() {
            if !normalisations.contains(&name) {
                normalisations.push(name);
            }
        }
        Some(Found { after, substitution: substitution(patterns, rule, bindings, context), evidence, normalisations })
    }
}

fn substitution(patterns: &Context, rule: &Rule, bindings: &Bindings, context: &mut Context) -> Vec<(String, Term)> {
    let terms = rule.metavariables.iter().zip(&bindings.terms);
    let terms = terms.filter_map(|(symbol, term)| Some((patterns.name(*symbol).to_owned(), (*term)?)));
    let functions = bindings.functions.iter();
    let functions = functions.map(|(symbol, binding)| (patterns.name(*symbol).to_owned(), binding.seen));
    let mut all: Vec<(String, Term)> = terms.chain(functions).collect();
    for (name, dim) in bindings.dims.iter().filter(|(name, _)| !is_told(patterns, rule, name)) {
        all.push((name.name.to_string(), context.terms.make(Op::Dimension(dim.clone()), &[])));
    }
    all
}

impl RuleSet {
    /// Applies a rule from left to right at the root of a normal term.
    pub fn apply(&self, rule: RuleId, context: &mut Context, facts: &Facts, term: Term) -> Option<Application> {
        self.apply_towards(rule, Direction::Forward, context, facts, term)
    }

    /// Applies a rule in a direction at the root of a normal term; backward only if the rule says so (`<=>`).
    pub fn apply_towards(
        &self,
        id: RuleId,
        direction: Direction,
        context: &mut Context,
        facts: &Facts,
        term: Term,
    ) -> Option<Application> {
        let rule = self.rule(id);
        let (from, to) = self.sides(id, direction)?;
        let found = Search::new((&self.context, rule), (from, to), context, facts, term).run()?;
        Some(Application {
            rule: id,
            direction,
            before: term,
            after: found.after,
            substitution: found.substitution,
            evidence: found.evidence,
            normalisations: found.normalisations,
        })
    }

    /// The first rule of a class, in order of files and lines, that fires at the root; left to right.
    pub fn apply_class(
        &self,
        class: Class,
        kink: Kink,
        context: &mut Context,
        facts: &Facts,
        term: Term,
    ) -> Option<Application> {
        self.candidates(class, &context.terms, term)
            .iter()
            .filter(|&&id| self.rule(id).kink.is_none_or(|wanted| wanted == kink))
            .find_map(|&id| self.apply(id, context, facts, term))
    }
}
