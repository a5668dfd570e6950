"""Since when an outbox row that is tried again and again has been owed; which cases are trials.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("owed_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("closures", sa.Column("trial", sa.Boolean(), server_default=sa.false(), nullable=False))
