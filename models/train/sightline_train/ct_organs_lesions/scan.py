"""A scan through an exported network and back onto its own grid: as models/tasks/segmentation does it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from ..package import session
from ..phantoms import ID
from ..volume_steps import back, isolate, reorient, resample
from .answer import NEIGHBOURS, decide
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
    isolated: dict[str, float] | None


def shipped(file: Path, manifest: dict) -> Shipped:
    labels = {label["key"]: label for label in manifest["labels"]}
    steps = {step["step"]: step for step in manifest["pipeline"]["pre"]}
    return Shipped(
        session(file), tuple(steps["resample"]["spacingMm"]), tuple(manifest["pipeline"]["window"]["patch"]),
        {k: labels[k]["threshold"] for k in LESIONS}, {k: labels[k]["minimumMl"] for k in LESIONS},
        {k: v["strayShare"] for k, v in labels.items() if "strayShare" in v},
        {k: v for k, v in steps["isolate"].items() if k != "step"} if "isolate" in steps else None,
    )  # fmt: skip


def logits_of(own: Shipped, hu: np.ndarray) -> np.ndarray:
    """hu [z, y, x] at the network's spacing -> logits [16, z, y, x]; what is larger than a patch is an error here."""
    size = own.patch[::-1]
    if any(n > s for n, s in zip(hu.shape, size, strict=True)):
        raise ValueError(f"{hu.shape} is larger than one patch {size}")
    cut = tuple(slice((s - n) // 2, (s - n) // 2 + n) for s, n in zip(size, hu.shape, strict=True))
    x = np.zeros((1, 1, *size), np.float32)
    x[(0, 0, *cut)] = windowed(hu if own.isolated is None else isolate(hu, **own.isolated))
    return own.run.run(None, {"volume": x})[0][(0, slice(None), *cut)]


def cleaned(labels: np.ndarray, p: np.ndarray, own: Shipped) -> np.ndarray:
    """Lesions below their least volume become the likeliest organ there, stray pieces of organs lose their label."""
    out = labels.copy()
    ml = float(np.prod(own.spacing)) / 1000
    lesion = [ID[key] for key in LESIONS]
    organs = np.array([n for n in range(len(p)) if n not in lesion], np.uint8)
    for key in LESIONS:
        ids, count = ndimage.label(labels == ID[key], NEIGHBOURS)
        small = np.bincount(ids.reshape(-1), minlength=count + 1) * ml < own.least_ml[key]
        gone = (ids > 0) & small[ids]
        out[gone] = organs[p[organs][:, gone].argmax(0)]
    for key, share in own.strays.items():
        ids, count = ndimage.label(out == ID[key], NEIGHBOURS)
        sizes = np.bincount(ids.reshape(-1), minlength=count + 1)
        if count > 0:
            out[(ids > 0) & (sizes < share * sizes[1:].max())[ids]] = 0
    return out


def between(new: int, old: int, step: float, target: float) -> np.ndarray:
    """[new, old]: linear weights of the network's voxels at the centres of the scan's, ends held."""
    at = np.clip((np.arange(new) + 0.5) * step / target - 0.5, 0, old - 1)
    below = np.minimum(np.floor(at).astype(int), max(0, old - 2))
    out = np.zeros((new, old), np.float32)
    out[np.arange(new), below] += (1 - (at - below)).astype(np.float32)
    if old > 1:
        out[np.arange(new), below + 1] += (at - below).astype(np.float32)
    return out


def smooth(labels: np.ndarray, p: np.ndarray, affine: np.ndarray, spacing: tuple[float, float, float], shape: tuple[int, int, int]) -> np.ndarray:
    """On the scan's grid: findings by the nearest voxel; else, of the labels around, the one whose logarithm of probability is largest between them."""
    lesion = [ID[k] for k in LESIONS]
    step = np.linalg.norm(affine[:, :3], axis=0)
    near = back(labels, affine, spacing, shape)
    wz, wy, wx = (between(new, old, step[d], spacing[d]) for new, old, d in zip(shape, labels.shape, (2, 1, 0), strict=True))
    known = [int(n) for n in np.unique(labels) if n not in lesion]
    held = np.stack([(labels == n).astype(np.float32) for n in known])
    told = np.log(np.maximum(np.stack([p[n] for n in known]), 0.5 / 255).astype(np.float32))
    out = np.empty(shape, np.uint8)
    for k in range(shape[0]):
        both = (np.einsum("z,czyx->cyx", wz[k][wz[k] > 0], v[:, wz[k] > 0]) for v in (held, told))
        around, share = (wy @ (plane @ wx.T) for plane in both)
        out[k] = np.array(known, np.uint8)[np.where(around > 0, share, -np.inf).argmax(0)]
    return np.where(np.isin(near, lesion), near, out)


def answered(own: Shipped, hu: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scan [k, j, i] HU with its affine -> labels on its LPS-ordered grid, that grid's affine, and labels at the network's."""
    turned, lps = reorient(hu, affine)
    logits = logits_of(own, resample(turned, lps, own.spacing))
    labels, _ = decide(logits, own.thresholds)
    p = np.exp(logits - logits.max(0))
    p /= p.sum(0)
    coarse = cleaned(labels, p, own)
    return smooth(coarse, p, lps, own.spacing, turned.shape), lps, coarse
