//! How time, memory and answers grow with the question: deep networks, long traces, sums and products, Hessians.
//!
//! `cargo bench -p gradus-benches --bench growth [-- FAMILY …]`. Each size runs in a process of its own, so that the
//! peak of its memory can be stated; the time is that of the question with its check, in process, after the names
//! are declared. Prints a table for each family with the exponent between sizes, which `plot.py` draws.

use gradus::Session;
use gradus::session::Outcome;
use gradus_benches::families::{FAMILIES, Family};
use gradus_benches::{exponent, peak_memory};
use std::process::{Command, exit};
use std::time::{Duration, Instant};

/// A question is asked again until this much time is used, and at least three times if each is shorter.
const BUDGET: Duration = Duration::from_secs(1);
const RUNS: usize = 51;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [name, size] = arguments.as_slice()
        && let (Some(family), Ok(size)) = (family(name), size.parse())
    {
        return one(family, size);
    }
    for family in FAMILIES.iter().filter(|family| arguments.is_empty() || arguments.iter().any(|a| a == family.name)) {
        table(family);
    }
}

fn family(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.name == name)
}

/// Measures one size in this process: seconds, words of the answers, names they introduce, kB.
fn one(family: &Family, size: usize) {
    let mut session = Session::new();
    session.run(&(family.before)(size));
    let question = (family.question)(size);
    let mut times = Vec::new();
    let (mut words, mut introduced) = (0, 0);
    let begin = Instant::now();
    while times.len() < RUNS && (times.is_empty() || begin.elapsed() < BUDGET) {
        let mut asked = session.clone();
        let start = Instant::now();
        let responses = asked.run(&question);
        times.push(start.elapsed());
        let Some(Outcome::Answers(answers)) = responses.last().map(|response| &response.outcome) else {
            eprintln!("{} of size {size} is refused", family.name);
            exit(1);
        };
        let context = asked.context();
        let mut names: Vec<_> = answers.iter().flat_map(|answer| &answer.names).collect();
        names.sort();
        names.dedup();
        let terms = answers.iter().map(|answer| answer.value).chain(names.iter().map(|(_, body)| *body));
        words = terms.map(|term| gradus::print::measure(context, term).size).fold(0, usize::saturating_add);
        introduced = names.len();
    }
    times.sort();
    println!("{} {words} {introduced} {}", times[times.len() / 2].as_secs_f64(), peak_memory());
}

/// One row for each size, and the exponent of the time from the row above.
fn table(family: &Family) {
    println!("\n{}: {}", family.name, family.about);
    println!("| n | median | exponent | size of the answer | names | peak memory |\n|---|---|---|---|---|---|");
    let mut points: Vec<(f64, f64)> = Vec::new();
    for &size in family.sizes {
        let Some([time, words, names, memory]) = measured(family, size) else {
            println!("| {size} | refused | | | | |");
            continue;
        };
        points.push((size as f64, time));
        let step = &points[points.len().saturating_sub(2)..];
        let slope = if step.len() == 2 { format!("{:.2}", exponent(step)) } else { String::new() };
        println!("| {size} | {:.2} ms | {slope} | {words} | {names} | {:.0} MB |", time * 1e3, memory / 1024.0);
    }
    if points.len() > 2 {
        println!("time ~ n^{:.2} over all sizes", exponent(&points));
    }
}

fn measured(family: &Family, size: usize) -> Option<[f64; 4]> {
    let me = std::env::current_exe().ok()?;
    let output = Command::new(me).args([family.name, &size.to_string()]).output().ok()?;
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    let numbers: Vec<f64> = String::from_utf8_lossy(&output.stdout).split_whitespace().flat_map(str::parse).collect();
    numbers.try_into().ok()
}
