"""At most one of us: a lock that ends with the process, however it ends."""

import os
from collections.abc import Iterator
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
