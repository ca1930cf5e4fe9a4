"""Figures with intervals. Cases (phantoms) are drawn again, never lesions of one case apart."""

import math
from collections.abc import Callable, Sequence

import numpy as np


def wilson(hits: int, of: int) -> tuple[float, float]:
    """95 % interval of a share."""
    if of == 0:
        return 0.0, 1.0
    z, p = 1.959964, hits / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def bootstrap(cases: Sequence, figure: Callable[[list], float], draws: int = 1000, seed: int = 7) -> tuple[float, float]:
    """95 % percentile interval of a figure over cases."""
    random = np.random.default_rng(seed)
    values = [figure([cases[i] for i in random.integers(0, len(cases), len(cases))]) for _ in range(draws)]
    return float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5))


def figure(name: str, value: float, interval: tuple[float, float] | None, data: str) -> dict:
    """As the manifest's figures."""
    return {
        "name": name,
        "value": round(float(value), 4),
        "interval": None if interval is None else [round(float(v), 4) for v in interval],
        "data": data,
    }
