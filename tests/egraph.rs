//! The e-graph: the forms it must find, from small rule sets built by hand, and that what it finds does not depend
//! on anything but the question.

use gradus::egraph::{
    Hypothesis, Options, Origin, Rewrites, Simplified, Stop, Verdict, classes, differentiate, equal, simplify,
};
use gradus::eval::{Model, Plan, Value};
use gradus::facts::Facts;
use gradus::ir::{Context, Definition, Function, Op, Property, Symbol, SymbolKind, Term, normal::Normal};
use gradus::rules::{Class, Rule, RuleSet};
use gradus::shape::{Dim, Shape};
use gradus::trace::{Inference, Justification, Level, Statement};

/// Raw terms, written shortly.
struct Build<'a>(&'a mut Context);

impl Build<'_> {
    fn op(&mut self, op: Op, args: &[Term]) -> Term {
        self.0.terms.make(op, args)
    }
    fn var(&mut self, name: &str, shape: Shape) -> Term {
        let symbol = self.0.declare(name, shape, SymbolKind::Variable);
        self.0.terms.symbol(symbol)
    }
    fn num(&mut self, value: i64) -> Term {
        self.0.terms.integer(value)
    }
    fn add(&mut self, args: &[Term]) -> Term {
        self.op(Op::Sum, args)
    }
    fn mul(&mut self, args: &[Term]) -> Term {
        self.op(Op::Product, args)
    }
    fn had(&mut self, args: &[Term]) -> Term {
        self.op(Op::Hadamard, args)
    }
    fn div(&mut self, a: Term, b: Term) -> Term {
        self.op(Op::Quotient, &[a, b])
    }
    fn t(&mut self, a: Term) -> Term {
        self.op(Op::Transpose, &[a])
    }
    fn inv(&mut self, a: Term) -> Term {
        self.op(Op::Inverse, &[a])
    }
    fn neg(&mut self, a: Term) -> Term {
        let minus = self.num(-1);
        self.mul(&[minus, a])
    }
    fn sub(&mut self, a: Term, b: Term) -> Term {
        let b = self.neg(b);
        self.add(&[a, b])
    }
    fn call(&mut self, function: Function, a: Term) -> Term {
        self.op(Op::Call(function), &[a])
    }
    fn square(&mut self, a: Term) -> Term {
        let two = self.num(2);
        self.op(Op::ElementPower, &[a, two])
    }
    fn d(&mut self, a: Term) -> Term {
        self.op(Op::Differential, &[a])
    }
    fn ones(&mut self, shape: &Shape) -> Term {
        self.0.terms.ones(shape)
    }
    fn normal(&mut self, a: Term) -> Term {
        Normal::new(&mut self.0.terms).term(a)
    }
    /// A defined name.
    fn define(&mut self, name: &str, raw: Term) -> (Symbol, Term) {
        let normal = self.normal(raw);
        let shape = self.0.terms.shape(raw).clone();
        let kind = SymbolKind::Definition(Definition { raw, normal });
        let symbol = self.0.declare(name, shape, kind);
        (symbol, self.0.terms.symbol(symbol))
    }
    fn dim(&mut self, name: &str) -> Dim {
        self.0.dim(name)
    }
}

fn rule(context: &Context, class: Class, name: &str, lhs: Term, rhs: Term, both_ways: bool) -> Rule {
    let metas = context.symbols_in(lhs).into_iter().chain(context.symbols_in(rhs));
    let mut metavariables: Vec<Symbol> = metas.collect();
    metavariables.sort();
    metavariables.dedup();
    Rule {
        name: name.to_owned(),
        file: "test".to_owned(),
        class,
        metavariables,
        lhs,
        rhs,
        both_ways,
        conditions: Vec::new(),
        kink: None,
        reason: name.to_owned(),
        doc: String::new(),
        headline: false,
        example: None,
        near_miss: None,
        source: String::new(),
        exists: None,
    }
}

