"""Somebody has told the organisation itself, by phone or letter, that they don't want to be asked."""

from collections.abc import Collection
from datetime import datetime

from models.case import Address
from models.conversation import OptedOut
from models.survey import Channel
from workflow.converse import Origin, SurveyPolicy, converse
from workflow.ports import Transaction


async def refuse(tx: Transaction, addresses: Collection[Address], policy: SurveyPolicy, now: datetime) -> None:
    """No more questions to these mails and phones, in any channel; their open surveys end. Repeats change nothing.

    Each open survey ends as if its customer had refused in it, so that what is known of them together is refused
    together: the case's other address, and the chat they answer in.
    """
    await tx.opt_out(addresses, now, Channel.WEB)
    for invitation in await tx.open_surveys(addresses):
        await converse(tx, invitation, OptedOut(), Origin(Channel.WEB, engine="api"), policy, now)
