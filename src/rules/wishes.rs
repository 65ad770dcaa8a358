//! What would help: conditions that nothing settles, under which a rule would have fired.

use super::{Class, Kink, RuleCondition, RuleSet};
use crate::facts::{Condition, Facts};
use crate::ir::{Context, Property, Term};

impl RuleSet {
    /// The conditions that keep rules of a class from firing anywhere in `root`, each once: those that a rule needs
    /// one of, in the order of places; of one property, if it is `wanted`.
    pub fn would_help(
        &self,
        class: Class,
        kink: Kink,
        context: &mut Context,
        facts: &Facts,
        root: Term,
        wanted: Option<Property>,
    ) -> Vec<Condition> {
        let speaks_of_it = |condition: &RuleCondition| match (wanted, condition) {
            (Some(wanted), RuleCondition::Property(property, _)) => wanted == *property,
            (Some(_), _) => false,
            (None, _) => true,
        };
        let mut found: Vec<Condition> = Vec::new();
        for term in context.terms.postorder(root) {
            for id in self.candidates(class, &context.terms, term) {
                let rule = self.rule(id);
                if !rule.conditions.iter().any(speaks_of_it) || rule.kink.is_some_and(|wanted| wanted != kink) {
                    continue;
                }
                let wishing = facts.wishing();
                if self.apply(id, context, &wishing, term).is_none() {
                    continue;
                }
                if let [wish] = wishing.wishes()[..].as_ref()
                    && wanted.is_none_or(|wanted| matches!(wish, Condition::Property(is, _) if *is == wanted))
                    && !found.contains(wish)
                {
                    found.push(wish.clone());
                }
            }
        }
        found
    }
}
