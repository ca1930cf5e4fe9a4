"""Does the sentence agree with its finding? On combinations and wordings that training never saw."""

import re

import numpy as np
import torch

from ..grammar import KEYS, Said
from ..run import Run
from ..statistics import figure, wilson
from ..text import BEGIN, END, PAD, SEPARATOR, UNKNOWN, Vocabulary
from .examples import example, vocabulary
from .network import Network

NAMED = {
    "lung-nodule": r"\b(nodule|mass)\b", "liver-lesion": r"\b(liver|hepatic)\b.*\blesion|\blesion\b.*\b(liver|hepatic)\b", "effusion": r"\beffusions?\b",
    "consolidation": r"\b(consolidation|airspace)\b", "pneumothorax": r"\bpneumothora(x|ces)\b", "cardiomegaly": r"\bcardiomegaly\b|\b(heart|cardiac silhouette) is enlarged\b",
    "atelectasis": r"\batelecta",
}  # fmt: skip


def trained(run: Run) -> tuple[Network, Vocabulary]:
    c = run.config
    words = vocabulary(c["seed"])
    network = Network(len(words), c["width"], c["layers"], c["heads"])
    network.load_state_dict(run.load()["average"])
    return network.eval(), words


def greedy(network: Network, words: Vocabulary, prompts: list[str], most: int) -> list[list[int] | None]:
    """Ids of each sentence without its end; None where it does not come to an end."""
    banned = [PAD, UNKNOWN, BEGIN, SEPARATOR]
    out: list[list[int] | None] = []
    with torch.no_grad():
        for text in prompts:
            ids = [BEGIN, *words.encode(text), SEPARATOR]
            said: list[int] | None = []
            for _ in range(most):
                logits = network(torch.tensor([ids + said]))[0, -1]
                logits[banned] = -torch.inf
                best = int(logits.argmax())
                if best == END:
                    break
                said.append(best)
            else:
                said = None
            out.append(said)
    return out


def numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=[\d.]) (?=[\d.])", "", text))


def agrees(said: Said, sentence: str | None) -> bool:
    """Names the finding, says its side or place and no other, and no number that the finding does not have."""
    if not sentence or not re.search(NAMED[said.key], sentence):
        return False
    left, right, both = (bool(re.search(rf"\b{w}\b", sentence)) for w in ("left", "right", r"(?:bilateral|both)"))
    side = said.side or ("left" if said.place.startswith("left") else "right" if said.place.startswith("right") else "")
    wanted = {"left": (True, False, False), "right": (False, True, False), "bilateral": (False, False, True), "": (False, False, False)}[side]
    if said.place == "lingula" and "lingula" in sentence:
        left = wanted[0]
    if (left, right, both) != wanted:
        return False
    if any(zone in sentence and zone not in said.place for zone in ("upper", "middle", "lower", "lingula")):
        return False
    known = [n for value in (f"{said.mm}" if said.mm is not None else "", said.ml, said.ratio) for n in numbers(value)]
    found = numbers(sentence)
    return all(n in known for n in found) and not (said.mm is not None and said.key in ("lung-nodule", "liver-lesion") and str(said.mm) not in found)


def evaluate(run: Run) -> None:
    network, words = trained(run)
    most = run.config["maxTokens"]
    result = {"figures": [], "comparison": [], "steps": run.load()["step"]}
    for name, held_out, count in (("findings and wordings as in training, newly drawn", False, 150), ("combinations and wordings kept out of training", True, 150)):
        random = np.random.default_rng(991 + held_out)
        cases = [example(random, held_out) for _ in range(count)]
        written = greedy(network, words, [p for _, p, _ in cases], most)
        text = [None if ids is None else words.words(ids) for ids in written]
        good = [agrees(said, t) for (said, _, _), t in zip(cases, text, strict=True)]
        for (said, p, _), t, ok in zip(cases, text, good, strict=True):
            if not ok:
                print("wrong:", p, "=>", t)
        data = f"{name}, n = {count}"
        result["figures"].append(figure("sentence agrees in finding, side, place and numbers", np.mean(good), wilson(sum(good), count), data))
        exact = [t in {words.words(words.encode(o)) for o in own} for (_, _, own), t in zip(cases, text, strict=True)]
        result["figures"].append(figure("sentence is one of the grammar's", np.mean(exact), wilson(sum(exact), count), data))
    order = np.random.default_rng(3).permutation(len(cases))
    constant = max(np.mean([agrees(said, t) for said, _, _ in cases]) for t in (f"there is {n}." for n in ("a pleural effusion", "a lesion in the liver", "cardiomegaly")))
    zero, _ = trained(run)
    for value in zero.state_dict().values():
        value.zero_()
    blind = greedy(zero, words, [p for _, p, _ in cases[:20]], most)
    result["comparison"] = [
        ("this network: sentences that agree (kept out)", result["figures"][2]["value"]),
        ("chance (sentences dealt to other findings)", float(np.mean([agrees(cases[i][0], text[int(j)]) for i, j in enumerate(order)]))),
        ("best constant answer", float(constant)),
        ("zero-weight twin", float(np.mean([agrees(c[0], None if t is None else words.words(t)) for c, t in zip(cases[:20], blind, strict=True)]))),
    ]
    for row in result["figures"]:
        print(row)
    print(result["comparison"], list(KEYS))
    run.write_json("evaluation.json", result)
