//! The differential of one term: `d(·)` pushed inwards by the rules of class `differential` until it stands
//! before names only.

use super::{Deriver, Refusal};
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Op, Symbol, Term};
use crate::rules::Class;
use crate::trace::{Inference, Level, Piece, Statement, Step, words};

impl Deriver<'_> {
    /// The differential of `term` in terms of differentials of names; zero if it is constant.
    ///
    /// # Errors
    /// No rule fits a sub-term that depends on a variable: an unknown operator is never constant.
    pub fn differential(&mut self, term: Term) -> Result<Term, Refusal> {
        let mut done: FastMap<Term, Term> = FastMap::default();
        let mut begun: FastMap<Term, Term> = FastMap::default();
        let mut stack = vec![term];
        while let Some(&top) = stack.last() {
            if done.contains_key(&top) {
                stack.pop();
                continue;
            }
            let pushed = match begun.get(&top) {
                Some(&pushed) => pushed,
                None => self.push_inwards(top)?,
            };
            begun.insert(top, pushed);
            let open: Vec<Term> =
                self.compound_differentials(pushed).into_iter().filter(|t| !done.contains_key(t)).collect();
            if open.is_empty() {
                let value = self.replace_differentials(pushed, &done);
                done.insert(top, value);
                stack.pop();
            } else {
                stack.extend(open);
            }
        }
        Ok(done[&term])
    }

    /// One rule applied to `d(term)`: the result has differentials of the parts of `term`.
    fn push_inwards(&mut self, term: Term) -> Result<Term, Refusal> {
        let d = self.d(term);
        if !self.is_active(term) {
            return Ok(self.context.terms.zero(self.context.terms.shape(term).clone()));
        }
        match self.context.terms.op(term) {
            Op::Symbol(_) => Ok(d),
            Op::Sum => Ok(self.differential_of_sum(term)),
            Op::IndexSum { .. } => Ok(self.differential_of_index_sum(term)),
            Op::Entry(indices) => {
                let indices = indices.clone();
                Ok(self.differential_of_entry(term, &indices))
            }
            Op::Partial if self.undefined(term).is_some() => self.differential_of_undefined(term),
            _ => {
                if let Some(after) = self.differential_of_long_product(term) {
                    return Ok(after);
                }
                let application = self.apply_class(Class::Differential, d).ok_or_else(|| self.refusal(term, d))?;
                let after = application.after;
                self.log(application);
                Ok(after)
            }
        }
    }

    /// The name f of ∂f/∂x, ∂²f/∂x∂y, …, if f was declared to be a function of these and has no definition.
    pub(super) fn undefined(&self, partial: Term) -> Option<Symbol> {
        let (mut body, mut by) = (partial, Vec::new());
        while let (Op::Partial, &[f, x]) = (self.context.terms.op(body), self.context.terms.args(body)) {
            by.push(self.context.terms.as_symbol(x)?);
            body = f;
        }
        let symbol = self.context.terms.as_symbol(body)?;
        let declared = &self.context.info(symbol).depends_on;
        (self.context.definition(symbol).is_none() && by.iter().all(|x| declared.contains(x))).then_some(symbol)
    }

    /// A matrix meets something that is no scalar in d(∂f/∂x): no product of matrices says it, only vec does, and it
    /// stays until then.
    pub(super) fn is_by_matrix(&mut self, partial: Term, symbol: Symbol) -> bool {
        let of = self.context.terms.shape(partial).clone();
        let variables = self.context.info(symbol).depends_on.clone();
        variables.into_iter().any(|variable| {
            let x = self.context.terms.symbol(variable);
            let by = self.context.info(variable).shape.clone();
            let said_by_product = of.is_scalar() || by.is_scalar() || (of.is_vector() && by.is_vector());
            !said_by_product && self.is_active(x)
        })
    }

    /// The terms ∂f/∂x of undefined functions whose differential was left as it is.
    pub(super) fn undefined_differentials(&self, differential: Term) -> Vec<Term> {
        let terms = &self.context.terms;
        let all = terms.postorder(differential).into_iter().filter(|&t| *terms.op(t) == Op::Differential);
        all.map(|t| terms.args(t)[0]).filter(|&of| *terms.op(of) == Op::Partial).collect()
    }

    /// d(∂f/∂x) = (∂²f/∂x²) dx.
    fn differential_of_undefined(&mut self, term: Term) -> Result<Term, Refusal> {
        let symbol = self.undefined(term).ok_or(Refusal::NoRule(term))?;
        if self.is_by_matrix(term, symbol) {
            return Ok(self.d(term));
        }
        let (before, after) = (self.d(term), self.differential_by_dependence(term, symbol)?);
        let f = self.context.terms.symbol(symbol);
        let because = vec![Piece::Text("chain rule for ".into()), Piece::Math(f)];
        let (before, after_statement) = (Statement::Term(before), Statement::Term(after));
        self.push(Step::inference(Inference::ChainRule(symbol), before, after_statement, because, Level::Full));
        Ok(after)
    }

    /// dA = (∂A/∂α) dα for a name that was declared as a function of others, or a derivative of one.
    pub(super) fn differential_by_dependence(&mut self, f: Term, symbol: Symbol) -> Result<Term, Refusal> {
        let mut summands = Vec::new();
        for variable in self.context.info(symbol).depends_on.clone() {
            let x = self.context.terms.symbol(variable);
            if !self.is_active(x) {
                continue;
            }
            let partial = self.context.terms.make(Op::Partial, &[f, x]);
            let dx = self.d(x);
            let (f_shape, x_shape) = (self.context.terms.shape(f), self.context.terms.shape(x));
            let is_matrix = !f_shape.is_vector() || !x_shape.is_vector();
            let summand = if x_shape.is_scalar() {
                Normal::new(&mut self.context.terms).product(&[partial, dx])
            } else if f_shape.is_scalar() {
                self.context.terms.make(Op::Inner, &[partial, dx])
            } else if is_matrix {
                return Err(Refusal::NoRule(f));
            } else {
                Normal::new(&mut self.context.terms).product(&[partial, dx])
            };
            summands.push(summand);
        }
        if summands.is_empty() {
            return Err(Refusal::NoRule(f));
        }
        Ok(Normal::new(&mut self.context.terms).sum(&summands))
    }

    /// Why no rule differentiates `term`: there is none, or a condition is unmet.
    fn refusal(&mut self, term: Term, d: Term) -> Refusal {
        let conditions =
            self.engine.rules.would_help(Class::Differential, self.kink, self.context, &self.facts, d, None);
        if conditions.is_empty() { Refusal::NoRule(term) } else { Refusal::Unmet { term, conditions } }
    }

    /// The differential is linear: all summands in one step, so that a long sum costs what it is long.
    fn differential_of_sum(&mut self, term: Term) -> Term {
        let before = self.d(term);
        let terms = self.context.terms.args(term).to_vec();
        let differentials: Vec<Term> = terms
            .into_iter()
            .filter(|&t| self.is_active(t))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|t| self.d(t))
            .collect();
        let after = Normal::new(&mut self.context.terms).sum(&differentials);
        let mut step = Step::inference(
            Inference::Together(vec!["d-sum".into()]),
            Statement::Term(before),
            Statement::Term(after),
            words("the differential is linear"),
            Level::Full,
        );
        if let Some(rule) = self.engine.rules.named("d-sum") {
            step.because = words(self.engine.rules.rule(rule).reason.clone());
        }
        self.push(step);
        after
    }

    /// The terms under a `d(·)` in `term` that are not names which vary.
    fn compound_differentials(&mut self, term: Term) -> Vec<Term> {
        let mut compound = Vec::new();
        for t in self.context.terms.postorder(term) {
            if *self.context.terms.op(t) == Op::Differential {
                let inner = self.context.terms.args(t)[0];
                let name = self.context.terms.as_symbol(inner).is_some();
                let undefined = self.undefined(inner).filter(|_| *self.context.terms.op(inner) == Op::Partial);
                let stays = name || undefined.is_some_and(|symbol| self.is_by_matrix(inner, symbol));
                if !stays || !self.is_active(inner) {
                    compound.push(inner);
                }
            }
        }
        compound
    }

    /// `term` with each `d(t)` replaced by what is known for `t`.
    pub(super) fn replace_differentials(&mut self, term: Term, values: &FastMap<Term, Term>) -> Term {
        let mut replace = FastMap::default();
        for t in self.context.terms.postorder(term) {
            if *self.context.terms.op(t) == Op::Differential
                && let Some(&value) = values.get(&self.context.terms.args(t)[0])
            {
                replace.insert(t, value);
            }
        }
        if replace.is_empty() {
            return term;
        }
        Normal::new(&mut self.context.terms).substitute(term, &replace)
    }
}
