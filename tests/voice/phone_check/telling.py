"""A finding as people are told of it: in every language, with all that the text has blanks for."""

import string

from omdome.texts import languages, load_texts
from voice.phone_check.findings import Finding, Verdict

TEXTS = [load_texts(language) for language in languages()]


def told(finding: Finding) -> Finding:
    """The same; fails where a language lacks its text, or a value for it."""
    key = f"doctor.{finding.step}.{finding.key}"
    advises = finding.verdict in (Verdict.WRONG, Verdict.ODD)
    for texts in TEXTS:
        for each in (f"{key}.what", f"{key}.do") if advises else (key,):
            blanks = {name for _, name, _, _ in string.Formatter().parse(texts.table[each]) if name}
            assert blanks <= finding.values.keys(), (texts.language, each)
    return finding
