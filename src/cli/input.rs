//! Scripts from files, the standard input and the command line; what cannot be read is a diagnostic.

use crate::diag::Diagnostic;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The longest script, in bytes.
const MAX_SIZE: u64 = 16 << 20;

/// A script with the name that errors call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// The path of the file, or `input`.
    pub(super) name: String,
    /// The text.
    pub(super) text: String,
}

impl Source {
    /// Text that has no file.
    pub(super) fn input(text: String) -> Source {
        Source { name: "input".into(), text }
    }

    /// The whole standard input.
    pub(super) fn standard_input() -> Result<Source, Diagnostic> {
        bounded(io::stdin().lock(), "the standard input").map(Source::input)
    }

    /// A file, or the standard input for `-`.
    pub(super) fn file(path: &Path) -> Result<Source, Diagnostic> {
        if path == Path::new("-") {
            return Source::standard_input();
        }
        let name = path.display().to_string();
        let quoted = format!("`{name}`");
        if path.is_dir() {
            return Err(unreadable(&quoted, "it is a directory").note("scripts are files that end in `.gradus`"));
        }
        let file = File::open(path).map_err(|error| unreadable(&quoted, &reason(&error)))?;
        bounded(file, &quoted).map(|text| Source { name, text })
    }
}

/// Everything there is to read, if it is text and not too much.
fn bounded(reader: impl Read, what: &str) -> Result<String, Diagnostic> {
    let mut bytes = Vec::new();
    reader.take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(|error| unreadable(what, &reason(&error)))?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(unreadable(what, &format!("it is larger than {} MiB", MAX_SIZE >> 20)));
    }
    text(bytes, what)
}

fn text(bytes: Vec<u8>, what: &str) -> Result<String, Diagnostic> {
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(not_text(what).note(place(&bytes, at) + " is a zero byte; this is a binary file"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(at).copied().unwrap_or_default();
        let place = place(error.as_bytes(), at);
        not_text(what).note(format!("{place} is the byte 0x{byte:02X}, which is not UTF-8"))
    })
}

fn unreadable(what: &str, why: &str) -> Diagnostic {
    Diagnostic::error("E0801", format!("cannot read {what}: {why}"))
}

fn not_text(what: &str) -> Diagnostic {
    Diagnostic::error("E0008", format!("{what} is not text"))
}

fn place(bytes: &[u8], at: usize) -> String {
    let before = &bytes[..at];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    format!("at line {line}, byte {column}")
}

/// The words of the operating system, without their number.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".into(),
        io::ErrorKind::PermissionDenied => "permission is denied".into(),
        _ => {
            let words = error.to_string();
            words.split(" (os error").next().unwrap_or(&words).to_lowercase()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_text_says_where() {
        let error = text(b"x : R^n\ny \xff".to_vec(), "`a`").unwrap_err();
        assert_eq!((error.code, error.title.as_str()), ("E0008", "`a` is not text"));
        assert_eq!(error.notes, ["at line 2, byte 3 is the byte 0xFF, which is not UTF-8"]);
        assert_eq!(text(b"a\0".to_vec(), "`a`").unwrap_err().code, "E0008");
    }

    #[test]
    fn an_endless_file_ends() {
        let error = bounded(io::repeat(b'x'), "`a`").unwrap_err();
        assert_eq!(error.title, "cannot read `a`: it is larger than 16 MiB");
    }

    #[test]
    fn a_missing_file_and_a_directory() {
        let missing = Source::file(Path::new("no/such/file.gradus")).unwrap_err();
        assert_eq!(missing.title, "cannot read `no/such/file.gradus`: there is no such file");
        assert_eq!(Source::file(Path::new("src")).unwrap_err().title, "cannot read `src`: it is a directory");
    }
}
