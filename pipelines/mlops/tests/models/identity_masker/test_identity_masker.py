"""The identity masker's own parts: its texts, tokens, features, and that learning is the same each time."""

import itertools
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction import FeatureHasher

from models.identity_masker import MODEL
from models.identity_masker.features import Describer
from models.identity_masker.masker import hashed_tokens
from models.identity_masker.tokens import tokens
from pipeline_mlops.artifact import dumps, loads
from pipeline_mlops.failed import FailedError
from pipeline_mlops.training.evaluation import evaluate

PARAMETERS = {"alpha": 1e-6, "step": 0.4, "hashed_features": 4096}


def number_of(text: str) -> str:
    """What the first token's number is said to be."""
    return next(name for name in Describer(str).describe([tokens(text)])[0] if name.startswith("n="))


def test_texts_are_the_same_for_the_same_seed_and_spans_fit_them() -> None:
    rows = list(MODEL.generate(7, 50, held_out=False))
    assert rows == list(MODEL.generate(7, 50, held_out=False))
    assert rows != list(MODEL.generate(8, 50, held_out=False))
    assert {each.kind for row in rows for each in row.spans} == set(MODEL.kinds)
    for row in rows:
        for span in row.spans:
            assert row.text[span.start : span.end].strip() != ""
        for first, second in itertools.pairwise(row.spans):
            assert first.end <= second.start


def test_sentences_that_are_held_out_are_never_learnt_from() -> None:
    from models.identity_masker.sentences import HELD_OUT, LEARNT  # noqa: PLC0415

    for language, sentences in HELD_OUT.items():
        assert not set(sentences) & set(LEARNT[language])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("4111 1111 1111 1111", "n=luhn"),
        ("4111 1111 1111 1112", "n=longdigits"),
        ("GB82 WEST 1234 5698 7654 32", "n=iban"),
        ("GB83 WEST 1234 5698 7654 32", "n=code"),
        ("12345", "n=5/1"),
    ],
)
def test_a_number_is_known_by_its_check_digits(text: str, said: str) -> None:
    assert number_of(text) == said


def test_learning_again_and_learning_from_a_saved_state_end_in_the_same_bytes() -> None:
    rows = list(MODEL.generate(1, 60, held_out=False))
    prepared = MODEL.prepare(rows, PARAMETERS)

    def learnt(*, saved: bool) -> bytes:
        state = MODEL.begin(1, PARAMETERS)
        for epoch in range(2):
            state = MODEL.learn(state, prepared, epoch)
            if saved:
                state = loads(dumps({"state": state}), MODEL.trusted)["state"]
        return dumps(MODEL.finish(state))

    once = learnt(saved=False)
    assert once == learnt(saved=False)
    assert once == learnt(saved=True)
    metrics = evaluate(MODEL, loads(once, MODEL.trusted), rows)
    assert metrics["f1"] > 0.3
    with pytest.raises(FailedError, match="can't be loaded"):
        loads(once[:-100], MODEL.trusted)


def test_tokens_are_hashed_as_scikit_learn_does_whatever_was_described_before() -> None:
    texts = [row.text for row in MODEL.generate(3, 100, held_out=True)]
    cut = [tokens(each) for each in [*texts, "", "x", "²3 ½ — ☃☃ 12", "٣٤ abc", *texts[:5]]]
    hasher = FeatureHasher(n_features=4096, input_type="string", alternate_sign=False, dtype=np.float64)
    expected = hasher.transform(Describer(str).describe(cut))
    for _ in range(2):
        hashed = hashed_tokens(cut, 4096, np.float64)
        hashed.sum_duplicates()
        assert (hashed != expected).nnz == 0


def test_features_that_are_kept_between_calls_hold_no_word_and_no_digit_of_a_text() -> None:
    describer = Describer(str)
    describer.describe([tokens("Frank Zappa zappa@example.org 4111 1111 1111 1111, Zürich")])
    kept = str(vars(describer)).lower()
    assert "luhn" in kept
    assert not any(each in kept for each in ("frank", "fra", "zap", "appa", "exa", "rich", "411", "111"))


def test_a_word_that_is_its_own_shape_is_not_kept_between_calls_either() -> None:
    describer = Describer(str)
    described = describer.describe([tokens("x ⅧGeheim y")])
    assert "b=x/ⅧGeheim" in described[1]
    assert "geheim" not in str(vars(describer)).lower()


def test_features_that_are_forgotten_while_another_thread_describes_are_made_anew() -> None:
    class Forgetting(dict[Any, Any]):
        """Loses what it said that it has, as when another thread clears it."""

        def __contains__(self, key: object) -> bool:
            self.pop(key, None)
            return True

    describer = Describer(str)
    for name, value in vars(describer).items():
        if isinstance(value, dict):
            setattr(describer, name, Forgetting(value))
    cut = [tokens("ada@example.org 12")]
    assert describer.describe(cut) == Describer(str).describe(cut)
