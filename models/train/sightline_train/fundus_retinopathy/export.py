"""The package: every fold's networks in one graph, so that what ships is what was judged."""

import json

import numpy as np
import torch

from ..fundus_steps import prepare
from ..package import OPSET, card, finish, samples, session, stored
from ..phantoms import generate
from ..run import Run
from .answer import OUTPUTS, Answer, Fold, trained
from .evaluate import FEWEST_CELLS
from .network import SIZE
from .photographs import FOLDS, LESIONS, NETS, photographs

NAMES = ["no apparent retinopathy", "mild non-proliferative", "moderate non-proliferative", "severe non-proliferative", "proliferative"]
# measured on the photographs and on blurred, darkened and cut copies; see README.md
GATE = {"light": 0.15, "framed": 0.5, "lit": 0.6, "red": 0.15, "sharp": 0.25}


def sct(value: str, meaning: str) -> dict:
    return {"value": value, "scheme": "SCT", "meaning": meaning}


LABELS = {
    "microaneurysms": ("microaneurysms", "Microaneurysms", None, [255, 90, 110]),
    "haemorrhages": ("retinal-haemorrhages", "Retinal haemorrhages", sct("28998008", "Retinal hemorrhage"), [200, 120, 255]),
    "hard-exudates": ("hard-exudates", "Hard exudates", None, [255, 214, 10]),
    "soft-exudates": ("soft-exudates", "Soft exudates", None, [120, 230, 220]),
    "optic-disc": ("optic-disc", "Optic disc", None, [80, 170, 255]),
}  # fmt: skip


def labels() -> list[dict]:
    common = {"calibration": None, "sided": False, "place": "none", "minimumMl": None, "measures": [], "severity": None}
    rows = [
        {"key": LABELS[k][0], "name": LABELS[k][1], "code": LABELS[k][2], "color": LABELS[k][3], "kind": "organ" if k == "optic-disc" else "finding", "value": n + 1, "channel": n, "threshold": 0.5, **common}
        for n, k in enumerate(LESIONS)
    ]  # fmt: skip
    grade = {"key": "diabetic-retinopathy", "name": "Diabetic retinopathy", "code": sct("4855003", "Retinopathy due to diabetes mellitus"), "color": [255, 140, 60], "kind": "finding", "value": len(LESIONS) + 1, "channel": len(LESIONS), "threshold": 0.5, **common}  # fmt: skip
    return [*rows, grade]


def drawn(run: Run) -> np.ndarray:
    """One drawn photograph: goldens hold nobody's eye."""
    cache = run.path("golden")
    generate(cache, [{"name": "fundus-golden", "line": "fundus 300x210 grade 3", "count": 1}])
    folder = cache / "fundus-golden"
    truth = json.loads((folder / "0.json").read_text())
    return np.fromfile(folder / "0.rgb.raw", np.uint8).reshape(truth["rows"], truth["columns"], 3)


