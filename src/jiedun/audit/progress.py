"""A line of progress that tells what is done, and the time left only once there is a rate to tell it by."""

from collections.abc import Callable
from typing import TextIO

Progress = Callable[[str, int, int], None]
"""Called with the stage (`read` files, `judge` partitions), how many there are, and how many are done."""

_STAGES = {"read": "读入文件 / files read", "judge": "判断分块 / parts judged"}


def silent(stage: str, of: int, done: int) -> None:
    """Nothing."""


class Line:
    """Progress on one line of a terminal.

    The time left is the time a piece has taken so far, times the pieces left; pieces that an earlier
    run had done come first and fast, so nothing is told before one piece took a second.
    """

    def __init__(self, out: TextIO, clock: Callable[[], float]) -> None:
        self.out = out
        self.clock = clock
        self.stage = ""
        self.last = clock()
        self.spent: list[float] = []

    def __call__(self, stage: str, of: int, done: int) -> None:
        """Nothing; the line is written anew."""
        now = self.clock()
        if stage != self.stage:
            self.stage, self.spent = stage, []
        self.spent.append(now - self.last)
        self.last = now
        worked = [seconds for seconds in self.spent if seconds >= 1]
        left = ""
        if worked and done < of:
            seconds = sum(worked) / len(worked) * (of - done)
            left = f" · 约剩 / about {seconds:,.0f} s"
        width = 24
        bar = "█" * (width * done // of) + "·" * (width - width * done // of)
        end = "\n" if done == of else ""
        self.out.write(f"\r\x1b[2K{bar} {_STAGES[stage]} {done}/{of}{left}{end}")
        self.out.flush()
