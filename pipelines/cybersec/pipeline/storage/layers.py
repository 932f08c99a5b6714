"""Buckets of the platform, one a layer, and the form of their keys: templates of config/platforms/cybersec.yaml."""

import datetime as dt
import re
from dataclasses import dataclass

RAW = "cybersec-ml-raw"
SILVER = "cybersec-ml-silver"
MODELS = "cybersec-ml-models"
EVAL = "cybersec-ml-eval"

_EVENTS = re.compile(r"network_events_(\d{8}_\d{6})(-[1-9]\d*)?\.parquet")
_SILVER = re.compile(
    r"date=(\d{8})/run_id=(?P<run_id>\d{14}-[a-z0-9]{6})/events-(?P<part>[1-9]\d*)-of-(?P<parts>[1-9]\d*)\.parquet"
)


EVENTS_PATTERN = "network_events_<YYYYMMDD_HHMMSS>.parquet, with -1, -2 and so on"


def time_of_events(key: str) -> dt.datetime | None:
    """Answer when an object of RAW was ingested (UTC), by its name; None where the ingestion gave it none such."""
    found = _EVENTS.fullmatch(key)
    return _time(found[1], "%Y%m%d_%H%M%S") if found else None


@dataclass(frozen=True)
class SilverKey:
    """One partition of what became of an object of RAW: its rows of one day, the part-th of so many days."""

    date: dt.date
    run_id: str
    part: int
    parts: int

    def __str__(self) -> str:
        return f"date={self.date:%Y%m%d}/run_id={self.run_id}/events-{self.part}-of-{self.parts}.parquet"


def silver_key(key: str) -> SilverKey | None:
    """Read a key of SILVER back; None where it isn't one that the transformation makes."""
    found = _SILVER.fullmatch(key)
    day = _time(found[1], "%Y%m%d") if found else None
    if found is None or day is None:
        return None
    return SilverKey(day.date(), found["run_id"], int(found["part"]), int(found["parts"]))


def _time(text: str, form: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC)
    except ValueError:
        return None
