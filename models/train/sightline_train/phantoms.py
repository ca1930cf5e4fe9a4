"""Sets of phantoms: written by the TypeScript generator (there is no other), read here."""

import json
import subprocess
from pathlib import Path

import numpy as np

TOOL = Path(__file__).resolve().parent.parent / "tools" / "phantoms.ts"
REPOSITORY = TOOL.parents[3]
# ids of models/kit/phantom/labels.ts; trained networks depend on them
LABELS = (
    "background", "body", "lung-left", "lung-right", "trachea", "heart", "aorta", "liver", "spleen", "kidney-left",
    "kidney-right", "spine", "ribs", "lung-nodule", "liver-lesion", "effusion",
)  # fmt: skip
ID = {name: n for n, name in enumerate(LABELS)}


def generate(cache: Path, sets: list[dict]) -> None:
    """Writes what is missing of each set {name, line, count, range?, phrases?}; the set's name is its seed."""
    node = REPOSITORY / "node_modules" / ".bin" / "node"
    for entry in sets:
        folder = cache / entry["name"]
        have = 0
        while (folder / f"{have}.json").exists():
            have += 1
        if have >= entry["count"]:
            continue
        subprocess.run(
            [
                str(node), str(TOOL), "--line", entry["line"], "--seed", entry["name"], "--out", str(folder),
                "--from", str(have), "--count", str(entry["count"] - have),
                "--range", entry.get("range", "in"), "--phrases", entry.get("phrases", "a"),
            ],
            check=True,
        )  # fmt: skip


def available(cache: Path, entry: dict) -> list[int]:
    """Numbers of the examples of a set that are complete, at most its count."""
    return [n for n in range(entry["count"]) if (cache / entry["name"] / f"{n}.json").exists()]


def truth(folder: Path, n: int) -> dict:
    return json.loads((folder / f"{n}.json").read_text())


def arrays(folder: Path, n: int, told: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Image (int16 [z, y, x] HU, or uint16 [row, column]), labels uint8, lesion ids uint8 (CT)."""
    shape = told["shape"]
    image = np.fromfile(folder / f"{n}.image.raw", np.dtype(told["dtype"]).newbyteorder("<")).reshape(shape)
    labels = np.fromfile(folder / f"{n}.labels.raw", np.uint8).reshape(shape)
    path = folder / f"{n}.instances.raw"
    return image, labels, np.fromfile(path, np.uint8).reshape(shape) if path.exists() else None
