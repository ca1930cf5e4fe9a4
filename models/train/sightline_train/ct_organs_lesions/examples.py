"""CT phantoms at the network's spacing, and crops of them with random changes."""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .. import phantoms
from ..phantoms import ID
from ..volume_steps import nearest, reorient, resample
from .network import HIGH_HU, LOW_HU

LESIONS = ("lung-nodule", "liver-lesion", "effusion")


def prepared(cache: Path, entry: dict, n: int, spacing_mm: tuple[float, float, float]) -> dict[str, np.ndarray]:
    """image int16 HU and labels, lesion ids uint8, [z, y, x] at the network's spacing; made once, then read."""
    folder = cache / entry["name"]
    path = folder / f"{n}.{'-'.join(f'{s:g}' for s in spacing_mm)}.npz"
    if path.exists():
        return dict(np.load(path))
    told = phantoms.truth(folder, n)
    image, labels, ids = phantoms.arrays(folder, n, told)
    affine = np.array(told["affineVoxelToPatient"]).reshape(3, 4)
    turned, lps = reorient(image, affine)
    out = {
        "image": np.round(resample(turned, lps, spacing_mm)).astype(np.int16),
        "labels": nearest(reorient(labels, affine)[0], lps, spacing_mm),
        "ids": nearest(reorient(ids, affine)[0], lps, spacing_mm),
    }
    part = path.with_suffix(".part.npz")
    np.savez(part, **out)
    part.rename(path)
    return out


def windowed(hu: np.ndarray) -> np.ndarray:
    return np.clip((hu.astype(np.float32) - LOW_HU) / (HIGH_HU - LOW_HU), 0, 1)


def padded(volume: np.ndarray, size: tuple[int, int, int], value: int) -> np.ndarray:
    short = [max(0, s - n) for s, n in zip(size, volume.shape, strict=True)]
    if not any(short):
        return volume
    return np.pad(volume, [(p // 2, p - p // 2) for p in short], constant_values=value)


def crop(example: dict[str, np.ndarray], size: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A cube; in most crops a lesion is inside, where there is one."""
    image = padded(example["image"], (size,) * 3, -1000)
    labels = padded(example["labels"], (size,) * 3, 0)
    ids = padded(example["ids"], (size,) * 3, 0)
    present = np.unique(ids)
    present = present[present > 0]
    if len(present) > 0 and random.random() < 0.85:
        # fluid is large and soon learned: crops are spent on nodules and liver lesions
        chances = np.array([0.2 if (labels[ids == n] == ID["effusion"]).mean() > 0.5 else 1.0 for n in present])
        places = np.argwhere(ids == random.choice(present, p=chances / chances.sum()))
        centre = places[random.integers(len(places))] + random.integers(-size // 3, size // 3 + 1, 3)
        start = [int(np.clip(c - size // 2, 0, n - size)) for c, n in zip(centre, image.shape, strict=True)]
    else:
        start = [int(random.integers(0, n - size + 1)) for n in image.shape]
    cut = tuple(slice(s, s + size) for s in start)
    return image[cut], labels[cut]


def changed(image: np.ndarray, labels: np.ndarray, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Windowed image [1, s, s, s] and labels [s, s, s] after a random turn, stretch, noise and shift of HU."""
    hu = torch.from_numpy(image.astype(np.float32))[None, None]
    told = torch.from_numpy(labels.astype(np.int64))
    if random.random() < 0.5:
        angles = np.deg2rad(random.normal(0, 6, 3))
        matrix = np.eye(3)
        for axis, angle in enumerate(angles):
            turn = np.eye(3)
            p, q = [d for d in range(3) if d != axis]
            turn[p, p] = turn[q, q] = np.cos(angle)
            turn[p, q], turn[q, p] = -np.sin(angle), np.sin(angle)
            matrix = matrix @ turn
        matrix = matrix @ np.diag(random.uniform(0.88, 1.14, 3))
        theta = torch.from_numpy(np.concatenate([matrix, random.normal(0, 0.03, (3, 1))], 1).astype(np.float32))[None]
        grid = F.affine_grid(theta, [1, 1, *hu.shape[2:]], align_corners=False)
        hu = F.grid_sample(hu + 1000, grid, mode="bilinear", align_corners=False) - 1000
        told = F.grid_sample(told[None, None].float(), grid, mode="nearest", align_corners=False)[0, 0].round().long()
    hu = hu * random.uniform(0.97, 1.03) + random.normal(0, 8)
    if random.random() < 0.5:
        hu = hu + torch.randn(hu.shape) * float(random.uniform(0, 16))
    return torch.clamp((hu[0] - LOW_HU) / (HIGH_HU - LOW_HU), 0, 1), told


def class_weights(lesion: float) -> torch.Tensor:
    """Of the cross-entropy: nodules and liver lesions count `lesion` times, what fills most of the volume less."""
    w = torch.ones(len(phantoms.LABELS))
    w[ID["background"]], w[ID["body"]] = 0.3, 0.6
    w[ID["lung-nodule"]], w[ID["liver-lesion"]], w[ID["effusion"]] = lesion, lesion, min(lesion, 2.0)
    return w