/// A small part of the rule table, and the planted rules of a test.
fn rule_set(planted: impl FnOnce(&mut Build<'_>, &mut Vec<Rule>)) -> RuleSet {
    let mut context = Context::new();
    let mut b = Build(&mut context);
    let (m, n, k) = (b.dim("m"), b.dim("n"), b.dim("k"));
    let shape = Shape::matrix(m.clone(), n.clone());
    let mut rules = Vec::new();
    let (p, q, r) = (b.var("P", shape.clone()), b.var("Q", shape.clone()), b.var("R", shape.clone()));
    let left = b.var("L", Shape::matrix(k.clone(), m.clone()));
    let right = b.var("T", Shape::matrix(n.clone(), k));
    let ones = b.ones(&shape);

    let sum = b.add(&[p, q]);
    let (lhs, other) = (b.div(p, sum), b.div(q, sum));
    let rhs = b.sub(ones, other);
    rules.push(rule(b.0, Class::Taste, "quotient-complement", lhs, rhs, false));

    let (x, y) = (b.had(&[p, r]), b.had(&[q, r]));
    let (expanded, factored) = (b.add(&[x, y]), b.had(&[sum, r]));
    rules.push(rule(b.0, Class::Taste, "factor-hadamard", expanded, factored, true));

    let (x, y) = (b.mul(&[left, p]), b.mul(&[left, q]));
    let (expanded, factored) = (b.add(&[x, y]), b.mul(&[left, sum]));
    rules.push(rule(b.0, Class::Taste, "factor-left", expanded, factored, false));

    let (x, y) = (b.mul(&[p, right]), b.mul(&[q, right]));
    let (expanded, factored) = (b.add(&[x, y]), b.mul(&[sum, right]));
    rules.push(rule(b.0, Class::Taste, "factor-right", expanded, factored, false));

    let relu = b.call(Function::Relu, p);
    let (step, sign) = (b.call(Function::Step, p), b.call(Function::Sign, relu));
    rules.push(rule(b.0, Class::Taste, "step-sign-relu", step, sign, true));

    let (dp, dq, dl) = (b.d(p), b.d(q), b.d(left));
    let (lhs, rhs) = (b.d(sum), b.add(&[dp, dq]));
    rules.push(rule(b.0, Class::Differential, "d-sum", lhs, rhs, false));
    let product = b.mul(&[left, p]);
    let lhs = b.d(product);
    let (x, y) = (b.mul(&[dl, p]), b.mul(&[left, dp]));
    let rhs = b.add(&[x, y]);
    rules.push(rule(b.0, Class::Differential, "d-mul", lhs, rhs, false));
    let transposed = b.t(p);
    let (lhs, rhs) = (b.d(transposed), b.t(dp));
    rules.push(rule(b.0, Class::Differential, "d-transpose", lhs, rhs, false));
    let square = b.var("S", Shape::matrix(m.clone(), m));
    let (inverse, ds) = (b.inv(square), b.d(square));
    let lhs = b.d(inverse);
    let product = b.mul(&[inverse, ds, inverse]);
    let rhs = b.neg(product);
    rules.push(rule(b.0, Class::Differential, "d-inv", lhs, rhs, false));
    let exp = b.call(Function::Exp, p);
    let (lhs, rhs) = (b.d(exp), b.had(&[exp, dp]));
    rules.push(rule(b.0, Class::Differential, "d-exp", lhs, rhs, false));

    planted(&mut b, &mut rules);
    RuleSet::new(context, rules)
}

fn rewrites() -> Rewrites {
    Rewrites::compile(&rule_set(|_, _| ()))
}

fn definition(context: &mut Context, symbol: Symbol) -> Hypothesis {
    Hypothesis::definition(context, symbol).expect("a definition")
}

fn standard() -> &'static Rewrites {
    static STANDARD: std::sync::OnceLock<Rewrites> = std::sync::OnceLock::new();
    STANDARD.get_or_init(|| Rewrites::compile(RuleSet::standard()))
}

/// As [`finish`], by the rules of the project.
fn finish_standard(context: &mut Context, term: Term, hypotheses: &[Hypothesis]) -> Simplified {
    let raw = term;
    let term = Normal::new(&mut context.terms).term(term);
    let facts = Facts::new(context, &[], &[raw]);
    let found = simplify(context, standard(), &facts, term, hypotheses, &Options::default());

    check_steps(&found, term);
    found
}

