//! Diagnostics: what went wrong, where, and what to write instead.
//!
//! A diagnostic is data. It carries a stable code, a title, labelled places in the text as typed,
//! notes, and fixes that can be applied as they stand. [`Diagnostic::render`] draws it in the
//! manner of rustc; serde writes the same object as JSON. Nothing here looks at the environment.

pub mod codes;
mod render;

use serde::Serialize;

pub use render::Style;

/// A range of byte offsets into the text as typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to `end`.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    /// The empty range at `at`.
    pub fn at(at: usize) -> Span {
        Span::new(at, at)
    }

    /// The smallest range that holds both.
    pub fn to(self, other: Span) -> Span {
        Span::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The empty range just before this one.
    pub fn before(self) -> Span {
        Span::at(self.start)
    }

    /// The empty range just after this one.
    pub fn after(self) -> Span {
        Span::at(self.end)
    }

    /// Is nothing covered?
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The text it covers, empty where the range does not fit the text.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or("")
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The statement has no answer.
    Error,
    /// There is an answer, and something the reader should know first.
    Warning,
    /// A ruling that was made for the reader.
    Note,
}

/// A place and what is there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there; empty for a bare underline.
    pub text: String,
    /// Is this the place of the error itself, rather than one it depends on?
    pub primary: bool,
}

/// One replacement in the text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub span: Span,
    /// What is written there.
    pub text: String,
}

/// A correction that can be applied as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// The text after the edits; `None` if an edit does not fit the text.
    ///
    /// ```
    /// use gradus::diag::{Diagnostic, Span};
    /// let d = Diagnostic::error("E0004", "unclear").fix("add parentheses", Span::new(2, 4), "(2b)");
    /// assert_eq!(d.help[0].apply("a/2b").as_deref(), Some("a/(2b)"));
    /// ```
    pub fn apply(&self, text: &str) -> Option<String> {
        let mut edits: Vec<&Edit> = self.edits.iter().collect();
        edits.sort_by_key(|e| e.span);
        let (mut out, mut at) = (String::new(), 0);
        for edit in edits {
            out.push_str(text.get(at..edit.span.start)?);
            out.push_str(&edit.text);
            at = edit.span.end;
        }
        out.push_str(text.get(at..)?);
        Some(out)
    }
}

/// An error, a warning or a note about the input.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Diagnostic {
    /// A stable code of [`codes::ALL`].
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One line: lower case, no full stop, names in backticks.
    pub title: String,
    /// The places.
    pub labels: Vec<Label>,
    /// Remarks below the source.
    pub notes: Vec<String>,
    /// Corrections.
    pub help: Vec<Fix>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, title: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, Severity::Error, title)
    }

    /// A diagnostic of the given severity.
    pub fn new(code: &'static str, severity: Severity, title: impl Into<String>) -> Diagnostic {
        Diagnostic { code, severity, title: title.into(), labels: vec![], notes: vec![], help: vec![] }
    }

    /// Marks the place of the error.
    pub fn label(self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.mark(span, text, true)
    }

    /// Marks a place the error depends on, such as a declaration.
    pub fn context(self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.mark(span, text, false)
    }

    fn mark(mut self, span: Span, text: impl Into<String>, primary: bool) -> Diagnostic {
        self.labels.push(Label { span, text: text.into(), primary });
        self
    }

    /// Adds a remark.
    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }

    /// Offers to write `text` in the place of `span`.
    pub fn fix(self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Diagnostic {
        self.fixes(title, vec![(span, text.into())])
    }

    /// Offers several edits as one correction.
    pub fn fixes(mut self, title: impl Into<String>, edits: Vec<(Span, String)>) -> Diagnostic {
        let edits = edits.into_iter().map(|(span, text)| Edit { span, text }).collect();
        self.help.push(Fix { title: title.into(), edits });
        self
    }

    /// Where the error is: the first primary label, else the first label.
    pub fn span(&self) -> Option<Span> {
        let first = self.labels.iter().find(|l| l.primary).or(self.labels.first());
        first.map(|l| l.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unclear_fraction_reads_as_designed() {
        let text = "a/2b\n";
        let d = Diagnostic::error("E0004", "it is not clear what this fraction covers")
            .label(Span::new(1, 4), "is `b` in the denominator or after it")
            .fix("add parentheses, for the product in the denominator", Span::new(2, 4), "(2b)");
        insta::with_settings!({snapshot_path => "../../snapshots", prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!("diag_fraction", d.render("input", text, Style::Plain));
        });
    }

    #[test]
    fn rendering_survives_spans_that_do_not_fit() {
        let d = Diagnostic::error("E0001", "nothing").label(Span::new(1, 900), "inside a letter").fix(
            "replace",
            Span::new(1, 2),
            "x",
        );
        assert!(d.render("input", "ŷ", Style::Plain).contains("E0001"));
        assert!(d.render("input", "", Style::Coloured).contains("E0001"));
    }

    #[test]
    fn json_has_the_same_object() {
        let d = Diagnostic::error("E0101", "`h` is not declared").label(Span::new(0, 1), "here");
        let json = serde_json::to_value(&d).unwrap();
        assert_eq!(json["code"], "E0101");
        assert_eq!(json["labels"][0]["span"]["end"], 1);
    }
}
