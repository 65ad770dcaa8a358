//! What is written and where: answers to the standard output, errors to the standard error.
//!
//! A reader that stops reading (`| head`) ends the program quietly. Colours are for terminals only, and not with
//! `NO_COLOR`; `--ascii` keeps formulas to ASCII.

use super::arguments::{Format, Options};
use super::input::Source;
use crate::api;
use crate::diag::{Diagnostic, Style};
use crate::print::document::{self, Block};
use crate::print::{self, Spelling};
use crate::session::answer::Status;
use crate::session::{Outcome, Response, Session, present};
use std::io::{self, BufWriter, IsTerminal, Write};

/// Why nothing more is written.
#[derive(Debug)]
pub(super) enum Stop {
    /// The reader has gone.
    Closed,
    /// It cannot be written, or read.
    Failed(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Stop::Closed,
            _ => Stop::Failed(format!("cannot write: {error}")),
        }
    }
}

/// Where to write.
pub(super) struct Output {
    out: Box<dyn Write>,
    spelling: Spelling,
    coloured: bool,
    errors: Style,
}

impl Output {
    /// The streams of this process.
    pub(super) fn new(options: &Options) -> Output {
        let colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let errors = if colours && io::stderr().is_terminal() { Style::Coloured } else { Style::Plain };
        Output {
            out: Box::new(BufWriter::new(io::stdout())),
            spelling: if options.ascii { Spelling::Ascii } else { Spelling::Unicode },
            coloured: colours && io::stdout().is_terminal(),
            errors,
        }
    }

    /// Text as it is.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Stop> {
        self.out.write_all(text.as_bytes())?;
        Ok(self.out.flush()?)
    }

    /// Text with a line end.
    pub(super) fn line(&mut self, text: &str) -> Result<(), Stop> {
        self.text(&format!("{text}\n"))
    }

    /// An error, with the text its places are in. That it cannot be written is no reason to stop.
    pub(super) fn error(&mut self, error: &Diagnostic, name: &str, text: &str) {
        let _ = self.out.flush();
        let _ = io::stderr().write_all(error.render(name, text, self.errors).as_bytes());
    }

    /// What is written in grey where there are colours.
    pub(super) fn dim(&self, text: &str) -> String {
        if self.coloured { format!("\x1b[2m{text}\x1b[0m") } else { text.into() }
    }

    /// The prompt as it is shown.
    pub(super) fn prompt(&self, prompt: &str) -> String {
        if self.coloured { format!("\x1b[1;36m{prompt}\x1b[0m") } else { prompt.into() }
    }

    /// Help and the like, in the spelling of this output.
    fn words(&mut self, text: &str) -> Result<(), Stop> {
        match text {
            "" => Ok(()),
            text => self.line(&print::inline(&print::plain(text), self.spelling)),
        }
    }

    /// Blocks as text.
    fn blocks(&mut self, blocks: &[Block]) -> Result<(), Stop> {
        let text = document::text(blocks, self.spelling);
        self.text(&text)
    }

    /// Runs a line at a prompt and shows what comes of it.
    pub(super) fn conversation(&mut self, session: &mut Session, line: &str, options: &Options) -> Result<(), Stop> {
        let responses = session.run(line);
        if options.format == Format::Json {
            return self.records(session, &responses);
        }
        for response in &responses {
            match &response.outcome {
                Outcome::Error(error) => self.error(error, "input", session.source()),
                Outcome::Set(text) | Outcome::Text(text) => self.words(text)?,
                _ => self.blocks(&present::conversation(session.context(), response))?,
            }
        }
        Ok(())
    }

    fn record(&mut self, record: &api::Record) -> Result<(), Stop> {
        let json = record.json().map_err(|error| Stop::Failed(error.to_string()))?;
        self.line(&json)
    }

    /// One JSON object a line.
    fn records(&mut self, session: &Session, responses: &[Response]) -> Result<(), Stop> {
        for record in api::records(session, responses) {
            self.record(&record)?;
        }
        Ok(())
    }
}

/// The scripts of one call, written as one document where the format has documents.
pub(super) struct Scripts<'a> {
    options: &'a Options,
    output: &'a mut Output,
    blocks: Vec<Block>,
    /// Has text been written?
    begun: bool,
    /// Did every statement so far succeed?
    pub(super) all_answered: bool,
}

impl<'a> Scripts<'a> {
    /// No script yet.
    pub(super) fn new(options: &'a Options, output: &'a mut Output) -> Scripts<'a> {
        Scripts { options, output, blocks: Vec::new(), begun: false, all_answered: true }
    }

    /// Runs a script in a session of its own; one that could not be read is reported.
    pub(super) fn run(&mut self, source: Result<Source, Diagnostic>) -> Result<(), Stop> {
        let source = match source {
            Ok(source) => source,
            Err(error) => return self.refused(error),
        };
        let mut session = Session::new();
        session.set(self.options.settings());
        let responses = session.run(&source.text);
        if responses.is_empty() {
            let error = Diagnostic::error("E0012", format!("there is no statement in `{}`", source.name));
            return self.refused(error);
        }
        match self.options.format {
            Format::Text => return self.as_text(&session, &responses, &source),
            Format::Json => self.output.records(&session, &responses)?,
            Format::Latex | Format::Markdown => self.blocks.extend(present::blocks(session.context(), &responses)),
        }
        for response in &responses {
            self.report(response, &source);
        }
        Ok(())
    }

    fn refused(&mut self, error: Diagnostic) -> Result<(), Stop> {
        self.all_answered = false;
        self.output.error(&error, "", "");
        if self.options.format == Format::Json {
            self.output.record(&api::Record::of_error(error))?;
        }
        Ok(())
    }

    /// Answers and errors in the order of the statements.
    fn as_text(&mut self, session: &Session, responses: &[Response], source: &Source) -> Result<(), Stop> {
        let failed = |response: &Response| matches!(response.outcome, Outcome::Error(_));
        for run in responses.chunk_by(|a, b| !failed(a) && !failed(b)) {
            let blocks = present::script(session.context(), run);
            if self.begun && !blocks.is_empty() {
                self.output.line("")?;
            }
            self.begun |= !blocks.is_empty();
            self.output.blocks(&blocks)?;
            run.iter().for_each(|response| self.report(response, source));
        }
        Ok(())
    }

    fn report(&mut self, response: &Response, source: &Source) {
        if let Outcome::Error(error) = &response.outcome {
            self.all_answered = false;
            self.output.error(error, &source.name, &source.text);
        }
        if is_undecided(&response.outcome) {
            self.all_answered = false;
        }
    }

    /// Writes the document, if the format has one.
    pub(super) fn finish(self) -> Result<bool, Stop> {
        match self.options.format {
            Format::Latex => self.output.text(&document::latex("", &self.blocks))?,
            Format::Markdown => self.output.text(&document::markdown(&self.blocks))?,
            Format::Text | Format::Json => {}
        }
        Ok(self.all_answered)
    }
}

/// A claim that was refuted, or neither proved nor refuted.
fn is_undecided(outcome: &Outcome) -> bool {
    let Outcome::Answers(answers) = outcome else { return false };
    answers.iter().any(|answer| matches!(answer.status, Status::Refuted(_) | Status::Unknown(_)))
}
