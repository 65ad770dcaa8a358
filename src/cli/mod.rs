//! The command line: arguments and files in, text out, exit status.
//!
//! Everything that reads, writes, or asks for the environment is here; what is said is decided in the session and
//! below. Exit status 0: every statement was answered; 1: some failed, the others are still answered; 2: usage.

mod arguments;
mod editor;
mod input;
mod output;
mod repl;
mod rules;

use crate::diag::Diagnostic;
use arguments::{Arguments, Command, Options};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use input::Source;
use output::{Output, Scripts, Stop};
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if !arguments.statements.is_empty() && arguments.command.is_some() {
        let conflict = "statements with `-e` are run by themselves, without a command";
        Arguments::command().error(ErrorKind::ArgumentConflict, conflict).exit();
    }
    let mut output = Output::new(&arguments.options);
    match dispatch(&arguments, &mut output) {
        Ok(status) => status,
        Err(Stop::Closed) => ExitCode::SUCCESS,
        Err(Stop::Failed(why)) => {
            let _ = writeln!(io::stderr(), "error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Stop> {
    let options = &arguments.options;
    match &arguments.command {
        Some(Command::Run { files }) => scripts(files.iter().map(|file| Source::file(file)), options, output),
        Some(Command::Rules { name }) => rules::run(name.as_deref(), options, output).map(status),
        Some(Command::Verify(_)) => Ok(not_yet("verify", output)),
        Some(Command::Export(_)) => Ok(not_yet("export", output)),
        Some(Command::Serve(_)) => Ok(not_yet("serve", output)),
        Some(Command::Schema(_)) => Ok(not_yet("schema", output)),
        None if !arguments.statements.is_empty() => {
            let text = arguments.statements.join("\n");
            scripts([Ok(Source::input(text))], options, output)
        }
        None if io::stdin().is_terminal() => repl::run(options, output).map(|()| ExitCode::SUCCESS),
        None => scripts([Source::standard_input()], options, output),
    }
}

fn scripts(
    sources: impl IntoIterator<Item = Result<Source, Diagnostic>>,
    options: &Options,
    output: &mut Output,
) -> Result<ExitCode, Stop> {
    let mut scripts = Scripts::new(options, output);
    for source in sources {
        scripts.run(source)?;
    }
    scripts.finish().map(status)
}

fn status(all_answered: bool) -> ExitCode {
    if all_answered { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A command of a later version is a usage error.
fn not_yet(command: &str, output: &mut Output) -> ExitCode {
    let error = Diagnostic::error("E0901", format!("`gradus {command}` is not yet part of Gradus"));
    output.error(&error.note("`gradus --help` lists what is"), "", "");
    ExitCode::from(2)
}
