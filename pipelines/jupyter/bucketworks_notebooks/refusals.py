"""What a login may not do."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from botocore.exceptions import ClientError

from bucketworks_notebooks.faults import NotebookError, sentence


@contextmanager
def refused() -> Iterator[None]:
    """Print the refusal of what is done inside.

    Raises:
        NotebookError: it was allowed.
    """
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"AccessDenied", "403"}:
            raise
        print(f"refused, as it should be: {sentence(error)}")
    except psycopg.errors.InsufficientPrivilege as error:
        print(f"refused, as it should be: {sentence(error)}")
    else:
        raise NotebookError(
            "this was allowed, and it shouldn't be: compare the server with the specs, with bucketworks verify"
        )
