"""Runs the generated NumPy code of every answered case of the case book at the points of the case.

    check_corpus.py GRADUS [FOLDER]

FOLDER (tests/corpus) holds the cases, each a part of a *.gradus file that is a session of its own and whose last
answer is the case, and points.json: values for the names, and the value that the derivative has there, which Gradus
has never seen. A case without an answer must be one that tests/corpus.rs lists as out of reach; an answer without
code is a failure.
"""

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from check_numpy import Wrong, answers, function, same

TOLERANCE = 1e-6  # the points have ten digits


def cases(folder):
    """The parts of the files by number: `P016`, and the script."""
    found = {}
    for path in sorted(Path(folder).glob("*.gradus")):
        for part in path.read_text(encoding="utf-8").split("\n## ")[1:]:
            title, _, body = part.partition("\n")
            found[title.split()[0]] = body
    return dict(sorted(found.items()))


def out_of_reach(folder):
    """The cases that the test of the case book lists as refused."""
    text = Path(folder).with_suffix(".rs").read_text(encoding="utf-8")
    lists = re.findall(r"const (?:OUT_OF_REACH|NOT_YET)[^=]*= &\[(.*?)\];", text, re.DOTALL)
    return set(re.findall(r'"(P\d+)"', "".join(lists)))


def last_answer(gradus, script):
    """The last answer of a script, or None if a statement is refused."""
    command = [gradus, "run", "-", "--format", "json"]
    done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=60, check=False)
    statements = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
    if any(statement.get("status") == "error" for statement in statements):
        return None
    found = [answer for statement in statements for answer, _ in answers(statement)]
    return found[-1] if found else None


def arguments(called, inputs, parameters):
    """The values of the parameters: inputs by name, in the shapes of the declarations, and sizes of theirs."""
    shapes = {p["name"]: p.get("shape", []) for p in parameters}
    values = {ascii_name(name): np.asarray(value, float) for name, value in inputs.items()}
    sizes = {}
    for name, value in values.items():
        sizes.update({dim: length for dim, length in zip(shapes.get(name, []), value.shape) if str(dim).isidentifier()})
    result = []
    for name in inspect.signature(called).parameters:
        value = values.get(name, sizes.get(name.removesuffix("_size")))
        if value is None:
            raise Wrong(f"the point has no value for the parameter {name}")
        result.append(value if np.ndim(value) else (int(value) if name not in values else float(value)))
    return result


def ascii_name(name):
    """The name of a parameter: Greek letters by their names."""
    greek = {"μ": "mu", "ε": "epsilon", "λ": "lambda_"}
    return greek.get(name, name)


def check(answer, points):
    code = answer.get("code") or {}
    if not code.get("numpy"):
        raise Wrong("the answer has no code")
    called = function(code["numpy"])
    for point in points:
        wanted = np.asarray(point["expected"], float)
        with np.errstate(all="raise"):
            value = np.asarray(called(*arguments(called, point["inputs"], code["parameters"])), float)
        if not np.all(np.isfinite(value)):
            raise Wrong("the value is not finite")
        scale = max(1e-3, float(np.max(np.abs(wanted), initial=0)))
        if not same(value / scale, wanted / scale, TOLERANCE):
            raise Wrong(f"the code gives\n{value}\nand the source\n{wanted}")
        if same(value / scale + 1e-3, wanted / scale, TOLERANCE):
            raise Wrong("a wrong answer would not be noticed at this point")


def main(gradus, folder="tests/corpus"):
    points = json.loads((Path(folder) / "points.json").read_text(encoding="utf-8"))
    listed, scripts = out_of_reach(folder), cases(folder)
    right, refused, failures = 0, 0, 0
    if scripts.keys() != points.keys() or not scripts:
        sys.exit("the cases and their points do not correspond")
    for name, script in scripts.items():
        answer = last_answer(gradus, script)
        try:
            if (answer is None) != (name in listed):
                raise Wrong("is refused" if answer is None else "is answered; take it off the list of the test")
            if answer is None:
                refused += 1
                continue
            check(answer, points[name]["points"])
            right += 1
        except Exception as error:  # whatever generated code raises is a failure of it
            failures += 1
            print(f"{name}: {type(error).__name__}: {error}")
            if answer:
                print((answer.get("code") or {}).get("numpy", ""))
    if failures:
        sys.exit(f"{failures} failures, {right} functions agree")
    print(f"{right} functions at their points, {refused} cases refused as listed")


if __name__ == "__main__":
    main(*sys.argv[1:])