#[test]
fn the_rules_of_the_project() {
    assert_eq!(standard().skipped(), Vec::<String>::new());
    let mut context = Context::new();
    let (term, expected, given) = sigmoid(&mut context);
    assert_eq!(finish_standard(&mut context, term, &[given]).term, expected);
    let mut context = Context::new();
    let (term, expected, given) = tanh(&mut context);
    assert_eq!(finish_standard(&mut context, term, &[given]).term, expected);
    let mut context = Context::new();
    let (term, expected, given) = backward(&mut context);
    assert_eq!(finish_standard(&mut context, term, &given).term, expected);
    let mut context = Context::new();
    let mut b = Build(&mut context);
    let (x, y, factored) = least_squares(&mut b);
    let term = b.sub(x, y);
    let expected = b.normal(factored);
    assert_eq!(finish_standard(&mut context, term, &[]).term, expected);
}

/// The best form of a raw term; checks that steps lead there and that asking for steps changes nothing.
fn finish(context: &mut Context, term: Term, hypotheses: &[Hypothesis]) -> Simplified {
    let term = Normal::new(&mut context.terms).term(term);
    let facts = Facts::new(context, &[], &[]);
    let rewrites = rewrites();
    let options = Options::default();
    let found = simplify(context, &rewrites, &facts, term, hypotheses, &options);
    let silent = simplify(context, &rewrites, &facts, term, hypotheses, &Options { steps: false, ..options });
    assert_eq!(found.term, silent.term, "explanations changed the answer");
    assert_eq!((found.stop, found.nodes), (silent.stop, silent.nodes));
    if found.stop == Stop::Saturated {
        check_steps(&found, term);
    }
    found
}

/// The steps lead from `term` to the answer, and each is explained.
fn check_steps(found: &Simplified, term: Term) {
    let mut at = Statement::Term(term);
    for step in &found.steps {
        assert_eq!(step.before, at);
        let together = matches!(step.by, Justification::Inference(Inference::Together(_)));
        assert!(!together, "a step was not explained: {:?}", found.steps);
        at = step.after;
    }
    assert_eq!(at, Statement::Term(found.term));
}

fn names(found: &Simplified) -> Vec<String> {
    let name = |by: &Justification| match by {
        Justification::Rule(name) => name.clone(),
        Justification::Inference(inference) => format!("{inference:?}"),
    };
    found.steps.iter().map(|step| name(&step.by)).collect()
}

/// S = 1/(1+e^{−Y}), and e^{−Y} ⊘ (1+e^{−Y})².
fn sigmoid(context: &mut Context) -> (Term, Term, Hypothesis) {
    let mut b = Build(context);
    let shape = Shape::matrix(b.dim("N"), b.dim("M"));
    let y = b.var("Y", shape.clone());
    let minus = b.neg(y);
    let e = b.call(Function::Exp, minus);
    let ones = b.ones(&shape);
    let below = b.add(&[ones, e]);
    let body = b.div(ones, below);
    let (symbol, s) = b.define("S", body);
    let square = b.square(below);
    let term = b.div(e, square);
    let complement = b.sub(ones, s);
    let expected = b.had(&[s, complement]);
    let expected = b.normal(expected);
    (term, expected, definition(context, symbol))
}

#[test]
fn derivative_of_the_sigmoid() {
    let mut context = Context::new();
    let (term, expected, given) = sigmoid(&mut context);
    let found = finish(&mut context, term, &[given]);
    assert_eq!(found.term, expected, "{found:?}");
    assert_eq!(found.stop, Stop::Saturated);
    assert!(found.nodes < 100, "{} e-nodes", found.nodes);
}

/// T = (P−Q)⊘(P+Q), and ((P+Q)² − (P−Q)²) ⊘ (P+Q)².
fn tanh(context: &mut Context) -> (Term, Term, Hypothesis) {
    let mut b = Build(context);
    let shape = Shape::matrix(b.dim("N"), b.dim("M"));
    let y = b.var("Y", shape.clone());
    let minus = b.neg(y);
    let (p, q) = (b.call(Function::Exp, y), b.call(Function::Exp, minus));
    let (sum, difference) = (b.add(&[p, q]), b.sub(p, q));
    let body = b.div(difference, sum);
    let (symbol, t) = b.define("T", body);
    let (x, y) = (b.had(&[sum, sum]), b.had(&[difference, difference]));
    let (above, below) = (b.sub(x, y), b.square(sum));
    let term = b.div(above, below);
    let (ones, square) = (b.ones(&shape), b.square(t));
    let expected = b.sub(ones, square);
    let expected = b.normal(expected);
    (term, expected, definition(context, symbol))
}

#[test]
fn derivative_of_tanh() {
    let mut context = Context::new();
    let (term, expected, given) = tanh(&mut context);
    let found = finish(&mut context, term, &[given]);
    assert_eq!(found.term, expected, "{found:?}");
}

