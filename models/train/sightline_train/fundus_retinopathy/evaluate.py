"""
Out of fold: every photograph by networks that have not seen it, nor another of the same eye. Levels and temperatures come
from the inner split; nothing is chosen on what is judged.
"""

import csv
import json

import numpy as np
import torch
from scipy import ndimage
from torch.nn import functional as F

from ..run import Run
from ..statistics import figure, wilson
from .answer import Fold, trained
from .grade_training import cumulative, evidence, expected, quadratic_kappa, rows_of, told
from .lesion_training import average_precision, marked_maps
from .network import GRADES
from .photographs import FOLDS, LESIONS, NETS, Photograph, Photographs, photographs

REFERABLE = 2
FEWEST_CELLS = 3


def temperature(logits: torch.Tensor, grades: torch.Tensor) -> float:
    """By which the inner split's logits are divided."""
    choices = torch.exp(torch.linspace(-0.7, 1.1, 37))
    losses = [F.binary_cross_entropy_with_logits(logits / t, cumulative(grades)).item() for t in choices]
    return float(choices[int(np.argmin(losses))])


def levels_of(maps: np.ndarray, data: Photographs, own: list[Photograph]) -> list[float]:
    """By lesion, the logit with the best F of cells that weighs precision double, on these photographs: marks are to be believed."""
    out = []
    for k in range(len(LESIONS)):
        truth = np.stack([data.masks[p.masks, k] > 76 for p in own])
        logits = maps[:, k].astype(np.float32)
        if not truth.any():
            out.append(0.0)
            continue
        choices = np.linspace(-4, 4, 33)
        scores = []
        for c in choices:
            said = logits >= c
            right = (truth & said).sum()
            scores.append(1.25 * right / max(1, right + 0.25 * truth.sum() + (said.sum() - right)))
        out.append(float(choices[int(np.argmax(scores))]))
    return out


def large(said: np.ndarray) -> np.ndarray:
    """Without components that the application does not show."""
    ids, count = ndimage.label(said, np.ones((3, 3), bool))
    sizes = np.bincount(ids.ravel(), minlength=count + 1)
    return said & (sizes >= FEWEST_CELLS)[ids]


def lesion_counts(logits: np.ndarray, truth: np.ndarray) -> tuple[int, int, int]:
    """Planted, found (a said cell in or beside it) and false components (no true cell in or beside it)."""
    near = np.ones((3, 3), bool)
    said = large(logits >= 0)
    true_ids, planted = ndimage.label(truth, near)
    said_ids, told_of = ndimage.label(said, near)
    found = len(set(np.unique(true_ids[ndimage.binary_dilation(said, near)])) - {0})
    right = len(set(np.unique(said_ids[ndimage.binary_dilation(truth, near)])) - {0})
    return planted, found, told_of - right


def sensitivity_at(scores: np.ndarray, truth: np.ndarray, specificity: float) -> float:
    """Highest share found at a threshold that keeps the specificity."""
    best = 0.0
    for threshold in np.unique(scores):
        called = scores >= threshold
        if (~called[~truth]).mean() >= specificity:
            best = max(best, float(called[truth].mean()))
    return best


def auc(scores: np.ndarray, truth: np.ndarray) -> float:
    above = scores[truth][:, None] - scores[~truth][None]
    return float((above > 0).mean() + 0.5 * (above == 0).mean())


def calibration_error(scores: np.ndarray, truth: np.ndarray, bins: int = 10) -> float:
    at = np.minimum(bins - 1, (scores * bins).astype(int))
    return float(sum(abs(scores[at == b].mean() - truth[at == b].mean()) * (at == b).mean() for b in range(bins) if (at == b).any()))


def by_group(groups: np.ndarray, of, draws: int = 1000, seed: int = 7) -> tuple[float, float]:
    """95 % interval; whole groups are drawn."""
    random = np.random.default_rng(seed)
    members = [np.nonzero(groups == g)[0] for g in np.unique(groups)]
    values = [of(np.concatenate([members[i] for i in random.integers(0, len(members), len(members))])) for _ in range(draws)]
    return float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5))


