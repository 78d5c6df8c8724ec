"""Ranking more than fits into memory, or on more than one machine.

One function from table to table, `TableRanker`, ranks whole jobs; the engines differ in how they
bring the applications of a job together: the local one by bucket files, Spark by a shuffle.
"""
