//! Which of the names that a question introduced an answer to it lists: those that it uses, directly or through each
//! other. The answers to one question share most of them.

use crate::ir::hash::FastMap;
use crate::ir::{Context, Symbol, Term};

/// Names with their bodies, each after those that it uses.
pub(super) struct Names {
    names: Vec<(Symbol, Term)>,
    at: FastMap<Symbol, usize>,
    /// The positions of the names in each body.
    below: Vec<Vec<usize>>,
}

impl Names {
    pub(super) fn new(context: &Context, names: Vec<(Symbol, Term)>) -> Self {
        let at: FastMap<Symbol, usize> = names.iter().enumerate().map(|(at, &(symbol, _))| (symbol, at)).collect();
        let positions = |body| context.symbols_in(body).iter().filter_map(|symbol| at.get(symbol).copied()).collect();
        let below = names.iter().map(|&(_, body)| positions(body)).collect();
        Names { names, at, below }
    }

    /// Those that some terms use, in order.
    pub(super) fn used(&self, context: &Context, terms: impl IntoIterator<Item = Term>) -> Vec<(Symbol, Term)> {
        let mut is_used = vec![false; self.names.len()];
        let symbols = terms.into_iter().flat_map(|term| context.symbols_in(term));
        let mut open: Vec<usize> = symbols.filter_map(|symbol| self.at.get(&symbol).copied()).collect();
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut is_used[at], true) {
                open.extend(&self.below[at]);
            }
        }
        self.names.iter().zip(is_used).filter(|(_, is_used)| *is_used).map(|(&name, _)| name).collect()
    }
}
