//! The e-graph over the case book: after a run on what a derivation simplified, each class of equal terms has one
//! value in random models.

use gradus::egraph::{Hypothesis, Options, Rewrites, Stop, classes};
use gradus::eval::{Dual, Matrix, Model, Plan, Ring, Value};
use gradus::facts::Facts;
use gradus::ir::{Claim, Context, Symbol, Term, normal::Normal};
use gradus::print::{Spelling, term as printed};
use gradus::rules::RuleSet;
use gradus::session::{Answer, Session};
use gradus::trace::Statement;

/// The most terms of one derivation that are looked at: the last ones, which were simplified.
const TERMS: usize = 2;

#[test]
fn every_class_has_one_value_in_every_case() {
    let rewrites = Rewrites::compile(RuleSet::standard());
    let (mut checked, mut wrong) = (0, Vec::new());
    for (id, text) in cases() {
        let mut session = Session::new();
        session.run(&text);
        let Some(answer) = session.results().last().cloned() else { continue };
        for term in simplified(&answer) {
            let mut context = session.context().clone();
            match model_check(&mut context, &rewrites, &answer, term) {
                Ok(classes) => checked += classes,
                Err(what) => wrong.push(format!("{id}: {what}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 1000, "only {checked} classes were seen");
}

/// The cases of the corpus and their scripts.
fn cases() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let scripts = files.filter(|path| path.extension().is_some_and(|extension| extension == "gradus"));
    let mut cases = Vec::new();
    for text in scripts.map(|path| std::fs::read_to_string(path).unwrap()) {
        let parts = text.split("\n## ").skip(1).filter_map(|part| part.split_once('\n'));
        cases.extend(parts.map(|(title, body)| (title.to_owned(), body.to_owned())));
    }
    cases.sort();
    cases
}

/// What a derivation went through, the last first, and its answer.
fn simplified(answer: &Answer) -> Vec<Term> {
    let mut terms = vec![answer.value];
    for step in answer.derivation.steps.iter().rev() {
        for statement in [&step.after, &step.before] {
            if let Statement::Term(term) = statement
                && !terms.contains(term)
            {
                terms.push(*term);
            }
        }
    }
    terms.truncate(TERMS);
    terms
}

/// The number of classes that were evaluated, or the terms of one that has two values.
fn model_check(context: &mut Context, rewrites: &Rewrites, answer: &Answer, term: Term) -> Result<usize, String> {
    let claims: Vec<Claim> = answer.assumptions.iter().map(|&id| context.assumption(id).claim.clone()).collect();
    let facts = Facts::new(context, &[], &[answer.question, term]);
    let normal = Normal::new(&mut context.terms).term(term);
    let defined: Vec<Symbol> = context.names().map(|(_, symbol)| symbol).collect();
    let hypotheses: Vec<Hypothesis> =
        defined.into_iter().filter_map(|symbol| Hypothesis::definition(context, symbol)).collect();
    let (stop, classes) = classes(context, rewrites, &facts, &[normal], &hypotheses, &Options::default());
    if stop == Stop::Contradiction {
        return Err(format!("{}: a contradiction", printed(context, term, Spelling::Unicode)));
    }
    let roots: Vec<Term> = classes.iter().flatten().copied().chain([term, answer.question]).collect();
    let plan = Plan::new(context, &roots, &claims);
    for point in 0..2 {
        let Some(mut model) = (0..20).find_map(|attempt| plan.sample::<f64>(7, point, attempt).ok()) else {
            continue;
        };
        move_everything(&mut model);
        if let Some(class) = classes.iter().find(|class| !has_one_value(&mut model, class)) {
            let terms: Vec<String> = class.iter().map(|&term| printed(context, term, Spelling::Unicode)).collect();
            return Err(terms.join("  ≠  "));
        }
    }
    Ok(classes.len())
}

/// Directions for all names, so that differentials have values.
fn move_everything(model: &mut Model<'_, f64>) {
    let values: Vec<(Symbol, Value<f64>)> = model.values().iter().map(|(s, value)| (*s, value.clone())).collect();
    for (at, (symbol, value)) in values.into_iter().enumerate() {
        let direction =
            Matrix::from_fn(value.rows(), value.cols(), |i, j| Dual::from(0.3 + (at + 2 * i + 3 * j) as f64 * 0.17));
        model.set_direction(symbol, direction);
    }
}

fn has_one_value(model: &mut Model<'_, f64>, class: &[Term]) -> bool {
    // A term that has no value here (a logarithm of a negative number) says nothing.
    let values: Vec<Value<f64>> = class.iter().filter_map(|&term| model.evaluate(term).ok()).collect();
    let largest =
        values.iter().flat_map(|value| value.data()).fold(1.0_f64, |largest, entry| largest.max(entry.magnitude()));
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-7 * largest;
    let same =
        |a: &Value<f64>, b: &Value<f64>| a.data().iter().zip(b.data()).all(|(x, y)| close(*x.value(), *y.value()));
    values.windows(2).all(|pair| same(&pair[0], &pair[1]))
}
