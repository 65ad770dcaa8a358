//! The shape of each operator from the shapes of its arguments.

use super::function::Signature;
use super::{Op, Store, Term};
use crate::shape::{Dim, Shape};

/// Why arguments do not fit an operator. Positions count the arguments from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShapeError {
    /// Two arguments must have one shape.
    Unequal {
        /// The positions of the two.
        at: (usize, usize),
        /// Their shapes.
        shapes: (Shape, Shape),
    },
    /// The columns of one factor differ from the rows of the next.
    Inner {
        /// The positions of the two factors.
        at: (usize, usize),
        /// Their shapes.
        shapes: (Shape, Shape),
    },
    /// A square matrix is needed.
    NotSquare {
        /// The position of the argument.
        at: usize,
        /// Its shape.
        shape: Shape,
    },
    /// A column vector is needed.
    NotVector {
        /// The position of the argument.
        at: usize,
        /// Its shape.
        shape: Shape,
    },
    /// A scalar is needed.
    NotScalar {
        /// The position of the argument.
        at: usize,
        /// Its shape.
        shape: Shape,
    },
    /// A matrix or vector is needed, not a scalar.
    NotMatrix {
        /// The position of the argument.
        at: usize,
    },
    /// A matrix power needs a whole exponent.
    NotInteger {
        /// The position of the exponent.
        at: usize,
    },
    /// The wrong number of arguments or indices.
    Arity {
        /// How many are needed.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// An index runs over another dimension than the one it stands at.
    Index {
        /// The position among the indices.
        at: usize,
        /// The dimension of the index.
        index: Dim,
        /// The dimension of the array.
        array: Dim,
    },
}

use ShapeError::*;

/// The shape of `op` applied to `args`.
pub(super) fn shape_of(op: &Op, args: &[Term], store: &Store) -> Result<Shape, ShapeError> {
    let shape = |at: usize| store.shape(args[at]).clone();
    let arity = |needed: usize| if args.len() == needed { Ok(()) } else { Err(Arity { needed, found: args.len() }) };
    if op.is_leaf() {
        arity(0)?;
        return Ok(leaf_shape(op, store));
    }
    match op {
        Op::Sum | Op::Hadamard => {
            if args.is_empty() {
                return Err(Arity { needed: 1, found: 0 });
            }
            same_shape(args, store)
        }
        Op::Product => product_shape(args, store),
        Op::Quotient => {
            arity(2)?;
            if shape(1).is_scalar() { Ok(shape(0)) } else { same_shape(args, store) }
        }
        Op::Kronecker => {
            arity(2)?;
            let (a, b) = (matrix(args, 0, store)?, matrix(args, 1, store)?);
            Ok(Shape::matrix(a.rows() * b.rows(), a.cols() * b.cols()))
        }
        Op::Transpose => arity(1).map(|()| shape(0).transposed()),
        Op::Inverse => arity(1).and_then(|()| square(args, 0, store)),
        Op::Power => {
            arity(2)?;
            scalar(args, 1, store)?;
            match store.as_number(args[1]) {
                _ if shape(0).is_scalar() => Ok(Shape::Scalar),
                Some(exponent) if exponent.is_integer() => square(args, 0, store),
                _ => Err(NotInteger { at: 1 }),
            }
        }
        Op::ElementPower => {
            arity(2)?;
            scalar(args, 1, store)?;
            Ok(shape(0))
        }
        Op::AsScalar => {
            arity(1)?;
            if shape(0).is_one_by_one() { Ok(Shape::Scalar) } else { Err(NotScalar { at: 0, shape: shape(0) }) }
        }
        Op::Call(function) => arity(1).and_then(|()| call_shape(function.signature(), args, store)),
        Op::Elementwise { .. } | Op::Differential => arity(1).map(|()| shape(0)),
        Op::Max => {
            arity(2)?;
            match (store.as_number(args[0]), store.as_number(args[1])) {
                (Some(_), _) => Ok(shape(1)),
                (_, Some(_)) => Ok(shape(0)),
                _ => same_shape(args, store),
            }
        }
        Op::Inner => {
            arity(2)?;
            same_shape(args, store).map(|_| Shape::Scalar)
        }
        Op::Partial => {
            arity(2)?;
            Ok(partial_shape(&shape(0), &shape(1)))
        }
        Op::EntrywisePartial => {
            arity(2)?;
            same_shape(args, store)
        }
        Op::Solution(unknown) => {
            arity(2)?;
            same_shape(args, store)?;
            Ok(store.symbol_shape(*unknown).clone())
        }
        Op::Entry(indices) => {
            arity(1)?;
            entry_shape(indices, &shape(0))
        }
        Op::IndexSum { .. } => arity(1).map(|()| shape(0)),
        Op::Cases(guards) => {
            let subjects = guards.iter().filter(|guard| matches!(guard, super::Guard::Subject(_))).count();
            arity(guards.len() + subjects)?;
            same_shape(args, store)
        }
        _ => unreachable!("leaves are handled above"),
    }
}

