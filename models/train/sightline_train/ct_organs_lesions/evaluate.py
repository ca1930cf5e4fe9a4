"""Operating points on validation phantoms; then phantoms and real scans that nothing was chosen on are judged."""

import json
from pathlib import Path

import numpy as np

from .. import phantoms
from ..lesions import f1, figures
from ..package import session, zero_twin
from ..phantoms import ID, LABELS
from ..run import Run
from ..statistics import bootstrap, figure
from ..volume_steps import reorient
from . import graph, judge
from .answer import Lesion, lesions_of
from .ceiling import ceiling
from .examples import LESIONS, ORGANS, prepared
from .matching import case_of
from .scan import Shipped, answered, logits_of, shipped

LEAST_ML = {"lung-nodule": (0.25, 0.4, 0.6, 0.8, 1.0), "liver-lesion": (0.4, 0.7, 1.0, 1.5, 2.0), "effusion": (2.0, 5.0, 10.0, 20.0)}
LEVELS = (0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)
# pieces below this share of an organ's largest are strays; ribs are many pieces by nature
STRAYS = {"body": 0.05, "lung-left": 0.1, "lung-right": 0.1, "trachea": 0.2, "heart": 0.1, "aorta": 0.05, "liver": 0.1, "spleen": 0.2, "kidney-left": 0.2, "kidney-right": 0.2, "spine": 0.05}  # fmt: skip


def read(run: Run, entry: dict) -> list[tuple[dict, dict]]:
    spacing = tuple(run.config["spacingMm"])
    return [(phantoms.truth(run.cache / entry["name"], n), prepared(run.cache, entry, n, spacing)) for n in phantoms.available(run.cache, entry)]


def operating_points(run: Run, own: Shipped) -> tuple[dict[str, float], dict[str, float]]:
    """Each lesion's threshold and least volume: the most found less `penalty` times the false, on validation phantoms."""
    voxel_ml, choose = float(np.prod(own.spacing)) / 1000, []
    for entry in run.config["validate"]:
        for t, e in read(run, entry):
            logits = logits_of(own, e["image"])
            p = np.exp(logits - logits.max(0))
            choose.append((t, e, (p[[ID[k] for k in LESIONS]] / p.sum(0)).astype(np.float16)))
    chosen, least = {}, {}
    for n, kind in enumerate(LESIONS):
        best = -np.inf
        for threshold in LEVELS:
            said = [lesions_of(np.where(p[n] >= threshold, ID[kind], 0).astype(np.uint8), p[n], voxel_ml, {k: 0.1 for k in LESIONS}) for _, _, p in choose]
            for ml in LEAST_ML[kind]:
                hits = false = 0
                for (t, e, _), told in zip(choose, said, strict=True):
                    c = case_of(t, e["ids"], [s for s in told if s.ml >= ml], None)
                    # what is small is not asked for: only large lesions count as found
                    hits += sum(found for k, mm, found in c.planted if k == kind and (mm is None or mm >= 12))
                    false += sum(not true for _, true in c.said)
                if hits - run.config["penalty"] * false > best:
                    best = hits - run.config["penalty"] * false
                    chosen[kind], least[kind] = threshold, ml
    return chosen, least


