"""Lesions by network, then grades by fold. A run that was cut off goes on from its last checkpoint."""

from ..run import Run
from .grade_training import evidence, train_grader
from .lesion_training import train_lesions
from .photographs import NETS, photographs


def train(run: Run) -> None:
    state = lambda name: (run.load() or {}).get(name, {})  # noqa: E731
    data = photographs(run)
    networks = [train_lesions(run, data, net, state(f"lesions {net}")) for net in range(len(NETS))]
    for folds, (maps, statistics) in zip(NETS, evidence(run, data, networks), strict=True):
        for fold in folds:
            train_grader(run, data, fold, maps, statistics, state(f"grades {fold}"))
