//! Draws a diagnostic as text by annotate-snippets, which places the underlines, also below
//! combining and wide characters. Spans are first clamped to the text, so that drawing never fails.

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use super::{Diagnostic, Fix, Severity, Span};

/// With or without colours; the caller decides which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Characters only.
    Plain,
    /// With terminal escapes.
    Coloured,
}

impl Diagnostic {
    /// The diagnostic as text; `source` is the whole text that the spans point into.
    ///
    /// ```
    /// use gradus::diag::{Diagnostic, Span, Style};
    /// let d = Diagnostic::error("E0101", "`h` is not declared").label(Span::new(4, 5), "here");
    /// assert!(d.render("input", "z = h", Style::Plain).contains("error[E0101]: `h` is not declared"));
    /// ```
    pub fn render(&self, name: &str, source: &str, style: Style) -> String {
        let title = level(self.severity).primary_title(self.title.as_str()).id(self.code);
        let mut first = Group::with_title(title);
        if !self.labels.is_empty() {
            first = first.element(self.snippet(name, source));
        }
        for note in &self.notes {
            first = first.element(Level::NOTE.message(note.as_str()));
        }
        let mut report = vec![first];
        report.extend(self.help.iter().map(|fix| help(fix, source)));
        let text = renderer(style).render(&report);
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n"
    }

    fn snippet<'a>(&'a self, name: &'a str, source: &'a str) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let labels = self.labels.iter().map(|label| {
            let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let span = clamp(label.span, source);
            kind.span(span.start..span.end).label(label.text.as_str())
        });
        Snippet::source(source).path(name).annotations(labels)
    }
}

fn renderer(style: Style) -> Renderer {
    match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

fn help<'a>(fix: &'a Fix, source: &'a str) -> Group<'a> {
    let patches = fix.edits.iter().map(|edit| {
        let span = clamp(edit.span, source);
        Patch::new(span.start..span.end, edit.text.as_str())
    });
    Level::HELP.secondary_title(fix.title.as_str()).element(Snippet::source(source).patches(patches))
}

/// The span, moved inwards to the text and to character boundaries.
fn clamp(span: Span, source: &str) -> Span {
    let start = boundary(span.start, source);
    Span::new(start, boundary(span.end, source).max(start))
}

fn boundary(at: usize, source: &str) -> usize {
    let mut at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}
