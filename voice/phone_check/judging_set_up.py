"""What stands between us and the exchange, from settings to registration: observations → findings. Pure."""

from collections.abc import Sequence

from voice.lines.sip.settings import SipAccount
from voice.phone_check.findings import Finding, Step, odd, unknown, well, wrong
from voice.phone_check.messages import Message, finals, has_proved_itself, is_private
from voice.phone_check.reaching import Reached

_UNNAMED = SipAccount().username  #: who we are where nobody said so
_REGISTER_REFUSED = {
    404: "unknown_user",
    604: "unknown_user",
    405: "no_registrar",
    501: "no_registrar",
    423: "interval",
}


def of_configuration(account: SipAccount, *, stack: bool, authorities: bool = True) -> Finding:
    """`stack`: whether the SIP stack is installed on this machine; `authorities`: whether the `ca_file` is there."""
    if not stack:
        return wrong(Step.CONFIGURATION, "no_stack")
    if not account.host:
        return wrong(Step.CONFIGURATION, "no_host")
    if not authorities:
        return wrong(Step.CONFIGURATION, "no_authorities", file=account.ca_file)
    if account.registers and account.username == _UNNAMED:
        return odd(Step.CONFIGURATION, "no_username", username=account.username)
    if account.registers and not account.password:
        return odd(Step.CONFIGURATION, "no_password", username=account.username)
    return well(
        Step.CONFIGURATION,
        host=account.host,
        port=account.port,
        transport=account.transport.upper(),
        username=account.username,
    )


def without_exchange() -> Finding:
    """A telephone on this machine is called straight."""
    return unknown(Step.CONFIGURATION, "direct")


def of_reach(account: SipAccount, reached: Reached) -> list[Finding]:
    """Name, port, certificate (TLS alone) and address, as far as it went."""
    host, port, transport = account.host, account.port, account.transport.upper()
    if reached.name_fault:
        return [wrong(Step.NAME, reached.name_fault, host=host)]
    address = reached.addresses[0]
    found = [] if host == address else [well(Step.NAME, host=host, addresses=", ".join(reached.addresses))]
    if not reached.local:
        return [*found, wrong(Step.ADDRESS, "no_way", address=address)]
    found.append(_of_port(reached, {"address": address, "port": port, "transport": transport}))
    if reached.certificate_fault:
        found.append(wrong(Step.CERTIFICATE, reached.certificate_fault, host=host, words=reached.certificate_words))
    elif transport == "TLS" and reached.contact in ("answered", "silent"):
        found.append(well(Step.CERTIFICATE, host=host))
    return [*found, _of_address(reached)]


def _of_port(reached: Reached, values: dict[str, object]) -> Finding:
    if reached.contact == "answered":
        answer = reached.answer
        server = (answer.header("server") or answer.header("user-agent")) if answer else ""
        return well(Step.PORT, "named" if server else "ok", **values, server=server[:60])
    if reached.contact == "silent":
        return unknown(Step.PORT, "silent" if values["transport"] == "UDP" else "silent_stream", **values)
    return wrong(Step.PORT, reached.contact, **values)


def _of_address(reached: Reached) -> Finding:
    seen = reached.answer.seen_as if reached.answer else ""
    if seen and seen != reached.local:
        return odd(Step.ADDRESS, "translated", local=reached.local, seen=seen)
    if not seen and is_private(reached.local) and not is_private(reached.addresses[0]):
        return odd(Step.ADDRESS, "behind_nat", local=reached.local)
    return well(Step.ADDRESS, "ok" if seen else "local", local=reached.local)


def of_registration(account: SipAccount, messages: Sequence[Message], trouble: str) -> Finding:
    """`trouble`: why no calls can be made, as `SipPhone.trouble` says; "" where they can."""
    if not trouble:
        return well(Step.REGISTER, username=account.username) if account.registers else unknown(Step.REGISTER, "none")
    answers = finals(messages, "REGISTER")
    if not account.registers:
        return wrong(Step.REGISTER, "not_ready", words=trouble)
    if not answers:
        key = "silent" if any(each.ours and each.method == "REGISTER" for each in messages) else "not_sent"
        return wrong(Step.REGISTER, key, host=account.host, words=trouble)
    last, proved = answers[-1], has_proved_itself(messages, "REGISTER")
    values: dict[str, object] = {"code": last.status, "reason": last.reason, "username": account.username}
    if last.status in (401, 407) and not account.password:
        return wrong(Step.REGISTER, "no_password", **values)
    if last.status in (401, 407) or (last.status == 403 and proved):
        return wrong(Step.REGISTER, "wrong_password", **values)
    if last.status == 403:
        return wrong(Step.REGISTER, "forbidden", **values)
    if last.status >= 500 and last.status not in _REGISTER_REFUSED:
        return wrong(Step.REGISTER, "exchange_trouble", **values)
    return wrong(Step.REGISTER, _REGISTER_REFUSED.get(last.status, "refused"), **values)
