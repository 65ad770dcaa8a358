//! Names that an equation defines: `x where A x = b`.
//!
//! Both sides are differentiated, with d(x) as an unknown. Nothing else is known of x, and nothing else is needed:
//! dF = 𝓐(dx) + … = 0 is linear in dx, also where the equation is not linear in x.
//!
//! - Backward: with the adjoint λ of 𝓐*(λ) = ∂f/∂x, which the rules of class `adjoint` write down,
//!   ⟨∂f/∂x, dx⟩ = ⟨λ, 𝓐(dx)⟩ = −⟨λ, the rest of dF⟩.
//! - Forward: dx = −𝓐⁻¹(the rest of dF).
//!
//! Where 𝓐 is the multiplication by a matrix, its inverse is written; otherwise λ, and the derivative of x by a
//! scalar, are names that their own equation defines.

use super::adjoint::Part;
use super::linear::Map;
use super::{Deriver, Refusal};
use crate::facts::{Condition, Evidence};
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Context, Definition, Op, Property, Symbol, SymbolKind, Term};
use crate::trace::{Inference, Level, Piece, Statement, Step};
use std::collections::BTreeSet;

/// The equation that defines a name, differentiated: the parts add up to left − right.
pub(super) struct Differentiated {
    /// The differential of left − right.
    pub differential: Term,
    /// The part of it in the differential of the name.
    pub unknown: Term,
    /// The rest.
    pub rest: Term,
    /// The name stands in the equation linearly.
    pub is_affine: bool,
}

/// The two sides of the equation that defines a name, if one does, with the name as the unknown.
pub fn equation_of(context: &mut Context, symbol: Symbol) -> Option<(Term, Term)> {
    let body = context.definition(symbol)?.normal;
    let Op::Solution(unknown) = *context.terms.op(body) else { return None };
    let [left, right] = *context.terms.args(body) else { return None };
    let (unknown, name) = (context.terms.symbol(unknown), context.terms.symbol(symbol));
    let replace = FastMap::from_iter([(unknown, name)]);
    let mut normal = Normal::new(&mut context.terms);
    Some((normal.substitute(left, &replace), normal.substitute(right, &replace)))
}

