"""
First stage, seeing: the vision alone, at its own task, on films as they are, moved and changed far. The means and variances of
its normalisations stay what they are: what is trained is what will answer.
"""

import time

import numpy as np
import torch

from ..cxr_findings.examples import Film, changed, films
from ..cxr_findings.network import MASKS
from ..cxr_findings.train import losses_of
from ..phantoms import ID
from ..run import Average, Run, descend, one_cycle, seed_everything
from .train import row_of, vision_of


def as_is(film: Film) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    x = torch.from_numpy(film.image.astype(np.float32) / 65535)[None]
    return x, torch.from_numpy(np.stack([film.labels == ID[m] for m in MASKS]).astype(np.float32)), film.boxes


def stage(run: Run, state: dict | None) -> None:
    config, own = run.config, run.config["seeing"]
    random = seed_everything(config["seed"] + 3)
    given = films(run.cache, own["train"])
    vision = vision_of(run)
    average, step = Average(vision, 0.995), 0
    if state:
        vision.load_state_dict(state["visionNow"])
    vision.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(vision.parameters(), lr=own["rate"], weight_decay=1e-3)
    if state:
        optimiser.load_state_dict(state["optimiser"])
        average.state, step = state["vision"], state["step"]
        random = np.random.default_rng([config["seed"] + 3, step])
    print(f"{len(given)} phantoms to see, from step {step}", flush=True)
    total, since, start = 0.0, 0, time.time()
    while step < own["steps"]:
        drawn = []
        for _ in range(own["batch"]):
            film = given[random.integers(len(given))]
            drawn.append(as_is(film) if random.random() < own["asIs"] else changed(film, random, far=own["far"]))
        for group in optimiser.param_groups:
            group["lr"] = one_cycle(step, own["steps"], own["rate"])
        with torch.autocast("cpu", torch.bfloat16):
            answers = vision(torch.stack([d[0] for d in drawn]).contiguous(memory_format=torch.channels_last))
        loss = sum(losses_of(tuple(t.float() for t in answers), torch.stack([d[1] for d in drawn]), [d[2] for d in drawn]))
        descend(optimiser, loss, 5.0)
        step += 1
        average.update(vision, step)
        total += loss.item()
        since += 1
        if step % config["saveEvery"] == 0 or step == own["steps"]:
            run.log(row_of("seeing", step, start, seeing=total / since))
            total, since = 0.0, 0
            run.save({"stage": "seeing", "step": step, "vision": average.state, "visionNow": vision.state_dict(), "optimiser": optimiser.state_dict()})
