"""A text's likeness to a job's: what it is, what it does not see, and which words it is shared among."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ranker.errors import ProtectedFieldError, TaskError, UsageError
from ranker.features import FeatureSet
from ranker.features.text_similarity import MOST_SPLIT, TextSimilarity
from ranker.records import Field, Usage
from ranker.text.similarity import Likeness, VectorModel

sys.path.insert(0, str(Path(__file__).parents[1] / "features"))
from feature_examples import (
    LetterCounts,
    records_of,
    steps,
)  # the same small records as for all other features

PATHS = {"text": "candidate.resume", "wants": "job.description"}
RESUME = "Senior Java developer with 8 years of experience in Spring Boot, microservices and AWS."
JOB = "Backend engineer: Java, Spring, cloud"
amount_of = steps([-0.5, 0.0, 0.2, 0.6], [-1.0, -0.7, 0.1, 0.5, 2.0], -0.3)


class TinyEncoder:
    """Random embeddings of a few words, mixed by one attention: all that MiniLM has, small."""

    def __init__(self, torch, *, constant=False):
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
        from transformers import PreTrainedTokenizerFast

        words = (
            "java spring boot aws developer nurse cloud engineer with experience in years of and . , [ ] mask"
        )
        vocabulary = {
            w: i for i, w in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words.split()])
        }
        inner = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        inner.normalizer = normalizers.BertNormalizer()
        inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        ends = [("[CLS]", 2), ("[SEP]", 3)]
        inner.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
        self.tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=inner, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
            mask_token="[MASK]",
        )  # fmt: skip
        self.module = SimpleNamespace(config=SimpleNamespace(hidden_size=6))
        draw = torch.Generator().manual_seed(5)
        self._torch, self._constant = torch, constant
        self._table = torch.randn(len(vocabulary), 6, generator=draw)
        self._mix = torch.randn(6, 6, generator=draw) / 3

    def embed(self, ids):
        return self._table[ids]

    def unit_vectors(self, embeds, mask):
        torch = self._torch
        heard = torch.softmax(embeds @ embeds.transpose(1, 2), dim=-1) @ embeds @ self._mix
        mean = ((embeds + heard) * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        if self._constant:
            mean = mean * 0 + 1.0
        return torch.nn.functional.normalize(mean, dim=1)

    def encode(self, texts):
        raise AssertionError("an encoder with gradients is read in windows")


@pytest.fixture(scope="module")
def tiny(torch, captum):
    return TinyEncoder(torch)


def feature(encoder, **options):
    return TextSimilarity(name="likeness", encoder=encoder, **{**PATHS, **options})


def records(*resumes, names=None, job=JOB):
    n = len(resumes)
    return records_of(
        resume=list(resumes), name=list(names or ["Ada Okafor"] * n), job={"description": [job] * n}
    )


def test_the_value_is_the_cosine_and_missing_where_a_text_is(tiny):
    found = feature(tiny).compute(records(JOB, RESUME, None, " ", "\x00"))
    assert found[0] == 1.0
    assert -1 <= found[1] < 1
    assert np.isnan(found[2:]).all()
    assert np.isnan(feature(tiny).compute(records(RESUME, job=None))[0])


def test_a_value_is_said_in_words(tiny):
    said = feature(tiny)
    assert said.describe(records(JOB), 0) == "cosine 1.00 with the job's description"
    assert said.describe(records(None), 0) == "not given"
    assert said.describe(records(RESUME, job=None), 0) == "the job's text is not given"
    assert said.describe(records("\x00"), 0).startswith("not given")


@pytest.mark.parametrize("by", ["phrases", "words"])
@pytest.mark.parametrize(
    "resume",
    [RESUME, "Java", "Ada Okafor", "nurse\n" * 200, "\n".join(f"developer, java {i}." for i in range(120)), None,
     "\x00"],
    ids=["a sentence", "one word", "nothing but the name", "windows of one word", "windows", "missing", "unreadable"],
)  # fmt: skip
def test_shares_sum_to_the_term_and_the_field_keeps_what_no_word_earned(tiny, resume, by):
    one, made = records(resume), feature(tiny, by=by, names="candidate.name")
    shares = made.attribute(one, 0, amount_of)
    amount = float(amount_of(made.compute(one))[0])
    assert abs(sum(shares.values()) - amount) <= 1e-9
    found = made.evidence(one, 0)
    if "baseline_cosine" in found:
        nothing = float(amount_of(np.array([round(found["baseline_cosine"], 3)]))[0])
        assert shares["candidate.resume"] == pytest.approx(nothing, abs=1e-9)
    else:
        assert shares == {"candidate.resume": amount}


def test_words_share_in_proportion_to_what_they_hold_in_the_cosine(tiny):
    one, made = records(RESUME), feature(tiny, by="words")
    shares = made.attribute(one, 0, amount_of)
    moved = float(amount_of(made.compute(one))[0]) - shares["candidate.resume"]
    held = Likeness(tiny).attribution(RESUME, JOB)
    scale = moved / sum(token.amount for token in held.tokens)
    word = {amount.text: amount.amount for amount in held.words()}
    named = {path[:-1].split(": ")[1]: share for path, share in shares.items() if ": " in path}
    assert len(named) == 12
    assert named == {text: pytest.approx(scale * word[text], abs=1e-9) for text in named}


def test_phrases_are_called_by_their_words_in_the_text_as_written(tiny):
    resume = (
        "Ada Okafor\nNurse with years in cloud\nShe writes: ada@okafor.org; Java [AWS]\nbo@li.org. .NET boot"
    )
    shares = feature(tiny, names="candidate.name").attribute(records(resume), 0, amount_of)
    assert "candidate.resume[words 3-7: Nurse with years in cloud]" in shares
    assert any(path.endswith(": Java (AWS)]") for path in shares)
    assert any(path.endswith(": .NET boot]") for path in shares)
    assert not any("Ada" in path or "ada@" in path or "She" in path for path in shares)


def test_a_long_text_names_its_strongest_phrases_and_counts_the_others(tiny):
    resume = "\n".join(
        f"{word} {number}" for number, word in enumerate(["java", "nurse", "aws", "cloud"] * 10)
    )
    one, made = records(resume), feature(tiny)
    shares = made.attribute(one, 0, amount_of)
    assert len(shares) == 1 + 12 + 1
    assert list(shares)[-1] == "candidate.resume[the other 28 phrases]"


def test_evidence_discloses_how_exactly_the_words_are_known_and_what_was_redacted(tiny):
    found = feature(tiny, names="candidate.name").evidence(records(f"Ada Okafor. {RESUME} She paints."), 0)
    assert found["redacted"] == {"text": {"name": 1, "pronoun": 1}, "wants": {}}
    assert found["baseline"] == "mask"
    assert found["converged"] is (abs(found["convergence_delta"]) <= found["convergence_bound"])
    assert found["steps"] >= 1
    assert found["shared"] == "in proportion"


def test_where_the_text_moves_the_cosine_by_nothing_its_tokens_share_equally_and_it_is_said(torch, captum):
    made, one = feature(TinyEncoder(torch, constant=True), by="words"), records("Java, Java nurse")
    # The same cosine with and without the text; the function differs at the two all the same.
    jumps = iter([np.array([3.0]), np.array([1.0])])
    shares = made.attribute(one, 0, lambda values: next(jumps))
    assert shares["candidate.resume"] == pytest.approx(1.0)
    # A comma is a token of the word before it.
    assert list(shares.values())[1:] == pytest.approx([1.0, 0.5, 0.5])
    assert made.evidence(one, 0)["shared"] == "equally by tokens: the text hardly moves the cosine"


def test_a_swapped_name_changes_no_bit_of_the_score_nor_of_the_split(tiny):
    names = ["Ada Okafor", "Emma Visser-de Boer", "李明"]
    resumes = [f"{name}\n{RESUME} Call {name.split()[0]}." for name in names]
    one, made = records(*resumes, names=names), feature(tiny, names="candidate.name")
    found = made.compute(one)
    assert found[0] == found[1] == found[2]
    shares = [list(made.attribute(one, pair, amount_of).values()) for pair in range(3)]
    assert shares[0] == shares[1] == shares[2]
    assert len(set(feature(tiny).compute(one))) > 1, "without the names there would be something to see"


def test_the_split_is_of_the_very_number_that_was_scored(tiny):
    found = Likeness(tiny).attribution(RESUME, JOB)
    assert found.output == pytest.approx(Likeness(tiny).cosines([RESUME], [JOB])[0], abs=1e-6)
    long = "java " * 400
    found = Likeness(tiny).attribution(long, JOB)
    assert len(found.windows) == 2
    assert found.output == pytest.approx(Likeness(tiny).cosines([long], [JOB])[0], abs=1e-6)


def test_nobody_can_write_the_mask_token(tiny):
    assert tiny.tokenizer.mask_token_id not in VectorModel(tiny, 6).tokens("[MASK] java").ids


def test_a_long_texts_cosine_is_the_mean_of_its_windows_by_the_tokens_that_each_adds(tiny):
    first, second = "java " * 254, "nurse " * 254
    whole = Likeness(tiny).cosines([first + second, first, second], [JOB] * 3)
    # 508 tokens in windows of 254 that overlap by a quarter at least: three, at 0, 127 and 254.
    middle = Likeness(tiny).cosines(["java " * 127 + "nurse " * 127], [JOB])
    assert whole[0] == pytest.approx((2 * whole[1] + middle[0] + whole[2]) / 4, abs=1e-5)


def test_a_pair_has_the_same_value_and_split_alone_and_among_others(tiny):
    resumes = ["java cloud", RESUME, None, "nurse in aws"]
    many, made = records(*resumes), feature(tiny)
    values = made.compute(many)
    for pair, resume in enumerate(resumes):
        assert np.array_equal(made.compute(records(resume)), values[pair : pair + 1], equal_nan=True)
        assert made.attribute(many, pair, amount_of) == made.attribute(records(resume), 0, amount_of)


class Whole:
    """Amounts of many pairs at once."""

    def __init__(self, values):
        self.values, self.whole = values, amount_of(values)

    def at(self, value):
        return amount_of(np.full(len(self.whole), value))

    def of(self, pair, values):
        return amount_of(values)


def test_a_whole_pool_is_not_split_over_words_but_a_few_pairs_are(tiny):
    made = feature(tiny)
    for n, split in ((MOST_SPLIT, True), (MOST_SPLIT + 1, False)):
        one = records(*[RESUME] * n)
        found = made.split(one, Whole(made.compute(one)))
        assert all((len(split_of.shares) > 1) is split for split_of in found)
        assert {split_of.rule for split_of in found} == {"Aumann-Shapley" if split else "whole"}


def test_an_encoder_without_gradients_compares_and_keeps_the_amount_whole():
    made, one = feature(LetterCounts()), records(JOB, RESUME)
    assert made.compute(one)[0] == 1.0
    assert list(made.attribute(one, 1, amount_of)) == ["candidate.resume"]
    assert set(made.evidence(one, 1)) == {"cosine", "redacted"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"encoder": None}, "give the directory"),
        ({"encoder": False}, "give the directory"),
        ({"encoder": " "}, "give the directory"),
        ({"encoder": 3}, "give the directory"),
        ({"names": 3}, "give a field path, or a list of them"),
        ({"names": ["candidate.name", 3]}, "give a field path, or a list of them"),
        ({"names": "application.name"}, "stands in another table"),
    ],
)
def test_what_cannot_be_meant_is_refused(options, said):
    with pytest.raises(TaskError, match=said):
        TextSimilarity(name="f", **{**PATHS, "encoder": True, **options})


@pytest.mark.parametrize("usage", [Usage.PROTECTED, Usage.SENSITIVE, Usage.TARGET])
@pytest.mark.parametrize("path", ["candidate.resume", "job.description", "candidate.name"])
def test_no_field_is_read_that_must_not_reach_a_score(usage, path):
    made = TextSimilarity(name="f", names=["candidate.name"], **PATHS)
    with pytest.raises(ProtectedFieldError, match=path):
        FeatureSet((made,), {path: Field(path, "x", usage=usage)})


def test_without_the_extra_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match=r"needs torch: pip install 'candor-rank\[text\]'"):
        feature(str(tmp_path)).compute(records(RESUME))


def test_minilm_finds_the_java_developer_closer_to_the_java_job(minilm, captum):
    made = feature(minilm, by="words")
    java, nurse = made.compute(records(RESUME, "Registered nurse, intensive care, two hospitals."))
    assert java > nurse + 0.1
    found = made.evidence(records(RESUME), 0)
    assert found["converged"]
    assert {"Java", "AWS", "Spring"} & {word["word"] for word in found["words"][:4]}
