"""Dirt for generated values: what people, forms and exports do to a clean one.

Every function takes a clean value and gives ``(raw, due, kind)``: what is written instead, what a
good cleaning makes of it, and the kind of dirt. Where the value itself is lost ("N/A", 120 points),
what is due is what the stated rule of cleaning gives, not what was true.
"""

import re
from random import Random
from typing import Any

from ranker.records.generated_vocabulary import DOMAINS, GRADES, NOVELTIES, SENIORITY, Skill

__all__ = [
    "NOISE_PROJECTS",
    "SkillForms",
    "dirty_domain",
    "dirty_project",
    "dirty_score",
    "dirty_title",
    "dirty_years",
]

Dirty = tuple[Any, Any, str]

# How often a skill is dirty in which way, where it can be.
SKILL_KINDS = {
    "typo": 22,
    "case": 20,
    "punctuation": 18,
    "spaces": 12,
    "abbreviation": 12,
    "version": 12,
    "vendor": 10,
    "context": 8,
}
SECOND_STEP_SHARE = 0.15  # of dirty skills, which are written in another case as well
LEAST_TYPED = (
    5  # letters of a word that is mistyped: in a shorter one, a reader could not tell what was meant
)
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = {
    letter: "".join(
        other
        for y, line in enumerate(ROWS)
        for x, other in enumerate(line)
        if abs(y - row) <= 1 and abs(x - column) <= 1 and other != letter
    )
    for row, letters in enumerate(ROWS)
    for column, letter in enumerate(letters)
}
NOISE_PROJECTS = ("Project 2", "the using", "Project", "and the project", "Using", "project 3.", "The", " - ")
WRAPS = ("{}.", "{},", "{};", "- {}", "• {}", "* {}", "({})", '"{}"', "{}!", "[{}]")


class SkillForms:
    """What every text for a skill means, so that no dirt turns one skill into another.

    ``meaning`` maps a text's letters, digits, ``+`` and ``#`` to the skill's name, or to ``None``
    for one that no domain asks for; it grows by every text that is written.
    """

    def __init__(self) -> None:
        self.skills = {skill.name: skill for domain in DOMAINS for skill in domain.skills}
        self.meaning: dict[str, str | None] = {}
        self.kinds: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {}
        for name in NOVELTIES:
            self.meaning[_letters(name)] = None
        for skill in self.skills.values():
            for form in (skill.name, *skill.short, *skill.vendor, *_versions(skill), *_contexts(skill)):
                self.meaning[_letters(form)] = skill.name
        for name in (*self.skills, *NOVELTIES):
            self.kinds[name] = _possible_kinds(name, self.skills.get(name, Skill(name)))

    def dirty(self, rng: Random, name: str) -> Dirty:
        """Write a skill in another way; what is due is its name in lower case, ``None`` for a novelty."""
        skill = self.skills.get(name)
        due = name.lower() if skill else None
        kinds, weights = self.kinds[name]
        for _ in range(5):
            kind = rng.choices(kinds, weights)[0]
            text = _skill_form(rng, skill or Skill(name), kind)
            if kind != "case" and rng.random() < SECOND_STEP_SHARE:
                text = other_case(rng, text)
            meant = self.meaning.setdefault(_letters(text), skill.name if skill else None)
            if text != name and meant == (skill.name if skill else None):
                return text, due, kind
        return f"{name} ", due, "spaces"


def dirty_title(rng: Random, title: str) -> Dirty:
    """Add a rank to a job title, or mistype it; what is due is the plain title in lower case."""
    kind = rng.choices(("seniority", "case", "spaces", "punctuation", "typo"), (40, 20, 15, 10, 15))[0]
    if kind == "seniority":
        text = f"{title} {rng.choice(GRADES)}" if rng.random() < 0.2 else f"{rng.choice(SENIORITY)} {title}"
    else:
        text = _by_kind(rng, title, kind)
    return text, title.lower(), kind


def dirty_domain(rng: Random, domain: str) -> Dirty:
    """Write a domain's name in another way."""
    kind = rng.choices(("case", "spaces", "punctuation", "typo"), (40, 30, 10, 20))[0]
    return _by_kind(rng, domain, kind), domain, kind


def dirty_project(rng: Random, project: str) -> Dirty:
    """Wrap a project's title in words and signs that say nothing of it."""
    kind = rng.choices(("filler", "case", "spaces", "punctuation"), (50, 20, 15, 15))[0]
    if kind != "filler":
        text = " ".join(project.split()).title() if kind == "case" else _around(rng, project, kind)
        return text, project, kind
    words = project.split()
    last = len(words) - 1
    text = rng.choice((
        " ".join([*words[:last], "using", words[last]]) if last else f"{project} project",
        f"{words[0]} and {' '.join(words[1:])}" if last else f"the {project}",
        f"The {project}",
        f"{project} Project",
        f"{project} project {rng.randint(2, 9)}",
        f"Project: {project}",
    ))  # fmt: skip
    return (text.title() if rng.random() < 0.3 else text), project, kind


