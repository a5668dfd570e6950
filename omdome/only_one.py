"""At most one of us, or how many: locks that end with the process, however it ends."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class TakenError(Exception):
    """Another process holds the lock; the message says which."""


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`; raises TakenError when another process does.

    The operating system lets go of it when the process ends, so that nothing is left to clean up after a crash.
    On systems without flock (Windows) nothing is locked.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise TakenError(f"process {file.read().strip() or 'unknown'} holds {path}") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def among_us(path: Path) -> Iterator[tuple[bool, Callable[[], None]]]:
    """Be one of those who work with what the lock file at `path` stands for.

    Yields whether nobody else is at it, and what lets others in; until that is called they wait at their start. On
    systems without flock nobody is known to be alone.
    """
    try:
        import fcntl
    except ImportError:
        yield False, lambda: None
        return
    with path.open("a", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = True
        except BlockingIOError:
            fcntl.flock(file, fcntl.LOCK_SH)
            alone = False
        yield alone, lambda: fcntl.flock(file, fcntl.LOCK_SH)
