//! What is printed is read back as the term it came from: ASCII always, Unicode and LaTeX where they say as much.
//!
//! A term is printed, parsed, elaborated and normalised; the result must be the term. The terms are a table of
//! closed forms and random well-shaped terms. On paper `aᵀb` is the inner product, too, so terms with an inner product
//! are left to ASCII.

use gradus::elaborate::{self, Scope};
use gradus::ir::normal::Normal;
use gradus::ir::{Comparison, Context, Function, Guard, Index, Op, SymbolKind, Term, ratio};
use gradus::print::{Spelling, term};
use gradus::shape::{Dim, Shape};
use gradus::syntax;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Reads a text and normalises it.
fn read(context: &mut Context, text: &str) -> Result<Term, String> {
    let tree = syntax::expression(text).map_err(|diagnostic| format!("{diagnostic:?}"))?;
    let scope = Scope::new(text);
    let read = elaborate::expression(context, &scope, &tree).map_err(|diagnostic| format!("{diagnostic:?}"))?;
    Ok(Normal::new(&mut context.terms).term(read.term))
}

/// Is the printed term read back as itself? On paper it may be refused, since 𝟏 and I show no sizes.
fn reads_back(context: &mut Context, of: Term, spelling: Spelling) -> Result<(), String> {
    let text = term(context, of, spelling);
    match read(context, &text) {
        Ok(read) if read == of => Ok(()),
        Ok(read) => {
            let [before, after] = [of, read].map(|of| term(context, of, Spelling::Ascii));
            Err(format!("{text}\n{before}\nread as\n{after}"))
        }
        Err(_) if spelling != Spelling::Ascii => Ok(()),
        Err(error) => Err(format!("{text}\n{error}")),
    }
}

/// Builds a normal term by decisions taken from bytes; no bytes, no more depth.
struct Maker<'a> {
    context: Context,
    decisions: std::slice::Iter<'a, u8>,
    /// Is the term free of operators whose paper form says less?
    paper: bool,
    /// How many sums over indices there are.
    sums: usize,
}

fn context() -> Context {
    let mut context = Context::new();
    let (n, m) = (context.dim("N"), context.dim("M"));
    for (name, shape) in [
        ("A", Shape::matrix(n.clone(), n.clone())),
        ("B", Shape::matrix(n.clone(), n.clone())),
        ("X", Shape::matrix(n.clone(), m.clone())),
        ("Y", Shape::matrix(n.clone(), m.clone())),
        ("P", Shape::matrix(m.clone(), m.clone())),
        ("x", Shape::vector(n.clone())),
        ("ŷ", Shape::vector(n.clone())),
        ("δ_2", Shape::vector(m.clone())),
        ("w", Shape::vector(m)),
        ("r", Shape::row(n)),
        ("α", Shape::Scalar),
        ("c", Shape::Scalar),
        ("β_1", Shape::Scalar),
    ] {
        context.declare(name, shape, SymbolKind::Variable);
    }
    context.declare("σ", Shape::Scalar, SymbolKind::Elementwise);
    context
}