def lesion_figures(run: Run, data: Photographs) -> tuple[list[dict], list[list[float]]]:
    """Of photographs with masks, each by a network that has not seen it; levels from the inner split."""
    nets, _ = trained(run)
    levels, logits, truths = [], [[] for _ in LESIONS], [[] for _ in LESIONS]
    totals = np.zeros((len(LESIONS), 3), int)
    photographs_seen, clear, marks = 0, 0, np.zeros(len(LESIONS))
    for net, folds in enumerate(NETS):
        inner = [p for p in data.part(folds, "validate") if p.masks is not None]
        own = [p for p in data.part(folds, "test") if p.masks is not None]
        levels.append(levels_of(marked_maps(nets[net], data, inner), data, inner))
        maps = marked_maps(nets[net], data, own).astype(np.float32) - np.array(levels[net], np.float32)[None, :, None, None]
        photographs_seen += len(own)
        for p, one in zip(own, maps, strict=True):
            for k in range(len(LESIONS)):
                truth = data.masks[p.masks, k] > 76
                totals[k] += lesion_counts(one[k], truth)
                logits[k].append(one[k][::2, ::2].ravel())
                truths[k].append(truth[::2, ::2].ravel())
        without = [p for p in data.part(folds, "test") if p.grade == 0]
        clear += len(without)
        for one in marked_maps(nets[net], data, without).astype(np.float32) - np.array(levels[net], np.float32)[None, :, None, None]:
            marks += [ndimage.label(large(plane >= 0), np.ones((3, 3), bool))[1] for plane in one]
    on = f"IDRiD, {photographs_seen} photographs with masks, out of fold"
    rows = []
    for k, lesion in enumerate(LESIONS):
        planted, found, false = totals[k]
        rows.append(figure(f"{lesion}: average precision of cells", average_precision(np.concatenate(logits[k]), np.concatenate(truths[k])), None, on))
        if lesion != "optic-disc":
            rows.append(figure(f"{lesion}: found", found / max(1, planted), wilson(int(found), int(planted)), f"{on}, {planted} lesions"))
            rows.append(figure(f"{lesion}: false per photograph", false / max(1, photographs_seen), None, on))
            rows.append(figure(f"{lesion}: marks per photograph of grade 0", marks[k] / max(1, clear), None, f"IDRiD, {clear} photographs of grade 0, out of fold"))
    return rows, levels


