"""The figures of the callback audit as a page of text."""

from typing import Any

Figures = dict[str, Any]

MEANT = """\
What can be concluded:

- Names were put on résumés by lot. So a résumé tells nothing, but by chance, of the race of its name;
  a ranker that reads the résumé alone has no way to treat the two differently, and the bound on
  exposure finds nothing to take out. The gap of the callbacks is in the labels, not in the features.
- A ranker that is given the name or the race learns the gap from the labels and passes it on; the
  swap tests show it, person by person. Its NDCG is measured against the same labels, and counts
  agreement with employers who called Black names less often: a higher one is no better ranking.
- Swapping a name or a race in the raw records changes no bit of a score of a model whose features
  may not read them.

What cannot:

- Most real data are not like this: elsewhere addresses, schools, gaps and words stand in for groups,
  and a ranker without names can be as biased as its labels. That ranks do not move when a name is
  swapped says nothing of such stand-ins.
- An ad has two or four résumés, so a rank can change by three at most, and in one ad of seven alone
  do callbacks differ; NDCG and exposure of such short lists are coarse.
- The rates are of two cities in 2001 and 2002, clerical and sales jobs, and names that sound
  strongly White or Black, whose social background may be heard as well. They measure callbacks, not
  who was hired, and give no one employer's conduct.
- The 36 names are few, and each has its own sample: rates of single names scatter widely, and a ranker
  that reads names learns that scatter too."""


def told(found: Figures) -> str:
    """Write all figures out."""
    settings, pair = found["settings"], found["compared"]
    lines = ["# The audit of 2004", "", "Called back, per cent; 95 % intervals draw whole ads.", ""]
    rows = []
    for cell in [*found["by_race"], *found["by_race_and_sex"]]:
        who = " ".join(cell[name] for name in ("race", "gender") if name in cell)
        rate, published = f"{cell['rate']:.2f}", f"{found['published'][who]:.2f}"
        rows.append([who, cell["sent"], cell["called"], rate, _range(cell["interval"], 2), published])
    lines += _table(["names", "sent", "called", "rate", "interval", "published"], rows)
    lines += [
        "",
        f"White over Black {pair['ratio']:.3f} ({_range(pair['ratio_interval'], 2)}), a difference of "
        f"{pair['difference']:.2f} points ({_range(pair['difference_interval'], 2)}); Black over White "
        f"{pair['impact_ratio']:.3f}. Z = {pair['z']:.2f}, p = {pair['z_p']:.1e}; Fisher p = "
        f"{pair['fisher_p']:.1e}; exact, names shuffled within ads, p = {pair['within_ads_p']:.1e}.",
        "",
        "## Rankers that learn from these callbacks",
        "",
        f"{settings['splits']} splits by ad (seeds 0 to {settings['splits'] - 1}; 60 % train, 20 % tune, 20 % "
        f"test), {settings['outer_bags']} bags; means over splits, 95 % intervals by Nadeau & Bengio (2003). "
        "Race and first name as columns are controls: this project's features refuse them.",
        "",
    ]
    models: dict[str, Figures] = found["rankers"]
    lines += _table(
        [
            "ranker",
            "NDCG",
            "less the résumé's",
            "exposure ratio by race",
            "exposure of Black names, against the pool",
        ],
        [
            [
                name,
                _mean(model["ndcg"], 3),
                _mean(model["ndcg_less_résumé"], 3, sign=True),
                _mean(model["exposure_ratio"], 3),
                _mean(model["gap_of_black_names"], 3, sign=True),
            ]
            for name, model in models.items()
        ],
    )
    kept = models["résumé, bound .05"]["as_unconstrained"]["mean"]
    lines += [
        "",
        f"In {kept:.0%} of the splits the tune part keeps the bound without correction, and the unconstrained "
        "model ships, bit for bit.",
        "",
        "## Names and races swapped in the raw records of the test part",
        "",
        f'One person at a time, {settings["n_swaps"]} names drawn of each group. "Lower as Black" is the rank '
        "with a Black name less that with a White one, the same person and list; a list has 2 or 4 places.",
        "",
    ]
    rows = []
    for name, model in models.items():
        for what in ("first name", "race"):
            one = model[what]
            rows.append([
                name, what, f"{one['changes']['mean']:,.0f}", _count(one["moved"]),
                "0" if one["largest_score_change"]["most"] == 0 else f"{one['largest_score_change']['most']:.3f}",
                _mean(one["abs_rank_change"], 3), f"{one['max_rank_change']['most']:.0f}",
                _mean(one["ranks_lower_as_black"], 3, sign=True),
                f"{one['share_lower_as_black']['mean']:.1%} / {one['share_lower_as_white']['mean']:.1%}",
            ])  # fmt: skip
    lines += _table(
        ["ranker", "swapped", "changes", "moved", "largest score change", "mean rank change, either way",
         "most", "ranks lower as Black", "lower as Black / as White"],
        rows,
    )  # fmt: skip
    lines += [
        "",
        "## By name",
        "",
        "Callback rate, and by how many ranks a person moves on average who is given the name, in the ranker "
        "that reads first names (above 0: down). Their rank correlation is "
        f"{_signed(found['names_rank_correlation'], 2)}.",
        "",
    ]
    lines += _table(
        ["name", "race", "sex", "sent", "rate", "interval", "rank change when given"],
        [
            [
                row["firstname"], row["race"], row["sex"], row["sent"], f"{row['rate']:.1f}",
                _range(row["interval"], 1), _signed(row["rank_change_when_given"], 3),
            ]
            for row in found["by_name"]
        ],
    )  # fmt: skip
    return "\n".join([*lines, "", MEANT])


def _table(head: list[str], rows: list[list[Any]]) -> list[str]:
    def line(cells: list[Any]) -> str:
        return "| " + " | ".join(map(str, cells)) + " |"

    return [line(head), line(["---"] * len(head)), *map(line, rows)]


def _mean(figure: Figures, places: int, *, sign: bool = False) -> str:
    if figure["least"] == figure["most"] == 0:
        return "0"
    write = _signed if sign else _plain
    low, high = (write(end, places) for end in figure["interval"])
    return f"{write(figure['mean'], places)} ({low} to {high})"


def _count(figure: Figures) -> str:
    return "0" if figure["most"] == 0 else f"{figure['mean']:,.0f}"


def _range(ends: list[float], places: int) -> str:
    return f"{ends[0]:.{places}f} to {ends[1]:.{places}f}"


def _plain(value: float, places: int) -> str:
    text = f"{abs(value):.{places}f}"
    return ("−" if value < 0 else "") + (text[1:] if text.startswith("0.") else text)


def _signed(value: float, places: int) -> str:
    return ("+" if value >= 0 else "") + _plain(value, places)
