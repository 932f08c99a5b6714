"""A model API with a small kept model, without MLflow and bucket, for tests in other languages.

Prints its address and a token of a predictor, and ends when its standard input does.
"""

import sys
import tempfile
from pathlib import Path

from kept_model import alone, keep
from running_api import api


def main() -> None:
    """Serve until nobody listens."""
    with tempfile.TemporaryDirectory() as folder:
        keep(Path(folder) / "cache")
        with api(Path(folder), alone()) as served:
            print(served.url, served.signer.token("predictor"), flush=True)
            sys.stdin.read()


if __name__ == "__main__":
    main()
