//! NumPy: a term as a complete Python function.
//!
//! Scalars are floats, vectors and rows 1-D arrays inside the function, matrices 2-D arrays. A row argument or
//! result is an array of shape (1, n). The parameters are the free declared names in order of declaration, then
//! derivatives of unspecified functions (`dL_dY`), then sizes that no argument's shape gives. Definitions become
//! assignments; the unknown of an equation that is not linear is a parameter, with its equation as a comment. The code is written to be stable: `solve` instead of `inv`, log-sum-exp instead of sums of
//! exponentials, `slogdet` instead of the logarithm of a determinant.

mod chain;
mod indices;
mod leaves;
mod operators;
mod solution;
mod stable;

pub use leaves::parameter;

use crate::ir::{Context, Index, Op, Symbol, Term};
use crate::shape::{Dim, DimName, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// Why there is no code yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotYet {
    /// NumPy has no such function (`expm`, `logm`), or the term has no value (an unresolved derivative).
    Operator(String),
    /// The term is too large or too deep to be written out.
    TooLarge,
}

/// What the function computes.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Its name: `grad_J_wrt_W`.
    pub name: &'a str,
    /// The answer.
    pub answer: Term,
    /// Names introduced for the answer that are no definitions of the context, with what they stand for.
    pub where_names: &'a [(Symbol, Term)],
    /// Defined names that stay parameters: those that the question differentiates by.
    pub variables: &'a [Symbol],
    /// The free indices in the order of the axes of the result; those not named follow in order of appearance.
    pub axes: &'a [Index],
}

/// The Python source of a function.
///
/// ```
/// use gradus::ir::{normal::Normal, Context, SymbolKind};
/// use gradus::print::numpy::{Request, numpy};
/// use gradus::shape::Shape;
/// let mut context = Context::new();
/// let n = context.dim("n");
/// let a = context.declare("A", Shape::matrix(n.clone(), n.clone()), SymbolKind::Variable);
/// let b = context.declare("b", Shape::vector(n), SymbolKind::Variable);
/// let (a, b) = (context.terms.symbol(a), context.terms.symbol(b));
/// let mut normal = Normal::new(&mut context.terms);
/// let inverse = normal.inverse(a);
/// let answer = normal.product(&[inverse, b]);
/// let code = numpy(&context, &Request { name: "solution", answer, where_names: &[], variables: &[], axes: &[] });
/// assert_eq!(code.unwrap(), "def solution(A, b):\n    return np.linalg.solve(A, b)\n");
/// ```
///
/// # Errors
/// An operator has no NumPy form.
pub fn numpy(context: &Context, request: &Request) -> Result<String, NotYet> {
    if super::layout::lay_out(context, request.answer).is_none() {
        return Err(NotYet::TooLarge);
    }
    let mut code = Code::new(context, request);
    code.assignments(request.answer)?;
    let result = code.result(request)?;
    Ok(code.finish(request.name, &result))
}

/// The line that a file with these functions begins with.
pub const IMPORT: &str = "import numpy as np\n";

/// An expression of Python with how tightly it holds together.
#[derive(Clone, Debug)]
struct Python {
    text: String,
    level: Level,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Sum,
    /// `*`, `/`, `@`.
    Product,
    /// A sign in front.
    Sign,
    Power,
    Atom,
}

impl Python {
    fn new(level: Level, text: impl Into<String>) -> Self {
        Python { text: text.into(), level }
    }

    fn atom(text: impl Into<String>) -> Self {
        Python::new(Level::Atom, text)
    }

    /// The text, in brackets if it is looser than `least`.
    fn at(&self, least: Level) -> String {
        if self.level < least { format!("({})", self.text) } else { self.text.clone() }
    }

    fn call(function: &str, arguments: &[&Python]) -> Self {
        let texts: Vec<&str> = arguments.iter().map(|argument| argument.text.as_str()).collect();
        Python::atom(format!("{function}({})", texts.join(", ")))
    }
}

type Written = Result<Python, NotYet>;

