"""models/packages/cxr-findings from the last checkpoint and its evaluation."""

import numpy as np
import torch

from .. import phantoms
from ..image_steps import letterbox
from ..package import OPSET, began, card, finish, labels_table, samples, session, stored
from ..cxr_nih.answer import KEYS
from ..cxr_nih.card import about_films, no_better_than_blind, write_plots
from ..cxr_nih.fit import whole_of
from ..cxr_nih.write import LEVEL, READ, write_graph
from ..run import Run
from .evaluate import trained
from .examples import HIGH, LOW
from .network import FINDINGS, MASKS, SIZE, STRIDE

SIDED = ("lung-nodule", "effusion", "consolidation", "pneumothorax", "atelectasis", "pneumonia", "infiltrate")
# learned from phantoms alone and too rare on the films to be judged there
WITHHELD = ("lung-nodule", "consolidation", "pneumothorax", "cardiomegaly")
PLACE = {"lung-nodule": "lung-zone", "consolidation": "lung-zone", "atelectasis": "lung-zone", "effusion": "lung-side", "pneumothorax": "lung-side", "cardiomegaly": "heart", "pneumonia": "lung-zone", "infiltrate": "lung-zone", "edema": "none"}


def severity(finding: str, bounds: dict[str, list[float]]) -> dict | None:
    if finding == "lung-nodule":
        # the generator's own words: below 10 mm small, from 30 mm large
        return {"measure": "largest diameter", "moderateFrom": 10, "largeFrom": 30}
    if finding not in bounds:
        return None
    moderate, large, _ = bounds[finding]
    return {"measure": "cardiothoracic ratio" if finding == "cardiomegaly" else "extent", "moderateFrom": moderate, "largeFrom": large}


