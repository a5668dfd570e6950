"""Each effect of the conversation in a few words, for golden conversations: "answer leverans bra"."""

from models.conversation import (
    Ask,
    AskComment,
    AskPermission,
    AskReason,
    Confirm,
    Effect,
    Finish,
    RecordAnswer,
    RecordComment,
    RecordOptOut,
    RecordPermission,
    RecordReason,
    Remind,
    Reprompt,
    Say,
)


def described(effect: Effect) -> str:
    """The same words for the same effect, whatever the channel; a reply's own words stand in ”quotes”."""
    return _asking(effect) or _recording(effect)


def _asking(effect: Effect) -> str:
    match effect:
        case Ask(question, _, _, again):
            return f"ask {question} again" if again else f"ask {question}"
        case Reprompt(question, unclear, attempt):
            return f"reprompt {question} {unclear} {attempt}"
        case Confirm(question, rating):
            return f"confirm {question} {rating}"
        case AskReason(question):
            return f"ask reason {question}"
        case AskComment():
            return "ask comment"
        case AskPermission():
            return "ask permission"
        case Remind():
            return "remind"
        case Say(key):
            return f"say {key}"
    return ""


def _recording(effect: Effect) -> str:
    match effect:
        case RecordAnswer(question, rating, changed=True, was=was):
            return f"change {question} {was or 'skipped'} to {rating or 'skipped'}"
        case RecordAnswer(question, rating):
            return f"answer {question} {rating or 'skipped'}"
        case RecordReason(question, code, text):
            return f"reason {question} {code or f'”{text}”'}"
        case RecordComment(text):
            return f"comment ”{text}”"
        case RecordPermission(yes):
            return f"permission {'yes' if yes else 'no'}"
        case RecordOptOut():
            return "opt out"
        case Finish(disposition):
            return f"finish {disposition}"
    raise ValueError(f"no words for {effect}")
