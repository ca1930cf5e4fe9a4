"""
Lungs by thresholds and shapes alone: the mask that a network's lungs on a real scan are held against.
Written and frozen before any network of this folder was judged on that scan; nothing here was fitted to an answer.
"""

import numpy as np
from scipy import ndimage

SPACING_MM = 2.0
# aerated lung with its small vessels, against soft tissue and fat
AIR_HU = -400.0
BALL = ndimage.generate_binary_structure(3, 1)


def ball(mm: float) -> np.ndarray:
    n = int(np.ceil(mm / SPACING_MM))
    at = np.indices((2 * n + 1,) * 3) - n
    return (at**2).sum(0) * SPACING_MM**2 <= mm * mm + 1e-6


def torso(hu: np.ndarray) -> np.ndarray:
    """The largest piece of tissue, each slice filled: table and clothes are other pieces."""
    tissue = ndimage.binary_opening(hu > -300, BALL)
    ids, count = ndimage.label(tissue)
    if count == 0:
        return tissue
    largest = ids == 1 + int(np.argmax(np.bincount(ids.reshape(-1))[1:]))
    return np.stack([ndimage.binary_fill_holes(s) for s in largest])


def airway(air: np.ndarray, middle: float) -> np.ndarray:
    """The trachea: from the top, a round piece of air near the midline, followed down until it is no longer narrow."""
    out = np.zeros_like(air)
    area = SPACING_MM * SPACING_MM
    held = None
    for z in range(len(air) - 1, -1, -1):
        ids, count = ndimage.label(air[z])
        if count == 0:
            if held is not None:
                break
            continue
        best = None
        for n in range(1, count + 1):
            own = ids == n
            size = own.sum() * area
            y, x = np.nonzero(own)
            wide, deep = (np.ptp(x) + 1) * SPACING_MM, (np.ptp(y) + 1) * SPACING_MM
            if not 40 <= size <= 900 or max(wide, deep) > 45:
                continue
            if held is None and (abs(x.mean() - middle) * SPACING_MM > 30 or max(wide, deep) > 2 * min(wide, deep)):
                continue
            if held is not None and not (own & held).any():
                continue
            if best is None or size > best.sum() * area:
                best = own
        if best is None:
            if held is not None:
                break
            continue
        out[z], held = best, best
    return ndimage.binary_dilation(out, BALL) & air


def lungs(hu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """hu [z, y, x] at 2 mm in LPS order -> (left, right) lung, vessels within them included."""
    body = torso(hu)
    air = body & (hu < AIR_HU)
    columns = np.nonzero(body.any((0, 1)))[0]
    middle = float(columns.mean()) if len(columns) else hu.shape[2] / 2
    air &= ~airway(air, middle)
    # thin bridges (bronchi, a lung's edge at the stomach) part, pieces of less than 300 mL are bowel or outside air
    ids, count = ndimage.label(ndimage.binary_opening(air, ball(4)))
    sizes = np.bincount(ids.reshape(-1), minlength=count + 1)[1:] * SPACING_MM**3 / 1000
    kept = [n + 1 for n in np.argsort(-sizes)[:2] if sizes[n] >= 300]
    if not kept:
        return np.zeros_like(air), np.zeros_like(air)
    seeds = np.isin(ids, kept)
    parted = divided(seeds, middle)
    # back to the whole of the air around each seed, then vessels and the hilum's fine branches
    near = ndimage.binary_dilation(seeds, ball(6)) & air
    which = ndimage.distance_transform_edt(parted == 0, return_distances=False, return_indices=True)
    side = parted[tuple(which)] * near
    out = []
    for n in (1, 2):
        own = ndimage.binary_closing(np.pad(side == n, 6), ball(8))[6:-6, 6:-6, 6:-6] & body
        out.append(np.stack([ndimage.binary_fill_holes(s) for s in own]))
    both = out[0] & out[1]
    return out[0] & ~(both & (side != 1)), out[1] & ~(both & (side != 2))


def divided(seeds: np.ndarray, middle: float) -> np.ndarray:
    """1 in the left lung (larger x), 2 in the right: eroded until two large pieces are left, which then grow again."""
    core = seeds
    for _ in range(6):
        ids, count = ndimage.label(core)
        sizes = np.bincount(ids.reshape(-1), minlength=count + 1)[1:]
        large = np.argsort(-sizes)[:2] + 1
        if count >= 2 and sizes[large[1] - 1] > 0.2 * sizes[large[0] - 1]:
            a, b = ids == large[0], ids == large[1]
            left, right = (a, b) if np.nonzero(a)[2].mean() > np.nonzero(b)[2].mean() else (b, a)
            start = left * 1 + right * 2
            nearest = ndimage.distance_transform_edt(start == 0, return_distances=False, return_indices=True)
            return start[tuple(nearest)] * seeds
        core = ndimage.binary_erosion(core, BALL)
    return np.where(np.arange(seeds.shape[2])[None, None] > middle, 1, 2) * seeds
