"""
The figures on films, from what ships: the graph answers every film with the heads of each fold, and a film is judged by
those of the fold that held its patient out. Beside it: what is known without a pixel, fixed places, other truths.
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.stats import beta

from ..package import session
from ..statistics import figure
from .films import BOX_NAME, FINDINGS, FOLDS, Films, read
from .heads import BLIND_STRENGTH, Rotated, auc, ridge_logistic, scale_of
from .places import CELL, Blur, covered

DRAWS = 500
CURVE_STRENGTH = 300.0


def answers_of(model: Path, images: np.ndarray) -> dict[str, np.ndarray]:
    run = session(model)
    names = [o.name for o in run.get_outputs()]
    rows = [dict(zip(names, run.run(None, {"image": x[None, None]}), strict=True)) for x in images]
    return {k: np.concatenate([r[k] for r in rows]) for k in ("scores", "heat", "masks", "gate", "folds", "pointed")}


def blind_logits(films: Films) -> np.ndarray:
    out = np.zeros(films.truth.shape)
    for k in range(FOLDS):
        fit, held = films.folds != k, films.folds == k
        scale = scale_of(films.blind[fit])
        for j in range(len(FINDINGS)):
            weights, bias = ridge_logistic(scale(films.blind[fit]), films.truth[fit, j].astype(float), BLIND_STRENGTH)
            out[held, j] = scale(films.blind[held]) @ weights + bias
    return out


def patient_draws(patients: np.ndarray, seed: int = 7) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    own = {p: np.nonzero(patients == p)[0] for p in sorted(set(patients))}
    names = list(own)
    return [np.concatenate([own[names[n]] for n in random.integers(0, len(names), len(names))]) for _ in range(DRAWS)]


def mean_auc(truth: np.ndarray, logits: np.ndarray, labels: list[int]) -> float:
    told = [auc(truth[:, j], logits[:, j]) for j in labels]
    return float(np.nanmean(told))


def interval(draws: list[np.ndarray], value: Callable[[np.ndarray], float]) -> tuple[float, float]:
    low, high = np.nanpercentile([value(d) for d in draws], [2.5, 97.5])
    return float(low), float(high)


def calibration_error(probability: np.ndarray, truth: np.ndarray, bins: int = 10) -> float:
    p, t = probability.reshape(-1), truth.reshape(-1).astype(float)
    at = np.minimum((p * bins).astype(int), bins - 1)
    return float(sum(abs(p[at == b].mean() - t[at == b].mean()) * (at == b).mean() for b in range(bins) if (at == b).any()))


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def exact(hits: int, of: int) -> tuple[float, float]:
    """Clopper and Pearson, 95 %."""
    return (float(beta.ppf(0.025, hits, of - hits + 1)) if hits else 0.0, float(beta.ppf(0.975, hits + 1, of - hits)) if hits < of else 1.0)


def label_figures(films: Films, logits: np.ndarray, blind: np.ndarray) -> tuple[list[dict], list[dict]]:
    figures, rows = [], []
    groups = [("all films", np.ones(len(films.rows), bool)), ("AP only", films.views == "AP"), ("PA only", films.views == "PA")]
    for name, mask in groups:
        t, own, other = films.truth[mask], logits[mask], blind[mask]
        draws = patient_draws(films.patients[mask])
        sets = [("the five findings", list(range(len(FINDINGS))))]
        some = [j for j in range(len(FINDINGS)) if t[:, j].sum() >= 10]
        if len(some) < len(FINDINGS):
            sets.append((f"without {', '.join(FINDINGS[j] for j in range(len(FINDINGS)) if j not in some)} (fewer than 10)", some))
        for what, labels in sets:
            value, base = mean_auc(t, own, labels), mean_auc(t, other, labels)
            gap = interval(draws, lambda d: mean_auc(t[d], own[d], labels) - mean_auc(t[d], other[d], labels))
            data = f"NIH films out of fold, {name}, n = {len(t)}, {what}"
            figures.append(figure("mean AUC", value, interval(draws, lambda d: mean_auc(t[d], own[d], labels)), data))
            figures.append(figure("mean AUC without pixels (file size, view, age, sex, follow-up)", base, interval(draws, lambda d: mean_auc(t[d], other[d], labels)), data))
            figures.append(figure("mean AUC, films minus without pixels", value - base, gap, data))
        for j, key in enumerate(FINDINGS):
            rows.append({"films": name, "finding": key, "positives": int(t[:, j].sum()), "auc": auc(t[:, j], own[:, j]), "interval": interval(draws, lambda d: auc(t[d, j], own[d, j])), "blind": auc(t[:, j], other[:, j])})
    return figures, rows


def pointed_at(map_: np.ndarray) -> tuple[int, int]:
    r, c = np.unravel_index(int(map_.argmax()), map_.shape)
    return int(r), int(c)


def soft(map_: np.ndarray, sigma: float) -> np.ndarray:
    import torch

    return Blur(sigma)(torch.from_numpy(map_.astype(np.float32))[None, None])[0, 0].numpy()


def place_figures(films: Films, pointed: np.ndarray, masks: np.ndarray) -> tuple[list[dict], list[dict]]:
    """One point a film for its first box named as an opacity, or its only one; all rivals are judged on the same boxes."""
    at = [n for n in range(len(films.rows)) if films.boxes(n)]
    box = {n: next((b for name, b in films.boxes(n) if BOX_NAME.get(name) in ("pneumonia", "infiltrate")), films.boxes(n)[0][1]) for n in at}
    inside = {n: covered(box[n]) for n in at}

    def fixed(n: int, apart: Callable[[int], bool]) -> bool:
        votes = soft(np.sum([inside[m] for m in at if apart(m)], 0), 1.0)
        return bool(inside[n][pointed_at(votes)])

    def lung_frame(n: int) -> tuple[int, int, int, int]:
        lungs = (masks[n, :2] > 0).any(0)[::CELL, ::CELL]
        rows, columns = np.nonzero(lungs.sum(1) > 2)[0], np.nonzero(lungs.sum(0) > 2)[0]
        return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1) if len(rows) and len(columns) else (8, 8, 56, 48)

    def in_frame(n: int, m: int) -> np.ndarray:
        """The box of film m where it would lie in the lungs of film n."""
        a, b = lung_frame(n), lung_frame(m)
        x = lambda v: ((v / CELL - b[0]) / (b[2] - b[0]) * (a[2] - a[0]) + a[0]) * CELL  # noqa: E731
        y = lambda v: ((v / CELL - b[1]) / (b[3] - b[1]) * (a[3] - a[1]) + a[1]) * CELL  # noqa: E731
        return covered((x(box[m][0]), y(box[m][1]), x(box[m][2]), y(box[m][3])))

    def centroid(n: int, lung: int) -> bool:
        rows, columns = np.nonzero(masks[n, lung][::CELL, ::CELL] > 0)
        return bool(len(rows) and inside[n][int(rows.mean()), int(columns.mean())])

    best_lung = lambda n: max((0, 1), key=lambda lung: sum(centroid(m, lung) for m in at if films.patients[m] != films.patients[n]))  # noqa: E731
    rivals: list[tuple[str, Callable[[int], bool]]] = [
        ("this network, heads and boxes of other folds", lambda n: bool(inside[n][pointed_at(pointed[n, films.folds[n]])])),
        ("best fixed point of the other folds' boxes", lambda n: fixed(n, lambda m: films.folds[m] != films.folds[n])),
        ("best fixed point of all other patients' boxes", lambda n: fixed(n, lambda m: films.patients[m] != films.patients[n])),
        ("centre of the lung that serves other patients best", lambda n: centroid(n, best_lung(n))),
        ("prior map in the lungs' frame, all other patients", lambda n: bool(inside[n][pointed_at(soft(np.sum([in_frame(n, m) for m in at if films.patients[m] != films.patients[n]], 0), 2.0))])),
    ]  # fmt: skip
    rows, figures = [], []
    for name, hit in rivals:
        hits = [n for n in at if hit(n)]
        rows.append({"who": name, "hits": len(hits), "of": len(at), "interval": exact(len(hits), len(at)), "films": [films.names[n] for n in hits]})
    figures.append(figure("pointed into the radiologists' box", rows[0]["hits"] / len(at), exact(rows[0]["hits"], len(at)), f"{rows[0]['hits']} of {len(at)} NIH films, patients never trained on"))
    figures.append(figure("the same for the best fixed point", max(r["hits"] for r in rows[1:3]) / len(at), exact(max(r["hits"] for r in rows[1:3]), len(at)), f"{len(at)} NIH films, chosen on other patients"))
    return figures, rows


def google_rows(films: Films, logits: np.ndarray) -> list[dict]:
    """Google's readers (2019) looked at a few of these films: their 'airspace opacity' beside what is said of opacities."""
    column = next(k for k in films.rows[0] if k.startswith("google"))
    at = np.array([n for n, r in enumerate(films.rows) if r[column]])
    opacity = np.array([films.rows[n][column].split("|")[2] == "YES" for n in at])
    said = sigmoid(logits[at])
    best = said[:, [FINDINGS.index("pneumonia"), FINDINGS.index("infiltrate")]].max(1)
    return [{"truth": "airspace opacity", "films": len(at), "positives": int(opacity.sum()), "auc of pneumonia or infiltration": auc(opacity, best)}]


