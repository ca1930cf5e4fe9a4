"""Pairs of texts that say the same in other words."""

from dataclasses import dataclass

import numpy as np

from ..grammar import KEYS, SEVERITIES, SIDES, ZONES, Said, draw, options, without_numbers
from ..lexicon import NAMES, WORDS
from ..text import Vocabulary, build_vocabulary

FRAMES = (
    "there is {x}.", "{x}.", "{x} is seen.", "{x} is present.", "findings of {x}.", "{x} noted.", "evidence of {x}.",
    "{x} is again demonstrated.", "stable {x}.", "probable {x}.", "new {x}.", "{x} without interval change.",
)  # fmt: skip
DENIALS = ("{x}.", "there is {x}.", "{x} is seen.", "{x} is identified.")


def vocabulary(seed: int) -> Vocabulary:
    random = np.random.default_rng(seed)
    texts = [s for key in KEYS for _ in range(60) for said in [draw(random, key)] for s in options(said, "a")]
    names = [t for yes, no in NAMES.values() for t in (*yes, *no)]
    return build_vocabulary([*texts, *names, *FRAMES, *DENIALS], WORDS, least=3)


@dataclass(frozen=True)
class Meaning:
    key: str
    denied: bool
    side: str
    place: str
    severity: str


def meaning(random: np.random.Generator) -> Meaning:
    key = str(random.choice(list(NAMES)))
    denied = bool(random.random() < 0.3)
    side = str(random.choice(SIDES)) if random.random() < 0.7 else ""
    place = f"{side} {random.choice(ZONES)}" if side and random.random() < 0.5 else ""
    return Meaning(key, denied, "" if denied else side, "" if denied else place, "" if denied or random.random() < 0.4 else str(random.choice(SEVERITIES)))


SAME_PLACE = {
    "upper zone": ("upper zone", "upper lobe", "apex", "upper lung", "apical region"),
    "middle zone": ("middle zone", "mid lung", "midlung zone", "perihilar region", "middle lobe"),
    "lower zone": ("lower zone", "lower lobe", "base", "lung base", "basal segments"),
}
SAME_SEVERITY = {
    "small": ("small", "mild", "minimal", "tiny", "slight", "trace"),
    "moderate": ("moderate", "moderate-sized", "moderately large"),
    "large": ("large", "marked", "severe", "extensive", "massive"),
}


def sentence(random: np.random.Generator, m: Meaning) -> str:
    """One wording of a meaning; half of those that our report grammar can write come from its family 'a'."""
    yes, no = NAMES[m.key]
    pick = lambda values: str(values[random.integers(len(values))])  # noqa: E731
    if m.denied:
        return pick(DENIALS).replace("{x}", pick(no)) if random.random() < 0.6 else f"no {pick(yes)}."
    if m.key in KEYS and random.random() < 0.5:
        mm = int(random.integers(4, 60)) if m.key in ("lung-nodule", "liver-lesion") and random.random() < 0.6 else None
        ratio = f"{random.uniform(0.5, 0.7):.2f}" if m.key == "cardiomegaly" and random.random() < 0.5 else ""
        said = Said("xray", m.key, m.side, m.place, m.severity, mm, ratio=ratio)
        text = pick(options(said, "a"))
        return without_numbers(text) if random.random() < 0.3 else text
    words = pick(yes)
    if m.severity:
        words = f"{pick(SAME_SEVERITY[m.severity])} {words}"
    if m.place:
        side, zone = m.place.split(" ", 1)
        words += f" {pick(('in', 'at', 'of', 'over', 'within'))} the {side} {pick(SAME_PLACE[zone])}"
    elif m.side:
        words = f"{m.side} {words}" if random.random() < 0.4 else f"{words} {pick(('on the ' + m.side, 'on the ' + m.side + ' side', 'in the ' + m.side + ' lung', 'in the ' + m.side + ' hemithorax'))}"
    return pick(FRAMES).replace("{x}", words)


def pair(random: np.random.Generator) -> tuple[str, str, Meaning]:
    """Two wordings of one meaning; of several meanings in another order, for the search over whole reports."""
    m = meaning(random)
    if random.random() < 0.65:
        return sentence(random, m), sentence(random, m), m
    others = [m, *(meaning(random) for _ in range(int(random.integers(1, 4))))]
    first = " ".join(sentence(random, o) for o in others)
    if random.random() < 0.4:
        # a short question finds the report that holds it
        return sentence(random, m), first, m
    return first, " ".join(sentence(random, others[i]) for i in random.permutation(len(others))), m


def held_out(random: np.random.Generator, count: int, family: str) -> list[tuple[str, str]]:
    """(what it tells: finding and side, sentence) of a family of phrases."""
    out = []
    while len(out) < count:
        said = draw(random)
        choices = options(said, family)
        out.append((f"{said.key} {said.side}", str(random.choice(choices))))
    return out
