"""What the page of monitoring tells of alarms."""

import re

from api_case import running
from pages_case import Visitor

from ranker.app.pages.monitoring import MOST_ALERTS


class Alarmed:
    """A watcher that raised some alarms."""

    def __init__(self, n):
        self.n = n
        self.skipped = {"classifier": "its training left nothing to compare with"}

    def state(self):
        column = {
            "label": "test score",
            "verdict": "drift",
            "psi": 0.3,
            "ks": None,
            "mean": -0.5,
            "window": 100,
        }
        alerts = [{"in_words": f"alarm {i}"} for i in range(self.n)]
        return {"ranker": {"n": 9, "behind": 2, "origin": "those", "columns": [column], "alerts": alerts}}


def test_the_latest_alarms_stand_first_and_the_others_are_counted(tmp_path):
    with running(tmp_path) as api:
        service = api.client.app.state.service
        for n in (1, MOST_ALERTS, MOST_ALERTS + 7):
            object.__setattr__(service, "watcher", Alarmed(n))
            page = Visitor(api, "auditor").get("/monitoring").text
            told = [int(one) for one in re.findall(r'class="alert">alarm (\d+)<', page)]
            assert told == list(range(n - 1, max(n - 1 - MOST_ALERTS, -1), -1))
            assert (f"of {n} alarms" in page) == (n > MOST_ALERTS)
        assert "drifts from what training saw" in page
        assert '<td class="n" data-head="Mean">\u22120.50</td>' in page
        assert "its training left nothing to compare with" in page
        object.__setattr__(service, "watcher", None)