impl Maker<'_> {
    fn decide(&mut self, among: u8) -> u8 {
        self.decisions.next().map_or(0, |byte| byte % among)
    }

    fn normal(&mut self) -> Normal<'_> {
        Normal::new(&mut self.context.terms)
    }

    fn symbol(&mut self, name: &str) -> Term {
        let symbol = self.context.lookup(name).unwrap();
        self.context.terms.symbol(symbol)
    }

    fn size(&mut self) -> Dim {
        let name = if self.decide(2) == 0 { "N" } else { "M" };
        self.context.dim(name)
    }

    fn leaf(&mut self, shape: &Shape) -> Term {
        let names: Vec<String> = self
            .context
            .names()
            .filter(|(name, symbol)| *name != "σ" && self.context.info(*symbol).shape == *shape)
            .map(|(name, _)| name.to_string())
            .collect();
        if names.is_empty() {
            return self.context.terms.ones(shape);
        }
        let at = self.decide(names.len() as u8) as usize;
        self.symbol(&names[at])
    }

    fn term(&mut self, shape: &Shape) -> Term {
        match self.decide(8) {
            0 => self.leaf(shape),
            1 => {
                let (a, b) = (self.term(shape), self.term(shape));
                self.normal().sum(&[a, b])
            }
            2 => {
                let (a, b) = (self.term(shape), self.term(shape));
                self.normal().subtract(a, b)
            }
            3 => {
                let (scalar, a) = (self.term(&Shape::Scalar), self.term(shape));
                self.normal().product(&[scalar, a])
            }
            4 => self.entrywise(shape),
            5 => self.calculus(shape),
            _ if shape.is_scalar() => self.scalar(),
            _ => self.array(shape),
        }
    }

    fn entrywise(&mut self, shape: &Shape) -> Term {
        use Function::*;
        let a = self.term(shape);
        match self.decide(8) {
            0 => {
                let b = self.term(shape);
                self.normal().hadamard(&[a, b])
            }
            1 => {
                let b = self.term(shape);
                self.normal().quotient(a, b)
            }
            2 => {
                let exponents =
                    [ratio(2, 1), ratio(3, 1), ratio(-1, 1), ratio(-2, 1), ratio(1, 2), ratio(-1, 2), ratio(1, 3)];
                let at = self.decide(exponents.len() as u8) as usize;
                let exponent = self.context.terms.number(exponents[at].clone());
                self.normal().element_power(a, exponent)
            }
            3 => {
                let exponent = self.symbol("c");
                self.normal().element_power(a, exponent)
            }
            4 => {
                let b = self.term(shape);
                self.normal().max(a, b)
            }
            5 => {
                let function = self.context.lookup("σ").unwrap();
                let order = u32::from(self.decide(3));
                self.context.terms.make(Op::Elementwise { function, order }, &[a])
            }
            _ => {
                let functions =
                    [Exp, Log, Sin, Tanh, Sigmoid, Relu, Abs, Sign, Step, StepClosed, Softplus, Arctan, Cosh];
                let at = self.decide(functions.len() as u8) as usize;
                self.normal().call(functions[at], a)
            }
        }
    }

    fn calculus(&mut self, shape: &Shape) -> Term {
        match self.decide(5) {
            4 => {
                let by = self.leaf(shape);
                let tanh = self.normal().call(Function::Tanh, by);
                let of = if self.decide(2) == 0 { tanh } else { self.term(shape) };
                // On paper a quotient stands for this derivative as for the other one.
                self.paper &= of == tanh && !shape.is_scalar();
                self.context.terms.make(Op::EntrywisePartial, &[of, by])
            }
            0 => {
                let a = self.leaf(shape);
                self.context.terms.make(Op::Differential, &[a])
            }
            1 => {
                let (a, by) = (self.term(shape), self.symbol("α"));
                self.context.terms.make(Op::Partial, &[a, by])
            }
            2 if !shape.is_scalar() => {
                let (a, by) = (self.term(&Shape::Scalar), self.leaf(shape));
                if self.context.terms.as_symbol(by).is_none() {
                    return by;
                }
                self.context.terms.make(Op::Partial, &[a, by])
            }
            _ => {
                let a = self.term(shape);
                self.context.terms.make(Op::Differential, &[a])
            }
        }
    }

    fn scalar(&mut self) -> Term {
        use Function::*;
        let n = self.size();
        let (vector, square) = (Shape::vector(n.clone()), Shape::matrix(n.clone(), n.clone()));
        match self.decide(10) {
            0 => self.context.terms.number(ratio(3, 2)),
            1 => self.context.terms.integer(-2),
            2 => self.context.terms.make(Op::Dimension(n), &[]),
            3 => {
                let (a, b, c) = (self.term(&vector), self.term(&square), self.term(&vector));
                let a = self.normal().transpose(a);
                let product = self.normal().product(&[a, b, c]);
                if self.context.terms.shape(product).is_scalar() { product } else { self.normal().as_scalar(product) }
            }
            4 => {
                let functions = [Norm1, Norm2, LogSumExp, Mean, Var, SumAll];
                let at = self.decide(functions.len() as u8) as usize;
                let a = self.term(&vector);
                self.normal().call(functions[at], a)
            }
            5 => {
                let functions = [Trace, Det, Det, NormF, SumAll];
                let at = self.decide(functions.len() as u8) as usize;
                let a = self.term(&square);
                let value = self.normal().call(functions[at], a);
                if at == 2 { self.normal().call(Log, value) } else { value }
            }
            6 => {
                let (a, b) = (self.term(&square), self.term(&square));
                self.paper = false;
                self.normal().inner(a, b)
            }
            7 => {
                let a = self.leaf(&vector);
                self.context.terms.make(Op::Entry(vec![Index::At(2)]), &[a])
            }
            _ => self.indexed(n),
        }
    }

    /// A sum over an index, of entries.
    fn indexed(&mut self, n: Dim) -> Term {
        let index = |name: &str| Index::Named { name: name.into(), dim: n.clone() };
        // Every sum has indices of its own: reading renames an index that shadows another.
        let letters = [("i", "j"), ("k", "l")];
        let Some(&(i, j)) = letters.get(self.sums) else { return self.leaf(&Shape::Scalar) };
        self.sums += 1;
        let (i, j) = (index(i), index(j));
        let (a, b) = (self.leaf(&Shape::vector(n.clone())), self.term(&Shape::vector(n.clone())));
        let entry =
            |context: &mut Context, of: Term, at: &Index| context.terms.make(Op::Entry(vec![at.clone()]), &[of]);
        let (first, second) = (entry(&mut self.context, a, &i), entry(&mut self.context, b, &j));
        let body = self.normal().product(&[first, second]);
        let excluding = (self.decide(2) == 0).then(|| j.clone());
        let inner = self.context.terms.make(Op::IndexSum { index: i.clone(), excluding }, &[body]);
        if self.decide(2) == 0 {
            let delta = self.context.terms.make(Op::Delta(i.clone(), j.clone()), &[]);
            let product = self.normal().product(&[delta, second, first]);
            let inner = self.context.terms.make(Op::IndexSum { index: i, excluding: None }, &[product]);
            return self.context.terms.make(Op::IndexSum { index: j, excluding: None }, &[inner]);
        }
        self.context.terms.make(Op::IndexSum { index: j, excluding: None }, &[inner])
    }

    fn array(&mut self, shape: &Shape) -> Term {
        use Function::*;
        let (rows, cols) = (shape.rows(), shape.cols());
        match self.decide(8) {
            0 => {
                let a = self.term(&shape.transposed());
                self.normal().transpose(a)
            }
            1 | 2 => {
                let k = self.size();
                let (a, b) = (self.term(&Shape::matrix(rows, k.clone())), self.term(&Shape::matrix(k, cols)));
                self.normal().product(&[a, b])
            }
            3 if !rows.is_one() && !cols.is_one() => {
                let (a, b) = (self.term(&Shape::vector(rows)), self.term(&Shape::row(cols)));
                self.normal().product(&[a, b])
            }
            4 if shape.is_square() => {
                let a = self.term(shape);
                self.normal().inverse(a)
            }
            4 if shape.is_vector() => {
                let a = self.term(shape);
                self.normal().call(Softmax, a)
            }
            5 if shape.is_square() => {
                let a = self.term(&Shape::vector(rows));
                self.normal().call(Diag, a)
            }
            5 if shape.is_vector() => {
                let a = self.term(&Shape::matrix(rows.clone(), rows));
                self.normal().call(DiagPart, a)
            }
            6 if shape.is_square() => self.context.terms.identity(rows),
            6 => self.context.terms.ones(shape),
            _ => {
                let a = self.term(shape);
                let guards = vec![Guard::Subject(Comparison::Positive), Guard::Otherwise];
                let (one, zero) = (self.context.terms.ones(shape), self.context.terms.zero(shape.clone()));
                self.context.terms.make(Op::Cases(guards), &[one, zero, a])
            }
        }
    }
}

