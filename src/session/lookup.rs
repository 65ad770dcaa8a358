//! The table of derivatives, `docs/derivatives.md`: function, differential, derivative, condition, example.
//!
//! The functions, differentials and conditions are read from the rules of class `differential`. The derivatives and
//! the examples are answers of a session, derived from these rules and checked as any answer is; nothing mathematical
//! is written here.

use super::answer::{Answer, Form};
use super::{Outcome, Session, catalogue, present};
use crate::ir::hash::FastMap;
use crate::ir::{Context, Function, Op, Property, Signature, Symbol, Term};
use crate::print::{self, Spelling};
use crate::rules::{Class, Kink, Rule, RuleCondition, RuleSet};

/// Does a function, or a term that is none, belong in a section?
type Belongs = fn(Option<Function>) -> bool;

/// The sections, with what belongs there.
const SECTIONS: &[(&str, Belongs)] = &[
    ("Sums, products and powers", |function| function.is_none()),
    ("Functions of each entry", |function| function.is_some_and(Function::is_entrywise)),
    ("Functions of vectors", |function| function.is_some_and(of_vectors)),
    ("Functions of matrices", |function| function.is_some_and(|f| !f.is_entrywise() && !of_vectors(f))),
];

fn of_vectors(function: Function) -> bool {
    use Signature::{VectorToScalar, VectorToSquare, VectorToVector};
    matches!(function.signature(), VectorToScalar | VectorToSquare | VectorToVector)
}

/// The whole document.
pub fn markdown(rules: &RuleSet) -> String {
    let mut out = String::from(
        "# Derivatives\n\nTo look things up in. Generated from `rules/differential.rules`; each derivative and example is an \
         answer of Gradus, checked as any answer is. The layout is `mixed`: a gradient has the shape of its variable, a \
         Jacobian is outputs × inputs, f′(A) is taken entry by entry ([conventions.md](conventions.md)).\n\n\
         A and B are m×n, P is n×p, F is p×q, S is n×n, x and y have n entries, a, b and c are scalars; v, W, X and C are \
         whatever fits.\n",
    );
    for (heading, belongs) in SECTIONS {
        out += &format!("\n## {heading}\n\n| function | differential | derivative | where | example | rule |\n");
        out += "|---|---|---|---|---|---|\n";
        let members = rules.rules.iter().filter(|rule| rule.class == Class::Differential && is_shown(rules, rule));
        for rule in members.filter(|rule| belongs(function(rules, rule))) {
            out += &row(rules, rule);
        }
    }
    out
}

/// The second reading of a rule with scalars for matrices says nothing new, and a 1×1 matrix is a scalar.
fn is_shown(rules: &RuleSet, rule: &Rule) -> bool {
    let of_matrices = rule.name.strip_suffix("-scalar").and_then(|name| rules.named(name));
    let is_cast = rules.context.terms.any(rule.lhs, |term| *rules.context.terms.op(term) == Op::AsScalar);
    of_matrices.is_none() && *rules.context.terms.op(rule.lhs) == Op::Differential && (!is_cast || rule.headline)
}

/// What stands under d(·).
fn body(rules: &RuleSet, rule: &Rule) -> Term {
    rules.context.terms.args(rule.lhs)[0]
}

fn function(rules: &RuleSet, rule: &Rule) -> Option<Function> {
    match rules.context.terms.op(body(rules, rule)) {
        Op::Call(function) => Some(*function),
        _ => None,
    }
}

fn row(rules: &RuleSet, rule: &Rule) -> String {
    let shown = |term| code(&print::term(&rules.context, term, Spelling::Unicode));
    let mut conditions = vec![catalogue::conditions(rules, rule)];
    conditions
        .extend(rule.kink.filter(|&kink| kink != Kink::Excluded).map(|kink| format!("`kink {}`", value_at(kink))));
    conditions.retain(|condition| !condition.is_empty());
    let cells = [
        shown(body(rules, rule)),
        shown(rule.rhs),
        derivatives(rules, rule).join("<br>"),
        conditions.join("; ").replace('|', "\\|"),
        example(rules, rule).unwrap_or_default(),
        format!("[{0}](rules.md#{0})", rule.name),
    ];
    format!("| {} |\n", cells.join(" | "))
}

