//! Gradients by variables that are symmetric, skew or diagonal: which matrix is called the gradient.
//!
//! df = ⟨G, dX⟩ holds for one G of the space of such matrices; for any other G it holds as well, as long as the
//! difference is orthogonal to the space. The conventions choose. Source: Srinivasan and Panda (2019), arXiv
//! 1911.06491; Matrix Cookbook, section 2.8.

use super::{Deriver, Refusal};
use crate::facts::Condition;
use crate::ir::normal::Normal;
use crate::ir::{Property, Symbol, Term, ratio};
use crate::trace::{Inference, Level, Piece, Statement, Step};

/// What the gradient by a structured variable is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Convention {
    /// The gradient in the space of such matrices: (G + Gᵀ)/2 for a symmetric variable.
    #[default]
    Projection,
    /// The structure is ignored while differentiating: it depends on how f is written.
    Free,
    /// For symmetric variables G + Gᵀ − G ⊙ I: the derivatives by the entries, where X_ij and X_ji are one variable.
    Cookbook,
}

impl Deriver<'_> {
    /// The gradient by a variable, which is `gradient` if nothing is known of the variable, in the convention chosen.
    ///
    /// # Errors
    /// A structure that has no convention here.
    pub(super) fn structured(&mut self, gradient: Term, variable: Symbol) -> Result<Term, Refusal> {
        let Some(property) = self.structure_of(variable) else { return Ok(gradient) };
        if self.convention == Convention::Free {
            return Ok(gradient);
        }
        let (chosen, what) = match (property, self.convention) {
            (Property::Symmetric, Convention::Projection) => (self.half(gradient, 1), "symmetric"),
            (Property::Symmetric, _) => (self.coordinates(gradient), "symmetric, and X_ij and X_ji are one variable"),
            (Property::Skew, _) => (self.half(gradient, -1), "skew-symmetric"),
            (Property::Diagonal, _) => (self.diagonal(gradient), "diagonal"),
            _ => {
                let name = self.context.name(variable).to_owned();
                return Err(Refusal::NotYet(format!(
                    "the gradient by `{name}` among the values that its declaration allows (`symmetric free` ignores it)"
                )));
            }
        };
        let chosen = self.finish(chosen, Some(variable))?;
        if chosen != gradient {
            self.say_structure(gradient, chosen, (property, variable), what);
        }
        Ok(chosen)
    }

    /// The structure of the space that a declared variable lies in; none for a vector space of all matrices.
    fn structure_of(&self, variable: Symbol) -> Option<Property> {
        use Property::*;
        let declared = self.context.info(variable).properties.keys();
        let mut structures = declared.filter_map(|property| match property {
            Symmetric | PositiveDefinite | PositiveSemidefinite => Some(Symmetric),
            Skew | Diagonal | LowerTriangular | UpperTriangular | Orthogonal | OrthonormalColumns | Simplex
            | OneHot => Some(*property),
            _ => None,
        });
        structures.next()
    }

    /// (G ± Gᵀ)/2.
    fn half(&mut self, gradient: Term, sign: i64) -> Term {
        let mut normal = Normal::new(&mut self.context.terms);
        let transposed = normal.transpose(gradient);
        let transposed = normal.scale(ratio(sign, 1), transposed);
        let sum = normal.sum(&[gradient, transposed]);
        normal.scale(ratio(1, 2), sum)
    }

    /// G + Gᵀ − G ⊙ I.
    fn coordinates(&mut self, gradient: Term) -> Term {
        let n = self.context.terms.shape(gradient).rows();
        let identity = self.context.terms.identity(n);
        let mut normal = Normal::new(&mut self.context.terms);
        let transposed = normal.transpose(gradient);
        let diagonal = normal.hadamard(&[gradient, identity]);
        let diagonal = normal.negate(diagonal);
        normal.sum(&[gradient, transposed, diagonal])
    }

    /// G ⊙ I.
    fn diagonal(&mut self, gradient: Term) -> Term {
        let n = self.context.terms.shape(gradient).rows();
        let identity = self.context.terms.identity(n);
        Normal::new(&mut self.context.terms).hadamard(&[gradient, identity])
    }

    /// The step that chooses, with the declaration as its evidence.
    fn say_structure(&mut self, before: Term, after: Term, (property, variable): (Property, Symbol), what: &str) {
        let x = self.context.terms.symbol(variable);
        let because = vec![Piece::Math(x), Piece::Text(format!(" is {what}"))];
        let (before, after) = (Statement::Term(before), Statement::Term(after));
        let mut step = Step::inference(Inference::Structure(variable), before, after, because, Level::Headline);
        let facts = self.facts.after_differentiating();
        step.evidence.extend(facts.holds(self.context, &Condition::Property(property, x)));
        self.keep_evidence(&step);
        self.push(step);
    }
}
