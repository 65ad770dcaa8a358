"""SymPy: matrix expressions with symbolic sizes, `diff`, and values by substitution.

A 1×1 product is a trace, so that it can be added to a scalar. The derivative of a vector or matrix comes in SymPy's
own order of axes; it counts as right in any order.
"""

import itertools

import numpy as np
import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixExpr

from script import Untranslated

FUNCTIONS = {
    "exp": sp.exp, "log": sp.log, "sin": sp.sin, "tanh": sp.tanh, "abs": sp.Abs, "sqrt": sp.sqrt,
    "relu": lambda u: sp.Max(0, u), "sigmoid": lambda u: 1 / (1 + sp.exp(-u)),
}


class System:
    name, version = "SymPy", sp.__version__

    def __init__(self):
        self.dims, self.symbols = {}, {}

    def dim(self, name):
        if isinstance(name, str) and not name.isdigit():
            return self.dims.setdefault(name, sp.Symbol(name, integer=True, positive=True))
        return sp.Integer(name)

    def variable(self, name, rows, cols):
        if rows == cols == 1:
            self.symbols[name] = sp.Symbol(name, real=True)
        else:
            self.symbols[name] = sp.MatrixSymbol(name, self.dim(rows), self.dim(cols))
        return self.symbols[name]

    def number(self, value):
        return sp.Rational(value.numerator, value.denominator)

    def size(self, name):
        return self.dim(name)

    def add(self, a, b):
        return a + b

    def times(self, a, b):
        return a * b

    scaled = times

    def matmul(self, a, b):
        product = a.term * b.term
        return sp.Trace(product) if a.rows == 1 and b.cols == 1 else product

    def hadamard(self, a, b):
        return sp.HadamardProduct(a, b)

    def transpose(self, a):
        return a.T

    def inverse(self, a):
        return sp.Inverse(a)

    def trace(self, a):
        return sp.Trace(a)

    def det(self, a):
        return sp.Determinant(a)

    def kron(self, a, b):
        return sp.KroneckerProduct(a, b)

    def diag(self, a):
        return sp.DiagMatrix(a.term)

    def ones(self, rows, cols):
        return sp.OneMatrix(self.dim(rows), self.dim(cols))

    def identity(self, size):
        return sp.Identity(self.dim(size))

    def total(self, a):
        inner = a.term if a.rows == 1 else self.ones(1, a.rows) * a.term
        return sp.Trace(inner if a.cols == 1 else inner * self.ones(a.cols, 1))

    def scalar_power(self, a, exponent):
        return a ** self.number(exponent)

    def any_power(self, a, exponent):
        return a ** exponent

    def entry_power(self, a, exponent):
        u = sp.Dummy("u", real=True)
        return a.applyfunc(sp.Lambda(u, u ** self.number(exponent)))

    def scalar_function(self, function, a):
        return FUNCTIONS[function](a)

    def entry_function(self, function, a):
        u = sp.Dummy("u", real=True)
        return a.applyfunc(sp.Lambda(u, FUNCTIONS[function](u)))

    def derive(self, expression, by, order):
        for _ in range(order):
            expression = expression.diff(self.symbols[by])
        if expression.has(sp.Derivative):
            raise Untranslated("the derivative is left as it is")
        return expression

    def matches(self, answer, inputs, sizes, wanted, order):
        """Is the answer the wanted array at a point, in some order of its axes?"""
        found = self.value(answer, inputs, sizes)
        orders = itertools.permutations(range(found.ndim)) if found.ndim > 2 else [range(found.ndim), range(found.ndim)[::-1]]
        flat = wanted.reshape(-1, order="F")
        return any(
            found.size == flat.size and np.allclose(found.transpose(axes).reshape(-1, order="F"), flat, rtol=1e-6, atol=1e-6 * max(1e-3, np.abs(flat).max()))
            for axes in orders
        )

    def value(self, answer, inputs, sizes):
        dims = {symbol: sizes[name] for name, symbol in self.dims.items() if name in sizes}
        answer = sp.sympify(answer).subs(dims)
        for name, value in inputs.items():
            symbol = self.symbols[name]
            if value.ndim == 0:
                answer = answer.subs(symbol, sp.Float(float(value), 30))
            else:
                rows = value if value.ndim == 2 else value.reshape(-1, 1)
                answer = answer.subs(sp.MatrixSymbol(name, *rows.shape), sp.ImmutableMatrix(rows.tolist()))
        answer = answer.doit()
        if isinstance(answer, MatrixExpr) or hasattr(answer, "as_explicit"):
            answer = answer.as_explicit()
        if not hasattr(answer, "shape"):
            return np.asarray(float(answer.evalf()))
        array = answer.tolist() if hasattr(answer, "tolist") else answer
        return np.vectorize(lambda entry: float(sp.N(entry)))(np.array(array, dtype=object)).astype(float)
