"""The keyboard of a terminal as a telephone's keypad."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from voice.lines.keypad import KEYS


@contextmanager
def terminal_keys(press: Callable[[str], None], terminal: TextIO | None = None) -> Iterator[bool]:
    """While inside, each key typed of 0123456789*# is told to `press`, without Enter; other keys do nothing.

    `terminal` is standard input unless told. Yields whether there is a terminal to type at: not in a pipe, and not on
    systems without termios (Windows); then nothing happens. Ctrl-C works as ever, and the terminal is as it was
    afterwards, whatever happened. To be used in a running event loop.
    """
    source = terminal or sys.stdin
    try:
        import termios
        import tty

        descriptor = source.fileno()
        before = termios.tcgetattr(descriptor)
    except (ImportError, OSError, ValueError, termios.error):
        yield False
        return
    loop = asyncio.get_running_loop()
    try:
        tty.setcbreak(descriptor)
        loop.add_reader(descriptor, _read, loop, descriptor, press)
        yield True
    finally:
        loop.remove_reader(descriptor)
        with suppress(termios.error):  # the terminal's window was closed
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _read(loop: asyncio.AbstractEventLoop, descriptor: int, press: Callable[[str], None]) -> None:
    try:
        typed = os.read(descriptor, 1024)
    except OSError:
        typed = b""
    if not typed:  # the terminal is gone: it would be ready to be read for ever
        loop.remove_reader(descriptor)
    for letter in typed.decode("ascii", "ignore"):
        if letter in KEYS:
            press(letter)
