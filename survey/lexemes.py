"""What a word or a phrase does in a reply. How they work together is in `survey.verdicts`."""

from dataclasses import dataclass
from enum import StrEnum

from models.rating import Rating


class Role(StrEnum):
    """What a word or phrase does in a reply. Except for the last group, the values are sections of the lexicon."""

    VERDICT = "verdict"  #: rates: "bra"
    HINT = "hint"  #: leans one way, too weak to store: "problem", "löst"
    EVENT = "event"  #: what a customer expects; missing it is bad: "svar", "åtgärdat"
    TROUBLE = "trouble"  #: what a customer fears; missing it is good: "problem", "krångel"
    COMPARISON = "comparison"  #: "bättre", "sämre"
    STILL = "still"  #: "fortfarande": with a negation, what should have happened has not
    MODAL = "modal"  #: makes a negated comparison a superlative: "kunde inte varit bättre"

    NEGATION = "negation"
    NEITHER = "neither"  #: "varken": negates all that follows
    WITHOUT = "without"  #: "utan": negates trouble, and otherwise contrasts
    LIGHT = "light"  #: makes a negation no stronger: "inte så", "inte särskilt"
    ABSOLUTE = "absolute"  #: negated, something is left: "inte helt", "inte alltid"
    INTENSIFIER = "intensifier"
    DOWNTONER = "downtoner"

    HEDGE = "hedge"  #: "antar", "kanske"
    MILD_HEDGE = "mild_hedge"  #: "väl", "nog": makes praise uncertain, not blame
    EXPECTS = "expects"  #: what was thought beforehand; "men" tells how it went: "trodde", "skeptisk"
    CORRECTION = "correction"  #: takes back what was said before: "nej jag menar"
    MEANS = "means"  #: the same, said afterwards: "bra nej dåligt menar jag"
    FOREIGN = "foreign"  #: others and other things than our case: "min chef", "andra kommuner", "då hörs vi"
    UNREAL = "unreal"  #: a wish, a condition, another time, somebody else's words: "borde", "hoppas", "förr"
    IRONY = "irony"
    CONTRAST = "contrast"  #: "men"
    AND = "and"
    OR = "or"
    YES = "yes"
    NO = "no"
    FILLER = "filler"
    TOPIC = "topic"  #: persons and things of a municipal case: "handläggaren", "lampan"
    NEUTRAL = "neutral"  #: looks like a verdict and isn't: "trevlig helg"

    SKIP = "skip"
    OPT_OUT = "opt_out"  #: counts where it begins a clause, whatever follows
    OPT_OUT_ALONE = "opt_out_alone"  #: counts only when it is all that is said: "stopp"
    REPEAT = "repeat"
    QUESTION = "question"  #: a question back
    QUESTION_WORD = "question_word"  #: begins a question back: "vem", "varför"

    UNKNOWN = "unknown"
    LIKE_NEGATION = "like_negation"  #: an unknown word one letter from a negation: "imte"
    NUMBER = "number"
    COMMA = "comma"
    STOP = "stop"
    ASKS = "asks"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a word or phrase does. `rating` belongs to verdicts, hints and comparisons."""

    role: Role
    rating: Rating | None = None
    strong: bool = False  #: extreme, so that "inte perfekt" may still be ok
    mild: bool = False  #: blame that "inte så …" turns into ok: "inte så dåligt"; a smile that goes with ok
    threshold: bool = False  #: good enough, so that "inte okej" is bad
    verb: bool = False  #: gives way to a verdict after it: "fungerar bra", "fungerar inte"
    degree: bool = False  #: only strengthens or weakens a verdict right after it: "hemskt bra"
    light: bool = False  #: blame that "men okej" outweighs: "inget att hurra för"
    speaker: bool = False  #: who answers: "jag", "vi"
    subject: bool = False  #: others: "ni", "det"
    finite: bool = False  #: a verb that opens a question before its subject: "var det …", "tycker ni …"
    idiom: bool = False  #: a phrase, read as it stands


UNKNOWN = Entry(Role.UNKNOWN)
