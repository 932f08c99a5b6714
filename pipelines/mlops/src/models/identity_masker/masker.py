"""The classifier: for each token, the kind of identity that it begins or goes on with."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import SGDClassifier
from sklearn.utils import murmurhash3_32

from models.identity_masker.features import Describer
from models.identity_masker.sentences import KINDS
from models.identity_masker.tokens import Token, tokens
from pipeline_mlops.model import Parameters, Row, Span, State

_OUTSIDE = "O"
_LABELS = sorted([_OUTSIDE, *(f"{place}-{kind}" for kind in KINDS for place in "BI")])
_JOINED = ("address",)
"""Kinds of which two parts with one word between them are one: `Calle`, of, `Alcalá 3`."""


class IdentityMasker:
    """Each token is one row of hashed features; the classifier has a line of weights a label."""

    kinds = KINDS
    trusted: tuple[str, ...] = ()

    def generate(self, seed: int, count: int, *, held_out: bool) -> Iterator[Row]:
        """Make sentences with identities and without."""
        from models.identity_masker.texts import texts  # noqa: PLC0415  Faker, which finding doesn't need

        return texts(seed, count, held_out=held_out)

    def begin(self, seed: int, parameters: Parameters) -> State:
        """Make a classifier that knows nothing."""
        return _classifier(seed, parameters["alpha"], parameters["step"])

    def prepare(self, rows: Sequence[Row], parameters: Parameters) -> Any:
        """Hash the tokens of all rows, and say the label of each."""
        cut = [tokens(each.text) for each in rows]
        hashed = hashed_tokens(cut, int(parameters["hashed_features"]), np.float64)
        hashed.sum_duplicates()
        labels = [label for row, found in zip(rows, cut, strict=True) for label in _labels(row, found)]
        return hashed, np.array(labels)

    def learn(self, state: State, prepared: Any, epoch: int) -> State:
        """Take all tokens once, in an order of this epoch's own."""
        hashed, labels = prepared
        order = np.random.default_rng([int(state.random_state), epoch]).permutation(len(labels))
        return state.partial_fit(hashed[order], labels[order], classes=_LABELS)

    def finish(self, state: State) -> State:
        """Keep the weights, in half the room."""
        finished = _classifier(int(state.random_state), float(state.alpha), float(state.eta0))
        # By column: `find` multiplies by the transposed weights, which are then in rows and aren't copied each time.
        finished.coef_ = np.asfortranarray(state.coef_, dtype=np.float32)
        finished.intercept_ = state.intercept_.astype(np.float32)
        finished.classes_ = state.classes_
        finished.n_features_in_ = int(state.n_features_in_)
        return finished

    def find(self, state: State, texts: Sequence[str]) -> list[list[Span]]:
        """Judge the tokens of all texts at once, then put those of one identity together."""
        cut = [tokens(each) for each in texts]
        if not any(cut):
            return [[] for _ in cut]
        hashed = hashed_tokens(cut, int(state.n_features_in_), np.float32)
        weighed = hashed @ state.coef_.T + state.intercept_
        best = weighed.argmax(axis=1)
        sure = _certainty(weighed)
        answers: list[list[Span]] = []
        place = 0
        for found in cut:
            end = place + len(found)
            labels = [str(state.classes_[each]) for each in best[place:end]]
            answers.append(_spans(found, labels, sure[place:end]))
            place = end
        return answers


def _classifier(seed: int, alpha: float, step: float) -> Any:
    # The average over all steps: single ones jump, with so many features that are seen once.
    return SGDClassifier(
        loss="log_loss",
        alpha=alpha,
        learning_rate="constant",
        eta0=step,
        average=True,
        shuffle=False,
        random_state=seed,
    )


# Of names without a word: what is kept here is the same for all widths.
_DESCRIBER: Describer[int] = Describer(murmurhash3_32)


def hashed_tokens(cut: Sequence[Sequence[Token]], width: int, numbers: type[np.floating[Any]]) -> csr_matrix:
    """Make a row a token, as scikit-learn's FeatureHasher does, which would hash each name anew."""
    described = _DESCRIBER.describe(cut)
    ends = np.fromiter(itertools.accumulate(map(len, described), initial=0), np.int32, len(described) + 1)
    hashes = np.fromiter(itertools.chain.from_iterable(described), np.int64, ends[-1])
    columns = (np.abs(hashes) % width).astype(np.int32)
    return csr_matrix((np.ones(len(columns), numbers), columns, ends), shape=(len(described), width))


def _certainty(weighed: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    chances = 1 / (1 + np.exp(-np.clip(weighed, -30, 30)))
    certainty: npt.NDArray[np.float32] = chances.max(axis=1) / chances.sum(axis=1)
    return certainty


def _labels(row: Row, found: Sequence[Token]) -> list[str]:
    said: list[str] = []
    spans = list(row.spans)
    for token in found:
        while spans and spans[0].end <= token.start:
            spans.pop(0)
        if not spans or token.start < spans[0].start:
            said.append(_OUTSIDE)
        else:
            said.append(f"{'B' if token.start == spans[0].start else 'I'}-{spans[0].kind}")
    return said


def _spans(found: Sequence[Token], labels: Sequence[str], sure: npt.NDArray[np.float32]) -> list[Span]:
    spans: list[Span] = []
    last = -2  # index of the last token within a span
    for index, (token, label, score) in enumerate(zip(found, labels, sure.tolist(), strict=True)):
        place, _, kind = label.partition("-")
        if label == _OUTSIDE:
            continue
        goes_on = (
            bool(spans)
            and spans[-1].kind == kind
            and ((place == "I" and last == index - 1) or (kind in _JOINED and last >= index - 2))
        )
        # One that goes on where nothing began begins it.
        if goes_on:
            before = spans[-1]
            spans[-1] = Span(kind, before.start, token.end, min(before.score, round(score, 4)))
        else:
            spans.append(Span(kind, token.start, token.end, round(score, 4)))
        last = index
    return spans
