"""The PKCS#11 URI (RFC 7512) that names the token and the family of key-encryption keys on it.

`pkcs11:token=LABEL;object=NAME?module-path=/…/lib.so`. Keys are called `NAME-1`, `NAME-2`, …; the
default NAME is `jiedun-kek`. The PIN is never part of the URI: it comes from a file or the environment.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from jiedun.errors import BadValue

SCHEME = "pkcs11:"
_PATH = frozenset({"token", "serial", "object", "manufacturer", "model", "type"})
_QUERY = frozenset({"module-path", "pin-source"})


@dataclass(frozen=True, slots=True)
class TokenUri:
    """Which token through which library; `serial` and `pin_source` empty where not given."""

    module: Path
    token: str
    serial: str
    object: str
    pin_source: str


def parse(text: str, module: str = "") -> TokenUri:
    """The token named by a PKCS#11 URI; `module` is the library where the URI names none.
    BadValue where it is not such a URI, holds a PIN, or names no token or no library."""
    if not text.startswith(SCHEME):
        raise BadValue("not a PKCS#11 URI", next_step="pkcs11:token=LABEL?module-path=/…/lib.so")
    path, _, query = text.removeprefix(SCHEME).partition("?")
    named = _pairs(path.split(";"), _PATH) | _pairs(query.split("&"), _QUERY)
    library = named.get("module-path") or module
    if not library:
        raise BadValue("the PKCS#11 URI names no library", next_step="add ?module-path=/…/lib.so")
    if not named.get("token") and not named.get("serial"):
        raise BadValue("the PKCS#11 URI names no token", next_step="add token=LABEL")
    return TokenUri(
        Path(library),
        named.get("token", ""),
        named.get("serial", ""),
        named.get("object", "jiedun-kek"),
        named.get("pin-source", "").removeprefix("file:"),
    )


def _pairs(parts: Iterable[str], known: frozenset[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, parts):
        name, equals, value = part.partition("=")
        if name == "pin-value":
            raise BadValue(
                "a PIN does not belong into a PKCS#11 URI",
                why="command lines and settings are seen by others",
                next_step="put it into a file or the environment",
            )
        if name not in known or not equals or name in found:
            raise BadValue(f"the PKCS#11 URI has a part that is not known: {name[:20]}")
        found[name] = unquote(value)
    return found
