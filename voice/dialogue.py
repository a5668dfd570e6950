"""The script of one call, pure: what the caller did goes in, what is to be said, stored or ended comes out.

    move = opening(dialogue)                    # Move(say=("consent.full",), …)
    move = respond(move.dialogue, Key("1"))     # Move(event=Accepted(), …): to be stored, and then
    move = taken(move.dialogue, session, effects)   # Move(say=("how_to_answer", "question.bemotande.full"), …)

Who says nothing and who isn't understood are counted apart, per prompt: the prompt comes again shorter, then with the
keys; then the question is skipped, or (consent; the second question in a row) the call ends politely. Every prompt has
a bound on its turns, so that any caller's call ends.
"""

from collections.abc import Sequence
from dataclasses import replace

from models.conversation import (
    Accepted,
    Confirmed,
    Declined,
    Effect,
    OptedOut,
    RecordAnswer,
    RecordOptOut,
    Replied,
    Reprompt,
    Session,
    Skipped,
    Stage,
)
from models.rating import Rating, ReplyKind, Unclear
from survey.session import first_unanswered
from voice import keypad, recording_consent
from voice.moves import (
    BY_KEY,
    NO_ANSWER,
    TURNS,
    Dialogue,
    Ending,
    Move,
    Recording,
    give_up,
    missed_prompt,
    no_input,
    no_match,
    prompt,
    take,
    why_again,
)
from voice.outcomes import Gone, Key, NoInput, Outcome, Unheard, Utterance
from voice.recognition import Expecting
from voice.rendering import LEFT, Variant, render
from voice.understanding import (
    agreement,
    comment,
    consents,
    corrects,
    heard,
    is_echo,
    is_own_words,
    is_sure,
    may_be_refusal,
    maybe_consents,
    maybe_yes_no,
    number_said,
    refuses_in_passing,
    yes_no,
)

# --- beginning and end ---------------------------------------------------------------------------------------------


def opening(dialogue: Dialogue) -> Move:
    """What to say once we have said who we are. A survey that is over is not begun again, nor is one in which only
    what else there is to tell is left: nobody is called anew for that."""
    stage = dialogue.session.stage
    if stage in (Stage.DONE, Stage.CLOSED) or first_unanswered(dialogue.session) is None:
        key = "goodbye.closed" if stage is Stage.CLOSED else "goodbye.already_answered"
        return Move(dialogue=dialogue, say=(key,), ending=Ending.ALREADY_DONE)
    return Move(dialogue=dialogue, say=("consent.full",))


def respond(dialogue: Dialogue, outcome: Outcome, just_said: str = "") -> Move:
    """What to do about what the caller did in their turn. `just_said`: the texts of the prompts that it followed, so
    that our own words, come back over a line with an echo, answer nothing."""
    dialogue = replace(dialogue, turns=dialogue.turns + 1)
    match outcome:
        case Gone():
            return Move(dialogue=dialogue, ending=Ending.HUNG_UP)
        case Key(keypad.STOP):
            return take(dialogue, OptedOut(), BY_KEY)
    if dialogue.turns > TURNS:
        return give_up(dialogue, ())
    match outcome:
        case Key() if dialogue.asking_stop:
            return _resumed(dialogue)
        case Key(key):
            return _pressed(dialogue, key)
        case Utterance():
            return _said(dialogue, outcome, just_said)
        case Unheard():
            return _unheard(dialogue)
        case NoInput():
            return no_input(replace(dialogue, asking_stop=False))


def taken(dialogue: Dialogue, session: Session, effects: Sequence[Effect]) -> Move:
    """What to say now that an event has been stored. Never silent: where the survey is, the call isn't."""
    before = dialogue.session
    moved = (session.stage, session.current, session.pending) != (before.stage, before.current, before.pending)
    dialogue = replace(dialogue, session=session, asking_stop=False)
    if moved:
        turns = dialogue.turns if session.current == before.current and session.current else 0
        dialogue = replace(dialogue, no_inputs=0, turns=turns)
    unclear = next((effect.unclear for effect in effects if isinstance(effect, Reprompt)), None)
    if unclear is not None or (not moved and not effects):
        return no_match(dialogue, unclear or Unclear.UNKNOWN)
    dialogue = replace(dialogue, no_matches=0)
    if any(isinstance(effect, RecordAnswer) and effect.rating for effect in effects):
        dialogue = replace(dialogue, given_up=0)
    say = render(effects, transcribes=dialogue.transcribes)
    asked_anew = before.stage is Stage.CONFIRM and session.stage is Stage.QUESTION
    if dialogue.briefed and asked_anew and session.current == before.current:
        say = prompt(dialogue, Variant.KEYS)  # misheard once already: keys are surer
    if session.stage is Stage.QUESTION and not dialogue.briefed:
        say = ("how_to_answer", *(key for key in say if key != "how_to_answer"))
        dialogue = replace(dialogue, briefed=True)
    return recording_consent.asked_first(_next(dialogue, say, effects))


