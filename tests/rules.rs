//! All rules, checked without anyone writing a test for one of them.

use gradus::rules::{FILES, load};

#[test]
fn the_rule_files_load() {
    let (_, errors) = load(FILES);
    for error in &errors {
        let text = FILES.iter().find(|file| file.name == error.file).map_or("", |file| file.text);
        let at = error.diagnostic.span().map_or("", |span| span.of(text));
        println!(
            "{}: {} | {at} | {:?}",
            error.file,
            error.diagnostic.title,
            error.diagnostic.labels.iter().map(|l| &l.text).collect::<Vec<_>>()
        );
    }
    assert!(errors.is_empty());
}
