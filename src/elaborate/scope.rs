//! What elaboration knows beside the context: the text, where names were declared, functions of the
//! user, earlier results, and names whose definition failed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::Span;
use crate::ir::{Symbol, Term};
use crate::syntax::tree::Expr;

/// A user's function: instantiated, shapes and all, wherever it is applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// The parameters by canonical name.
    pub params: Vec<String>,
    /// The body as typed.
    pub body: Expr,
    /// The definition that stands for the function of its own parameter: `S` for `S(Y)` with `Y`
    /// declared, so that answers can be written with it.
    pub own: Option<Symbol>,
}

/// Where a name was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The name.
    pub name: Span,
    /// The shape, or the defining equation.
    pub shape: Span,
    /// Is it a declaration, rather than a definition?
    pub declared: bool,
}

/// The surroundings of an elaboration. All spans of one scope point into one text.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The text that the spans point into.
    pub source: Arc<str>,
    /// The statement that is being elaborated: a missing declaration is offered before it.
    pub statement: Span,
    /// The user's functions.
    pub functions: BTreeMap<String, Function>,
    /// Are letters that nobody declared names (`:letters`)?
    pub letters: bool,
    /// Earlier results, for `%1`, `%2`, …; `None` where a result is no term.
    pub results: Vec<Option<Term>>,
    places: BTreeMap<String, Place>,
    poisoned: BTreeMap<String, Span>,
}

impl Scope {
    /// A scope for this text.
    pub fn new(source: impl Into<Arc<str>>) -> Scope {
        Scope { source: source.into(), ..Scope::default() }
    }

    /// Records where a name was declared or defined.
    pub fn place(&mut self, name: &str, place: Place) {
        self.poisoned.remove(name);
        self.places.insert(name.to_string(), place);
    }

    /// Where a name was declared or defined.
    pub fn place_of(&self, name: &str) -> Option<Place> {
        self.places.get(name).copied()
    }

    /// Records that the definition of a name failed, at `span`.
    pub fn poison(&mut self, name: &str, span: Span) {
        self.poisoned.insert(name.to_string(), span);
    }

    /// Where the definition of a name failed.
    pub fn poisoned(&self, name: &str) -> Option<Span> {
        self.poisoned.get(name).copied()
    }
}
