//! One point: a random model with random directions, and what question and answer are there.

use super::compare::{Comparison, compare};
use super::{Check, Entries, Method, Question, Seen, Structure, Witness, indices};
use crate::eval::{Dual, EvalError, Matrix, Model, Plan, Ring, Rng, Value, Variable};
use crate::ir::{FreeIndices, Property, Symbol, Term};

type Result<T> = std::result::Result<T, EvalError>;

/// What a point showed.
pub(super) enum Found {
    /// Question and answer agree.
    Agree(Seen),
    /// They differ.
    Differ(Box<Witness>),
    /// Rounding hides whether they do.
    Unclear,
}

/// A random model for a check.
pub(super) struct Point<'a, 'c, R> {
    check: &'a Check<'c>,
    model: Model<'c, R>,
    rng: Rng,
}

/// What the question and the answer evaluate to, and the directions that were taken.
type Sides<R> = (Value<R>, Value<R>, Vec<(Symbol, Value<R>)>);

/// A direction of the variable as written, and of the symbol in which it lies.
struct Direction<R> {
    term: Term,
    variable: Variable,
    local: Value<R>,
    whole: Value<R>,
}

impl<'a, 'c, R: Ring> Point<'a, 'c, R> {
    /// A model with values for everything; on a kink, with some zeros.
    pub(super) fn draw(check: &'a Check<'c>, plan: &Plan<'c>, point: u64, attempt: u32, on_kink: bool) -> Result<Self> {
        let seed = check.options.seed;
        let mut model = plan.sample::<R>(seed, point, attempt)?;
        let mut rng = Rng::of(&[seed, point, u64::from(attempt), u64::from(on_kink), 11]);
        model.set_kink(check.kink.clone());
        if check.random_signs {
            model.set_random_signs();
        }
        if on_kink {
            for &symbol in plan.symbols() {
                clear_rows(check, &mut model, symbol, &mut rng);
            }
            plan.test(&mut model)?;
        }
        let mut point = Point { check, model, rng };
        for symbol in check.held() {
            match point.value(symbol) {
                Ok(value) => point.model.set(symbol, value),
                // Neither side mentions it, so that nothing depends on its value.
                Err(EvalError::UnboundSymbol(unbound)) if unbound == symbol => {}
                Err(error) => return Err(error),
            }
        }
        Ok(point)
    }

    /// The value of a variable. One that is defined by what this arithmetic cannot compare (θ = U relu(z), mod p) gets
    /// any value: what holds for all values of a variable holds for the one it has.
    fn value(&mut self, symbol: Symbol) -> Result<Value<R>> {
        match self.model.symbol(symbol) {
            Err(EvalError::NeedsOrder) => {
                let (rows, cols) = self.model.size_of(&self.check.context.info(symbol).shape)?;
                Ok(self.random(rows, cols))
            }
            value => value,
        }
    }

    /// Compares question and answer for each choice of the free indices.
    pub(super) fn compare(&mut self, free: &FreeIndices) -> Result<Found> {
        let sizes = free.values().map(|dim| self.model.size(dim)).collect::<Result<Vec<_>>>()?;
        let mut nonzero = false;
        for choice in indices::choices(&sizes, &mut self.rng) {
            free.keys().zip(choice).for_each(|(name, value)| self.model.set_index(name, value));
            match self.once()? {
                Found::Agree(seen) => nonzero |= seen.nonzero,
                other => return Ok(other),
            }
        }
        let sizes = self.model.sizes().iter().map(|(name, size)| (name.name.to_string(), size)).collect();
        Ok(Found::Agree(Seen { sizes, nonzero, branches: self.model.branches().clone() }))
    }

    /// Evaluates the question alone.
    pub(super) fn asked(&mut self, free: &FreeIndices) -> Result<()> {
        let sizes = free.values().map(|dim| self.model.size(dim)).collect::<Result<Vec<_>>>()?;
        for choice in indices::choices(&sizes, &mut self.rng) {
            free.keys().zip(choice).for_each(|(name, value)| self.model.set_index(name, value));
            self.question()?;
        }
        Ok(())
    }

    fn question(&mut self) -> Result<Value<R>> {
        match &self.check.question {
            Question::Derivative { of, by, .. } => {
                let directions = by.iter().map(|&x| self.direction(x)).collect::<Result<Vec<_>>>()?;
                let in_a_space = |d: &Direction<R>| !self.linear(d.variable.symbol).is_empty();
                // Entries that cannot move have no derivative in this arithmetic where their function has none.
                if self.check.structure != Structure::Free && directions.iter().any(in_a_space) {
                    return self.model.evaluate(*of);
                }
                let varying: Vec<_> = directions.iter().map(|d| (d.variable.symbol, d.whole.clone())).collect();
                self.model.mixed(*of, &varying)
            }
            Question::Differential { of, variables } => {
                let directions = self.move_all(variables);
                self.model.directional(*of, &directions)
            }
            Question::Entrywise { of, .. } | Question::Equal(of) => self.model.evaluate(*of),
        }
    }

