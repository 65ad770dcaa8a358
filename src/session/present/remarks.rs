//! What must stand beside an answer: layout, assumptions, excluded points, conventions, the check.

use super::super::answer::{Answer, Exclusion, Form, Kind, Layout, Status};
use super::super::exclusions::relation;
use super::{of_scalar, question};
use crate::facts::{Condition, Evidence};
use crate::ir::{AssumptionId, Claim, Context, Op, Property, Term};
use crate::print::{self, Formula, Inline, Prose, Spelling};
use crate::reason::Limit;
use crate::rules::Kink;
use crate::shape::Shape;
use crate::trace::{Justification, Level};
use crate::verify::{Checked, Method, Vanishing};
use std::collections::BTreeSet;

/// A remark with its label.
type Remark = (String, Prose);

/// Everything beside the answers of one statement, in the order in which it is read.
pub(super) fn beside(context: &Context, answers: &[Answer]) -> Vec<Remark> {
    let mut out = Vec::new();
    for answer in answers {
        let label = |i| if i == 0 { "Answer" } else { "" };
        out.extend(answer.lines.iter().enumerate().map(|(i, line)| (label(i).into(), line.clone())));
        out.extend(verdict(context, answer));
        let whose = |mut prose: Prose| {
            if answers.len() > 1 {
                prose.push(Inline::Text(", for ".into()));
                prose.extend(question(context, answer));
            }
            prose
        };
        out.extend(forms(context, answer).into_iter().map(|(label, prose)| (label, whose(prose))));
    }
    let mut say = |label: &str, of: &dyn Fn(&Answer) -> Vec<Prose>| {
        let prose = together(context, answers, of);
        if !prose.is_empty() {
            out.push((label.into(), prose));
        }
    };
    say("Layout", &|answer| layout(context, answer).into_iter().collect());
    say("Deltas", &|answer| deltas(context, answer).into_iter().collect());
    say("Assumed", &|answer| assumed(context, answer));
    say("Excluded", &|answer| excluded(context, answer));
    say("Simpler if", &|answer| would_help(context, answer));
    say("Convention", &|answer| convention(answer).into_iter().collect());
    say("Not used", &|answer| not_used(answer));
    say("Checked", &|answer| {
        answer.checked.iter().map(|checked| self::checked(context, checked, answer.second_opinion)).collect()
    });
    out
}

/// What the answers say about one thing, each once; what some do not say names those that do.
fn together(context: &Context, answers: &[Answer], of: &dyn Fn(&Answer) -> Vec<Prose>) -> Prose {
    let said: Vec<Vec<Prose>> = answers.iter().map(of).collect();
    let mut parts: Vec<Prose> = Vec::new();
    for item in said.iter().flatten() {
        if parts.contains(item) {
            continue;
        }
        parts.push(item.clone());
    }
    let parts = parts.into_iter().map(|item| {
        let who: Vec<&Answer> =
            answers.iter().zip(&said).filter(|(_, said)| said.contains(&item)).map(|(a, _)| a).collect();
        if who.len() == answers.len() { item } else { only(context, item, &who) }
    });
    joined(parts.collect(), "; ")
}

/// `…, in ∂J/∂W and ∂J/∂x only`.
fn only(context: &Context, mut item: Prose, who: &[&Answer]) -> Prose {
    item.push(Inline::Text(", in ".into()));
    let mut questions: Vec<Prose> = who.iter().map(|answer| question(context, answer)).collect();
    let last = questions.pop().unwrap_or_default();
    if !questions.is_empty() {
        item.extend(joined(questions, ", "));
        item.push(Inline::Text(" and ".into()));
    }
    item.extend(last);
    item.push(Inline::Text(" only".into()));
    item
}

fn joined(parts: Vec<Prose>, between: &str) -> Prose {
    let mut out = Prose::new();
    for part in parts {
        if !out.is_empty() {
            out.push(Inline::Text(between.into()));
        }
        out.extend(part);
    }
    out
}

