"""What the organisation and its machine decide about the Vosk engine."""

from dataclasses import dataclass, field
from datetime import timedelta

from workflow.backoff import Backoff


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Confidences (0..1) from which a hearing is accepted, or confirmed; below both it is asked again.

    Vosk's word confidences are posteriors within its lattice, not calibrated probabilities: how they were chosen is in
    docs/speech-models.md.
    """

    accept: float = 0.9
    confirm: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class VoskSettings:
    """How many ears there are, and how long they may be silent."""

    workers: int = 1  #: processes; each loads the model for itself (0.5 GB for a small one)
    recognizers: int = 2  #: utterances at once in each worker; as many as it may use processor cores
    thresholds: Thresholds = field(default_factory=Thresholds)
    finish_seconds: float = 2.0  #: a result that takes longer is lost
    hang_seconds: float = 8.0  #: a worker that owes an answer for this long is killed
    load_seconds: float = 120.0  #: a worker that isn't ready by then is killed
    backoff: Backoff = field(
        default_factory=lambda: Backoff(first=timedelta(seconds=0.5), longest=timedelta(seconds=60))
    )
