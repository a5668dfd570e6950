"""Remakes the pictures of the digest and the invitation in docs/images: `.venv/bin/python -m tools.screenshots`.

Needs Chromium (Debian: apt-get install chromium fonts-noto-color-emoji), and `make demo` before: the pictures show its
invented half-year. Where pngquant is installed, the files get smaller.
"""

import html
import shutil
import subprocess
import tempfile
from pathlib import Path

PROJECT = Path(__file__).parent.parent
IMAGES = PROJECT / "docs" / "images"
DIGEST = PROJECT / "out" / "demo" / "half-year.html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars")
FLAGS += ("--disable-background-networking", "--disable-component-update", "--disable-sync")
#: file name, width, height, dark
PICTURES = (
    ("digest-light.png", 720, 1760, False),
    ("digest-dark.png", 720, 1760, True),
    ("digest-360.png", 360, 1760, False),
)
INVITATIONS = (
    ("invitation-light.png", 600, 940, False),
    ("invitation-dark.png", 600, 940, True),
    ("invitation-360.png", 360, 1120, False),
)


def browser() -> str | None:
    """Chromium's command, if there is one on this machine."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def chromium(arguments: list[str], dark: bool = False) -> str:
    """Run Chromium with an empty profile; returns what it prints. `dark` is what prefers-color-scheme says."""
    command = browser()
    if command is None:
        raise SystemExit("no Chromium found; on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as profile:
        scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
        done = subprocess.run(
            [command, *FLAGS, scheme, f"--user-data-dir={profile}", *arguments],
            check=True,
            capture_output=True,
            text=True,
            timeout=90,
        )
    return done.stdout


def framed(digest: str, width: int, height: int, script: str = "") -> str:
    """A page that shows the digest in a frame: Chromium's own window can't be narrower than some 500 pixels."""
    style = f"width:{width}px;height:{height}px;border:0;display:block"
    frame = f'<iframe style="{style}" srcdoc="{html.escape(digest, quote=True)}"></iframe>'
    return f'<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">{frame}{script}</body>'


def screenshot(digest: str, target: Path, width: int, height: int, dark: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        page.write_text(framed(digest, width, height), "utf-8")
        chromium([f"--window-size={width},{height}", f"--screenshot={target}", page.as_uri()], dark)
    squeeze(target)


def invitation() -> str:
    """The mail to a customer, in Swedish, with all that it can have."""
    from omdome.invitation_preview import browsable
    from tests.delivery.invitations import about, mails

    return browsable(mails().payload(about()))


def squeeze(target: Path) -> None:
    if shutil.which("pngquant"):
        subprocess.run(["pngquant", "--force", "--ext", ".png", "--strip", "64", str(target)], check=True)


def main() -> None:
    if not DIGEST.exists():
        raise SystemExit(f"there is no {DIGEST.relative_to(PROJECT)}; run make demo first")
    digest = DIGEST.read_text("utf-8")
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, width, height, dark in PICTURES:
        target = IMAGES / name
        screenshot(digest, target, width, height, dark)
        print(f"{target.relative_to(PROJECT)}  {target.stat().st_size // 1024} KB")
    for name, width, height, dark in INVITATIONS:
        screenshot(invitation(), IMAGES / name, width, height, dark)
    chart = IMAGES / "digest-chart.png"
    shutil.copyfile(DIGEST.with_suffix(".png"), chart)
    squeeze(chart)


if __name__ == "__main__":
    main()
