"""How often drift is told of where there is none, and whether it is where there is: by a trained model, seeded."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from models.identity_masker import MODEL
from pipeline_mlops.drift import Profile, Window, features_of
from pipeline_mlops.model import Row
from pipeline_mlops.serving.metrics import least_texts
from pipeline_mlops.training.evaluation import profile_of

WINDOWS = 200
DRIFTED = 0.25
"""Above it ModelDrift holds, unless a platform says otherwise (`alerting.models.drift`)."""
WHOLE = 500
Numbers = Sequence[dict[str, float]]


@dataclass(frozen=True)
class Trained:
    """A model's profile, and what it makes of texts that it never saw."""

    profile: Profile
    same: Numbers
    """Of the sentences that it learnt from, filled with others."""
    other: Numbers
    """Of other sentences."""


@pytest.fixture(scope="module")
def trained() -> Trained:
    """Train a small model."""
    rows = list(MODEL.generate(20261130, 2500, held_out=False))
    parameters = {"alpha": 1e-6, "step": 0.4, "hashed_features": 16384}
    state = MODEL.begin(42, parameters)
    prepared = MODEL.prepare(rows, parameters)
    for epoch in range(2):
        state = MODEL.learn(state, prepared, epoch)
    finished = MODEL.finish(state)

    def numbers(made: Sequence[Row]) -> Numbers:
        found = MODEL.find(finished, [row.text for row in made])
        return [features_of(row.text, spans) for row, spans in zip(made, found, strict=True)]

    same = numbers(list(MODEL.generate(7, 2000, held_out=False)))
    other = numbers(list(MODEL.generate(7, 500, held_out=True)))
    return Trained(profile_of(MODEL, finished, rows), same, other)


def alarms(trained: Trained, size: int, others: int) -> int:
    """Of 200 windows, those in which a feature drifted; so many of their texts are others."""
    chance = random.Random(f"{size} {others}")
    count = 0
    for _ in range(WINDOWS):
        window = Window(trained.profile, size)
        for each in (*chance.sample(trained.same, size - others), *chance.sample(trained.other, others)):
            window.add(each)
        count += max(window.index(size).values()) > DRIFTED
    return count


@pytest.mark.parametrize("size", [least_texts(WHOLE), WHOLE])
def test_texts_like_those_of_training_are_no_drift_in_any_of_two_hundred_windows(trained: Trained, size: int) -> None:
    assert alarms(trained, size, 0) == 0


@pytest.mark.parametrize("size", [least_texts(WHOLE), WHOLE])
def test_other_texts_than_those_of_training_are_drift_in_every_window(trained: Trained, size: int) -> None:
    assert alarms(trained, size, size) == WINDOWS