fn leaf_shape(op: &Op, store: &Store) -> Shape {
    match op {
        Op::Symbol(symbol) => store.symbol_shape(*symbol).clone(),
        Op::Identity(n) => Shape::matrix(n.clone(), n.clone()),
        Op::Ones(rows, cols) => Shape::matrix(rows.clone(), cols.clone()),
        Op::Zero(shape) => shape.clone(),
        Op::Unit(n, _) => Shape::vector(n.clone()),
        Op::Commutation(m, n) => Shape::matrix(m.clone() * n.clone(), m.clone() * n.clone()),
        _ => Shape::Scalar,
    }
}

fn same_shape(args: &[Term], store: &Store) -> Result<Shape, ShapeError> {
    let first = store.shape(args[0]);
    match args.iter().position(|&arg| store.shape(arg) != first) {
        None => Ok(first.clone()),
        Some(at) => Err(Unequal { at: (0, at), shapes: (first.clone(), store.shape(args[at]).clone()) }),
    }
}

fn product_shape(args: &[Term], store: &Store) -> Result<Shape, ShapeError> {
    let mut product: Option<(Shape, usize)> = None;
    for (at, &arg) in args.iter().enumerate() {
        let shape = store.shape(arg);
        if shape.is_scalar() {
            continue;
        }
        product = Some(match product {
            None => (shape.clone(), at),
            Some((left, _)) if left.cols() == shape.rows() => (Shape::matrix(left.rows(), shape.cols()), at),
            Some((_, previous)) => {
                return Err(Inner { at: (previous, at), shapes: (store.shape(args[previous]).clone(), shape.clone()) });
            }
        });
    }
    Ok(product.map_or(Shape::Scalar, |(shape, _)| shape))
}

fn partial_shape(f: &Shape, x: &Shape) -> Shape {
    match (f, x) {
        (f, Shape::Scalar) => f.clone(),
        (Shape::Scalar, x) => x.clone(),
        (f, x) => Shape::matrix(f.entries(), x.entries()),
    }
}

fn entry_shape(indices: &[super::Index], array: &Shape) -> Result<Shape, ShapeError> {
    let dims = match array {
        Shape::Scalar => return Err(NotMatrix { at: 0 }),
        Shape::Matrix { rows, cols } if indices.len() == 1 && cols.is_one() => vec![rows.clone()],
        Shape::Matrix { rows, cols } if indices.len() == 1 && rows.is_one() => vec![cols.clone()],
        Shape::Matrix { rows, cols } => vec![rows.clone(), cols.clone()],
    };
    if dims.len() != indices.len() {
        return Err(Arity { needed: dims.len(), found: indices.len() });
    }
    for (at, (index, array)) in indices.iter().zip(dims).enumerate() {
        if let super::Index::Named { dim, .. } = index
            && *dim != array
        {
            return Err(Index { at, index: dim.clone(), array });
        }
    }
    Ok(Shape::Scalar)
}

fn call_shape(signature: Signature, args: &[Term], store: &Store) -> Result<Shape, ShapeError> {
    use Signature::*;
    let shape = store.shape(args[0]);
    match signature {
        Entrywise => Ok(shape.clone()),
        VectorToVector => vector(args, store),
        VectorToScalar => vector(args, store).map(|_| Shape::Scalar),
        SquareToScalar => square(args, 0, store).map(|_| Shape::Scalar),
        SquareToSquare => square(args, 0, store),
        SquareToVector => square(args, 0, store).map(|shape| Shape::vector(shape.rows())),
        VectorToSquare => vector(args, store).map(|shape| Shape::matrix(shape.rows(), shape.rows())),
        MatrixToScalar => matrix(args, 0, store).map(|_| Shape::Scalar),
        MatrixToMatrix => matrix(args, 0, store),
        MatrixToTransposed => matrix(args, 0, store).map(|shape| shape.transposed()),
        MatrixToRows => matrix(args, 0, store).map(|shape| Shape::vector(shape.rows())),
        MatrixToCols => matrix(args, 0, store).map(|shape| Shape::row(shape.cols())),
        MatrixToVec => matrix(args, 0, store).map(|shape| Shape::vector(shape.entries())),
    }
}

fn scalar(args: &[Term], at: usize, store: &Store) -> Result<Shape, ShapeError> {
    let shape = store.shape(args[at]);
    if shape.is_scalar() { Ok(Shape::Scalar) } else { Err(NotScalar { at, shape: shape.clone() }) }
}

fn matrix(args: &[Term], at: usize, store: &Store) -> Result<Shape, ShapeError> {
    let shape = store.shape(args[at]);
    if shape.is_scalar() { Err(NotMatrix { at }) } else { Ok(shape.clone()) }
}

fn square(args: &[Term], at: usize, store: &Store) -> Result<Shape, ShapeError> {
    let shape = matrix(args, at, store)?;
    if shape.is_square() { Ok(shape) } else { Err(NotSquare { at, shape }) }
}

fn vector(args: &[Term], store: &Store) -> Result<Shape, ShapeError> {
    let shape = matrix(args, 0, store)?;
    if shape.is_vector() { Ok(shape) } else { Err(NotVector { at: 0, shape }) }
}
