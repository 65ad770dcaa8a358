//! The context: names with their shapes and properties, definitions, and assumptions.

use super::hash::FastMap;
use super::normal::Normal;
use super::{Op, Store, Term};
use crate::shape::{Dim, DimName, Shape};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A declared or defined name: an index into its [`Context`], in order of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(u32);

impl Symbol {
    /// The position in order of declaration.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// A declared scalar, vector or matrix.
    Variable,
    /// A name for a term. Definitions are the cut points of every derivation.
    Definition(Definition),
    /// A user's function `f(X, W) = …`; instantiated where it is applied.
    Function {
        /// Its parameters, which are symbols of kind `Variable` visible in the body only.
        params: Vec<Symbol>,
        /// The body as typed.
        body: Term,
    },
    /// An undefined elementwise function (`σ : elementwise`).
    Elementwise,
    /// A variable of a rule, standing for any term of its shape.
    Metavariable,
}

/// The body of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// As typed.
    pub raw: Term,
    /// Normalised.
    pub normal: Term,
}

/// A property that is declared of a name or assumed of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Property {
    /// Aᵀ = A.
    Symmetric,
    /// Aᵀ = −A.
    Skew,
    /// Square with an inverse.
    Invertible,
    /// Symmetric with xᵀAx > 0 for x ≠ 0.
    PositiveDefinite,
    /// Symmetric with xᵀAx ≥ 0.
    PositiveSemidefinite,
    /// Square with AᵀA = I.
    Orthogonal,
    /// Zero off the diagonal.
    Diagonal,
    /// Zero above the diagonal.
    LowerTriangular,
    /// Zero below the diagonal.
    UpperTriangular,
    /// Every entry is > 0.
    Positive,
    /// Every entry is ≥ 0.
    NonNegative,
    /// No entry is 0.
    Nonzero,
    /// Entries ≥ 0 that add up to 1.
    Simplex,
    /// One entry is 1, the others 0.
    OneHot,
    /// Does not depend on any variable.
    Constant,
    /// XᵀX is invertible.
    FullColumnRank,
    /// XᵀX = I.
    OrthonormalColumns,
}

/// Everything known about a name.
#[derive(Clone, Debug)]
pub struct SymbolInfo {
    /// The canonical name: NFC, Greek letters and hats composed, a subscript after `_` (`ŷ`, `δ_2`, `W1`).
    pub name: Arc<str>,
    /// The shape; of a function, the shape of its value (a scalar for an elementwise one).
    pub shape: Shape,
    /// What it stands for.
    pub kind: SymbolKind,
    /// Declared properties, in order, each with the assumption that records it.
    pub properties: BTreeMap<Property, AssumptionId>,
    /// The names it was declared to be a function of (`A(α)`, `L : scalar, function of Y`).
    pub depends_on: Vec<Symbol>,
    /// What its rows, columns or entries are called as samples.
    pub samples: Option<Samples>,
}

/// A family of samples: the rows `x_i` of a matrix X, its columns, or the entries of a vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Samples {
    /// The name of the family, without its index.
    pub name: Arc<str>,
    /// The index it was declared with.
    pub index: Arc<str>,
    /// The samples are columns, not rows; of a vector they are its entries.
    pub columns: bool,
    /// Written `x^{(i)}`, not `x_i`.
    pub raised: bool,
}

/// The number of an assumption; steps cite it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AssumptionId(pub u32);

/// What is assumed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Claim {
    /// A property of a term.
    Property(Term, Property),
    /// An equation of raw terms.
    Equation(Term, Term),
    /// A name is a differentiable function of another.
    Differentiable(Symbol, Symbol),
}

impl Claim {
    /// The terms that it says something about; of a dependence none.
    pub fn terms(&self) -> Vec<Term> {
        match *self {
            Claim::Property(term, _) => vec![term],
            Claim::Equation(left, right) => vec![left, right],
            Claim::Differentiable(..) => Vec::new(),
        }
    }
}

/// An assumption that the user made, by a declaration or by `assume`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// What is assumed.
    pub claim: Claim,
}

/// Names, definitions and assumptions, with the store of their terms.
///
/// ```
/// use gradus::ir::{Context, SymbolKind};
/// use gradus::shape::Shape;
/// let mut context = Context::new();
/// let n = context.dim("n");
/// let x = context.declare("x", Shape::vector(n), SymbolKind::Variable);
/// assert_eq!(context.lookup("x"), Some(x));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The store of terms.
    pub terms: Store,
    symbols: Vec<SymbolInfo>,
    names: BTreeMap<Arc<str>, Symbol>,
    dims: Vec<Arc<str>>,
    assumptions: Vec<Assumption>,
    /// Assumptions that were made for one question, which is answered.
    retired: BTreeSet<AssumptionId>,
    /// Hidden definitions whose name may stand in answers all the same, with the parameter of the function.
    offered: Vec<(Symbol, Symbol)>,
    /// Arrays whose samples have a name, in order of declaration.
    sampled: Vec<Symbol>,
}

