"""CT phantoms at the network's spacing, and what its input is."""

from pathlib import Path

import numpy as np
import torch

from .. import phantoms
from ..phantoms import ID
from ..volume_steps import nearest, reorient, resample
from .network import HIGH_HU, LOW_HU

LESIONS = ("lung-nodule", "liver-lesion", "effusion")
ORGANS = [key for key in phantoms.LABELS[1:] if key not in LESIONS]


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


def class_weights(lesion: float) -> torch.Tensor:
    """Of the cross-entropy: nodules and liver lesions count `lesion` times, what fills most of the volume less."""
    w = torch.ones(len(phantoms.LABELS))
    w[ID["background"]], w[ID["body"]] = 0.3, 0.6
    w[ID["lung-nodule"]], w[ID["liver-lesion"]], w[ID["effusion"]] = lesion, lesion, min(lesion, 2.0)
    return w
