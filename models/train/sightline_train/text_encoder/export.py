"""models/packages/text-encoder from the last checkpoint and its evaluation."""

import numpy as np
import torch

from ..package import OPSET, card, finish, samples, session, stored
from ..run import Run
from ..text import SPECIAL
from .evaluate import trained
from .train import batch_of

GOLDEN = (
    "There is a 12 mm nodule in the left upper zone.",
    "Small right-sided pleural effusion; no pneumothorax.",
    "Bronchovascular markings ≥ 2.5 cm, unverändert (ﬁbrosis?)",
)


def export(run: Run) -> None:
    config, result = run.config, run.read_json("evaluation.json")
    folder = run.packages / "text-encoder"
    folder.mkdir(parents=True, exist_ok=True)
    network, words = trained(run)
    path = folder / "model.onnx"
    ids, mask = batch_of(words, list(GOLDEN), config["limit"])
    torch.onnx.export(
        network, (ids, mask), str(path), input_names=["input_ids", "attention_mask"], output_names=["embedding"], opset_version=OPSET, dynamo=False,
        dynamic_axes={"input_ids": {0: "batch", 1: "tokens"}, "attention_mask": {0: "batch", 1: "tokens"}, "embedding": {0: "batch"}},
    )  # fmt: skip
    (folder / "vocabulary.txt").write_text("\n".join(words.tokens) + "\n")
    for n in (1, 2, 3):
        i, m = batch_of(words, list(GOLDEN[:n]), config["limit"])
        with torch.no_grad():
            answer = network(i, m).numpy()
        worst = float(np.abs(session(path).run(None, {"input_ids": i.numpy(), "attention_mask": m.numpy()})[0] - answer).max())
        print(f"onnxruntime against torch: at most {worst:.2e}")
        if worst > 1e-4:
            raise RuntimeError("the exported graph answers otherwise than torch")
    comparison = [tuple(row) for row in result["comparison"]]
    free = ["batch", "tokens"]
    manifest = {
        "format": "sightline-model/1",
        "name": "text-encoder",
        "version": config["version"],
        "title": "Report text encoder",
        "modalities": [],
        "views": ["any"],
        "licence": "Apache-2.0",
        "intendedUse": "Research and teaching: places report sentences and questions so that texts which tell the same finding lie near to each other, for the search over earlier reports.",
        "clinicalUse": False,
        "trainedOn": ["reports made of this project's own table of findings, their names, denials and qualifiers, and of its report grammar (family 'a'); no report of anybody", f"{result['steps']} of {config['steps']} steps of {config['batch']} pairs"],
        "figures": [*result["figures"], *judged(run)],
        "labels": [],
        "files": [],
        "pipeline": {
            "task": "embedding",
            "network": {
                "file": "model.onnx",
                "inputs": {"input_ids": {"type": "int64", "dims": free}, "attention_mask": {"type": "int64", "dims": free}},
                "outputs": {"embedding": {"type": "float32", "dims": ["batch", config["dims"]]}},
            },
            "tokenizer": {"kind": "wordpiece", "vocabulary": "vocabulary.txt", "tokens": dict(zip(("pad", "unknown", "begin", "end", "separator"), SPECIAL, strict=True)), "limit": config["limit"]},
            "dims": config["dims"],
        },
        "golden": {
            "inputs": {"input_ids": stored(folder, "input_ids.i64", ids.numpy(), "int64"), "attention_mask": stored(folder, "attention_mask.i64", mask.numpy(), "int64")},
            "outputs": {"embedding": samples(answer, 1e-3)},
            "steps": None,
            "tokens": [{"text": t, "ids": words.encode(t)} for t in GOLDEN],
        },
        "acceptance": {
            "metric": "same-finding-first",
            "phantoms": ["xray 64x64 random", "ct 32x32x32 random"],
            "count": 40,
            "seed": "text-acceptance",
            "required": round((comparison[0][1] + max(v for _, v in comparison[1:4])) / 2, 2),
        },
    }  # fmt: skip
    finish(folder, manifest, card(manifest, f"Convolutions over subwords, {config['layers']} layers ({sum(p.numel() for p in network.parameters()) / 1e6:.1f} million weights); {config['dims']} numbers a text.", LIMITS, comparison))


def judged(run: Run) -> list[dict]:
    """What test/bench/search.ts measured with the package: the reports that it judges by are never trained on."""
    return run.read_json("search.json")["figures"] if run.path("search.json").exists() else []


LIMITS = (
    "Its vocabulary is ours: some seventy findings of the chest in seven hundred names; words beyond them are spelled in parts and count for little. It is meant as one half of a search whose other half compares words. "
    "Sides weigh little in its nearness: of two sentences on one finding the one of the other side may lie nearer. Nearness is no statement about a patient."
)
