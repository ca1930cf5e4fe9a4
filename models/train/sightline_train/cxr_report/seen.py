"""What the frozen vision says of films, kept so that the drafter can be trained on it many times."""

from dataclasses import dataclass

import numpy as np
import torch

from .examples import Lesion
from .films import Film
from .slots import DEPTH, SLOTS
from .vision import Vision, looked, slots
from .zones import depth


@dataclass(frozen=True)
class Seen:
    """grid [64, 128] and features [13, 64] float16, numbers [S, NUMBERS], boxes [13, 4], chest [2]; the film's lesions."""

    grid: np.ndarray
    features: np.ndarray
    numbers: np.ndarray
    boxes: np.ndarray
    chest: np.ndarray
    lesions: list[Lesion]


def tokens(vision: Vision, image: torch.Tensor, scales: tuple[float, ...] = (), depths: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """image [n, 1, 256, 256], weights of zones.py -> grid [n, 64, 128], numbers [n, S, NUMBERS], features [n, S, 64], boxes, chest."""
    return from_maps(*looked(vision, image, list(scales)), depths)


def from_maps(x5: torch.Tensor, y2: torch.Tensor, heat: torch.Tensor, sizes: torch.Tensor, masks: torch.Tensor, depths: torch.Tensor | None) -> tuple[torch.Tensor, ...]:
    numbers, features, boxes, chest = slots(y2, heat, sizes, masks)
    if depths is not None:
        numbers = torch.cat([numbers[..., :DEPTH], depth(numbers, depths)[..., None]], -1)
    # labels as a whole are not the vision's to tell
    more = len(SLOTS) - numbers.shape[1]
    numbers = torch.nn.functional.pad(numbers, (0, 0, 0, more))
    features = torch.nn.functional.pad(features, (0, 0, 0, more))
    return x5.flatten(2).transpose(1, 2), numbers, features, boxes, chest


def look(vision: Vision, films: list[Film], batch: int = 16) -> list[Seen]:
    vision.eval()
    out: list[Seen] = []
    with torch.no_grad():
        for at in range(0, len(films), batch):
            own = films[at : at + batch]
            grid, numbers, features, boxes, chest = tokens(vision, torch.from_numpy(np.stack([f.image for f in own]))[:, None])
            for n, film in enumerate(own):
                out.append(Seen(grid[n].half().numpy(), features[n].half().numpy(), numbers[n].numpy(), boxes[n].numpy(), chest[n].numpy(), film.lesions))
    return out


def stack(seen: list[Seen]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """grid, numbers, features and the mark that there is an image."""
    return (
        torch.from_numpy(np.stack([s.grid for s in seen])).float(), torch.from_numpy(np.stack([s.numbers for s in seen])),
        torch.from_numpy(np.stack([s.features for s in seen])).float(), torch.ones(len(seen)),
    )  # fmt: skip


def blank(numbers: np.ndarray) -> Seen:
    """A case of labels only."""
    return Seen(np.zeros((64, 128), np.float16), np.zeros((len(SLOTS), 64), np.float16), numbers.astype(np.float32), np.zeros((13, 4), np.float32), np.zeros(2, np.float32), [])


