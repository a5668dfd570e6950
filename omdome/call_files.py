"""The files that a call leaves: where they may go is settled before it, so that nothing of anybody's is overwritten."""

import json
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from omdome.console import MISUSE, Problem


def check_targets(mixed: Path | None, transcript: Path | None, replies: Iterable[str]) -> None:
    """Raises Problem where a call's sound or transcript can't or mustn't be written; makes the folders they need."""
    spoken = [Path(reply) for reply in replies]
    if mixed is not None:
        _check("--to", mixed, spoken, _is_wav, "is no WAV file")
    if transcript is not None:
        _check("--transcript", transcript, spoken, _is_transcript, "is no transcript of a call")
    if mixed is not None and transcript is not None and _same(mixed, transcript):
        raise Problem(f"--to and --transcript: both name {mixed}; give each a file of its own", MISUSE)


def write_private(path: Path, content: bytes) -> None:
    """Somebody's words or voice: for whoever asked for them, and no other user of the machine. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)


def _check(option: str, path: Path, spoken: list[Path], is_ours: Callable[[Path], bool], what_else: str) -> None:
    try:
        if path.is_dir():
            raise Problem(f"{option} {path}: is a folder; write the name of a file in it", MISUSE)
        if any(_same(path, each) for each in spoken):
            raise Problem(f"{option} {path}: is one of the replies, and would be overwritten; name another", MISUSE)
        if path.exists():
            if not path.is_file() or not is_ours(path):
                raise Problem(f"{option} {path}: exists, and {what_else}; it is not overwritten, name another", MISUSE)
            path.open("ab").close()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise Problem(f"{option} {path}: can't be written ({error.strerror})", MISUSE) from error


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))


def _is_wav(path: Path) -> bool:
    with path.open("rb") as file:
        beginning = file.read(12)
    return beginning[:4] == b"RIFF" and beginning[8:] == b"WAVE"


def _is_transcript(path: Path) -> bool:
    """Whether its first line is one of `voice.transcript.json_lines`."""
    with path.open("rb") as file:
        beginning = file.readline(100_000)
    try:
        entry = json.loads(beginning)
    except ValueError:
        return False
    return isinstance(entry, dict) and {"who", "seconds"} <= entry.keys()
