"""Whatever is sent: no fault of ours, and no figure to who isn't signed in."""

from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.report.conftest import House

ODD = [
    "",
    "-",
    "å",
    "\x00",
    "\ud800",
    "2026-W99",
    "0000-W00",
    "9999-W52",
    "2026-W48_",
    "_",
    "' OR 1=1",
    "%",
    "x" * 3000,
]
NAMES = ["period", "fran", "till", "enhet", "kundtyp", "inkanal", "fraga", "omdome", "visa", "till_och_med", "lang"]
PATHS = [
    "/rapport",
    "/rapport/arenden",
    "/rapport/siffror.csv",
    "/rapport/logga-in",
    "/rapport/in/x",
    "/rapport/logga-ut",
]
VALUES = st.one_of(
    st.sampled_from(ODD), st.text(max_size=40), st.sampled_from(["egna", "leverans", "1970-W01_2999-W01"])
)
QUERIES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5)


def query_of(values: dict[str, str]) -> str:
    return "&".join(f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in values.items())


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(path=st.sampled_from(PATHS), query=QUERIES, cookie=st.from_regex(r"[!-:<-~]{0,60}", fullmatch=True))
async def test_a_stranger_gets_no_figure_and_no_fault(
    house: House, path: str, query: dict[str, str], cookie: str
) -> None:
    got = await house.get(f"{path}?{query_of(query)}", headers={"Cookie": f"omdome_report={cookie}"})
    assert got.status < 500
    assert not got.shows_figures
    headers = {"Cookie": f"omdome_report={cookie}", "Content-Type": "application/x-www-form-urlencoded"}
    got = await house.post(f"{path}?{query_of(query)}", data=query_of(query).encode(), headers=headers)
    assert got.status < 500
    assert not got.shows_figures


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(path=st.sampled_from(PATHS[:3]), query=QUERIES)
async def test_nor_does_a_manager_get_a_fault(house: House, path: str, query: dict[str, str]) -> None:
    if "parkchefen" not in house.http:
        await house.sign_in("parkchefen")
    got = await house.get(f"{path}?{query_of(query)}", "parkchefen")
    assert got.status in (200, 400)
    assert "Gata" not in got.text or "Gata" in str(query)


async def test_forms_that_are_none_of_ours(house: House) -> None:
    for options in (
        {"data": b"\xff\xfe", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"json": {"mail": 1}},
        {"data": {"mail": "x" * 100_000}},
        {"data": b"{", "headers": {"Content-Type": "text/html; charset=nonsense"}},
    ):
        got = await house.post("/rapport/logga-in", **options)
        assert 400 <= got.status < 500
        assert "<h1>" in got.text
