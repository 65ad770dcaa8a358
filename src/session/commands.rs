//! Commands (`:layout numerator`, `:names`) and help (`?softmax`), as the prompt and scripts use them.
//!
//! A command changes the session or says something about it; whoever shows its outcome is not known here.
//! `:quit` means nothing to a session: see [`is_quit`].

use super::answer::Outcome;
use super::settings::{SETTINGS, Settings};
use super::{Answer, Session, Steps, help, present};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Claim, Context, Op, Symbol, SymbolKind};
use crate::print::{self, Spelling};
use crate::syntax::suggest::nearest;

/// A command for the list of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its name, without the colon.
    pub name: &'static str,
    /// What may stand behind it.
    pub arguments: &'static str,
    /// What it does.
    pub about: &'static str,
}

/// Every command.
pub const COMMANDS: &[Command] = &[
    command("help", "[topic]", "this text; `?softmax` and `?d-inv` explain a function or a rule"),
    command("names", "", "what is declared, defined and assumed"),
    command("layout", "[mixed|numerator|denominator]", "the layout of derivatives from here on"),
    command("steps", "[none|headline|full] or [%3]", "how many steps are shown from here on; all steps of one result"),
    command("deltas", "[column|row]", "how the δs of a gradient are written"),
    command("structure", "[projection|free|cookbook]", "what the gradient by a symmetric variable means"),
    command("kink", "[excluded|0|1|1/2]", "the derivative of ReLU at 0"),
    command("letters", "[declared|matrixcalculus]", "a–g scalars, h–z vectors, A–Z matrices, if undeclared"),
    command("latex", "[%3]", "a result in LaTeX"),
    command("ascii", "[%3]", "a result in ASCII, as it can be typed"),
    command("code", "[numpy] [%3]", "a result as a NumPy function"),
    command("reset", "", "forgets names, assumptions and results; settings stay"),
    command("quit", "", "leaves; so does Ctrl-D"),
];

const fn command(name: &'static str, arguments: &'static str, about: &'static str) -> Command {
    Command { name, arguments, about }
}

/// Is this line the command that ends a session at a prompt?
///
/// ```
/// use gradus::session::commands::is_quit;
/// assert!(is_quit(":quit") && is_quit(" :q ") && !is_quit("quit"));
/// ```
pub fn is_quit(line: &str) -> bool {
    matches!(line.trim(), ":quit" | ":q" | ":exit")
}

/// Runs a command: its name without the colon, and what stands behind it.
///
/// ```
/// use gradus::diag::Span;
/// use gradus::session::{Outcome, Session, commands};
/// let words = ["layout".to_string(), "numerator".to_string()];
/// let outcome = commands::run(&mut Session::new(), &words, Span::default());
/// assert!(matches!(outcome, Outcome::Set(text) if text == "layout: numerator"));
/// ```
pub fn run(session: &mut Session, words: &[String], span: Span) -> Outcome {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] | ["help" | "h"] => Ok(Outcome::Text(help::overview())),
        ["help" | "h", topic] => help::topic(session, topic, span).map(Outcome::Text),
        ["names"] => Ok(Outcome::Text(names(&session.context))),
        ["reset"] => Ok(reset(session)),
        ["quit" | "q" | "exit"] => Ok(Outcome::Text(String::new())),
        ["steps", reference] if reference.starts_with('%') => steps_of(session, reference, span),
        ["latex", rest @ ..] => spelled(session, rest, Spelling::Latex, span),
        ["ascii", rest @ ..] => spelled(session, rest, Spelling::Ascii, span),
        ["code", "numpy", rest @ ..] => numpy(session, rest, span),
        ["code", language, ..] if !language.starts_with('%') => Err(other_language(language, span)),
        ["code", rest @ ..] => numpy(session, rest, span),
        [key, rest @ ..] => setting(session, key, rest, span),
    };
    done.unwrap_or_else(Outcome::Error)
}

/// Help on a function, rule, command or setting.
pub fn help(session: &Session, topic: &str, span: Span) -> Outcome {
    help::topic(session, topic, span).map_or_else(Outcome::Error, Outcome::Text)
}

type Done = Result<Outcome, Diagnostic>;

fn reset(session: &mut Session) -> Outcome {
    let settings = session.settings;
    *session = Session::with_limits(session.limits);
    session.settings = settings;
    Outcome::Set("names, assumptions and results are forgotten".into())
}

