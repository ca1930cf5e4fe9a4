"""The network as it is shipped (calibrated, one peak for one finding), and what is read from its answer."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from .network import FINDINGS, STRIDE, Network

# peaks of one finding nearer than half of this (cells of the heat map, odd) are one finding
APART = {"lung-nodule": 5, "effusion": 17, "consolidation": 11, "pneumothorax": 17, "cardiomegaly": 63, "atelectasis": 15}
# what a lesser peak is lowered to, as logit: below every level in use
LOWERED = -0.8


class Answer(nn.Module):
    """
    scores [n, C] logits, heat [n, C, 64, 64] logits, sizes [n, 2C, 64, 64] pixels of the input, masks [n, 3, 256, 256]
    logits, extents [n, C, 64, 64] logits of the inside of a finding's box. Heat is shifted by finding so that 0 (probability 0.5) is where the finding is said: `slope` and `offset` [C].
    """

    def __init__(self, network: Network, slope: list[float], offset: list[float], lowered: float = LOWERED) -> None:
        super().__init__()
        self.network = network
        self.lowered = lowered
        self.register_buffer("slope", torch.tensor(slope).view(1, -1, 1, 1))
        self.register_buffer("offset", torch.tensor(offset).view(1, -1, 1, 1))

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        heat, sizes, masks, extents = self.network(image)
        heat = heat * self.slope + self.offset
        parts = []
        for n, finding in enumerate(FINDINGS):
            own = heat[:, n : n + 1]
            k = APART[finding]
            top = F.max_pool2d(own, k, 1, k // 2)
            parts.append(torch.where(own >= top, own, torch.clamp(own, max=self.lowered)))
        heat = torch.cat(parts, 1)
        return heat.amax((2, 3)), heat, sizes, masks, extents


def boxes(heat: np.ndarray, sizes: np.ndarray, level: float = 0.0, limit: int = 8) -> list[tuple[int, float, list[float]]]:
    """Of one image: (finding, logit, [x0, y0, x1, y1] in input pixels) of each peak in 3x3 above `level` (logit), best first."""
    n, g, _ = heat.shape
    out = []
    for k in range(n):
        padded = np.pad(heat[k], 1, constant_values=-np.inf)
        around = np.max([padded[j : j + g, i : i + g] for j in range(3) for i in range(3)], axis=0)
        rows, columns = np.nonzero((heat[k] >= around) & (heat[k] >= level))
        order = np.argsort(-heat[k][rows, columns], kind="stable")[:limit]
        for r, c in zip(rows[order], columns[order], strict=True):
            w, h = sizes[k, r, c], sizes[n + k, r, c]
            x, y = (c + 0.5) * STRIDE, (r + 0.5) * STRIDE
            out.append((k, float(heat[k, r, c]), [x - w / 2, y - h / 2, x + w / 2, y + h / 2]))
    return out


def answers(model: nn.Module, images: np.ndarray, batch: int = 16) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """images [n, 256, 256] float32 -> (heat, sizes, masks) of each."""
    model.eval()
    out = []
    with torch.no_grad():
        for n in range(0, len(images), batch):
            _, heat, sizes, masks, _ = model(torch.from_numpy(images[n : n + batch])[:, None])
            out += list(zip(heat.numpy(), sizes.numpy(), masks.numpy(), strict=True))
    return out
