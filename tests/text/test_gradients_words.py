from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.text.attribution.words import TokenAmount, merged, phrase_spans, word_spans


def words(text):
    return [text[start:stop] for start, stop in word_spans(text)]


def phrases(text):
    return [text[start:stop] for start, stop in phrase_spans(text)]


def cut(text, *ends):
    """Tokens that end at the given characters; amounts 1, 2, 4 ... so that each sum names its tokens."""
    starts = [0, *ends[:-1]]
    return [
        TokenAmount(text[a:b], a, b, float(2**i)) for i, (a, b) in enumerate(zip(starts, ends, strict=True))
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Spring Boot, microservices and AWS.", ["Spring", "Boot", "microservices", "and", "AWS"]),
        ("C++, C# (node.js) full-stack R&D", ["C++", "C#", "node.js", "full-stack", "R&D"]),
        ("CI/CD|8 years", ["CI", "CD", "8", "years"]),
        ("“Übung” – naïve", ["Übung", "naïve"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("数据科学", ["数", "据", "科", "学"]),
        (" \n ", []),
        ("--- ... !!!", []),
    ],
)
def test_a_text_is_cut_into_the_words_a_person_sees(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Skills: Java, Spring Boot", ["Skills", "Java", "Spring Boot"]),
        ("• Led a team of 5\n• Cut costs by 20 %", ["Led a team of 5", "Cut costs by 20 %"]),
        ("- Python\n- SQL", ["Python", "SQL"]),
        (
            "Sr. developer, e.g. of node.js. Speaks French.",
            ["Sr. developer", "e.g. of node.js. Speaks French."],
        ),
        ("Taught courses. Wrote books.", ["Taught courses", "Wrote books."]),
        ("full-stack work 2015-2018", ["full-stack work 2015-2018"]),
        ("", []),
    ],
)
def test_a_text_is_cut_into_lines_bullets_and_clauses(text, expected):
    assert phrases(text) == expected


def test_a_words_amount_is_its_tokens_with_the_punctuation_after_it():
    text = "micro services, AWS."
    tokens = cut(text, 2, 5, 14, 15, 19, 20)
    assert merged(text, tokens, word_spans(text)) == (
        TokenAmount("micro", 0, 5, 3.0),
        TokenAmount("services", 6, 14, 12.0),
        TokenAmount("AWS", 16, 19, 48.0),
    )


def test_words_that_share_a_token_become_one():
    text = "New York city"
    assert [w.text for w in merged(text, cut(text, 8, 13), word_spans(text))] == ["New York", "city"]


def test_what_stands_before_the_first_word_goes_to_it():
    text = "\n\n( Java"
    found = merged(text, cut(text, 2, 3, 8), word_spans(text))
    assert found == (TokenAmount("Java", 4, 8, 7.0),)


def test_a_token_that_writes_nothing_is_not_lost():
    tokens = [TokenAmount("a", 0, 1, 1.0), TokenAmount("", 1, 1, 2.0), TokenAmount(" b", 1, 3, 4.0)]
    assert [w.amount for w in merged("a b", tokens, word_spans("a b"))] == [3.0, 4.0]


def test_a_text_of_marks_alone_is_one_piece():
    text = " --- "
    assert merged(text, cut(text, 2, 5), word_spans(text)) == (TokenAmount("---", 1, 4, 3.0),)


def test_no_tokens_are_no_words():
    assert merged("", [], word_spans("")) == ()


@given(st.text(alphabet="ab1 .,;-/(C#+\n•数ü", max_size=40), st.data())
def test_merging_keeps_the_sum_and_the_order(text, data):
    ends = sorted(data.draw(st.sets(st.integers(1, max(1, len(text))), max_size=20)) if text else ())
    tokens = cut(text, *ends) if ends else []
    for spans in (word_spans(text), phrase_spans(text)):
        pieces = merged(text, tokens, spans)
        assert sum(p.amount for p in pieces) == sum(t.amount for t in tokens)
        assert all(a.end <= b.start for a, b in pairwise(pieces))
        assert all(text[p.start : p.end] == p.text for p in pieces)
