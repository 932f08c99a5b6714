"""What tests of the pipeline have: the platform's own logins on real servers, and folders of their own."""

import json
import os

import pytest

Logins = dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def logins() -> Logins:
    """Settings by name: a step's as the platform has them, `root` and `superuser` for what only a test may."""
    given = os.environ.get("LOGINS")
    if given is None:
        pytest.fail("there are no servers: run npx vitest run test/pipelines/dataops.test.ts, which starts them")
    return dict(json.loads(given))
