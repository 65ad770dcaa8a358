"""Draws the tables of the bench `growth` as an SVG: time over size, both logarithmic.

    cargo bench -p gradus-benches --bench growth | python3 benches/plot.py > docs/growth.svg
"""

import math
import re
import sys

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 460, 70, 20, 130, 50
COLOURS = ["#1b6ca8", "#c8553d", "#3c8d40", "#8e5ea2", "#b8860b", "#444444"]


def families(text):
    """Name → [(n, milliseconds)], for the families with several sizes."""
    found, name = {}, None
    for line in text.splitlines():
        if match := re.match(r"([\w-]+): ", line):
            name = match[1]
        elif name and (match := re.match(r"\| (\d+) \| ([\d.]+) ms", line)):
            found.setdefault(name, []).append((int(match[1]), float(match[2])))
    return {name: points for name, points in found.items() if len(points) > 1}


def drawn(curves):
    sizes = [n for points in curves.values() for n, _ in points]
    times = [t for points in curves.values() for _, t in points]
    decades = range(math.floor(math.log10(min(times))), math.ceil(math.log10(max(times))) + 1)
    across = math.log2(max(sizes))
    x = lambda n: LEFT + math.log2(n) / across * (WIDTH - LEFT - RIGHT)
    y = lambda t: HEIGHT - BOTTOM - (math.log10(t) - decades[0]) / (decades[-1] - decades[0]) * (HEIGHT - TOP - BOTTOM)
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for decade in decades:
        at = y(10.0**decade)
        label = f"{10**decade:g} ms" if decade < 3 else f"{10**(decade - 3):g} s"
        lines.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{label}</text>')
    for power in range(0, math.floor(across) + 1, 2):
        at = x(2**power)
        lines.append(f'<path d="M{at:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#dddddd"/>')
        lines.append(f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{2**power}</text>')
    lines.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">size n</text>')
    for colour, (name, points) in zip(COLOURS * 9, curves.items()):
        path = "L".join(f"{x(n):.1f} {y(t):.1f}" for n, t in points)
        lines.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines += [f'<circle cx="{x(n):.1f}" cy="{y(t):.1f}" r="3" fill="{colour}"/>' for n, t in points]
        n, t = points[-1]
        lines.append(f'<text x="{x(n) + 8:.1f}" y="{y(t) + 4:.1f}" fill="{colour}">{name}</text>')
    return "\n".join(lines + ["</svg>"])


if __name__ == "__main__":
    print(drawn(families(sys.stdin.read())))
