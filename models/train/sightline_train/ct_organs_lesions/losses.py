"""Dice over the classes, focal cross-entropy, and the same again over voxels of several labels. Truth is shares of labels."""

import torch

from .examples import class_weights


def dice(p: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    """
    1 - mean Dice of the classes that the batch holds, background left out; the batch is one volume. What two shares have in
    common is the lesser, so that the best answer to half a rib is a half (for labels of 0 and 1 it is the usual soft Dice).
    """
    p, shares = p.transpose(0, 1).flatten(1), shares.transpose(0, 1).flatten(1)
    total = p.sum(1) + shares.sum(1)
    both = (total - (p - shares).abs().sum(1)) / 2
    held = shares[1:].sum(1) >= 1
    score = (2 * both + 1) / (total + 1)
    return 1 - score[1:][held].mean() if held.any() else p.sum() * 0


class Loss:
    """logits and shares [n, label, z, y, x] -> what is minimised, and its parts."""

    def __init__(self, config: dict) -> None:
        self.weights = class_weights(config["lesionWeight"])
        self.focus, self.boundary = config["focus"], config["boundary"]

    def __call__(self, logits: torch.Tensor, shares: torch.Tensor) -> tuple[torch.Tensor, dict[str, float]]:
        logp = logits.float().log_softmax(1)
        p = logp.exp()
        apart = (p.detach() - shares).abs().sum(1) / 2
        focal = apart**self.focus * -(shares * logp).sum(1)
        weight = (shares * self.weights.to(logits.device)[:, None, None, None]).sum(1)
        everywhere = (focal * weight).sum() / weight.sum()
        edge = shares.amax(1) < 0.999
        edges = focal[edge].mean() if edge.any() else everywhere * 0
        overlap = dice(p, shares)
        total = everywhere + overlap + self.boundary * edges
        return total, {"focal": everywhere.item(), "dice": overlap.item(), "edges": edges.item()}
