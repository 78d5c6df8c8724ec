"""Forms that come back as the page gave them, and texts that keep their lines."""

import re
from html import unescape

import pytest
from api_case import PERSON, api_fixture  # noqa: F401
from pages_case import Visitor

from ranker.app.decisions.reviews import queue


@pytest.fixture(scope="module", name="id")
def ranking(api):
    return api.ranked(top_k=5).headers["decision-id"]


def test_a_form_that_is_sent_as_the_page_gave_it_corrects_nothing(api, id):
    visitor = Visitor(api, "applicant")
    page = visitor.get(f"/decisions/{id}/objection")
    areas = re.findall(r'<textarea [^>]*name="(field:[^"]*)"[^>]*>\n?(.*?)</textarea>', page.text, re.DOTALL)
    inputs = re.findall(r'<input [^>]*name="(field:[^"]*)" value="([^"]*)"', page.text)
    assert {"field:skills", "field:test_score"} <= {name for name, _ in [*areas, *inputs]}
    form = {name: unescape(value).replace("\n", "\r\n") for name, value in [*areas, *inputs]}
    assert visitor.post(f"/decisions/{id}/objection", {**form, "text": "Not so."}).status_code == 200
    [objection] = api.store.decisions(kind="objection")[-1:]
    assert objection.input.get("correction") is None


def test_lines_of_what_is_told_stay_lines(api, id):
    visitor, said = Visitor(api, "applicant"), "First.\r\nSecond."
    page = visitor.post(f"/decisions/{id}/objection", {"text": said})
    assert page.status_code == 200
    [case] = [one for one in queue(api.store) if one.person == PERSON][-1:]
    assert "First.\nSecond." in Visitor(api, "recruiter").get(f"/reviews/{case.id}").text
    answer = api.ask("GET", f"/decisions/{id}/explanation?candidate={PERSON}")
    told = Visitor(api, "recruiter").get(f"/decisions/{answer.headers['decision-id']}").text
    assert answer.json()["text"].strip() in unescape(told)
