"""Reports in many wordings, each with what it tells: what two of them have in common is what their nearness is to be."""

from dataclasses import dataclass

import numpy as np

from ..grammar import KEYS, SEVERITIES, SIDES, ZONES, Said, draw, options, without_numbers
from ..lexicon import NAMES, WORDS
from ..text import Vocabulary, build_vocabulary
from . import concepts
from .concepts import CONCEPTS, COURSE, DEGREES, LEVELS, NORMAL

# how much of a report's meaning each part is
WEIGHTS = {"key": 1.0, "kind": 0.3, "side": 0.4, "zone": 0.4, "degree": 0.25}
FRAMES = (
    "there is {x}.", "there are {x}.", "{x}.", "{x} is seen.", "{x} are noted.", "{x} is present.", "findings of {x}.", "{x} noted.",
    "evidence of {x}.", "findings consistent with {x}.", "findings compatible with {x}.", "{x} is again demonstrated.", "again seen is {x}.",
    "probable {x}.", "possible {x}.", "{x} cannot be excluded.", "this may represent {x}.", "suggestive of {x}.", "{x} without interval change.",
    "interval development of {x}.", "note is made of {x}.", "{x} is identified.", "the patient has {x}.", "{x} in the interim.",
)  # fmt: skip
DENIALS = ("{x}.", "there is {x}.", "{x} is seen.", "{x} is identified.", "{x} are present.")
# the findings of our own report grammar as concepts
OF_GRAMMAR = {"lung-nodule": "nodule"}
BY_KEY = {c.key: c for c in CONCEPTS}
ENTRIES = sorted({c.key for c in CONCEPTS} | {f"kind {k}" for c in CONCEPTS for k in c.kinds})
ENTRY = {name: n for n, name in enumerate(ENTRIES)}


def vocabulary(seed: int) -> Vocabulary:
    random = np.random.default_rng(seed)
    texts = [s for key in KEYS for _ in range(60) for said in [draw(random, key)] for s in options(said, "a")]
    names = [t for yes, no in NAMES.values() for t in (*yes, *no)]
    own = [t for c in CONCEPTS for t in (*c.names, *c.denials)]
    places = [t for words in (*concepts.ZONES.values(), *DEGREES.values(), LEVELS, COURSE, NORMAL) for t in words]
    return build_vocabulary([*texts, *names, *own, *places, *FRAMES, *DENIALS], WORDS, least=3)


@dataclass(frozen=True)
class Finding:
    key: str
    side: str = ""
    zone: str = ""
    degree: str = ""


def finding(random: np.random.Generator) -> Finding:
    own = CONCEPTS[random.integers(len(CONCEPTS))]
    chance = lambda flag, p: flag in own.takes and random.random() < p  # noqa: E731
    side = str(random.choice(("left", "right", "bilateral"), p=(0.38, 0.38, 0.24))) if chance("s", 0.65) else ""
    zone = str(random.choice(list(concepts.ZONES))) if chance("z", 0.5) else ""
    degree = str(random.choice(list(DEGREES))) if chance("m", 0.45) else ""
    return Finding(own.key, side, zone, degree)


def entries(told: tuple[Finding, ...]) -> dict[str, float]:
    """Parts of a report's meaning with their weights."""
    out: dict[str, float] = {}
    for f in told:
        out[f.key] = WEIGHTS["key"]
        for kind in BY_KEY[f.key].kinds:
            out[f"kind {kind}"] = WEIGHTS["kind"]
        for part in ("side", "zone", "degree"):
            if value := getattr(f, part):
                out[f"{f.key} {value}"] = WEIGHTS[part]
    return out


def of_grammar(random: np.random.Generator, said: Said) -> tuple[str, Finding]:
    """A sentence of the report grammar with what it tells."""
    text = str(random.choice(options(said, "a")))
    zone = {"upper": "upper", "middle": "middle", "lower": "lower"}.get(said.place.split(" ")[1] if said.place.count(" ") > 1 else "", "")
    degree = {"small": "mild", "moderate": "moderate", "large": "severe"}.get(said.severity, "")
    side = said.side if said.side in ("left", "right", "bilateral") else ""
    return without_numbers(text) if random.random() < 0.4 else text, Finding(OF_GRAMMAR.get(said.key, said.key), side, zone, degree)


