"""Instants and the local day they fall on.

All instants are aware. An export without a zone is read as Asia/Shanghai, which has had no
daylight saving since 1991; the record keeps the raw text and says that the zone was assumed.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as a file states it: aware, cut to the second, with its raw text."""

    at: datetime
    raw: str
    zone_assumed: bool = False

    @property
    def local(self) -> datetime:
        """The instant on the wall clock of Asia/Shanghai."""
        return self.at.astimezone(SHANGHAI)


def second_of_day(at: datetime) -> int:
    """Seconds since local midnight in Asia/Shanghai, 0..86399."""
    local = at.astimezone(SHANGHAI)
    return local.hour * 3600 + local.minute * 60 + local.second
