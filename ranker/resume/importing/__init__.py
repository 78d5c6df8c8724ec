"""Résumés and job postings of foreign form, read into the fields that cleaning reads."""

from ranker.resume.importing.correction import read_corrections, write_corrections
from ranker.resume.importing.document import Document, Line, read_document
from ranker.resume.importing.fields import Reading, read_fields
from ranker.resume.importing.files import Imports, import_files
from ranker.resume.importing.imported import ImportedResume, Item
from ranker.resume.importing.skill_spotter import SkillSpotter, Span

__all__ = [
    "Document",
    "ImportedResume",
    "Imports",
    "Item",
    "Line",
    "Reading",
    "SkillSpotter",
    "Span",
    "import_files",
    "read_corrections",
    "read_document",
    "read_fields",
    "write_corrections",
]
