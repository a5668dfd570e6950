"""No everyday query reads a whole table: each finds its rows through an index, partial ones included."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import event

from models.counts import IsoWeek
from models.queues import OutboxKind
from models.survey import AttemptOutcome, Channel, Chat, ContactAttempt, ContactWay, Purpose
from storage.database import SqlStore
from tests.contracts.examples import DAY, MINUTE, NOW, a_case, a_row, an_answer, an_update, chat, invited, mail, phone
from workflow.ports import Transaction


@contextmanager
def recorded(store: SqlStore) -> Iterator[dict[str, Any]]:
    """The statements that are executed meanwhile, with their (last) parameters."""
    statements: dict[str, Any] = {}

    def note(_1: Any, _2: Any, statement: str, parameters: Any, _3: Any, many: bool) -> None:
        statements[statement] = parameters[0] if many else parameters

    event.listen(store._writer.sync_engine, "before_cursor_execute", note)
    yield statements
    event.remove(store._writer.sync_engine, "before_cursor_execute", note)


async def a_day(transaction: Transaction) -> None:
    """What bot, workers and digest do all day."""
    [invitation] = await invited(transaction, [a_case()])
    await transaction.put_cases([a_case()], NOW)
    await transaction.still_undecided([1])
    await transaction.asked_since([mail("a@example.org"), phone("+46701740605"), chat(17)], NOW)
    await transaction.opted_out([mail("a@example.org")])
    await transaction.own_invitation(invitation.token, 17, NOW)
    await transaction.open_invitations(17)
    await transaction.latest_invitation(17)
    await transaction.due_reminders(NOW, 10)
    await transaction.due_expiries(NOW, 10)
    await transaction.session(1)
    await transaction.put_answer(an_answer(invitation.id, source="17:1"))
    await transaction.answers(1)
    await transaction.answer_by_source(Channel.CHAT, "17:1")
    await transaction.surveyed(1)
    await transaction.surveyed_between(NOW, NOW + DAY)
    await transaction.answer_counts(IsoWeek(2026, 1), IsoWeek(2026, 47))
    await transaction.oldest_count()
    await transaction.account(NOW, NOW + DAY)
    await transaction.follow_ups(NOW, NOW + DAY)
    await transaction.follow_up(1)
    await transaction.put_recheck(1, 2)
    await transaction.asked_anew(1)
    await transaction.open_rechecks({"SK-1"}, NOW)
    await transaction.recovered(NOW, NOW + DAY, ())
    await transaction.save_chat(Chat(chat_id=17, language="sv"))
    await transaction.linked_chat([mail("a@example.org")])
    await transaction.chat_addresses(17)
    await transaction.put_updates([an_update(1, 17)])
    await transaction.claim_updates(NOW, MINUTE, 10)
    await transaction.finish_update(1, NOW)
    await transaction.enqueue([a_row("a", lane="chat:17")])
    await transaction.claim(list(OutboxKind), NOW, MINUTE, 10)
    await transaction.finish(1, NOW)
    await transaction.cancel("a")
    await transaction.hasten("a", NOW)
    await transaction.enqueue([a_row("b")])
    await transaction.queue_state(NOW)
    attempt = ContactAttempt(
        id=0, invitation_id=1, way=ContactWay.MAIL, purpose=Purpose.INVITATION, at=NOW, outcome=AttemptOutcome.SENT
    )
    number = await transaction.put_attempt(attempt)
    await transaction.settle_attempt(number, AttemptOutcome.SENT, "", NOW)
    await transaction.attempt(number)
    await transaction.attempts(1)
    await transaction.attempt_counts(NOW - DAY, NOW)
    await transaction.last_contact([mail("sk-1@example.org"), phone("+46701740605")])
    await transaction.put_dead(mail("a@example.org"), "5.1.1", NOW)
    await transaction.dead([mail("a@example.org")])
    await transaction.sent_to(mail("sk-1@example.org"), NOW - DAY)
    await transaction.open_without_chat(NOW - DAY, 10)
    await transaction.postpone(2, NOW)
    await transaction.contact_due()
    await transaction.contact_due(1)
    await transaction.call_due()
    await transaction.call_due(1)
    await transaction.hasten_contacts(NOW)
    await transaction.closings("SK-1")
    await transaction.open_surveys([mail("a@example.org"), phone("+46701740605")])
    await transaction.activity(NOW - DAY)
    await transaction.api_token("a" * 64)
    await transaction.note_use("a" * 64, NOW)


async def test_everyday_queries_use_indexes(store: SqlStore, store_url: str):
    with recorded(store) as statements:
        async with store.step() as transaction:
            await a_day(transaction)
    reads = {text: values for text, values in statements.items() if not text.startswith(("BEGIN", "INSERT"))}
    assert len(reads) > 40
    with closing(sqlite3.connect(store_url.removeprefix("sqlite:///"))) as connection:
        for text, values in reads.items():
            plan = [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
            scans = [step for step in plan if step.startswith("SCAN") and not is_small(step)]
            assert scans == [], f"{text}\n" + "\n".join(plan)


def is_small(step: str) -> bool:
    """Erasures are few, and what waits or failed is few: those partial indexes hold nothing else."""
    return step.startswith(("SCAN erased", "SCAN (", "SCAN CONSTANT")) or any(
        name in step for name in ("_waiting", "_undecided", "_failed", "_lane", "ix_inbox_chat")
    )