def export(run: Run) -> None:
    config, result = run.config, run.read_json("evaluation.json")
    folder = run.packages / "fundus-retinopathy"
    folder.mkdir(parents=True, exist_ok=True)
    nets, members = trained(run)
    folds = [Fold(members[f], config["grades"], result["temperatures"][f]) for f in range(FOLDS)]
    model = Answer(nets, folds, result["levels"], result["scale"]).eval()
    path = folder / "model.onnx"
    torch.onnx.export(model, (torch.zeros(1, 3, SIZE, SIZE),), str(path), input_names=["image"], output_names=list(OUTPUTS), opset_version=OPSET, dynamo=False)
    photo = drawn(run)
    ready = prepare(photo, SIZE, config["tiles"], config["limit"]).image.transpose(2, 0, 1)[None]
    # a golden input is small: the picture in 8 bits
    rounded = (np.round(ready * 255) / 255).astype(np.float32)
    with torch.no_grad():
        answer = [t.numpy() for t in model(torch.from_numpy(rounded))]
    onnx_answer = session(path).run(None, {"image": rounded})
    worst = max(float(np.abs(a - b).max()) for a, b in zip(answer, onnx_answer, strict=True))
    print(f"onnxruntime against torch: at most {worst:.2e}")
    if worst > 5e-3:
        raise RuntimeError("the exported graph answers otherwise than torch")
    data = photographs(run)
    seen = {p.sha256: {"fold": int(data.folds[p.at]), "group": int(data.groups[p.at])} for p in data.all}
    (folder / "folds.json").write_text("{\n" + ",\n".join(f'"{k}": {json.dumps(v)}' for k, v in sorted(seen.items())) + "\n}\n")
    graded = [p for p in data.all if p.grade is not None]
    masked = [p for p in data.all if p.masks is not None]
    shapes = {name: list(a.shape) for name, a in zip(OUTPUTS, answer, strict=True)}
    manifest = {
        "format": "sightline-model/1",
        "name": "fundus-retinopathy",
        "version": config["version"],
        "title": "Retinopathy grading",
        "modalities": ["OP", "XC"],
        "views": ["any"],
        "licence": "CC-BY-4.0",
        "intendedUse": "Research and teaching: grades diabetic retinopathy from 0 to 4 on colour photographs of the retina and marks microaneurysms, haemorrhages, hard and soft exudates, so that a reader sees what a grade rests on. Photographs that are dark, cut, blurred or no retina are not graded.",
        "clinicalUse": False,
        "trainedOn": [
            f"{len(graded)} graded and {len(masked)} photographs with masks of the Indian Diabetic Retinopathy Image Dataset (IDRiD; Porwal et al. 2018, doi:10.3390/data3030025), CC BY 4.0: one clinic, one camera",
            f"{len(NETS)} lesion networks and {FOLDS} graders, each kept from the folds that it answers for; {len(np.unique(data.groups))} eyes, photographs of one eye kept together",
        ],
        "figures": result["figures"],
        "labels": labels(),
        "files": [],
        "pipeline": {
            "task": "grading",
            "network": {
                "file": "model.onnx",
                "inputs": {"image": {"type": "float32", "dims": [1, 3, SIZE, SIZE]}},
                "outputs": {k: {"type": "float32", "dims": d} for k, d in shapes.items()},
            },
            "pre": [{"step": "field-square", "size": SIZE}, {"step": "clahe", "tiles": config["tiles"], "limit": config["limit"]}],
            "gate": GATE,
            "grades": {"label": "diabetic-retinopathy", "names": NAMES, "referableFrom": 2},
            "boxes": {"minimumCells": FEWEST_CELLS, "limit": 24},
        },
        "golden": {
            "inputs": {"image": stored(folder, "image.u8", np.round(ready * 255), "uint8", 1 / 255)},
            "outputs": {k: samples(v, 0.02) for k, v in zip(OUTPUTS, answer, strict=True)},
            "steps": {
                "image": stored(folder, "photograph.u8", photo, "uint8"),
                "slope": 1.0, "intercept": 0.0, "inverted": False, "affine": None,
                "expected": samples(ready, 2e-3, 400),
            },
            "tokens": [],
        },
        "acceptance": {"metric": "lesion-cells", "phantoms": ["fundus 640x440 grade 3", "fundus 640x440 grade 2"], "count": 4, "seed": "fundus-acceptance", "required": 0.8},
    }  # fmt: skip
    text = card(manifest, about(), limits(result), [tuple(row) for row in result["comparison"]])
    finish(folder, manifest, text + growth(result))


def about() -> str:
    return (
        "A fixed bank of filters over the round field (640 x 640 pixels, contrast equalised), small learned mixtures of it that mark lesions cell by cell, and graders over the lesion maps. "
        f"{len(NETS)} lesion networks and {FOLDS} folds of graders stand in one graph: the application tells the mean of all; "
        "`sightline evaluate fundus-retinopathy <folder>` answers each photograph that was trained on by the networks that have not seen it (folds.json), and so reproduces the figures below."
    )


def limits(result: dict) -> str:
    return (
        "One clinic and one camera: other cameras, fields and populations are not measured. Grades are one opinion each. The grade told is the one nearest to the expected grade. "
        f"Grade 1 (microaneurysms only) has {int(sum(result['confusion'][1]))} photographs and is told least well; new vessels are not marked, only graded. "
        "Photographs of two eyes of one person cannot be kept together, as the set names no persons. The map shows the cells' part in the grade (exact for the part that is a mean over cells); the lesion counts have no map but the marks themselves. "
        "Maculopathy is not graded."
    )


def growth(result: dict) -> str:
    """What the inner split said of each stage, and what was tried: the learning curve of so small a system."""
    lines = ["## How it grew", "", "| lesion network | stage | mean average precision on its inner split |", "|---|---|---|"]
    lines += [f"| {row['net']} | {row['stage']} | {row['inner']:.3f} |" for row in result["steps"]]
    lines += ["", "| fold | inner photographs | quadratic kappa there |", "|---|---|---|"]
    lines += [f"| {row['fold']} | {row['photographs']} | {row['kappa']:.3f} |" for row in result["inner"]]
    for title, rows in result.get("tried", {}).items():
        lines += ["", f"{title}", "", "| | quadratic kappa |", "|---|---|"] + [f"| {name} | {value:.3f} |" for name, value in rows]
    return "\n".join([*lines, ""])
