"""The card's part on films: tables and plots from `judge` and `fit`, nothing typed."""

from pathlib import Path

CHOSEN = (
    "Strength, calibration and level of each fold's heads: on inner folds of its own patients. That patches stand beside the deep maps was decided "
    "with figures out of fold in sight, of another division of the same patients into folds. Which numbers a cell's place is weighed from was decided "
    "with hits on these 23 films in sight: the hits flatter by that much. They were looked at at least three times for 0.3.0 (activation maps, the numbers of a cell, what ships; more were not counted) "
    "and once more for the fine-tuned networks, whose recipe was fixed before; nothing was changed after that. Which findings are never denied: on inner folds. The operating points of phantoms: on validation phantoms."
)
# in words: their figures were of other runs than the one that ships
TRIED = (
    ("means over the lungs' zones, or over a grid, in the place of the whole picture's", "worse on inner folds, alone and beside the heads"),
    ("the same maps averaged with those of the mirrored film", "slightly worse on inner folds"),
    ("patches learned from films in the place of phantoms", "no better beside the deep maps, and a dictionary for each fold would have to ship"),
    ("class activation maps of the heads for places", "they point at bones and hit almost nothing; left"),
    ("more training on phantoms made like films, for the outlines", "cut off by the time on the processor: hearts lay better, lungs changed sides; left"),
    ("fine-tuning the network on the films of each fold", "worse, in classes and in places: the table above; before it, at half the rate and 380 steps, one fold was trained and stopped (0.747 at best on the films watched, where the fold has 0.762 in the table's run)"),
)  # fmt: skip

TUNED = (
    "In each fold levels four and five and the way back up were trained on from the phantom network (lower levels frozen), on three fifths of the films with their image labels (focal loss, the soft maximum of a map over the chest), "
    "on opacities drawn on films that show nothing and on phantoms (with places). A fourth fifth is watched: it chooses step, mixture and calibration; the last is judged. Means over the folds below. "
    "The point is the opacity map beside where other folds' boxes lie, fixed before these boxes were looked at with it; the other two rows of it are told for comparison. "
    "To ship, it had to hit more than 13 of 23 or be the better in mean AUC with the whole interval, and be worse in neither. Longer training, lower levels and films of more patients were not tried."
)


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(r)} |" for r in rows), ""]


def between(interval: list[float] | tuple[float, float]) -> str:
    return f"{interval[0]:.3f} to {interval[1]:.3f}"


def no_better_than_blind(fit: dict) -> list[str]:
    return [k for k, folds in fit["besideBlind"].items() if not all(own > blind for own, blind in folds)]


def denials(fit: dict) -> list[str]:
    never = no_better_than_blind(fit)
    lines = ["## What is never denied", "", "A finding is told absent on films only where its head is better than what is known without pixels on the inner folds of each of the five folds' other patients (the films held out take no part). " + (f"Never told absent: {', '.join(never)}." if never else "All are."), ""]
    return lines + table(["finding, AUC on inner folds (without pixels)", *(f"fold {n + 1}" for n in range(5))], [[k, *(f"{own:.3f} ({blind:.3f})" for own, blind in folds)] for k, folds in fit["besideBlind"].items()])


def about_tuning(tuned: dict) -> list[str]:
    """What fine-tuning came to, from tuned.json."""
    lines = ["## Fine-tuned on the films of each fold: measured, not shipped", "", TUNED, ""]
    names = ("frozen", "fine-tuned", "mixed", "without pixels")
    lines += table(["films", "mean AUC out of fold: frozen heads (as shipped)", "fine-tuned network alone", "mixed", "without pixels", "mixed minus frozen", "mixed minus without pixels"], [[r["films"], *(f"{r['means'][k]:.3f}" for k in names), *(f"{r[k][0]:+.3f} ({r[k][1]:+.3f} to {r[k][2]:+.3f})" for k in ("mixed minus frozen", "mixed minus without pixels"))] for r in tuned["auc"]])
    lines += table(["finding, all films", "frozen", "fine-tuned", "mixed", "without pixels"], [[f, *(f"{v[k]:.3f}" for k in names)] for f, v in tuned["auc"][0]["byFinding"].items()])
    lines += ["Share of the fine-tuned network in the mixture, chosen by each fold on the films that it watched: " + ", ".join(f"{f['share']:.2f}" for f in tuned["folds"]) + ".", ""]
    lines += table(["who points", "hits", "of", "share, 95 % interval"], [[r["who"], str(r["hits"]), str(r["of"]), between(r["interval"])] for r in (*tuned["places"], *tuned["rivals"])])
    lines += table(["step", "mean AUC, films in training", "mean AUC, films watched", "pointed into a drawn opacity, films watched"], [[str(r["step"]), *(f"{v:.3f}" for k, v in r.items() if k != "step")] for r in tuned["curve"]])
    return lines