impl Context {
    /// An empty context.
    pub fn new() -> Self {
        Context::default()
    }

    /// Declares a name and makes it visible; an earlier meaning of the name is shadowed.
    pub fn declare(&mut self, name: &str, shape: Shape, kind: SymbolKind) -> Symbol {
        let symbol = self.declare_hidden(name, shape, kind);
        self.names.insert(self.symbols[symbol.index()].name.clone(), symbol);
        symbol
    }

    /// Declares a symbol that input cannot refer to: a parameter, or a name that the engine introduces.
    pub fn declare_hidden(&mut self, name: &str, shape: Shape, kind: SymbolKind) -> Symbol {
        let symbol = Symbol(u32::try_from(self.symbols.len()).expect("fewer than 2³² names"));
        self.terms.declare_symbol(symbol, shape.clone());
        self.symbols.push(SymbolInfo {
            name: name.into(),
            shape,
            kind,
            properties: BTreeMap::new(),
            depends_on: Vec::new(),
            samples: None,
        });
        symbol
    }

    /// Makes a name visible (again) as this symbol, or invisible; returns what it meant before.
    pub fn bind(&mut self, name: &str, symbol: Option<Symbol>) -> Option<Symbol> {
        match symbol {
            Some(symbol) => self.names.insert(name.into(), symbol),
            None => self.names.remove(name),
        }
    }

    /// Lets the name of a hidden definition stand in answers: `S` for a user's function `S(Y)` of its own parameter.
    /// It takes the place of an earlier one of the same name.
    pub fn offer(&mut self, symbol: Symbol, parameter: Symbol) {
        let name = self.info(symbol).name.clone();
        self.offered.retain(|&(earlier, _)| self.symbols[earlier.index()].name != name);
        self.offered.push((symbol, parameter));
    }

    /// Was `symbol` offered as the value of a user's function at its own parameter, `S` for `S(Y)`?
    pub fn is_function_of(&self, symbol: Symbol, parameter: Symbol) -> bool {
        self.offered.contains(&(symbol, parameter))
    }

    /// The definitions whose names may stand in answers: those that input can refer to, and those that were offered;
    /// in order of declaration.
    pub fn nameable_definitions(&self) -> Vec<Symbol> {
        let visible = self.names.values().copied().chain(self.offered.iter().map(|&(symbol, _)| symbol));
        let mut symbols: Vec<Symbol> = visible.filter(|&symbol| self.definition(symbol).is_some()).collect();
        symbols.sort();
        symbols.dedup();
        symbols
    }

    /// The symbol that a name means.
    pub fn lookup(&self, name: &str) -> Option<Symbol> {
        self.names.get(name).copied()
    }

