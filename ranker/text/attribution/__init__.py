"""What the words of a text hold in a text model's output: Integrated Gradients, exact to a stated bound.

Nothing here imports torch, transformers or captum until a model is made or a text attributed.
"""

from ranker.text.attribution.classifiers import SequenceClassifier
from ranker.text.attribution.gradients import attribute_text
from ranker.text.attribution.label_answerer import LabelAnswerer
from ranker.text.attribution.models import TextModel, Tokens, Wrapped
from ranker.text.attribution.pooling import pooled_outputs, probabilities
from ranker.text.attribution.result import TextAttribution, TokenAmount

__all__ = [
    "LabelAnswerer",
    "SequenceClassifier",
    "TextAttribution",
    "TextModel",
    "TokenAmount",
    "Tokens",
    "Wrapped",
    "attribute_text",
    "pooled_outputs",
    "probabilities",
]
