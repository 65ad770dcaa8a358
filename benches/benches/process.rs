//! The whole tutorial sheet as a cold process: `cargo build --release && cargo bench -p gradus-benches --bench process`.
//!
//! Spawns the release binary beside this benchmark and prints the median and the extremes of the wall time.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, exit};
use std::time::{Duration, Instant};

const RUNS: usize = 30;
const LIMIT: Duration = Duration::from_millis(50);

fn main() {
    let Some(binary) = binary() else {
        eprintln!("there is no release binary; run `cargo build --release` first");
        exit(1);
    };
    let sheet = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/tutorial6.gradus");
    for format in ["text", "latex", "json"] {
        let mut times: Vec<Duration> = (0..=RUNS).map(|_| once(&binary, &sheet, format)).skip(1).collect();
        times.sort();
        let (first, middle, last) = (times[0], times[RUNS / 2], times[RUNS - 1]);
        println!(
            "sheet --format {format:<6} median {middle:.2?}  (fastest {first:.2?}, slowest {last:.2?}, {RUNS} runs)"
        );
        if middle > LIMIT {
            println!("over the limit of {LIMIT:?}");
            exit(1);
        }
    }
}

/// The release binary: two folders above this one's `deps/`.
fn binary() -> Option<PathBuf> {
    let here = std::env::current_exe().ok()?;
    let binary = here.parent()?.parent()?.join(format!("gradus{}", std::env::consts::EXE_SUFFIX));
    binary.is_file().then_some(binary)
}

fn once(binary: &Path, sheet: &Path, format: &str) -> Duration {
    let start = Instant::now();
    let output = Command::new(binary).arg("run").arg(sheet).args(["--format", format]).stdin(Stdio::null()).output();
    let time = start.elapsed();
    match output {
        Ok(output) if output.status.success() => time,
        Ok(output) => {
            eprintln!("{}", String::from_utf8_lossy(&output.stderr));
            exit(1);
        }
        Err(error) => {
            eprintln!("{}: {error}", binary.display());
            exit(1);
        }
    }
}
