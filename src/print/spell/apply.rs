//! Functions and fences.

use super::super::layout::{Fence, Head, Layout};
use super::super::{Spelling, name, names};
use super::{Level, Speller};
use crate::ir::Function;

impl Speller<'_> {
    /// A function of arguments; with `bare`, `log y` may do without brackets.
    pub(super) fn apply(&self, head: &Head, arguments: &[Layout], bare: bool) -> String {
        if let (Head::Function(function), [argument]) = (head, arguments) {
            match (function, self.spelling) {
                (Function::PseudoInverse, Spelling::Unicode) => return self.at(argument, Level::Atom) + "⁺",
                (Function::PseudoInverse, Spelling::Latex) => return self.at(argument, Level::Atom) + "^{+}",
                (Function::Sqrt, Spelling::Latex) => return format!("\\sqrt{{{}}}", self.write(argument)),
                (Function::Exp, Spelling::Latex) => {
                    if let Some(text) = self.power_of_e(argument) {
                        return text;
                    }
                }
                (Function::Log | Function::Det | Function::LogDet, Spelling::Unicode | Spelling::Latex)
                    if bare && self.needs_no_brackets(argument) =>
                {
                    return format!("{} {}", self.head(head), self.write(argument));
                }
                _ => {}
            }
        }
        let texts: Vec<String> = arguments.iter().map(|argument| self.write(argument)).collect();
        let inside = self.brackets(&texts.join(", "));
        // `\left(` sets off a space that a function does not want; TeX closes it up after an operator name.
        format!("{}{inside}", self.head(head))
    }

    /// `log ŷⱼ`, `log det A`.
    fn needs_no_brackets(&self, argument: &Layout) -> bool {
        match self.resolve(argument) {
            Layout::Name(_) => true,
            Layout::Entry(base, _) => self.takes_index(base),
            Layout::Apply(Head::Function(Function::Det), inner) => inner.iter().all(|a| self.needs_no_brackets(a)),
            _ => false,
        }
    }

    /// `e^{…}` unless `e` is a declared name or the exponent would be tall.
    fn power_of_e(&self, argument: &Layout) -> Option<String> {
        let exponent = self.write(argument);
        let flat = !["\\frac", "\\sum", "\\begin", "^", "("].iter().any(|sign| exponent.contains(sign));
        (flat && self.context.lookup("e").is_none()).then(|| format!("e^{}", names::braced(&exponent)))
    }

    pub(super) fn apply_power(&self, head: &Head, power: &Layout, argument: &Layout, entrywise: bool) -> String {
        let argument = self.brackets(&self.write(argument));
        let head = self.head(head);
        match (self.spelling, entrywise) {
            (Spelling::Ascii, true) => format!("{head}{argument}.^{}", self.closed_exponent(power)),
            (Spelling::Ascii, false) => format!("{head}{argument}^{}", self.closed_exponent(power)),
            _ => format!("{}{argument}", self.power(head, power)),
        }
    }

    fn head(&self, head: &Head) -> String {
        match head {
            Head::Function(function) => self.function(*function),
            Head::Derived(function) => {
                self.function(*function) + if self.spelling == Spelling::Unicode { "′" } else { "'" }
            }
            Head::Elementwise(canonical, order) => {
                let prime = if self.spelling == Spelling::Unicode { "′" } else { "'" };
                name(canonical, self.spelling) + &prime.repeat(*order as usize)
            }
            Head::Word(word) if self.spelling == Spelling::Latex && *word == "max" => "\\max".into(),
            Head::Word(word) if self.spelling == Spelling::Latex => format!("\\operatorname{{{word}}}"),
            Head::Word(word) => (*word).into(),
        }
    }

    fn function(&self, function: Function) -> String {
        use Function::*;
        if self.spelling == Spelling::Ascii {
            return function.name().into();
        }
        let word = match function {
            Relu => "ReLU",
            LogDet if self.spelling == Spelling::Latex => return "\\log \\det".into(),
            LogDet => "log det",
            other => other.name(),
        };
        if self.spelling == Spelling::Unicode {
            return word.into();
        }
        match function {
            Exp | Log | Sin | Cos | Tan | Arcsin | Arccos | Arctan | Sinh | Cosh | Tanh | Det => format!("\\{word}"),
            _ => format!("\\operatorname{{{word}}}"),
        }
    }

    pub(super) fn fence(&self, fence: Fence, inside: &Layout) -> String {
        let text = self.write(inside);
        let word = |word: &str| format!("{word}({text})");
        let norm = |index: &str| match self.spelling {
            Spelling::Latex => format!("\\lVert {text} \\rVert{index}"),
            _ => format!("‖{text}‖{}", if index == "_1" { "₁" } else { index }),
        };
        let indicator = |relation: &str| match self.spelling {
            Spelling::Latex => format!("\\mathbf{{1}}[{text} {relation} 0]"),
            _ => format!("𝟏[{text} {} 0]", if relation == ">" { ">" } else { "≥" }),
        };
        match (fence, self.spelling) {
            (Fence::Abs, Spelling::Ascii) => word("abs"),
            (Fence::Norm1, Spelling::Ascii) => word("norm1"),
            (Fence::Norm2, Spelling::Ascii) => word("norm2"),
            (Fence::NormF, Spelling::Ascii) => word("normF"),
            (Fence::Step, Spelling::Ascii) => word("step"),
            (Fence::StepClosed, Spelling::Ascii) => word("stepc"),
            (Fence::Abs, Spelling::Latex) => format!("\\lvert {text} \\rvert"),
            // Bars beside bars would be a norm.
            (Fence::Abs, Spelling::Unicode) if text.contains('|') => word("abs"),
            (Fence::Abs, Spelling::Unicode) => format!("|{text}|"),
            // The bars of a norm within a norm do not say which open and which close.
            (Fence::Norm1, Spelling::Unicode) if text.contains('‖') => word("norm1"),
            (Fence::Norm2, Spelling::Unicode) if text.contains('‖') => word("norm2"),
            (Fence::NormF, Spelling::Unicode) if text.contains('‖') => word("normF"),
            (Fence::Norm1, _) => norm("_1"),
            (Fence::Norm2, _) => norm(""),
            (Fence::NormF, _) => norm("_F"),
            (Fence::Step, _) => indicator(">"),
            (Fence::StepClosed, _) => indicator("\\geq"),
        }
    }
}