    fn once(&mut self) -> Result<Found> {
        let (expected, found, directions) = match &self.check.question {
            Question::Derivative { of, by, transposed } => self.derivative(*of, by, *transposed)?,
            Question::Differential { of, variables } => {
                let directions = self.move_all(variables);
                let expected = self.model.directional(*of, &directions)?;
                (expected, self.model.evaluate(self.check.answer)?, directions)
            }
            Question::Entrywise { of, by } => self.entrywise(*of, *by)?,
            Question::Equal(of) => {
                let symbols: Vec<Symbol> = self.model.values().keys().copied().collect();
                let directions = self.move_all(&symbols);
                (self.model.evaluate(*of)?, self.model.evaluate(self.check.answer)?, directions)
            }
        };
        if (expected.rows(), expected.cols()) != (found.rows(), found.cols()) {
            return Err(EvalError::Shape);
        }
        if !expected.data().iter().chain(found.data()).all(Ring::is_finite) {
            return Err(EvalError::Overflow);
        }
        Ok(match compare(&expected, &found, self.model.largest()) {
            Comparison::Equal(nonzero) => Found::Agree(Seen { nonzero, ..Seen::default() }),
            Comparison::Different => Found::Differ(self.witness(expected, found, &directions)),
            Comparison::Unclear => Found::Unclear,
        })
    }

    fn random(&mut self, rows: usize, cols: usize) -> Value<R> {
        Matrix::from_fn(rows, cols, |_, _| Dual::draw(&mut self.rng, 0))
    }

    /// Gives each symbol a random direction, in the model as well.
    fn move_all(&mut self, symbols: &[Symbol]) -> Vec<(Symbol, Value<R>)> {
        let mut directions = Vec::new();
        for &symbol in symbols {
            if let Some((rows, cols)) = self.model.values().get(&symbol).map(|value| (value.rows(), value.cols())) {
                let direction = self.random(rows, cols);
                self.model.set_direction(symbol, direction.clone());
                directions.push((symbol, direction));
            }
        }
        directions
    }

    fn derivative(&mut self, of: Term, by: &[Term], transposed: bool) -> Result<Sides<R>> {
        let directions = by.iter().map(|&x| self.direction(x)).collect::<Result<Vec<_>>>()?;
        let varying: Vec<_> = directions.iter().map(|d| (d.variable.symbol, d.whole.clone())).collect();
        let expected = self.model.mixed(of, &varying)?;
        let answer = self.model.evaluate(self.check.answer)?;
        let answer = if transposed { answer.transposed() } else { answer };
        let found = self.contracted(of, &directions, answer)?;
        Ok((expected, found, varying))
    }

    /// A random direction of a variable, within the space that the convention allows.
    fn direction(&mut self, x: Term) -> Result<Direction<R>> {
        let variable = self.model.variable(x)?;
        let whole = self.model.symbol(variable.symbol)?;
        let (rows, cols) = variable.size;
        let mut local = self.random(rows, cols);
        if variable.positions.len() == whole.data().len() && self.check.structure != Structure::Free {
            local = tangent(local, &self.linear(variable.symbol));
        }
        let whole = variable.spread(&local, &whole);
        Ok(Direction { term: x, variable, local, whole })
    }

    /// The linear structure of a declared variable.
    fn linear(&self, symbol: Symbol) -> Vec<Property> {
        use Property::*;
        let declared = self.check.context.info(symbol).properties.keys();
        let structure = declared.filter_map(|property| match property {
            Symmetric | PositiveDefinite | PositiveSemidefinite => Some(Symmetric),
            Skew | Diagonal | LowerTriangular | UpperTriangular => Some(*property),
            _ => None,
        });
        structure.collect()
    }

    /// The answer applied to the directions, the last variable first: what remains has the shape of `of`.
    fn contracted(&self, of: Term, directions: &[Direction<R>], answer: Value<R>) -> Result<Value<R>> {
        let store = &self.check.context.terms;
        // The sizes of the derivatives of lower order; `None` for scalars.
        let of_shape = store.shape(of);
        let mut sizes = vec![(self.model.size_of(of_shape)?, of_shape.is_scalar())];
        for direction in directions {
            let (before, scalar) = sizes[sizes.len() - 1];
            let by_scalar = store.shape(direction.term).is_scalar();
            let after = match (scalar, by_scalar) {
                (_, true) => before,
                (true, false) => direction.variable.size,
                (false, false) => (before.0 * before.1, direction.variable.positions.len()),
            };
            sizes.push((after, scalar && by_scalar));
        }
        let mut value = answer;
        for (k, direction) in directions.iter().enumerate().rev() {
            if (value.rows(), value.cols()) != sizes[k + 1].0 {
                return Err(EvalError::Shape);
            }
            let ((rows, cols), scalar) = sizes[k];
            value = match (scalar, store.shape(direction.term).is_scalar()) {
                (_, true) => value.scaled(direction.local.value()),
                (true, false) => Matrix::scalar(self.paired(&value, direction)),
                (false, false) => {
                    let entries = direction.local.data().len();
                    value.product(&direction.local.clone().reshaped(entries, 1)).reshaped(rows, cols)
                }
            };
        }
        Ok(value)
    }

