"""Times told in words: no text takes long, whatever blanks it holds."""

import time

from jiedun.case.clock_words import when


def test_long_blanks_take_no_longer() -> None:
    began = time.process_time()
    for text in (" " * 20_000, "2024" + " " * 20_000, "2024-01-02 晚上" + " " * 20_000 + "x"):
        when(text)
    assert time.process_time() - began < 1


def test_blanks_between_date_and_clock_are_passed_over() -> None:
    found = when("2024年1月2日  晚上  9 点半，有人上门")
    assert found is not None and not found.day_only
    assert (found.at.hour, found.at.minute) == (21, 30)