/// δ₁ = ŷ − y, h = relu(z), and (Uᵀ(ŷ−y)) ⊙ step(z).
fn backward(context: &mut Context) -> (Term, Term, Vec<Hypothesis>) {
    let mut b = Build(context);
    let (c, m) = (b.dim("C"), b.dim("M"));
    let u = b.var("U", Shape::matrix(c.clone(), m.clone()));
    let z = b.var("z", Shape::vector(m));
    let (yhat, y) = (b.var("yhat", Shape::vector(c.clone())), b.var("y", Shape::vector(c)));
    let relu = b.call(Function::Relu, z);
    let difference = b.sub(yhat, y);
    let (h_symbol, h) = b.define("h", relu);
    let (delta_symbol, delta) = b.define("delta_1", difference);
    let ut = b.t(u);
    let (back, step) = (b.mul(&[ut, difference]), b.call(Function::Step, z));
    let term = b.had(&[back, step]);
    let (back, sign) = (b.mul(&[ut, delta]), b.call(Function::Sign, h));
    let expected = b.had(&[back, sign]);
    let expected = b.normal(expected);
    (term, expected, vec![definition(context, h_symbol), definition(context, delta_symbol)])
}

#[test]
fn names_are_folded_back() {
    let mut context = Context::new();
    let (term, expected, given) = backward(&mut context);
    let found = finish(&mut context, term, &given);
    assert_eq!(found.term, expected, "{found:?}");
}

#[test]
fn a_sum_that_is_one() {
    let mut context = Context::new();
    let mut b = Build(&mut context);
    let c = b.dim("C");
    let (yhat, y) = (b.var("yhat", Shape::vector(c.clone())), b.var("y", Shape::vector(c)));
    let sum = b.call(Function::SumAll, y);
    let scaled = b.mul(&[sum, yhat]);
    let term = b.sub(scaled, y);
    let expected = b.sub(yhat, y);
    let expected = b.normal(expected);
    let one = b.num(1);
    let given = Hypothesis { lhs: sum, rhs: one, origin: Origin::Lemma("given".to_owned()) };
    let found = finish(&mut context, term, &[given]);
    assert_eq!(found.term, expected, "{found:?}");
    assert_eq!(names(&found), ["given"]);
}

/// A, x, b and the terms AᵀAx, Aᵀb.
fn least_squares(b: &mut Build<'_>) -> (Term, Term, Term) {
    let (m, n) = (b.dim("m"), b.dim("n"));
    let a = b.var("A", Shape::matrix(m.clone(), n.clone()));
    let x = b.var("x", Shape::vector(n));
    let rhs = b.var("b", Shape::vector(m));
    let (at, ax) = (b.t(a), b.mul(&[a, x]));
    let residual = b.sub(ax, rhs);
    let (one, two) = (b.mul(&[at, a, x]), b.mul(&[at, rhs]));
    let factored = b.mul(&[at, residual]);
    (one, two, factored)
}

#[test]
fn common_factors_come_out() {
    let mut context = Context::new();
    let mut b = Build(&mut context);
    let (x, y, factored) = least_squares(&mut b);
    let term = b.sub(x, y);
    let expected = b.normal(factored);
    let two = b.num(2);
    let (x2, y2) = (b.mul(&[two, x]), b.mul(&[two, y]));
    let doubled = b.sub(x2, y2);
    let factored = b.mul(&[two, factored]);
    let expected_doubled = b.normal(factored);
    let found = finish(&mut context, term, &[]);
    assert_eq!(found.term, expected, "{found:?}");
    assert_eq!(names(&found), ["factor-left"]);
    let found = finish(&mut context, doubled, &[]);
    assert_eq!(found.term, expected_doubled, "{found:?}");
    assert_eq!(names(&found), ["factor-left"]);
}

fn prove(context: &mut Context, a: Term, b: Term, hypotheses: &[Hypothesis]) -> Verdict {
    let facts = Facts::new(context, &[], &[]);
    equal(context, &rewrites(), &facts, (a, b), hypotheses, &Options::default())
}

