"""Writes text-metrics.jsonl beside it: 500 generated pairs and their BLEU, ROUGE-L and CIDEr-D by numpy.

python3 test/data/text-metrics.py    (numpy only; written from the papers and coco-caption's definitions, arrays over a
numbered vocabulary in place of maps of words, so that it shares no way of computing with the TypeScript)
"""

import json
from pathlib import Path

import numpy as np

RANDOM = np.random.default_rng(20)
WORDS = (
    "the a no is are there of in left right lung lower upper lobe small large mild effusion pneumothorax heart size "
    "normal clear opacity nodule with and unchanged seen basal pleural . ,"
).split()
COMMON = 1.0 / np.arange(1, len(WORDS) + 1)
COMMON /= COMMON.sum()


def drawn(length: int) -> list[int]:
    return RANDOM.choice(len(WORDS), length, p=COMMON).tolist()


def altered(words: list[int]) -> list[int]:
    """The same text with words replaced, left out, doubled and moved."""
    out: list[int] = []
    for word in words:
        chance = RANDOM.random()
        if chance < 0.12:
            continue
        out.append(int(RANDOM.choice(len(WORDS), p=COMMON)) if chance < 0.3 else word)
        if chance > 0.93:
            out.append(word)
    if len(out) > 4 and RANDOM.random() < 0.4:
        cut = int(RANDOM.integers(1, len(out) - 1))
        out = out[cut:] + out[:cut]
    return out or [0]


def grams(words: list[int], n: int) -> np.ndarray:
    """Each run of n words as one number; [max(0, len - n + 1)]."""
    if len(words) < n:
        return np.zeros(0, dtype=np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(words, dtype=np.int64), n)
    return windows @ (len(WORDS) ** np.arange(n, dtype=np.int64))


def bleu(hypotheses, references) -> list[float]:
    correct, guessed, length, target = np.zeros(4), np.zeros(4), 0, 0
    for text, others in zip(hypotheses, references):
        sizes = np.array(sorted(len(o) for o in others))
        target += int(sizes[np.abs(sizes - len(text)).argmin()])
        length += len(text)
        for n in range(4):
            own, counts = np.unique(grams(text, n + 1), return_counts=True)
            guessed[n] += counts.sum()
            allowed = np.zeros(len(own))
            for other in others:
                allowed = np.maximum(allowed, (grams(other, n + 1)[None, :] == own[:, None]).sum(axis=1))
            correct[n] += np.minimum(counts, allowed).sum()
    scores = np.exp(np.cumsum(np.log((correct + 1e-15) / (guessed + 1e-9))) / np.arange(1, 5))
    ratio = (length + 1e-15) / (target + 1e-9)
    return (scores * (np.exp(1 - 1 / ratio) if ratio < 1 else 1.0)).tolist()


def subsequence(a: list[int], b: list[int]) -> int:
    table = np.zeros((len(a) + 1, len(b) + 1), dtype=int)
    for i in range(len(a)):
        for j in range(len(b)):
            table[i + 1, j + 1] = table[i, j] + 1 if a[i] == b[j] else max(table[i, j + 1], table[i + 1, j])
    return int(table[-1, -1])


def rouge(text, others) -> float:
    lengths = np.array([subsequence(text, o) for o in others], dtype=float)
    p, r = (lengths / len(text)).max(), (lengths / np.array([len(o) for o in others])).max()
    return 0.0 if p == 0 or r == 0 else float((1 + 1.44) * p * r / (r + 1.44 * p))


def cider(hypotheses, references) -> list[float]:
    scores = np.zeros((len(hypotheses), 4))
    for n in range(4):
        known = np.unique(np.concatenate([grams(t, n + 1) for t in [*hypotheses, *[o for os in references for o in os]]]))
        vector = lambda words: np.bincount(np.searchsorted(known, grams(words, n + 1)), minlength=len(known)).astype(float)  # noqa: E731
        seen = sum((np.max([vector(o) for o in others], axis=0) > 0).astype(float) for others in references)
        rarity = np.log(len(hypotheses)) - np.log(np.maximum(1.0, seen))
        for at, (text, others) in enumerate(zip(hypotheses, references)):
            own = vector(text) * rarity
            for other in others:
                there = vector(other) * rarity
                norm = np.linalg.norm(own) * np.linalg.norm(there)
                off = max(0, len(text) - 1) - max(0, len(other) - 1)
                if norm > 0:
                    scores[at, n] += (np.minimum(own, there) * there).sum() / norm * np.exp(-off * off / 72) / len(others)
    return (10 * scores.mean(axis=1)).tolist()


def main() -> None:
    references = []
    hypotheses = []
    for _ in range(500):
        first = drawn(int(RANDOM.integers(1, 24)))
        references.append([first, *[altered(first) for _ in range(int(RANDOM.integers(0, 3)))]])
        hypotheses.append(altered(first) if RANDOM.random() < 0.85 else drawn(int(RANDOM.integers(1, 20))))
    said = lambda words: " ".join(WORDS[w] for w in words)  # noqa: E731
    ciders = cider(hypotheses, references)
    pairs = [
        {
            "text": said(text),
            "references": [said(o) for o in others],
            "bleu": [round(v, 9) for v in bleu([text], [others])],
            "rouge": round(rouge(text, others), 9),
            "cider": round(ciders[at], 9),
        }
        for at, (text, others) in enumerate(zip(hypotheses, references))
    ]
    corpus = {
        "bleu": [round(v, 9) for v in bleu(hypotheses, references)],
        "rouge": round(float(np.mean([rouge(t, o) for t, o in zip(hypotheses, references)])), 9),
        "cider": round(float(np.mean(ciders)), 9),
    }
    first = {"madeBy": f"test/data/text-metrics.py, numpy {np.__version__}", **corpus}
    text = "".join(f"{json.dumps(line)}\n" for line in [first, *pairs])
    (Path(__file__).parent / "text-metrics.jsonl").write_text(text)


main()
