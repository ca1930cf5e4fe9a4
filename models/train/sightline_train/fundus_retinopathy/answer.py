"""The graph that ships: every fold's networks, what each says, and their mean."""

import torch
from torch import nn

from ..run import Run
from .network import Bank, Evidence, Grader, LesionNetwork
from .photographs import FOLDS, NETS

OUTPUTS = ("grades", "folds", "lesions", "map")


class Fold(nn.Module):
    """A fold's graders; their weighted mean logits over the fold's temperature."""

    def __init__(self, members: list[dict], config: dict, temperature: float) -> None:
        super().__init__()
        self.graders = nn.ModuleList()
        self.weights = []
        for member in members:
            own = [m for m in members if m["kind"] == member["kind"]]
            if config["share"][member["kind"]] == 0:
                continue
            grader = Grader(cells=member["kind"] == "cells", counts=member["kind"] == "counts")
            grader.load_state_dict(member["state"])
            self.graders.append(grader.eval())
            self.weights.append(config["share"][member["kind"]] / len(own))
        self.temperature = temperature

    def forward(self, maps: torch.Tensor, statistics: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        said = [grader(maps, statistics) for grader in self.graders]
        logits = sum(weight * s[0] for weight, s in zip(self.weights, said, strict=True))
        return logits / self.temperature, sum(weight * s[1] for weight, s in zip(self.weights, said, strict=True))


class Answer(nn.Module):
    """
    [1, 3, 640, 640] -> grades [1, 4], folds [5, 4], lesions [1, 5, 320, 320] shifted by each network's levels, map
    [1, 1, 20, 20]: what spoke for a higher grade, over `scale`.
    """

    def __init__(self, nets: list[LesionNetwork], folds: list[Fold], levels: list[list[float]], scale: float) -> None:
        super().__init__()
        self.nets, self.folds = nn.ModuleList(nets), nn.ModuleList(folds)
        self.levels = [torch.tensor(own)[None, :, None, None] for own in levels]
        self.scale, self.bank, self.pool = scale, Bank(), Evidence()

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        said: list[torch.Tensor | None] = [None] * FOLDS
        lesions, parts = [], []
        bank, inside = self.bank(image)
        for net, levels, folds in zip(self.nets, self.levels, NETS, strict=True):
            logits = net(bank, inside)
            lesions.append(logits - levels)
            maps, statistics = self.pool(logits, bank)
            for fold in folds:
                said[fold], part = self.folds[fold](maps, statistics)
                parts.append(part)
        folds = torch.cat(said)
        p = folds.sigmoid().mean(0, keepdim=True).clamp(1e-6, 1 - 1e-6)
        return torch.log(p / (1 - p)), folds, torch.stack(lesions).mean(0), (torch.stack(parts).mean(0) / self.scale).clamp(0, 1)


def trained(run: Run) -> tuple[list[LesionNetwork], list[list[dict]]]:
    state = run.load()
    nets = []
    for net in range(len(NETS)):
        network = LesionNetwork()
        network.load_state_dict(state[f"lesions {net}"]["best"])
        nets.append(network.eval())
    members = [state[f"grades {fold}"]["members"] for fold in range(FOLDS)]
    return nets, members
