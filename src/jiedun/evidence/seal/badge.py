"""The root and the key's fingerprint for paper: a QR code and groups that can be read aloud."""

import io

import segno


def text(root: str, fingerprint: str) -> str:
    """What the QR code says."""
    return f"JIEDUN-SEAL-1\nroot={root}\nkey={fingerprint}"


def badge(root: str, fingerprint: str) -> str:
    """An SVG element with the QR code of both; letters and the bag's page carry it.
    `root` and `fingerprint` are 64 hexadecimal digits."""
    out = io.BytesIO()
    code = segno.make(text(root, fingerprint), error="m", micro=False)
    code.save(out, kind="svg", scale=3, xmldecl=False, svgns=True, nl=False)
    return out.getvalue().decode("utf-8")


def grouped(digits: str) -> str:
    """The digits in groups of four."""
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))
