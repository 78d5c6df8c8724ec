"""Which label a résumé is learned under, and which labels find nobody."""

import pytest

from ranker.records.ledger import Ledger
from ranker.records.resumes import RawResume
from ranker.resume.cleaning import Cleaner, Vocabulary
from ranker.resume.given_labels import fault_of_label, given_labels

CLEANER = Cleaner(Vocabulary.from_domains({"Data": ["python", "sql"]}))


def raws(*records):
    common = {"skills": ["python"], "preferred_domain": "Data"}
    return [
        RawResume(f"r.jsonl, line {number}", {**common, "test_score": number, **record})
        for number, record in enumerate(records, 1)
    ]


def faults(*records):
    """Return the fault of each résumé that cleaning keeps, by id."""
    some, ledger = raws(*records), Ledger()
    given = given_labels(some, None, ledger)
    return {one.id: fault_of_label(one, given) for one in CLEANER.clean_all(some).resumes}


@pytest.mark.parametrize("given_id", ["r1", 7, 7.0, "  r2 ", None, "", "n/a"])
def test_a_label_finds_its_resume_however_the_id_is_written_and_without_one(given_id):
    assert list(faults({"id": given_id, "label": "Fit"}).values()) == [""]


def test_lines_of_one_id_that_are_labelled_apart_are_a_fault():
    found = faults({"id": "a", "label": "Fit"}, {"id": " a", "label": "Not Fit"}, {"id": "b", "label": "Fit"})
    assert found == {"a": "label: its id is labelled 'Fit' and 'Not Fit': keep one", "b": ""}


def test_lines_of_one_id_that_are_labelled_alike_are_none():
    assert faults({"id": "a", "label": "Fit"}, {"id": "a", "label": " fit"}, {"id": "a"}) == {"a": ""}


def test_a_label_that_is_missing_or_none_of_the_three_is_a_fault():
    found = faults({"id": "a"}, {"id": "b", "label": " "}, {"id": "c", "label": "Fitt"})
    assert found["a"] == found["b"] == "label: none is given"
    assert "did you mean 'Fit'" in found["c"]


def test_labels_of_nobody_are_noted():
    ledger = Ledger()
    given = given_labels(raws({"id": "a"}, {"id": 7}), {"a": "Fit", "7": "Fit", "x": "Fit"}, ledger)
    assert given["7"] == ("Fit",)
    [fate] = ledger.fates
    assert (fate.table, fate.row, fate.action) == ("label", "x", "noted")
    assert (ledger.read["label"], ledger.kept["label"]) == (3, 2)


def test_rules_need_no_label():
    [one] = CLEANER.clean_all(raws({"id": "a"})).resumes
    assert fault_of_label(one, None) == ""
