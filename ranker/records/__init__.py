"""HUDD, the human-understandable data domain: what a person wrote and can check."""

from ranker.records.cleaning import join_records
from ranker.records.eligibility import Requirement
from ranker.records.field import Field, Usage
from ranker.records.ledger import CleaningReport, Fate
from ranker.records.readers import read_table
from ranker.records.records import Records
from ranker.records.splits import split_parts

__all__ = [
    "CleaningReport",
    "Fate",
    "Field",
    "Records",
    "Requirement",
    "Usage",
    "join_records",
    "read_table",
    "split_parts",
]
