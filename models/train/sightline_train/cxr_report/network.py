"""
What is seen, what is known and what was said of like films, as tokens that a small decoder looks at while it writes.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from ..attention import Layer
from .knowledge import ANATOMY, ATTRIBUTES, NODES, RELATIONS
from .slots import KEYS, NUMBERS, SLOTS

LONGEST = 160
GRID_WIDTH, PEAK_WIDTH, GRID_TOKENS = 128, 64, 64
RETRIEVED = 6


class Cross(nn.Module):
    """Each token looks at the memory, which was normalised where it was made."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.ask, self.offer, self.out = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)

    def forward(self, x: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        n, t, width = x.shape
        parted = lambda v, m: v.reshape(n, m, self.heads, width // self.heads).transpose(1, 2)  # noqa: E731
        q = parted(self.ask(self.norm(x)), t)
        k, v = (parted(o, memory.shape[1]) for o in self.offer(memory).chunk(2, -1))
        scores = F.softmax(q @ k.transpose(-1, -2) / math.sqrt(width // self.heads), -1)
        return x + self.out((scores @ v).transpose(1, 2).reshape(n, t, width))


class Memory(nn.Module):
    """
    grid [n, 64, 128] tokens of the image, numbers [n, S, NUMBERS] and features [n, S, 64] of the slots, seen [n] (0 where
    there is no image, only labels) -> memory [n, M, width] and the question for the bank [n, width].
    """

    def __init__(self, width: int, edges: torch.Tensor) -> None:
        super().__init__()
        self.grid = nn.Linear(GRID_WIDTH, width)
        self.place = nn.Parameter(torch.randn(GRID_TOKENS, width) * 0.02)
        self.no_image = nn.Parameter(torch.randn(width) * 0.02)
        self.grid_norm, self.slot_norm, self.know_norm, self.lent_norm = (nn.LayerNorm(width) for _ in range(4))
        self.slot = nn.Parameter(torch.randn(len(SLOTS), width) * 0.05)
        self.numbers = nn.Sequential(nn.Linear(NUMBERS, width), nn.GELU(), nn.Linear(width, width))
        self.peak = nn.Linear(PEAK_WIDTH, width)
        self.nodes = nn.Parameter(torch.randn(len(NODES), width) * 0.05)
        self.evidence = nn.Linear(2, width)
        self.relations = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in RELATIONS)
        self.know = nn.Linear(width, width)
        self.question = nn.Linear(2 * width, width)
        self.lend = nn.Linear(width, width)
        self.register_buffer("edges", edges)
        of_key = torch.zeros(len(KEYS), len(SLOTS), dtype=torch.bool)
        for n, slot in enumerate(SLOTS):
            of_key[KEYS.index(slot.key), n] = True
        self.register_buffer("of_key", of_key, persistent=False)

    def seen(self, grid: torch.Tensor, numbers: torch.Tensor, features: torch.Tensor, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Tokens of image and slots, tokens of what is known, and the question."""
        n = grid.shape[0]
        image = self.grid_norm(torch.where(seen[:, None, None] > 0, self.grid(grid), self.no_image) + self.place)
        slots = self.slot_norm(self.slot + self.numbers(numbers) + self.peak(features) * numbers[..., 7:8])
        # a finding's evidence: the highest score of its slots that are known
        score = torch.where(numbers[..., 0] > 0, numbers[..., 1], torch.full_like(numbers[..., 1], -3.0))
        most = torch.where(self.of_key, score[:, None], torch.full_like(score[:, None], -3.0)).amax(-1)
        there = torch.cat([most, torch.full((n, len(ANATOMY) + len(ATTRIBUTES)), -3.0)], 1)
        own = self.nodes + self.evidence(torch.stack([there, torch.sigmoid(there * 3)], -1))
        spread = sum(self.edges[r] @ relation(own) for r, relation in enumerate(self.relations))
        know = self.know_norm(self.know(own + F.gelu(spread)))
        question = F.normalize(self.question(torch.cat([slots.mean(1), know[:, : len(KEYS)].mean(1)], 1)), dim=1)
        return torch.cat([image, slots], 1), know, question

    def forward(self, grid: torch.Tensor, numbers: torch.Tensor, features: torch.Tensor, seen: torch.Tensor, bank: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """bank [B, width]: embeddings of sentences, length 1."""
        image, know, question = self.seen(grid, numbers, features, seen)
        like = question @ bank.T
        at = like.topk(RETRIEVED, 1).indices
        lent = self.lent_norm(self.lend(bank[at]))
        return torch.cat([image, know, lent], 1), like


class Decoder(nn.Module):
    """input_ids int64 [n, t], memory [n, M, width] -> logits [n, t, V]; each token sees those before it and the memory."""

    def __init__(self, vocabulary: int, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embed.weight, std=0.05)
        self.layers = nn.ModuleList(Layer(width, heads, LONGEST) for _ in range(layers))
        self.crosses = nn.ModuleList(Cross(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        # of each token beside what the memory says: the operating points of the region tokens are set here
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.register_buffer("later", torch.triu(torch.full((LONGEST, LONGEST), -1e4), 1), persistent=False)

    def forward(self, input_ids: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        t = input_ids.shape[1]
        x = self.embed(input_ids)
        mask = self.later[:t, :t][None, None]
        for layer, cross in zip(self.layers, self.crosses, strict=True):
            x = cross(layer(x, mask), memory)
        return self.norm(x) @ self.embed.weight.T + self.bias


class Drafter(nn.Module):
    """Memory, bank and decoder: all that is trained beside the vision."""

    def __init__(self, vocabulary: int, width: int, layers: int, heads: int, edges: torch.Tensor, bank: list[list[int]]) -> None:
        super().__init__()
        self.memory = Memory(width, edges)
        self.decoder = Decoder(vocabulary, width, layers, heads)
        self.says = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))
        longest = max(map(len, bank))
        ids = torch.tensor([row + [0] * (longest - len(row)) for row in bank])
        self.register_buffer("bank_ids", ids, persistent=False)
        self.register_buffer("bank_mask", (ids != 0).float()[..., None], persistent=False)

    def bank(self) -> torch.Tensor:
        """Embeddings of the bank's sentences [B, width], length 1."""
        words = self.decoder.embed(self.bank_ids)
        return F.normalize(self.says((words * self.bank_mask).sum(1) / self.bank_mask.sum(1) * 8), dim=1)

    def remember(self, grid: torch.Tensor, numbers: torch.Tensor, features: torch.Tensor, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.memory(grid, numbers, features, seen, self.bank())
