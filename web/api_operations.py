"""One operation of the API: its address, who may call it, what it takes and answers."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_origin

from aiohttp import web
from pydantic import BaseModel, ValidationError

from models.access import Scope
from web.api_access import Access
from web.api_shapes import Shape
from web.problems import ProblemError

_SHOWN = 40  # characters of a wrong value in its message


@dataclass(frozen=True, slots=True)
class Call:
    """A request that may be answered: who calls may do `scopes`, and `query` has been read."""

    request: web.Request
    scopes: frozenset[Scope]
    query: Any = None  #: an instance of the operation's `query`


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`path` as in OpenAPI; `route` where aiohttp's spelling differs. `scope` None: anybody may."""

    name: str
    method: str
    path: str
    summary: str
    description: str = ""
    scope: Scope | None
    handle: Callable[[Call], Awaitable[web.StreamResponse]]
    route: str = ""
    parameters: tuple[Mapping[str, object], ...] = ()  #: path and headers, as in OpenAPI
    query: type[BaseModel] | None = None
    body: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  #: content type → JSON schema
    schemas: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  #: that `body` refers to, by name
    answers: Mapping[int, tuple[str, type[BaseModel] | None]]  #: status → what it means, its shape
    problems: Mapping[int, str] = field(default_factory=dict)  #: further ones than everything has


def add_operation(app: web.Application, operation: Operation, access: Access) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        scopes = await access.scopes(request, operation.scope) if operation.scope else frozenset[Scope]()
        query = read_query(operation.query, request) if operation.query else None
        return await operation.handle(Call(request, scopes, query))

    app.router.add_route(operation.method, operation.route or operation.path, answer)


def shaped(shape: Shape, status: int = 200) -> web.Response:
    """The answer as JSON."""
    return web.Response(status=status, text=shape.model_dump_json(), content_type="application/json")


def read_query(model: type[BaseModel], request: web.Request) -> BaseModel:
    """The query string, strictly: raises ProblemError 422 also for names that the operation doesn't know."""
    found: dict[str, object] = {}
    many = {
        each.alias or name for name, each in model.model_fields.items() if get_origin(each.annotation) in (list, tuple)
    }
    for name in request.query:
        values = request.query.getall(name)
        if name in many:
            found[name] = values
        elif len(values) > 1:
            raise unprocessable([(name, values[1], f"give {name} once")])
        else:
            found[name] = values[0]
    return read_shape(model, found)


def read_shape(model: type[BaseModel], found: object) -> BaseModel:
    """Raises ProblemError 422 with all that is wrong."""
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise unprocessable(
            [(".".join(map(str, each["loc"])), each["input"], _expected(each)) for each in error.errors()]
        ) from None


def unprocessable(faults: Sequence[tuple[str, object, str]]) -> ProblemError:
    """422: field, value and what would be right, for each fault."""
    errors = [{"field": name, "value": shown(value), "expected": expected} for name, value, expected in faults]
    said = "; ".join(f"{name or 'the body'}: {expected}" for name, _, expected in faults)
    return ProblemError(422, "Unprocessable Content", said, more={"errors": errors})


def shown(value: object) -> str:
    """A wrong value as it can be shown in one line."""
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in written)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


_EXPECTED = {
    "missing": "is required",
    "extra_forbidden": "there is no such thing here; leave it out",
    "model_type": "send one object",
    "string_type": "write it as text, in quotes",
}


def _expected(error: Any) -> str:
    message: str = error["msg"]
    return _EXPECTED.get(error["type"], message.removeprefix("Value error, "))
