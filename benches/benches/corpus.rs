//! Every case of the case book in process, each with its check: the median over the cases, the slowest, and the peak
//! of the memory.
//!
//! `cargo bench -p gradus-benches --bench corpus`; with `-- each`, only the seconds that each case takes.

use gradus::Session;
use gradus::session::Outcome;
use gradus_benches::{median, peak_memory};
use std::path::Path;
use std::process::exit;
use std::time::Duration;

const RUNS: usize = 21;
const LIMIT: Duration = Duration::from_millis(1);
const MEMORY: u64 = 100 * 1024;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus");
    let mut times: Vec<(Duration, String)> = cases(&folder).iter().filter_map(|case| timed(case)).collect();
    if std::env::args().any(|argument| argument == "each") {
        for (time, case) in &times {
            let number = case.split_whitespace().next().unwrap_or(case);
            println!("case {number} {}", time.as_secs_f64());
        }
        return;
    }
    times.sort();
    let count = times.len();
    let at = |part: f64| times[((count - 1) as f64 * part) as usize].0;
    println!("{count} derivations with their checks, the median of {RUNS} runs for each");
    println!("| fastest | lower quarter | median | upper quarter | 95 % | slowest |\n|---|---|---|---|---|---|");
    let row: Vec<String> = [0.0, 0.25, 0.5, 0.75, 0.95, 1.0].iter().map(|&part| format!("{:.2?}", at(part))).collect();
    println!("| {} |", row.join(" | "));
    for (time, case) in times.iter().rev().take(5) {
        println!("slow: {case} {time:.2?}");
    }
    println!("peak memory of the process: {} MB", peak_memory() / 1024);
    if at(0.5) > LIMIT || peak_memory() > MEMORY {
        exit(1);
    }
}

/// The parts of all files: each is a session of its own.
fn cases(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ending| ending == "gradus")).collect();
    files.sort();
    let texts = files.iter().flat_map(std::fs::read_to_string);
    texts.flat_map(|text| text.split("\n## ").skip(1).map(str::to_string).collect::<Vec<_>>()).collect()
}

/// The time of the last question of a case, without what stands before it; none if it is not answered.
fn timed(case: &str) -> Option<(Duration, String)> {
    let (title, body) = case.split_once('\n')?;
    let responses = Session::new().run(body);
    let question = responses.iter().rev().find(|response| matches!(response.outcome, Outcome::Answers(_)))?;
    let mut before = Session::new();
    before.run(&body[..question.span.start]);
    let cloning = median(RUNS, || before.clone());
    let time = median(RUNS, || before.clone().run(&question.text)).saturating_sub(cloning);
    Some((time, title.to_string()))
}
