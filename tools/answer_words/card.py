"""Puts the measured figures into the model card, between its two marks; nothing there is written by hand."""

from __future__ import annotations

from pathlib import Path

from tools.answer_words.calibration import Calibration
from tools.answer_words.evaluation import Verdict, by, confusion, shares, table

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
ENGINES = {"kokoro": "Kokoro, 12 held-out voices", "joe": "Piper joe, an engine never trained on"}


def is_answer(verdict: Verdict) -> bool:
    return verdict.example.kind == "word"


def is_other(verdict: Verdict) -> bool:
    return verdict.example.label == "other"


def summary(judged: list[Verdict]) -> dict[str, float]:
    """The figures that the requirements are about, at phone quality and 20 dB, on the judging Kokoro voices."""
    at20 = [v for v in judged if v.example.snr == 20 and v.example.engine == "kokoro"]
    words, others = shares(filter(is_answer, at20)), shares(filter(is_other, at20))
    return {
        "words_20_db": int(words["n"]),
        "right_or_confirmed_20_db": round(words["accepted"] + words["confirmed"], 4),
        "accepted_right_20_db": round(words["accepted"], 4),
        "accepted_wrong_20_db": round(words["accepted wrong"], 4),
        "others_20_db": int(others["n"]),
        "others_accepted_20_db": round(others["accepted wrong"], 4),
    }


def _section(title: str, judged: list[Verdict]) -> list[str]:
    at20 = [verdict for verdict in judged if verdict.example.snr == 20]
    return [
        f"### {title}",
        "Answer words, by signal-to-noise ratio in dB (`None`: no background):",
        table(by(filter(is_answer, judged), lambda example: example.snr), "SNR"),
        "Everything that is no answer word (near-words, negations, mixed replies, other speech):",
        table(by(filter(is_other, judged), lambda example: example.snr), "SNR"),
        "By word, at 20 dB:",
        table(by(filter(is_answer, at20), lambda example: example.label), "word"),
        _alike(by(filter(is_answer, at20), lambda example: example.label)),
        "By kind, at 20 dB (`carried`: an answer in more than one word, as “ganska bra”; to be confirmed at most):",
        table(by(at20, lambda example: example.kind), "kind"),
    ]


def _alike(words: dict[str, list[Verdict]]) -> str:
    """The clips have more of some words than of others, so the mean over the words as well."""
    rights = [figures["accepted"] + figures["confirmed"] for figures in map(shares, words.values())]
    return f"Every word counted alike: {100 * sum(rights) / len(rights):.1f} % accepted right or confirmed."


def measured(judged: list[Verdict], calibration: Calibration) -> str:
    parts = []
    for engine, title in ENGINES.items():
        mine = [verdict for verdict in judged if verdict.example.engine == engine]
        if not mine:
            continue
        parts += _section(title, mine)
        for snr in (None, 20, 10, 5):
            parts.append(f"Said and heard, {'no background' if snr is None else f'{snr} dB'} (`other`: asked again):")
            parts.append(confusion([verdict for verdict in mine if verdict.example.snr == snr]))
        parts.append("Answer words by voice, at 20 dB:")
        at20 = [verdict for verdict in mine if verdict.example.snr == 20]
        parts.append(table(by(filter(is_answer, at20), lambda example: example.voice), "voice"))
    human = [verdict for verdict in judged if verdict.example.split == "human"]
    if human:
        parts += [
            "### Real people",
            "Swedish recordings and, as other speech, recordings in "
            f"{len({verdict.example.engine for verdict in human} - {'sv'})} more languages; `n` counts examples.",
            "Answer words:",
        ]
        parts.append(table(by(filter(is_answer, human), lambda e: f"{e.label}, {e.voice}"), "word, recordings"))
        parts += ["Other speech:", table(by(filter(is_other, human), lambda e: e.snr), "SNR")]
        parts.append(
            table(
                by(filter(is_other, human), lambda e: "Swedish" if e.engine == "sv" else "other languages"), "language"
            )
        )
    parts += [
        "### Thresholds",
        f"Temperature {calibration.temperature:.3f}.",
        "| word | confirm from | accept from |\n|---|--:|--:|",
    ]
    parts[-1] += "".join(
        f"\n| {w} | {calibration.confirm[w]:.2f} | {calibration.accept[w]:.3f} |" for w in calibration.accept
    )
    return "\n\n".join(parts)


def write_card(path: Path, text: str) -> None:
    """Raises ValueError if the card has lost its marks."""
    card = path.read_text(encoding="utf-8")
    if BEGIN not in card or END not in card:
        raise ValueError(f"{path}: the marks {BEGIN} and {END} are missing; put them where the figures belong")
    head, tail = card.split(BEGIN)[0], card.split(END)[1]
    path.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}", encoding="utf-8")
