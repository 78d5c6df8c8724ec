"""Which section of the report a reader of which rule looks for; no statement that any rule is met."""

# (rule, what it asks to see, sections of the page that show something of it)
RULES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "NYC Local Law 144, 6 RCNY 5-301 (a)-(c)",
        "selection or scoring rates and impact ratios by sex, by race and ethnicity, and by both crossed",
        ("rates", "people"),
    ),
    (
        "6 RCNY 5-301 (d), 5-302",
        "categories under 2 % and people of unknown category, counted; the kind and source of the data",
        ("rates", "people", "data"),
    ),
    (
        "6 RCNY 5-303",
        "the date of the audit, source and explanation of the data, numbers of applicants, rates and ratios",
        ("data", "rates"),
    ),
    (
        "29 CFR 1607.4 (UGESP), A-D",
        "records by sex and race; four fifths, with statistical tests and the size of the numbers",
        ("impact", "rates", "people"),
    ),
    ("29 CFR 1607.5-1607.14", "evidence that what is measured has to do with the job: not in this report", ("labels",)),
    (
        "EU AI Act, Art. 10",
        "origin and preparation of the data, examination for biases and measures against them",
        ("data", "people", "proxies", "gap", "labels", "training"),
    ),
    ("EU AI Act, Art. 11 and Annex IV", "purpose, versions, design, performance and its limits",
     ("data", "training", "quality", "limits")),
    ("EU AI Act, Art. 12", "records of what happened in use", ("oversight",)),
    ("EU AI Act, Art. 13", "what those who use it can read from it, and what it cannot do",
     ("shapes", "candidate", "limits")),
    ("EU AI Act, Art. 14", "human oversight: where a person decides, overrides, and how often",
     ("oversight", "robustness")),
    ("EU AI Act, Art. 15", "accuracy and robustness, stated with figures", ("quality", "robustness", "certificate")),
    ("EU AI Act, Art. 26", "monitoring by those who use it, and information to those it is used on",
     ("oversight", "candidate")),
    ("EU AI Act, Art. 86", "an explanation of the role that the system had in a decision", ("candidate", "effects")),
)  # fmt: skip


def map_of_rules(sections: tuple[str, ...]) -> list[dict[str, object]]:
    """Return the rules with those of their sections that this page has.

    Parameters
    ----------
    sections : tuple of str
        Ids of the page's sections.
    """
    return [
        {"rule": rule, "asks": asks, "sections": [name for name in named if name in sections]}
        for rule, asks, named in RULES
    ]
