"""X-ray phantoms as network inputs and targets."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .. import phantoms
from ..image_steps import letterbox, letterboxed_labels, letterboxed_size
from ..phantoms import ID
from .filmlike import filmlike
from .network import FINDINGS, MASKS, SIZE, STRIDE
from .wide import wide

LOW, HIGH = 0.5, 99.5
GRID = SIZE // STRIDE


@dataclass(frozen=True)
class Film:
    """image uint16 [256, 256] (65535 = 1), masks uint8 label ids, boxes of visible lesions in input pixels, the truth."""

    image: np.ndarray
    labels: np.ndarray
    boxes: np.ndarray  # [n, 5]: finding, x0, y0, x1, y1
    truth: dict


def read(folder: Path, n: int) -> Film:
    told = phantoms.truth(folder, n)
    image, labels, _ = phantoms.arrays(folder, n, told)
    rows, columns = image.shape
    r, c, top, left = letterboxed_size(rows, columns, SIZE)
    boxes = [
        [FINDINGS.index(lesion["kind"]), *in_square(lesion["pixelBox"], c / columns, r / rows, left, top)]
        for lesion in told["lesions"]
        if lesion["visible"] and lesion["pixelBox"] and lesion["kind"] in FINDINGS
    ]
    return Film(
        image=np.round(letterbox(image, SIZE, LOW, HIGH) * 65535).astype(np.uint16),
        labels=letterboxed_labels(labels, SIZE),
        boxes=np.array(boxes, np.float32).reshape(-1, 5),
        truth={**told, "report": None},
    )


def in_square(box: list[float], sx: float, sy: float, left: int, top: int) -> list[float]:
    """Pixels [low, high], both included, to outer edges in the letterboxed square."""
    x0, y0, x1, y1 = box
    return [x0 * sx + left, y0 * sy + top, (x1 + 1) * sx + left, (y1 + 1) * sy + top]


def films(cache: Path, sets: list[dict]) -> list[Film]:
    return [read(cache / e["name"], n) for e in sets for n in phantoms.available(cache, e)]


def changed(film: Film, random: np.random.Generator, likeness: float = 0.0, far: float = 0.0) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    """
    Image [1, s, s], masks [3, s, s] and boxes after a random shift, stretch, mirroring and change of tone; a share
    `likeness` of them made like films, a share `far` changed far beyond what phantoms are.
    """
    x = torch.from_numpy(film.image.astype(np.float32) / 65535)[None, None]
    masks = torch.from_numpy(np.stack([film.labels == ID[m] for m in MASKS]).astype(np.float32))[None]
    boxes = film.boxes.copy()
    if far > 0 and random.random() < far:
        return wide(x[0], masks[0], boxes, random)
    if random.random() < 0.85:
        sx, sy = random.uniform(0.88, 1.12, 2)
        dx, dy = random.normal(0, 0.04, 2)
        mirror = -1.0 if random.random() < 0.3 else 1.0
        # from output place to input place, both -1..1
        theta = torch.tensor([[[mirror * sx, 0, dx], [0, sy, dy]]], dtype=torch.float32)
        grid = F.affine_grid(theta, [1, 1, SIZE, SIZE], align_corners=False)
        x = F.grid_sample(x, grid, mode="bilinear", align_corners=False)
        masks = F.grid_sample(masks, grid, mode="nearest", align_corners=False)
        if mirror < 0:
            masks = masks[:, [1, 0, 2]]  # a lung's name follows its place in the picture
        half = SIZE / 2
        u = (boxes[:, [1, 3]] / half - 1 - dx) / (mirror * sx)
        v = (boxes[:, [2, 4]] / half - 1 - dy) / sy
        boxes[:, [1, 3]] = np.sort((u + 1) * half, 1)
        boxes[:, [2, 4]] = np.sort((v + 1) * half, 1)
        boxes[:, 1:] = np.clip(boxes[:, 1:], 0, SIZE)
        boxes = boxes[(boxes[:, 3] - boxes[:, 1] > 4) & (boxes[:, 4] - boxes[:, 2] > 4)]
    if likeness > 0 and random.random() < likeness:
        return filmlike(x[0], masks[0], boxes, random)
    x = torch.clamp(x, 0, 1) ** float(random.uniform(0.75, 1.35))
    low, high = random.normal(0, 0.03), 1 + random.normal(0, 0.05)
    x = torch.clamp((x - low) / (high - low), 0, 1)
    if random.random() < 0.4:
        x = torch.clamp(x + torch.randn(x.shape) * float(random.uniform(0, 0.02)), 0, 1)
    return x[0], masks[0], boxes


def targets(boxes: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """heat [C, g, g] (1 at a centre, a Gaussian by the box about it), extents [C, g, g], sizes [2C, g, g] and where they count."""
    n = len(FINDINGS)
    heat, extents = np.zeros((n, GRID, GRID), np.float32), np.zeros((n, GRID, GRID), np.float32)
    sizes, counts = np.ones((2 * n, GRID, GRID), np.float32), np.zeros((2 * n, GRID, GRID), np.float32)
    y, x = np.mgrid[0:GRID, 0:GRID]
    for kind, x0, y0, x1, y1 in boxes:
        k = int(kind)
        w, h = x1 - x0, y1 - y0
        cx, cy = min(GRID - 1, int((x0 + x1) / 2 / STRIDE)), min(GRID - 1, int((y0 + y1) / 2 / STRIDE))
        sx, sy = max(0.7, w / STRIDE / 7), max(0.7, h / STRIDE / 7)
        g = np.exp(-((x - cx) ** 2) / (2 * sx**2) - (y - cy) ** 2 / (2 * sy**2))
        heat[k] = np.maximum(heat[k], g)
        near = g > 0.55
        sizes[k][near], sizes[n + k][near] = w, h
        counts[k][near] = counts[n + k][near] = 1
        u, v = ((x + 0.5) * STRIDE - (x0 + x1) / 2) / (w / 2), ((y + 0.5) * STRIDE - (y0 + y1) / 2) / (h / 2)
        extents[k][u**4 + v**4 <= 1] = 1
    return tuple(torch.from_numpy(t) for t in (heat, extents, sizes, counts))
