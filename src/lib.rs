//! Gradus: symbolic matrix calculus with closed forms, steps, reasons, assumptions, and a check of every answer.

pub mod api;
pub mod audit;
#[cfg(feature = "cli")]
pub mod cli;
pub mod derive;
pub mod diag;
pub mod egraph;
pub mod elaborate;
pub mod eval;
pub mod facts;
pub mod index;
pub mod ir;
pub mod print;
pub mod reason;
pub mod rules;
pub mod session;
pub mod shape;
pub mod syntax;
pub mod trace;
pub mod verify;

pub use api::{derive, prove};
pub use session::Session;

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
