//! Gradus: symbolic matrix calculus with closed forms, steps, reasons, assumptions, and a check of every answer.

pub mod diag;
pub mod egraph;
pub mod elaborate;
pub mod eval;
pub mod facts;
pub mod index;
pub mod ir;
pub mod print;
pub mod rules;
pub mod shape;
pub mod syntax;
pub mod trace;
pub mod verify;
