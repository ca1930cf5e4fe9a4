"""Prompt and sentence in one causal transformer."""

import torch
from torch import nn

from ..attention import Layer

LONGEST = 256


class Network(nn.Module):
    """input_ids int64 [n, t] -> logits [n, t, V]; each token sees those before it."""

    def __init__(self, vocabulary: int, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embed.weight, std=0.05)
        self.layers = nn.ModuleList(Layer(width, heads, LONGEST) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.register_buffer("later", torch.triu(torch.full((LONGEST, LONGEST), -1e4), 1), persistent=False)

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        t = input_ids.shape[1]
        x = self.embed(input_ids)
        mask = self.later[:t, :t][None, None]
        for layer in self.layers:
            x = layer(x, mask)
        # the embedding is also the answer's matrix
        return self.norm(x) @ self.embed.weight.T
