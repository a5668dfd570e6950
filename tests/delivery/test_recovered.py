"""What the digest says of those who were asked again after a fix, in all of its forms."""

import io
import zipfile
from dataclasses import replace
from html import unescape

import pytest

from delivery.digest_html import digest_html
from delivery.digest_telegram import CAPTION, digest_telegram
from delivery.digest_text import digest_text
from delivery.files import digest_xlsx
from models.digest import Digest, Recovery
from omdome.texts import load_texts
from survey.digest_json import to_json
from tests import digest_samples

SV, EN = load_texts("sv"), load_texts("en")


def having(recovered: Recovery | None) -> Digest:
    return replace(digest_samples.rich(), recovered=recovered)


SHOWN = having(Recovery(asked=12, answered=9, recovered=7, minimum=7))
FEW = having(Recovery(asked=5, answered=3, recovered=None, minimum=7))
NOBODY = having(Recovery(asked=1, answered=0, recovered=None, minimum=7))


def strings_of(xlsx: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(xlsx)) as archive:
        return archive.read("xl/sharedStrings.xml").decode()


def in_one_line(digest: Digest) -> str:
    return " ".join(digest_text(digest, SV).split())


def test_the_share_stands_with_its_n() -> None:
    assert (
        "Efter åtgärd ============ De senaste 4 veckorna har 12 missnöjda kunder fått frågan igen, efter att ni har "
        "försökt rätta till det som blev dåligt. 9 har svarat, och för 7 av dem är inget dåligt längre (78 %, n = 9)."
    ) in in_one_line(SHOWN)
    words = unescape(digest_html(SHOWN, SV)).replace("\N{NO-BREAK SPACE}", " ")
    assert "för 7 av dem är inget dåligt längre (78 %, n = 9)." in words


def test_few_answers_are_not_told_what_they_were() -> None:
    assert "3 har svarat. Det är för få för att visa hur det gick, det krävs minst 7 svar." in in_one_line(FEW)
    assert "har 1 missnöjd kund fått frågan igen" in in_one_line(NOBODY)
    assert "Ingen av dem har svarat än." in in_one_line(NOBODY)


def test_where_nobody_was_asked_again_nothing_is_said() -> None:
    assert "Efter åtgärd" not in digest_text(having(None), SV)
    assert "After the fix" not in digest_html(having(None), EN)
    assert to_json(having(None))["recovered"] is None


@pytest.mark.parametrize(
    ("digest", "said"),
    [
        (SHOWN, "Efter åtgärd: inget dåligt längre för 7 av 9 som har svarat igen (78 %, n = 9)."),
        (FEW, "Efter åtgärd: 3 har svarat igen, för få för att visa hur det gick."),
        (NOBODY, "Efter åtgärd: ingen har svarat igen än."),
    ],
)
def test_the_caption_holds_it(digest: Digest, said: str) -> None:
    arguments = digest_telegram(digest, SV, 1, chart=False, mailed=True)["arguments"]
    assert isinstance(arguments, dict)
    assert said in arguments["text"].splitlines()
    assert len(arguments["text"]) <= CAPTION


def test_the_workbook_and_scripts_have_the_numbers() -> None:
    names = ("Tillfrågade igen efter åtgärd", "Svarade igen", "Inget dåligt längre")
    assert all(name in strings_of(digest_xlsx(SHOWN, SV)) for name in names)
    assert not any(name in strings_of(digest_xlsx(having(None), SV)) for name in names)
    shown = {"hidden": None, "minimum": 7, "asked": 12, "n": 9, "recovered": 7, "percent": 78}
    assert to_json(SHOWN)["recovered"] == shown
    hidden = {"hidden": "protected", "minimum": 7, "asked": 5, "n": 3, "recovered": None, "percent": None}
    assert to_json(FEW)["recovered"] == hidden
