"""Tables as files that a spreadsheet opens, and in which what people wrote is never a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter  # type: ignore[import-untyped]

Value = str | int | None
Table = list[list[Value]]

#: A spreadsheet reads a cell that starts with one of these as a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def as_xlsx(sheets: Iterable[tuple[str, Table]], title: str, organisation: str) -> bytes:
    """A workbook with a sheet for each table, whose first row is its heading. No formulas, no links."""
    output = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(output, settings) as workbook:
        workbook.set_properties({"title": title, "company": organisation})
        bold = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        for name, table in sheets:
            sheet = workbook.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for column in range(len(table[0])):
                sheet.set_column(column, column, _width(table, column))
            for number, row in enumerate(table):
                sheet.write_row(number, 0, row, bold if number == 0 else None)
    return output.getvalue()


def as_csv(table: Table) -> bytes:
    """For Swedish Excel: UTF-8 with a byte order mark, semicolons, CRLF."""
    output = io.StringIO()
    writer = csv.writer(output, delimiter=";", lineterminator="\r\n")
    writer.writerows([_safe(value) for value in row] for row in table)
    return output.getvalue().encode("utf-8-sig")


def _safe(value: Value) -> Value:
    """An apostrophe before what a spreadsheet would take for a formula; it shows the rest as it stands."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def _width(table: Sequence[Sequence[Value]], column: int) -> int:
    return min(60, max(9, *(len(str(row[column] or "")) + 2 for row in table[1:]), len(str(table[0][column])) // 2))
