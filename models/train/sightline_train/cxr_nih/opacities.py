"""Opacities drawn on films that show nothing, so that a map learns on films where one lies; and the versions of films that training sees."""

import numpy as np
import torch
from torch.nn import functional as F

from ..cxr_findings.filmlike import filmlike
from ..cxr_findings.network import SIZE


def clouded(shape: tuple[int, int], random: np.random.Generator) -> torch.Tensor:
    """Noise of several sizes at once, mean 0, deviation 1."""
    x = sum(F.interpolate(torch.from_numpy(random.normal(0, 1, (1, 1, n, n)).astype(np.float32)), shape, mode="bicubic", align_corners=False) / k for n, k in ((6, 1), (14, 1.5), (32, 2.5)))
    return ((x - x.mean()) / x.std())[0, 0]


def draw(x: torch.Tensor, lungs: torch.Tensor, random: np.random.Generator) -> tuple[torch.Tensor, np.ndarray] | None:
    """
    `x` [1, s, s] with one clouded opacity in a lung (`lungs` [s, s], 0..1) and its box; what is dense stays as it is, so
    vessels drown and ribs shine through. None where there is no lung.
    """
    # outlines err into shoulders: only where it is darker than the film's middle
    dark = F.avg_pool2d(x[None], 13, 1, 6)[0, 0] < float(x[0][lungs > 0].mean() if bool((lungs > 0).any()) else 0.5)
    rows, columns = np.nonzero(((F.avg_pool2d(lungs[None, None], 13, 1, 6)[0, 0] > 0.75) & dark & (x[0] > 0.02)).numpy())
    if len(rows) < 200:
        return None
    n = random.integers(len(rows))
    cy, cx = float(rows[n]), float(columns[n])
    a, b = random.uniform(14, 46, 2)
    turn = random.uniform(0, np.pi)
    v, u = torch.meshgrid(torch.arange(SIZE) - cy, torch.arange(SIZE) - cx, indexing="ij")
    c, s = float(np.cos(turn)), float(np.sin(turn))
    distance = torch.sqrt(((c * u + s * v) / a) ** 2 + ((c * v - s * u) / b) ** 2) + 0.22 * clouded((SIZE, SIZE), random)
    edge = float(random.uniform(0.08, 0.35))
    inside = torch.sigmoid((1 - distance) / edge)
    reach = F.avg_pool2d(F.avg_pool2d(lungs[None, None], 5, 1, 2), 5, 1, 2)[0, 0]
    shape = inside * reach
    density = shape * float(random.uniform(0.2, 0.75)) * (1 + float(random.uniform(0, 0.35)) * clouded((SIZE, SIZE), random)).clamp(0, 2)
    # up to what soft tissue of this film measures
    dense = float(np.quantile(x[0][reach < 0.1].numpy(), random.uniform(0.5, 0.8))) if bool((reach < 0.1).any()) else 0.8
    y = x[0] + density.clamp(0, 1) * torch.clamp(dense - x[0], min=0)
    rows, columns = np.nonzero((shape > 0.4).numpy())
    if len(rows) < 120:
        return None
    return y[None], np.array([[0, columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], np.float32)


def version(x: torch.Tensor, masks: torch.Tensor, boxes: np.ndarray, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    """A film as training sees it: mirrored three times in ten, then turned, toned and spoiled as phantoms are."""
    if random.random() < 0.3:
        x, masks = x.flip(-1), masks[[1, 0, 2]].flip(-1)
        boxes = boxes.copy()
        boxes[:, [1, 3]] = SIZE - boxes[:, [3, 1]]
    return filmlike(x, masks, boxes, random)
