"""Whether a picture is an upright frontal chest film at all, from which side it was taken, and whether it is a film or drawn."""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .. import phantoms
from ..cxr_findings import examples
from ..cxr_findings.network import SIZE
from ..image_steps import letterbox
from .films import Films

STRENGTH = 300.0


def stretched(x: np.ndarray) -> np.ndarray:
    low, high = np.percentile(x, [0.5, 99.5])
    return np.clip((x - low) / max(float(high - low), 1e-6), 0, 1).astype(np.float32)


def drawn(cache: Path, sets: list[dict], count: int, likeness: float, seed: int) -> np.ndarray:
    """Phantoms as the network is given them, half of them made like films."""
    random = np.random.default_rng(seed)
    torch.manual_seed(seed)
    at = [(e, n) for e in sets for n in phantoms.available(cache, e)]
    chosen = [at[n] for n in random.permutation(len(at))[:count]]
    return np.stack([examples.changed(examples.read(cache / e["name"], n), random, likeness)[0][0].numpy() for e, n in chosen])


def projected(cache: Path, sets: list[dict], count: int) -> dict[str, np.ndarray]:
    """Side views and slices of the CT phantoms: what is no frontal film."""
    side, slices = [], []
    for entry in sets:
        for n in phantoms.available(cache, entry)[: count - len(side)]:
            volume, _, _ = phantoms.arrays(cache / entry["name"], n, phantoms.truth(cache / entry["name"], n))
            density = np.clip((volume.astype(np.float32) + 1000) / 1000, 0, 2)
            side.append(letterbox(1 - np.exp(-density.sum(2)[::-1] / density.shape[2] * 2), SIZE, 0.5, 99.5))
            slices.append(letterbox(np.clip(volume[volume.shape[0] // 2].astype(np.float32), -1000, 400), SIZE, 0.5, 99.5))
    return {"side view": np.stack(side).astype(np.float32), "slice": np.stack(slices).astype(np.float32)}


def unfit(images: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Films made unfit: turned, upside down, inverted, cut to a part, blurred away."""
    random = np.random.default_rng(seed)
    x = torch.from_numpy(images)[:, None]
    third = SIZE // 3
    cuts = []
    for picture in images:
        r, c = random.integers(0, SIZE - third, 2)
        cuts.append(stretched(F.interpolate(torch.from_numpy(picture[r : r + third, c : c + third])[None, None], (SIZE, SIZE), mode="bilinear", align_corners=False)[0, 0].numpy()))
    tiny = F.interpolate(F.interpolate(x, (14, 14), mode="area"), (SIZE, SIZE), mode="bicubic", align_corners=False)
    return {
        "turned left": np.ascontiguousarray(np.rot90(images, 1, (1, 2))),
        "turned right": np.ascontiguousarray(np.rot90(images, 3, (1, 2))),
        "upside down": np.ascontiguousarray(images[:, ::-1]),
        "inverted": 1 - images,
        "a part": np.stack(cuts),
        "blurred away": np.clip(tiny[:, 0].numpy(), 0, 1).astype(np.float32),
    }


def upright(films: Films) -> np.ndarray:
    """Films that no one has found lying on their side: the index marks some, with others among them."""
    return np.array([r["rotated?"] == "" for r in films.rows])