/// A term, and whether its paper form says all of it; none if it divides by a zero that arose by chance.
fn make(decisions: &[u8]) -> Option<(Context, Term, bool)> {
    let mut maker = Maker { context: context(), decisions: decisions.iter(), paper: true, sums: 0 };
    let (n, m) = (maker.context.dim("N"), maker.context.dim("M"));
    let shapes = [
        Shape::Scalar,
        Shape::vector(n.clone()),
        Shape::matrix(n.clone(), m),
        Shape::matrix(n.clone(), n.clone()),
        Shape::row(n),
    ];
    let at = maker.decide(shapes.len() as u8) as usize;
    let term = maker.term(&shapes[at]);
    let normal = Normal::new(&mut maker.context.terms).term(term);
    let sized = |term: Term| matches!(maker.context.terms.op(term), Op::Ones(..) | Op::Identity(_));
    let paper = maker.paper && !maker.context.terms.any(normal, sized);
    let zero = maker.context.terms.is_zero(normal)
        || maker.context.terms.any(normal, |term| {
            // The values of cases may be zero.
            let free = if let Op::Cases(guards) = maker.context.terms.op(term) { guards.len() } else { 0 };
            maker.context.terms.args(term).iter().skip(free).any(|&arg| maker.context.terms.is_zero(arg))
        });
    (!zero).then_some((maker.context, normal, paper))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(6),
        ..ProptestConfig::default()
    })]

    #[test]
    fn ascii_reads_back(decisions in proptest::collection::vec(any::<u8>(), 0..40)) {
        let Some((mut context, of, _)) = make(&decisions) else { return Ok(()) };
        if let Err(error) = reads_back(&mut context, of, Spelling::Ascii) {
            prop_assert!(false, "{}", error);
        }
    }

    #[test]
    fn unicode_reads_back(decisions in proptest::collection::vec(any::<u8>(), 0..24)) {
        let Some((mut context, of, true)) = make(&decisions) else { return Ok(()) };
        if let Err(error) = reads_back(&mut context, of, Spelling::Unicode) {
            prop_assert!(false, "{}", error);
        }
    }

    #[test]
    fn latex_reads_back(decisions in proptest::collection::vec(any::<u8>(), 0..24)) {
        let Some((mut context, of, true)) = make(&decisions) else { return Ok(()) };
        if let Err(error) = reads_back(&mut context, of, Spelling::Latex) {
            prop_assert!(false, "{}", error);
        }
    }
}

