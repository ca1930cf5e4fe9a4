"""python -m sightline_train <system> phantoms|train|evaluate|export|zero-twin|reproduce|int8|tune [--config FILE] [--run FOLDER] [--cache FOLDER]"""

import argparse
import importlib
import json
from pathlib import Path

import torch

from . import phantoms
from .package import zero_twin
from .run import Run

HERE = Path(__file__).resolve().parent.parent
SYSTEMS = ("cxr-findings", "cxr-report", "ct-organs-lesions", "report-sentences", "text-encoder", "fundus-retinopathy")


def main() -> None:
    parser = argparse.ArgumentParser(prog="sightline_train", description=__doc__)
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("action", choices=("phantoms", "train", "evaluate", "export", "zero-twin", "reproduce", "int8", "tune"))
    parser.add_argument("--config", type=Path, help="default: configs/<system>.json")
    parser.add_argument("--run", type=Path, help="checkpoints and logs; default: runs/<system>")
    parser.add_argument("--cache", type=Path, help="phantoms; default: runs/phantoms")
    parser.add_argument("--packages", type=Path, help="where export writes; default: ../packages")
    parser.add_argument("--out", type=Path, help="zero-twin: the file to write")
    given = parser.parse_args()
    config = json.loads((given.config or HERE / "configs" / f"{given.system}.json").read_text())
    torch.set_num_threads(config.get("threads", 1))
    run = Run(
        system=given.system,
        config=config,
        folder=(given.run or HERE / "runs" / given.system).resolve(),
        cache=(given.cache or HERE / "runs" / "phantoms").resolve(),
        packages=(given.packages or HERE.parent / "packages").resolve(),
    )
    if given.action == "zero-twin":
        zero_twin(run.packages / given.system / "model.onnx", given.out or run.path("zero-twin.onnx"))
        return
    if given.action == "phantoms":
        phantoms.generate(run.cache, [entry for part in ("train", "validate", "test", "volumes") for entry in config.get(part, [])])
        return
    module = importlib.import_module(f".{given.system.replace('-', '_')}.{given.action}", __package__)
    getattr(module, given.action)(run)


if __name__ == "__main__":
    main()
