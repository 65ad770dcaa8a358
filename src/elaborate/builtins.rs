//! The words of built-in functions, and numbers.

use num_traits::Pow;

use crate::ir::Rational;

/// Every word for a function with its canonical name, most usual first.
pub const FUNCTIONS: &[(&str, &str)] = &[
    ("exp", "exp"),
    ("log", "log"),
    ("ln", "log"),
    ("sin", "sin"),
    ("cos", "cos"),
    ("tan", "tan"),
    ("arcsin", "arcsin"),
    ("asin", "arcsin"),
    ("arccos", "arccos"),
    ("acos", "arccos"),
    ("arctan", "arctan"),
    ("atan", "arctan"),
    ("sinh", "sinh"),
    ("cosh", "cosh"),
    ("tanh", "tanh"),
    ("sigmoid", "sigmoid"),
    ("relu", "relu"),
    ("ReLU", "relu"),
    ("softplus", "softplus"),
    ("abs", "abs"),
    ("sgn", "sgn"),
    ("sign", "sgn"),
    ("sqrt", "sqrt"),
    ("step", "step"),
    ("stepc", "stepc"),
    ("softmax", "softmax"),
    ("logsumexp", "logsumexp"),
    ("norm1", "norm1"),
    ("norm2", "norm2"),
    ("mean", "mean"),
    ("var", "var"),
    ("tr", "tr"),
    ("trace", "tr"),
    ("det", "det"),
    ("logdet", "logdet"),
    ("adj", "adj"),
    ("pinv", "pinv"),
    ("diagpart", "diagpart"),
    ("tril", "tril"),
    ("triu", "triu"),
    ("rowsoftmax", "rowsoftmax"),
    ("colsoftmax", "colsoftmax"),
    ("rowsum", "rowsum"),
    ("colsum", "colsum"),
    ("normF", "normF"),
    ("expm", "expm"),
    ("logm", "logm"),
    ("diag", "diag"),
    ("vec", "vec"),
    ("sum", "sum"),
    ("inv", "inv"),
    ("transpose", "transpose"),
    ("kron", "kron"),
    ("max", "max"),
    ("min", "min"),
    ("inner", "inner"),
    ("norm", "norm"),
    ("ones", "ones"),
    ("zeros", "zeros"),
    ("eye", "eye"),
    ("vector", "vector"),
    ("matrix", "matrix"),
    ("commutation", "commutation"),
    ("entrywise", "entrywise"),
];

/// The canonical name of a function by any of its words.
pub fn canonical(word: &str) -> Option<&'static str> {
    FUNCTIONS.iter().find(|(w, _)| *w == word).map(|(_, name)| *name)
}

/// The exact value of a number as typed, if it is not absurdly large.
pub fn number(text: &str) -> Option<Rational> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, e.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let shift = exponent.checked_sub(i32::try_from(part.len()).ok()?)?;
    if shift.abs() > 400 || whole.len() > 400 {
        return None;
    }
    let digits: num_bigint::BigInt = format!("0{whole}{part}").parse().ok()?;
    let power = Rational::from(Pow::pow(num_bigint::BigInt::from(10), shift.unsigned_abs()));
    let value = Rational::from(digits);
    Some(if shift < 0 { value / power } else { value * power })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::ratio;

    #[test]
    fn numbers_are_exact() {
        assert_eq!(number("0.5"), Some(ratio(1, 2)));
        assert_eq!(number("1e-3"), Some(ratio(1, 1000)));
        assert_eq!(number("2.50e2"), Some(ratio(250, 1)));
        assert_eq!(number("1e999999999999"), None);
    }
}
