"""What is erased is gone from the file, not only from the tables."""

from pathlib import Path

from models.survey import Comment
from storage.database import open_store
from tests.conftest import STOCKHOLM
from tests.contracts.examples import NOW, a_case, an_answer, invited, mail


async def test_erased_words_and_addresses_are_not_in_the_file(store_url: str):
    store = await open_store(store_url, STOCKHOLM)
    async with store.step() as transaction:
        for invitation in await invited(transaction, [a_case(f"SK-{n}") for n in range(50)]):
            await transaction.put_answer(an_answer(invitation.id, reply=f"svar {invitation.id} på frågan"))
            comment = f"kommentar {invitation.id} om saken"
            await transaction.put_comment(Comment(invitation_id=invitation.id, text=comment, received_at=NOW))
    await store.close()
    traces = [b"sk-16@example.org", "svar 17 på frågan".encode(), b"kommentar 17 om saken"]
    assert [trace for trace in traces if trace in contents(store_url)] == traces

    store = await open_store(store_url, STOCKHOLM)
    async with store.step() as transaction:
        await transaction.erase(mail("sk-16@example.org"), NOW)
    await store.close()
    assert [trace for trace in traces if trace in contents(store_url)] == []
    assert b"kommentar 18 om saken" in contents(store_url)


def contents(url: str) -> bytes:
    return Path(url.removeprefix("sqlite:///")).read_bytes()
