//! The prompt: reads statements with history and completion, and shows what the session answers.
//!
//! Ctrl-C drops what is being typed, Ctrl-D leaves. What a statement or command does is the library's business.

use super::arguments::Options;
use super::editor::Helper;
use super::output::{Output, Stop};
use crate::session::{Session, commands};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};
use std::path::PathBuf;

const GREETING: &str = "Gradus, symbolic matrix calculus.   :help   \\alpha<TAB> is α   Ctrl-D leaves";
const PROMPT: &str = "gradus> ";

/// Reads and answers until the input ends.
pub(super) fn run(options: &Options, output: &mut Output) -> Result<(), Stop> {
    let mut editor = match editor() {
        Ok(editor) => editor,
        Err(error) => return Err(Stop::Failed(format!("cannot read from this terminal: {error}"))),
    };
    let history = history_file();
    if let Some(path) = &history {
        let _ = editor.load_history(path);
    }
    let mut session = Session::new();
    session.set(options.settings());
    output.line(&output.dim(GREETING))?;
    converse(&mut editor, &mut session, options, output, history.as_ref())
}

type Line = Editor<Helper, FileHistory>;

fn editor() -> rustyline::Result<Line> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .history_ignore_dups(true)?
        .history_ignore_space(true)
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(Helper::default()));
    Ok(editor)
}

fn converse(
    editor: &mut Line,
    session: &mut Session,
    options: &Options,
    output: &mut Output,
    history: Option<&PathBuf>,
) -> Result<(), Stop> {
    loop {
        if let Some(helper) = editor.helper_mut() {
            helper.refresh(session);
        }
        match editor.readline(&(PROMPT, output.prompt(PROMPT))) {
            Ok(line) if commands::is_quit(&line) => return Ok(()),
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) => {
                let _ = editor.add_history_entry(line.trim_end());
                if let Some(path) = history {
                    let _ = editor.append_history(path);
                }
                output.conversation(session, &line, options)?;
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(Stop::Failed(error.to_string())),
        }
    }
}

/// The history in the folder for such files; `None` if there is none or it cannot be made.
fn history_file() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = variable("XDG_STATE_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/state")))?;
    let folder = state.join("gradus");
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}
