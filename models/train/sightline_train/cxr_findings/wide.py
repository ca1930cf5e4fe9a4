"""Phantoms changed far beyond what training draws: size, posture, tone, sharpness, noise. Truth moves along."""

import numpy as np
import torch
from torch.nn import functional as F

from .filmlike import curve, smoothed
from .network import SIZE

# a control point of the bent grid lies this far from its place, in half widths
BENT = 0.022
# deviation of the noise where the film is black, drawn evenly in its logarithm; a dense part has up to three times as much
NOISE, DENSER = (0.002, 0.03), 1.2


def through(points: np.ndarray, turn: np.ndarray, shift: np.ndarray, field: torch.Tensor) -> np.ndarray:
    """Where points [n, 2] (x, y, -1..1) of the film come to lie: q with turn q + shift + field(q) = point."""
    inverse = np.linalg.inv(turn)
    q = (points - shift) @ inverse.T
    for _ in range(3):
        own = F.grid_sample(field, torch.from_numpy(q.astype(np.float32))[None, None], mode="bilinear", padding_mode="border", align_corners=False)
        q = (points - shift - own[0, :, 0].T.numpy()) @ inverse.T
    return q


def moved(x: torch.Tensor, masks: torch.Tensor, boxes: np.ndarray, random: np.random.Generator, mirror: bool) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    """Turned, stretched, shifted, bent; boxes become those of the turned ellipse."""
    angle, scale, uneven = np.deg2rad(random.normal(0, 3.5)), np.exp(random.uniform(-0.24, 0.24)), np.exp(random.normal(0, 0.06))
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, -s], [s, c]]) @ np.diag([scale * uneven * (-1 if mirror else 1), scale / uneven])
    shift = random.normal(0, 0.05, 2)
    field = torch.zeros(1, 2, SIZE, SIZE)
    if random.random() < 0.5:
        field = F.interpolate(torch.from_numpy(random.normal(0, BENT, (1, 2, 6, 6)).astype(np.float32)), (SIZE, SIZE), mode="bicubic", align_corners=False)
    theta = torch.from_numpy(np.concatenate([turn, shift[:, None]], 1).astype(np.float32))[None]
    grid = F.affine_grid(theta, [1, 1, SIZE, SIZE], align_corners=False) + field.permute(0, 2, 3, 1)
    # the body goes on beyond the film as often as it ends there
    x = F.grid_sample(x[None], grid, mode="bilinear", padding_mode="border" if random.random() < 0.5 else "zeros", align_corners=False)[0]
    masks = F.grid_sample(masks[None], grid, mode="nearest", align_corners=False)[0]
    if mirror:
        masks = masks[[1, 0, 2]]  # a lung's name follows its place in the picture
    if len(boxes):
        low, high = boxes[:, 1:3] / (SIZE / 2) - 1, boxes[:, 3:5] / (SIZE / 2) - 1
        centre, half = (low + high) / 2, (high - low) / 2
        at, right, below = (through(centre + half * np.array(v), turn, shift, field) for v in ((0, 0), (1, 0), (0, 1)))
        half = np.sqrt((right - at) ** 2 + (below - at) ** 2)
        out = np.clip((np.concatenate([at - half, at + half], 1) + 1) * (SIZE / 2), 0, SIZE)
        inside = (np.abs(at) < 0.98).all(1) & (out[:, 2] - out[:, 0] > 4) & (out[:, 3] - out[:, 1] > 4)
        boxes = np.concatenate([boxes[:, :1], out], 1)[inside].astype(np.float32)
    return x, masks, boxes


def blurred(x: torch.Tensor, radius: float) -> torch.Tensor:
    taps = torch.exp(-(torch.arange(-3, 4).float() ** 2) / (2 * radius * radius))
    taps = taps / taps.sum()
    return F.conv2d(F.conv2d(F.pad(x[None], (3, 3, 3, 3), mode="replicate"), taps.view(1, 1, 1, 7)), taps.view(1, 1, 7, 1))[0]


def noisy(x: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Grain of some size; as few quanta reach the detector behind what is dense, more of it there."""
    grain = torch.from_numpy(random.standard_normal((1, SIZE, SIZE), np.float32))
    radius = float(random.uniform(0, 1.1))
    if radius > 0.3:
        grain = blurred(grain, radius)
        grain = grain / grain.std()
    return x + grain * float(np.exp(random.uniform(*np.log(NOISE)))) * torch.exp(DENSER * x.clamp(0, 1))


def wide(x: torch.Tensor, masks: torch.Tensor, boxes: np.ndarray, random: np.random.Generator, mirrored: float = 0.25) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    """Image [1, s, s] in 0..1, masks [3, s, s], boxes [n, 5]; windowed anew at the end as the package's steps do."""
    x, masks, boxes = moved(x, masks, boxes, random, random.random() < mirrored)
    x = x.clamp(0, 1) ** float(np.exp(np.clip(random.normal(0, 0.25), -0.6, 0.6)))
    if random.random() < 0.25:
        x = curve(x, random)
    if random.random() < 0.25:
        # thick parts drowned in scatter: contrast falls with brightness
        x = x + float(random.uniform(0.05, 0.4)) * smoothed(x)
    if random.random() < 0.3:
        x = blurred(x, float(random.uniform(0.35, 1.0)))
    if random.random() < 0.75:
        x = noisy(x, random)
    low, high = np.percentile(x.numpy(), [0.5, 99.5])
    low, high = low + random.normal(0, 0.02), high + random.normal(0, 0.03)
    return torch.clamp((x - float(low)) / max(float(high - low), 1e-3), 0, 1), masks, boxes
