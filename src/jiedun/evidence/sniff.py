"""What a file is, by its first bytes and then by its name."""

import re

from jiedun.evidence.decode import decode_text

HEAD = 64 * 1024
"""How much of a file is looked at, in bytes."""

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"GIF8", "gif"),
    (8, b"WEBP", "webp"),
    (0, b"%PDF-", "pdf"),
    (0, b"SQLite format 3\x00", "sqlite"),
    (0, b"#!AMR-WB", "audio/amr-wb"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"ADIF", "audio/aac"),
    (8, b"WAVE", "audio/wav"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (0, b"\x1f\x8b", "gzip"),
    (257, b"ustar", "tar"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"ANDROID BACKUP\n", "android-backup"),
    (0, b"bplist00", "plist"),
    (0, b"{\\rtf", "rtf"),
)
_BRANDS = {
    b"M4A": "audio/mp4",
    b"3gp": "video/3gpp",
    b"3g2": "video/3gpp",
    b"hei": "heic",
    b"hev": "heic",
    b"mif": "heic",
    b"avi": "avif",
    b"qt ": "video/quicktime",
}
_OFFICE = (
    (b"xl/", "xlsx"),
    (b"word/", "docx"),
    (b"ppt/", "pptx"),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "ods"),
    (b"mimetypeapplication/vnd.oasis.opendocument", "odf"),
    (b"mimetypeapplication/epub", "epub"),
    (b"AndroidManifest.xml", "apk"),
    (b"META-INF/MANIFEST.MF", "jar"),
)
_XML = {
    "smses": "sms-xml",
    "allsms": "sms-xml",
    "calls": "calls-xml",
    "alllogs": "calls-xml",
    "html": "html",
    "svg": "svg",
}
_ELEMENT = re.compile(r"<([A-Za-z][\w:-]*)")
_BY_NAME = {
    "csv": "csv",
    "json": "json",
    "jsonl": "json-lines",
    "ndjson": "json-lines",
    "md": "markdown",
    "eml": "email",
    "vcf": "vcard",
    "html": "html",
    "htm": "html",
    "xml": "xml",
}


def kind_of(head: bytes, name: str, size: int) -> str:
    """One word for the type: `sms-xml`, `zip`, `png`, `csv`, `audio/amr`, `text`, `unknown` …"""
    if size == 0:
        return "empty"
    return _binary(head, name) or _textual(head, name) or "unknown"


def _binary(head: bytes, name: str) -> str | None:
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:11], "video/mp4")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(head, name)
    for at, magic, kind in _MAGIC:
        if head.startswith(magic, at):
            return _ole_kind(name) if kind == "ole" else kind
    return None


def _zip_kind(head: bytes, name: str) -> str:
    """A ZIP, or one of the document formats that are ZIPs: told by their first members."""
    first = re.findall(rb"PK\x03\x04.{26}(.{1,80})", head[:HEAD], re.DOTALL)
    for mark, kind in _OFFICE:
        if any(member.startswith(mark) for member in first):
            return kind
    suffix = name.rpartition(".")[2].lower()
    office = any(member.startswith((b"[Content_Types].xml", b"_rels/")) for member in first)
    return suffix if office and suffix in ("xlsx", "docx", "pptx", "xlsm") else "zip"


def _ole_kind(name: str) -> str:
    suffix = name.rpartition(".")[2].lower()
    return suffix if suffix in ("xls", "doc", "ppt", "msg", "et", "wps") else "ole"


def _textual(head: bytes, name: str) -> str | None:
    """Text is what decodes without control characters; then markup and the name tell more."""
    text, _, bad = decode_text(head)
    sample = text[:4096]
    if bad > 1 + len(text) // 200 or sum(c < " " and c not in "\t\r\n\f" for c in sample):
        return None
    body = sample.lstrip()
    if body.startswith("<"):
        return _markup(body)
    if body.startswith("BEGIN:VCARD"):
        return "vcard"
    return _BY_NAME.get(name.rpartition(".")[2].lower(), "text")


def _markup(body: str) -> str:
    for match in _ELEMENT.finditer(body):
        return _XML.get(match.group(1).lower(), "xml")
    return "xml"
