//! Is this answer right? The question as typed and the answer are evaluated at random points and compared.
//!
//! What is compared is the derivative along random directions: the coefficient of ε of f(X + ε dX), by dual numbers,
//! against the answer contracted with dX. Nothing here differentiates by rules, rewrites, or looks at a derivation.
//!
//! Where the terms are made of field operations, roots and smooth functions, the comparison is first exact, mod
//! 2⁶¹ − 1, where agreement at random points means agreement up to a probability of about degree/2⁶¹. What needs
//! order or functional equations, and every disagreement, is decided in floating point. See [`Check::run`].
//!
//! A check is never vacuous: points where the derivative vanishes, or where a relu has met one sign only, are
//! followed by more points ([`Checked::zero`], [`Checked::one_sided`] tell when that did not help).

mod compare;
mod indices;
mod point;
mod refute;
mod vanishing;

pub use refute::{Counterexample, refute};
pub use vanishing::{Vanishing, vanishing};

use crate::eval::{EvalError, Fp, Number, Plan, Ring, Signs, divides, domain, is_evaluated_alike, needs_signs_only};
use crate::ir::{Claim, Context, Domain, FreeIndices, Rational, Symbol, Term, free_indices};
use point::{Found, Point};
use std::collections::BTreeMap;
use std::fmt;

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// The derivative of `of` by each of `by` in turn, in mixed layout (`[x]`: gradient, Jacobian or vec-Jacobian;
    /// `[x, x]`: Hessian; an entry `θ_k`: an entry question). A variable is a name, a defined name, an entry, or a
    /// transpose of one.
    Derivative {
        /// The term to differentiate, as typed.
        of: Term,
        /// The variables, first derivative first.
        by: Vec<Term>,
        /// The answer is the transpose of what mixed layout says.
        transposed: bool,
    },
    /// The differential of `of` while `variables` vary and everything else stands still; the answer contains `dX`.
    Differential {
        /// The term to differentiate, as typed.
        of: Term,
        /// The names that vary.
        variables: Vec<Symbol>,
    },
    /// The matrix of entrywise derivatives of `of`, which acts on each entry of `by`.
    Entrywise {
        /// The term to differentiate, as typed.
        of: Term,
        /// The variable.
        by: Term,
    },
    /// Is the answer equal to this term? All names vary where differentials occur.
    Equal(Term),
}

/// What the derivative by a symmetric (skew, diagonal, triangular) variable means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Structure {
    /// The gradient lies in the space of such matrices, and is compared along directions of that space.
    #[default]
    Projection,
    /// The structure is ignored while differentiating.
    Free,
    /// For symmetric variables, the table of derivatives by the entries on and below the diagonal.
    Cookbook,
}

/// Everything a check needs.
#[derive(Clone, Debug)]
pub struct Check<'c> {
    /// The names.
    pub context: &'c Context,
    /// The question as typed.
    pub question: Question,
    /// The answer.
    pub answer: Term,
    /// The assumptions that the answer may use, besides declared properties of names.
    pub claims: Vec<Claim>,
    /// The convention for structured variables.
    pub structure: Structure,
    /// The chosen slope of relu at 0: the answer is then also checked at points on kinks.
    pub kink: Option<Rational>,
    /// How many points, attempts at each, and the seed of all randomness.
    pub options: Options,
    /// Branches are taken by random signs.
    random_signs: bool,
}

/// The limits of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The seed: the same seed gives the same points.
    pub seed: u64,
    /// The number of points.
    pub points: u32,
    /// How often a point is drawn again until everything is defined there.
    pub attempts: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options { seed: 0x6772_6164_7573, points: 6, attempts: 48 }
    }
}

/// The arithmetic of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Residues mod 2⁶¹ − 1 and dual numbers over them.
    ExactModP,
    /// The same, where branches are taken by random signs.
    RandomSigns,
    /// Floating point and dual numbers over it.
    Float,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::ExactModP => "exact mod 2^61-1",
            Method::RandomSigns => "exact mod 2^61-1, with random signs",
            Method::Float => "f64 duals",
        })
    }
}

/// An answer that agreed at every point.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The arithmetic.
    pub method: Method,
    /// The number of points.
    pub points: usize,
    /// The sizes that each dimension name had, in increasing order.
    pub sizes: Vec<(String, Vec<usize>)>,
    /// The derivative (or the term) was zero at every point.
    pub zero: bool,
    /// Terms under a relu, abs, max, or case that met one sign only.
    pub one_sided: Vec<Term>,
    /// Points that lie on kinks, where the chosen slope was used.
    pub at_kinks: usize,
}

