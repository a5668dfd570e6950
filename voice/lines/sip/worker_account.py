"""What the stack is configured with, from what the supervisor wants (`voice.lines.sip.phone`)."""

from typing import Any

from baresip import Account, Config

_REGISTERED_SECONDS = 300  #: another process of ours may take our place there, and give it up when it ends


def config_of(wanted: dict[str, Any]) -> Config:
    first, last = wanted["rtp_ports"]
    port = wanted["listen_port"]
    if port and wanted["transport"] == "tls":
        port -= 1  # for TLS the stack takes the next
    lines = [
        f"sip_listen {wanted['local']}:{port}",
        f"sip_transports {wanted['transport']}",  # no other way in: each connection of a stranger's costs a descriptor
        f"rtp_ports {first}-{last}",
        "audio_jitter_buffer_type off",  # with it on, another call's end stalls the audio for 50 ms
        "sip_verify_server yes",
        "dns_getaddrinfo yes",  # with TLS the exchange is called by name: the same as ours
    ]
    lines += [f"sip_cafile {wanted['ca_file']}"] if wanted["ca_file"] else []
    lines += [f"sip_capath {wanted['ca_folder']}"] if wanted["ca_folder"] else []
    return Config(
        net_interface=wanted["local"],
        max_concurrent_calls=None,  # the supervisor counts: the stack caps incoming calls alone
        rtp_timeout=wanted["dead_seconds"],
        expose_headers=("P-Asserted-Identity", "Privacy"),
        sip_trace=True,
        extra_config_text="".join(f"{line}\n" for line in lines),
    )


def account_of(wanted: dict[str, Any]) -> Account:
    more = ["catchall=yes"]  # calls to us are addressed to our number, which isn't our name
    more += ["video_codecs=none"]  # or each call to us is negotiated anew, to leave video out
    more += ["mediaenc=srtp-mand"] if wanted["srtp"] else []
    return Account(
        wanted["username"],
        wanted["domain"],
        wanted["password"],
        registrar=wanted["exchange"] or None,
        reg_interval=_REGISTERED_SECONDS if wanted["registers"] else 0,
        transport=wanted["transport"],
        auth_user=wanted["auth_username"] or None,
        audio_codecs=tuple(wanted["codecs"]),
        extra_params=tuple(more),
    )
