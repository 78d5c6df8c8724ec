"""Every method of the study by its name; quality methods run first, for fair ones read their choices."""

from benchmarks.frontier_parts import ours
from benchmarks.frontier_parts.deltr import deltr
from benchmarks.frontier_parts.fa_ir import fa_ir
from benchmarks.frontier_parts.quality import QUALITY
from benchmarks.frontier_parts.reductions import fairlearn_eg
from benchmarks.frontier_parts.subtraction import subtraction
from benchmarks.frontier_parts.trials import ROUNDS, Method

FAIR: dict[str, Method] = {
    "subtraction": subtraction,
    "fairlearn_eg": fairlearn_eg,
    "deltr": deltr,
    "fa_ir": fa_ir,
    **ours.FAIR,
}
METHODS: dict[str, Method] = QUALITY | FAIR

# Methods that fit too many models for all splits: they run on the first so many of each task.
FEWER_SPLITS = {
    "fairlearn_eg": {
        "adult": 6,
        "bertrand_mullainathan": 3,
        "chile_engineering": 10,
        "stackoverflow_applicants": 3,
        "": 12,
    },
    "deltr": {"": 8},
    "ebm_lambdarank": {"adult": 3, "": 6},
}


def splits_of(method: str, task: str, n: int) -> int:
    """Return how many of ``n`` splits a method runs on."""
    fewer = FEWER_SPLITS.get(method, {})
    return min(n, fewer.get(task, fewer.get("", n)))


# What a reader of the tables must know of a method.
NOTES = {
    "subtraction": "two EBMs fitted apart, at the setting that the centred EBM chose; lambdas by the exposure "
    "ratios that they reach on the tune part, as the points of our frontier are",
    "fairlearn_eg": f"ExponentiatedGradient (at most {ROUNDS} rounds, fewer splits where a "
    "fit takes long) over interpret's classifier under demographic parity; the mixture's logits averaged",
    "deltr": f"fairsearchdeltr's linear model on the first {FEWER_SPLITS['deltr']['']} splits, one binary "
    "attribute: all groups but the most exposed; it reads the group of whom it ranks. Jobs are visited once an "
    "iteration, as in its paper, and not once a row",
    "fa_ir": "FA*IR on the best unconstrained scorer of the split, unadjusted table, one binary attribute; it "
    "reads the group of whom it ranks",
}
