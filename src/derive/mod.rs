//! Strategies: from a question to a closed form, by rules of the table, with every step logged.
//!
//! - [`differential`] pushes `d(·)` through one term by the rules of class `differential` (`products`: through a long
//!   product, with names for its parts);
//! - [`adjoint`] answers gradients of a scalar in one reverse pass over the definitions, for several variables at once;
//! - [`forward`] answers everything else (Jacobians, derivatives by a scalar, entrywise derivatives) by composing
//!   differentials and reading the derivative off;
//! - [`solve`] solves an equation that is linear in its unknown;
//! - [`finish`] gives a term its best form: assumptions used, factors collected, names of the user put back (`fold`).
//!
//! Definitions are the cut points: no strategy looks through a name without saying so in a step. What cannot be
//! derived is a [`Refusal`], never a guess. Layouts are applied at the very end by the caller.

pub mod adjoint;
pub mod branches;
pub mod differential;
pub mod finish;
mod fold;
pub mod forward;
pub mod implicit;
mod indices;
mod linear;
mod nameable;
mod products;
pub mod solve;
pub mod structure;
mod sums;

use crate::egraph;
use crate::egraph::Rewrites;
use crate::facts::{Condition, Evidence, Facts, Later};
use crate::ir::hash::{FastMap, FastSet};
use crate::ir::{Context, Op, Symbol, Term};
use crate::rules::{Application, Class, Kink, RuleSet};
use crate::trace::{Derivation, Inference, Justification, Level, Step};
use nameable::Nameable;
use std::sync::{Arc, OnceLock};

/// Why there is no derivation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No rule differentiates this term.
    NoRule(Term),
    /// A rule would, but nothing is known about one of its conditions.
    Unmet {
        /// The differential that is stuck.
        term: Term,
        /// The conditions that nothing settles.
        conditions: Vec<Condition>,
    },
    /// The differential could not be brought into a form from which the derivative is read off.
    NotReadable(Term),
    /// The variable moves on a curved set, and no convention says what its gradient means.
    NeedsConvention(Symbol, crate::ir::Property),
    /// The question has more free indices than a matrix, and no other form was found.
    NotYet(String),
}

/// The rule table, and what the e-graph makes of it; compiled once.
#[derive(Debug)]
pub struct Engine {
    /// The rules.
    pub rules: RuleSet,
    /// The rules as the e-graph uses them.
    pub rewrites: Rewrites,
}

impl Engine {
    /// An engine for these rules.
    pub fn new(rules: RuleSet) -> Self {
        let rewrites = Rewrites::compile(&rules);
        Engine { rules, rewrites }
    }

    /// The engine of the standard rules, made when it is first asked for.
    pub fn standard() -> &'static Arc<Engine> {
        static STANDARD: OnceLock<Arc<Engine>> = OnceLock::new();
        STANDARD.get_or_init(|| Arc::new(Engine::new(RuleSet::standard().clone())))
    }
}

/// What a derivation works with: the context, the rules, and the facts of the question.
pub struct Deriver<'a> {
    /// Names and terms; new names of intermediate results are declared here, hidden from input.
    pub context: &'a mut Context,
    /// The rule table.
    pub engine: &'a Engine,
    /// What is known, and by which variables is differentiated.
    pub facts: Facts,
    /// The choice at kinks.
    pub kink: Kink,
    /// The steps so far.
    pub derivation: Derivation,
    /// The conditions that rules used, with why they hold.
    pub evidence: Vec<Evidence>,
    /// Conditions that would have allowed a simpler answer.
    pub would_help: Vec<Condition>,
    /// The facts once all differentials are taken: those about the variables count, too.
    after: Facts,
    nameable: Nameable,
    active: FastMap<Term, bool>,
    /// Terms in which the rules of a class find nothing.
    settled: FastMap<Class, FastSet<Term>>,
    /// What the e-graph made of a term, recognising functions or not, under hypotheses: the same sum is met again when it is shown as a step.
    forms: FastMap<(Term, bool), (Vec<egraph::Hypothesis>, egraph::Simplified)>,
    /// Names of the reverse pass that no answer shows, with what they stand for.
    hidden: FastMap<Term, Term>,
    /// Names that long products introduced for parts of them, with their bodies, in order of introduction.
    partial_products: Vec<(Symbol, Term)>,
    /// The scalar of a reverse pass, for the steps to name.
    root: Option<Term>,
}

