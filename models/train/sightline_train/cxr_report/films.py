"""Phantoms as the drafter is shown them: the film, moved and toned a little, its lesions with their boxes."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .. import phantoms
from ..cxr_findings.examples import HIGH, LOW, in_square
from ..cxr_findings.network import FINDINGS, SIZE
from ..cxr_findings.wide import wide
from ..image_steps import letterbox, letterboxed_size
from .examples import Lesion


@dataclass(frozen=True)
class Film:
    """image float32 [256, 256] in 0..1, as long as it is as it was taken of pixels of that size; lesions that it shows."""

    image: np.ndarray
    lesions: list[Lesion]
    pixel_mm: float


def read(folder: Path, n: int) -> Film:
    told = phantoms.truth(folder, n)
    image, _, _ = phantoms.arrays(folder, n, told)
    rows, columns = image.shape
    r, c, top, left = letterboxed_size(rows, columns, SIZE)
    pixel_mm = told["detectorSpacingMm"][1] / told["magnification"] * columns / c
    lesions = [
        Lesion(
            one["kind"], one["side"] or "", one["place"], one["severity"], one["sizeMm"], np.array(in_square(one["pixelBox"], c / columns, r / rows, left, top)),
            one["sizeMm"] / pixel_mm,
        )  # fmt: skip
        for one in told["lesions"]
        if one["visible"] and one["pixelBox"] and one["kind"] in FINDINGS
    ]
    return Film(letterbox(image, SIZE, LOW, HIGH), lesions, pixel_mm)


def films(cache: Path, sets: list[dict]) -> list[Film]:
    return [read(cache / e["name"], n) for e in sets for n in phantoms.available(cache, e)]


def far(film: Film, random: np.random.Generator) -> Film:
    """Changed far beyond what phantoms are (cxr_findings.wide), lesions that leave the film left out; never mirrored."""
    at = np.array([[n, *one.box] for n, one in enumerate(film.lesions)], np.float32).reshape(-1, 5)
    x, _, boxes = wide(torch.from_numpy(film.image)[None], torch.zeros(3, SIZE, SIZE), at, random, 0.0)
    return replace(film, image=x[0].numpy(), lesions=[replace(film.lesions[int(row[0])], box=row[1:].astype(np.float64)) for row in boxes])


def moved(film: Film, random: np.random.Generator) -> Film:
    """Shifted, stretched and toned; never mirrored, since the report tells sides."""
    x = torch.from_numpy(film.image)[None, None]
    sx, sy = random.uniform(0.9, 1.1, 2)
    dx, dy = random.normal(0, 0.03, 2)
    theta = torch.tensor([[[sx, 0, dx], [0, sy, dy]]], dtype=torch.float32)
    x = F.grid_sample(x, F.affine_grid(theta, [1, 1, SIZE, SIZE], align_corners=False), mode="bilinear", align_corners=False)
    x = torch.clamp(x, 0, 1) ** float(random.uniform(0.75, 1.35))
    low, high = random.normal(0, 0.03), 1 + random.normal(0, 0.05)
    x = torch.clamp((x - low) / (high - low), 0, 1)
    if random.random() < 0.5:
        x = torch.clamp(x + torch.randn(x.shape) * float(random.uniform(0, 0.04)), 0, 1)
    half = SIZE / 2

    def there(box: np.ndarray) -> np.ndarray:
        u, v = (box[[0, 2]] / half - 1 - dx) / sx, (box[[1, 3]] / half - 1 - dy) / sy
        return np.clip(np.array([u[0], v[0], u[1], v[1]]) * half + half, 0, SIZE)

    return replace(film, image=x[0, 0].numpy(), lesions=[replace(one, box=there(one.box)) for one in film.lesions])
