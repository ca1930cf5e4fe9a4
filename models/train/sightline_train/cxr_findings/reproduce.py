"""The figures on films again, from the package that lies in packages and nothing else -> reproduced/."""

from ..cxr_nih.judge import judge
from ..phantoms import REPOSITORY
from ..run import Run


def reproduce(run: Run) -> None:
    judge(run.packages / run.system / "model.onnx", REPOSITORY / run.config["films"], run.path("reproduced"))
