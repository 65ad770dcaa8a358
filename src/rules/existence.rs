//! Why a term has a derivative at all, for proofs that may not use the rule for it.

use super::{Class, Kink, RuleSet};
use crate::facts::Facts;
use crate::ir::hash::FastMap;
use crate::ir::{Context, Op, Term};
use crate::trace::{Piece, Rich};

/// Why a term is differentiable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differentiability {
    /// The rule that says so; it is the claim where this is asked.
    pub rule: String,
    /// What the term is equal to, a raw term.
    pub equal_to: Term,
    /// What is to be said besides.
    pub because: Rich,
}

impl RuleSet {
    /// Why the normal term `of` has a derivative, by the rule of class `differential` that would give it; `None` if
    /// no rule says so.
    pub fn differentiable(&self, context: &mut Context, of: Term) -> Option<Differentiability> {
        let d = context.terms.raw(Op::Differential, &[of]).ok()?;
        let facts = Facts::new(context, &[], &[of]);
        let found = self.candidates(Class::Differential, &context.terms, d).into_iter().find_map(|id| {
            let existence = self.rule(id).exists.clone()?;
            let allowed = self.rule(id).kink.is_none_or(|kink| kink == Kink::Excluded);
            let application = self.apply(id, context, &facts.wishing(), d).filter(|_| allowed)?;
            Some((id, existence, application.substitution))
        });
        let (id, existence, substitution) = found?;
        let equal_to = self.instance(context, existence.equal, &substitution)?;
        let because = self.with_instances(&existence.because, &substitution);
        Some(Differentiability { rule: self.rule(id).name.clone(), equal_to, because })
    }

    /// Words with the names of metavariables replaced by what they stand for.
    fn with_instances(&self, text: &str, substitution: &[(String, Term)]) -> Rich {
        let mut rich = Rich::new();
        let mut words = String::new();
        for word in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
            let name = word.trim_end_matches(|c: char| !c.is_alphanumeric());
            match substitution.iter().find(|(known, _)| known == name) {
                Some((_, term)) => {
                    rich.push(Piece::Text(std::mem::take(&mut words)));
                    rich.push(Piece::Math(*term));
                    words.push_str(&word[name.len()..]);
                }
                None => words.push_str(word),
            }
        }
        rich.push(Piece::Text(words));
        rich
    }

    /// The raw instance of a pattern without sizes of its own.
    fn instance(&self, context: &mut Context, pattern: Term, substitution: &[(String, Term)]) -> Option<Term> {
        let mut done: FastMap<Term, Term> = FastMap::default();
        for node in self.context.terms.postorder(pattern) {
            let built = match self.context.terms.as_symbol(node) {
                Some(symbol) => {
                    let name = self.context.name(symbol);
                    substitution.iter().find(|(known, _)| known == name)?.1
                }
                None => {
                    let args: Vec<Term> = self.context.terms.args(node).iter().map(|arg| done[arg]).collect();
                    context.terms.raw(self.context.terms.op(node).clone(), &args).ok()?
                }
            };
            done.insert(node, built);
        }
        done.get(&pattern).copied()
    }
}
