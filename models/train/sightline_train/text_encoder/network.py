"""Subwords to one direction: a transformer of two layers and the mean over what counts."""

import torch
from torch import nn
from torch.nn import functional as F

from ..attention import Layer

LONGEST = 256


class Network(nn.Module):
    """input_ids, attention_mask int64 [n, t] -> embedding [n, d], length 1."""

    def __init__(self, vocabulary: int, width: int, layers: int, heads: int, dims: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embed.weight, std=0.05)
        # how much a token says of what the text is about; learned, so that 'there is' counts little
        self.weight = nn.Embedding(vocabulary, 1)
        nn.init.zeros_(self.weight.weight)
        self.layers = nn.ModuleList(Layer(width, heads, LONGEST) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(2 * width, dims)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        counts = attention_mask.to(torch.float32)
        words = self.embed(input_ids)
        x = words
        mask = ((counts - 1) * 1e4)[:, None, None]
        for layer in self.layers:
            x = layer(x, mask)
        weights = (torch.exp(self.weight(input_ids)[..., 0]) * counts)[..., None]
        weights = weights / weights.sum(1, keepdim=True)
        # the words themselves beside what the layers made of them
        pooled = torch.cat([(self.norm(x) * weights).sum(1), (words * weights).sum(1) * 4], 1)
        return F.normalize(self.out(pooled), dim=1)
