"""models/packages/report-sentences from the last checkpoint and its evaluation."""

import numpy as np
import torch

from ..grammar import KEYS, Said, prompt
from ..package import OPSET, card, finish, samples, session, stored
from ..run import Run
from ..text import BEGIN, SEPARATOR, SPECIAL
from .evaluate import trained
from .network import LONGEST

GOLDEN = (
    (Said("ct", "lung-nodule", "left", "left upper zone", "small", 12, "0.9 ml"), ""),
    (Said("xray", "effusion", "right", "right hemithorax", "moderate"), "there is a large left pleural effusion."),
    (Said("xray", "cardiomegaly", place="heart", severity="large", ratio="0.61"), "Cardiac silhouette is markedly enlarged; unverändert?"),
)


def export(run: Run) -> None:
    config, result = run.config, run.read_json("evaluation.json")
    folder = run.packages / "report-sentences"
    folder.mkdir(parents=True, exist_ok=True)
    network, words = trained(run)
    path = folder / "model.onnx"
    torch.onnx.export(
        network, (torch.zeros(1, 24, dtype=torch.int64),), str(path), input_names=["input_ids"], output_names=["logits"], opset_version=OPSET, dynamo=False,
        dynamic_axes={"input_ids": {1: "tokens"}, "logits": {1: "tokens"}},
    )  # fmt: skip
    (folder / "vocabulary.txt").write_text("\n".join(words.tokens) + "\n")
    texts = [prompt(said, wording) for said, wording in GOLDEN]
    ids = np.array([[BEGIN, *words.encode(texts[0]), SEPARATOR]])
    for other in texts:
        x = np.array([[BEGIN, *words.encode(other), SEPARATOR]])
        with torch.no_grad():
            answer = network(torch.from_numpy(x)).numpy()
        worst = float(np.abs(session(path).run(None, {"input_ids": x})[0] - answer).max())
        print(f"onnxruntime against torch: at most {worst:.2e}")
        if worst > 2e-3:
            raise RuntimeError("the exported graph answers otherwise than torch")
    with torch.no_grad():
        answer = network(torch.from_numpy(ids)).numpy()
    comparison = [tuple(row) for row in result["comparison"]]
    manifest = {
        "format": "sightline-model/1",
        "name": "report-sentences",
        "version": config["version"],
        "title": "Report sentences",
        "modalities": [],
        "views": ["any"],
        "licence": "Apache-2.0",
        "intendedUse": "Research and teaching: writes one English report sentence from a finding that was given to it (what, side, place, severity, size) and a lent wording. It sees no image and adds no finding.",
        "clinicalUse": False,
        "trainedOn": ["sentences of this project's own report grammar (family 'a'), written from findings drawn at random; no report of anybody", f"{result['steps']} steps of {config['batch']} sentences"],
        "figures": result["figures"],
        "labels": [],
        "files": [],
        "pipeline": {
            "task": "report-generation",
            "network": {
                "file": "model.onnx",
                "inputs": {"input_ids": {"type": "int64", "dims": [1, "tokens"]}},
                "outputs": {"logits": {"type": "float32", "dims": [1, "tokens", len(words)]}},
            },
            "tokenizer": {"kind": "wordpiece", "vocabulary": "vocabulary.txt", "tokens": dict(zip(("pad", "unknown", "begin", "end", "separator"), SPECIAL, strict=True)), "limit": LONGEST - 1},
            "keys": list(KEYS),
            "maxTokens": config["maxTokens"],
            "temperature": 0.7,
            "top": 4,
        },
        "golden": {
            "inputs": {"input_ids": stored(folder, "input_ids.i64", ids, "int64")},
            "outputs": {"logits": samples(answer, 0.02)},
            "steps": None,
            "tokens": [{"text": t, "ids": words.encode(t)} for t in texts],
        },
        "acceptance": {
            "metric": "agreement",
            "phantoms": ["xray 64x64 random", "ct 32x32x32 random"],
            "count": 40,
            "seed": "sentence-acceptance",
            "required": 0.9,
        },
    }  # fmt: skip
    finish(folder, manifest, card(manifest, f"A causal transformer of {config['layers']} layers ({sum(p.numel() for p in network.parameters()) / 1e6:.1f} million weights) that turns a finding into one sentence.", LIMITS, comparison))


LIMITS = (
    "It knows the phrases of one small grammar and the findings named in its manifest. Its sentence is to be held against the finding (side, numbers, negation) before it is shown: "
    "the application does so and falls back on fixed phrases. It never compares with an earlier examination."
)
