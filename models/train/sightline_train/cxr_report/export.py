"""models/packages/cxr-report from the last checkpoint; its figures come from the TypeScript that runs it (test/bench/drafts.ts)."""

import csv
import json
import math

import numpy as np
import torch
from torch import nn

from .. import phantoms
from ..cxr_findings.examples import HIGH, LOW
from ..cxr_findings.network import SIZE
from ..image_steps import letterbox
from ..package import OPSET, card, finish, labels_table, samples, session, stored
from ..phantoms import REPOSITORY
from ..run import Run
from ..text import SPECIAL, Vocabulary
from .examples import MM, PLAIN, RATIO, REGIONS, SIZED, UNSIZED
from .network import LONGEST, Drafter
from .operating import BAR, BAR_BEYOND, BAR_PLACE
from .seen import tokens
from .slots import DEPTH, PLACED
from .train import STAGES, drafter_of, label_rows
from .vision import Vision
from .zones import LOWER, UPPER


class Eye(nn.Module):
    """image -> memory, places [1, S, 6], chest [1, 2]: see DraftingPipeline in models/kit/manifest.ts."""

    def __init__(self, vision: Vision, drafter: Drafter, scales: tuple[float, ...], depths: torch.Tensor) -> None:
        super().__init__()
        self.vision, self.memory, self.scales = vision, drafter.memory, scales
        self.register_buffer("depths", depths)
        self.register_buffer("bank", drafter.bank().detach())

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        grid, numbers, features, boxes, chest = tokens(self.vision, image, self.scales, self.depths)
        memory, _ = self.memory(grid, numbers, features, torch.ones(1), self.bank)
        own = numbers[:, : len(PLACED)]
        places = torch.cat([boxes, torch.sigmoid(own[..., 1:2] * 3), own[..., DEPTH : DEPTH + 1]], 2)
        return memory, places, torch.stack([chest[:, 0] * SIZE, chest[:, 1]], 1)


