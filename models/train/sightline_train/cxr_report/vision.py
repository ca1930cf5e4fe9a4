"""The X-ray network with its inner maps, and what lies in each slot of a film."""

import torch
from torch.nn import functional as F

from ..cxr_findings.network import SIZE, STRIDE, Network
from .slots import CHANNEL, NUMBERS, PLACED

GRID = SIZE // STRIDE
LUNG_LEFT, LUNG_RIGHT, HEART = range(3)


class Vision(Network):
    def seen(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """[n, 1, 256, 256] -> tokens of the whole image, and the maps that the slots are read from; masks as coarse as the rest."""
        *_, x5, y2 = self.maps(image)
        heat, sizes, _, _ = self.answers(y2)
        return x5, y2, heat, sizes, self.mask(y2)


def zoomed(maps: torch.Tensor, scale: float, outside: float = 0.0) -> torch.Tensor:
    """About the middle; what lies outside is `outside`."""
    theta = torch.tensor([[[1 / scale, 0, 0], [0, 1 / scale, 0]]]).expand(maps.shape[0], 2, 3)
    grid = F.affine_grid(theta, list(maps.shape), align_corners=False)
    return F.grid_sample(maps - outside, grid, mode="bilinear", align_corners=False) + outside


def looked(vision: Vision, image: torch.Tensor, scales: list[float]) -> tuple[torch.Tensor, ...]:
    """Maps of the film; the findings' heat is the mean over the film as it is and, where `scales` has them, in other sizes."""
    x5, y2, heat, sizes, masks = vision.seen(image)
    for scale in scales:
        heat = heat + zoomed(vision.seen(zoomed(image, scale))[2], 1 / scale, -5.0)
    return x5, y2, heat / (1 + len(scales)), sizes, masks


def span(on: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """First and last + 1 of the true ones along the last axis, as shares of it; 0 and 1 where there is none."""
    count = on.shape[-1]
    at = torch.arange(count, dtype=torch.float32)
    some = on.any(-1)
    first = torch.where(on, at, torch.full_like(at, float(count))).amin(-1)
    last = torch.where(on, at + 1, torch.zeros_like(at)).amax(-1)
    return torch.where(some, first / count, torch.zeros_like(first)), torch.where(some, last / count, torch.ones_like(last))


def box_of(mask: torch.Tensor) -> torch.Tensor:
    """[n, g, g] logits -> [n, 4] x0, y0, x1, y1 as shares of the square; rows and columns of two cells or more count."""
    on = mask > 0
    x0, x1 = span(on.sum(1) >= 2)
    y0, y1 = span(on.sum(2) >= 2)
    return torch.stack([x0, y0, x1, y1], 1)


def slots(y2: torch.Tensor, heat: torch.Tensor, sizes: torch.Tensor, masks: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """
    What lies in the placed slots -> numbers [n, S, NUMBERS] (0 at DEPTH), features [n, S, 64] at their peaks, boxes [n, S, 4] in pixels
    of the letterboxed image, chest [n, 2]: midline (share of the width) and cardiothoracic ratio. The patient's left is
    expected on image right.
    """
    n = heat.shape[0]
    left, right, heart = (box_of(masks[:, m]) for m in (LUNG_LEFT, LUNG_RIGHT, HEART))
    # between the inner edges of the two lungs
    middle = (torch.minimum(left[:, 2], right[:, 2]) + torch.maximum(left[:, 0], right[:, 0])) / 2
    x0, x1 = torch.minimum(left[:, 0], right[:, 0]), torch.maximum(left[:, 2], right[:, 2])
    y0, y1 = torch.minimum(left[:, 1], right[:, 1]), torch.maximum(left[:, 3], right[:, 3])
    width, height = (x1 - x0).clamp(min=0.1), (y1 - y0).clamp(min=0.1)
    ratio = (heart[:, 2] - heart[:, 0]) / width
    cells = torch.arange(GRID, dtype=torch.float32)
    column = ((cells + 0.5) / GRID)[None, None].expand(n, GRID, GRID)
    flat = lambda t: t.reshape(n, -1)  # noqa: E731
    numbers, features, boxes = [], [], []
    before: torch.Tensor | None = None
    for slot in PLACED:
        k = CHANNEL[slot.key]
        own = heat[:, k]
        if slot.side:
            on_side = column > middle[:, None, None] if slot.side == "left" else column <= middle[:, None, None]
            own = torch.where(on_side, own, torch.full_like(own, -30.0))
        if slot.rank == 1 and before is not None:
            # not where the first one is
            row, col = torch.div(before, GRID, rounding_mode="floor").float(), (before % GRID).float()
            far = ((cells[None, :, None] - row[:, None, None]).abs() > 3) | ((cells[None, None, :] - col[:, None, None]).abs() > 3)
            own = torch.where(far, own, torch.full_like(own, -30.0))
        score, at = flat(own).max(1)
        before = at
        cx, cy = ((at % GRID).float() + 0.5) / GRID, (torch.div(at, GRID, rounding_mode="floor").float() + 0.5) / GRID
        pick = lambda t: flat(t).gather(1, at[:, None])[:, 0]  # noqa: B023, E731
        w, h = pick(sizes[:, k]) / SIZE, pick(sizes[:, len(CHANNEL) + k]) / SIZE
        box = torch.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], 1)
        if slot.key == "cardiomegaly":
            box = heart
            cx, cy, w, h = (heart[:, 0] + heart[:, 2]) / 2, (heart[:, 1] + heart[:, 3]) / 2, heart[:, 2] - heart[:, 0], heart[:, 3] - heart[:, 1]
        lung = left if slot.side == "left" else right
        depth = (cy - lung[:, 1]) / (lung[:, 3] - lung[:, 1]).clamp(min=0.1)
        one = torch.ones_like(score)
        told_ratio = (ratio - 0.5) * 8 if slot.key == "cardiomegaly" else torch.zeros_like(score)
        deep = (cy - y0) / width
        numbers.append(torch.stack([one, score.clamp(-8, 8) / 3, (cx - middle) / width, (cy - y0) / height, w / width, h / height, depth, one, told_ratio, deep, torch.zeros_like(deep)], 1))
        features.append(y2.flatten(2).gather(2, at[:, None, None].expand(n, y2.shape[1], 1))[:, :, 0])
        boxes.append(box.clamp(0, 1) * SIZE)
    out = torch.stack(numbers, 1)
    if out.shape[-1] != NUMBERS:
        raise ValueError("a slot has another count of numbers")
    return out, torch.stack(features, 1), torch.stack(boxes, 1), torch.stack([middle, ratio], 1)
