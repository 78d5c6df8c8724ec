"""The index from people to decisions: in blocks, and found again over all of them."""

import pytest

pytest.importorskip("sqlalchemy", reason="the log of decisions needs the extra api")

from dataclasses import replace

from log_case import ranking
from sqlalchemy import select, text

from ranker.app.decisions import forget, open_store
from ranker.app.decisions.concerned import BLOCK, block_of
from ranker.app.decisions.tables import people


@pytest.fixture
def store(store_url):
    with open_store(store_url) as opened:
        yield opened


def test_somebody_is_found_over_all_blocks_and_nobody_else(store):
    numbers = [store.record(ranking()).number for _ in range(2 * BLOCK + 3)]
    store.record(replace(ranking(), people=("dora",)))
    assert [one.number for one in store.decisions(person="anna")] == numbers
    assert [one.number for one in store.decisions(person="dora")] == [numbers[-1] + 1]
    assert store.decisions(person="nobody") == ()


def test_whoever_is_forgotten_is_forgotten_in_every_block(store):
    for _ in range(2 * BLOCK):
        store.record(ranking())
    assert forget(store, "anna", why="asked").decisions == 2 * BLOCK
    with store.read() as connection:
        rows = connection.execute(select(people)).all()
    assert {row.person for row in rows} == {"ben", "cleo"}
    assert all(row.block == block_of(row.number) for row in rows)


def test_a_person_is_looked_up_by_the_index_not_by_reading_the_table(store):
    if store.engine.dialect.name != "sqlite":
        pytest.skip("SQLite's plan")
    from ranker.app.decisions.concerned import numbers_of

    query = numbers_of("anna").compile(store.engine, compile_kwargs={"literal_binds": True})
    with store.read() as connection:
        plan = str(connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all())
    assert "SEARCH people USING PRIMARY KEY (block=? AND person=?)" in plan
