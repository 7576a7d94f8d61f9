"""QR codes, by segno."""

from functools import lru_cache
from io import BytesIO

import segno


@lru_cache(maxsize=8)
def svg(text: str) -> str:
    """The code as SVG."""
    return str(segno.make(text, error="m", micro=False).svg_inline(scale=4, border=2))


@lru_cache(maxsize=8)
def png(text: str) -> bytes:
    """The code as PNG."""
    out = BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=6, border=2)
    return out.getvalue()
