"""Steps on colour photographs of the retina, the same as models/kit/steps/fundus.ts: arrays are [row, column, channel], 0..1."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

# kept equal with fundus.ts; the golden files hold both to the same numbers
FIND_SIDE = 640
EDGE_SHARE = 0.12
FIT_TOLERANCE = 0.03
FIELD_SHARE = 0.98
TILE_SHARE = 0.25


@dataclass(frozen=True)
class Field:
    """The round field of view: centre and radius in pixels of the photograph, edges of pixel 0 at 0 and 1."""

    x: float
    y: float
    radius: float
    round: bool


def block_means(plane: np.ndarray, k: int) -> np.ndarray:
    rows, columns = plane.shape[0] // k, plane.shape[1] // k
    return plane[: rows * k, : columns * k].reshape(rows, k, columns, k).mean((1, 3))


def circle_through(points: np.ndarray) -> tuple[float, float, float] | None:
    """Least squares (Kasa): x^2 + y^2 = 2 a x + 2 b y + c, about the points' mean."""
    mean = points.mean(0)
    x, y = (points - mean).T
    z = x * x + y * y
    sxx, syy, sxy = (x * x).sum(), (y * y).sum(), (x * y).sum()
    determinant = sxx * syy - sxy * sxy
    if determinant < 1e-6 * max(1e-12, sxx * syy):
        return None
    p, q = (z * x).sum() / 2, (z * y).sum() / 2
    a, b = (p * syy - q * sxy) / determinant, (q * sxx - p * sxy) / determinant
    return float(a + mean[0]), float(b + mean[1]), float(np.sqrt(a * a + b * b + z.mean()))


