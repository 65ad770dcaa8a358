//! Sums, products, powers and functions.

use super::leaves::{identifier, number};
use super::{Code, Level, NotYet, Python, Written};
use crate::ir::{Function, Op, Rational, Symbol, Term, ratio};
use num_traits::One;

impl Code<'_> {
    pub(super) fn term(&mut self, term: Term) -> Written {
        if self.repeated.contains(&term) {
            return self.once(term);
        }
        self.written(term)
    }

    pub(super) fn written(&mut self, term: Term) -> Written {
        let args = self.args(term);
        match self.op(term) {
            Op::Symbol(symbol) => self.symbol(*symbol),
            Op::Number(value) => Ok(number(value)),
            Op::Dimension(size) => Ok(self.size(size)),
            Op::Identity(size) if size.is_one() => Ok(Python::atom("np.ones(1)")),
            Op::Identity(size) => Ok(self.identity(size)),
            Op::Ones(..) => Ok(self.filled("np.ones", self.shape(term))),
            Op::Zero(shape) => Ok(self.filled("np.zeros", shape)),
            Op::Unit(size, index) => self.unit(size, index),
            Op::Commutation(m, n) => Ok(self.commutation(m, n)),
            Op::Sum => self.sum(args),
            Op::Product => self.product(term),
            Op::Hadamard => self.hadamard(args),
            Op::Quotient => self.divide(args[0], args[1]),
            Op::Kronecker => self.kronecker(term),
            Op::Transpose => self.transposed(args[0]),
            Op::Inverse => self.square(args[0]).map(|value| Python::call("np.linalg.inv", &[&value])),
            Op::Power | Op::ElementPower => self.power(term),
            Op::AsScalar => self.as_scalar(args[0]),
            Op::Call(function) => self.written_call(*function, args[0]),
            Op::Elementwise { function, order } => self.unspecified(*function, *order, args[0]),
            Op::Max => {
                let (a, b) = (self.term(args[0])?, self.term(args[1])?);
                Ok(Python::call("np.maximum", &[&a, &b]))
            }
            Op::Inner => self.inner(args[0], args[1]),
            Op::Differential => self.differential(args[0]),
            Op::Partial | Op::EntrywisePartial => self.partial(term),
            Op::Solution(_) => Err(NotYet::Operator("where".into())),
            Op::Entry(indices) => self.entry(args[0], indices),
            Op::IndexSum { index, excluding } => self.index_sum(term, index, excluding),
            Op::Delta(i, j) => self.delta(i, j),
            Op::Cases(guards) => self.cases(guards, args),
        }
    }

    /// Ones and zeros beside arrays of their shape are just numbers.
    pub(super) fn broadcast(&mut self, term: Term) -> Written {
        match self.op(term) {
            Op::Ones(..) => Ok(Python::atom("1.0")),
            Op::Zero(_) => Ok(Python::atom("0.0")),
            _ => self.term(term),
        }
    }

    fn is_constant(&self, term: Term) -> bool {
        matches!(self.op(term), Op::Ones(..) | Op::Zero(_) | Op::Number(_))
    }

    /// Positive summands first, as on paper.
    fn sum(&mut self, args: &[Term]) -> Written {
        let some_array = args.iter().any(|&arg| !self.is_constant(arg));
        let mut parts = Vec::new();
        for &arg in args {
            let (minus, value) = match self.signed(arg)? {
                Some(positive) => (true, positive),
                None if some_array => (false, self.broadcast(arg)?),
                None => (false, self.term(arg)?),
            };
            parts.push((minus, value));
        }
        parts.sort_by_key(|(minus, _)| *minus);
        let mut out = String::new();
        for (i, (minus, value)) in parts.iter().enumerate() {
            out.push_str(match (i, minus) {
                (0, false) => "",
                (0, true) => "-",
                (_, false) => " + ",
                (_, true) => " - ",
            });
            out.push_str(&value.at(Level::Product));
        }
        Ok(Python::new(Level::Sum, out))
    }

    /// The term without its minus, if it has one.
    fn signed(&mut self, term: Term) -> Result<Option<Python>, NotYet> {
        match (self.op(term), self.args(term).split_first()) {
            (Op::Number(value), _) if value.is_negative() => Ok(Some(number(&-value))),
            (Op::Product, Some((&first, rest))) if !rest.is_empty() => match self.op(first) {
                Op::Number(value) if value.is_negative() => self.scaled(-value, rest).map(Some),
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn product(&mut self, term: Term) -> Written {
        let args = self.args(term);
        let value = match (self.op(args[0]), self.signed(term)?) {
            (_, Some(positive)) => Python::new(Level::Sign, format!("-{}", positive.at(Level::Product))),
            (Op::Number(value), _) if args.len() > 1 => self.scaled(value.clone(), &args[1..])?,
            _ => self.scaled(Rational::one(), args)?,
        };
        // A chain from row to vector is a number; as a 1×1 matrix it has one axis.
        let one_by_one = self.shape(term).is_one_by_one();
        Ok(if one_by_one { Python::call("np.atleast_1d", &[&value]) } else { value })
    }

    /// `number * scalars * chain / denominators`.
    fn scaled(&mut self, value: Rational, factors: &[Term]) -> Written {
        let (mut above, mut below) = (Vec::new(), Vec::new());
        let (scalars, chain): (Vec<Term>, Vec<Term>) =
            factors.iter().partition(|&&factor| self.shape(factor).is_scalar());
        if value.is_one() && scalars.is_empty() {
            return self.chain(&chain);
        }
        if !value.numer().is_one() {
            above.push(number(&value.numer().into()).at(Level::Sign));
        }
        if !value.denom().is_one() {
            below.push(number(&value.denom().into()).at(Level::Power));
        }
        for scalar in scalars {
            match self.denominator(scalar)? {
                Some(denominator) => below.push(denominator.at(Level::Power)),
                None => above.push(self.term(scalar)?.at(Level::Sign)),
            }
        }
        if !chain.is_empty() {
            let product = self.chain(&chain)?;
            // `*` and `@` are read from left to right: a chain keeps its brackets beside numbers.
            above.push(if above.is_empty() { product.at(Level::Product) } else { product.at(Level::Sign) });
        }
        let above = if above.is_empty() { "1.0".to_string() } else { above.join(" * ") };
        let below: String = below.iter().map(|factor| format!(" / {factor}")).collect();
        Ok(Python::new(Level::Product, above + &below))
    }

    /// What stands below a fraction line, if the scalar is a negative power.
    fn denominator(&mut self, scalar: Term) -> Result<Option<Python>, NotYet> {
        let (Op::Power, &[base, exponent]) = (self.op(scalar), self.args(scalar)) else { return Ok(None) };
        match self.op(exponent) {
            Op::Number(value) if value.is_negative() => self.number_power(base, &-value).map(Some),
            _ => Ok(None),
        }
    }

    fn hadamard(&mut self, args: &[Term]) -> Written {
        let (mut above, mut below) = (Vec::new(), Vec::new());
        for &arg in args {
            match (self.op(arg), self.args(arg)) {
                (Op::ElementPower, &[base, exponent]) => match self.op(exponent) {
                    Op::Number(value) if value.is_negative() => {
                        below.push(self.number_power(base, &-value)?.at(Level::Power));
                    }
                    _ => above.push(self.term(arg)?.at(Level::Sign)),
                },
                _ => above.push(self.term(arg)?.at(Level::Sign)),
            }
        }
        let above = if above.is_empty() { "1.0".to_string() } else { above.join(" * ") };
        let below: String = below.iter().map(|factor| format!(" / {factor}")).collect();
        Ok(Python::new(Level::Product, above + &below))
    }

    fn divide(&mut self, a: Term, b: Term) -> Written {
        let (a, b) = (self.term(a)?, self.term(b)?);
        Ok(Python::new(Level::Product, format!("{} / {}", a.at(Level::Product), b.at(Level::Sign))))
    }

    /// A term as an array of two axes.
    pub(super) fn two_axes(&mut self, term: Term) -> Written {
        let value = self.term(term)?;
        let shape = self.shape(term);
        Ok(match (shape.is_vector(), shape.is_row()) {
            (true, _) => Python::atom(format!("{}.reshape(-1, 1)", value.at(Level::Atom))),
            (_, true) => Python::atom(format!("{}.reshape(1, -1)", value.at(Level::Atom))),
            _ => value,
        })
    }

    /// A square matrix, 1×1 included, as an array of two axes.
    pub(super) fn square(&mut self, term: Term) -> Written {
        self.two_axes(term)
    }

    fn kronecker(&mut self, term: Term) -> Written {
        let args = self.args(term);
        let shape = self.shape(term);
        let (a, b) = (self.two_axes(args[0])?, self.two_axes(args[1])?);
        let product = Python::call("np.kron", &[&a, &b]);
        let flat = shape.is_vector() || shape.is_row();
        Ok(if flat { Python::atom(format!("{}.ravel()", product.text)) } else { product })
    }

    fn power(&mut self, term: Term) -> Written {
        let &[base, exponent] = self.args(term) else { return Err(NotYet::Operator("a power".into())) };
        let matrix = *self.op(term) == Op::Power && !self.shape(base).is_scalar();
        if matrix {
            let (base, exponent) = (self.square(base)?, self.term(exponent)?);
            return Ok(Python::call("np.linalg.matrix_power", &[&base, &exponent]));
        }
        if let Op::Number(value) = self.op(exponent) {
            return match value.is_negative() {
                true => {
                    let below = self.number_power(base, &-value)?;
                    Ok(Python::new(Level::Product, format!("1.0 / {}", below.at(Level::Power))))
                }
                false => self.number_power(base, value),
            };
        }
        let (base, exponent) = (self.term(base)?, self.term(exponent)?);
        Ok(Python::new(Level::Power, format!("{}**{}", base.at(Level::Atom), exponent.at(Level::Atom))))
    }

    fn number_power(&mut self, base: Term, exponent: &Rational) -> Written {
        let base = self.term(base)?;
        if exponent.is_one() {
            return Ok(base);
        }
        if *exponent == ratio(1, 2) {
            return Ok(Python::call("np.sqrt", &[&base]));
        }
        Ok(Python::new(Level::Power, format!("{}**{}", base.at(Level::Atom), number(exponent).at(Level::Atom))))
    }

    fn as_scalar(&mut self, term: Term) -> Written {
        if *self.op(term) == Op::Product {
            let (scalars, chain): (Vec<Term>, Vec<Term>) =
                self.args(term).iter().partition(|&&factor| self.shape(factor).is_scalar());
            if scalars.is_empty() {
                return self.chain(&chain);
            }
        }
        let value = self.term(term)?;
        Ok(Python::atom(format!("{}[0]", value.at(Level::Atom))))
    }

    fn inner(&mut self, a: Term, b: Term) -> Written {
        let flat = self.shape(a).is_vector() || self.shape(a).is_row();
        let (a, b) = (self.term(a)?, self.term(b)?);
        Ok(match flat {
            true => Python::new(Level::Product, format!("{} @ {}", a.at(Level::Product), b.at(Level::Sign))),
            false => Python::atom(format!("np.sum({} * {})", a.at(Level::Product), b.at(Level::Sign))),
        })
    }

    /// An unspecified elementwise function is a parameter that is called: `sigma`, `dsigma`, `d2sigma`.
    fn unspecified(&mut self, function: Symbol, order: u32, argument: Term) -> Written {
        let d = match order {
            0 => String::new(),
            1 => "d".into(),
            n => format!("d{n}"),
        };
        let name = self.opaque(format!("{d}{}", identifier(self.context.name(function))), &crate::shape::Shape::Scalar);
        let argument = self.term(argument)?;
        Ok(Python::call(&name.text, &[&argument]))
    }

    pub(super) fn written_call(&mut self, function: Function, arg: Term) -> Written {
        if let Some((inner, argument)) = self.stable_log(function, arg) {
            return self.log_of(inner, argument);
        }
        let value = self.term(arg)?;
        let plain = |name: &str| Ok(Python::call(name, &[&value]));
        use Function::*;
        match function {
            Exp | Log | Sin | Cos | Tan | Arcsin | Arccos | Arctan | Sinh | Cosh | Tanh | Sqrt | Abs | Mean | Var => {
                plain(&format!("np.{}", function.name()))
            }
            Sign => plain("np.sign"),
            SumAll => plain("np.sum"),
            Sigmoid => Ok(Python::new(Level::Product, format!("0.5 * (1 + np.tanh(0.5 * {}))", value.at(Level::Sign)))),
            Relu => Ok(Python::atom(format!("np.maximum({}, 0)", value.text))),
            Softplus => Ok(Python::atom(format!("np.logaddexp(0, {})", value.text))),
            Step => Ok(Python::atom(format!("np.where({} > 0, 1.0, 0.0)", value.text))),
            StepClosed => Ok(Python::atom(format!("np.where({} >= 0, 1.0, 0.0)", value.text))),
            Softmax | RowSoftmax | ColSoftmax => {
                let log = self.log_of(function, arg)?;
                Ok(Python::call("np.exp", &[&log]))
            }
            LogSumExp => plain("np.logaddexp.reduce"),
            Norm1 => Ok(Python::atom(format!("np.sum(np.abs({}))", value.text))),
            Norm2 | NormF => plain("np.linalg.norm"),
            MatrixExp | MatrixLog => Err(NotYet::Operator(function.name().into())),
            _ => self.matrix_call(function, arg),
        }
    }

    fn matrix_call(&mut self, function: Function, arg: Term) -> Written {
        let value = self.two_axes(arg)?;
        let plain = |name: &str| Ok(Python::call(name, &[&value]));
        use Function::*;
        match function {
            Trace => plain("np.trace"),
            Det => plain("np.linalg.det"),
            LogDet => Ok(Python::atom(format!("np.linalg.slogdet({})[1]", value.text))),
            Adjugate => {
                let text = value.text;
                Ok(Python::new(Level::Product, format!("np.linalg.det({text}) * np.linalg.inv({text})")))
            }
            PseudoInverse => self.flattened(Python::call("np.linalg.pinv", &[&value]), arg),
            DiagPart => plain("np.diag"),
            Tril => plain("np.tril"),
            Triu => plain("np.triu"),
            RowSum => Ok(Python::atom(format!("np.sum({}, axis=1)", value.text))),
            ColSum => Ok(Python::atom(format!("np.sum({}, axis=0)", value.text))),
            Diag => self.term(arg).map(|vector| Python::call("np.diag", &[&vector])),
            Vec => Ok(Python::atom(format!("{}.ravel(order=\"F\")", value.at(Level::Atom)))),
            other => Err(NotYet::Operator(other.name().into())),
        }
    }

    /// A result with the shape of the argument or its transpose, on one axis if that has one.
    fn flattened(&self, value: Python, arg: Term) -> Written {
        let shape = self.shape(arg);
        let flat = shape.is_vector() || shape.is_row();
        Ok(if flat { Python::atom(format!("{}.ravel()", value.text)) } else { value })
    }
}