/// A matrix of numbers to show, column by column.
#[derive(Clone, Debug, PartialEq)]
pub struct Entries {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub cols: usize,
    /// The numbers.
    pub data: Vec<Number>,
}

/// A point where question and answer differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Witness {
    /// The arithmetic.
    pub method: Method,
    /// The size of each dimension name.
    pub sizes: Vec<(String, usize)>,
    /// The value of each name.
    pub values: Vec<(Symbol, Entries)>,
    /// The value of each free index.
    pub indices: Vec<(String, usize)>,
    /// The directions along which the derivative was taken.
    pub directions: Vec<(Symbol, Entries)>,
    /// What the question evaluates to there.
    pub expected: Entries,
    /// What the answer evaluates to there.
    pub found: Entries,
    /// The point lies on a kink.
    pub at_kink: bool,
}

/// Why a check could not decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No point was found where everything is defined; the last attempt failed by this.
    NoPoint(EvalError),
    /// Question and answer cannot be evaluated at all, or not compared: their shapes differ.
    Evaluation(EvalError),
    /// Rounding is as large as the difference at every point.
    IllConditioned,
}

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// They agree.
    Checked(Checked),
    /// They differ at a point.
    Mismatch(Box<Witness>),
    /// Neither could be established.
    Undecidable(Reason),
}

impl Verdict {
    /// The answer was found to be right.
    pub fn is_checked(&self) -> bool {
        matches!(self, Verdict::Checked(_))
    }

    /// Something is divided by 0, or a singular matrix inverted, at every point. Mod p nothing is small, so that it is
    /// 0; floating point would divide by a rounding error.
    fn divides_by_zero(&self) -> bool {
        use EvalError::{DivisionByZero, Singular, Undefined};
        matches!(self, Verdict::Undecidable(Reason::NoPoint(DivisionByZero | Singular | Undefined(_))))
    }
}

impl<'c> Check<'c> {
    /// A check of `answer` with the default conventions, limits and no assumptions.
    pub fn new(context: &'c Context, question: Question, answer: Term) -> Self {
        Check {
            context,
            question,
            answer,
            claims: Vec::new(),
            structure: Structure::default(),
            kink: None,
            options: Options::default(),
            random_signs: false,
        }
    }

    /// Compares question and answer.
    ///
    /// Agreement mod p settles the matter. A disagreement there is final for terms of field operations; otherwise
    /// (a root of the other sign, a functional equation, an order) floating point decides, and gives the witness.
    ///
    /// ```
    /// use gradus::ir::{Context, Op, SymbolKind};
    /// use gradus::shape::Shape;
    /// use gradus::verify::{Check, Question};
    /// let mut context = Context::new();
    /// let x = context.declare("x", Shape::Scalar, SymbolKind::Variable);
    /// let x = context.terms.symbol(x);
    /// let square = context.terms.make(Op::Product, &[x, x]);
    /// let double = context.terms.make(Op::Sum, &[x, x]);
    /// let question = Question::Derivative { of: square, by: vec![x], transposed: false };
    /// assert!(Check::new(&context, question.clone(), double).run().is_checked());
    /// assert!(!Check::new(&context, question, x).run().is_checked());
    /// ```
    pub fn run(&self) -> Verdict {
        let plan = self.prepared();
        // What a variable was defined from stands still: it matters for what a disagreement means, not for trying.
        if domain(self.context, &self.roots(), &self.held()) == Domain::Real || self.kink.is_some() {
            let divides = divides(self.context, &self.roots(), &self.held());
            return match divides.then(|| self.divided_by_zero(&plan)).flatten() {
                Some(error) => Verdict::Undecidable(Reason::NoPoint(error)),
                None => self.decide::<f64>(&plan, Method::Float),
            };
        }
        let exact = self.decide::<Fp>(&plan, Method::ExactModP);
        if exact.is_checked() || (exact.divides_by_zero() && self.is_evaluated_alike()) {
            return exact;
        }
        let float = self.decide::<f64>(&plan, Method::Float);
        let conclusive = domain(self.context, &self.roots(), &[]) == Domain::Field;
        match (&exact, &float) {
            (Verdict::Mismatch(_), Verdict::Checked(_) | Verdict::Undecidable(_)) if conclusive => exact,
            _ => float,
        }
    }

