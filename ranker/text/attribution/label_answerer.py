"""A decoder that answers with a label in text, as a text model."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ranker.errors import UsageError, did_you_mean
from ranker.text.attribution.classifiers import check_embeddings_suffice, context_length
from ranker.text.attribution.extra import load
from ranker.text.attribution.loading import load_model
from ranker.text.attribution.models import Baseline, Tokens, Wrapped
from ranker.text.attribution.tokenizing import around, baseline_id, text_tokens

__all__ = ["PROMPT", "LabelAnswerer"]

PROMPT = "Classify the resume into one job category.\n\nResume:\n{text}\n\nCategory:"
# Résumés of ordinary length in one window; longer ones cost memory with each answer read.
MAX_TOKENS = 1024


class LabelAnswerer:
    """A decoder-only model, such as Gemma, that completes a prompt with a label's words.

    An output is the log-probability of a label's whole answer given the prompt with the text
    in it, in nats: the sum over the answer's tokens, each given those before it. Where one answer
    begins another, all are closed with the model's end token, lest the shorter always win.

    Parameters
    ----------
    source : str or Path
        A directory with ``config.json``, ``tokenizer.json`` and ``model.safetensors``, or a
        name on the Hugging Face hub. An adapter (LoRA) needs the library ``peft``.
    labels : sequence of str
        At least two, all different.
    prompt : str
        Holds ``{text}`` once: write the one that the model was trained with. Prompt and text
        are cut into tokens apart, so that a text has the same tokens in every window.
    answers : mapping of str to str, optional
        What the model writes for each label, to the letter. By default the label, after a
        space where the prompt does not end in white space.
    max_tokens : int, optional
        Longest window, prompt included and answer not. By default what the model can read,
        at most 1024.

    Raises
    ------
    UsageError
        If a library is not installed, or labels, prompt or answers do not fit.
    ModelError
        If the files cannot be read, or are of no model that writes text.
    """

    def __init__(
        self,
        source: str | Path,
        labels: Sequence[str],
        *,
        prompt: str = PROMPT,
        answers: Mapping[str, str] | None = None,
        max_tokens: int | None = None,
    ) -> None:
        self.name, self.labels, self.prompt = str(source), tuple(labels), prompt
        _check_labels(self.labels)
        if prompt.count("{text}") != 1:
            raise UsageError(f"the prompt must hold {{text}} once, not {prompt.count('{text}')} times")
        words = _answers(self.labels, prompt, answers or {})
        self.module, self.tokenizer = load_model("AutoModelForCausalLM", source, "language model head")
        before, after = prompt.split("{text}")
        # The model's own closing tokens would end the text before the answer.
        begin, _ = around(self.tokenizer)
        self._before = (*begin, *self._ids(before))
        self._after = self._ids(after)
        self.answers = self._closed(tuple(self._ids(words[label]) for label in self.labels))
        self.max_tokens = self._window(max_tokens)
        check_embeddings_suffice(self)

    def tokens(self, text: str) -> Tokens:
        """See :class:`TextModel`."""
        return text_tokens(self.tokenizer, text)

    def wrap(self, ids: list[int]) -> Wrapped:
        """See :class:`TextModel`."""
        start = len(self._before)
        return Wrapped((*self._before, *ids, *self._after), tuple(range(start, start + len(ids))))

    def embed(self, ids: Any) -> Any:
        """See :class:`TextModel`."""
        return self.module.get_input_embeddings()(ids.to(self.module.device))

    def outputs(self, embeds: Any, mask: Any) -> Any:
        """Return the log-probability of each label's answer, (b, n_labels); see :class:`TextModel`."""
        torch = load("explaining a text", "torch")
        return torch.stack([self.output(embeds, mask, i) for i in range(len(self.labels))], dim=1)

    def output(self, embeds: Any, mask: Any, target: int) -> Any:
        """Return the log-probability of one label's answer, (b,), in nats."""
        torch = load("explaining a text", "torch")
        lengths = mask.sum(1).tolist()
        if min(lengths) < embeds.shape[1]:
            # An answer follows its text at once: rows that are filled up are read alone.
            rows = [self._log_probability(embeds[i : i + 1, : int(n)], target) for i, n in enumerate(lengths)]
            return torch.cat(rows)
        return self._log_probability(embeds, target)

    def baseline_ids(self, how: Baseline) -> int | None:
        """See :class:`TextModel`."""
        return baseline_id(self.tokenizer, how)

    def _log_probability(self, embeds: Any, target: int) -> Any:
        torch = load("explaining a text", "torch")
        answer = torch.tensor(self.answers[target], device=embeds.device)
        # The last token is only predicted, never read.
        read = self.embed(answer[None, :-1]).expand(len(embeds), -1, -1)
        whole = torch.cat([embeds, read], dim=1)
        mask = torch.ones(whole.shape[:2], dtype=torch.long, device=embeds.device)
        found = self.module(
            inputs_embeds=whole, attention_mask=mask, use_cache=False, logits_to_keep=len(answer)
        ).logits
        scores = torch.log_softmax(found[:, -len(answer) :].float(), dim=-1)
        return scores.gather(2, answer.expand(len(embeds), -1)[:, :, None]).sum((1, 2))

    def _ids(self, text: str) -> tuple[int, ...]:
        # Special tokens of the prompt, such as a turn's begin and end, are meant as such.
        return tuple(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def _closed(self, answers: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        for label, answer in zip(self.labels, answers, strict=True):
            if not answer:
                raise UsageError(
                    f"the answer for label {label!r} has no tokens: give words for it in answers"
                )
        if len(set(answers)) < len(answers):
            same = [a for a, b in zip(self.labels, answers, strict=True) if answers.count(b) > 1]
            raise UsageError(
                f"labels {same[0]!r} and {same[1]!r} have the same answer: give words that differ"
            )
        if not any(a != b and b[: len(a)] == a for a in answers for b in answers):
            return answers
        end = self.tokenizer.eos_token_id
        if end is None:
            raise UsageError(
                f"{self.name} has no end token, and one label's answer begins another's: "
                "give answers that differ from their first words on"
            )
        return tuple((*answer, end) for answer in answers)

    def _window(self, asked: int | None) -> int:
        limit = context_length(self.module, self.tokenizer)
        longest = max(len(answer) for answer in self.answers) - 1
        if asked is None:
            return MAX_TOKENS if limit is None else min(MAX_TOKENS, limit - longest)
        if limit is not None and asked > limit - longest:
            raise UsageError(
                f"{self.name} reads at most {limit} tokens, {longest} of them for the answer: "
                f"max_tokens {asked} is too many"
            )
        return asked


def _check_labels(labels: tuple[str, ...]) -> None:
    if len(labels) < 2:
        raise UsageError(f"a label is chosen among two or more, not {len(labels)}")
    for label in labels:
        if labels.count(label) > 1:
            raise UsageError(f"label {label!r} is given twice")


def _answers(labels: tuple[str, ...], prompt: str, given: Mapping[str, str]) -> dict[str, str]:
    for label in given:
        if label not in labels:
            raise UsageError(
                f"an answer is given for {label!r}, which is no label{did_you_mean(label, labels)}"
            )
    space = "" if prompt[-1:].isspace() else " "
    return {label: given.get(label, space + label) for label in labels}