def _next(dialogue: Dialogue, say: tuple[str, ...], effects: Sequence[Effect]) -> Move:
    """What a phone doesn't ask is passed over; what is over ends the call."""
    match dialogue.session.stage:
        case Stage.CLOSED:
            return Move(dialogue=dialogue, say=say or ("goodbye.closed",), ending=_closed(effects, say))
        case Stage.DONE:
            ending = Ending.DECLINED if "goodbye.refused" in say else Ending.FINISHED
            return Move(dialogue=dialogue, say=say or ("thanks.completed",), ending=ending)
        case Stage.REASON if not dialogue.briefed:  # of an answer that wasn't given in this call
            left = Skipped(dialogue.session.current, Stage.REASON)
            return Move(dialogue=dialogue, event=left, engine=NO_ANSWER)
        case Stage.PERMISSION:
            return Move(dialogue=dialogue, say=say, event=Skipped(stage=Stage.PERMISSION), engine=NO_ANSWER)
        case Stage.COMMENT if not dialogue.transcribes:
            return Move(dialogue=dialogue, say=say, event=Skipped(stage=Stage.COMMENT), engine=NO_ANSWER)
    asks = any(key.partition(".")[0] in ("question", "confirm", "reason", "comment") for key in say)
    return Move(dialogue=dialogue, say=say if asks else (*say, *prompt(dialogue, Variant.FULL)))


def _closed(effects: Sequence[Effect], say: tuple[str, ...]) -> Ending:
    if any(isinstance(effect, RecordOptOut) for effect in effects):
        return Ending.OPTED_OUT
    return Ending.DECLINED if "goodbye.refused" in say else Ending.ALREADY_DONE


def after(before: Move, move: Move) -> Move:
    """`move`, with what `before` had to say said first: that we leave a question isn't said twice."""
    said_already = {"heard.skipped"} if LEFT in before.say else set()
    return replace(move, say=(*before.say, *(key for key in move.say if key not in said_already)))


def refuses(dialogue: Dialogue, outcome: Outcome) -> bool:
    """Whether it is a wish never to be called again."""
    if isinstance(outcome, Utterance):
        return heard(outcome, dialogue.lexicon).understood.kind is ReplyKind.OPT_OUT
    return outcome == Key(keypad.STOP)


# --- what the caller did -------------------------------------------------------------------------------------------


def _pressed(dialogue: Dialogue, key: str) -> Move:
    if key in keypad.REPEAT:
        return Move(dialogue=dialogue, say=prompt(dialogue, Variant.FULL))
    if dialogue.recording is Recording.ASKING:
        return recording_consent.pressed(dialogue, key)
    event = keypad.meaning(key, dialogue.session, dialogue.reasons, consented=dialogue.consented)
    if event is None:
        return missed_prompt(dialogue, ("no_match.wrong_key",))
    confirming = dialogue.session.stage is Stage.CONFIRM and not isinstance(event, Skipped)
    engine = f"{dialogue.pending_engine}, confirmed by key" if confirming and dialogue.pending_engine else BY_KEY
    return take(dialogue, event, engine)


def _said(dialogue: Dialogue, utterance: Utterance, just_said: str) -> Move:
    reply = heard(utterance, dialogue.lexicon)
    refusing = _refusal(dialogue, utterance, reply)
    if refusing is not None:
        return refusing
    if dialogue.asking_stop:
        return _resumed(dialogue)
    if reply.understood.kind is ReplyKind.REPEAT:
        return Move(dialogue=dialogue, say=prompt(dialogue, Variant.FULL))
    if dialogue.recording is Recording.ASKING:
        return recording_consent.said(dialogue, utterance, reply, just_said)
    if dialogue.consented and dialogue.session.stage is Stage.REASON:
        return _to_reason(dialogue, utterance, reply)
    if dialogue.consented and dialogue.session.stage is Stage.COMMENT:
        return _to_comment(dialogue, utterance)
    answers = reply.understood.kind in (ReplyKind.RATING, ReplyKind.NO_MATCH)
    if answers and is_echo(utterance, just_said, dialogue.lexicon):
        return missed_prompt(dialogue, why_again(Unclear.UNKNOWN))
    if not dialogue.consented:
        return _to_consent(dialogue, utterance, reply)
    if dialogue.session.stage is Stage.CONFIRM:
        return _to_confirm(dialogue, utterance, reply)
    fresh = dialogue.turns == 1 and bool(dialogue.session.given)
    if fresh and reply.understood.rating and corrects(utterance, dialogue.lexicon):
        return no_match(dialogue, Unclear.UNKNOWN)  # of this question, or of the one before?
    if reply.understood.kind is ReplyKind.NO_MATCH and maybe_yes_no(utterance, dialogue.lexicon) is not None:
        return no_match(dialogue, Unclear.YES_NO)
    return take(replace(dialogue, pending_engine=utterance.hearing.engine), reply, utterance.hearing.engine)