def said_as(random: np.random.Generator, f: Finding) -> str:
    """One wording of a finding."""
    pick = lambda values: str(values[random.integers(len(values))])  # noqa: E731
    own = BY_KEY[f.key]
    words = pick(own.names)
    # a clause of its own ('heart is enlarged') takes nothing before it
    clause = any(verb in words.split() for verb in ("is", "are"))
    if f.degree and not clause:
        words = f"{pick(DEGREES[f.degree])} {words}"
    if random.random() < 0.15 and not clause:
        words = f"{pick(COURSE)} {words}"
    if f.side == "bilateral":
        words = f"bilateral {words}" if random.random() < 0.6 and not clause else f"{words} {pick(('bilaterally', 'on both sides', 'in both lungs'))}"
        if f.zone:
            words += f" in the {pick(concepts.ZONES[f.zone])}s"
    elif f.side and f.zone:
        words += f" {pick(('in', 'at', 'of', 'over', 'within', 'overlying'))} the {f.side} {pick(concepts.ZONES[f.zone])}"
    elif f.side:
        words = f"{f.side} {words}" if random.random() < 0.5 and not clause else f"{words} {pick((f'on the {f.side}', f'on the {f.side} side', f'of the {f.side} lung', f'in the {f.side} hemithorax'))}"
    elif f.zone:
        words += f" in the {pick(concepts.ZONES[f.zone])}"
    if "v" in own.takes and random.random() < 0.3:
        words += f" of the {pick(LEVELS)}"
    frame = pick(("{x}.", "{x}.", "{x} as before.", "the {x}.")) if clause else pick(FRAMES)
    return frame.replace("{x}", words)


def denied(random: np.random.Generator, told: tuple[Finding, ...]) -> str:
    """Something that is not there, or a sentence that tells nothing."""
    pick = lambda values: str(values[random.integers(len(values))])  # noqa: E731
    if random.random() < 0.4:
        return pick(NORMAL) + "."
    for _ in range(8):
        own = CONCEPTS[random.integers(len(CONCEPTS))]
        if own.key in {f.key for f in told} or not own.denials:
            continue
        if random.random() < 0.3:
            other = CONCEPTS[random.integers(len(CONCEPTS))]
            if other.key not in {f.key for f in told}:
                return f"no {pick(own.names)} or {pick(other.names)}."
        return pick(DENIALS).replace("{x}", pick(own.denials)) if random.random() < 0.7 else f"no {pick(own.names)}."
    return pick(NORMAL) + "."


def write(random: np.random.Generator, told: tuple[Finding, ...], normals: int, given: tuple[str, ...] = ()) -> str:
    """A report: what it tells, once or (as an impression does) twice, among what is normal."""
    lines = [said_as(random, f) for f in told] + list(given) + [denied(random, told) for _ in range(normals)]
    lines = [lines[i] for i in random.permutation(len(lines))]
    if random.random() < 0.5:
        lines += [said_as(random, f) for f in told if random.random() < 0.6] or [denied(random, told)]
    return " ".join(lines)


def pair(random: np.random.Generator) -> tuple[tuple[str, dict[str, float]], tuple[str, dict[str, float]]]:
    """Two reports that have something in common, each with its meaning."""
    if random.random() < 0.2:
        key = str(random.choice(KEYS))
        side, zone = str(random.choice(SIDES)), str(random.choice(ZONES))
        severity = str(random.choice(SEVERITIES)) if random.random() < 0.6 else ""
        mm = int(random.integers(4, 60)) if key in ("lung-nodule", "liver-lesion") and random.random() < 0.6 else None
        ratio = f"{random.uniform(0.5, 0.7):.2f}" if key == "cardiomegaly" and random.random() < 0.5 else ""
        unsided = key in ("cardiomegaly", "liver-lesion")
        said = Said("xray", key, "" if unsided else side, "" if unsided or key in ("effusion", "pneumothorax") else f"{side} {zone}", severity, mm, ratio=ratio)
        first, told = of_grammar(random, said)
        second = said_as(random, told) if random.random() < 0.6 else of_grammar(random, said)[0]
        return (first, entries((told,))), (second, entries((told,)))
    count = int(random.choice((1, 2, 3, 4, 5), p=(0.3, 0.28, 0.22, 0.12, 0.08)))
    first = tuple({f.key: f for f in (finding(random) for _ in range(count))}.values())
    kept = tuple(f for f in first if random.random() < 0.75) or first[:1]
    # the same finding elsewhere, or told with less
    kept = tuple(f if random.random() < 0.7 else Finding(f.key, f.side if random.random() < 0.5 else "", "", f.degree if random.random() < 0.5 else "") for f in kept)
    more = tuple(f for f in (finding(random) for _ in range(int(random.integers(0, 3)))) if f.key not in {k.key for k in kept})
    second = kept + more
    # a short question, or a whole report
    normals = lambda: 0 if random.random() < 0.2 else int(random.integers(1, 7))  # noqa: E731
    return (write(random, first, normals()), entries(first)), (write(random, second, normals()), entries(second))


def held_out(random: np.random.Generator, count: int, family: str) -> list[tuple[str, str]]:
    """(what it tells: finding and side, sentence) of a family of phrases."""
    out = []
    while len(out) < count:
        said = draw(random)
        choices = options(said, family)
        out.append((f"{said.key} {said.side}", str(random.choice(choices))))
    return out
