"""Models and tokenizers from a directory or the hub, with errors a stranger can act on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ranker.errors import ModelError, UsageError
from ranker.text.attribution.extra import load

__all__ = ["load_model", "quiet"]


def load_model(kind: str, source: str | Path, head: str, **options: Any) -> tuple[Any, Any]:
    """Load a model for reading and its tokenizer; code that comes with a model is never run.

    Weights are read as float32 whatever they are stored as: in half precision the sum of
    amounts misses the difference by more than 1 %.

    Parameters
    ----------
    kind : str
        Name of the transformers class: ``"AutoModelForSequenceClassification"``.
    source : str or Path
        A directory, or a name on the Hugging Face hub.
    head : str
        What the model must have been trained with, as the error says it.
    **options
        Of its configuration, over what its ``config.json`` says.

    Returns
    -------
    model, tokenizer

    Raises
    ------
    UsageError
        If a library is not installed.
    ModelError
        If the files cannot be read, or hold no such head.
    """
    load("explaining a text", "torch")
    transformers: Any = load("explaining a text", "transformers")
    safetensors: Any = load("explaining a text", "safetensors")
    name, folder = str(source), Path(source)
    if folder.is_dir() and not any(
        (folder / file).exists() for file in ("config.json", "adapter_config.json")
    ):
        raise ModelError(f"{name} holds no model: {_advice(name)}")
    unreadable = (OSError, ValueError, KeyError, RuntimeError, safetensors.SafetensorError)
    try:
        with quiet(transformers):
            tokenizer = transformers.AutoTokenizer.from_pretrained(name)
            model, info = getattr(transformers, kind).from_pretrained(
                name, output_loading_info=True, **options
            )
    except ImportError as error:
        reason = str(error).strip().splitlines()[0]
        raise UsageError(f"{name} needs a library that is not installed: {reason}") from None
    except unreadable as error:
        raise ModelError(f"{name} cannot be read: {_reason(error)}; {_advice(name)}") from None
    missing = sorted(info.get("missing_keys", ()))
    # An adapter brings its head along in its own file, which the base model's list does not know.
    if missing and not getattr(model, "_hf_peft_config_loaded", False):
        raise ModelError(
            f"{name} holds no trained {head}: {missing[0]} and {len(missing) - 1} more weights are missing, "
            "and random ones in their place would explain nothing; give a model trained for the task"
        )
    return model.float().eval().requires_grad_(False), tokenizer


@contextmanager
def quiet(transformers: Any) -> Iterator[None]:
    """Keep transformers from writing to standard error; errors still come as exceptions."""
    logging = transformers.utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _reason(error: Exception) -> str:
    if "ignore_mismatched_sizes" in str(error):
        return "its weights have other shapes than its config.json or the number of labels asks for"
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")


def _advice(name: str) -> str:
    folder = Path(name)
    if (folder / "adapter_config.json").exists():
        return (
            "it is an adapter, which needs its base model within reach and the library peft: pip install peft"
        )
    if folder.is_dir():
        return "its directory must hold config.json, tokenizer.json and model.safetensors"
    return "give a directory, or the name of a model on the Hugging Face hub (an adapter needs peft, too)"
