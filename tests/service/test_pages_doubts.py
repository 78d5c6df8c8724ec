"""What pages say of a label that is uncertain."""

from dataclasses import replace

from api_case import running
from pages_case import Visitor
from served_case import resumes

from ranker.app.decisions.reviews import queue
from ranker.app.served import Served


def test_an_uncertain_label_says_the_rule_with_the_models_own_number(tmp_path):
    with running(tmp_path) as api:
        service = api.client.app.state.service
        sure = next(one for one in resumes() if not labelled(api, one)["uncertain"])
        told = labelled(api, sure)
        # A bound of the model's own, just above what this label has.
        bound = round(told["confidence"] + 0.0004, 4)
        raised = replace(
            service.served.classifier,
            classifier=replace(service.served.classifier.classifier, uncertain=bound),
        )
        object.__setattr__(service, "served", Served(service.served.ranker, raised))
        answer = api.ask("POST", "/classify", json={"resume": sure})
        assert answer.json()["uncertain"]
        id = answer.headers["decision-id"]
        [case] = [one for one in queue(api.store) if one.reason == "uncertain"]
        rule = f"max_prob &lt; {bound:g}"
        visitor = Visitor(api, "recruiter")
        for path in (f"/decisions/{id}", f"/reviews/{case.id}", "/reviews"):
            page = visitor.get(path).text
            assert rule in page, path
            assert f"{100 * bound:g} %" in page
        assert rule not in visitor.get("/reviews?status=decided").text
        # Of a label that another model gave nobody here knows the number.
        object.__setattr__(service, "served", Served(service.served.ranker, None))
        page = visitor.get(f"/decisions/{id}").text
        assert "max_prob" not in page
        assert "another model answers here by now" in page


def labelled(api, resume):
    answer = api.ask("POST", "/classify", json={"resume": resume})
    return answer.json() if answer.status_code == 200 else {"uncertain": True}
