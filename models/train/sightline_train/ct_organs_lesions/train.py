"""Training: cross-entropy and Dice over random crops."""

import time

import numpy as np
import torch
from torch.nn import functional as F

from .. import phantoms
from ..run import Average, Run, one_cycle, seed_everything
from ..warm import from_package
from .examples import changed, class_weights, crop, padded, prepared, windowed
from .network import CLASSES, Network


def dice_loss(logp: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """1 - mean soft Dice over the classes that the batch holds, background left out. Over the batch as one volume."""
    p = logp.exp().transpose(0, 1).reshape(CLASSES, -1)
    t = F.one_hot(labels.reshape(-1), CLASSES).T.to(p.dtype)
    both, total, held = (p * t).sum(1), (p + t).sum(1), t.sum(1) > 0
    score = (2 * both + 1) / (total + 1)
    return 1 - score[1:][held[1:]].mean() if held[1:].any() else logp.sum() * 0


def settle(run: Run, network: Network, count: int = 24) -> None:
    """Means and variances of the normalisations over whole volumes: crops around lesions hold less air than a patch does."""
    config = run.config
    spacing, size = tuple(config["spacingMm"]), config["patch"][::-1]
    examples = [(e, n) for e in config["train"] for n in phantoms.available(run.cache, e)]
    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm3d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    network.train()
    with torch.no_grad():
        for entry, n in examples[:: max(1, len(examples) // count)]:
            hu = prepared(run.cache, entry, n, spacing)["image"]
            if all(a <= b for a, b in zip(hu.shape, size, strict=True)):
                network(torch.from_numpy(windowed(padded(hu, size, -1000)))[None, None])
    network.eval()


def train(run: Run) -> None:
    config = run.config
    random = seed_everything(config["seed"])
    spacing = tuple(config["spacingMm"])
    examples = [(e, n) for e in config["train"] for n in phantoms.available(run.cache, e) * e.get("weight", 1)]
    network = Network(config["width"]).to(memory_format=torch.channels_last_3d)
    optimiser = torch.optim.AdamW(network.parameters(), lr=config["rate"], weight_decay=1e-3)
    step = 0
    state = run.load()
    if not state and config.get("from") == "package":
        draw = lambda: changed(*crop(prepared(run.cache, *examples[random.integers(len(examples))], spacing), 64, random), random)[0]  # noqa: E731
        from_package(network, run.packages / run.system, [torch.stack([draw(), draw()]) for _ in range(20)])
    average = Average(network, config["averaging"])
    if state:
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        average.state = state["average"]
        step = state["step"]
        random = np.random.default_rng([config["seed"], step])
    weights = class_weights(config.get("lesionWeight", 3.0))
    print(f"{len(examples)} phantoms, {sum(p.numel() for p in network.parameters())} weights, from step {step}", flush=True)
    network.train()
    sums, since, start = np.zeros(2), 0, time.time()
    while step < config["steps"]:
        images, labels = [], []
        size, count = config["crops"][random.integers(len(config["crops"]))]
        for _ in range(count):
            entry, n = examples[random.integers(len(examples))]
            image, told = changed(*crop(prepared(run.cache, entry, n, spacing), size, random), random)
            images.append(image)
            labels.append(told)
        x, y = torch.stack(images), torch.stack(labels)
        for group in optimiser.param_groups:
            group["lr"] = one_cycle(step, config["steps"], config["rate"])
        logp = network(x).log_softmax(1)
        entropy = F.nll_loss(logp, y, weights)
        dice = dice_loss(logp, y)
        optimiser.zero_grad(set_to_none=True)
        (entropy + dice).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        step += 1
        average.update(network, step)
        sums += (entropy.item(), dice.item())
        since += 1
        if step % config["saveEvery"] == 0 or step == config["steps"]:
            run.log({"step": step, "entropy": sums[0] / since, "dice": sums[1] / since, "seconds": time.time() - start})
            sums, since = np.zeros(2), 0
            run.save({"network": network.state_dict(), "optimiser": optimiser.state_dict(), "average": average.state, "step": step})
    network.load_state_dict(average.state)
    settle(run, network)
    state = run.load()
    run.save({**state, "average": network.state_dict(), "settled": True})
