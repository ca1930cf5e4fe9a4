"""Everything above the frozen network, fitted: patches on phantoms, heads and places on the films by folds, the gate."""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from ..cxr_findings import points
from ..cxr_findings.answer import Answer as Drawn
from ..cxr_findings.answer import answers
from ..cxr_findings.examples import films as phantom_films
from ..cxr_findings.network import FINDINGS as DRAWN
from ..cxr_findings.network import Network
from ..phantoms import REPOSITORY, available
from ..run import Run
from .answer import KEYS, Answer, Fitted, Line, folded
from .features import SCALES, Features, whitened
from .films import FINDINGS, FOLDS, Films, read
from .gate import STRENGTH, drawn, projected, unfit, upright
from .heads import Rotated, auc, calibration, out_of_fold, scale_of
from .places import Cells, place_of, size_of

NIH_OF_DRAWN = {"lung-nodule": "Nodule", "consolidation": "Consolidation", "pneumothorax": "Pneumothorax", "cardiomegaly": "Cardiomegaly"}


def learn_patches(features: Features, cache: Path, config: dict) -> None:
    images = torch.from_numpy(drawn(cache, config["train"][:1], 300, 0.8, config["seed"]))[:, None]
    for words, scale in zip(features.words, SCALES, strict=True):
        words.kernels.weight.data = whitened(F.avg_pool2d(images, scale) if scale > 1 else images, config["seed"])


def families(features: Features, images: np.ndarray, batch: int = 16) -> tuple[np.ndarray, np.ndarray]:
    out: list[tuple[np.ndarray, np.ndarray]] = []
    with torch.no_grad():
        for n in range(0, len(images), batch):
            a, b, _, _ = features(torch.from_numpy(np.ascontiguousarray(images[n : n + batch]))[:, None])
            out.append((a.numpy(), b.numpy()))
    return np.vstack([a for a, _ in out]), np.vstack([b for _, b in out])


def cells_of(network: Network, images: np.ndarray, batch: int = 16) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of each cell, the chest, and each phantom finding's highest heat."""
    parts: list[tuple[np.ndarray, ...]] = []
    with torch.no_grad():
        for n in range(0, len(images), batch):
            y2 = network.maps(torch.from_numpy(images[n : n + batch])[:, None])[-1]
            cells, chest = Cells()(network.extent(y2), network.mask(y2))
            parts.append((cells.numpy(), chest.numpy(), network.heat(y2).amax((2, 3)).numpy()))
    return tuple(np.concatenate([p[k] for p in parts]) for k in range(3))


def line(x: np.ndarray, targets: list[tuple[np.ndarray, np.ndarray]], scaled_on: np.ndarray) -> Line:
    """One answer a target: (rows, truth of them)."""
    scale = scale_of(scaled_on)
    fitted = [Rotated(scale(x[rows])).fit(y.astype(float), STRENGTH) for rows, y in targets]
    return Line(scale.mean, scale.deviation, np.stack([w for w, _ in fitted], 1), np.array([b for _, b in fitted]))


def gate_of(features: Features, films: Films, own: np.ndarray, run: Run) -> tuple[Line, dict]:
    """The gate fitted on all, and what it says of patients and kinds out of fold. `own`: the films' features, side by side."""
    config = run.config
    some = np.nonzero(upright(films))[0][::4]
    spoiled = {k: np.hstack(families(features, v)) for k, v in unfit(films.images[some], config["seed"]).items()}
    pictures = {"drawn": drawn(run.cache, config["train"], 240, 0.5, config["seed"] + 1)}
    pictures |= {f"drawn, {k}": v for k, v in unfit(pictures["drawn"][:40], config["seed"] + 2).items()}
    pictures |= projected(run.cache, config["volumes"], 60)
    random = np.random.default_rng(config["seed"])
    noise = [random.uniform(0, 1, (1, 1, s, s)).astype(np.float32) for s in (8, 16, 32, 64, 128) for _ in range(8)]
    pictures["noise"] = np.stack([F.interpolate(torch.from_numpy(n), (256, 256), mode="bicubic", align_corners=False).clamp(0, 1)[0, 0].numpy() for n in noise])
    others = {k: np.hstack(families(features, v)) for k, v in pictures.items()}
    good = np.nonzero(upright(films))[0]
    rows = [own[good], *spoiled.values(), *others.values()]
    x = np.vstack(rows)
    frontal = np.concatenate([np.ones(len(good)), *(np.zeros(len(v)) for v in spoiled.values()), *(np.full(len(v), k == "drawn") for k, v in others.items())])
    fold = np.concatenate([films.folds[good], *(films.folds[some] for _ in spoiled), *(np.arange(len(v)) % FOLDS for v in others.values())])
    name = np.concatenate([np.full(len(good), "film"), *(np.full(len(v), k) for k, v in spoiled.items()), *(np.full(len(v), k) for k, v in others.items())])
    is_film = np.char.find(name, "drawn") < 0
    judged = np.isin(name, ["film", "drawn"])
    front = np.zeros(len(x), bool)
    front[: len(good)] = films.views[good] == "AP"
    at = np.arange(len(x))

    def fit(keep: np.ndarray) -> Line:
        film_rows = at[: len(good)][keep[: len(good)]]
        told = at[keep & is_film & ~np.isin(name, ["side view", "slice", "noise"]) | keep & ~is_film]
        return line(x, [(at[keep], frontal[keep]), (film_rows, front[film_rows]), (told, is_film[told])], x[film_rows])

    held = np.zeros((len(x), 3))
    for k in range(FOLDS):
        one, mine = fit(fold != k), fold == k
        held[mine] = np.clip((x[mine] - one.mean) / one.deviation, -5, 5) @ one.weights + one.bias
    kept = {k: [int((held[name == k, 0] > 0).sum()), int((name == k).sum())] for k in dict.fromkeys(name.tolist())}
    figures = {
        "frontal": kept,
        "marked in the index": [int(v) for v in (families_gate(fit(np.ones(len(x), bool)), own[~upright(films)])[:, 0] > 0).astype(int)],
        "AP": {"auc": auc(front[: len(good)], held[: len(good), 1]), "right": int(((held[: len(good), 1] > 0) == front[: len(good)]).sum()), "of": len(good)},
        "film": {"right": int(((held[judged, 2] > 0) == is_film[judged]).sum()), "of": int(judged.sum())},
    }
    return fit(np.ones(len(x), bool)), figures


