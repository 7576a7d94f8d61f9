"""The OpenAPI 3.1 description of the vault's HTTP face, made from the list of its acts."""

from typing import Any

from jiedun import __version__
from jiedun.vault import rights
from jiedun.vault.acts import ACTS, Served
from jiedun.vault.consent import Scope

_TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 256}
_SUBJECT = {"type": "string", "pattern": "^[0-9a-fA-F]{32}$"}
_NOTE = {"type": "string", "maxLength": 2000}
_HASH = {"type": "string", "minLength": 64, "maxLength": 64, "description": "SHA-256 of the notice"}
_CONSENT: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["receipt", "purpose", "notice"],
    "properties": {
        "receipt": {"type": "string", "minLength": 1, "maxLength": 64, "description": "used once"},
        "purpose": _TEXT,
        "scope": {"type": "string", "enum": [s.value for s in Scope], "default": "general"},
        "detail": {"type": "string", "maxLength": 256, "description": "a field or a recipient"},
        "notice": _HASH,
    },
}
_FIELDS: dict[str, Any] = {
    "values": {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 256},
    "purposes": {"type": "array", "items": _TEXT, "minItems": 1},
    "consents": {"type": "array", "items": {"$ref": "#/components/schemas/Consent"}},
    "fields": {"type": "array", "items": _TEXT, "minItems": 1},
    "subjects": {"type": "array", "items": _SUBJECT, "minItems": 1, "maxItems": 10_000},
    "kind": {"type": "string", "enum": [k.value for k in rights.Kind]},
    "to": {"type": "string", "enum": [s.value for s in rights.State]},
    "most": {"type": "integer", "minimum": 1},
    "value": {"type": "string"},
    "note": _NOTE,
    "why": _NOTE,
    **_CONSENT["properties"],
}
_OPTIONAL = frozenset({"consents", "scope", "detail", "note", "values"})
_ERRORS = {
    "400": "the Host is not this machine", "401": "no such key, or no actor",
    "403": "scope, role, approval or recipient", "404": "no such person or request",
    "409": "replayed, not in that state, or under a legal hold", "413": "the body is too long",
    "415": "not application/json", "422": "a field cannot be what it is, or is refused",
    "429": "the actor's pace", "503": "disk, database, log or token: nothing is acknowledged",
}  # fmt: skip


def _schema(act: Served) -> dict[str, Any]:
    must = [
        f for f in act.fields if f not in _OPTIONAL or (f == "values" and "purposes" in act.fields)
    ]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": must,
        "properties": {name: _FIELDS.get(name, _TEXT) for name in act.fields},
    }


def _operation(act: Served) -> dict[str, Any]:
    made: dict[str, Any] = {
        "summary": act.summary,
        "security": [{"key": [act.scope]}],
        "responses": {
            "200": {"description": "done"},
            **{
                code: {
                    "description": words,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Error"}}
                    },
                }
                for code, words in _ERRORS.items()
            },
        },
    }
    if "{id}" in act.path:
        made["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": _TEXT}]
    if act.method == "POST":
        made["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _schema(act)}},
        }
    return made


def describe() -> dict[str, Any]:
    """The description, ready to be spelled as JSON."""
    paths: dict[str, Any] = {}
    for act in ACTS:
        paths.setdefault(act.path, {})[act.method.lower()] = _operation(act)
    healthy = {"200": {"description": "well"}, "503": {"description": "a database does not answer"}}
    paths["/healthz"] = {"get": {"summary": "Whether it can work", "responses": healthy}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Jiedun vault", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": {
                "Consent": _CONSENT,
                "Error": {
                    "type": "object",
                    "required": ["error", "words"],
                    "properties": {"error": _TEXT, "words": {"type": "string"}},
                },
            },
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }
