"""Refusals that reach us outside a conversation: told to the organisation itself, or left over from a call."""

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


async def refused_in_call(tx: Transaction, invitation_id: int, policy: SurveyPolicy, now: datetime) -> None:
    """They said so in a call about this survey, when it couldn't be stored. What has been deleted since stays so."""
    invitation = await tx.invitation(invitation_id)
    stored = await tx.case(invitation.case_number) if invitation is not None else None
    if invitation is None or stored is None:
        return
    await tx.opt_out(stored.case.addresses, now, Channel.PHONE)
    await converse(tx, invitation, OptedOut(), Origin(Channel.PHONE), policy, now)
