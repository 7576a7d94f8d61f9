"""What an Android app asks for, against what lending needs.

Reads an APK, or the manifest alone (plain XML, or the binary XML that lies in an APK) through
`pyaxmlparser`. Nothing of the app is run. The permissions asked for in a manifest show what an app
can reach once the person agrees, not what it did.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml

from jiedun import law
from jiedun.errors import UnreadableFile
from jiedun.model.finding import Cite
from jiedun.model.text import Words

_LARGEST = 16 << 20
_ANDROID = "{http://schemas.android.com/apk/res/android}"
_ASKING = {"uses-permission", "uses-permission-sdk-23", "uses-permission-sdk-m"}
_NAME = re.compile(r"[\w.$-]{1,200}\Z")


@dataclass(frozen=True, slots=True)
class Asked:
    """One permission: `group` and what it exposes where known to reach personal information."""

    permission: str
    group: str | None
    exposes: Words | None


@dataclass(frozen=True, slots=True)
class App:
    """What a manifest says: the package and the permissions, in the order written."""

    package: str
    asked: tuple[Asked, ...]

    @property
    def beyond(self) -> tuple[Asked, ...]:
        """Those that reach personal information not on the necessary list for lending."""
        return tuple(a for a in self.asked if a.group is not None)


@cache
def _data() -> Mapping[str, Any]:
    raw = resources.files("jiedun.vault").joinpath("data/permissions.yaml").read_text("utf-8")
    found: Mapping[str, Any] = yaml.safe_load(raw)
    return found


@cache
def _groups() -> Mapping[str, str]:
    return {p: name for name, g in _data()["groups"].items() for p in g["permissions"]}


def necessary() -> Words:
    """The necessary personal information of network lending, as far as it is known."""
    return Words(_data()["necessary"]["zh"], _data()["necessary"]["en"])


def clauses(on: date) -> tuple[Cite, ...]:
    """What may be cited on that day for asking beyond the necessary."""
    wanted = (("pipl", "6"), ("pipl", "16"), ("app-necessary-2021", None))
    found = (law.cite(act, article, on) for act, article in wanted)
    return tuple(cite for cite in found if cite is not None)


def read(path: Path) -> App:
    """What the APK or manifest at `path` asks for; UnreadableFile where it is neither."""
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
            raw = _from_apk(path) if start == b"PK\x03\x04" else _whole(path)
    except OSError as error:
        raise UnreadableFile("the file cannot be read", where=path.name) from error
    return parse(raw, path.name)


def _whole(path: Path) -> bytes:
    if path.stat().st_size > _LARGEST:
        raise UnreadableFile("a manifest over 16 MiB is none", where=path.name)
    return path.read_bytes()


def _from_apk(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as apk, apk.open("AndroidManifest.xml") as inner:
            raw = inner.read(_LARGEST + 1)
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, EOFError) as error:
        raise UnreadableFile(
            "this archive holds no readable AndroidManifest.xml",
            where=path.name,
            next_step="give the APK itself, not a bundle or a shortcut to it",
        ) from error
    if len(raw) > _LARGEST:
        raise UnreadableFile("a manifest over 16 MiB is none", where=path.name)
    return raw


def parse(raw: bytes, where: str) -> App:
    """What a manifest in plain or binary XML asks for."""
    text = raw if raw.lstrip()[:1] == b"<" or raw[:2] in _UTF16 else _binary(raw, where)
    if b"<!DOCTYPE" in text or "<!DOCTYPE".encode("utf-16-le") in text:
        raise UnreadableFile("a manifest with a document type is not read", where=where)
    try:
        root = ElementTree.parse(io.BytesIO(text)).getroot()  # noqa: S314 - no DTD gets here
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise UnreadableFile("not a manifest", where=where, why=type(error).__name__) from error
    if root.tag != "manifest":
        raise UnreadableFile("not an Android manifest", where=where)
    names = [_name(e) for e in root.iter() if e.tag in _ASKING or _binds(e)]
    unique = dict.fromkeys(name for name in names if _NAME.match(name))
    package = root.get("package", "")
    return App(package if _NAME.match(package) else "", tuple(map(_asked, unique)))


_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb")


def _name(element: ElementTree.Element) -> str:
    if element.tag in _ASKING:
        return element.get(f"{_ANDROID}name", "")
    return element.get(f"{_ANDROID}permission", "")


def _binds(element: ElementTree.Element) -> bool:
    """A service or receiver that only the system may bind shows what the app offers to be."""
    held = element.get(f"{_ANDROID}permission", "").rpartition(".")[2]
    return element.tag in ("service", "receiver") and held in _groups()


def _asked(permission: str) -> Asked:
    front, _, short = permission.rpartition(".")
    group = _groups().get(short) if front.startswith(("android", "com.android")) else None
    if group is None:
        return Asked(permission, None, None)
    words = _data()["groups"][group]
    return Asked(permission, group, Words(words["zh"], words["en"]))


def _binary(raw: bytes, where: str) -> bytes:
    from pyaxmlparser.axmlprinter import AXMLPrinter

    try:
        found = AXMLPrinter(raw).get_xml()
    except Exception as error:  # the parser raises whatever struct, lxml and it like
        raise UnreadableFile(
            "the binary manifest cannot be read", where=where, why=type(error).__name__
        ) from error
    return found if isinstance(found, bytes) else str(found).encode()
