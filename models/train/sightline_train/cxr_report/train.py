"""
Training in stages: the vision alone; what is known and what is lent, with the vision frozen; all together, the vision at a
lower rate; then reward by what the drafts say (self-critical). Each goes on from its last checkpoint.
"""

import importlib
import shutil
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from ..run import Average, Run, descend, one_cycle, seed_everything
from ..text import PAD, Vocabulary
from . import examples, knowledge, zones
from .examples import REGIONS, Line, bank, drawn_case, report, sequence, vocabulary
from .films import Film, far, films, moved
from .network import Drafter
from .seen import Seen, blank, look, stack
from .slots import DEPTH, PLACED, SLOTS
from .vision import Vision


STAGES = ("seeing", "knowledge", "together", "reward")
COLUMNS = ("writing", "lending", "seeing", "greedy", "drawn")


def row_of(stage: str, step: int, start: float, **told: float) -> dict:
    """A row of the log; what a stage does not measure stays empty."""
    return {"stage": stage, "step": step, **{name: told.get(name, "") for name in COLUMNS}, "seconds": time.time() - start}


def vision_of(run: Run) -> Vision:
    """The X-ray recipe's network for phantoms, from the run beside this one that the configuration names."""
    path = run.folder.parent / run.config["vision"] / "checkpoint.pt"
    if not path.exists():
        raise FileNotFoundError(f"{path}: train it first, the drafting network sees with it")
    network = Vision()
    network.load_state_dict(torch.load(path, weights_only=True)["average"])
    return network.eval()


def drafter_of(config: dict, films_told: list[list[str]]) -> tuple[Drafter, Vocabulary, list[tuple[str, str]]]:
    words = vocabulary()
    rows, about = bank(words, config["seed"])
    edges = torch.from_numpy(knowledge.graph(films_told)).float()
    return Drafter(len(words), config["width"], config["layers"], config["heads"], edges, rows), words, about


def label_rows(config: dict) -> list[list[str]]:
    folder = Path(config["nih"])
    return [knowledge.labels_of(row) for row in knowledge.rows(folder)] if (folder / "index.csv").exists() else []


def by_zone(seen: list[Seen]) -> tuple[torch.Tensor, torch.Tensor]:
    """Of each nodule and consolidation that a slot holds: what is measured, and its true zone."""
    rows, zone = [], []
    for s in seen:
        measured = zones.measures(torch.from_numpy(s.numbers[: len(PLACED)]))
        for n, own in examples.slots_of(s.lesions, s.boxes).items():
            if own.kind in ("lung-nodule", "consolidation"):
                rows.append(measured[n])
                zone.append(examples.ZONES.index(own.place.split(" ", 1)[1]))
    return torch.stack(rows), torch.tensor(zone)


def diameter_of(seen: list[Seen]) -> float:
    """Diameter of a nodule in sides of its box, the median: boxes hold what lies about it too."""
    shares = [
        own.across / max(s.boxes[n, 2] - s.boxes[n, 0], s.boxes[n, 3] - s.boxes[n, 1])
        for s in seen
        for n, own in examples.slots_of(s.lesions, s.boxes).items()
        if own.kind == "lung-nodule"
    ]
    return float(np.median(shares)) if shares else 1.0


def shown_by(run: Run, vision: Vision, given: list[Film], random: np.random.Generator, name: str) -> tuple[list[Seen], dict]:
    """
    What the vision says of films and of changed ones (kept in the file `name`), and what is measured on them: weights of the
    depth, how near to a border no zone is told, and the diameter of a nodule in sides of its box.
    """
    cached = run.path(name)
    if cached.exists():
        shown = torch.load(cached, weights_only=False)
    else:
        start = time.time()
        shown = look(vision, given)
        for n in range(run.config["knowledge"]["copies"]):
            change = moved if n % 3 == 0 else far
            shown += look(vision, [change(f, random) for f in given])
        torch.save(shown, cached)
        print(f"{len(shown)} films seen in {time.time() - start:.0f} s", flush=True)
    rows, zone = by_zone(shown)
    depths = zones.fitted(rows, zone)
    doubt = zones.doubt_of(rows @ depths[:-1] + depths[-1], zone)
    with torch.no_grad():
        for s in shown:
            s.numbers[: len(PLACED), DEPTH] = zones.depth(torch.from_numpy(s.numbers[: len(PLACED)]), depths).numpy()
    return shown, {"depths": depths, "doubt": doubt, "diameter": diameter_of(shown[: len(given)])}


def lines_of(random: np.random.Generator, own: Seen, doubt: float, sized: bool) -> list[Line]:
    return report(random, own.lesions, own.numbers, own.boxes, sized, doubt)


def padded(rows: list[list[int]]) -> torch.Tensor:
    out = torch.full((len(rows), max(map(len, rows))), PAD)
    for n, row in enumerate(rows):
        out[n, : len(row)] = torch.tensor(row)
    return out


