"""The exported package measured by the TypeScript that runs it, and its figures put into the card."""

import subprocess

from ..phantoms import REPOSITORY
from ..run import Run
from .export import export, trained
from .operating import above_bars, choose
from .real import drafts
from .train import STAGES


def earlier(run: Run) -> list[str]:
    """The version before, where the run's folder has it, is judged on the same phantoms."""
    return ["--earlier", str(run.path("earlier"))] if run.path("earlier").exists() else []


def point_of(run: Run, stage: str) -> dict:
    """The operating points of a stage, kept until its checkpoint changes."""
    kept, checkpoint = run.path(f"point-{stage}.json"), run.path(f"{stage}.pt")
    if not kept.exists() or kept.stat().st_mtime < checkpoint.stat().st_mtime:
        vision, _, _, state = trained(run, stage)
        run.write_json(kept.name, choose(run, vision, state))
    return run.read_json(kept.name)


def evaluate(run: Run) -> None:
    """Runs the exported package as the application does, beside the template and a constant, and drafts of real films; then the card."""
    points = {}
    # the last first: where two see alike, it ships; before 'knowledge' there is no writer
    for name in reversed(STAGES[1:]):
        if run.path(f"{name}.pt").exists():
            points[name] = point_of(run, name)
    best = max(points, key=lambda name: above_bars(points[name]["scores"]))
    run.write_json("operating.json", {"stage": best, **points[best], "stages": {name: own["scores"] for name, own in points.items()}})
    export(run)
    node, bench = str(REPOSITORY / "node_modules" / ".bin" / "node"), REPOSITORY / "test" / "bench"
    subprocess.run([node, str(bench / "drafts.ts"), "--cache", str(run.cache), "--package", str(run.packages / "cxr-report"), *earlier(run), "--out", str(run.path("figures.json"))], check=True)
    films = run.folder.parent / "cxr-nih" / "oof.npz"
    if films.exists():
        drafts(run, films)
        subprocess.run([node, str(bench / "films.ts"), str(run.path("films")), "--out", str(run.path("films.json"))], check=True)
    else:
        print(f"no {films}: the X-ray recipe writes it; the table of real films stays as it was")
    export(run)
