"""Writing a package folder: files, hashes, manifest, card. The schema is models/kit/manifest.ts."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

OPSET = 17


def session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def zero_twin(source: Path, target: Path) -> None:
    """The same graph with every float weight zero: what any acceptance test must refuse."""
    model = onnx.load(source)
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        # weights and biases; scalars and shapes are part of the graph's arithmetic, not of what was learned
        if values.dtype == np.float32 and values.size > 1:
            weight.CopyFrom(numpy_helper.from_array(np.zeros_like(values), weight.name))
    onnx.save(model, target)


def stored(folder: Path, name: str, values: np.ndarray, kind: str, scale: float = 1.0, offset: float = 0.0) -> dict:
    """Writes a golden tensor, little endian; value = stored * scale + offset."""
    path = folder / "golden" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(np.ascontiguousarray(values).astype(np.dtype(kind).newbyteorder("<")).tobytes())
    return {"path": f"golden/{name}", "type": kind, "dims": [int(d) for d in values.shape], "scale": scale, "offset": offset}


def samples(values: np.ndarray, tolerance: float, count: int = 80, seed: int = 5) -> dict:
    """Some numbers of a tensor by flat index: the extremes and a random draw."""
    flat = values.reshape(-1)
    random = np.random.default_rng(seed)
    at = set(random.choice(flat.size, min(count, flat.size), replace=False).tolist()) | {int(flat.argmax()), int(flat.argmin())}
    return {
        "dims": [int(d) for d in values.shape],
        "samples": [[int(i), float(np.float32(flat[i]))] for i in sorted(at)],
        "tolerance": tolerance,
    }


def finish(folder: Path, manifest: dict, card: str) -> None:
    """card.md, then manifest.json with every other file's size and hash. Files that nothing names are an error."""
    (folder / "card.md").write_text(card)
    files = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json"):
        content = path.read_bytes()
        files.append({"path": path.relative_to(folder).as_posix(), "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    manifest["files"] = files
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    # lists of numbers on one line each: a manifest is to be read
    text = re.sub(r"\[\s+([^\[\]{}\"]*?)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m.group(1)) + "]", text)
    text = re.sub(r"\[\s+(\[[^{}\"]*?\])\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m.group(1)) + "]", text)
    (folder / "manifest.json").write_text(text + "\n")


def card(manifest: dict, about: str, limits: str, comparison: list[tuple[str, float]]) -> str:
    """The card's text: everything that is a number comes from the evaluation."""
    lines = [
        f"# {manifest['title']}", "", "**Not for clinical use.**", "", about, "", "## Intended use", "", manifest["intendedUse"], "",
        "## Trained on", "", *[f"- {t}" for t in manifest["trainedOn"]], "", "## What it scores", "",
        "| figure | value | 95 % interval | data |", "|---|---|---|---|",
    ]  # fmt: skip
    for row in manifest["figures"]:
        interval = "" if row["interval"] is None else f"{row['interval'][0]:.3f} to {row['interval'][1]:.3f}"
        lines.append(f"| {row['name']} | {row['value']:.3f} | {interval} | {row['data']} |")
    lines += ["", "## Against answers that know nothing", "", "| answer | figure |", "|---|---|"]
    lines += [f"| {name} | {value:.3f} |" for name, value in comparison]
    lines += ["", "## Limits", "", limits, ""]
    return "\n".join(lines)


def began(config: dict) -> str:
    """What a run that goes on from the shipped package must say of its beginnings."""
    return f"weights first from version {config['earlier']}; then " if config.get("from") == "package" else ""


def labels_table() -> dict[str, dict]:
    """Name, code and colour by key: of models/kit/phantom/labels.ts, and of findings that only a film shows."""
    sct = lambda value, meaning: {"value": value, "scheme": "SCT", "meaning": meaning}  # noqa: E731
    rows = [
        ("body", "Body", sct("38266002", "Entire body"), [177, 122, 101]),
        ("lung-left", "Left lung", sct("44029006", "Left lung"), [172, 138, 115]),
        ("lung-right", "Right lung", sct("3341006", "Right lung"), [202, 164, 140]),
        ("trachea", "Trachea", sct("44567001", "Trachea"), [182, 228, 255]),
        ("heart", "Heart", sct("80891009", "Heart"), [206, 110, 84]),
        ("aorta", "Aorta", sct("15825003", "Aorta"), [224, 97, 76]),
        ("liver", "Liver", sct("10200004", "Liver"), [221, 130, 101]),
        ("spleen", "Spleen", sct("78961009", "Spleen"), [157, 108, 162]),
        ("kidney-left", "Left kidney", sct("18639004", "Left kidney"), [212, 126, 151]),
        ("kidney-right", "Right kidney", sct("9846003", "Right kidney"), [185, 102, 83]),
        ("spine", "Spine", sct("421060004", "Vertebral column"), [226, 202, 134]),
        ("ribs", "Ribs", sct("113197003", "Rib"), [253, 232, 158]),
        ("lung-nodule", "Lung nodule", sct("427359005", "Solitary nodule of lung"), [255, 214, 10]),
        ("liver-lesion", "Liver lesion", sct("300331000", "Lesion of liver"), [90, 220, 120]),
        ("effusion", "Pleural effusion", sct("60046008", "Pleural effusion"), [80, 170, 255]),
        ("consolidation", "Consolidation", sct("95436008", "Lung consolidation"), [255, 140, 60]),
        ("pneumothorax", "Pneumothorax", sct("36118008", "Pneumothorax"), [200, 120, 255]),
        ("cardiomegaly", "Cardiomegaly", sct("8186001", "Cardiomegaly"), [255, 90, 110]),
        ("atelectasis", "Atelectasis", sct("46621007", "Atelectasis"), [120, 230, 220]),
        ("pneumonia", "Pneumonia", sct("233604007", "Pneumonia"), [255, 170, 110]),
        ("infiltrate", "Infiltrate", sct("409609008", "Radiologic infiltrate of lung"), [230, 200, 120]),
        ("edema", "Pulmonary edema", sct("19242006", "Pulmonary edema"), [130, 150, 255]),
    ]
    return {key: {"key": key, "name": name, "code": code, "color": color} for key, name, code, color in rows}