    /// ⟨G, dX⟩; for a table of coordinate derivatives, over the entries on and below the diagonal. A gradient that
    /// does not lie in the space of its variable is made to fail.
    fn paired(&self, gradient: &Value<R>, direction: &Direction<R>) -> Dual<R> {
        let linear = self.linear(direction.variable.symbol);
        let whole = direction.variable.positions.len() == direction.whole.data().len();
        if linear.is_empty() || self.check.structure == Structure::Free || !whole {
            return gradient.inner(&direction.local);
        }
        let rows = gradient.rows();
        if self.check.structure == Structure::Cookbook && linear.contains(&Property::Symmetric) {
            let lower =
                Matrix::from_fn(rows, rows, |i, j| if i >= j { gradient.at(i, j).clone() } else { Dual::zero() });
            return lower.inner(&direction.local).plus(&outside(gradient, &linear));
        }
        gradient.inner(&direction.local).plus(&outside(gradient, &linear))
    }

    fn entrywise(&mut self, of: Term, by: Term) -> Result<Sides<R>> {
        let variable = self.model.variable(by)?;
        let whole = self.model.symbol(variable.symbol)?;
        let local = self.random(variable.size.0, variable.size.1);
        let varying = vec![(variable.symbol, variable.spread(&local, &whole))];
        let expected = self.model.directional(of, &varying)?;
        let answer = self.model.evaluate(self.check.answer)?;
        if (answer.rows(), answer.cols()) != variable.size {
            return Err(EvalError::Shape);
        }
        Ok((expected, answer.zip(&local, Dual::times), varying))
    }

    fn witness(&self, expected: Value<R>, found: Value<R>, directions: &[(Symbol, Value<R>)]) -> Box<Witness> {
        let all = |pairs: &mut dyn Iterator<Item = (Symbol, &Value<R>)>| pairs.map(|(s, m)| (s, shown(m))).collect();
        Box::new(Witness {
            method: Method::Float,
            sizes: self.model.sizes().iter().map(|(name, size)| (name.name.to_string(), size)).collect(),
            values: all(&mut self.model.values().iter().map(|(&s, m)| (s, m))),
            indices: self.model.indices().iter().map(|(name, value)| (name.to_string(), *value)).collect(),
            directions: all(&mut directions.iter().map(|(s, m)| (*s, m))),
            expected: shown(&expected),
            found: shown(&found),
            at_kink: false,
        })
    }
}

/// The numbers of a matrix.
pub(super) fn shown<R: Ring>(matrix: &Matrix<R>) -> Entries {
    Entries { rows: matrix.rows(), cols: matrix.cols(), data: matrix.data().iter().map(Ring::report).collect() }
}

/// A matrix brought into the space of a linear structure.
fn tangent<R: Ring>(raw: Matrix<R>, linear: &[Property]) -> Matrix<R> {
    let mut made = raw;
    for property in linear {
        made = match property {
            Property::Symmetric => made.zip(&made.transposed(), R::plus),
            Property::Skew => made.zip(&made.transposed(), R::minus),
            _ => masked(&made, *property, false),
        };
    }
    made
}

/// The entries inside (or outside) the pattern of a structure; the others are zero.
fn masked<R: Ring>(a: &Matrix<R>, property: Property, outside: bool) -> Matrix<R> {
    let inside = |i: usize, j: usize| match property {
        Property::Diagonal => i == j,
        Property::LowerTriangular => i >= j,
        Property::UpperTriangular => i <= j,
        _ => true,
    };
    Matrix::from_fn(a.rows(), a.cols(), |i, j| if inside(i, j) != outside { a.at(i, j).clone() } else { R::zero() })
}

/// A random-looking combination of all entries that should vanish for a matrix of this structure.
fn outside<R: Ring>(a: &Matrix<R>, linear: &[Property]) -> R {
    let mut total = R::zero();
    for property in linear {
        let defect = match property {
            Property::Symmetric => a.zip(&a.transposed(), R::minus),
            Property::Skew => a.zip(&a.transposed(), R::plus),
            _ => masked(a, *property, true),
        };
        // Different weights for (i, j) and (j, i): a skew defect must not cancel in the sum.
        let weights = Matrix::from_fn(a.rows(), a.cols(), |i, j| R::from_integer((1 + i * i + 3 * j) as i64));
        total = total.plus(&defect.inner(&weights));
    }
    total
}

/// Sets about a third of the rows of a free variable to zero, so that products with it lie on kinks.
fn clear_rows<R: Ring>(check: &Check<'_>, model: &mut Model<'_, R>, symbol: Symbol, rng: &mut Rng) {
    if !check.context.info(symbol).properties.is_empty() {
        return;
    }
    let Some(value) = model.values().get(&symbol) else { return };
    let cleared: Vec<bool> = (0..value.rows()).map(|_| rng.below(3) == 0).collect();
    let zeros = |i: usize, j: usize| if cleared[i] { Dual::zero() } else { value.at(i, j).clone() };
    let value = Matrix::from_fn(value.rows(), value.cols(), zeros);
    model.set(symbol, value);
}
