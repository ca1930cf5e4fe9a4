"""Writes the tiny networks of main/inference/fixtures: weights by hand, a few hundred bytes each.

    python models/train/tools/tiny_models.py
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OUT = Path(__file__).resolve().parents[3] / "main" / "inference" / "fixtures"
F, I = TensorProto.FLOAT, TensorProto.INT64


def save(name, nodes, inputs, outputs, weights=()):
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(*i) for i in inputs],
        [helper.make_tensor_value_info(*o) for o in outputs],
        [numpy_helper.from_array(np.asarray(value), key) for key, value in weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    (OUT / f"{name}.onnx").write_bytes(model.SerializeToString())


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


# by brightness v of 0..1: air below 0.2, body, spine from 0.5, lesion from 0.8. Each line of the upper envelope has a
# larger slope than the one before and crosses it where the range ends
lines = np.array([[-20.0, 0.0], [20.0, -8.0], [60.0, -28.0], [120.0, -76.0]], np.float32)
save(
    "segment",
    [node("Conv", "image w b", "logits", kernel_shape=[1, 1, 1])],
    [("image", F, [1, 1, 32, 32, 32])],
    [("logits", F, [1, 4, 32, 32, 32])],
    [("w", lines[:, 0].reshape(4, 1, 1, 1, 1)), ("b", lines[:, 1])],
)
save(
    "shape",
    [node("Conv", "image w b", "logits", kernel_shape=[1, 1, 1])],
    [("image", F, [1, 1, 16, 16, 16])],
    [("logits", F, [1, 4, 16, 16, 16])],
    [("w", lines[:, 0].reshape(4, 1, 1, 1, 1)), ("b", lines[:, 1])],
)
# the same with numbers that are not finite
save(
    "infinite",
    [
        node("Conv", "image w b", "line", kernel_shape=[1, 1, 1]),
        node("Sub", "line line", "zero"),
        node("Div", "line zero", "logits"),
    ],
    [("image", F, [1, 1, 32, 32, 32])],
    [("logits", F, [1, 4, 32, 32, 32])],
    [("w", lines[:, 0].reshape(4, 1, 1, 1, 1)), ("b", lines[:, 1])],
)
# far more memory than there is
save(
    "huge",
    [
        node("Conv", "image w b", "line", kernel_shape=[1, 1, 1]),
        node("Expand", "line much", "logits"),
    ],
    [("image", F, [1, 1, 32, 32, 32])],
    [("logits", F, [1, 4, 32, 32, 32])],
    [
        ("w", lines[:, 0].reshape(4, 1, 1, 1, 1)),
        ("b", lines[:, 1]),
        ("much", np.array([1 << 24, 4, 32, 32, 32], np.int64)),
    ],
)
# several seconds a patch: a matrix of 2048 x 2048 made from the volume, multiplied by itself forty times
nodes = [
    node("Reshape", "image square", "m"),
    node("Concat", "m m m m m m m m", "p0", axis=0),
    node("Transpose", "p0", "t", perm=[1, 0]),
    node("MatMul", "p0 t", "q0"),
]
for n in range(40):
    nodes += [node("Mul", f"q{n} small", f"s{n}"), node("MatMul", f"s{n} s{n}", f"q{n + 1}")]
nodes.append(node("ReduceMax", "q40", "all", keepdims=0))
nodes.append(node("Mul", "all nothing", "none"))
nodes.append(node("Conv", "image w b", "line", kernel_shape=[1, 1, 1]))
nodes.append(node("Add", "line none", "logits"))
save(
    "slow",
    nodes,
    [("image", F, [1, 1, 32, 32, 32])],
    [("logits", F, [1, 4, 32, 32, 32])],
    [
        ("square", np.array([256, 128], np.int64)),
        ("small", np.float32(0.0005)),
        ("nothing", np.float32(0)),
        ("w", lines[:, 0].reshape(4, 1, 1, 1, 1)),
        ("b", lines[:, 1]),
    ],
)

# an X-ray's dark halves are lungs, what is brighter than 0.7 a nodule; channel 1 of heat is never there
save(
    "detect",
    [
        node("AveragePool", "image", "mean", kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", "mean hw hb", "heat", kernel_shape=[1, 1]),
        node("Mul", "image mw", "dark"),
        node("Add", "dark mb", "masks"),
    ],
    [("image", F, [1, 1, 64, 64])],
    [("heat", F, [1, 2, 32, 32]), ("masks", F, [1, 3, 64, 64])],
    [
        ("hw", np.array([40, 0], np.float32).reshape(2, 1, 1, 1)),
        ("hb", np.array([-28, -20], np.float32)),
        ("mw", np.full((1, 3, 64, 64), -40, np.float32)[:, :, :1, :1]),
        # left lung on the image's right half, right lung on its left half, heart in the middle columns
        ("mb", np.stack([
            np.where(np.arange(64) >= 36, 12, -60),
            np.where(np.arange(64) < 28, 12, -60),
            np.where(np.abs(np.arange(64) - 31.5) < 4, 50, -60),
        ]).astype(np.float32).reshape(1, 3, 1, 64)),
    ],
)

# the mean of the tokens' own directions
table = np.random.default_rng(7).normal(size=(24, 8)).astype(np.float32).round(2)
save(
    "encode",
    [
        node("Gather", "table input_ids", "rows", axis=0),
        node("Cast", "attention_mask", "mask", to=F),
        node("Unsqueeze", "mask last", "column"),
        node("Mul", "rows column", "kept"),
        node("ReduceSum", "kept middle", "embedding", keepdims=0),
    ],
    [("input_ids", I, ["batch", "tokens"]), ("attention_mask", I, ["batch", "tokens"])],
    [("embedding", F, ["batch", 8])],
    [("table", table), ("last", np.array([-1], np.int64)), ("middle", np.array([1], np.int64))],
)

# each token calls for the next of one sentence: ids as in the fixture's vocabulary
V = 24
follow = np.zeros((V, V), np.float32)
for a, b in zip([4, 5, 6, 7, 8, 9, 10], [5, 6, 7, 8, 9, 10, 3], strict=True):
    follow[a, b] = 8
follow[6, 11] = 7.5  # a second way, taken only when sampling
follow[11, 8] = 8
save(
    "write",
    [node("Gather", "follow input_ids", "logits", axis=0)],
    [("input_ids", I, [1, "tokens"])],
    [("logits", F, [1, "tokens", V])],
    [("follow", follow)],
)
# weights that lie in another file
model = onnx.load(OUT / "segment.onnx")
for weight in model.graph.initializer:
    onnx.external_data_helper.set_external_data(weight, "../card.md")
    weight.data_location = TensorProto.EXTERNAL
    weight.ClearField("raw_data")
(OUT / "outside.onnx").write_bytes(model.SerializeToString())
for path in sorted(OUT.glob("*.onnx")):
    print(path.name, path.stat().st_size)
