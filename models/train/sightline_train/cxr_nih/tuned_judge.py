"""
The fine-tuned networks out of fold beside the frozen heads -> tuned.json, which the card prints. Fixed before: the mixing
by each fold's watched films, the point by the opacity map and where other folds' boxes lie; the map alone and weights
from all other patients' boxes are told beside it.
"""

import csv

import numpy as np
import torch

from ..cxr_findings.network import Network
from ..run import Run
from .films import FINDINGS, FOLDS, Films
from .heads import auc
from .judge import blind_logits, interval, mean_auc, patient_draws, place_figures
from .places import Blur
from .tuned import Deviation, answers, blended, masks_of, pointed


def learning(run: Run) -> list[dict]:
    """Means over the folds at each step that was looked at."""
    tables = []
    for k in range(FOLDS):
        with run.path(f"tuned-{k}.csv").open(newline="") as file:
            tables.append(list(csv.DictReader(file)))
    names = ("mean AUC, films in training", "mean AUC, films watched", "pointed, watched")
    return [{"step": int(rows[0]["step"]), **{n: float(np.mean([float(r[n]) for r in rows])) for n in names}} for rows in zip(*tables, strict=True)]


def judge_tuned(run: Run, network: Network, films: Films) -> dict:
    tuned, opacity = answers(run, network)
    held = np.load(run.path("answers.npz"))
    frozen = held["logits"]
    mixed, made = blended(films, frozen, held["inner"], tuned)
    alone = np.stack([tuned[films.folds[n], n, : len(FINDINGS)] for n in range(len(films.rows))])
    # each fold's logits are on a scale of their own
    for k in range(FOLDS):
        rows, watch = films.folds == k, films.folds == (k + 1) % FOLDS
        alone[rows] = (alone[rows] - tuned[k, watch, : len(FINDINGS)].mean(0)) / tuned[k, watch, : len(FINDINGS)].std(0)
    blind = blind_logits(films)
    table = []
    for name, mask in (("all films", np.ones(len(films.rows), bool)), ("AP only", films.views == "AP"), ("PA only", films.views == "PA")):
        t, draws, every = films.truth[mask], patient_draws(films.patients[mask]), list(range(len(FINDINGS)))
        of = {"frozen": frozen[mask], "fine-tuned": alone[mask], "mixed": mixed[mask], "without pixels": blind[mask]}
        means = {k: mean_auc(t, v, every) for k, v in of.items()}
        gap = lambda a, b: [of_gap(t, of[a], of[b], every), *interval(draws, lambda d: of_gap(t[d], of[a][d], of[b][d], every))]  # noqa: B023, E731
        table.append({"films": name, "means": means, "mixed minus frozen": gap("mixed", "frozen"), "mixed minus without pixels": gap("mixed", "without pixels"), "byFinding": {f: {k: auc(t[:, j], v[:, j]) for k, v in of.items()} for j, f in enumerate(FINDINGS)}})
    cells = np.load(run.path("cells.npz"))
    boxed, chest = cells["boxed"], cells["chest"]
    masks = masks_of(network, films.images).float().numpy()
    own = torch.from_numpy(np.stack([opacity[films.folds[n], n] for n in boxed])[:, None])
    bare = (Blur(3.0)(Deviation()(own, torch.from_numpy(chest))) - 6 * (1 - torch.from_numpy(chest)))[:, 0].numpy()
    places = []
    for who, maps in (("map and the other folds' boxes", pointed(films, boxed, chest, opacity, "fold")), ("map and all other patients' boxes", pointed(films, boxed, chest, opacity, "patient")), ("map alone", bare)):
        full = np.zeros((len(films.rows), FOLDS, *maps.shape[1:]), np.float32)
        for at, n in enumerate(boxed):
            full[n, films.folds[n]] = maps[at]
        _, rows = place_figures(films, full, masks)
        places.append({**rows[0], "who": who})
    result = {"curve": learning(run), "folds": made, "auc": table, "places": places, "rivals": rows[1:]}
    run.write_json("tuned.json", result)
    return result


def of_gap(truth: np.ndarray, a: np.ndarray, b: np.ndarray, labels: list[int]) -> float:
    return mean_auc(truth, a, labels) - mean_auc(truth, b, labels)
