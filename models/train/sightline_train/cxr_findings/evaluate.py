"""Figures of the whole graph on test phantoms and on films, and what knows nothing beside them."""

import numpy as np
import torch

from .. import phantoms
from ..cxr_nih.answer import Answer as Whole
from ..cxr_nih.films import read
from ..cxr_nih.fit import whole_of
from ..cxr_nih.judge import curve, judge
from ..cxr_nih.write import LEVEL, write_graph
from ..lesions import f1, figures
from ..run import Run
from ..statistics import bootstrap, figure
from .answer import answers, boxes
from .examples import films
from .network import FINDINGS, Network
from .points import case_of, constant_answer, dice, images, ratio
from .train import settle


def trained(run: Run) -> Network:
    network = Network()
    state = run.load()
    network.load_state_dict(state["average"])
    if "settled" not in state:
        settle(run, network)
    return network.eval()


class Six(torch.nn.Module):
    """The answers about drawn films alone, of the whole graph."""

    def __init__(self, whole: Whole) -> None:
        super().__init__()
        self.whole = whole

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        scores, heat, sizes, masks, extents, *_ = self.whole(image)
        n, every = len(FINDINGS), heat.shape[1]
        return scores[:, :n], heat[:, :n], torch.cat([sizes[:, :n], sizes[:, every : every + n]], 1), masks, extents[:, :n]


def evaluate(run: Run) -> None:
    """Into evaluation.json and model.onnx: phantoms here, films by `judge` from the written graph."""
    config = run.config
    network = trained(run)
    chosen_on = films(run.cache, config["validate"])
    fitted = run.read_json("fit.json")
    whole = whole_of(run, network)
    write_graph(whole, run.path("model.onnx"))
    result = {"levels": fitted["levels"], "severity": fitted["severity"], "figures": [], "comparison": [], "steps": run.load()["step"]}
    model = Six(whole).eval()
    least = float(np.log(LEVEL / (1 - LEVEL)))
    said_of = lambda told: [boxes(heat, sizes, level=least) for heat, sizes, _ in told]  # noqa: E731
    for number, entry in enumerate(config["test"]):
        own = films(run.cache, [entry])
        if not own:
            continue
        told = answers(model, images(own))
        said = said_of(told)
        cases = [case_of(f, s, m) for f, s, (_, _, m) in zip(own, said, told, strict=True)]
        name = f"unseen phantoms{' beyond the training range' if entry.get('range') == 'out' else ''}, n = {len(own)}"
        result["figures"] += figures(cases, FINDINGS, name)
        scores = [np.mean(dice(m, f)) for f, (_, _, m) in zip(own, told, strict=True)]
        result["figures"].append(figure("mean Dice of lungs and heart", np.mean(scores), bootstrap(scores, lambda v: float(np.mean(v))), name))
        errors = [abs(r - f.truth["cardiothoracicRatio"]) for f, (_, _, m) in zip(own, told, strict=True) if (r := ratio(m)) is not None]
        result["figures"].append(figure("mean error of the cardiothoracic ratio", np.mean(errors), bootstrap(errors, lambda v: float(np.mean(v))), name))
        if number == 0:
            order = np.random.default_rng(1).permutation(len(own))
            chance = f1([case_of(own[n], said[order[n]], None) for n in range(len(own))])
            result["comparison"] = [
                ("this network: lesion F1", f1(cases)),
                ("chance (answers dealt to other films)", chance),
                ("best constant answer", constant_answer(own, chosen_on)),
            ]
        for row in result["figures"]:
            print(f"{row['name']}: {row['value']:.3f} {row['interval'] or ''} ({row['data']})")
    print(result["comparison"])
    judged = judge(run.path("model.onnx"), phantoms.REPOSITORY / config["films"], run.path("judged"))
    result["films"] = {**judged, "fit": fitted}
    own_films = read(phantoms.REPOSITORY / config["films"])
    held = np.load(run.path("films.npz"))
    result["films"]["curve"] = curve(own_films, [held["a"], held["b"]])
    run.write_json("evaluation.json", result)
