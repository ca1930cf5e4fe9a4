"""Going on from a shipped package: its checkpoint is not kept, its graph is."""

from collections.abc import Iterable
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import nn

WEIGHTED = (nn.Conv2d, nn.Conv3d, nn.Linear, nn.LayerNorm)
NORMS = (nn.BatchNorm2d, nn.BatchNorm3d)


def in_order(network: nn.Module, example: torch.Tensor) -> list[nn.Module]:
    """Weighted layers and normalisations as the forward pass meets them."""
    met: list[nn.Module] = []
    hooks = [m.register_forward_hook(lambda one, *_: met.append(one)) for m in network.modules() if isinstance(m, (*WEIGHTED, *NORMS))]
    with torch.no_grad():
        network.eval()(example)
    for hook in hooks:
        hook.remove()
    return met


def among(weights: list[list], shapes: list[tuple[int, ...]]) -> list[list]:
    """Of a graph that holds more than this network, its layers in their order."""
    out: list[list] = []
    for own in weights:
        if len(out) < len(shapes) and own and own[0].shape == shapes[len(out)]:
            out.append(own)
    return out


def stored(graph: onnx.GraphProto) -> list[list]:
    """Weight and bias of each weighted node of a graph, as torch keeps them. A linear layer over more than two axes is a product and a sum."""
    held = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    after = {x: node for node in graph.node if node.op_type == "Add" for x in node.input}
    out = []
    for node in graph.node:
        own = [held[x] for x in node.input[1:] if x in held]
        if node.op_type in ("Conv", "Gemm", "LayerNormalization"):
            out.append(own)
        elif node.op_type == "MatMul" and own:
            out.append([own[0].T, *[held[x] for x in after[node.output[0]].input if x in held]])
    return out


def from_package(network: nn.Module, package: Path, inputs: Iterable[torch.Tensor]) -> None:
    """
    Weights of `package`/model.onnx into `network`, of the same layers. The export folds each normalisation into the
    convolution before it; here they part again: mean and variance are measured over `inputs`, scale and shift set so that
    the network answers as the package does. Raises ValueError where the layers differ.
    """
    inputs = list(inputs)
    weights = stored(onnx.load(package / "model.onnx").graph)
    layers = in_order(network, inputs[0])
    weighted = [n for n, layer in enumerate(layers) if isinstance(layer, WEIGHTED)]
    weights = among(weights, [tuple(layers[n].weight.shape) for n in weighted])
    if [tuple(layers[n].weight.shape) for n in weighted] != [w.shape for w, *_ in weights]:
        raise ValueError(f"{package.name}: the package's layers are not this network's")
    folded: list[tuple[nn.Module, torch.Tensor]] = []
    with torch.no_grad():
        for n, (weight, bias) in zip(weighted, weights, strict=True):
            layers[n].weight.copy_(torch.from_numpy(weight.copy()))
            after = layers[n + 1] if n + 1 < len(layers) else None
            if layers[n].bias is not None:
                layers[n].bias.copy_(torch.from_numpy(bias.copy()))
            elif isinstance(after, NORMS):
                after.running_mean.zero_()
                after.running_var.fill_(1 - after.eps)
                after.weight.fill_(1)
                after.bias.copy_(torch.from_numpy(bias.copy()))
                folded.append((after, after.bias.clone()))
            else:
                raise ValueError(f"{package.name}: a layer without bias and normalisation")
    sums = {norm: [0, 0.0, 0.0] for norm, _ in folded}

    def measure(norm: nn.Module, given: tuple[torch.Tensor, ...], _: torch.Tensor) -> None:
        x = given[0].transpose(0, 1).flatten(1).double()
        held = sums[norm]
        held[0] += x.shape[1]
        held[1] = held[1] + x.sum(1)
        held[2] = held[2] + (x * x).sum(1)

    hooks = [norm.register_forward_hook(measure) for norm, _ in folded]
    with torch.no_grad():
        for x in inputs:
            network.eval()(x)
        for norm, bias in folded:
            count, total, squares = sums[norm]
            mean = total / count
            variance = (squares / count - mean * mean).clamp(min=1e-6)
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
            norm.weight.copy_((variance + norm.eps).sqrt())
            norm.bias.copy_(bias + mean)
    for hook in hooks:
        hook.remove()