#[test]
fn equalities_under_hypotheses() {
    let mut context = Context::new();
    let mut b = Build(&mut context);
    let (n, k) = (b.dim("n"), b.dim("k"));
    let x = b.var("X", Shape::matrix(n.clone(), k.clone()));
    let xt = b.t(x);
    let gram = b.mul(&[xt, x]);
    let inverse = b.inv(gram);
    let hat = b.mul(&[x, inverse, xt]);
    let square = b.mul(&[hat, hat]);
    let q = b.var("Q", Shape::matrix(n.clone(), n.clone()));
    let v = b.var("v", Shape::vector(n.clone()));
    let w = b.var("w", Shape::vector(n.clone()));
    let (qv, two) = (b.mul(&[q, v]), b.num(2));
    let (norm, plain) = (b.call(Function::Norm2, qv), b.call(Function::Norm2, v));
    let (norm, plain) = (b.op(Op::Power, &[norm, two]), b.op(Op::Power, &[plain, two]));
    let qt = b.t(q);
    let orthogonal = b.mul(&[qt, q]);
    let other = b.call(Function::Norm2, w);
    let other = b.op(Op::Power, &[other, two]);
    let identity = b.0.terms.identity(n);
    let given = Hypothesis { lhs: orthogonal, rhs: identity, origin: Origin::Lemma("orthogonal".to_owned()) };
    assert_eq!(prove(&mut context, square, hat, &[]), Verdict::Proved { steps: Vec::new() });
    match prove(&mut context, norm, plain, std::slice::from_ref(&given)) {
        Verdict::Proved { steps } => assert_eq!(steps.len(), 1, "{steps:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(prove(&mut context, norm, plain, &[]), Verdict::NotFound { stop: Stop::Saturated });
    assert_eq!(prove(&mut context, norm, other, &[given]), Verdict::NotFound { stop: Stop::Saturated });
}

#[test]
fn differentials_go_to_the_names() {
    let mut context = Context::new();
    let mut b = Build(&mut context);
    let n = b.dim("n");
    let square = Shape::matrix(n.clone(), n);
    let (a, x) = (b.var("A", square.clone()), b.var("X", square));
    let (inverse, exp) = (b.inv(a), b.call(Function::Exp, x));
    let product = b.mul(&[inverse, x, exp]);
    let term = b.d(product);
    let (da, dx) = (b.d(a), b.d(x));
    let inner = b.mul(&[inverse, da, inverse, x, exp]);
    let first = b.neg(inner);
    let second = b.mul(&[dx, exp]);
    let dexp = b.had(&[exp, dx]);
    let third = b.mul(&[x, dexp]);
    let rest = b.add(&[second, third]);
    let rest = b.mul(&[inverse, rest]);
    let expected = b.add(&[first, rest]);
    let expected = b.normal(expected);
    let term = b.normal(term);
    let facts = Facts::new(&mut context, &[], &[]);
    let found = differentiate(&mut context, &rewrites(), &facts, term, &[], &Options::default());
    assert_eq!(found.term, expected, "{found:?}");
    assert!(found.complete);
    assert_eq!(found.stop, Stop::Saturated);
    check_steps(&found, term);
}

#[test]
fn what_has_no_rule_is_reported_as_incomplete() {
    let mut context = Context::new();
    let mut b = Build(&mut context);
    let n = b.dim("n");
    let x = b.var("x", Shape::vector(n));
    let sin = b.call(Function::Sin, x);
    let term = b.d(sin);
    let facts = Facts::new(&mut context, &[], &[]);
    let found = differentiate(&mut context, &rewrites(), &facts, term, &[], &Options::default());
    assert_eq!((found.term, found.complete, found.stop), (term, false, Stop::Saturated));
}

#[test]
fn the_answer_does_not_depend_on_history() {
    let mut clean = Context::new();
    let (term, expected, given) = tanh(&mut clean);
    let reference = finish(&mut clean, term, &[given]);
    assert_eq!(reference.term, expected);
    // Other terms first, in another order: every term has another number.
    let mut used = Context::new();
    let mut b = Build(&mut used);
    let shape = Shape::matrix(b.dim("N"), b.dim("M"));
    for value in 0..20 {
        let number = b.num(20 - value);
        let ones = b.ones(&shape);
        b.mul(&[number, ones]);
    }
    let (term, expected, given) = tanh(&mut used);
    let found = finish(&mut used, term, &[given]);
    assert_eq!(found.term, expected);
    assert_eq!(names(&found), names(&reference));
    assert_eq!((found.nodes, found.iterations), (reference.nodes, reference.iterations));
}

#[test]
fn a_contradiction_ends_the_run() {
    let mut context = Context::new();
    let mut b = Build(&mut context);
    let (m, n) = (b.dim("m"), b.dim("n"));
    let a = b.var("A", Shape::matrix(m.clone(), n.clone()));
    let c = b.var("C", Shape::matrix(n, m));
    let term = b.mul(&[a, c]);
    let wrong = Hypothesis { lhs: a, rhs: c, origin: Origin::Lemma("wrong".to_owned()) };
    let found = finish(&mut context, term, &[wrong]);
    assert_eq!((found.stop, found.term), (Stop::Contradiction, term));
    assert_eq!(found.stop.name(), "contradiction");
    let mut b = Build(&mut context);
    let (one, two) = (b.num(1), b.num(2));
    let det = b.op(Op::Call(Function::Det), &[term]);
    let given = |value| Hypothesis { lhs: det, rhs: value, origin: Origin::Lemma("given".to_owned()) };
    let term = Build(&mut context).mul(&[two, det]);
    let found = finish(&mut context, term, &[given(one), given(two)]);
    assert_eq!(found.stop, Stop::Contradiction);
}

#[test]
fn limits_have_names() {
    let mut context = Context::new();
    let (term, _, given) = tanh(&mut context);
    let facts = Facts::new(&mut context, &[], &[]);
    let mut options = Options::default();
    let mut run =
        |options: &Options| simplify(&mut context, &rewrites(), &facts, term, std::slice::from_ref(&given), options);
    options.limits.nodes = 20;
    let found = run(&options);
    assert_eq!(found.stop, Stop::NodeLimit);
    assert!(found.nodes < 60, "{}", found.nodes);
    options = Options::default();
    options.limits.iterations = 1;
    assert_eq!(run(&options).stop, Stop::IterationLimit);
    options = Options::default();
    options.limits.matches = 1;
    assert_eq!(run(&options).stop, Stop::MatchLimit);
    options = Options::default();
    options.limits.patience = 0;
    assert_eq!(run(&options).stop, Stop::Patience);
    options = Options::default();
    options.limits.parts = 2;
    let found = run(&options);
    assert_eq!((found.stop, found.nodes, found.steps.len()), (Stop::SizeLimit, 0, 0));
    // Too large to be explained: one step that names the rules, at the same answer.
    options = Options::default();
    options.limits.explained = 0;
    let found = run(&options);
    assert_eq!(found.steps.len(), 1);
    assert_eq!(found.steps[0].level, Level::Full);
    assert!(matches!(&found.steps[0].by, Justification::Inference(Inference::Together(names)) if !names.is_empty()));
}

/// Evaluates every e-node of a finished e-graph at random points: the classes that have more than one value.
fn model_check(context: &mut Context, rewrites: &Rewrites, term: Term, hypotheses: &[Hypothesis]) -> Vec<Vec<Term>> {
    let facts = Facts::new(context, &[], &[term]);
    let normal = Normal::new(&mut context.terms).term(term);
    let (stop, classes) = classes(context, rewrites, &facts, &[normal], hypotheses, &Options::default());
    assert_ne!(stop, Stop::Contradiction);
    assert!(classes.len() > 5);
    let plan = Plan::new(context, &[term], &[]);
    let mut wrong = Vec::new();
    for point in 0..3 {
        let mut model: Model<'_, f64> =
            (0..20).find_map(|attempt| plan.sample(7, point, attempt).ok()).expect("a point");
        for class in &classes {
            // A term that has no value here (a logarithm of a negative number) says nothing.
            let values: Vec<Value<f64>> = class.iter().filter_map(|&term| model.evaluate(term).ok()).collect();
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()));
            let same = |a: &Value<f64>, b: &Value<f64>| {
                a.data().iter().zip(b.data()).all(|(x, y)| close(*x.value(), *y.value()))
            };
            if values.windows(2).any(|pair| !same(&pair[0], &pair[1])) && !wrong.contains(class) {
                wrong.push(class.clone());
            }
        }
    }
    wrong
}

