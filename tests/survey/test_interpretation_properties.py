"""What holds for every reply, however it is typed."""

import unicodedata
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from models.rating import Rating, ReplyKind
from omdome.lexicons import load_lexicon
from survey.interpretation import interpret, interpret_yes_no

SWEDISH = load_lexicon("sv")
PRAISE = ("bra", "jättebra", "trevligt", "nöjd", "hjälpsamt", "snabbt", "toppen", "perfekt", "okej", "godkänt")
BLAME = ("dåligt", "kasst", "uselt", "otrevligt", "segt", "skitdåligt", "värdelöst")
IDIOMS = ("under all kritik", "inget att klaga på", "kunde inte varit bättre", "fick aldrig svar", "tummen upp", "👍🏽")
COMMANDS = ("vet inte", "hoppa över", "stopp", "ring inte mer", "va?", "en gång till")
REPLIES = (*PRAISE, *BLAME, *IDIOMS, *COMMANDS, "inte bra", "inte så dåligt", "bra men segt", "bra antar jag", "braxen")

replies = st.sampled_from(REPLIES)
verdicts = st.sampled_from((*PRAISE, *BLAME))
negations = st.sampled_from(("inte", "inte alls", "inte så", "ej", "icke", "knappast", "inte särskilt", "aldrig"))
frames = st.sampled_from(("{}", "det var {}", "jag tycker det var {}", "bemötandet var {}", "ja, {}", "nja {}"))
SLIPS: tuple[Callable[[str, str, int], str], ...] = (
    lambda word, letter, at: word[:at] + letter + word[at:],
    lambda word, letter, at: word + letter,
    lambda word, letter, at: word[:at] + letter + word[at + 1 :],
    lambda word, letter, at: word[:at] + word[at + 1 :],
    lambda word, letter, at: word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
)
invisible = st.sampled_from(("\u200b", "\u200d", "\ufeff", "\u00ad", "\u2060"))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), st.booleans())
def test_any_text_is_understood_as_something(reply: str, digits_offered: bool) -> None:
    meant = interpret(reply, SWEDISH, digits_offered=digits_offered)
    assert 0 <= meant.confidence <= 1
    interpret_yes_no(reply, SWEDISH)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(sorted(SWEDISH.words)), max_size=12))
def test_any_words_of_the_lexicon_are_understood_as_something(words: list[str]) -> None:
    interpret(" ".join(words), SWEDISH)


@settings(deadline=None)
@given(replies, st.sampled_from(("NFC", "NFD")), st.sampled_from((str, str.upper, str.title)), st.integers(0, 3))
def test_typing_changes_nothing(reply: str, form: str, case: type[str], blanks: int) -> None:
    typed = " " * blanks + unicodedata.normalize(form, case(reply)).replace(" ", " " * (blanks + 1)) + "\t" * blanks
    assert interpret(typed, SWEDISH) == interpret(reply, SWEDISH)


@settings(deadline=None)
@given(replies, invisible, st.integers(0, 30))
def test_invisible_characters_change_nothing(reply: str, character: str, at: int) -> None:
    assert interpret(reply[:at] + character + reply[at:], SWEDISH) == interpret(reply, SWEDISH)


@given(st.sampled_from("👍👎👏👌🖕"), st.sampled_from(("🏻", "🏼", "🏽", "🏾", "🏿", "\ufe0f")))
def test_skin_tones_change_nothing(emoji: str, tone: str) -> None:
    assert interpret(emoji + tone, SWEDISH) == interpret(emoji, SWEDISH)


@settings(deadline=None)
@given(frames, verdicts, negations)
def test_a_negated_verdict_is_never_the_same_rating(frame: str, verdict: str, negation: str) -> None:
    plain = interpret(frame.format(verdict), SWEDISH)
    denied = interpret(frame.format(f"{negation} {verdict}"), SWEDISH)
    if plain.kind is ReplyKind.RATING:
        assert denied.kind is ReplyKind.NO_MATCH or denied.rating is not plain.rating
    if (verdict in PRAISE) or negation != "inte alls":  # "inte alls otrevligt" is praise
        assert denied.rating is not Rating.BRA or denied.kind is ReplyKind.NO_MATCH


