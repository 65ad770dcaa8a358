//! The fields of a record. Their names, order and meaning are an interface: additions only, and at the end.

use crate::diag::Diagnostic;
use serde::Serialize;

/// The version of the records, their field `v`.
pub const VERSION: u32 = 1;

/// What came of one statement about one variable.
///
/// Serialised it is one line of `gradus run --format json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// [`VERSION`].
    pub v: u32,
    /// The statement as typed.
    pub statement: String,
    /// Where it stands: the first byte, and one past the last.
    pub span: [usize; 2],
    /// What came of it.
    pub status: Status,
    /// For `refuted`: numbers for which the claim is false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<String>,
    /// For `unknown`: what stopped the search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// For `error`: the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diagnostic: Option<Diagnostic>,
    /// The answer; `None` for a statement that asks nothing, and for an error.
    pub answer: Option<Answer>,
    /// What was declared or assumed and is used.
    pub assumptions: Vec<String>,
    /// The points that the answer leaves out.
    pub excluded: Vec<String>,
    /// Rulings on what was typed, conventions, conditions that would help, and what else to know.
    pub notes: Vec<String>,
    /// How the answer was checked.
    pub checked: Option<Checked>,
    /// The derivation.
    pub steps: Vec<Step>,
}

impl Record {
    /// The record of an error that belongs to no statement, such as a file that cannot be read.
    pub fn of_error(error: Diagnostic) -> Record {
        Record::new(String::new(), [0, 0], Status::Error).with_error(error)
    }

    /// The record in one line of JSON.
    ///
    /// # Errors
    /// None that is known: every field can be written.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// A record without an answer.
    pub(super) fn new(statement: String, span: [usize; 2], status: Status) -> Record {
        Record {
            v: VERSION,
            statement,
            span,
            status,
            witness: None,
            limit: None,
            diagnostic: None,
            answer: None,
            assumptions: Vec::new(),
            excluded: Vec::new(),
            notes: Vec::new(),
            checked: None,
            steps: Vec::new(),
        }
    }

    pub(super) fn with_error(mut self, error: Diagnostic) -> Record {
        self.diagnostic = Some(error);
        self
    }
}

/// What came of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Done, derived and checked.
    Ok,
    /// Proved.
    Proved,
    /// Refuted by a witness.
    Refuted,
    /// Neither; the limit says why.
    Unknown,
    /// It failed; the diagnostic says why.
    Error,
}

/// An answer in every form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// `gradient`, `jacobian`, `vec-jacobian`, `derivative`, `hessian`, `entrywise`, `entry`, `differential`, `value`,
    /// `solution`, `proof` or `size`.
    pub kind: &'static str,
    /// The variable, in its Unicode spelling; of an equation that was solved, the unknown or its vec.
    pub wrt: Option<String>,
    /// The dimensions: none for a scalar, one for a vector, two for a matrix; in ASCII (`N*M`).
    pub shape: Vec<String>,
    /// The layout, of derivatives only.
    pub layout: Option<String>,
    /// The closed form, or the equation that a proof proves.
    pub unicode: String,
    /// The same in ASCII, which reads back as the same term.
    pub ascii: String,
    /// The same in LaTeX.
    pub latex: String,
    /// The names in it that the engine introduced, in an order in which each uses earlier ones only.
    #[serde(rename = "where")]
    pub names: Vec<Named>,
    /// The answer as programs.
    pub code: Code,
    /// Other forms of the same answer.
    pub forms: Vec<Form>,
}

/// A name that the engine introduced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// The name in its Unicode spelling.
    pub name: String,
    /// Its shape.
    pub shape: Vec<String>,
    /// What it stands for.
    #[serde(flatten)]
    pub formula: Formula,
}

/// A formula in three spellings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Formula {
    /// For people at a terminal.
    pub unicode: String,
    /// Reads back as the same term.
    pub ascii: String,
    /// Without dollar signs.
    pub latex: String,
}

/// An answer as programs, with what is needed to check them by running them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Code {
    /// A complete Python function that needs nothing but `import numpy as np`; `None` where there is none yet.
    pub numpy: Option<String>,
    /// The same for what was differentiated.
    pub of: Option<String>,
    /// The parameter that stands for the variable.
    pub wrt: Option<String>,
    /// The names that these functions take, or that one of them depends on. A function may also take a size (`N`)
    /// and the derivative of a name that is a function of another (`dL_dY`).
    pub parameters: Vec<Parameter>,
}

/// A name that code takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Its name in code.
    pub name: String,
    /// Its dimensions.
    pub shape: Vec<String>,
    /// Its declared properties.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<String>,
    /// The names it was declared to be a function of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub function_of: Vec<String>,
    /// An undefined function of one number, which acts on each entry.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub elementwise: bool,
    /// Its own code, for a definition that another name was declared to be a function of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numpy: Option<String>,
}

/// Another form of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Form {
    /// `linear-map`, `entrywise` or `cases`.
    pub form: &'static str,
    /// The form.
    #[serde(flatten)]
    pub formula: Formula,
}

/// How an answer was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// In which arithmetic.
    pub method: String,
    /// At how many random points.
    pub points: usize,
    /// What else agrees with it.
    pub second_opinion: Option<String>,
}

/// A step of a derivation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The name of the rule or inference.
    pub rule: String,
    /// `headline`, `full` or `bookkeeping`.
    pub level: &'static str,
    /// As it was.
    pub before: Formula,
    /// As it is now.
    pub after: Formula,
    /// The reason in words.
    pub because: String,
}
