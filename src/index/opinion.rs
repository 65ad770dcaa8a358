//! The second opinion: a derivative that was found in another way, compared with the one by index form.

use super::{Comparison, Differentials, IndexForm, Refusal, Workspace};
use crate::ir::normal::Normal;
use crate::ir::{Symbol, Term};

/// Is `answer` the derivative of `f` by `variable` in mixed layout? Both are compared as polynomials in their atoms,
/// defined names of the answer (δ₁) looked into; so [`Comparison::Different`] is a reason to evaluate and no proof
/// that the answer is wrong. A Jacobian of or by matrices has composite indices: it is the same or unknown.
///
/// # Errors
/// Index form cannot differentiate `f`, or has no form for the answer.
pub fn second_opinion(
    workspace: &mut Workspace<'_>,
    rules: &dyn Differentials,
    f: Term,
    variable: Symbol,
    answer: Term,
) -> Result<Comparison, Refusal> {
    let form = workspace.read(f)?;
    let output = form.free.clone();
    let shape = {
        let variable = workspace.context.terms.symbol(variable);
        workspace.shape(variable)
    };
    let new = workspace.axes(&shape);
    let derivative = workspace.differentiate(&form, variable, &new, rules)?;
    workspace.after_differentiating();
    if !output.is_empty() && !new.is_empty() && output.len() + new.len() > 2 {
        let own = workspace.to_jacobian(&derivative, &output, &new);
        let answer = Normal::new(&mut workspace.context.terms).term(answer);
        return Ok(if own == Some(answer) { Comparison::Same } else { Comparison::Unknown });
    }
    let answer = workspace.read(answer)?;
    let free = [output, new].concat();
    if answer.free.len() != free.len() {
        return Ok(Comparison::Different);
    }
    Ok(workspace.compare_unfolded(&IndexForm { free, ..derivative }, &answer))
}
