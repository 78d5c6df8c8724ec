"""FEDD, the feature domain: features that know which raw fields they came from."""

from ranker.features.feature import Feature
from ranker.features.feature_set import KINDS, FeatureSet

__all__ = ["KINDS", "Feature", "FeatureSet"]
