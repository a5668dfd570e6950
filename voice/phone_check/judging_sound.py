"""What the sound of a trial call tells: both directions, delay, loss, level, keys, and how it ended. Pure.

Delays after ITU-T G.114 (150 ms one way is unnoticed, 400 ms the limit), there and back here.
"""

from voice.lines.sound_level import Verdict as Loudness
from voice.phone_check.findings import Finding, Step, odd, unknown, well, wrong
from voice.phone_check.messages import is_private
from voice.phone_check.trial import Heard, Trial

_SILENT_DB = -70.0  #: dBFS: below is what machines send for silence
_DELAY_MS, _LONGEST_DELAY_MS = 300, 800
_LOSS, _MOST_LOSS = 0.01, 0.05
_FEW_PACKETS = 50
_PACKETS_A_SECOND = 50  #: of 20 ms, as G.711 is sent
_SHORTEST = 3.0  #: seconds from which no sound at all says something
_QUIET_DB, _LOUD_DB = -12.0, 6.0


def of_sound(trial: Trial, heard: Heard) -> list[Finding]:
    """Of a call that was answered."""
    return [
        _back(trial, heard),
        _there(trial, heard),
        _delay(trial, heard),
        _loss(trial, heard),
        _level(heard),
        _keys(trial, heard),
        _end(trial, heard),
    ]


def _back(trial: Trial, heard: Heard) -> Finding:
    received = trial.statistics.received
    if received:
        if heard.loudest < _SILENT_DB and not heard.wants_echo:
            return odd(Step.BACK, "silent", packets=received)
        return well(Step.BACK, packets=received)
    ours = trial.offer.address if trial.offer else ""
    if trial.answer and trial.answer.direction in ("recvonly", "inactive"):
        return wrong(Step.BACK, "held")
    if is_private(ours) and trial.exchange and not is_private(trial.exchange):
        return wrong(Step.BACK, "nat", ours=ours)
    if not heard.complete and heard.seconds < _SHORTEST:
        return unknown(Step.BACK, "short")
    first, last = trial.rtp_ports
    return wrong(Step.BACK, "nothing", theirs=_their_address(trial), first=first, last=last)


def _there(trial: Trial, heard: Heard) -> Finding:
    theirs = _their_address(trial)
    if heard.echo or (not heard.wants_echo and (heard.keys or heard.says_heard)):
        return well(Step.THERE)
    if heard.says_heard is None and trial.statistics.round_trip_ms > 0 and not heard.wants_echo:
        return well(Step.THERE, "reported")
    if _is_out_of_reach(trial):
        return wrong(Step.THERE, "their_nat", theirs=theirs, exchange=trial.exchange)
    if heard.says_heard is False:
        return wrong(Step.THERE, "unheard", theirs=theirs)
    if heard.wants_echo and trial.statistics.received:
        return wrong(Step.THERE, "no_echo", theirs=theirs)
    return unknown(Step.THERE, "untold")


def _is_out_of_reach(trial: Trial) -> bool:
    """Whether our sound goes to an address of the exchange's own network, in which we aren't."""
    theirs = _their_address(trial)
    if theirs == "0.0.0.0":  # noqa: S104 - nobody listens there: an old way to say "held"
        return False
    return bool(theirs and trial.exchange) and is_private(theirs) and not is_private(trial.exchange)


def _their_address(trial: Trial) -> str:
    return trial.answer.address if trial.answer else ""


def _delay(trial: Trial, heard: Heard) -> Finding:
    if heard.echo:
        ms, key = heard.echo.delay * 1000, "ok"
    elif trial.statistics.round_trip_ms > 0:
        ms, key = trial.statistics.round_trip_ms, "network"
    else:
        return unknown(Step.DELAY, "no_echo" if heard.wants_echo else "untold")
    whole = max(1, round(ms))
    if ms > _LONGEST_DELAY_MS:
        return wrong(Step.DELAY, "too_long", ms=whole)
    return odd(Step.DELAY, "long", ms=whole) if ms > _DELAY_MS else well(Step.DELAY, key, ms=whole)


