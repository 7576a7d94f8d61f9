"""Permissions of an app from plain XML, binary XML and an APK; everything else is refused."""

import struct
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedun.cli.main import main
from jiedun.errors import UnreadableFile
from jiedun.vault import app

ANDROID = "http://schemas.android.com/apk/res/android"
PLAIN = f"""<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="{ANDROID}" package="cn.example.loan">
 <uses-permission android:name="android.permission.READ_CONTACTS"/>
 <uses-permission android:name="android.permission.READ_CALL_LOG"/>
 <uses-permission-sdk-23 android:name="android.permission.READ_SMS"/>
 <uses-permission android:name="android.permission.ACCESS_FINE_LOCATION"/>
 <uses-permission android:name="android.permission.INTERNET"/>
 <uses-permission android:name="cn.example.READ_CONTACTS"/>
 <application><service android:name=".S"
  android:permission="android.permission.BIND_ACCESSIBILITY_SERVICE"/></application>
</manifest>""".encode()
GROUPS = ["contacts", "call_log", "sms", "location", "screen"]


def _chunk(kind: int, head: bytes, body: bytes) -> bytes:
    return struct.pack("<HHI", kind, 8 + len(head), 8 + len(head) + len(body)) + head + body


def _pool(strings: list[str]) -> bytes:
    data, offsets = b"", []
    for text in strings:
        offsets.append(len(data))
        data += struct.pack("<H", len(text)) + text.encode("utf-16-le") + b"\0\0"
    data += b"\0" * (-len(data) % 4)
    start = 28 + 4 * len(strings)
    head = struct.pack("<IIIII", len(strings), 0, 0, start, 0)
    return _chunk(1, head, struct.pack(f"<{len(offsets)}I", *offsets) + data)


def _start(name: int, attributes: list[tuple[int, int, int]]) -> bytes:
    head = struct.pack("<II", 1, 0xFFFFFFFF)
    body = struct.pack("<IIHHHHHH", 0xFFFFFFFF, name, 20, 20, len(attributes), 0, 0, 0)
    for space, key, value in attributes:
        body += struct.pack("<IIIHBBI", space & 0xFFFFFFFF, key, value, 8, 0, 3, value)
    return _chunk(0x102, head, body)


def _end(name: int) -> bytes:
    head = struct.pack("<II", 1, 0xFFFFFFFF)
    return _chunk(0x103, head, struct.pack("<II", 0xFFFFFFFF, name))


def binary(permissions: list[str]) -> bytes:
    """A binary manifest after the layout in AOSP's ResourceTypes.h."""
    strings = ["name", "android", ANDROID, "manifest", "package", "cn.example.loan",
               "uses-permission", *permissions]  # fmt: skip
    ids = _chunk(0x180, b"", struct.pack("<I", 0x01010003))
    space = struct.pack("<II", 1, 0xFFFFFFFF)
    body = _pool(strings) + ids + _chunk(0x100, space, struct.pack("<II", 1, 2))
    body += _start(3, [(-1, 4, 5)])
    for number in range(len(permissions)):
        body += _start(6, [(2, 0, 7 + number)]) + _end(6)
    body += _end(3) + _chunk(0x101, space, struct.pack("<II", 1, 2))
    return _chunk(3, b"", body)


def test_plain_xml(tmp_path: Path) -> None:
    path = tmp_path / "AndroidManifest.xml"
    path.write_bytes(PLAIN)
    found = app.read(path)
    assert found.package == "cn.example.loan"
    assert [a.group for a in found.beyond] == GROUPS
    assert [a.permission for a in found.asked if a.group is None] == [
        "android.permission.INTERNET",
        "cn.example.READ_CONTACTS",
    ]
    assert all(a.exposes is not None and a.exposes.zh and a.exposes.en for a in found.beyond)
    assert app.parse(PLAIN.decode().replace("utf-8", "utf-16").encode("utf-16"), "m") == found


def test_binary_xml_and_apk(tmp_path: Path) -> None:
    raw = binary(["android.permission.READ_CONTACTS", "android.permission.INTERNET"])
    found = app.parse(raw, "AndroidManifest.xml")
    assert found.package == "cn.example.loan"
    assert [a.group for a in found.asked] == ["contacts", None]
    apk = tmp_path / "loan.apk"
    with zipfile.ZipFile(apk, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("AndroidManifest.xml", raw)
    assert app.read(apk) == found


def test_what_is_none_is_refused(tmp_path: Path) -> None:
    bomb = b"<!DOCTYPE a [<!ENTITY b 'c'>]><manifest package='&b;'/>"
    for raw in (b"", b"<html/>", b"<manifest", bomb, b"\x03\x00\x08\x00junk", b"PK\x03\x04 no zip"):
        path = tmp_path / "odd"
        path.write_bytes(raw)
        with pytest.raises(UnreadableFile):
            app.read(path)
    with zipfile.ZipFile(tmp_path / "z.apk", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("AndroidManifest.xml", b"<" + b" " * (20 << 20))
    for path in (tmp_path / "z.apk", tmp_path / "absent"):
        with pytest.raises(UnreadableFile):
            app.read(path)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_broken_binary_manifests_never_crash(data: st.DataObject) -> None:
    raw = bytearray(binary(["android.permission.READ_SMS"]))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(8, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        app.parse(bytes(raw[: data.draw(st.integers(8, len(raw)))]), "m")
    except UnreadableFile:
        return


def test_clauses_say_what_is_to_be_confirmed() -> None:
    found = {c.instrument: c for c in app.clauses(date(2026, 3, 2))}
    assert found["pipl"].verified
    assert found["app-necessary-2021"].quote is None
    assert not found["app-necessary-2021"].verified
    assert "待核实" in app.necessary().zh


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "AndroidManifest.xml"
    path.write_bytes(PLAIN)
    assert main(["app", str(path)]) == 0
    out = capsys.readouterr().out
    assert "通讯录" in out and "待核实" in out and "不得过度收集个人信息" in out
    assert main(["app", str(path), str(tmp_path / "none"), "--json"]) == 3
    assert '"group": "contacts"' in capsys.readouterr().out
    assert main(["app", str(tmp_path / "none")]) == 1
    assert main(["app", str(path), "--on", "x"]) == 2