/// Code in a cell of a table.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

fn value_at(kink: Kink) -> &'static str {
    match kink {
        Kink::Excluded => "excluded",
        Kink::Zero => "0",
        Kink::One => "1",
        Kink::Half => "1/2",
    }
}

/// The derivatives of the body by each metavariable that stands under a d(·) on the right side.
fn derivatives(rules: &RuleSet, rule: &Rule) -> Vec<String> {
    let terms = &rules.context.terms;
    if rule.conditions.iter().any(is_about_form) {
        return Vec::new(); // of numbers only: the example has one
    }
    let varies = |symbol: &Symbol| {
        let is_d = |t: Term| *terms.op(t) == Op::Differential && is_in(&rules.context, t, *symbol);
        terms.any(rule.rhs, is_d)
    };
    let body = ascii(&rules.context, body(rules, rule));
    let variables = rule.metavariables.iter().filter(|symbol| varies(symbol));
    let several = function(rules, rule).is_none();
    let found = variables.filter_map(|&symbol| {
        let name = print::name(rules.context.name(symbol), Spelling::Ascii);
        let by = if several { format!("by {name}:") } else { "f′ =".into() };
        answer(&format!("{}\ndiff {body} wrt {name}{}", declared(rules, rule, &[]), setting(rule)), &by)
    });
    found.collect()
}

fn is_about_form(condition: &RuleCondition) -> bool {
    matches!(condition, RuleCondition::Integer(_) | RuleCondition::Number(_))
}

fn is_in(context: &Context, term: Term, symbol: Symbol) -> bool {
    context.terms.any(term, |part| context.terms.as_symbol(part) == Some(symbol))
}

fn setting(rule: &Rule) -> String {
    let chosen = rule.kink.filter(|&kink| kink != Kink::Excluded);
    chosen.map_or(String::new(), |kink| format!(" kink {}", value_at(kink)))
}

fn ascii(context: &Context, term: Term) -> String {
    print::term(context, term, Spelling::Ascii)
}

/// The metavariables as declarations, those that are to stand for something else left out.
fn declared(rules: &RuleSet, rule: &Rule, without: &[Symbol]) -> String {
    let mut lines: Vec<String> = functions(rules, rule).map(|name| format!("{name} : elementwise")).collect();
    for &symbol in rule.metavariables.iter().filter(|symbol| !without.contains(symbol)) {
        let name = print::name(rules.context.name(symbol), Spelling::Ascii);
        let info = rules.context.info(symbol);
        let term = |condition: &RuleCondition| rules.context.terms.as_symbol(condition.term()) == Some(symbol);
        let properties = rule.conditions.iter().filter(|condition| term(condition)).filter_map(word);
        let properties: Vec<&str> = properties.collect();
        lines.push(format!("{name} : {} {}", print::space(&info.shape, Spelling::Unicode), properties.join(" ")));
    }
    lines.join("\n")
}

/// The names of undefined functions on the left side.
fn functions(rules: &RuleSet, rule: &Rule) -> impl Iterator<Item = String> {
    let terms = &rules.context.terms;
    terms.postorder(rule.lhs).into_iter().filter_map(|term| match terms.op(term) {
        Op::Elementwise { function, .. } => Some(print::name(rules.context.name(*function), Spelling::Ascii)),
        _ => None,
    })
}

/// The word by which a property is declared.
fn word(condition: &RuleCondition) -> Option<&'static str> {
    match condition {
        RuleCondition::Property(Property::Invertible, _) => Some("invertible"),
        RuleCondition::Property(Property::Positive, _) => Some("positive"),
        RuleCondition::Property(Property::Nonzero, _) => Some("nonzero"),
        _ => None,
    }
}

/// The function of something that depends on a variable linearly; of other terms the example of the rule, or the rule
/// with a number.
fn example(rules: &RuleSet, rule: &Rule) -> Option<String> {
    match function(rules, rule) {
        Some(function) => answer(&format!("{}{}", of_product(rules, rule, function)?, setting(rule)), ""),
        None => with_number(rules, rule).or_else(|| {
            let (before, after) = rule.example.as_ref()?;
            Some(format!("{} = {}", code(before), code(after)))
        }),
    }
}

