"""Films with the reports that they are to become: phantoms with their truth, and rows of the NIH label table."""

from dataclasses import dataclass

import numpy as np

from ..text import SPECIAL, Vocabulary, pieces
from . import phrases
from .slots import DEPTH, NUMBERS, PLACED, SLOTS, WHOLE, of_side
from .zones import LOWER, UPPER

# before the first word: whether millimetres can be told; before each sentence: the region it speaks of, or none
SIZED, UNSIZED, PLAIN, MM, RATIO = "[sized]", "[unsized]", "[plain]", "[mm]", "[ratio]"
REGIONS = tuple(f"[region-{n}]" for n in range(len(SLOTS)))
ZONES = ("upper zone", "middle zone", "lower zone")


def vocabulary() -> Vocabulary:
    """Special tokens, regions and the words of our phrases: the drafter can write nothing else."""
    words = sorted({p for text in phrases.every() for p in pieces(text.replace(MM, " ").replace(RATIO, " ")) if p.isascii()})
    return Vocabulary([*SPECIAL, SIZED, UNSIZED, PLAIN, MM, RATIO, *REGIONS, *words])


def spelled(words: Vocabulary, text: str) -> list[int]:
    """Ids of a sentence; [mm] and [ratio] stand for themselves."""
    out: list[int] = []
    for part in text.replace(MM, f"\0{MM}\0").replace(RATIO, f"\0{RATIO}\0").split("\0"):
        out += [words.ids[part]] if part in (MM, RATIO) else words.encode(part)
    return out


@dataclass(frozen=True)
class Line:
    """A sentence and the slot it speaks of; None for what is normal."""

    slot: int | None
    text: str


@dataclass(frozen=True)
class Lesion:
    kind: str
    side: str
    place: str
    severity: str
    mm: float
    box: np.ndarray  # x0, y0, x1, y1 in letterboxed pixels
    across: float  # its diameter in letterboxed pixels, as long as the film is as it was taken


def same_place(a: np.ndarray, b: np.ndarray) -> bool:
    """Three tenths in common, or half of the smaller box inside the other: as models/kit/score.ts has it."""
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return False
    inner, of_a, of_b = w * h, (a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1])
    return inner / (of_a + of_b - inner) >= 0.3 or inner / min(of_a, of_b) >= 0.5


def slots_of(lesions: list[Lesion], boxes: np.ndarray) -> dict[int, Lesion]:
    """Which lesion each slot holds; a nodule, a consolidation or a band only where its box lies on it."""
    out: dict[int, Lesion] = {}
    for lesion in lesions:
        for n in of_side(lesion.kind, lesion.side):
            sure = lesion.kind in ("effusion", "pneumothorax", "cardiomegaly")
            if n not in out and (sure or same_place(boxes[n], lesion.box)):
                out[n] = lesion
                break
    return out


def place_of(key: str, side: str, depth: float, doubt: float) -> str:
    """Where a region lies, as it may be told: near the border of two zones only the lung is named. As models/tasks/report-drafting has it."""
    if key in ("cardiomegaly", "effusion", "pneumothorax"):
        return "heart" if key == "cardiomegaly" else f"{side} hemithorax"
    if key == "atelectasis":
        return f"{side} base"
    if min(abs(depth - UPPER), abs(depth - LOWER)) < doubt:
        return f"{side} lung"
    return f"{side} {ZONES[int(depth >= UPPER) + int(depth >= LOWER)]}"


def places_of(numbers: np.ndarray, doubt: float) -> list[str]:
    """Of each placed slot of a film."""
    return [place_of(s.key, s.side, float(numbers[n, DEPTH]), doubt) for n, s in enumerate(PLACED)]


