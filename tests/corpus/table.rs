//! The table of `docs/readability.md`: every case, as its source prints it and as we print it.

use gradus::print::Measure;
use std::fmt::Write;

/// A case that is answered.
pub struct Row {
    /// The case: `P016`.
    pub id: String,
    /// The form that the source prints, if it prints one, with its measure.
    pub source: Option<(String, Measure)>,
    /// Our answer, with the names that it introduces, and the measure of all of it.
    pub ours: (String, Measure),
    /// Why ours is larger.
    pub larger: Option<String>,
}

/// The document with a fresh table behind its marker.
pub fn written(document: &str, rows: &[Row]) -> String {
    const MARKER: &str = "<!-- the table is generated -->\n";
    let (text, _) = document.split_once(MARKER).expect("a marker before the table");
    format!("{text}{MARKER}\n{}", table(rows))
}

fn table(rows: &[Row]) -> String {
    let compared: Vec<(&Row, &Measure)> = rows.iter().filter_map(|row| Some((row, &row.source.as_ref()?.1))).collect();
    let count = |test: fn(&usize, &usize) -> bool| {
        compared.iter().filter(|(row, source)| test(&row.ours.1.size, &source.size)).count()
    };
    let mut out = format!(
        "{} answers, {} with a form to compare: {} smaller than the source's, {} as large, {} larger.\n\n",
        rows.len(),
        compared.len(),
        count(|ours, source| ours < source),
        count(|ours, source| ours == source),
        count(|ours, source| ours > source)
    );
    out += "| case | the source's form | size | ᵀ | ⁻¹ | our form | size | ᵀ | ⁻¹ |\n|---|---|--:|--:|--:|---|--:|--:|--:|\n";
    for row in rows {
        let figures = |m: &Measure| format!("{} | {} | {}", m.size, m.transposes, m.inverses);
        let source = row.source.as_ref().map_or(("–".into(), " | | ".into()), |(text, m)| (code(text), figures(m)));
        let ours = (code(&row.ours.0), figures(&row.ours.1));
        writeln!(out, "| {} | {} | {} | {} | {} |", row.id, source.0, source.1, ours.0, ours.1).unwrap();
    }
    out += "\nLarger, and why:\n\n";
    for (row, why) in rows.iter().filter_map(|row| Some((row, row.larger.as_ref()?))) {
        writeln!(out, "- {}: {why}", row.id).unwrap();
    }
    out
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}
