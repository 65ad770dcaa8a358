//! Gradients by variables with a structure: what the gradient by a symmetric matrix means.
//!
//! A gradient G says df = ⟨G, dX⟩ for the dX that can happen. If X stays symmetric, only the symmetric part of G
//! counts, and G is fixed by convention: `projection` takes the G in the space of such matrices, `free` ignores the
//! structure, `cookbook` is the table of derivatives by the entries X_ij = X_ji (Matrix Cookbook 138–141), which is no
//! gradient. Conventions are never mixed silently: each is a step with its name.

use super::{Deriver, Refusal};
use crate::facts::Condition;
use crate::ir::normal::Normal;
use crate::ir::{Function, Op, Property, Symbol, Term, ratio};
use crate::trace::{Inference, Level, Statement, Step, words};

/// What the gradient by a symmetric (skew, diagonal, triangular) variable means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Structure {
    /// The gradient in the space of such matrices.
    #[default]
    Projection,
    /// The structure is ignored while differentiating.
    Free,
    /// For symmetric variables, the table of derivatives by the entries on and below the diagonal.
    Cookbook,
}

impl Deriver<'_> {
    /// The gradient `value` by `variable` in the convention for the structure of the variable.
    ///
    /// # Errors
    /// The variable moves on a curved set (orthogonal, simplex), or its structure has no projection here.
    pub fn structured(&mut self, variable: Symbol, value: Term, structure: Structure) -> Result<Term, Refusal> {
        if structure == Structure::Free || !self.is_active_variable(variable) {
            return Ok(value);
        }
        let has =
            |deriver: &Self, property: Property| deriver.context.info(variable).properties.contains_key(&property);
        for property in [Property::Orthogonal, Property::OrthonormalColumns, Property::Simplex, Property::OneHot] {
            if has(self, property) {
                return Err(Refusal::NeedsConvention(variable, property));
            }
        }
        let symmetric = [Property::Symmetric, Property::PositiveDefinite, Property::PositiveSemidefinite];
        if structure == Structure::Projection && self.is_in_the_space(variable, value) {
            return Ok(value);
        }
        let (projected, why) = if has(self, Property::Diagonal) {
            (self.diagonal_part(value), "only the diagonal of a diagonal variable moves: G ⊙ I")
        } else if symmetric.iter().any(|&property| has(self, property)) && structure == Structure::Cookbook {
            (self.table_of_entries(value), "the entries X_ij = X_ji are one variable: G + Gᵀ − G ⊙ I")
        } else if symmetric.iter().any(|&property| has(self, property)) {
            (self.half(value, 1), "the gradient in the space of symmetric matrices: (G + Gᵀ)/2")
        } else if has(self, Property::Skew) {
            (self.half(value, -1), "the gradient in the space of skew-symmetric matrices: (G − Gᵀ)/2")
        } else if has(self, Property::LowerTriangular) {
            (self.triangle(Function::Tril, value), "only the lower triangle moves")
        } else if has(self, Property::UpperTriangular) {
            (self.triangle(Function::Triu, value), "only the upper triangle moves")
        } else {
            return Ok(value);
        };
        let mark = self.derivation.steps.len();
        let best = self.finish(projected, None)?;
        if best == value {
            self.derivation.steps.truncate(mark);
            return Ok(value);
        }
        // No equation with `value`: the convention says what the derivative is to be.
        let x = self.context.terms.symbol(variable);
        let asked = self.root.map(|root| self.context.terms.make(Op::Partial, &[root, x]));
        let (before, after) = (Statement::Term(asked.unwrap_or(value)), Statement::Term(projected));
        let step = Step::inference(Inference::Layout, before, after, words(why), Level::Headline);
        self.derivation.steps.insert(mark, step);
        self.headline_result(projected, best, mark);
        Ok(best)
    }

    /// The convention in words, if the variable has a structure that one is needed for.
    pub fn convention_of(&self, variable: Symbol, structure: Structure) -> Option<&'static str> {
        let structured = [
            Property::Symmetric,
            Property::PositiveDefinite,
            Property::PositiveSemidefinite,
            Property::Skew,
            Property::Diagonal,
            Property::LowerTriangular,
            Property::UpperTriangular,
            Property::Orthogonal,
            Property::OrthonormalColumns,
            Property::Simplex,
            Property::OneHot,
        ];
        let properties = &self.context.info(variable).properties;
        structured.iter().any(|property| properties.contains_key(property)).then_some(match structure {
            Structure::Projection => "projection: the gradient in the space of such matrices",
            Structure::Free => "free: the structure of the variable is ignored while differentiating",
            Structure::Cookbook => "cookbook: the entries X_ij = X_ji are one variable; a table, and no gradient",
        })
    }

    /// Is the value known to be a matrix of the kind that the variable is?
    fn is_in_the_space(&mut self, variable: Symbol, value: Term) -> bool {
        let properties = &self.context.info(variable).properties;
        let kinds = [Property::Diagonal, Property::Symmetric, Property::Skew];
        let implied = |kind: &Property| {
            let definite = [Property::PositiveDefinite, Property::PositiveSemidefinite];
            properties.contains_key(kind)
                || (*kind == Property::Symmetric && definite.iter().any(|property| properties.contains_key(property)))
        };
        let Some(kind) = kinds.into_iter().find(implied) else { return false };
        let found = self.after.holds(self.context, &Condition::Property(kind, value));
        let known = found.is_some();
        self.evidence.extend(found.filter(|evidence| !self.evidence.contains(evidence)));
        known
    }

    fn is_active_variable(&self, variable: Symbol) -> bool {
        self.facts.variables.contains(&variable) && !self.context.info(variable).shape.is_scalar()
    }

    /// (G ± Gᵀ)/2.
    fn half(&mut self, value: Term, sign: i64) -> Term {
        let mut normal = Normal::new(&mut self.context.terms);
        let transposed = normal.transpose(value);
        let transposed = normal.scale(ratio(sign, 1), transposed);
        let sum = normal.sum(&[value, transposed]);
        normal.scale(ratio(1, 2), sum)
    }

    /// The part of G in a triangle.
    fn triangle(&mut self, part: Function, value: Term) -> Term {
        Normal::new(&mut self.context.terms).call(part, value)
    }

    /// G ⊙ I.
    fn diagonal_part(&mut self, value: Term) -> Term {
        let mut normal = Normal::new(&mut self.context.terms);
        let rows = normal.store().shape(value).rows();
        let identity = normal.store_mut().identity(rows);
        normal.hadamard(&[value, identity])
    }

    /// G + Gᵀ − G ⊙ I.
    fn table_of_entries(&mut self, value: Term) -> Term {
        let diagonal = self.diagonal_part(value);
        let mut normal = Normal::new(&mut self.context.terms);
        let transposed = normal.transpose(value);
        let both = normal.sum(&[value, transposed]);
        normal.subtract(both, diagonal)
    }
}
