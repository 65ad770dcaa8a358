//! The arguments of the command line, as clap reads them.

use crate::session::Settings;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Symbolic matrix calculus: closed forms with steps, reasons, assumptions, and a check of every answer.
///
/// Without arguments: a prompt on a terminal; on a pipe, runs what it reads.
#[derive(Debug, Parser)]
#[command(name = "gradus", version, max_term_width = 100, after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Runs these statements; may be given several times
    #[arg(short = 'e', long = "evaluate", value_name = "STATEMENTS", allow_hyphen_values = true)]
    pub(super) statements: Vec<String>,
    /// How answers are written.
    #[command(flatten)]
    pub(super) options: Options,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  gradus -e 'A : R^(n×n); x : R^n; grad x^T A x wrt x'
  gradus run examples/tutorial6.gradus
  gradus run examples/tutorial6.gradus --format latex > tutorial6.tex
  gradus rules d-inv";

/// What can be said about the output of every command.
#[derive(Clone, Debug, Args)]
pub(super) struct Options {
    /// The form of the output
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(super) format: Format,
    /// How many steps are shown [default: headline; full for json]
    #[arg(long, global = true, value_name = "LEVEL", value_parser = ["none", "headline", "full"])]
    steps: Option<String>,
    /// The layout of derivatives [default: mixed]
    #[arg(long, global = true, value_parser = ["mixed", "numerator", "denominator"])]
    layout: Option<String>,
    /// How the δs of a gradient are written [default: column]
    #[arg(long, global = true, value_parser = ["column", "row"])]
    deltas: Option<String>,
    /// The derivative of ReLU at 0 [default: excluded]
    #[arg(long, global = true, value_name = "VALUE", value_parser = ["excluded", "0", "1", "1/2"])]
    kink: Option<String>,
    /// The gradient by a symmetric variable [default: projection]
    #[arg(long, global = true, value_name = "CONVENTION", value_parser = ["projection", "free", "cookbook"])]
    structure: Option<String>,
    /// What undeclared letters stand for [default: declared, so that they are refused]
    #[arg(long, global = true, value_name = "CONVENTION", value_parser = ["declared", "matrixcalculus"])]
    letters: Option<String>,
    /// Formulas in ASCII, as they can be typed
    #[arg(long, global = true)]
    pub(super) ascii: bool,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For a terminal, 100 columns wide
    #[default]
    Text,
    /// A complete document for pdflatex
    Latex,
    /// Markdown with formulas between dollar signs
    Markdown,
    /// One JSON object for each statement and answer, a line each
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Runs scripts
    Run {
        /// The scripts; `-` is the standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Shows the rules, or one rule with its conditions, example and source
    Rules {
        /// The name of a rule, as steps cite it
        name: Option<String>,
    },
    #[command(hide = true)]
    Verify(Anything),
    #[command(hide = true)]
    Export(Anything),
    #[command(hide = true)]
    Serve(Anything),
    #[command(hide = true)]
    Schema(Anything),
}

/// The arguments of a command that does not exist yet.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(super) struct Anything {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _rest: Vec<String>,
}

impl Options {
    /// The settings that a session starts with.
    pub(super) fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        let default_steps = if self.format == Format::Json { "full" } else { "headline" };
        let chosen = [
            ("steps", Some(self.steps.as_deref().unwrap_or(default_steps))),
            ("layout", self.layout.as_deref()),
            ("deltas", self.deltas.as_deref()),
            ("kink", self.kink.as_deref()),
            ("structure", self.structure.as_deref()),
            ("letters", self.letters.as_deref()),
        ];
        for (key, value) in chosen {
            if let Some(value) = value {
                // clap has let only listed values through.
                let _ = settings.set(key, value);
            }
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::settings::SETTINGS;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_value_of_a_setting_is_taken() {
        for (key, values) in SETTINGS {
            for value in *values {
                let arguments = Arguments::try_parse_from(["gradus", &format!("--{key}"), value]).unwrap();
                let mut expected = Options { format: Format::Text, ..arguments.options.clone() }.settings();
                let found = expected;
                expected.set(key, value).unwrap();
                assert_eq!(found, expected, "{key} {value}");
            }
        }
    }
}
