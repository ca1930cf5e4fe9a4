"""Steps on frames, the same as models/kit/steps (ImageStep): arrays here are [row, column]."""

import numpy as np
import torch
from torch.nn import functional as F


def letterboxed_size(rows: int, columns: int, size: int) -> tuple[int, int, int, int]:
    """Rows and columns of the picture inside the square, and the rows and columns of padding before it."""
    scale = size / max(rows, columns)
    r, c = max(1, int(np.floor(rows * scale + 0.5))), max(1, int(np.floor(columns * scale + 0.5)))
    return r, c, (size - r) // 2, (size - c) // 2


def letterbox(frame: np.ndarray, size: int, low: float, high: float) -> np.ndarray:
    """
    To float32 [size, size] in 0..1: aspect kept, centred, windowed between the percentiles `low` and `high` of the
    picture without its padding, padding 0.
    """
    r, c, top, left = letterboxed_size(*frame.shape, size)
    x = torch.from_numpy(frame.astype(np.float32))[None, None]
    if (r, c) != frame.shape:
        x = F.interpolate(x, (r, c), mode="bilinear", antialias=True, align_corners=False)
    v = x[0, 0].numpy()
    p, q = np.percentile(v, [low, high])
    v = np.clip((v - p) / max(q - p, 1e-6), 0, 1)
    out = np.zeros((size, size), np.float32)
    out[top : top + r, left : left + c] = v
    return out


def letterboxed_labels(labels: np.ndarray, size: int) -> np.ndarray:
    """Labels at the same places, nearest."""
    r, c, top, left = letterboxed_size(*labels.shape, size)
    rows = np.clip(np.floor((np.arange(r) + 0.5) * labels.shape[0] / r).astype(int), 0, labels.shape[0] - 1)
    columns = np.clip(np.floor((np.arange(c) + 0.5) * labels.shape[1] / c).astype(int), 0, labels.shape[1] - 1)
    out = np.zeros((size, size), labels.dtype)
    out[top : top + r, left : left + c] = labels[np.ix_(rows, columns)]
    return out
