"""Scripts that are translations of each other give identical answers.

    check_translations.py A.json B.json …

Each file holds one JSON object for each statement. The answers, in order, must agree in `answer`, `assumptions`,
`excluded` and `steps`; a script may declare in other statements, so only statements with an answer are compared.
"""

import json
import sys

COMPARED = ("status", "answer", "answers", "assumptions", "excluded", "steps")


def answers(path):
    with open(path, encoding="utf-8") as lines:
        statements = [json.loads(line) for line in lines if line.strip()]
    failed = [s for s in statements if s.get("status") == "error"]
    if failed:
        sys.exit(f"{path}: {failed[0].get('statement')!r} failed: {failed[0].get('diagnostic')}")
    return [s for s in statements if s.get("answer") or s.get("answers")]


def main(paths):
    first = answers(paths[0])
    if not first:
        sys.exit(f"{paths[0]}: no answers")
    for path in paths[1:]:
        other = answers(path)
        if len(other) != len(first):
            sys.exit(f"{paths[0]} has {len(first)} answers, {path} has {len(other)}")
        for a, b in zip(first, other):
            for key in COMPARED:
                if a.get(key) != b.get(key):
                    sys.exit(
                        f"{a['statement']!r} and {b['statement']!r} differ in {key}:\n"
                        f"  {json.dumps(a.get(key), ensure_ascii=False)}\n  {json.dumps(b.get(key), ensure_ascii=False)}"
                    )
    print(f"{len(first)} answers are identical in {len(paths)} scripts")


main(sys.argv[1:])
