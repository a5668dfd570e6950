"""How many replies are understood, how many wrongly, and how fast. `python bench/interpretation.py [LABELLED.tsv …]`

A labelled file has `reply<TAB>kind<TAB>rating` a line; lines that begin with "# " are comments. A reply is *clear* when
its label is a rating or a command. *Wrong* is a rating that the label doesn't have, or a command that it isn't.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from models.rating import Interpretation, ReplyKind
from omdome.lexicons import load_lexicon
from survey.interpretation import interpret

ROOT = Path(__file__).resolve().parent.parent


def labelled(path: Path) -> Iterator[tuple[str, str, str]]:
    """Reply, kind and rating of each labelled line."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("# ") and line.count("\t") >= 1:
            reply, kind, rating, *_ = [*line.split("\t"), ""]
            yield reply, kind.strip(), rating.strip()


def is_right(meant: Interpretation, kind: str, rating: str) -> bool:
    """Whether the kind is the label's and, of a rating, the rating too."""
    return meant.kind == kind and (kind != ReplyKind.RATING or meant.rating == rating)


def main(arguments: list[str]) -> None:
    """Print the table, and each reply that wasn't understood as labelled when `-v` is among the arguments."""
    named = [Path(name) for name in arguments if name != "-v"]
    paths = named or sorted((ROOT / "tests/golden/replies").glob("*.tsv"))
    table = Table("file", "replies", "clear", "understood", "wrong", "asked in vain", "replies/s")
    console = Console()
    for path in paths:
        lexicon = load_lexicon("en" if path.stem.startswith("en") else "sv")
        rows = list(labelled(path))
        begun = time.perf_counter()
        results = [interpret(reply, lexicon) for reply, _, _ in rows]
        seconds = time.perf_counter() - begun
        clear = understood = wrong = 0
        for (reply, kind, rating), meant in zip(rows, results, strict=True):
            right = is_right(meant, kind, rating)
            clear += kind != ReplyKind.NO_MATCH
            understood += kind != ReplyKind.NO_MATCH and right
            wrong += not right and meant.kind is not ReplyKind.NO_MATCH
            if "-v" in arguments and not right:
                mark = "WRONG" if meant.kind is not ReplyKind.NO_MATCH else "asked"
                print(f"{mark}\t{reply}\t{kind} {rating}\t-> {meant.kind} {meant.rating or ''} {meant.unclear or ''}")
        table.add_row(
            path.name, str(len(rows)), str(clear), f"{understood / max(clear, 1):.1%}",
            f"{wrong} ({wrong / max(len(rows), 1):.2%})", str(clear - understood), f"{len(rows) / seconds:.0f}",
        )  # fmt: skip
    console.print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
