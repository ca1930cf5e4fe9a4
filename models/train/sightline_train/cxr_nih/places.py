"""
Where a finding lies on a real film. Labels alone do not tell (a class activation map of the heads points at bones), and
there are boxes on 23 films only: so a few numbers a cell, all from the phantom network, weighed on the boxes of other
patients, beside where such boxes lie at all.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from .films import BOX_NAME, Films
from .heads import ridge_logistic, scale_of

GRID = 64
CELL = 4
STRENGTH = 100.0
# boxes of these say where lungs are opaque
OPAQUE = ("pneumonia", "infiltrate")


def gaussian(sigma: float) -> torch.Tensor:
    n = int(np.ceil(3 * sigma))
    taps = torch.exp(-torch.arange(-n, n + 1).float() ** 2 / (2 * sigma * sigma))
    return taps / taps.sum()


class Blur(nn.Module):
    """Gaussian blur of each channel, edges as if they went on."""

    def __init__(self, sigma: float) -> None:
        super().__init__()
        self.register_buffer("taps", gaussian(sigma))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, c, h, w = x.shape
        k = self.taps.shape[0] // 2
        y = F.pad(x.reshape(n * c, 1, h, w), (k, k, k, k), mode="replicate")
        return F.conv2d(F.conv2d(y, self.taps.view(1, 1, 1, -1)), self.taps.view(1, 1, -1, 1)).reshape(n, c, h, w)


class Cells(nn.Module):
    """Extents [n, 6, 64, 64] and masks [n, 3, 64, 64] (logits) -> numbers of each cell [n, 6, 64, 64] and the chest [n, 1, 64, 64], 0..1."""

    def __init__(self) -> None:
        super().__init__()
        self.soft, self.wide = Blur(2.0), Blur(3.0)

    def forward(self, extents: torch.Tensor, masks: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        chest = torch.clamp(self.wide(torch.sigmoid(masks).sum(1, keepdim=True)), 0, 1)
        e = self.soft(extents)
        total = chest.sum((2, 3), keepdim=True) + 1e-3
        mean = (e * chest).sum((2, 3), keepdim=True) / total
        deviation = torch.sqrt((((e - mean) ** 2) * chest).sum((2, 3), keepdim=True) / total + 1e-4)
        return (e - mean) / deviation, chest


def covered(box: tuple[float, float, float, float]) -> np.ndarray:
    at = (np.arange(GRID) + 0.5) * CELL
    return ((at >= box[1]) & (at <= box[3]))[:, None] & ((at >= box[0]) & (at <= box[2]))[None]


def boxes_of(films: Films, which: np.ndarray) -> list[tuple[int, tuple[float, float, float, float]]]:
    return [(int(n), b) for n in which for name, b in films.boxes(int(n)) if BOX_NAME.get(name) in OPAQUE]


def prior_of(boxes: list[tuple[int, tuple[float, float, float, float]]]) -> np.ndarray:
    """Log of how often a cell is covered, 0 at the most covered one."""
    mean = np.mean([covered(b) for _, b in boxes], 0).astype(np.float32)
    soft = Blur(3.0)(torch.from_numpy(mean)[None, None])[0, 0].numpy()
    return np.log(soft / soft.max() + 0.05)


def place_of(films: Films, boxed: np.ndarray, cells: np.ndarray, chest: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights [7] of the cells' numbers and the prior, and the prior itself, from the boxes of the films `which`; `cells` and `chest` are those of the films `boxed`."""
    own = boxes_of(films, which)
    rows, truth = [], []
    for n, box in own:
        # the prior that a film's own patient has no part in, so that its weight is honest
        others = prior_of([b for b in own if films.patients[b[0]] != films.patients[n]])
        at = int(np.nonzero(boxed == n)[0][0])
        inside = chest[at, 0] > 0.3
        rows.append(np.concatenate([cells[at], others[None]])[:, inside].T)
        truth.append(covered(box)[inside])
    x, y = np.vstack(rows).astype(np.float64), np.concatenate(truth).astype(float)
    scale = scale_of(x)
    weights, _ = ridge_logistic(scale(x), y, STRENGTH)
    return (weights / scale.deviation).astype(np.float32), prior_of(own).astype(np.float32)


def size_of(films: Films, which: np.ndarray) -> tuple[float, float]:
    """The middle box of these films: width and height in pixels of the input."""
    own = np.array([[b[2] - b[0], b[3] - b[1]] for _, b in boxes_of(films, which)])
    return tuple(np.median(own, 0).tolist())


class Places(nn.Module):
    """[n, 64, 64]: how much the place looks like one that a radiologist would box; `weights` [7], `prior` [64, 64]."""

    def __init__(self, weights: np.ndarray, prior: np.ndarray) -> None:
        super().__init__()
        self.register_buffer("weights", torch.from_numpy(weights[:-1]).view(1, -1, 1, 1))
        self.register_buffer("prior", torch.from_numpy(weights[-1] * prior).view(1, 1, GRID, GRID))
        self.wide = Blur(3.0)

    def forward(self, cells: torch.Tensor, chest: torch.Tensor) -> torch.Tensor:
        h = (cells * self.weights).sum(1, keepdim=True) + self.prior
        # the pointed place lies on the chest
        return self.wide(h) - 6 * (1 - chest)