def about_films(films: dict, tuned: dict | None = None) -> str:
    fit = films["fit"]
    gate = fit["gate"]
    lines = ["", "## On films, finding by finding", "", "Out of fold by patient; beside it a logistic regression on file size, view, age, sex and number of the follow-up, in the same folds.", ""]
    lines += table(["films", "finding", "positives", "AUC", "95 % interval", "without pixels"], [[r["films"], r["finding"], str(r["positives"]), f"{r['auc']:.3f}", between(r["interval"]), f"{r['blind']:.3f}"] for r in films["byFinding"]])
    lines += ["![AUC by finding, beside what is known without pixels](films/auc.svg)", "", "## Places on films", "", "One point a film, into the radiologists' box of an opacity (or the only box). Intervals are exact (Clopper and Pearson).", ""]
    lines += table(["who points", "hits", "of", "share, 95 % interval"], [[r["who"], str(r["hits"]), str(r["of"]), between(r["interval"])] for r in films["places"]])
    lines += ["![Pointed into the box](films/places.svg)", "", "## Other readers", ""]
    lines += table(["Google's readers (2019)", "films", "positives", "AUC of pneumonia or infiltrate"], [[r["truth"], str(r["films"]), str(r["positives"]), f"{r['auc of pneumonia or infiltration']:.3f}"] for r in films["google"]])
    lines += denials(fit)
    lines += ["## What is read at all", "", f"The gate was fitted without the first fold and judged on it: AP told from PA on {gate['AP']['right']} of {gate['AP']['of']} films (AUC {gate['AP']['auc']:.3f}); film told from phantom on {gate['film']['right']} of {gate['film']['of']}.", ""]
    lines += table(["picture", "taken for an upright frontal film", "of"], [[k, str(v[0]), str(v[1])] for k, v in gate["frontal"].items()])
    marked = gate["marked in the index"]
    lines += [f"Of {len(marked)} films that the index lists as turned, and that the gate was not fitted on, {sum(marked)} are taken. Looked at one by one, those refused lie on their side and those taken stand upright.", "", "## Learning curve", ""]
    lines += table(["share of the patients", "patients", "mean AUC of the five"], [[f"{100 * r['share']:.0f} %", str(r["patients"]), f"{r['mean auc']:.3f}"] for r in films["curve"]])
    if tuned:
        lines += about_tuning(tuned)
    lines += ["## What was chosen on what", "", CHOSEN, "", "## What was tried", "", *(f"- {what}: {came}." for what, came in TRIED), ""]
    return "\n".join(lines)


def bars(title: str, rows: list[tuple[str, float, tuple[float, float], float | None]], limits: tuple[float, float]) -> str:
    """Points with intervals; a hollow mark for what it is held against."""
    low, high = limits
    x = lambda v: 250 + (v - low) / (high - low) * 320  # noqa: E731
    height = 50 + 24 * len(rows)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 {height}" font-family="sans-serif" font-size="12"><rect width="600" height="{height}" fill="#fff"/>', f'<text x="12" y="20" font-size="14">{title}</text>']
    for tick in range(5):
        v = low + (high - low) * tick / 4
        out.append(f'<line x1="{x(v):.1f}" x2="{x(v):.1f}" y1="32" y2="{height - 18}" stroke="#ddd"/><text x="{x(v):.1f}" y="{height - 5}" text-anchor="middle" fill="#555">{v:.2f}</text>')
    for n, (name, value, (a, b), other) in enumerate(rows):
        y = 46 + 24 * n
        out.append(f'<text x="242" y="{y + 4}" text-anchor="end">{name}</text><line x1="{x(max(a, low)):.1f}" x2="{x(min(b, high)):.1f}" y1="{y}" y2="{y}" stroke="#2563a8" stroke-width="2"/><circle cx="{x(value):.1f}" cy="{y}" r="4" fill="#2563a8"/>')
        if other is not None:
            out.append(f'<circle cx="{x(max(low, other)):.1f}" cy="{y}" r="4" fill="none" stroke="#b45309" stroke-width="2"/>')
    return "".join(out) + "</svg>\n"


def write_plots(folder: Path, films: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [(f"{r['finding']}, {r['films']}", r["auc"], tuple(r["interval"]), r["blind"]) for r in films["byFinding"]]
    (folder / "auc.svg").write_text(bars("AUC out of fold (hollow: without pixels)", rows, (0.4, 1.0)))
    short = {0: "this network", 1: "fixed point, other folds", 2: "fixed point, other patients", 3: "lung centre", 4: "prior map"}
    (folder / "places.svg").write_text(bars("Pointed into the radiologists' box", [(short[n], r["hits"] / r["of"], tuple(r["interval"]), None) for n, r in enumerate(films["places"])], (0.0, 1.0)))


