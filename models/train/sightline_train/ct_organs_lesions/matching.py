"""Which told lesion is which true one."""

import numpy as np

from ..lesions import Case
from .answer import Lesion, side_of
from .examples import LESIONS


def planted(truth: dict) -> list[dict]:
    return [lesion for lesion in truth["lesions"] if lesion["visible"] and lesion["voxelBox"] and lesion["kind"] in LESIONS]


def case_of(truth: dict, ids: np.ndarray, said: list[Lesion], labels: np.ndarray | None) -> Case:
    """
    A component finds the lesion of its kind that holds most of it (at least a voxel). Effusion is one finding a side;
    a second component in one lesion, or one that touches none, is false.
    """
    wanted = planted(truth)
    taken: dict[int, bool] = {lesion["id"]: False for lesion in wanted}
    kinds = {lesion["id"]: lesion for lesion in wanted}
    told, sides = [], []
    for lesion in sorted(said, key=lambda s: -s.ml):
        own = ids.reshape(-1)[lesion.voxels]
        held = [(int((own == n).sum()), n) for n in taken if kinds[n]["kind"] == lesion.kind]
        hit = max(held, default=(0, 0))
        if hit[0] == 0:
            told.append((lesion.kind, False))
        elif taken[hit[1]]:
            if lesion.kind != "effusion":
                told.append((lesion.kind, False))
        else:
            taken[hit[1]] = True
            told.append((lesion.kind, True))
            if labels is not None and kinds[hit[1]]["side"]:
                sides.append(side_of(labels, lesion.centre) == kinds[hit[1]]["side"])
    return Case(
        tuple((k["kind"], k["sizeMm"] if k["kind"] != "effusion" else None, taken[n]) for n, k in kinds.items()), tuple(told), tuple(sides)
    )
