//! `rule my-lemma: l => r`: rules of the user, in the notation of `rules/*.rules`.
//!
//! The declared names in a rule stand for any term of their shape; what was declared or assumed of them does not count,
//! so what a rule needs is said in it (`where symmetric(S)`). Before a rule is used it is audited like ours: one that
//! is wrong is refused with a counter-example. Then it takes part in simplifying and proving, and steps name it.

use super::answer::Outcome;
use super::statements::Executed;
use super::{Session, refuse};
use crate::audit::{self, Fault};
use crate::derive::Engine;
use crate::diag::{Diagnostic, Span};
use crate::elaborate::{self, Scope};
use crate::ir::{Claim, Context, Op, SymbolKind, Term};
use crate::rules::{Class, Rule, RuleCondition, RuleFile, RuleSet, read_rule};
use crate::shape::{Dim, DimName, Shape};
use crate::syntax::rules::{Arrow, Field, RuleText};
use crate::verify;
use std::sync::Arc;

/// The classes of rules that a user may state.
const CLASSES: &[&str] = &["collect", "taste", "lemma"];

impl Session {
    /// States a rule: read, audited, and from here on used.
    pub(super) fn state_rule(&mut self, text: &RuleText) -> Executed {
        let text = completed(text)?;
        let known = &self.engine.rules;
        if known.named(&text.name).is_some() {
            return Err(Diagnostic::error("E0105", format!("there is a rule `{}` already", text.name))
                .label(text.name_span, "choose another name"));
        }
        let mut context = known.context.clone();
        self.metavariables(&mut context);
        let scope = Scope::new(self.source.clone());
        let mut stated = Vec::new();
        let file = RuleFile { name: "script", class: Class::Taste, text: "" };
        read_rule(&mut context, &scope, &text, &file, &mut stated)?;
        for rule in &mut stated {
            self.refuse_calculus(&context, rule, &text)?;
            classify(&context, rule, &text);
        }
        let mut all = known.rules.clone();
        let first = all.len();
        all.extend(stated);
        let rules = RuleSet::new(context, all);
        for at in first..rules.rules.len() {
            self.audited(&rules, at as u32, &text)?;
        }
        let sides = [&text.left, &text.right].map(|side| elaborate::expression(&mut self.context, &self.scope, side));
        let [left, right] = sides;
        let outcome = Outcome::Rule { name: text.name.clone(), sides: (left?.term, right?.term) };
        self.engine = Arc::new(Engine::new(rules));
        Ok((outcome, Vec::new()))
    }

    /// The declared names as metavariables, without what is known of them; they and their sizes are new ones, however
    /// those of our rules are called.
    fn metavariables(&self, context: &mut Context) {
        context.forget_dims();
        let old: Vec<String> = context.names().map(|(name, _)| name.to_owned()).collect();
        for name in old {
            context.bind(&name, None);
        }
        for (name, symbol) in self.context.names() {
            let info = self.context.info(symbol);
            if info.kind == SymbolKind::Variable {
                let shape = in_context(&info.shape, context);
                context.declare(name, shape, SymbolKind::Variable);
            }
        }
    }

    /// Rules about differentials say what a derivative is; those are ours.
    fn refuse_calculus(&self, context: &Context, rule: &Rule, text: &RuleText) -> Result<(), Diagnostic> {
        let is_calculus = |term: Term| {
            context.terms.any(term, |part| matches!(context.terms.op(part), Op::Differential | Op::Partial))
        };
        if is_calculus(rule.lhs) || is_calculus(rule.rhs) {
            return Err(refuse::not_yet(text.span, "a rule about derivatives"));
        }
        Ok(())
    }

    fn audited(&self, rules: &RuleSet, at: u32, text: &RuleText) -> Result<(), Diagnostic> {
        let id = crate::rules::RuleId(at);
        let faults = audit::audit(rules, id, self.limits.seed);
        // A condition too many does no harm in a script.
        let fault = faults.into_iter().find(|fault| !matches!(fault, Fault::Unnecessary(_)));
        let Some(fault) = fault else { return Ok(()) };
        let statement = text.left.span.to(text.right.span);
        Err(match fault {
            Fault::Differs(_) | Fault::RightUndefined(_) => self.wrong(rules.rule(id), rules, &fault, statement),
            Fault::NeverDefined => Diagnostic::error("E0601", format!("the rule `{}` cannot be audited", text.name))
                .label(statement, fault.to_string()),
            Fault::DoesNotFire | Fault::GivesSomethingElse => Diagnostic::error(
                "E0011",
                format!("the rule `{}` would never be used", text.name),
            )
            .label(statement, "its left side is never met in this form, or is the right side already once it is built"),
            _ => Diagnostic::error("E0011", format!("the rule `{}` is not in order", text.name))
                .label(statement, fault.to_string()),
        })
    }

    /// A rule that is false, with numbers that show it if there are exact ones.
    fn wrong(&self, rule: &Rule, rules: &RuleSet, fault: &Fault, span: Span) -> Diagnostic {
        let d = Diagnostic::error("E0601", format!("the rule `{}` is wrong", rule.name));
        let claims: Vec<Claim> = rule
            .conditions
            .iter()
            .filter_map(|condition| match condition {
                RuleCondition::Property(property, term) => Some(Claim::Property(*term, *property)),
                _ => None,
            })
            .collect();
        match verify::refute(&rules.context, rule.lhs, rule.rhs, &claims, self.limits.seed) {
            Some(found) => {
                let (label, note) = refuse::counterexample(&rules.context, &found);
                d.label(span, label).note(note)
            }
            None => d.label(
                span,
                match fault {
                    Fault::RightUndefined(_) => "the left side has a value where the right side has none",
                    _ => "the two sides differ at a random point",
                },
            ),
        }
        .note("in a rule a name stands for any term of its shape; what the rule needs is said by `where`")
    }
}

