"""One transaction: all the parts of `workflow.ports.Transaction` on one connection."""

from storage.accounts import Accounts
from storage.answers import Answers
from storage.api_tokens import ApiTokens
from storage.cases import Cases
from storage.chats import Chats
from storage.contacts import Contacts
from storage.draws import Draws
from storage.erasure import Erasure
from storage.export import Export
from storage.facts import Facts
from storage.follow_ups import FollowUps
from storage.inbox import Inbox
from storage.invitations import Invitations
from storage.lookups import Lookups
from storage.optouts import OptOuts
from storage.outbox import Outbox
from storage.queue_state import QueueState
from storage.retention import Retention
from storage.sign_ins import SignIns


class SqlTransaction(
    Erasure,
    Retention,
    Cases,
    Draws,
    Export,
    Lookups,
    Invitations,
    Contacts,
    OptOuts,
    Answers,
    FollowUps,
    Accounts,
    Chats,
    Inbox,
    Outbox,
    QueueState,
    Facts,
    ApiTokens,
    SignIns,
):
    """`workflow.ports.Transaction` over one SQLAlchemy connection, inside its transaction."""