#[test]
fn every_class_has_one_value() {
    let mut context = Context::new();
    let (term, _, given) = sigmoid(&mut context);
    assert_eq!(model_check(&mut context, standard(), term, &[given]), Vec::<Vec<Term>>::new());
    let mut context = Context::new();
    let (term, _, given) = tanh(&mut context);
    assert_eq!(model_check(&mut context, standard(), term, &[given]), Vec::<Vec<Term>>::new());
    let mut context = Context::new();
    let (term, _, given) = backward(&mut context);
    assert_eq!(model_check(&mut context, standard(), term, &given), Vec::<Vec<Term>>::new());
    let mut context = Context::new();
    let mut b = Build(&mut context);
    let (x, y, _) = least_squares(&mut b);
    let term = b.sub(x, y);
    assert_eq!(model_check(&mut context, standard(), term, &[]), Vec::<Vec<Term>>::new());
}

#[test]
fn a_wrong_rule_is_caught_by_the_model_check() {
    // The complement of a fraction with the wrong numerator: a ⊘ (a + b) = 1 − a ⊘ (a + b).
    let planted = |b: &mut Build<'_>, rules: &mut Vec<Rule>| {
        let shape = Shape::matrix(b.dim("m"), b.dim("n"));
        let (p, q) = (b.var("P2", shape.clone()), b.var("Q2", shape.clone()));
        let (sum, ones) = (b.add(&[p, q]), b.ones(&shape));
        let lhs = b.div(p, sum);
        let rhs = b.sub(ones, lhs);
        rules.push(rule(b.0, Class::Taste, "wrong", lhs, rhs, false));
    };
    let wrong = Rewrites::compile(&rule_set(planted));
    let mut context = Context::new();
    let (term, _, given) = sigmoid(&mut context);
    assert_ne!(model_check(&mut context, &wrong, term, &[given]), Vec::<Vec<Term>>::new());
}

