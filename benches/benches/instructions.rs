//! How many instructions each question of the tutorial sheet takes, with its check: unlike times, they do not depend
//! on what else the machine does.
//!
//! `cargo bench -p gradus-benches --bench instructions` asks valgrind, in a process for each question. With
//! `-- NUMBER`, one question is asked in this process: `valgrind --tool=callgrind --toggle-collect='*only_this_counts*' …` says
//! which functions the instructions are spent in.

use gradus::Session;
use gradus_benches::{Question, questions};
use std::process::{Command, Stdio, exit};

/// How often the question is asked: what the first one warms up is shared.
const RUNS: u64 = 4;

fn main() {
    let number = std::env::args().nth(1).and_then(|argument| argument.parse::<usize>().ok());
    let questions = questions();
    if let Some(question) = number.and_then(|number| questions.get(number - 1)) {
        return ask(question);
    }
    println!("| question | million instructions |\n|---|---|");
    for question in &questions {
        match counted(question.number) {
            Some(count) => println!("| `{}` | {:.2} |", question.text, count as f64 / RUNS as f64 / 1e6),
            None => {
                eprintln!("valgrind is needed");
                exit(1);
            }
        }
    }
}

fn ask(question: &Question) {
    for _ in 0..RUNS {
        only_this_counts(&mut question.before.clone(), &question.text);
    }
}

/// What is counted.
#[inline(never)]
fn only_this_counts(session: &mut Session, text: &str) {
    std::hint::black_box(session.run(text));
}

/// The instructions within [`only_this_counts`], in a process of its own.
fn counted(number: usize) -> Option<u64> {
    let me = std::env::current_exe().ok()?;
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--toggle-collect=*only_this_counts*", "--callgrind-out-file=/dev/null"]);
    let output = command.arg(me).arg(number.to_string()).stdin(Stdio::null()).output().ok()?;
    let report = String::from_utf8_lossy(&output.stderr);
    let line = report.lines().find_map(|line| line.split_once("Collected :"))?;
    line.1.trim().parse().ok()
}
