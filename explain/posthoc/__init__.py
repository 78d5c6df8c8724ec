"""Any other ranker, looked at with the same eyes: black box, gray box, one feature, a whole list."""

from explain.posthoc.black_box import explain_black_box
from explain.posthoc.explainer import Attributions, Explainer, MakeExplainer
from explain.posthoc.explanation import PostHocExplanation
from explain.posthoc.feature_view import explain_feature
from explain.posthoc.gray_box import explain_gray_box
from explain.posthoc.kernel_shap import KernelShap
from explain.posthoc.local_ridge import LocalRidge
from explain.posthoc.reading import reads
from explain.posthoc.tree_shap import TreeShap
from explain.posthoc.whole_list import ListImportance, list_importance

__all__ = [
    "Attributions",
    "Explainer",
    "KernelShap",
    "ListImportance",
    "LocalRidge",
    "MakeExplainer",
    "PostHocExplanation",
    "TreeShap",
    "explain_black_box",
    "explain_feature",
    "explain_gray_box",
    "list_importance",
    "reads",
]
