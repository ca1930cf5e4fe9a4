"""A run's log as a picture: SVG lines, nothing but text."""

import csv
from pathlib import Path

COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700")
DASHED = 'stroke-dasharray="5 3"'
WIDE, HIGH, LEFT, BELOW = 560, 300, 52, 40


def column(log: Path, name: str) -> list[tuple[float, float]]:
    """(step, value) where the log has one."""
    with log.open(newline="") as file:
        return [(float(row["step"]), float(row[name])) for row in csv.DictReader(file) if row.get(name)]


def lines(title: str, unit: str, series: dict[str, list[tuple[float, float]]]) -> str:
    points = [p for own in series.values() for p in own]
    (x0, x1), (y0, y1) = ((min(p[d] for p in points), max(p[d] for p in points)) for d in (0, 1))
    room = (y1 - y0) * 0.08 or 0.01
    y0, y1, x1 = y0 - room, y1 + room, max(x1, x0 + 1)
    at = lambda p: (LEFT + (p[0] - x0) / (x1 - x0) * (WIDE - LEFT - 16), HIGH - BELOW - (p[1] - y0) / (y1 - y0) * (HIGH - BELOW - 30))  # noqa: E731
    text = lambda x, y, s, how="": f'<text x="{x:.1f}" y="{y:.1f}" {how}>{s}</text>'  # noqa: E731
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-family="sans-serif" font-size="11" fill="#57606a">',
        f'<rect width="{WIDE}" height="{HIGH}" fill="#ffffff"/>', text(LEFT, 16, title, 'font-size="12" fill="#24292f"'),
    ]  # fmt: skip
    for n in range(5):
        y = y0 + (y1 - y0) * n / 4
        _, v = at((x0, y))
        out += [f'<path d="M{LEFT} {v:.1f}H{WIDE - 16}" stroke="#d0d7de"/>', text(LEFT - 6, v + 4, f"{y:.3f}", 'text-anchor="end"')]
        x = x0 + (x1 - x0) * n / 4
        h, _ = at((x, y0))
        out.append(text(h, HIGH - BELOW + 16, f"{x:.0f}", 'text-anchor="middle"'))
    out.append(text(WIDE - 16, HIGH - 6, f"step; {unit}", 'text-anchor="end"'))
    for n, (name, own) in enumerate(series.items()):
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, own))
        out.append(f'<polyline points="{places}" fill="none" stroke="{COLOURS[n % 4]}" stroke-width="1.8" {DASHED if n > 1 else ""}/>')
        out.append(text(LEFT + 8 + 250 * (n % 2), 32 + 14 * (n // 2), name, f'fill="{COLOURS[n % 4]}"'))
    return "\n".join([*out, "</svg>"]) + "\n"
