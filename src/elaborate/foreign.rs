//! What people bring from other languages: functions that have another name here or none, indexing, primes of values.
//!
//! Nothing here gives a meaning; it says what to write instead.

use super::explode::Piece;
use super::names::What;
use super::{Elaborator, Outcome};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Op, Symbol};
use crate::syntax::tree::*;

/// What stands for a word of another language.
enum Instead {
    /// One of our functions, by its name.
    Function(&'static str),
    /// Other notation: how it is written.
    Written(&'static str),
    /// Nothing: what is not part of Gradus.
    Nothing(&'static str),
}

use Instead::{Function, Nothing, Written};

/// Words of MATLAB, NumPy, Julia and papers. A word that is declared never comes here.
const WORDS: &[(&[&str], Instead)] = &[
    (&["Tr", "Trace", "TR"], Function("tr")),
    (&["Det", "determinant"], Function("det")),
    (&["inverse", "Inv"], Function("inv")),
    (&["Diag", "diagm"], Function("diag")),
    (&["slogdet", "logabsdet", "lndet"], Function("logdet")),
    (&["lse", "LSE", "LogSumExp"], Function("logsumexp")),
    (&["fro", "frobenius", "norm_fro", "norm_F"], Function("normF")),
    (&["logistic", "expit", "sigm"], Function("sigmoid")),
    (&["heaviside", "Heaviside", "indicator"], Function("step")),
    (&["fabs", "absolute"], Function("abs")),
    (&["average", "avg"], Function("mean")),
    (&["exponential"], Function("exp")),
    (&["dot", "vdot", "inner_product"], Written("`x'y`, or `inner(A, B)` for the sum of the products of all entries")),
    (&["outer"], Written("`x y'`")),
    (&["matmul", "mtimes", "mm", "bmm"], Written("`A*B`")),
    (&["hadamard", "multiply", "times"], Written("`A .* B`")),
    (&["divide", "rdivide"], Written("`A ./ B`")),
    (&["power", "pow", "matrix_power", "mpower"], Written("`A^2`, and `A.^2` entry by entry")),
    (&["square"], Written("`x.^2`")),
    (&["reciprocal"], Written("`x.^-1`")),
    (&["quad_form"], Written("`x'A x`")),
    (&["sumsq", "sum_squares"], Written("`x'x`, or `normF(A)^2`")),
    (&["log2", "log10", "logb"], Written("`log(x)/log(2)`: `log` is the natural logarithm")),
    (&["log1p"], Written("`log(1 + x)`")),
    (&["expm1"], Written("`exp(x) - 1`")),
    (&["sec", "csc", "cosec", "cot"], Written("`1/cos(x)`, `1/sin(x)`, `1/tan(x)`")),
    (&["linsolve", "mldivide", "backslash", "lstsq"], Written("`inv(A)*b`")),
    (&["derivative", "deriv", "autograd", "backward"], Written("`diff f wrt x`, `grad f wrt x`")),
    (&["reshape", "squeeze", "flatten", "ravel"], Written("`vec(A)` for the columns one below the other")),
    (&["identity", "Id", "Identity", "speye"], Written("`I`, or `eye(n)`")),
    (&["one", "zero", "randn", "rand"], Written("`ones(m, n)`, `zeros(m, n)`; values are declared by shape")),
    (&["rank", "null", "orth", "range", "nullspace", "span", "ker"], Nothing("the rank and the spaces of a matrix")),
    (
        &[
            "eig", "eigh", "eigs", "eigvals", "eigvalsh", "eigvecs", "eigenvalues", "eigmax", "λ_max", "λ_min", "λ_1",
            "spectral_radius", "Eig",
        ],
        Nothing("eigenvalues"),
    ),
    (&["svd", "svdvals", "σ_max", "σ_min", "norm_nuc", "nuclear", "cond"], Nothing("singular values")),
    (&["chol", "cholesky", "qr", "lu", "schur", "ldl"], Nothing("matrix factorisations")),
    (&["sqrtm", "cosm", "sinm", "funm"], Nothing("matrix functions by the spectrum (`f(A)` of a matrix)")),
    (&["cross"], Nothing("the cross product")),
    (&["prod", "cumprod", "cumsum", "factorial"], Nothing("products and running sums of entries")),
    (
        &["median", "mode", "sort", "quantile", "std", "cov", "corr"],
        Nothing("order statistics and standard deviations"),
    ),
    (&["argmax", "argmin", "minimize", "maximize", "minimise", "maximise", "sup"], Nothing("optimisation")),
    (&["inf", "Inf", "infty", "infinity", "oo", "NaN", "nan"], Nothing("infinity and what is not a number")),
    (&["int", "integral", "integrate", "lim", "limit"], Nothing("integrals and limits")),
    (&["real", "imag", "Re", "Im", "conj", "hermitian", "ctranspose"], Nothing("complex numbers")),
    (&["floor", "ceil", "round", "mod", "rem"], Nothing("rounding and remainders")),
    (&["erf", "erfc", "gamma", "gammaln", "besselj", "digamma"], Nothing("this special function")),
    (&["gelu", "elu", "selu", "silu", "swish", "leaky_relu", "LeakyReLU"], Nothing("this activation")),
    (&["conv", "conv2", "fft"], Nothing("convolutions and transforms")),
    (&["einsum", "tensordot"], Nothing("`einsum`")),
    (&["trapz", "interp1"], Nothing("numerical methods")),
    (&["import", "def", "return", "print", "for", "while", "function", "using"], Nothing("a program")),
];

/// Where the way round is known, for what is not part of Gradus.
const HINTS: &[(&str, &str)] = &[
    ("order statistics and standard deviations", "the variance is `var(x)`"),
    ("products and running sums of entries", "of positive entries the product is `exp(sum(log(x)))`"),
    ("optimisation", "a gradient is asked for by `grad f wrt x`"),
    ("this activation", "define it: `f(x) = x .* sigmoid(x)`"),
    ("`einsum`", "sums over indices are written `sum_{i=1}^n a_i`"),
    ("this special function", "`f : elementwise` declares a function by name, with the derivative `f'`"),
    ("a program", "a line is a declaration, a definition or a question; `:help` lists them"),
];

impl Elaborator<'_> {
    /// What to write for a word of another language; `None` for a word that nobody knows.
    pub fn foreign(&self, word: &str, span: Span) -> Option<Diagnostic> {
        let (_, instead) = WORDS.iter().find(|(words, _)| words.contains(&word))?;
        let unknown = || Diagnostic::error("E0103", format!("there is no function `{word}`"));
        Some(match instead {
            Function(ours) => unknown().label(span, "has another name here").fix("the name of it here", span, *ours),
            Written(how) => unknown().label(span, "is written otherwise").note(format!("write {how}")),
            Nothing(what) => {
                let d = Diagnostic::error("E0901", format!("`{word}` is not part of Gradus"));
                let d = d.label(span, format!("not supported: {what}"));
                HINTS.iter().filter(|(of, _)| of == what).fold(d, |d, (_, hint)| d.note(*hint))
            }
        })
    }

    /// `A[0]`, `x(1)`, `A(1, 2)`, `x[i]`: indexing of other languages, which would be read as a product.
    pub fn refuse_indexing(&self, pieces: &[Piece]) -> Outcome<()> {
        let [first, next, ..] = pieces else { return Ok(()) };
        let Some(part) = first.part() else { return Ok(()) };
        let glued = next.join == Join::Beside { glued: true } && first.posts.is_empty();
        let Base::Group(bracket, items) = base(next) else { return Ok(()) };
        let square = bracket == Bracket::Square;
        let indexes = |e: &Expr| is_number(e) || square && e.as_name().is_some_and(|name| self.what(name).is_none());
        let value = matches!(part.what, What::Symbol(_) | What::Term(_));
        if !value || !glued || items.is_empty() || !(items.iter().all(indexes) || square && items.len() > 1) {
            return Ok(());
        }
        let span = first.span.to(next.span);
        let text: Vec<&str> = items.iter().map(|e| self.typed(e.span)).collect();
        let d = Diagnostic::error("E0302", format!("`{}` is not indexed so", part.name));
        let d = match items {
            [_] => d.label(span, "an entry, or a product"),
            _ => d.label(span, "brackets hold no indices"),
        };
        let name = self.typed(first.span);
        let d = match text.contains(&"0") {
            true => d.note("entries are counted from 1"),
            false => d.fix("the entry (counted from 1)", span, format!("{name}_{{{}}}", text.join(","))),
        };
        match text[..] {
            [one] => Err(d.fix("the product", span, format!("{name}*({one})"))),
            _ => Err(d),
        }
    }

    /// `f(x)` of a value f that was defined from x, and `f'(x)`: a product, which nobody means.
    pub fn refuse_application_of_value(&self, pieces: &[Piece]) -> Outcome<()> {
        let [first, next, ..] = pieces else { return Ok(()) };
        let (Some(What::Symbol(f)), Some(items)) = (first.part().map(|part| &part.what), next.arguments()) else {
            return Ok(());
        };
        let primed = first.posts.iter().any(|post| matches!(post.kind, PostfixKind::Apostrophe | PostfixKind::Prime));
        let glued = next.join == Join::Beside { glued: true } && (first.posts.is_empty() || primed);
        let arguments: Vec<Symbol> = items.iter().filter_map(|e| self.context.lookup(e.as_name()?)).collect();
        let all = !items.is_empty() && arguments.len() == items.len();
        if !glued || !all || self.context.definition(*f).is_none() {
            return Ok(());
        }
        if !arguments.iter().all(|&x| self.is_made_of(*f, x)) {
            return Ok(());
        }
        let (name, whole) = (self.typed(first.span), first.span.to(next.span));
        let d = Diagnostic::error("E0301", format!("`{name}` is a value, no function"))
            .label(whole, format!("it was defined from {} already", self.typed(next.span)));
        let argument = self.typed(items[0].span);
        Err(match primed {
            true => d
                .note(format!("the derivative of `{name}` is asked for by `diff {name} wrt {argument}`"))
                .note(format!("a function is defined by `{name}({argument}) = …`")),
            false => d.fix("the value", whole, name).note(format!("the product is written `{name}*{argument}`")),
        })
    }

    /// Does the definition of `f` hold `x`, directly or through other definitions?
    fn is_made_of(&self, f: Symbol, x: Symbol) -> bool {
        let (mut open, mut seen) = (vec![f], vec![f]);
        while let Some(symbol) = open.pop() {
            let Some(definition) = self.context.definition(symbol) else { continue };
            for inner in self.context.symbols_in(definition.raw) {
                if inner == x {
                    return true;
                }
                if !seen.contains(&inner) {
                    seen.push(inner);
                    open.push(inner);
                }
            }
        }
        false
    }

    /// `f'` of a scalar that is defined: nobody transposes one.
    pub fn refuse_prime_of_scalar(&self, term: crate::ir::Term, span: Span) -> Outcome<()> {
        let Op::Symbol(symbol) = *self.context.terms.op(term) else { return Ok(()) };
        let Some(definition) = self.context.definition(symbol) else { return Ok(()) };
        if !self.context.terms.shape(term).is_scalar() || self.context.symbols_in(definition.raw).is_empty() {
            return Ok(());
        }
        let name = self.context.name(symbol);
        Err(Diagnostic::error("E0301", format!("`{name}'` has two readings"))
            .label(span, "the transpose of a scalar, or a derivative")
            .fix("the scalar itself", span, name)
            .note(format!("a derivative is asked for by `diff {name} wrt …`")))
    }
}

/// What a piece is, as far as indexing goes.
enum Base<'e> {
    Group(Bracket, &'e [Expr]),
    Other,
}

fn base<'e>(piece: &Piece<'e>) -> Base<'e> {
    match piece.base {
        super::explode::Base::Expr(Expr { node: Node::Group(bracket, items), .. })
            if matches!(bracket, Bracket::Round | Bracket::Square) =>
        {
            Base::Group(*bracket, items)
        }
        _ => Base::Other,
    }
}

fn is_number(e: &Expr) -> bool {
    match &e.node {
        Node::Number(digits) => digits.chars().all(|c| c.is_ascii_digit()),
        Node::Negate(inner) => is_number(inner),
        _ => false,
    }
}
