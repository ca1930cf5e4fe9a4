"""
The IDRiD photographs (CC BY 4.0): read once into arrays, grouped where two show the same eye, dealt to folds.

`../shared/data/fundus/idrid` (or `data` of the configuration): grading/ with labels.csv, lesions/ with masks of another
size. Most photographs of lesions/ are also in grading/ under other names.
"""

import csv
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ..fundus_steps import crop_box, cut, find_field, prepare, shrink
from ..run import Run

LESIONS = ("microaneurysms", "haemorrhages", "hard-exudates", "soft-exudates", "optic-disc")
FOLDERS = {"microaneurysms": ("Microaneurysms", "MA"), "haemorrhages": ("Haemorrhages", "HE"), "hard-exudates": ("Hard_Exudates", "EX"), "soft-exudates": ("Soft_Exudates", "SE"), "optic-disc": ("Optic_Disc", "OD")}  # fmt: skip
FOLDS, SLOTS = 5, 6
# lesion networks, by the folds that each has not seen and is therefore used for
NETS = ((0, 1), (2, 3), (4,))
# likeness from which two photographs count as one eye; see groups()
SAME = 0.8
# photographs that are kept together, once read or looked at
PART = 16


@dataclass(frozen=True)
class Photograph:
    """`grade` None: of lesions/ only. `at`: row of the arrays. `masks`: row of the masks, None without."""

    name: str
    sha256: str
    grade: int | None
    oedema: int | None
    at: int
    masks: int | None


@dataclass(frozen=True)
class Photographs:
    all: list[Photograph]
    images: np.ndarray  # [n, size, size, 3] uint8, equalised, 0 outside the field
    masks: np.ndarray  # [m, 5, size / 2, size / 2] uint8, share of the cell times 255
    groups: np.ndarray  # [n] number of the photograph's group
    folds: np.ndarray  # [n] outer fold
    slots: np.ndarray  # [n] the last is the inner split of every fold

    def part(self, folds: tuple[int, ...], part: str) -> list[Photograph]:
        """'train', 'validate' (inner, for early stopping) or 'test' where these outer folds are kept out."""
        test, validate = np.isin(self.folds, folds), self.slots == SLOTS - 1
        chosen = {"test": test, "validate": ~test & validate, "train": ~test & ~validate}[part]
        return [p for p in self.all if chosen[p.at]]


def folder_of(run: Run) -> Path:
    given = Path(run.config["data"])
    here = given if given.is_absolute() else Path(__file__).resolve().parents[4] / given
    if not (here / "labels.csv").exists():
        raise SystemExit(f"the photographs are not at {here}: name their folder in the configuration's 'data'")
    return here


