"""Phantoms made to look more like films: what the generator draws too clean, so that outlines hold on real films."""

import numpy as np
import torch
from torch.nn import functional as F

from .network import SIZE


def turned(x: torch.Tensor, masks: torch.Tensor, boxes: np.ndarray, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    """A turn of a few degrees and a change of scale; boxes keep their sides."""
    angle, scale = np.deg2rad(random.normal(0, 5)), random.uniform(0.8, 1.3)
    dx, dy = random.normal(0, 0.06, 2)
    c, s = np.cos(angle) * scale, np.sin(angle) * scale
    theta = torch.tensor([[[c, -s, dx], [s, c, dy]]], dtype=torch.float32)
    grid = F.affine_grid(theta, [1, 1, SIZE, SIZE], align_corners=False)
    x = F.grid_sample(x[None], grid, mode="bilinear", align_corners=False)[0]
    masks = F.grid_sample(masks[None], grid, mode="nearest", align_corners=False)[0]
    if len(boxes):
        half = SIZE / 2
        inverse = np.linalg.inv([[c, -s], [s, c]])
        centre = np.stack([(boxes[:, 1] + boxes[:, 3]) / 2, (boxes[:, 2] + boxes[:, 4]) / 2], 1) / half - 1
        centre = ((centre - [dx, dy]) @ inverse.T + 1) * half
        sides = np.stack([boxes[:, 3] - boxes[:, 1], boxes[:, 4] - boxes[:, 2]], 1) / scale
        inside = ((centre > 2) & (centre < SIZE - 2)).all(1)
        boxes = np.concatenate([boxes[:, :1], np.clip(np.concatenate([centre - sides / 2, centre + sides / 2], 1), 0, SIZE)], 1)[inside].astype(np.float32)
        boxes = boxes[(boxes[:, 3] - boxes[:, 1] > 4) & (boxes[:, 4] - boxes[:, 2] > 4)]
    return x, masks, boxes


def curve(x: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """A monotone change of tone through three random points."""
    at = np.array([0, 0.25, 0.5, 0.75, 1.0])
    to = np.concatenate([[0], np.cumsum(random.dirichlet(np.full(4, 4.0)))])
    return torch.from_numpy(np.interp(x.numpy(), at, to).astype(np.float32))


def drawn_over(x: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Letters, clips and lines that a ward's film carries."""
    x = x.clone()
    for _ in range(random.integers(0, 4)):
        h, w = random.integers(3, 14, 2)
        r, c = random.integers(0, SIZE - h), random.integers(0, SIZE - w)
        x[0, r : r + h, c : c + w] = random.uniform(0.7, 1.0) if random.random() < 0.8 else 0.0
    for _ in range(random.integers(0, 4)):
        t = np.linspace(0, 1, 400)
        ends = random.uniform(0, SIZE, (4, 2))
        bezier = sum(b[:, None] * p for b, p in zip([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3], ends, strict=True))
        r, c = np.clip(bezier.T.astype(int), 0, SIZE - 2)
        width = random.integers(1, 3)
        value = float(random.uniform(0.1, 0.35))
        for k in range(width):
            x[0, r + k, c] = torch.clamp(x[0, r + k, c] + value, 0, 1)
    return x


def smoothed(x: torch.Tensor) -> torch.Tensor:
    """Means over about a quarter of the picture."""
    small = F.avg_pool2d(F.avg_pool2d(x[None], 8), 9, 1, 4, count_include_pad=False)
    return F.interpolate(small, x.shape[1:], mode="bilinear", align_corners=False)[0]


def beside(x: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Arms, blankets and scatter in the place of pure black beside the body."""
    field = torch.from_numpy(random.uniform(0, 1, (1, 1, 5, 5)).astype(np.float32)) * float(random.uniform(0.1, 0.8))
    field = F.interpolate(field, x.shape[1:], mode="bicubic", align_corners=False)[0].clamp(0, 1)
    dark = torch.clamp(1 - x / 0.12, 0, 1)
    return x + dark * field


def framed(x: torch.Tensor, masks: torch.Tensor, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Collimated: black beyond a slightly turned rectangle."""
    y, z = torch.meshgrid(torch.linspace(-1, 1, SIZE), torch.linspace(-1, 1, SIZE), indexing="ij")
    a = float(np.deg2rad(random.normal(0, 4)))
    u, v = z * np.cos(a) + y * np.sin(a), y * np.cos(a) - z * np.sin(a)
    left, right, top, bottom = random.uniform(0.75, 1.05, 4)
    inside = ((u > -left) & (u < right) & (v > -top) & (v < bottom)).float()
    return x * inside, masks * inside


def filmlike(x: torch.Tensor, masks: torch.Tensor, boxes: np.ndarray, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    """Image [1, s, s] in 0..1, masks [3, s, s], boxes [n, 5]; windowed anew at the end as the package's steps do."""
    x, masks, boxes = turned(x, masks, boxes, random)
    if random.random() < 0.4:
        x = beside(x, random)
    x = curve(x, random)
    if random.random() < 0.6:
        y, z = torch.meshgrid(torch.linspace(-1, 1, SIZE), torch.linspace(-1, 1, SIZE), indexing="ij")
        a, b, c = random.normal(0, 0.12, 3)
        x = x * (1 + a * y + b * z + c * (y * y + z * z))
    if random.random() < 0.4:
        # thick parts drowned in scatter: contrast falls with brightness
        x = x + float(random.uniform(0.1, 0.5)) * smoothed(x)
    if random.random() < 0.6:
        x = drawn_over(x, random)
    if random.random() < 0.35:
        x, masks = framed(x, masks, random)
    if random.random() < 0.4:
        k = float(random.uniform(0.3, 1.3))
        taps = torch.exp(-torch.arange(-3, 4).float() ** 2 / (2 * k * k))
        taps = taps / taps.sum()
        x = F.conv2d(F.conv2d(x[None], taps.view(1, 1, 1, 7), padding=(0, 3)), taps.view(1, 1, 7, 1), padding=(3, 0))[0]
    if random.random() < 0.5:
        x = x + torch.randn(x.shape) * float(random.uniform(0, 0.03))
    low, high = np.percentile(x.numpy(), [0.5, 99.5])
    return torch.clamp((x - float(low)) / max(float(high - low), 1e-3), 0, 1), masks, boxes
