"""
Crops of CT phantoms as a scanner might have shown them: turned, bent, their tissues redrawn, the field of view cut.
What is drawn here is wider than any phantom, because real scans are: see `changed` for the list.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .. import phantoms
from ..phantoms import ID, LABELS
from ..volume_steps import reorient
from .network import HIGH_HU, LOW_HU
from .pelvis import downward, pelvis

AIR = -1000.0
# the label 'body' holds tissues that differ by more than organs do
FAT, GAS, DENSE, VESSEL = range(len(LABELS), len(LABELS) + 4)
# how far a tissue's mean may move, HU (one deviation): contrast phases, ages, scanners
SPREAD = {
    "body": 20, "trachea": 20, "heart": 35, "aorta": 50, "liver": 25, "spleen": 30, "spine": 80, "ribs": 100,
    "lung-nodule": 40, "effusion": 12,
}  # fmt: skip
# mean HU from and to: blood, liver, spleen, kidneys. Phantoms have no agent or the portal phase
PHASES = (
    ((30, 55), (0, 70), (38, 58), (22, 42)),  # no agent, a fatty liver too
    ((200, 420), (45, 90), (80, 170), (100, 200)),  # arterial
    ((110, 200), (80, 135), (95, 145), (150, 230)),  # portal
    ((75, 120), (70, 105), (75, 110), (90, 180)),  # late
)


@dataclass(frozen=True)
class Phantom:
    """On the phantom's own grid, [z, y, x] in LPS order."""

    image: np.ndarray
    labels: np.ndarray
    ids: np.ndarray
    spacing: np.ndarray  # z, y, x in mm
    lesions: tuple[tuple[str, tuple[float, float, float]], ...]  # kind and centre (z, y, x in voxels)
    means: np.ndarray  # HU by label


