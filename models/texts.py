"""Every text that a person reads, by key."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: What looks like a phone number in a sentence: pages and mails break no line inside it.
PHONE_NUMBER = re.compile(r"\+?\d[\d -]{5,}\d")


class MissingTextError(KeyError):
    """A text key that the locale lacks: a bug, caught by the tests that render every key."""


@dataclass(frozen=True, slots=True)
class Texts:
    """One language's texts: dotted keys ("chat.thanks") to `str.format` templates.

    `texts("chat.ask", number=1, total=3)` renders; an unknown key raises MissingTextError.
    """

    language: str
    table: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        try:
            template = self.table[key]
        except KeyError:
            raise MissingTextError(f"{self.language}: {key}") from None
        return template.format(**values) if values else template

    def has(self, key: str) -> bool:
        return key in self.table

    def below(self, prefix: str) -> dict[str, str]:
        """The texts whose keys start with `prefix.`, without it, in the file's order."""
        start = prefix + "."
        return {key[len(start) :]: text for key, text in self.table.items() if key.startswith(start)}
