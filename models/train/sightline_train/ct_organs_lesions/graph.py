"""The averaged network as an ONNX file: what is judged is what ships."""

import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch.nn import functional as F

from ..package import OPSET, session
from ..phantoms import ID
from ..run import Run
from .levels import Levels, network_of
from .train import settle


class Averaged(torch.nn.Module):
    """
    The mean of a network's answers to a volume and to the same moved by whole voxels: what folds and pools pairs of voxels
    answers otherwise for each way of pairing. A plane that a move pushed out has the unmoved answer.
    """

    def __init__(self, network: Levels, shifts: list[int]) -> None:
        super().__init__()
        self.network, self.shifts = network, shifts

    def forward(self, volume: torch.Tensor) -> torch.Tensor:
        moved = [F.pad(volume, (s, -s) * 3) for s in self.shifts]
        own, *others = self.network(torch.cat([volume, *moved])).split(1)
        count, total = torch.ones_like(own[:, :1]), own
        for s, answer in zip(self.shifts, others, strict=True):
            total = total + F.pad(answer, (-s, s) * 3)
            count = count + F.pad(torch.ones_like(own[:, :1, s:, s:, s:]), (0, s) * 3)
        return total / count


def trained(run: Run) -> torch.nn.Module:
    """`lean` of the configuration: what is added to a label's logit, for what is thinner than a voxel is seldom most of one."""
    network, state = network_of(run.config), run.load()
    network.load_state_dict(state["average"])
    if "settled" not in state:
        settle(run, network)
    for label, logit in run.config.get("lean", {}).items():
        # the last layer answers eight voxels a label
        with torch.no_grad():
            network.answer.bias[8 * ID[label] : 8 * ID[label] + 8] += logit
    shifts = run.config.get("shifts", [])
    return (Averaged(network, shifts) if shifts else network).eval()


def write(network: torch.nn.Module, patch: list[int], path: Path) -> None:
    free = {2: "z", 3: "y", 4: "x"}
    torch.onnx.export(
        network, (torch.zeros(1, 1, *patch[::-1]),), str(path), input_names=["volume"], output_names=["logits"], opset_version=OPSET,
        dynamo=False, dynamic_axes={"volume": free, "logits": free},
    )  # fmt: skip


def folded(path: Path) -> None:
    """What follows from constants becomes one: fewer nodes load faster, and every answer stays the same to the bit."""
    part = path.with_suffix(".part.onnx")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(part)
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    model = onnx.load(part)
    used = {node.domain for node in model.graph.node}
    kept = [one for one in model.opset_import if one.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(kept)
    # how much larger is arithmetic of the graph, not learned: it is no weight, which a zero twin would lose
    scales = {name for node in model.graph.node if node.op_type == "Resize" for name in node.input[1:]}
    constants = [one for one in model.graph.initializer if one.name in scales]
    for one in constants:
        model.graph.initializer.remove(one)
        model.graph.node.insert(0, onnx.helper.make_node("Constant", [], [one.name], value=one))
    onnx.save(model, path)
    part.unlink()


def prepare(run: Run, path: Path) -> None:
    """The run's network, or the package's own where the configuration keeps its weights ("shipped"), as a file to judge."""
    if run.config["network"] == "shipped":
        shutil.copyfile(run.packages / "ct-organs-lesions" / "model.onnx", path)
        return
    network = trained(run)
    write(network, run.config["patch"], path)
    folded(path)
    x = torch.rand(1, 1, 32, 48, 80, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        worst = float(np.abs(session(path).run(None, {"volume": x.numpy()})[0] - network(x).numpy()).max())
    print(f"onnxruntime against torch: at most {worst:.2e}", flush=True)
    if worst > 5e-3:
        raise RuntimeError("the exported graph answers otherwise than torch")


def million_weights(path: Path) -> float:
    weights = [int(np.prod(one.dims)) for one in onnx.load(path).graph.initializer if one.data_type == onnx.TensorProto.FLOAT]
    return sum(weights) / 1e6
