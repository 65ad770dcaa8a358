//! Terms built as they would be typed, for tests.
#![allow(dead_code, missing_docs)]

use gradus::ir::{Context, Definition, Function, Op, Symbol, SymbolKind, Term};
use gradus::shape::{Dim, Shape};

/// A context with terms built as they would be typed.
#[derive(Default)]
pub struct Typed {
    /// The context.
    pub context: Context,
}

impl Typed {
    pub fn dim(&mut self, name: &str) -> Dim {
        self.context.dim(name)
    }
    pub fn variable(&mut self, name: &str, shape: Shape) -> (Symbol, Term) {
        let symbol = self.context.declare(name, shape, SymbolKind::Variable);
        (symbol, self.context.terms.symbol(symbol))
    }
    pub fn vector(&mut self, name: &str, n: &str) -> (Symbol, Term) {
        let n = self.dim(n);
        self.variable(name, Shape::vector(n))
    }
    pub fn matrix(&mut self, name: &str, m: &str, n: &str) -> (Symbol, Term) {
        let (m, n) = (self.dim(m), self.dim(n));
        self.variable(name, Shape::matrix(m, n))
    }
    pub fn define(&mut self, name: &str, body: Term) -> (Symbol, Term) {
        let shape = self.context.terms.shape(body).clone();
        let kind = SymbolKind::Definition(Definition { raw: body, normal: body });
        let symbol = self.context.declare(name, shape, kind);
        (symbol, self.context.terms.symbol(symbol))
    }
    pub fn op(&mut self, op: Op, args: &[Term]) -> Term {
        self.context.terms.make(op, args)
    }
    pub fn product(&mut self, args: &[Term]) -> Term {
        self.op(Op::Product, args)
    }
    pub fn sum(&mut self, args: &[Term]) -> Term {
        self.op(Op::Sum, args)
    }
    pub fn minus(&mut self, a: Term) -> Term {
        let one = self.context.terms.integer(-1);
        self.product(&[one, a])
    }
    pub fn transpose(&mut self, a: Term) -> Term {
        self.op(Op::Transpose, &[a])
    }
    pub fn call(&mut self, function: Function, a: Term) -> Term {
        self.op(Op::Call(function), &[a])
    }
    pub fn partial(&mut self, f: Term, x: Term) -> Term {
        self.op(Op::Partial, &[f, x])
    }
    pub fn d(&mut self, f: Term) -> Term {
        self.op(Op::Differential, &[f])
    }
}
