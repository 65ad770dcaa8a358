//! The user's names that may stand for a part of a result, found by that part: a deep network has many names, and
//! each result is about a few of them.

use super::fold;
use super::implicit::equation_of;
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Context, Symbol, Term};
use std::collections::BTreeSet;

/// The definitions whose names may stand in answers, as they were when a derivation began.
#[derive(Clone, Debug, Default)]
pub(super) struct Nameable {
    /// In order of declaration, with the body and the symbols in it.
    names: Vec<(Symbol, Term, Vec<Symbol>)>,
    /// Positions by the body and by its transpose.
    by_body: FastMap<Term, Vec<usize>>,
    /// Positions by the last symbol of the body (`None`: a body without symbols).
    by_symbol: FastMap<Option<Symbol>, Vec<usize>>,
    /// Of quotients and powers, which are found by their factors.
    shapes: FastMap<Symbol, fold::Shape>,
}

impl Nameable {
    /// The definitions of a context; the `variables` of the question may not take the place of their bodies.
    pub(super) fn new(context: &mut Context, variables: &[Symbol]) -> Self {
        let mut nameable = Nameable::default();
        for symbol in context.nameable_definitions() {
            let Some(definition) = context.definition(symbol) else { continue };
            let at = nameable.names.len();
            let equation = equation_of(context, symbol);
            let is_solution = equation.is_some();
            let body = match equation {
                // Of `x = tanh(W x + b)` the right side is another way to write x; of `A x = b` nothing is.
                Some((left, right)) => {
                    let name = context.terms.symbol(symbol);
                    let Some(body) = other_side(name, left, right) else { continue };
                    nameable.names.push((symbol, body, Vec::new()));
                    body
                }
                None => {
                    let parts = context.symbols_in(definition.normal);
                    nameable.by_symbol.entry(parts.last().copied()).or_default().push(at);
                    nameable.names.push((symbol, definition.normal, parts));
                    definition.normal
                }
            };
            if variables.contains(&symbol) || context.terms.op(body).is_leaf() {
                continue;
            }
            if !is_solution {
                nameable.shapes.extend(fold::Shape::of(&context.terms, body).map(|shape| (symbol, shape)));
            }
            let transposed = Normal::new(&mut context.terms).transpose(body);
            for body in BTreeSet::from([body, transposed]) {
                nameable.by_body.entry(body).or_default().push(at);
            }
        }
        nameable
    }

    /// The names whose bodies are made of these symbols (in order), in order of declaration.
    pub(super) fn made_of(&self, symbols: &[Symbol]) -> Vec<Symbol> {
        let keys = symbols.iter().map(|&symbol| Some(symbol)).chain([None]);
        let mut found: Vec<usize> = keys.filter_map(|key| self.by_symbol.get(&key)).flatten().copied().collect();
        found.sort_unstable();
        let made_of = |parts: &[Symbol]| parts.iter().all(|part| symbols.binary_search(part).is_ok());
        found.into_iter().map(|at| &self.names[at]).filter(|(_, _, parts)| made_of(parts)).map(|name| name.0).collect()
    }

    /// The names of quotients and powers that are made of the symbols of a term, in order of declaration.
    pub(super) fn shapes(&self, context: &Context, term: Term) -> Vec<(Symbol, fold::Shape)> {
        if self.shapes.is_empty() {
            return Vec::new();
        }
        let names = self.made_of(&context.symbols_in(term)).into_iter();
        names.filter_map(|symbol| Some((symbol, self.shapes.get(&symbol)?.clone()))).collect()
    }

    /// The first name from position `from` on whose body, or its transpose, is a part of `term`, with its position
    /// and its body.
    pub(super) fn part_of(&self, context: &Context, term: Term, from: usize) -> Option<(usize, Symbol, Term)> {
        if self.by_body.is_empty() {
            return None;
        }
        let parts = context.terms.postorder(term);
        let all = parts.iter().filter_map(|part| self.by_body.get(part)).flatten().copied();
        all.filter(|&at| at >= from).min().map(|at| (at, self.names[at].0, self.names[at].1))
    }
}

/// What an equation says that a name is, if the name is one of its sides.
fn other_side(name: Term, left: Term, right: Term) -> Option<Term> {
    match name {
        _ if name == left => Some(right),
        _ if name == right => Some(left),
        _ => None,
    }
}
