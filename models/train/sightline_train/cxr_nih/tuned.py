"""
Each fold's own network: levels four and five and the way back up, fine-tuned from the phantom network on the fold's
training films (labels of the whole film only) and on drawn opacities (with their places). What it says of a film is the
soft maximum of a map over the chest, so that the map has to learn where.
"""

import csv
import time
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ..cxr_findings.examples import changed
from ..cxr_findings.examples import films as phantom_films
from ..cxr_findings.network import FINDINGS as DRAWN
from ..cxr_findings.network import Network
from ..run import Average, Run, descend, one_cycle, seed_everything
from .films import FINDINGS, FOLDS, Films
from .heads import auc, calibration
from .opacities import draw, version
from .places import Blur, Places, place_of

GRID, CELL = 32, 8
# sharpness of the soft maximum
SHARP = 4.0
# any of these labels says that a lung is opaque somewhere
OPAQUE = ("Pneumonia", "Infiltration", "Consolidation")
MAPS = (*FINDINGS, "opacity")


class Top(nn.Module):
    """What the third level says [n, 64, 32, 32] -> a map [n, 6, 32, 32] of logits: the five findings, and opacity."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        for name in ("level4", "level5", "up4", "join4", "up3", "join3"):
            setattr(self, name, deepcopy(getattr(network, name)))
        self.loose = nn.Dropout2d(0.15)
        self.spots = nn.Conv2d(64, len(MAPS), 1)
        nn.init.normal_(self.spots.weight, std=0.01)
        nn.init.constant_(self.spots.bias, -2.0)

    def forward(self, x3: torch.Tensor) -> torch.Tensor:
        twice = lambda t: F.interpolate(t, scale_factor=2.0, mode="nearest")  # noqa: E731
        x4 = self.level4(x3)
        x5 = self.level5(x4)
        y4 = self.join4(x4 + twice(self.up4(x5)))
        return self.spots(self.loose(self.join3(x3 + twice(self.up3(y4)))))


class Chest(nn.Module):
    """Masks of lungs and heart [n, 3, 64, 64], 0..1 -> how much each cell counts [n, 1, 32, 32]."""

    def __init__(self) -> None:
        super().__init__()
        self.wide = Blur(3.0)

    def forward(self, masks: torch.Tensor) -> torch.Tensor:
        return F.avg_pool2d(torch.clamp(self.wide(masks.sum(1, keepdim=True)), 0, 1), 2)


def pooled(maps: torch.Tensor, chest: torch.Tensor) -> torch.Tensor:
    """Soft maximum of each map [n, k, g, g] over the chest [n, 1, g, g]: [n, k]."""
    weight = chest + 0.02
    return torch.logsumexp(SHARP * maps + torch.log(weight / weight.sum((2, 3), keepdim=True)), (2, 3)) / SHARP


def lower(network: Network, images: torch.Tensor) -> torch.Tensor:
    return network.level3(network.level2(network.level1(images - 0.5)))


class Store:
    """What the frozen levels say of pictures, the chest, and where something is drawn: written once, read as wanted."""

    def __init__(self, folder: Path, name: str) -> None:
        part = lambda k: np.load(folder / f"{name}-{k}.npy", mmap_mode="r")  # noqa: E731
        self.levels, self.chest, self.inside, self.of = part("levels"), part("chest"), part("inside"), part("of")

    def take(self, at: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        get = lambda x: torch.from_numpy(np.ascontiguousarray(x[at]).astype(np.float32))  # noqa: E731
        return get(self.levels), get(self.chest) / 255, get(self.inside)

    @staticmethod
    def write(folder: Path, name: str, network: Network, pictures: list[tuple[torch.Tensor, torch.Tensor, np.ndarray, int]]) -> None:
        """`pictures`: image, masks, inside [6, 32, 32] int8 (1 there, 0 not, -1 not known), the film's number."""
        chest, levels, chests = Chest(), [], []
        with torch.no_grad():
            for n in range(0, len(pictures), 16):
                some = pictures[n : n + 16]
                levels.append(lower(network, torch.stack([p[0] for p in some])).half().numpy())
                chests.append(torch.round(chest(F.avg_pool2d(torch.stack([p[1] for p in some]), 4)) * 255).byte().numpy())
        np.save(folder / f"{name}-levels.npy", np.concatenate(levels))
        np.save(folder / f"{name}-chest.npy", np.concatenate(chests))
        np.save(folder / f"{name}-inside.npy", np.stack([p[2] for p in pictures]))
        np.save(folder / f"{name}-of.npy", np.array([p[3] for p in pictures]))


