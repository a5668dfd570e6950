"""One module a command (or group of commands), imported only when it is wanted: see `omdome.cli`.

A module offers a function of the command's name, or for a group of commands a Typer as `app`. It imports what is heavy
(storage, aiogram) inside its functions, so that `--help` stays quick.
"""
