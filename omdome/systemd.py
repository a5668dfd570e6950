"""Telling systemd how the service fares (Type=notify). Elsewhere this does nothing."""

import os
import socket


def notify(state: str) -> None:
    """Send a state, such as "READY=1" or "STOPPING=1", where NOTIFY_SOCKET asks for it: see sd_notify(3)."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(state.encode(), address)
