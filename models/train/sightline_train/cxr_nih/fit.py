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
from ..phantoms import REPOSITORY
from ..run import Run
from .answer import KEYS, Answer, Fitted, Line, folded
from .features import SCALES, Features, whitened
from .films import FINDINGS, FOLDS, Films, read
from .gate import STRENGTH, drawn, projected, unfit, upright
from .heads import BLIND_STRENGTH, Rotated, auc, calibration, inner_answers, out_of_fold, ridge_logistic, scale_of
from .places import Cells, place_of, size_of

SPOILED = ("turned left", "turned right", "upside down", "inverted", "a part", "blurred away")
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
    """One answer a target: (rows, truth of them). A ridge on some rows is the same in the space that all rows span."""
    scale = scale_of(scaled_on)
    rotated = Rotated(scale(x))
    fitted = [ridge_logistic(rotated.rows[rows], y.astype(float), STRENGTH) for rows, y in targets]
    return Line(scale.mean, scale.deviation, np.stack([rotated.back @ w for w, _ in fitted], 1), np.array([b for _, b in fitted]))


def gate_pictures(features: Features, films: Films, run: Run) -> dict[str, np.ndarray]:
    """Features of everything but the films themselves, by kind; `spoiled N` beside each kind of spoiled film: which film it was."""
    config, size = run.config, run.config["gate"]
    some = np.nonzero(upright(films))[0][:: size["every"]]
    pictures = {"drawn": drawn(run.cache, config["train"], size["drawn"], 0.5, config["seed"] + 1)}
    pictures |= {f"drawn, {k}": v for k, v in unfit(pictures["drawn"][: size["drawn"] // 8], config["seed"] + 2).items()}
    pictures |= projected(run.cache, config["volumes"], size["volumes"])
    random = np.random.default_rng(config["seed"])
    noise = [random.uniform(0, 1, (1, 1, s, s)).astype(np.float32) for s in (8, 16, 32, 64, 128) for _ in range(3)]
    pictures["noise"] = np.stack([F.interpolate(torch.from_numpy(n), (256, 256), mode="bicubic", align_corners=False).clamp(0, 1)[0, 0].numpy() for n in noise])
    pictures |= unfit(films.images[some], config["seed"])
    return {k: np.hstack(families(features, v)) for k, v in pictures.items()} | {"which": some}


def gate_of(films: Films, own: np.ndarray, pictures: dict[str, np.ndarray]) -> tuple[Line, dict]:
    """The gate fitted on all, and what one fitted without the first fold says of that. `own`: the films' features, side by side."""
    good, some = np.nonzero(upright(films))[0], pictures["which"]
    kinds = {k: v for k, v in pictures.items() if k != "which"}
    x = np.vstack([own[good], *kinds.values()])
    name = np.concatenate([np.full(len(good), "film"), *(np.full(len(v), k) for k, v in kinds.items())])
    fold = np.concatenate([films.folds[good], *(films.folds[some] if len(v) == len(some) and k in SPOILED else np.arange(len(v)) % FOLDS for k, v in kinds.items())])
    frontal = np.isin(name, ["film", "drawn"])
    is_film = np.char.find(name, "drawn") < 0
    told = ~np.isin(name, ["side view", "slice", "noise"])
    front = np.zeros(len(x), bool)
    front[: len(good)] = films.views[good] == "AP"
    at = np.arange(len(x))

    def fit_on(keep: np.ndarray) -> Line:
        kept = at[keep]
        film_rows = np.nonzero(kept < len(good))[0]
        rows = np.nonzero(told[kept])[0]
        return line(x[kept], [(np.arange(len(kept)), frontal[kept]), (film_rows, front[kept][film_rows]), (rows, is_film[kept][rows])], x[kept[film_rows]])

    held = fold == 0
    said = gate_answers(fit_on(~held), x[held])
    whole = fit_on(np.ones(len(x), bool))
    films_held, judged = name[held] == "film", frontal[held]
    figures = {
        "frontal": {k: [int((said[name[held] == k, 0] > 0).sum()), int((name[held] == k).sum())] for k in dict.fromkeys(name[held].tolist())},
        "marked in the index": [int(v > 0) for v in gate_answers(whole, own[~upright(films)])[:, 0]],
        "AP": {"auc": auc(front[held][films_held], said[films_held, 1]), "right": int(((said[films_held, 1] > 0) == front[held][films_held]).sum()), "of": int(films_held.sum())},
        "film": {"right": int(((said[judged, 2] > 0) == is_film[held][judged]).sum()), "of": int(judged.sum())},
    }
    return whole, figures


def gate_answers(one: Line, x: np.ndarray) -> np.ndarray:
    return np.clip((x - one.mean) / one.deviation, -5, 5) @ one.weights + one.bias


def phantom_truth(run: Run, network: Network) -> dict:
    """Of validation phantoms the highest heat and what is there; levels as raw heat; severity bounds."""
    chosen_on = phantom_films(run.cache, run.config["validate"])
    plain = Drawn(network, [1.0] * len(DRAWN), [0.0] * len(DRAWN), lowered=-30.0)
    told = answers(plain, points.images(chosen_on))
    raw = points.operating_points(chosen_on, told, run.config["penalty"])
    return {
        "peaks": [[float(heat[k].max()) for k in range(len(DRAWN))] for heat, _, _ in told],
        "there": [[bool((f.boxes[:, 0] == k).any()) for k in range(len(DRAWN))] for f in chosen_on],
        "levels": raw, "severity": points.severity_bounds(chosen_on, told, raw),
    }  # fmt: skip


def prepare(run: Run, network: Network) -> None:
    """What the network and the patches say of every picture, into the run's folder, each part once: no label is used."""
    config = run.config
    if not run.path("features.pt").exists():
        torch.manual_seed(config["seed"])
        features = Features(network).eval()
        learn_patches(features, run.cache, config)
        torch.save(features.state_dict(), run.path("features.pt"))
    features = features_of(run, network)
    films = read(REPOSITORY / config["films"])
    if not run.path("films.npz").exists():
        a, b = families(features, films.images)
        np.savez(run.path("films.npz"), a=a, b=b)
    if not run.path("cells.npz").exists():
        cells, chest, peaks = cells_of(network, films.images)
        boxed = np.array([n for n in range(len(films.rows)) if films.boxes(n)])
        np.savez(run.path("cells.npz"), boxed=boxed, cells=cells[boxed], chest=chest[boxed], peaks=peaks)
    if not run.path("gate.npz").exists():
        np.savez(run.path("gate.npz"), **gate_pictures(features, films, run))
    if not run.path("phantoms.json").exists():
        run.write_json("phantoms.json", phantom_truth(run, network))


def features_of(run: Run, network: Network) -> Features:
    features = Features(network).eval()
    features.load_state_dict(torch.load(run.path("features.pt"), weights_only=True))
    return features


def beside_blind(films: Films, inner: np.ndarray) -> dict[str, list[list[float]]]:
    """
    By finding and fold, AUC on the inner folds of the other folds' patients: the heads' (`inner` [folds, n, findings]), and
    of what is known without pixels. A finding that is not the better told in each of the five is never denied.
    """
    out: dict[str, list[list[float]]] = {k: [] for k in FINDINGS}
    for k in range(FOLDS):
        rest = films.folds != k
        y = films.truth[rest]
        blind = inner_answers(films.blind[rest], y.astype(float), films.folds[rest], (BLIND_STRENGTH,))[BLIND_STRENGTH]
        for j, key in enumerate(FINDINGS):
            out[key].append([round(auc(y[:, j], inner[k, rest, j]), 4), round(auc(y[:, j], blind[:, j]), 4)])
    return out


def fit(run: Run, network: Network) -> None:
    """Into fitted.pt: the state of the whole graph; fit.json: what was measured on the way; answers.npz: out of fold."""
    prepare(run, network)
    films = read(REPOSITORY / run.config["films"])
    held, cells, pictures = np.load(run.path("films.npz")), np.load(run.path("cells.npz")), dict(np.load(run.path("gate.npz")))
    a, b = held["a"], held["b"]
    logits, made = out_of_fold([a, b], films.truth, films.folds)
    print("out of fold:", {f: round(auc(films.truth[:, j], logits[:, j]), 3) for j, f in enumerate(FINDINGS)}, flush=True)
    boxed = cells["boxed"]
    places = [place_of(films, boxed, cells["cells"], cells["chest"], boxed[films.folds[boxed] != k]) for k in range(FOLDS)]
    gate, gate_figures = gate_of(films, np.hstack([a, b]), pictures)
    phantom = run.read_json("phantoms.json")
    peaks, there = np.array(phantom["peaks"]), np.array(phantom["there"])
    drawn_lines = np.array([calibration(peaks[:, k], there[:, k]) for k in range(len(DRAWN))])
    drawn_levels = 1 / (1 + np.exp(-(np.array(phantom["levels"]) * drawn_lines[:, 0] + drawn_lines[:, 1])))
    filmed = [calibration(cells["peaks"][:, k], np.array([NIH_OF_DRAWN.get(key, "-") in r["labels"].split("|") for r in films.rows])) for k, key in enumerate(DRAWN)]
    levels = np.array([np.mean([f.levels[FINDINGS.index(k)] for f in made]) if k in FINDINGS else np.clip(drawn_levels[DRAWN.index(k)], 0.3, 0.7) for k in KEYS])
    fitted = Fitted([folded(f) for f in made], places, size_of(films, boxed), gate, drawn_lines, np.array(filmed), levels)
    torch.save({"whole": Answer(features_of(run, network), fitted).state_dict(), "size": list(fitted.size)}, run.path("fitted.pt"))
    inner = np.full((FOLDS, *films.truth.shape), np.nan, np.float32)
    for k, f in enumerate(made):
        inner[k, films.folds != k] = f.inner
    run.write_json("fit.json", {
        "levels": {k: float(v) for k, v in zip(KEYS, levels, strict=True)}, "phantomLevels": drawn_levels.tolist(), "severity": phantom["severity"], "gate": gate_figures,
        "strengths": [[h.strength for h in f.heads] for f in made], "foldLevels": [f.levels.tolist() for f in made],
        "calibration": [[f.slope.tolist(), f.offset.tolist()] for f in made], "placeWeights": [w.tolist() for w, _ in places], "besideBlind": beside_blind(films, inner),
    })  # fmt: skip
    np.savez_compressed(run.path("answers.npz"), logits=logits, inner=inner, folds=films.folds)


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
