"""A small transformer with rotary positions: a table, so that any length up to the table's works."""

import math

import torch
from torch import nn
from torch.nn import functional as F


class Rotary(nn.Module):
    def __init__(self, width: int, longest: int) -> None:
        super().__init__()
        rates = 1.0 / (1000.0 ** (torch.arange(0, width, 2).float() / width))
        angles = torch.arange(longest).float()[:, None] * rates[None]
        self.register_buffer("cosine", angles.cos().repeat(1, 2), persistent=False)
        self.register_buffer("sine", angles.sin().repeat(1, 2), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x [n, heads, tokens, width]"""
        t = x.shape[2]
        a, b = x.chunk(2, -1)
        return x * self.cosine[:t] + torch.cat([-b, a], -1) * self.sine[:t]


class Layer(nn.Module):
    def __init__(self, width: int, heads: int, longest: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.into, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed = nn.Sequential(nn.Linear(width, 3 * width), nn.GELU(), nn.Linear(3 * width, width))
        self.rotary = Rotary(width // heads, longest)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """x [n, t, width]; mask [n or 1, 1, t, t], 0 where a token may look, a large negative where not."""
        n, t, width = x.shape
        q, k, v = self.into(self.norm1(x)).reshape(n, t, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        scores = self.rotary(q) @ self.rotary(k).transpose(-1, -2) / math.sqrt(width // self.heads) + mask
        x = x + self.out((F.softmax(scores, -1) @ v).transpose(1, 2).reshape(n, t, width))
        return x + self.feed(self.norm2(x))