def covered(boxes: np.ndarray) -> np.ndarray:
    """[32, 32]: cells in the ellipses of these boxes."""
    y, x = (np.mgrid[0:GRID, 0:GRID] + 0.5) * CELL
    out = np.zeros((GRID, GRID), bool)
    for _, x0, y0, x1, y1 in boxes:
        out |= ((x - (x0 + x1) / 2) / (x1 - x0) * 2) ** 4 + ((y - (y0 + y1) / 2) / (y1 - y0) * 2) ** 4 <= 1
    return out


def inside_drawn(boxes: np.ndarray) -> np.ndarray:
    """Of an opacity drawn on a film: the one map is known, the others are not."""
    out = np.full((len(MAPS), GRID, GRID), -1, np.int8)
    out[MAPS.index("opacity")] = covered(boxes)
    return out


def inside_phantom(boxes: np.ndarray) -> np.ndarray:
    """Consolidation is opacity; effusion and atelectasis are themselves, and no one says whether they are opacity too."""
    out = np.full((len(MAPS), GRID, GRID), -1, np.int8)
    of = lambda *names: covered(boxes[np.isin(boxes[:, 0], [DRAWN.index(k) for k in names])])  # noqa: E731
    for name in ("effusion", "atelectasis"):
        out[MAPS.index(name)] = of(name)
    opacity = of("consolidation").astype(np.int8)
    opacity[of("effusion", "atelectasis") & (opacity == 0)] = -1
    out[MAPS.index("opacity")] = opacity
    return out


def masks_of(network: Network, images: np.ndarray) -> torch.Tensor:
    """The largest coherent part matters little here: the network's own outlines, 0 or 1, [n, 3, 256, 256]."""
    with torch.no_grad():
        return torch.cat([(network(torch.from_numpy(images[n : n + 16])[:, None])[2] > 0).float().half() for n in range(0, len(images), 16)])


def prepare(run: Run, network: Network, films: Films) -> None:
    """Versions of all films, of films that show nothing with an opacity drawn on them, and phantoms; no label but 'No Finding' is used."""
    folder, config = run.path("stores"), run.config["tune"]
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "phantoms-of.npy").exists():
        return
    torch.manual_seed(run.config["seed"])
    random = np.random.default_rng(run.config["seed"])
    none, nothing = np.full((len(MAPS), GRID, GRID), -1, np.int8), np.zeros((0, 5), np.float32)
    masks = masks_of(network, films.images)
    x = torch.from_numpy(films.images)[:, None]
    every = range(len(films.rows))
    Store.write(folder, "plain", network, [(x[n], masks[n].float(), none, n) for n in every])

    def versions(count: int) -> list:
        out = []
        for n in every:
            for _ in range(count):
                y, m, _ = version(x[n], masks[n].float(), nothing, random)
                out.append((y, m, none, n))
        return out

    Store.write(folder, "films", network, versions(config["versions"]))
    clean = [n for n in every if films.rows[n]["labels"] == "No Finding"]

    def drawn(count: int, changed: bool) -> list:
        out = []
        for n in clean:
            for _ in range(count):
                told = draw(x[n], masks[n, :2].float().amax(0), random)
                if told is None:
                    continue
                y, m, boxes = version(told[0], masks[n].float(), told[1], random) if changed else (told[0], masks[n].float(), told[1])
                if len(boxes):
                    out.append((y, m, inside_drawn(boxes), n))
        return out

    Store.write(folder, "drawn", network, drawn(config["drawn"], True))
    Store.write(folder, "drawn-plain", network, drawn(1, False))
    own = phantom_films(run.cache, run.config["train"][:1])
    pictures = []
    for n in random.permutation(len(own))[: config["phantoms"]]:
        y, m, boxes = changed(own[n], random, 0.5, 0.5)
        pictures.append((y, m, inside_phantom(boxes), -1))
    Store.write(folder, "phantoms", network, pictures)