def report(random: np.random.Generator, lesions: list[Lesion], numbers: np.ndarray, boxes: np.ndarray, sized: bool, doubt: float) -> list[Line]:
    held = slots_of(lesions, boxes)
    lines = [
        Line(n, phrases.sentence(random, own.kind, own.side, place_of(own.kind, own.side, float(numbers[n, DEPTH]), doubt), own.severity, own.mm > 30, sized))
        for n, own in sorted(held.items())
    ]
    there = {own.kind for own in lesions}
    return lines + [Line(None, text) for text in phrases.normals(random, there)]


def label_case(told: set[str], scores: dict[str, float], random: np.random.Generator) -> tuple[np.ndarray, list[Line]]:
    """
    A film of which only labels are known, and how likely each is (0 at its operating point): its slots, and the report of
    the labels. What has no score is not spoken of.
    """
    numbers = np.zeros((len(SLOTS), NUMBERS), np.float32)
    lines = []
    for n, slot in enumerate(WHOLE, len(PLACED)):
        if slot.key not in scores:
            continue
        numbers[n, :2] = 1, np.clip(scores[slot.key], -2.5, 2.5)
        if slot.key in told:
            lines.append(Line(n, phrases.whole(random, slot.key)))
    return numbers, lines + [Line(None, text) for text in phrases.normals(random, told & set(scores))]


def drawn_case(random: np.random.Generator) -> tuple[np.ndarray, list[Line]]:
    """Labels drawn at random, with scores about the operating point, higher where the label is."""
    keys = [slot.key for slot in WHOLE]
    known = keys if random.random() < 0.5 else [str(k) for k in random.choice(keys, random.integers(3, len(keys)), replace=False)]
    told = {str(k) for k in random.choice(known, min(len(known), int(random.integers(0, 5))), replace=False)}
    return label_case(told, {k: float(random.normal(0.55 if k in told else -0.55, 0.45)) for k in known}, random)


def sequence(words: Vocabulary, lines: list[Line], sized: bool) -> list[int]:
    """[begin] [sized] ([region] sentence | [plain] sentence)* [end]"""
    out = [words.ids["[begin]"], words.ids[SIZED if sized else UNSIZED]]
    for line in lines:
        out += [words.ids[PLAIN if line.slot is None else REGIONS[line.slot]], *spelled(words, line.text)]
    return [*out, words.ids["[end]"]]


def parsed(words: Vocabulary, ids: list[int]) -> list[Line]:
    """The lines of what was written; what stands before the first mark is dropped."""
    marks = {words.ids[PLAIN]: None, **{words.ids[r]: n for n, r in enumerate(REGIONS)}}
    lines: list[Line] = []
    open_slot: int | None = None
    own: list[int] | None = None
    for i in [*ids, words.ids[PLAIN]]:
        if i in marks:
            if own:
                lines.append(Line(open_slot, words.words(own).replace(" .", ".").replace(" ,", ",")))
            open_slot, own = marks[i], []
        elif own is not None:
            own.append(i)
    return lines


def bank(words: Vocabulary, seed: int) -> tuple[list[list[int]], list[tuple[str, str]]]:
    """Sentences to retrieve, as ids, and what each is about (finding, side): a wording of each finding, side and degree."""
    random = np.random.default_rng(seed)
    rows, about = [], []
    for slot in PLACED:
        if slot.rank:
            continue
        places = [f"{slot.side} {zone}" for zone in ZONES] if slot.key in ("lung-nodule", "consolidation") else [f"{slot.side} base"] if slot.key == "atelectasis" else [slot.side]
        for place in places:
            for severity in ("small", "moderate", "large"):
                rows.append(spelled(words, phrases.sentence(random, slot.key, slot.side, place, severity, severity == "large", True)))
                about.append((slot.key, slot.side))
    for slot in WHOLE:
        rows.append(spelled(words, phrases.whole(random, slot.key)))
        about.append((slot.key, "any"))
    for unless, texts in phrases.NORMAL:
        rows.append(spelled(words, texts[0]))
        about.append(("normal", unless[0]))
    return rows, about


