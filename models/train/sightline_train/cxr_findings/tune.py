"""Each fold's network fine-tuned on its films and judged beside the frozen heads -> tuned.json; after `train`, one fold after another."""

from ..cxr_nih.films import FOLDS, read
from ..cxr_nih.tuned import prepare
from ..cxr_nih.tuned import tune as tune_fold
from ..cxr_nih.tuned_judge import judge_tuned
from ..phantoms import REPOSITORY
from ..run import Run
from .evaluate import trained


def tune(run: Run) -> None:
    network, films = trained(run), read(REPOSITORY / run.config["films"])
    prepare(run, network, films)
    for fold in range(FOLDS):
        tune_fold(run, network, films, fold)
    judge_tuned(run, network, films)
