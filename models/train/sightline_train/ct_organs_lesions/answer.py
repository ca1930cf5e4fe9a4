"""What is read from the network's answer: labels, and lesions as connected components. As models/tasks/segmentation does it."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..phantoms import ID
from .examples import LESIONS

NEIGHBOURS = np.ones((3, 3, 3))


def decide(logits: np.ndarray, thresholds: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Labels and their probability: a lesion from its threshold on (the likeliest of those), else the likeliest organ."""
    p = np.exp(logits - logits.max(0))
    p /= p.sum(0)
    organs = [n for n in range(len(p)) if n not in [ID[k] for k in LESIONS]]
    best = np.array(organs)[p[organs].argmax(0)]
    probability = p[organs].max(0)
    forced = np.zeros(best.shape, np.float32)
    for k in LESIONS:
        own = p[ID[k]]
        take = (own >= thresholds[k]) & (own > forced)
        best[take], probability[take], forced[take] = ID[k], own[take], own[take]
    return best.astype(np.uint8), probability


@dataclass(frozen=True)
class Lesion:
    kind: str
    voxels: np.ndarray  # flat indices
    ml: float
    centre: tuple[float, float, float]  # z, y, x
    probability: float


def lesions_of(labels: np.ndarray, probability: np.ndarray, voxel_ml: float, least_ml: dict[str, float]) -> list[Lesion]:
    out = []
    for kind in LESIONS:
        ids, count = ndimage.label(labels == ID[kind], NEIGHBOURS)
        flat = ids.reshape(-1)
        order = np.argsort(flat, kind="stable")
        starts = np.searchsorted(flat[order], np.arange(1, count + 2))
        for n in range(count):
            own = order[starts[n] : starts[n + 1]]
            ml = len(own) * voxel_ml
            if ml >= least_ml[kind]:
                centre = tuple(float(np.mean(c)) for c in np.unravel_index(own, labels.shape))
                out.append(Lesion(kind, own, ml, centre, float(probability.reshape(-1)[own].mean())))
    return out


def side_of(labels: np.ndarray, centre: tuple[float, float, float]) -> str | None:
    """Side of the spine's mean x within 30 mm of height (x grows to the patient's left)."""
    z = int(round(centre[0]))
    spine = np.nonzero(labels[max(0, z - 8) : z + 9] == ID["spine"])[2]
    if len(spine) == 0:
        return None
    return "left" if centre[2] > spine.mean() else "right"
