//! Two problems of the tutorial sheet, assembled by hand as a session assembles them.

use super::super::derivation::lines;
use super::super::{plain, prose};
use super::*;
use crate::ir::normal::Normal;
use crate::ir::{Function, Guard, Index, Op, Property, SymbolKind, Term};
use crate::shape::Shape;
use crate::trace::{Derivation, Inference, Level, Piece, Statement, Step, words};

fn step(by: Inference, before: Statement, after: Statement, because: crate::trace::Rich) -> Step {
    Step::inference(by, before, after, because, Level::Headline)
}

fn variable(context: &mut Context, name: &str, shape: Shape) -> Term {
    let symbol = context.declare(name, shape, SymbolKind::Variable);
    context.terms.symbol(symbol)
}

fn problem_1(blocks: &mut Vec<Block>) {
    let mut context = Context::new();
    let m = context.dim("m");
    let alpha = variable(&mut context, "α", Shape::Scalar);
    let a = variable(&mut context, "A", Shape::matrix(m.clone(), m.clone()));
    let symbols = context.lookup("A").zip(context.lookup("α")).unwrap();
    context.depend(symbols.0, symbols.1);
    context.set_property(symbols.0, Property::Invertible);
    let terms = &mut context.terms;
    let inverse = terms.make(Op::Inverse, &[a]);
    let product = terms.make(Op::Product, &[inverse, a]);
    let identity = terms.identity(m.clone());
    let zero = terms.zero(Shape::matrix(m.clone(), m));
    let d_product = terms.make(Op::Partial, &[product, alpha]);
    let (da, di) = (terms.make(Op::Partial, &[a, alpha]), terms.make(Op::Partial, &[inverse, alpha]));
    let first = terms.make(Op::Product, &[di, a]);
    let second = terms.make(Op::Product, &[inverse, da]);
    let sum = terms.make(Op::Sum, &[first, second]);
    let mut normal = Normal::new(terms);
    let moved = normal.negate(second);
    let answer = normal.product(&[moved, inverse]);
    let equations = [(product, identity), (d_product, zero), (sum, zero), (first, moved), (di, answer)]
        .map(|(lhs, rhs)| Statement::Equation(lhs, rhs));
    let mut derivation = Derivation::default();
    let condition = vec![
        Piece::Math(inverse),
        Piece::Text(" is differentiable at ".into()),
        Piece::Math(alpha),
        Piece::Text(": it is adj(A)/det(A), and det(A) ≠ 0 near ".into()),
        Piece::Math(alpha),
    ];
    derivation.push(step(Inference::Condition, equations[0], equations[0], condition));
    derivation.push(step(
        Inference::Given,
        equations[0],
        equations[0],
        words("given: the definition of the inverse, at every point where A is invertible"),
    ));
    let constant = vec![
        Piece::Text("differentiate both sides; ".into()),
        Piece::Math(identity),
        Piece::Text(" is constant".into()),
    ];
    derivation.push(step(Inference::DifferentiateBothSides, equations[0], equations[1], constant));
    derivation.push(step(Inference::Given, equations[1], equations[2], words("product rule")));
    let subtract = vec![Piece::Text("subtract ".into()), Piece::Math(second)];
    derivation.push(step(Inference::MoveTerm(second), equations[2], equations[3], subtract));
    let right = terms_product(&mut context, a, inverse);
    let multiply = vec![
        Piece::Text("multiply by ".into()),
        Piece::Math(inverse),
        Piece::Text(" from the right; ".into()),
        Piece::Equation(right, identity),
    ];
    derivation.push(step(Inference::MultiplyRight(inverse), equations[3], equations[4], multiply));
    let result = Equation::of(&context, Formula::term(&context, di), answer);
    let names = [context.lookup("A"), context.lookup("α")].into_iter().flatten();
    blocks.push(Block::Heading("Problem 1".into()));
    blocks.push(Block::Given(names.map(|symbol| declaration(&context, symbol)).collect()));
    blocks.push(Block::Display("Claim".into(), result.clone()));
    blocks.push(Block::Derivation {
        title: "Proof".into(),
        lines: lines(&context, &derivation, Level::Headline),
        proof: true,
    });
    let assumed = prose(
        &context,
        &vec![Piece::Math(a), Piece::Text(" invertible and differentiable at ".into()), Piece::Math(alpha)],
    );
    blocks.push(Block::Answer(Answer {
        equations: vec![result],
        where_names: Vec::new(),
        remarks: vec![
            ("Layout".into(), plain("mixed: a matrix by a scalar has the shape of the matrix")),
            ("Assumed".into(), assumed),
            ("Excluded".into(), plain("nothing else")),
            ("Checked".into(), plain("exact mod 2⁶¹−1, 6 points, m ∈ {2, 3, 4, 5}")),
        ],
    }));
}