class Writer(nn.Module):
    """input_ids, memory -> logits [1, V] of the next token."""

    def __init__(self, drafter: Drafter) -> None:
        super().__init__()
        self.decoder = drafter.decoder

    def forward(self, input_ids: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        return self.decoder(input_ids, memory)[:, -1]


def mean_with(run: Run, vision: dict) -> dict:
    """Where the configuration names an earlier run beside this one: the mean of both visions' weights, which began from the same."""
    name = run.config.get("meanWith")
    if name is None:
        return vision
    other = torch.load(run.folder.parent / name / "reward.pt", weights_only=True)["vision"]
    return {key: (value + other[key]) / 2 if value.dtype.is_floating_point else value for key, value in vision.items()}


def trained(run: Run, stage: str | None = None) -> tuple[Vision, Drafter, Vocabulary, dict]:
    """After a stage; without one, after that which evaluation chose, or the last."""
    chosen = run.path("operating.json")
    stage = stage or (run.read_json("operating.json")["stage"] if chosen.exists() else None)
    state = torch.load(run.path(f"{stage}.pt"), weights_only=True) if stage else run.load()
    drafter, words, _ = drafter_of(run.config, label_rows(run.config))
    drafter.load_state_dict(state["average"])
    vision = Vision()
    vision.load_state_dict(mean_with(run, state["vision"]))
    return vision.eval(), drafter.eval(), words, state


def same(path: object, given: dict[str, np.ndarray], expected: list[np.ndarray]) -> None:
    worst = max(float(np.abs(a - b).max()) for a, b in zip(session(path).run(None, given), expected, strict=True))
    print(f"onnxruntime against torch: at most {worst:.2e}")
    if worst > 5e-3:
        raise RuntimeError("the exported graph answers otherwise than torch")


def leasts(level: dict[str, float], key: str) -> dict[str, float]:
    """Probabilities from which on a region is told, alone and beside another one of that finding."""
    return {name: round(1 / (1 + math.exp(-v)), 4) for name, v in (("least", level[key]), ("leastBeside", level[key] + level["beside"]))}


def export(run: Run) -> None:
    config = run.config
    folder = run.packages / "cxr-report"
    folder.mkdir(parents=True, exist_ok=True)
    vision, drafter, words, state = trained(run)
    level = run.read_json("operating.json")["level"] if run.path("operating.json").exists() else None
    eye, writer = Eye(vision, drafter, tuple(config["scales"]), state["depths"]).eval(), Writer(drafter).eval()
    image = torch.zeros(1, 1, SIZE, SIZE)
    torch.onnx.export(eye, (image,), str(folder / "model.onnx"), input_names=["image"], output_names=["memory", "places", "chest"], opset_version=OPSET, dynamo=False)
    with torch.no_grad():
        memory = eye(image)[0]
    torch.onnx.export(
        writer, (torch.zeros(1, 9, dtype=torch.int64), memory), str(folder / "writer.onnx"), input_names=["input_ids", "memory"], output_names=["logits"],
        opset_version=OPSET, dynamo=False, dynamic_axes={"input_ids": {1: "tokens"}},
    )  # fmt: skip
    (folder / "vocabulary.txt").write_text("\n".join(words.tokens) + "\n")
    # golden: one film, smaller and not square, through all steps; then what the writer says to a beginning
    film = config["test"][0]
    told = phantoms.truth(run.cache / film["name"], 0)
    frame, _, _ = phantoms.arrays(run.cache / film["name"], 0, told)
    frame = frame[:, 8:-8]
    ready = letterbox(frame, SIZE, LOW, HIGH)
    given = torch.from_numpy(ready)[None, None]
    ids = torch.tensor([[words.ids["[begin]"], words.ids[SIZED], words.ids[PLAIN], *words.encode("no pleural")]])
    with torch.no_grad():
        seen = [t.numpy() for t in eye(given)]
        said = writer(ids, torch.from_numpy(seen[0])).numpy()
    same(folder / "model.onnx", {"image": given.numpy()}, seen)
    same(folder / "writer.onnx", {"input_ids": ids.numpy(), "memory": seen[0]}, [said])
    figures = run.path("figures.json")
    result = json.loads(figures.read_text()) if figures.exists() else {"figures": [], "comparison": [], "required": 0.5}
    m = list(memory.shape[1:])
    table = labels_table()
    manifest = {
        "format": "sightline-model/1",
        "name": "cxr-report",
        "version": config["version"],
        "title": "Chest X-ray reports",
        "modalities": ["DX", "CR"],
        "views": ["frontal-chest"],
        "licence": "Apache-2.0",
        "intendedUse": "Research and teaching: drafts the findings of a frontal chest radiograph, each sentence with the place that it speaks of, so that a reader can correct them. A choice beside the template drafter, not its successor. It has no earlier film and compares with none.",
        "clinicalUse": False,
        "trainedOn": trained_on(run, state),
        "figures": result["figures"],
        "labels": [],
        "files": [],
        "pipeline": {
            "task": "report-drafting",
            "network": {
                "file": "model.onnx",
                "inputs": {"image": {"type": "float32", "dims": [1, 1, SIZE, SIZE]}},
                "outputs": {
                    "memory": {"type": "float32", "dims": [1, *m]}, "places": {"type": "float32", "dims": [1, len(PLACED), 6]},
                    "chest": {"type": "float32", "dims": [1, 2]},
                },
            },
            "pre": [{"step": "modality"}, {"step": "invert-monochrome1"}, {"step": "letterbox", "size": SIZE}, {"step": "percentile-window", "low": LOW, "high": HIGH}],
            "writer": {
                "file": "writer.onnx",
                "inputs": {"input_ids": {"type": "int64", "dims": [1, "tokens"]}, "memory": {"type": "float32", "dims": [1, *m]}},
                "outputs": {"logits": {"type": "float32", "dims": [1, len(words)]}},
            },
            "tokenizer": {"kind": "wordpiece", "vocabulary": "vocabulary.txt", "tokens": dict(zip(("pad", "unknown", "begin", "end", "separator"), SPECIAL, strict=True)), "limit": LONGEST},
            "marks": {"sized": SIZED, "unsized": UNSIZED, "plain": PLAIN, "mm": MM, "ratio": RATIO},
            "regions": [
                {"token": REGIONS[n], "key": s.key, "name": table[s.key]["name"], "side": s.side or None, **(leasts(level, s.key) if level else {})}
                for n, s in enumerate(PLACED)
            ],
            "zones": {"upper": UPPER, "lower": LOWER, "doubt": state["doubt"]},
            "diameterOfBox": round(state["diameter"], 3),
            "phantomsOnly": config["phantomsOnly"],
            "maxTokens": config["maxTokens"],
        },
        "golden": {
            "inputs": {"image": stored(folder, "image.f32", given.numpy(), "float32")},
            "outputs": {"memory": samples(seen[0], 0.01), "places": samples(seen[1], 0.05), "chest": samples(seen[2], 0.05)},
            "steps": {
                "image": stored(folder, "frame.u16", frame, "uint16"), "slope": 1.0, "intercept": 0.0, "inverted": False, "affine": None,
                "expected": samples(ready[None, None], 2e-3),
            },
            "writer": {
                "inputs": {"input_ids": stored(folder, "input_ids.i64", ids.numpy(), "int64"), "memory": stored(folder, "memory.f32", seen[0], "float32")},
                "outputs": {"logits": samples(said, 0.02)},
            },
            "tokens": [{"text": t, "ids": words.encode(t)} for t in ("There is a small left pleural effusion.", "No pneumothorax.")],
        },
        "acceptance": {"metric": "clinical-f1", "phantoms": ["xray 256x256 random"], "count": 30, "seed": "report-acceptance", "required": result["required"]},
    }  # fmt: skip
    about = (
        f"What the X-ray network sees ({sum(p.numel() for p in vision.parameters()) / 1e6:.2f} million weights), a graph of what is known and sentences that it retrieves enter a "
        f"transformer decoder of {config['layers']} layers by cross-attention ({sum(p.numel() for p in drafter.parameters()) / 1e6:.2f} million weights)."
    )
    text = card(manifest, about, LIMITS, [tuple(row) for row in result["comparison"]])
    finish(folder, manifest, "\n".join([text, *bars(result["figures"]), *default(result["figures"]), *real_films(run), *tried(run), *curve(run)]))
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6
    print(f"{size:.2f} MB", flush=True)


def eye(run: Run) -> list[str]:
    own = json.loads((REPOSITORY / "models" / "train" / "configs" / f"{run.config['vision']}.json").read_text())
    of = lambda sets: sum(len(phantoms.available(run.cache, e)) for e in sets)  # noqa: E731
    seeing = run.config["seeing"]
    lines = [
        f"the vision: that of cxr-findings, {own['steps']} more steps of {own['batch']} on {of(own['train'])} other phantoms of range 'in', a share of them changed far beyond it in size, posture, tone, sharpness and noise ({own['earlier']})",
        f"then {seeing['steps']} steps of {seeing['batch']} on {of(seeing['train'])} phantoms of range 'in', {seeing['asIs']:.0%} of them as they are",
    ]
    return [*lines, *(["the mean of the weights of this vision and of 0.2.0's, which began from the same"] if "meanWith" in run.config else [])]


def trained_on(run: Run, state: dict) -> list[str]:
    config = run.config
    films = sum(len(phantoms.available(run.cache, e)) for e in config["train"])
    lines = [
        f"{films} procedural chest X-ray phantoms of this project's generator, range 'in', reports written by our own phrases; no patient's image or report",
        "sets of labels of NIH ChestX-ray14 drawn at random, with their reports and without images; how often labels come together is counted from the table of 566 films (NIH Clinical Center; Wang et al. 2017)",
        *eye(run),
        f"{config['knowledge']['steps']} steps of {config['knowledge']['batch']} with the vision frozen",
    ]
    for name, words in (("together", "steps all together, the vision at a lower rate"), ("reward", "steps of reward by the labeller (self-critical)")):
        ran = STAGES.index(name) <= STAGES.index(state["stage"])
        steps = 0 if not ran else state["step"] if name == state["stage"] else config[name]["steps"]
        lines.append(f"{steps} {words} of {config[name]['batch']}" if steps else f"no {words}: see what was tried, below")
    return lines


LIMITS = (
    "It knows the phrases of one small grammar and six findings. Small nodules and thin bands are what it misses most, and of a finding on both sides the lesser side (figures by finding above); its words for how much there is are often wrong. Its eye was trained on drawn bodies only. On films of people it tells mostly what is not there, so the application lets it read phantoms only. Sizes and ratios are measured on its boxes and masks and put into the sentence, never written by it. "
    "The application holds each sentence against the place that it points at and falls back on fixed phrases. It never compares with an earlier examination."
)


def default(figures: list[dict]) -> list[str]:
    """Which drafter the application begins with, as the figures have it."""
    gains = [f for f in figures if f["name"] == "clinical F1, micro: network minus template"]
    if not gains:
        return []
    words = "; ".join(f"{f['value']:+.3f} ({f['interval'][0]:+.3f} to {f['interval'][1]:+.3f}) on {f['data']}" for f in gains)
    return [
        "## The default drafter", "",
        f"The template drafter over the findings stays the default and this network is a choice beside it: on real films it is no better than the template (below). On phantoms, network minus template: {words}.", "",
    ]  # fmt: skip


# figure, on which phantoms, at least
BARS = (("clinical F1, micro", "held-out phantoms,", BAR), ("clinical F1, micro", "beyond", BAR_BEYOND), ("side and place right", "held-out phantoms,", BAR_PLACE), ("side and place right", "beyond", BAR_PLACE))


def bars(figures: list[dict]) -> list[str]:
    lines = []
    for name, on, least in BARS:
        own = next((f for f in figures if f["name"] == name and on in f["data"]), None)
        if own:
            lines.append(f"- {name}, at least {least:.2f} on {own['data']}: {own['value']:.3f}, {'reached' if own['value'] >= least else 'missed'}.")
    return ["## The bars", "", *lines, ""] if lines else []


def tried(run: Run) -> list[str]:
    lines = ["## What was tried", ""]
    path = run.path("operating.json")
    if path.exists():
        chosen = run.read_json("operating.json")
        lines += [
            f"On validation phantoms after each stage, each at its best operating points, regions told by the eye; '{chosen['stage']}' ships, which falls short of the bars least in sum.", "",
            "| after the stage | clinical F1, micro, in range | beyond the range | side and place right, in range | beyond the range |", "|---|---|---|---|---|",
        ]  # fmt: skip
        lines += [f"| {stage} | {own['in'][0]:.3f} | {own['out'][0]:.3f} | {own['in'][1]:.3f} | {own['out'][1]:.3f} |" for stage, own in chosen["stages"].items()]
        lines.append("")
    return [
        *lines,
        "- Until 0.2.0 the writer decided which regions are told: on validation phantoms it told some where the eye saw next to nothing, nearly always wrongly and often on the other side of what is there, and left out what the eye saw. Since 0.3.0 the eye decides, by a level for each finding, and the writer words it.",
        "- A mean over the mirrored and the shifted film, or over two states of the eye (not kept: no gain on validation phantoms); a regression over what the eye says of all regions in place of a region's own score (not kept: no better).",
        "- Smoothing of noisy films before the network sees them (0.1.0; given up, since the vision that learned noise sees as well without), and the mean over three sizes of the film (not kept: no gain on validation phantoms).",
        "- In 0.1.0 the vision knew the training range alone: beyond it noise was read as nodules and consolidation, in range faint lesions were missed. 0.2.0's vision went on with films changed far beyond it in size, posture, tone, sharpness and noise. On its own training films it missed nearly as much as on others, so 0.3.0's saw the films longer, a part of them as they are.",
        "- The stages together and reward, where they have no steps: in 0.2.0 the first taught the vision, which the stage seeing does more of, and the second which regions are told, which the eye decides now.",
        "- Zones by the depth in the frame of both lungs alone (0.1.0) part less surely, and fewer could be told, than by a sum of eight measures of box, lungs and side.", "",
    ]  # fmt: skip


def real_films(run: Run) -> list[str]:
    path = run.path("films.json")
    if not path.exists():
        return []
    told = json.loads(path.read_text())
    lines = ["## Real films, out of fold", "", f"{told['data']}. Made from the probabilities that the X-ray recipe's heads give to films they never saw, not by this package's own eye.", ""]
    lines += ["| drafts | macro F1 | 95 % interval | network minus it, paired |", "|---|---|---|---|"]
    for row in told["rows"]:
        paired = "" if row["difference"] is None else f"{row['difference'][0]:+.3f} to {row['difference'][1]:+.3f}"
        lines.append(f"| {row['words']} | {row['value']:.3f} | {row['interval'][0]:.3f} to {row['interval'][1]:.3f} | {paired} |")
    return [*lines, ""]


def curve(run: Run) -> list[str]:
    """The log, a dozen rows of each stage."""
    with run.path("log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = ["## Learning curve", "", "| stage | step | words, cross-entropy | retrieval | centres, sizes, outlines | greedy F1 | drawn F1 |", "|---|---|---|---|---|---|---|"]
    for stage in dict.fromkeys(row["stage"] for row in rows):
        own = [row for row in rows if row["stage"] == stage]
        for row in own[:: max(1, len(own) // 12)]:
            told = [f"{float(row[name]):.3f}" if row[name] else "" for name in ("writing", "lending", "seeing", "greedy", "drawn")]
            if stage == "reward":
                # logged as it entered the sum there
                told[0] = ""
            lines.append(f"| {stage} | {row['step']} | {' | '.join(told)} |")
    return [*lines, ""]
