"""
What the drafter learns to write: our own phrases ('a', which train), with the qualifiers kept. Nothing is taken or counted
from anybody's reports, and no sentence of the phantoms' held-out family 'b' is among them. {severity}, {side}, {where} are
known words; [mm] and [ratio] are told by measuring and filled in afterwards, so that no number comes from the network.
"""

import re

import numpy as np

DEGREE = {"small": "mild", "moderate": "moderate", "large": "marked"}
BY_SIZE = ("effusion", "pneumothorax")

PLACED: dict[str, tuple[str, ...]] = {
    "pneumothorax": (
        "there is a {severity} {side} pneumothorax.", "a {severity} {side} pneumothorax is present with a visible pleural line.",
        "{severity} pneumothorax on the {side}.", "a {severity} pneumothorax is seen on the {side}.",
    ),
    "lung-nodule": (
        "there is a [mm] {noun} in the {where}.", "a {noun} measuring [mm] is seen in the {where}.",
        "a [mm] {noun} projects over the {where}.", "there is a {noun} of [mm] in the {where}.",
    ),
    "consolidation": (
        "there is {severity} airspace consolidation in the {where}.", "{severity} consolidation is present in the {where}.",
        "there is {severity} consolidation in the {where}.", "{severity} consolidation is seen in the {where}.",
    ),
    "effusion": (
        "there is a {severity} {side} pleural effusion.", "a {severity} {side} pleural effusion is present.",
        "{severity} pleural effusion on the {side}.", "a {severity} pleural effusion is seen on the {side}.",
    ),
    "atelectasis": (
        "there is linear atelectasis at the {where}.", "a band of atelectasis is seen at the {where}.",
        "linear atelectasis is present at the {where}.", "there is {severity} linear atelectasis at the {where}.",
    ),
    "cardiomegaly": (
        "the heart is enlarged, with a cardiothoracic ratio of [ratio].", "there is {severity} cardiomegaly, with a cardiothoracic ratio of [ratio].",
        "there is {severity} cardiomegaly.", "{severity} cardiomegaly, cardiothoracic ratio [ratio].",
    ),
}  # fmt: skip
# where no size is known
UNSIZED = {"lung-nodule": ("there is a {noun} in the {where}.", "a {noun} is seen in the {where}.", "a {noun} projects over the {where}.")}
WHOLE: dict[str, tuple[str, ...]] = {
    "pneumothorax": ("there is a pneumothorax.", "a pneumothorax is present."),
    "lung-nodule": ("there is a pulmonary nodule.", "a pulmonary nodule is seen."),
    "lung-mass": ("there is a lung mass.", "a mass is seen in the lung."),
    "consolidation": ("there is consolidation.", "airspace consolidation is present."),
    "infiltrate": ("there is a pulmonary infiltrate.", "pulmonary infiltrates are seen."),
    "pneumonia": ("there is pneumonia.", "pneumonia is present."),
    "edema": ("there is pulmonary edema.", "pulmonary edema is present."),
    "effusion": ("there is a pleural effusion.", "a pleural effusion is present."),
    "pleural-thickening": ("there is pleural thickening.", "pleural thickening is seen."),
    "atelectasis": ("there is atelectasis.", "atelectasis is present."),
    "fibrosis": ("there is pulmonary fibrosis.", "fibrotic changes are seen."),
    "emphysema": ("there is emphysema.", "emphysematous changes are seen."),
    "cardiomegaly": ("there is cardiomegaly.", "the heart is enlarged."),
    "hernia": ("there is a hiatal hernia.", "a hiatal hernia is seen."),
}
# (said only where none of these is there, phrases)
NORMAL: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("lung-nodule", "lung-mass", "consolidation", "atelectasis", "infiltrate", "pneumonia", "edema", "fibrosis", "emphysema"), ("the lungs are clear.", "both lungs are clear.")),
    (("effusion", "pleural-thickening"), ("no pleural effusion.", "there is no pleural effusion.")),
    (("pneumothorax",), ("no pneumothorax.", "there is no pneumothorax.")),
    (("cardiomegaly",), ("heart size is normal.", "the heart is normal in size.")),
)  # fmt: skip


def sentence(random: np.random.Generator, key: str, side: str, where: str, severity: str, mass: bool, sized: bool) -> str:
    """One wording of a placed finding; `where` as it may be told ('left upper zone', 'left lung')."""
    choices = UNSIZED[key] if key in UNSIZED and not sized else PLACED[key]
    text = str(choices[random.integers(len(choices))])
    degree = severity if key in BY_SIZE else DEGREE.get(severity, "")
    for slot, value in (("severity", degree), ("side", side), ("where", where), ("noun", "mass" if mass else "nodule")):
        text = text.replace("{" + slot + "}", value)
    return " ".join(text.split())


def whole(random: np.random.Generator, key: str) -> str:
    return str(WHOLE[key][random.integers(len(WHOLE[key]))])


def normals(random: np.random.Generator, there: set[str]) -> list[str]:
    """A statement for each group of which nothing is there."""
    return [str(texts[random.integers(len(texts))]) for unless, texts in NORMAL if not there & set(unless)]


def every() -> list[str]:
    """All sentences with every word that can fill them: for the vocabulary and the bank."""
    out: list[str] = []
    for own in (*PLACED.values(), *UNSIZED.values(), *WHOLE.values(), *(texts for _, texts in NORMAL)):
        out += own
    words = ("left right upper middle lower zone lung base hemithorax small moderate large mild marked nodule mass", "a an the")
    return [re.sub(r"\{\w+\}", " ", t) for t in out] + list(words)
