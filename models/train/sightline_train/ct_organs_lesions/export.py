"""models/packages/ct-organs-lesions from the last checkpoint and its evaluation."""

import json
import shutil

import numpy as np

from .. import phantoms
from ..package import began, card, finish, labels_table, samples, session, stored
from ..phantoms import ID, LABELS
from ..run import Run
from ..volume_steps import isolate, reorient, resample
from . import beside, graph
from .evaluate import STRAYS
from .examples import LESIONS, windowed
from .network import CLASSES, HIGH_HU, LOW_HU


def export(run: Run) -> None:
    config, result = run.config, run.read_json("evaluation.json")
    spacing, patch = tuple(config["spacingMm"]), config["patch"]
    folder = run.packages / "ct-organs-lesions"
    folder.mkdir(parents=True, exist_ok=True)
    for picture in [*(folder / "curves").glob("*"), *(folder / "plots").glob("*")]:
        picture.unlink()
    earlier = json.loads((folder / "manifest.json").read_text()) if config["network"] == "shipped" else None
    path = folder / "model.onnx"
    # the very file that the figures were measured on
    shutil.copyfile(run.path("model.onnx"), path)
    little = (32, 48, 80)  # of the golden input: the network takes any multiple of 16
    # golden: an oblique-axes, thick volume through the steps, and the network on a patch that holds a small part of it
    entry = config["test"][0]
    told = phantoms.truth(run.cache / entry["name"], 0)
    image, _, _ = phantoms.arrays(run.cache / entry["name"], 0, told)
    affine = np.array(told["affineVoxelToPatient"]).reshape(3, 4)
    cut = image[20:44, 26:66, 14:82]
    cut_affine = affine.copy()
    cut_affine[:, 3] += affine[:, :3] @ np.array([14, 26, 20])
    # as a feet-first series would bring it: slices from the head down
    cut, cut_affine[:, 3], cut_affine[:, 2] = np.ascontiguousarray(cut[::-1]), cut_affine[:, 3] + affine[:, 2] * 23, -affine[:, 2]
    turned, lps = reorient(cut, cut_affine)
    ready = windowed(isolate(resample(turned, lps, spacing), **config["isolate"]))
    x = np.zeros((1, 1, *little), np.float32)
    x[(0, 0, *(slice(0, n) for n in ready.shape))] = np.round(ready * 65535) / 65535
    answer = session(path).run(None, {"volume": x})[0]
    table = labels_table()
    labels = []
    for n, key in enumerate(LABELS):
        if n == 0:
            continue
        finding = key in LESIONS
        labels.append({
            **table[key], "kind": "finding" if finding else "organ", "value": n, "channel": n,
            "threshold": result["thresholds"][key] if finding else None, "calibration": None,
            "sided": key in ("lung-nodule", "effusion"),
            "place": {"lung-nodule": "lung-zone", "effusion": "lung-side", "liver-lesion": "liver"}.get(key, "none"),
            "minimumMl": result["minimumMl"][key] if finding else None,
            **({"strayShare": STRAYS[key]} if key in STRAYS else {}),
            "measures": {"lung-nodule": ["largest diameter", "volume"], "liver-lesion": ["largest diameter", "volume"], "effusion": ["volume"]}.get(key, []),
            # the generator's words: nodules from 10 and 30 mm, liver lesions from 15 and 30 mm
            "severity": {
                "lung-nodule": {"measure": "largest diameter", "moderateFrom": 10, "largeFrom": 30},
                "liver-lesion": {"measure": "largest diameter", "moderateFrom": 15, "largeFrom": 30},
                "effusion": {"measure": "volume", **effusion_bounds(run, spacing)},
            }.get(key),
        })  # fmt: skip
    comparison = [tuple(row) for row in result["comparison"]]
    free = ["z", "y", "x"]
    manifest = {
        "format": "sightline-model/1",
        "name": "ct-organs-lesions",
        "version": config["version"],
        "title": "CT organs and lesions",
        "modalities": ["CT"],
        "views": ["axial-volume"],
        "licence": "Apache-2.0",
        "intendedUse": "Research and teaching: outlines organs of chest and upper abdomen on CT and marks lung nodules, liver lesions and pleural effusion, so that a reader can correct a draft. Trained on procedural phantoms only; two real scans in its card illustrate what it makes of patients and validate nothing.",
        "clinicalUse": False,
        "trainedOn": earlier["trainedOn"] if earlier else [f"{sum(len(phantoms.available(run.cache, e)) for e in config['train'])} procedural CT phantoms of this project's generator ({'; '.join(sorted({e['line'] for e in config['train']}))}); no patient's scan", f"{began(config)}{result['steps']} steps of crops of {' or '.join('x'.join(map(str, size)) for size, _ in config['crops'])} voxels at {spacing[0]:g} mm: turned, bent, tissues redrawn, fields of view cut{last(config)}"],
        "figures": result["figures"],
        "labels": labels,
        "files": [],
        "pipeline": {
            "task": "segmentation",
            "network": {
                "file": "model.onnx",
                "inputs": {"volume": {"type": "float32", "dims": [1, 1, *free]}},
                "outputs": {"logits": {"type": "float32", "dims": [1, CLASSES, *free]}},
            },
            "pre": [{"step": "modality"}, {"step": "reorient", "axes": "LPS"}, {"step": "resample", "spacingMm": list(spacing)}, {"step": "isolate", **config["isolate"]}, {"step": "window", "low": LOW_HU, "high": HIGH_HU}],
            "window": {"patch": patch, "overlap": 0.25, "blend": "gaussian"},
            "activation": "softmax",
        },
        "golden": golden(folder, cut, cut_affine, ready, x, answer),
        "acceptance": {
            "metric": "lesion-f1",
            "phantoms": [entry["line"]],
            "count": 4,
            "seed": "ct-acceptance",
            "required": round((comparison[0][1] + max(v for _, v in comparison[1:])) / 2, 2),
        },
    }  # fmt: skip
    about = f"{beside.KINDS[config['network']]} ({graph.million_weights(path):.2f} million weights) at {spacing[0]:g} mm for CT of chest and upper abdomen.{twice(config)}{leaning(config)}"
    finish(folder, manifest, card(manifest, about, LIMITS, comparison) + beside.text(run, result, folder))


