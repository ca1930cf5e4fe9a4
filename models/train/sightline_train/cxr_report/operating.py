"""
How readily a region is spoken of: one number added to all of its marks, with the best clinical F1 on validation phantoms.
One for all: a number for each finding, chosen on some thirty films that show it, did worse on films that were not chosen on.
"""

import numpy as np
import torch

from ..run import Run
from ..text import Vocabulary
from .examples import REGIONS, parsed
from .films import films
from .network import Drafter
from .reward import Labeller, text_of, there
from .seen import tokens
from .slots import ORDER, PLACED
from .vision import Vision
from .write import write

TRIED = (0.0, 1.5, 3.0, 4.5, 6.0)


def add(drafter: Drafter, words: Vocabulary, by: dict[str, float]) -> None:
    with torch.no_grad():
        for n, slot in enumerate(PLACED):
            drafter.decoder.bias[words.ids[REGIONS[n]]] += by[slot.key]


def choose(run: Run, vision: Vision, drafter: Drafter, words: Vocabulary) -> dict[str, float]:
    """What to add, for each finding."""
    given = films(run.cache, run.config["validate"])
    truth = [{one.kind for one in film.lesions} for film in given]
    with torch.no_grad():
        memory = torch.cat([
            drafter.remember(*tokens(vision, torch.from_numpy(np.stack([f.image for f in given[n : n + 25]]))[:, None], tuple(run.config["scales"]))[:3], torch.ones(len(given[n : n + 25])))[0]
            for n in range(0, len(given), 25)
        ])  # fmt: skip
    label = Labeller()
    best = (-1.0, 0.0)
    for value in TRIED:
        add(drafter, words, dict.fromkeys(ORDER, value))
        ids = write(drafter.decoder, words, memory, [True] * len(given), run.config["maxTokens"])
        add(drafter, words, dict.fromkeys(ORDER, -value))
        told = [{key for key, _ in there(said)} for said in label([text_of(parsed(words, row[2:])) for row in ids])]
        right = sum(len(a & b) for a, b in zip(told, truth, strict=True))
        f1 = 2 * right / max(1, sum(map(len, told)) + sum(map(len, truth)))
        print(f"{value:+.1f}: clinical F1 {f1:.3f} on {len(given)} validation phantoms", flush=True)
        best = max(best, (f1, value))
    label.close()
    return dict.fromkeys(ORDER, best[1])
