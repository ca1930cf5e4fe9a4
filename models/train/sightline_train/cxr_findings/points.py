"""What counts as found on phantoms, and the operating points that follow on validation phantoms."""

import numpy as np

from ..lesions import Case, f1
from ..phantoms import ID
from .answer import boxes
from .examples import Film
from .network import FINDINGS, MASKS


def images(own: list[Film]) -> np.ndarray:
    return np.stack([f.image for f in own]).astype(np.float32) / 65535


def is_hit(box: list[float], truth: np.ndarray) -> bool:
    """The said box's centre lies in the true box, made larger by a quarter on each side (at least 6 pixels)."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    mx, my = max(6.0, (truth[2] - truth[0]) / 4), max(6.0, (truth[3] - truth[1]) / 4)
    return bool(truth[0] - mx <= x <= truth[2] + mx and truth[1] - my <= y <= truth[3] + my)


def case_of(film: Film, said: list[tuple[int, float, list[float]]], masks: np.ndarray | None) -> Case:
    """Said findings against planted ones; a second one for the same lesion is false."""
    planted = [lesion for lesion in film.truth["lesions"] if lesion["visible"] and lesion["pixelBox"] and lesion["kind"] in FINDINGS]
    taken = [False] * len(planted)
    told, sides = [], []
    for kind, _, box in sorted(said, key=lambda s: -s[1]):
        at = next((n for n, b in enumerate(film.boxes) if not taken[n] and int(b[0]) == kind and is_hit(box, b[1:])), None)
        told.append((FINDINGS[kind], at is not None))
        if at is not None:
            taken[at] = True
            if masks is not None and planted[at]["side"]:
                sides.append(side_of(box, masks) == planted[at]["side"])
    sizes = [lesion["sizeMm"] if lesion["kind"] in ("lung-nodule", "consolidation") else None for lesion in planted]
    return Case(tuple((p["kind"], mm, t) for p, mm, t in zip(planted, sizes, taken, strict=True)), tuple(told), tuple(sides))


def side_of(box: list[float], masks: np.ndarray) -> str | None:
    """The side of the midline between the two lungs' inner edges on which the box's centre lies; image right is the patient's left."""
    left, right = masks[0] > 0, masks[1] > 0
    if not left.any() or not right.any():
        return None
    middle = (np.nonzero(left.any(0))[0].min() + np.nonzero(right.any(0))[0].max() + 1) / 2
    return "left" if (box[0] + box[2]) / 2 > middle else "right"


def operating_points(own: list[Film], told: list, penalty: float) -> list[float]:
    """By finding, the logit from which it is said: the most found minus `penalty` times the false ones."""
    out = []
    for k in range(len(FINDINGS)):
        best, chosen = -np.inf, 0.0
        levels = np.quantile([s for heat, _, _ in told for s in [heat[k].max()]], np.linspace(0.2, 0.995, 60))
        said = [[b for b in boxes(heat[k : k + 1], sizes[[k, len(FINDINGS) + k]], level=float(levels[0]))] for heat, sizes, _ in told]
        for level in levels:
            hits = false = 0
            for film, mine in zip(own, said, strict=True):
                c = case_of(film, [(k, s, b) for _, s, b in mine if s >= level], None)
                hits += sum(t for _, t in c.said)
                false += sum(not t for _, t in c.said)
            if hits - penalty * false > best:
                best, chosen = hits - penalty * false, float(level)
        out.append(chosen)
    return out


def ratio(masks: np.ndarray) -> float | None:
    """Cardiothoracic ratio: widest heart over widest inner chest, both from the masks."""
    heart, lungs = (masks[2] > 0).any(0), ((masks[0] > 0) | (masks[1] > 0)).any(0)
    if not heart.any() or not lungs.any():
        return None
    width = lambda v: np.nonzero(v)[0].max() - np.nonzero(v)[0].min() + 1  # noqa: E731
    return float(width(heart) / width(lungs))


def dice(masks: np.ndarray, film: Film) -> list[float]:
    out = []
    for n, name in enumerate(MASKS):
        p, t = masks[n] > 0, film.labels == ID[name]
        if t.any():
            out.append(2 * (p & t).sum() / (p.sum() + t.sum()))
    return out


def share_of_lung(box: list[float], masks: np.ndarray) -> float:
    """Share of its lung's box that a box covers: the measure 'extent'."""
    lung = masks[0 if side_of(box, masks) == "left" else 1] > 0
    if not lung.any():
        return 0.0
    ys, xs = np.nonzero(lung)
    x0, y0, x1, y1 = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
    w, h = min(box[2], x1) - max(box[0], x0), min(box[3], y1) - max(box[1], y0)
    return max(0.0, w) * max(0.0, h) / ((x1 - x0) * (y1 - y0))


def severity_bounds(own: list[Film], told: list, levels: list[float]) -> dict[str, list[float]]:
    """By finding, the two extents that part small, moderate and large best on validation phantoms."""
    out = {}
    for k, finding in enumerate(FINDINGS):
        pairs = []
        for film, (heat, sizes, masks) in zip(own, told, strict=True):
            lesions = [lesion for lesion in film.truth["lesions"] if lesion["visible"] and lesion["pixelBox"] and lesion["kind"] in FINDINGS]
            for kind, s, box in boxes(heat, sizes, level=min(levels)):
                if kind != k or s < levels[k]:
                    continue
                at = next((n for n, b in enumerate(film.boxes) if int(b[0]) == k and is_hit(box, b[1:])), None)
                if at is not None:
                    value = ratio(masks) if finding == "cardiomegaly" else share_of_lung(box, masks)
                    if value is not None:
                        pairs.append((value, ("small", "moderate", "large").index(lesions[at]["severity"])))
        if len(pairs) < 8 or finding == "lung-nodule":
            continue
        values = np.array([v for v, _ in pairs])
        grades = np.array([g for _, g in pairs])
        cuts = np.quantile(values, np.linspace(0.02, 0.98, 40))
        right = lambda a, b: ((values >= a).astype(int) + (values >= b) == grades).mean()  # noqa: E731
        best = max(((right(a, b), a, b) for a in cuts for b in cuts if b > a), default=(0.0, 0.0, 0.0))
        out[finding] = [round(float(best[1]), 4), round(float(best[2]), 4), round(float(best[0]), 4)]
    return out


def constant_answer(own: list[Film], choose: list[Film]) -> float:
    """F1 of the best constant: one finding said of every film at its mean place in the films to choose on."""
    best = 0.0
    for k in range(len(FINDINGS)):
        seen = [b[1:] for f in choose for b in f.boxes if int(b[0]) == k]
        if seen:
            box = np.mean(seen, axis=0).tolist()
            best = max(best, f1([case_of(f, [(k, 0.0, box)], None) for f in own]))
    return best