def export(run: Run) -> None:
    config, result = run.config, run.read_json("evaluation.json")
    folder = run.packages / "cxr-findings"
    folder.mkdir(parents=True, exist_ok=True)
    model = whole_of(run, trained(run))
    path = folder / "model.onnx"
    write_graph(model, path)
    # golden: one film of twice the size through all steps, and what torch answers
    film = next(e for e in config["test"])
    told = phantoms.truth(run.cache / film["name"], 0)
    frame, _, _ = phantoms.arrays(run.cache / film["name"], 0, told)
    frame = frame[::2, ::2][:, 8:-8]  # smaller and not square, so that the letterbox is seen
    ready = letterbox(frame, SIZE, LOW, HIGH)
    grid = SIZE // STRIDE
    n = len(KEYS)
    shapes = {"scores": [1, n], "heat": [1, n, grid, grid], "sizes": [1, 2 * n, grid, grid], "masks": [1, len(MASKS), SIZE, SIZE], "extents": [1, n, grid, grid], "gate": [1, 3]}  # fmt: skip
    table = labels_table()
    labels = [
        {**table[k], "kind": "organ", "value": n + 1, "channel": n, "threshold": None, "calibration": None, "sided": False, "place": "none", "minimumMl": None, "measures": [], "severity": None}
        for n, k in enumerate(MASKS)
    ] + [
        {
            **table[k], "kind": "finding", "value": len(MASKS) + n + 1, "channel": n, "threshold": round(result["levels"][k], 4), "calibration": None,
            "sided": k in SIDED, "place": PLACE[k], "minimumMl": None,
            "measures": ["largest diameter"] if k == "lung-nodule" else ["cardiothoracic ratio"] if k == "cardiomegaly" else [],
            "severity": severity(k, result["severity"]),
        }
        for n, k in enumerate(KEYS)
    ]  # fmt: skip
    comparison = [tuple(row) for row in result["comparison"]]
    manifest = {
        "format": "sightline-model/1",
        "name": "cxr-findings",
        "version": config["version"],
        "title": "Chest X-ray findings",
        "modalities": ["DX", "CR", "RG", "XA", "OT"][:2],
        "views": ["frontal-chest"],
        "licence": "Apache-2.0",
        "intendedUse": "Research and teaching: on frontal chest films, hints at pneumonia, infiltrate, atelectasis, edema and effusion, each with a place, so that a reader can correct a draft; on drawn phantoms nodules, effusion, consolidation, pneumothorax, cardiomegaly and atelectasis with boxes; outlines of lungs and heart on both. The labels it learned from were read out of reports by a program and are noisy. What was learned from phantoms alone is not told on films.",
        "clinicalUse": False,
        "trainedOn": [f"{sum(len(phantoms.available(run.cache, e)) for e in config['train'])} procedural chest X-ray phantoms of this project's generator ({'; '.join(sorted({e['line'] for e in config['train']}))})", "566 frontal films of NIH ChestX-ray14 (NIH Clinical Center, Wang et al. 2017) with its text-mined labels, and the radiologists' boxes on 23 of them: linear heads above the frozen network, one for each of five folds of patients", f"{began(config)}{config['steps']} steps of {config['batch']} phantoms" if config["steps"] else f"phantom network: {config['earlier']}"],
        "figures": [*result["films"]["figures"], *of_evaluation(run), *result["figures"]],
        "labels": labels,
        "files": [],
        "pipeline": {
            "task": "detection",
            "network": {
                "file": "model.onnx",
                "inputs": {"image": {"type": "float32", "dims": [1, 1, SIZE, SIZE]}},
                "outputs": {k: {"type": "float32", "dims": d} for k, d in shapes.items()},
            },
            "pre": [{"step": "modality"}, {"step": "invert-monochrome1"}, {"step": "letterbox", "size": SIZE}, {"step": "percentile-window", "low": LOW, "high": HIGH}],
            "gate": {"frontal": 0, "ap": 1, "film": 2, "unansweredOnFilms": list(WITHHELD), "notDeniedOnFilms": no_better_than_blind(result["films"]["fit"])},
            "boxes": {"kind": "centre-size", "level": LEVEL, "limit": 4},
            "rules": [{"kind": "cardiothoracic-ratio", "label": "cardiomegaly", "from": None, "heart": "heart", "lungs": ["lung-left", "lung-right"]}],
        },
        "golden": {
            "inputs": {"image": stored(folder, "image.u16", np.round(ready[None, None] * 65535), "uint16", 1 / 65535)},
            "outputs": {k: samples(v, 0.02) for k, v in zip(READ, after_rounding(model, ready), strict=True)},
            "steps": {
                "image": stored(folder, "frame.u16", frame, "uint16"),
                "slope": 1.0, "intercept": 0.0, "inverted": False, "affine": None,
                "expected": samples(ready[None, None], 2e-3),
            },
            "tokens": [],
        },
        "acceptance": {
            "metric": "lesion-f1",
            "phantoms": ["xray 256x256 random"],
            "count": 20,
            "seed": "cxr-acceptance",
            # halfway between the figure and the best answer that knows nothing
            "required": round((comparison[0][1] + max(v for _, v in comparison[1:])) / 2, 2),
        },
    }  # fmt: skip
    write_plots(folder / "films", result["films"])
    about = "One graph of two parts. A small convolutional network (centre and size of findings, masks of lungs and heart), trained on drawn phantoms, answers for phantoms. For films its frozen maps and a dictionary of patches, learned on phantoms as well, are pooled, and linear heads answer: their mean over five folds ships, and each fold's own answer is in the graph, so that the figures out of fold follow from what ships."
    text = card(manifest, about, limits(result), comparison)
    finish(folder, manifest, text + about_films(result["films"], run.read_json("tuned.json") if run.path("tuned.json").exists() else None))


def of_evaluation(run: Run) -> list[dict]:
    """What `sightline evaluate cxr-findings <phantoms>` told of the same graph, where its evaluation.json was put into the run's folder."""
    path = run.path("phantom-evaluation.json")
    wanted = ("grounding precision", "grounding recall", "calibration error (10 bins of equal width)", "false findings per study")
    told = run.read_json(path.name)["figures"] if path.exists() else []
    return [{k: row[k] for k in ("name", "value", "interval", "data")} for row in told if row["name"] in wanted]


def after_rounding(model: torch.nn.Module, ready: np.ndarray) -> list[np.ndarray]:
    """Answers to the input as it is stored in the golden file (16 bits)."""
    with torch.no_grad():
        x = torch.from_numpy((np.round(ready * 65535) / 65535).astype(np.float32))[None, None]
        return [t.numpy() for t in model(x)[: len(READ)]]


def limits(result: dict) -> str:
    grades = "; ".join(f"{k}: {100 * v[2]:.0f} %" for k, v in result["severity"].items())
    return (
        "The films come from one hospital, and half of them show pneumonia: elsewhere its probabilities are too high. Places rest on 23 boxes. Lungs and heart were outlined on phantoms only, so that their outlines on films err beside shoulders and under tubes, and the cardiothoracic ratio with them. "
        "Lateral views, children and films after surgery are outside its range. A side is told only where the file says how the image lies; the network itself reads sides from the picture. "
        f"Severity words are cut from the extent of the box (right on validation phantoms: {grades or 'none'})."
    )
