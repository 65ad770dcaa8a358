//! Questions that can be made as large as one likes, to see how time, memory and answers grow.

use std::fmt::Write;

/// A kind of question with a size.
pub struct Family {
    /// One word, for the command line.
    pub name: &'static str,
    /// What is asked, with n for the size.
    pub about: &'static str,
    /// The sizes that are measured.
    pub sizes: &'static [usize],
    /// Declarations and definitions for a size: not timed.
    pub before: fn(usize) -> String,
    /// The question for a size: timed, with its check.
    pub question: fn(usize) -> String,
}

/// Every family.
pub const FAMILIES: &[Family] = &[
    Family {
        name: "weights",
        about: "h_l = tanh(W_l h_(l−1)), J = h_nᵀh_n: the gradients by W_1 … W_n",
        sizes: &[1, 4, 16, 64, 256, 1024],
        before: |n| network(n, "tanh", ""),
        question: |n| format!("grad J wrt {}", names("W", n)),
    },
    Family {
        name: "network",
        about: "h_l = tanh(W_l h_(l−1) + b_l), J = h_nᵀh_n: the gradients by all W_l and b_l",
        sizes: &[1, 4, 16, 64, 256, 1024],
        before: |n| network(n, "tanh", "b"),
        question: |n| format!("grad J wrt {}, {}", names("W", n), names("b", n)),
    },
    Family {
        name: "relu",
        about: "h_l = relu(W_l h_(l−1) + b_l), J = h_nᵀh_n: the gradients by all W_l and b_l",
        sizes: &[1, 4, 16, 64, 256],
        before: |n| network(n, "relu", "b"),
        question: |n| format!("grad J wrt {}, {}", names("W", n), names("b", n)),
    },
    Family {
        name: "nested",
        about: "‖tanh(W_n tanh(W_(n−1) … tanh(W_1 x)))‖² as one formula, by W_1 … W_n and x",
        sizes: &[1, 4, 16],
        before: |n| format!("{} : R^(n×n)\nx : R^n", names("W", n)),
        question: |n| {
            let calls = (1..=n).rev().map(|l| format!("tanh(W_{l} ")).collect::<String>();
            format!("grad norm2({calls}x{})^2 wrt {}, x", ")".repeat(n), names("W", n))
        },
    },
    Family {
        name: "trace",
        about: "tr(X A_1 X A_2 … X A_n) by X",
        sizes: &[1, 4, 16, 64, 256],
        before: |n| format!("X, {} : R^(n×n)", names("A", n)),
        question: |n| format!("grad tr({}) wrt X", joined(n, " ", |k| format!("X A_{k}"))),
    },
    Family {
        name: "sum",
        about: "a_1ᵀX b_1 + … + a_nᵀX b_n by X",
        sizes: &[8, 32, 128, 512, 2048],
        before: |n| format!("X : R^(n×n)\n{}, {} : R^n", names("a", n), names("b", n)),
        question: |n| format!("grad {} wrt X", joined(n, " + ", |k| format!("a_{k}'X b_{k}"))),
    },
    Family {
        name: "product",
        about: "uᵀA_1 A_2 … A_n v by the A in the middle",
        sizes: &[4, 16, 64, 256],
        before: |n| format!("{} : R^(n×n)\nu, v : R^n", names("A", n)),
        question: |n| format!("grad u' {} v wrt A_{}", joined(n, " ", |k| format!("A_{k}")), n / 2),
    },
    Family {
        name: "factors",
        about: "(a_1ᵀx)(a_2ᵀx) … (a_nᵀx) by x",
        sizes: &[4, 16, 64, 256],
        before: |n| format!("x, {} : R^n", names("a", n)),
        question: |n| format!("grad {} wrt x", joined(n, "*", |k| format!("(a_{k}'x)"))),
    },
    Family {
        name: "logistic",
        about: "the Hessian of Σ log(1 + exp(Xw)) − yᵀXw by w",
        sizes: &[1],
        before: |_| "X : R^(n×m)\nw : R^m\ny : R^n".into(),
        question: |_| "hessian sum(log(1 + exp(X w))) - y'X w wrt w".into(),
    },
    Family {
        name: "two-layers",
        about: "the Hessian of ‖V tanh(W x + b) − y‖² by x",
        sizes: &[1],
        before: |_| "V : R^(p×m)\nW : R^(m×n)\nx : R^n\nb : R^m\ny : R^p".into(),
        question: |_| "hessian norm2(V tanh(W x + b) - y)^2 wrt x".into(),
    },
    Family {
        name: "two-layers-by-W",
        about: "the Hessian of ‖V tanh(W x + b) − y‖² by vec W",
        sizes: &[1],
        before: |_| "V : R^(p×m)\nW : R^(m×n)\nx : R^n\nb : R^m\ny : R^p".into(),
        question: |_| "hessian norm2(V tanh(W x + b) - y)^2 wrt W".into(),
    },
];

/// A network of `layers` layers of a function, with biases if they have a name.
fn network(layers: usize, function: &str, bias: &str) -> String {
    let mut text = String::from("h_0 : R^n\n");
    for l in 1..=layers {
        let _ = writeln!(text, "W_{l} : R^(n×n)");
        let sum = if bias.is_empty() { String::new() } else { format!(" + {bias}_{l}") };
        if !bias.is_empty() {
            let _ = writeln!(text, "{bias}_{l} : R^n");
        }
        let _ = writeln!(text, "h_{l} = {function}(W_{l} h_{}{sum})", l - 1);
    }
    let _ = writeln!(text, "J = h_{layers}'h_{layers}");
    text
}

/// `A_1, A_2, …`.
fn names(stem: &str, n: usize) -> String {
    joined(n, ", ", |k| format!("{stem}_{k}"))
}

fn joined(n: usize, between: &str, part: impl Fn(usize) -> String) -> String {
    (1..=n).map(part).collect::<Vec<_>>().join(between)
}