def listed(folder: Path, few: dict | None) -> list[tuple[Path, int | None, int | None]]:
    """`few` {grading, lesions}: so many of each, spread over all; for a run that only shows that everything runs."""
    with (folder / "labels.csv").open(encoding="utf-8-sig", newline="") as file:
        labels = {row[0]: (int(row[1]), int(row[2])) for row in list(csv.reader(file))[1:] if row[0]}
    spread = lambda rows, count: [rows[n * len(rows) // count] for n in range(count)] if count < len(rows) else rows  # noqa: E731
    grading = sorted((folder / "grading").glob("*.jpg"))
    lesions = sorted((folder / "lesions" / "images").glob("*.jpg"))
    if few:
        grading, lesions = spread(grading, few["grading"]), spread(lesions, few["lesions"])
    return [(p, *labels[p.stem]) for p in grading] + [(p, None, None) for p in lesions]


def mask_cells(folder: Path, path: Path, size: int) -> np.ndarray:
    """Masks on the prepared square at half its side; the masks' own pixels are a whole multiple of the photograph's."""
    photo = np.asarray(Image.open(path).convert("RGB"))
    field = find_field(photo.astype(np.float32) / 255)
    out = np.zeros((len(LESIONS), size // 2, size // 2), np.uint8)
    for n, lesion in enumerate(LESIONS):
        name, short = FOLDERS[lesion]
        at = folder / "lesions" / "masks" / name / f"{path.stem}_{short}.png"
        if not at.exists():
            continue
        with Image.open(at) as file:
            wide = file.convert("L").resize((photo.shape[1] * 2, photo.shape[0] * 2), Image.Resampling.BOX)
        left, top, side = crop_box(field, size)
        square = cut((np.asarray(wide, np.float32) / 255)[:, :, None], (left * 2, top * 2, side * 2))
        out[n] = np.round(shrink(square, size // 2)[:, :, 0] * 255)
    return out


def likeness(images: np.ndarray) -> np.ndarray:
    """
    [n, n] highest normalised cross-correlation over all shifts of the vessels (green, low frequencies taken out) at a
    fifth of the side: finds the same eye in another photograph too.
    """
    k = 5
    side = images.shape[1] // k
    small = np.stack([i[: side * k, : side * k, 1].reshape(side, k, side, k).mean((1, 3)) for i in images]).astype(np.float32)
    seen = small > 0
    frequencies = np.hypot(np.fft.fftfreq(2 * side)[:, None], np.fft.rfftfreq(2 * side)[None, :])
    band = ((frequencies > 0.02) & (frequencies < 0.25)).astype(np.float32)
    spectra = []
    for plane, mask in zip(small, seen, strict=True):
        flat = np.where(mask, plane - plane[mask].mean(), 0)
        spectrum = np.fft.rfft2(flat, (2 * side, 2 * side)) * band
        spectra.append((spectrum / np.linalg.norm(np.fft.irfft2(spectrum))).astype(np.complex64))
    out = np.zeros((len(images), len(images)), np.float32)
    for n, spectrum in enumerate(spectra):
        for m in range(n):
            out[n, m] = out[m, n] = np.fft.irfft2(spectrum * np.conj(spectra[m])).max()
    return out


def groups(alike: np.ndarray) -> np.ndarray:
    """Connected by a likeness of SAME or more."""
    group = np.arange(len(alike))
    for n, m in zip(*np.nonzero(np.tril(alike >= SAME, -1)), strict=True):
        group[group == group[n]] = group[m]
    return np.unique(group, return_inverse=True)[1]


def dealt(group: np.ndarray, grades: list[int | None], masked: np.ndarray, parts: int, seed: int) -> np.ndarray:
    """Groups to parts, alike in grades and in photographs with masks: in turn, within (masked, grade), from a shuffled order."""
    random = np.random.default_rng(seed)
    part = np.zeros(len(group), int)
    kinds: dict[tuple[bool, int], list[int]] = {}
    for g in np.unique(group):
        own = np.nonzero(group == g)[0]
        known = [grades[n] for n in own if grades[n] is not None]
        kinds.setdefault((bool(masked[own].any()), max(known) if known else -1), []).append(int(g))
    turn = 0
    for kind in sorted(kinds):
        for g in random.permutation(kinds[kind]):
            part[group == g] = turn % parts
            turn += 1
    return part


def kept(run: Run, name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
    path = run.path(f"photographs/{name}.npy")
    if not path.exists():
        made = make()
        run.whole(f"photographs/{name}.npy", lambda file: np.save(file, made))
    return np.load(path)


def square(run: Run, path: Path) -> np.ndarray:
    prepared = prepare(np.asarray(Image.open(path).convert("RGB")), run.config["size"], run.config["tiles"], run.config["limit"])
    if prepared is None:
        raise RuntimeError(f"{path.name} has no round field")
    return np.round(prepared.image * 255).astype(np.uint8)


def photographs(run: Run) -> Photographs:
    """What is read is kept in parts: a run that is cut off reads no photograph of an earlier part again."""
    folder = folder_of(run)
    rows = listed(folder, run.config.get("few"))
    names = [str(path.relative_to(folder)) for path, _, _ in rows]
    if kept(run, "names", lambda: np.array(names)).tolist() != names:
        raise SystemExit(f"{run.folder} holds other photographs than the configuration asks for: give another --run")
    print(f"{len(rows)} photographs", flush=True)
    parts = [rows[n : n + PART] for n in range(0, len(rows), PART)]
    images = np.concatenate([kept(run, f"{n}", lambda own=own: np.stack([square(run, path) for path, _, _ in own])) for n, own in enumerate(parts)])
    masks = kept(run, "masks", lambda: np.stack([mask_cells(folder, path, run.config["size"]) for path, grade, _ in rows if grade is None]))
    alike = kept(run, "likeness", lambda: likeness(images))
    first = sum(grade is not None for _, grade, _ in rows)
    everything = [
        Photograph(path.stem if grade is not None else f"lesions/{path.stem}", hashlib.sha256(path.read_bytes()).hexdigest(), grade, oedema, n, None if grade is not None else n - first)
        for n, (path, grade, oedema) in enumerate(rows)
    ]  # fmt: skip
    group = groups(alike)
    masked = np.array([p.masks is not None for p in everything])
    grades = [p.grade for p in everything]
    return Photographs(everything, images, masks, group, dealt(group, grades, masked, FOLDS, 1), dealt(group, grades, masked, SLOTS, 2))