def families_gate(one: Line, x: np.ndarray) -> np.ndarray:
    return np.clip((x - one.mean) / one.deviation, -5, 5) @ one.weights + one.bias


def phantom_levels(network: Network, run: Run) -> tuple[np.ndarray, np.ndarray, dict]:
    """Of each phantom finding, slope and offset of its highest heat, the probability from which it is said, severity bounds."""
    chosen_on = phantom_films(run.cache, run.config["validate"])
    plain = Drawn(network, [1.0] * len(DRAWN), [0.0] * len(DRAWN), lowered=-30.0)
    told = answers(plain, points.images(chosen_on))
    raw = points.operating_points(chosen_on, told, run.config["penalty"])
    lines, levels = [], []
    for k in range(len(DRAWN)):
        truth = np.array([bool((f.boxes[:, 0] == k).any()) for f in chosen_on])
        slope, offset = calibration(np.array([heat[k].max() for heat, _, _ in told]), truth)
        lines.append((slope, offset))
        levels.append(1 / (1 + np.exp(-(raw[k] * slope + offset))))
    return np.array(lines), np.array(levels), points.severity_bounds(chosen_on, told, raw)


def fit(run: Run, network: Network) -> None:
    """Into fitted.pt: the state of the whole graph but for the network, and fit.json: what was measured on the way."""
    config = run.config
    films = read(REPOSITORY / config["films"])
    torch.manual_seed(config["seed"])
    features = Features(network).eval()
    learn_patches(features, run.cache, config)
    a, b = families(features, films.images)
    logits, made = out_of_fold([a, b], films.truth, films.folds)
    print("out of fold:", {f: round(auc(films.truth[:, j], logits[:, j]), 3) for j, f in enumerate(FINDINGS)}, flush=True)
    cells, chest, peaks = cells_of(network, films.images)
    boxed = np.array([n for n in range(len(films.rows)) if films.boxes(n)])
    places = [place_of(films, cells, chest, boxed[films.folds[boxed] != k]) for k in range(FOLDS)]
    gate, gate_figures = gate_of(features, films, np.hstack([a, b]), run)
    drawn_lines, drawn_levels, severity = phantom_levels(network, run)
    filmed = []
    for k, key in enumerate(DRAWN):
        truth = np.array([NIH_OF_DRAWN.get(key, "-") in r["labels"].split("|") for r in films.rows])
        filmed.append(calibration(peaks[:, k], truth))
    levels = np.array([np.mean([f.levels[FINDINGS.index(k)] for f in made]) if k in FINDINGS else np.clip(drawn_levels[DRAWN.index(k)], 0.3, 0.7) for k in KEYS])
    fitted = Fitted([folded(f) for f in made], places, size_of(films, boxed), gate, drawn_lines, np.array(filmed), levels)
    whole = Answer(features, fitted)
    torch.save({"whole": whole.state_dict(), "size": list(fitted.size)}, run.path("fitted.pt"))
    run.write_json("fit.json", {
        "levels": {k: float(v) for k, v in zip(KEYS, levels, strict=True)}, "phantomLevels": drawn_levels.tolist(), "severity": severity, "gate": gate_figures,
        "strengths": [[h.strength for h in f.heads] for f in made], "foldLevels": [f.levels.tolist() for f in made],
        "calibration": [[f.slope.tolist(), f.offset.tolist()] for f in made],
        "phantoms": sum(len(available(run.cache, e)) for e in config["train"]),
        "placeWeights": [w.tolist() for w, _ in places],
    })  # fmt: skip
    inner = np.full((FOLDS, *films.truth.shape), np.nan, np.float32)
    for k, f in enumerate(made):
        inner[k, films.folds != k] = f.inner
    np.savez_compressed(run.path("films.npz"), logits=logits, inner=inner, families=np.hstack([a, b]), folds=films.folds, peaks=peaks)


def whole_of(run: Run, network: Network) -> Answer:
    """The fitted graph again."""
    state = torch.load(run.path("fitted.pt"), weights_only=True)
    held = state["whole"]
    of = lambda name: {k[len(name) + 1 :]: v for k, v in held.items() if k.startswith(name + ".")}  # noqa: E731
    as_line = lambda name: Line(*(of(name)[k].numpy() for k in ("mean", "deviation", "weights", "bias")))  # noqa: E731
    zero = np.zeros((7,), np.float32)
    levels = 1 / (1 + np.exp(-held["levels"].numpy().reshape(-1)))
    fitted = Fitted(
        [(as_line(f"first.{k}"), as_line(f"second.{k}")) for k in range(FOLDS)],
        [(zero, np.zeros((64, 64), np.float32))] * FOLDS, tuple(state["size"]), as_line("gate"),
        held["drawn"].numpy(), held["filmed"].numpy(), levels,
    )  # fmt: skip
    whole = Answer(Features(network), fitted)
    whole.load_state_dict(held)
    return whole.eval()
