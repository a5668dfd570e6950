"""`voice …`: what the phone hears with and speaks with: devices, speech models, prompts, and how it hears."""

import typer

from omdome.lazy_commands import LazyCommands


class VoiceCommands(LazyCommands):
    modules = {  # noqa: RUF012 - a ClassVar of the base
        "doctor": "omdome.commands.voice_doctor",
        "listen": "omdome.commands.voice_listen",
        "models": "omdome.commands.voice_models",
        "prompts": "omdome.commands.voice_prompts",
        "recordings": "omdome.commands.voice_recordings",
        "devices": "omdome.commands.voice_sound",
        "level": "omdome.commands.voice_sound",
    }


app = typer.Typer(cls=VoiceCommands, add_completion=False, no_args_is_help=True)


@app.callback()
def voice() -> None:
    """What the phone hears with and speaks with: recogniser, speech models, prompts, microphone; and recorded calls."""