impl Deriver<'_> {
    /// ⟨adjoint, dx⟩ in terms of what the equation of x is about.
    pub(super) fn through_equation(
        &mut self,
        symbol: Symbol,
        adjoint: Term,
        names: &mut Vec<(Symbol, Term)>,
    ) -> Result<Vec<Part>, Refusal> {
        let equation = self.differentiated(symbol)?;
        let shape = self.context.terms.shape(equation.differential).clone();
        let name = self.fresh_multiplier(shape.is_vector() || shape.is_scalar(), names);
        let unknown = self.context.declare_hidden(&name, shape, SymbolKind::Variable);
        let unknown_term = self.context.terms.symbol(unknown);
        let (own, others): (Vec<Part>, Vec<Part>) =
            self.parts(unknown_term, equation.differential)?.into_iter().partition(|part| part.symbol == symbol);
        let own: Vec<Term> = own.iter().map(|part| part.adjoint).collect();
        let sum = Normal::new(&mut self.context.terms).sum(&own);
        let left = self.readable_in(sum, unknown_term)?;
        let map = self.map_of(left, unknown_term);
        self.presuppose(symbol, &equation, map.as_ref());
        let multiplier = self.multiplier(symbol, unknown, (left, adjoint), map.as_ref(), names)?;
        let (name, x) = (self.context.terms.symbol(multiplier), self.context.terms.symbol(symbol));
        self.say_rest(x, adjoint, name, &equation);
        let replace = FastMap::from_iter([(unknown_term, name)]);
        let part = |part: Part| {
            let mut normal = Normal::new(&mut self.context.terms);
            let adjoint = normal.substitute(part.adjoint, &replace);
            Part { adjoint: normal.negate(adjoint), ..part }
        };
        Ok(others.into_iter().map(part).collect())
    }

    /// The best form of a linear term, but none with the unknown transposed if there is another.
    fn readable_in(&mut self, linear: Term, unknown: Term) -> Result<Term, Refusal> {
        let mark = (self.derivation.steps.len(), self.evidence.len());
        let best = self.finish(linear, None)?;
        let transposed = Normal::new(&mut self.context.terms).transpose(unknown);
        let turns = |deriver: &Self, term| transposed != unknown && deriver.context.terms.contains(term, transposed);
        if !turns(self, best) || turns(self, linear) {
            return Ok(best);
        }
        self.derivation.steps.truncate(mark.0);
        self.evidence.truncate(mark.1);
        Ok(linear)
    }

    /// Both sides of the equation of a name differentiated, as a step.
    pub(super) fn differentiated(&mut self, symbol: Symbol) -> Result<Differentiated, Refusal> {
        let mark = self.derivation.steps.len();
        let name = self.context.terms.symbol(symbol);
        let (left, right) = equation_of(self.context, symbol).ok_or(Refusal::NoRule(name))?;
        let mut sides = [left, right];
        for side in &mut sides {
            let differential = self.differential(*side)?;
            *side = self.put_names_back(differential, None);
        }
        self.say_differentiated(name, (left, right), (sides[0], sides[1]), mark);
        let differential = Normal::new(&mut self.context.terms).subtract(sides[0], sides[1]);
        // It is linear in all differentials together.
        let rest = self.without_differentials(differential, |term| term == name);
        let unknown = self.without_differentials(differential, |term| term != name);
        let is_affine = !self.occurs(unknown, name);
        Ok(Differentiated { differential, unknown, rest, is_affine })
    }

    /// The differential while some of its names stand still.
    fn without_differentials(&mut self, differential: Term, still: impl Fn(Term) -> bool) -> Term {
        let mut zeros = FastMap::default();
        for part in self.context.terms.postorder(differential) {
            if *self.context.terms.op(part) == Op::Differential && still(self.context.terms.args(part)[0]) {
                let shape = self.context.terms.shape(part).clone();
                zeros.insert(part, self.context.terms.zero(shape));
            }
        }
        Normal::new(&mut self.context.terms).substitute(differential, &zeros)
    }

    /// dx = −𝓐⁻¹(rest), where 𝓐 is the multiplication by a matrix.
    ///
    /// # Errors
    /// No rule differentiates the equation.
    pub(super) fn solved_differential(&mut self, symbol: Symbol) -> Result<Option<Term>, Refusal> {
        let mark = (self.derivation.steps.len(), self.evidence.len());
        let equation = self.differentiated(symbol)?;
        let name = self.context.terms.symbol(symbol);
        let dx = self.d(name);
        let Some(map) = self.map_of(equation.unknown, dx) else {
            self.derivation.steps.truncate(mark.0);
            self.evidence.truncate(mark.1);
            return Ok(None);
        };
        self.presuppose(symbol, &equation, Some(&map));
        let right = Normal::new(&mut self.context.terms).negate(equation.rest);
        let solved = self.applied_inverse(&map, right);
        let because = vec![Piece::Text("solve for ".into()), Piece::Math(dx)];
        let before = Statement::Equation(equation.unknown, right);
        self.push(Step::inference(
            Inference::SolveLinear(symbol),
            before,
            Statement::Equation(dx, solved),
            because,
            Level::Headline,
        ));
        Ok(Some(solved))
    }

    /// ∂x/∂t as a name of its own, which 𝓐(∂x/∂t) = −(the rest of dF)/dt defines; `rest` is in terms of dt only.
    ///
    /// # Errors
    /// The collecting rules do not come to an end.
    pub(super) fn named_derivative(
        &mut self,
        symbol: Symbol,
        t: Symbol,
        equation: &Differentiated,
        rest: Term,
    ) -> Result<Term, Refusal> {
        let (name, variable) = (self.context.terms.symbol(symbol), self.context.terms.symbol(t));
        let shape = self.context.info(symbol).shape.clone();
        let (own, by) = (self.context.name(symbol), self.context.name(t));
        let text = if own.contains('_') { format!("{own}{by}") } else { format!("{own}_{by}") };
        let text = if self.context.lookup(&text).is_some() { text + "′" } else { text };
        let unknown = self.context.declare_hidden(&text, shape, SymbolKind::Variable);
        let unknown_term = self.context.terms.symbol(unknown);
        let one = self.context.terms.integer(1);
        let left = self.replace_differentials(equation.unknown, &FastMap::from_iter([(name, unknown_term)]));
        let per_unit = self.replace_differentials(rest, &FastMap::from_iter([(variable, one)]));
        let right = Normal::new(&mut self.context.terms).negate(per_unit);
        let right = self.collect(right)?;
        let derivative = self.define_solution(unknown, left, right);
        let derivative_term = self.context.terms.symbol(derivative);
        self.presuppose(symbol, equation, None);
        let partial = self.context.terms.make(Op::Partial, &[name, variable]);
        let because = vec![
            Piece::Math(derivative_term),
            Piece::Text(" is ".into()),
            Piece::Math(partial),
            Piece::Text(", by the equation differentiated".into()),
        ];
        let left = self.with_name(left, unknown, derivative);
        let after = Statement::Equation(left, right);
        let before = Statement::Equation(equation.unknown, right);
        self.push(Step::inference(Inference::SolveLinear(symbol), before, after, because, Level::Headline));
        let dt = self.d(variable);
        Ok(Normal::new(&mut self.context.terms).product(&[derivative_term, dt]))
    }

    /// The matrices M with vec dx = Σ M vec dy, from the equation of x entry by entry.
    ///
    /// # Errors
    /// As for differentials and for the rules of class `identify`.
    pub(super) fn jacobians_by_equation(&mut self, symbol: Symbol) -> Result<Vec<(Symbol, Term)>, Refusal> {
        let equation = self.differentiated(symbol)?;
        let rest = self.reduced(equation.rest)?;
        let (own, own_rest): (Vec<_>, Vec<_>) =
            self.identified(equation.unknown)?.into_iter().partition(|(name, _)| *name == symbol);
        let own: Vec<Term> = own.into_iter().map(|(_, matrix)| matrix).collect();
        let own = Normal::new(&mut self.context.terms).sum(&own);
        self.presuppose(symbol, &equation, None);
        let inverse = Normal::new(&mut self.context.terms).inverse(own);
        let (mut found, mut summands) = (Vec::new(), Vec::new());
        for (name, matrix) in own_rest.into_iter().chain(self.identified(rest)?) {
            let target = self.target(name);
            let mut normal = Normal::new(&mut self.context.terms);
            let product = normal.product(&[inverse, matrix]);
            let jacobian = normal.negate(product);
            summands.push(normal.product(&[jacobian, target]));
            found.push((name, jacobian));
        }
        let (solved, dx) = (Normal::new(&mut self.context.terms).sum(&summands), self.target(symbol));
        let because = vec![Piece::Text("entry by entry, solved for ".into()), Piece::Math(dx)];
        let zero = self.context.terms.zero(self.context.terms.shape(equation.differential).clone());
        let before = Statement::Equation(equation.differential, zero);
        let by = Inference::SolveLinear(symbol);
        self.push(Step::inference(by, before, Statement::Equation(dx, solved), because, Level::Headline));
        Ok(found)
    }

    /// λ with `left(λ) = right`: in closed form, or by its equation.
    fn multiplier(
        &mut self,
        symbol: Symbol,
        unknown: Symbol,
        (left, right): (Term, Term),
        map: Option<&Map>,
        names: &mut Vec<(Symbol, Term)>,
    ) -> Result<Symbol, Refusal> {
        let (multiplier, body) = match map {
            Some(map) => {
                let value = self.applied_inverse(map, right);
                let value = self.finish(value, None)?;
                let shape = self.context.info(unknown).shape.clone();
                let definition = SymbolKind::Definition(Definition { raw: value, normal: value });
                let name = self.context.name(unknown).to_owned();
                (self.context.declare_hidden(&name, shape, definition), value)
            }
            None => {
                let multiplier = self.define_solution(unknown, left, right);
                (multiplier, self.context.definition(multiplier).map_or(right, |body| body.normal))
            }
        };
        names.push((multiplier, body));
        let name = self.context.terms.symbol(multiplier);
        let left = self.with_name(left, unknown, multiplier);
        let x = self.context.terms.symbol(symbol);
        let because =
            vec![Piece::Text("the adjoint ".into()), Piece::Math(name), Piece::Text(" of ".into()), Piece::Math(x)];
        let adjoint = Statement::Equation(left, right);
        self.push(Step::inference(Inference::AdjointEquation(symbol), adjoint, adjoint, because, Level::Headline));
        if map.is_some() {
            let because = vec![Piece::Text("solve for ".into()), Piece::Math(name)];
            let by = Inference::SolveLinear(symbol);
            self.push(Step::inference(by, adjoint, Statement::Equation(name, body), because, Level::Headline));
        }
        Ok(multiplier)
    }

    /// A hidden name with the body `unknown where left = right`.
    fn define_solution(&mut self, unknown: Symbol, left: Term, right: Term) -> Symbol {
        if let Some(known) = self.same_solution(unknown, left, right) {
            return known;
        }
        let body = self.context.terms.make(Op::Solution(unknown), &[left, right]);
        let (name, shape) = (self.context.name(unknown).to_owned(), self.context.info(unknown).shape.clone());
        self.context.declare_hidden(&name, shape, SymbolKind::Definition(Definition { raw: body, normal: body }))
    }

    /// A hidden name that was introduced by the same equation before.
    fn same_solution(&mut self, unknown: Symbol, left: Term, right: Term) -> Option<Symbol> {
        let symbols: Vec<Symbol> = self.context.symbols().collect();
        let alike = symbols.into_iter().rev().filter(|&symbol| {
            symbol != unknown
                && self.context.name(symbol) == self.context.name(unknown)
                && self.context.lookup(self.context.name(symbol)) != Some(symbol)
        });
        for symbol in alike.collect::<Vec<_>>() {
            if let Some((its_left, its_right)) = equation_of(self.context, symbol)
                && its_left == self.with_name(left, unknown, symbol)
                && its_right == right
            {
                return Some(symbol);
            }
        }
        None
    }

    fn with_name(&mut self, term: Term, unknown: Symbol, name: Symbol) -> Term {
        let (unknown, name) = (self.context.terms.symbol(unknown), self.context.terms.symbol(name));
        Normal::new(&mut self.context.terms).substitute(term, &FastMap::from_iter([(unknown, name)]))
    }

    /// λ, Λ; with a number if the name is taken.
    fn fresh_multiplier(&self, is_vector: bool, names: &[(Symbol, Term)]) -> String {
        let letter = if is_vector { "λ" } else { "Λ" };
        let taken = |name: &str| {
            self.context.lookup(name).is_some() || names.iter().any(|(known, _)| self.context.name(*known) == name)
        };
        let numbered = (2usize..).map(|n| format!("{letter}_{n}"));
        let mut all = std::iter::once(letter.to_owned()).chain(numbered).filter(|name| !taken(name));
        all.next().unwrap_or_else(|| letter.into())
    }

    /// What was typed is defined: the equation has one solution, or one nearby, so what its linear part multiplies by
    /// is invertible. Of a name introduced here it follows from the name it is for.
    fn presuppose(&mut self, symbol: Symbol, equation: &Differentiated, map: Option<&Map>) {
        let body = self.context.definition(symbol).map(|body| body.raw);
        let typed = self.context.lookup(self.context.name(symbol)) == Some(symbol);
        if let Some(body) = body.filter(|_| typed) {
            match (equation.is_affine, map) {
                (false, _) => self.keep_condition(Condition::Regular(body)),
                (true, None) => self.keep_condition(Condition::Determined(body)),
                (true, Some(_)) => {}
            }
        }
        let sides = map.map_or([None, None], |map| [map.left, map.right]);
        for side in sides.into_iter().flatten() {
            if matches!(self.context.terms.op(side), Op::Identity(_) | Op::Number(_)) {
                continue;
            }
            let scalar = self.context.terms.shape(side).is_scalar();
            let property = if scalar { Property::Nonzero } else { Property::Invertible };
            let transposed = Normal::new(&mut self.context.terms).transpose(side);
            let size = |term| self.context.terms.tree_size(term);
            let about = if size(transposed) < size(side) { transposed } else { side };
            self.keep_condition(Condition::Property(property, about));
        }
    }

    fn keep_condition(&mut self, condition: Condition) {
        let known = self.facts.holds(self.context, &condition);
        let evidence =
            known.unwrap_or(Evidence { condition, assumptions: BTreeSet::new(), presupposed: true, excluded: false });
        if !self.evidence.contains(&evidence) {
            self.evidence.push(evidence);
        }
    }

    /// Does a name stand in a term other than in its differential?
    pub(super) fn occurs(&self, term: Term, name: Term) -> bool {
        let terms = &self.context.terms;
        let mut open = vec![term];
        while let Some(part) = open.pop() {
            if part == name {
                return true;
            }
            if *terms.op(part) != Op::Differential {
                open.extend(terms.args(part));
            }
        }
        false
    }

    /// The step from an equation to its differential.
    fn say_differentiated(&mut self, name: Term, sides: (Term, Term), differentials: (Term, Term), mark: usize) {
        let mut because = vec![Piece::Text("differentiate the equation of ".into()), Piece::Math(name)];
        because.extend(self.headline_reasons(mark).into_iter().map(|reason| Piece::Text(format!(", {reason}"))));
        let before = Statement::Equation(sides.0, sides.1);
        let after = Statement::Equation(differentials.0, differentials.1);
        self.push(Step::inference(Inference::DifferentiateBothSides, before, after, because, Level::Headline));
    }

    /// The step ⟨g, dx⟩ = −⟨λ, rest⟩.
    fn say_rest(&mut self, x: Term, adjoint: Term, multiplier: Term, equation: &Differentiated) {
        let dx = self.d(x);
        let before = self.paired(adjoint, dx);
        let rest = Normal::new(&mut self.context.terms).negate(equation.rest);
        let after = self.paired(multiplier, rest);
        let text = |words: &str| Piece::Text(words.into());
        let because = vec![text("by the equations of "), Piece::Math(multiplier), text(" and "), Piece::Math(dx)];
        let by = Inference::Together(Vec::new());
        self.push(Step::inference(by, Statement::Term(before), Statement::Term(after), because, Level::Headline));
    }
}

