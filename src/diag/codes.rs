//! The catalogue of codes. A code never changes its meaning and is never used again for another.
//!
//! `E00` text, `E01` names, `E02` shapes, `E03` readings, `E04` questions and conditions,
//! `E05` claims, `E06` rules, `E07` checks, `E08` files and commands, `E09` what Gradus does not do, `N` remarks.

/// Every code with its meaning.
pub const ALL: &[(&str, &str)] = &[
    ("E0001", "an operand is missing"),
    ("E0002", "a bracket is not closed, or closes nothing"),
    ("E0003", "this sign is not an operator of the language"),
    ("E0004", "it is not clear what a fraction covers"),
    ("E0005", "a part of the statement is missing"),
    ("E0006", "brackets, prefixes or postfixes are nested too deeply"),
    ("E0007", "a statement is too long"),
    ("E0008", "the input is not text"),
    ("E0009", "a character or word that means nothing here"),
    ("E0010", "an unknown LaTeX command"),
    ("E0011", "a malformed rule"),
    ("E0012", "there is no statement in the input"),
    ("E0101", "a name is not declared"),
    ("E0102", "letters written together can be split into names in two ways"),
    ("E0103", "an unknown function"),
    ("E0104", "a spelling has two meanings, a declared name and a notation"),
    ("E0105", "a name is declared or defined twice"),
    ("E0106", "a function is used without, or with too many, arguments"),
    ("E0107", "a dimension and a variable of one name could be confused"),
    ("E0108", "a name depends on a definition that failed"),
    ("E0109", "an index is missing, unknown, or also the name of something else"),
    ("E0201", "a sum or an elementwise operation of two shapes"),
    ("E0202", "the inner dimensions of a product do not match"),
    ("E0203", "an operation that needs a square matrix"),
    ("E0204", "a function or operator of an operand whose shape it does not take"),
    ("E0205", "two sides of an equation have different shapes"),
    ("E0206", "a shape differs from the one that was declared"),
    ("E0207", "the shape of an expression cannot be inferred"),
    ("E0301", "an expression has two readings"),
    ("E0302", "an operation that has a reading of another spelling"),
    ("E0303", "an equation that could be a definition, a claim or an assumption"),
    ("E0304", "a function application whose extent is not clear"),
    ("E0401", "a condition that no declared fact settles"),
    ("E0402", "a derivative by something that is not a name"),
    ("E0403", "a question that its shapes do not allow"),
    ("E0404", "an expression does not depend on what it is asked about"),
    ("E0405", "a gradient is asked of what is no scalar"),
    ("E0406", "a size, or what it needs, is missing or malformed"),
    ("E0407", "the gradient by a variable on a curved set needs a convention"),
    ("E0408", "no rule differentiates a function or operator"),
    ("E0409", "a derivative has no form in matrices that is known"),
    ("E0410", "what is asked about, or a constant part of it, has no real value or no derivative"),
    ("E0411", "an equation that cannot be solved for its unknown"),
    ("E0501", "an equation is false"),
    ("E0502", "it could not be decided within the limits"),
    ("E0503", "a line of a derivation does not follow"),
    ("E0504", "two definitions of one name differ"),
    ("E0601", "a rule is unsound"),
    ("E0602", "a rule of that name is not known"),
    ("E0701", "an answer failed its check"),
    ("E0702", "an answer could not be checked"),
    ("E0801", "a file cannot be read"),
    ("E0802", "an unknown command or setting"),
    ("E0901", "not yet part of Gradus"),
    ("E0902", "complex numbers are not part of Gradus"),
    ("E0903", "block matrices are not part of Gradus"),
    ("N0001", "a ruling that was made for the reader"),
];

/// The meaning of a code.
///
/// ```
/// assert_eq!(gradus::diag::codes::meaning("E0001"), Some("an operand is missing"));
/// ```
pub fn meaning(code: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning)
}

/// What the codes that begin so are about.
const GROUPS: &[(&str, &str)] = &[
    ("E00", "The text"),
    ("E01", "Names"),
    ("E02", "Shapes"),
    ("E03", "Readings"),
    ("E04", "Questions and conditions"),
    ("E05", "Claims"),
    ("E06", "Rules"),
    ("E07", "Checks"),
    ("E08", "Files and commands"),
    ("E09", "What Gradus does not do"),
    ("N", "Remarks beside an answer"),
];

/// The catalogue as a page of Markdown.
///
/// ```
/// assert!(gradus::diag::codes::markdown().contains("| E0001 | an operand is missing |"));
/// ```
pub fn markdown() -> String {
    let mut page = String::from(
        "# Codes of messages\n\nA message has a code that never changes its meaning, the place it is about, \
         what was found there, and often a correction that can be applied as it stands. In JSON it is the field \
         `code` of a diagnostic.\n\nThis page is written by `UPDATE_DOCS=1 cargo test --test docs`.\n",
    );
    for (prefix, title) in GROUPS {
        page += &format!("\n## {title}\n\n| code | meaning |\n|---|---|\n");
        let group = ALL.iter().filter(|(code, _)| code.starts_with(prefix));
        group.for_each(|(code, meaning)| page += &format!("| {code} | {meaning} |\n"));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_single() {
        assert!(ALL.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn every_code_is_in_one_group() {
        for (code, _) in ALL {
            assert_eq!(GROUPS.iter().filter(|(prefix, _)| code.starts_with(prefix)).count(), 1, "{code}");
        }
    }
}
