"""One module a command (or group of commands), imported only when it is wanted: see `omdome.cli`.

A module offers `app`, a Typer made with `add_completion=False`, and imports what is heavy (storage, aiogram) inside
its functions, so that `--help` stays quick.
"""
