"""On sentences of the held-out family: does the nearest other sentence tell the same finding and side?"""

import numpy as np
import torch

from ..run import Run
from ..statistics import figure, wilson
from ..text import Vocabulary
from .examples import held_out, vocabulary
from .network import Network
from .train import batch_of


def trained(run: Run) -> tuple[Network, Vocabulary]:
    c = run.config
    words = vocabulary(c["seed"])
    network = Network(len(words), c["width"], c["layers"], c["dims"])
    network.load_state_dict(run.load()["average"])
    return network.eval(), words


def embeddings(network: Network, words: Vocabulary, texts: list[str], limit: int) -> np.ndarray:
    with torch.no_grad():
        return np.concatenate([network(*batch_of(words, texts[n : n + 64], limit)).numpy() for n in range(0, len(texts), 64)])


def nearest(vectors: np.ndarray, told: list[tuple[str, str]], against: list[tuple[str, str]] | None = None, others: np.ndarray | None = None) -> list[bool]:
    """For each sentence whether its nearest one of other words tells the same."""
    base = told if against is None else against
    scores = vectors @ (vectors if others is None else others).T
    for i, (_, text) in enumerate(told):
        for j, (_, other) in enumerate(base):
            if text == other:
                scores[i, j] = -2
    return [told[i][0] == base[int(scores[i].argmax())][0] for i in range(len(told))]


def evaluate(run: Run) -> None:
    network, words = trained(run)
    limit = run.config["limit"]
    random = np.random.default_rng(1234)
    b = held_out(random, 300, "b")
    a = held_out(random, 300, "a")
    eb, ea = (embeddings(network, words, [t for _, t in own], limit) for own in (b, a))
    result = {"figures": [], "comparison": [], "steps": run.load()["step"]}
    within = nearest(eb, b)
    across = nearest(eb, b, a, ea)
    result["figures"].append(figure("nearest sentence tells the same finding and side", np.mean(within), wilson(sum(within), len(within)), "phrases of the held-out family, n = 300"))
    result["figures"].append(figure("nearest sentence of the training family tells the same finding and side", np.mean(across), wilson(sum(across), len(across)), "held-out phrases searched among 300 of the training family"))
    chance = [b[i][0] == b[int(j)][0] for i, j in enumerate(random.permutation(len(b)))]
    zero = Network(len(words), run.config["width"], run.config["layers"], run.config["dims"])
    for value in zero.state_dict().values():
        value.zero_()
    most = max(sum(k == kind for k, _ in b) for kind in {k for k, _ in b}) / len(b)
    result["comparison"] = [
        ("this network: nearest tells the same", float(np.mean(within))),
        ("chance", float(np.mean(chance))),
        ("best constant answer", most),
        ("zero-weight twin", float(np.mean(nearest(embeddings(zero, words, [t for _, t in b], limit), b)))),
        ("words in common (Jaccard), no network", float(np.mean(overlap(b)))),
    ]
    for row in result["figures"]:
        print(row)
    print(result["comparison"])
    run.write_json("evaluation.json", result)


def overlap(told: list[tuple[str, str]]) -> list[bool]:
    sets = [set(t.rstrip(".").split()) for _, t in told]
    out = []
    for i, own in enumerate(sets):
        best, at = -1.0, 0
        for j, other in enumerate(sets):
            if told[i][1] != told[j][1] and (s := len(own & other) / len(own | other)) > best:
                best, at = s, j
        out.append(told[i][0] == told[at][0])
    return out