/// `:layout numerator` sets, `:layout` shows.
fn setting(session: &mut Session, key: &str, rest: &[&str], span: Span) -> Done {
    let Some((key, values)) = SETTINGS.iter().find(|(name, _)| *name == key) else { return Err(unknown(key, span)) };
    let [value] = rest else {
        let values = values.join(", ");
        return match rest {
            [] => Ok(Outcome::Text(format!("{key}: {} (one of {values})", current(&session.settings, key)))),
            _ => Err(usage(span, format!("`:{key}` takes one value")).note(format!("one of {values}"))),
        };
    };
    match session.settings.set(key, value) {
        Ok(()) => Ok(Outcome::Set(format!("{key}: {}", current(&session.settings, key)))),
        Err(values) => Err(wrong_value(key, value, values, span)),
    }
}

/// The value of a setting by the word that sets it.
fn current(settings: &Settings, key: &str) -> &'static str {
    let values = SETTINGS.iter().find(|(name, _)| *name == key).map_or(&[][..], |(_, values)| values);
    let same = |value: &&&str| {
        let mut other = *settings;
        other.set(key, value).is_ok() && other == *settings
    };
    values.iter().find(same).copied().unwrap_or("")
}

fn usage(span: Span, title: String) -> Diagnostic {
    Diagnostic::error("E0802", title).label(span, "")
}

fn wrong_value(key: &str, value: &str, values: &[&str], span: Span) -> Diagnostic {
    let error = usage(span, format!("`{value}` is not a value of `{key}`"));
    let error = error.note(format!("one of {}", values.join(", ")));
    match nearest(value, values) {
        Some(near) => error.fix("a value of a similar name", span, format!(":{key} {near}")),
        None => error,
    }
}

fn unknown(name: &str, span: Span) -> Diagnostic {
    let known: Vec<&str> = COMMANDS.iter().map(|command| command.name).collect();
    let error = usage(span, format!("there is no command `:{name}`"));
    match nearest(name, &known) {
        Some(near) => error.fix("a command of a similar name", span, format!(":{near}")),
        None => error.note("`:help` lists the commands"),
    }
}

fn other_language(language: &str, span: Span) -> Diagnostic {
    let error = Diagnostic::error("E0901", format!("code for `{language}` is not yet part of Gradus"));
    error.label(span, "").fix("NumPy", span, ":code numpy %")
}

/// The result that `%` or `%3` means; the last one if nothing was said.
fn result<'a>(session: &'a Session, rest: &[&str], span: Span) -> Result<&'a Answer, Diagnostic> {
    let last = session.results.len();
    let number = match rest {
        [] | ["%"] => last,
        [reference] => match reference.strip_prefix('%').map(str::parse) {
            Some(Ok(number)) => number,
            _ => {
                return Err(
                    usage(span, format!("`{reference}` is not the number of a result")).note("written `%` or `%3`")
                );
            }
        },
        _ => return Err(usage(span, "this command takes one result".into()).note("written `%` or `%3`")),
    };
    let found = session.results.iter().find(|answer| answer.number == number);
    found.ok_or_else(|| match last {
        0 => usage(span, "there is no result yet".into()),
        _ => usage(span, format!("there is no result {number}")).note(format!("the last one is %{last}")),
    })
}

fn spelled(session: &Session, rest: &[&str], spelling: Spelling, span: Span) -> Done {
    let answer = result(session, rest, span)?;
    Ok(Outcome::Text(present::formulas(&session.context, answer, spelling).join("\n")))
}

fn steps_of(session: &Session, reference: &str, span: Span) -> Done {
    let answer = result(session, &[reference], span)?;
    Ok(Outcome::Text(present::answer_text(&session.context, answer, Steps::Full)))
}

fn numpy(session: &Session, rest: &[&str], span: Span) -> Done {
    let answer = result(session, rest, span)?;
    present::numpy(&session.context, answer).map(|code| Outcome::Text(code.trim_end().into())).map_err(|why| {
        Diagnostic::error("E0901", format!("there is no code for %{}: {why}", answer.number)).label(span, "")
    })
}

/// Declarations, definitions and assumptions, one a line.
fn names(context: &Context) -> String {
    let mut symbols: Vec<Symbol> = context.names().map(|(_, symbol)| symbol).collect();
    symbols.sort();
    let mut lines: Vec<String> = symbols.into_iter().filter_map(|symbol| name(context, symbol)).collect();
    lines.extend(context.assumptions().filter_map(|(_, assumption)| match &assumption.claim {
        Claim::Equation(left, right) => {
            Some(format!("assume {}", print::equation(context, *left, *right, Spelling::Unicode)))
        }
        Claim::Property(term, property) if context.terms.as_symbol(*term).is_none() => {
            let term = print::term(context, *term, Spelling::Unicode);
            Some(format!("assume {term} {}", print::property(*property)))
        }
        _ => None,
    }));
    if lines.is_empty() { "nothing is declared yet".into() } else { lines.join("\n") }
}

