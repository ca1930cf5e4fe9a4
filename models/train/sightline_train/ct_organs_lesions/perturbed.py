"""Twenty copies of a scan as other scanners, tables and hurries would have brought it. Frozen with classical.py."""

import numpy as np
from scipy import ndimage

COUNT = 20
AIR = -1000


def perturbed(hu: np.ndarray, mask: np.ndarray, affine: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
    """
    Image [k, j, i], mask on the same grid, affine (i, j, k to LPS mm) of copy `number`, and what was done in words.
    Each copy has noise and a shift of HU; besides, in turn: a turned patient, thick slices, a smaller field of view, a scan
    that ends early, slices from head to feet, a smooth kernel, coarse pixels, and pairs of these.
    """
    random = np.random.default_rng([314, number])
    image, told, where, words = hu.astype(np.float32), mask, affine.copy(), []
    acts = (("turn",), ("thick",), ("field",), ("short",), ("reversed",), ("smooth",), ("coarse",), ("turn", "thick"), ("field", "reversed"), ("short", "smooth"))[number % 10]
    for act in acts:
        image, told, where, word = ACTS[act](image, told, where, random)
        words.append(word)
    noise, shift, gain = random.uniform(5, 45), random.normal(0, 15), random.uniform(0.97, 1.03)
    tissue = image > AIR + 5
    image = image + tissue * (random.standard_normal(image.shape, dtype=np.float32) * np.float32(noise))
    image = image * np.float32(gain) + np.float32(shift) * tissue
    words.append(f"noise {noise:.0f} HU, shift {shift:+.0f} HU, gain {gain:.2f}")
    return np.clip(np.round(image), -1024, 3071).astype(np.int16), told, where, "; ".join(words)


def _turn(image, mask, affine, random):
    degrees = random.uniform(4, 12) * random.choice([-1, 1])
    turned = ndimage.rotate(image, degrees, axes=(1, 2), reshape=False, order=1, cval=AIR)
    return turned, ndimage.rotate(mask.astype(np.uint8), degrees, axes=(1, 2), reshape=False, order=0).astype(bool), affine, f"turned {degrees:+.0f} degrees about the long axis"


def _thick(image, mask, affine, random):
    n = int(random.integers(3, 6))
    count = len(image) // n
    image = image[: count * n].reshape(count, n, *image.shape[1:]).mean(1)
    mask = mask[: count * n].reshape(count, n, *mask.shape[1:]).mean(1) >= 0.5
    affine = affine.copy()
    affine[:, 3] += affine[:, 2] * (n - 1) / 2
    affine[:, 2] *= n
    return image, mask, affine, f"{n} slices averaged to one"


def _field(image, mask, affine, random):
    h, w = image.shape[1:]
    y, x = np.arange(h)[:, None] - h / 2 + random.normal(0, 8), np.arange(w)[None] - w / 2 + random.normal(0, 8)
    # round, as reconstructed: it cuts skin and arms, hardly the lungs
    outside = y**2 + x**2 > (random.uniform(0.44, 0.52) * w) ** 2
    image, mask = image.copy(), mask.copy()
    image[:, outside] = AIR
    mask[:, outside] = False
    return image, mask, affine, "smaller round field of view"


def _short(image, mask, affine, random):
    low, high = (int(random.uniform(0.0, 0.22) * len(image)) for _ in range(2))
    affine = affine.copy()
    affine[:, 3] += affine[:, 2] * low
    return image[low : len(image) - high], mask[low : len(mask) - high], affine, f"{low} slices short below, {high} above"


def _reversed(image, mask, affine, random):
    affine = affine.copy()
    affine[:, 3] += affine[:, 2] * (len(image) - 1)
    affine[:, 2] *= -1
    return image[::-1].copy(), mask[::-1].copy(), affine, "slices from head to feet"


def _smooth(image, mask, affine, random):
    sigma = random.uniform(0.8, 2.0)
    return ndimage.gaussian_filter(image, (0, sigma, sigma)), mask, affine, f"smooth kernel, sigma {sigma:.1f} pixels"


def _coarse(image, mask, affine, random):
    n = int(random.integers(2, 4))
    k, h, w = image.shape
    h, w = h // n * n, w // n * n
    image = image[:, :h, :w].reshape(k, h // n, n, w // n, n).mean((2, 4))
    mask = mask[:, :h, :w].reshape(k, h // n, n, w // n, n).mean((2, 4)) >= 0.5
    affine = affine.copy()
    affine[:, 3] += (affine[:, 0] + affine[:, 1]) * (n - 1) / 2
    affine[:, :2] *= n
    return image, mask, affine, f"{n}x{n} pixels averaged to one"


ACTS = {"turn": _turn, "thick": _thick, "field": _field, "short": _short, "reversed": _reversed, "smooth": _smooth, "coarse": _coarse}
