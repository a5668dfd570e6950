"""Chats, queues, and the installation's own records.

Revision ID: 0002
Revises: 0001
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# frozen here: a migration must not change when the tables' own types do
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    _chats()
    _inbox()
    _outbox()
    _records()
    _make_hash_key()


def _make_hash_key() -> None:
    """The key of the opt-outs' and erasures' hashes: each database has its own, and backups carry it."""
    insert = sa.text("INSERT INTO facts (name, value, set_at) VALUES ('storage.hash_key', :key, CURRENT_TIMESTAMP)")
    op.execute(insert.bindparams(key=secrets.token_hex(32)))


def _chats() -> None:
    op.create_table(
        "chats",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("current", NUMBER, nullable=True),
        sa.Column("dead", sa.Boolean(), nullable=False),
        sa.Column("permission", sa.Boolean(), nullable=True),
        sa.Column("question_message", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("chat_id", name="pk_chats"),
    )
    op.create_table(
        "chat_links",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("linked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", "chat_id", name="pk_chat_links"),
    )
    op.create_index("ix_chat_links_chat", "chat_links", ["chat_id"])
    op.create_table(
        "handler_chats",
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("mail", name="pk_handler_chats"),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("leased_until", INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("update_id", name="pk_inbox"),
    )
    _partial("ix_inbox_chat", "inbox", ["chat_id", "update_id"], "state = 'waiting'")
    _partial("ix_inbox_failed", "inbox", ["update_id"], "state = 'failed'")
    _partial("ix_inbox_waiting", "inbox", ["update_id"], "state = 'waiting'")


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), server_default="", nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("leased_until", INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        sqlite_autoincrement=True,
    )
    _partial("ix_outbox_failed", "outbox", ["id"], "state = 'failed'")
    _partial("ix_outbox_lane", "outbox", ["lane", "id"], "state = 'waiting' AND lane <> ''")
    _partial("ix_outbox_waiting", "outbox", ["due_at", "id"], "state = 'waiting'")


def _records() -> None:
    op.create_table(
        "optouts",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("opted_out_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_optouts"),
    )
    op.create_table(
        "erased",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("erased_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_erased"),
    )
    op.create_table(
        "deletions",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("deleted_at", INSTANT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", INSTANT, nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deletions"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_facts"),
    )
