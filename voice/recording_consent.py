"""May we record? Asked once they have agreed to the questions, before the first of them; pure, a part of the script.

Only a sure yes is one. A no is believed however unsurely it is heard, and whoever says nothing, or nothing that is
understood, has not agreed.
"""

from dataclasses import replace

from models.conversation import Replied
from models.rating import ReplyKind
from voice import keypad
from voice.moves import Dialogue, Move, Recording, missed_prompt, recording_settled, why_again
from voice.outcomes import Utterance
from voice.rendering import Variant
from voice.understanding import consents, is_echo, maybe_consents

_KEYS = {"1": True, "2": False, keypad.SKIP: False}


def asked_first(move: Move) -> Move:
    """`move`; where they have yet to be asked, that, and what the move says is held back until they have answered."""
    dialogue = move.dialogue
    unasked = dialogue.recording is Recording.TO_ASK and dialogue.consented
    if not unasked or move.event is not None or move.ending is not None:
        return move
    asking = replace(dialogue, recording=Recording.ASKING, held_back=move.say, no_inputs=0, no_matches=0, turns=0)
    return Move(dialogue=asking, say=(f"recording.{Variant.FULL}",))


def pressed(dialogue: Dialogue, key: str) -> Move:
    agreed = _KEYS.get(key)
    if agreed is None:
        return missed_prompt(dialogue, ("no_match.wrong_key",))
    return recording_settled(dialogue, agreed=agreed)


def said(dialogue: Dialogue, utterance: Utterance, reply: Replied, just_said: str) -> Move:
    """`reply` is the utterance as it was understood, `just_said` the texts of the prompts before it."""
    lexicon = dialogue.lexicon
    echo = is_echo(utterance, just_said, lexicon)
    if not echo and consents(utterance, lexicon):
        return recording_settled(dialogue, agreed=True)
    noes = (consents(utterance, lexicon), maybe_consents(utterance, lexicon), reply.yes_no)
    if False in noes or reply.understood.kind is ReplyKind.SKIP:
        return recording_settled(dialogue, agreed=False)
    return missed_prompt(dialogue, why_again(reply.understood.unclear))
