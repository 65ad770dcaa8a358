//! The layers of the sources are those of the table in `docs/architecture.md`.
//!
//! The table is the input: one row for each module, with the modules it may use. Code is read as text, without
//! comments, string literals and unit tests; a path that starts with `crate::` is a use of the module it names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Crates that only some modules may know.
const CRATES: &[(&[&str], &[&str])] = &[
    (&["pest", "pest_derive"], &["syntax"]),
    (&["egg"], &["egraph"]),
    (&["serde", "serde_json"], &["api", "diag", "certificate"]),
    (&["annotate_snippets"], &["diag"]),
    (&["clap", "rustyline"], &["cli"]),
];

/// What touches the world, and the modules that may: everything else is a pure function of its arguments.
const WORLD: &[&str] = &[
    "std::fs", "std::env", "std::time", "std::io", "std::process", "std::net", "println!", "eprintln!", "print!",
    "eprint!", "dbg!",
];
const WORLDLY: &[&str] = &["cli", "web", "main"];

/// What checks a result, and so must not reach, even through others, what finds results.
const CHECKERS: &[&str] = &["eval", "verify", "certificate"];

/// A source file: its module, and its code.
struct Source {
    path: PathBuf,
    /// The folders and file below `src`: `["rules", "matching"]` for `src/rules/matching.rs`.
    modules: Vec<String>,
    code: String,
}

