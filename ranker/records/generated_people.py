"""The people behind generated résumés: what is true of each of them."""

import math
from dataclasses import dataclass
from random import Random

from ranker.records import generated_vocabulary as words
from ranker.records.generated_labels import LABELS, Merits, rule_of

__all__ = ["N_SPARED", "Person", "draw_people"]

SCORE_MEAN, SCORE_SD = 65.0, 20.0  # before clipping to 0..100
# One hidden level moves all of a person's merits; what is left is their own.
RATIO_MEAN, RATIO_BY_LEVEL, RATIO_SD = 0.56, 0.24, 0.1
SCORE_BY_LEVEL = 0.5  # correlation of the score, before clipping, with the level
PROJECTS, PROJECTS_BY_LEVEL = 1.4, 0.35
POSTS = (0, 1, 2, 3, 4), (8, 27, 32, 22, 11)  # how many, and how often
YEARS_A_POST, MOST_YEARS = 2.5, 12.0
OTHER_TITLE_SHARE = 0.25  # of posts outside the domain
# The first three have one label each, by the rule, and are spared what takes a whole résumé out.
N_SPARED = len(LABELS)


@dataclass(frozen=True, slots=True)
class Person:
    """What is true of a person; skills, titles and projects as they would be written without dirt."""

    domain: words.GeneratedDomain
    skills: tuple[str, ...]
    projects: tuple[str, ...]
    posts: tuple[tuple[str, float], ...]
    score: float

    @property
    def merits(self) -> Merits:
        """What a label rests on."""
        required = {skill.name for skill in self.domain.skills}
        ratio = len(required.intersection(self.skills)) / len(required)
        return Merits(ratio, self.score / 100, len(self.projects), sum(years for _, years in self.posts))


def draw_people(rng: Random, n: int) -> list[Person]:
    """Draw ``n`` people, no two of them with the same skills, projects and score."""
    people: list[Person] = []
    seen = set()
    while len(people) < n:
        person = draw_person(rng)
        key = (frozenset(person.skills), frozenset(person.projects), person.score)
        due = LABELS[len(people)] if len(people) < N_SPARED else None
        if key not in seen and due in (None, rule_of(person.merits)):
            seen.add(key)
            people.append(person)
    return people


def draw_person(rng: Random) -> Person:
    """Draw one person."""
    domain = rng.choice(words.DOMAINS)
    level = rng.gauss(0, 1)
    own_score = rng.gauss(0, 1)
    standard = SCORE_BY_LEVEL * level + math.sqrt(1 - SCORE_BY_LEVEL**2) * own_score
    ratio = RATIO_MEAN + RATIO_BY_LEVEL * level + RATIO_SD * rng.gauss(0, 1)
    n_required = len(domain.skills)
    n_projects = min(_poisson(rng, PROJECTS * math.exp(PROJECTS_BY_LEVEL * level)), len(domain.projects))
    return Person(
        domain,
        draw_skills(rng, domain, min(max(round(ratio * n_required), 0), n_required)),
        tuple(rng.sample(domain.projects, n_projects)),
        draw_posts(rng, domain, level),
        round(min(max(SCORE_MEAN + SCORE_SD * standard, 0.0), 100.0), 1),
    )


def draw_skills(rng: Random, domain: words.GeneratedDomain, n_matched: int) -> tuple[str, ...]:
    """Draw skills that the domain asks for, those listed first more readily, and up to five others."""
    required = [skill.name for skill in domain.skills]
    # The largest u ** (1 / weight) are a weighted sample without replacement (Efraimidis & Spirakis 2006).
    lot = [rng.random() ** math.sqrt(1 + place) for place in range(len(required))]
    skills = [required[i] for i in sorted(range(len(required)), key=lambda i: -lot[i])[:n_matched]]
    other = rng.choice(words.DOMAINS)
    others = [skill.name for skill in other.skills if skill.name not in required]
    skills += rng.sample(others, min(rng.randrange(4), len(others)))
    skills += rng.sample(words.NOVELTIES, rng.randrange(3))
    if not skills:
        skills = [rng.choice(words.NOVELTIES)]
    rng.shuffle(skills)
    return tuple(skills)


def draw_posts(rng: Random, domain: words.GeneratedDomain, level: float) -> tuple[tuple[str, float], ...]:
    """Draw posts held: a title, and years in steps of half a year."""
    posts = []
    for _ in range(rng.choices(*POSTS)[0]):
        field = rng.choice(words.DOMAINS) if rng.random() < OTHER_TITLE_SHARE else domain
        years = rng.expovariate(1 / YEARS_A_POST) * math.exp(0.15 * level)
        posts.append((rng.choice(field.titles), min(max(round(2 * years) / 2, 0.5), MOST_YEARS)))
    return tuple(posts)


def _poisson(rng: Random, mean: float) -> int:
    """Count how many steps of a random length fit before ``mean`` (Knuth)."""
    left, count = rng.expovariate(1.0), 0
    while left < mean:
        count += 1
        left += rng.expovariate(1.0)
    return count
