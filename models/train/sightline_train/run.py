"""A training run: its folder, seed, log and checkpoints. A run that was cut off goes on from its last checkpoint."""

import csv
import json
import math
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch


@dataclass(frozen=True)
class Run:
    """`folder` holds checkpoint.pt, log.csv and what evaluation writes; `cache` holds phantoms."""

    system: str
    config: dict
    folder: Path
    cache: Path
    packages: Path

    def path(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def log(self, row: dict) -> None:
        path = self.path("log.csv")
        new = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            if new:
                writer.writeheader()
            writer.writerow(row)
        print(" ".join(f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in row.items()), flush=True)

    def whole(self, name: str, write: Callable[[BinaryIO], object]) -> None:
        """A file that is there whole or not at all: written beside and renamed."""
        part = self.path(f"{name}.part")
        with part.open("wb") as file:
            write(file)
        os.replace(part, self.path(name))

    def save(self, state: dict) -> None:
        self.whole("checkpoint.pt", lambda part: torch.save(state, part))

    def load(self) -> dict | None:
        path = self.path("checkpoint.pt")
        return torch.load(path, weights_only=True) if path.exists() else None

    def write_json(self, name: str, value: object) -> None:
        self.path(name).write_text(json.dumps(value, indent=2) + "\n")

    def read_json(self, name: str) -> dict:
        return json.loads(self.path(name).read_text())


def seed_everything(seed: int) -> np.random.Generator:
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    return np.random.default_rng(seed)


def one_cycle(step: int, steps: int, peak: float, warm: float = 0.05) -> float:
    """Learning rate: linear warm-up, then a cosine down to a hundredth of the peak."""
    t = step / max(1, steps)
    if t < warm:
        return peak * (0.05 + 0.95 * t / warm)
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (t - warm) / (1 - warm))))


def descend(optimiser: torch.optim.Optimizer, loss: torch.Tensor, longest: float) -> None:
    """One step; the gradient is at most `longest`."""
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_([p for group in optimiser.param_groups for p in group["params"]], longest)
    optimiser.step()


class Average:
    """Exponential moving average of the weights: what is evaluated and exported."""

    def __init__(self, network: torch.nn.Module, decay: float) -> None:
        self.decay = decay
        self.state = {k: v.detach().clone() for k, v in network.state_dict().items()}

    def update(self, network: torch.nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        with torch.no_grad():
            for key, value in network.state_dict().items():
                if value.dtype.is_floating_point:
                    self.state[key].mul_(decay).add_(value, alpha=1 - decay)
                else:
                    self.state[key].copy_(value)
