"""What `readers` take, as a JSON schema: for the API's document. A test sends what the schema allows and forbids."""

from collections.abc import Mapping, Sequence

from intake.rows import CASE_ID_LENGTH, REQUIRED
from intake.values import CUSTOMERS, LANGUAGES, TEXT_LENGTH

_PRINTABLE = r"^[^\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f]*$"
_TIME = r"[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-][01][0-9]:[0-5][0-9])?"
_DAY = r"(19[7-9][0-9]|20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_SCALAR = ["string", "integer", "boolean", "null"]  #: a number or true is read as it is written
_LOCAL = "without an offset: local time of the organisation"

_TEXT: Mapping[str, object] = {"type": _SCALAR, "maxLength": TEXT_LENGTH, "pattern": _PRINTABLE}
_MAIL: Mapping[str, object] = {"type": ["string", "null"], "format": "mail-address"}

_FIELDS: Mapping[str, Mapping[str, object]] = {
    "case_id": {
        "type": ["string", "integer"],
        "minLength": 1,
        "maxLength": CASE_ID_LENGTH,
        "pattern": r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$",
        "description": "the case's number",
    },
    "closed_at": {
        "type": "string",
        "pattern": f"^{_DAY}{_TIME}$",
        "format": "time-of-closing",
        "description": f"when it was closed, with time of day; {_LOCAL}; not in the future",
    },
    "opened_at": {
        "type": ["string", "null"],
        "pattern": f"^({_DAY}({_TIME})?)?$",
        "format": "time-of-opening",
        "description": "when it came in; a date alone will do; not after closed_at",
    },
    "unit": {**_TEXT, "description": "verksamhet; what the digest counts by"},
    "subject": {**_TEXT, "description": "in the system's own categories; never free text"},
    "handler_mail": _MAIL,
    "mail": _MAIL,
    "phone": {"type": ["string", "null"], "format": "phone-number"},
    "customer_type": {"enum": [*CUSTOMERS, "", None]},
    "auto_closed": {
        "enum": [True, False, "ja", "nej", "", None],
        "description": "nobody closed it: a rule, a duplicate",
    },
}


def case_schema(columns: Mapping[str, Sequence[str]], languages: Sequence[str]) -> dict[str, object]:
    """One closed case, under the names that `columns` gives our fields (the first; the others are told)."""
    properties: dict[str, object] = {}
    for field, names in columns.items():
        if not names:
            continue
        schema = dict(_FIELDS.get(field, _TEXT))
        if field == "language":
            known = [name for name, code in LANGUAGES.items() if code in languages]
            schema = {"enum": [*languages, *known, "", None]}
        if also := names[1:]:
            told = [str(schema["description"])] if "description" in schema else []
            schema["description"] = "; ".join([*told, f"also known as {', '.join(also)}"])
        properties[names[0]] = schema
    return {
        "title": "ClosedCase",
        "type": "object",
        "required": [columns[field][0] for field in REQUIRED],
        "properties": properties,
        "description": "One closing of a case. Other members are passed over.",
    }
