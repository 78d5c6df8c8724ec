"""Sessions of the pages that somebody ended, until they would have ended by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table; nothing that is there is touched."""
    op.create_table(
        "signed_out",
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("until", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("session", name="pk_signed_out"),
    )
