"""
Real films, out of fold: drafts from the probabilities that the X-ray recipe wrote for films its heads never saw
(cxr_findings' folds), beside a constant, the nearest film's report and the template. The shipped drafter was trained on no
label of these films; for each fold it goes on for a few steps on the other folds' films, with the probabilities that inner
heads gave them, and what it knows of labels that come together is counted anew from these films alone.
"""

import copy
import json
from pathlib import Path

import numpy as np
import torch

from ..run import Run, descend, one_cycle, seed_everything
from ..text import Vocabulary
from . import knowledge, phrases
from .examples import REGIONS, label_case, parsed, sequence
from .export import trained
from .network import Drafter
from .seen import blank, stack
from .slots import KEYS, NIH
from .train import pad_features, padded, weights_of, writing_loss
from .write import write

def logit(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, 1e-4, 1 - 1e-4)
    return np.log(p / (1 - p))


def text_of(told: list[str], random: np.random.Generator) -> str:
    return " ".join(t.capitalize() for t in [*(phrases.WHOLE[k][0] for k in KEYS if k in told), *phrases.normals(random, set(told))])


def nearest(features: np.ndarray, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """For each film of `test` the nearest of `train`, features standardised on `train` and cut at 5 deviations."""
    mean, deviation = features[train].mean(0), features[train].std(0) + 1e-6
    x = np.clip((features - mean) / deviation, -5, 5)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return train[(x[test] @ x[train].T).argmax(1)]


# a finding is worth telling from a probability of about a quarter on, where F1 is about a half: its mark counts three times
TOLD = 3.0


def fitted(base: Drafter, words: Vocabulary, films: list[list[str]], scores: np.ndarray, truth: list[list[str]], names: list[str], own: dict, seed: int) -> Drafter:
    """The drafter after a few steps on training films."""
    drafter = copy.deepcopy(base).train()
    drafter.memory.edges.copy_(torch.from_numpy(knowledge.graph(films)))
    random = seed_everything(seed)
    weight = weights_of(words)
    weight[[words.ids[r] for r in REGIONS]] *= TOLD
    optimiser = torch.optim.AdamW(drafter.parameters(), lr=own["rate"], weight_decay=0.01)
    for step in range(own["steps"]):
        at = random.integers(len(scores), size=own["batch"])
        cases = [label_case(set(truth[i]), dict(zip(names, map(float, scores[i]), strict=True)), random) for i in at]
        x = padded([sequence(words, lines, False) for _, lines in cases])
        memory, _ = drafter.remember(*stack([pad_features(blank(numbers)) for numbers, _ in cases])[:3], torch.zeros(len(cases)))
        for group in optimiser.param_groups:
            group["lr"] = one_cycle(step, own["steps"], own["rate"])
        loss = writing_loss(drafter.decoder(x[:, :-1], memory), x, weight)
        descend(optimiser, loss, 1.0)
    print(f"fitted on {len(films)} films, loss {loss.item():.3f}", flush=True)
    return drafter.eval()


def drafts(run: Run, oof: Path) -> None:
    """cases.jsonl of each system into <run>/films/<system>/."""
    data = np.load(oof, allow_pickle=False)
    fold, names = data["fold"], [str(n) for n in data["label_names"]]
    _, base, words, _ = trained(run)
    random = np.random.default_rng(run.config["seed"])
    truth = [[names[j] for j in np.flatnonzero(row)] for row in data["labels"]]
    told: dict[str, list[str]] = {name: [""] * len(fold) for name in ("network", "template", "nearest", "normal")}
    for k in np.unique(fold):
        train, test = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        films = [[NIH[label] for label in str(data["all_labels"][i]).split("|") if label in NIH] for i in train]
        inner, level = logit(data["inner_probability"][k][train]), logit(data["thresholds"][k])
        spread = inner.std(0) * 1.5
        score = (logit(data["oof_probability"][test]) - level) / spread
        drafter = fitted(base, words, films, (inner - level) / spread, [truth[i] for i in train], names, run.config["films"], run.config["seed"] + int(k))
        cases = [blank(label_case(set(), dict(zip(names, map(float, row), strict=True)), random)[0]) for row in score]
        grid, numbers, features, _ = stack([pad_features(c) for c in cases])
        with torch.no_grad():
            memory, _ = drafter.remember(grid, numbers, features, torch.zeros(len(cases)))
        written = write(drafter.decoder, words, memory, [False] * len(cases), run.config["maxTokens"])
        near = nearest(data["features"], train, test)
        for at, i in enumerate(test):
            told["network"][i] = " ".join(line.text.capitalize() for line in parsed(words, written[at][2:]))
            told["template"][i] = text_of([n for n, s in zip(names, score[at], strict=True) if s >= 0], random)
            told["nearest"][i] = text_of(truth[near[at]], random)
            told["normal"][i] = text_of([], random)
    for name, texts in told.items():
        folder = run.path("films") / name
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "cases.jsonl").open("w") as file:
            for patient, text, own in zip(data["patient"], texts, truth, strict=True):
                file.write(json.dumps({"kind": "report", "patient": str(patient), "draft": text, "reference": text_of(own, random), "truth": own, "grounding": None}) + "\n")