def edge_points(inside: np.ndarray) -> np.ndarray:
    """Outer ends of what is bright in each row and column, where they lie off the frame's edge."""
    rows, columns = inside.shape
    margin_x, margin_y = max(2, columns // 100), max(2, rows // 100)
    out = []
    for y in range(rows):
        at = np.nonzero(inside[y])[0]
        if len(at) * 10 < columns:
            continue
        if at[0] >= margin_x:
            out.append((at[0], y + 0.5))
        if at[-1] + 1 <= columns - margin_x:
            out.append((at[-1] + 1, y + 0.5))
    for x in range(columns):
        at = np.nonzero(inside[:, x])[0]
        if len(at) * 10 < rows:
            continue
        if at[0] >= margin_y:
            out.append((x + 0.5, at[0]))
        if at[-1] + 1 <= rows - margin_y:
            out.append((x + 0.5, at[-1] + 1))
    return np.array(out, float).reshape(-1, 2)


def find_field(photo: np.ndarray) -> Field | None:
    """None where nothing is bright or what is bright is not round and does not fill the frame."""
    rows, columns = photo.shape[:2]
    k = -(-max(rows, columns) // FIND_SIDE)
    bright = block_means(photo.max(2), k)
    top = np.percentile(bright, 99)
    inside = bright > EDGE_SHARE * top
    points = edge_points(inside)
    kept = points
    circle = None
    for _ in range(4):
        if len(kept) < 40:
            circle = None
            break
        circle = circle_through(kept)
        if circle is None:
            break
        distance = np.abs(np.hypot(points[:, 0] - circle[0], points[:, 1] - circle[1]) - circle[2])
        kept = points[distance < FIT_TOLERANCE * circle[2]]
    small = min(inside.shape)
    if circle is not None and 2 * len(kept) >= len(points) and 0.35 * small <= circle[2] <= 1.5 * max(inside.shape):
        return Field(circle[0] * k, circle[1] * k, circle[2] * k, True)
    if inside.mean() > 0.95:
        return Field(columns / 2, rows / 2, float(np.hypot(rows, columns)) / 2, False)
    return None


def crop_box(field: Field, size: int) -> tuple[int, int, int]:
    """
    Left, top and side of the square about the field, in whole pixels; it may reach beyond the photograph. A side of
    twice `size` or more is a multiple of the blocks that are averaged first.
    """
    side = int(np.floor(2 * field.radius + 0.5))
    k = max(1, side // size)
    side = side // k * k
    return int(np.floor(field.x - side / 2 + 0.5)), int(np.floor(field.y - side / 2 + 0.5)), side


def cut(photo: np.ndarray, box: tuple[int, int, int]) -> np.ndarray:
    """The square, 0 beyond the photograph."""
    left, top, side = box
    out = np.zeros((side, side, *photo.shape[2:]), photo.dtype)
    y0, y1 = max(0, top), min(photo.shape[0], top + side)
    x0, x1 = max(0, left), min(photo.shape[1], left + side)
    if y1 > y0 and x1 > x0:
        out[y0 - top : y1 - top, x0 - left : x1 - left] = photo[y0:y1, x0:x1]
    return out


def shrink(square: np.ndarray, size: int) -> np.ndarray:
    """[side, side, c] -> [size, size, c]; means of whole blocks first, then a triangle filter, widened when shrinking."""
    k = max(1, square.shape[0] // size)
    if k > 1 and square.shape[0] % k == 0:
        side, channels = square.shape[0] // k, square.shape[2]
        square = square.reshape(side, k, side, k, channels).mean((1, 3))
    x = torch.from_numpy(np.ascontiguousarray(square.transpose(2, 0, 1), dtype=np.float32))[None]
    if x.shape[2] != size:
        x = F.interpolate(x, (size, size), mode="bilinear", antialias=True, align_corners=False)
    return x[0].numpy().transpose(1, 2, 0)


def field_mask(shape: tuple[int, int], field: Field, box: tuple[int, int, int], size: int) -> np.ndarray:
    """Pixels of the prepared square whose centres lie in the field, a little inside its edge, and in the photograph."""
    left, top, side = box
    at = (np.arange(size) + 0.5) * side / size
    x, y = at[None, :] + left, at[:, None] + top
    rows, columns = shape
    inside = (x - field.x) ** 2 + (y - field.y) ** 2 <= (FIELD_SHARE * field.radius) ** 2
    return inside & (x >= 1) & (x <= columns - 1) & (y >= 1) & (y <= rows - 1)


def table(values: np.ndarray, limit: float, bins: int = 256) -> np.ndarray:
    """Cumulative histogram at the bins' edges, 0..1, no bin above `limit` times the mean; what was cut off is spread evenly."""
    counts = np.bincount(np.minimum(bins - 1, np.floor(values * bins).astype(int)), minlength=bins).astype(float)
    share = counts / max(1, len(values))
    clipped = np.minimum(share, limit / bins)
    clipped += (1 - clipped.sum()) / bins
    return np.concatenate([[0.0], np.cumsum(clipped)])


def clahe(plane: np.ndarray, mask: np.ndarray, tiles: int, limit: float) -> np.ndarray:
    """
    Contrast-limited adaptive equalisation inside the mask: tables of tiles x tiles squares, bilinear between their
    centres, linear between a table's edges. A tile with little of the field uses the table of the whole field.
    """
    size = plane.shape[0]
    whole = table(plane[mask].astype(float), limit)
    tables = np.empty((tiles, tiles, len(whole)))
    edges = [size * n // tiles for n in range(tiles + 1)]
    for j in range(tiles):
        for i in range(tiles):
            part = (slice(edges[j], edges[j + 1]), slice(edges[i], edges[i + 1]))
            own = mask[part]
            tables[j, i] = table(plane[part][own].astype(float), limit) if own.sum() >= TILE_SHARE * own.size else whole
    at = np.clip((np.arange(size) + 0.5) * tiles / size - 0.5, 0, tiles - 1)
    low = np.minimum(np.floor(at).astype(int), tiles - 2)
    share = at - low
    v = np.clip(plane.astype(float), 0, 1) * (len(whole) - 1)
    bin_ = np.minimum(np.floor(v).astype(int), len(whole) - 2)
    rest = v - bin_
    out = np.zeros((size, size))
    for dj in (0, 1):
        for di in (0, 1):
            j, i = (low + dj)[:, None], (low + di)[None, :]
            weight = (share if dj else 1 - share)[:, None] * (share if di else 1 - share)[None, :]
            out += weight * (tables[j, i, bin_] * (1 - rest) + tables[j, i, bin_ + 1] * rest)
    return np.where(mask, out, 0.0).astype(np.float32)


@dataclass(frozen=True)
class Quality:
    """What the gate looks at; all but `light` inside the field."""

    light: float  # 99th percentile of brightness
    framed: float  # share of the round field that lies in the photograph
    lit: float  # share of what is in the photograph that is bright
    red: float  # mean of red less blue over the mean of the brightest channel
    sharp: float  # contrast of details of 3 to 9 pixels over that of 9 to 33


def box_mean(plane: np.ndarray, width: int) -> np.ndarray:
    """Mean over width x width about each pixel, 0 beyond the edge."""
    half = width // 2
    sums = np.pad(plane.astype(float), ((half + 1, half), (half + 1, half))).cumsum(0).cumsum(1)
    return (sums[width:, width:] - sums[:-width, width:] - sums[width:, :-width] + sums[:-width, :-width]) / width**2


def quality(photo: np.ndarray, plain: np.ndarray, mask: np.ndarray, field: Field, box: tuple[int, int, int]) -> Quality:
    size = plain.shape[0]
    k = -(-max(photo.shape[:2]) // FIND_SIDE)
    top = float(np.percentile(block_means(photo.max(2), k), 99))
    bright = plain.max(2)
    left, top_row, side = box
    at = (np.arange(size) + 0.5) * side / size
    distance = np.hypot(at[None, :] + left - field.x, at[:, None] + top_row - field.y)
    full = distance <= FIELD_SHARE * field.radius
    # far enough from every edge that no mean reaches beyond it
    whole = box_mean(mask.astype(float), 33) > 0.999
    green = plain[:, :, 1]
    fine, middle, coarse = box_mean(green, 3), box_mean(green, 9), box_mean(green, 33)
    detail, shape = ((fine - middle)[whole] ** 2).mean() if whole.any() else 0.0, ((middle - coarse)[whole] ** 2).mean() if whole.any() else 0.0
    return Quality(
        top, float(mask.sum() / max(1, full.sum())), float((bright[mask] > EDGE_SHARE * top).mean()),
        float((plain[:, :, 0] - plain[:, :, 2])[mask].mean() / max(1e-6, bright[mask].mean())), float(np.sqrt(detail / max(1e-12, shape))),
    )  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    image: np.ndarray  # [size, size, 3] float32 0..1, equalised, 0 outside the field
    plain: np.ndarray  # before equalising
    mask: np.ndarray
    field: Field
    box: tuple[int, int, int]
    quality: Quality


def prepare(photo: np.ndarray, size: int, tiles: int, limit: float) -> Prepared | None:
    """uint8 or 0..1 photograph to the network's picture; None where there is no field."""
    values = photo.astype(np.float32) / 255 if photo.dtype == np.uint8 else photo
    field = find_field(values)
    if field is None:
        return None
    box = crop_box(field, size)
    plain = shrink(cut(values, box), size)
    mask = field_mask(photo.shape[:2], field, box, size)
    if not mask.any():
        return None
    image = np.stack([clahe(plain[:, :, c], mask, tiles, limit) for c in range(3)], 2)
    return Prepared(image, plain, mask, field, box, quality(values, plain, mask, field, box))