def _loss(trial: Trial, heard: Heard) -> Finding:
    told = trial.statistics
    if told.received + told.lost_here < _FEW_PACKETS:
        return unknown(Step.LOSS, "untold")
    if heard.wants_echo and heard.echo:  # each packet that arrives there is sent back
        share = max(0.0, 1 - told.received / max(1, told.sent))
        return _of_loss(share, "echo_some", "echo_much", share=100 * share)
    here = told.lost_here / (told.received + told.lost_here)
    there = told.lost_there / told.sent if told.sent else 0.0
    all_came = told.received >= (1 - _LOSS) * heard.seconds * _PACKETS_A_SECOND
    if not (here or there or told.round_trip_ms or all_came):
        return unknown(Step.LOSS, "untold")  # no reports, and pauses may be left out
    return _of_loss(max(here, there), "some", "much", here=100 * here, there=100 * there)


def _of_loss(lost: float, some: str, much: str, **values: object) -> Finding:
    if lost > _MOST_LOSS:
        return wrong(Step.LOSS, much, **values)
    return odd(Step.LOSS, some, **values) if lost > _LOSS else well(Step.LOSS)


def _level(heard: Heard) -> Finding:
    if heard.wants_echo:
        if heard.echo is None:
            return unknown(Step.LEVEL, "untold")
        db = round(heard.echo.gain)
        key = "echo_quiet" if heard.echo.gain < _QUIET_DB else "echo_loud" if heard.echo.gain > _LOUD_DB else ""
        return odd(Step.LEVEL, key, db=db) if key else well(Step.LEVEL, "echo", db=db)
    if heard.speech is None or heard.speech.verdict in (Loudness.NOTHING, Loudness.NO_SPEECH):
        return unknown(Step.LEVEL, "no_speech")
    db = round(heard.speech.speech)
    if heard.speech.verdict is Loudness.GOOD:
        return well(Step.LEVEL, db=db)
    return odd(Step.LEVEL, "clipping" if heard.speech.verdict is Loudness.CLIPPING else "quiet", db=db)


def _keys(trial: Trial, heard: Heard) -> Finding:
    if not heard.keys:
        if heard.wants_echo:
            return unknown(Step.KEYS, "no_echo")
        return wrong(Step.KEYS, "none") if _somebody_was_there(heard) else unknown(Step.KEYS, "untold")
    pressed = "".join(each.key for each in heard.keys)
    if all(each.as_sound for each in heard.keys):
        return well(Step.KEYS, "as_sound", keys=pressed)
    by_info = any(each.method == "INFO" and not each.ours and not each.status for each in trial.messages)
    return well(Step.KEYS, "by_info" if by_info else "ok", keys=pressed)


def _somebody_was_there(heard: Heard) -> bool:
    """Who heard us, or spoke when asked to, would have pressed a key when asked to."""
    spoke = heard.speech is not None and heard.speech.verdict in (Loudness.GOOD, Loudness.TOO_QUIET)
    return bool(heard.says_heard) or (spoke and heard.says_heard is None)


def _end(trial: Trial, heard: Heard) -> Finding:
    ended = trial.ended
    if ended is None or ended.by_us:
        agreed = any(each.method == "BYE" and each.is_final and not each.ours for each in trial.messages)
        return well(Step.HANG_UP) if agreed else odd(Step.HANG_UP, "unanswered")
    if ended.cause:
        return wrong(Step.HANG_UP, "fault", words=ended.text)
    if any(each.method == "BYE" and not each.ours and not each.status for each in trial.messages):
        if heard.complete:
            return well(Step.HANG_UP, "theirs")
        proved = bool(heard.echo or heard.keys)
        return (odd if proved else wrong)(Step.HANG_UP, "early", seconds=heard.seconds)
    return wrong(Step.HANG_UP, "broken", words=ended.text, seconds=heard.seconds)
