"""Clean résumés: every field by its rules, every change written down."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ranker.resume.cleaning.amounts import NOT_GIVEN, clean_score, clean_years
from ranker.resume.cleaning.cleaned import Change, CleanResume
from ranker.resume.cleaning.domains import DomainNames
from ranker.resume.cleaning.matcher import Match, Matcher
from ranker.resume.cleaning.projects import clean_project
from ranker.resume.cleaning.raw_texts import entries_of, items_of, key_of, one_text, plain_text
from ranker.resume.cleaning.summary import Cleaned, summarise
from ranker.resume.cleaning.titles import TitleCleaner
from ranker.resume.cleaning.vocabulary import Vocabulary
from ranker.text.encoder import Encoder

if TYPE_CHECKING:
    from ranker.records.resumes import RawResume

NOTHING_GIVEN = "no skills, no projects and no test score"
NO_DOMAIN = "no preferred domain"
SKILL_RULES = {
    "exact": "lower case, spaces and punctuation",
    "spelling": "another spelling of it",
    "alias": "another name of it",
    "abbreviation": "an abbreviation of it",
    "list": "a list of skills",
    "contained": "the skill is among words that add nothing",
    "embedding": "closest in meaning",
    "typing error": "a typing error",
    "novel": "not in the vocabulary: kept in lower case",
}
TITLE_RULES = SKILL_RULES | {
    "contained": "the title is part of it",
    "rank": "rank, place and employer taken off",
    "spelling": "lower case, spaces and punctuation",
}


class Cleaner:
    """Cleans résumés; deterministic, and cleaning what is clean changes nothing.

    Parameters
    ----------
    vocabulary : Vocabulary
        Canonical skills, and the domains' labels where it comes from domains.
    titles : iterable of str or Vocabulary, optional
        Canonical job titles; without them titles lose case, punctuation and rank.
    encoder : Encoder, optional
        Lets texts close in meaning match. Each answer depends on the text alone, not on
        what is cleaned beside it.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        titles: Iterable[str] | Vocabulary | None = None,
        encoder: Encoder | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.titles = titles if isinstance(titles, Vocabulary) or titles is None else _listed(titles)
        self._skills = Matcher(vocabulary, encoder=encoder)
        self._titles = TitleCleaner(self.titles, encoder=encoder)
        self._domains = DomainNames(vocabulary.domains)

    def skill(self, text: str) -> Match:
        """Map one text to canonical skills, or to its own surface where it is novel."""
        return self._skills.match(text)

    def required(self, domains: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
        """Return the canonical skills that each domain asks for, each once."""
        return {
            label: tuple(dict.fromkeys(name for skill in skills for name in self.skill(str(skill)).names))
            for label, skills in domains.items()
        }

    def clean(self, raw: Mapping[str, Any]) -> CleanResume:
        """Clean one résumé, whatever it holds; ``dropped`` says why where it cannot take part."""
        raw = raw if isinstance(raw, Mapping) else {}
        changes: list[Change] = []
        skills, sources = self._clean_skills(raw.get("skills"), changes)
        projects = self._clean_projects(raw.get("projects"), changes)
        work = self._clean_work(raw.get("work_experience"), changes)
        score = self._clean_score(raw.get("test_score"), changes)
        domain = self._clean_domain(raw.get("preferred_domain"), changes)
        id_ = one_text(raw.get("id"), "id", changes)
        nothing = not skills and not projects and score is None
        dropped = NOTHING_GIVEN if nothing else "" if domain else NO_DOMAIN
        return CleanResume(id_, skills, projects, work, score, domain, tuple(changes), dropped, sources)

    def clean_all(self, raws: "Iterable[RawResume]") -> Cleaned:
        """Clean many résumés; of those that say the same, or bear the same id, the first one counts.

        The same are résumés with the same skills, projects and test score; one with
        neither a skill nor a project is compared with none, as a score is nobody's own.
        """
        raws = list(raws)
        values = [raw.value if isinstance(raw.value, Mapping) else {} for raw in raws]
        self._skills.learn(
            text
            for value in values
            for _, _, text in items_of(value.get("skills"), "skills", [], whole=self._skills.knows)
        )
        self._titles.learn(
            title
            for value in values
            for item in entries_of(value.get("work_experience"))
            if isinstance(item, Mapping) and isinstance(title := item.get("title"), str)
        )
        kept: list[CleanResume] = []
        dropped: list[CleanResume] = []
        first_place: dict[str, str] = {}
        first_same: dict[tuple[Any, ...], str] = {}
        for raw, value in zip(raws, values, strict=True):
            resume = self.clean(value)
            if not resume.id:
                change = Change("id", "", raw.place, "no id: its place stands for it")
                resume = replace(resume, id=raw.place, changes=(*resume.changes, change))
            key = (frozenset(resume.skills), frozenset(resume.projects), resume.test_score)
            says = resume.skills or resume.projects
            if not resume.dropped and says and key in first_same:
                resume = replace(
                    resume, dropped=f"same skills, projects and test score as {first_same[key]!r}"
                )
            elif not resume.dropped and resume.id in first_place:
                resume = replace(
                    resume, dropped=f"id {resume.id!r} was given before, at {first_place[resume.id]}"
                )
            if resume.dropped:
                dropped.append(resume)
                continue
            kept.append(resume)
            first_place[resume.id] = raw.place
            if says:
                first_same[key] = resume.id
        return Cleaned(tuple(kept), tuple(dropped), summarise(kept, dropped, self.vocabulary.aliases))

    def _clean_skills(
        self, value: Any, changes: list[Change]
    ) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
        sources: dict[str, list[str]] = {}
        for path, before, text in items_of(value, "skills", changes, whole=self._skills.knows):
            match = self._skills.match(text)
            fresh = [name for name in match.names if name not in sources]
            for name in match.names:
                sources.setdefault(name, []).append(before)
            if not match.names:
                changes.append(Change(path, before, None, "no text"))
            elif not fresh:
                changes.append(Change(path, before, None, f"stands before as {match.names[0]!r}"))
            elif (after := "; ".join(fresh)) != before:
                changes.append(Change(path, before, after, f"skill: {SKILL_RULES[match.rule]}"))
        return tuple(sources), {name: tuple(texts) for name, texts in sources.items()}

    def _clean_projects(self, value: Any, changes: list[Change]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        listed = isinstance(value, (list, tuple))  # a title in a list may have a comma
        for path, before, text in items_of(value, "projects", changes, whole=lambda _: listed):
            title = clean_project(text)
            if not title:
                changes.append(Change(path, before, None, "says nothing about the project"))
            elif title in found:
                changes.append(Change(path, before, None, f"stands before as {title!r}"))
            elif title != before:
                changes.append(
                    Change(path, before, title, "lower case, words that every title has taken out")
                )
            if title:
                found[title] = None
        return tuple(found)

    def _clean_work(self, value: Any, changes: list[Change]) -> tuple[tuple[str, float], ...]:
        found = []
        for number, item in enumerate(entries_of(value)):
            path = f"work_experience[{number}]"
            if isinstance(item, str):  # a title alone
                item = {"title": item}
            if not isinstance(item, Mapping) or not item:
                changes.append(Change(path, plain_text(item), None, "no job: neither a title nor years"))
                continue
            raw = key_of(item.get("title"))
            title, rule = self._titles.clean(raw)
            if title != raw:
                changes.append(Change(f"{path}.title", raw, title, f"title: {TITLE_RULES[rule]}"))
            years, said = clean_years(item.get("years"))
            _note_number(f"{path}.years", item.get("years"), years, said, changes)
            found.append((title, years))
        if value is not None and not isinstance(value, (list, tuple)):
            changes.append(Change("work_experience", plain_text(value), f"{len(found)} jobs", "no list"))
        return tuple(found)

    def _clean_score(self, value: Any, changes: list[Change]) -> float | None:
        score, rule = clean_score(value)
        if not (score is None and value is None):
            _note_number("test_score", value, score, rule, changes)
        return score

    def _clean_domain(self, value: Any, changes: list[Change]) -> str:
        before = one_text(value, "preferred_domain", changes)
        label = self._domains.find(before)
        if label != before:
            changes.append(Change("preferred_domain", before, label, "as the domains write it"))
        return label


def _listed(titles: Iterable[str]) -> Vocabulary:
    return Vocabulary.from_names((title, ()) for title in titles)


def _note_number(path: str, value: Any, after: float | None, rule: str, changes: list[Change]) -> None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == after:
        return
    before, text = plain_text(value), None if after is None else f"{after:g}"
    if before != text:
        changes.append(Change(path, before, text, rule or NOT_GIVEN))
