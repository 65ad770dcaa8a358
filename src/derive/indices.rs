//! What the rules of classes `adjoint` and `identify` do not bring out is derived in index form.
//!
//! The index core differentiates entry by entry and comes back to matrices where it can: a network that no matrix
//! notation says is refused, and the refusal of the caller stands.

use super::{Deriver, Refusal};
use crate::index::{Limits, Table, Workspace};
use crate::ir::{Op, Symbol, Term};
use crate::shape::Shape;
use crate::trace::{Inference, Level, Statement, Step, words};

impl Deriver<'_> {
    /// The gradient of the scalar `root` by index form, or the refusal that was met before.
    pub(super) fn gradient_by_indices(
        &mut self,
        root: Term,
        variable: Symbol,
        before: Refusal,
    ) -> Result<Term, Refusal> {
        self.by_indices(root, variable, false).map_or(Err(before), |found| self.finish(found, Some(variable)))
    }

    /// The matrix M of vec dF = M vec dX by index form, or the refusal that was met before.
    pub(super) fn jacobian_by_indices(
        &mut self,
        root: Term,
        variable: Symbol,
        before: Refusal,
    ) -> Result<Term, Refusal> {
        self.by_indices(root, variable, true).map_or(Err(before), |found| self.finish(found, None))
    }

    fn by_indices(&mut self, root: Term, variable: Symbol, jacobian: bool) -> Option<Term> {
        let x = self.context.terms.symbol(variable);
        let shape: Shape = self.context.terms.shape(x).clone();
        let table = Table { rules: &self.engine.rules, facts: &self.facts, kink: self.kink };
        let mut workspace = Workspace::with(self.context, self.facts.clone(), Limits::default());
        let form = workspace.read(root).ok()?;
        let output = form.free.clone();
        let new = workspace.axes(&shape);
        let derivative = workspace.differentiate(&form, variable, &new, &table).ok()?;
        workspace.after_differentiating();
        let found = match jacobian {
            true => workspace.to_jacobian(&derivative, &output, &new)?,
            false => workspace.to_matrix(&derivative, &new)?,
        };
        let evidence = workspace.evidence().to_vec();
        let partial = self.context.terms.make(Op::Partial, &[root, x]);
        let (before, after) = (Statement::Term(partial), Statement::Term(found));
        let because = words("entry by entry, in index form");
        let mut step = Step::inference(Inference::Indices, before, after, because, Level::Headline);
        step.evidence = evidence;
        self.keep_evidence(&step);
        self.push(step);
        Some(found)
    }
}