#[test]
fn facts_decide_conditions() {
    let mut context = Context::new();
    let mut b = Build(&mut context);
    let n = b.dim("n");
    let a = b.var("A", Shape::matrix(n.clone(), n.clone()));
    let x = b.var("x", Shape::vector(n));
    let at = b.t(a);
    let sum = b.add(&[a, at]);
    let term = b.mul(&[sum, x]);
    let unchanged = b.normal(term);
    let two = b.num(2);
    let doubled = b.mul(&[two, a, x]);
    let expected = b.normal(doubled);
    // Unknown is not yes.
    assert_eq!(finish_standard(&mut context, term, &[]).term, unchanged);
    let symbol = context.terms.as_symbol(a).expect("a name");
    let id = context.set_property(symbol, Property::Symmetric);
    let found = finish_standard(&mut context, term, &[]);
    assert_eq!(found.term, expected, "{found:?}");
    assert_eq!(names(&found), ["transpose-of-symmetric"]);
    assert_eq!(found.steps[0].evidence[0].assumptions, std::collections::BTreeSet::from([id]));
}

#[test]
fn more_ways_to_read_a_product_than_are_followed_are_reported() {
    // eᴾ ⊙ e^Q ⊙ eᴿ = e^(2P + Q + R) ⊙ e^(−P), which is longer and therefore never used.
    let set = rule_set(|b, rules| {
        let [p, q, r] = ["P", "Q", "R"].map(|name| {
            let symbol = b.0.lookup(name).expect("declared");
            b.0.terms.symbol(symbol)
        });
        let [x, y, z] = [p, q, r].map(|of| b.call(Function::Exp, of));
        let (sum, minus) = (b.add(&[p, p, q, r]), b.neg(p));
        let (first, second) = (b.call(Function::Exp, sum), b.call(Function::Exp, minus));
        let (lhs, rhs) = (b.had(&[x, y, z]), b.had(&[first, second]));
        rules.push(rule(b.0, Class::Taste, "longer", lhs, rhs, false));
    });
    let stop = |count: usize| {
        let mut context = Context::new();
        let mut b = Build(&mut context);
        let n = b.dim("N");
        let factors: Vec<Term> = (0..count)
            .map(|k| {
                let vector = b.var(&format!("v_{k}"), Shape::vector(n.clone()));
                b.call(Function::Exp, vector)
            })
            .collect();
        let product = b.had(&factors);
        let term = b.normal(product);
        let facts = Facts::new(&mut context, &[], &[]);
        let mut options = Options::default();
        options.limits.growth = Some(0);
        simplify(&mut context, &Rewrites::compile(&set), &facts, term, &[], &options).stop
    };
    assert_eq!(stop(2), Stop::Saturated);
    assert_eq!(stop(9), Stop::ReadingLimit);
}
