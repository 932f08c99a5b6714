"""Texts are the same on every day: a model names its data by their content."""

import datetime

import pytest
from faker.providers import date_time

from models.identity_masker.texts import texts


class Later(datetime.datetime):
    """A clock that is ten years ahead."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "Later":
        """Ten years from now."""
        there = datetime.datetime.now(tz) + datetime.timedelta(days=3650)
        return cls.fromtimestamp(there.timestamp(), tz)


def test_texts_made_years_later_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [list(texts(7, 2000, held_out=held_out)) for held_out in (False, True)]
    monkeypatch.setattr(date_time, "datetime", Later)
    assert [list(texts(7, 2000, held_out=held_out)) for held_out in (False, True)] == made