impl Source {
    fn module(&self) -> &str {
        &self.modules[0]
    }
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let (table, sources) = (table(), sources());
    let mut wrong = Vec::new();
    for source in &sources {
        let Some(allowed) = table.get(source.module()) else { continue };
        for used in uses(source) {
            if used != source.module() && !allowed.contains(&used) {
                wrong.push(format!("{}: `{}` may not use `{used}`", source.path.display(), source.module()));
            }
        }
    }
    assert!(wrong.is_empty(), "against the table of docs/architecture.md:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_has_a_row_and_every_row_a_module() {
    let rows: BTreeSet<String> = table().into_keys().collect();
    let modules: BTreeSet<String> =
        sources().iter().map(|s| s.module().to_string()).filter(|m| m != "lib" && m != "main").collect();
    assert_eq!(rows, modules, "left: rows of the table in docs/architecture.md, right: modules in src");
}

#[test]
fn what_checks_a_result_is_not_what_produced_it() {
    let table = table();
    for checker in CHECKERS.iter().filter(|checker| table.contains_key(**checker)) {
        let mut reached = BTreeSet::new();
        let mut open = vec![(*checker).to_string()];
        while let Some(module) = open.pop() {
            open.extend(table[&module].iter().filter(|used| reached.insert((*used).clone())).cloned());
        }
        for finder in ["egraph", "derive", "reason"] {
            assert!(!reached.contains(finder), "`{checker}` reaches `{finder}`");
        }
    }
}

#[test]
fn crates_stay_where_they_belong() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (names, modules) in CRATES {
            for name in names.iter().filter(|_| !modules.contains(&source.module())) {
                if mentions(&source.code, &format!("{name}::")) || mentions(&source.code, &format!("use {name}")) {
                    wrong.push(format!("{}: `{name}` belongs to {}", source.path.display(), modules.join(", ")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_command_line_touches_the_world() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !WORLDLY.contains(&source.module())) {
        for word in WORLD.iter().filter(|word| mentions(&source.code, word)) {
            wrong.push(format!("{}: {word}", source.path.display()));
        }
    }
    assert!(wrong.is_empty(), "below `cli` nothing prints, reads files, or looks at a clock:\n{}", wrong.join("\n"));
}

#[test]
fn nothing_is_re_exported_across_layers() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !["lib", "api"].contains(&source.module())) {
        let used = reexports(&source.code);
        for module in used.into_iter().filter(|module| module != source.module()) {
            wrong.push(format!("{}: `pub use crate::{module}…`", source.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reading_of_code_is_right() {
    let code =
        without_comments("a(\"crate::x\"); // crate::y\n/* crate::z */ '\"'; crate::{b, c::{d, e}, self::f}; 'a");
    assert!(!code.contains("crate::x") && !code.contains("crate::y") && !code.contains("crate::z"), "{code}");
    assert_eq!(crate_paths(&code), ["b", "c", "self"]);
    assert_eq!(
        reexports("pub use crate::ir::Term; use crate::diag; pub(crate) use crate::{facts, ir::Op};"),
        ["ir", "facts", "ir"]
    );
    assert!(mentions("use egg::Id", "egg::") && !mentions("nutmegg::x", "egg::"));
    assert_eq!(without_tests("fn a() {}\n#[cfg(test)]\nmod tests { crate::x }"), "fn a() {}\n");
}

/// The table of `docs/architecture.md`: what each module may use. A row may name only modules of rows above it.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join("docs/architecture.md")).expect("docs/architecture.md");
    let mut rows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let start = text.find("| module |").expect("a table that starts with `| module |`");
    for line in text[start..].lines().skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [module, _, uses] = cells[..] else { panic!("a row has three cells: {line}") };
        let above: BTreeSet<String> = rows.keys().cloned().collect();
        let uses: BTreeSet<String> = match uses.trim_matches('`') {
            "–" => BTreeSet::new(),
            "all above" => above.clone(),
            list => list.split_whitespace().map(str::to_string).collect(),
        };
        let unknown: Vec<&String> = uses.difference(&above).collect();
        assert!(unknown.is_empty(), "{module} uses {unknown:?}, which has no row above it");
        rows.insert(module.trim_matches('`').to_string(), uses);
    }
    rows
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `src`, without those that hold only unit tests.
fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|e| e == "rs") && !entry.ends_with("tests.rs") {
                sources.push(source(entry));
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(sources.len() > 10, "the sources were not found");
    sources
}

fn source(path: PathBuf) -> Source {
    let text = fs::read_to_string(&path).expect("a source file");
    let below = path.strip_prefix(root().join("src")).expect("below src").with_extension("");
    let mut modules: Vec<String> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if modules.len() > 1 && modules.last().is_some_and(|last| last == "mod") {
        modules.pop();
    }
    let code = without_tests(&without_comments(&text)).to_string();
    Source { path: path.strip_prefix(root()).expect("below the root").to_path_buf(), modules, code }
}

/// The modules that a source uses by paths from the root, or by climbing out of its own module.
fn uses(source: &Source) -> BTreeSet<String> {
    let mut used: BTreeSet<String> = crate_paths(&source.code).into_iter().filter(|name| name != "self").collect();
    let climb = "super::".repeat(source.modules.len());
    used.extend(after(&source.code, &climb).iter().flat_map(|rest| heads(rest)).filter(|name| name != "super"));
    used
}

/// The first names of all paths that start with `crate::`.
fn crate_paths(code: &str) -> Vec<String> {
    after(code, "crate::").iter().flat_map(|rest| heads(rest)).collect()
}

/// The first names of all paths that are re-exported from the root of the crate.
fn reexports(code: &str) -> Vec<String> {
    let statements = code.split(';').filter_map(|statement| {
        let at = statement.rfind("use crate::")?;
        let visibility = statement[..at].trim_end();
        (visibility.ends_with("pub") || visibility.ends_with(')')).then(|| &statement[at + "use crate::".len()..])
    });
    statements.flat_map(heads).collect()
}

/// The text behind each occurrence of `word` that starts a path.
fn after<'a>(code: &'a str, word: &str) -> Vec<&'a str> {
    let starts = code.match_indices(word).filter(|(at, _)| !code[..*at].ends_with(|c: char| is_name(c) || c == ':'));
    starts.map(|(at, _)| &code[at + word.len()..]).collect()
}

/// The first name of a path, or those of `{a, b::c}`.
fn heads(path: &str) -> Vec<String> {
    let name = |text: &str| text.trim_start().chars().take_while(|c| is_name(*c)).collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let mut depth = 0;
    let mut found = vec![name(group)];
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => found.push(name(&group[at + 1..])),
            _ => {}
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// Does `code` contain `word`, not as the end of a longer name?
fn mentions(code: &str, word: &str) -> bool {
    let ends = |rest: &str| word.ends_with(':') || !rest.starts_with(is_name);
    code.match_indices(word).any(|(at, _)| !code[..at].ends_with(is_name) && ends(&code[at + word.len()..]))
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The code before its unit tests, which stand last in a file.
fn without_tests(code: &str) -> &str {
    code.match_indices("#[cfg(test)]\nmod tests {").next().map_or(code, |(at, _)| &code[..at])
}

/// The code with comments, string literals and character literals blanked out.
fn without_comments(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_string(rest).filter(|_| !code.ends_with(is_name)) {
            length
        } else if c == '"' {
            1 + closing_quote(&rest[1..])
        } else if let Some(length) = character(rest) {
            length
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        code.push(' ');
        rest = &rest[length..];
    }
    code
}

/// The length of `r"…"` or `r#"…"#` at the start of `text`.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.strip_prefix('r')?.chars().take_while(|c| *c == '#').count();
    let body = text[1 + hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    Some(2 + hashes + body.find(&close).map_or(body.len(), |end| end + close.len()))
}

/// The length of a string literal after its first quote.
fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character literal at the start of `text`; a lifetime is none.
fn character(text: &str) -> Option<usize> {
    let body = text.strip_prefix('\'')?;
    if let Some(escape) = body.strip_prefix('\\') {
        return escape.char_indices().skip(1).find(|(_, c)| *c == '\'').map(|(at, _)| at + 3);
    }
    let c = body.chars().next()?;
    body[c.len_utf8()..].starts_with('\'').then(|| c.len_utf8() + 2)
}
