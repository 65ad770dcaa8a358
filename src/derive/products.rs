//! The product rule for products in which many factors vary, with names for the products before and behind each.
//!
//! d(F₁F₂…F_m) = Σ P_j dF_j S_j, where P_j stands for the factors before the j-th one that varies and S_j for those
//! behind it. Written out that is about m words for each summand, m² in all; with P_(j+1) = P_j F_j … and
//! S_j = … F_(j+1) S_(j+1) as names it is a few words for each, as in backpropagation, and no factor is divided by, so
//! that it holds where one vanishes. Short products are written out: see [`Deriver::is_worth_naming`].

use super::{Deriver, implicit};
use crate::ir::normal::Normal;
use crate::ir::{Definition, Function, Op, Symbol, SymbolKind, Term, ratio};
use crate::trace::{Inference, Level, Piece, Statement, Step};

/// A product taken apart.
struct Factors {
    /// Scalars that do not vary.
    constants: Vec<Term>,
    /// The other factors, in order.
    factors: Vec<Term>,
    /// The positions of those that vary, on one arc of a circle of equal arcs.
    varying: Vec<usize>,
    /// How many equal arcs there are.
    arcs: usize,
    /// Is it long enough for names?
    is_named: bool,
}

/// The letters for the products before and behind a factor, the first pair of which the user has none is taken.
const LETTERS: [(&str, &str); 4] = [("P", "S"), ("L", "R"), ("Φ", "Ψ"), ("Γ", "Ω")];

