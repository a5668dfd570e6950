"""What `digest --json` gives a script."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from models.digest import Digest, Figures
from survey.digest_json import to_json
from tests import digest_samples

SAMPLES = [digest_samples.rich, digest_samples.small, digest_samples.empty, digest_samples.norrkoping]
DOCUMENT = Path(__file__).parents[2] / "docs" / "statistics.md"


def keys(plain: object) -> set[str]:
    if isinstance(plain, list):
        return set().union(*map(keys, plain))
    if isinstance(plain, dict):
        return set(plain) | set().union(*map(keys, plain.values()))
    return set()


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_survives_json(sample: Callable[[], Digest]) -> None:
    plain = to_json(sample())
    assert json.loads(json.dumps(plain, ensure_ascii=False)) == plain


def test_norrkopings_figures() -> None:
    bemotande, _, leverans = to_json(digest_samples.norrkoping())["questions"]
    assert bemotande["week"]["n"] == 60
    assert bemotande["week"]["percent"] == {"bra": 87, "ok": 10, "dåligt": 3}
    assert leverans["week"]["counts"] == {"bra": 21, "ok": 13, "dåligt": 16}
    assert bemotande["change"]["reason"] == "no_history"


def test_a_hidden_cell_gives_nothing_away() -> None:
    row = to_json(digest_samples.norrkoping())["groups"]["unit"][2]
    assert row["name"] == "Spår"
    assert row["questions"]["leverans"]["recent"] == {"hidden": "protected", "minimum": 7}


def test_every_figure_of_the_digest_is_there() -> None:
    digest = digest_samples.rich()
    shown = [each.week for each in digest.questions] + [
        cell.recent for table in digest.groups for row in table.rows for cell in row.cells
    ]
    written = json.dumps(to_json(digest))
    assert all(f'"n": {cell.n}' in written for cell in shown if isinstance(cell, Figures))


def test_every_key_is_documented() -> None:
    fixed = keys({**to_json(digest_samples.rich()), "groups": []})
    fixed |= keys(to_json(digest_samples.rich())["groups"]["customer_type"])
    fixed -= {*digest_samples.QUESTIONS, "bra", "ok", "dåligt"}
    fixed -= {*to_json(digest_samples.rich())["account"]["not_asked"], "chat", "web"}
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [key for key in sorted(fixed) if f"`{key}`" not in text] == []
