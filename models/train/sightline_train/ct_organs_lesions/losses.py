"""Dice over the classes, focal cross-entropy, and the same again over the voxels at a boundary."""

import torch
from torch.nn import functional as F

from .examples import class_weights
from .network import CLASSES


def at_boundary(labels: torch.Tensor) -> torch.Tensor:
    """Voxels with another label beside them along an axis, [n, z, y, x]."""
    out = torch.zeros_like(labels, dtype=torch.bool)
    for d in (1, 2, 3):
        differs = labels.narrow(d, 1, labels.shape[d] - 1) != labels.narrow(d, 0, labels.shape[d] - 1)
        out.narrow(d, 1, labels.shape[d] - 1).logical_or_(differs)
        out.narrow(d, 0, labels.shape[d] - 1).logical_or_(differs)
    return out


def dice(logp: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """1 - mean soft Dice of the classes that the batch holds, background left out; the batch is one volume."""
    p = logp.exp().transpose(0, 1).reshape(CLASSES, -1)
    flat = labels.reshape(-1)
    both = torch.zeros(CLASSES, device=p.device).index_add(0, flat, p.gather(0, flat[None])[0])
    count = torch.bincount(flat, minlength=CLASSES).to(p.dtype)
    held = count[1:] > 0
    score = (2 * both + 1) / (p.sum(1) + count + 1)
    return 1 - score[1:][held].mean() if held.any() else logp.sum() * 0


class Loss:
    def __init__(self, config: dict) -> None:
        self.weights = class_weights(config["lesionWeight"])
        self.focus, self.boundary = config["focus"], config["boundary"]

    def __call__(self, logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, dict[str, float]]:
        logp = logits.float().log_softmax(1)
        own = logp.gather(1, labels[:, None])[:, 0]
        focal = -((1 - own.detach().exp()) ** self.focus) * own
        weight = self.weights.to(labels.device)[labels]
        everywhere = (focal * weight).sum() / weight.sum()
        edge = at_boundary(labels)
        edges = focal[edge].mean() if edge.any() else everywhere * 0
        overlap = dice(logp, labels)
        total = everywhere + overlap + self.boundary * edges
        return total, {"focal": everywhere.item(), "dice": overlap.item(), "edges": edges.item()}
