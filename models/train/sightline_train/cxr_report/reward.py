"""
Third stage, reward: a drawn draft against the greedy one of the same film (self-critical, Rennie et al. 2017), by what the
repository's own labeller reads in both: findings with their sides, against what the film shows.
"""

import json
import subprocess
import time

import numpy as np
import torch
from torch.nn import functional as F

from ..phantoms import REPOSITORY
from ..run import Average, Run, descend, seed_everything
from ..text import PAD
from .examples import Line, parsed, places_of
from .films import films
from .seen import Seen, stack
from .slots import SLOTS
from .train import drafter_of, label_rows, lines_of, pad_features, padded, row_of, sequence, shown_by, weights_of, writing_loss
from .vision import Vision
from .write import write


class Labeller:
    """models/train/tools/labels.ts, asked again and again."""

    def __init__(self) -> None:
        tool = REPOSITORY / "models" / "train" / "tools" / "labels.ts"
        self.process = subprocess.Popen([str(REPOSITORY / "node_modules" / ".bin" / "node"), str(tool)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, texts: list[str]) -> list[list[dict]]:
        """What each text says: {key, status, side, severity, sentence}."""
        self.process.stdin.write(json.dumps(texts) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def text_of(lines: list[Line]) -> str:
    """As the reader gets it; a size and a ratio stand for any."""
    return " ".join(line.text.replace("[mm]", "12 mm").replace("[ratio]", "0.55").capitalize() for line in lines)


def there(said: list[dict]) -> set[tuple[str, str]]:
    return {(one["key"].replace("lung-mass", "lung-nodule"), one["side"] or "") for one in said if one["status"] == "present"}


def f1(told: set, truth: set) -> float:
    return 1.0 if not told and not truth else 2 * len(told & truth) / (len(told) + len(truth))


def worth(lines: list[Line], said: list[dict], own: Seen) -> float:
    """F1 of findings with sides, a little for each sentence too many or said twice."""
    truth = {(one.kind, one.side) for one in own.lesions}
    texts = [line.text for line in lines]
    wrong_side = sum(1 for line in lines if line.slot is not None and SLOTS[line.slot].side and SLOTS[line.slot].side not in line.text)
    return f1(there(said), truth) - 0.1 * (len(texts) - len(set(texts))) - 0.2 * wrong_side


def stage(run: Run, state: dict) -> None:
    config, own = run.config, run.config["reward"]
    random = seed_everything(config["seed"] + 2)
    vision = Vision()
    vision.load_state_dict(state["vision"])
    # what the vision sees after it has learned all together is not what it saw before
    name = "seen.pt" if config["together"]["steps"] == 0 else "seen-together.pt"
    shown, measured = shown_by(run, vision, films(run.cache, config["train"]), random, name)
    drafter, words, _ = drafter_of(config, label_rows(config))
    drafter.load_state_dict(state["average"] if state["stage"] != "reward" else state["drafter"])
    average = Average(drafter, 0.97)
    step = 0
    if state["stage"] == "reward":
        average.state, step = state["average"], state["step"]
        random = np.random.default_rng([config["seed"] + 2, step])
    optimiser = torch.optim.AdamW(drafter.parameters(), lr=own["rate"])
    label, weight = Labeller(), weights_of(words)
    sums, since, start = np.zeros(3), 0, time.time()
    while step < own["steps"]:
        batch = [pad_features(shown[random.integers(len(shown))]) for _ in range(own["batch"])]
        grid, numbers, features, seen = stack(batch)
        n = len(batch)
        memory, _ = drafter.remember(grid, numbers, features, seen)
        sized = [bool(random.random() < 0.7) for _ in range(n)]
        drawn = torch.tensor([False] * n + [True] * n)
        ids = write(drafter.decoder, words, memory.detach().repeat(2, 1, 1), sized * 2, config["maxTokens"], [places_of(b.numbers, measured["doubt"]) for b in batch] * 2, drawn)
        lines = [parsed(words, row[2:]) for row in ids]
        said = label([text_of(one) for one in lines])
        reward = [worth(one, told, batch[i % n]) for i, (one, told) in enumerate(zip(lines, said, strict=True))]
        gain = torch.tensor(reward[n:]) - torch.tensor(reward[:n])
        x = padded([[*row, words.ids["[end]"]] for row in ids[n:]])
        target = x[:, 1:]
        each = F.cross_entropy(drafter.decoder(x[:, :-1], memory).transpose(1, 2), target, reduction="none") * (target != PAD)
        told = padded([sequence(words, lines_of(random, b, measured["doubt"], s), s) for b, s in zip(batch, sized, strict=True)])
        # beside the reward, the words as they were taught
        losses = ((each.sum(1) / 10 * gain).mean(), 0.3 * writing_loss(drafter.decoder(told[:, :-1], memory), told, weight))
        descend(optimiser, sum(losses), 1.0)
        step += 1
        average.update(drafter, step)
        sums += [float(np.mean(reward[:n])), float(np.mean(reward[n:])), losses[1].item()]
        since += 1
        if step % 10 == 0 or step == own["steps"]:
            run.log(row_of("reward", step, start, writing=sums[2] / since, greedy=sums[0] / since, drawn=sums[1] / since))
            sums, since = np.zeros(3), 0
            run.save({**state, **measured, "stage": "reward", "step": step, "drafter": drafter.state_dict(), "average": average.state})
    label.close()


