"""Real scans and held-out phantoms before an exported network. Nothing here chooses anything."""

import re
from pathlib import Path

import numpy as np

from ..phantoms import ID
from ..volume_steps import reorient, resample
from . import classical, real
from .perturbed import COUNT, perturbed
from .scan import Shipped, answered

FINE = (classical.SPACING_MM,) * 3
# a nodule in the lung is within its outline, a lesion within the liver's
LUNGS = (ID["lung-left"], ID["lung-right"], ID["lung-nodule"])


def dice(a: np.ndarray, b: np.ndarray) -> float:
    total = int(a.sum()) + int(b.sum())
    return 2 * int((a & b).sum()) / total if total else 1.0


def abdomen(own: Shipped, data: Path) -> dict[str, float]:
    """Dice on the scan's grid against the label map that lies beside it (another network's answer)."""
    folder = data / "ct" / "totalsegmentator"
    hu, affine = real.nifti(folder / "example_ct.nii.gz")
    told, _, _ = answered(own, hu, affine)
    path = folder / "example_seg_fast_force_split.nii.gz"
    values, where = real.nifti(path)
    map_, names = reorient(values, where)[0], real.names(path)
    truth = lambda pattern: np.isin(map_, [value for name, value in names.items() if re.fullmatch(pattern, name)])  # noqa: E731

    is_ = lambda *names: np.isin(told, [ID[n] for n in names])  # noqa: E731
    out = {
        "liver": dice(is_("liver", "liver-lesion"), truth("liver")),
        "spleen": dice(is_("spleen"), truth("spleen")),
        "kidney-left": dice(is_("kidney-left"), truth("kidney_left")),
        "kidney-right": dice(is_("kidney-right"), truth("kidney_right")),
        "aorta": dice(is_("aorta"), truth("aorta")),
        "vertebrae": dice(is_("spine"), truth("vertebrae_.*")),
        "lung-left": dice(is_("lung-left"), truth("lung_.*_left")),
        "lung-right": dice(is_("lung-right"), truth("lung_.*_right")),
        "ribs": dice(is_("ribs"), truth("rib_.*")),
    }
    out["kidneys"] = (out["kidney-left"] + out["kidney-right"]) / 2
    out["macro mean"] = float(np.mean([out[k] for k in ("liver", "spleen", "kidneys", "aorta", "vertebrae")]))
    return out


def lung_dice(own: Shipped, hu: np.ndarray, affine: np.ndarray, left: np.ndarray, right: np.ndarray) -> dict[str, float]:
    """Masks lie on the scan's grid, [k, j, i]."""
    told, _, _ = answered(own, hu, affine)
    left, right = (reorient(mask.astype(np.uint8), affine)[0] > 0 for mask in (left, right))
    ml = abs(np.linalg.det(affine[:, :3])) / 1000
    return {
        "lungs": dice(np.isin(told, LUNGS), left | right),
        "left": dice(told == ID["lung-left"], left),
        "right": dice(told == ID["lung-right"], right),
        "left mL": float((told == ID["lung-left"]).sum() * ml),
        "right mL": float((told == ID["lung-right"]).sum() * ml),
    }


def classical_masks(hu: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Image at 2 mm, its affine, and both masks there: LPS order."""
    turned, lps = reorient(hu, affine)
    fine = resample(turned, lps, FINE)
    step = np.linalg.norm(lps[:, :3], axis=0)
    unit = lps[:, :3] / step
    grid = np.concatenate([unit * FINE[0], (lps[:, 3] + unit @ ((np.array(FINE) - step) / 2))[:, None]], 1)
    return np.round(fine).astype(np.int16), grid, *classical.lungs(fine)


def chest(own: Shipped, data: Path, copies: int = COUNT) -> dict:
    """Lungs against the frozen classical mask at 2 mm, and on changed copies against the mask changed alike."""
    hu, affine = real.dicom(data / "ct" / "lidc-idri-0314")
    fine, grid, left, right = classical_masks(hu, affine)
    out = {"scan": lung_dice(own, fine, grid, left, right), "classical mL": [float(m.sum() * np.prod(FINE) / 1000) for m in (left, right)], "copies": []}
    both = np.where(left, 1, np.where(right, 2, 0)).astype(np.uint8)
    for n in range(copies):
        image, a, where, words = perturbed(fine, both == 1, grid, n)
        _, b, _, _ = perturbed(fine, both == 2, grid, n)
        out["copies"].append({"what": words, **lung_dice(own, image, where, a, b)})
    out["mean of copies"] = float(np.mean([c["lungs"] for c in out["copies"]])) if copies else None
    out["least of copies"] = float(np.min([c["lungs"] for c in out["copies"]])) if copies else None
    return out


