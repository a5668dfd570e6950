"""A digest written to a file, in the format that its name asks for."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from delivery.chart import chart_png
from delivery.digest_html import digest_html
from delivery.digest_text import digest_text
from delivery.files import digest_csv, digest_xlsx
from models.digest import Digest
from models.texts import Texts
from omdome.console import MISUSE, Problem
from survey.digest_json import to_json

Written = Callable[[Digest, Texts], bytes]


def _json(digest: Digest, texts: Texts) -> bytes:
    return json.dumps(to_json(digest), ensure_ascii=False, indent=2).encode()


FORMATS: Mapping[str, Written] = {
    ".html": lambda digest, texts: digest_html(digest, texts).encode(),
    ".txt": lambda digest, texts: digest_text(digest, texts).encode(),
    ".json": _json,
    ".xlsx": digest_xlsx,
    ".csv": digest_csv,
    ".png": chart_png,
}


def write_digest(digest: Digest, texts: Texts, path: Path) -> None:
    """Write it, readable for its owner alone. Raises Problem for another format, or when the file can't be written."""
    written = FORMATS.get(path.suffix.lower())
    if written is None:
        raise Problem(f"{path}: end the name in one of {', '.join(FORMATS)}", MISUSE)
    try:
        path.touch(mode=0o600)
        path.write_bytes(written(digest, texts))
    except OSError as error:
        raise Problem(f"{path}: can't be written ({error.strerror})") from error