/// Closed forms as they are typed, and how they print.
const FORMS: &[(&str, &str, &str)] = &[
    ("-(x ./ ŷ)", "−x ⊘ ŷ", r"-x \oslash \hat{y}"),
    ("-x + ŷ", "ŷ − x", r"\hat{y} - x"),
    ("sum(x) ŷ - x", "(𝟏ᵀx) ŷ − x", r"(\mathbf{1}^{\top} x) \hat{y} - x"),
    ("2A'(A x - ŷ)", "2Aᵀ(Ax − ŷ)", r"2A^{\top} (Ax - \hat{y})"),
    ("A'(2A x - 2ŷ)", "2Aᵀ(Ax − ŷ)", r"2A^{\top} (Ax - \hat{y})"),
    ("(A + A')x", "(A + Aᵀ) x", r"(A + A^{\top}) x"),
    ("x' A x / (x'x)", "xᵀAx/(xᵀx)", r"\frac{x^{\top} Ax}{x^{\top} x}"),
    ("A*A*inv(B)*inv(B)", "A² B⁻²", "A^2 B^{-2}"),
    ("inv(A)'x", "A⁻ᵀ x", r"A^{-\top} x"),
    ("tanh(X) .* tanh(X)", "tanh²(X)", r"\tanh^2(X)"),
    ("sin(c)*sin(c)", "sin²(c)", r"\sin^2(c)"),
    ("X .* X", "X ⊙ X", r"X \odot X"),
    ("norm2(A*x - ŷ)", "‖Ax − ŷ‖", r"\lVert Ax - \hat{y} \rVert"),
    ("x'*x + 2*c*norm1(x)", "xᵀx + 2c ‖x‖₁", r"x^{\top} x + 2c \lVert x \rVert_1"),
    ("log(det(A))", "log det A", r"\log \det A"),
    ("exp(-c)", "exp(−c)", "e^{-c}"),
    ("sqrt(c)/c", "1/sqrt(c)", r"\frac{1}{\sqrt{c}}"),
    ("d/dα (A^-1)", "∂A⁻¹/∂α", r"\frac{\partial A^{-1}}{\partial \alpha}"),
    ("A^-1 (dA/dα)", "A⁻¹ (∂A/∂α)", r"A^{-1} \frac{\partial A}{\partial \alpha}"),
    ("sum_j x_j ŷ_j", "Σⱼ xⱼŷⱼ", r"\sum_{j} x_j \hat{y}_j"),
    ("max(0, Y)", "ReLU(Y)", r"\operatorname{ReLU}(Y)"),
    ("A (x ŷ') + c B", "Axŷᵀ + cB", r"Ax \hat{y}^{\top} + cB"),
    ("(A x) .* ŷ", "(Ax) ⊙ ŷ", r"(Ax) \odot \hat{y}"),
    ("(X' x) .* w", "Xᵀx ⊙ w", r"X^{\top} x \odot w"),
];

#[test]
fn closed_forms() {
    for (typed, unicode, latex) in FORMS {
        let mut context = context();
        let of = read(&mut context, typed).unwrap();
        assert_eq!(term(&context, of, Spelling::Unicode), *unicode, "{typed}");
        assert_eq!(term(&context, of, Spelling::Latex), *latex, "{typed}");
        for spelling in [Spelling::Unicode, Spelling::Ascii, Spelling::Latex] {
            let text = term(&context, of, spelling);
            assert_eq!(read(&mut context, &text), Ok(of), "{text}");
        }
    }
}
