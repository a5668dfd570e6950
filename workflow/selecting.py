"""Decide who is asked: read what is known, let the rules decide, store decisions, draws and invitations together."""

import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from itertools import groupby, islice

from models.case import Address, AddressKind, StoredCase
from models.selection import NotAsked, SelectionMethod, SelectionPolicy
from models.survey import Chat, Invitation
from survey.draws import period_is_over, period_of
from survey.selection import Known, Sampling, excluded, in_closing_order, select
from workflow.ports import Store, Transaction

#: Called in the deciding transaction for each new invitation that goes straight to a chat.
OnInvited = Callable[[Transaction, Invitation, StoredCase, Chat], Awaitable[None]]

#: Called in the deciding transaction with the new invitations of those whose chat nobody knows.
OnWithoutChat = Callable[[Transaction, Sequence[tuple[Invitation, StoredCase]]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPolicy:
    """What a new invitation is like. `languages`: those the survey can be held in, the usual one first.

    `zone` decides the weeks and months of draws. A reminder after 0 days is none. `in_chats`: those whose chat is
    known are asked there; False where nobody would write in it.
    """

    zone: tzinfo
    expires_after_days: int = 14
    reminder_after_days: int = 3
    languages: tuple[str, ...] = ("sv", "en")
    in_chats: bool = True


@dataclass(slots=True)
class SelectionReport:
    """What deciding did. `waiting` closures are decided when their week or month is over (fixed number)."""

    asked: int = 0
    in_chat: int = 0  #: of those asked, straight to a chat
    not_asked: dict[NotAsked, int] = field(default_factory=lambda: dict.fromkeys(NotAsked, 0))
    waiting: int = 0
    draws: int = 0

    @property
    def decided(self) -> int:
        return self.asked + sum(self.not_asked.values())

    def plain(self) -> dict[str, object]:
        """For JSON."""
        reasons = {reason.value: number for reason, number in self.not_asked.items()}
        return {
            "asked": self.asked,
            "in_chat": self.in_chat,
            "not_asked": reasons,
            "waiting": self.waiting,
            "draws": self.draws,
        }


def new_token() -> str:
    """An invitation's token: 128 random bits, 22 characters of [A-Za-z0-9_-]."""
    return secrets.token_urlsafe(16)


def new_seed() -> str:
    return secrets.token_hex(16)


async def decide_cases(
    store: Store,
    policy: SelectionPolicy,
    invitations: InvitationPolicy,
    now: datetime,
    *,
    on_invited: OnInvited | None = None,
    on_without_chat: OnWithoutChat | None = None,
    make_token: Callable[[], str] = new_token,
    make_seed: Callable[[], str] = new_seed,
) -> SelectionReport:
    """Decide about every closure that nobody has decided yet: ask, or not and why; store invitations and draws.

    May be repeated, and may crash anywhere: what one transaction decided stands, the rest waits for the next run.
    """
    decider = _Decider(
        store=store,
        policy=policy,
        invitations=invitations,
        on_invited=on_invited,
        on_without_chat=on_without_chat,
        make_token=make_token,
        make_seed=make_seed,
    )
    return await decider.run(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decider:
    store: Store
    policy: SelectionPolicy
    invitations: InvitationPolicy
    on_invited: OnInvited | None
    on_without_chat: OnWithoutChat | None
    make_token: Callable[[], str]
    make_seed: Callable[[], str]
    batch: int = 500

    async def run(self, now: datetime) -> SelectionReport:
        report = SelectionReport()
        waiting = in_closing_order(await self._undecided())
        if self.policy.method is not SelectionMethod.FIXED:
            await self._decide_in_batches(waiting, now, report)
            return report
        ruled_out = [stored for stored in waiting if excluded(stored.case, self.policy, now)]
        await self._decide_in_batches(ruled_out, now, report)
        gone = {stored.id for stored in ruled_out}
        for (period, unit), cases in self._finished_groups([s for s in waiting if s.id not in gone], now, report):
            await self._decide(cases, now, report, period, unit)
        return report

    async def _undecided(self) -> list[StoredCase]:
        found: list[StoredCase] = []
        async with self.store.look() as tx:
            while page := await tx.undecided(1000, found[-1].id if found else 0):
                found += page
        return found

    def _finished_groups(
        self, cases: Sequence[StoredCase], now: datetime, report: SelectionReport
    ) -> Iterator[tuple[tuple[str, str], list[StoredCase]]]:
        """The closures of each week or month that is over, unit by unit; the others are counted as waiting."""
        zone, period = self.invitations.zone, self.policy.period

        def group(stored: StoredCase) -> tuple[str, str]:
            return period_of(stored.case.closed_at, zone, period), stored.case.unit

        over = [stored for stored in cases if period_is_over(stored.case.closed_at, zone, period, now)]
        report.waiting += len(cases) - len(over)
        for key, members in groupby(sorted(over, key=group), key=group):
            yield key, list(members)

    async def _decide_in_batches(self, cases: Sequence[StoredCase], now: datetime, report: SelectionReport) -> None:
        reading = iter(cases)
        while taken := list(islice(reading, self.batch)):
            await self._decide(taken, now, report)

    async def _decide(
        self, cases: Sequence[StoredCase], now: datetime, report: SelectionReport, period: str = "", unit: str = ""
    ) -> None:
        """One transaction: what is known is read in the same one, so that nobody is asked twice."""
        async with self.store.step() as tx:
            undecided = await tx.still_undecided([stored.id for stored in cases])
            cases = [stored for stored in cases if stored.id in undecided]
            chats = await tx.linked_chats({address for stored in cases for address in stored.case.addresses})
            known = await self._known(tx, cases, chats, now)
            number = self.policy.number - await _already_drawn(tx, period, unit) if period else 0
            seed = self.policy.seed or self.make_seed()
            sampling = Sampling(seed=seed, now=now, number=max(0, number), period=period, unit=unit)
            selected = select(cases, self.policy, known, sampling)
            decisions = selected.decisions
            if selected.draw is not None:
                decisions = selected.numbered(await tx.put_draw(selected.draw))
            await tx.decide(decisions, now)
            by_number = {stored.id: stored for stored in cases}
            to_ask = [by_number[each.case_number] for each in decisions if each.reason is None]
            in_chat = await self._invite(tx, to_ask, chats if self.invitations.in_chats else {}, now)
        report.draws += selected.draw is not None
        report.asked += len(to_ask)
        report.in_chat += in_chat
        for decision in decisions:
            if decision.reason is not None:
                report.not_asked[decision.reason] += 1

    async def _known(
        self, tx: Transaction, cases: Sequence[StoredCase], chats: Mapping[Address, Chat], now: datetime
    ) -> Known:
        where = {address: Address(AddressKind.CHAT, str(chat.chat_id)) for address, chat in chats.items()}
        addresses = {address for stored in cases for address in stored.case.addresses} | set(where.values())
        asked: set[Address] = set()
        if self.policy.min_days_between:
            asked = await tx.asked_since(addresses, now - timedelta(days=self.policy.min_days_between))
        rechecked = await tx.open_rechecks({stored.case.case_id for stored in cases}, now)
        return Known(opted_out=await tx.opted_out(addresses), asked=asked, chats=where, rechecked=rechecked)

    async def _invite(
        self, tx: Transaction, cases: Sequence[StoredCase], chats: Mapping[Address, Chat], now: datetime
    ) -> int:
        """Make and store the invitations; returns how many go straight to a chat."""
        theirs = [next((chats[a] for a in stored.case.addresses if a in chats), None) for stored in cases]
        made = [self._invitation(stored, chat, now) for stored, chat in zip(cases, theirs, strict=True)]
        stored_ones = await tx.put_invitations(made)
        others: list[tuple[Invitation, StoredCase]] = []
        for invitation, stored, chat in zip(stored_ones, cases, theirs, strict=True):
            if chat is None:
                others.append((invitation, stored))
            elif self.on_invited is not None:
                await self.on_invited(tx, invitation, stored, chat)
        if others and self.on_without_chat is not None:
            await self.on_without_chat(tx, others)
        return len(cases) - len(others)

    def _invitation(self, stored: StoredCase, chat: Chat | None, now: datetime) -> Invitation:
        rules = self.invitations
        wanted = chat.language if chat is not None else stored.case.language
        remind_at = now + timedelta(days=rules.reminder_after_days) if rules.reminder_after_days else None
        return Invitation(
            id=0,
            case_number=stored.id,
            token=self.make_token(),
            language=wanted if wanted in rules.languages else rules.languages[0],
            created_at=now,
            expires_at=now + timedelta(days=rules.expires_after_days),
            remind_at=remind_at,
            chat_id=chat.chat_id if chat is not None else None,
        )


async def _already_drawn(tx: Transaction, period: str, unit: str) -> int:
    """How many earlier draws took for this period and unit: cases that come late don't get a number of their own."""
    return sum(
        stored.draw.drawn for stored in await tx.draws() if (stored.draw.period, stored.draw.unit) == (period, unit)
    )