fn name(context: &Context, symbol: Symbol) -> Option<String> {
    let info = context.info(symbol);
    let name = print::name(&info.name, Spelling::Unicode);
    let space = print::space(&info.shape, Spelling::Unicode);
    match &info.kind {
        SymbolKind::Variable => Some(declared(context, symbol, &name, &space)),
        SymbolKind::Elementwise => Some(format!("{name} : elementwise")),
        SymbolKind::Definition(body) if matches!(context.terms.op(body.raw), Op::Solution(_)) => {
            Some(print::term(context, body.raw, Spelling::Unicode))
        }
        SymbolKind::Definition(body) => {
            Some(format!("{name} = {} ∈ {space}", print::term(context, body.raw, Spelling::Unicode)))
        }
        SymbolKind::Function { params, body } => {
            let params: Vec<String> =
                params.iter().map(|&param| print::name(context.name(param), Spelling::Unicode)).collect();
            Some(format!("{name}({}) = {}", params.join(", "), print::term(context, *body, Spelling::Unicode)))
        }
        SymbolKind::Metavariable => None,
    }
}

fn declared(context: &Context, symbol: Symbol, name: &str, space: &str) -> String {
    let info = context.info(symbol);
    let mut line = format!("{name} ∈ {space}");
    let properties: Vec<&str> = info.properties.keys().map(|&property| print::property(property)).collect();
    if !properties.is_empty() {
        line += &format!(", {}", properties.join(", "));
    }
    if !info.depends_on.is_empty() {
        let of: Vec<String> =
            info.depends_on.iter().map(|&of| print::name(context.name(of), Spelling::Unicode)).collect();
        line += &format!(", a function of {}", of.join(", "));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(session: &mut Session, line: &str) -> String {
        let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
        match run(session, &words, Span::default()) {
            Outcome::Text(text) | Outcome::Set(text) => text,
            Outcome::Error(error) => format!("{}: {}", error.code, error.title),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn settings_are_set_and_shown() {
        let mut session = Session::new();
        assert_eq!(text(&mut session, "layout"), "layout: mixed (one of mixed, numerator, denominator)");
        assert_eq!(text(&mut session, "layout denominator"), "layout: denominator");
        assert_eq!(text(&mut session, "kink 1/2"), "kink: 1/2");
        assert_eq!(text(&mut session, "layout sideways"), "E0802: `sideways` is not a value of `layout`");
        assert_eq!(text(&mut session, "layot"), "E0802: there is no command `:layot`");
    }

    #[test]
    fn results_that_are_not_there() {
        let mut session = Session::new();
        assert_eq!(text(&mut session, "latex %"), "E0802: there is no result yet");
        assert_eq!(text(&mut session, "latex seven"), "E0802: `seven` is not the number of a result");
        assert_eq!(text(&mut session, "code julia %"), "E0901: code for `julia` is not yet part of Gradus");
    }

    #[test]
    fn code_takes_what_an_equation_that_is_not_linear_defines() {
        let mut session = Session::new();
        session.run("A, Q : R^(n×n)\nX : R^(n×n) where A' X + X A - X X + Q = 0\ngrad tr(X) wrt Q");
        let code = text(&mut session, "code numpy %");
        assert!(code.contains("def grad_wrt_Q(A, X):"), "{code}");
        assert!(code.contains("# X is the solution of A' * X + Q + X * A - X^2 = zeros(n, n) that is meant"), "{code}");
    }

    #[test]
    fn names_are_listed_and_forgotten() {
        let mut session = Session::new();
        session.run("α : scalar\nA(α) : R^(m×m) invertible\nB = A A\nassume A A = B");
        let listed = text(&mut session, "names");
        assert!(listed.contains("A ∈ ℝ^(m×m), invertible, a function of α"), "{listed}");
        assert!(listed.contains("B = A² ∈ ℝ^(m×m)"), "{listed}");
        text(&mut session, "reset");
        assert_eq!(text(&mut session, "names"), "nothing is declared yet");
    }

    #[test]
    fn every_command_is_known() {
        for command in COMMANDS {
            let done = text(&mut Session::new(), command.name);
            assert!(!done.contains("there is no command"), "{}", command.name);
        }
    }
}
