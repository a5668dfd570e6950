"""What phones and mail programs make links of."""

import re

_LINK_LIKE = re.compile(r"://|www\.|\w\w\.[a-z]{2,}\b|\.[a-z]{2,}/|@\w", re.IGNORECASE)


def holds_link(words: str) -> bool:
    """Whether something in `words` may become a link: a message of ours must not lead where a stranger wrote."""
    return bool(_LINK_LIKE.search(words))
