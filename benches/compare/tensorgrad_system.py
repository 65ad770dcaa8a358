"""tensorgrad: tensors with named edges (`r` and `c` for rows and columns), `Derivative` and `full_simplify`."""

import importlib.metadata
import itertools

import sympy
import tensorgrad as tg
import tensorgrad.functions as F
import torch
from tensorgrad.compiler import compile_to_callable

from script import Untranslated

EDGES = ("r", "c")


class System:
    name, version = "tensorgrad", importlib.metadata.version("tensorgrad")

    def __init__(self):
        self.dims, self.symbols, self.fresh = {}, {}, itertools.count()

    def dim(self, name):
        if str(name).isdigit():
            raise Untranslated("a size that is a number")
        return self.dims.setdefault(name, sympy.Symbol(str(name)))

    def edges(self, rows, cols):
        return {edge: self.dim(size) for edge, size in zip(EDGES, (rows, cols)) if size != 1}

    def variable(self, name, rows, cols):
        self.symbols[name] = tg.Variable(name, **self.edges(rows, cols))
        return self.symbols[name]

    def number(self, value):
        return tg.Sum([tg.Product([])], [value])

    def size(self, name):
        return F.sum(tg.Ones(s=self.dim(name)))

    def add(self, a, b):
        return a + b

    def times(self, a, b):
        return tg.Product([a, b])

    scaled = times

    def matmul(self, a, b):
        inner = f"k{next(self.fresh)}"
        left = a.term.rename(c=inner) if "c" in a.term.edges else a.term
        right = b.term.rename(r=inner) if "r" in b.term.edges else b.term
        return tg.Product([left, right])

    def hadamard(self, a, b):
        return a * b

    def transpose(self, a):
        return a.rename(**{edge: other for edge, other in (("r", "c"), ("c", "r")) if edge in a.edges})

    def inverse(self, a):
        # The rows of the inverse have the edge of the columns of `a`.
        return self.transpose(F.inverse(a, {"r", "c"}))

    def trace(self, a):
        return F.trace(a)

    def det(self, a):
        return F.det(a, EDGES)

    def kron(self, a, b):
        raise Untranslated("a Kronecker product as a matrix")

    def diag(self, a):
        return F.diag(a.term, list(EDGES))

    def ones(self, rows, cols):
        return tg.Ones(**self.edges(rows, cols))

    def identity(self, size):
        return tg.Delta(self.dim(size), *EDGES)

    def total(self, a):
        return F.sum(a.term)

    def scalar_power(self, a, exponent):
        return F.pow(a, exponent)

    entry_power = scalar_power

    def any_power(self, a, exponent):
        return F.exp(tg.Product([exponent, F.log(a)]))

    def scalar_function(self, function, a):
        if not hasattr(F, function):
            raise Untranslated(f"{function} of a number")
        return getattr(F, function)(a)

    entry_function = scalar_function

    def derive(self, expression, by, order):
        variable = self.symbols[by]
        for turn in range(order):
            names = {edge: f"d{turn}{edge}" for edge in variable.edges}
            expression = tg.Derivative(expression, variable, names)
        return expression.full_simplify()

    def matches(self, answer, inputs, sizes, wanted, order):
        """Is the answer the wanted array at a point? Its edges are ordered as outputs, then derivatives."""
        found = evaluated(answer, {self.symbols[name]: value for name, value in inputs.items()}, {
            symbol: sizes[name] for name, symbol in self.dims.items() if name in sizes
        })
        edges = list(answer.edges)
        names = [edge for edge in ("r", "c", "d0r", "d0c", "d1r", "d1c") if edge in edges]
        found = found.transpose([edges.index(edge) for edge in names])
        # Column by column on each side of a vec-Jacobian: all axes in the order of Fortran.
        array = found.reshape(-1, order="F")
        flat = wanted.reshape(-1, order="F")
        scale = max(1e-3, abs(flat).max())
        return array.size == flat.size and bool((abs(array - flat) <= 1e-6 * scale).all())


def evaluated(term, values, dims):
    """The value of a term, with its axes in the order of its edges.

    tensorgrad's own evaluation labels the axes of torch tensors, which newer versions of torch do not know any more:
    its compiler's function is called below that.
    """
    program = compile_to_callable(term)
    called = program.codegen.specialize(dims, verbose=False, dtype=torch.float64, for_inductor=False)
    tensors = [torch.tensor(values[variable], dtype=torch.float64) for variable in program.vars]
    (found,), ((order, names),) = called(*tensors), program._wrap_plans
    found = found if order is None else found.permute(order)
    return found.numpy().transpose([list(names).index(edge) for edge in term.edges])