impl<'a> Deriver<'a> {
    /// A derivation that differentiates by `variables`; `typed` are the terms of the question, whose
    /// being defined is presupposed.
    pub fn new(context: &'a mut Context, engine: &'a Engine, kink: Kink, variables: &[Symbol], typed: &[Term]) -> Self {
        let facts = Facts::new(context, variables, typed);
        let after = facts.after_differentiating();
        let nameable = Nameable::new(context, variables);
        Deriver {
            context,
            engine,
            facts,
            kink,
            derivation: Derivation::default(),
            evidence: Vec::new(),
            would_help: Vec::new(),
            after,
            nameable,
            active: FastMap::default(),
            settled: FastMap::default(),
            forms: FastMap::default(),
            hidden: FastMap::default(),
            partial_products: Vec::new(),
            root: None,
        }
    }

    /// The same derivation, of an answer that will be differentiated by `later`.
    pub fn before_differentiating_by(mut self, later: &Later) -> Self {
        self.facts = self.facts.before_differentiating_by(later);
        self.after = self.facts.after_differentiating();
        self
    }

    /// Works towards a result that is differentiated by `later` before facts about these names are used: in the
    /// gradient, X⁻¹ of a symmetric X may stand for X⁻ᵀ, and these have other differentials.
    fn then_differentiated_by<T>(&mut self, later: &Later, work: impl FnOnce(&mut Self) -> T) -> T {
        let held = self.facts.before_differentiating_by(later).after_differentiating();
        let after = std::mem::replace(&mut self.after, held);
        self.forget_forms();
        let result = work(self);
        self.after = after;
        self.forget_forms();
        result
    }

    /// Forgets what was found under other facts.
    fn forget_forms(&mut self) {
        self.settled.clear();
        self.forms.clear();
    }

    /// Does the value of `term` depend on a variable of the question, through definitions and declared dependence?
    ///
    /// A variable of the question hides what it is defined as.
    pub fn is_active(&mut self, term: Term) -> bool {
        let mut stack = vec![term];
        while let Some(&top) = stack.last() {
            if self.active.contains_key(&top) {
                stack.pop();
                continue;
            }
            let below = self.dependencies(top);
            let open: Vec<Term> = below.iter().copied().filter(|t| !self.active.contains_key(t)).collect();
            if open.is_empty() {
                let is_variable =
                    self.context.terms.as_symbol(top).is_some_and(|symbol| self.facts.variables.contains(&symbol));
                let active = is_variable || below.iter().any(|t| self.active[t]);
                self.active.insert(top, active);
                stack.pop();
            } else {
                stack.extend(open);
            }
        }
        self.active[&term]
    }

    /// The terms whose value the value of `term` directly depends on.
    fn dependencies(&mut self, term: Term) -> Vec<Term> {
        let Some(symbol) = self.context.terms.as_symbol(term) else {
            return self.context.terms.args(term).to_vec();
        };
        if self.facts.variables.contains(&symbol) {
            return Vec::new();
        }
        let mut below: Vec<Term> =
            self.context.definition(symbol).map(|definition| definition.normal).into_iter().collect();
        for variable in self.context.info(symbol).depends_on.clone() {
            below.push(self.context.terms.symbol(variable));
        }
        below
    }

    /// Logs the application of a rule as a step of its own.
    fn log(&mut self, application: Application) {
        let mut step = application.into_step(&self.engine.rules);
        step.level = step.level.max(Level::Full);
        self.keep_evidence(&step);
        self.push(step);
    }

    /// The first rule of a class that fires at the root.
    fn apply_class(&mut self, class: Class, term: Term) -> Option<Application> {
        self.engine.rules.apply_class(class, self.kink, self.context, &self.facts, term)
    }

    /// Adds a step. Putting a name back right after a headline step goes with it.
    fn push(&mut self, mut step: Step) {
        if let (Justification::Inference(Inference::Fold(_)), Some(last)) = (&step.by, self.derivation.steps.last())
            && last.level == Level::Headline
            && last.after == step.before
        {
            step.level = Level::Headline;
        }
        self.derivation.push(step);
    }

    /// The differential of a term, not yet pushed inwards.
    fn d(&mut self, term: Term) -> Term {
        self.context.terms.make(Op::Differential, &[term])
    }
}
