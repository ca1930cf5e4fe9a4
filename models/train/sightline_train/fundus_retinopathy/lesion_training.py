"""
Where lesions are: from cells of the photographs with masks, and of photographs of grade 0, which have none of the four. Cells
are drawn once: of each lesion, at random, and where the bank answers most, as those are what is mistaken for lesions.
"""

import time
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from ..run import Run, one_cycle
from .network import BANK, DISC, SIZE, STRIDE, Bank, LesionNetwork
from .photographs import LESIONS, NETS, Photograph, Photographs

SIDE = SIZE // STRIDE
# share of a cell that a lesion covers, of 255
COVERED = 76


def picture(data: Photographs, at: int) -> torch.Tensor:
    return torch.from_numpy(data.images[at]).permute(2, 0, 1)[None].float() / 255


def truth_of(data: Photographs, p: Photograph) -> np.ndarray:
    """[5, cells] of 0 and 1; none where there is no mask."""
    return np.zeros((len(LESIONS), SIDE * SIDE), bool) if p.masks is None else data.masks[p.masks].reshape(len(LESIONS), -1) > COVERED


def chosen(data: Photographs, p: Photograph, bank: np.ndarray, inside: np.ndarray, config: dict) -> np.ndarray:
    """Cells of one photograph to learn from."""
    random = np.random.default_rng([7, p.at])
    field = np.nonzero(inside)[0]
    some = config["cells"] if p.masks is not None else config["clearCells"]
    # the finest two bands of the green
    loud = np.abs(bank[3]) + np.abs(bank[10])
    hard = field[np.argsort(-loud[field])[: len(field) // 8]]
    out = [random.choice(field, some), random.choice(hard, some)]
    for own in truth_of(data, p):
        cells = np.nonzero(own & inside)[0]
        if len(cells):
            out.append(random.choice(cells, min(len(cells), config["lesionCells"]), replace=False))
    return np.unique(np.concatenate(out))


@dataclass(frozen=True)
class Samples:
    """Cells of all photographs with masks or of grade 0: `features` [n, 37], `truth` [n, 5], photograph and cell by row."""

    features: torch.Tensor
    truth: torch.Tensor
    rows: torch.Tensor
    cells: torch.Tensor


def samples(run: Run, data: Photographs) -> Samples:
    """Drawn once and kept: the bank is the same for every fold."""
    path = run.path("samples.pt")
    if not path.exists():
        bank, parts = Bank(), []
        with torch.no_grad():
            for p in data.all:
                if p.masks is None and p.grade != 0:
                    continue
                features, inside = bank(picture(data, p.at))
                flat = features[0].reshape(BANK, -1)
                cells = chosen(data, p, flat.numpy(), inside[0, 0].reshape(-1).numpy() > 0, run.config["lesions"])
                parts.append((flat[:, cells].T.half(), torch.from_numpy(truth_of(data, p)[:, cells].T.copy()), torch.full((len(cells),), p.at), torch.from_numpy(cells)))
        run.whole(path.name, lambda part: torch.save([torch.cat(own) for own in zip(*parts, strict=True)], part))
    features, truth, rows, cells = torch.load(path, weights_only=True)
    return Samples(features.float(), truth.float(), rows, cells)


def cell_loss(logits: torch.Tensor, truth: torch.Tensor, clear: torch.Tensor) -> torch.Tensor:
    """Cross-entropy, each lesion's cells as heavy together as a twentieth of the others; discs of clear photographs are not known."""
    share = truth.mean(0).clamp(min=1e-4)
    weight = torch.where(truth > 0, (0.05 * (1 - share) / share).clamp(1, 20), torch.ones_like(truth))
    weight[:, DISC] *= ~clear
    return (F.binary_cross_entropy_with_logits(logits, truth, reduction="none") * weight).mean()


def fitted(forward, parameters, x: torch.Tensor, y: torch.Tensor, clear: torch.Tensor, config: dict, seed: int) -> list[float]:  # fmt: skip
    random = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(parameters, lr=config["rate"], weight_decay=1e-3)
    losses = []
    for step in range(config["steps"]):
        at = torch.randint(len(x), (config["batch"],), generator=random)
        for group in optimiser.param_groups:
            group["lr"] = one_cycle(step, config["steps"], config["rate"])
        loss = cell_loss(forward(x[at]), y[at], clear[at])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


def average_precision(scores: np.ndarray, truth: np.ndarray) -> float:
    order = np.argsort(-scores, kind="stable")
    hits = truth[order].astype(float)
    if hits.sum() == 0:
        return float("nan")
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float((precision * hits).sum() / hits.sum())


def marked_maps(network: LesionNetwork, data: Photographs, own: list[Photograph]) -> np.ndarray:
    """[n, 5, 320, 320] float16 logits."""
    bank = Bank()
    with torch.no_grad():
        return np.stack([network.eval()(*bank(picture(data, p.at)))[0].numpy().astype(np.float16) for p in own])


def precisions(network: LesionNetwork, data: Photographs, marked: list[Photograph], clear: list[Photograph]) -> list[float]:
    """Average precision by lesion over the cells of these photographs, those of grade 0 as empty ones."""
    both = marked + clear
    maps = marked_maps(network, data, both)[:, :, ::2, ::2].astype(np.float32)
    truth = np.stack([truth_of(data, p).reshape(len(LESIONS), SIDE, SIDE)[:, ::2, ::2] for p in both])
    count = lambda k: len(marked) if k == DISC else len(both)  # noqa: E731
    return [average_precision(maps[: count(k), k].ravel(), truth[: count(k), k].ravel()) for k in range(len(LESIONS))]


def columns(x: torch.Tensor) -> torch.Tensor:
    """[n, c] as the convolutions want it."""
    return x[:, :, None, None]


def train_lesions(run: Run, data: Photographs, net: int, state: dict) -> LesionNetwork:
    """One network for the folds that it is kept from: the first mixture, then the second over whole maps of the first."""
    config, seed = run.config["lesions"], run.config["seed"] * 100 + net
    torch.manual_seed(seed)
    network = LesionNetwork()
    if state.get("done"):
        network.load_state_dict(state["best"])
        return network.eval()
    begun = time.time()
    all_of = samples(run, data)
    learn = {p.at: p for p in data.part(NETS[net], "train") if p.masks is not None or p.grade == 0}
    judged = data.part(NETS[net], "validate")
    judged = [p for p in judged if p.masks is not None], [p for p in judged if p.grade == 0][:5]
    use = torch.isin(all_of.rows, torch.tensor(list(learn)))
    x, y, rows, cells = all_of.features[use], all_of.truth[use], all_of.rows[use], all_of.cells[use]
    clear = torch.isin(rows, torch.tensor([at for at, p in learn.items() if p.masks is None]))
    network.train()
    network.norm.momentum = None
    with torch.no_grad():
        network.norm(columns(x))
    network.norm.eval()
    noisy = lambda part: columns(part + 0.1 * network.norm.running_var.sqrt() * torch.randn_like(part))  # noqa: E731
    opening = [*network.norm.parameters(), *network.first.parameters(), *network.say.parameters()]
    losses = fitted(lambda part: network.opening(noisy(part))[1][:, :, 0, 0], opening, x, y, clear, config, seed)
    found = precisions(network, data, *judged)
    kept, score = {k: v.clone() for k, v in network.state_dict().items()}, float(np.nanmean(found[:DISC]))
    note = lambda stage, loss, values: run.log({"net": net, "step": stage, "loss": loss, **{f"inner {name}": v for name, v in zip(LESIONS, values, strict=True)}, "inner": float(np.nanmean(values[:DISC])), "seconds": time.time() - begun})  # noqa: E731  # fmt: skip
    note(1, float(np.mean(losses[-50:])), found)
    # of the clear photographs a third is enough for what stands round about
    part_of = torch.isin(rows, torch.tensor([p.at for n, p in enumerate(learn.values()) if p.masks is not None or n % 3 == 0]))
    x, y, rows, cells, clear = x[part_of], y[part_of], rows[part_of], cells[part_of], clear[part_of]
    contexts = torch.zeros(len(x), network.second[0].in_channels)
    bank = Bank()
    with torch.no_grad():
        for at in rows.unique().tolist():
            own = rows == at
            features, inside = bank(picture(data, at))
            context = network.context(*network.opening(features), inside)[0].reshape(contexts.shape[1], -1)
            contexts[own] = context[:, cells[own]].T
    losses = fitted(lambda part: network.closing(columns(part))[:, :, 0, 0], list(network.second.parameters()), contexts, y, clear, config, seed)
    found = precisions(network, data, *judged)
    note(2, float(np.mean(losses[-50:])), found)
    # of the two stages, the one that the inner split says is better
    if float(np.nanmean(found[:DISC])) > score:
        kept, score = network.state_dict(), float(np.nanmean(found[:DISC]))
    network.load_state_dict(kept)
    state = {"done": True, "best": kept, "score": score}
    keep(run, f"lesions {net}", state)
    return network.eval()


def keep(run: Run, name: str, state: dict) -> None:
    whole = run.load() or {}
    whole[name] = state
    run.save(whole)
