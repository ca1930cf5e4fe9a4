"""models/packages/cxr-findings from the last checkpoint and its evaluation."""

import numpy as np
import torch

from .. import phantoms
from ..image_steps import letterbox
from ..package import OPSET, began, card, finish, labels_table, samples, session, stored
from ..run import Run
from .answer import Answer
from .evaluate import trained
from .examples import HIGH, LOW
from .network import FINDINGS, MASKS, SIZE, STRIDE

OUTPUTS = ("scores", "heat", "sizes", "masks", "extents")
SIDED = ("lung-nodule", "effusion", "consolidation", "pneumothorax", "atelectasis")
PLACE = {"lung-nodule": "lung-zone", "consolidation": "lung-zone", "atelectasis": "lung-zone", "effusion": "lung-side", "pneumothorax": "lung-side", "cardiomegaly": "heart"}


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
    model = Answer(trained(run), [1.0] * len(FINDINGS), [-v for v in result["levels"]]).eval()
    path = folder / "model.onnx"
    image = torch.zeros(1, 1, SIZE, SIZE)
    torch.onnx.export(model, (image,), str(path), input_names=["image"], output_names=list(OUTPUTS), opset_version=OPSET, dynamo=False)
    # golden: one film of twice the size through all steps, and what torch answers
    film = next(e for e in config["test"])
    told = phantoms.truth(run.cache / film["name"], 0)
    frame, _, _ = phantoms.arrays(run.cache / film["name"], 0, told)
    frame = frame[::2, ::2][:, 8:-8]  # smaller and not square, so that the letterbox is seen
    ready = letterbox(frame, SIZE, LOW, HIGH)
    with torch.no_grad():
        answer = [t.numpy() for t in model(torch.from_numpy(ready)[None, None])]
    onnx_answer = session(path).run(None, {"image": ready[None, None]})
    worst = max(float(np.abs(a - b).max()) for a, b in zip(answer, onnx_answer, strict=True))
    print(f"onnxruntime against torch: at most {worst:.2e}")
    if worst > 2e-3:
        raise RuntimeError("the exported graph answers otherwise than torch")
    grid = SIZE // STRIDE
    shapes = {"scores": [1, len(FINDINGS)], "heat": [1, len(FINDINGS), grid, grid], "sizes": [1, 2 * len(FINDINGS), grid, grid], "masks": [1, len(MASKS), SIZE, SIZE], "extents": [1, len(FINDINGS), grid, grid]}  # fmt: skip
    table = labels_table()
    labels = [
        {**table[k], "kind": "organ", "value": n + 1, "channel": n, "threshold": None, "calibration": None, "sided": False, "place": "none", "minimumMl": None, "measures": [], "severity": None}
        for n, k in enumerate(MASKS)
    ] + [
        {
            **table[k], "kind": "finding", "value": len(MASKS) + n + 1, "channel": n, "threshold": 0.5, "calibration": None,
            "sided": k in SIDED, "place": PLACE[k], "minimumMl": None,
            "measures": ["largest diameter"] if k == "lung-nodule" else ["cardiothoracic ratio"] if k == "cardiomegaly" else [],
            "severity": severity(k, result["severity"]),
        }
        for n, k in enumerate(FINDINGS)
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
        "intendedUse": "Research and teaching: marks nodules, effusion, consolidation, pneumothorax, cardiomegaly and atelectasis on frontal chest radiographs and outlines lungs and heart, so that a reader can correct a draft. Trained on procedural phantoms only; its answers on real films are not validated.",
        "clinicalUse": False,
        "trainedOn": [f"{sum(len(phantoms.available(run.cache, e)) for e in config['train'])} procedural chest X-ray phantoms of this project's generator ({'; '.join(sorted({e['line'] for e in config['train']}))}); no patient's image", f"{began(config)}{result['steps']} steps of {config['batch']} films"],
        "figures": result["figures"],
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
            "boxes": {"kind": "centre-size", "level": 0.5, "limit": 4},
            "rules": [{"kind": "cardiothoracic-ratio", "label": "cardiomegaly", "from": None, "heart": "heart", "lungs": ["lung-left", "lung-right"]}],
        },
        "golden": {
            "inputs": {"image": stored(folder, "image.u16", np.round(ready[None, None] * 65535), "uint16", 1 / 65535)},
            "outputs": {k: samples(v, 0.02) for k, v in zip(OUTPUTS, after_rounding(model, ready), strict=True)},
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
    finish(folder, manifest, card(manifest, "A small convolutional network (centre and size of findings, masks of lungs and heart) for frontal chest radiographs, 256 x 256 pixels.", limits(result), comparison))


def after_rounding(model: torch.nn.Module, ready: np.ndarray) -> list[np.ndarray]:
    """Answers to the input as it is stored in the golden file (16 bits)."""
    with torch.no_grad():
        x = torch.from_numpy((np.round(ready * 65535) / 65535).astype(np.float32))[None, None]
        return [t.numpy() for t in model(x)]


def limits(result: dict) -> str:
    grades = "; ".join(f"{k}: {100 * v[2]:.0f} %" for k, v in result["severity"].items())
    return (
        "Phantoms are drawn bodies: real films differ in devices, positions, projections and disease, and the network has seen none of them. "
        "Lateral views, children and films after surgery are outside its range. A side is told only where the file says how the image lies; the network itself reads sides from the picture. "
        f"Severity words are cut from the extent of the box (right on validation phantoms: {grades or 'none'})."
    )