/// The hidden names in a term that an equation defines, directly or through each other, in order of introduction,
/// with their bodies: an answer that is written with them must say what they are.
pub fn introduced(context: &Context, term: Term) -> Vec<(Symbol, Term)> {
    let (mut found, mut open) = (BTreeSet::new(), context.symbols_in(term));
    while let Some(symbol) = open.pop() {
        let Some(body) = context.definition(symbol).map(|body| body.normal) else { continue };
        let hidden = context.lookup(context.name(symbol)) != Some(symbol);
        if hidden && matches!(context.terms.op(body), Op::Solution(_)) && found.insert(symbol) {
            open.extend(context.symbols_in(body));
        }
    }
    found.into_iter().filter_map(|symbol| Some((symbol, context.definition(symbol)?.normal))).collect()
}

/// A term with the names that were introduced for it written out, except those that an equation defines.
pub fn written_out(context: &mut Context, term: Term, names: &[(Symbol, Term)]) -> Term {
    let mut term = term;
    for &(name, body) in names.iter().rev() {
        if !matches!(context.terms.op(body), Op::Solution(_)) {
            let name = context.terms.symbol(name);
            term = Normal::new(&mut context.terms).substitute(term, &FastMap::from_iter([(name, body)]));
        }
    }
    term
}

/// Does a differential contain no other differential than that of `variable`?
pub fn is_solved(context: &Context, differential: Term, variable: Symbol) -> bool {
    let terms = &context.terms;
    !terms
        .any(differential, |t| *terms.op(t) == Op::Differential && terms.as_symbol(terms.args(t)[0]) != Some(variable))
}