/// What a user need not say: where the rule is from, and in which words steps cite it.
fn completed(text: &RuleText) -> Result<RuleText, Diagnostic> {
    let mut text = text.clone();
    if let Some(field) = text.values("class").find(|field| !CLASSES.contains(&field.value.as_str())) {
        return Err(Diagnostic::error("E0011", format!("`{}` is no class of a rule in a script", field.value))
            .label(field.span, format!("one of {}", CLASSES.join(", "))));
    }
    let reason = if text.doc.is_empty() { text.name.clone() } else { format!("{}: {}", text.name, text.doc) };
    for (key, value) in [("reason", reason), ("level", "headline".into()), ("source", "stated in a script".into())] {
        if text.values(key).next().is_none() {
            text.fields.push(Field { key: key.into(), value, span: text.name_span });
        }
    }
    Ok(text)
}

/// A rule that makes a term smaller is used wherever it fits; any other where the e-graph looks for better forms.
fn classify(context: &Context, rule: &mut Rule, text: &RuleText) {
    let shrinks = context.terms.tree_size(rule.rhs) < context.terms.tree_size(rule.lhs);
    if shrinks && text.arrow == Arrow::Forward && text.values("class").next().is_none() {
        rule.class = Class::Collect;
    }
}

/// The shape with the sizes of another context.
fn in_context(shape: &Shape, context: &mut Context) -> Shape {
    let mut size = |dim: Dim| {
        let names: Vec<(DimName, Dim)> =
            dim.names().into_iter().map(|name| (name.clone(), context.dim(&name.name))).collect();
        dim.substitute(&|name| names.iter().find(|(known, _)| known == name).map(|(_, dim)| dim.clone()))
    };
    match shape {
        Shape::Scalar => Shape::Scalar,
        Shape::Matrix { rows, cols } => Shape::matrix(size(rows.clone()), size(cols.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::{self, Spelling};

    const NAMES: &str = "A, B, S : R^(n×n); W : R^(m×n); x, y : R^n; s : scalar";

    /// The value or error of the last statement.
    fn run(text: &str) -> String {
        let mut session = Session::new();
        session.run(NAMES);
        let responses = session.run(text);
        match &responses[responses.len() - 1].outcome {
            Outcome::Answers(answers) => {
                let rules: Vec<String> =
                    answers[0].derivation.steps.iter().map(|step| format!("{:?}", step.by)).collect();
                format!("{} {}", print::term(session.context(), answers[0].value, Spelling::Ascii), rules.join(" "))
            }
            Outcome::Error(error) => format!("{}: {} {}", error.code, error.title, error.notes.join(" ")),
            Outcome::Rule { name, .. } => format!("rule {name}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_right_rule_is_used_and_named() {
        let rule = "rule shift: softmax(x + s*ones(n, 1)) => softmax(x)";
        assert_eq!(run(rule), "rule shift");
        assert_eq!(run("simplify softmax(y - s*ones(n))"), "softmax(y - s * ones(n, 1)) ");
        let shifted = run(&format!("{rule}\nsimplify softmax(y - s*ones(n))"));
        assert_eq!(shifted, "softmax(y) Rule(\"shift\")");
        let rule = "rule root: sqrt(s^2) => s\n    where positive(s)\nt : scalar";
        assert!(!run(&format!("{rule}\nsimplify sqrt(t^2)")).contains("root"));
        assert!(run(&format!("{rule} positive\nsimplify sqrt(t^2)")).contains("root"));
    }

    #[test]
    fn a_wrong_rule_is_refused_with_a_counterexample() {
        let wrong = run("rule commute: A*B => B*A");
        assert!(wrong.starts_with("E0601") && wrong.contains("counter-example"), "{wrong}");
        let half = run("rule half: log(s^2) => 2*log(s)");
        assert!(half.starts_with("E0601"), "{half}");
        assert_eq!(run("rule half: log(s^2) => 2*log(s)\n    where positive(s)"), "rule half");
    }

    #[test]
    fn what_is_declared_of_a_name_is_no_condition_of_a_rule() {
        let text = "assume S symmetric\nrule turn: x'*S*y => y'*S*x";
        assert!(run(text).starts_with("E0601"), "{}", run(text));
    }

    #[test]
    fn a_rule_that_says_nothing_new_or_too_much_is_refused() {
        assert!(run("rule turn: tr(A*B) => tr(B*A)").starts_with("E0011"));
        assert!(run("rule d-inv: inv(A) => A").starts_with("E0105"));
        assert!(run("rule one: d(A*B) => d(A)*B + A*d(B)").starts_with("E0901"));
        assert!(run("rule one: A*x => x'").starts_with("E02"));
        assert!(run("rule one: A => A\n    class differential").starts_with("E0011"));
    }

    #[test]
    fn rules_of_the_user_are_forgotten_with_everything_else() {
        let rule = "rule resolvent: inv(A) - inv(B) => inv(A)*(B - A)*inv(B)";
        let again = run(&format!("{rule}\n:reset\n{NAMES}\n{rule}"));
        assert_eq!(again, "rule resolvent");
        assert!(run(&format!("{rule}\n{rule}")).starts_with("E0105"));
    }
}
