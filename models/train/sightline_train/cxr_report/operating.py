"""How readily a region is spoken of: one number added to its mark, by finding, with the best clinical F1 on validation phantoms."""

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


def counted(told: list[set[str]], truth: list[set[str]], key: str) -> tuple[int, int, int]:
    """Right, wrong, missed."""
    right = sum(key in a and key in b for a, b in zip(told, truth, strict=True))
    return right, sum(key in a for a in told) - right, sum(key in b for b in truth) - right


def add(drafter: Drafter, words: Vocabulary, by: dict[str, float]) -> None:
    with torch.no_grad():
        for n, slot in enumerate(PLACED):
            drafter.decoder.bias[words.ids[REGIONS[n]]] += by[slot.key]


def choose(run: Run, vision: Vision, drafter: Drafter, words: Vocabulary) -> dict[str, float]:
    """What to add for each finding: each is tried beside the others as they are."""
    given = films(run.cache, run.config["validate"])
    truth = [{one.kind for one in film.lesions} for film in given]
    with torch.no_grad():
        memory = torch.cat([
            drafter.remember(*tokens(vision, torch.from_numpy(np.stack([f.image for f in given[n : n + 25]]))[:, None], tuple(run.config["scales"]))[:3], torch.ones(len(given[n : n + 25])))[0]
            for n in range(0, len(given), 25)
        ])  # fmt: skip
    label = Labeller()
    best = dict.fromkeys(ORDER, (-1.0, 0.0))
    for value in TRIED:
        add(drafter, words, dict.fromkeys(ORDER, value))
        ids = write(drafter.decoder, words, memory, [True] * len(given), run.config["maxTokens"])
        add(drafter, words, dict.fromkeys(ORDER, -value))
        told = [{key for key, _ in there(said)} for said in label([text_of(parsed(words, row[2:])) for row in ids])]
        total = [counted(told, truth, key) for key in ORDER]
        for key, (right, wrong, missed) in zip(ORDER, total, strict=True):
            f1 = 2 * right / max(1, 2 * right + wrong + missed)
            # of equals the one that changes least
            if (f1, -abs(value)) > (best[key][0], -abs(best[key][1])):
                best[key] = (f1, value)
        right, wrong, missed = np.sum(total, 0)
        print(f"{value:+.0f}: clinical F1 {2 * right / (2 * right + wrong + missed):.3f} on {len(given)} validation phantoms", flush=True)
    label.close()
    chosen = {key: value for key, (_, value) in best.items()}
    print(chosen, flush=True)
    return chosen
