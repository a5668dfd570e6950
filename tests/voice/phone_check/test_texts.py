"""No text of the doctor's is told by nobody."""

import ast
from pathlib import Path

from omdome.texts import load_texts
from voice import phone_check
from voice.phone_check.findings import Step


def test_every_text_is_told_by_somebody() -> None:
    sources = Path(phone_check.__file__).parent.glob("*.py")
    words = {
        node.value
        for source in sources
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    texts = load_texts("sv").below("doctor")
    keys = {key.split(".")[1].removesuffix("_without_keys") for key in texts if key.split(".")[0] in set(Step)}
    assert keys - words == {"ok"} - words  # "ok" is what nobody has to say


def test_every_step_has_a_name() -> None:
    assert list(load_texts("sv").below("doctor.step")) == list(Step)
