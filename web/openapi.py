"""The OpenAPI 3.1 document, made from the operations that the server serves."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from models.access import Scope
from web.api_operations import Operation
from web.api_shapes import NoCases, Problem

_REFERENCE = "#/components/schemas/{model}"
_BEARER = "token"

#: What any operation may answer; those after 400 only where a token is needed.
_ALWAYS = {
    400: "it isn't HTTP, or not of the kind that was promised",
    429: "too many requests; Retry-After says when to come back",
    503: "the database can't take it now; nothing was stored, send it again",
}
_WITH_TOKEN = {401: "token missing or wrong", 403: "the token lacks the scope"}


def document(operations: Sequence[Operation], title: str, version: str) -> dict[str, object]:
    """The whole document, as JSON."""
    shapes, schemas = _schemas(operations)
    paths: dict[str, dict[str, object]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, shapes)
    named = {name: schema for operation in operations for name, schema in operation.schemas.items()}
    scopes = ", ".join(Scope)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": "docs/api.md tells how to use it."},
        "paths": paths,
        "components": {
            "schemas": {**schemas, **named},
            "securitySchemes": {
                _BEARER: {"type": "http", "scheme": "bearer", "description": f"Each token has some of: {scopes}."}
            },
        },
    }


Shapes = Mapping[Any, Mapping[str, Any]]  #: (shape, mode) → its schema


def _schemas(operations: Iterable[Operation]) -> tuple[Shapes, dict[str, Any]]:
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization"), (NoCases, "serialization")]
    for operation in operations:
        wanted += [(shape, "serialization") for _, shape in operation.answers.values() if shape is not None]
    shapes, together = models_json_schema(sorted(set(wanted), key=str), ref_template=_REFERENCE)
    return shapes, together["$defs"]


def _described(operation: Operation, shapes: Shapes) -> dict[str, object]:
    described: dict[str, object] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "security": [{_BEARER: []}] if operation.scope else [],
        "responses": _responses(operation, shapes),
    }
    told = [operation.description, f"Scope: {operation.scope}." if operation.scope else "Needs no token."]
    described["description"] = " ".join(filter(None, told))
    parameters = [*operation.parameters, *_query(operation.query)]
    if parameters:
        described["parameters"] = parameters
    if operation.body:
        content = {kind: {"schema": schema} for kind, schema in operation.body.items()}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _query(model: type[BaseModel] | None) -> list[dict[str, object]]:
    if model is None:
        return []
    schema = model.model_json_schema(ref_template=_REFERENCE)
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _inlined(each, schema.get("$defs", {}))}
        for name, each in schema["properties"].items()
    ]


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The schema of a query parameter, standing on its own; what isn't given is left out, so there is no null."""
    if isinstance(schema, list):
        return [_inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    kept = {key: _inlined(each, definitions) for key, each in schema.items() if key not in ("default", "title")}
    choices = [each for each in kept.get("anyOf", []) if each != {"type": "null"}]
    return {**{key: each for key, each in kept.items() if key != "anyOf"}, **choices[0]} if len(choices) == 1 else kept


def _responses(operation: Operation, shapes: Shapes) -> dict[str, object]:
    responses: dict[str, Any] = {}
    for status, (meaning, shape) in operation.answers.items():
        responses[str(status)] = {"description": meaning}
        if shape is not None:
            schema = shapes[shape, "serialization"]
            kind = "application/json" if status < 400 else "application/problem+json"
            responses[str(status)]["content"] = {kind: {"schema": schema}}
    problems = {**_ALWAYS, **(_WITH_TOKEN if operation.scope else {}), **operation.problems}
    for status, meaning in sorted(problems.items()):
        if str(status) in responses:
            continue
        responses[str(status)] = {
            "description": meaning,
            "content": {"application/problem+json": {"schema": shapes[Problem, "serialization"]}},
        }
    return responses
