"""Training: next-token cross-entropy over the sentence only."""

import time

import numpy as np
import torch
from torch.nn import functional as F

from ..run import Average, Run, descend, one_cycle, seed_everything
from ..text import PAD
from .examples import example, ids, vocabulary
from .network import Network


def train(run: Run) -> None:
    config = run.config
    random = seed_everything(config["seed"])
    words = vocabulary(config["seed"])
    network = Network(len(words), config["width"], config["layers"], config["heads"])
    optimiser = torch.optim.AdamW(network.parameters(), lr=config["rate"], weight_decay=0.01, betas=(0.9, 0.98))
    average = Average(network, 0.995)
    step = 0
    state = run.load()
    if state:
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        average.state = state["average"]
        step = state["step"]
        random = np.random.default_rng([config["seed"], step])
    print(f"{len(words)} tokens, {sum(p.numel() for p in network.parameters())} weights, from step {step}", flush=True)
    total, since, start = 0.0, 0, time.time()
    while step < config["steps"]:
        rows = []
        for _ in range(config["batch"]):
            _, text, sentences = example(random)
            rows.append(ids(words, text, str(random.choice(sentences))))
        longest = max(len(r) for r, _ in rows)
        x = torch.full((len(rows), longest), PAD)
        counts = torch.zeros(len(rows), longest - 1)
        for n, (row, begin) in enumerate(rows):
            x[n, : len(row)] = torch.tensor(row)
            counts[n, begin - 1 : len(row) - 1] = 1
        for group in optimiser.param_groups:
            group["lr"] = one_cycle(step, config["steps"], config["rate"])
        logits = network(x[:, :-1])
        at = counts.bool()
        loss = F.cross_entropy(logits[at], x[:, 1:][at])
        descend(optimiser, loss, 1.0)
        step += 1
        average.update(network, step)
        total += loss.item()
        since += 1
        if step % config["saveEvery"] == 0 or step == config["steps"]:
            run.log({"step": step, "loss": total / since, "seconds": time.time() - start})
            total, since = 0.0, 0
            run.save({"network": network.state_dict(), "optimiser": optimiser.state_dict(), "average": average.state, "step": step})
