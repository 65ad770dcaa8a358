//! The nearest known word to one that is not known.

/// LaTeX commands that are often mistyped.
pub const COMMANDS: &[&str] = &[
    "alpha", "beta", "gamma", "delta", "epsilon", "theta", "lambda", "sigma", "omega", "frac", "partial", "nabla",
    "cdot", "odot", "oslash", "otimes", "circ", "top", "hat", "bar", "tilde", "text", "operatorname", "mathbb",
    "mathrm", "mathbf", "log", "exp", "sin", "cos", "tanh", "max", "det", "sum", "times", "in", "lVert", "rVert",
    "lvert", "rvert", "left", "right", "langle", "rangle", "begin", "end", "sqrt", "leq", "geq", "neq",
];

/// The word of `known` that differs least from `word`, if it differs by little.
///
/// ```
/// use gradus::syntax::suggest::nearest;
/// assert_eq!(nearest("sofmax", &["softmax", "sigmoid"]), Some("softmax"));
/// assert_eq!(nearest("frobnicate", &["softmax", "sigmoid"]), None);
/// ```
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    // One letter for another is no slip of the pen.
    let limit = if word.chars().count() < 3 { 0 } else { (word.chars().count() / 3).max(1) };
    let scored = known.iter().map(|k| (distance(word, k), *k));
    scored.filter(|(d, k)| *d <= limit && *k != word).min().map(|(_, k)| k)
}

/// The number of letters to add, drop, change or swap, case being free.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().take(64).collect();
    let b: Vec<char> = b.to_lowercase().chars().take(64).collect();
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
