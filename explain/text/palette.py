"""Colours of words: blue raises, orange lowers, five depths each, on light and on dark paper.

Okabe & Ito's (2008) blue and vermilion, told apart in all forms of colour blindness, mixed into the
paper so that the words on them stay readable: contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3). A
line under the word, solid or dashed, says the same where there is no colour.
"""

from dataclasses import dataclass

__all__ = ["DARK", "DEPTHS", "LIGHT", "Paper", "depth"]

DEPTHS = 5


@dataclass(frozen=True, slots=True)
class Paper:
    """Colours of one theme, as ``#rrggbb``.

    Parameters
    ----------
    paper, ink : str
        Background, and the colour of words on it.
    raises, lowers : tuple of str
        Backgrounds of words, from the faintest depth to the deepest.
    """

    paper: str
    ink: str
    raises: tuple[str, ...]
    lowers: tuple[str, ...]


def depth(amount: float, largest: float) -> int:
    """Return how deep a word's colour is: 0 (none) to 5, in equal steps of ``|amount| / largest``.

    Below a twentieth of the largest amount a word has no colour.
    """
    share = min(abs(amount) / largest, 1.0) if largest > 0 else 0.0
    return 0 if share < 0.05 else min(DEPTHS, 1 + int(share * DEPTHS))


def _mixed(colour: str, paper: str, share: float) -> str:
    parts = (
        round(share * int(colour[i : i + 2], 16) + (1 - share) * int(paper[i : i + 2], 16)) for i in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in parts)


def _of(paper: str, ink: str, raises: str, lowers: str, deepest: float) -> Paper:
    shares = [deepest * (step + 1) / DEPTHS for step in range(DEPTHS)]
    return Paper(
        paper,
        ink,
        tuple(_mixed(raises, paper, share) for share in shares),
        tuple(_mixed(lowers, paper, share) for share in shares),
    )


LIGHT = _of("#ffffff", "#1b1f24", "#0072b2", "#d55e00", 0.60)
DARK = _of("#16191d", "#f1f3f5", "#0072b2", "#d55e00", 0.75)
