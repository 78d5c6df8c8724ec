"""What works, and what is said, where the extra is not installed."""

import subprocess
import sys

import pytest

from ranker.errors import UsageError
from ranker.text.attribution import (
    LabelAnswerer,
    SequenceClassifier,
    TextAttribution,
    TokenAmount,
    Tokens,
    Wrapped,
    attribute_text,
)


def test_importing_the_room_loads_no_heavy_library():
    code = "import sys, ranker.text.attribution; print(*sorted(m for m in sys.modules if '.' not in m))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "transformers", "captum", "tokenizers", "safetensors"} & set(found.stdout.split())


@pytest.mark.parametrize(
    "make",
    [
        lambda: SequenceClassifier("nowhere"),
        lambda: LabelAnswerer("nowhere", ["a", "b"]),
        lambda: attribute_text(_Model(), "a b"),
    ],
)
def test_without_the_extra_it_is_said_what_to_install(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match=r"needs torch: pip install 'candor-rank\[text\]'"):
        make()


def test_a_stored_result_is_read_without_the_extra():
    found = TextAttribution(
        text="Java developer",
        model="m",
        labels=("a", "b"),
        outputs=(1.0, 0.0),
        probabilities=(0.7, 0.3),
        target=0,
        baseline="mask",
        baseline_token="[MASK]",
        output=1.0,
        baseline_output=0.25,
        tokens=(TokenAmount("Java", 0, 4, 0.5), TokenAmount("developer", 5, 14, 0.25)),
        delta=0.0,
        bound=0.0075,
        reached=True,
        steps=50,
        windows=((0, 14),),
    )
    assert found.label == "a"
    assert found.difference == 0.75
    assert [p.amount for p in found.phrases()] == [0.75]


class _Model:
    name, labels, max_tokens = "m", ("a", "b"), 10

    def tokens(self, text):
        return Tokens((1, 2), ((0, 1), (2, 3)))

    def wrap(self, ids):
        return Wrapped(tuple(ids), tuple(range(len(ids))))
