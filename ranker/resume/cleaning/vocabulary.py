"""The canonical names that skills or titles are mapped to, with the other names that are known of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ranker.errors import DataError, SourceError, did_you_mean
from ranker.records.ledger import Ledger
from ranker.records.readers import read_table
from ranker.resume.cleaning.words import compact, surface, words_of

ESCO_LABELS, ESCO_OTHERS = ("preferredLabel", "PREFERREDLABEL"), ("altLabels", "ALTLABELS")
ONET_CODE, ONET_TITLE = "O*NET-SOC Code", "Title"
ONET_OTHERS = ("Alternate Title", "Reported Job Title")
ONET_SKILL = "Example"
LEAST_LISTS = 10  # of which more than half must be another row's, before a file is refused
ONET_OCCUPATIONS = ("occupation_data.csv", "occupation_data.parquet", "Occupation Data.txt")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Canonical names and their aliases.

    Parameters
    ----------
    aliases : mapping of str to tuple of str
        Canonical name to its other names; all of them as surfaces (one case, single
        spaces, no punctuation around). The order is the order in which ties are broken.
    domains : tuple of str
        Labels of the domains the names come from, as written; empty where they come from none.
    """

    aliases: Mapping[str, tuple[str, ...]]
    domains: tuple[str, ...] = field(default=())

    @classmethod
    def from_names(
        cls, names: Iterable[tuple[str, Iterable[str]]], *, domains: Iterable[str] = ()
    ) -> "Vocabulary":
        """Build from (name, other names) pairs.

        Names spelled alike but for case, spaces and punctuation are one: the first one's
        spelling counts, their other names are put together.

        Raises
        ------
        DataError
            If there is no name.
        """
        first: dict[str, str] = {}
        found: dict[str, dict[str, None]] = {}
        for name, others in names:
            label = surface(str(name))
            if not label:
                continue
            label = first.setdefault(compact(words_of(label)) or label, label)
            known = found.setdefault(label, {})
            known.update(dict.fromkeys(other for other in map(surface, map(str, others)) if other))
        if not found:
            raise DataError("a vocabulary needs at least one name: give domains with required_skills")
        return cls(
            {label: tuple(o for o in others if o not in found) for label, others in found.items()},
            tuple(domains),
        )

    @classmethod
    def from_domains(cls, domains: Mapping[str, Iterable[str]]) -> "Vocabulary":
        """Take the skills that domains ask for, domain by domain, each at its first mention."""
        return cls.from_names(
            ((skill, ()) for skills in domains.values() for skill in skills), domains=domains
        )

    @classmethod
    def from_esco(cls, path: Path) -> "Vocabulary":
        """Read an ESCO file: ``skills_en.csv`` or ``occupations_en.csv``, or their Parquet form.

        Raises
        ------
        SourceError
            If the file cannot be read, has no ``preferredLabel``, or most of its lists of other
            names belong to other rows.
        """
        table = read_table(Path(path), table="vocabulary", ledger=Ledger())
        labels = _column(table, ESCO_LABELS, path)
        others = next((table[name] for name in ESCO_OTHERS if name in table.columns), None)
        lists = [_lines(cell) for cell in others] if others is not None else [()] * len(labels)
        _check_rows([surface(_text(label)) for label in labels], lists, path)
        return cls.from_names(zip(map(_text, labels), lists, strict=True))

    @classmethod
    def from_onet(cls, path: Path) -> "Vocabulary":
        """Read an O*NET file: technology skills, or alternate or reported titles.

        Titles are aliases of occupations, whose names stand in the same folder's
        ``occupation_data.csv``.

        Raises
        ------
        SourceError
            If a file cannot be read, or is none of these.
        """
        path = Path(path)
        table = read_table(path, table="vocabulary", ledger=Ledger())
        if ONET_SKILL in table.columns:
            return cls.from_names((_text(name), ()) for name in table[ONET_SKILL])
        titles = _column(table, (*ONET_OTHERS, ONET_TITLE), path)
        if titles.name == ONET_TITLE:
            return cls.from_names((_text(name), ()) for name in titles)
        beside = next((path.with_name(n) for n in ONET_OCCUPATIONS if path.with_name(n).is_file()), None)
        if beside is None:
            raise SourceError(
                f"{path} names occupations by code: put O*NET's {ONET_OCCUPATIONS[0]} into its folder"
            )
        occupations = read_table(beside, table="vocabulary", ledger=Ledger())
        others: dict[str, list[str]] = {}
        for code, title in zip(_column(table, (ONET_CODE,), path), titles, strict=True):
            others.setdefault(_text(code), []).append(_text(title))
        names = zip(
            _column(occupations, (ONET_CODE,), beside), _column(occupations, (ONET_TITLE,), beside),
            strict=True,
        )  # fmt: skip
        return cls.from_names((_text(title), others.get(_text(code), ())) for code, title in names)

    @property
    def canonical(self) -> tuple[str, ...]:
        """The canonical names, in their order."""
        return tuple(self.aliases)

    def to_json(self) -> dict[str, Any]:
        """Return the names as JSON."""
        return {
            "canonical": {name: list(others) for name, others in self.aliases.items()},
            "domains": list(self.domains),
        }

    @classmethod
    def from_json(cls, d: Mapping[str, Any]) -> "Vocabulary":
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        DataError
            If it is something else.
        """
        names, domains = d.get("canonical"), d.get("domains", [])
        if not isinstance(names, Mapping) or not all(isinstance(o, list) for o in names.values()):
            raise DataError('a vocabulary is {"canonical": {name: [other names]}, "domains": [..]}')
        if not isinstance(domains, list):
            raise DataError(f"a vocabulary's domains are a list of labels, not {domains!r}")
        return cls.from_names(names.items(), domains=map(str, domains))


def _column(table: pd.DataFrame, names: tuple[str, ...], path: Path) -> "pd.Series[Any]":
    for name in names:
        if name in table.columns:
            return table[name]
    raise SourceError(
        f"{path} has no column {' or '.join(map(repr, names))}"
        f"{did_you_mean(names[0], map(str, table.columns))}"
    )


def _check_rows(labels: list[str], lists: Sequence[tuple[str, ...]], path: Path) -> None:
    """Refuse a file whose lists have slid against its labels: every alias would lead to another name.

    Most of ESCO's lists repeat their own label; of 3,007 occupations, 12 have a list that names another
    row's label and not its own, and in a copy of the skills that has slid 3,726 of 4,143 do.
    """
    known = set(labels)
    held = [{surface(text) for text in texts} for texts in lists]
    n_lists = sum(map(bool, held))
    n_slid = sum(
        bool(label not in texts and texts & known) for label, texts in zip(labels, held, strict=True)
    )
    if n_lists >= LEAST_LISTS and 2 * n_slid > n_lists:
        raise SourceError(
            f"{path}: {n_slid:,} of {n_lists:,} lists of other names hold another row's label and not their own: "
            "the columns have slid against each other; take the file as ESCO publishes it"
        )


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else ""


def _lines(cell: object) -> tuple[str, ...]:
    return tuple(line for line in cell.splitlines() if line.strip()) if isinstance(cell, str) else ()
