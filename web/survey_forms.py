"""What a form of the survey page carries, and what sending it means.

Every form says what it is `about`: which question, and what its answer was when the page was shown. So a form that is
sent late (from another tab, after a reply in the chat, by an impatient second tap) never answers a question that it
didn't show, and never replaces an answer that its sender hadn't seen.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from models.conversation import Confirmed, Event, PermissionGiven, Rated, ReasonChosen, Replied, Session, Skipped, Stage
from models.rating import Interpretation, Rating, ReplyKind, Unclear
from survey.lexicon import Lexicon
from survey.session import is_given, rating_of
from workflow.converse import understood

MOST_LETTERS = 2000  #: in own words
STOP_LANGUAGE = "sprak:nej"  #: the language form of the page that says no


class About(StrEnum):
    """What a form asks. The values stand in the pages' forms."""

    QUESTION = "fraga"
    REASON = "skal"
    COMMENT = "kommentar"
    MORE = "mer"  #: a remark after the end
    CONFIRM = "stammer"
    PERMISSION = "lov"
    LANGUAGE = "sprak"
    CALL = "ring"


class Unfit(StrEnum):
    """Why a form isn't taken. None of these stores anything."""

    UNREADABLE = "unreadable"  #: no page of ours sends that
    SAME = "same"  #: it is so already: a second tap
    ANSWERED = "answered"  #: the question got another answer meanwhile
    MOVED_ON = "moved_on"  #: that isn't being asked any more
    TOO_LONG = "too_long"
    NOTHING = "nothing"  #: an empty field was sent


@dataclass(frozen=True, slots=True)
class Sent:
    """A form's three fields, as they came."""

    about: str
    choice: str = ""
    words: str = ""


_READ_WORDS, _READ_LETTERS = (
    40,
    300,
)  # what a text is about shows by then; reading takes longer than in proportion to its length
_SURELY_STOP_WORDS = 3  # "stopp", "sluta fråga mig"
_SKIPPED = "hoppad"
_RATINGS = {rating.name.lower(): rating for rating in Rating}
_WORDS_STAGE = {About.REASON: Stage.REASON, About.COMMENT: Stage.COMMENT, About.MORE: Stage.DONE}


def about(what: About, question: str = "", seen: str = "") -> str:
    """The field that a form carries. `seen` is the answer that it showed (`given_as`), "" for none."""
    return ":".join(filter(None, (what.value, question, seen)))


def given_as(rating: Rating | None) -> str:
    """An answer as forms have it; None is a skip."""
    return _SKIPPED if rating is None else rating.name.lower()


def subject_of(sent: Sent) -> tuple[About | None, str, str]:
    """What a form is about, its question and the answer that it showed."""
    what, _, rest = sent.about.partition(":")
    question, _, seen = rest.partition(":")
    return (About(what) if what in set(About) else None), question, seen


def event_of(sent: Sent, session: Session, reasons: Collection[str], lexicon: Lexicon) -> Event | Unfit:
    """What the form means to the conversation as it now stands, or why it means nothing."""
    what, question, seen = subject_of(sent)
    match what:
        case About.QUESTION if question in session.questions:
            return _answer(sent.choice, question, seen, session)
        case About.REASON if question in session.questions and (sent.choice in reasons or sent.choice == "hoppa"):
            if session.stage is not Stage.REASON or session.current != question:
                return Unfit.MOVED_ON
            return Skipped(question, Stage.REASON) if sent.choice == "hoppa" else ReasonChosen(question, sent.choice)
        case About.COMMENT if sent.choice == "hoppa":
            return Skipped(stage=Stage.COMMENT) if session.stage is Stage.COMMENT else Unfit.MOVED_ON
        case About.REASON | About.COMMENT | About.MORE if sent.choice == "ord":
            return _words(sent.words, what, question, session, lexicon)
        case About.CONFIRM if sent.choice in ("ja", "nej") and seen in _RATINGS:
            return _confirmed(sent.choice == "ja", question, _RATINGS[seen], session)
        case About.PERMISSION if sent.choice in ("ja", "nej"):
            return PermissionGiven(sent.choice == "ja") if session.stage is Stage.PERMISSION else Unfit.MOVED_ON
    return Unfit.UNREADABLE


def cleaned(words: str) -> str:
    """What was typed, without what no keyboard makes (databases refuse NUL), with one kind of line break."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in lines if each in "\n\t" or each.isprintable() or each in "\u200d\ufe0f").strip()


def perhaps_stop(event: Event) -> Replied | None:
    """A longer text that reads as "no more surveys", as the plain words that it may be ("Ring mig aldrig före nio").

    A chat has nothing but words to say stop with. Here every page has a link for it, so the words are kept as what was
    asked for, and whoever wrote them is asked whether they meant that too.
    """
    if not isinstance(event, Replied) or event.understood.kind is not ReplyKind.OPT_OUT:
        return None
    if len(event.text.split()) <= _SURELY_STOP_WORDS:
        return None
    plain = Interpretation(ReplyKind.NO_MATCH, unclear=Unclear.UNKNOWN)
    return replace(event, understood=plain, yes_no=None)


def _answer(choice: str, question: str, seen: str, session: Session) -> Event | Unfit:
    if choice not in _RATINGS and choice != "hoppa":
        return Unfit.UNREADABLE
    now = given_as(rating_of(session, question)) if is_given(session, question) else ""
    if now and now == (_SKIPPED if choice == "hoppa" else choice):
        return Unfit.SAME
    if now != seen:
        return Unfit.ANSWERED
    return Skipped(question) if choice == "hoppa" else Rated(question, _RATINGS[choice])


def _words(words: str, what: About, question: str, session: Session, lexicon: Lexicon) -> Event | Unfit:
    words = cleaned(words)
    if len(words) > MOST_LETTERS:
        return Unfit.TOO_LONG
    elsewhere = what is About.REASON and session.current != question
    if session.stage is not _WORDS_STAGE[what] or elsewhere:
        return Unfit.MOVED_ON
    if not words:
        return Unfit.NOTHING
    beginning = " ".join(words[:_READ_LETTERS].split()[:_READ_WORDS])
    return replace(understood(beginning, lexicon), text=words)


def _confirmed(yes: bool, question: str, rating: Rating, session: Session) -> Event | Unfit:
    here = session.stage is Stage.CONFIRM and session.current == question and session.pending is rating
    if not here:
        return Unfit.MOVED_ON
    return Rated(question, rating) if yes else Confirmed(False)