def curve(films: Films, families: list[np.ndarray], shares: tuple[float, ...] = (0.25, 0.5, 1.0)) -> list[dict]:
    """Mean AUC by the share of the other patients that the heads were fitted on (one draw of patients each)."""
    out = []
    for share in shares:
        logits = np.zeros(films.truth.shape)
        for k in range(FOLDS):
            others = np.array(sorted(set(films.patients[films.folds != k])))
            kept = set(np.random.default_rng(3).permutation(others)[: round(share * len(others))])
            fit, held = np.array([p in kept for p in films.patients]), films.folds == k
            parts = []
            for x in families:
                scale = scale_of(x[fit])
                rotated, own = Rotated(scale(x[fit])), scale(x[held])
                fitted = [rotated.fit(films.truth[fit, j].astype(float), CURVE_STRENGTH) for j in range(len(FINDINGS))]
                parts.append(np.stack([own @ w + bias for w, bias in fitted], 1))
            logits[held] = np.mean(parts, 0)
        out.append({"share": share, "patients": int(round(share * len(set(films.patients)) * 0.8)), "mean auc": mean_auc(films.truth, logits, list(range(len(FINDINGS))))})
    return out


def cases(films: Films, logits: np.ndarray) -> str:
    """Lines that `sightline evaluate` reads."""
    p = sigmoid(logits)
    return "".join(
        json.dumps({"kind": "labels", "patient": films.patients[n], "scores": {k: round(float(p[n, j]), 6) for j, k in enumerate(FINDINGS)}, "truth": {k: bool(films.truth[n, j]) for j, k in enumerate(FINDINGS)}}) + "\n"
        for n in range(len(films.rows))
    )  # fmt: skip