/// A function being written.
struct Code<'a> {
    context: &'a Context,
    definitions: BTreeMap<Symbol, Term>,
    /// Unknowns of equations that are not linear, which may have several solutions: the caller gives the one meant.
    given: BTreeMap<Symbol, Term>,
    /// The names that the answer is about, directly or through definitions.
    among: BTreeSet<Symbol>,
    /// Parameters that are declared names.
    names: BTreeSet<Symbol>,
    /// Parameters that are derivatives, differentials or unspecified functions.
    opaque: BTreeMap<String, Shape>,
    /// Sizes that are used.
    sizes: BTreeSet<DimName>,
    /// Lines before the result.
    lines: Vec<String>,
    /// Costly terms that are used more than once, and the names of terms that were assigned.
    repeated: BTreeSet<Term>,
    named: BTreeMap<Term, String>,
    /// Unknowns of an equation that is being written, with the names they have there.
    bound: BTreeMap<Symbol, String>,
    /// Indices in scope with their axes, and how many axes there are.
    scope: indices::Scope,
}

impl<'a> Code<'a> {
    fn new(context: &'a Context, request: &Request) -> Self {
        let introduced = request.where_names.iter().copied();
        let defined = context.symbols().filter_map(|s| context.definition(s).map(|definition| (s, definition.normal)));
        let definitions = defined.chain(introduced).filter(|(symbol, _)| !request.variables.contains(symbol)).collect();
        let among = reachable(context, &[request.answer], &definitions);
        let code = Code {
            context,
            definitions,
            given: BTreeMap::new(),
            among,
            names: BTreeSet::new(),
            opaque: BTreeMap::new(),
            sizes: BTreeSet::new(),
            lines: Vec::new(),
            repeated: BTreeSet::new(),
            named: BTreeMap::new(),
            bound: BTreeMap::new(),
            scope: indices::Scope::default(),
        };
        code.with_given_solutions()
    }

