//! A rule as two terms with claims about their names, ready to be evaluated.

use crate::ir::{Claim, Context, Op, Rational, Symbol, Term, ratio};
use crate::rules::{Kink, Rule, RuleCondition, RuleSet};
use std::collections::HashMap;

/// A rule with numbers in the place of its number metavariables.
pub(super) struct Instance {
    pub(super) context: Context,
    pub(super) lhs: Term,
    pub(super) rhs: Term,
    /// What the conditions say.
    pub(super) claims: Vec<Claim>,
    /// Terms that must not be near zero.
    pub(super) away: Vec<Term>,
    /// Names that have a differential.
    pub(super) varying: Vec<Symbol>,
    /// The slope of relu at 0, if the rule is about one choice.
    pub(super) slope: Option<Rational>,
    /// What a condition that was left out speaks about.
    pub(super) left_out: Option<Term>,
}

/// The exponents that are tried for a whole and for any number.
const WHOLE: &[(i64, i64)] = &[(2, 1), (3, 1), (-1, 1), (-2, 1), (1, 1)];
const ANY: &[(i64, i64)] = &[(1, 2), (3, 2), (-1, 2), (2, 1), (-1, 1)];

/// The instances of a rule, without the condition at `without`.
pub(super) fn instances(rules: &RuleSet, rule: &Rule, without: Option<usize>) -> Vec<Instance> {
    let numbered = rule.conditions.iter().enumerate().find_map(|(i, condition)| match condition {
        RuleCondition::Integer(term) if without != Some(i) => Some((*term, WHOLE)),
        RuleCondition::Number(term) if without != Some(i) => Some((*term, ANY)),
        _ => None,
    });
    match numbered {
        None => vec![instance(rules, rule, without, &HashMap::new(), rules.context.clone())],
        Some((metavariable, values)) => values
            .iter()
            .map(|&(numerator, denominator)| {
                let mut context = rules.context.clone();
                let number = context.terms.number(ratio(numerator, denominator));
                instance(rules, rule, without, &HashMap::from([(metavariable, number)]), context)
            })
            .collect(),
    }
}

fn instance(
    rules: &RuleSet,
    rule: &Rule,
    without: Option<usize>,
    replace: &HashMap<Term, Term>,
    mut context: Context,
) -> Instance {
    let mut read = |term: Term| substitute(&mut context, term, replace);
    let (lhs, rhs) = (read(rule.lhs), read(rule.rhs));
    let (mut claims, mut away, mut constant, mut left_out) = (Vec::new(), Vec::new(), Vec::new(), None);
    for (i, condition) in rule.conditions.iter().enumerate() {
        let about = read(condition.term());
        if without == Some(i) {
            left_out = Some(about);
            continue;
        }
        match condition {
            RuleCondition::Property(property, _) => claims.push(Claim::Property(about, *property)),
            RuleCondition::AwayFromZero(_) => away.push(about),
            RuleCondition::Constant(_) => constant.push(condition.term()),
            _ => {}
        }
    }
    let is_constant =
        |symbol: &Symbol| constant.iter().any(|&term| rules.context.terms.as_symbol(term) == Some(*symbol));
    let varying = rule.metavariables.iter().copied().filter(|symbol| !is_constant(symbol)).collect();
    let slope = rule.kink.and_then(|kink| match kink {
        Kink::Excluded => None,
        Kink::Zero => Some(ratio(0, 1)),
        Kink::One => Some(ratio(1, 1)),
        Kink::Half => Some(ratio(1, 2)),
    });
    Instance { context, lhs, rhs, claims, away, varying, slope, left_out }
}

/// A raw term with sub-terms replaced; where the result has no shape, the sub-term stays.
pub(super) fn substitute(context: &mut Context, root: Term, replace: &HashMap<Term, Term>) -> Term {
    let mut done: HashMap<Term, Term> = replace.clone();
    for node in context.terms.postorder(root) {
        if done.contains_key(&node) {
            continue;
        }
        let args: Vec<Term> = context.terms.args(node).iter().map(|arg| done[arg]).collect();
        let op: Op = context.terms.op(node).clone();
        let built = context.terms.raw(op, &args).unwrap_or(node);
        done.insert(node, built);
    }
    done[&root]
}