def _refusal(dialogue: Dialogue, utterance: Utterance, reply: Replied) -> Move | None:
    """What to do about a wish never to be called again: surely said, or unsurely twice, it is granted."""
    engine, lexicon = utterance.hearing.engine, dialogue.lexicon
    if dialogue.expecting is Expecting.COMMENT and refuses_in_passing(utterance, lexicon):
        return _asks_whether_to_stop(dialogue)
    refuses = reply.understood.kind is ReplyKind.OPT_OUT
    if refuses or (dialogue.asking_stop and yes_no(utterance, lexicon)):
        return take(dialogue, reply if refuses and dialogue.transcribes else OptedOut(), engine)
    if not may_be_refusal(utterance, lexicon):
        return None
    if dialogue.asking_stop:  # the same once more: better to lose a survey than to go on calling
        return take(dialogue, OptedOut(), engine)
    return _asks_whether_to_stop(dialogue)


def _asks_whether_to_stop(dialogue: Dialogue) -> Move:
    return Move(dialogue=replace(dialogue, asking_stop=True), say=("no_match.stop_question",))


def _resumed(dialogue: Dialogue) -> Move:
    """Back from "do you want us to stop calling?": what was said or pressed there answers nothing but that."""
    resumed = replace(dialogue, asking_stop=False)
    return Move(dialogue=resumed, say=prompt(resumed, Variant.SHORT))


def _to_consent(dialogue: Dialogue, utterance: Utterance, reply: Replied) -> Move:
    """A yes, also as "det går bra"; a no closes this survey. Either has to be all that was said, and sure, or the same
    twice in a row: nothing is stored yet that it could make wrong."""
    maybe = maybe_consents(utterance, dialogue.lexicon)
    agreed = consents(utterance, dialogue.lexicon)
    if agreed is None and maybe is not None and maybe is dialogue.maybe:
        agreed = maybe
    dialogue = replace(dialogue, maybe=maybe)
    if agreed is not None:
        return take(dialogue, Accepted() if agreed else Declined(), utterance.hearing.engine)
    return missed_prompt(dialogue, why_again(reply.understood.unclear))


def _to_confirm(dialogue: Dialogue, utterance: Utterance, reply: Replied) -> Move:
    """Yes, no, or another rating. The same unsure hearing twice is no yes, and none at all changes what is stored."""
    engine, session = utterance.hearing.engine, dialogue.session
    agreed = agreement(utterance, dialogue.lexicon)
    number = number_said(utterance, dialogue.lexicon)
    if number == 1 and session.pending is not Rating.BRA:
        agreed = None  # yes, or the number of bra?
    if agreed is not None:
        return take(dialogue, Confirmed(agreed), f"{dialogue.pending_engine or engine}, confirmed")
    meant = reply.understood
    changes = any(each.question == session.current for each in session.given)
    unsure = meant.kind is ReplyKind.NO_MATCH and (changes or meant.rating in (None, session.pending))
    if unsure or number is not None:
        return missed_prompt(dialogue, why_again(meant.unclear))
    return take(replace(dialogue, pending_engine=engine), reply, engine)


def _to_reason(dialogue: Dialogue, utterance: Utterance, reply: Replied) -> Move:
    """The number of a reason; own words where they become text; or another rating than the one we took."""
    session, engine = dialogue.session, utterance.hearing.engine
    number = number_said(utterance, dialogue.lexicon)
    if number is not None:
        if not is_sure(utterance):
            return missed_prompt(dialogue, why_again(Unclear.UNKNOWN))
        event = keypad.meaning(str(number), session, dialogue.reasons, consented=True)
        return take(dialogue, event, engine) if event else missed_prompt(dialogue, why_again(Unclear.UNKNOWN))
    rates = reply.understood.kind is ReplyKind.RATING and session.misses == 0
    if rates or (dialogue.transcribes and is_own_words(utterance, dialogue.lexicon)):
        return take(replace(dialogue, pending_engine=engine), reply, engine)
    if reply.understood.kind is ReplyKind.SKIP or reply.yes_no is False:
        return take(dialogue, Skipped(session.current, Stage.REASON), engine)
    return missed_prompt(dialogue, why_again(reply.understood.unclear))


def _to_comment(dialogue: Dialogue, utterance: Utterance) -> Move:
    """Kept, though it went on past the limit: the first minute of a long one is worth keeping."""
    reply = comment(utterance, dialogue.lexicon)
    if reply is None:
        return missed_prompt(dialogue, why_again(Unclear.UNKNOWN))
    return take(dialogue, reply, utterance.hearing.engine)


def _unheard(dialogue: Dialogue) -> Move:
    """The engine is away: from here on the keys are explained at once, and comments left alone."""
    if dialogue.consented and dialogue.session.stage is Stage.COMMENT:
        return give_up(dialogue, ())
    at_least = replace(dialogue, asking_stop=False, no_matches=max(1, dialogue.no_matches))
    return missed_prompt(at_least, ("no_match.use_keys",))
