"""Runs generated NumPy code where a careless spelling of the same formula overflows, at inputs whose values are known.

    check_extreme.py GRADUS

With logits of ±1000 and determinants beyond the largest float the mathematics has ordinary values: no inf, no nan,
and no floating-point error but underflow to zero is accepted.
"""

import inspect
import sys

import numpy as np

from check_corpus import last_answer
from check_numpy import Wrong, function

FAR = np.array([1000.0, 0.0, -1000.0])
FIRST = np.array([1.0, 0.0, 0.0])
LARGE = 1e200 * np.eye(3)

# A script, the values of its names, and the value of its last answer there.
CASES = [
    ("x : R^n\ngrad log(sum(exp(x))) wrt x", {"x": FAR}, FIRST),
    ("x : R^n\nhessian logsumexp(x) wrt x", {"x": FAR}, np.zeros((3, 3))),
    ("x : R^n\nsimplify logsumexp(x)", {"x": FAR}, 1000.0),
    ("y, t : R^n\nsimplify -sum(y .* log(softmax(t)))", {"y": np.eye(3)[2], "t": FAR}, 2000.0),
    ("y : R^n one-hot\nt : R^n\ngrad -y' log(softmax(t)) wrt t", {"y": np.eye(3)[2], "t": FAR}, FIRST - np.eye(3)[2]),
    ("Y, T : R^(n×m)\nsimplify -sum(Y .* log(rowsoftmax(T)))", {"Y": FAR[None] * 0 + 1, "T": FAR[None]}, 3000.0),
    ("Y, T : R^(n×m)\ngrad -sum(Y .* log(rowsoftmax(T))) wrt T", {"Y": np.eye(3)[2:], "T": FAR[None]}, (FIRST - np.eye(3)[2])[None]),
    ("z : R^n\nsimplify sum(log(sigmoid(z)))", {"z": FAR}, -1000 - np.log(2)),
    ("z : R^n\njacobian sigmoid(z) wrt z", {"z": FAR}, np.diag([0, 0.25, 0])),
    ("z : R^n\ngrad sum(log(1 + exp(z))) wrt z", {"z": FAR}, np.array([1, 0.5, 0])),
    ("z : R^n\nsimplify sum(softplus(z))", {"z": FAR}, 1000 + np.log(2)),
    ("z : R^n\ngrad sum(1/(1 + exp(-z))) wrt z", {"z": FAR}, np.array([0, 0.25, 0])),
    ("z : R^n\ngrad sum(log(1/(1 + exp(-z)))) wrt z", {"z": FAR}, np.array([0, 0.5, 1])),
    ("z : R^n\ngrad sum(log(sigmoid(z))) wrt z", {"z": FAR}, np.array([0, 0.5, 1])),
    ("z : R^n\ngrad sum(tanh(z)) wrt z", {"z": FAR}, np.array([0, 1, 0])),
    ("X : R^(n×m)\nw : R^m\ny : R^n\nhessian sum(log(1 + exp(X w))) - y'X w wrt w",
     {"X": np.diag(FAR), "w": np.ones(3), "y": np.zeros(3)}, np.zeros((3, 3))),
    ("X : R^(n×m)\nw : R^m\ny : R^n\ngrad sum(log(exp(-y.*(X*w)) + vector(1))) wrt w",
     {"X": np.eye(3), "w": FAR, "y": np.ones(3)}, np.array([0, -0.5, -1])),
    ("A : R^(n×n)\nsimplify logdet(A)", {"A": LARGE}, 600 * np.log(10)),
    ("A : R^(n×n)\nsimplify log(det(A))", {"A": LARGE}, 600 * np.log(10)),
    ("A : R^(n×n)\nt : scalar\ndiff t*log(det(A)) wrt t", {"A": LARGE, "t": 1.0}, 600 * np.log(10)),
    ("A : R^(n×n)\nb : R^n\ngrad b'A^-1 b wrt b", {"A": LARGE, "b": 1e200 * np.ones(3)}, 2 * np.ones(3)),
]


def check(gradus, script, inputs, wanted):
    answer = last_answer(gradus, script)
    code = (answer or {}).get("code", {}).get("numpy")
    if not code:
        raise Wrong("there is no code")
    called = function(code)
    values = []
    for name in inspect.signature(called).parameters:
        if name not in inputs:
            raise Wrong(f"nothing is known about the parameter {name}")
        values.append(inputs[name])
    with np.errstate(all="raise", under="ignore"):
        found = np.asarray(called(*values), float)
    if found.shape != np.shape(wanted) or not np.allclose(found, wanted, rtol=1e-12, atol=1e-12):
        raise Wrong(f"{code}gives {found}, and should give {wanted}")


def main(gradus):
    failures = 0
    for script, inputs, wanted in CASES:
        try:
            check(gradus, script, inputs, wanted)
        except Exception as error:  # whatever generated code raises is a failure of it
            failures += 1
            question = script.splitlines()[-1]
            print(f"{question}: {type(error).__name__}: {error}")
    if failures:
        sys.exit(f"{failures} of {len(CASES)} overflow or are wrong")
    print(f"{len(CASES)} functions at extreme inputs")


if __name__ == "__main__":
    main(*sys.argv[1:])
