"""One graph: findings of drawn films from the phantom network, those of real films from the heads of all folds."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ..cxr_findings.answer import APART
from ..cxr_findings.network import FINDINGS as DRAWN
from .features import Features
from .films import FINDINGS as TOLD
from .heads import CUT, Fold
from .places import Cells, Places

KEYS = (*DRAWN, *(k for k in TOLD if k not in DRAWN))
"""Channels of scores, heat and extents."""
# logit of what is not to be said
LOW = -3.0
# a phantom has none of the findings that only films are read for
NEVER = -7.0


@dataclass(frozen=True)
class Line:
    """A linear answer to features of one family, or of all side by side."""

    mean: np.ndarray
    deviation: np.ndarray
    weights: np.ndarray  # [features, answers]
    bias: np.ndarray


class Linear(nn.Module):
    def __init__(self, line: Line) -> None:
        super().__init__()
        for name in ("mean", "deviation", "weights", "bias"):
            self.register_buffer(name, torch.from_numpy(np.asarray(getattr(line, name), np.float32)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.clamp((x - self.mean) / self.deviation, -CUT, CUT) @ self.weights + self.bias


def folded(fold: Fold) -> tuple[Line, Line]:
    """The two heads of a fold with its calibration inside: their sum is the calibrated logit."""
    out = []
    for n, head in enumerate(fold.heads):
        share = fold.slope / len(fold.heads)
        out.append(Line(head.scale.mean, head.scale.deviation, head.weights * share, head.bias * share + (fold.offset if n == 0 else 0)))
    return out[0], out[1]


@dataclass(frozen=True)
class Fitted:
    """Everything that is fitted on top of the frozen features."""

    folds: list[tuple[Line, Line]]
    places: list[tuple[np.ndarray, np.ndarray]]
    size: tuple[float, float]
    gate: Line  # of both families: frontal, AP, film
    drawn: np.ndarray  # [6, 2]: slope and offset of a phantom finding's highest heat
    filmed: np.ndarray  # [6, 2]: the same on films, for those that have no head
    levels: np.ndarray  # [9] probabilities


class Answer(nn.Module):
    """
    scores [n, 9] calibrated logits; heat [n, 9, 64, 64] logits, its peaks are the places; sizes [n, 18, 64, 64] pixels of
    the input; masks [n, 3, 256, 256] logits; extents [n, 9, 64, 64] logits, the map to show; gate [n, 3] logits: an upright
    frontal chest film, taken from the front (AP), a film and not drawn; for judging: folds [n, 5, 5] (fold, finding) and
    pointed [n, 5, 64, 64], where each fold's heads and boxes would point for an opacity.
    """

    def __init__(self, features: Features, fitted: Fitted) -> None:
        super().__init__()
        self.features = features
        self.first = nn.ModuleList(Linear(a) for a, _ in fitted.folds)
        self.second = nn.ModuleList(Linear(b) for _, b in fitted.folds)
        self.places = nn.ModuleList(Places(w, p) for w, p in fitted.places)
        self.gate = Linear(fitted.gate)
        self.cells = Cells()
        self.size = fitted.size
        for name in ("drawn", "filmed"):
            self.register_buffer(name, torch.from_numpy(np.asarray(getattr(fitted, name), np.float32)))
        levels = np.log(fitted.levels / (1 - fitted.levels)).astype(np.float32)
        self.register_buffer("levels", torch.from_numpy(levels).view(1, -1, 1, 1))

    def of_drawn(self, heat: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores and heat of the six; lesser peaks of one finding and all below its level are lowered."""
        heat = heat * self.drawn[:, 0].view(1, -1, 1, 1) + self.drawn[:, 1].view(1, -1, 1, 1)
        parts = []
        for n, finding in enumerate(DRAWN):
            own, k = heat[:, n : n + 1], APART[finding]
            top = F.max_pool2d(own, k, 1, k // 2)
            stays = (own >= top) & (own >= self.levels[:, n : n + 1])
            parts.append(torch.where(stays, own, torch.clamp(own, max=LOW)))
        return heat.amax((2, 3)), torch.cat(parts, 1)

    def of_film(self, heat: torch.Tensor, told: torch.Tensor, maps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores from the heads (`told` [n, 5]) or the phantom heat, calibrated on films; one peak a finding, where its map is highest."""
        peak = heat.amax((2, 3)) * self.filmed[:, 0] + self.filmed[:, 1]
        scores = torch.stack([told[:, TOLD.index(k)] if k in TOLD else peak[:, DRAWN.index(k)] for k in KEYS], 1)
        top = maps.amax((2, 3), keepdim=True)
        return scores, torch.where(maps >= top, scores[:, :, None, None], torch.full_like(maps, LOW * 3))

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        a, b, deep, _ = self.features(image)
        network = self.features.network
        heat, sizes, masks, extents = network.answers(deep[-1])
        folds = torch.stack([f(a) + s(b) for f, s in zip(self.first, self.second, strict=True)], 1)
        gate = self.gate(torch.cat([a, b], 1))
        coarse = network.mask(deep[-1])
        cells, chest = self.cells(extents, coarse)
        pointed = torch.cat([p(cells, chest) for p in self.places], 1)
        opaque = pointed.mean(1, keepdim=True)
        on_chest = 6 * (1 - chest)
        heart = self.cells.wide(torch.sigmoid(coarse[:, 2:3])) * 4
        lungs = self.cells.wide(chest * chest)
        own = {"lung-nodule": heat[:, 0:1] - on_chest, "consolidation": opaque, "pneumonia": opaque, "infiltrate": opaque, "cardiomegaly": heart, "edema": lungs}
        maps = torch.cat([own.get(k, cells[:, n : n + 1] - on_chest if n < len(DRAWN) else opaque) for n, k in enumerate(KEYS)], 1)
        drawn_scores, drawn_heat = self.of_drawn(heat)
        film_scores, film_heat = self.of_film(heat, folds.mean(1), maps)
        more = len(KEYS) - len(DRAWN)
        drawn_scores = F.pad(drawn_scores, (0, more), value=NEVER)
        drawn_heat = F.pad(drawn_heat, (0, 0, 0, 0, 0, more), value=NEVER)
        film = gate[:, 2:3] > 0
        wide = film[:, :, None, None]
        scores = torch.where(film, film_scores, drawn_scores)
        heat = torch.where(wide, film_heat, drawn_heat)
        shown = 2.0 + 1.5 * (maps - maps.amax((2, 3), keepdim=True))
        shown = torch.where(wide, shown, F.pad(extents, (0, 0, 0, 0, 0, more), value=NEVER))
        n = len(DRAWN)
        w, h = self.size
        spread = 256 * torch.stack([self.width(chest, 2), self.width(chest, 3)], 1)
        told_sizes = []
        for axis, side in enumerate((w, h)):
            drawn = sizes[:, axis * n : (axis + 1) * n]
            constant = torch.full_like(drawn[:, :1], side)
            both = spread[:, axis].view(-1, 1, 1, 1).expand_as(constant)
            rest = {"pneumonia": constant, "infiltrate": constant, "edema": both}
            film_side = torch.cat([constant if k == "consolidation" else rest[k] if k in rest else drawn[:, i : i + 1] for i, k in enumerate(KEYS)], 1)
            told_sizes.append(torch.where(wide, film_side, torch.cat([drawn, constant.repeat(1, more, 1, 1)], 1)))
        return scores, heat, torch.cat(told_sizes, 1), masks, shown, gate, folds, pointed

    @staticmethod
    def width(chest: torch.Tensor, axis: int) -> torch.Tensor:
        """Share of the picture that the chest spans along columns (axis 2: over rows) or rows (axis 3)."""
        return (chest.amax(axis) > 0.5).float().mean((1, 2))

