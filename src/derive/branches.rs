//! A term in cases: functions that are defined by cases (step, sgn, |·|) are replaced by their value in each case.
//!
//! Which function is what in which case is said by the rules of class `definition` whose right side is in cases;
//! here the cases of one common subject are told apart: it is positive, negative, or (if that is not excluded) zero.

use super::Deriver;
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Comparison, Guard, Op, Term};
use crate::rules::{Class, Kink};

/// How the subject compares with zero in one branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Positive,
    Zero,
    Negative,
}

impl Sign {
    fn satisfies(self, comparison: Comparison) -> bool {
        match comparison {
            Comparison::Positive => self == Sign::Positive,
            Comparison::Negative => self == Sign::Negative,
            Comparison::Zero => self == Sign::Zero,
            Comparison::NonNegative => self != Sign::Negative,
            Comparison::NonPositive => self != Sign::Positive,
        }
    }
}

impl Deriver<'_> {
    /// The term in cases by the sign of its one subject, or `None` if there is no subject or more than one.
    pub fn in_cases(&mut self, term: Term) -> Option<Term> {
        let branching = self.branching(term);
        let subjects: Vec<Term> = branching.iter().map(|(_, cases)| self.subject(*cases)).collect::<Option<_>>()?;
        let subject = *subjects.first()?;
        if subjects.iter().any(|&other| other != subject) {
            return None;
        }
        let mut branches = vec![(Sign::Positive, self.branch(term, &branching, Sign::Positive)?)];
        if self.kink != Kink::Excluded {
            branches.push((Sign::Zero, self.branch(term, &branching, Sign::Zero)?));
        }
        branches.push((Sign::Negative, self.branch(term, &branching, Sign::Negative)?));
        Some(self.cases(subject, &branches))
    }

    /// The sub-terms that a definition by cases replaces, with what it replaces them by.
    fn branching(&mut self, term: Term) -> Vec<(Term, Term)> {
        let mut found = Vec::new();
        for t in self.context.terms.postorder(term) {
            let Some(application) = self.apply_class(Class::Definition, t) else { continue };
            if matches!(self.context.terms.op(application.after), Op::Cases(_)) {
                found.push((t, application.after));
            }
        }
        found
    }

    /// The one term that the guards of a definition by cases compare with zero.
    fn subject(&self, cases: Term) -> Option<Term> {
        let Op::Cases(guards) = self.context.terms.op(cases) else { return None };
        let subjects = &self.context.terms.args(cases)[guards.len()..];
        let first = *subjects.first()?;
        subjects.iter().all(|&subject| subject == first).then_some(first)
    }

    /// The term when the subject has this sign.
    fn branch(&mut self, term: Term, branching: &[(Term, Term)], sign: Sign) -> Option<Term> {
        let mut replace = FastMap::default();
        for &(t, cases) in branching {
            replace.insert(t, self.value_at(cases, sign)?);
        }
        Some(Normal::new(&mut self.context.terms).substitute(term, &replace))
    }

    fn value_at(&self, cases: Term, sign: Sign) -> Option<Term> {
        let Op::Cases(guards) = self.context.terms.op(cases) else { return None };
        let holds = |guard: &Guard| match guard {
            Guard::Subject(comparison) => sign.satisfies(*comparison),
            Guard::Otherwise => true,
            _ => false,
        };
        guards.iter().position(holds).map(|at| self.context.terms.args(cases)[at])
    }

    /// Branches of one value are merged: zero goes with its neighbour.
    fn cases(&mut self, subject: Term, branches: &[(Sign, Term)]) -> Term {
        let value = |sign: Sign| branches.iter().find(|(s, _)| *s == sign).map(|(_, value)| *value);
        let (positive, zero, negative) = (value(Sign::Positive), value(Sign::Zero), value(Sign::Negative));
        let mut guards = Vec::new();
        let mut values = Vec::new();
        let joined_up = zero.is_some() && zero == positive;
        let joined_down = zero.is_some() && zero == negative && !joined_up;
        let mut add = |comparison: Comparison, value: Option<Term>| {
            if let Some(value) = value {
                guards.push(Guard::Subject(comparison));
                values.push(value);
            }
        };
        add(if joined_up { Comparison::NonNegative } else { Comparison::Positive }, positive);
        if !joined_up && !joined_down {
            add(Comparison::Zero, zero);
        }
        add(if joined_down { Comparison::NonPositive } else { Comparison::Negative }, negative);
        let subjects = vec![subject; guards.len()];
        values.extend(subjects);
        self.context.terms.make(Op::Cases(guards), &values)
    }
}
