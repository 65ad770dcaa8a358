"""Builds the terms of another system from a tree, with the shapes that it needs.

A system says how the primitive operations are written (see sympy_system.py and tensorgrad_system.py); what it has no
word for is written in terms of those, as a user of it would.
"""

from fractions import Fraction

from script import Untranslated


class Value:
    """A term of the system with the names of its sizes; 1 where it has none."""

    def __init__(self, term, rows=1, cols=1):
        self.term, self.rows, self.cols = term, rows, cols

    @property
    def is_scalar(self):
        return self.rows == 1 and self.cols == 1


ENTRYWISE = {"exp", "log", "sin", "tanh", "sigmoid", "relu", "abs", "sqrt"}


class Late:
    """A term whose size its neighbour in a sum gives: `I`, `vector(1)`, and products with them."""

    def __init__(self, of):
        self.of = of  # rows and columns to a value


class Builder:
    """Walks a tree."""

    def __init__(self, system, shapes):
        self.system, self.shapes = system, shapes
        self.variables = {name: self.declare(name, dims) for name, dims in shapes.items()}
        self.sizes = {dim for dims in shapes.values() for dim in dims}

    def declare(self, name, dims):
        rows, cols = (list(dims) + [1, 1])[:2]
        return Value(self.system.variable(name, rows, cols), rows, cols)

    def build(self, tree):
        kind, *parts = tree
        if kind == "name":
            return self.name(parts[0])
        if kind == "number":
            return Value(self.system.number(Fraction(parts[0])))
        if kind == "call":
            return self.call(parts[0], parts[1:])
        if kind in ("power", "entrywise power"):
            return self.power(kind, self.build(parts[0]), parts[1])
        values = [self.build(part) for part in parts]
        if kind.startswith("entrywise"):
            sized = next(value for value in values if not isinstance(value, Late))
            values = [value.of(sized.rows, sized.cols) if isinstance(value, Late) else value for value in values]
        return getattr(self, kind.replace(" ", "_"))(*values)

    def name(self, name):
        if name in self.variables:
            return self.variables[name]
        if name in self.sizes:
            return Value(self.system.size(name))
        if name == "I":
            return Late(lambda rows, cols: Value(self.system.identity(rows), rows, rows))
        raise Untranslated(f"`{name}`")

    def negate(self, a):
        if isinstance(a, Late):
            return Late(lambda rows, cols: self.negate(a.of(rows, cols)))
        return self.scaled(Value(self.system.number(Fraction(-1))), a)

    def add(self, a, b):
        if isinstance(a, Late):
            a = a.of(b.rows, b.cols)
        if isinstance(b, Late):
            b = b.of(a.rows, a.cols)
        if a.is_scalar != b.is_scalar:
            array, scalar = (b, a) if a.is_scalar else (a, b)
            scalar = self.scaled(scalar, self.ones(array.rows, array.cols))
            a, b = (scalar, array) if a is not array else (array, scalar)
        return Value(self.system.add(a.term, b.term), a.rows, a.cols)

    def scaled(self, scalar, a):
        if a.is_scalar:
            return Value(self.system.times(scalar.term, a.term))
        return Value(self.system.scaled(scalar.term, a.term), a.rows, a.cols)

    def product(self, a, b):
        if isinstance(a, Late):
            return Late(lambda rows, cols: self.product(a.of(rows, b.rows), b))
        if isinstance(b, Late):
            # A number leaves the size open; a matrix gives the rows.
            return Late(lambda rows, cols: self.product(a, b.of(rows if a.is_scalar else a.cols, cols)))
        if a.is_scalar or b.is_scalar:
            return self.scaled(a, b) if a.is_scalar else self.scaled(b, a)
        term = self.system.matmul(a, b)
        return Value(term, a.rows, b.cols)

    def quotient(self, a, b):
        if isinstance(a, Late):
            return Late(lambda rows, cols: self.quotient(a.of(rows, cols), b))
        if b.is_scalar:
            return self.scaled(Value(self.system.scalar_power(b.term, Fraction(-1))), a)
        return self.entrywise_quotient(a, b)

    def entrywise_product(self, a, b):
        if a.is_scalar or b.is_scalar:
            return self.product(a, b)
        return Value(self.system.hadamard(a.term, b.term), a.rows, a.cols)

    def entrywise_quotient(self, a, b):
        if b.is_scalar:
            return self.quotient(a, b)
        below = Value(self.system.entry_power(b.term, Fraction(-1)), b.rows, b.cols)
        return self.entrywise_product(a, below)

    def transpose(self, a):
        return a if a.is_scalar else Value(self.system.transpose(a.term), a.cols, a.rows)

    def power(self, kind, base, exponent):
        try:
            number = constant(exponent)
        except Untranslated:
            if not base.is_scalar:
                raise
            return Value(self.system.any_power(base.term, self.build(exponent).term))
        if base.is_scalar:
            return Value(self.system.scalar_power(base.term, number))
        if kind == "entrywise power":
            return Value(self.system.entry_power(base.term, number), base.rows, base.cols)
        if number.denominator != 1 or number == 0:
            raise Untranslated("a power of a matrix")
        root = base if number > 0 else Value(self.system.inverse(base.term), base.rows, base.cols)
        result = root
        for _ in range(abs(int(number)) - 1):
            result = self.product(result, root)
        return result

    def ones(self, rows, cols):
        return Value(self.system.ones(rows, cols), rows, cols)

    def call(self, function, parts):
        if function in ("vector", "ones", "eye"):
            return self.constant(function, parts)
        values = [self.build(part) for part in parts]
        a = values[0]
        if function in ENTRYWISE:
            entrywise = self.system.scalar_function if a.is_scalar else self.system.entry_function
            return Value(entrywise(function, a.term), a.rows, a.cols)
        return getattr(self, "call_" + function)(*values)

    def constant(self, function, parts):
        dims = [part[1] for part in parts]
        if function == "eye":
            return Value(self.system.identity(dims[0]), dims[0], dims[0])
        if function == "vector":
            return Late(lambda rows, cols: self.ones(rows, 1))
        if not set(dims) <= self.sizes | {"1"}:
            raise Untranslated("ones without a size")
        rows, cols = (1 if dim == "1" else dim for dim in dims)
        return self.ones(rows, cols)

    def call_sum(self, a):
        return Value(self.system.total(a))

    def call_tr(self, a):
        return Value(self.system.trace(a.term))

    def call_det(self, a):
        return Value(self.system.det(a.term))

    def call_logdet(self, a):
        return Value(self.system.scalar_function("log", self.system.det(a.term)))

    def call_inv(self, a):
        return Value(self.system.inverse(a.term), a.rows, a.cols)

    def call_diag(self, a):
        return Value(self.system.diag(a), a.rows, a.rows)

    def call_kron(self, a, b):
        return Value(self.system.kron(a.term, b.term), "kron", "kron")

    def square(self, a):
        return self.scaled(a, a) if a.is_scalar else self.call_sum(self.entrywise_product(a, a))

    def call_norm2(self, a):
        inner = self.product(self.transpose(a), a) if a.cols == 1 else self.square(a)
        return Value(self.system.scalar_power(inner.term, Fraction(1, 2)))

    call_normF = call_norm2

    def call_norm1(self, a):
        return self.call_sum(Value(self.system.entry_function("abs", a.term), a.rows, a.cols))

    def call_mean(self, a):
        return self.quotient(self.call_sum(a), Value(self.system.size(a.rows)))

    def call_var(self, a):
        centred = self.add(a, self.negate(self.call_mean(a)))
        return self.quotient(self.square(centred), Value(self.system.size(a.rows)))

    def call_softmax(self, a):
        exponentials = Value(self.system.entry_function("exp", a.term), a.rows, a.cols)
        return self.quotient(exponentials, self.call_sum(exponentials))

    def call_logsumexp(self, a):
        exponentials = Value(self.system.entry_function("exp", a.term), a.rows, a.cols)
        return Value(self.system.scalar_function("log", self.call_sum(exponentials).term))

    def call_rowsum(self, a):
        return self.product(a, self.ones(a.cols, 1))

    def call_colsum(self, a):
        return self.product(self.ones(1, a.rows), a)

    def call_rowsoftmax(self, a):
        exponentials = Value(self.system.entry_function("exp", a.term), a.rows, a.cols)
        totals = self.product(self.call_rowsum(exponentials), self.ones(1, a.cols))
        return self.entrywise_quotient(exponentials, totals)


def constant(tree):
    """The number that a tree is."""
    kind, *parts = tree
    if kind == "number":
        return Fraction(parts[0])
    if kind == "negate":
        return -constant(parts[0])
    if kind == "quotient":
        return constant(parts[0]) / constant(parts[1])
    raise Untranslated("a power with a variable exponent")
