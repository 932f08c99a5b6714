"""How MLflow loads a model's files: `mlflow models serve`, `mlflow.pyfunc.load_model`. model-api doesn't need it."""

import json
from pathlib import Path
from typing import Any

from pipeline_mlops.artifact import CARD_FILE, MODEL_FILE, loads
from pipeline_mlops.model import Model, State, code_of, plain_span


class _Served:
    def __init__(self, model: Model, state: State) -> None:
        self._model = model
        self._state = state

    def predict(self, inputs: Any) -> list[list[dict[str, Any]]]:
        """Find the spans of each text of column `text`."""
        found = self._model.find(self._state, [str(each) for each in inputs["text"]])
        return [[plain_span(each) for each in spans] for spans in found]


def _load_pyfunc(path: str) -> _Served:
    folder = Path(path)
    model = code_of(json.loads((folder / CARD_FILE).read_text())["model"])
    return _Served(model, loads((folder / MODEL_FILE).read_bytes(), model.trusted))