@lru_cache(maxsize=900)
def phantom(folder: Path, n: int) -> Phantom:
    told = phantoms.truth(folder, n)
    affine = np.array(told["affineVoxelToPatient"]).reshape(3, 4)
    image, labels, ids = phantoms.arrays(folder, n, told)
    turned, lps = reorient(image, affine)
    labels, ids = reorient(labels, affine)[0], reorient(ids, affine)[0]
    lesions = []
    for number in np.unique(ids[ids > 0]):
        at = np.argwhere(ids == number)
        lesions.append((LABELS[int(np.bincount(labels[ids == number]).argmax())], tuple(at[len(at) // 2].tolist())))
    flat = labels.reshape(-1)
    means = np.bincount(flat, turned.reshape(-1), len(LABELS)) / np.maximum(np.bincount(flat, minlength=len(LABELS)), 1)
    return Phantom(turned, labels, ids, np.linalg.norm(lps[:, :3], axis=0)[::-1].copy(), tuple(lesions), means)


def turn(degrees: np.ndarray) -> np.ndarray:
    matrix = np.eye(3)
    for axis, angle in enumerate(np.deg2rad(degrees)):
        one = np.eye(3)
        p, q = [d for d in range(3) if d != axis]
        one[p, p] = one[q, q] = np.cos(angle)
        one[p, q], one[q, p] = -np.sin(angle), np.sin(angle)
        matrix = matrix @ one
    return matrix


def field(size: tuple[int, int, int], every: int, random: np.random.Generator, channels: int = 1) -> torch.Tensor:
    """Smooth random numbers of about unit deviation, [channels, z, y, x]; `every` voxels apart they are independent."""
    coarse = [max(2, int(np.ceil(s / every)) + 1) for s in size]
    drawn = torch.from_numpy(random.standard_normal((1, channels, *coarse)).astype(np.float32))
    return F.interpolate(drawn, size=size, mode="trilinear", align_corners=True)[0] * 1.4


def places(own: Phantom, size: tuple[int, int, int], spacing_mm: float, strong: bool, wide: bool, random: np.random.Generator) -> torch.Tensor:
    """[z, y, x, 3]: where in the phantom (voxels) each voxel of the crop is read."""
    wanted = [at for kind, at in own.lesions for _ in range(1 if kind == "effusion" else 3)]
    shape = np.array(own.image.shape)
    half = np.array(size) * spacing_mm / own.spacing / 2
    if wanted and random.random() < 0.6:
        centre = np.array(wanted[random.integers(len(wanted))]) + random.uniform(-0.6, 0.6, 3) * half
    else:
        centre = random.uniform(0.1, 0.9, 3) * shape
    # most of a crop should not be empty
    low, high = np.minimum(half * 0.8, shape / 2), np.maximum(shape - half * 0.8, shape / 2)
    centre = np.clip(centre, low, high)
    if random.random() < 0.15:
        matrix = np.eye(3)
    else:
        stretch = random.uniform(*((0.78, 1.25) if strong else (0.9, 1.12))) * random.uniform(0.92, 1.09, 3)
        matrix = turn(random.normal(0, 9 if strong else 5, 3)) @ np.diag(1 / stretch)
    axes = [(torch.arange(s, dtype=torch.float32) - (s - 1) / 2) * spacing_mm for s in size]
    grid = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1) @ torch.from_numpy(matrix.T.astype(np.float32))
    if random.random() < (0.6 if strong else 0.3):
        grid = grid + field(size, 16, random, 3).permute(1, 2, 3, 0) * float(random.uniform(1.5, 7 if strong else 4))
    if wide:
        # organs of people lie centimetres apart from where a phantom's do
        grid = grid + field(size, 28, random, 3).permute(1, 2, 3, 0) * float(random.uniform(0, 10))
    return grid / torch.from_numpy(own.spacing.astype(np.float32)) + torch.from_numpy(centre.astype(np.float32))


def shares(labels: np.ndarray, at: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """
    [label, z, y, x]: how much of what lies around a place (trilinear weights) each label has; and the largest's, [z, y, x].
    A voxel half of which is rib is to be called half a rib: between such voxels an outline can lie finer than they are.
    """
    around = np.pad(labels, 2)  # what lies outside is background
    flat = torch.from_numpy(around).reshape(-1)
    row, plane = around.shape[2], around.shape[1] * around.shape[2]
    below = at.floor()
    part = (at - below).reshape(-1, 3)
    z, y, x = [below[..., d].clamp(-2, labels.shape[d]).reshape(-1).to(torch.int32) + 2 for d in range(3)]
    first = z * plane + y * row + x
    corners = [flat.index_select(0, first + ((n >> 2 & 1) * plane + (n >> 1 & 1) * row + (n & 1))) for n in range(8)]
    differs = corners[1] != corners[0]
    for other in corners[2:]:
        differs |= other != corners[0]
    mixed = differs.nonzero()[:, 0]
    part, few = part[mixed], torch.stack([one[mixed] for one in corners]).long()
    weights = torch.stack([torch.stack([part[:, d] if n >> (2 - d) & 1 else 1 - part[:, d] for d in range(3)]).prod(0) for n in range(8)])
    held = torch.zeros(len(LABELS), len(mixed)).scatter_add_(0, few, weights)
    most = corners[0].long()
    out = torch.zeros(len(LABELS), len(most)).scatter_(0, most[None], 1.0)
    out[:, mixed] = held
    most[mixed] = held.argmax(0)
    return out.reshape(len(LABELS), *at.shape[:3]), most.reshape(at.shape[:3])


def offsets(strong: bool, random: np.random.Generator) -> np.ndarray:
    """HU by label (and by the tissues of 'body') to add. Both lungs and both kidneys move together."""
    share = 1.0 if strong else 0.3
    out = np.zeros(len(LABELS) + 4, np.float32)
    for name, spread in SPREAD.items():
        out[ID[name]] = random.normal(0, spread * share)
    lungs, kidneys = random.normal(-30 if strong else 0, 70 * share), random.normal(0, 45 * share)
    for side in ("left", "right"):
        out[ID[f"lung-{side}"]] = lungs + random.normal(0, 15 * share)
        out[ID[f"kidney-{side}"]] = kidneys + random.normal(0, 8 * share)
    # a lesion is what it is by its contrast to the liver around it
    out[ID["liver-lesion"]] = out[ID["liver"]] + random.normal(0, 8 * share)
    out[[FAT, GAS, DENSE]] = random.normal(0, [15 * share, 30 * share, 80 * share])
    return out


def phased(own: Phantom, out: np.ndarray, random: np.random.Generator) -> None:
    """Another contrast phase: blood and organs change together."""
    blood, liver, spleen, kidneys = (random.uniform(*one) for one in PHASES[random.integers(len(PHASES))])
    to = {"aorta": blood, "heart": blood + random.normal(-15, 20), "liver": liver, "spleen": spleen, "kidney-left": kidneys, "kidney-right": kidneys + random.normal(0, 5)}
    for name, hu in to.items():
        if own.means[ID[name]] != 0:
            out[ID[name]] = hu - own.means[ID[name]]
    out[ID["liver-lesion"]] = out[ID["liver"]] + random.normal(0, 8)
    out[VESSEL] = out[ID["aorta"]]


def redrawn(own: Phantom, strong: bool, wide: bool, random: np.random.Generator) -> np.ndarray:
    """HU to add by voxel of the phantom."""
    tissue = own.labels.copy()
    body = own.labels == ID["body"]
    tissue[body & (own.image < -20)] = FAT
    tissue[body & (own.image < -300)] = GAS
    tissue[body & (own.image > 140)] = DENSE
    added = offsets(strong, random)
    if wide and random.random() < 0.6:
        if own.means[ID["aorta"]] > 100:
            tissue[body & (own.image > 90) & (own.image < 230)] = VESSEL
        phased(own, added, random)
    return added[tissue]


def bowel(hu: torch.Tensor, labels: torch.Tensor, random: np.random.Generator) -> None:
    """Loops of gas, fluid, contrast medium or fat and foreign bone deep in what is only 'body': a phantom's belly is too plain."""
    size = labels.shape
    skin = F.max_pool3d((labels == 0).float()[None, None, ::2, ::2, ::2], 5, 1, 2)
    deep = F.interpolate(skin, size=size, mode="nearest")[0, 0] == 0
    loops = (field(size, int(random.integers(5, 10)), random)[0] > random.uniform(0.8, 1.6)) & deep & (labels == ID["body"])
    # no gas beside the trachea
    liver = (labels == ID["liver"]).flatten(1).any(1).nonzero()
    top = int(liver.max()) - 4 if len(liver) else -1
    kind = field(size, 12, random)[0]
    hu[loops & (kind > 0.6)] = float(random.normal(10, 20))
    hu[loops & (kind < -0.8)] = float(random.normal(-95, 15))
    if random.random() < 0.4:  # hips, as far as the network is concerned
        hu[(field(size, 9, random)[0] > 1.5) & deep & (labels == ID["body"])] = float(random.uniform(200, 900))
    middle = loops & (kind.abs() < 0.5)
    middle[max(0, top) :] = False
    hu[middle] = float(random.normal(-850, 80) if random.random() < 0.6 else random.normal(220, 90))


def couch(hu: torch.Tensor, labels: torch.Tensor, random: np.random.Generator) -> None:
    """A table behind the back, where nothing else is."""
    rows = (labels > 0).any(0).any(1).nonzero()
    if len(rows) == 0:
        return
    d, h, w = labels.shape
    across = (torch.arange(w) - w / 2 + float(random.normal(0, 6))) ** 2 * float(random.uniform(-0.004, 0.004))
    depth = torch.arange(h)[:, None] - (int(rows.max()) + 1 + float(random.uniform(0, 4))) + across[None]
    slab = (depth >= 0) & (depth < float(random.uniform(1, 6)))
    edge = slab & (depth < 1)
    empty = labels == 0
    hu[empty & slab[None]] = float(random.uniform(-950, -600))
    hu[empty & edge[None]] = float(random.uniform(-600, 150))


def clothes(hu: torch.Tensor, labels: torch.Tensor, random: np.random.Generator) -> None:
    """Folds of cloth, cushions, lines: faint sheets in the air."""
    sheets = (field(labels.shape, int(random.integers(8, 16)), random)[0].abs() < float(random.uniform(0.03, 0.1))) & (labels == 0)
    hu[sheets] = hu[sheets] + float(random.uniform(40, 350))


def cut_field(hu: torch.Tensor, labels: torch.Tensor, random: np.random.Generator) -> None:
    """A round or rectangular field of view, or a short scan: outside it there is air and nothing to tell."""
    d, h, w = labels.shape
    outside = torch.zeros(d, h, w, dtype=torch.bool)
    if random.random() < 0.5:
        y, x = torch.arange(h)[:, None] - h / 2 + float(random.normal(0, 5)), torch.arange(w)[None] - w / 2 + float(random.normal(0, 5))
        r = float(random.uniform(0.38, 0.65)) * max(h, w)
        outside |= ((y**2 + x**2 > r**2) if random.random() < 0.6 else (y.abs() > r * 0.85) | (x.abs() > r * 0.85))[None]
    if random.random() < 0.6:
        kept = int(random.uniform(0.3, 0.9) * d)
        start = int(random.integers(0, d - kept + 1))
        outside[:start], outside[start + kept :] = True, True
    hu[outside] = AIR
    labels[outside] = 0


def blurred(hu: torch.Tensor, sigma: float) -> torch.Tensor:
    taps = torch.exp(-0.5 * (torch.arange(-2, 3) / sigma) ** 2)
    taps = taps / taps.sum()
    x = hu[None, None]
    for d in range(3):
        shape, pad = [1, 1, 1, 1, 1], [0] * 6
        shape[2 + d] = 5
        pad[2 * (2 - d)] = pad[2 * (2 - d) + 1] = 2
        x = F.conv3d(F.pad(x, pad, mode="replicate"), taps.reshape(shape))
    return x[0, 0]


def uneven(hu: torch.Tensor, labels: torch.Tensor, random: np.random.Generator) -> None:
    """Kidneys with cortex and medulla, a mottled spleen, sclerotic and porous bone: what early contrast and age make."""
    size = labels.shape
    kidneys = ((labels == ID["kidney-left"]) | (labels == ID["kidney-right"])).float()
    inside = F.avg_pool3d(kidneys[None, None], 5, 1, 2)[0, 0]
    hu += kidneys * (inside - 0.5) * float(random.uniform(-160, 50))
    hu += field(size, 5, random)[0] * (labels == ID["spleen"]) * float(random.uniform(0, 30))
    hu += field(size, 4, random)[0] * (labels == ID["spine"]) * float(random.uniform(0, 80))


def thick(hu: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Slices of 5 to 10 mm: neighbours share their values."""
    side = float(random.uniform(0.1, 0.33))
    return (1 - 2 * side) * hu + side * (torch.cat([hu[:1], hu[:-1]]) + torch.cat([hu[1:], hu[-1:]]))


def changed(
    own: Phantom, size: tuple[int, int, int], spacing_mm: float, strong_share: float, random: np.random.Generator, wide_share: float = 0.0
) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Windowed image [1, z, y, x] and shares of labels [label, z, y, x] of a crop: turned, stretched, bent; tissues redrawn; uneven tissue,
    loops of bowel, a table, clothes; field of view and scan length cut; blur or sharpening, noise of two grains, shift, gain, gamma.
    A part of the crops (`strong_share`) is changed beyond what phantoms are, the rest mildly; of that part some
    (`wide_share`) have other contrast phases, uneven organs, displaced organs, thick slices and what lies below a phantom besides.
    """
    strong = random.random() < strong_share
    wide = strong and wide_share > 0 and random.random() < wide_share
    at = places(own, size, spacing_mm, strong, wide, random)
    lower = wide and random.random() < 0.35
    if lower:
        depth = downward(at, own, random)
    parts, labels = shares(own.labels, at)
    both = torch.from_numpy(np.stack([own.image.astype(np.float32) - AIR, redrawn(own, strong, wide, random)]))[None]
    ends = torch.tensor([s - 1 for s in own.image.shape], dtype=torch.float32)
    grid = (at / ends * 2 - 1).flip(-1)[None]
    read = F.grid_sample(both, grid, mode="bilinear", align_corners=True)[0]
    hu = read[0] + read[1] + AIR
    if lower:
        pelvis(hu, parts, depth, spacing_mm, random)
        labels = parts.argmax(0)
    told = labels.clone()
    soft = (labels > 0) & (hu > -300)
    hu = hu + field(size, 14, random)[0] * soft * float(random.uniform(0, 14 if strong else 4))
    if wide:
        uneven(hu, labels, random)
    if strong:
        hu = hu + field(size, 10, random)[0] * ((labels == ID["body"]) & soft) * float(random.uniform(0, 50))
        lungs = (labels == ID["lung-left"]) | (labels == ID["lung-right"])
        hu = hu + field(size, 20, random)[0] * lungs * float(random.uniform(0, 70))
        if random.random() < 0.6:
            bowel(hu, labels, random)
        if random.random() < 0.7:
            couch(hu, labels, random)
        if random.random() < 0.5:
            clothes(hu, labels, random)
        if random.random() < 0.35:
            cut_field(hu, labels, random)
        if wide and random.random() < 0.4:
            hu = thick(hu, random)
        if random.random() < 0.5:
            sharp = blurred(hu, float(random.uniform(0.4, 0.9)))
            hu = sharp if random.random() < 0.7 else hu + (hu - sharp) * float(random.uniform(0.2, 0.8))
    grain = torch.randn(size) * float(random.uniform(0, 22 if strong else 14))
    if random.random() < 0.3:
        grain = blurred(grain, 0.7) * 2
    hu = hu * float(random.uniform(0.96, 1.04)) + float(random.normal(0, 10 if strong else 6)) + grain
    x = torch.clamp((hu - LOW_HU) / (HIGH_HU - LOW_HU), 0, 1)
    if strong and random.random() < 0.3:
        x = x ** float(random.uniform(0.88, 1.15))
    cut = labels != told
    parts[:, cut] = F.one_hot(labels[cut], len(LABELS)).T.to(parts.dtype)
    return x[None], parts
