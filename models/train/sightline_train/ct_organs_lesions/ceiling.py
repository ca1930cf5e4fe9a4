"""What the network's grid leaves of the truth: no answer at its voxels can be outlined better than the truth's own shares there."""

import numpy as np

from .. import phantoms
from ..phantoms import ID, LABELS
from ..run import Run
from ..volume_steps import reorient, resample
from .examples import ORGANS
from .judge import dice
from .scan import smooth


def ceiling(run: Run, entry: dict, count: int = 10) -> dict[str, float]:
    """Mean Dice by organ: truth to the network's grid as shares of a voxel, and back as the application outlines."""
    folder, spacing, scores = run.cache / entry["name"], tuple(run.config["spacingMm"]), []
    for n in phantoms.available(run.cache, entry)[:count]:
        told = phantoms.truth(folder, n)
        _, labels, _ = phantoms.arrays(folder, n, told)
        truth, lps = reorient(labels, np.array(told["affineVoxelToPatient"]).reshape(3, 4))
        shares = np.stack([resample((truth == k).astype(np.float32), lps, spacing) for k in range(len(LABELS))])
        out = smooth(shares.argmax(0).astype(np.uint8), shares, lps, spacing, truth.shape)
        scores.append({k: dice(out == ID[k], truth == ID[k]) for k in ORGANS if (truth == ID[k]).any()})
    by = {k: float(np.mean(values)) for k in ORGANS if (values := [s[k] for s in scores if k in s])}
    return {"phantoms": len(scores), "organs": float(np.mean(list(by.values()))), **by}
