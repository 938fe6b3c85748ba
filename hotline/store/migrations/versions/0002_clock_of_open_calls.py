"""Calls in progress know the clock of their run, so that a lost call keeps its time of day."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; calls of an older run are taken to count from the epoch."""
    op.add_column(
        "open_calls", sa.Column("clock_start", sa.Float(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_column("open_calls", "clock_start")
