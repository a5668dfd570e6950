"""Contact attempts, dead addresses, follow-ups, sign-ins to the managers' page, the API's tokens.

Revision ID: 0004
Revises: 0003
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _words(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="" if empty else None)


def _invitation(table: str, *, primary_key: bool = False) -> sa.Column[Any]:
    key = sa.ForeignKey("invitations.id", ondelete="CASCADE", name=f"fk_{table}_invitation_id_invitations")
    return sa.Column("invitation_id", _NUMBER, key, primary_key=primary_key, nullable=False, autoincrement=False)


def upgrade() -> None:
    op.add_column("closures", sa.Column("recheck_of", _NUMBER, nullable=True))
    op.add_column("invitations", _words("questions", empty=True))
    op.create_table(
        "contact_attempts",
        sa.Column("id", _NUMBER, nullable=False),
        _invitation("contact_attempts"),
        _words("way"),
        _words("purpose"),
        _instant("at"),
        _words("outcome"),
        _words("detail", empty=True),
        sa.PrimaryKeyConstraint("id", name="pk_contact_attempts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_contact_attempts_invitation", "contact_attempts", ["invitation_id"])
    op.create_index("ix_contact_attempts_at", "contact_attempts", ["at"])
    op.create_table(
        "dead_addresses",
        _words("hash"),
        _words("kind"),
        _words("reason"),
        _instant("since"),
        sa.PrimaryKeyConstraint("hash", name="pk_dead_addresses"),
    )
    op.create_table(
        "follow_ups",
        _invitation("follow_ups", primary_key=True),
        _words("state"),
        _words("note"),
        _instant("changed_at"),
        _words("changed_by"),
        sa.Column("recheck_id", _NUMBER, nullable=True),
    )
    where = sa.text("recheck_id IS NOT NULL")
    op.create_index("ix_follow_ups_recheck", "follow_ups", ["recheck_id"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "sign_ins",
        _words("hash"),
        _words("kind"),
        _words("who"),
        _instant("created_at"),
        _instant("expires_at"),
        sa.PrimaryKeyConstraint("hash", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_expires", "sign_ins", ["expires_at"])
    op.create_table(
        "api_tokens",
        sa.Column("id", _NUMBER, nullable=False),
        _words("name"),
        _words("hash"),
        _words("scopes"),
        _instant("created_at"),
        _instant("last_used_at", nullable=True),
        _instant("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("name", name="uq_api_tokens_name"),
        sa.UniqueConstraint("hash", name="uq_api_tokens_hash"),
        sqlite_autoincrement=True,
    )