fn verdict(context: &Context, answer: &Answer) -> Option<Remark> {
    match &answer.status {
        Status::Ok => None,
        Status::Proved if answer.derivation.steps.is_empty() => {
            Some(("Proved".into(), print::plain("both sides have the same normal form")))
        }
        Status::Proved if answer.derivation.steps.iter().any(|step| step.level == Level::Headline) => None,
        Status::Proved => Some(("Proved".into(), print::plain(format!("by {}", rules(answer))))),
        Status::Refuted(witness) => Some(("Refuted".into(), print::plain(witness.as_str()))),
        Status::Unknown(limit) => Some(("Undecided".into(), print::plain(self::limit(context, limit)))),
    }
}

/// The rules of a proof, each once: ``rule inv-product``.
fn rules(answer: &Answer) -> String {
    let mut names: Vec<&str> = Vec::new();
    for step in &answer.derivation.steps {
        match &step.by {
            Justification::Rule(name) if !names.contains(&name.as_str()) => names.push(name),
            _ => {}
        }
    }
    match names.len() {
        0 => "rewriting".into(),
        1 => format!("rule {}", names[0]),
        _ => format!("rules {}", names.join(", ")),
    }
}

/// `dX ↦ dX W` and the like.
fn forms(context: &Context, answer: &Answer) -> Vec<Remark> {
    let remark = |(form, term): &(Form, Term)| {
        let label = match form {
            Form::LinearMap => "As a map",
            Form::Entrywise => "Entrywise",
            Form::Cases => "As cases",
        };
        (label.to_string(), vec![Inline::Math(super::form(context, answer, *form, *term))])
    };
    answer.forms.iter().map(remark).collect()
}

/// The word for a layout.
pub fn layout_name(layout: Layout) -> &'static str {
    match layout {
        Layout::Mixed => "mixed",
        Layout::Numerator => "numerator",
        Layout::Denominator => "denominator",
    }
}

fn layout(context: &Context, answer: &Answer) -> Option<Prose> {
    let name = layout_name(answer.layout);
    answer.states_layout.then(|| print::plain(format!("{name}: {}", layout_words(context, answer))))
}

fn layout_words(context: &Context, answer: &Answer) -> String {
    match (answer.kind, answer.layout) {
        (Kind::Gradient, Layout::Numerator) => "the transpose of the gradient, outputs × inputs".into(),
        (Kind::Gradient, _) => "the gradient of a scalar has the variable's shape".into(),
        (Kind::Jacobian, Layout::Denominator) => "inputs × outputs, the transpose of the Jacobian".into(),
        (Kind::Jacobian, _) => "outputs × inputs".into(),
        (Kind::VecJacobian, Layout::Denominator) => "inputs × outputs; vec stacks columns".into(),
        (Kind::VecJacobian, _) => "∂vec F/∂(vec X)ᵀ, outputs × inputs; vec stacks columns".into(),
        (Kind::Hessian, _) => "the Jacobian of the gradient".into(),
        (Kind::Derivative, _) if of_scalar(context, answer) => "a scalar by a scalar is a scalar".into(),
        (Kind::Derivative, _) => {
            let what = if answer.shape.is_vector() { "vector" } else { "matrix" };
            format!("a {what} by a scalar has the shape of the {what}")
        }
        _ => "a differential has the shape of what it is of".into(),
    }
}

fn deltas(context: &Context, answer: &Answer) -> Option<Prose> {
    let is_row = |body: &Term| context.terms.shape(*body).is_row();
    let rows = answer.names.iter().any(|(_, body)| is_row(body));
    rows.then(|| print::plain("written as rows; the answers keep the variable's shape"))
}

