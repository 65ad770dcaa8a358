"""Gradus, SymPy and tensorgrad on the case book, in one run: right, wrong, not answered, time.

    python3 -m venv venv && venv/bin/pip install numpy sympy==1.14.0 tensorgrad==0.3.0
    cargo build --release && cargo bench --no-run -p gradus-benches --bench corpus
    venv/bin/python -B benches/compare.py [--list]

The cases are tests/corpus/*.gradus, and the judge of all three is tests/corpus/points.json: two points each, with
the value of the derivative there. The scripts are translated mechanically (compare/), with symbolic sizes, as a user
of the system would write them; a case with a construction that has no translation is counted on its own, and is not
held against the system. Declared properties (symmetric, positive definite, on the simplex) that another system cannot
be told are not told it, which matters where a derivative by a structured variable is asked. Time: the derivation,
without translation and without the judge's evaluation, in process; for Gradus with its own check (the bench `corpus`).
`--list` prints what became of each case.
"""

import json
import multiprocessing
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / ".ci"), str(ROOT / "benches" / "compare")]

import check_corpus  # noqa: E402
from algebra import Builder  # noqa: E402
from script import Case, Untranslated  # noqa: E402

SECONDS = 20  # for one case


def sizes(case, inputs):
    """The numbers that the names of dimensions stand for at a point."""
    return {dim: length for name, dims in case.shapes.items() for dim, length in zip(dims, np.shape(inputs.get(name, 0)))}


def answered(module, script, points, pipe):
    """Sends (outcome, seconds, why) for one case."""
    system = __import__(module).System()
    try:
        case = Case(script)
        expression = Builder(system, case.shapes).build(case.tree).term
    except Untranslated as error:
        return pipe.send(("untranslated", 0, str(error)))
    except Exception as error:  # the system refuses the expression itself
        return pipe.send(("refused", 0, f"{type(error).__name__}: {error}"))
    begin = time.perf_counter()
    try:
        answer = system.derive(expression, case.by, case.order)
    except Exception as error:
        return pipe.send(("refused", 0, f"{type(error).__name__}: {error}"))
    seconds = time.perf_counter() - begin
    try:
        for point in points:
            inputs = {name: np.asarray(value, float) for name, value in point["inputs"].items() if name in case.shapes}
            wanted = np.asarray(point["expected"], float)
            if not system.matches(answer, inputs, sizes(case, inputs), wanted, case.order):
                return pipe.send(("wrong", seconds, str(answer).replace("\n", " ")[:200]))
    except Exception as error:
        return pipe.send(("no value", seconds, f"{type(error).__name__}: {error}"))
    return pipe.send(("right", seconds, ""))


def limited(module, script, points):
    """The same in a process of its own, for at most SECONDS."""
    here, there = multiprocessing.Pipe(False)
    process = multiprocessing.Process(target=answered, args=(module, script, points, there))
    process.start()
    there.close()
    try:
        return here.recv() if here.poll(SECONDS) else ("too long", SECONDS, "")
    except EOFError:
        return ("refused", 0, "the process ended")
    finally:
        process.terminate()
        process.join()


def gradus_outcomes(scripts, points):
    binary = ROOT / "target" / "release" / "gradus"
    command = ["cargo", "bench", "--quiet", "-p", "gradus-benches", "--bench", "corpus", "--", "each"]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.splitlines()
    times = {line.split()[1]: float(line.split()[2]) for line in lines if line.startswith("case ")}
    outcomes = {}
    for name, script in scripts.items():
        answer = check_corpus.last_answer(str(binary), script)
        if answer is None:
            outcomes[name] = ("refused", 0, "")
            continue
        try:
            check_corpus.check(answer, points[name]["points"])
            outcomes[name] = ("right", times[name], "")
        except Exception as error:
            outcomes[name] = ("wrong", times.get(name, 0), str(error))
    return outcomes


def row(name, outcomes, common):
    count = lambda *kinds: sum(outcome[0] in kinds for outcome in outcomes.values())
    times = [outcomes[case][1] for case in common]
    median = f"{statistics.median(times) * 1e3:.2f} ms | {max(times) * 1e3:.0f} ms" if times else "–"
    cells = [count("right"), count("wrong"), count("no value"), count("refused"), count("too long"), count("untranslated")]
    return f"| {name} | " + " | ".join(map(str, cells)) + f" | {median} |"


def main():
    points = json.loads((ROOT / "tests/corpus/points.json").read_text(encoding="utf-8"))
    scripts = check_corpus.cases(ROOT / "tests/corpus")
    multiprocessing.set_start_method("fork")
    results = {"Gradus": gradus_outcomes(scripts, points)}
    for module in ("sympy_system", "tensorgrad_system"):
        system = __import__(module).System
        title = f"{system.name} {system.version}"
        results[title] = {name: limited(module, script, points[name]["points"]) for name, script in scripts.items()}
    common = [name for name in scripts if all(outcomes[name][0] == "right" for outcomes in results.values())]
    print(f"{len(scripts)} cases; times are over the {len(common)} that all answer rightly.\n")
    print("| | right | wrong | answer without a value | refused | over 20 s | not translated | median time | slowest |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, outcomes in results.items():
        print(row(name, outcomes, common))
    if "--list" in sys.argv:
        for name, outcomes in results.items():
            print(f"\n{name}")
            for case, (outcome, _, why) in outcomes.items():
                if outcome != "right":
                    print(f"- {case}: {outcome}{': ' + ' '.join(why.split())[:160] if why else ''}")


if __name__ == "__main__":
    main()
