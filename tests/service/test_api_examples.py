"""What the description shows as an example is answered by the models that are served."""

import json

import pytest
from api_case import OFTEN, Api
from served_case import classifier_directory, ranker_directory
from starlette.testclient import TestClient

from ranker.app.decisions import open_store
from ranker.app.served import Served
from ranker.app.service.api import create_app
from ranker.app.service.settings import ServiceSettings

MODELS = {
    "a ranker": (ranker_directory, None),
    "a classifier": (classifier_directory, None),
    "both": (ranker_directory, classifier_directory),
}
ANSWERED = {
    "a ranker": {"/rank", "/explain", "/counterfactual", "/contrast"},
    "a classifier": {"/rank", "/classify"},
    "both": {"/rank", "/explain", "/counterfactual", "/contrast", "/classify"},
}
FORMS = {"/reviews", "/objections", "/decisions/{id}/override", "/outcomes"}


@pytest.fixture(scope="module", name="described", params=MODELS)
def described_fixture(request, tmp_path_factory):
    """A service, and its examples by path."""
    first, second = MODELS[request.param]
    served = Served.load(first(), None if second is None else second())
    folder = tmp_path_factory.mktemp("examples")
    settings = ServiceSettings(_env_file=None, **OFTEN, watch=False, sample_rate=1.0)
    with open_store(f"sqlite:///{folder / 'log.db'}") as store:
        app = create_app(settings, served=served, store=store, chance=lambda: 0.0)
        with TestClient(app) as client:
            yield request.param, Api(client, store), examples_in(client.get("/openapi.json").json())


def examples_in(told):
    found = {}
    for path, operations in told["paths"].items():
        if "requestBody" not in operations.get("post", {}):
            continue
        schema = operations["post"]["requestBody"]["content"]["application/json"]["schema"]
        named = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        found[path] = named.get("examples", [])
    return found


def test_every_body_that_is_answered_has_an_example_and_no_other(described):
    name, _, examples = described
    assert {path for path, told in examples.items() if told} == ANSWERED[name] | FORMS


def test_every_example_is_answered(described):
    _, api, examples = described
    for path in examples.keys() - FORMS:
        for example in examples[path]:
            answer = api.send(path, json.dumps(example).encode())
            assert answer.status_code == 200, (path, answer.text)


def test_an_example_of_a_ranking_ranks_everybody_in_it(described):
    name, api, examples = described
    [example] = examples["/rank"]
    told = api.send("/rank", json.dumps({**example, "top_k": None, "intervals": False}).encode()).json()
    assert (len(told["ranking"]), told["set_aside"], told["notes"], told["ignored"]) == (2, [], [], {}), name


def test_every_form_is_taken_once_its_decision_is_named(described):
    _, api, examples = described
    [ranked] = examples["/rank"]
    made = api.send("/rank", json.dumps(ranked).encode()).headers["decision-id"]
    named = {path: dict(examples[path][0]) for path in FORMS}
    named["/objections"]["decision"] = named["/outcomes"]["decision"] = made
    objected = api.send("/objections", json.dumps(named["/objections"]).encode())
    assert objected.status_code == 201, objected.text
    assert objected.json()["note"] is None
    named["/reviews"]["review"] = objected.json()["review"]
    for path in FORMS - {"/objections"}:
        answer = api.send(path.replace("{id}", made), json.dumps(named[path]).encode())
        assert answer.status_code in (200, 201), (path, answer.text)


def test_under_limits_that_no_example_fits_none_is_shown(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'log.db'}") as store:
        settings = ServiceSettings(_env_file=None, **OFTEN, watch=False, pool=1)
        app = create_app(settings, served=Served.load(ranker_directory()), store=store)
        with TestClient(app) as client:
            assert not any(examples_in(client.get("/openapi.json").json()).values())
