//! The stable library façade: text in, [`Record`]s out, as tools and the JSON output use them.
//!
//! A [`Session`] is the engine with its own types; this module says the same in strings and exact numbers, in fields
//! that do not change. Nothing in `answer`, `assumptions`, `excluded` and `steps` depends on the spelling that was
//! typed. No function here reads, prints, or keeps anything.

mod convert;
mod record;

pub use record::{Answer, Checked, Code, Form, Formula, Named, Parameter, Record, Status, Step, VERSION};

use crate::diag::Diagnostic;
use crate::session::{Response, Session, Settings};

/// Runs a text in a new session: one record for each statement and answer.
///
/// ```
/// let records = gradus::api::evaluate("A : R^(n×n)\nx : R^n\ngrad x'A x wrt x");
/// let answer = records[2].answer.as_ref().unwrap();
/// assert_eq!(answer.unicode, "(A + Aᵀ) x");
/// assert_eq!(answer.shape, ["n"]);
/// ```
pub fn evaluate(text: &str) -> Vec<Record> {
    evaluate_with(text, Settings::default())
}

/// As [`evaluate`], with settings.
pub fn evaluate_with(text: &str, settings: Settings) -> Vec<Record> {
    let mut session = Session::new();
    session.set(settings);
    let responses = session.run(text);
    records(&session, &responses)
}

/// The records of the responses of a session.
pub fn records(session: &Session, responses: &[Response]) -> Vec<Record> {
    responses.iter().flat_map(|response| convert::records(session, response)).collect()
}

/// The derivative of `of` by `wrt`, given declarations and definitions.
///
/// ```
/// let answer = gradus::derive("W : R^(m×n)\nx : R^n\ny : R^m", "norm2(W x - y)^2", "W").unwrap();
/// assert_eq!(answer.unicode, "2(Wx − y) xᵀ");
/// assert_eq!((answer.shape, answer.layout.as_deref()), (vec!["m".into(), "n".into()], Some("mixed")));
/// ```
///
/// # Errors
/// The first statement that failed.
pub fn derive(declarations: &str, of: &str, wrt: &str) -> Result<Answer, Diagnostic> {
    let record = last(&format!("{declarations}\ndiff ({of}) wrt {wrt}"))?;
    record.answer.ok_or_else(nothing_asked)
}

/// Whether an equation holds, given declarations: a record whose status is `proved`, `refuted` or `unknown`.
///
/// ```
/// let given = "α : scalar\nA(α) : R^(m×m) invertible";
/// let record = gradus::prove(given, "∂A⁻¹/∂α = −A⁻¹ (∂A/∂α) A⁻¹ given A⁻¹A = I").unwrap();
/// assert_eq!(record.status, gradus::api::Status::Proved);
/// ```
///
/// # Errors
/// The first statement that failed.
pub fn prove(declarations: &str, claim: &str) -> Result<Record, Diagnostic> {
    last(&format!("{declarations}\nprove {claim}"))
}

/// The last record of a text, unless a statement failed.
fn last(text: &str) -> Result<Record, Diagnostic> {
    let mut records = evaluate(text);
    if let Some(error) = records.iter_mut().find_map(|record| record.diagnostic.take()) {
        return Err(error);
    }
    records.pop().ok_or_else(nothing_asked)
}

fn nothing_asked() -> Diagnostic {
    Diagnostic::error("E0012", "there is nothing to answer")
}
