"""From what an engine heard to what it means: words are read as typed ones are, and believed as far as the engine is.

A rating, a yes or no, a skip or a refusal counts at once only when the engine is sure (`Trust.ACCEPT`) and heard the
utterance to its end, and a yes or no only where it is the whole reply, of a closed list. An unsure rating is confirmed,
and so is one that may be the end of something more; two unsure hearings never make a sure one, except of a refusal.
"""

from dataclasses import replace

from models.conversation import Replied
from models.rating import Interpretation, Rating, ReplyKind, Unclear
from survey.digits import score_of
from survey.interpretation import interpret
from survey.lexemes import Role
from survey.lexicon import Lexicon
from survey.normalisation import plain
from survey.recognition import recognise
from voice.outcomes import Utterance
from voice.recognition import Trust
from workflow.converse import understood

_COMMAND_WORDS = 2  #: "nej tack", "hoppa över", "ganska bra"
_REFUSAL_WORDS = 6  #: "jag vill inte att ni ringer mer" is asked about; nine is always there
_JOINS = (Role.OR, Role.AND, Role.CONTRAST, Role.WITHOUT, Role.LIGHT)  #: "eller dåligt", "(inte) särskilt bra"
_NOTHING = Interpretation(ReplyKind.NO_MATCH, unclear=Unclear.UNKNOWN)


def is_sure(utterance: Utterance) -> bool:
    """Whether to act on it without asking."""
    return utterance.hearing.trust is Trust.ACCEPT and not utterance.cut_off


def heard(utterance: Utterance, lexicon: Lexicon) -> Replied:
    """The reply that an utterance is, where ratings may also be said as the numbers of their keys.

    Its confidence is the less sure of hearing and reading. What isn't sure comes back as a rating to confirm, as
    "repeat" (which does no harm), or as not understood. So does, however surely it was heard, a number: "tre" is short,
    sounds like much else, and may have been meant as a mark; and what may lack its beginning: "… alls bra".
    """
    hearing = utterance.hearing
    reply = understood(hearing.words, lexicon, digits_offered=True)
    meant = reply.understood
    if hearing.trust is Trust.ASK_AGAIN or not hearing.words:
        return replace(reply, understood=_NOTHING, yes_no=None)
    if is_sure(utterance) and not (meant.rating and _is_doubtful(hearing.words, lexicon)):
        sure = min(meant.confidence, hearing.confidence) if meant.rating else hearing.confidence
        return replace(reply, understood=replace(meant, confidence=sure))
    if meant.rating:
        unsure = Interpretation(ReplyKind.NO_MATCH, meant.rating, hearing.confidence, Unclear.UNSURE)
        return replace(reply, understood=unsure, yes_no=None)
    if meant.kind is not ReplyKind.REPEAT:
        meant = replace(_NOTHING, unclear=meant.unclear or Unclear.UNKNOWN)
    return replace(reply, understood=meant, yes_no=None)


def comment(utterance: Utterance, lexicon: Lexicon) -> Replied | None:
    """What was said where free speech is wanted: kept as transcribed, however unsurely; None if there are no words.

    A wish to be left alone in it is for the dialogue to see to; here it is words like others.
    """
    reply = understood(utterance.hearing.words, lexicon)
    if reply.understood.kind is ReplyKind.OPT_OUT:
        reply = replace(reply, understood=_NOTHING, yes_no=None)
    return reply if utterance.hearing.words else None


def may_be_refusal(utterance: Utterance, lexicon: Lexicon) -> bool:
    """Whether an unsure hearing would, were it right, be a wish never to be called again."""
    unsure = utterance.hearing.trust is not Trust.ASK_AGAIN and not is_sure(utterance)
    return unsure and _refuses(utterance, lexicon)


def refuses_in_passing(utterance: Utterance, lexicon: Lexicon) -> bool:
    """Whether there may be such a wish in free speech, where "ring inte på kvällen utan på dagen" is none."""
    long = len(said(utterance)) > _REFUSAL_WORDS
    return (long or not is_sure(utterance)) and _refuses(utterance, lexicon)


