"""Letters as files: one content object in, DOCX and PDF out; nothing in them can execute."""

from jiedun.present.letters.docx import docx
from jiedun.present.letters.pdf import pdf

__all__ = ["docx", "pdf"]
