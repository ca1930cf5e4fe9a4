"""Counting found and false lesions, alike for films and volumes."""

from collections.abc import Sequence
from dataclasses import dataclass

from .statistics import bootstrap, figure, wilson


@dataclass(frozen=True)
class Case:
    """One phantom: planted [(kind, mm or None, found)], said [(kind, true)], and of the found ones those on the right side."""

    planted: tuple[tuple[str, float | None, bool], ...]
    said: tuple[tuple[str, bool], ...]
    sided: tuple[bool, ...] = ()


def f1(cases: Sequence[Case]) -> float:
    found = sum(f for c in cases for _, _, f in c.planted)
    planted = sum(len(c.planted) for c in cases)
    false = sum(not t for c in cases for _, t in c.said)
    return 2 * found / (planted + found + false) if planted + false else 1.0


def false_rate(cases: Sequence[Case]) -> float:
    return sum(not t for c in cases for _, t in c.said) / max(1, len(cases))


def figures(cases: Sequence[Case], kinds: Sequence[str], data: str) -> list[dict]:
    rows = [
        figure("lesion F1", f1(cases), bootstrap(cases, f1), data),
        figure("false findings per study", false_rate(cases), bootstrap(cases, false_rate), data),
    ]
    large = [f for c in cases for _, mm, f in c.planted if mm is None or mm >= 15]
    rows.append(figure("found of lesions of 15 mm or more (and of those without a size)", sum(large) / max(1, len(large)), wilson(sum(large), len(large)), f"{data}, {len(large)} lesions"))
    sides = [s for c in cases for s in c.sided]
    rows.append(figure("side right of those found", sum(sides) / max(1, len(sides)), wilson(sum(sides), len(sides)), f"{data}, {len(sides)} lesions"))
    for kind in kinds:
        own = [f for c in cases for k, _, f in c.planted if k == kind]
        false = sum(not t for c in cases for k, t in c.said if k == kind)
        rows.append(figure(f"{kind}: found", sum(own) / max(1, len(own)), wilson(sum(own), len(own)), f"{data}, {len(own)} lesions"))
        rows.append(figure(f"{kind}: false per study", false / max(1, len(cases)), None, data))
    return rows
