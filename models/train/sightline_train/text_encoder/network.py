"""Subwords to one direction: what stands about a word decides whether it counts, the mean over what counts is the text."""

import torch
from torch import nn
from torch.nn import functional as F

REACH = 9


class About(nn.Module):
    """Each word with the words about it: a convolution by channel, then a mixture of channels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.near = nn.Conv1d(width, width, REACH, padding=REACH // 2, groups=width)
        self.mix = nn.Sequential(nn.Linear(width, 3 * width // 2), nn.GELU(), nn.Linear(3 * width // 2, width))

    def forward(self, x: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        # what pads is nothing, wherever the text ends
        near = self.near((self.norm(x) * counts[..., None]).transpose(1, 2)).transpose(1, 2)
        return x + self.mix(near)


class Network(nn.Module):
    """input_ids, attention_mask int64 [n, t] -> embedding [n, d], length 1."""

    def __init__(self, vocabulary: int, width: int, layers: int, dims: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embed.weight, std=0.1)
        # how much a token says of what the text is about: by itself ('there is' counts little) and where it stands (denied)
        self.weight = nn.Embedding(vocabulary, 1)
        nn.init.zeros_(self.weight.weight)
        self.layers = nn.ModuleList(About(width) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.there = nn.Linear(width, 1)
        self.out = nn.Linear(2 * width, dims)

    def pooled(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        counts = attention_mask.to(torch.float32)
        words = self.embed(input_ids)
        x = words
        for layer in self.layers:
            x = layer(x, counts)
        x = self.norm(x)
        weights = torch.exp(torch.clamp(self.weight(input_ids)[..., 0] + self.there(x)[..., 0], -8, 8)) * counts
        # what is said once in a long report is not thinned out by what is normal
        weights = (weights / (1 + weights.sum(1, keepdim=True)))[..., None]
        # the words themselves beside what stands about them
        return self.out(torch.cat([(x * weights).sum(1), (words * weights).sum(1) * 4], 1))

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return F.normalize(self.pooled(input_ids, attention_mask), dim=1)