def targets_of(films: Films) -> np.ndarray:
    """[films, 6]: the five labels, and whether any says that a lung is opaque."""
    opaque = np.array([any(k in r["labels"].split("|") for k in OPAQUE) for r in films.rows])
    return np.concatenate([films.truth, opaque[:, None]], 1).astype(np.float32)


def focal(logits: torch.Tensor, truth: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Multi-label focal loss (gamma 2); `weight` [labels] counts what is rare more often."""
    entropy = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    p = torch.exp(-entropy)
    return (((1 - p) ** 2) * entropy * torch.where(truth > 0, weight, torch.ones_like(weight))).mean()


def place_loss(maps: torch.Tensor, inside: torch.Tensor, chest: torch.Tensor) -> torch.Tensor:
    """Cross-entropy (inside counts three times) and soft Dice where it is known what lies there."""
    known, truth = (inside >= 0).float(), (inside > 0).float()
    entropy = F.binary_cross_entropy_with_logits(maps, truth, reduction="none") * (1 + 2 * truth) * known * (0.2 + chest)
    p = maps.sigmoid() * known
    both, total = (p * truth).sum((0, 2, 3)), (p + truth * known).sum((0, 2, 3))
    some = (known.sum((0, 2, 3)) > 0).float()
    return entropy.sum() / known.sum().clamp(min=1) + ((1 - (2 * both + 1) / (total + 1)) * some).sum() / some.sum().clamp(min=1)


def adapt(top: Top, store: Store, at: np.ndarray) -> None:
    """Means and variances of the normalisations as films have them; they stay so."""
    norms = [m for m in top.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    top.train()
    with torch.no_grad():
        for n in range(0, len(at), 32):
            top(store.take(at[n : n + 32])[0])


def said(top: Top, store: Store, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits [n, 6] and maps [n, 6, 32, 32]."""
    top.eval()
    logits, maps = [], []
    with torch.no_grad():
        for n in range(0, len(at), 32):
            x3, chest, _ = store.take(at[n : n + 32])
            m = top(x3)
            logits.append(pooled(m, chest).numpy())
            maps.append(m.numpy())
    return np.concatenate(logits), np.concatenate(maps)


def pointed_share(top: Top, store: Store, at: np.ndarray) -> float:
    """How often the highest place of the softened opacity map lies in the drawn opacity."""
    _, maps = said(top, store, at)
    soft = Blur(1.5)(torch.from_numpy(maps[:, [MAPS.index("opacity")]]))
    chest = torch.from_numpy(store.chest[at].astype(np.float32)) / 255
    best = (soft - 6 * (1 - chest)).flatten(1).argmax(1).numpy()
    return float(np.mean(store.inside[at][:, MAPS.index("opacity")].reshape(len(at), -1)[np.arange(len(at)), best] > 0))


def tune(run: Run, network: Network, films: Films, fold: int) -> None:
    """tuned-<fold>.pt: the best averaged weights by mean AUC on the next fold's films, which it is not trained on either."""
    out = run.path(f"tuned-{fold}.pt")
    if out.exists():
        return
    config = run.config["tune"]
    random = seed_everything(run.config["seed"] + fold)
    folder = run.path("stores")
    plain, own, drawn, drawn_plain, phantoms = (Store(folder, k) for k in ("plain", "films", "drawn", "drawn-plain", "phantoms"))
    watched = (fold + 1) % FOLDS
    trains = (films.folds != fold) & (films.folds != watched)
    rows = {k: np.nonzero(trains[s.of])[0] for k, s in (("films", own), ("drawn", drawn), ("plain", plain))}
    watch, watch_drawn = np.nonzero(films.folds == watched)[0], np.nonzero(films.folds[drawn_plain.of] == watched)[0]
    truth = targets_of(films)
    share = truth[trains].mean(0)
    weight = torch.from_numpy(np.sqrt((1 - share) / share).astype(np.float32))
    top = Top(network).to(memory_format=torch.channels_last)
    with torch.no_grad():
        top.spots.bias.copy_(torch.from_numpy(np.log(share / (1 - share))) - 1)
    adapt(top, own, random.permutation(rows["films"])[:480])
    fresh = list(top.spots.parameters())
    groups = [{"params": [p for n, p in top.named_parameters() if not n.startswith("spots")], "top": config["rate"]}, {"params": fresh, "top": config["rate"] * 5}]
    optimiser = torch.optim.AdamW(groups, lr=config["rate"], weight_decay=0.02)
    average = Average(top, 0.99)
    best, start, sums = -1.0, time.time(), np.zeros(2)
    log = run.path(f"tuned-{fold}.csv").open("w", newline="")
    writer = csv.writer(log)
    writer.writerow(["step", "films", "places", "mean AUC, films in training", "mean AUC, films watched", "pointed, watched", "seconds"])
    a, b, c = config["batch"]
    judged = deepcopy(top)
    for step in range(config["steps"] + 1):
        if step % config["every"] == 0:
            judged.load_state_dict(average.state if step else top.state_dict())
            told, _ = said(judged, plain, watch)
            mean = float(np.mean([auc(truth[watch, j], told[:, j]) for j in range(len(FINDINGS))]))
            at = np.nonzero(trains)[0][::4]
            fitted, _ = said(judged, plain, at)
            on_own = float(np.mean([auc(truth[at, j], fitted[:, j]) for j in range(len(FINDINGS))]))
            share_hit = pointed_share(judged, drawn_plain, watch_drawn)
            writer.writerow([step, *(f"{v:.4f}" for v in (sums / config["every"]).tolist()), f"{on_own:.4f}", f"{mean:.4f}", f"{share_hit:.4f}", f"{time.time() - start:.0f}"])
            log.flush()
            print(f"fold {fold} step {step}: losses {sums / config['every']}, AUC in training {on_own:.3f}, watched {mean:.3f}, pointed {share_hit:.3f}, {time.time() - start:.0f} s", flush=True)
            sums[:] = 0
            if step and mean > best:
                best = mean
                torch.save({"top": judged.state_dict(), "step": step, "watched": mean}, out.with_suffix(".part"))
        if step == config["steps"]:
            break
        # normalisations stay as `adapt` left them
        top.eval()
        top.loose.train()
        at = [random.choice(rows["films"], a), random.choice(rows["drawn"], b), random.choice(len(phantoms.of), c)]
        x3, chest, inside = (torch.cat(t) for t in zip(*(s.take(np.sort(n)) for s, n in zip((own, drawn, phantoms), at, strict=True)), strict=True))
        for group in optimiser.param_groups:
            group["lr"] = one_cycle(step, config["steps"], group["top"])
        with torch.autocast("cpu", torch.bfloat16):
            maps = top(x3.contiguous(memory_format=torch.channels_last))
        maps = maps.float()
        labels = torch.from_numpy(truth[own.of[np.sort(at[0])]])
        losses = focal(pooled(maps[:a], chest[:a]), labels, weight), config["places"] * place_loss(maps[a:], inside[a:], chest[a:])
        descend(optimiser, sum(losses), 5.0)
        average.update(top, step + 1)
        sums += [loss.item() for loss in losses]
    log.close()
    out.with_suffix(".part").rename(out)


def network_of(run: Run, network: Network, fold: int) -> Top:
    top = Top(network)
    top.load_state_dict(torch.load(run.path(f"tuned-{fold}.pt"), weights_only=True)["top"])
    return top.eval()


def answers(run: Run, network: Network) -> tuple[np.ndarray, np.ndarray]:
    """What each fold's network says of all films: logits [folds, films, 6] and the map of opacity [folds, films, 32, 32]."""
    path, store = run.path("tuned.npz"), Store(run.path("stores"), "plain")
    if not path.exists():
        told = [said(network_of(run, network, k), store, np.arange(len(store.of))) for k in range(FOLDS)]
        np.savez(path, logits=np.stack([a for a, _ in told]), opacity=np.stack([m[:, MAPS.index("opacity")] for _, m in told]))
    held = np.load(path)
    return held["logits"], held["opacity"]


SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


def blended(films: Films, frozen: np.ndarray, frozen_inner: np.ndarray, tuned: np.ndarray) -> tuple[np.ndarray, list[dict]]:
    """
    Out of fold, the frozen heads' calibrated logits `frozen` [n, 5] mixed with the fine-tuned networks'; the share of
    these and their calibration are chosen on the films watched by each fold (`frozen_inner` [folds, n, 5] probabilities).
    """
    out, made = np.zeros(films.truth.shape), []
    for k in range(FOLDS):
        held, watch = films.folds == k, films.folds == (k + 1) % FOLDS
        y = films.truth[watch]
        inner = np.clip(frozen_inner[k, watch].astype(np.float64), 1e-6, 1 - 1e-6)
        inner = np.log(inner / (1 - inner))
        lines = [calibration(tuned[k, watch, j], y[:, j]) for j in range(len(FINDINGS))]
        own = lambda rows: np.stack([tuned[k, rows, j] * a + b for j, (a, b) in enumerate(lines)], 1)  # noqa: B023, E731
        mean = lambda z: float(np.mean([auc(y[:, j], z[:, j]) for j in range(len(FINDINGS))]))  # noqa: B023, E731
        by_share = {s: mean((1 - s) * inner + s * own(watch)) for s in SHARES}
        share = max(SHARES, key=lambda s: by_share[s])
        mixed = (1 - share) * inner + share * own(watch)
        again = [calibration(mixed[:, j], y[:, j]) for j in range(len(FINDINGS))]
        mixed = (1 - share) * frozen[held] + share * own(held)
        out[held] = np.stack([mixed[:, j] * a + b for j, (a, b) in enumerate(again)], 1)
        made.append({"share": share, "watched": by_share})
    return out, made


class Deviation(nn.Module):
    """The map of opacity [n, 1, 32, 32] on the grid of 64, in deviations from its mean over the chest [n, 1, 64, 64]."""

    def forward(self, opacity: torch.Tensor, chest: torch.Tensor) -> torch.Tensor:
        x = F.interpolate(opacity, scale_factor=2.0, mode="bilinear", align_corners=False)
        total = chest.sum((2, 3), keepdim=True) + 1e-3
        mean = (x * chest).sum((2, 3), keepdim=True) / total
        return (x - mean) / torch.sqrt((((x - mean) ** 2) * chest).sum((2, 3), keepdim=True) / total + 1e-4)


def pointed(films: Films, boxed: np.ndarray, chest: np.ndarray, opacity: np.ndarray, apart: str) -> np.ndarray:
    """
    [boxed, 64, 64]: where the map of the fold that never saw the film's patient points, weighed together with where boxes
    of other patients lie. `apart` 'fold': the weights come from the other folds' boxes; 'patient': from all other patients'.
    """
    own = np.stack([opacity[films.folds[n], n] for n in boxed])[:, None]
    cells = Deviation()(torch.from_numpy(own), torch.from_numpy(chest)).numpy()
    out = []
    for at, n in enumerate(boxed):
        others = boxed[films.folds[boxed] != films.folds[n]] if apart == "fold" else boxed[films.patients[boxed] != films.patients[n]]
        weights, prior = place_of(films, boxed, cells, chest, others)
        with torch.no_grad():
            out.append(Places(weights, prior)(torch.from_numpy(cells[at : at + 1]), torch.from_numpy(chest[at : at + 1]))[0, 0].numpy())
    return np.stack(out)