def writing_loss(logits: torch.Tensor, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of the next token; what is told of counts more than how it is worded."""
    target = x[:, 1:]
    w = weight[target] * (target != PAD)
    each = F.cross_entropy(logits.transpose(1, 2), target, reduction="none")
    return (each * w).sum() / w.sum()


def lending_loss(like: torch.Tensor, lines: list[list[Line]], about: list[tuple[str, str]]) -> torch.Tensor:
    """The sentences of the bank that tell what this report tells come first."""
    told = [{(SLOTS[line.slot].key, SLOTS[line.slot].side or ("any" if line.slot >= len(PLACED) else "")) for line in own if line.slot is not None} for own in lines]
    right = torch.tensor([[a in own for a in about] for own in told]).float()
    some = right.sum(1) > 0
    if not some.any():
        return like.sum() * 0
    log = F.log_softmax(like / 0.1, 1)
    return -((log * right).sum(1)[some] / right.sum(1)[some]).mean()


def weights_of(words: Vocabulary) -> torch.Tensor:
    out = torch.ones(len(words))
    out[[words.ids[t] for t in (*REGIONS, examples.PLAIN, "[end]")]] = 3
    return out


def knowledge_stage(run: Run, state: dict | None) -> None:
    """Knowledge and retrieval, the vision frozen."""
    config = run.config
    own = config["knowledge"]
    random = seed_everything(config["seed"])
    given = films(run.cache, config["train"])
    vision = vision_of(run)
    if state:
        vision.load_state_dict(state["vision"])
    shown, measured = shown_by(run, vision, given, random, "seen.pt")
    doubt = measured["doubt"]
    drafter, words, about = drafter_of(config, label_rows(config))
    print(f"zones not told within {doubt:.3f}, a nodule is {measured['diameter']:.2f} of its box; {len(words)} tokens, {sum(p.numel() for p in drafter.parameters())} weights", flush=True)
    optimiser = torch.optim.AdamW(drafter.parameters(), lr=own["rate"], weight_decay=0.01, betas=(0.9, 0.98))
    average = Average(drafter, 0.995)
    step = 0
    if state and state["stage"] == "knowledge":
        drafter.load_state_dict(state["drafter"])
        optimiser.load_state_dict(state["optimiser"])
        average.state, step = state["average"], state["step"]
        random = np.random.default_rng([config["seed"], step])
    weight = weights_of(words)
    sums, since, start = np.zeros(2), 0, time.time()
    while step < own["steps"]:
        batch: list[Seen] = []
        lines: list[list[Line]] = []
        sized = [bool(random.random() < 0.7) for _ in range(own["batch"])]
        for n in range(own["batch"]):
            if random.random() < own["labels"]:
                numbers, text = drawn_case(random)
                batch.append(blank(numbers))
            else:
                batch.append(shown[random.integers(len(shown))])
                text = lines_of(random, batch[-1], doubt, sized[n])
            lines.append(text)
        grid, numbers, features, _ = stack([pad_features(b) for b in batch])
        seen = torch.tensor([float(b.numbers[0, 0] > 0) for b in batch])  # a film's first slot is always known
        x = padded([sequence(words, text, s) for text, s in zip(lines, sized, strict=True)])
        for group in optimiser.param_groups:
            group["lr"] = one_cycle(step, own["steps"], own["rate"])
        memory, like = drafter.remember(grid, numbers, features, seen)
        losses = (writing_loss(drafter.decoder(x[:, :-1], memory), x, weight), 0.1 * lending_loss(like, lines, about))
        descend(optimiser, sum(losses), 1.0)
        step += 1
        average.update(drafter, step)
        sums += [loss.item() for loss in losses]
        since += 1
        if step % config["saveEvery"] == 0 or step == own["steps"]:
            run.log(row_of("knowledge", step, start, writing=sums[0] / since, lending=sums[1] / since))
            sums, since = np.zeros(2), 0
            run.save({
                "stage": "knowledge", "step": step, "drafter": drafter.state_dict(), "average": average.state, "optimiser": optimiser.state_dict(),
                "vision": vision.state_dict(), **measured,
            })  # fmt: skip


def pad_features(own: Seen) -> Seen:
    """Features for every slot; those without a place have none."""
    missing = len(SLOTS) - len(own.features)
    return own if missing == 0 else Seen(own.grid, np.pad(own.features, ((0, missing), (0, 0))), own.numbers, own.boxes, own.chest, own.lesions)


def train(run: Run) -> None:
    for name in STAGES:
        # its file is written when it is over
        if run.config[name]["steps"] == 0 or run.path(f"{name}.pt").exists():
            continue
        state = run.load()
        if name == "knowledge":
            knowledge_stage(run, state)
        else:
            importlib.import_module(f".{name}", __package__).stage(run, state)
        shutil.copy(run.path("checkpoint.pt"), run.path(f"{name}.pt"))