/// `grad logdet(W*X) wrt X`, with declarations and conditions.
fn of_product(rules: &RuleSet, rule: &Rule, function: Function) -> Option<String> {
    use Signature::{SquareToScalar, SquareToSquare, SquareToVector};
    let argument = rules.context.terms.as_symbol(rules.context.terms.args(body(rules, rule))[0])?;
    let shape = &rules.context.info(argument).shape;
    let square = matches!(function.signature(), SquareToScalar | SquareToSquare | SquareToVector);
    let vector = shape.is_vector() || function.is_entrywise();
    let (declarations, product, variable) = match (square, vector) {
        (true, _) => ("W, X : R^(n×n)", "W*X", "X"),
        (_, true) => ("W : R^(m×n); v : R^n", "W*v", "v"),
        _ => ("W : R^(m×k); X : R^(k×n)", "W*X", "X"),
    };
    let name = print::name(rules.context.name(argument), Spelling::Ascii);
    let call = ascii(&rules.context, body(rules, rule));
    let call = call.replacen(&format!("({name})"), &format!("({product})"), 1);
    let assumed = rule.conditions.iter().filter_map(word).map(|word| format!("\nassume {product} {word}"));
    let weights = match rules.context.terms.shape(body(rules, rule)) {
        shape if shape.is_scalar() => return Some(question(declarations, assumed, &call, variable)),
        _ if function.is_entrywise() => {
            return Some(question(declarations, assumed, &format!("sum({call})"), variable));
        }
        shape => print::space(shape, Spelling::Unicode).replace('ℝ', "R"),
    };
    let weights = if vector { weights.replace('n', "m") } else { weights };
    let declarations = format!("{declarations}; C : {weights}");
    Some(question(&declarations, assumed, &format!("sum(C .* {call})"), variable))
}

fn question(declarations: &str, assumed: impl Iterator<Item = String>, of: &str, variable: &str) -> String {
    format!("{declarations}{}\ngrad {of} wrt {variable}", assumed.collect::<String>())
}

/// The body with 3 for a whole number and 1/2 for any: `d(A.^3)`.
fn with_number(rules: &RuleSet, rule: &Rule) -> Option<String> {
    let condition = rule.conditions.iter().find(|condition| is_about_form(condition))?;
    let mut context = rules.context.clone();
    let whole = matches!(condition, RuleCondition::Integer(_));
    let number = if whole { crate::ir::ratio(3, 1) } else { crate::ir::ratio(1, 2) };
    let number = context.terms.number(number);
    let replace = FastMap::from_iter([(condition.term(), number)]);
    let of = crate::ir::normal::Normal::new(&mut context.terms).substitute(body(rules, rule), &replace);
    let without = context.terms.as_symbol(condition.term())?;
    let variable = rule.metavariables.iter().find(|&&symbol| symbol != without)?;
    let name = print::name(context.name(*variable), Spelling::Ascii);
    answer(&format!("{}\ndiff {} wrt {name}", declared(rules, rule, &[without]), ascii(&context, of)), "f′ =")
}

/// The last answer to a script as code, one that is taken entry by entry as the derivative `called`; `None` if
/// anything in the script is refused.
fn answer(script: &str, called: &str) -> Option<String> {
    let mut session = Session::new();
    let responses = session.run(script);
    if responses.iter().any(|response| matches!(response.outcome, Outcome::Error(_))) {
        return None;
    }
    let answer = session.results().last()?;
    Some(formula(session.context(), answer, called))
}

/// An answer, as the derivative entry by entry if there is one.
fn formula(context: &Context, answer: &Answer, called: &str) -> String {
    let entrywise = answer.forms.iter().find(|(form, _)| *form == Form::Entrywise);
    let lines = match entrywise {
        Some((_, value)) => vec![format!("{called} {}", print::term(context, *value, Spelling::Unicode))],
        None => present::formulas(context, answer, Spelling::Unicode),
    };
    lines.iter().map(|line| code(line)).collect::<Vec<_>>().join(", ")
}
