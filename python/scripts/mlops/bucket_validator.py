"""The program of the source, by its name and as its module: `python3 scripts/mlops/bucket_validator.py --help`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # In a checkout nothing need be installed.
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from bucketworks.bucket_validator import BucketValidator, main

__all__ = ["BucketValidator", "main"]

if __name__ == "__main__":
    sys.exit(main())
