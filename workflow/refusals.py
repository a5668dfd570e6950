"""Somebody has told the organisation itself, by phone or letter, that they don't want to be asked."""

from collections.abc import Collection
from datetime import datetime

from models.case import Address, AddressKind
from models.conversation import OptedOut
from models.survey import Channel
from workflow.converse import Origin, SurveyPolicy, converse
from workflow.ports import Transaction


async def refuse(tx: Transaction, addresses: Collection[Address], policy: SurveyPolicy, now: datetime) -> None:
    """No more questions to these mails and phones, in any channel; their open surveys end. Repeats change nothing.

    A refusal counts for every address that we know the respondent by: a chat that one of these may be asked in, what
    else may be asked there, and, as if they had refused in it, the other address of a case whose survey is open.
    """
    refused = set(addresses)
    for chat in (await tx.linked_chats(addresses)).values():
        refused |= {Address(AddressKind.CHAT, str(chat.chat_id)), *await tx.chat_addresses(chat.chat_id)}
        await tx.unlink_chat(chat.chat_id)
    await tx.opt_out(refused, now, Channel.WEB)
    for invitation in await tx.open_surveys(refused):
        await converse(tx, invitation, OptedOut(), Origin(Channel.WEB, engine="api"), policy, now)
