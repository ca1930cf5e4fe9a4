"""A scan through an exported network and back onto its own grid: as models/tasks/segmentation does it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage

from ..package import session
from ..phantoms import ID
from ..volume_steps import back, reorient, resample
from .answer import NEIGHBOURS, decide
from .crops import voted
from .examples import LESIONS, windowed


@dataclass(frozen=True)
class Shipped:
    """A network's file with what the manifest says of its answers."""

    run: object
    spacing: tuple[float, float, float]
    patch: tuple[int, int, int]
    thresholds: dict[str, float]
    least_ml: dict[str, float]
    strays: dict[str, float]


def shipped(file: Path, manifest: dict) -> Shipped:
    labels = {label["key"]: label for label in manifest["labels"]}
    steps = {step["step"]: step for step in manifest["pipeline"]["pre"]}
    return Shipped(
        session(file), tuple(steps["resample"]["spacingMm"]), tuple(manifest["pipeline"]["window"]["patch"]),
        {k: labels[k]["threshold"] for k in LESIONS}, {k: labels[k]["minimumMl"] for k in LESIONS},
        {k: v["strayShare"] for k, v in labels.items() if "strayShare" in v},
    )  # fmt: skip


def logits_of(own: Shipped, hu: np.ndarray) -> np.ndarray:
    """hu [z, y, x] at the network's spacing -> logits [16, z, y, x]; what is larger than a patch is an error here."""
    size = own.patch[::-1]
    if any(n > s for n, s in zip(hu.shape, size, strict=True)):
        raise ValueError(f"{hu.shape} is larger than one patch {size}")
    cut = tuple(slice((s - n) // 2, (s - n) // 2 + n) for s, n in zip(size, hu.shape, strict=True))
    x = np.zeros((1, 1, *size), np.float32)
    x[(0, 0, *cut)] = windowed(hu)
    return own.run.run(None, {"volume": x})[0][(0, slice(None), *cut)]


def cleaned(labels: np.ndarray, own: Shipped) -> np.ndarray:
    """Lesions below their least volume and stray pieces of organs lose their label."""
    out = labels.copy()
    ml = float(np.prod(own.spacing)) / 1000
    for key in LESIONS:
        ids, count = ndimage.label(labels == ID[key], NEIGHBOURS)
        small = np.bincount(ids.reshape(-1), minlength=count + 1) * ml < own.least_ml[key]
        out[(ids > 0) & small[ids]] = 0
    for key, share in own.strays.items():
        ids, count = ndimage.label(labels == ID[key], NEIGHBOURS)
        sizes = np.bincount(ids.reshape(-1), minlength=count + 1)
        if count > 0:
            out[(ids > 0) & (sizes < share * sizes[1:].max())[ids]] = 0
    return out


def smooth(labels: np.ndarray, affine: np.ndarray, spacing: tuple[float, float, float], shape: tuple[int, int, int]) -> np.ndarray:
    """On the scan's grid: findings by the nearest voxel, organs by the largest trilinear weight among organs."""
    lesion = [ID[k] for k in LESIONS]
    near = back(labels, affine, spacing, shape)
    step = np.linalg.norm(affine[:, :3], axis=0)
    organs = np.where(np.isin(labels, lesion), 0, labels)
    axes = [torch.from_numpy(np.clip((np.arange(n) + 0.5) * step[d] / spacing[d] - 0.5, 0, labels.shape[2 - d] - 1).astype(np.float32)) for n, d in zip(shape, (2, 1, 0), strict=True)]
    out = np.empty(shape, np.uint8)
    for n in range(shape[0]):
        at = torch.stack(torch.meshgrid(axes[0][n : n + 1], axes[1], axes[2], indexing="ij"), -1)
        out[n] = voted(organs, at)[0].numpy()
    return np.where(np.isin(near, lesion), near, out)


def answered(own: Shipped, hu: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scan [k, j, i] HU with its affine -> labels on its LPS-ordered grid, that grid's affine, and labels at the network's."""
    turned, lps = reorient(hu, affine)
    labels, _ = decide(logits_of(own, resample(turned, lps, own.spacing)), own.thresholds)
    coarse = cleaned(labels, own)
    return smooth(coarse, lps, own.spacing, turned.shape), lps, coarse