@settings(deadline=None)
@given(st.sampled_from(PRAISE), st.sampled_from(BLAME), st.sampled_from((" och ", " men ", ", ", ". ", " nej ", " ")))
def test_praise_and_blame_together_are_never_rated(praise: str, blame: str, between: str) -> None:
    assert interpret(praise + between + blame, SWEDISH).kind is ReplyKind.NO_MATCH
    assert interpret(blame + between + praise, SWEDISH).kind is ReplyKind.NO_MATCH


@given(st.integers(0, 10**6))
def test_numbers_rate_nothing_unless_offered(number: int) -> None:
    assert interpret(str(number), SWEDISH).kind is ReplyKind.NO_MATCH
    offered = interpret(str(number), SWEDISH, digits_offered=True)
    assert (offered.kind is ReplyKind.RATING) == (number in (1, 2, 3))


@settings(deadline=None)
@given(verdicts, st.sampled_from("abcdefghijklmnopqrstuvwxyzåäö"), st.integers(0, 20), st.sampled_from(SLIPS))
def test_a_slip_of_a_key_never_turns_a_verdict_around(
    verdict: str, letter: str, at: int, slip: Callable[[str, str, int], str]
) -> None:
    written = slip(verdict, letter, at % len(verdict))
    meant = interpret(written, SWEDISH)
    listed = {written, written.replace("ö", "o", 1)} & set(SWEDISH.words)
    if not listed:  # "otrevligt" is a word of its own
        assert meant.kind is not ReplyKind.RATING or meant.rating is interpret(verdict, SWEDISH).rating


@given(st.sampled_from(("brax", "braxen", "obra", "bradgård", "Okello", "brasilien", "dåligheten", "brandbil")))
def test_parts_of_words_are_not_words(word: str) -> None:
    assert interpret(word, SWEDISH).kind is ReplyKind.NO_MATCH


FRAMES_ABOUT_SOMETHING = (
    "{} är {}",
    "{} var riktigt {}",
    "min {} är {}",
    "{1} {0}",
    "mitt {} blev {} igår",
    "{1} med {0}",
)
FOREIGN = ("vädret", "mage", "hockeymatchen", "vårdcentralen", "katten", "svärmor", "maten", "flyget", "zlatan", "xqzw")


@settings(deadline=None)
@given(st.sampled_from(FRAMES_ABOUT_SOMETHING), st.sampled_from(FOREIGN), verdicts)
def test_a_verdict_on_something_unknown_is_never_a_rating(frame: str, noun: str, verdict: str) -> None:
    assert interpret(frame.format(noun, verdict), SWEDISH).kind is ReplyKind.NO_MATCH


@settings(deadline=None)
@given(replies, st.sampled_from(FOREIGN), st.sampled_from((" ", ", ", ". ")))
def test_an_unknown_word_anywhere_means_no_rating(reply: str, noun: str, between: str) -> None:
    assert interpret(noun + between + reply, SWEDISH).kind is not ReplyKind.RATING
    assert interpret(reply + between + noun, SWEDISH).kind is not ReplyKind.RATING


@settings(deadline=None)
@given(st.sampled_from(("{} tyckte att det var {}", "{} sa att det var {}", "{} tycker ni är {}")), verdicts)
def test_what_others_think_is_never_a_rating(frame: str, verdict: str) -> None:
    for other in ("hon", "min granne", "folk", "handläggaren", "andra"):
        assert interpret(frame.format(other, verdict), SWEDISH).kind is ReplyKind.NO_MATCH


@settings(deadline=None)
@given(verdicts, st.sampled_from(("var det {} tycker du", "tycker du det var {}", "är det {}", "var ni {}", "{}?")))
def test_questions_are_never_ratings(verdict: str, frame: str) -> None:
    assert interpret(frame.format(verdict), SWEDISH).kind is ReplyKind.NO_MATCH