def overlaps(told: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    return {k: judge.dice(told == ID[k], truth == ID[k]) for k in LABELS[1:] if (truth == ID[k]).any()}


def on_phantoms(run: Run, own: Shipped, entry: dict) -> tuple[list[dict], list, list]:
    """Figures as the manifest's, on each phantom's own grid; cases and lesions for the comparison."""
    folder, voxel_ml = run.cache / entry["name"], float(np.prod(own.spacing)) / 1000
    cases, said, scores = [], [], []
    for n in phantoms.available(run.cache, entry):
        told = phantoms.truth(folder, n)
        image, labels, _ = phantoms.arrays(folder, n, told)
        affine = np.array(told["affineVoxelToPatient"]).reshape(3, 4)
        fine, _, coarse = answered(own, image, affine)
        ids = prepared(run.cache, entry, n, own.spacing)["ids"]
        lesions = lesions_of(coarse, np.ones(coarse.shape, np.float32), voxel_ml, own.least_ml)
        said.append((ids, told, lesions))
        cases.append(case_of(told, ids, lesions, coarse))
        scores.append(overlaps(fine, reorient(labels, affine)[0]))
    name = f"unseen phantoms{' beyond the training range' if entry.get('range') == 'out' else ''}, n = {len(cases)}"
    rows = figures(cases, LESIONS, name)
    mean = lambda own: float(np.mean([np.mean([s[k] for s in own if k in s]) for k in ORGANS if any(k in s for s in own)]))  # noqa: E731
    rows.append(figure("organs: mean Dice", mean(scores), bootstrap(scores, mean, 300), name))
    for k in LABELS[1:]:
        values = [s[k] for s in scores if k in s]
        if values:
            rows.append(figure(f"{k}: Dice", np.mean(values), bootstrap(values, lambda v: float(np.mean(v))), f"{name}, {len(values)} with it"))
    return rows, cases, said


def ignorant(run: Run, own: Shipped, file: Path, entry: dict, cases: list, said: list) -> list[tuple[str, float]]:
    order = np.random.default_rng(1).permutation(len(said))
    dealt = [case_of(told, ids, [s for s in said[m][2] if s.voxels.max() < ids.size], None) for (ids, told, _), m in zip(said, order, strict=True)]
    usual = usual_places(run, own.spacing)
    constant = max(f1([case_of(told, ids, [ball(ids.shape, kind, usual[kind])], None) for ids, told, _ in said]) for kind in LESIONS)
    twin = run.path("zero-twin.onnx")
    zero_twin(file, twin)
    blind = Shipped(session(twin), own.spacing, own.patch, own.thresholds, own.least_ml, own.strays, own.isolated)
    few = []
    for n, (ids, told, _) in enumerate(said[:4]):
        image, _, _ = phantoms.arrays(run.cache / entry["name"], n, told)
        _, _, coarse = answered(blind, image, np.array(told["affineVoxelToPatient"]).reshape(3, 4))
        few.append(case_of(told, ids, lesions_of(coarse, np.ones(coarse.shape), float(np.prod(own.spacing)) / 1000, own.least_ml), None))
    return [
        ("this network: lesion F1", f1(cases)),
        ("chance (answers dealt to other volumes)", f1(dealt)),
        ("best constant answer", constant),
        ("zero-weight twin", f1(few)),
    ]


def judged(run: Run, own: Shipped, file: Path) -> dict:
    """Everything that is told of a network. Chooses nothing."""
    out = {"figures": [], "comparison": []}
    for number, entry in enumerate(run.config["test"]):
        if not phantoms.available(run.cache, entry):
            continue
        rows, cases, said = on_phantoms(run, own, entry)
        out["figures"] += rows
        if number == 0:
            out["comparison"] = ignorant(run, own, file, entry, cases, said)
    for row in out["figures"]:
        print(f"{row['name']}: {row['value']:.3f} {row['interval'] or ''} ({row['data']})", flush=True)
    out["ceiling"] = ceiling(run, run.config["test"][0])
    print(json.dumps({"ceiling": out["ceiling"]}), flush=True)
    data = phantoms.REPOSITORY / run.config["realScans"]
    if (data / "ct").exists():
        out["abdomen"], out["chest"] = judge.abdomen(own, data), judge.chest(own, data)
        print(json.dumps({k: out[k] for k in ("abdomen", "chest")}, indent=1), flush=True)
    else:
        print(f"no real scans in {data}: they are not judged", flush=True)
    return out


def evaluate(run: Run) -> None:
    """A run's network -> model.onnx, operating points and figures in evaluation.json."""
    file, config = run.path("model.onnx"), run.config
    graph.prepare(run, file)
    own = Shipped(session(file), tuple(config["spacingMm"]), tuple(config["patch"]), {}, {}, STRAYS, config.get("isolate"))
    thresholds, least = operating_points(run, own)
    own = Shipped(own.run, own.spacing, own.patch, thresholds, least, STRAYS, own.isolated)
    run.write_json("evaluation.json", {"thresholds": thresholds, "minimumMl": least, "steps": (run.load() or {}).get("step", 0), **judged(run, own, file)})


def reproduce(run: Run) -> None:
    """The figures of the package that lies in packages, from its own file and manifest -> reproduced.json."""
    folder = run.packages / "ct-organs-lesions"
    manifest = json.loads((folder / "manifest.json").read_text())
    own = shipped(folder / manifest["pipeline"]["network"]["file"], manifest)
    out = judged(run, own, folder / manifest["pipeline"]["network"]["file"])
    told = {(r["name"], r["data"]): r["value"] for r in manifest["figures"]}
    apart = [abs(told[k] - r["value"]) for r in out["figures"] if (k := (r["name"], r["data"])) in told]
    if apart:
        print(f"{len(apart)} figures of the manifest measured again, apart by at most {max(apart):.4f}", flush=True)
    run.write_json("reproduced.json", {"version": manifest["version"], **out})


def usual_places(run: Run, spacing: tuple[float, float, float]) -> dict[str, np.ndarray]:
    """Where lesions of a kind lie on average in the validation phantoms' volumes, as shares of their sizes."""
    places: dict[str, list[np.ndarray]] = {kind: [] for kind in LESIONS}
    for entry in run.config["validate"]:
        for n in phantoms.available(run.cache, entry):
            labels = prepared(run.cache, entry, n, spacing)["labels"]
            for kind in LESIONS:
                at = np.argwhere(labels == ID[kind])
                if len(at):
                    places[kind].append(at.mean(0) / labels.shape)
    return {kind: np.mean(own, axis=0) if own else np.full(3, 0.5) for kind, own in places.items()}


def ball(shape: tuple[int, ...], kind: str, place: np.ndarray) -> Lesion:
    """The best constant: 20 mm at the usual place."""
    centre = place * shape
    grid = np.indices(shape).reshape(3, -1)
    near = np.nonzero(((grid - centre[:, None]) ** 2).sum(0) <= 2.5**2)[0]
    return Lesion(kind, near, len(near) * 0.064, tuple(centre.tolist()), 1.0)
