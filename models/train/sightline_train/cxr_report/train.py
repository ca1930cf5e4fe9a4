"""
Training in three stages: what is known and what is lent, with the vision frozen; all together, the vision at a lower rate;
then reward by what the drafts say (self-critical). Each goes on from its last checkpoint.
"""

import importlib
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from ..run import Average, Run, one_cycle, seed_everything
from ..text import PAD, Vocabulary
from . import examples, knowledge
from .examples import REGIONS, Line, bank, drawn_case, report, sequence, vocabulary
from .films import Film, films, moved
from .network import Drafter
from .seen import Seen, blank, look, stack
from .slots import DEPTH, PLACED, SLOTS
from .vision import Vision


def vision_of(run: Run) -> Vision:
    """The X-ray recipe's network for phantoms, from its run beside this one; without its heads for real films."""
    path = run.folder.parent / "cxr-findings" / "checkpoint.pt"
    if not path.exists():
        raise FileNotFoundError(f"{path}: train cxr-findings first, the drafting network sees with it")
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


def borders(seen: list[Seen]) -> tuple[tuple[float, float], float]:
    """Depths at which one zone passes into the next, and how near to them a zone is not told (2 in 100 would be wrong)."""
    told = [
        (float(s.numbers[n, DEPTH]), examples.ZONES.index(own.place.split(" ", 1)[1]))
        for s in seen
        for n, own in examples.slots_of(s.lesions, s.boxes).items()
        if own.kind in ("lung-nodule", "consolidation")
    ]
    depth, zone = np.array([d for d, _ in told]), np.array([z for _, z in told])
    steps = np.linspace(0.15, 0.85, 71)
    best = [steps[np.argmin([((depth > s) != (zone > k)).sum() for s in steps])] for k in (0, 1)]
    for doubt in np.linspace(0, 0.2, 41):
        sure = np.minimum(abs(depth - best[0]), abs(depth - best[1])) >= doubt
        wrong = (depth > best[0]).astype(int) + (depth > best[1]) != zone
        if (wrong & sure).sum() <= 0.02 * sure.sum():
            break
    return (float(best[0]), float(best[1])), float(doubt)


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
    cached = run.path("seen.pt")
    if cached.exists():
        shown = torch.load(cached, weights_only=False)
    else:
        start = time.time()
        shown = look(vision, given) + [s for _ in range(own["copies"]) for s in look(vision, [moved(f, random) for f in given])]
        torch.save(shown, cached)
        print(f"{len(shown)} films seen in {time.time() - start:.0f} s", flush=True)
    drafter, words, about = drafter_of(config, label_rows(config))
    examples.BORDERS, doubt = borders(shown[: len(given)])
    print(f"zones part at {examples.BORDERS}, not told within {doubt:.3f}; {len(words)} tokens, {sum(p.numel() for p in drafter.parameters())} weights", flush=True)
    optimiser = torch.optim.AdamW(drafter.parameters(), lr=own["rate"], weight_decay=0.01, betas=(0.9, 0.98))
    average = Average(drafter, 0.995)
    step = 0
    if state:
        drafter.load_state_dict(state["drafter"])
        average.state = state["average"]
        if state["stage"] == "knowledge":
            optimiser.load_state_dict(state["optimiser"])
            step = state["step"]
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
        optimiser.zero_grad(set_to_none=True)
        sum(losses).backward()
        torch.nn.utils.clip_grad_norm_(drafter.parameters(), 1.0)
        optimiser.step()
        step += 1
        average.update(drafter, step)
        sums += [loss.item() for loss in losses]
        since += 1
        if step % config["saveEvery"] == 0 or step == own["steps"]:
            run.log({"stage": "knowledge", "step": step, "writing": sums[0] / since, "lending": sums[1] / since, "greedy": "", "drawn": "", "seconds": time.time() - start})
            sums, since = np.zeros(2), 0
            run.save({
                "stage": "knowledge", "step": step, "drafter": drafter.state_dict(), "average": average.state, "optimiser": optimiser.state_dict(),
                "vision": vision.state_dict(), "borders": list(examples.BORDERS), "doubt": doubt,
            })  # fmt: skip


def pad_features(own: Seen) -> Seen:
    """Features for every slot; those without a place have none."""
    missing = len(SLOTS) - len(own.features)
    return own if missing == 0 else Seen(own.grid, np.pad(own.features, ((0, missing), (0, 0))), own.numbers, own.boxes, own.chest, own.lesions)


def train(run: Run) -> None:
    stages = ("knowledge", "together", "reward")
    for n, name in enumerate(stages):
        if run.config[name]["steps"] == 0:
            continue
        state = run.load()
        if state and stages.index(state["stage"]) > n:
            continue
        if name == "knowledge":
            knowledge_stage(run, state)
        else:
            importlib.import_module(f".{name}", __package__).stage(run, state)
