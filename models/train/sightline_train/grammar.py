"""
Sentences of reports from structured findings, in two families of phrases: 'a' to train on, 'b' held out. Our own words;
nothing is taken or counted from anybody's reports. The families share medical terms but no sentence.
"""

from dataclasses import dataclass, replace

import numpy as np

KEYS = ("lung-nodule", "liver-lesion", "effusion", "consolidation", "pneumothorax", "cardiomegaly", "atelectasis")
SIDES = ("left", "right")
ZONES = ("upper zone", "middle zone", "lower zone")
LOBES = ("left upper lobe", "left lower lobe", "lingula", "right upper lobe", "right middle lobe", "right lower lobe")
SEVERITIES = ("small", "moderate", "large")
DEGREE = {"small": "mild", "moderate": "moderate", "large": "marked"}


@dataclass(frozen=True)
class Said:
    """What a sentence is to say; '' or None for what is not known."""

    modality: str  # 'ct' or 'xray'
    key: str
    side: str = ""
    place: str = ""
    severity: str = ""
    mm: int | None = None
    ml: str = ""
    ratio: str = ""


def draw(random: np.random.Generator, key: str | None = None) -> Said:
    """A finding as the networks here or a reader give it."""
    key = key or str(random.choice(KEYS))
    modality = "ct" if key == "liver-lesion" else "xray" if key in ("cardiomegaly", "pneumothorax", "atelectasis") and random.random() < 0.8 else str(random.choice(["ct", "xray"]))  # fmt: skip
    side = str(random.choice(SIDES))
    maybe = lambda value, p: value if random.random() < p else type(value)()  # noqa: E731
    severity = str(random.choice(SEVERITIES))
    if key == "liver-lesion":
        return Said(modality, key, place=maybe("segment not determined", 0.8), severity=maybe(severity, 0.85), mm=draw_mm(random, 0.9), ml=draw_ml(random, 0.6))
    if key == "cardiomegaly":
        return Said(modality, key, place=maybe("heart", 0.9), severity=maybe(severity, 0.7), ratio=f"{random.uniform(0.5, 0.75):.2f}" if random.random() < 0.75 else "")
    if key in ("effusion", "pneumothorax"):
        if random.random() < 0.1:
            side = "bilateral"
        place = f"{side} hemithorax" if side != "bilateral" and random.random() < 0.85 else ""
        return Said(modality, key, maybe(side, 0.97), place, maybe(severity, 0.85), ml=draw_ml(random, 0.7 if modality == "ct" and key == "effusion" else 0.0, 1500))
    u = random.random()
    place = f"{side} {random.choice(ZONES)}" if u < 0.62 else f"{side} lung" if u < 0.72 else str(random.choice(LOBES)) if u < 0.9 else ""
    if place in LOBES:
        side = "right" if place.startswith("right") else "left"
    said = Said(modality, key, side if place or random.random() < 0.8 else "", place, maybe(severity, 0.85))
    if key == "lung-nodule":
        said = replace(said, mm=draw_mm(random, 0.85), ml=draw_ml(random, 0.7) if modality == "ct" else "")
    return said


def draw_mm(random: np.random.Generator, p: float) -> int | None:
    return int(random.integers(3, 100)) if random.random() < p else None


def draw_ml(random: np.random.Generator, p: float, most: float = 60) -> str:
    if random.random() >= p:
        return ""
    v = float(np.exp(random.uniform(np.log(0.2), np.log(most))))
    return f"{v:.1f} ml" if v < 10 else f"{v:.0f} ml"


def prompt(said: Said, wording: str) -> str:
    """The network's prompt: the same text as models/tasks/report-generation/prompt.ts writes."""
    fields = [
        said.modality, said.key.replace("-", " "), said.side, said.place, said.severity,
        "" if said.mm is None else f"{said.mm} mm", said.ratio or said.ml, wording,
    ]  # fmt: skip
    return " | ".join(" ".join(f.replace("|", " ").split()).lower() or "-" for f in fields)


def article(mm: int) -> str:
    return "an" if mm in (8, 11, 18) or 80 <= mm < 90 else "a"


def where(said: Said) -> str:
    """' in the right upper zone', ' in the right lung', '' where nothing is known."""
    if said.place and said.place not in ("heart", "segment not determined"):
        return f" in the {said.place}"
    return f" in the {said.side} lung" if said.side in SIDES else " in both lungs" if said.side == "bilateral" else ""


