"""What a directory with a Vosk model holds, found out without loading it.

File names and defaults are those of vosk-api 0.3.45, `src/model.cc`: layout 2 keeps its files in am/, conf/ and
graph/, layout 1 has them all at the top.
"""

import re
from dataclasses import dataclass
from pathlib import Path

_KALDI_RATE = 16000  #: `sample-frequency` where the feature configuration doesn't name one
_NAME = re.compile(r"vosk[-_]model[-_](?:small[-_])?(?P<language>[a-z]{2,3})(?:[-_]|$)")
_RATE = re.compile(r"^\s*--sample-frequency\s*=\s*(\d+)", re.MULTILINE)


class NoModelError(ValueError):
    """The directory holds no usable Vosk model. The message says what is missing, and where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechModel:
    """A Vosk model on disk."""

    directory: Path
    name: str  #: "vosk-model-small-sv-rhasspy-0.15"
    language: str  #: "sv", from the name; "" where the name doesn't tell
    rate: int  #: samples a second that it was trained on
    dynamic: bool  #: words to listen for can be chosen at run time (a grammar); else it decodes freely
    bytes: int  #: on disk

    @property
    def engine(self) -> str:
        """As it is stored with an answer."""
        return f"vosk/{self.name}"


def inspect(directory: Path) -> SpeechModel:
    """The model in `directory`. Raises NoModelError."""
    if not directory.is_dir():
        raise NoModelError(f"{directory}: no such directory; give the unpacked directory of a Vosk model")
    am, conf, graph = _layout(directory)
    _require(directory, am / "final.mdl")
    features = _require(directory, conf / "mfcc.conf", conf / "fbank.conf")
    if am != directory:
        _require(directory, conf / "model.conf")
    static = (graph / "HCLG.fst").is_file()
    if static:
        _require(directory, graph / "HCLG.fst")
        _require(directory, graph / "words.txt")
    else:
        _require(directory, graph / "HCLr.fst", graph / "HCLG.fst")
        _require(directory, graph / "Gr.fst")
        _require(directory, graph / "disambig_tid.int")
    named = directory.resolve()
    name = named.parent.name if named.name == "model" else named.name
    return SpeechModel(
        directory=directory,
        name=name,
        language=language_of(name),
        rate=_rate(features),
        dynamic=not static,
        bytes=sum(file.stat().st_size for file in directory.rglob("*") if file.is_file()),
    )


def language_of(name: str) -> str:
    """The language in a model's usual name: "vosk-model-small-sv-rhasspy-0.15" is "sv"; "" where there is none."""
    found = _NAME.match(name)
    return found["language"] if found else ""


def installed(models_dir: Path) -> list[SpeechModel]:
    """The models in `models_dir`, one a directory, the one to be used for a language before its others.

    Large ones come before small ones, and newer versions before older. What is no model isn't there.
    """
    found = []
    for directory in sorted(models_dir.iterdir()) if models_dir.is_dir() else []:
        if directory.name.startswith("."):
            continue
        try:
            found.append(inspect(directory))
        except NoModelError:
            continue
    return sorted(found, key=_rank, reverse=True)


def model_for(language: str, models_dir: Path) -> SpeechModel | None:
    """The installed model to be used for `language`, if there is one."""
    return next((model for model in installed(models_dir) if model.language == language), None)


def _rank(model: SpeechModel) -> tuple[bool, list[int], str]:
    return "small" not in model.name, [int(part) for part in re.findall(r"\d+", model.name)], model.name


def _layout(directory: Path) -> tuple[Path, Path, Path]:
    """Where the acoustic model, the configuration and the graph are."""
    if (directory / "final.mdl").is_file():
        return directory, directory, directory
    return directory / "am", directory / "conf", directory / "graph"


def _require(directory: Path, *either: Path) -> Path:
    """The first of these files that is there and isn't empty."""
    for file in either:
        if file.is_file() and file.stat().st_size:
            return file
    names = " or ".join(str(file.relative_to(directory)) for file in either)
    empty = any(file.is_file() for file in either)
    raise NoModelError(f"{directory}: no Vosk model: {names} is {'empty' if empty else 'missing'}")


def _rate(features: Path) -> int:
    found = _RATE.search(features.read_text("utf-8", errors="replace"))
    return int(found[1]) if found else _KALDI_RATE
