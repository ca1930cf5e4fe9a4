"""What is taken from a film before any label is seen: the phantom network's maps, and answers of a dictionary of patches."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ..cxr_findings.network import Network

PATCH, WORDS, SCALES = 7, 96, (1, 2, 4)
# of the variance of a patch in 0..1, so that flat ones do not become noise
FLAT = 0.0004
SOFT = 0.3


def whitened(images: torch.Tensor, seed: int, count: int = 60000, rounds: int = 12) -> torch.Tensor:
    """[WORDS, 1, PATCH, PATCH]: spherical k-means over whitened patches of `images` [n, 1, h, w] (Coates and Ng 2012)."""
    random = np.random.default_rng(seed)
    each = count // len(images) + 1
    patches = []
    for x in images[:, 0].numpy():
        rows, columns = (random.integers(4, s - PATCH - 4, each) for s in x.shape)
        patches += [x[r : r + PATCH, c : c + PATCH].ravel() for r, c in zip(rows, columns, strict=True)]
    p = torch.from_numpy(np.stack(patches))
    p = p - p.mean(1, keepdim=True)
    p = p / (p.var(1, keepdim=True) + FLAT).sqrt()
    values, vectors = torch.linalg.eigh(p.T @ p / len(p))
    white = vectors @ torch.diag((values + 0.05).rsqrt()) @ vectors.T
    q = p @ white
    words = torch.randn(WORDS, q.shape[1], generator=torch.Generator().manual_seed(seed))
    words = words / words.norm(dim=1, keepdim=True)
    for _ in range(rounds):
        likeness = q @ words.T
        nearest = likeness.abs().argmax(1)
        words = words + torch.zeros_like(words).index_add_(0, nearest, q * likeness.gather(1, nearest[:, None]))
        words = words / words.norm(dim=1, keepdim=True)
    kernels = (words @ white).view(WORDS, 1, PATCH, PATCH)
    # a patch's mean takes no part, and its size none either
    return (kernels - kernels.mean((2, 3), keepdim=True)) / PATCH


class Words(nn.Module):
    """Answers of the dictionary of one scale: [n, 2 * WORDS, h, w], what agrees and what contradicts, softly cut."""

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale
        self.kernels = nn.Conv2d(1, WORDS, PATCH, 2, bias=False)
        self.register_buffer("mean", torch.full((1, 1, PATCH, PATCH), 1 / PATCH**2))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = F.avg_pool2d(image, self.scale) if self.scale > 1 else image
        mean = F.conv2d(x, self.mean, stride=2)
        variance = torch.clamp(F.conv2d(x * x, self.mean, stride=2) - mean * mean, min=0)
        answer = self.kernels(x) / torch.sqrt(variance + FLAT)
        return torch.cat([F.relu(answer - SOFT), F.relu(-answer - SOFT)], 1)


def moments(x: torch.Tensor) -> list[torch.Tensor]:
    """Mean and deviation of each map over the picture."""
    mean = x.mean((2, 3))
    return [mean, torch.sqrt(torch.clamp((x * x).mean((2, 3)) - mean * mean, min=1e-8))]


class Features(nn.Module):
    """[n, 1, 256, 256] -> the two families of numbers [n, 1200] and [n, 1152], and the maps they were taken from."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.words = nn.ModuleList(Words(s) for s in SCALES)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor], list[torch.Tensor]]:
        deep = self.network.maps(image)
        patches = [w(image) for w in self.words]
        pooled = torch.cat([v for x in deep for v in (*moments(x), x.amax((2, 3)))], 1)
        return pooled, torch.cat([v for x in patches for v in moments(x)], 1), deep, patches