/// What was declared or assumed and is used, and what the input presupposes.
pub fn assumed(context: &Context, answer: &Answer) -> Vec<Prose> {
    let mut all: Vec<Prose> =
        cited(context, answer).iter().map(|&id| print::claim(context, &context.assumption(id).claim)).collect();
    let presupposed = || answer.evidence.iter().filter(|evidence| is_presupposed(evidence));
    for evidence in presupposed() {
        let is_weaker = presupposed().any(|other| other.condition.is_stronger_than(context, &evidence.condition));
        if !is_weaker && declared(context, &evidence.condition).is_none() {
            let mut prose = condition(context, &evidence.condition);
            let why = match evidence.condition {
                Condition::Unique(..) => ", so that there is one solution",
                _ => ", as what was typed must be defined",
            };
            prose.push(Inline::Text(why.into()));
            all.push(prose);
        }
    }
    let mut unique: Vec<Prose> = Vec::new();
    for prose in all {
        if !unique.contains(&prose) {
            unique.push(prose);
        }
    }
    unique
}

/// The assumptions that an answer rests on, in the order in which they were made.
fn cited(context: &Context, answer: &Answer) -> BTreeSet<AssumptionId> {
    let mut ids = answer.assumptions.clone();
    for evidence in &answer.evidence {
        ids.extend(&evidence.assumptions);
        ids.extend(declared(context, &evidence.condition).filter(|_| is_presupposed(evidence)));
    }
    ids.extend(context.assumptions().filter(|(_, known)| is_met(context, answer, &known.claim)).map(|(id, _)| id));
    ids
}

/// The declaration of a name that says what a condition asks for.
fn declared(context: &Context, condition: &Condition) -> Option<AssumptionId> {
    let Condition::Property(property, term) = condition else { return None };
    let symbol = context.terms.as_symbol(*term)?;
    context.info(symbol).properties.get(property).copied()
}

/// An answer that contains ∂f/∂x of an undefined f assumes that f is differentiable in x.
fn is_met(context: &Context, answer: &Answer, claim: &Claim) -> bool {
    let Claim::Differentiable(f, x) = claim else { return false };
    context.terms.any(answer.value, |part| match (context.terms.op(part), context.terms.args(part)) {
        (Op::Partial, &[of, by]) => context.terms.as_symbol(of) == Some(*f) && context.terms.as_symbol(by) == Some(*x),
        _ => false,
    })
}

fn is_presupposed(evidence: &Evidence) -> bool {
    evidence.presupposed && !evidence.excluded && evidence.assumptions.is_empty()
}

fn condition(context: &Context, condition: &Condition) -> Prose {
    let math = |term: &Term| Inline::Math(Formula::term(context, *term));
    match condition {
        Condition::Unique(property, term) => self::condition(context, &Condition::Property(*property, *term)),
        Condition::Property(Property::Nonzero, term) | Condition::AwayFromZero(term) => {
            let everywhere = if context.terms.shape(*term).is_scalar() { "" } else { " in every entry" };
            vec![math(term), Inline::Text(format!(" nonzero{everywhere}"))]
        }
        Condition::Property(property, term) => {
            vec![math(term), Inline::Text(format!(" {}", print::property(*property)))]
        }
        Condition::Constant(term) => vec![math(term), Inline::Text(" constant".into())],
        Condition::Regular(term) => {
            vec![math(term), Inline::Text(", and this equation linearised has exactly one solution".into())]
        }
        Condition::Determined(term) => vec![Inline::Text("exactly one ".into()), math(term)],
    }
}

/// The points that the answer leaves out.
pub fn excluded(context: &Context, answer: &Answer) -> Vec<Prose> {
    let listed = answer.excluded.iter().filter(|exclusion| !exclusion.vanishing.is_some_and(Vanishing::everywhere));
    listed.map(|exclusion| vanishing(context, exclusion)).collect()
}

/// `zᵢ = 0 for some i`; of entries that are 0 for every input, nothing is said.
fn vanishing(context: &Context, exclusion: &Exclusion) -> Prose {
    let term = exclusion.term;
    let shape = context.terms.shape(term);
    if shape.is_scalar() {
        return vec![Inline::Math(Formula::new(|spelling| format!("{} = 0", print::term(context, term, spelling))))];
    }
    let indices = free_indices(context, shape);
    let entry = Formula::new(|spelling| format!("{} = 0", entry(context, term, &indices, spelling)));
    let names = match (&indices[..], exclusion.vanishing.and_then(|zero| relation(!zero.below, !zero.on, !zero.above)))
    {
        ([i, j], Some(relation)) => Formula::new(|spelling| format!("{i} {} {j}", spelled(relation, spelling))),
        _ => Formula::new(|_| indices.join(", ")),
    };
    vec![Inline::Math(entry), Inline::Text(" for some ".into()), Inline::Math(names)]
}

