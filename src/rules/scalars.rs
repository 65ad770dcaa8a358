//! The reading of a rule for scalars: `also scalars`.
//!
//! An entrywise rule says of each entry what its scalar reading says: ⊙ becomes ·, 𝟏 becomes 1, and every matrix
//! metavariable a scalar. The variant is a rule of its own, with `-scalar` behind its name, and is audited like any
//! other.

use super::load::metavariables;
use super::{Rule, RuleCondition};
use crate::ir::hash::FastMap;
use crate::ir::{Context, Op, SymbolKind, Term};
use crate::shape::Shape;

/// The variant for scalars; `None` if an operator has no scalar reading.
pub(super) fn scalar_variant(context: &mut Context, rule: &Rule) -> Option<Rule> {
    let mut done = FastMap::default();
    let mut names = FastMap::default();
    let mut read = |term: Term| as_scalar(context, term, &mut done, &mut names);
    let (lhs, rhs) = (read(rule.lhs)?, read(rule.rhs)?);
    let conditions: Option<Vec<RuleCondition>> =
        rule.conditions.iter().map(|condition| Some(condition.about(read(condition.term())?))).collect();
    Some(Rule {
        name: format!("{}-scalar", rule.name),
        metavariables: metavariables(context, &[lhs, rhs]),
        lhs,
        rhs,
        conditions: conditions?,
        example: None,
        near_miss: None,
        exists: None,
        ..rule.clone()
    })
}

fn as_scalar(
    context: &mut Context,
    root: Term,
    done: &mut FastMap<Term, Term>,
    names: &mut FastMap<Term, Term>,
) -> Option<Term> {
    for node in context.terms.postorder(root) {
        if done.contains_key(&node) {
            continue;
        }
        let args: Vec<Term> = context.terms.args(node).iter().map(|arg| done[arg]).collect();
        let built = match context.terms.op(node).clone() {
            Op::Symbol(symbol) => *names.entry(node).or_insert_with(|| {
                if context.info(symbol).shape.is_scalar() {
                    return node;
                }
                let name = context.name(symbol).to_owned();
                let scalar = context.declare_hidden(&name, Shape::Scalar, SymbolKind::Metavariable);
                context.terms.symbol(scalar)
            }),
            Op::Ones(..) | Op::Identity(_) => context.terms.integer(1),
            Op::Zero(_) => context.terms.integer(0),
            Op::Hadamard => context.terms.raw(Op::Product, &args).ok()?,
            Op::ElementPower => context.terms.raw(Op::Power, &args).ok()?,
            Op::Transpose | Op::AsScalar => args[0],
            op => context.terms.raw(op, &args).ok()?,
        };
        done.insert(node, built);
    }
    done.get(&root).copied().filter(|&term| context.terms.shape(term).is_scalar())
}
