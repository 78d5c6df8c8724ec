"""The index from people to decisions, ordered by blocks of decisions: an answer writes to its end alone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
BLOCK = 16


def upgrade() -> None:
    """Write the table anew; what it says stays."""
    op.rename_table("people", "people_before")
    op.create_table(
        "people",
        sa.Column("block", NUMBER, nullable=False, autoincrement=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("number", NUMBER, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("block", "person", "number", name="pk_people_by_block"),
        sa.ForeignKeyConstraint(["number"], ["decisions.number"], name="fk_people_by_block_number_decisions"),
        sqlite_with_rowid=False,
    )
    op.execute(
        f"INSERT INTO people (block, person, number) SELECT number / {BLOCK}, person, number FROM people_before"
    )
    op.drop_table("people_before")