fn spelled(relation: &str, spelling: Spelling) -> &str {
    match (spelling, relation) {
        (Spelling::Latex, "≠") => "\\neq",
        (Spelling::Latex, "≥") => "\\geq",
        (Spelling::Latex, "≤") => "\\leq",
        (Spelling::Ascii, "≠") => "!=",
        (Spelling::Ascii, "≥") => ">=",
        (Spelling::Ascii, "≤") => "<=",
        _ => relation,
    }
}

/// Names of indices that mean nothing else: one for a vector, two for a matrix.
fn free_indices(context: &Context, shape: &Shape) -> Vec<&'static str> {
    let count = if shape.is_vector() || shape.is_row() { 1 } else { 2 };
    let free = ["i", "j", "k", "l", "p", "q"].into_iter().filter(|name| context.lookup(name).is_none());
    let mut names: Vec<&str> = free.take(count).collect();
    if names.len() < count {
        names = ["i", "j"].into_iter().take(count).collect();
    }
    names
}

/// `z_i`, `(W x)_i`, `X_ij`.
fn entry(context: &Context, term: Term, indices: &[&str], spelling: Spelling) -> String {
    let bare = match context.terms.op(term) {
        Op::Symbol(symbol) => !context.name(*symbol).contains(['_', '^']),
        _ => false,
    };
    let base = print::term(context, term, spelling);
    let base = if bare { base } else { format!("({base})") };
    match (spelling, indices) {
        (Spelling::Unicode, _) => format!("{base}{}", indices.iter().map(|i| subscript(i)).collect::<String>()),
        (_, [one]) => format!("{base}_{one}"),
        (Spelling::Latex, _) => format!("{base}_{{{}}}", indices.join(" ")),
        (Spelling::Ascii, _) => format!("{base}_{}", indices.concat()),
    }
}

fn subscript(index: &str) -> &'static str {
    match index {
        "i" => "ᵢ",
        "j" => "ⱼ",
        "k" => "ₖ",
        "l" => "ₗ",
        "p" => "ₚ",
        _ => "_q",
    }
}

fn would_help(context: &Context, answer: &Answer) -> Vec<Prose> {
    let claims = answer.claims_would_help.iter().map(|claim| print::claim(context, claim));
    let mut all: Vec<Prose> = claims.collect();
    all.extend(answer.would_help.iter().map(|wish| wished(context, wish)));
    all
}

fn wished(context: &Context, wish: &Condition) -> Prose {
    let Condition::Property(Property::Simplex, term) = wish else { return condition(context, wish) };
    vec![Inline::Math(Formula::new(|spelling| {
        let term = print::term(context, *term, spelling);
        match spelling {
            Spelling::Latex => format!("\\mathbf{{1}}^{{\\top}} {term} = 1"),
            _ => format!("sum({term}) = 1"),
        }
    }))]
}

/// The value that was chosen at a kink, where it was used.
fn convention(answer: &Answer) -> Option<Prose> {
    let at_kinks = answer.checked.as_ref().is_some_and(|checked| checked.at_kinks > 0);
    let value = match answer.kink {
        Kink::Zero => "0",
        Kink::One => "1",
        Kink::Half => "1/2",
        Kink::Excluded => return answer.convention.as_ref().map(|words| print::reason(words)),
    };
    let chosen = format!("ReLU′(0) = {value}, which is a choice and not a theorem");
    (at_kinks || answer.convention.is_some()).then(|| print::reason(&chosen))
}

