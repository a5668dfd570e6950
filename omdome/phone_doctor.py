"""`voice doctor`: takes the phone through every step from the settings to a call, and tells what each comes to."""

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from models.calling import CallAttempt, CallOutcome
from omdome.calls import prompt_folders_of
from omdome.config import Config
from omdome.console import Problem
from omdome.credentials import Credentials
from omdome.sip_phone import check_callee, countries_of, read_callee, sip_account_of, sip_policy_of, target_of
from omdome.texts import load_texts
from voice.audio_files import AudioFileError
from voice.lines.sip.line import SipLine, Statistics
from voice.lines.sip.phone import SipPhone
from voice.lines.sip.settings import SipAccount
from voice.phone_check.findings import Finding, Verdict
from voice.phone_check.judging_callee import of_callee
from voice.phone_check.judging_dial import nothing_dialled, of_codec, of_dialling
from voice.phone_check.judging_set_up import of_configuration, of_reach, of_registration, without_exchange
from voice.phone_check.judging_sound import of_sound
from voice.phone_check.messages import Message, finals, parsed
from voice.phone_check.reaching import Whom, reached
from voice.phone_check.trial import Heard, Trial
from voice.phone_check.trial_call import Patience, Prompts, echoed, talked
from voice.prompts.library import MissingPromptError, load_prompts
from voice.prompts.synthesis import find_synthesiser
from workflow.ports import Clock

_ANSWER_SECONDS, _LOOKS = 1.5, 10  #: for an answer that is due to be seen in the trace
#: after these the exchange may have refused the number that we show, and not the call
_PERHAPS_CALLER_ID = frozenset((403, 406, 433, 480, 488, 500, 502, 503, 603, 606, 608))

Telling = Callable[..., None]  #: what goes on: the key of a text below `doctor.now`, and its values
Asking = Callable[[], bool | None]  #: whether the voice was heard at the other end; None: not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be tried."""

    callee: str = ""  #: as it was typed; "": no call
    echo: bool = False  #: the callee sends our sound back
    language: str = "sv"
    asks: Asking = lambda: None
    tells: Telling = lambda key, **values: None


