//! Parts that have no real value, whatever the names stand for: `log(-1)`, `x/0`, `log(-x'x)`. Arithmetic mod p has a
//! value for some of them.

use super::Session;
use super::refuse::{self, Places};
use crate::diag::{Diagnostic, Span};
use crate::eval::{EvalError, Model, Ring, Settings, Sizes};
use crate::facts;
use crate::ir::hash::FastSet;
use crate::ir::{Context, Op, Property, Term};

impl Session {
    /// Refuses a term with a part that has no real value.
    pub(super) fn refuse_without_value(&mut self, term: Term, span: Span, places: &Places) -> Result<(), Diagnostic> {
        self.refuse_undefined_constants(term, span)?;
        let Some(never) = facts::without_value(&mut self.context, term) else { return Ok(()) };
        let [part, about] = [never.part, never.about].map(|t| refuse::quoted(&self.context, t));
        let why = match never.property {
            Property::Positive => format!("{about} is never positive"),
            _ => format!("{about} is negative, except where it is 0"),
        };
        Err(Diagnostic::error("E0410", format!("{part} has no real value"))
            .label(refuse::place_of(never.part, places).unwrap_or(span), why)
            .note("everything is real; a value that does not exist is not computed with"))
    }

    fn refuse_undefined_constants(&self, term: Term, span: Span) -> Result<(), Diagnostic> {
        let Some((part, error)) = undefined_constant(&self.context, term) else { return Ok(()) };
        let why = match error {
            EvalError::DivisionByZero => "something is divided by 0".to_owned(),
            EvalError::NoRoot => "a negative number has no real square root".to_owned(),
            EvalError::Undefined(function) => format!("`{function}` is taken outside its domain"),
            _ => "a matrix is singular".to_owned(),
        };
        Err(Diagnostic::error("E0410", format!("{} has no real value", refuse::quoted(&self.context, part)))
            .label(span, why)
            .note("everything is real; a value that does not exist is not computed with"))
    }
}

/// The first part, inner ones first, that holds numbers only and has no real value.
fn undefined_constant(context: &Context, term: Term) -> Option<(Term, EvalError)> {
    let mut model = Model::<f64>::new(context, Sizes::default(), Settings::default());
    let mut closed: FastSet<Term> = FastSet::default();
    context.terms.postorder(term).into_iter().find_map(|part| {
        let args = context.terms.args(part);
        if let (Op::Quotient, [_, below]) = (context.terms.op(part), args)
            && closed.contains(below)
            && model.evaluate(*below).is_ok_and(|below| below.data().iter().all(Ring::is_zero))
        {
            return Some((part, EvalError::DivisionByZero));
        }
        if !is_closed(context, part, &closed) {
            return None;
        }
        closed.insert(part);
        let error = model.evaluate(part).err()?;
        use EvalError::*;
        matches!(error, DivisionByZero | NoRoot | Undefined(_) | Singular).then_some((part, error))
    })
}

/// Holds it numbers only, its arguments being known? A name stands for its definition; a dimension has no value.
fn is_closed(context: &Context, part: Term, closed: &FastSet<Term>) -> bool {
    match context.terms.op(part) {
        Op::Symbol(symbol) => {
            let definition = context.definition(*symbol);
            definition.is_some_and(|d| !context.terms.any(d.raw, |t| !is_constant_node(context.terms.op(t))))
        }
        op => is_constant_node(op) && context.terms.args(part).iter().all(|arg| closed.contains(arg)),
    }
}

fn is_constant_node(op: &Op) -> bool {
    match op {
        Op::Entry(_) | Op::IndexSum { .. } | Op::Differential | Op::Partial | Op::EntrywisePartial => false,
        op => !op.is_leaf() || matches!(op, Op::Number(_)),
    }
}
