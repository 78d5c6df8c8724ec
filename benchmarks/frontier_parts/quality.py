"""Methods that rank without a constraint."""

from benchmarks.frontier_parts import ours
from benchmarks.frontier_parts.boosters import lightgbm, xgboost
from benchmarks.frontier_parts.ebms import ebm_raw, ebm_raw_logistic
from benchmarks.frontier_parts.trials import Method

QUALITY: dict[str, Method] = {
    "ebm_raw": ebm_raw,
    "ebm_raw_logistic": ebm_raw_logistic,
    "lightgbm": lightgbm,
    "xgboost": xgboost,
    **ours.QUALITY,
}