    /// What agrees mod p, also where branches of relu, abs, max are taken by random signs instead of true ones.
    ///
    /// The signs are an odd random function of the number, as exp is a random function with e^(−x) = 1/eˣ: what holds
    /// for all such functions holds for the true sign. Nothing is small beside something else mod p, so that a sum can
    /// be checked and no part of it is lost in rounding. That it does not agree means nothing: positive numbers have
    /// any sign here.
    pub fn agrees_exactly(&self) -> Option<Checked> {
        let held = self.held();
        let is_smooth = domain(self.context, &self.roots(), &held) < Domain::Real;
        if self.kink.is_some() || !needs_signs_only(self.context, &self.roots(), &held) {
            return None;
        }
        let method = if is_smooth { Method::ExactModP } else { Method::RandomSigns };
        let check = Check { random_signs: !is_smooth, ..self.clone() };
        match check.decide::<Fp>(&check.prepared(), method) {
            Verdict::Checked(checked) => Some(checked),
            _ => None,
        }
    }

    fn is_evaluated_alike(&self) -> bool {
        is_evaluated_alike(self.context, &self.roots(), &self.held())
    }

    /// In the question something is divided by 0 at every point, whatever the signs of numbers are. Mod p nothing is
    /// small, so that what is 0 there at every point is 0; floating point would divide by a rounding error.
    fn divided_by_zero(&self, plan: &Prepared<'c>) -> Option<EvalError> {
        use EvalError::{DivisionByZero, Singular, Undefined};
        let (roots, held) = (self.roots(), self.held());
        let random_signs = domain(self.context, &roots, &held) >= Domain::Real;
        if !self.is_evaluated_alike() || (random_signs && !needs_signs_only(self.context, &roots, &held)) {
            return None;
        }
        let check = Check { random_signs, kink: None, ..self.clone() };
        let error = check.nowhere::<Fp>(plan)?;
        matches!(error, DivisionByZero | Singular | Undefined(_)).then_some(error)
    }

    /// Why the question itself has no value, or no derivative, at any point that was tried; `None` if it has one.
    pub fn undefined_question(&self) -> Option<EvalError> {
        use EvalError::{DivisionByZero, Kink, NoRoot, Singular, Undefined};
        if !self.is_evaluated_alike() {
            return None; // that the evaluator stops there says nothing
        }
        let plan = self.prepared();
        if let Some(error) = self.divided_by_zero(&plan) {
            return Some(error);
        }
        let undefined = |error: &EvalError| matches!(error, DivisionByZero | Singular | Undefined(_) | NoRoot | Kink);
        self.nowhere::<f64>(&plan).filter(undefined)
    }

    /// The last reason why the question could not be evaluated, if it never could.
    fn nowhere<R: Ring>(&self, plan: &Prepared<'c>) -> Option<EvalError> {
        let mut last = None;
        for (point, attempt) in (0..self.options.points).flat_map(|p| (0..self.options.attempts).map(move |a| (p, a))) {
            let asked = Point::<R>::draw(self, &plan.plan, u64::from(point), attempt, false)
                .and_then(|mut point| point.asked(&plan.indices));
            match asked {
                Err(error) if error.is_local() => last = Some(error),
                _ => return None,
            }
        }
        last
    }