fn not_used(answer: &Answer) -> Vec<Prose> {
    match answer.not_used.as_slice() {
        [] => Vec::new(),
        [one] => vec![print::plain(format!("{one} (it is the claim)"))],
        rules => vec![print::plain(format!("{} (they are the claim)", rules.join(", ")))],
    }
}

/// `exact mod 2⁶¹ − 1, 6 points, m ∈ {2, 3, 4}`.
fn checked(context: &Context, checked: &Checked, second_opinion: bool) -> Prose {
    let mut prose = match checked.method {
        Method::ExactModP => vec![Inline::Text("exact mod ".into()), Inline::Math(prime())],
        Method::RandomSigns => {
            let signs = Inline::Text(", with random signs".into());
            vec![Inline::Text("exact mod ".into()), Inline::Math(prime()), signs]
        }
        Method::Float => print::plain("dual numbers in 64-bit floats"),
    };
    prose.push(Inline::Text(format!(", {}", counted(checked.points, "point"))));
    for run in checked.sizes.chunk_by(|a, b| a.1 == b.1) {
        prose.push(Inline::Text(", ".into()));
        prose.push(Inline::Math(sizes_met(run)));
    }
    if checked.at_kinks > 0 {
        prose.push(Inline::Text(format!(", {} on kinks", counted(checked.at_kinks, "point"))));
    }
    if checked.zero {
        prose.push(Inline::Text(", zero at every one".into()));
    }
    for term in &checked.one_sided {
        prose.push(Inline::Text(", one sign only of ".into()));
        prose.push(Inline::Math(Formula::term(context, *term)));
    }
    if second_opinion {
        prose.push(Inline::Text("; index form agrees".into()));
    }
    prose
}

/// 2⁶¹ − 1, the modulus of exact checks.
fn prime() -> Formula {
    Formula { unicode: "2⁶¹−1".into(), ascii: "2^61-1".into(), latex: "2^{61} - 1".into() }
}

/// `M, D ∈ {2, 3}`, or `m = 2`.
fn sizes_met(run: &[(String, Vec<usize>)]) -> Formula {
    let sizes: Vec<String> = run.iter().take(1).flat_map(|(_, sizes)| sizes).map(usize::to_string).collect();
    Formula::new(|spelling| {
        let names: Vec<String> = run.iter().map(|(name, _)| print::name(name, spelling)).collect();
        let names = names.join(", ");
        match (sizes.as_slice(), spelling) {
            ([one], _) => format!("{names} = {one}"),
            (_, Spelling::Unicode) => format!("{names} ∈ {{{}}}", sizes.join(", ")),
            (_, Spelling::Ascii) => format!("{names} in {{{}}}", sizes.join(", ")),
            (_, Spelling::Latex) => format!("{names} \\in \\{{{}\\}}", sizes.join(", ")),
        }
    })
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// What else is to be known about an answer, for records: what would help, conventions, rules that were not used.
pub fn remarks(context: &Context, answer: &Answer) -> Vec<Prose> {
    let prefixed = |label: &str, all: Vec<Prose>| -> Vec<Prose> {
        let with = |prose: Prose| [print::plain(format!("{label}: ")), prose].concat();
        all.into_iter().map(with).collect()
    };
    let mut all = prefixed("simpler if", would_help(context, answer));
    all.extend(prefixed("convention", convention(answer).into_iter().collect()));
    all.extend(prefixed("not used", not_used(answer)));
    all
}

/// What stopped a search, in words.
pub fn limit(context: &Context, limit: &Limit) -> String {
    let show = |term: Term| print::term(context, term, Spelling::Unicode);
    match limit {
        Limit::Other { found } => format!("what follows is another value, {}", show(*found)),
        Limit::NotLinear => {
            "the unknown derivative does not stand in exactly one term of the differentiated equation".into()
        }
        Limit::NotInvertible(term) => format!("nothing says that {} is invertible", show(*term)),
        Limit::Refused(_) => "a derivative on the way is not known".into(),
        Limit::NoStrategy => "no strategy applies to this claim".into(),
        Limit::EGraph(reason) => format!("the search for equal forms stopped: {reason}"),
    }
}
