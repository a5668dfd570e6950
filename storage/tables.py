"""The tables as they now stand. `migrations/` gets a database here, and a test compares the two."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    false,
)

from storage.columns import Instant, Words
from storage.schema import Number, invitation, metadata, numbered, partial, table, words

__all__ = ["metadata"]

# One closure of one case, and the decision whether to ask about it. `digest` is of what the case system told us, so
# that a re-run sees what has changed without bringing back contacts that retention has blanked. A `trial` is nobody's
# case: asked and answered like any other, and counted nowhere.
closures = numbered(
    "closures",
    Column("case_id", Text, nullable=False),
    Column("closed_at", Instant, nullable=False),
    Column("opened_at", Instant),
    words("department"),
    words("unit"),
    words("subject"),
    words("handler"),
    words("handler_mail"),
    words("contractor"),
    words("intake_channel"),
    words("customer_type"),
    words("phone"),
    words("mail"),
    words("language"),
    Column("auto_closed", Boolean, nullable=False),
    Column("digest", Text, nullable=False),
    Column("stored_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("not_asked", Text),
    Column("draw_id", Number, ForeignKey("draws.id")),
    Column("trial", Boolean, nullable=False, server_default=false()),
    Column("recheck_of", Number),
    UniqueConstraint("case_id", "closed_at"),
    partial("ix_closures_undecided", "id", where="decided_at IS NULL"),
    partial("ix_closures_decided", "decided_at", where="decided_at IS NOT NULL"),
    partial("ix_closures_draw", "draw_id", where="draw_id IS NOT NULL"),
    partial("ix_closures_mail", "mail", where="mail <> ''"),
    partial("ix_closures_phone", "phone", where="phone <> ''"),
)

draws = numbered(
    "draws",
    Column("method", Text, nullable=False),
    Column("seed", Text, nullable=False),
    Column("frame_hash", Text, nullable=False),
    Column("frame_size", Integer, nullable=False),
    Column("drawn", Integer, nullable=False),
    Column("period", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("drawn_at", Instant, nullable=False),
    Column("share", Float, nullable=False),
)

# `answered_at` and `answered_in` (first answer, channel of the first rating) and `session_closed_at` are kept here so
# that the account and the expiries need no join.
invitations = numbered(
    "invitations",
    Column("closure_id", Number, ForeignKey("closures.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("token", Text, nullable=False, unique=True),
    words("language"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("remind_at", Instant),
    Column("opened_at", Instant),
    Column("chat_id", BigInteger),
    Column("disposition", Text),
    Column("answered_at", Instant),
    Column("answered_in", Text),
    Column("session_closed_at", Instant),
    words("questions"),
    Index("ix_invitations_created", "created_at"),
    partial("ix_invitations_chat", "chat_id", "created_at", where="chat_id IS NOT NULL"),
    partial("ix_invitations_remind", "remind_at", where="remind_at IS NOT NULL AND disposition IS NULL"),
    partial("ix_invitations_expire", "expires_at", where="session_closed_at IS NULL"),
    partial("ix_invitations_answered", "answered_at", where="answered_at IS NOT NULL"),
)

sessions = table(
    "sessions",
    invitation(primary_key=True),
    Column("session", JSON, nullable=False),
    Column("saved_at", Instant, nullable=False),
)

# `week` is ISO year * 100 + ISO week of `first_at`, in the organisation's zone.
answers = table(
    "answers",
    invitation(primary_key=True),
    Column("question", Text, primary_key=True),
    Column("position", SmallInteger, nullable=False),
    Column("rating", Text),
    Column("reply", Words, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("channel", Text, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("week", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Index("ix_answers_received", "received_at"),
    partial("ix_answers_source", "channel", "source", where="source <> ''"),
)

reasons = numbered(
    "reasons",
    invitation(),
    Column("question", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("text", Words, nullable=False),
    Column("received_at", Instant, nullable=False),
    Index("ix_reasons_invitation", "invitation_id"),
    Index("ix_reasons_received", "received_at"),
)

comments = numbered(
    "comments",
    invitation(),
    Column("text", Words, nullable=False),
    Column("received_at", Instant, nullable=False),
    Index("ix_comments_invitation", "invitation_id"),
    Index("ix_comments_received", "received_at"),
)

# `archived` of `count` answers have been deleted by retention or erasure: the recount can't find them, and needn't.
rollup = table(
    "rollup",
    Column("week", Integer, primary_key=True, autoincrement=False),
    Column("department", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("customer_type", Text, primary_key=True),
    Column("intake_channel", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("question", Text, primary_key=True),
    Column("rating", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("archived", Integer, nullable=False, server_default="0"),
)

chats = table(
    "chats",
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    words("language"),
    Column("current", Number),
    Column("dead", Boolean, nullable=False),
    Column("permission", Boolean),
    Column("question_message", BigInteger),
)

chat_links = table(
    "chat_links",
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("linked_at", Instant, nullable=False),
    Index("ix_chat_links_chat", "chat_id"),
)

handler_chats = table(
    "handler_chats",
    Column("mail", Text, primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("registered_at", Instant, nullable=False),
)

# HMACs under the key in `facts`: a refusal outlives the address it was about, and a closure its erasure.
optouts = table(
    "optouts",
    Column("hash", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("opted_out_at", Instant, nullable=False),
)

erased = table("erased", Column("hash", Text, primary_key=True), Column("erased_at", Instant, nullable=False))

# Each time that we turned, or are about to turn, to a customer. `outcome` is `models.survey.AttemptOutcome`.
contact_attempts = numbered(
    "contact_attempts",
    invitation(),
    Column("way", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("outcome", Text, nullable=False),
    words("detail"),
    Index("ix_contact_attempts_invitation", "invitation_id"),
    Index("ix_contact_attempts_at", "at"),
)

# Addresses where nobody is, as HMACs like the refusals.
dead_addresses = table(
    "dead_addresses",
    Column("hash", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Instant, nullable=False),
)

# What was done about a case rated dåligt; no row: new. `state` is `models.follow_up.FollowUpState`.
follow_ups = table(
    "follow_ups",
    invitation(primary_key=True),
    Column("state", Text, nullable=False),
    Column("note", Words, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("recheck_id", Number),
    partial("ix_follow_ups_recheck", "recheck_id", where="recheck_id IS NOT NULL"),
)

# One-time links to the managers' page and the sessions they open: SHA-256 of the random token. `who` is the
# subscription's name in the configuration.
sign_ins = table(
    "sign_ins",
    Column("hash", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_sign_ins_expires", "expires_at"),
)

# Bearer tokens of the API: SHA-256 of the random token; `scopes` with blanks between.
api_tokens = numbered(
    "api_tokens",
    Column("name", Text, nullable=False, unique=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
)

# A row waits while `state` is 'waiting'; then it is 'done' or 'failed', and its payload is gone or kept visible.
# Every retry moves `due_at`; the outbox's `owed_since` is what it was before the first.
inbox = table(
    "inbox",
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat_id", BigInteger),
    Column("payload", JSON, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("settled_at", Instant),
    Column("error", Text),
    partial("ix_inbox_waiting", "update_id", where="state = 'waiting'"),
    partial("ix_inbox_chat", "chat_id", "update_id", where="state = 'waiting'"),
    partial("ix_inbox_failed", "update_id", where="state = 'failed'"),
)

outbox = numbered(
    "outbox",
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    words("lane"),
    Column("payload", JSON, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("settled_at", Instant),
    Column("error", Text),
    Column("owed_since", Instant),
    partial("ix_outbox_waiting", "due_at", "id", where="state = 'waiting'"),
    partial("ix_outbox_lane", "lane", "id", where="state = 'waiting' AND lane <> ''"),
    partial("ix_outbox_failed", "id", where="state = 'failed'"),
)

deletions = numbered(
    "deletions",
    Column("deleted_at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("before", Instant),
    Column("count", Integer, nullable=False),
)

facts = table(
    "facts",
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("set_at", Instant, nullable=False),
)
