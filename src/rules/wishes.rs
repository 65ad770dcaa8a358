//! What would help: conditions that nothing settles, under which a rule would have fired.

use super::{Class, Kink, RuleSet};
use crate::facts::{Condition, Facts};
use crate::ir::{Context, Term};

impl RuleSet {
    /// The conditions that keep rules of a class from firing anywhere in `root`, each once: those that a rule needs
    /// one of, in the order of places. The rules are tried on a copy of the context, so nothing is built here.
    pub fn would_help(
        &self,
        class: Class,
        kink: Kink,
        context: &mut Context,
        facts: &Facts,
        root: Term,
    ) -> Vec<Condition> {
        let mut found: Vec<Condition> = Vec::new();
        for term in context.terms.postorder(root) {
            for id in self.candidates(class, &context.terms, term) {
                let rule = self.rule(id);
                if rule.conditions.is_empty() || rule.kink.is_some_and(|wanted| wanted != kink) {
                    continue;
                }
                let wishing = facts.wishing();
                if self.apply(id, context, &wishing, term).is_none() {
                    continue;
                }
                if let [wish] = wishing.wishes()[..].as_ref()
                    && !found.contains(wish)
                {
                    found.push(wish.clone());
                }
            }
        }
        found
    }
}
