//! All gradients of an L-layer network h_l = tanh(W_l h_{l−1}), J = h_Lᵀh_L, and how their time grows with L.
//!
//! `cargo bench -p gradus-benches --bench network`. Prints a line for each L, and the exponent fitted to the
//! medians from L = 4 on (below, what does not depend on L counts most) and to all of them.

use gradus::Session;
use gradus_benches::{exponent, median};
use std::fmt::Write;
use std::process::exit;

const LAYERS: [usize; 6] = [1, 4, 16, 64, 128, 256];
const LIMIT: f64 = 1.2;

fn main() {
    let mut points = Vec::new();
    for layers in LAYERS {
        let mut session = Session::new();
        session.run(&declarations(layers));
        let question = question(layers);
        let runs = (2000 / layers).clamp(9, 101);
        // A clone of the session is not part of the question, so it is taken off.
        let cloning = median(runs, || session.clone());
        let time = median(runs, || session.clone().run(&question)).saturating_sub(cloning);
        let each = time / layers as u32;
        println!("L = {layers:>3}   median {time:>10.2?}   for each layer {each:>9.2?}   ({runs} runs)");
        points.push((layers as f64, time.as_secs_f64()));
    }
    let (all, deep) = (exponent(&points), exponent(&points[1..]));
    println!("time ~ L^{all:.3} over all L; L^{deep:.3} from L = 4 on; limit {LIMIT}");
    if all.max(deep) > LIMIT {
        exit(1);
    }
}

/// Declares and defines the network.
fn declarations(layers: usize) -> String {
    let mut text = String::from("h_0 : R^n\n");
    for l in 1..=layers {
        let _ = writeln!(text, "W_{l} : R^(n×n)\nh_{l} = tanh(W_{l} h_{})", l - 1);
    }
    let _ = writeln!(text, "J = h_{layers}'h_{layers}");
    text
}

/// Asks for the gradient by every W.
fn question(layers: usize) -> String {
    let names: Vec<String> = (1..=layers).map(|l| format!("W_{l}")).collect();
    format!("grad J wrt {}", names.join(", "))
}
