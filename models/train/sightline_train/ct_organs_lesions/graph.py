"""The averaged network as an ONNX file: what is judged is what ships."""

import shutil
from pathlib import Path

import numpy as np
import onnx
import torch

from ..package import OPSET, session
from ..run import Run
from .levels import Levels, network_of
from .train import settle


def trained(run: Run) -> Levels:
    network, state = network_of(run.config), run.load()
    network.load_state_dict(state["average"])
    if "settled" not in state:
        settle(run, network)
    return network.eval()


def write(network: Levels, patch: list[int], path: Path) -> None:
    free = {2: "z", 3: "y", 4: "x"}
    torch.onnx.export(
        network, (torch.zeros(1, 1, *patch[::-1]),), str(path), input_names=["volume"], output_names=["logits"], opset_version=OPSET,
        dynamo=False, dynamic_axes={"volume": free, "logits": free},
    )  # fmt: skip


def prepare(run: Run, path: Path) -> None:
    """The run's network, or the package's own where the configuration keeps its weights ("shipped"), as a file to judge."""
    if run.config["network"] == "shipped":
        shutil.copyfile(run.packages / "ct-organs-lesions" / "model.onnx", path)
        return
    network = trained(run)
    write(network, run.config["patch"], path)
    x = torch.rand(1, 1, 32, 48, 80, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        worst = float(np.abs(session(path).run(None, {"volume": x.numpy()})[0] - network(x).numpy()).max())
    print(f"onnxruntime against torch: at most {worst:.2e}", flush=True)
    if worst > 5e-3:
        raise RuntimeError("the exported graph answers otherwise than torch")


def million_weights(path: Path) -> float:
    weights = [int(np.prod(one.dims)) for one in onnx.load(path).graph.initializer if one.data_type == onnx.TensorProto.FLOAT]
    return sum(weights) / 1e6
