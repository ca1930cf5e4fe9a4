"""The NIH films: every one decoded and brought to the network's input alike; labels, boxes, and folds by patient."""

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from ..cxr_findings.examples import HIGH, LOW
from ..cxr_findings.network import SIZE
from ..image_steps import letterbox

FINDINGS = ("pneumonia", "infiltrate", "atelectasis", "edema", "effusion")
"""The NIH labels with 40 films or more, but for 'No Finding', which is no finding."""
NIH_NAME = {"pneumonia": "Pneumonia", "infiltrate": "Infiltration", "atelectasis": "Atelectasis", "edema": "Edema", "effusion": "Effusion"}
# the boxes' own spelling
BOX_NAME = {**{v: k for k, v in NIH_NAME.items()}, "Infiltrate": "infiltrate"}
FOLDS = 5
# boxes are in pixels of the 1024 image
BOX_SIZE = 1024


@dataclass(frozen=True)
class Films:
    """`rows` as in the index; `images` float32 [n, 256, 256] in 0..1; `truth` bool [n, findings]."""

    rows: list[dict[str, str]]
    images: np.ndarray
    bytes: np.ndarray

    @cached_property
    def names(self) -> list[str]:
        return [r["image"] for r in self.rows]

    @cached_property
    def patients(self) -> np.ndarray:
        return np.array([r["patient"] for r in self.rows])

    @cached_property
    def views(self) -> np.ndarray:
        return np.array([r["view"] for r in self.rows])

    @cached_property
    def truth(self) -> np.ndarray:
        return np.array([[NIH_NAME[f] in r["labels"].split("|") for f in FINDINGS] for r in self.rows])

    @cached_property
    def folds(self) -> np.ndarray:
        return folds_of(self.patients, self.truth)

    @cached_property
    def blind(self) -> np.ndarray:
        """What is known without a pixel: file size, view, age, sex, number of the follow-up."""
        age = np.array([float("".join(c for c in r["age"] if c.isdigit()) or 50) for r in self.rows])
        follow = np.array([int(r["image"].split("_")[1].split(".")[0]) for r in self.rows])
        sex = np.array([r["sex"] == "M" for r in self.rows])
        return np.stack([np.log(self.bytes), self.views == "AP", age / 20, sex, np.log1p(follow)], 1).astype(np.float64)

    def boxes(self, n: int) -> list[tuple[str, tuple[float, float, float, float]]]:
        """(name as the radiologists gave it, [x0, y0, x1, y1] in pixels of the network's input)."""
        told = next(v for k, v in self.rows[n].items() if k.startswith("boxes"))
        out = []
        for part in filter(None, told.split(";")):
            name, x, y, w, h = part.split(" ")
            k = SIZE / BOX_SIZE
            out.append((name, (float(x) * k, float(y) * k, (float(x) + float(w)) * k, (float(y) + float(h)) * k)))
        return out


def read(data: Path) -> Films:
    """`data`: the folder with index.csv. The 512 version of every film, none of the others."""
    with (data / "index.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    paths = [data / r["path512"] for r in rows]
    images = np.stack([letterbox(np.asarray(Image.open(p).convert("L")), SIZE, LOW, HIGH) for p in paths])
    return Films(rows, images.astype(np.float32), np.array([p.stat().st_size for p in paths], np.float64))


def folds_of(patients: np.ndarray, truth: np.ndarray, seed: int = 11) -> np.ndarray:
    """A fold for each film: patients are dealt in turn, ordered by what any film of theirs shows (rarest label first)."""
    unique = np.array(sorted(set(patients)))
    shuffled = unique[np.random.default_rng(seed).permutation(len(unique))]
    rarest = np.argsort(truth.sum(0), kind="stable")
    ordered = sorted(shuffled, key=lambda p: tuple(truth[patients == p].max(0)[rarest].tolist()))
    fold = {p: n % FOLDS for n, p in enumerate(ordered)}
    return np.array([fold[p] for p in patients])
