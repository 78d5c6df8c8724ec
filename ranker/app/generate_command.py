"""The command ``candor generate``: invented résumés to try everything on."""

from pathlib import Path

from ranker.app.result import Result
from ranker.records.generated_resumes import generate_resumes

__all__ = ["run_generate"]


def run_generate(out: Path, *, n: int, seed: int, dirt: float, label_noise: float) -> Result:
    """Write résumés, domains, the truth beside them, and a task file.

    Parameters
    ----------
    out : Path
        The folder.
    n, seed, dirt, label_noise
        As for :func:`ranker.records.generated_resumes.generate_resumes`.
    """
    task = generate_resumes(out, n=n, seed=seed, dirt=dirt, label_noise=label_noise)
    machine = {
        "task": str(task),
        "resumes": n,
        "seed": seed,
        "dirt": dirt,
        "label_noise": label_noise,
        "files": sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()),
    }
    lines = [
        f"{n:,} résumés in {out}; the truth about them in {out / 'truth'}",
        f"train on them: candor train {task} --out MODEL",
    ]
    return Result("\n".join(lines), machine)
