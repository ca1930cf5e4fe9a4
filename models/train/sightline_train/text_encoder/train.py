"""Training: texts of a batch are as near to each other as what they tell, and each tells its findings."""

import time

import numpy as np
import torch
from torch.nn import functional as F

from ..run import Average, Run, descend, one_cycle, seed_everything
from ..text import BEGIN, END, PAD, Vocabulary
from .examples import ENTRIES, ENTRY, pair, vocabulary
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


def wanted(meanings: list[dict[str, float]]) -> tuple[torch.Tensor, torch.Tensor]:
    """What each two have in common [n, n] (weighted Jaccard), and what each tells [n, entries]."""
    names = {name: n for n, name in enumerate(sorted({name for own in meanings for name in own}))}
    weighed = np.zeros((len(meanings), len(names)), np.float32)
    tells = torch.zeros(len(meanings), len(ENTRIES))
    for n, own in enumerate(meanings):
        for name, weight in own.items():
            weighed[n, names[name]] = weight
            if name in ENTRY:
                tells[n, ENTRY[name]] = 1
    both = weighed @ (weighed > 0).T
    total = weighed.sum(1)
    return torch.from_numpy(both / np.maximum(1e-6, total[:, None] + total[None] - both)), tells


def train(run: Run) -> None:
    config = run.config
    random = seed_everything(config["seed"])
    words = vocabulary(config["seed"])
    network = Network(len(words), config["width"], config["layers"], config["dims"])
    # only for training: the findings read off the embedding
    reader = torch.nn.Linear(config["dims"], len(ENTRIES))
    both = torch.nn.ModuleDict({"network": network, "reader": reader})
    optimiser = torch.optim.AdamW(both.parameters(), lr=config["rate"], weight_decay=0.01)
    average = Average(network, 0.995)
    step = 0
    state = run.load()
    if state:
        both.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        average.state = state["average"]
        step = state["step"]
        random = np.random.default_rng([config["seed"], step])
    print(f"{len(words)} tokens, {sum(p.numel() for p in network.parameters())} weights, from step {step}", flush=True)
    sums, since, start = np.zeros(3), 0, time.time()
    while step < config["steps"]:
        texts = [one for _ in range(config["batch"]) for one in pair(random)]
        ids, mask = batch_of(words, [t for t, _ in texts], config["trainLimit"])
        common, tells = wanted([m for _, m in texts])
        # a word now and then unknown: real reports hold words that we have not written
        drop = (torch.rand(ids.shape) < 0.05) & (mask == 1)
        ids = torch.where(drop, torch.randint(5, len(words), ids.shape), ids)
        for group in optimiser.param_groups:
            group["lr"] = one_cycle(step, config["steps"], config["rate"])
        told = network.pooled(ids, mask)
        e = F.normalize(told, dim=1)
        near = e @ e.T
        own = torch.eye(len(texts), dtype=torch.bool)
        target = common.masked_fill(own, 0)
        has = target.sum(1) > 0
        order = -(target / target.sum(1, keepdim=True).clamp(min=1e-6) * F.log_softmax((near / config["temperature"]).masked_fill(own, -1e4), 1)).sum(1)[has].mean()
        size = ((near - common) ** 2)[~own].mean()
        read = F.binary_cross_entropy_with_logits(reader(told), tells, pos_weight=torch.tensor(5.0))
        loss = order + 10 * size + 4 * read
        descend(optimiser, loss, 1.0)
        step += 1
        average.update(network, step)
        sums += [order.item(), size.item(), read.item()]
        since += 1
        if step % config["saveEvery"] == 0 or step == config["steps"]:
            run.log({"step": step, **dict(zip(("order", "size", "read"), (sums / since).tolist(), strict=True)), "seconds": time.time() - start})
            sums, since = np.zeros(3), 0
            run.save({"network": both.state_dict(), "optimiser": optimiser.state_dict(), "average": average.state, "step": step})
