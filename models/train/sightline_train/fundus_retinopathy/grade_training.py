"""
The second stage of a fold: grades from lesion maps and features, which a lesion network that has not seen the fold made
once for all photographs. The best weights by the inner split's loss are kept; the lesion network stays as it is.
"""

import time

import numpy as np
import torch
from torch.nn import functional as F

from ..run import Run, one_cycle
from .lesion_training import keep, picture
from .network import GRADES, STATISTICS, Bank, Evidence, Grader, LesionNetwork
from .photographs import PART, Photograph, Photographs


def evidence(run: Run, data: Photographs, networks: list[LesionNetwork]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """By lesion network, maps and statistics of every graded photograph, by its row; kept in parts, for a run that is cut off."""
    bank, pool = Bank(), Evidence()
    graded = [p for p in data.all if p.grade is not None]
    parts: list[list[tuple[torch.Tensor, torch.Tensor]]] = []
    for n in range(0, len(graded), PART):
        name = f"evidence/{n // PART}.pt"
        if not run.path(name).exists():
            said: list[list[tuple[torch.Tensor, torch.Tensor]]] = [[] for _ in networks]
            with torch.no_grad():
                for p in graded[n : n + PART]:
                    features, inside = bank(picture(data, p.at))
                    for network, own in zip(networks, said, strict=True):
                        maps, statistics = pool(network(features, inside), features)
                        own.append((maps[0].half(), statistics[0]))
            whole = [(torch.stack([m for m, _ in own]), torch.stack([s for _, s in own])) for own in said]
            run.whole(name, lambda file, whole=whole: torch.save(whole, file))
        parts.append(torch.load(run.path(name), weights_only=True))
    return [(torch.cat([maps for maps, _ in own]).float(), torch.cat([statistics for _, statistics in own])) for own in zip(*parts, strict=True)]


def cumulative(grades: torch.Tensor) -> torch.Tensor:
    return (grades[:, None] > torch.arange(GRADES - 1)[None]).float()


def weights_of(grades: torch.Tensor) -> torch.Tensor:
    """By photograph: the root of its grade's rarity, so that grade 1 is heard and does not shout."""
    counts = torch.bincount(grades, minlength=GRADES).float()
    weight = (counts.sum() / GRADES / counts.clamp(min=1)).sqrt()
    return weight / (weight * counts).sum() * counts.sum()


def grade_loss(logits: torch.Tensor, grades: torch.Tensor, weights: torch.Tensor, smooth: float = 0.0) -> torch.Tensor:
    target = cumulative(grades) * (1 - 2 * smooth) + smooth
    return (F.binary_cross_entropy_with_logits(logits, target, reduction="none").mean(1) * weights[grades]).mean()


def turned(maps: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    if random.random() < 0.5:
        maps = maps.flip(3)
    return torch.rot90(maps, int(random.integers(4)), (2, 3))


def expected(logits: np.ndarray) -> np.ndarray:
    return (1 / (1 + np.exp(-logits))).sum(1)


def told(logits: np.ndarray) -> np.ndarray:
    """The grade nearest to the expected one: what quadratic kappa asks for, and nothing to tune."""
    return np.clip(np.floor(expected(logits) + 0.5), 0, GRADES - 1).astype(int)


def quadratic_kappa(truth: np.ndarray, said: np.ndarray) -> float:
    observed = np.zeros((GRADES, GRADES))
    np.add.at(observed, (truth, said), 1)
    penalty = (np.arange(GRADES)[:, None] - np.arange(GRADES)[None]) ** 2
    by_chance = observed.sum(1)[:, None] * observed.sum(0)[None] / observed.sum()
    return float(1 - (penalty * observed).sum() / max(1e-9, (penalty * by_chance).sum()))


def fit_counts(statistics: torch.Tensor, grades: torch.Tensor, train: torch.Tensor, validate: torch.Tensor) -> tuple[Grader, dict]:
    """From the lesions' counts alone: a regression, its penalty by the inner split."""
    weights = weights_of(grades[train])
    best, kept, curve = np.inf, None, []
    for penalty in (0.003, 0.01, 0.03, 0.1, 0.3):
        torch.manual_seed(0)
        grader = Grader(cells=False)
        grader.norm.momentum = None
        grader.norm(statistics[train])
        grader.eval()
        x = grader.norm(statistics[train])
        own = [grader.by_count.weight, grader.by_cell.bias]
        optimiser = torch.optim.LBFGS(own, lr=0.5, max_iter=200, line_search_fn="strong_wolfe")

        def loss() -> torch.Tensor:
            optimiser.zero_grad()
            logits = own[1] + x @ own[0].T
            value = grade_loss(logits, grades[train], weights) + penalty * (own[0] ** 2).sum() / 4
            value.backward()
            return value

        optimiser.step(loss)
        with torch.no_grad():
            logits = own[1] + grader.norm(statistics[validate]) @ own[0].T
        inner = grade_loss(logits, grades[validate], torch.ones(GRADES)).item()
        curve.append((penalty, float(loss().detach()), inner, quadratic_kappa(grades[validate].numpy(), told(logits.numpy()))))
        if inner < best:
            best, kept = inner, grader
    return kept, {"curve": curve}


def fit_cells(config: dict, maps: torch.Tensor, grades: torch.Tensor, train: torch.Tensor, validate: torch.Tensor, seed: int) -> tuple[Grader, dict]:
    """From the maps; the best weights by the inner split's loss."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    grader = Grader(counts=False)
    optimiser = torch.optim.AdamW(grader.parameters(), lr=config["rate"], weight_decay=config["decay"])
    weights = weights_of(grades[train])
    steps = config["epochs"] * max(1, len(train) // config["batch"])
    no_counts = torch.zeros(config["batch"], STATISTICS)
    best, kept, step, curve = np.inf, None, 0, []
    for epoch in range(config["epochs"]):
        grader.train()
        order = train[torch.from_numpy(random.permutation(len(train)))]
        total = 0.0
        for part in order.split(config["batch"])[: max(1, len(train) // config["batch"])]:
            for group in optimiser.param_groups:
                group["lr"] = one_cycle(step, steps, config["rate"], 0.1)
            logits, _ = grader(turned(maps[part], random), no_counts)
            loss = grade_loss(logits, grades[part], weights, 0.02)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            step, total = step + 1, total + loss.item()
        grader.eval()
        with torch.no_grad():
            logits, _ = grader(maps[validate], no_counts)
        inner = grade_loss(logits, grades[validate], torch.ones(GRADES)).item()
        curve.append((epoch + 1, total * config["batch"] / len(train), inner, quadratic_kappa(grades[validate].numpy(), told(logits.numpy()))))
        if inner < best:
            best, kept = inner, {k: v.clone() for k, v in grader.state_dict().items()}
    grader.load_state_dict(kept)
    return grader.eval(), {"curve": curve}


def rows_of(own: list[Photograph]) -> torch.Tensor:
    return torch.tensor([p.at for p in own if p.grade is not None])


def train_grader(run: Run, data: Photographs, fold: int, maps: torch.Tensor, statistics: torch.Tensor, state: dict) -> None:
    """A fold's graders: one from counts, others from maps that differ by their seeds. What the mean takes is the configuration's."""
    if state.get("done"):
        return
    config = run.config["grades"]
    grades = torch.tensor([p.grade for p in data.all if p.grade is not None])
    train, validate = rows_of(data.part((fold,), "train")), rows_of(data.part((fold,), "validate"))
    begun, members = time.time(), []
    for member in range(-1, config["members"]):
        seed = run.config["seed"] * 1000 + fold * 10 + member
        grader, told_of = fit_counts(statistics, grades, train, validate) if member < 0 else fit_cells(config, maps, grades, train, validate, seed)
        members.append({"kind": "counts" if member < 0 else "cells", "state": grader.state_dict()})
        at, loss, inner, kappa = min(told_of["curve"], key=lambda row: row[2])
        with run.path("grades.csv").open("a") as file:
            file.writelines(f"{fold},{member},{','.join(f'{v:.5g}' for v in row)}\n" for row in told_of["curve"])
        print(f"fold {fold} member {member}: best at {at} loss {loss:.3f} inner {inner:.3f} kappa {kappa:.3f}, {time.time() - begun:.0f} s", flush=True)
    keep(run, f"grades {fold}", {"done": True, "members": members})
