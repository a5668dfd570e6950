"""The embedded engine tells nobody anything: onnxruntime would gather telemetry, and send it."""

import os
import subprocess
import sys
from pathlib import Path

LOAD = "from voice.answer_words.engine import AnswerWordsEngine; AnswerWordsEngine()"


def test_no_telemetry_is_gathered(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ORT_", "XDG_"))}
    subprocess.run([sys.executable, "-c", LOAD], env=environment | {"HOME": str(tmp_path)}, check=True, timeout=60)
    assert [file for file in tmp_path.rglob("*") if "python" not in str(file).lower()] == []
