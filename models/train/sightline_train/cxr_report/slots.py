"""
The places where a film can hold a finding, in the order in which a report tells them: a finding on a side of the patient
(two nodules a side), and each finding of the NIH label set as a whole, without a place.
"""

from dataclasses import dataclass

from ..cxr_findings.network import FINDINGS


@dataclass(frozen=True)
class Slot:
    key: str
    side: str  # 'left', 'right' of the patient; '' for none
    rank: int  # the second nodule of a side is 1


ORDER = ("pneumothorax", "lung-nodule", "consolidation", "effusion", "atelectasis", "cardiomegaly")
PLACED = tuple(
    Slot(key, side, rank)
    for key in ORDER
    for side in (("left", "right") if key != "cardiomegaly" else ("",))
    for rank in range(2 if key == "lung-nodule" else 1)
)
# labels of NIH ChestX-ray14 as findings; without a place, since the label has none
NIH = {
    "Pneumothorax": "pneumothorax", "Nodule": "lung-nodule", "Mass": "lung-mass", "Consolidation": "consolidation", "Infiltration": "infiltrate",
    "Pneumonia": "pneumonia", "Edema": "edema", "Effusion": "effusion", "Pleural_Thickening": "pleural-thickening", "Atelectasis": "atelectasis",
    "Fibrosis": "fibrosis", "Emphysema": "emphysema", "Cardiomegaly": "cardiomegaly", "Hernia": "hernia",
}  # fmt: skip
WHOLE = tuple(Slot(key, "", 0) for key in NIH.values())
SLOTS = (*PLACED, *WHOLE)
KEYS = tuple(NIH.values())
CHANNEL = {key: n for n, key in enumerate(FINDINGS)}
# numbers of a slot: known, score, box (4) in the frame of the lungs, depth in the own lung, whether it has a place, ratio,
# depth in widths of the chest, and the depth that zones go by (zones.py)
NUMBERS = 11
DEPTH = 10


def of_side(key: str, side: str) -> list[int]:
    """Placed slots of a finding on a side."""
    return [n for n, s in enumerate(PLACED) if s.key == key and s.side == side]
