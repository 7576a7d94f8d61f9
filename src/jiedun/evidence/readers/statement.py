"""Signed accounts under `statements/`: kept whole, their words taken from plain text only."""

from collections.abc import Iterator

from jiedun.evidence.decode import decode_text
from jiedun.evidence.interface import Record, Source
from jiedun.evidence.problems import problem
from jiedun.model.evidence import Problem, Statement

_PLAIN = (".txt", ".md")
_MOST = 4 * 1024 * 1024


class Statements:
    """Reader of everything in a folder named `statements`."""

    name = "statement"
    version = "1"

    def recognises(self, source: Source) -> bool:
        """Whether one of the folders above the file is `statements`."""
        return "statements" in source.path.split("/")[:-1]

    def read(self, source: Source) -> Iterator[Record | Problem]:
        """One statement; its text is empty unless the file is .txt or .md."""
        text, bad = "", 0
        if source.name.lower().endswith(_PLAIN):
            with source.open() as stream:
                text, _, bad = decode_text(stream.read(_MOST))
        yield Statement(source.path, text)
        if bad:
            yield problem(source.path, "encoding", n=bad)
