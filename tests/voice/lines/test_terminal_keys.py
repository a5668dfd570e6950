"""Keys typed at a real (pseudo) terminal."""

import asyncio
import os
import termios
from collections.abc import Iterator
from typing import TextIO

import pytest

from voice.lines.terminal_keys import terminal_keys


def pseudo_terminal() -> tuple[int, int]:
    try:
        return os.openpty()
    except OSError:
        pytest.skip("this machine has no pseudo-terminals (/dev/pts)")


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    """The person's end of a terminal, and the program's."""
    person, program = pseudo_terminal()
    with os.fdopen(program) as stream:
        yield person, stream
    os.close(person)


async def test_keys_arrive_without_enter_and_other_letters_dont(terminal: tuple[int, TextIO]) -> None:
    person, stream = terminal
    pressed: asyncio.Queue[str] = asyncio.Queue()
    with terminal_keys(pressed.put_nowait, stream) as at_terminal:
        assert at_terminal
        os.write(person, "1a*å\x1b[A#\n0".encode())
        async with asyncio.timeout(5):
            assert [await pressed.get() for _ in range(4)] == ["1", "*", "#", "0"]


async def test_the_terminal_is_as_before_also_when_the_call_broke(terminal: tuple[int, TextIO]) -> None:
    person, stream = terminal
    before = termios.tcgetattr(stream.fileno())
    pressed: list[str] = []
    with pytest.raises(RuntimeError, match="broke"), terminal_keys(pressed.append, stream):  # noqa: PT012
        assert termios.tcgetattr(stream.fileno()) != before
        raise RuntimeError("the call broke")
    assert termios.tcgetattr(stream.fileno()) == before
    os.write(person, b"1\n")
    await asyncio.sleep(0.05)
    assert pressed == []


async def test_a_window_that_is_closed_ends_the_keys_and_nothing_else() -> None:
    person, program = pseudo_terminal()
    with os.fdopen(program) as stream, terminal_keys([].append, stream):
        os.close(person)
        await asyncio.sleep(0.05)
        assert not asyncio.get_running_loop().remove_reader(stream.fileno())


async def test_a_pipe_has_no_keys() -> None:
    read, write = os.pipe()
    with os.fdopen(read) as stream, terminal_keys([].append, stream) as at_terminal:
        assert not at_terminal
    os.close(write)
