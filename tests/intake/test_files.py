"""Files as case systems write them."""

import csv
import io
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.columns import DEFAULT_COLUMNS, UnusableFileError
from intake.csv_cases import CsvCases
from intake.files import open_cases
from intake.rows import RowRules
from intake.text_files import numbered_lines
from models.case import ClosedCase
from omdome.settings import Columns
from workflow.intake import RowProblem

RULES = RowRules(zone=ZoneInfo("Europe/Stockholm"), now=datetime(2026, 11, 21, 12, tzinfo=UTC))
NORRKOPING = Path(__file__).parents[2] / "demo" / "norrkoping-2015" / "cases.csv"


def write(folder: Path, content: str | bytes, name: str = "ärenden.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows_of(folder: Path, content: str | bytes, name: str = "ärenden.csv", columns=DEFAULT_COLUMNS) -> list:
    return list(open_cases(write(folder, content, name), columns, RULES))


def refusal(folder: Path, content: str | bytes, name: str = "ärenden.csv") -> str:
    with pytest.raises(UnusableFileError) as refused:
        rows_of(folder, content, name)
    return str(refused.value)


def test_norrkoping_2015_is_read_whole() -> None:
    cases = list(open_cases(NORRKOPING, DEFAULT_COLUMNS, RULES))
    assert len(cases) == 560
    assert all(isinstance(case, ClosedCase) for case in cases)
    assert sum(bool(case.phone) for case in cases) == 93
    assert cases[0].subject == "Potthål"
    assert cases[0].closed_at == datetime(2015, 8, 1, 6, 17, tzinfo=UTC)


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_swedish_headers_in_any_usual_dress(tmp_path: Path, delimiter: str, encoding: str, end: str) -> None:
    lines = [
        ["Ärendenummer", "Avslutat", "Ämne", "E-post"],
        ["TK-1", "2026-11-20 08:17", "Trasig å-bro", "A@example.se"],
    ]
    content = "".join(delimiter.join(line) + end for line in lines).encode(encoding)
    path = write(tmp_path, content)
    cases = open_cases(path, DEFAULT_COLUMNS, RULES)
    (case,) = cases
    assert (case.case_id, case.subject, case.mail) == ("TK-1", "Trasig å-bro", "a@example.se")
    assert cases.encoding == ("cp1252" if encoding == "cp1252" else "utf-8-sig")
    assert isinstance(cases, CsvCases)
    assert cases.delimiter == delimiter


def test_the_configuration_says_what_their_columns_are_called(tmp_path: Path) -> None:
    columns = {**DEFAULT_COLUMNS, "case_id": ["Id nr"], "closed_at": ["Klart"]}
    (case,) = rows_of(tmp_path, "klart;ID-NR\n2026-11-20 08:17;7\n", columns=columns)
    assert case.case_id == "7"


def test_line_numbers_hold_after_quoted_newlines_and_blank_lines(tmp_path: Path) -> None:
    content = 'case_id,closed_at,subject\nA,2026-11-20 08:17,"två\nrader, ""citat"""\n\nB,igår,x\n'
    good, bad = rows_of(tmp_path, content)
    assert good.subject == 'två rader, "citat"'
    assert str(bad).startswith('ärenden.csv, line 5: closed_at "igår": write a time such as')


def test_a_missing_quote_costs_its_own_row_and_no_other(tmp_path: Path) -> None:
    rows = "".join(f"{n},2026-11-20 08:17,x\n" for n in range(200))
    found = rows_of(tmp_path, 'case_id,closed_at,subject\nA,2026-11-20 08:17,"oj\n' + rows)
    assert [type(row) for row in found] == [RowProblem] + [ClosedCase] * 200
    assert "line 2" in str(found[0])
    assert "quote" in str(found[0])


def test_ragged_rows(tmp_path: Path) -> None:
    content = "case_id;closed_at;unit\nA;2026-11-20 08:17\nB;2026-11-20 08:17;Gata;Park\nC;2026-11-20 08:17;Gata;;\n"
    few, many, trailing = rows_of(tmp_path, content)
    assert "3 columns as in the header, this row has 2" in str(few)
    assert "this row has 4" in str(many)
    assert trailing.unit == "Gata"


def test_a_nul_byte_is_one_rows_fault(tmp_path: Path) -> None:
    bad, good = rows_of(tmp_path, "case_id,closed_at\nA\0,2026-11-20 08:17\nB,2026-11-20 08:17\n")
    assert "control characters" in str(bad)
    assert good.case_id == "B"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("\ufeff", "the file is empty"),
        ("namn;stad\nA;B\n", "no column for case_id (case_id, ärendenummer"),
        ("case_id;stad\nA;B\n", "Headers found: case_id, stad"),
        ("case_id;closed_at;Case-ID\n", "stands twice"),
        ("case_id;closed_at\n".encode("utf-16"), "UTF-16"),
        ("case_id;closed_at\n".encode("utf-16-le"), "UTF-16"),
        (b"case_id;closed_at\n\x81\xff", "neither UTF-8 nor Windows-1252"),
        ("x" * (1 << 20), "longer than"),
    ],
)
def test_unusable_files_are_told_in_one_message(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert said in refusal(tmp_path, content)


def test_a_file_that_is_not_there_and_one_of_no_known_kind(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="No such file"):
        open_cases(tmp_path / "x.csv", DEFAULT_COLUMNS, RULES)
    assert "can't tell its format" in refusal(tmp_path, "x", "export.pdf")


def test_extra_columns_are_passed_over_even_when_they_stand_twice(tmp_path: Path) -> None:
    (case,) = rows_of(tmp_path, "sep=,\nnote,case_id,note,closed_at\na,K,b,2026-11-20 08:17\n")
    assert case.case_id == "K"


def test_json_lines(tmp_path: Path) -> None:
    content = (
        '{"ärendenummer": 17, "avslutat": "2026-11-20T08:17", "phone": null, "okänt": {}}\n\n'
        '{"case_id": \n[1]\n' + "[" * 100_000 + "\n"
    )
    good, broken, no_object, deep = rows_of(tmp_path, content, "a.jsonl")
    assert good.case_id == "17"
    assert str(broken).startswith("a.jsonl, line 3: the line")
    assert "write an object" in str(no_object)
    assert "one JSON object a line" in str(deep)


def test_json_lines_that_say_two_things_at_once(tmp_path: Path) -> None:
    content = (
        '{"case_id": "A", "case_id": "B", "closed_at": "2026-11-20T08:17"}\n'
        '{"case_id": "A", "Case ID": "B", "closed_at": "2026-11-20T08:17"}\n'
        '{"case_id": "A", "ärende": "en annan rubrik", "closed_at": "2026-11-20T08:17"}\n'
    )
    same, spelled, fine = rows_of(tmp_path, content, "a.jsonl")
    assert "case_id stands twice in one object" in str(same)
    assert str(spelled) == 'a.jsonl, line 2: case_id "A": give it once; it stands twice'
    assert fine.case_id == "A"


def test_an_import_that_breaks_off_closes_the_file_in_peace(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("case_id,closed_at\n" + "A,2026-11-20 08:17\n" * 3)
    with path.open("rb") as raw:
        lines = numbered_lines(raw, "utf-8-sig")
        next(lines)
    lines.close()


def test_json_lines_are_utf_8(tmp_path: Path) -> None:
    assert "always UTF-8" in refusal(tmp_path, '{"unit": "Spår"}'.encode("cp1252"), "a.jsonl")


def test_progress_reaches_the_size(tmp_path: Path) -> None:
    cases = open_cases(NORRKOPING, DEFAULT_COLUMNS, RULES)
    seen = [cases.position for _ in cases]
    assert seen == sorted(seen)
    assert seen[-1] == cases.size


# ASCII control characters are a row's fault, tested above; here, that any text comes back from where a writer put it
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zs", "Zl", "Zp")), max_size=20)


@given(st.lists(st.tuples(TEXTS, st.sampled_from(["", "\n", '"', ";", ",", '""', "\r\n"])), max_size=8))
def test_what_a_csv_writer_wrote_is_read_back(tmp_path_factory: pytest.TempPathFactory, texts) -> None:
    subjects = [start + middle + start for start, middle in texts]
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";")
    writer.writerow(["case_id", "closed_at", "subject"])
    writer.writerows([f"K{number}", "2026-11-20 08:17", subject] for number, subject in enumerate(subjects))
    found = rows_of(tmp_path_factory.mktemp("csv"), written.getvalue())
    assert [case.case_id for case in found] == [f"K{number}" for number in range(len(subjects))]
    for case, subject in zip(found, subjects, strict=True):
        assert case.subject == unicodedata.normalize("NFC", " ".join(subject.split()))


def test_the_guide_for_the_case_system_names_every_field_and_the_configuration_knows_the_same_headers() -> None:
    guide = (NORRKOPING.parents[2] / "docs" / "case-export.md").read_text(encoding="utf-8")
    assert [names[0] for names in DEFAULT_COLUMNS.values() if f"| `{names[0]}` |" not in guide] == []
    assert {field: tuple(names) for field, names in DEFAULT_COLUMNS.items()} == Columns().model_dump()
