"""
How readily a region is spoken of: one number added to all of its marks. It is chosen, and so is the stage that ships, by
clinical F1 on validation phantoms: what lies furthest above its bar, or nearest to it, where it is worst of the two ranges.
One number for all findings: one for each, chosen on some thirty films that show it, did worse on films that were not chosen on.
"""

import numpy as np
import torch

from ..run import Run
from ..text import Vocabulary
from . import phrases
from .examples import PLAIN, REGIONS, SIZED, places_of, spelled
from .films import Film, films
from .network import LONGEST, Drafter
from .seen import tokens
from .slots import ORDER, PLACED
from .vision import Vision

# clinical F1 within the training range and beyond it
BAR, BAR_BEYOND = 0.90, 0.75
TRIED = (-4.5, -3.0, -1.5, 0.0, 1.5, 3.0, 4.5)


def add(drafter: Drafter, words: Vocabulary, by: dict[str, float]) -> None:
    with torch.no_grad():
        for n, slot in enumerate(PLACED):
            drafter.decoder.bias[words.ids[REGIONS[n]]] += by[slot.key]


def remembered(run: Run, vision: Vision, drafter: Drafter, given: list[Film], state: dict) -> tuple[torch.Tensor, list[list[str]]]:
    """What the writer is given of each film, and the places of its regions."""
    memory, places = [], []
    with torch.no_grad():
        for n in range(0, len(given), 25):
            own = torch.from_numpy(np.stack([f.image for f in given[n : n + 25]]))[:, None]
            grid, numbers, features, _, _ = tokens(vision, own, tuple(run.config["scales"]), state["depths"])
            memory.append(drafter.remember(grid, numbers, features, torch.ones(len(own)))[0])
            places += [places_of(row.numpy(), state["doubt"]) for row in numbers]
    return torch.cat(memory), places


def regions_told(drafter: Drafter, words: Vocabulary, memory: torch.Tensor, places: list[list[str]]) -> list[list[int]]:
    """Which regions a report speaks of, each in one fixed wording: the marks are what an operating point moves."""
    random = np.random.default_rng(0)
    texts = [[spelled(words, phrases.sentence(random, s.key, s.side, own[n], "moderate", False, True)) for n, s in enumerate(PLACED)] for own in places]
    ids = [[words.ids["[begin]"], words.ids[SIZED]] for _ in places]
    told: list[list[int]] = [[] for _ in places]
    marks = torch.tensor([words.ids[t] for t in (*REGIONS[: len(PLACED)], PLAIN, "[end]")])
    open_ = list(range(len(places)))
    while open_:
        longest = max(len(ids[n]) for n in open_)
        x = torch.tensor([ids[n] + [0] * (longest - len(ids[n])) for n in open_])
        with torch.no_grad():
            logits = drafter.decoder(x, memory[open_])
        still = []
        for row, n in enumerate(open_):
            own = logits[row, len(ids[n]) - 1, marks]
            if told[n]:
                own[: told[n][-1] + 1] = -1e9
            at = int(own.argmax())
            if at < len(PLACED) and len(ids[n]) + len(texts[n][at]) < LONGEST:
                told[n].append(at)
                ids[n] += [int(marks[at]), *texts[n][at]]
                still.append(n)
        open_ = still
    return told


def above_bars(run: Run, scores: dict[str, float]) -> float:
    """The least distance of a set's clinical F1 to its bar."""
    return min(scores[e["name"]] - (BAR_BEYOND if e.get("range") == "out" else BAR) for e in run.config["validate"])


def choose(run: Run, vision: Vision, drafter: Drafter, words: Vocabulary, state: dict) -> dict:
    """`add`: what to add, for each finding; `scores`: clinical F1 with it, by set."""
    sets = []
    for entry in run.config["validate"]:
        given = films(run.cache, [entry])
        sets.append((entry["name"], [{one.kind for one in film.lesions} for film in given], *remembered(run, vision, drafter, given, state)))
    best: tuple[float, float, dict[str, float]] = (-1.0, 0.0, {})
    for value in TRIED:
        add(drafter, words, dict.fromkeys(ORDER, value))
        scores = {}
        for name, truth, memory, places in sets:
            told = [{PLACED[n].key for n in row} for row in regions_told(drafter, words, memory, places)]
            right = sum(len(a & b) for a, b in zip(told, truth, strict=True))
            scores[name] = 2 * right / max(1, sum(map(len, told)) + sum(map(len, truth)))
        add(drafter, words, dict.fromkeys(ORDER, -value))
        print(f"{state['stage']} {value:+.1f}: clinical F1 {' '.join(f'{v:.3f} on {k}' for k, v in scores.items())}", flush=True)
        best = max(best, (above_bars(run, scores), value, scores), key=lambda one: one[0])
    return {"add": dict.fromkeys(ORDER, best[1]), "scores": best[2]}
