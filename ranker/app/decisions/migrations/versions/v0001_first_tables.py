"""The first tables.

They are written out, not taken from :mod:`ranker.app.decisions.tables`: that module moves on, a version
does not.
"""

import os

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
HASH, TIME, ID = sa.String(64), sa.String(27), sa.String(36)


def upgrade() -> None:
    """Make them, the chain's first link, and the triggers."""
    op.create_table(
        "decisions",
        sa.Column("number", NUMBER, nullable=False, autoincrement=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("time", TIME, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "caller", "role", "model")),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("input_kept", sa.Boolean, nullable=False),
        *(sa.Column(f"{name}_hash", HASH, nullable=False) for name in ("input", "answer", "people")),
        sa.Column("protected_hash", HASH, nullable=True),
        sa.Column("previous", HASH, nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_decisions"),
        sa.UniqueConstraint("id", name="uq_decisions_id"),
    )
    op.create_index("ix_decisions_kind", "decisions", ["kind", "number"])
    op.create_index("ix_decisions_time", "decisions", ["time"])
    head = op.create_table(
        "head",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.Column("genesis", HASH, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_head"),
    )
    # By chance, so that no part of one database's chain passes for another's.
    genesis = os.urandom(32).hex()
    op.bulk_insert(head, [{"id": 1, "number": 0, "hash": genesis, "genesis": genesis}])
    for name in ("inputs", "answers", "lists", "protected"):
        op.create_table(
            name,
            sa.Column("number", NUMBER, nullable=False, autoincrement=False),
            sa.Column("body", sa.LargeBinary, nullable=False),
            sa.PrimaryKeyConstraint("number", name=f"pk_{name}"),
            _decision(name),
        )
    op.create_table(
        "people",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("number", NUMBER, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("person", "number", name="pk_people"),
        _decision("people"),
        sqlite_with_rowid=False,
    )
    _people_ask()
    _people_act()
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("person", sa.Text),
        sa.Column("created", TIME, nullable=False),
        sa.Column("revoked", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
    )
    op.create_index("ix_api_keys_person", "api_keys", ["person"])
    op.create_table(
        "models",
        sa.Column("digest", HASH, nullable=False),
        sa.Column("files_hash", HASH, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("files", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("digest", "files_hash", name="pk_models"),
        _decision("models"),
    )
    _guard()


def _decision(table: str, column: str = "number") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["decisions.number"], name=f"fk_{table}_{column}_decisions")


def _people_ask() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", ID, nullable=False),
        sa.Column("about", NUMBER, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("created", TIME, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("label", "why", "reviewer")),
        sa.Column("decided", TIME),
        sa.Column("number", NUMBER),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        _decision("reviews"),
        _decision("reviews", "about"),
    )
    op.create_index("ix_reviews_status", "reviews", ["status", "created", "id"])
    op.create_index("ix_reviews_about", "reviews", ["about"])
    op.create_index("ix_reviews_person", "reviews", ["person"])
    _act("objections", sa.Column("review", ID, nullable=False), sa.Column("result", ID))


def _people_act() -> None:
    _act("overrides", sa.Column("rank_before", sa.Integer), sa.Column("rank_after", sa.Integer))
    _act(
        "outcomes",
        sa.Column("job", sa.Text),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("day", sa.String(10)),
    )


def _act(table: str, *columns: sa.Column) -> None:
    op.create_table(
        table,
        sa.Column("id", ID, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("about", NUMBER, nullable=table == "outcomes"),
        sa.Column("person", sa.Text, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        _decision(table),
        _decision(table, "about"),
    )
    op.create_index(f"ix_{table}_person", table, ["person"])


def _guard() -> None:
    """Refuse to change or delete what is in the chain: against mistakes, as the chain is against intent."""
    said = "decisions are added and never changed"
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER decisions_no_{act.lower()} BEFORE {act} ON decisions "
                f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION candor_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{said}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER decisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions "
        "FOR EACH STATEMENT EXECUTE FUNCTION candor_append_only()"
    )