impl Deriver<'_> {
    /// Products of at most this many words are written out.
    const WORDS: usize = 2;

    /// The differential of a product that is long enough for names.
    pub(super) fn differential_of_long_product(&mut self, term: Term) -> Option<Term> {
        // What is around a product would be matched in all its rotations.
        let around = Some(self.context.terms.op(term).clone());
        let around = around.filter(|op| matches!(op, Op::AsScalar | Op::Call(Function::Trace)));
        let product = if around.is_some() { self.context.terms.args(term)[0] } else { term };
        let is_trace = around == Some(Op::Call(Function::Trace));
        let op = self.context.terms.op(product).clone();
        let rule = match op {
            Op::Product if self.context.terms.shape(product).is_scalar() => "d-times-scalar",
            Op::Product => "d-matmul",
            Op::Hadamard => "d-hadamard",
            _ => return None,
        };
        let Factors { constants, factors, varying, arcs, is_named } = self.factors_of(product, is_trace)?;
        let (before, behind) = self.cumulative(&op, &factors, &varying, is_named);
        let mut summands = Vec::with_capacity(varying.len());
        for (j, &at) in varying.iter().enumerate() {
            let d = self.d(factors[at]);
            let parts: Vec<Term> = [before[j], Some(d), behind[j]].into_iter().flatten().collect();
            summands.push(self.multiplied(&op, &parts));
        }
        let mut normal = Normal::new(&mut self.context.terms);
        let sum = normal.sum(&summands);
        let sum = normal.scale(ratio(arcs as i64, 1), sum);
        let mut after = normal.product(&[constants, vec![sum]].concat());
        if let Some(around) = around {
            after = normal.build(around, &[after]);
        }
        let rules = is_trace.then_some("d-trace").into_iter().chain([rule]).map(str::to_owned).collect();
        self.say_product_rule(term, after, rules, &before, &behind);
        Some(after)
    }

    /// The factors of a product, if it is worth names. Around a circle (a trace) of equal arcs the summands for one arc
    /// are those for all.
    fn factors_of(&mut self, product: Term, is_circle: bool) -> Option<Factors> {
        let all = self.context.terms.args(product).to_vec();
        if all.len() < 4 {
            return None;
        }
        let (mut constants, mut factors, mut varying) = (Vec::new(), Vec::new(), Vec::new());
        for factor in all {
            let varies = self.is_active(factor);
            if !varies && self.context.terms.shape(factor).is_scalar() {
                constants.push(factor);
                continue;
            }
            if varies {
                varying.push(factors.len());
            }
            factors.push(factor);
        }
        if !self.is_worth_naming(&factors, &varying) {
            return None;
        }
        let arc = if is_circle { period(&factors) } else { factors.len() };
        varying.retain(|&at| at < arc);
        let (arcs, is_named) = (factors.len() / arc, self.is_worth_naming(&factors, &varying));
        Some(Factors { constants, factors, varying, arcs, is_named })
    }

    /// With names the product rule is shorter by a third. Written out, each summand has all factors but one; with
    /// names, each factor stands in one product before and one behind, and a summand is three words, and two names.
    fn is_worth_naming(&self, factors: &[Term], varying: &[usize]) -> bool {
        let (before, all) = self.words_before(factors.iter().copied());
        let (mut behind, _) = self.words_before(factors.iter().rev().copied());
        behind.reverse();
        let written = varying.iter().map(|&at| before[at].saturating_add(behind[at]) + 1);
        let written = written.fold(0, usize::saturating_add);
        let named = all.saturating_mul(2).saturating_add(5 * varying.len());
        written.saturating_mul(2) >= named.saturating_mul(3)
    }

    /// How many words stand before each factor, and in all; equal ones beside each other are a power.
    fn words_before(&self, factors: impl Iterator<Item = Term>) -> (Vec<usize>, usize) {
        let (mut counts, mut words, mut run) = (Vec::new(), 0usize, (None, 0));
        for factor in factors {
            counts.push(words);
            run = if run.0 == Some(factor) { (run.0, run.1 + 1) } else { (Some(factor), 1) };
            words = words.saturating_add(match run.1 {
                1 => self.context.terms.words(factor),
                2 => 1,
                _ => 0,
            });
        }
        (counts, words)
    }

    /// The products before and behind each factor that varies, by their names; `None` where there is no factor.
    fn cumulative(
        &mut self,
        op: &Op,
        factors: &[Term],
        varying: &[usize],
        is_named: bool,
    ) -> (Vec<Option<Term>>, Vec<Option<Term>>) {
        let (letters, first) = self.free_letters(varying.len());
        let count = varying.len();
        let mut before = vec![None; count];
        let mut reached: Option<Term> = None;
        for (j, &at) in varying.iter().enumerate() {
            let from = if j == 0 { 0 } else { varying[j - 1] };
            let parts = [reached.as_slice(), &factors[from..at]].concat();
            reached =
                self.named_product(op, &parts, is_named && j + 1 < count, &format!("{}_{}", letters.0, first + j));
            before[j] = reached;
        }
        let mut behind = vec![None; count];
        let mut reached: Option<Term> = None;
        for (j, &at) in varying.iter().enumerate().rev() {
            let to = if j + 1 == count { factors.len() } else { varying[j + 1] + 1 };
            let parts = [&factors[at + 1..to], reached.as_slice()].concat();
            reached = self.named_product(op, &parts, is_named && j > 0, &format!("{}_{}", letters.1, first + j));
            behind[j] = reached;
        }
        (before, behind)
    }

    /// A product as a name, if it is used again and is more than a few words.
    fn named_product(&mut self, op: &Op, factors: &[Term], is_shared: bool, name: &str) -> Option<Term> {
        if factors.is_empty() {
            return None;
        }
        let product = self.multiplied(op, factors);
        let product = self.put_names_back(product, None);
        let is_short = factors.len() < 2 || self.context.terms.words(product) <= Self::WORDS;
        if !is_shared || is_short {
            return Some(product);
        }
        Some(self.partial_product(product, name))
    }

    /// The name of a product of some of the factors: the one it has, or a new one.
    fn partial_product(&mut self, product: Term, name: &str) -> Term {
        if let Some(&(known, _)) = self.partial_products.iter().find(|(_, body)| *body == product) {
            return self.context.terms.symbol(known);
        }
        let shape = self.context.terms.shape(product).clone();
        let definition = Definition { raw: product, normal: product };
        let symbol = self.context.declare_hidden(name, shape, SymbolKind::Definition(definition));
        self.partial_products.push((symbol, product));
        let named = self.context.terms.symbol(symbol);
        let because = vec![Piece::Text("a part of the product that is used more than once".into())];
        let (before, after) = (Statement::Term(product), Statement::Term(named));
        self.push(Step::inference(Inference::Name(symbol), before, after, because, Level::Full));
        named
    }

    fn multiplied(&mut self, op: &Op, factors: &[Term]) -> Term {
        let mut normal = Normal::new(&mut self.context.terms);
        if *op == Op::Hadamard { normal.hadamard(factors) } else { normal.product(factors) }
    }

    /// Two letters that no name of the user begins with, if there are any, and the first number from which on they
    /// are free.
    fn free_letters(&self, count: usize) -> ((&'static str, &'static str), usize) {
        let is_free = |letters: &(&str, &str)| ![letters.0, letters.1].iter().any(|l| self.context.begins_name(l));
        let letters = LETTERS.into_iter().find(is_free).unwrap_or(LETTERS[0]);
        let is_taken = |number: usize| {
            let visible = |letter| self.context.lookup(&format!("{letter}_{number}")).is_some();
            visible(letters.0) || visible(letters.1)
        };
        let introduced = |name: &str| name.split_once('_').and_then(|(_, number)| number.parse::<usize>().ok());
        let used = self.partial_products.iter().filter_map(|&(symbol, _)| introduced(self.context.name(symbol))).max();
        let mut first = used.unwrap_or(0) + 1;
        while let Some(taken) = (first..first + count).rev().find(|&number| is_taken(number)) {
            first = taken + 1;
        }
        (letters, first)
    }

    /// The step d(F₁…F_m) = Σ P_j dF_j S_j.
    fn say_product_rule(
        &mut self,
        term: Term,
        after: Term,
        rules: Vec<String>,
        before: &[Option<Term>],
        behind: &[Option<Term>],
    ) {
        let named = |part: &&Option<Term>| part.is_some_and(|part| self.is_partial_product(part));
        let (first, last) = (before.iter().find(named), behind.iter().rev().find(named));
        let mut because = vec![Piece::Text("product rule".into())];
        if let (Some(&Some(first)), Some(&Some(last))) = (first, last) {
            because.extend([
                Piece::Text(", with names from ".into()),
                Piece::Math(first),
                Piece::Text(" on for what stands before a factor and from ".into()),
                Piece::Math(last),
                Piece::Text(" on for what stands behind".into()),
            ]);
        }
        let d = self.d(term);
        let by = Inference::Together(rules);
        let (before, after) = (Statement::Term(d), Statement::Term(after));
        self.push(Step::inference(by, before, after, because, Level::Full));
    }

    fn is_partial_product(&self, term: Term) -> bool {
        let symbol = self.context.terms.as_symbol(term);
        symbol.is_some_and(|symbol| self.partial_products.iter().any(|&(known, _)| known == symbol))
    }

    /// The names that an answer is written with and must explain, directly or through each other, in order of
    /// introduction: those that equations define, and those of partial products.
    pub fn introduced(&self, answer: Term) -> Vec<(Symbol, Term)> {
        let mut names = implicit::introduced(self.context, answer);
        let roots: Vec<Term> = names.iter().map(|&(_, body)| body).chain([answer]).collect();
        names.extend(self.used_names(&roots, self.partial_products.clone()));
        names.sort();
        names
    }
}

/// The length of the shortest arc which, repeated, is the circle.
fn period(circle: &[Term]) -> usize {
    let length = circle.len();
    let repeats = |arc: &usize| length.is_multiple_of(*arc) && (*arc..length).all(|at| circle[at] == circle[at - arc]);
    (1..length).find(repeats).unwrap_or(length)
}
