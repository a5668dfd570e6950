"""One customer of the invented half-year is called: a whole call, with real speech recognition of recorded replies."""

from dataclasses import dataclass, replace
from pathlib import Path

from models.case import StoredCase
from models.survey import Answer
from omdome.config import CHECKOUT
from omdome.demo.clock import SimulatedClock
from omdome.demo.invented import CALLED_AT, to_be_called
from omdome.held_calls import Request, Watch, hold_about
from omdome.lexicons import load_lexicon
from omdome.recorded_caller import Press, RecordedCaller, replies_of
from omdome.wiring import Application
from voice.call import CallReport

REPLIES = CHECKOUT / "demo" / "replies"
_CALLER = "Exempelkommunen"


@dataclass(frozen=True, slots=True)
class Called:
    """A call that is over."""

    case: StoredCase
    report: CallReport
    answers: list[Answer]


async def call_somebody(app: Application, clock: SimulatedClock, mix_to: Path, told: Watch) -> Called:
    """Call one who hasn't answered in the chat; `told` gets each line of the transcript."""
    clock.move_to(CALLED_AT)
    invitation, stored = next(iter((await to_be_called(app)).values()))
    files = [str(REPLIES / f"{name}.wav") for name in ("bra", "okej", "daligt", "ja", "nej")]
    *answers, yes, no = replies_of(files, load_lexicon(invitation.language))
    caller = RecordedCaller(answers, consent=yes, yes=yes, no=no, reason=Press("2"))
    report = await hold_about(by_its_name(app), invitation, Request(caller=caller, mix_to=mix_to), told)
    async with app.store.look() as tx:
        return Called(stored, report, await tx.answers(invitation.id))


def by_its_name(app: Application) -> Application:
    """The half-year's organisation says in its name that the answers are invented: not a thing to say on the phone."""
    organisation = app.config.organisation.model_copy(update={"name": _CALLER})
    return replace(app, config=app.config.model_copy(update={"organisation": organisation}))
