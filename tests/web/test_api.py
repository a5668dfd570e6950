"""Who may do what; what became of a case; who doesn't want to be asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.access import Scope
from models.rating import Rating
from models.selection import Decision, NotAsked
from models.survey import (
    AttemptOutcome,
    Channel,
    Chat,
    Comment,
    ContactAttempt,
    ContactWay,
    Disposition,
    Invitation,
    Purpose,
    Reason,
)
from tests.contracts.examples import a_case, an_answer, an_invitation, chat, mail, phone
from tests.web.conftest import NOW, SETTINGS, TOKEN, Api
from web.api import add_api
from web.api_access import Access
from web.app import build_app, serving

DAY = timedelta(days=1)
NUMBER = "+46701740605"


async def answered(api: Api, case_id: str = "KS 2026/17") -> Invitation:
    """A case that was asked about by mail, and answered with all that can be said."""
    async with api.store.step() as tx:
        await tx.put_cases([a_case(case_id, closed_at=NOW - DAY, mail="kund@example.se", phone=NUMBER)], NOW)
        [stored] = await tx.undecided(1)
        await tx.decide([Decision(stored.id, None)], NOW)
        [made] = await tx.put_invitations([an_invitation(stored.id, created_at=NOW, expires_at=NOW + 14 * DAY)])
        sent = ContactAttempt(
            id=0, invitation_id=made.id, way=ContactWay.MAIL, purpose=Purpose.INVITATION, at=NOW, detail="250"
        )
        await tx.settle_attempt(await tx.put_attempt(sent), AttemptOutcome.SENT, "250", NOW)
        words = "dåligt, Kalle var sur"
        await tx.put_answer(an_answer(made.id, "bemotande", Rating.DALIGT, reply=words, received_at=NOW))
        await tx.put_answer(an_answer(made.id, "leverans", None, channel=Channel.WEB, received_at=NOW))
        await tx.put_reason(
            Reason(invitation_id=made.id, question="bemotande", code="", text="Kalle skrek", received_at=NOW)
        )
        await tx.put_comment(Comment(invitation_id=made.id, text="Fråga Kalle", received_at=NOW))
        await tx.save_invitation(replace(made, opened_at=NOW, disposition=Disposition.PARTIAL))
    return made


async def test_what_became_of_a_case(api: Api) -> None:
    await answered(api)
    reader = await api.allowed(Scope.CASES_READ)
    status, told = await reader.get("/api/cases/KS%202026%2F17")
    assert status == 200
    assert told["case_id"] == "KS 2026/17"
    [closing] = told["closings"]
    assert (closing["unit"], closing["customer_type"], closing["recheck"]) == ("Gator", "medborgare", False)
    assert closing["decision"] == {"at": "2026-11-21T12:00:00Z", "asked": True, "not_asked": None}
    survey = closing["survey"]
    assert survey["disposition"] == "partial"
    assert survey["attempts"] == [
        {"way": "mail", "purpose": "invitation", "at": "2026-11-21T12:00:00Z", "outcome": "sent"}
    ]
    assert survey["answers"] == [
        {"question": "bemotande", "rating": "dåligt", "channel": "chat", "received_at": "2026-11-21T12:00:00Z"},
        {"question": "leverans", "rating": None, "channel": "web", "received_at": "2026-11-21T12:00:00Z"},
    ]
    assert await reader.get("/api/cases/KS%202026/17") == (status, told)  # a proxy may have decoded it


async def test_neither_addresses_nor_tokens_nor_own_words(api: Api) -> None:
    invitation = await answered(api)
    reader = await api.allowed(Scope.CASES_READ)
    _, told = await reader.get("/api/cases/KS%202026%2F17")
    for secret in ("kund@", NUMBER, NUMBER[3:], invitation.token, "Kalle", "h1@example.se", "H 1"):
        assert secret not in str(told)
    assert told["closings"][0]["survey"]["comments"] is None
    assert told["closings"][0]["survey"]["reasons"] == [{"question": "bemotande", "code": "", "text": None}]


async def test_own_words_with_their_scope(api: Api) -> None:
    await answered(api)
    reader = await api.allowed(Scope.CASES_READ, Scope.COMMENTS_READ)
    _, told = await reader.get("/api/cases/KS%202026%2F17")
    survey = told["closings"][0]["survey"]
    assert survey["comments"] == ["Fråga Kalle"]
    assert survey["reasons"] == [{"question": "bemotande", "code": "", "text": "Kalle skrek"}]
    assert "Kalle var" not in str(told)  # the reply itself


async def test_each_closing_newest_first_and_why_it_was_not_asked_about(api: Api) -> None:
    await api.post(
        [{"case_id": "A", "closed_at": "2026-11-01T08:00"}, {"case_id": "A", "closed_at": "2026-11-02T08:00"}]
    )
    async with api.store.step() as tx:
        first = (await tx.undecided(2))[0]
        await tx.decide([Decision(first.id, NotAsked.CLOSED_TOO_LONG_AGO)], NOW)
    status, told = await api.get("/api/cases/A")
    assert status == 200
    assert [each["closed_at"] for each in told["closings"]] == ["2026-11-02T07:00:00Z", "2026-11-01T07:00:00Z"]
    assert [each["decision"] and each["decision"]["not_asked"] for each in told["closings"]] == [
        None,
        "closed_too_long_ago",
    ]
    assert [each["survey"] for each in told["closings"]] == [None, None]


async def test_a_question_asked_again_after_the_fix_is_told_apart(api: Api) -> None:
    first = await answered(api, "A")
    async with api.store.step() as tx:
        await tx.put_cases([a_case("A", closed_at=NOW, recheck_of=first.id)], NOW)
    _, told = await api.get("/api/cases/A")
    assert [each["recheck"] for each in told["closings"]] == [True, False]


@pytest.mark.parametrize("path", ["B", "%00", "%ED%A0%80", "%FF", "x" * 101, "A%0A", "..", "erased-1"])
async def test_no_such_case(api: Api, path: str) -> None:
    assert (await api.get(f"/api/cases/{path}"))[0] == 404


async def test_each_token_may_do_what_its_scopes_say(api: Api) -> None:
    case = {"case_id": "A", "closed_at": "2026-11-01T08:00"}
    writer = await api.allowed(Scope.CASES_WRITE)
    assert (await writer.post(case))[0] == 200
    status, told = await writer.get("/api/cases/A")
    assert (status, told["detail"]) == (403, "this token lacks the scope cases:read; it has cases:write")
    assert (await writer.post({"mail": "a@example.se"}, path="/api/optouts"))[0] == 403
    reader = await api.allowed(Scope.CASES_READ)
    assert (await reader.post(case))[0] == 403
    assert (await reader.get("/api/cases/A"))[0] == 200
    assert (await api.get("/api/cases/A"))[0] == 200  # OMDOME_API_TOKEN
    assert (await api.post({"mail": "a@example.se"}, path="/api/optouts"))[0] == 403


async def test_a_revoked_token_is_none_and_use_is_noted(api: Api) -> None:
    reader = await api.allowed(Scope.CASES_READ)
    await reader.get("/api/cases/A")
    async with api.store.step() as tx:
        [kept] = await tx.api_tokens()
        assert kept.last_used_at == NOW
        await tx.revoke_api_token(kept.name, NOW)
    assert (await reader.get("/api/cases/A"))[0] == 401
    for token in ("", "omd_", reader.token[:-1], "x" * 5000):
        assert (await replace(api, token=token).get("/api/cases/A"))[0] == 401


async def test_whoever_asks_too_often_is_held_back_and_nobody_else(api: Api) -> None:
    app = build_app(api.store)
    add_api(app, api.store, api.clock, Access(api.store, api.clock, requests_per_minute=20), SETTINGS)
    async with serving(app, "127.0.0.1", 0) as port:
        here = replace(api, address=f"http://127.0.0.1:{port}")
        busy, calm = await here.allowed(Scope.CASES_READ), await here.allowed(Scope.CASES_READ)
        assert [(await busy.get("/api/cases/A"))[0] for _ in range(11)] == [404] * 10 + [429]
        assert (await calm.get("/api/cases/A"))[0] == 404


async def test_whoever_tries_tokens_is_soon_held_back_and_nobody_else(api: Api) -> None:
    app = build_app(api.store)
    access = Access(api.store, api.clock, TOKEN, trusted_proxies=1, requests_per_minute=200)
    add_api(app, api.store, api.clock, access, SETTINGS)

    async def status(client: str, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": client}
        async with api.http.get(f"http://127.0.0.1:{port}/api/cases/A", headers=headers) as response:
            assert (response.status == 429) == ("Retry-After" in response.headers)
            return response.status

    async with serving(app, "127.0.0.1", 0) as port:
        assert [await status("192.0.2.1", f"omd_{each}") for each in range(6)] == [401] * 5 + [429]
        assert await status("192.0.2.1", TOKEN) == 429
        assert await status("192.0.2.2", TOKEN) == 404


# --- opt-outs ----------------------------------------------------------------------------------------------------


async def test_a_refusal_counts_at_once_everywhere_and_ends_open_surveys(api: Api) -> None:
    invitation = await answered(api)
    async with api.store.step() as tx:  # still open, and answered in a chat
        await tx.own_invitation(invitation.token, 17, NOW)
        await tx.save_invitation(replace(invitation, chat_id=17, disposition=None))
    desk = await api.allowed(Scope.OPTOUTS_WRITE)
    assert await desk.post({"mail": " Kund@Example.SE "}, path="/api/optouts") == (204, {})
    async with api.store.look() as tx:
        assert await tx.opted_out([mail("kund@example.se"), phone(NUMBER)]) == {mail("kund@example.se"), phone(NUMBER)}
        found = await tx.invitation(invitation.id)
        assert found is not None
        assert found.disposition is Disposition.REFUSED
        assert await tx.open_surveys([mail("kund@example.se")]) == []
        assert len(await tx.answers(invitation.id)) == 2  # what they said before still counts
    assert await desk.post({"mail": "kund@example.se"}, path="/api/optouts") == (204, {})


async def test_a_refusal_counts_in_the_chat_they_said_yes_in(api: Api) -> None:
    async with api.store.step() as tx:
        await tx.save_chat(Chat(chat_id=17, language="sv", permission=True))
        await tx.link_chat(17, [mail("kund@example.se"), phone(NUMBER)], NOW)
    desk = await api.allowed(Scope.OPTOUTS_WRITE)
    assert await desk.post({"mail": "kund@example.se"}, path="/api/optouts") == (204, {})
    async with api.store.look() as tx:
        everywhere = {mail("kund@example.se"), phone(NUMBER), chat(17)}
        assert await tx.opted_out(everywhere) == everywhere
        assert await tx.linked_chat([phone(NUMBER)]) is None


async def test_nothing_tells_whether_they_were_known(api: Api) -> None:
    desk = await api.allowed(Scope.OPTOUTS_WRITE)
    assert await desk.post({"phone": "070-174 06 05"}, path="/api/optouts") == (204, {})
    async with api.store.look() as tx:
        assert await tx.opted_out([phone(NUMBER)]) == {phone(NUMBER)}


@pytest.mark.parametrize(
    ("body", "field", "expected"),
    [
        ({}, "", "give mail, phone or both"),
        ({"mail": None}, "", "give mail, phone or both"),
        ({"mail": ""}, "mail", "is empty"),
        ({"mail": "kund"}, "mail", "namn@example.se"),
        ({"mail": "a@example.se", "phone": "0"}, "phone", "070-174 06 05"),
        ({"phone": 701740605}, "phone", "in quotes"),
        ({"epost": "a@example.se"}, "epost", "leave it out"),
        ([], "", "object"),
        ("a@example.se", "", "object"),
    ],
)
async def test_addresses_that_are_none(api: Api, body: object, field: str, expected: str) -> None:
    desk = await api.allowed(Scope.OPTOUTS_WRITE)
    status, told = await desk.post(body, path="/api/optouts")
    assert (status, told["errors"][0]["field"]) == (422, field)
    assert expected in told["errors"][0]["expected"]
    async with api.store.look() as tx:
        assert await tx.opted_out([mail("a@example.se")]) == set()


async def test_bodies_that_are_no_refusal(api: Api) -> None:
    desk = await api.allowed(Scope.OPTOUTS_WRITE)
    for body, headers, status in (
        (b"{", {}, 400),
        (b'{"mail": "a@example.se", "mail": "b@example.se"}', {}, 400),
        (b"mail=a@example.se", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b" " * 10_001, {}, 413),
    ):
        assert (await desk.post(body, headers, path="/api/optouts"))[0] == status


async def test_there_is_no_way_back(api: Api) -> None:
    desk = await api.allowed(Scope.OPTOUTS_WRITE)
    async with desk.http.delete(f"{api.address}/api/optouts") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")
