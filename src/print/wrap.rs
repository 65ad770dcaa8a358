//! Text in columns: widths as a terminal shows them, padding, and wrapping at spaces.

use unicode_width::UnicodeWidthStr;

/// The columns a text takes; combining marks take none, East Asian characters two.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// The text with spaces behind it.
pub(super) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// The text in lines of at most `width` columns, broken at spaces; a longer word has a line of its own.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut out = vec![String::new()];
    for word in text.split(' ') {
        match out.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if columns(line) + 1 + columns(word) <= width => line.push_str(&format!(" {word}")),
            _ => out.push(word.to_string()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""]);
        assert_eq!(columns("y\u{302}x"), 2);
        assert_eq!(columns("漢"), 2);
    }
}
