"""The API: what it offers, in one list that the routes and the OpenAPI document are both made from."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from models.access import Scope
from models.digest import DigestPolicy
from web.api_access import Access
from web.api_cases import LONGEST_CASE_ID, CaseLookup
from web.api_operations import Call, Operation, add_operation
from web.api_optouts import OptOuts, ReadAddress
from web.api_results import Results
from web.api_results_shapes import AskedResults, ResultsQuery
from web.api_shapes import KnownCase, NoCases, Refusal, StoredCases
from web.case_api import CaseApi, ParseCase
from web.case_bodies import JSON_LINES_TYPES, JSON_TYPES, MAX_ITEMS
from web.openapi import document
from workflow.converse import SurveyPolicy
from workflow.ports import Clock, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """What the API needs to know.

    `parser_at(now)` gives what reads one JSON object as a closed case, such as `intake.jsonl_cases.ObjectParser`, and
    `case_schema` is what it takes, as a JSON schema. `version` is the document's.
    """

    organisation: str
    version: str
    policy: SurveyPolicy
    parser_at: Callable[[datetime], ParseCase]
    case_schema: Mapping[str, object]
    read_address: ReadAddress
    figures: DigestPolicy


def add_api(app: web.Application, store: Store, clock: Clock, access: Access, settings: ApiSettings) -> None:
    """Serve /api/…"""
    offered = operations(store, clock, settings)
    for operation in offered:
        add_operation(app, operation, access)
    described = _Document(f"Omdöme, {settings.organisation}", settings.version)
    itself = Operation(
        name="openapi",
        method="GET",
        path="/api/openapi.json",
        summary="This document",
        scope=None,
        handle=described.handle,
        answers={200: ("OpenAPI 3.1", None)},
    )
    described.write(offered)
    add_operation(app, itself, access)


def operations(store: Store, clock: Clock, settings: ApiSettings) -> list[Operation]:
    """All that the API does, but for telling about itself."""
    return [
        _put_cases(CaseApi(store, clock, settings.parser_at), settings.case_schema),
        _get_case(CaseLookup(store)),
        _get_results(Results(store, clock, settings.figures, settings.policy.zone)),
        _put_optout(OptOuts(store, clock, settings.read_address, settings.policy)),
    ]


def _put_cases(api: CaseApi, case: Mapping[str, object]) -> Operation:
    one = {"$ref": "#/components/schemas/ClosedCase"}
    one_or_many = {"oneOf": [one, {"type": "array", "items": one, "maxItems": MAX_ITEMS}]}
    lines = {"type": "string", "description": "one case a line"}
    return Operation(
        name="put_cases",
        method="POST",
        path="/api/cases",
        summary="Report closed cases",
        description="The same case and time of closing again updates what is known, or changes nothing.",
        scope=Scope.CASES_WRITE,
        handle=api.handle,
        parameters=(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "the same key and body again get the first answer again",
                "schema": {"type": "string", "pattern": r"^[\x21-\x7e]+$", "minLength": 1, "maxLength": 255},
            },
        ),
        body={JSON_TYPES[0]: one_or_many, JSON_LINES_TYPES[0]: lines},
        schemas={"ClosedCase": case},
        answers={
            200: ("all are stored, or were known already", StoredCases),
            207: ("some are stored; errors has the others", StoredCases),
            422: ("none could be used, or the Idempotency-Key came with another body before", NoCases),
        },
        problems={413: "too much at once; send fewer at a time", 415: "neither JSON nor JSON Lines in UTF-8"},
    )


def _get_case(lookup: CaseLookup) -> Operation:
    return Operation(
        name="get_case",
        method="GET",
        path="/api/cases/{case_id}",
        route="/api/cases/{case_id:.+}",
        summary="What became of a case",
        description="The customer's addresses and the survey's link are never in it.",
        scope=Scope.CASES_READ,
        handle=lookup.handle,
        parameters=(
            {
                "name": "case_id",
                "in": "path",
                "required": True,
                "description": "as in the case system; a / in it as %2F",
                "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_CASE_ID},
            },
        ),
        answers={200: ("the case's closings, newest first", KnownCase)},
        problems={404: "there is no such case here, or it has been erased"},
    )


def _get_results(figures: Results) -> Operation:
    return Operation(
        name="get_results",
        method="GET",
        path="/api/results",
        summary="The figures of a period",
        description="As on the managers' page: small groups are hidden, and what would give them away. At most two of "
        "unit, customer_type, channel and group_by can be combined; of more everything is hidden.",
        scope=Scope.RESULTS_READ,
        handle=figures.handle,
        query=ResultsQuery,
        answers={200: ("the figures", AskedResults)},
        problems={422: "no period that is over, or no such parameter"},
    )


def _put_optout(optouts: OptOuts) -> Operation:
    return Operation(
        name="put_optout",
        method="POST",
        path="/api/optouts",
        summary="Somebody doesn't want to be asked",
        description="From now on, in every channel; their open surveys end. Sending it again does no harm. "
        "It can't be taken back here.",
        scope=Scope.OPTOUTS_WRITE,
        handle=optouts.handle,
        body={JSON_TYPES[0]: Refusal.model_json_schema()},
        answers={204: ("noted, whether they were known or not", None)},
        problems={413: "too large", 415: "not JSON in UTF-8", 422: "no address that can be read"},
    )


class _Document:
    def __init__(self, title: str, version: str) -> None:
        self._title, self._version, self._text = title, version, ""

    def write(self, offered: Sequence[Operation]) -> None:
        self._text = json.dumps(document(offered, self._title, self._version), ensure_ascii=False)

    async def handle(self, call: Call) -> web.Response:
        return web.Response(text=self._text, content_type="application/json")
