"""
How deep in the lungs something lies, from its box and the outlines of lungs and heart alone: a sum of what is measured,
fitted on training films so that upper and middle zone part at 1/3, middle and lower at 2/3.
"""

import torch
from torch.nn import functional as F

from .slots import PLACED

UPPER, LOWER = 1 / 3, 2 / 3
# which of a slot's numbers: across from the midline, depth in the frame of both lungs, in the own lung, in widths of the chest
ACROSS, BOTH, OWN, WIDTHS = 2, 3, 6, 9
MEASURES = 8


def measures(numbers: torch.Tensor) -> torch.Tensor:
    """numbers [..., placed slots, NUMBERS] -> [..., placed slots, MEASURES]."""
    across = numbers[..., ACROSS].abs()
    left = torch.tensor([float(s.side == "left") for s in PLACED]).expand_as(across)
    nodule = torch.tensor([float(s.key == "lung-nodule") for s in PLACED]).expand_as(across)
    return torch.stack([numbers[..., BOTH], numbers[..., OWN], numbers[..., WIDTHS], across, across * across, left, left * across, nodule], -1)


def depth(numbers: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """weights [MEASURES + 1], the last alone -> [..., placed slots]."""
    return (measures(numbers) @ weights[:-1] + weights[-1]).clamp(-1, 2)


def fitted(rows: torch.Tensor, zone: torch.Tensor) -> torch.Tensor:
    """Weights from measures [n, MEASURES] and zones [n] (0 upper, 1 middle, 2 lower): ordinal logistic regression."""
    mean, deviation = rows.mean(0), rows.std(0) + 1e-6
    x = (rows - mean) / deviation
    w = torch.zeros(rows.shape[1], requires_grad=True)
    border, gap = torch.tensor(-1.0, requires_grad=True), torch.tensor(0.7, requires_grad=True)
    optimiser = torch.optim.LBFGS([w, border, gap], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        f = x @ w
        signs = torch.stack([zone > 0, zone > 1], 1).float()
        given = torch.stack([f - border, f - border - gap.exp()], 1)
        value = F.binary_cross_entropy_with_logits(given, signs) + 1e-3 * (w * w).sum()
        value.backward()
        return value

    optimiser.step(loss)
    with torch.no_grad():
        scale = (LOWER - UPPER) / gap.exp()
        own = w * scale / deviation
        return torch.cat([own, (UPPER - border * scale - (own * mean).sum())[None]])


def doubt_of(depths: torch.Tensor, zone: torch.Tensor, wrong_share: float = 0.015) -> float:
    """How near to a border a zone is not told: of those told at most this share is wrong."""
    for step in range(41):
        doubt = step / 200
        sure = torch.minimum((depths - UPPER).abs(), (depths - LOWER).abs()) >= doubt
        wrong = ((depths > UPPER).long() + (depths > LOWER).long() != zone) & sure
        if wrong.sum() <= wrong_share * sure.sum():
            break
    return doubt
