"""Whether a comment reads as praise: three bra and a comment may as well be a new fault."""

from collections.abc import Sequence

from models.rating import Rating, ReplyKind
from survey.interpretation import interpret
from survey.lexicon import Lexicon


def is_praise(comments: Sequence[str], lexicons: Sequence[Lexicon]) -> bool:
    """Whether there are words, and all of them are understood as "bra" in one of the languages; in doubt, no."""
    said = [comment for comment in comments if comment.strip()]
    return bool(said) and all(any(_is_good(comment, lexicon) for lexicon in lexicons) for comment in said)


def _is_good(comment: str, lexicon: Lexicon) -> bool:
    meant = interpret(comment, lexicon)
    return meant.kind is ReplyKind.RATING and meant.rating is Rating.BRA