def twice(config: dict) -> str:
    count = len(config.get("shifts", [])) + 1
    return f" Each patch is answered {count} times, moved by whole voxels, and the mean told." if count > 1 else ""


def leaning(config: dict) -> str:
    added = ", ".join(f"{label} {logit:g}" for label, logit in config.get("lean", {}).items())
    return f" Added to the logit of what is thinner than a voxel, as fitted on validation phantoms: {added}." if added else ""


def last(config: dict) -> str:
    """What `wide` crops have besides."""
    share = config.get("wide", 0)
    return f"; {config['strong'] * share:.0%} of them also in other contrast phases, with uneven and displaced organs, thick slices and a pelvis drawn below" if share else ""


def golden(folder, cut: np.ndarray, affine: np.ndarray, ready: np.ndarray, x: np.ndarray, answer: np.ndarray) -> dict:
    return {
        "inputs": {"volume": stored(folder, "volume.u16", np.round(x * 65535), "uint16", 1 / 65535)},
        "outputs": {"logits": samples(answer, 0.05)},
        "steps": {
            "image": stored(folder, "series.i16", cut, "int16"),
            "slope": 1.0, "intercept": 0.0, "inverted": False, "affine": [float(v) for v in affine.reshape(-1)],
            "expected": samples(ready, 2e-3),
        },
        "tokens": [],
    }  # fmt: skip


def effusion_bounds(run: Run, spacing: tuple[float, float, float]) -> dict[str, float]:
    """Volumes (mL) that part the generator's small, moderate and large best, over the training phantoms' truth."""
    pairs = []
    for entry in run.config["train"]:
        for n in phantoms.available(run.cache, entry):
            told = phantoms.truth(run.cache / entry["name"], n)
            wanted = [lesion for lesion in told["lesions"] if lesion["kind"] == "effusion" and lesion["visible"]]
            if not wanted:
                continue
            _, _, ids = phantoms.arrays(run.cache / entry["name"], n, told)
            voxel_ml = abs(np.linalg.det(np.array(told["affineVoxelToPatient"]).reshape(3, 4)[:, :3])) / 1000
            pairs += [(int((ids == lesion["id"]).sum()) * voxel_ml, ("small", "moderate", "large").index(lesion["severity"])) for lesion in wanted]
    values, grades = np.array([v for v, _ in pairs]), np.array([g for _, g in pairs])
    cuts = np.quantile(values, np.linspace(0.02, 0.98, 50))
    best = max((((values >= a).astype(int) + (values >= b) == grades).mean(), a, b) for a in cuts for b in cuts if b > a)
    return {"moderateFrom": round(float(best[1])), "largeFrom": round(float(best[2]))}


LIMITS = (
    "Phantoms are drawn bodies: real scans differ in disease, devices, reconstruction and anatomy, and the network has seen none of them. "
    "It works at 4 mm: lesions below about 8 mm are not seen, edges are as fine as 4 mm voxels. Head and limbs are outside its range; below the kidneys it knows a pelvis of simple bodies only. "
    "Sides follow from patient coordinates, never from the order of voxels."
)