    fn op(&self, term: Term) -> &'a Op {
        self.context.terms.op(term)
    }

    fn args(&self, term: Term) -> &'a [Term] {
        self.context.terms.args(term)
    }

    fn shape(&self, term: Term) -> &'a Shape {
        self.context.terms.shape(term)
    }

    /// One assignment for each definition that the term uses, those it uses first; none for a name whose every
    /// use is written through (the logarithm of a softmax).
    fn assignments(&mut self, term: Term) -> Result<(), NotYet> {
        let order = self.definitions_below(term);
        let bodies: Vec<Term> = order.iter().map(|symbol| self.definitions[symbol]).chain([term]).collect();
        self.repeated = self.repeated_below(&bodies);
        let direct: BTreeSet<Symbol> = bodies.into_iter().flat_map(|body| self.used_directly(body)).collect();
        for symbol in order.into_iter().filter(|symbol| direct.contains(symbol)) {
            let name = self.symbol_name(symbol);
            let body = self.definitions[&symbol];
            if let Op::Solution(unknown) = self.op(body) {
                self.solution(&name, *unknown, body)?;
                continue;
            }
            let value = self.term(body)?;
            self.lines.push(format!("{name} = {}", value.text));
        }
        Ok(())
    }

    /// The definitions that a term needs, each after those it needs itself.
    fn definitions_below(&self, term: Term) -> Vec<Symbol> {
        let (mut order, mut seen) = (Vec::new(), BTreeSet::new());
        let later = |symbols: Vec<Symbol>| symbols.into_iter().rev().map(|symbol| (symbol, false));
        let mut pending: Vec<(Symbol, bool)> = later(self.used(term)).collect();
        while let Some((symbol, ready)) = pending.pop() {
            if ready {
                order.push(symbol);
            } else if seen.insert(symbol) {
                pending.push((symbol, true));
                pending.extend(later(self.used(self.definitions[&symbol])));
            }
        }
        order
    }

    /// The defined names in a term, in order of declaration.
    fn used(&self, term: Term) -> Vec<Symbol> {
        let found: BTreeSet<Symbol> =
            self.values(term).into_iter().filter_map(|part| self.context.terms.as_symbol(part)).collect();
        found.into_iter().filter(|symbol| self.definitions.contains_key(symbol)).collect()
    }

    /// The sub-terms whose values are needed: `∂L/∂Y` is a parameter of its own, and needs neither L nor Y.
    fn values(&self, term: Term) -> Vec<Term> {
        let (mut found, mut seen) = (Vec::new(), BTreeSet::from([term]));
        let mut pending = vec![term];
        while let Some(part) = pending.pop() {
            found.push(part);
            if !matches!(self.op(part), Op::Partial | Op::EntrywisePartial) {
                pending.extend(self.args(part).iter().copied().filter(|&arg| seen.insert(arg)));
            }
        }
        found
    }

    /// The value that is returned: rows and entries in the shape they have in the answer.
    fn result(&mut self, request: &Request) -> Result<String, NotYet> {
        let shape = self.shape(request.answer).clone();
        let free = self.free_indices(request.answer, request.axes);
        if !free.is_empty() {
            return self.indexed_result(request.answer, &free);
        }
        if let Op::Number(value) = self.op(request.answer) {
            return Ok(format!("float({})", leaves::number(value).text));
        }
        let value = self.term(request.answer)?;
        Ok(match shape.is_row() && !shape.is_vector() {
            true => format!("{}.reshape(1, -1)", value.at(Level::Atom)),
            false => value.text,
        })
    }

    fn finish(mut self, name: &str, result: &str) -> String {
        let lines = std::mem::take(&mut self.lines);
        let (given, free) = self.size_lines();
        let mut parameters: Vec<String> = self.names.iter().map(|&symbol| self.symbol_name(symbol)).collect();
        let shapes = self.names.iter().map(|&symbol| (self.symbol_name(symbol), &self.context.info(symbol).shape));
        let shapes = shapes.chain(self.opaque.iter().map(|(name, shape)| (name.clone(), shape)));
        let rows: Vec<String> = shapes.filter_map(|(name, shape)| row_line(&name, shape)).collect();
        parameters.extend(self.opaque.keys().cloned());
        parameters.extend(free);
        let mut out = format!("def {name}({}):\n", parameters.join(", "));
        for line in self.equations_of_given().into_iter().chain(given).chain(rows).chain(lines) {
            out.push_str(&format!("    {line}\n"));
        }
        out.push_str(&format!("    return {result}\n"));
        out
    }

    /// The sizes that arguments give, as lines, and the names of those that become parameters.
    fn size_lines(&self) -> (Vec<String>, Vec<String>) {
        let declared = self.names.iter().map(|&s| (self.symbol_name(s), self.context.info(s).shape.clone()));
        let arguments: Vec<(String, Shape)> =
            declared.chain(self.opaque.iter().map(|(name, shape)| (name.clone(), shape.clone()))).collect();
        let (mut lines, mut free) = (Vec::new(), Vec::new());
        for size in &self.sizes {
            let name = self.size_name(size);
            let wanted = Dim::from(size.clone());
            match arguments.iter().find_map(|(argument, shape)| axis_of(&wanted, argument, shape)) {
                Some(source) => lines.push(format!("{name} = {source}")),
                None => free.push(name),
            }
        }
        (lines, free)
    }
}

/// The symbols that terms are about: in them, in the definitions they use, and in what these are functions of.
pub fn reachable(context: &Context, terms: &[Term], definitions: &BTreeMap<Symbol, Term>) -> BTreeSet<Symbol> {
    let mut found = BTreeSet::new();
    let mut pending: Vec<Symbol> = terms.iter().flat_map(|&term| context.symbols_in(term)).collect();
    while let Some(symbol) = pending.pop() {
        if found.insert(symbol) {
            pending.extend(&context.info(symbol).depends_on);
            pending.extend(definitions.get(&symbol).into_iter().flat_map(|&body| context.symbols_in(body)));
        }
    }
    found
}

/// A row comes as an array of shape (1, n).
fn row_line(name: &str, shape: &Shape) -> Option<String> {
    (shape.is_row() && !shape.is_vector()).then(|| format!("{name} = {name}.reshape(-1)"))
}

/// `X.shape[0]`, if that is the size.
fn axis_of(size: &Dim, argument: &str, shape: &Shape) -> Option<String> {
    let Shape::Matrix { rows, cols } = shape else { return None };
    match (rows == size, cols == size) {
        (true, _) => Some(format!("{argument}.shape[0]")),
        (_, true) => Some(format!("{argument}.shape[1]")),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
