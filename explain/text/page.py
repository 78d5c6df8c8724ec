"""An attribution as one self-contained HTML page: the text in colours, its strongest words, all in a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from explain.text.drawing import word_plot
from explain.text.palette import DARK, LIGHT, depth
from explain.text.sentences import against_what, amount, how_exact, percent, small, verdict, what_it_is_not
from explain.text.strongest import strongest_words
from explain.words import clean, counted, first_up, number
from ranker.text.attribution.result import TextAttribution, TokenAmount

__all__ = ["attribution_html"]

N_BARS, N_PHRASES, N_LABELS = 20, 8, 5


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of the text: a word with its colour, or what stands between two words."""

    text: Markup
    kind: str = ""
    amount: str = ""


def attribution_html(attribution: TextAttribution) -> str:
    """Write an attribution as HTML: no script, nothing fetched; what the text holds is escaped.

    Words are coloured by their amounts, blue for those that raise the output and orange for those that
    lower it, with a solid or a dashed line under them for eyes and printers that see no colour.
    Whoever hears the page gets the text, the plot's rows and all amounts as tables.

    Parameters
    ----------
    attribution : TextAttribution

    Returns
    -------
    str
        The same attribution gives the same page, byte for byte.
    """
    words = attribution.words()
    strongest = strongest_words(words, N_BARS)
    phrases = sorted(attribution.phrases(), key=lambda phrase: -abs(phrase.amount))
    return _template().render(
        a=attribution,
        verdict=verdict(attribution),
        how_exact=how_exact(attribution),
        what_it_is_not=what_it_is_not(attribution),
        stretches=_stretches(attribution),
        strongest=strongest,
        plot=word_plot(strongest),
        words=_rows(attribution, words),
        phrases=_rows(attribution, phrases[:N_PHRASES]) if len(phrases) > 1 else [],
        facts=_facts(attribution),
        labels=_labels(attribution),
        amount=lambda value: amount(attribution, value),
        light=LIGHT,
        dark=DARK,
    )


def _stretches(attribution: TextAttribution) -> list[_Stretch]:
    text, at, out = attribution.text, 0, []
    words = attribution.words()
    largest = max((abs(word.amount) for word in words), default=0.0)
    for word in words:
        out.append(_Stretch(_as_written(text[at : word.start])))
        deep = depth(word.amount, largest)
        side = "lowers" if word.amount < 0 else "raises"
        written = _as_written(text[word.start : word.end])
        out.append(_Stretch(written, f"{side} d{deep}" if deep else "", amount(attribution, word.amount)))
        at = word.end
    out.append(_Stretch(_as_written(text[at:])))
    return [stretch for stretch in out if stretch.text]


def _rows(attribution: TextAttribution, pieces: Iterable[TokenAmount]) -> list[tuple[str, str]]:
    return [(piece.text, amount(attribution, piece.amount)) for piece in pieces]


def _as_written(text: str) -> Markup:
    """Keep line ends and tabs, which make a résumé readable; nothing else may steer the page."""
    kept = "".join(c if c in "\n\t" else clean(c) for c in text.replace("\r\n", "\n").replace("\r", "\n"))
    return Markup(escape(kept))


def _facts(attribution: TextAttribution) -> list[tuple[str, str]]:
    return [
        ("Model", attribution.model),
        ("Label explained", attribution.label),
        ("Probability", percent(attribution.probabilities[attribution.target])),
        ("Output for the text", number(attribution.output, 4)),
        ("Output for the baseline", number(attribution.baseline_output, 4)),
        ("Difference, to be shared", number(attribution.difference, 4)),
        ("Sum of all amounts", number(attribution.difference + attribution.delta, 4)),
        ("Sum less difference (delta)", small(attribution.delta)),
        ("Bound on it", f"{small(attribution.bound)}; {'reached' if attribution.reached else 'NOT reached'}"),
        ("Baseline", first_up(against_what(attribution))),
        ("Method", f"Integrated Gradients, {counted(attribution.steps, 'step')}"),
        ("Read in", f"{counted(len(attribution.tokens), 'token')}, {_windows(attribution)}"),
    ]


def _windows(attribution: TextAttribution) -> str:
    n = len(attribution.windows)
    if n == 1:
        return "one window"
    return f"{n} overlapping windows; outputs are their mean, weighted by the tokens that each adds"


def _labels(attribution: TextAttribution) -> list[tuple[str, str, str]]:
    order = sorted(range(len(attribution.labels)), key=lambda i: -attribution.outputs[i])
    shown = order[:N_LABELS]
    if attribution.target not in shown:
        shown.append(attribution.target)
    return [
        (attribution.labels[i], percent(attribution.probabilities[i]), number(attribution.outputs[i], 3))
        for i in shown
    ]


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("explain"),
        autoescape=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("text_attribution.html")
