"""Regularised logistic heads; everything that is chosen is chosen on inner folds of the training patients."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from .films import FOLDS

STRENGTHS = (30.0, 100.0, 300.0, 1000.0, 3000.0)
# of the logistic regression that sees no pixel
BLIND_STRENGTH = 1.0
# standardised features beyond this many deviations are cut: one odd film must not rule the answer
CUT = 5.0


@dataclass(frozen=True)
class Scale:
    mean: np.ndarray
    deviation: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return np.clip((x - self.mean) / self.deviation, -CUT, CUT)


def scale_of(x: np.ndarray) -> Scale:
    return Scale(x.mean(0), x.std(0) + 1e-6)


def ridge_logistic(x: np.ndarray, y: np.ndarray, strength: float, rounds: int = 15) -> tuple[np.ndarray, float]:
    """Weights and bias by Newton's steps; the bias is not held down. `x` has no more columns than it has rows."""
    a = np.hstack([x, np.ones((len(x), 1))])
    b = np.zeros(a.shape[1])
    held = np.full(a.shape[1], strength)
    held[-1] = 1e-6
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(a @ b, -30, 30)))
        step = np.linalg.solve((a.T * (p * (1 - p) + 1e-6)) @ a + np.diag(held), a.T @ (p - y) + held * b)
        b = b - step
        if np.abs(step).max() < 1e-6:
            break
    return b[:-1], float(b[-1])


class Rotated:
    """Training rows in the space that they span: a ridge there is the same ridge, and far cheaper."""

    def __init__(self, x: np.ndarray) -> None:
        u, s, v = np.linalg.svd(x, full_matrices=False)
        keep = s > 1e-6 * s[0]
        self.rows, self.back = u[:, keep] * s[keep], v[keep].T

    def fit(self, y: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
        weights, bias = ridge_logistic(self.rows, y, strength)
        return self.back @ weights, bias


def auc(y: np.ndarray, s: np.ndarray) -> float:
    from scipy.stats import rankdata

    y = np.asarray(y, bool)
    a, b = int(y.sum()), int((~y).sum())
    return float((rankdata(s)[y].sum() - a * (a + 1) / 2) / (a * b)) if a and b else float("nan")


def inner_answers(x: np.ndarray, y: np.ndarray, folds: np.ndarray, strengths: tuple[float, ...]) -> dict[float, np.ndarray]:
    """By strength: the logit of each row from a head that was not fitted on its fold."""
    out = {s: np.zeros(y.shape) for s in strengths}
    for q in sorted(set(folds.tolist())):
        fit, held = folds != q, folds == q
        scale = scale_of(x[fit])
        rotated = Rotated(scale(x[fit]))
        own = scale(x[held])
        for s in strengths:
            for j in range(y.shape[1]):
                weights, bias = rotated.fit(y[fit, j], s)
                out[s][held, j] = own @ weights + bias
    return out


@dataclass(frozen=True)
class Head:
    """logit = clip((features - mean) / deviation) @ weights + bias; `inner`: logits of the training rows out of inner fold."""

    scale: Scale
    weights: np.ndarray
    bias: np.ndarray
    strength: float
    inner: np.ndarray


def head_of(x: np.ndarray, y: np.ndarray, folds: np.ndarray, strengths: tuple[float, ...] = STRENGTHS) -> Head:
    """The strength is that with the best mean AUC over inner folds, one for all labels."""
    inner = inner_answers(x, y, folds, strengths)
    mean = {s: np.nanmean([auc(y[:, j], inner[s][:, j]) for j in range(y.shape[1])]) for s in strengths}
    best = max(strengths, key=lambda s: mean[s])
    scale = scale_of(x)
    rotated = Rotated(scale(x))
    fitted = [rotated.fit(y[:, j], best) for j in range(y.shape[1])]
    return Head(scale, np.stack([w for w, _ in fitted], 1), np.array([b for _, b in fitted]), best, inner[best])


def calibration(logits: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and offset of Platt's sigmoid (a temperature and a shift) by likelihood, lightly held to 1 and 0."""
    t = np.asarray(y, float)

    def loss(v: np.ndarray) -> float:
        z = v[0] * logits + v[1]
        return float(np.logaddexp(0, z).sum() - (t * z).sum() + 0.5 * (v[0] - 1) ** 2 + 0.05 * v[1] ** 2)

    slope, offset = minimize(loss, np.array([1.0, 0.0]), method="L-BFGS-B", bounds=[(0.05, 5), (-5, 5)]).x
    return float(slope), float(offset)


def level_of(probability: np.ndarray, y: np.ndarray) -> float:
    """The probability from which it is said: the best F1 on inner folds."""
    y = np.asarray(y, bool)
    levels = np.unique(np.quantile(probability, np.linspace(0.02, 0.99, 120)))

    def f1(level: float) -> float:
        said = probability >= level
        return 2 * (said & y).sum() / max(1, said.sum() + y.sum())

    return float(max(levels, key=f1))


@dataclass(frozen=True)
class Fold:
    """The heads of one fold (one a family of features; their logits are averaged), calibrated and with levels."""

    heads: tuple[Head, ...]
    slope: np.ndarray
    offset: np.ndarray
    levels: np.ndarray
    inner: np.ndarray

    def __call__(self, families: list[np.ndarray]) -> np.ndarray:
        """Calibrated logits."""
        mean = np.mean([h.scale(x) @ h.weights + h.bias for h, x in zip(self.heads, families, strict=True)], 0)
        return mean * self.slope + self.offset


def fold_of(families: list[np.ndarray], y: np.ndarray, folds: np.ndarray) -> Fold:
    heads = tuple(head_of(x, y, folds) for x in families)
    raw = np.mean([h.inner for h in heads], 0)
    fitted = [calibration(raw[:, j], y[:, j]) for j in range(y.shape[1])]
    slope, offset = np.array([a for a, _ in fitted]), np.array([b for _, b in fitted])
    inner = 1 / (1 + np.exp(-(raw * slope + offset)))
    return Fold(heads, slope, offset, np.array([level_of(inner[:, j], y[:, j]) for j in range(y.shape[1])]), inner)


def out_of_fold(families: list[np.ndarray], y: np.ndarray, folds: np.ndarray) -> tuple[np.ndarray, list[Fold]]:
    """Logits of each film from the heads that never saw its patient, and those heads."""
    out, made = np.zeros(y.shape), []
    for k in range(FOLDS):
        held = folds == k
        fold = fold_of([x[~held] for x in families], y[~held].astype(float), folds[~held])
        out[held] = fold([x[held] for x in families])
        made.append(fold)
    return out, made