def options(said: Said, family: str) -> list[str]:
    """All sentences of a family for a finding, in a fixed order; only what is known is said."""
    a = family == "a"
    s, mm = said.severity, said.mm
    sized = "" if mm is None else f"{mm} mm "
    an = "a" if mm is None else article(mm)
    if said.key == "lung-nodule":
        noun = "mass" if mm is not None and mm > 30 else "nodule"
        w = where(said)
        kind = noun if w else f"pulmonary {noun}"
        if mm is None and s:
            return [f"there is a {s} {kind}{w}.", f"a {s} {kind} is seen{w}."] if a else [f"note is made of a {s} {kind}{w}."]
        if a:
            out = [f"there is {an} {sized}{kind}{w}.", f"{an} {sized}{kind} is present{w}.", f"{an} {sized}{kind} is seen{w}."]
            if mm is not None:
                out += [f"there is a {kind}{w} measuring {mm} mm.", f"a {kind}{w} measures {mm} mm in greatest diameter."]
            return out
        return [f"note is made of {an} {sized}{kind}{w}.", f"{an} {sized}focal {kind} is identified{w}."]
    if said.key == "liver-lesion":
        if mm is None and s:
            return [f"there is a {s} lesion in the liver.", f"the liver contains a {s} lesion."] if a else [f"a {s} focal lesion is identified within the liver."]
        if a:
            out = [f"there is {an} {sized}lesion in the liver.", f"{an} {sized}focal lesion is seen in the liver.", f"the liver contains {an} {sized}lesion."]
            return out + ([f"there is a focal liver lesion measuring {mm} mm."] if mm is not None else [])
        return [f"{an} {sized}focal hepatic lesion is identified.", f"within the liver there is {an} {sized}lesion."]
    if said.key in ("effusion", "pneumothorax"):
        noun = "pleural effusion" if said.key == "effusion" else "pneumothorax"
        many = "pleural effusions" if said.key == "effusion" else "pneumothoraces"
        if said.side == "bilateral":
            g = f"{s} " if s else ""
            return [f"there are {g}bilateral {many}.", f"{g}bilateral {many} are present."] if a else [f"{g}{many} are identified on both sides."]
        g, side = f"{s} " if s else "", f"{said.side} " if said.side else ""
        at = f" on the {said.side}" if said.side else ""
        if a:
            out = [f"there is a {g}{side}{noun}.", f"a {g}{noun} is present{at}.", f"{g}{side}{noun}."]
            return out + ([f"there is a {g}{side}{noun} of about {said.ml}."] if said.ml else [])
        return [f"the {side}pleural space contains a {g}effusion." if said.key == "effusion" else f"a {g}{noun} is identified{at}.", f"{g}{noun}{at} is noted."]
    if said.key == "consolidation":
        w, g = where(said), f"{s} " if s else ""
        if a:
            return [f"there is a {g}area of consolidation{w}.", f"a {g}consolidation is present{w}.", f"{g}airspace consolidation is seen{w}."]
        return [f"a {g}focus of airspace disease is identified{w}.", f"note is made of a {g}consolidation{w}."]
    if said.key == "cardiomegaly":
        g = f"{DEGREE[s]} " if s else ""
        if said.ratio:
            if a:
                return [f"the heart is enlarged, with a cardiothoracic ratio of {said.ratio}.", f"there is {g}cardiomegaly, with a cardiothoracic ratio of {said.ratio}."]
            return [f"heart size is increased (cardiothoracic ratio {said.ratio})."]
        return [f"there is {g}cardiomegaly.", "the heart is enlarged.", "the cardiac silhouette is enlarged."] if a else ["heart size is increased.", f"{g}enlargement of the heart is noted."]
    w, g = where(said), f"{DEGREE[s]} " if s else ""
    if a:
        return [f"there is {g}atelectasis{w}.", f"{g}atelectasis is present{w}.", f"{g}atelectasis is seen{w}."]
    return [f"{g}volume loss is identified{w}, in keeping with atelectasis.", f"{g}atelectatic change is noted{w}."]


def without_numbers(sentence: str) -> str:
    """A similar case's sentence as the drafter lends it: numbers and their units gone."""
    import re

    return " ".join(re.sub(r"\(?\b\d+(\.\d+)?\s*(mm|cm|ml)?\b\)?", " ", sentence).split())
