//! What the benchmarks share: the tutorial sheet and its questions, families of growing questions, and medians of repeated timings.

pub mod families;

use gradus::Session;
use gradus::session::Outcome;
use std::fmt;
use std::time::{Duration, Instant};

/// The tutorial sheet in the Unicode spelling.
pub const SHEET: &str = include_str!("../../examples/tutorial6.gradus");

/// A question of the sheet, with the session as it is just before.
pub struct Question {
    /// Its number among the questions, from 1.
    pub number: usize,
    /// Everything before it was said.
    pub before: Session,
    /// What is asked.
    pub text: String,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02} {}", self.number, self.text)
    }
}

/// Every statement of the sheet that asks for something.
///
/// # Panics
/// The sheet is not answered.
pub fn questions() -> Vec<Question> {
    let mut questions = Vec::new();
    for response in Session::new().run(SHEET) {
        if let Outcome::Answers(_) = response.outcome {
            let mut before = Session::new();
            before.run(&SHEET[..response.span.start]);
            questions.push(Question { number: questions.len() + 1, before, text: response.text });
        }
    }
    assert!(questions.len() > 15, "the sheet is not answered");
    questions
}

/// The median time of `runs` calls, after one that is not counted.
pub fn median<T>(runs: usize, mut call: impl FnMut() -> T) -> Duration {
    std::hint::black_box(call());
    let mut times: Vec<Duration> = (0..runs.max(1))
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(call());
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

/// The exponent k of the best fit time ≈ c·sizeᵏ: the slope of least squares in logarithms.
pub fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = points.iter().map(|(size, time)| (size.ln(), time.ln())).collect();
    let n = logs.len() as f64;
    let mean = |part: fn(&(f64, f64)) -> f64| logs.iter().map(part).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let along: f64 = logs.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    along / logs.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>()
}

/// The most memory that this process has held, in kB; 0 where the system does not say (`/proc`).
pub fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponent_of_a_square_is_two() {
        let squares: Vec<(f64, f64)> = [1.0, 4.0, 16.0].iter().map(|&n: &f64| (n, 3.0 * n * n)).collect();
        assert!((exponent(&squares) - 2.0).abs() < 1e-12);
    }
}
