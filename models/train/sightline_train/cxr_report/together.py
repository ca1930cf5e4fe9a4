"""
Second stage, all together: the words of a film's report also teach the vision, at a lower rate than the rest; its own task
(centres, sizes, outlines) goes on beside, so that boxes stay boxes. Sets of labels without a film are told as before.
"""

import time

import numpy as np
import torch

from ..cxr_findings import examples as drawn
from ..cxr_findings.network import FINDINGS
from ..cxr_findings.train import losses_of
from ..cxr_findings.wide import wide
from ..phantoms import available
from ..run import Average, Run, descend, one_cycle, seed_everything
from .examples import Lesion, drawn_case, report, sequence
from .films import films, read
from .seeing import as_is
from .seen import Seen, blank, from_maps, stack
from .train import drafter_of, label_rows, pad_features, padded, row_of, shown_by, weights_of, writing_loss
from .vision import Vision


def changed(film: drawn.Film, lesions: list[Lesion], random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, np.ndarray, list[Lesion]]:
    """Image, masks, boxes [n, 5] and the lesions that these hold; half of the films as they are, half changed far."""
    x, masks, _ = as_is(film)
    at = np.array([[n, *one.box] for n, one in enumerate(lesions)], np.float32).reshape(-1, 5)
    if random.random() < 0.5:
        x, masks, at = wide(x, masks, at, random, 0.0)
    own = [Lesion(**{**vars(lesions[int(row[0])]), "box": row[1:].astype(np.float64)}) for row in at]
    boxes = np.array([[FINDINGS.index(one.kind), *one.box] for one in own], np.float32).reshape(-1, 5)
    return x, masks, boxes, own


def stage(run: Run, state: dict) -> None:
    config, own = run.config, run.config["together"]
    random = seed_everything(config["seed"] + 1)
    given = [(drawn.read(run.cache / e["name"], n), read(run.cache / e["name"], n).lesions) for e in config["train"] for n in available(run.cache, e)]
    vision = Vision()
    drafter, words, _ = drafter_of(config, label_rows(config))
    begun = state["stage"] == "together"
    vision.load_state_dict(state["visionNow" if begun else "vision"])
    drafter.load_state_dict(state["drafter" if begun else "average"])
    # means and variances of the normalisations stay what they are
    vision.eval()
    optimiser = torch.optim.AdamW([{"params": drafter.parameters(), "peak": own["rate"]}, {"params": vision.parameters(), "peak": own["visionRate"]}], weight_decay=0.01)
    average, sight = Average(drafter, 0.98), Average(vision, 0.98)
    step = 0
    if begun:
        optimiser.load_state_dict(state["optimiser"])
        average.state, sight.state, step = state["average"], state["vision"], state["step"]
        random = np.random.default_rng([config["seed"] + 1, step])
    begun_at = step
    weight, doubt, depths = weights_of(words), state["doubt"], state["depths"]
    only_labels = own["batch"] // 4
    sums, since, start = np.zeros(2), 0, time.time()
    while step < own["steps"]:
        batch = [changed(*given[random.integers(len(given))], random) for _ in range(own["batch"] - only_labels)]
        sized = [bool(random.random() < 0.7) for _ in range(own["batch"])]
        *_, x5, y2 = vision.maps(torch.stack([b[0] for b in batch]))
        answers = vision.answers(y2)
        seeing = losses_of(answers, torch.stack([b[1] for b in batch]), [b[2] for b in batch])
        grid, numbers, features, boxes, _ = from_maps(x5, y2, answers[0], answers[1], vision.mask(y2), depths)
        lines = [report(random, b[3], numbers[n].detach().numpy(), boxes[n].detach().numpy(), sized[n], doubt) for n, b in enumerate(batch)]
        labels: list[Seen] = []
        for _ in range(only_labels):
            told, text = drawn_case(random)
            labels.append(pad_features(blank(told)))
            lines.append(text)
        seen = torch.tensor([1.0] * len(batch) + [0.0] * only_labels)
        if labels:
            grid, numbers, features = (torch.cat(pair) for pair in zip((grid, numbers, features), stack(labels)[:3], strict=True))
        x = padded([sequence(words, text, s) for text, s in zip(lines, sized, strict=True)])
        memory, _ = drafter.remember(grid, numbers, features, seen)
        writing = writing_loss(drafter.decoder(x[:, :-1], memory), x, weight)
        for group in optimiser.param_groups:
            group["lr"] = one_cycle(step, own["steps"], group["peak"])
        descend(optimiser, writing + own["seeing"] * sum(seeing), 1.0)
        step += 1
        average.update(drafter, step)
        sight.update(vision, step)
        sums += [writing.item(), sum(seeing).item()]
        since += 1
        if step % config["saveEvery"] == 0 or step == own["steps"]:
            run.log(row_of("together", step, start, writing=sums[0] / since, seeing=sums[1] / since))
            sums, since = np.zeros(2), 0
            run.save({
                **state, "stage": "together", "step": step, "drafter": drafter.state_dict(), "average": average.state, "optimiser": optimiser.state_dict(),
                "visionNow": vision.state_dict(), "vision": sight.state,
            })  # fmt: skip
    # the vision is another now: where zones part is measured anew
    if step > begun_at:
        run.path("seen-together.pt").unlink(missing_ok=True)
    vision.load_state_dict(sight.state)
    _, measured = shown_by(run, vision, films(run.cache, config["train"]), random, "seen-together.pt")
    run.save({**run.load(), **measured})
