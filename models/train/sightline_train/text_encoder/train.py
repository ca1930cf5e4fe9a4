"""Training: each text finds its other wording among all of the batch (InfoNCE, both ways)."""

import time

import numpy as np
import torch
from torch.nn import functional as F

from ..run import Average, Run, one_cycle, seed_everything
from ..text import BEGIN, END, PAD, Vocabulary
from .examples import pair, vocabulary
from .network import Network


def batch_of(words: Vocabulary, texts: list[str], limit: int) -> tuple[torch.Tensor, torch.Tensor]:
    rows = [[BEGIN, *words.encode(t)[: limit - 2], END] for t in texts]
    width = max(len(r) for r in rows)
    ids = torch.full((len(rows), width), PAD)
    mask = torch.zeros(len(rows), width, dtype=torch.int64)
    for n, row in enumerate(rows):
        ids[n, : len(row)] = torch.tensor(row)
        mask[n, : len(row)] = 1
    return ids, mask


def train(run: Run) -> None:
    config = run.config
    random = seed_everything(config["seed"])
    words = vocabulary(config["seed"])
    network = Network(len(words), config["width"], config["layers"], config["heads"], config["dims"])
    optimiser = torch.optim.AdamW(network.parameters(), lr=config["rate"], weight_decay=0.01)
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
        pairs = [pair(random) for _ in range(config["batch"])]
        ids, mask = batch_of(words, [t for p in pairs for t in p[:2]], config["limit"])
        # a word now and then unknown: real reports hold words that we have not written
        drop = (torch.rand(ids.shape) < 0.04) & (mask == 1)
        ids = torch.where(drop, torch.randint(5, len(words), ids.shape), ids)
        for group in optimiser.param_groups:
            group["lr"] = one_cycle(step, config["steps"], config["rate"])
        e = network(ids, mask)
        scores = e[0::2] @ e[1::2].T / config["temperature"]
        # the same meaning drawn twice is no wrong answer
        same = torch.tensor([[a[2] == b[2] for b in pairs] for a in pairs]) & ~torch.eye(len(pairs), dtype=torch.bool)
        scores = scores.masked_fill(same, -1e4)
        target = torch.arange(len(pairs))
        loss = (F.cross_entropy(scores, target) + F.cross_entropy(scores.T, target)) / 2
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
        average.update(network, step)
        total += loss.item()
        since += 1
        if step % config["saveEvery"] == 0 or step == config["steps"]:
            run.log({"step": step, "loss": total / since, "seconds": time.time() - start})
            total, since = 0.0, 0
            run.save({"network": network.state_dict(), "optimiser": optimiser.state_dict(), "average": average.state, "step": step})
