"""Bring uv, the one tool that everything else is installed with. Standard library only; no pip or venv needed.

uv.lock is the only place that says which uv: it is locked in the dependency group `bootstrap`, with the address and
hash of every wheel. A different package index is honoured through the usual variables (UV_DEFAULT_INDEX,
UV_INDEX_URL, PIP_INDEX_URL) or, for a machine without any network, through OMDOME_UV=/path/to/uv.

Usage: python3 tools/bootstrap.py TARGET
"""

from __future__ import annotations

import hashlib
import html.parser
import os
import platform
import shutil
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent


def locked_wheels(lock: Path) -> list[dict[str, str]]:
    """The wheels of uv as uv.lock has them: `url` and `hash` ("sha256:…")."""
    import tomllib

    packages = tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
    return next(package["wheels"] for package in packages if package["name"] == "uv")


def fits(name: str) -> bool:
    """Whether a wheel of that name runs on this machine."""
    machine = platform.machine().lower()
    if sys.platform == "darwin":
        return "macosx" in name and name.endswith(f"_{machine}.whl")
    family = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return family in name and name.endswith(f"_{machine}.whl")


def choose(wheels: list[dict[str, str]]) -> dict[str, str]:
    """The first wheel that fits; stops with a message when none does."""
    for wheel in wheels:
        if fits(file_name(wheel["url"])):
            return wheel
    sys.exit(
        f"bootstrap: uv has no wheel for {sys.platform} on {platform.machine()}. Install uv by hand and run again "
        "with OMDOME_UV=/path/to/uv"
    )


def file_name(url: str) -> str:
    return url.rsplit("/", 1)[-1]


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.extend(value for key, value in attrs if tag == "a" and key == "href" and value)


def from_own_index(index: str, name: str) -> str:
    """The address of the same file on another package index (its "simple" page for uv)."""
    page = index.rstrip("/") + "/uv/"
    links = _Links()
    with urllib.request.urlopen(page, timeout=60) as answer:
        links.feed(answer.read().decode("utf-8"))
    for link in links.found:
        if urllib.parse.urlsplit(link).path.endswith(name):
            return urllib.parse.urljoin(page, link)
    sys.exit(f"bootstrap: the package index you set has no {name}")


def download(url: str, target: Path) -> None:
    """Fetch with a progress line; stops with what to do when it can't."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer, target.open("wb") as out:
            size = int(answer.headers.get("Content-Length") or 0)
            done = 0
            while piece := answer.read(1 << 18):
                out.write(piece)
                done += len(piece)
                if size and sys.stderr.isatty():
                    print(f"\r  uv {done * 100 // size:3} %", end="", file=sys.stderr, flush=True)
            if sys.stderr.isatty():
                print(file=sys.stderr)
    except (urllib.error.URLError, OSError) as error:
        sys.exit(
            f"bootstrap: could not fetch uv ({error}). The first run needs the network; behind a proxy set "
            "HTTPS_PROXY, with a package index of your own UV_DEFAULT_INDEX, without a network OMDOME_UV=/path/to/uv"
        )


def unpack(wheel: Path, target: Path) -> None:
    """Take the uv program out of its wheel and put it in place in one move."""
    with zipfile.ZipFile(wheel) as archive:
        member = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        partial = target.with_suffix(".partial")
        with archive.open(member) as source, partial.open("wb") as out:
            shutil.copyfileobj(source, out)
    partial.chmod(0o755)
    partial.replace(target)


def main() -> None:
    if sys.version_info < OLDEST:
        version = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"bootstrap: Omdöme needs Python 3.11 or newer, this is {version}; try: make PYTHON=python3.12 demo")
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    if given := os.environ.get("OMDOME_UV"):
        shutil.copy(given, target)
        return
    wheel = choose(locked_wheels(ROOT / "uv.lock"))
    name = file_name(wheel["url"])
    index = next(
        (os.environ[key] for key in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL") if os.environ.get(key)), None
    )
    print("Setting up (once): uv and the locked dependencies …", file=sys.stderr)
    partial = target.parent / (name + ".partial")
    download(from_own_index(index, name) if index else wheel["url"], partial)
    found = "sha256:" + hashlib.sha256(partial.read_bytes()).hexdigest()
    if found != wheel["hash"]:
        partial.unlink()
        sys.exit(f"bootstrap: {name} is not what uv.lock promises (got {found}); nothing was installed")
    unpack(partial, target)
    partial.unlink()


if __name__ == "__main__":
    main()
