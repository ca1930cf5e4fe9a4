"""Prompts and the sentences that they are to become."""

from dataclasses import replace

import numpy as np

from ..grammar import KEYS, Said, draw, options, prompt, without_numbers
from ..lexicon import NAMES, WORDS
from ..text import BEGIN, END, SEPARATOR, Vocabulary, build_vocabulary

# kept out of training: these combinations are asked only in the evaluation
HELD_OUT = {("lung-nodule", "left middle zone"), ("consolidation", "right lower zone"), ("atelectasis", "left upper zone")}


def vocabulary(seed: int) -> Vocabulary:
    random = np.random.default_rng(seed)
    texts = [s for key in KEYS for _ in range(60) for said in [draw(random, key)] for s in options(said, "a")]
    names = [t for yes, no in NAMES.values() for t in (*yes, *no)]
    return build_vocabulary([*texts, *names, "segment not determined", "xray ct mm ml lung nodule liver lesion"], WORDS)


def is_held_out(said: Said) -> bool:
    return (said.key, said.place) in HELD_OUT or (said.mm is not None and said.mm % 11 == 5)


def example(random: np.random.Generator, held_out: bool = False) -> tuple[Said, str, list[str]]:
    """(finding, prompt, sentences that would do). A lent wording of another finding's sentence picks the phrase."""
    while True:
        said = draw(random)
        if is_held_out(said) == held_out:
            break
    own = options(said, "a")
    u = random.random()
    if u < 0.4:
        return said, prompt(said, ""), own
    # another case of the same finding, with its own side, place and numbers, lends its phrase
    other = draw(random, said.key)
    other = replace(other, modality=said.modality)
    if u < 0.55 or held_out:
        # a phrase that was never learned: what is said must not change
        return said, prompt(said, without_numbers(str(random.choice(options(other, "b"))))) if held_out else prompt(said, noise(random, said)), own
    lent = options(other, "a")
    n = int(random.integers(len(lent)))
    same = [own[n]] if len(lent) == len(own) else own
    return said, prompt(said, without_numbers(lent[n])), same


def noise(random: np.random.Generator, said: Said) -> str:
    """A wording in no order that is ours: names of the finding among words of the field."""
    words = [str(w) for w in random.choice(WORDS, random.integers(2, 12))]
    names = NAMES[said.key][0]
    words.insert(int(random.integers(len(words))), str(random.choice(names)))
    if random.random() < 0.6:
        words.insert(int(random.integers(len(words))), str(random.choice(["left", "right"])))
    return " ".join(words) + "."


def ids(vocabulary: Vocabulary, text: str, sentence: str) -> tuple[list[int], int]:
    """[begin] prompt [separator] sentence [end], and where the sentence begins."""
    head = [BEGIN, *vocabulary.encode(text), SEPARATOR]
    return [*head, *vocabulary.encode(sentence), END], len(head)
