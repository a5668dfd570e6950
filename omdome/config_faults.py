"""Faults in config.toml, in words: where it is, what is wrong, what would be right."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from omdome.credentials import Credentials, variable

_SECRET = re.compile(r"token|password|secret|lösenord|api_key")
_SECRETS_ELSEWHERE = "secrets don't go in this file"
_TABLE = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"^\s*([\w-]+)\s*=")
#: pydantic's kinds of fault, in our words; `{}` are the names in the fault's context
_WORDS = {
    "string_type": 'must be text, such as "…"',
    "int_type": "must be a whole number, without quotes",
    "float_type": "must be a number, without quotes",
    "bool_type": "must be true or false, without quotes",
    "tuple_type": 'must be a list, such as ["…", "…"]',
    "dict_type": "must be a table of its own, [section]",
    "model_type": "must be a table of its own, [section]",
    "literal_error": "must be one of {expected}",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "string_too_short": "must not be empty",
    "too_short": "must have at least {min_length}",
    "too_long": "must have at most {max_length}",
    "missing": "is missing",
    "string_pattern_mismatch": "must be two capital letters, such as SE",
    "value_error": "{error}",
}


def not_toml(error: str, name: str) -> str:
    """The fault that tomllib found in the file `name`: the one that people make most in words of ours."""
    if twice := re.fullmatch(r"Cannot declare \((.+?),?\) twice \(at line (\d+), .*\)", error):
        section = twice[1].replace("'", "").replace(", ", ".")
        return f"{name}:{twice[2]}: [{section}] stands twice; write all of its settings under one"
    return f"{name}: is not TOML: {error}"


def explain(errors: Sequence[Mapping[str, Any]], model: type[BaseModel], text: str, name: str) -> list[str]:
    """One line for each of pydantic's `errors`, in the order of `text`, which is what was read from `name`."""
    faults = []
    places = [tuple(error["loc"]) for error in errors]
    for error, where in zip(errors, places, strict=True):
        if error["type"] == "too_short" and any(len(place) > len(where) == _same(place, where) for place in places):
            continue  # pydantic counts only the good items: the bad ones have been told
        line = _line(text, where)
        said = _unknown_key(model, where) if error["type"] == "extra_forbidden" else _wrong_value(error)
        place = f"{name}:{line}" if line else name
        faults.append((line, f"{place}: {_setting(where)}{said}"))
    return [message for _, message in sorted(faults, key=lambda fault: fault[0])]


def _setting(where: tuple[Any, ...]) -> str:
    """("survey", "questions", 0) as "[survey] questions[1]: "; in a list of tables "[[digest.recipients]] 2 name: "."""
    named = [at for at, part in enumerate(where) if isinstance(part, str)]
    if not named:
        return ""
    tables, key, inside = where[: named[-1]], where[named[-1]], where[named[-1] + 1 :]
    if not tables:
        return f"[{key}]: "
    section = ".".join(part for part in tables if isinstance(part, str))
    numbers = [f" {part + 1}" for part in tables if isinstance(part, int)]
    place = f"[[{section}]]{numbers[0]}" if numbers else f"[{section}]"
    return f"{place} {key}{''.join(f'[{part + 1}]' for part in inside if isinstance(part, int))}: "


def _wrong_value(error: Mapping[str, Any]) -> str:
    words = _WORDS.get(error["type"], error["msg"])
    said = str(words.format(**error.get("ctx", {})))
    if said.startswith(_SECRETS_ELSEWHERE):
        return said  # without what was given
    got = error.get("input")
    if isinstance(got, str | int | float | bool) and error["type"] != "missing":
        shown = f'"{got}"' if isinstance(got, str) else str(got).lower()
        return f"is {shown}; {said}"
    return said


def _unknown_key(model: type[BaseModel], where: tuple[Any, ...]) -> str:
    key = str(where[-1])
    if _SECRET.search(key.lower()):
        return f"{_SECRETS_ELSEWHERE}; {_right_variable(where)}"
    known = list(_model_at(model, where[:-1]).model_fields)
    near = get_close_matches(key, known, n=1, cutoff=0.6)
    kind = "section" if len(where) == 1 else "key"
    hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
    return f"unknown {kind}; {hint}"


def _right_variable(where: tuple[Any, ...]) -> str:
    names = list(Credentials.__dataclass_fields__)
    wanted = "_".join(str(part) for part in where).lower().replace("mail", "smtp").replace("web", "api")
    near = get_close_matches(wanted, names, n=1, cutoff=0.5)
    if not near:
        return "set them in the environment, see docs/operations.md"
    return f"set {variable(near[0])} in the environment (or {variable(near[0])}_FILE to a file that holds it)"


def _model_at(model: type[BaseModel], where: Sequence[Any]) -> type[BaseModel]:
    for part in where:
        if not isinstance(part, str):
            continue
        annotation = model.model_fields[part].annotation
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        model = next(item for item in candidates if isinstance(item, type) and issubclass(item, BaseModel))
    return model


def _same(first: tuple[Any, ...], second: tuple[Any, ...]) -> int:
    """How many parts two places share from the start."""
    return sum(1 for one, other in zip(first, second, strict=False) if one == other)


def _line(text: str, where: tuple[Any, ...]) -> int:
    """The line (from 1) of a setting, or of its table when it isn't written out; 0 when neither is found."""
    names = [part for part in where if isinstance(part, str)]
    parent, whole = ".".join(names[:-1]), ".".join(names)
    nth = next((part for part in where[:-1] if isinstance(part, int)), 0)
    table, tables_met, table_line = "", 0, 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            table = header.group(1)
            tables_met += table == parent
            if table == whole or (table == parent and tables_met <= nth + 1):
                table_line = number
        elif (
            (key := _KEY.match(line)) and f"{table}.{key.group(1)}".lstrip(".") == whole and tables_met in (0, nth + 1)
        ):
            return number
    return table_line
