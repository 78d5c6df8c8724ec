"""Whatever stands where a value is due: an answer, or an error that says what is wrong."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from served_case import make_served, pool_body, resumes

from ranker.app.served import Served
from ranker.app.served.bodies import bodies_for, read_body
from ranker.app.served.served import answer_bytes
from ranker.errors import CandorError

N = 15  # requests of each kind: enough to notice, few enough to wait for
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**400), 10**400)
    | st.integers(-3, 200)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["[", "{'a': 1}", "['x', 'y']", "Ongoing", "2020-05", "c0001", "yes", "1e400", "-", "NaN", "  "]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["start", "end", "title", "degree", "years", "x", ""]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


def answered(endpoint, body, served=None):
    served = served or make_served()
    try:
        checked = read_body(served.body_of(endpoint, bodies_for()), body)
        told = answer_bytes(served.answer(endpoint, checked))
    except CandorError:
        return None
    return json.loads(told)


@settings(max_examples=N)
@given(st.data())
@pytest.mark.parametrize("endpoint", ["rank", "explain", "counterfactual", "contrast"])
def test_any_value_anywhere_in_a_pool_is_answered_or_refused_in_words(endpoint, data):
    body = pool_body(6, intervals=False, explanations=True) if endpoint == "rank" else pool_body(6)
    body["candidates"] = body["candidates"][:4]
    if endpoint != "rank":
        body["candidate"] = body["candidates"][0]["id"]
        body["top_k"] = 2
    for part in data.draw(
        st.lists(st.sampled_from(["job", "candidates", "applications"]), min_size=1, max_size=4)
    ):
        row = body[part] if part == "job" else data.draw(st.sampled_from(body[part][:3]))
        row[data.draw(st.sampled_from(sorted(row)))] = data.draw(VALUES)
    found = answered(endpoint, body)
    if endpoint == "rank" and found is not None:
        assert [one["rank"] for one in found["ranking"]] == list(range(1, found["pool_size"] + 1))
        for one in found["ranking"]:
            total = one["explanation"]["intercept"] + sum(one["explanation"]["fields"].values())
            assert total == pytest.approx(one["score"], abs=1e-9)


@settings(max_examples=N)
@given(st.data())
def test_any_value_anywhere_in_resumes_is_answered_or_refused_in_words(data):
    some = json.loads(json.dumps(resumes(3)))
    for row in some:
        for key in data.draw(st.lists(st.sampled_from(sorted(row)), max_size=3)):
            row[key] = data.draw(VALUES)
    answered("classify", {"resume": some[0]})
    alone = Served(None, make_served().classifier)
    answered("rank", {"domain": resumes(1)[0]["preferred_domain"], "resumes": some}, alone)


@pytest.mark.parametrize(
    "costs", [{"candidate.skills": {"*": 1, "SQL": 0}}, {"candidate.test_score": 1e9}, {"x": 1}, {"": 1}]
)
def test_any_costs_are_answered_or_refused_in_words(costs):
    body = pool_body(6)
    answered(
        "counterfactual", body | {"candidate": body["candidates"][0]["id"], "costs": costs, "n_answers": 3}
    )
