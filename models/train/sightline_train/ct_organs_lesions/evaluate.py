"""Operating points on validation phantoms, figures on test phantoms, and what knows nothing beside them."""

import numpy as np

from .. import phantoms
from ..lesions import Case, f1, figures
from ..phantoms import ID, LABELS
from ..run import Run
from ..statistics import bootstrap, figure
from .answer import Lesion, decide, lesions_of, logits_of, side_of
from .examples import LESIONS, prepared
from .network import Network
from .train import settle


def trained(run: Run) -> Network:
    network = Network(run.config["width"])
    state = run.load()
    network.load_state_dict(state["average"])
    if "settled" not in state:
        settle(run, network)
    return network.eval()


LEAST_ML = {"lung-nodule": (0.25, 0.4, 0.6, 0.8, 1.0), "liver-lesion": (0.4, 0.7, 1.0, 1.5, 2.0), "effusion": (2.0, 5.0, 10.0, 20.0)}


def planted(truth: dict) -> list[dict]:
    return [lesion for lesion in truth["lesions"] if lesion["visible"] and lesion["voxelBox"] and lesion["kind"] in LESIONS]


def case_of(truth: dict, ids: np.ndarray, said: list[Lesion], labels: np.ndarray | None) -> Case:
    """
    A component finds the lesion of its kind that holds most of it (at least a voxel). Effusion is one finding a side;
    a second component in one lesion, or one that touches none, is false.
    """
    wanted = planted(truth)
    taken: dict[int, bool] = {lesion["id"]: False for lesion in wanted}
    kinds = {lesion["id"]: lesion for lesion in wanted}
    told, sides = [], []
    for lesion in sorted(said, key=lambda s: -s.ml):
        own = ids.reshape(-1)[lesion.voxels]
        held = [(int((own == n).sum()), n) for n in taken if kinds[n]["kind"] == lesion.kind]
        hit = max(held, default=(0, 0))
        if hit[0] == 0:
            told.append((lesion.kind, False))
        elif taken[hit[1]]:
            if lesion.kind != "effusion":
                told.append((lesion.kind, False))
        else:
            taken[hit[1]] = True
            told.append((lesion.kind, True))
            if labels is not None and kinds[hit[1]]["side"]:
                sides.append(side_of(labels, lesion.centre) == kinds[hit[1]]["side"])
    return Case(
        tuple((k["kind"], k["sizeMm"] if k["kind"] != "effusion" else None, taken[n]) for n, k in kinds.items()), tuple(told), tuple(sides)
    )


