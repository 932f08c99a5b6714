"""The program of the source, by its name and as its module: `python3 scripts/mlops/bucket_provisioner.py --help`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # In a checkout nothing need be installed.
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from bucketworks.bucket_provisioner import MLOpsBucketProvisioner, main

__all__ = ["MLOpsBucketProvisioner", "main"]

if __name__ == "__main__":
    sys.exit(main())
