"""
How sure the eye must be of a region for it to be told: one level for each finding, a higher one for its second region, chosen, and so is the stage that ships,
on validation phantoms: what falls short of the bars least in sum. The eye decides, not the
writer: on validation phantoms what 0.2.0's writer told where the eye saw little was nearly always wrong, and it left out
what the eye saw well.
"""

import numpy as np
import torch

from ..run import Run
from .examples import PLACED, ZONES, Lesion, places_of
from .films import Film, films
from .seen import tokens
from .slots import ORDER
from .vision import Vision

# clinical F1, and side and place right; within the training range and beyond it
BAR, BAR_BEYOND, BAR_PLACE = 0.90, 0.75, 0.98
NAMES = (*ORDER, "lung-mass")
MASS_MM = 30
SIDES = list(dict.fromkeys((slot.key, slot.side) for slot in PLACED))
KEY_OF = np.array([slot.key for slot in PLACED])
# logits
TRIED = np.arange(-2.4, 2.41, 0.2)
BESIDE = (0.0, 0.4, 0.8, 1.2, 1.6, 2.0, 2.4)
SPARE = 0.005


def name_of(kind: str, mm: float) -> int:
    """What a finding is called; a nodule by its size as it is told."""
    return NAMES.index("lung-mass" if kind == "lung-nodule" and int(mm + 0.5) > MASS_MM else kind)


def lies_there(place: str, side: str, one: Lesion) -> bool:
    """Whether a sentence on a region speaks of a lesion's side and, where it names one, zone."""
    return side == one.side and all(zone in one.place for zone in ZONES if zone in place)


class Told:
    """A set of films by what could be told of them: score, name, counted (its finding is there), right (in its place), of each slot."""

    def __init__(self, run: Run, vision: Vision, given: list[Film], state: dict) -> None:
        count, slots = len(given), len(PLACED)
        self.score = np.zeros((count, slots))
        self.name = np.zeros((count, slots), int)
        self.counted, self.right = np.zeros((count, slots), bool), np.zeros((count, slots), bool)
        self.truth, self.sides = np.zeros((count, len(NAMES)), bool), np.zeros((count, len(SIDES)), bool)
        for at in range(0, count, 25):
            own = given[at : at + 25]
            with torch.no_grad():
                _, numbers, _, boxes, _ = tokens(vision, torch.from_numpy(np.stack([f.image for f in own]))[:, None], tuple(run.config["scales"]), state["depths"])
            self.score[at : at + 25] = numbers[:, :slots, 1] * 3
            for n, film in enumerate(own, at):
                self.truth[n, [name_of(one.kind, one.mm) for one in film.lesions]] = True
                self.sides[n, [SIDES.index((one.kind, one.side)) for one in film.lesions]] = True
                for s, (slot, place) in enumerate(zip(PLACED, places_of(numbers[n - at].numpy(), state["doubt"]), strict=True)):
                    x0, y0, x1, y1 = boxes[n - at, s].tolist()
                    self.name[n, s] = name_of(slot.key, state["diameter"] * max(x1 - x0, y1 - y0) * film.pixel_mm)
                    there = [one for one in film.lesions if one.kind == slot.key]
                    self.counted[n, s] = bool(there)
                    self.right[n, s] = any(lies_there(place, slot.side, one) for one in there)

        # whether another region of that finding has a higher score
        self.second = np.stack([(self.score[:, KEY_OF == KEY_OF[s]] > self.score[:, [s]]).any(1) for s in range(slots)], 1)

    def scores(self, level: dict[str, float]) -> list[float]:
        """Clinical F1, micro, the share of side and place right, and F1 of findings with their sides."""
        told = self.score >= np.array([level[s.key] for s in PLACED]) + level["beside"] * self.second
        names, sides = np.zeros_like(self.truth), np.zeros_like(self.sides)
        for s, slot in enumerate(PLACED):
            names[np.flatnonzero(told[:, s]), self.name[told[:, s], s]] = True
            sides[:, SIDES.index((slot.key, slot.side))] |= told[:, s]
        f1 = lambda a, b: float(2 * (a & b).sum() / max(1, a.sum() + b.sum()))  # noqa: E731
        return [f1(names, self.truth), float((told & self.right).sum() / max(1, (told & self.counted).sum())), f1(sides, self.sides)]


def above_bars(scores: dict[str, list[float]]) -> float:
    """
    What is wanting to the bars and a little to spare, in sum, below 0; above them, by a twentieth of all. `scores`: clinical
    F1 and place, in range and beyond it. (The least distance to a bar alone would buy a thousandth of one with any loss of another.)
    """
    distance = [scores["in"][0] - BAR, scores["in"][1] - BAR_PLACE, scores["out"][0] - BAR_BEYOND, scores["out"][1] - BAR_PLACE]
    return sum(min(0.0, d - SPARE) for d in distance) + 0.05 * sum(distance)


def choose(run: Run, vision: Vision, state: dict) -> dict:
    """`level`: of each finding, a logit, and what a second region of a finding needs beside it; `scores`: what that brings on validation phantoms."""
    sets = {
        name: Told(run, vision, films(run.cache, [e for e in run.config["validate"] if e.get("range", "in") == name]), state) for name in ("in", "out")
    }
    of = lambda level: {name: own.scores(level) for name, own in sets.items()}  # noqa: E731

    level = {**dict.fromkeys(ORDER, 0.0), "beside": 2.0}
    for _ in range(3):
        for key in ORDER:
            worths = np.array([above_bars(of({**level, key: v})) for v in TRIED])
            # the middle of what is as good as the best: an edge is an accident of these films
            level[key] = round(float(np.median(TRIED[worths >= worths.max() - 0.002])), 1)
        # the least that brings side and place above the bar with something to spare: more costs second sides that are there
        enough = [v for v in BESIDE if min(own[1] for own in of({**level, "beside": v}).values()) >= BAR_PLACE + SPARE]
        level["beside"] = enough[0] if enough else BESIDE[-1]
    scores = of(level)
    print(f"{state['stage']}: {level}; F1 and place {scores}", flush=True)
    return {"level": level, "scores": scores}