fn terms_product(context: &mut Context, a: Term, b: Term) -> Term {
    context.terms.make(Op::Product, &[a, b])
}

fn problem_4(blocks: &mut Vec<Block>) {
    let mut context = Context::new();
    let (d, m, c) = (context.dim("D"), context.dim("M"), context.dim("C"));
    let x = variable(&mut context, "x", Shape::vector(d.clone()));
    let w = variable(&mut context, "W", Shape::matrix(m.clone(), d));
    let u = variable(&mut context, "U", Shape::matrix(c.clone(), m.clone()));
    let y = variable(&mut context, "y", Shape::vector(c.clone()));
    let z = variable(&mut context, "z", Shape::vector(m.clone()));
    let h = variable(&mut context, "h", Shape::vector(m));
    let theta = variable(&mut context, "θ", Shape::vector(c.clone()));
    let yhat = variable(&mut context, "ŷ", Shape::vector(c.clone()));
    let delta_1 = variable(&mut context, "δ_1", Shape::vector(c.clone()));
    let hidden = context.terms.shape(h).clone();
    let delta_2 = variable(&mut context, "δ_2", hidden);
    let loss = variable(&mut context, "J", Shape::Scalar);
    let index = |name: &str| Index::Named { name: name.into(), dim: c.clone() };
    let (j, k) = (index("j"), index("k"));
    let store = &mut context.terms;
    let entry = |store: &mut crate::ir::Store, of: Term, at: &Index| store.make(Op::Entry(vec![at.clone()]), &[of]);
    let [yj, yk] = [&j, &k].map(|at| entry(store, y, at));
    let [hj, hk] = [&j, &k].map(|at| entry(store, yhat, at));
    let theta_k = entry(store, theta, &k);
    let lhs = store.make(Op::Partial, &[loss, theta_k]);
    let (a, b) = (store.make(Op::Partial, &[loss, hj]), store.make(Op::Partial, &[hj, theta_k]));
    let body = store.make(Op::Product, &[a, b]);
    let all = Op::IndexSum { index: j.clone(), excluding: None };
    let chain = store.make(all.clone(), &[body]);
    let mut normal = Normal::new(store);
    let one = normal.store_mut().integer(1);
    let rest = normal.subtract(one, hk);
    let diagonal = normal.product(&[yk, rest]);
    let diagonal = normal.negate(diagonal);
    let body = normal.product(&[yj, hk]);
    let apart = normal.store_mut().make(Op::IndexSum { index: j.clone(), excluding: Some(k.clone()) }, &[body]);
    let split = normal.sum(&[diagonal, apart]);
    let total = normal.store_mut().make(all.clone(), &[yj]);
    let scaled = normal.product(&[total, hk]);
    let collected = normal.subtract(scaled, yk);
    let result = normal.subtract(hk, yk);
    let difference = normal.subtract(yhat, y);
    let minus_yj = normal.negate(hj);
    let off = normal.product(&[minus_yj, hk]);
    let on = normal.subtract(one, hj);
    let on = normal.product(&[hj, on]);
    let cases = normal
        .store_mut()
        .make(Op::Cases(vec![Guard::Equal(j.clone(), k.clone()), Guard::Different(j, k)]), &[on, off]);
    let log = normal.call(Function::Log, hj);
    let loss_body = normal.product(&[yj, log]);
    let loss_sum = normal.store_mut().make(all, &[loss_body]);
    let loss_term = normal.negate(loss_sum);
    let (zdef, relu) = (normal.product(&[w, x]), normal.call(Function::Relu, z));
    let (tdef, soft) = (normal.product(&[u, h]), normal.call(Function::Softmax, theta));
    let ratio = normal.quotient(y, yhat);
    let ratio = normal.negate(ratio);
    let (ut, wt, xt, ht) = (normal.transpose(u), normal.transpose(w), normal.transpose(x), normal.transpose(h));
    let back = normal.product(&[ut, delta_1]);
    let sign = normal.call(Function::Sign, h);
    let back = normal.hadamard(&[back, sign]);
    let (gu, gw, gx) = (normal.product(&[delta_1, ht]), normal.product(&[delta_2, xt]), normal.product(&[wt, delta_2]));
    let (d1t, d2t) = (normal.transpose(delta_1), normal.transpose(delta_2));
    let store = &mut context.terms;
    let mut d = |of: Term| store.make(Op::Differential, &[of]);
    let (du, dw, dx, dz, dh, dtheta, dj) = (d(u), d(w), d(x), d(z), d(h), d(theta), d(loss));
    let mut product = |factors: &[Term]| store.make(Op::Product, factors);
    let forms = [
        vec![product(&[d1t, dtheta])],
        vec![product(&[d1t, du, h]), product(&[d1t, u, dh])],
        vec![product(&[d1t, du, h]), product(&[d2t, dz])],
        vec![product(&[d1t, du, h]), product(&[d2t, dw, x]), product(&[d2t, w, dx])],
    ];
    let forms: Vec<Term> =
        forms.iter().map(|form| if form.len() == 1 { form[0] } else { store.make(Op::Sum, form) }).collect();
    let mut derivation = Derivation::default();
    let equation = |rhs| Statement::Equation(lhs, rhs);
    derivation.push(step(Inference::Given, equation(chain), equation(chain), words("chain rule")));
    derivation.push(step(Inference::SetApart, equation(chain), equation(split), words("the term j = k set apart")));
    derivation.push(step(
        Inference::Given,
        equation(split),
        equation(collected),
        vec![Piece::Text("collect ".into()), Piece::Math(hk)],
    ));
    let since = vec![Piece::Text("since ".into()), Piece::Equation(total, one)];
    derivation.push(step(Inference::Given, equation(collected), equation(result), since));
    let mut second = Derivation::default();
    let reasons = [
        vec![Piece::Equation(delta_1, difference)],
        vec![Piece::Equation(theta, tdef), Piece::Text(", product rule".into())],
        vec![
            Piece::Equation(delta_2, back),
            Piece::Text(", all entries of ".into()),
            Piece::Math(z),
            Piece::Text(" nonzero".into()),
        ],
        vec![Piece::Equation(z, zdef), Piece::Text(", product rule".into())],
    ];
    for (form, reason) in forms.iter().zip(reasons) {
        second.push(step(Inference::Given, Statement::Equation(dj, *form), Statement::Equation(dj, *form), reason));
    }
    let partial = |context: &mut Context, of: Term, by: Term| {
        let term = context.terms.make(Op::Partial, &[of, by]);
        Formula::term(context, term)
    };
    blocks.push(Block::Heading("Problem 4".into()));
    let given = ["x", "W", "U", "y"].iter().filter_map(|name| context.lookup(name));
    blocks.push(Block::Given(given.map(|symbol| declaration(&context, symbol)).collect()));
    let definitions = [(z, zdef), (h, relu), (theta, tdef), (yhat, soft), (loss, loss_term)];
    let definitions = definitions.map(|(name, body)| Equation::of(&context, Formula::term(&context, name), body));
    blocks.push(Block::Definitions(definitions.to_vec()));
    blocks.push(Block::Part("(a)".into()));
    let by = partial(&mut context, loss, yhat);
    blocks.push(Block::Display("Loss".into(), Equation::of(&context, by, ratio)));
    let by = partial(&mut context, hj, theta_k);
    blocks.push(Block::Display("Softmax".into(), Equation::of(&context, by, cases)));
    let steps = |context: &Context, derivation: &Derivation| Block::Derivation {
        title: String::new(),
        lines: lines(context, derivation, Level::Headline),
        proof: false,
    };
    blocks.push(steps(&context, &derivation));
    blocks.push(Block::Part("(b)".into()));
    blocks.push(steps(&context, &second));
    let equations = [(u, gu), (w, gw), (x, gx)].map(|(by, value)| {
        let by = partial(&mut context, loss, by);
        Equation::of(&context, by, value)
    });
    let where_names = [(delta_1, difference), (delta_2, back)]
        .map(|(name, body)| Equation::of(&context, Formula::term(&context, name), body));
    let assumed = vec![
        Inline::Math(Formula::equation(&context, total, one)),
        Inline::Text(" (in the last step of (a) only)".into()),
    ];
    blocks.push(Block::Answer(Answer {
        equations: equations.to_vec(),
        where_names: where_names.to_vec(),
        remarks: vec![
            ("Layout".into(), plain("mixed: the gradient of a scalar has the variable's shape")),
            ("Assumed".into(), assumed),
            ("Excluded".into(), plain("zᵢ = 0 for some i, in ∂J/∂W and ∂J/∂x only")),
            (
                "Checked".into(),
                plain("exact mod 2⁶¹−1 where the field decides, 64-bit floats elsewhere; 6 points, both signs of z"),
            ),
        ],
    }));
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"), prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn two_problems_of_the_sheet() {
    let mut blocks = Vec::new();
    problem_1(&mut blocks);
    problem_4(&mut blocks);
    snapshot("print_document_text", &text(&blocks, Spelling::Unicode));
    snapshot("print_document_ascii", &text(&blocks, Spelling::Ascii));
    snapshot("print_document_markdown", &markdown(&blocks));
    let article = latex("Matrix calculus", &blocks);
    assert!(article.is_ascii());
    snapshot("print_document_latex", &article);
}