def dirty_years(rng: Random, years: float) -> Dirty:
    """Write years with a unit, in months, as a text, or as what cannot be."""
    kind = rng.choices(("unit", "months", "number as text", "not given", "negative"), (40, 20, 15, 15, 10))[0]
    if kind == "unit":
        unit = rng.choice(("yrs", "years", "yr", "y", "Years"))
        return f"{years:g}{'+' if rng.random() < 0.1 else ''} {unit}", years, kind
    if kind == "months":
        return f"{12 * years:g} {rng.choice(('months', 'mos', 'Months'))}", years, kind
    if kind == "number as text":
        return rng.choice((f"{years:g}", f" {years} ")), years, kind
    if kind == "not given":
        return rng.choice(("N/A", "n/a", "-")), 0.0, kind
    return -years, 0.0, kind


def dirty_score(rng: Random, score: float) -> Dirty:
    """Write a test score with a sign, as a text, or outside 0 .. 100."""
    kind = rng.choices(
        ("percent", "number as text", "too high", "negative", "not given"), (35, 20, 20, 15, 10)
    )[0]
    if kind == "percent":
        return rng.choice((f"{score:g}%", f"{score:g} %", f"{score:g}/100")), score, kind
    if kind == "number as text":
        return f"{score}", score, kind
    if kind == "too high":
        return rng.choice((120, 110, 150, 999, 100.5)), 100.0, kind
    if kind == "negative":
        return rng.choice((-5, -1, -20, -0.5)), 0.0, kind
    return rng.choice(("N/A", "n/a", "-")), None, kind


def other_case(rng: Random, text: str) -> str:
    """Write a text in another case than it has."""
    forms = dict.fromkeys((text.lower(), text.upper(), text.title(), text.swapcase()))
    forms.pop(text, None)
    return rng.choice(list(forms)) if forms else text


def other_spaces(rng: Random, text: str) -> str:
    """Put spaces where none are due, or leave them out inside a name of several words."""
    forms = [f" {text}", f"{text} ", f"  {text}  ", f"\t{text}", f"{text}\u00a0"]
    if " " in text:
        forms += [text.replace(" ", "  "), text.replace(" ", "", 1)]
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return rng.choice([*forms, split, split] if split != text else forms)


def other_signs(rng: Random, text: str) -> str:
    """Put signs around a text, or in the place of spaces and signs in it; never touch ``+`` and ``#``."""
    forms = [wrap.format(text) for wrap in WRAPS]
    if " " in text:
        forms += [text.replace(" ", sign) for sign in ("-", "_", "-")]
    if bare := [sign for sign in ".-/" if sign in text]:
        forms += 3 * [text.replace(bare[0], " ")]
    return rng.choice(forms)


def mistyped(rng: Random, text: str) -> str:
    """Hit a neighbouring key, or swap, drop or double a letter, behind the first one of a longer word."""
    places = [
        place
        for word in re.finditer(rf"[A-Za-z]{{{LEAST_TYPED},}}", text)
        for place in range(word.start() + 1, word.end())
    ]
    if not places:
        return text
    place = rng.choice(places)
    letter = text[place]
    kind = rng.choices(("neighbour", "swap", "drop", "double"), (35, 25, 30, 10))[0]
    if kind == "swap" and place + 1 in places and text[place + 1] != letter:
        return text[:place] + text[place + 1] + letter + text[place + 2 :]
    if kind == "drop":
        return text[:place] + text[place + 1 :]
    if kind == "double":
        return text[:place] + letter + text[place:]
    key = rng.choice(NEIGHBOURS[letter.lower()])
    return text[:place] + (key.upper() if letter.isupper() else key) + text[place + 1 :]


def _skill_form(rng: Random, skill: Skill, kind: str) -> str:
    if kind == "abbreviation":
        return rng.choice(skill.short)
    if kind == "vendor":
        return rng.choice(skill.vendor)
    if kind == "version":
        return rng.choice(_versions(skill))
    if kind == "context":
        return rng.choice(_contexts(skill))
    return _by_kind(rng, skill.name, kind)


def _by_kind(rng: Random, text: str, kind: str) -> str:
    return {"case": other_case, "spaces": other_spaces, "punctuation": other_signs, "typo": mistyped}[kind](
        rng, text
    )


def _around(rng: Random, text: str, kind: str) -> str:
    """Change spaces between a title's words, or put signs around it, so that its words stay whole."""
    if kind == "spaces":
        return rng.choice((f" {text}", f"{text}  ", text.replace(" ", "   ")))
    return rng.choice(WRAPS).format(text)


def _versions(skill: Skill) -> tuple[str, ...]:
    return tuple(f"{skill.name}{between}{v}" for v in skill.versions for between in (" ", "", " v"))


def _contexts(skill: Skill) -> tuple[str, ...]:
    return tuple(f"{skill.name} {words}" for words in skill.context)


def _possible_kinds(name: str, skill: Skill) -> tuple[tuple[str, ...], tuple[int, ...]]:
    possible = {
        "typo": re.search(rf"[A-Za-z]{{{LEAST_TYPED},}}", name),
        "abbreviation": skill.short,
        "version": skill.versions,
        "vendor": skill.vendor,
        "context": skill.context,
    }
    kinds = {kind: weight for kind, weight in SKILL_KINDS.items() if possible.get(kind, True)}
    return tuple(kinds), tuple(kinds.values())


def _letters(text: str) -> str:
    """Return what is left of a text without case, spaces and signs that tell no skills apart."""
    return re.sub(r"[^a-z0-9+#]", "", text.casefold())