    /// Is a visible name this letter, alone or with a number: P, P1, P_1?
    pub fn begins_name(&self, letter: &str) -> bool {
        let is_numbered = |name: &str| {
            let rest = name.strip_prefix(letter).map(|rest| rest.strip_prefix('_').unwrap_or(rest));
            rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()))
        };
        self.names.keys().any(|name| is_numbered(name))
    }

    /// All visible names with their symbols, by name.
    pub fn names(&self) -> impl Iterator<Item = (&str, Symbol)> {
        self.names.iter().map(|(name, &symbol)| (name.as_ref(), symbol))
    }

    /// All symbols in order of declaration, hidden ones too.
    pub fn symbols(&self) -> impl Iterator<Item = Symbol> {
        (0..self.symbols.len() as u32).map(Symbol)
    }

    /// Everything known about a symbol.
    pub fn info(&self, symbol: Symbol) -> &SymbolInfo {
        &self.symbols[symbol.index()]
    }

    /// The canonical name of a symbol.
    pub fn name(&self, symbol: Symbol) -> &str {
        &self.symbols[symbol.index()].name
    }

    /// The body, if the symbol is a definition.
    pub fn definition(&self, symbol: Symbol) -> Option<Definition> {
        match self.info(symbol).kind {
            SymbolKind::Definition(definition) => Some(definition),
            _ => None,
        }
    }

    /// Records that a symbol was declared a differentiable function of `variable`.
    pub fn depend(&mut self, symbol: Symbol, variable: Symbol) -> AssumptionId {
        self.symbols[symbol.index()].depends_on.push(variable);
        self.assume(Claim::Differentiable(symbol, variable))
    }

    /// Declares a property of a name.
    pub fn set_property(&mut self, symbol: Symbol, property: Property) -> AssumptionId {
        if let Some(&id) = self.symbols[symbol.index()].properties.get(&property) {
            return id;
        }
        let term = self.terms.symbol(symbol);
        let id = self.assume(Claim::Property(term, property));
        self.symbols[symbol.index()].properties.insert(property, id);
        id
    }

    /// Names the samples of an array; an earlier family of that name is shadowed.
    pub fn set_samples(&mut self, symbol: Symbol, samples: Samples) {
        self.sampled.push(symbol);
        self.symbols[symbol.index()].samples = Some(samples);
    }

    /// The array whose samples are called so, if it is visible and the name is nothing else.
    pub fn sampled(&self, family: &str) -> Option<Symbol> {
        let visible = |symbol: &&Symbol| self.lookup(self.name(**symbol)) == Some(**symbol);
        let called = |symbol: &Symbol| self.info(*symbol).samples.as_ref().is_some_and(|x| x.name.as_ref() == family);
        self.sampled.iter().rev().filter(visible).copied().find(called)
    }

    /// The names of all families of samples.
    pub fn families(&self) -> Vec<Arc<str>> {
        let named = self.sampled.iter().filter_map(|&symbol| Some(self.info(symbol).samples.as_ref()?.name.clone()));
        let mut names: Vec<Arc<str>> = named.filter(|name| self.sampled(name).is_some()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Adds an assumption.
    pub fn assume(&mut self, claim: Claim) -> AssumptionId {
        self.assumptions.push(Assumption { claim });
        AssumptionId(self.assumptions.len() as u32 - 1)
    }

    /// All assumptions in force with their numbers.
    pub fn assumptions(&self) -> impl Iterator<Item = (AssumptionId, &Assumption)> {
        let all = self.assumptions.iter().enumerate().map(|(i, assumption)| (AssumptionId(i as u32), assumption));
        all.filter(|(id, _)| !self.retired.contains(id))
    }

    /// The number that the next assumption will have.
    pub fn next_assumption(&self) -> AssumptionId {
        AssumptionId(self.assumptions.len() as u32)
    }

    /// Takes back the assumptions from this number on, which were made for one question. An answer that rests on them
    /// can still name them.
    pub fn retire(&mut self, from: AssumptionId) {
        for assumption in &self.assumptions[from.0 as usize..] {
            if let Claim::Differentiable(symbol, variable) = assumption.claim {
                let depends_on = &mut self.symbols[symbol.index()].depends_on;
                let last = depends_on.iter().rposition(|&known| known == variable);
                last.map(|at| depends_on.remove(at));
            }
        }
        self.retired.extend((from.0..self.next_assumption().0).map(AssumptionId));
        for info in &mut self.symbols {
            info.properties.retain(|_, id| *id < from);
        }
    }

    /// The assumption with this number.
    pub fn assumption(&self, id: AssumptionId) -> &Assumption {
        &self.assumptions[id.0 as usize]
    }

    /// The dimension of a name, which is made known if it is new.
    pub fn dim(&mut self, name: &str) -> Dim {
        let order = self.dims.iter().position(|known| known.as_ref() == name).unwrap_or_else(|| {
            self.dims.push(name.into());
            self.dims.len() - 1
        });
        Dim::named(order as u32, name)
    }

    /// The dimension of a name that is already known.
    pub fn known_dim(&self, name: &str) -> Option<Dim> {
        self.dims.iter().position(|known| known.as_ref() == name).map(|order| Dim::named(order as u32, name))
    }

    /// Makes the dimensions known so far unknown by name: one of the same name that follows is another.
    pub fn forget_dims(&mut self) {
        self.dims.fill("".into());
    }

    /// All dimension names, in order of first use.
    pub fn dims(&self) -> impl Iterator<Item = DimName> {
        self.dims.iter().enumerate().map(|(order, name)| DimName { order: order as u32, name: name.clone() })
    }

    /// A term in names that input can refer to: those that an earlier answer introduced, or that mean something else by
    /// now, are written out, except where an equation defines them.
    pub fn written_out(&mut self, term: Term) -> Term {
        let mut term = term;
        let mut below = None;
        while let Some((symbol, body)) = self.last_hidden(term, below) {
            let name = self.terms.symbol(symbol);
            term = Normal::new(&mut self.terms).substitute(term, &FastMap::from_iter([(name, body)]));
            below = Some(symbol);
        }
        term
    }

    /// The last hidden definition before `below` in a term, with its body.
    fn last_hidden(&self, term: Term, below: Option<Symbol>) -> Option<(Symbol, Term)> {
        self.symbols_in(term).into_iter().rev().filter(|&symbol| below.is_none_or(|below| symbol < below)).find_map(
            |symbol| {
                let body = self.definition(symbol)?.normal;
                let is_offered = self.offered.iter().any(|&(offered, _)| offered == symbol);
                let is_hidden = !is_offered && self.lookup(self.name(symbol)) != Some(symbol);
                (is_hidden && !matches!(self.terms.op(body), Op::Solution(_))).then_some((symbol, body))
            },
        )
    }

    /// The symbols in a term, in order of declaration; definitions are not looked into, and the unknown of an
    /// equation is not free in its solution.
    pub fn symbols_in(&self, term: Term) -> Vec<Symbol> {
        let (mut found, mut bound) = (Vec::new(), Vec::new());
        for node in self.terms.postorder(term) {
            match self.terms.op(node) {
                Op::Symbol(symbol) | Op::Elementwise { function: symbol, .. } => found.push(*symbol),
                Op::Solution(unknown) => bound.push(*unknown),
                _ => {}
            }
        }
        found.retain(|symbol| !bound.contains(symbol));
        found.sort();
        found.dedup();
        found
    }
}