    fn prepared(&self) -> Prepared<'c> {
        Prepared {
            plan: Plan::new(self.context, &self.roots(), &self.claims),
            indices: free_indices(&self.context.terms, &self.roots()),
        }
    }

    /// The terms that are evaluated.
    fn roots(&self) -> Vec<Term> {
        let mut roots = vec![self.answer];
        match &self.question {
            Question::Derivative { of, by, .. } => {
                roots.push(*of);
                roots.extend(by);
            }
            Question::Entrywise { of, by } => roots.extend([*of, *by]),
            Question::Differential { of, .. } | Question::Equal(of) => roots.push(*of),
        }
        roots
    }

    /// Defined names that the question takes as variables.
    fn held(&self) -> Vec<Symbol> {
        match &self.question {
            Question::Derivative { by, .. } => by.iter().flat_map(|&x| self.context.symbols_in(x)).collect(),
            Question::Entrywise { by, .. } => self.context.symbols_in(*by),
            Question::Differential { variables, .. } => variables.clone(),
            Question::Equal(_) => Vec::new(),
        }
    }

    /// All points in one arithmetic.
    fn decide<R: Ring>(&self, plan: &Prepared<'c>, method: Method) -> Verdict {
        let mut tally = Tally::default();
        let points = self.options.points;
        for point in 0..points.saturating_mul(3) {
            if point >= points && tally.is_telling() {
                break;
            }
            match self.point::<R>(plan, u64::from(point)) {
                Ok(Found::Agree(seen)) => tally.add(seen),
                Ok(Found::Differ(mut witness)) => {
                    witness.method = method;
                    return Verdict::Mismatch(witness);
                }
                Ok(Found::Unclear) => {}
                // Points beyond the first ones are a search for a telling one; they may fail.
                Err(_) if point >= points => {}
                Err(reason) => return Verdict::Undecidable(reason),
            }
        }
        if let Some(witness) = self.kinks::<R>(plan, &mut tally) {
            return Verdict::Mismatch(witness);
        }
        Verdict::Checked(tally.finish(method))
    }

    /// One point, drawn until everything is defined and the comparison is clear.
    fn point<R: Ring>(&self, plan: &Prepared<'c>, point: u64) -> Result<Found, Reason> {
        let mut reason = Reason::NoPoint(EvalError::Unsampleable);
        for attempt in 0..self.options.attempts {
            match Point::<R>::draw(self, &plan.plan, point, attempt, false)
                .and_then(|mut point| point.compare(&plan.indices))
            {
                Ok(Found::Unclear) => reason = Reason::IllConditioned,
                Ok(found) => return Ok(found),
                Err(error) if error.is_local() => reason = Reason::NoPoint(error),
                Err(error) => return Err(Reason::Evaluation(error)),
            }
        }
        Err(reason)
    }

    /// Points on kinks, where a slope was chosen there: a mismatch, if one is found. Points without value are left out.
    fn kinks<R: Ring>(&self, plan: &Prepared<'c>, tally: &mut Tally) -> Option<Box<Witness>> {
        self.kink.as_ref()?;
        for attempt in 0..self.options.points {
            let point = Point::<R>::draw(self, &plan.plan, u64::from(attempt), attempt, true);
            match point.and_then(|mut point| point.compare(&plan.indices)) {
                Ok(Found::Agree(_)) => tally.at_kinks += 1,
                Ok(Found::Differ(mut witness)) => {
                    (witness.method, witness.at_kink) = (Method::Float, true);
                    return Some(witness);
                }
                _ => {}
            }
        }
        None
    }
}

/// What is the same at all points.
struct Prepared<'c> {
    plan: Plan<'c>,
    indices: FreeIndices,
}

/// What one agreeing point showed.
#[derive(Clone, Debug, Default)]
struct Seen {
    sizes: Vec<(String, usize)>,
    nonzero: bool,
    branches: BTreeMap<Term, Signs>,
}

/// What all points showed so far.
#[derive(Clone, Debug, Default)]
struct Tally {
    points: usize,
    sizes: Vec<(String, Vec<usize>)>,
    nonzero: bool,
    branches: BTreeMap<Term, Signs>,
    at_kinks: usize,
}

impl Tally {
    fn add(&mut self, seen: Seen) {
        self.points += 1;
        self.nonzero |= seen.nonzero;
        for (name, size) in seen.sizes {
            match self.sizes.iter_mut().find(|(known, _)| *known == name) {
                Some((_, sizes)) => sizes.push(size),
                None => self.sizes.push((name, vec![size])),
            }
        }
        for (term, signs) in seen.branches {
            let known = self.branches.entry(term).or_default();
            *known = known.or(signs);
        }
    }

    /// Something did not vanish, and both sides of every branch were met: a wrong answer would have been noticed.
    fn is_telling(&self) -> bool {
        self.nonzero && self.branches.values().all(|signs| signs.is_mixed())
    }

    fn finish(mut self, method: Method) -> Checked {
        for (_, sizes) in &mut self.sizes {
            sizes.sort_unstable();
            sizes.dedup();
        }
        let one_sided = self.branches.iter().filter(|(_, signs)| !signs.is_mixed());
        Checked {
            method,
            points: self.points,
            one_sided: one_sided.map(|(&term, _)| term).collect(),
            sizes: self.sizes,
            zero: !self.nonzero,
            at_kinks: self.at_kinks,
        }
    }
}
