"""The description of the service, and the service, tried against each other; more cases run in benchmarks."""

import pytest
from api_case import listening, running
from hypothesis import HealthCheck, given, settings

from ranker.app.service.roles import ROUTES

schemathesis = pytest.importorskip("schemathesis", reason="the contract is tried by schemathesis")

# A body may be well formed and name a job or a candidate that its own records do not hold.
ACCEPTED = ["2xx", "401", "403", "404", "409", "422"]
POSITIVE, NEGATIVE = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
PLAIN = ("/model", "/model/terms", "/audit", "/healthz", "/readyz", "/metrics")  # nothing can be said wrongly
TRIED = [
    (*route, mode)
    for route in ROUTES
    for mode in (POSITIVE, NEGATIVE)
    if route[1] != "/openapi.json" and (mode is POSITIVE or route[1] not in PLAIN)
]


@pytest.fixture(scope="module", name="tried")
def tried_fixture(tmp_path_factory):
    with running(tmp_path_factory.mktemp("contract")) as api, listening(api) as url:
        schema = schemathesis.openapi.from_dict(api.client.get("/openapi.json").json())
        schema.config.checks.positive_data_acceptance.expected_statuses = ACCEPTED
        schema.config.update(base_url=url)
        yield schema, {"Authorization": f"Bearer {api.keys['admin']}"}


@pytest.mark.parametrize(("method", "path", "mode"), TRIED)
def test_every_answer_is_as_described(tried, method, path, mode):
    schema, headers = tried

    @settings(
        max_examples=4,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def tried_with(case):
        case.call_and_validate(headers=headers)

    tried_with()
