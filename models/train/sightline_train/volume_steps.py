"""Steps on volumes, the same as models/kit/steps (VolumeStep): arrays here are [z, y, x], geometry is LPS mm."""

import numpy as np
import torch
from scipy import ndimage


def reorient(volume: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Axes permuted and flipped to the nearest of LPS. affine [3, 4]: (i, j, k) to mm. Nothing is interpolated."""
    a = np.asarray(affine, np.float64).reshape(3, 4).copy()
    order = nearest_axes(a)
    v = volume.transpose(2, 1, 0).transpose(order)  # [i, j, k] with i nearest to x, j to y, k to z
    a = np.concatenate([a[:, order], a[:, 3:]], axis=1)
    for d in range(3):
        if a[d, d] < 0:
            v = np.flip(v, d)
            a[:, 3] += a[:, d] * (v.shape[d] - 1)
            a[:, d] = -a[:, d]
    return np.ascontiguousarray(v.transpose(2, 1, 0)), a


def nearest_axes(affine: np.ndarray) -> list[int]:
    """Voxel axis that runs nearest along x, y and z: the permutation with the largest sum of direction cosines."""
    m = np.abs(affine[:, :3] / np.linalg.norm(affine[:, :3], axis=0))
    choices = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    return list(max(choices, key=lambda p: m[0, p[0]] + m[1, p[1]] + m[2, p[2]]))


def resampled_count(count: int, spacing: float, target: float) -> int:
    return max(1, int(np.floor(count * spacing / target + 0.5)))


def weights(count: int, spacing: float, target: float) -> np.ndarray:
    """[new, old]: new voxel n is centred at old index (n + 0.5) t / s - 0.5; triangle, widened when shrinking; edges clamped."""
    new = resampled_count(count, spacing, target)
    ratio = target / spacing
    half = max(1.0, ratio)
    out = np.zeros((new, count))
    for n in range(new):
        centre = (n + 0.5) * ratio - 0.5
        for m in range(int(np.ceil(centre - half)), int(np.floor(centre + half)) + 1):
            w = 1 - abs(m - centre) / half
            if w > 0:
                out[n, min(count - 1, max(0, m))] += w
    return out / out.sum(1, keepdims=True)


def resample(volume: np.ndarray, affine: np.ndarray, target: tuple[float, float, float]) -> np.ndarray:
    """Separable, in float32. volume [z, y, x] in LPS order."""
    spacing = np.linalg.norm(affine[:, :3], axis=0)
    v = torch.from_numpy(volume.astype(np.float32))
    for axis, d in ((2, 0), (1, 1), (0, 2)):
        w = torch.from_numpy(weights(volume.shape[axis], spacing[d], target[d]).astype(np.float32))
        v = torch.movedim(torch.tensordot(w, v, dims=([1], [axis])), 0, axis)
    return v.numpy()


def isolate(volume: np.ndarray, above: float, share: float, air: float) -> np.ndarray:
    """What lies outside the patient becomes `air`: see models/kit/steps/isolate.ts."""
    cross = ndimage.generate_binary_structure(3, 1)
    eroded = ndimage.binary_erosion(volume > above, cross, border_value=1)
    ids, count = ndimage.label(ndimage.binary_dilation(eroded, cross), np.ones((3, 3, 3)))
    sizes = np.bincount(ids.reshape(-1), minlength=count + 1)
    sizes[0] = 0
    body = ndimage.binary_dilation((ids > 0) & (sizes >= share * sizes.max())[ids], cross)
    between = lambda d: np.logical_or.accumulate(body, d) & np.flip(np.logical_or.accumulate(np.flip(body, d), d), d)  # noqa: E731
    return np.where(between(1) | between(2), volume, np.float32(air)).astype(np.float32)


def nearest(volume: np.ndarray, affine: np.ndarray, target: tuple[float, float, float]) -> np.ndarray:
    """Labels at the centres of the resampled voxels."""
    spacing = np.linalg.norm(affine[:, :3], axis=0)
    index = []
    for axis, d in ((0, 2), (1, 1), (2, 0)):
        n = np.arange(resampled_count(volume.shape[axis], spacing[d], target[d]))
        index.append(np.clip(np.floor((n + 0.5) * target[d] / spacing[d]).astype(int), 0, volume.shape[axis] - 1))
    return volume[np.ix_(*index)]


def back(labels: np.ndarray, affine: np.ndarray, target: tuple[float, float, float], shape: tuple[int, ...]) -> np.ndarray:
    """Labels of the resampled grid at the centres of the series' own voxels (nearest)."""
    spacing = np.linalg.norm(affine[:, :3], axis=0)
    index = []
    for axis, d in ((0, 2), (1, 1), (2, 0)):
        n = np.arange(shape[axis])
        index.append(np.clip(np.floor((n + 0.5) * spacing[d] / target[d]).astype(int), 0, labels.shape[axis] - 1))
    return labels[np.ix_(*index)]