def _refuses(utterance: Utterance, lexicon: Lexicon) -> bool:
    return understood(utterance.hearing.words, lexicon).understood.kind is ReplyKind.OPT_OUT


def is_own_words(utterance: Utterance, lexicon: Lexicon) -> bool:
    """Whether it can be kept as what somebody told us: it needn't be sure, but an unsure "nej tack" tells nothing."""
    hearing = utterance.hearing
    if not hearing.words or hearing.trust is Trust.ASK_AGAIN:
        return False
    if hearing.trust is Trust.ACCEPT or len(hearing.words.split()) > _COMMAND_WORDS:
        return True
    reply = understood(hearing.words, lexicon)
    return reply.understood.kind is ReplyKind.NO_MATCH and reply.yes_no is None


def _is_doubtful(words: str, lexicon: Lexicon) -> bool:
    """Whether a rating stands on a number, or may be the end of a reply that means something else."""
    terms = recognise(words, lexicon)
    if terms and (terms[0].role in _JOINS or terms[0].text in lexicon.remainders):
        return True
    in_words = interpret(words, lexicon).rating
    return in_words is None or score_of(terms, lexicon) is not None


def agreement(utterance: Utterance, lexicon: Lexicon) -> bool | None:
    """A sure yes or no, also as the number of its key, one or two; None for anything else."""
    if not is_sure(utterance):
        return None
    number = number_said(utterance, lexicon)
    return yes_no(utterance, lexicon) if number is None else {1: True, 2: False}.get(number)


def yes_no(utterance: Utterance, lexicon: Lexicon) -> bool | None:
    """A sure yes or no in words, and no word more: "jag förstår" is none, nor is "säg ja eller nej", our own prompt."""
    return lexicon.spoken.get(" ".join(said(utterance))) if is_sure(utterance) else None


def consents(utterance: Utterance, lexicon: Lexicon) -> bool | None:
    """The answer to "may I ask?": also "det går bra", if that is all."""
    also = is_sure(utterance) and " ".join(said(utterance)) in lexicon.consents
    return True if also else agreement(utterance, lexicon)


def maybe_consents(utterance: Utterance, lexicon: Lexicon) -> bool | None:
    """The same in words, heard unsurely."""
    unsure = utterance.hearing.trust is Trust.CONFIRM and not utterance.cut_off
    also = unsure and " ".join(said(utterance)) in lexicon.consents
    return True if also else maybe_yes_no(utterance, lexicon)


def maybe_yes_no(utterance: Utterance, lexicon: Lexicon) -> bool | None:
    """An unsure yes or no in words."""
    unsure = utterance.hearing.trust is Trust.CONFIRM and not utterance.cut_off
    return lexicon.spoken.get(" ".join(said(utterance))) if unsure else None


def corrects(utterance: Utterance, lexicon: Lexicon) -> bool:
    """Whether it begins as a correction of what was said before does: "nej jag sa dåligt"."""
    return any(f"{' '.join(said(utterance))} ".startswith(f"{opener} ") for opener in lexicon.corrects)


def is_echo(utterance: Utterance, prompt: str, lexicon: Lexicon) -> bool:
    """Whether several words are also words of `prompt`, in its order: it may be our own voice that came back."""
    words, ours = " ".join(said(utterance)), " ".join(_words(prompt))
    return (
        " " in words and words not in lexicon.consents and words not in lexicon.spoken and f" {words} " in f" {ours} "
    )


def said(utterance: Utterance) -> list[str]:
    return _words(utterance.hearing.words)


def _words(text: str) -> list[str]:
    return [bare for word in plain(text).split() if (bare := word.strip(".,:;!?"))]


def number_said(utterance: Utterance, lexicon: Lexicon) -> int | None:
    """The number of a key, said alone; whether it was heard surely is another question."""
    words = utterance.hearing.words.split()
    if len(words) != 1:
        return None
    if words[0] in lexicon.digits:
        return 1 + list(Rating).index(lexicon.digits[words[0]])
    return lexicon.numbers.get(words[0])
