"""What `serve.py` becomes: uvicorn with MLflow's application, and a certificate where one is given."""

import argparse
import sys
from pathlib import Path

import uvicorn

# As in log_lines: workers find it by this, too.
sys.path.append(str(Path(__file__).parent.parent / "shared"))


def main() -> None:
    """Listen until somebody ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--host", "--port", "--log-config"):
        parser.add_argument(name, required=True)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    args = parser.parse_args()
    from pipeline_shared.certificates import renewing  # noqa: PLC0415  it is found by now

    uvicorn.run(
        "application:create",
        factory=True,
        host=args.host,
        port=int(args.port),
        log_config=args.log_config,
        access_log=False,
        ssl_certfile=args.certificate,
        ssl_keyfile=args.key,
        ssl_context_factory=renewing if args.certificate else None,
    )


if __name__ == "__main__":
    main()
