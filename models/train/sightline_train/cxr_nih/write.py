"""The graph as a file."""

from pathlib import Path

import numpy as np
import torch

from ..cxr_findings.network import SIZE
from ..package import OPSET, session
from .answer import Answer

OUTPUTS = ("scores", "heat", "sizes", "masks", "extents", "gate", "folds", "pointed")
# what the application reads; the others serve `judge`
READ = OUTPUTS[:6]
# probability from which a further peak of one finding is a place of its own
LEVEL = 0.3


def write_graph(whole: Answer, path: Path) -> None:
    """Raises RuntimeError where the file answers otherwise than torch."""
    torch.onnx.export(whole, (torch.zeros(1, 1, SIZE, SIZE),), str(path), input_names=["image"], output_names=list(OUTPUTS), opset_version=OPSET, dynamo=False)
    image = np.random.default_rng(2).uniform(0, 1, (1, 1, SIZE, SIZE)).astype(np.float32)
    with torch.no_grad():
        told = [t.numpy() for t in whole(torch.from_numpy(image))]
    again = session(path).run(None, {"image": image})
    for name, a, b in zip(OUTPUTS, told, again, strict=True):
        worst = float(np.abs(a - b).max())
        print(f"{name} {list(a.shape)}: onnxruntime against torch at most {worst:.2e}")
        if a.shape != b.shape or worst > 5e-3 and name != "heat":
            raise RuntimeError(f"{name}: the exported graph answers otherwise than torch")