def evaluate(run: Run) -> None:
    data = photographs(run)
    graded = [p for p in data.all if p.grade is not None]
    grades = torch.tensor([p.grade for p in graded])
    groups = data.groups[: len(graded)]
    nets, members = trained(run)
    logits, inner, temperatures, tops = np.zeros((len(graded), GRADES - 1)), [], [], []
    shares = {"lesion counts": {"counts": 1, "cells": 0}, "maps": {"counts": 0, "cells": 1}, "both, half each": {"counts": 0.5, "cells": 0.5}}
    tried = {name: [] for name in shares}
    for folds, (maps, statistics) in zip(NETS, evidence(run, data, nets), strict=True):
        for fold in folds:
            validate, test = rows_of(data.part((fold,), "validate")), rows_of(data.part((fold,), "test"))
            with torch.no_grad():
                for name, share in shares.items():
                    other = Fold(members[fold], {"share": share}, 1.0)(maps[validate], statistics[validate])[0]
                    tried[name].append((grades[validate].numpy(), other.numpy()))
                plain = Fold(members[fold], run.config["grades"], 1.0)
                said, parts = plain(maps[validate], statistics[validate])
                temperatures.append(temperature(said, grades[validate]))
                inner.append((grades[validate].numpy(), (said / temperatures[-1]).numpy()))
                tops.append(float(np.percentile(parts.clamp(min=0).numpy(), 99)))
                logits[test.numpy()] = (plain(maps[test], statistics[test])[0] / temperatures[-1]).numpy()
    write_cases(run, groups, grades.numpy(), logits)
    truth, said = grades.numpy(), told(logits)
    referable, score = truth >= REFERABLE, 1 / (1 + np.exp(-logits[:, REFERABLE - 1]))
    called = said >= REFERABLE
    on = f"IDRiD, {len(graded)} photographs of {len(np.unique(groups))} eyes, five folds, out of fold"
    kappa = lambda at: quadratic_kappa(truth[at], said[at])  # noqa: E731
    everything = np.arange(len(truth))
    rows = [
        figure("quadratic kappa", kappa(everything), by_group(groups, kappa), on),
        figure("referable (grade 2 or more): AUC", auc(score, referable), by_group(groups, lambda at: auc(score[at], referable[at])), on),
        figure("referable: sensitivity at specificity 0.85", sensitivity_at(score, referable, 0.85), by_group(groups, lambda at: sensitivity_at(score[at], referable[at], 0.85)), on),
        figure("referable by the grade told: sensitivity", called[referable].mean(), wilson(int(called[referable].sum()), int(referable.sum())), on),
        figure("referable by the grade told: specificity", (~called[~referable]).mean(), wilson(int((~called[~referable]).sum()), int((~referable).sum())), on),
        figure("referable: calibration error (10 bins of equal width)", calibration_error(score, referable), by_group(groups, lambda at: calibration_error(score[at], referable[at])), on),
        figure("equal grades", (truth == said).mean(), by_group(groups, lambda at: float((truth[at] == said[at]).mean())), on),
    ]
    for grade in range(GRADES):
        own = truth == grade
        rows.append(figure(f"grade {grade}: told grade {grade}", (said[own] == grade).mean(), wilson(int((said[own] == grade).sum()), int(own.sum())), f"{on}, {int(own.sum())} photographs"))
    lesion_rows, levels = lesion_figures(run, data)
    counts = np.zeros((GRADES, GRADES), int)
    np.add.at(counts, (truth, said), 1)
    most = int(np.bincount(truth).argmax())
    result = {
        "figures": rows + lesion_rows,
        "temperatures": temperatures,
        "levels": levels,
        "scale": float(np.mean(tops)),
        "inner": [{"fold": f, "photographs": len(t), "kappa": quadratic_kappa(t, told(s))} for f, (t, s) in enumerate(inner)],
        "tried": {"What a grader reads, on the inner splits together (half each was set beforehand and kept):": [[name, quadratic_kappa(np.concatenate([t for t, _ in own]), told(np.concatenate([s for _, s in own])))] for name, own in tried.items()]},
        "confusion": counts.tolist(),
        "comparison": [
            ["this package (quadratic kappa)", kappa(everything)],
            ["the same grade for all", quadratic_kappa(truth, np.full(len(truth), most))],
            ["its own grades, dealt to other photographs", quadratic_kappa(truth, np.random.default_rng(3).permutation(said))],
        ],
        "expected": [round(float(v), 4) for v in expected(logits)],
        "steps": steps_of(run),
    }  # fmt: skip
    run.write_json("evaluation.json", result)
    for row in rows + lesion_rows:
        print(f"{row['name']}: {row['value']:.3f} {row['interval'] or ''}")
    print(counts, result["tried"])


def write_cases(run: Run, groups: np.ndarray, truth: np.ndarray, logits: np.ndarray) -> None:
    """As `sightline evaluate` reads them: the card's tables and plots are made of these."""
    said, referable = told(logits), 1 / (1 + np.exp(-logits[:, REFERABLE - 1]))
    with run.path("cases.jsonl").open("w") as file:
        for group, grade, own, score in zip(groups, truth, said, referable, strict=True):
            patient = f"group {group}"
            file.write(json.dumps({"kind": "grade", "patient": patient, "truth": int(grade), "told": int(own)}) + "\n")
            file.write(json.dumps({"kind": "labels", "patient": patient, "scores": {"referable": round(float(score), 6)}, "truth": {"referable": bool(grade >= REFERABLE)}}) + "\n")


def steps_of(run: Run) -> list[dict]:
    """The log: how each network's score on its inner split grew. A stage that was cut off and done again counts once."""
    with run.path("log.csv").open(newline="") as file:
        rows = {(int(row["net"]), int(row["step"])): round(float(row["inner"]), 4) for row in csv.DictReader(file)}
    return [{"net": net, "stage": stage, "inner": inner} for (net, stage), inner in rows.items()]
