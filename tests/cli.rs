//! The program as a user calls it: arguments, files, exit status, and what goes to which stream.

use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// Calls the program with an input; colours off, as on a pipe.
fn gradus(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gradus"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A program that does not read its input closes it.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn records(output: &Output) -> Vec<Value> {
    out(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A file for one test, removed by the operating system's own rules.
fn file(name: &str, content: &[u8]) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("gradus-cli-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

const QUADRATIC: &str = "A : R^(n×n); x : R^n; grad x^T A x wrt x";

#[test]
fn the_sheet_is_solved() {
    let output = gradus(&["run", "examples/tutorial6.gradus"], "");
    assert_eq!((status(&output), err(&output).as_str()), (0, ""));
    let text = out(&output);
    for line in [
        "Problem 1",
        "−A⁻¹ (∂A/∂α) A⁻¹",
        "(∂L/∂Y) Wᵀ",
        "256 GiB",
        "S ⊙ (𝟏 − S)",
        "𝟏 − tanh²(Y)",
        "ŷ − y",
        "δ₁ hᵀ",
        "δ₂ xᵀ",
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    assert!(!text.contains('\x1b'));
    assert!(text.lines().all(|line| line.chars().count() <= 110), "a line is too long");
}

#[test]
fn spellings_of_one_script_give_the_same_answers() {
    let scripts = ["", "-ascii", "-latex"].map(|kind| format!("examples/tutorial6{kind}.gradus"));
    let outputs = scripts.each_ref().map(|script| records(&gradus(&["run", script, "--format", "json"], "")));
    assert!(outputs[0].len() > 20);
    for other in &outputs[1..] {
        assert_eq!(outputs[0].len(), other.len());
        for (one, two) in outputs[0].iter().zip(other) {
            for field in ["status", "answer", "assumptions", "excluded", "steps"] {
                assert_eq!(one[field], two[field], "{field} of {} and {}", one["statement"], two["statement"]);
            }
        }
    }
}

#[test]
fn a_record_has_the_fields_of_the_interface_in_order() {
    let output = gradus(&["-e", QUADRATIC, "--format", "json"], "");
    let line = out(&output).lines().last().unwrap().to_string();
    let fields = [
        "\"v\":1", "\"statement\":", "\"span\":[", "\"status\":\"ok\"", "\"answer\":{", "\"assumptions\":[",
        "\"excluded\":[", "\"notes\":[", "\"checked\":{", "\"steps\":[",
    ];
    let mut at = 0;
    for field in fields {
        at += line[at..].find(field).unwrap_or_else(|| panic!("{field} is missing after {at} in {line}"));
    }
    let record: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(record["statement"], "grad x^T A x wrt x");
    assert_eq!(record["answer"]["kind"], "gradient");
    assert_eq!(record["answer"]["wrt"], "x");
    assert_eq!(record["answer"]["shape"], serde_json::json!(["n"]));
    assert_eq!(record["answer"]["layout"], "mixed");
    let span: Vec<usize> = serde_json::from_value(record["span"].clone()).unwrap();
    assert_eq!(&QUADRATIC[span[0]..span[1]], "grad x^T A x wrt x");
    assert!(record["steps"].as_array().is_some_and(|steps| !steps.is_empty()));
}

#[test]
fn latex_is_a_complete_document_in_ascii() {
    let output = gradus(&["run", "examples/tutorial6.gradus", "--format", "latex"], "");
    let text = out(&output);
    assert!(text.starts_with("\\documentclass") && text.trim_end().ends_with("\\end{document}"));
    assert!(text.is_ascii(), "{:?}", text.chars().find(|c| !c.is_ascii()));
}

#[test]
fn standard_input_is_run_without_a_prompt() {
    let output = gradus(&[], "x : R^n\ngrad x'x wrt x\n");
    assert_eq!(status(&output), 0);
    assert!(out(&output).contains("2x") && !out(&output).contains("gradus>"), "{}", out(&output));
    assert_eq!(out(&gradus(&["run", "-"], "x : R^n\ngrad x'x wrt x\n")), out(&output));
}

#[test]
fn a_failure_is_reported_and_the_rest_is_answered() {
    let output = gradus(&["-e", "x : R^n\nz = W x\ngrad x'x wrt x"], "");
    assert_eq!(status(&output), 1);
    assert!(err(&output).contains("error[E0101]") && err(&output).contains("--> input:2:"), "{}", err(&output));
    assert!(out(&output).contains("2x"), "{}", out(&output));
}

#[test]
fn errors_name_the_file_and_json_carries_them() {
    let path = file("wrong.gradus", b"x : R^n\nx +\n");
    let output = gradus(&["run", path.to_str().unwrap(), "--format", "json"], "");
    assert!(err(&output).contains("wrong.gradus:2:"), "{}", err(&output));
    let last = records(&output).pop().unwrap();
    assert_eq!((last["status"].as_str(), last["diagnostic"]["code"].as_str()), (Some("error"), Some("E0001")));
}

#[test]
fn files_that_are_no_scripts() {
    let binary = file("binary.gradus", b"\x7fELF\0\x01");
    let latin = file("latin.gradus", b"x : R^n # \xe9\n");
    let empty = file("empty.gradus", b"\n# nothing\n");
    let cases = [
        ("no/such/file.gradus", "E0801"),
        ("src", "E0801"),
        (binary.to_str().unwrap(), "E0008"),
        (latin.to_str().unwrap(), "E0008"),
        (empty.to_str().unwrap(), "E0012"),
    ];
    for (path, code) in cases {
        let output = gradus(&["run", path], "");
        assert_eq!(status(&output), 1, "{path}");
        assert!(err(&output).starts_with(&format!("error[{code}]")), "{path}: {}", err(&output));
        assert_eq!(out(&output), "");
    }
}

#[test]
fn a_file_that_cannot_be_read_does_not_stop_the_others() {
    let good = file("good.gradus", b"x : R^n\ngrad x'x wrt x\n");
    let output = gradus(&["run", "no/such/file.gradus", good.to_str().unwrap()], "");
    assert_eq!(status(&output), 1);
    assert!(out(&output).contains("2x"));
}

#[test]
fn deep_and_long_inputs_end_in_a_diagnostic() {
    for (input, code) in [("(".repeat(10_000), "E0006"), ("x+".repeat(500_000), "E0007")] {
        let output = gradus(&[], &input);
        assert_eq!(status(&output), 1);
        assert!(err(&output).contains(code), "{}", err(&output));
    }
}

#[test]
fn usage_errors_have_status_2() {
    let cases: [&[&str]; 5] = [
        &["--nosuch"],
        &["run"],
        &["nosuch"],
        &["-e", "x : R^n", "run", "examples/tutorial6.gradus"],
        &["-e", "x : R^n", "--format", "html"],
    ];
    for arguments in cases {
        assert_eq!(status(&gradus(arguments, "")), 2, "{arguments:?}");
    }
}

#[test]
fn commands_of_later_versions_say_so_and_are_not_listed() {
    let help = out(&gradus(&["--help"], ""));
    for command in ["verify", "export", "serve", "schema"] {
        let output = gradus(&[command, "x", "--to", "coq"], "");
        assert_eq!(status(&output), 2);
        assert!(err(&output).contains("E0901") && err(&output).contains("not yet"), "{}", err(&output));
        assert!(!help.contains(&format!("\n  {command}")));
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gradus"))
        .args(["run", "examples/tutorial6.gradus", "--format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(err(&output), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn options_change_the_answer() {
    let numerator = gradus(&["-e", QUADRATIC, "--layout", "numerator", "--steps", "none"], "");
    assert!(out(&numerator).contains("shape 1×n") && out(&numerator).contains("numerator"), "{}", out(&numerator));
    let ascii = gradus(&["-e", QUADRATIC, "--ascii"], "");
    assert!(out(&ascii).is_ascii() && out(&ascii).contains("A * x"), "{}", out(&ascii));
    let markdown = gradus(&["--format", "markdown", "-e", QUADRATIC], "");
    assert!(out(&markdown).contains("$$"), "{}", out(&markdown));
}

#[test]
fn one_notation_can_be_asked_for_and_copied() {
    let numpy = gradus(&["-e", "A : R^(n×n); x : R^n; numpy grad x'A x wrt x"], "");
    assert!(out(&numpy).contains("\ndef grad_wrt_x(A, x):\n    return "), "{}", out(&numpy));
    let julia = gradus(&["-e", "x : R^n; julia grad x'x wrt x"], "");
    assert_eq!(status(&julia), 1);
    assert!(err(&julia).contains("E0901"), "{}", err(&julia));
}

#[test]
fn rules_are_listed_and_shown() {
    let all = out(&gradus(&["rules"], ""));
    assert!(all.contains("d-inv"));
    let one = out(&gradus(&["rules", "d-inv"], ""));
    assert!(one.contains("invertible") && one.contains("example") && one.contains("source"), "{one}");
    let unknown = gradus(&["rules", "d-imv"], "");
    assert_eq!(status(&unknown), 1);
    assert!(err(&unknown).contains("E0602") && err(&unknown).contains("d-inv"), "{}", err(&unknown));
    assert!(out(&gradus(&["rules", "--format", "markdown"], "")).starts_with("# Rules"));
}
