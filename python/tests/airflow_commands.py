"""Command lines of `airflow`, one a line of standard input, in one process: its start takes longer than all it does."""

import json
import os
import sys
import traceback

from airflow.__main__ import main


def ended(arguments: list[str]) -> int:
    """Run one, and answer its exit code."""
    sys.argv = ["airflow", *arguments]
    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code)
            return 1
        return end.code or 0
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        os.environ.update(asked["environment"])
        code = ended(asked["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(int(os.environ["ANSWERS"]), f"{code}\n".encode())
