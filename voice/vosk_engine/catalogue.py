"""The public models that can be fetched, with what proves that one is whole."""

from dataclasses import dataclass

PUBLISHER = "https://alphacephei.com/vosk/models"  #: of Vosk and its models


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicModel:
    language: str
    name: str
    bytes: int  #: of the zip
    sha256: str  #: of the zip
    licence: str

    def address(self, mirror: str = "") -> str:
        """Where the zip is: below the publisher's or a mirror's folder, unless `mirror` is a zip's own address."""
        return mirror if mirror.endswith(".zip") else f"{(mirror or PUBLISHER).rstrip('/')}/{self.name}.zip"


PUBLIC_MODELS = (
    PublicModel(
        language="sv",
        name="vosk-model-small-sv-rhasspy-0.15",
        bytes=303_504_931,
        sha256="5b54f2ca8cacf9766588d05f6c8ca7e8921f054f050726e29d3516e78aefe054",
        licence="MIT",
    ),
)


def public_model(language: str) -> PublicModel | None:
    return next((model for model in PUBLIC_MODELS if model.language == language), None)
