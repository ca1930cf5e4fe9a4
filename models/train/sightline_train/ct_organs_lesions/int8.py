"""What 8 bits would cost and bring: convolutions with QDQ nodes, calibrated on training phantoms, on validation phantoms beside float32."""

import time
from pathlib import Path

import numpy as np

from .. import phantoms
from ..package import session
from ..phantoms import ID
from ..run import Run
from ..volume_steps import isolate
from .examples import ORGANS, padded, prepared, windowed
from .judge import dice

CALIBRATED, WATCHED = 4, 8


def volume(run: Run, entry: dict, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The network's input and the truth on its grid, one patch whole."""
    own, size = prepared(run.cache, entry, n, tuple(run.config["spacingMm"])), run.config["patch"][::-1]
    hu = isolate(own["image"].astype(np.float32), **run.config["isolate"])
    return windowed(padded(hu, size, -1000))[None, None], padded(own["labels"], size, 0)


def quantised(run: Run, source: Path, target: Path) -> None:
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    entry = run.config["train"][0]

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.left = iter(phantoms.available(run.cache, entry)[:CALIBRATED])

        def get_next(self) -> dict | None:
            n = next(self.left, None)
            # the middle: ranges of activations are kept for all nodes at once
            return None if n is None else {"volume": np.ascontiguousarray(volume(run, entry, n)[0][..., 16:80, 24:88, 24:88])}

    ready = target.with_suffix(".ready.onnx")
    quant_pre_process(str(source), str(ready), skip_symbolic_shape=True)
    quantize_static(
        str(ready), str(target), Reader(), quant_format=QuantFormat.QDQ, per_channel=True, weight_type=QuantType.QInt8,
        activation_type=QuantType.QUInt8, op_types_to_quantize=["Conv"],
    )  # fmt: skip
    ready.unlink()


def int8(run: Run) -> None:
    """-> int8.json: MB, seconds of one core a patch, mean Dice of organs at the network's grid, by float32 and int8."""
    files = {"float32": run.path("model.onnx"), "int8": run.path("model.int8.onnx")}
    quantised(run, files["float32"], files["int8"])
    entry, out = run.config["validate"][0], {}
    examples = [volume(run, entry, n) for n in phantoms.available(run.cache, entry)[:WATCHED]]
    for name, file in files.items():
        own, spent, scores = session(file), [], []
        for x, truth in examples:
            start = time.process_time()
            told = own.run(None, {"volume": x})[0][0].argmax(0)
            spent.append(time.process_time() - start)
            scores.append(np.mean([dice(told == ID[k], truth == ID[k]) for k in ORGANS]))
        out[name] = {"MB": file.stat().st_size / 1e6, "seconds": float(np.median(spent)), "organs": float(np.mean(scores))}
    run.write_json("int8.json", {"phantoms": len(examples), **out})
    print(out, flush=True)
