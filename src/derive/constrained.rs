//! Gradients by variables that are not free. A matrix that was declared symmetric varies among symmetric matrices only,
//! and its gradient is the one in that space: (G + Gᵀ)/2, so that df = ⟨G, dX⟩ for all dX that are possible. The same
//! for skew-symmetric and diagonal matrices; other declared sets are refused, because no convention is common.

use super::{Deriver, Refusal};
use crate::facts::{Condition, Evidence};
use crate::ir::normal::Normal;
use crate::ir::{AssumptionId, Function, Property, Symbol, Term, ratio};
use crate::trace::{Inference, Level, Statement, Step, words};
use std::collections::BTreeSet;

/// A linear space of matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Space {
    Symmetric,
    Skew,
    Diagonal,
}

impl Deriver<'_> {
    /// The gradient by a variable in the space that it was declared to lie in, and the convention in words; `None` if
    /// the variable is free.
    ///
    /// # Errors
    /// The variable was declared to lie in a set for which no convention is there.
    pub fn projected(&mut self, variable: Symbol, gradient: Term) -> Result<Option<(Term, &'static str)>, Refusal> {
        self.refuse_curved(variable)?;
        let Some((space, property, id)) = self.space(variable) else { return Ok(None) };
        let projected = self.projection(space, gradient);
        let mark = self.derivation.steps.len();
        let best = self.finish(projected, Some(variable))?;
        if best == gradient {
            self.derivation.steps.truncate(mark);
        } else {
            for step in &mut self.derivation.steps[mark..] {
                step.level = step.level.max(Level::Full);
            }
            let (before, after) = (Statement::Term(gradient), Statement::Term(best));
            let by = Inference::Projection(variable);
            self.push(Step::inference(by, before, after, words(space.reason()), Level::Headline));
        }
        let x = self.context.terms.symbol(variable);
        let evidence = Evidence {
            condition: Condition::Property(property, x),
            assumptions: BTreeSet::from([id]),
            presupposed: false,
            excluded: false,
        };
        if !self.evidence.contains(&evidence) {
            self.evidence.push(evidence);
        }
        Ok(Some((best, space.convention())))
    }

    fn projection(&mut self, space: Space, gradient: Term) -> Term {
        let half = self.context.terms.number(ratio(1, 2));
        let minus_half = self.context.terms.number(ratio(-1, 2));
        let mut normal = Normal::new(&mut self.context.terms);
        if space == Space::Diagonal {
            let diagonal = normal.call(Function::DiagPart, gradient);
            return normal.call(Function::Diag, diagonal);
        }
        let transposed = normal.transpose(gradient);
        let other = if space == Space::Skew { minus_half } else { half };
        let (one, two) = (normal.product(&[half, gradient]), normal.product(&[other, transposed]));
        normal.sum(&[one, two])
    }

    /// The space of a variable by its declaration, not by what it is defined as.
    fn space(&self, variable: Symbol) -> Option<(Space, Property, AssumptionId)> {
        const SPACES: [(Property, Space); 5] = [
            (Property::Diagonal, Space::Diagonal),
            (Property::Skew, Space::Skew),
            (Property::Symmetric, Space::Symmetric),
            (Property::PositiveDefinite, Space::Symmetric),
            (Property::PositiveSemidefinite, Space::Symmetric),
        ];
        let declared = &self.context.info(variable).properties;
        SPACES.iter().find_map(|&(property, space)| Some((space, property, *declared.get(&property)?)))
    }

    fn refuse_curved(&self, variable: Symbol) -> Result<(), Refusal> {
        const CURVED: [(Property, &str); 6] = [
            (Property::Orthogonal, "orthogonal"),
            (Property::OrthonormalColumns, "with orthonormal columns"),
            (Property::Simplex, "on the simplex"),
            (Property::OneHot, "one-hot"),
            (Property::LowerTriangular, "lower triangular"),
            (Property::UpperTriangular, "upper triangular"),
        ];
        let declared = &self.context.info(variable).properties;
        match CURVED.iter().find(|(property, _)| declared.contains_key(property)) {
            Some((_, word)) => Err(Refusal::NotYet(format!("a gradient by a variable that is declared {word}"))),
            None => Ok(()),
        }
    }
}

impl Space {
    fn reason(self) -> &'static str {
        match self {
            Space::Symmetric => "the symmetric part, (G + Gᵀ)/2",
            Space::Skew => "the skew-symmetric part, (G − Gᵀ)/2",
            Space::Diagonal => "the diagonal part",
        }
    }

    fn convention(self) -> &'static str {
        match self {
            Space::Symmetric => "the gradient in the space of symmetric matrices, (G + Gᵀ)/2",
            Space::Skew => "the gradient in the space of skew-symmetric matrices, (G − Gᵀ)/2",
            Space::Diagonal => "the gradient in the space of diagonal matrices",
        }
    }
}
