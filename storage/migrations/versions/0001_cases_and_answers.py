"""Cases, invitations, answers and their rollup.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# frozen here: a migration must not change when the tables' own types do
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    _draws()
    _closures()
    _surveys()
    _answers()
    _figures()


def _draws() -> None:
    op.create_table(
        "draws",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("frame_hash", sa.Text(), nullable=False),
        sa.Column("frame_size", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("drawn_at", INSTANT, nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_draws"),
        sqlite_autoincrement=True,
    )


def _closures() -> None:
    op.create_table(
        "closures",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=True),
        sa.Column("department", sa.Text(), server_default="", nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("handler", sa.Text(), server_default="", nullable=False),
        sa.Column("handler_mail", sa.Text(), server_default="", nullable=False),
        sa.Column("contractor", sa.Text(), server_default="", nullable=False),
        sa.Column("intake_channel", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_type", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("mail", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("auto_closed", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("stored_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("not_asked", sa.Text(), nullable=True),
        sa.Column("draw_id", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name="fk_closures_draw_id"),
        sa.PrimaryKeyConstraint("id", name="pk_closures"),
        sa.UniqueConstraint("case_id", "closed_at", name="uq_closures_case_id_closed_at"),
        sqlite_autoincrement=True,
    )
    _partial("ix_closures_draw", "closures", ["draw_id"], "draw_id IS NOT NULL")
    _partial("ix_closures_decided", "closures", ["decided_at"], "decided_at IS NOT NULL")
    _partial("ix_closures_mail", "closures", ["mail"], "mail <> ''")
    _partial("ix_closures_phone", "closures", ["phone"], "phone <> ''")
    _partial("ix_closures_undecided", "closures", ["id"], "decided_at IS NULL")


def _surveys() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("closure_id", NUMBER, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("remind_at", INSTANT, nullable=True),
        sa.Column("opened_at", INSTANT, nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answered_in", sa.Text(), nullable=True),
        sa.Column("session_closed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["closure_id"], ["closures.id"], name="fk_invitations_closure_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("closure_id", name="uq_invitations_closure_id"),
        sa.UniqueConstraint("token", name="uq_invitations_token"),
        sqlite_autoincrement=True,
    )
    _partial("ix_invitations_answered", "invitations", ["answered_at"], "answered_at IS NOT NULL")
    _partial("ix_invitations_chat", "invitations", ["chat_id", "created_at"], "chat_id IS NOT NULL")
    op.create_index("ix_invitations_created", "invitations", ["created_at"])
    _partial("ix_invitations_expire", "invitations", ["expires_at"], "session_closed_at IS NULL")
    _partial("ix_invitations_remind", "invitations", ["remind_at"], "remind_at IS NOT NULL AND disposition IS NULL")
    op.create_table(
        "sessions",
        sa.Column("invitation_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("session", sa.JSON(), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name="fk_sessions_invitation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("invitation_id", name="pk_sessions"),
    )


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("invitation_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("rating", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name="fk_answers_invitation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("invitation_id", "question", name="pk_answers"),
    )
    op.create_index("ix_answers_received", "answers", ["received_at"])
    _partial("ix_answers_source", "answers", ["channel", "source"], "source <> ''")
    op.create_table(
        "reasons",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("invitation_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name="fk_reasons_invitation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reasons"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reasons_invitation", "reasons", ["invitation_id"])
    op.create_index("ix_reasons_received", "reasons", ["received_at"])
    op.create_table(
        "comments",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("invitation_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name="fk_comments_invitation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_comments_invitation", "comments", ["invitation_id"])
    op.create_index("ix_comments_received", "comments", ["received_at"])


def _figures() -> None:
    op.create_table(
        "rollup",
        sa.Column("week", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("customer_type", sa.Text(), nullable=False),
        sa.Column("intake_channel", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("rating", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("archived", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint(
            "week",
            "department",
            "unit",
            "customer_type",
            "intake_channel",
            "channel",
            "question",
            "rating",
            name="pk_rollup",
        ),
    )
