"""The OpenAPI 3.1 description of the gate's HTTP face, from the types it reads and writes."""

from typing import Any

from jiedun import __version__
from jiedun.gate.interface import Kind, Status
from jiedun.model.evidence import Channel
from jiedun.model.loan import LenderType
from jiedun.model.party import Role

_TEXT: dict[str, Any] = {"type": "string"}
_FLAG: dict[str, Any] = {"type": ["boolean", "null"]}
_NAME: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 256}
_OVERRIDE: dict[str, Any] = {
    "type": ["object", "null"],
    "required": ["by", "reason"],
    "properties": {"by": _TEXT, "reason": _TEXT},
}
_AT: dict[str, Any] = {"type": "string", "format": "date-time"}


def _choice(values: Any) -> dict[str, Any]:
    return {"type": "string", "enum": [str(value) for value in values]}


REQUEST: dict[str, Any] = {
    "type": "object", "additionalProperties": False,
    "required": ["id", "creditor", "debt", "person", "role", "channel", "number", "kind", "at"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 64},
        **dict.fromkeys(("creditor", "debt", "person", "number"), _NAME),
        "role": _choice(Role), "channel": _choice(Channel), "kind": _choice(Kind), "at": _AT,
        "zone": _TEXT, "debtor": {"type": ["string", "null"]}, "agency": _TEXT, "caller": _TEXT,
        "lender_type": _choice(LenderType), "words": {"type": ["string", "null"], "maxLength": 20000},
        "agreed_hours": {"type": ["array", "null"], "items": _TEXT, "minItems": 2, "maxItems": 2},
        **dict.fromkeys(("debtor_reachable", "refusal_on_file", "declared", "in_phonebook"), _FLAG),
        "override": _OVERRIDE,
    },
}  # fmt: skip
OUTCOME: dict[str, Any] = {
    "type": "object", "additionalProperties": False, "required": ["reservation_id", "at", "connected"],
    "properties": {
        "reservation_id": _TEXT, "at": _AT, "connected": {"type": "boolean"},
        "seconds": {"type": ["integer", "null"], "minimum": 0, "maximum": 86400},
        **{name: {"type": "boolean"} for name in ("refused_contact", "wrong_person", "made")},
    },
}  # fmt: skip
DECISION: dict[str, Any] = {
    "type": "object",
    "required": ["id", "request_id", "status", "may_proceed", "reasons", "counters", "rules_version"],
    "properties": {
        "id": _TEXT, "request_id": _TEXT, "status": _choice(Status), "may_proceed": {"type": "boolean"},
        "reasons": {"type": "array", "items": {"type": "object"}}, "rules_version": _TEXT,
        "counters": {"type": "object", "additionalProperties": {"type": "integer"}},
        "not_before": {"type": ["string", "null"]}, "reservation": {"type": ["object", "null"]},
    },
}  # fmt: skip


def _post(summary: str, body: str, answer: dict[str, Any]) -> dict[str, Any]:
    schema = {"schema": {"$ref": f"#/components/schemas/{body}"}}
    return {
        "post": {
            "summary": summary,
            "requestBody": {"required": True, "content": {"application/json": schema}},
            "responses": {
                "200": {"description": "done", "content": {"application/json": {"schema": answer}}},
                "401": {"description": "no such key"}, "403": {"description": "scope missing"},
                "413": {"description": "longer than 64 KiB"}, "415": {"description": "not declared as JSON"},
                "422": {"description": "a field cannot be what it is"},
                "503": {"description": "the store cannot be written"},
            },
        }
    }  # fmt: skip


_DECISION_REF = {"$ref": "#/components/schemas/Decision"}
OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Jiedun gate", "version": __version__},
    "paths": {
        "/v1/decide": _post("A decision before a contact", "Request", _DECISION_REF),
        "/v1/report": _post("What became of a reserved contact", "Outcome", {"type": "object"}),
        "/v1/decisions/{id}": {
            "get": {
                "summary": "A decision made before, by its id or the request's",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": _TEXT}],
                "responses": {
                    "200": {"description": "found", "content": {"application/json": {"schema": _DECISION_REF}}},
                    "404": {"description": "not found"},
                },
            }
        },
        "/metrics": {"get": {"summary": "Prometheus text", "responses": {"200": {"description": "metrics"}}}},
    },
    "components": {
        "schemas": {"Request": REQUEST, "Outcome": OUTCOME, "Decision": DECISION},
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
    },
}  # fmt: skip
