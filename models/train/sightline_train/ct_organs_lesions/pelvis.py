"""
What lies below a phantom's last slice: it ends at the kidneys, scans of people go on. The last slice is drawn on downwards,
its organs end, and a pelvis of simple bodies takes their place. Of all of it only the lumbar spine and the aorta are labels.
"""

from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy import ndimage

from ..phantoms import ID

if TYPE_CHECKING:
    from .crops import Phantom

ENDING = ("liver", "spleen", "kidney-left", "kidney-right", "ribs", "liver-lesion", "lung-left", "lung-right", "effusion", "lung-nodule")


def downward(at: torch.Tensor, own: "Phantom", random: np.random.Generator) -> torch.Tensor:
    """
    Moves the places `at` [z, y, x, 3] (voxels of the phantom) down beyond its last slice and holds them there: that slice
    goes on. -> mm below it, [z, y, x].
    """
    d = at.shape[0]
    # how many of the crop's voxels lie below
    below = float(random.uniform(0.15, 1.6)) * d
    middle = at[:, at.shape[1] // 2, at.shape[2] // 2, 0]
    per = float(middle[-1] - middle[0]) / (d - 1)
    at[..., 0] += -float(middle[0]) - below * per
    depth = (-at[..., 0]).clamp(min=0) * float(own.spacing[0])
    at[..., 0].clamp_(min=0)
    return depth


def moved(parts: torch.Tensor, label: int, where: torch.Tensor) -> None:
    """Shares of a label become the body's."""
    parts[ID["body"]] += parts[label] * where
    parts[label] *= ~where


def ball(at: tuple[torch.Tensor, ...], centre: tuple, radii: tuple[float, ...]) -> torch.Tensor:
    """Below 1 within an ellipsoid (or, of two axes, a cylinder), 1 at its edge."""
    return sum(((a - c) / r) ** 2 for a, c, r in zip(at, centre, radii, strict=True)).sqrt()


def pelvis(hu: torch.Tensor, parts: torch.Tensor, depth: torch.Tensor, spacing_mm: float, random: np.random.Generator) -> None:
    """Changes HU [z, y, x] and shares [label, z, y, x] in place where `depth` (mm below the phantom) is above 0."""
    u = lambda low, high: float(random.uniform(low, high))  # noqa: E731
    under = depth > 0
    if not under.any():
        return
    labels = parts.argmax(0)
    body = labels > 0
    # organs taper off
    ends = torch.zeros_like(under)
    for name in ENDING:
        own = (labels == ID[name]) & under
        if own.any():
            inside = np.stack([ndimage.distance_transform_edt(one) for one in own.numpy()]) * spacing_mm
            ends |= own & (torch.from_numpy(inside.astype(np.float32)) < depth * 0.9 + 1)
        moved(parts, ID[name], under & (ends | (labels != ID[name])))
    hu[ends] = u(-110, -85)
    # where the spine is, is the middle; without one, the body's
    spine = (labels == ID["spine"]) & under
    middle = (spine if spine.any() else body & under).nonzero().float()
    if len(middle) == 0:
        return
    ys, xs = (torch.arange(s, dtype=torch.float32) * spacing_mm for s in hu.shape[1:])
    y0, x0 = (float(middle[:, d].mean()) * spacing_mm for d in (1, 2))
    inner = body & under
    outline = inner.nonzero().float() * spacing_mm
    few = outline[:: max(1, len(outline) // 5000)]
    wide, front = float(torch.quantile(few[:, 2], 0.98)) - x0, y0 - float(torch.quantile(few[:, 1], 0.02))
    y, x = ys[None, :, None] - y0, xs[None, None, :] - x0
    y, x = y.expand(hu.shape), x.expand(hu.shape)

    def paint(where: torch.Tensor, value: float, grain: float = 0.0) -> None:
        own = where & inner & (parts[ID["body"]] > 0.5)
        hu[own] = value if grain == 0 else value + torch.randn(int(own.sum())) * grain

    lumbar, fork = u(50, 140), u(10, 70)
    top = lumbar + u(-50, 10)  # where the iliac wings begin
    # muscles beside the spine and behind it, soft loops of bowel between
    for side in (-1, 1):
        paint(ball((x, y), (side * u(32, 45), u(-12, 5)), (u(14, 26), u(14, 26))) < 1, u(35, 70), 4)
    for _ in range(int(random.integers(2, 9))):
        at = (depth, y, x)
        centre = (u(10, top + 120), u(-0.85, -0.2) * front, u(-0.6, 0.6) * wide)
        paint(ball(at, centre, (u(12, 45), u(10, 28), u(12, 45))) < 1, u(0, 120) if random.random() < 0.8 else u(150, 400), u(0, 15))
    # the aorta ends in two
    blood = hu[(labels == ID["aorta"])]
    value = float(blood.mean()) if len(blood) else u(35, 200)
    past = depth > fork
    gone = (labels == ID["aorta"]) & past
    moved(parts, ID["aorta"], past)
    hu[gone] = u(-110, -80)
    column = ((labels == ID["aorta"]) & under).nonzero()[:, 1].float()
    ay = float(column.mean()) * spacing_mm - y0 if len(column) else -35.0
    away = u(0.25, 0.5)
    for side in (-1, 1):
        paint(past & (ball((x - side * (6 + away * (depth - fork)), y - ay - 0.15 * (depth - fork)), (0, 0), (u(5, 8), u(5, 8))) < 1), value)
    # lumbar spine, then sacrum and coccyx: bone that is no label
    past = depth > lumbar
    bone = (labels == ID["spine"]) & past
    moved(parts, ID["spine"], past)
    hu[bone] = u(-60, 60)
    down = depth - lumbar
    curve = 0.004 * down * (110 - down)
    hard, spongy = u(250, 700), u(100, 260)
    sacrum = (down > 0) & (down < u(90, 120))
    half = (u(45, 58) * (1 - down / 130)).clamp(min=6)
    thickness = (u(24, 32) * (1 - down / 140)).clamp(min=6)
    flat = ((x / half) ** 2 + ((y - curve - 4) / thickness) ** 2).sqrt()
    paint(sacrum & (flat < 1), spongy, 20)
    paint(sacrum & (flat < 1) & (flat > 0.8), hard, 40)
    # iliac wings: shells that narrow downwards; then hips
    hip = top + u(110, 150)
    along = ((depth - top) / (hip - top)).clamp(0, 1)
    ax, ay_, behind = (u(0.62, 0.8) * wide) * (1 - 0.25 * along), u(0.75, 1.0) * front * (1 - 0.3 * along), u(-0.35, -0.1) * front
    shell = ((x / ax) ** 2 + ((y - behind) / ay_) ** 2).sqrt()
    plate = (depth > top) & (depth < hip + 30) & (y > behind - u(0.1, 0.7) * front * along) & (x.abs() > u(25, 45)) & ((shell - 1).abs() * ax < u(4, 9))
    paint(plate, hard, 60)
    paint((depth > top) & (shell > 1.06) & (y > behind) & (shell < u(1.25, 1.6)), u(40, 70), 6)  # gluteal muscles
    for side in (-1, 1):
        head = ball((depth, y, x), (hip + 15, behind + u(-10, 15), side * u(0.5, 0.62) * wide), (24, 24, 24))
        paint(head < 1.45, hard, 40)
        paint(head < 1.2, u(-100, 60))
        paint(head < 1, u(200, 420), 20)
        paint((depth > hip + 25) & (ball((x, y), (side * u(0.58, 0.7) * wide, behind + u(-5, 20)), (15, 15)) < 1), u(300, 1000), 40)
    # the bladder, what lies behind it, the rectum
    low = top + u(70, 130)
    size = (u(20, 60), u(20, 45), u(25, 60))
    at = (depth, y, x)
    kind = random.random()
    content = u(-5, 25) if kind < 0.65 else (u(25, 140) if kind < 0.8 else u(150, 500))
    centre = (low, behind - u(5, 35), u(-8, 8))
    paint(ball(at, centre, tuple(r + u(2, 5) for r in size)) < 1, u(25, 60))
    paint(ball(at, centre, size) < 1, content)
    if random.random() < 0.7:
        paint(ball(at, (low + u(-35, 45), centre[1] + size[1] + u(10, 22), u(-10, 10)), (u(15, 40), u(12, 25), u(15, 40))) < 1, u(35, 120), 6)
    tube = (depth > lumbar + 30) & (ball((x, y - curve), (u(-8, 8), u(-40, -25)), (u(12, 24), u(12, 24))) < 1)
    paint(tube, u(20, 60), 15)
    if random.random() < 0.5:
        paint(tube & (torch.rand(hu.shape) < u(0.2, 0.9)), u(-900, -200))
