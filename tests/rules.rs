//! All rules, checked without anyone writing a test for one of them.

use gradus::audit::{Fault, audit};
use gradus::rules::{Class, FILES, RuleFile, RuleSet, load};

#[test]
fn the_rule_files_load() {
    let (_, errors) = load(FILES);
    for error in &errors {
        let text = FILES.iter().find(|file| file.name == error.file).map_or("", |file| file.text);
        let at = error.diagnostic.span().map_or("", |span| span.of(text));
        println!(
            "{}: {} | {at} | {:?}",
            error.file,
            error.diagnostic.title,
            error.diagnostic.labels.iter().map(|l| &l.text).collect::<Vec<_>>()
        );
    }
    assert!(errors.is_empty());
}

#[test]
fn every_rule_passes_the_audit() {
    let rules = RuleSet::standard();
    let mut faults = Vec::new();
    for (id, rule) in rules.iter() {
        for fault in audit(rules, id, 1) {
            faults.push(format!("{}: {fault}", rule.name));
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

// ── wrong rules are refused ──────────────────────────────────────────────────────────────────────────────────────────

/// What stops a wrong rule.
#[derive(Debug, PartialEq)]
enum Stopped {
    /// It does not load; the code of the diagnostic.
    Loading(&'static str),
    /// The audit finds a fault of this kind.
    Audit(&'static str),
}
use Stopped::{Audit, Loading};

/// Letters for all planted rules.
const LETTERS: &str =
    "let A, B : m×n\nlet P : n×p\nlet S, R, T : n×n\nlet K : m×p\nlet G : m×p\nlet x, y : n×1\nlet a, c : scalar\n\n";

/// Each mistake that somebody could make, and what stops it.
const PLANTED: &[(&str, Stopped)] = &[
    // Swapped factors: the shapes already differ.
    ("rule d-matmul\n    d(A*P)  =>  d(P)*A + P*d(A)\n    source x\n", Loading("E0202")),
    ("rule d-matmul-square\n    d(S*R)  =>  d(R)*S + R*d(S)\n    source x\n", Audit("differs")),
    // A wrong sign.
    ("rule d-inv\n    d(S^-1)  =>  S^-1*d(S)*S^-1\n    where invertible(S)\n    source x\n", Audit("differs")),
    ("rule d-cos\n    d(cos(A))  =>  sin(A).*d(A)\n    source x\n", Audit("differs")),
    // A missing factor, a missing square.
    ("rule d-power\n    d(A.^c)  =>  A.^(c-1) .* d(A)\n    where integer(c)\n    source x\n", Audit("differs")),
    (
        "rule d-quotient\n    d(A./B)  =>  d(A)./B - (A.*d(B))./B\n    where nonzero(B)\n    source x\n",
        Audit("differs"),
    ),
    // A missing transpose: with other shapes, and with shapes that hide it.
    ("rule adj-left\n    class adjoint\n    inner(G, A*P)  =>  inner(A*G, P)\n    source x\n", Loading("E0011")),
    ("rule adj-left\n    inner(G, A*P)  =>  inner(A*G, P)\n    source x\n", Loading("E0202")),
    ("rule adj-square\n    inner(S, R*T)  =>  inner(R*S, T)\n    source x\n", Audit("differs")),
    ("rule transpose-product\n    class normal\n    (S*R)'  =>  S'*R'\n    source x\n", Loading("E0011")),
    ("rule transpose-square\n    (S*R)'  =>  S'*R'\n    source x\n", Audit("differs")),
    // A wrong shape.
    ("rule d-trace\n    d(tr(S))  =>  d(S)\n    source x\n", Loading("E0205")),
    ("rule vec-transpose\n    vec(A')  =>  commutation(n, m)*vec(A)\n    source x\n", Audit("differs")),
    // A missing condition.
    ("rule diag-ratio\n    A ./ A  =>  ones(m, n)\n    source x\n", Audit("does not fire")),
    ("rule undo-ratio\n    A .* B  =>  (A .* B) .* (a/a)\n    source x\n", Loading("E0011")),
    ("rule undo-scalar-ratio\n    a*A  =>  (a*A)*(a/a)\n    source x\n", Audit("undefined")),
    ("rule halves\n    A .* B  =>  (A .* B) .* (A ./ A)\n    source x\n", Audit("undefined")),
    ("rule transpose\n    S'  =>  S\n    source x\n", Audit("differs")),
    ("rule orthogonal\n    S*S'  =>  eye(n)\n    where symmetric(S)\n    source x\n", Audit("differs")),
    ("rule log-product\n    log(a*c)  =>  log(a) + log(c)\n    source x\n", Audit("undefined")),
    ("rule sum-one\n    sum(x)  =>  1\n    where nonnegative(x)\n    source x\n", Audit("differs")),
    ("rule root-of-square\n    (a^2)^(1/2)  =>  a\n    source x\n", Audit("differs")),
    ("rule d-relu-zero\n    d(relu(A))  =>  stepc(A).*d(A)\n    kink 0\n    source x\n", Audit("differs")),
    ("rule exp-matrix\n    expm(S + R)  =>  expm(S)*expm(R)\n    source x\n", Audit("differs")),
    ("rule det-sum\n    det(S + R)  =>  det(S) + det(R)\n    source x\n", Audit("differs")),
    (
        "rule logs\n    log(A + B)  =>  log(A) + log(B)\n    where positive(A), positive(B)\n    source x\n",
        Audit("differs"),
    ),
    // A condition that is not needed.
    ("rule d-sum\n    d(A + B)  =>  d(A) + d(B)\n    where positive(A)\n    source x\n", Audit("not needed")),
    ("rule d-transpose\n    d(S')  =>  d(S)'\n    where symmetric(S)\n    source x\n", Audit("not needed")),
    // An example that is not one, a near miss that is a hit.
    (
        "rule d-kron\n    d(kron(A, P))  =>  kron(d(A), P) + kron(A, d(P))\n    example d(kron(W, W))  =>  kron(d(W), W)\n    source x\n",
        Audit("example"),
    ),
    ("rule d-trans\n    d(A')  =>  d(A)'\n    near-miss d(W')\n    source x\n", Audit("near miss")),
    // Growth.
    ("rule zero\n    class collect\n    A + B  =>  A + B + A - A\n    source x\n", Loading("E0011")),
    (
        "rule blow-up\n    tr(S)  =>  tr(S*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R*R)\n    source x\n",
        Loading("E0011"),
    ),
    // Not a rule at all.
    ("rule unbound\n    A  =>  A + B\n    source x\n", Loading("E0011")),
    ("rule unbound-size\n    a  =>  a*tr(eye(q))\n    source x\n", Loading("E0101")),
    ("rule unknown-condition\n    A'  =>  A'\n    where pretty(A)\n    source x\n", Loading("E0011")),
    ("rule unknown-class\n    A'  =>  A'\n    class pretty\n    source x\n", Loading("E0011")),
    ("rule unknown-field\n    A'  =>  A'\n    colour blue\n    source x\n", Loading("E0011")),
    ("rule no-source\n    A'  =>  A'\n", Loading("E0011")),
    (
        "rule twice\n    d(A')  =>  d(A)'\n    source x\n\nrule twice\n    d(A')  =>  d(A)'\n    source x\n",
        Loading("E0105"),
    ),
];

fn kind(fault: &Fault) -> &'static str {
    match fault {
        Fault::Differs(_) => "differs",
        Fault::RightUndefined(_) => "undefined",
        Fault::NeverDefined => "never defined",
        Fault::Unnecessary(_) => "not needed",
        Fault::DoesNotFire => "does not fire",
        Fault::GivesSomethingElse => "gives something else",
        Fault::Unreadable(_) => "unreadable",
        Fault::ExampleFails => "example",
        Fault::NearMissFires => "near miss",
        Fault::Grows(..) => "grows",
        Fault::NotWhatTheBuilderDoes => "not the builder",
    }
}

#[test]
fn planted_wrong_rules_are_refused() {
    let mut surprises = Vec::new();
    for (text, expected) in PLANTED {
        let text = format!("{LETTERS}{text}");
        let (rules, errors) = load(&[RuleFile { name: "planted", class: Class::Lemma, text: &text }]);
        let found: Vec<Stopped> = match errors.as_slice() {
            [] => rules.iter().flat_map(|(id, _)| audit(&rules, id, 1)).map(|fault| Audit(kind(&fault))).collect(),
            errors => errors.iter().map(|error| Loading(error.diagnostic.code)).collect(),
        };
        if !found.contains(expected) {
            surprises.push(format!("{}: {expected:?} expected, {found:?} found", text.trim_start_matches(LETTERS)));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[test]
fn a_rule_with_two_shapes_names_itself_and_both() {
    let text = format!("{LETTERS}rule d-trace\n    d(tr(S))  =>  d(S)\n    source x\n");
    let (_, errors) = load(&[RuleFile { name: "planted", class: Class::Lemma, text: &text }]);
    let diagnostic = &errors[0].diagnostic;
    assert_eq!(diagnostic.title, "the sides of the rule `d-trace` have different shapes");
    let labels: Vec<&str> = diagnostic.labels.iter().map(|label| label.text.as_str()).collect();
    assert_eq!(labels, ["this has shape scalar", "this has shape n×n"]);
}

#[test]
fn every_normalisation_has_its_entry() {
    let rules = RuleSet::standard();
    let mut entries: Vec<&str> =
        rules.iter().filter(|(_, rule)| rule.class == Class::Normal).map(|(_, rule)| rule.name.as_str()).collect();
    entries.sort_unstable();
    assert_eq!(entries, gradus::ir::normal::RULES);
}

#[test]
fn every_rule_can_be_read() {
    for (_, rule) in RuleSet::standard().iter() {
        assert!(!rule.doc.is_empty() && !rule.reason.is_empty() && !rule.source.is_empty(), "{}", rule.name);
        assert!(rule.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{}", rule.name);
    }
}
