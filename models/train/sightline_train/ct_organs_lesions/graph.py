"""The averaged network as an ONNX file: what is judged is what ships."""

from pathlib import Path

import torch

from ..package import OPSET
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