def judge(model: Path, data: Path, out: Path) -> dict:
    """Everything that is told of films, and in `out` the cases of model and baseline."""
    films = read(data)
    told = answers_of(model, films.images)
    logits = told["folds"][np.arange(len(films.rows)), films.folds]
    blind = blind_logits(films)
    figures, by_finding = label_figures(films, logits, blind)
    places, rivals = place_figures(films, told["pointed"], told["masks"])
    draws = patient_draws(films.patients)
    figures.append(figure("calibration error (10 bins)", calibration_error(sigmoid(logits), films.truth), interval(draws, lambda d: calibration_error(sigmoid(logits[d]), films.truth[d])), f"NIH films out of fold, n = {len(films.rows)}"))
    figures += places
    for name, what in (("folds", logits), ("blind", blind)):
        (out / name).mkdir(parents=True, exist_ok=True)
        (out / name / "cases.jsonl").write_text(cases(films, what))
    film = int((told["gate"][:, 2] > 0).sum())
    result = {"figures": figures, "byFinding": by_finding, "places": rivals, "google": google_rows(films, logits), "films": {"taken for films": film, "of": len(films.rows), "taken for frontal": int((told["gate"][:, 0] > 0).sum())}}
    (out / "judged.json").write_text(json.dumps(result, indent=2) + "\n")
    for row in figures:
        print(f"{row['name']}: {row['value']:.3f} {row['interval'] or ''} ({row['data']})")
    for row in rivals:
        print(f"{row['who']}: {row['hits']} of {row['of']}, {row['interval'][0]:.2f} to {row['interval'][1]:.2f}")
    return result
