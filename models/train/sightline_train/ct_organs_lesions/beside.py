"""What the card says beside the figures: other networks through the same judge, learning curves, real scans."""

import json
from pathlib import Path

from ..run import Run
from .curves import column, lines

KINDS = {
    "shipped": "A small 3D U-Net",
    "transformer": "Attention in windows and shifted windows over tokens of 16, 32 and 64 mm between a convolutional stem and decoder",
    "convolutions": "A 3D U-Net with residual convolutions at 16, 32 and 64 mm",
}
SHORT = {"shipped": "this version", "transformer": "transformer", "convolutions": "convolutions of the same size"}
PHANTOMS, BEYOND = "unseen phantoms, n", "unseen phantoms beyond"


def row(result: dict) -> dict[str, float | None]:
    """The figures by which networks are set beside one another."""
    find = lambda name, data: next((f["value"] for f in result["figures"] if f["name"] == name and f["data"].startswith(data)), None)  # noqa: E731
    found = {}
    for kind, data in (("phantoms", PHANTOMS), ("beyond range", BEYOND)):
        found[f"organs, mean Dice: {kind}"] = find("organs: mean Dice", data)
        for name in ("lesion F1", "false findings per study"):
            found[f"{name}: {kind}"] = find(name, data)
    abdomen, chest = result.get("abdomen"), result.get("chest")
    if abdomen:
        for name in ("macro mean", "liver", "spleen", "kidneys", "aorta", "vertebrae"):
            found[f"abdomen of a patient, {name}"] = abdomen[name]
    if chest:
        found["chest of a patient, lungs"] = chest["scan"]["lungs"]
        found["left lung"], found["right lung"] = chest["scan"]["left"], chest["scan"]["right"]
        found["its 20 changed copies, mean"], found["least of them"] = chest["mean of copies"], chest["least of copies"]
    return found


def others(run: Run) -> dict[str, Path]:
    """Runs beside this one, by what they are called in the table."""
    return {name: run.folder.parent / folder for name, folder in run.config.get("beside", {}).items() if (run.folder.parent / folder).exists()}


def result_of(folder: Path) -> dict | None:
    for name in ("evaluation.json", "reproduced.json"):
        if (folder / name).exists():
            return json.loads((folder / name).read_text())
    return None


def table(run: Run, result: dict) -> list[str]:
    columns = {f"{run.config['version']}: {SHORT[run.config['network']]}": row(result)}
    for name, folder in others(run).items():
        other = result_of(folder)
        if other:
            columns[name] = row(other)
    keys = [k for k in next(iter(columns.values()))]
    show = lambda v: "" if v is None else f"{v:.3f}"  # noqa: E731
    return [
        f"| figure | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}",
        *[f"| {k} | {' | '.join(show(own.get(k)) for own in columns.values())} |" for k in keys],
    ]  # fmt: skip


def curves(run: Run, folder: Path) -> list[str]:
    own = {} if run.config["network"] == "shipped" else {SHORT[run.config["network"]]: run.folder / "log.csv"}
    logs = {**own, **{n: f / "log.csv" for n, f in others(run).items() if (f / "log.csv").exists()}}
    out = []
    for name, title in (("organs", "validation phantoms"), ("organsChanged", "validation phantoms changed beyond what phantoms are")):
        series = {n: own for n, path in logs.items() if len(own := column(path, name)) > 1}
        if not series:
            continue
        path = folder / "curves" / f"learning-{name.lower()}.svg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(lines(f"Organs, mean Dice at 4 mm: {title}", "running averages of the weights", series))
        out.append(f"![Learning curve: {title}](curves/{path.name})")
    return out


REAL = (
    "The abdomen is `example_ct` of TotalSegmentator against that network's own label map; the chest is LIDC-IDRI-0314 against lungs by "
    "classical means (`classical.py`, frozen before a network was judged; the patient's right upper lobe holds little air). Neither was "
    "trained on, and one scan of each is an illustration without an interval. The copies have noise, other slices, fields of view and "
    "directions (`perturbed.py`). The step `isolate` was made after version 0.2.0 had taken table and cloth of this very chest for lung: "
    "for that fault it is no judge any more. Nor is the abdomen for bladder and bowel taken for liver: version 0.3.0 had done so there, and the "
    "pelvis below phantoms (`pelvis.py`) was made after it."
)


def limit(run: Run, result: dict) -> list[str]:
    """The grid's ceiling beside what is reached, by organ."""
    top = result.get("ceiling")
    if not top:
        return []
    reached = {f["name"].removesuffix(": Dice").replace(": mean Dice", ""): f["value"] for f in result["figures"] if f["data"].startswith(PHANTOMS)}
    step = run.config["spacingMm"][0]
    return [
        "", f"## What a grid of {step:g} mm leaves", "",
        f"Truth of {top['phantoms']} of the unseen phantoms brought to the network's grid as shares of a voxel and back as the application outlines: no answer at {step:g} mm is likely to be outlined better.",
        "", "| Dice | through the grid and back | this version |", "|---|---|---|",
        *[f"| {k} | {v:.3f} | {reached[k]:.3f} |" for k, v in top.items() if k in reached],
    ]  # fmt: skip


def eight_bits(run: Run) -> list[str]:
    """What `int8` measured, where it was run."""
    if not run.path("int8.json").exists():
        return []
    told = run.read_json("int8.json")
    return [
        "", "## In 8 bits", "", f"Convolutions quantised (static, calibrated on training phantoms), {told['phantoms']} validation phantoms at the network's grid. It ships as float32.",
        "", "| | MB | seconds of one core a patch | organs, mean Dice |", "|---|---|---|---|",
        *[f"| {k} | {told[k]['MB']:.1f} | {told[k]['seconds']:.2f} | {told[k]['organs']:.4f} |" for k in ("float32", "int8")],
    ]  # fmt: skip


def text(run: Run, result: dict, folder: Path) -> str:
    parts = ["", "## Beside other networks", "", "The same judge for all; Dice on each image's own grid.", "", *table(run, result)]
    if "abdomen" in result:
        parts += ["", REAL]
    parts += [*limit(run, result), *eight_bits(run)]
    drawn = curves(run, folder)
    if drawn:
        parts += ["", "## Learning curves", "", *[line for one in drawn for line in (one, "")]]
    return "\n".join(parts).rstrip() + "\n"
