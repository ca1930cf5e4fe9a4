"""Training of the transformer, or of the convolutions beside it: the same crops, losses and steps for both."""

import time
from collections.abc import Callable

import numpy as np
import torch

from .. import phantoms
from ..run import Average, Run, descend, one_cycle, seed_everything
from ..warm import from_package
from .crops import changed, phantom
from .examples import padded, prepared, windowed
from .levels import biases_from, network_of
from .losses import Loss
from .network import CLASSES, Network

ORGANS = range(1, 13)


def soft_precision(config: dict, device: str) -> torch.autocast:
    return torch.autocast(device, torch.bfloat16, enabled=config.get("bfloat16", False))


def watched(run: Run) -> dict[str, list[tuple[torch.Tensor, torch.Tensor]]]:
    """Validation volumes whole: as they are, and changed beyond what phantoms are (drawn once, from a seed of their own)."""
    config = run.config
    entry, size, spacing = config["validate"][0], config["patch"][::-1], config["spacingMm"]
    out = {"plain": [], "changed": []}
    random = np.random.default_rng(config["seed"] + 1)
    before = torch.get_rng_state()
    torch.manual_seed(config["seed"] + 1)
    for n in phantoms.available(run.cache, entry)[: config["watched"]]:
        own = prepared(run.cache, entry, n, tuple(spacing))
        image, labels = (padded(own[key], size, value) for key, value in (("image", -1000), ("labels", 0)))
        out["plain"].append((torch.from_numpy(windowed(image))[None, None], torch.from_numpy(labels.astype(np.int64))[None]))
        image, shares = changed(phantom(run.cache / entry["name"], n), tuple(size), spacing[0], 1.0, random)
        out["changed"].append((image[None], shares.argmax(0)[None]))
    torch.set_rng_state(before)
    return out


def organ_dice(network: torch.nn.Module, volumes: list, config: dict, device: str) -> float:
    """Mean over organs of the mean over volumes that hold it."""
    scores: list[list[float]] = [[] for _ in range(CLASSES)]
    network.eval()
    for image, labels in volumes:
        with torch.no_grad(), soft_precision(config, device):
            told = network(image.to(device)).argmax(1).cpu()
        for n in ORGANS:
            own, true = told == n, labels == n
            if true.any():
                scores[n].append(2 * int((own & true).sum()) / int(own.sum() + true.sum()))
    network.train()
    return float(np.mean([np.mean(scores[n]) for n in ORGANS if scores[n]]))


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


def begin(network: torch.nn.Module, run: Run, draw: Callable[[], torch.Tensor]) -> None:
    """All of the package's network where it is of this kind; else the stem, levels and decoder that every kind has; else nothing."""
    package, inputs = run.packages / "ct-organs-lesions", [draw() for _ in range(16)]
    try:
        from_package(network, package, inputs)
        biases_from(network, package)
        print("begins with the package's network", flush=True)
        return
    except ValueError:
        base = Network(run.config["width"])
    try:
        from_package(base, package, inputs)
    except ValueError as reason:
        print(f"begins with nothing: {reason}", flush=True)
        return
    missing, _ = network.load_state_dict(base.state_dict(), strict=False)
    if any(not name.startswith("more") for name in missing):
        raise ValueError("the package's layers are not this network's")
    print("begins with the package's stem, levels and decoder", flush=True)


def train(run: Run) -> None:
    config = run.config
    random = seed_everything(config["seed"])
    device = "cuda" if torch.cuda.is_available() else "cpu"
    spacing = config["spacingMm"][0]
    examples = [(run.cache / e["name"], n) for e in config["train"] for n in phantoms.available(run.cache, e)]
    network = network_of(config).to(device, memory_format=torch.channels_last_3d)
    plain = [p for p in network.parameters() if p.ndim < 2]
    heavy = [p for p in network.parameters() if p.ndim >= 2]
    optimiser = torch.optim.AdamW([{"params": heavy, "weight_decay": config["decay"]}, {"params": plain, "weight_decay": 0.0}], lr=config["rate"])
    loss = Loss(config)
    if not run.load() and config.get("from") == "package":
        begin(network, run, lambda: changed(phantom(*examples[random.integers(len(examples))]), (64, 64, 64), spacing, 0.0, random)[0][None])
    average = Average(network, config["averaging"])
    step, spent = 0, 0.0
    state = run.load()
    if state:
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        average.state = state["average"]
        step, spent = state["step"], state["spent"]
        random = np.random.default_rng([config["seed"], step])
        torch.manual_seed(config["seed"] + step)
    watch, twin = watched(run), network_of(config).to(device)
    print(f"{len(examples)} phantoms, {sum(p.numel() for p in network.parameters())} weights, from step {step}", flush=True)
    network.train()
    sums, since, start, clock = {}, 0, time.process_time() - spent, time.time()
    steps = config["steps"]
    while step < steps:
        (size, count) = config["crops"][random.integers(len(config["crops"]))]
        drawn = [changed(phantom(*examples[random.integers(len(examples))]), tuple(size), spacing, config["strong"], random, config.get("wide", 0.0)) for _ in range(count)]
        x, y = (torch.stack([one[n] for one in drawn]).to(device) for n in (0, 1))
        for group in optimiser.param_groups:
            group["lr"] = one_cycle(step, steps, config["rate"])
        with soft_precision(config, device):
            logits = network(x)
        total, parts = loss(logits, y)
        descend(optimiser, total, 3.0)
        step += 1
        since += 1
        average.update(network, step)
        sums = {k: sums.get(k, 0.0) + v for k, v in parts.items()}
        if step % config["saveEvery"] == 0 or step == steps:
            row = {"step": step, **{k: v / since for k, v in sums.items()}, "organs": "", "organsChanged": ""}
            if step % config["watchEvery"] == 0 or step == steps:
                twin.load_state_dict(average.state)
                row["organs"], row["organsChanged"] = (organ_dice(twin, watch[k], config, device) for k in ("plain", "changed"))
            spent = time.process_time() - start
            run.log({**row, "cpuSeconds": round(spent, 1), "seconds": round(time.time() - clock, 1)})
            sums, since = {}, 0
            run.save({"network": network.state_dict(), "optimiser": optimiser.state_dict(), "average": average.state, "step": step, "spent": spent})
    network.load_state_dict(average.state)
    settle(run, network.cpu())
    state = run.load()
    run.save({**state, "average": network.state_dict(), "settled": True})
