//! The second opinion: derivatives that were found in another way, compared with those by index form.

use super::{Comparison, Derivative, Differentials, IndexForm, Label, Refusal, Workspace};
use crate::ir::normal::Normal;
use crate::ir::{Symbol, Term};

/// Is each answer the derivative of `f` by its variable in mixed layout? Both are compared as polynomials in their
/// atoms, defined names of the answer (δ₁) looked into; so [`Comparison::Different`] is a reason to evaluate and no
/// proof that the answer is wrong. A Jacobian of or by matrices has composite indices: it is the same or unknown.
///
/// What lies between `f` and the variables is looked at once for all of them.
///
/// The error of an answer: index form cannot differentiate `f`, or has no form for the answer.
pub fn second_opinions(
    workspace: &mut Workspace<'_>,
    rules: &dyn Differentials,
    f: Term,
    answers: &[(Symbol, Term)],
) -> Vec<Result<Comparison, Refusal>> {
    let own = derivatives(workspace, rules, f, answers.iter().map(|&(variable, _)| variable).collect());
    workspace.after_differentiating();
    let compared = own.into_iter().zip(answers).map(|(own, &(_, answer))| own?.compared(workspace, answer));
    compared.collect()
}

/// A derivative with the indices of what is differentiated, and those of the variable.
struct Own {
    derivative: IndexForm,
    output: Vec<Label>,
    new: Vec<Label>,
}

fn derivatives(
    workspace: &mut Workspace<'_>,
    rules: &dyn Differentials,
    f: Term,
    variables: Vec<Symbol>,
) -> Vec<Result<Own, Refusal>> {
    let form = match workspace.read(f) {
        Ok(form) => form,
        Err(refusal) => return variables.iter().map(|_| Err(refusal.clone())).collect(),
    };
    // The workspace is lent to all derivatives together, so the indices of the variables are made before.
    let axes: Vec<Vec<Label>> = variables
        .iter()
        .map(|&variable| {
            let variable = workspace.context.terms.symbol(variable);
            let shape = workspace.shape(variable);
            workspace.axes(&shape)
        })
        .collect();
    let mut derivative = Derivative::by_each(workspace, &variables, rules);
    let by_one = |(&variable, new): (&Symbol, Vec<Label>)| {
        derivative.turn_to(variable)?;
        let derivative = derivative.of(&form, &new)?;
        Ok(Own { derivative, output: form.free.clone(), new })
    };
    variables.iter().zip(axes).map(by_one).collect()
}

impl Own {
    fn compared(self, workspace: &mut Workspace<'_>, answer: Term) -> Result<Comparison, Refusal> {
        let Own { derivative, output, new } = self;
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
}