def evaluate(run: Run) -> None:
    config = run.config
    spacing, patch = tuple(config["spacingMm"]), tuple(config["patch"])
    voxel_ml = float(np.prod(spacing)) / 1000
    network = trained(run)

    def read(entry: dict) -> list[tuple[dict, dict]]:
        return [(phantoms.truth(run.cache / entry["name"], n), prepared(run.cache, entry, n, spacing)) for n in phantoms.available(run.cache, entry)]

    # thresholds and least volumes: each lesion's own, on validation phantoms
    choose = []
    for entry in config["validate"]:
        for t, e in read(entry):
            logits = logits_of(network, e["image"], patch)
            p = np.exp(logits - logits.max(0))
            choose.append((t, e, (p[[ID[k] for k in LESIONS]] / p.sum(0)).astype(np.float16)))
    chosen, least = {}, {}
    for n, kind in enumerate(LESIONS):
        best = -np.inf
        for threshold in (0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995):
            said = [lesions_of(np.where(p[n] >= threshold, ID[kind], 0).astype(np.uint8), p[n], voxel_ml, {k: 0.1 for k in LESIONS}) for _, _, p in choose]
            for ml in LEAST_ML[kind]:
                hits = false = 0
                for (t, e, _), own in zip(choose, said, strict=True):
                    c = case_of(t, e["ids"], [s for s in own if s.ml >= ml], None)
                    # what is small is not asked for: only large lesions count as found
                    hits += sum(found for k, mm, found in c.planted if k == kind and (mm is None or mm >= 12))
                    false += sum(not true for _, true in c.said)
                if hits - config["penalty"] * false > best:
                    best = hits - config["penalty"] * false
                    chosen[kind], least[kind] = threshold, ml
    result = {"thresholds": chosen, "minimumMl": least, "figures": [], "comparison": [], "steps": run.load()["step"]}
    del choose
    for number, entry in enumerate(config["test"]):
        own = read(entry)
        if not own:
            continue
        name = f"unseen phantoms{' beyond the training range' if entry.get('range') == 'out' else ''}, n = {len(own)}"
        cases, said, overlaps = [], [], []
        for t, e in own:
            labels, probability = decide(logits_of(network, e["image"], patch), chosen)
            lesions = lesions_of(labels, probability, voxel_ml, least)
            said.append(lesions)
            cases.append(case_of(t, e["ids"], lesions, labels))
            overlaps.append({
                k: 2 * int(((labels == n) & (e["labels"] == n)).sum()) / int((labels == n).sum() + (e["labels"] == n).sum())
                for n, k in enumerate(LABELS) if n > 0 and (e["labels"] == n).any()
            })  # fmt: skip
        result["figures"] += figures(cases, LESIONS, name)
        for k in LABELS[1:]:
            values = [o[k] for o in overlaps if k in o]
            if values:
                result["figures"].append(figure(f"{k}: Dice at 4 mm", np.mean(values), bootstrap(values, lambda v: float(np.mean(v))), f"{name}, {len(values)} with it"))
        if number == 0:
            order = np.random.default_rng(1).permutation(len(own))
            dealt = [case_of(t, e["ids"] if e["ids"].shape == own[m][1]["ids"].shape else e["ids"], [s for s in said[m] if s.voxels.max() < e["ids"].size], None) for (t, e), m in zip(own, order, strict=True)]
            # the best constant: a ball of 20 mm where lesions of a kind lie on average in the validation phantoms' volumes
            constant = max(f1([case_of(t, e["ids"], [ball(e["ids"].shape, kind, run, spacing)], None) for t, e in own]) for kind in LESIONS)
            result["comparison"] = [
                ("this network: lesion F1", f1(cases)),
                ("chance (answers dealt to other volumes)", f1(dealt)),
                ("best constant answer", constant),
                # every channel alike: nothing but background and body anywhere, so no lesion at all
                ("zero-weight twin", f1([case_of(t, e["ids"], zero_answer(e["image"], run, chosen, least, voxel_ml, patch), None) for t, e in own[:4]])),
            ]
        for row in result["figures"]:
            print(f"{row['name']}: {row['value']:.3f} {row['interval'] or ''} ({row['data']})")
    print(chosen, least, result["comparison"])
    run.write_json("evaluation.json", result)


def ball(shape: tuple[int, ...], kind: str, run: Run, spacing: tuple[float, float, float]) -> Lesion:
    places = []
    for entry in run.config["validate"]:
        for n in phantoms.available(run.cache, entry):
            ids = prepared(run.cache, entry, n, spacing)
            at = np.argwhere(ids["labels"] == ID[kind])
            if len(at):
                places.append(at.mean(0) / ids["labels"].shape)
    centre = np.mean(places, axis=0) * shape if places else np.array(shape) / 2
    grid = np.indices(shape).reshape(3, -1)
    near = np.nonzero(((grid - centre[:, None]) ** 2).sum(0) <= 2.5**2)[0]
    return Lesion(kind, near, len(near) * 0.064, tuple(centre.tolist()), 1.0)


def zero_answer(hu: np.ndarray, run: Run, thresholds: dict, least: dict, voxel_ml: float, patch: tuple[int, int, int]) -> list[Lesion]:
    zero = Network(run.config["width"])
    for value in zero.state_dict().values():
        value.zero_()
    return lesions_of(*decide(logits_of(zero, hu, patch), thresholds), voxel_ml, least)