@dataclass
class PhoneDoctor:
    """One examination. `trace` is every SIP message of it, with the way it went."""

    config: Config
    credentials: Credentials
    clock: Clock
    wanted: Wanted
    patience: Patience = field(default_factory=Patience)
    trace: list[str] = field(default_factory=list)

    async def examine(self) -> AsyncIterator[Finding]:
        """What is found, step by step, until something is wrong that all else hangs on.

        Raises Problem for a callee that can't be one, before anything is tried.
        """
        countries, typed = countries_of(self.config), self.wanted.callee.strip()
        callee = read_callee(typed, self.config.intake.phone_region)
        if never := of_callee(callee, typed, countries):
            yield never
            return
        if callee:
            check_callee(callee, countries)
        account = self._account(direct=callee.startswith("sip:"))
        if callee.startswith("sip:"):
            yield without_exchange()
        else:
            async for finding in self._reaching(account):
                yield finding
                if finding.verdict is Verdict.WRONG:
                    return
        async for finding in self._phoning(account, callee):
            yield finding

    def _account(self, *, direct: bool) -> SipAccount:
        if direct or not self.config.sip.host:
            return SipAccount(codecs=self.config.sip.codecs)
        return sip_account_of(self.config, self.credentials)

    async def _reaching(self, account: SipAccount) -> AsyncIterator[Finding]:
        authorities = not account.ca_file or await asyncio.to_thread(Path(account.ca_file).is_file)
        configured = of_configuration(
            account, stack=importlib.util.find_spec("baresip") is not None, authorities=authorities
        )
        yield configured
        if configured.verdict is Verdict.WRONG:
            return
        self.wanted.tells("reach")
        whom = Whom(host=account.host, port=account.port, transport=account.transport, authorities=account.ca_file)
        for finding in of_reach(account, await asyncio.to_thread(reached, whom)):
            yield finding

    async def _phoning(self, account: SipAccount, callee: str) -> AsyncIterator[Finding]:
        policy = replace(sip_policy_of(self.config), dead_seconds=0)  # silence is what we are here to hear
        phone = SipPhone(account, policy, self.clock, traced=self.trace.append)
        try:
            if account.registers:
                self.wanted.tells("register")
            await phone.start()
            if phone.trouble and account.registers:
                await self._told("REGISTER")
            if account.host:
                registered = of_registration(account, self._messages(), phone.trouble)
                yield registered
                if registered.verdict is Verdict.WRONG:
                    return
            if not callee:
                yield nothing_dialled()
                return
            async for finding in self._calling(phone, callee):
                yield finding
        finally:
            await phone.close()

    async def _calling(self, phone: SipPhone, callee: str) -> AsyncIterator[Finding]:
        prompts = None if self.wanted.echo else _prompts(self.config, self.wanted.language)
        self.wanted.tells("dial_echo" if self.wanted.echo else "dial", callee=callee)
        from_here = len(self.trace)
        answered = await phone.dial(target_of(callee, phone))
        if isinstance(answered, SipLine) or answered.sip_code:
            await self._told("INVITE", from_here)
        trial = self._trial(phone, answered, from_here)
        if isinstance(answered, CallAttempt):
            if self._may_be_our_number(phone, trial):
                trial = replace(trial, goes_without_caller_id=await self._goes_without_caller_id(phone, callee))
            for finding in of_dialling(trial):
                yield finding
            if trial.attempt.outcome is CallOutcome.NO_AUDIO:
                yield of_codec(trial)
            return
        try:
            for finding in (*of_dialling(trial), of_codec(trial)):
                yield finding
            heard = await self._held(answered, prompts)
        finally:
            await answered.hang_up()
        await self._told("BYE", from_here)
        for finding in of_sound(self._trial(phone, answered, from_here), self._asked(heard)):
            yield finding

    def _trial(self, phone: SipPhone, answered: SipLine | CallAttempt, from_here: int) -> Trial:
        """What is known of a call by now. `from_here`: where in the trace it begins."""
        line = answered if isinstance(answered, SipLine) else None
        return Trial(
            attempt=line.attempt if line else cast("CallAttempt", answered),
            messages=self._messages(from_here),
            statistics=line.statistics if line else Statistics(),
            ended=line.ended if line else None,
            exchange=str(phone.exchange.address) if phone.exchange else "",
            has_password=bool(phone.account.password),
            caller_id=phone.account.caller_id,
            rtp_ports=phone.policy.rtp_ports,
        )

    def _may_be_our_number(self, phone: SipPhone, trial: Trial) -> bool:
        rang = any(each.status in (180, 183) for each in trial.messages)
        return bool(phone.account.caller_id) and trial.attempt.sip_code in _PERHAPS_CALLER_ID and not rang

    async def _goes_without_caller_id(self, phone: SipPhone, callee: str) -> bool:
        """A second call, which is hung up as soon as it rings out or is answered."""
        self.wanted.tells("dial_again", caller_id=phone.account.caller_id)
        phone.account = replace(phone.account, caller_id="")
        answered = await phone.dial(target_of(callee, phone))
        if isinstance(answered, SipLine):
            await answered.hang_up()
            return True
        return answered.outcome in (CallOutcome.NO_ANSWER, CallOutcome.BUSY)

    def _asked(self, heard: Heard) -> Heard:
        return heard if heard.wants_echo or heard.keys else replace(heard, says_heard=self.wanted.asks())

    async def _held(self, line: SipLine, prompts: Prompts | None) -> Heard:
        if prompts is None:
            return await echoed(line, self.wanted.tells, self.patience)
        return await talked(line, prompts, self.wanted.tells, self.patience)

    async def _told(self, method: str, from_here: int = 0) -> None:
        """Wait for the final answer to such a request of ours: the trace is later than what happens by it."""
        for _ in range(_LOOKS):
            seen = len(self.trace)
            await asyncio.sleep(_ANSWER_SECONDS / _LOOKS)
            if seen == len(self.trace) and finals(self._messages(from_here), method):
                return

    def _messages(self, from_here: int = 0) -> tuple[Message, ...]:
        """Those since, and all about registering."""
        found = [(at >= from_here, parsed(text)) for at, text in enumerate(self.trace)]
        return tuple(each for late, each in found if each and (late or each.method == "REGISTER"))


def _prompts(config: Config, language: str) -> Prompts:
    """What the trial says, and no more: other prompts may lack their sound. Raises Problem where these do."""
    wordings = {f"doctor.{key}": text for key, text in load_texts(language).below("voice.doctor").items()}
    try:
        library = load_prompts(wordings, prompt_folders_of(config, language), find_synthesiser())
        return Prompts(*(library.audio(f"doctor.{key}") for key in ("hello", "press", "speak", "done")))
    except (MissingPromptError, AudioFileError) as error:
        raise Problem(str(error)) from error
