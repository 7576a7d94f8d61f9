"""A file's bytes as the source that a reader is given, and what a reader makes of it."""

import io
from collections.abc import Callable

import pytest

from jiedun.evidence.interface import Reader, Record, Source
from jiedun.evidence.walk import phone_of
from jiedun.model.evidence import Problem

Read = Callable[..., tuple[list[Record], list[Problem]]]


@pytest.fixture(scope="session")
def source_of() -> Callable[..., Source]:
    """(bytes, path) → a source."""

    def make(data: bytes, path: str = "sms.xml") -> Source:
        return Source(path, len(data), data[: 64 * 1024], lambda: io.BytesIO(data), phone_of(path))

    return make


@pytest.fixture(scope="session")
def read_with(source_of: Callable[..., Source]) -> Read:
    """(reader, bytes, path) → its records and its problems; the reader must recognise them."""

    def read(
        reader: Reader, data: bytes, path: str = "sms.xml"
    ) -> tuple[list[Record], list[Problem]]:
        source = source_of(data, path)
        assert reader.recognises(source)
        items = list(reader.read(source))
        records = [i for i in items if not isinstance(i, Problem)]
        return records, [i for i in items if isinstance(i, Problem)]

    return read
