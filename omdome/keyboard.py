"""The terminal's keyboard as a telephone's keypad."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from voice.lines.keypad import KEYS


@contextmanager
def keypad(press: Callable[[str], None]) -> Iterator[bool]:
    """While it lasts, `press` is called with each key of a telephone that is typed, at once and without Return.

    Needs a running event loop. Gives whether there is such a keyboard: a terminal, and a system that has termios.
    """
    try:
        import termios
        import tty
    except ImportError:  # Windows
        yield False
        return
    if not sys.stdin.isatty():
        yield False
        return
    descriptor, loop = sys.stdin.fileno(), asyncio.get_running_loop()
    before = termios.tcgetattr(descriptor)

    def typed() -> None:
        for key in os.read(descriptor, 64).decode(errors="ignore"):
            if key in KEYS:
                press(key)

    tty.setcbreak(descriptor)
    loop.add_reader(descriptor, typed)
    try:
        yield True
    finally:
        loop.remove_reader(descriptor)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
