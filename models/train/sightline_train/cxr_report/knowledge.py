"""
What is known before a film is seen: a graph of findings, anatomy and attributes. Where findings lie and how they are
qualified is our grammar's; how often findings come together is counted from the label table of NIH ChestX-ray14.
"""

import csv
from pathlib import Path

import numpy as np

from .slots import KEYS, NIH

ANATOMY = ("left upper zone", "left middle zone", "left lower zone", "right upper zone", "right middle zone", "right lower zone", "left pleura", "right pleura", "heart", "mediastinum")
ATTRIBUTES = ("small", "moderate", "large")
NODES = (*KEYS, *ANATOMY, *ATTRIBUTES)
RELATIONS = ("together with", "lies in", "qualified by")
IN_LUNG = ("lung-nodule", "lung-mass", "consolidation", "infiltrate", "pneumonia", "edema", "atelectasis", "fibrosis", "emphysema")
IN_PLEURA = ("pneumothorax", "effusion", "pleural-thickening")


def rows(nih: Path) -> list[dict[str, str]]:
    with (nih / "index.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def labels_of(row: dict[str, str]) -> list[str]:
    """Findings of a film in our words; empty for 'No Finding'."""
    return [NIH[label] for label in row["labels"].split("|") if label in NIH]


def together(films: list[list[str]]) -> np.ndarray:
    """
    [findings, findings], 0..1: how much more often two come together than by chance (positive pointwise mutual
    information, normalised; one film added to each count, so that rare ones do not rule).
    """
    n = len(KEYS)
    count, pairs = np.ones(n), np.zeros((n, n))
    for told in films:
        at = sorted({KEYS.index(k) for k in told})
        for i in at:
            count[i] += 1
            for j in at:
                if i != j:
                    pairs[i, j] += 1
    total = len(films) + n
    expected = np.outer(count, count) / total
    gain = np.log((pairs + 0.5) / (expected + 0.5))
    return np.clip(gain / np.log(total), 0, 1) * (1 - np.eye(n))


def graph(films: list[list[str]]) -> np.ndarray:
    """[relations, nodes, nodes], rows sum to at most 1."""
    at = {name: n for n, name in enumerate(NODES)}
    edges = np.zeros((len(RELATIONS), len(NODES), len(NODES)), np.float32)
    n = len(KEYS)
    edges[0, :n, :n] = together(films)
    for key in KEYS:
        places = [a for a in ANATOMY if ("zone" in a and key in IN_LUNG) or ("pleura" in a and key in IN_PLEURA) or (a == "heart" and key == "cardiomegaly") or (a == "mediastinum" and key == "hernia")]
        for place in places:
            edges[1, at[key], at[place]] = edges[1, at[place], at[key]] = 1
        for word in ATTRIBUTES:
            edges[2, at[key], at[word]] = edges[2, at[word], at[key]] = 1
    return edges / np.maximum(1, edges.sum(2, keepdims=True))
