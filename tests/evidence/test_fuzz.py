"""2,000 damaged files: no reader raises, hangs or gives anything but records and problems."""

from bench._fuzz_seeds import seeds
from bench.fuzz import feed, inputs

from jiedun.evidence.readers.registry import ALL


def test_every_seed_is_recognised_by_a_reader_or_opened() -> None:
    whole = feed(iter(seeds()))
    assert whole.failures == []
    assert whole.recognised >= 7
    assert whole.items > 15


def test_damaged_files() -> None:
    outcome = feed(inputs(2000, seed=7), ALL)
    assert outcome.failures == []
    assert outcome.inputs == 2000
    assert outcome.recognised > 400
