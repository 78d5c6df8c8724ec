"""Cleaning of résumés: skills, projects, titles, years and scores, every change recorded."""

from ranker.resume.cleaning.cleaned import Change, CleanResume
from ranker.resume.cleaning.cleaner import Cleaner
from ranker.resume.cleaning.matcher import Match
from ranker.resume.cleaning.summary import Cleaned, CleaningSummary
from ranker.resume.cleaning.vocabulary import Vocabulary

__all__ = ["Change", "CleanResume", "Cleaned", "Cleaner", "CleaningSummary", "Match", "Vocabulary"]
