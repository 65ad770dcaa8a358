//! Names, numbers, sizes and constant arrays.

use super::{Code, Level, NotYet, Python, Written};
use crate::ir::{Context, Index, Op, Rational, Symbol, Term};
use crate::print::names;
use crate::shape::{Dim, DimName, Shape};
use num_traits::{One, ToPrimitive};
use std::collections::BTreeSet;

/// Words that may not be names in Python.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "np",
];

/// An ASCII identifier for a canonical name.
pub(super) fn identifier(canonical: &str) -> String {
    let words = names::ascii_words(canonical);
    let mut out = String::new();
    for c in words.chars() {
        match c {
            _ if c.is_ascii_alphanumeric() => out.push(c),
            '_' | '^' => out.push('_'),
            '(' | ')' | '{' | '}' => {}
            _ => out.push_str(&format!("u{:x}", c as u32)),
        }
    }
    if KEYWORDS.contains(&out.as_str()) { out + "_" } else { out }
}

/// The Python name of a symbol in code about the symbols `among`: of two that have one name (one shadows the other),
/// the one that is not visible any more gets its number.
pub fn parameter(context: &Context, symbol: Symbol, among: &BTreeSet<Symbol>) -> String {
    let canonical = context.name(symbol);
    let name = identifier(canonical);
    let twice = among.iter().any(|&other| other != symbol && context.name(other) == canonical);
    let hidden = context.lookup(canonical).is_some_and(|visible| visible != symbol);
    if twice && hidden { format!("{name}_{}", symbol.index()) } else { name }
}

impl Code<'_> {
    /// The Python name of a symbol.
    pub(super) fn symbol_name(&self, symbol: Symbol) -> String {
        parameter(self.context, symbol, &self.among)
    }

    pub(super) fn size_name(&self, size: &DimName) -> String {
        let name = identifier(&size.name);
        if self.context.lookup(&size.name).is_some() { name + "_size" } else { name }
    }

    pub(super) fn symbol(&mut self, symbol: Symbol) -> Written {
        if let Some(name) = self.bound.get(&symbol) {
            return Ok(Python::atom(name.clone()));
        }
        if !self.definitions.contains_key(&symbol) {
            self.names.insert(symbol);
        }
        Ok(Python::atom(self.symbol_name(symbol)))
    }

    /// A parameter that stands for a derivative, a differential or an unspecified function.
    pub(super) fn opaque(&mut self, name: String, shape: &Shape) -> Python {
        self.opaque.insert(name.clone(), shape.clone());
        Python::atom(name)
    }

    /// `dA_dt`, `d2A_dt2`, of a declared name by declared names.
    pub(super) fn partial(&mut self, term: Term) -> Written {
        let (mut body, mut by) = (term, Vec::new());
        while matches!(self.op(body), Op::Partial | Op::EntrywisePartial) {
            let &[of, variable] = self.args(body) else { break };
            by.push(self.opaque_name(variable)?);
            body = of;
        }
        by.reverse();
        if let Op::Symbol(symbol) = self.op(body)
            && self.definitions.contains_key(symbol)
        {
            return Err(NotYet::Operator("a derivative that is not worked out".into()));
        }
        let of = self.opaque_name(body)?;
        let order = if by.len() > 1 { by.len().to_string() } else { String::new() };
        let same = by.iter().all(|name| *name == by[0]);
        let below = if same { format!("d{}{order}", by[0]) } else { format!("d{}", by.join("_d")) };
        let shape = self.shape(term).clone();
        Ok(self.opaque(format!("d{order}{of}_{below}"), &shape))
    }

    pub(super) fn differential(&mut self, of: Term) -> Written {
        let name = format!("d{}", self.opaque_name(of)?);
        let shape = self.shape(of).clone();
        Ok(self.opaque(name, &shape))
    }

    fn opaque_name(&self, term: Term) -> Result<String, NotYet> {
        match self.op(term) {
            Op::Symbol(symbol) => Ok(self.symbol_name(*symbol)),
            _ => Err(NotYet::Operator("a derivative that is not worked out".into())),
        }
    }

    pub(super) fn size(&mut self, size: &Dim) -> Python {
        self.sizes.extend(size.names());
        let mut out = Vec::new();
        for (coefficient, names) in size.terms() {
            let mut factors: Vec<String> =
                if coefficient == 1 && !names.is_empty() { vec![] } else { vec![coefficient.to_string()] };
            factors.extend(names.iter().map(|(name, power)| match power {
                1 => self.size_name(name),
                _ => format!("{}**{power}", self.size_name(name)),
            }));
            out.push(factors.join(" * "));
        }
        let level = match size {
            _ if size.is_simple() => Level::Atom,
            _ if out.len() == 1 => Level::Product,
            _ => Level::Sum,
        };
        Python::new(level, if out.is_empty() { "0".into() } else { out.join(" + ") })
    }

    /// `np.ones((m, n))`; vectors and rows have one axis.
    pub(super) fn filled(&mut self, function: &str, shape: &Shape) -> Python {
        let text = match shape {
            Shape::Scalar => format!("{function}(())"),
            _ if shape.is_vector() => format!("{function}({})", self.size(&shape.rows()).text),
            _ if shape.is_row() => format!("{function}({})", self.size(&shape.cols()).text),
            Shape::Matrix { rows, cols } => {
                format!("{function}(({}, {}))", self.size(rows).text, self.size(cols).text)
            }
        };
        Python::atom(text)
    }

    pub(super) fn identity(&mut self, size: &Dim) -> Python {
        Python::atom(format!("np.eye({})", self.size(size).text))
    }

    pub(super) fn unit(&mut self, size: &Dim, index: &Index) -> Written {
        match index {
            Index::At(position) => {
                Ok(Python::atom(format!("np.eye({})[{}]", self.size(size).text, position.saturating_sub(1))))
            }
            Index::Named { .. } => {
                let at = self.index(index)?;
                Ok(Python::atom(format!("np.eye({})[{at}]", self.size(size).text)))
            }
        }
    }

    /// K with K vec(A) = vec(Aᵀ): the rows of the identity in the order of the transposed array.
    pub(super) fn commutation(&mut self, m: &Dim, n: &Dim) -> Python {
        let both = self.size(&(m.clone() * n.clone())).text;
        let (m, n) = (self.size(m).text, self.size(n).text);
        Python::atom(format!("np.eye({both})[np.arange({both}).reshape({n}, {m}).T.ravel()]"))
    }
}

/// A number: `2`, `1 / 3`, `-2`.
pub(super) fn number(value: &Rational) -> Python {
    let level = match (value.denom().is_one(), value.is_negative()) {
        (true, false) => Level::Atom,
        (true, true) => Level::Sign,
        _ => Level::Product,
    };
    let text = if value.denom().is_one() {
        whole(&value.numer())
    } else {
        format!("{} / {}", whole(&value.numer()), whole(&value.denom()))
    };
    Python::new(level, text)
}

/// Whole numbers beyond the exact floats are written as floats, so that arrays stay arrays of floats.
fn whole(value: &num_bigint::BigInt) -> String {
    match value.to_i64() {
        Some(small) if small.unsigned_abs() < 1 << 53 => small.to_string(),
        _ => format!("{value}.0"),
    }
}
