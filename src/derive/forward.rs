//! Forward derivatives: the differential of a term in terms of one variable, and what is read off it.
//!
//! dF is pushed through the definition of F, then through the definitions it names, latest first, until only dX is
//! left. Then the derivative is read off: by a scalar t, the factor of dt; of entries by the same entries, the factor
//! E of E ⊙ dX; otherwise the matrix M of vec dF = M vec dX, brought about by the rules of class `identify`.

use super::implicit;
use super::structure::Structure;
use super::{Deriver, Refusal};
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Function, Op, Symbol, Term};
use crate::rules::{Class, Order, Pass, Rewriting};
use crate::trace::{Inference, Level, Piece, Statement, Step, words};
use std::collections::BTreeMap;

impl Deriver<'_> {
    /// The differential of `root` in terms of differentials of the variables of the question.
    ///
    /// # Errors
    /// A differential that no rule knows.
    pub fn total_differential(&mut self, root: Term) -> Result<Term, Refusal> {
        let mark = self.derivation.steps.len();
        let differential = self.differential(root)?;
        let differential = self.traces_collected(differential);
        let differential = self.put_names_back(differential, None);
        self.headline_equation(root, None, differential, mark);
        self.reduced(differential)
    }

    /// The traces of a differential multiplied out where like terms meet then: tr(A (dA A + A dA)) is 2 tr(A² dA).
    fn traces_collected(&mut self, differential: Term) -> Term {
        let traces = |deriver: &Self, term: Term| -> Vec<Term> {
            let terms = &deriver.context.terms;
            let is_trace = |part: &Term| *terms.op(*part) == Op::Call(Function::Trace);
            terms.postorder(term).into_iter().filter(is_trace).collect()
        };
        let mut summands = 0;
        let mut replace = FastMap::default();
        for trace in traces(self, differential) {
            let inside = self.context.terms.args(trace)[0];
            let expanded = self.expanded(inside);
            summands += expanded.len();
            let mut normal = Normal::new(&mut self.context.terms);
            let parts: Vec<Term> = expanded.into_iter().map(|part| normal.call(Function::Trace, part)).collect();
            replace.insert(trace, normal.sum(&parts));
        }
        let after = Normal::new(&mut self.context.terms).substitute(differential, &replace);
        if after == differential || traces(self, after).len() >= summands {
            return differential;
        }
        let (from, to) = (Statement::Term(differential), Statement::Term(after));
        self.push(Step::inference(Inference::Together(Vec::new()), from, to, words("multiply out"), Level::Full));
        after
    }

    /// A differential in terms of differentials of the variables of the question, and of names whose equation cannot
    /// be solved for their differential in matrices.
    pub(super) fn reduced(&mut self, mut differential: Term) -> Result<Term, Refusal> {
        let mut left = Vec::new();
        while let Some(symbol) = self.latest_dependent(differential, &left) {
            let mark = self.derivation.steps.len();
            let name = self.context.terms.symbol(symbol);
            if self.is_solution(symbol) {
                match self.differential_by_equation(symbol)? {
                    Some(inner) => {
                        differential = self.replace_differentials(differential, &FastMap::from_iter([(name, inner)]));
                    }
                    None => left.push(symbol),
                }
                continue;
            }
            if self.context.definition(symbol).is_none() && self.is_by_matrix(name, symbol) {
                left.push(symbol);
                continue;
            }
            let (body, inner) = match self.context.definition(symbol) {
                Some(definition) => {
                    let inner = self.differential(definition.normal)?;
                    (Some(definition.normal), self.put_names_back(inner, None))
                }
                None => (None, self.differential_by_dependence(name, symbol)?),
            };
            if let Some(body) = body {
                self.headline_equation(name, Some(body), inner, mark);
            }
            differential = self.replace_differentials(differential, &FastMap::from_iter([(name, inner)]));
        }
        Ok(differential)
    }

    /// dx for a name that an equation defines: in closed form, or by the name of ∂x/∂t.
    fn differential_by_equation(&mut self, symbol: Symbol) -> Result<Option<Term>, Refusal> {
        if let Some(solved) = self.solved_differential(symbol)? {
            return Ok(Some(solved));
        }
        let [t] = self.facts.variables[..] else { return Ok(None) };
        if !self.context.info(t).shape.is_scalar() {
            return Ok(None);
        }
        let equation = self.differentiated(symbol)?;
        let rest = self.reduced(equation.rest)?;
        self.named_derivative(symbol, t, &equation, rest).map(Some)
    }

    /// The latest name before which a `d(·)` stands that is neither a variable of the question nor left as it is.
    fn latest_dependent(&self, differential: Term, left: &[Symbol]) -> Option<Symbol> {
        let terms = &self.context.terms;
        let is_open = |symbol: &Symbol| !self.facts.variables.contains(symbol) && !left.contains(symbol);
        terms
            .postorder(differential)
            .into_iter()
            .filter(|&t| *terms.op(t) == Op::Differential)
            .filter_map(|t| terms.as_symbol(terms.args(t)[0]))
            .filter(is_open)
            .max()
    }

    /// The step d(v) = its differential, with the definition and the rules as reasons.
    fn headline_equation(&mut self, name: Term, body: Option<Term>, differential: Term, mark: usize) {
        let before = self.d(name);
        if before == differential {
            return;
        }
        let (from, to) = (Statement::Term(before), Statement::Term(differential));
        if let (None, [only]) = (body, &mut self.derivation.steps[mark..])
            && (&only.before, &only.after) == (&from, &to)
        {
            only.level = Level::Headline;
            return;
        }
        let mut because = body.map(|body| vec![Piece::Equation(name, body)]).unwrap_or_default();
        for reason in self.headline_reasons(mark) {
            let comma = if because.is_empty() { "" } else { ", " };
            because.push(Piece::Text(format!("{comma}{reason}")));
        }
        let rules = self.rules_since(mark);
        let step = Step::inference(Inference::Together(rules), from, to, because, Level::Headline);
        self.push(step);
    }

    /// ∂F/∂t for a scalar t, in its best form.
    ///
    /// # Errors
    /// A differential that no rule knows.
    pub fn derivative_by_scalar(&mut self, root: Term, variable: Symbol) -> Result<Term, Refusal> {
        let derivative = self.derivative_by_scalar_unfinished(root, variable)?;
        let t = self.context.terms.symbol(variable);
        let derivative = self.finish(derivative, None)?;
        self.read_off(root, t, derivative);
        Ok(derivative)
    }

    /// ∂F/∂t for a scalar t as the rules give it.
    ///
    /// # Errors
    /// A differential that no rule knows.
    pub fn derivative_by_scalar_unfinished(&mut self, root: Term, variable: Symbol) -> Result<Term, Refusal> {
        let differential = self.total_differential(root)?;
        if !implicit::is_solved(self.context, differential, variable) {
            return Err(Refusal::NotReadable(differential));
        }
        let t = self.context.terms.symbol(variable);
        let one = self.context.terms.integer(1);
        Ok(self.replace_differentials(differential, &FastMap::from_iter([(t, one)])))
    }

    /// The reasons of the headline rules used since step `mark`, and the names of all rules.
    pub fn reasons_since(&self, mark: usize) -> (Vec<String>, Vec<String>) {
        (self.headline_reasons(mark), self.rules_since(mark))
    }

    fn read_off(&mut self, root: Term, variable: Term, derivative: Term) {
        let before = self.context.terms.make(Op::Partial, &[root, variable]);
        let dx = self.d(variable);
        let because = vec![Piece::Text("read off the factor of ".into()), Piece::Math(dx)];
        let (before, after) = (Statement::Term(before), Statement::Term(derivative));
        self.push(Step::inference(Inference::ReadOff, before, after, because, Level::Headline));
    }

    /// The entrywise derivative E with dF = E ⊙ dX, if F acts on each entry of X by itself; where E branches on one
    /// subject, also in cases.
    ///
    /// # Errors
    /// F does not act entry by entry, or a differential that no rule knows.
    pub fn entrywise_derivative(&mut self, root: Term, variable: Symbol) -> Result<(Term, Option<Term>), Refusal> {
        let differential = self.total_differential(root)?;
        let mark = self.derivation.steps.len();
        let collected = self.collect(differential)?;
        self.headline_result(differential, collected, mark);
        let differential = collected;
        let x = self.context.terms.symbol(variable);
        let asked = self.context.terms.make(Op::EntrywisePartial, &[root, x]);
        let Some(read) = self.entrywise_factor(differential, variable) else {
            return Err(Refusal::NotReadable(differential));
        };
        let dx = self.d(x);
        let because = vec![Piece::Text("the factor of ".into()), Piece::Math(dx)];
        let (before, after) = (Statement::Term(asked), Statement::Term(read));
        self.push(Step::inference(Inference::ReadOff, before, after, because, Level::Headline));
        if let Some(cases) = self.in_cases(read) {
            let (before, after) = (Statement::Term(read), Statement::Term(cases));
            let by = Inference::Together(Vec::new());
            self.push(Step::inference(by, before, after, words("case by case"), Level::Headline));
            return Ok((read, Some(cases)));
        }
        let mark = self.derivation.steps.len();
        let best = self.finish(read, None)?;
        self.headline_result(read, best, mark);
        Ok((best, None))
    }

    /// E from E ⊙ dX, or `None` if `differential` is not of this form.
    ///
    /// # Errors
    /// From the finishing of E.
    pub fn read_entrywise(&mut self, differential: Term, variable: Symbol) -> Result<Option<Term>, Refusal> {
        match self.entrywise_factor(differential, variable) {
            Some(derivative) => self.finish(derivative, None).map(Some),
            None => Ok(None),
        }
    }

    /// E from E ⊙ dX as it stands there.
    pub(super) fn entrywise_factor(&mut self, differential: Term, variable: Symbol) -> Option<Term> {
        let x = self.context.terms.symbol(variable);
        let dx = self.d(x);
        if !self.is_entrywise_in(differential, dx) {
            return None;
        }
        let shape = self.context.terms.shape(dx).clone();
        let ones = self.context.terms.ones(&shape);
        Some(self.replace_differentials(differential, &FastMap::from_iter([(x, ones)])))
    }

    /// Only sums, Hadamard products and scalar factors stand above each `dx`.
    fn is_entrywise_in(&self, term: Term, dx: Term) -> bool {
        let terms = &self.context.terms;
        if term == dx || terms.is_zero(term) {
            return true;
        }
        let args = terms.args(term);
        match terms.op(term) {
            Op::Sum => args.iter().all(|&t| self.is_entrywise_in(t, dx)),
            Op::Hadamard => {
                let (with, without): (Vec<Term>, Vec<Term>) = args.iter().partition(|&&t| terms.contains(t, dx));
                with.len() == 1 && without.len() + 1 == args.len() && self.is_entrywise_in(with[0], dx)
            }
            Op::Product => {
                let with: Vec<Term> = args.iter().copied().filter(|&t| terms.contains(t, dx)).collect();
                let matrices = args.iter().filter(|&&t| !terms.shape(t).is_scalar()).count();
                let scalar = terms.shape(term).is_scalar();
                with.len() == 1 && (scalar || matrices == 1) && self.is_entrywise_in(with[0], dx)
            }
            _ => false,
        }
    }

    /// The matrix M with vec dF = M vec dX (for vectors dF = M dx), in its best form.
    ///
    /// # Errors
    /// A differential that no rule knows, or that the rules of class `identify` do not bring into this form.
    pub fn jacobian(&mut self, root: Term, variable: Symbol) -> Result<Term, Refusal> {
        let differential = self.total_differential(root)?;
        self.read_jacobian(root, differential, variable)
    }

    /// M from the differential of `root`.
    ///
    /// # Errors
    /// The rules of class `identify` do not bring the differential into the form M vec dX.
    pub fn read_jacobian(&mut self, root: Term, differential: Term, variable: Symbol) -> Result<Term, Refusal> {
        let x = self.context.terms.symbol(variable);
        let mark = (self.derivation.steps.len(), self.evidence.len());
        let matrices = match self.identified_through_equations(differential, variable) {
            Err(refusal) => {
                self.derivation.steps.truncate(mark.0);
                self.evidence.truncate(mark.1);
                return self.jacobian_by_indices(root, variable, refusal);
            }
            Ok(matrices) => matrices,
        };
        let jacobian = self.context.terms.make(Op::Partial, &[root, x]);
        let jacobian = if matrices.is_empty() {
            let shape = self.context.terms.shape(jacobian).clone();
            self.context.terms.zero(shape)
        } else {
            let sum = Normal::new(&mut self.context.terms).sum(&matrices);
            self.finish(sum, None)?
        };
        self.read_off(root, x, jacobian);
        Ok(jacobian)
    }

    /// The matrices M with vec dF = Σ M vec dX; differentials of names whose equation was not solved for them are
    /// replaced by what the equation says of their entries, and those of defined names by what they stand for.
    fn identified_through_equations(&mut self, differential: Term, variable: Symbol) -> Result<Vec<Term>, Refusal> {
        let mut open: BTreeMap<Symbol, Vec<Term>> = BTreeMap::new();
        for (symbol, matrix) in self.identified(differential)? {
            open.entry(symbol).or_default().push(matrix);
        }
        while let Some(symbol) = open.keys().copied().rfind(|&symbol| symbol != variable) {
            let matrices = open.remove(&symbol).unwrap_or_default();
            let before = Normal::new(&mut self.context.terms).sum(&matrices);
            for (other, matrix) in self.jacobians_of(symbol)? {
                let through = Normal::new(&mut self.context.terms).product(&[before, matrix]);
                open.entry(other).or_default().push(through);
            }
        }
        Ok(open.remove(&variable).unwrap_or_default())
    }

    /// The matrices M with vec dx = Σ M vec dy for a name x.
    fn jacobians_of(&mut self, symbol: Symbol) -> Result<Vec<(Symbol, Term)>, Refusal> {
        if self.is_solution(symbol) {
            return self.jacobians_by_equation(symbol);
        }
        let Some(definition) = self.context.definition(symbol) else {
            return Ok(self.jacobians_by_dependence(symbol));
        };
        let differential = self.differential(definition.normal)?;
        let differential = self.reduced(differential)?;
        self.identified(differential)
    }

    /// The target of a name: what its matrix stands before.
    pub(super) fn target(&mut self, symbol: Symbol) -> Term {
        let x = self.context.terms.symbol(symbol);
        let dx = self.d(x);
        if self.context.terms.shape(dx).is_vector() { dx } else { self.vec_of(dx) }
    }

    /// The names with a matrix M in front, of the summands M·vec dX that the rules of class `identify` make of a
    /// differential.
    pub(super) fn identified(&mut self, differential: Term) -> Result<Vec<(Symbol, Term)>, Refusal> {
        let mut names: Vec<Symbol> = self.context.symbols_in(differential);
        names.retain(|&symbol| {
            let terms = &self.context.terms;
            terms.any(differential, |t| {
                *terms.op(t) == Op::Differential && terms.as_symbol(terms.args(t)[0]) == Some(symbol)
            })
        });
        let targets: Vec<(Symbol, Term)> = names.into_iter().map(|symbol| (symbol, self.target(symbol))).collect();
        let mut undefined = Vec::new();
        for partial in self.undefined_differentials(differential) {
            let d = self.d(partial);
            let target = if self.context.terms.shape(d).is_vector() { d } else { self.vec_of(d) };
            undefined.push((partial, target));
        }
        let mut open = self.summands(differential);
        if !self.context.terms.shape(differential).is_vector() {
            // vec(A(B dX + dX C)) is one Kronecker product for each dX.
            open = open.into_iter().flat_map(|summand| self.expanded(summand)).collect();
            open = open.into_iter().map(|summand| self.vec_of(summand)).collect();
        }
        open.reverse();
        let mut matrices = Vec::new();
        'summands: while let Some(summand) = open.pop() {
            for &(symbol, target) in &targets {
                if let Some(matrix) = self.factor_of(summand, target) {
                    matrices.push((symbol, matrix));
                    continue 'summands;
                }
            }
            for &(partial, target) in &undefined {
                if let Some(matrix) = self.factor_of(summand, target) {
                    matrices.extend(self.second_derivatives(partial, matrix));
                    continue 'summands;
                }
            }
            if let Some(of_sum) = self.identified_in_index_sum(summand)? {
                matrices.extend(of_sum);
                continue;
            }
            if let Some(summands) = self.multiplied_out(summand) {
                open.extend(summands.into_iter().rev());
                continue;
            }
            let pass = Pass { class: Class::Identify, kink: self.kink, order: Order::Outermost };
            let rewriting = self.engine.rules.rewrite_anywhere(pass, self.context, &self.facts, summand);
            let rewriting = rewriting.filter(|_| self.derivation.steps.len() < Self::STEPS);
            let Rewriting { place, application, term: after } = rewriting.ok_or(Refusal::NotReadable(summand))?;
            let step = application.step(&self.engine.rules, place, summand, after);
            self.keep_evidence(&step);
            self.push(Step { level: step.level.max(Level::Full), ..step });
            let mut next = self.summands(after);
            next.reverse();
            open.extend(next);
        }
        Ok(matrices)
    }

    /// ∂f/∂y for each y that the undefined name f was declared to depend on.
    fn jacobians_by_dependence(&mut self, symbol: Symbol) -> Vec<(Symbol, Term)> {
        let f = self.context.terms.symbol(symbol);
        let mut found = Vec::new();
        for variable in self.context.info(symbol).depends_on.clone() {
            let x = self.context.terms.symbol(variable);
            if self.is_active(x) {
                found.push((variable, self.context.terms.make(Op::Partial, &[f, x])));
            }
        }
        found
    }

    /// `matrix`·vec d(∂f/∂x) as the matrices before vec dy, for each y that the undefined f depends on.
    fn second_derivatives(&mut self, partial: Term, matrix: Term) -> Vec<(Symbol, Term)> {
        let mut found = Vec::new();
        let variables = self.undefined(partial).map(|symbol| self.context.info(symbol).depends_on.clone());
        for variable in variables.unwrap_or_default() {
            let x = self.context.terms.symbol(variable);
            if self.is_active(x) {
                let second = self.context.terms.make(Op::Partial, &[partial, x]);
                found.push((variable, Normal::new(&mut self.context.terms).product(&[matrix, second])));
            }
        }
        found
    }

    /// The summands of a product of constants with one sum of differentials.
    fn multiplied_out(&mut self, product: Term) -> Option<Vec<Term>> {
        if *self.context.terms.op(product) != Op::Product {
            return None;
        }
        let factors = self.context.terms.args(product).to_vec();
        let mut varying = (0..factors.len()).filter(|&at| self.has_differential(factors[at]));
        let at = varying.next().filter(|_| varying.next().is_none())?;
        if *self.context.terms.op(factors[at]) != Op::Sum {
            return None;
        }
        let summands = self.context.terms.args(factors[at]).to_vec();
        let product = |summand| {
            let mut factors = factors.clone();
            factors[at] = summand;
            Normal::new(&mut self.context.terms).product(&factors)
        };
        Some(summands.into_iter().map(product).collect())
    }

    /// The summands of a product of sums of differentials, each with one of them.
    fn expanded(&mut self, summand: Term) -> Vec<Term> {
        let (mut open, mut done) = (vec![summand], Vec::new());
        while let Some(next) = open.pop() {
            match self.multiplied_out(next) {
                Some(summands) => open.extend(summands.into_iter().rev()),
                None => done.push(next),
            }
        }
        done
    }

    fn has_differential(&self, term: Term) -> bool {
        self.context.terms.any(term, |t| *self.context.terms.op(t) == Op::Differential)
    }

    fn vec_of(&mut self, term: Term) -> Term {
        Normal::new(&mut self.context.terms).call(Function::Vec, term)
    }

    /// M, if `term` is M·target and M does not contain a differential.
    fn factor_of(&mut self, term: Term, target: Term) -> Option<Term> {
        if term == target {
            let n = self.context.terms.shape(target).rows();
            return Some(self.context.terms.identity(n));
        }
        if *self.context.terms.op(term) != Op::Product {
            return None;
        }
        let mut factors = self.context.terms.args(term).to_vec();
        if factors.pop()? != target {
            return None;
        }
        if factors.iter().any(|&factor| self.has_differential(factor)) {
            return None;
        }
        if factors.iter().all(|&t| self.context.terms.shape(t).is_scalar()) {
            let n = self.context.terms.shape(target).rows();
            factors.push(self.context.terms.identity(n));
        }
        Some(Normal::new(&mut self.context.terms).product(&factors))
    }

    /// The Hessian of a scalar: the Jacobian of its gradient.
    ///
    /// # Errors
    /// As for gradients and Jacobians.
    pub fn hessian(
        &mut self,
        root: Term,
        typed: Term,
        variable: Symbol,
        structure: Structure,
    ) -> Result<Term, Refusal> {
        let mut again = self.facts.later().clone();
        again.names.push(variable);
        again.in_space = structure != Structure::Free;
        if structure == Structure::Cookbook && self.convention_of(variable, structure).is_some() {
            return Err(Refusal::NotYet("a Hessian in the cookbook's convention".into()));
        }
        let gradient = self.then_differentiated_by(&again, |deriver| {
            let mut gradients = deriver.gradients(root, typed)?;
            deriver.evidence = std::mem::take(&mut gradients.evidence[0]);
            let gradient = implicit::written_out(deriver.context, gradients.values[0], &gradients.names);
            deriver.structured(variable, gradient, structure)
        })?;
        self.active.clear();
        let value = self.jacobian(gradient, variable)?;
        let x = self.context.terms.symbol(variable);
        let first = self.context.terms.make(Op::Partial, &[typed, x]);
        let read = self.context.terms.make(Op::Partial, &[gradient, x]);
        let second = self.context.terms.make(Op::Partial, &[first, x]);
        self.derivation.rename_left_sides(read, second);
        Ok(value)
    }
}
