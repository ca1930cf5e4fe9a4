"""Training: focal loss of centres, relative error of sizes, cross-entropy and Dice of masks and extents."""

import time

import numpy as np
import torch
from torch.nn import functional as F

from ..run import Average, Run, descend, one_cycle, seed_everything
from ..cxr_nih.fit import fit
from ..warm import from_package
from .examples import changed, films, targets
from .network import Network


def centre_loss(logits: torch.Tensor, heat: torch.Tensor) -> torch.Tensor:
    """Penalty-reduced focal loss of CornerNet and CenterNet (alpha 2, beta 4), by the number of centres."""
    p = torch.clamp(logits.sigmoid(), 1e-4, 1 - 1e-4)
    is_centre = heat >= 0.999
    hit = -((1 - p) ** 2) * torch.log(p) * is_centre
    miss = -((1 - heat) ** 4) * p**2 * torch.log(1 - p) * ~is_centre
    return (hit.sum() + miss.sum()) / max(1, int(is_centre.sum()))


def area_loss(logits: torch.Tensor, target: torch.Tensor, weight: float) -> torch.Tensor:
    """Cross-entropy and soft Dice by channel over the batch."""
    entropy = F.binary_cross_entropy_with_logits(logits, target, pos_weight=torch.tensor(weight))
    p = logits.sigmoid()
    both, total = (p * target).sum((0, 2, 3)), (p + target).sum((0, 2, 3))
    return entropy + (1 - (2 * both + 1) / (total + 1)).mean()


def losses_of(answers: tuple[torch.Tensor, ...], masks: torch.Tensor, boxes: list[np.ndarray]) -> tuple[torch.Tensor, ...]:
    """Centres, sizes, masks and extents of what the network answers, against the truth of each film."""
    h, s, m, e = answers
    heat, extents, sizes, counts = (torch.stack(t) for t in zip(*map(targets, boxes), strict=True))
    size_error = ((torch.log(s) - torch.log(torch.clamp(sizes, min=4))).abs() * counts).sum() / max(1.0, float(counts.sum()))
    return centre_loss(h, heat), 0.5 * size_error, area_loss(m, masks, 1.0), 0.5 * area_loss(e, extents, 3.0)


def settle(run: Run, network: Network, count: int = 20) -> None:
    """Means and variances of the normalisations anew for the averaged weights, over changed films as in training."""
    random = np.random.default_rng(run.config["seed"])
    examples = films(run.cache, run.config["train"][:1])
    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    network.train()
    with torch.no_grad():
        for _ in range(count):
            network(torch.stack([changed(examples[random.integers(len(examples))], random, far=run.config.get("far", 0.0))[0] for _ in range(run.config["batch"])]))
    network.eval()


def train(run: Run) -> None:
    config = run.config
    random = seed_everything(config["seed"])
    examples = [film for e in config["train"] for film in films(run.cache, [e]) * e.get("weight", 1)]
    network = Network().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), lr=config["rate"], weight_decay=1e-3)
    step = 0
    state = run.load()
    if not state and config.get("from") == "package":
        draw = lambda: torch.stack([changed(examples[random.integers(len(examples))], random)[0] for _ in range(16)])  # noqa: E731
        from_package(network, run.packages / run.system, [draw() for _ in range(20)])
    average = Average(network, config.get("averaging", 0.998))
    if state:
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        average.state = state["average"]
        step = state["step"]
        random = np.random.default_rng([config["seed"], step])
    print(f"{len(examples)} phantoms, {sum(p.numel() for p in network.parameters())} weights, from step {step}", flush=True)
    begun = step
    network.train()
    sums, since, start = np.zeros(4), 0, time.time()
    while step < config["steps"]:
        drawn = [changed(examples[random.integers(len(examples))], random, config.get("likeness", 0.0), config.get("far", 0.0)) for _ in range(config["batch"])]
        x, masks = torch.stack([d[0] for d in drawn]), torch.stack([d[1] for d in drawn])
        for group in optimiser.param_groups:
            group["lr"] = one_cycle(step, config["steps"], config["rate"])
        with torch.autocast("cpu", torch.bfloat16, enabled=bool(config.get("half"))):
            answers = network(x.contiguous(memory_format=torch.channels_last))
        losses = losses_of(tuple(t.float() for t in answers), masks, [d[2] for d in drawn])
        descend(optimiser, sum(losses), 5.0)
        step += 1
        average.update(network, step)
        sums += [loss.item() for loss in losses]
        since += 1
        if step % config["saveEvery"] == 0 or step == config["steps"]:
            names = ("centres", "sizes", "masks", "extents")
            run.log({"step": step, **dict(zip(names, (sums / since).tolist(), strict=True)), "seconds": time.time() - start})
            sums, since = np.zeros(4), 0
            run.save({"network": network.state_dict(), "optimiser": optimiser.state_dict(), "average": average.state, "step": step})
    network.load_state_dict(average.state)
    if step > begun or (config["steps"] > 0 and not (state and state.get("settled"))):
        settle(run, network)
    run.save({"network": network.state_dict(), "optimiser": optimiser.state_dict(), "step": step, "average": network.state_dict(), "settled": True})
    if config.get("films"):
        fit(run, network.eval())
