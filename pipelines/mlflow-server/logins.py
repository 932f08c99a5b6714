"""Who logs in to MLflow, as a file says: `settle` brings MLflow's users there, `authorize` holds readers to it."""

import functools
import json
import logging
import os
from pathlib import Path
from typing import Any

import flask

_logger = logging.getLogger("mlflow.logins")
# The file, for the workers.
FILE = "BUCKETWORKS_LOGINS_FILE"
# What a role may do with everything of these kinds; all but readers make some, too.
_GRANTS = {"read": "READ", "edit": "EDIT", "manage": "MANAGE"}
_RANKS = list(_GRANTS)
_KINDS = ("experiment", "registered_model", "prompt", "scorer")
# MLflow's own roles of these names: by them it is known which users the file has made.
_PREFIX = "bucketworks-"
# Questions that are asked by POST.
_QUESTIONS = (
    "/search",
    "/graphql",
    "/registered-models/get-latest-versions",
    "/experiments/search-datasets",
    "/traces/batchGetInfos",
    "/traces/metrics",
    "/traces/calculate-filter-correlation",
    "/artifacts/presigned-download-url",
)
# Below it lie files, whose names anybody chooses: a POST there begins or ends an upload.
_FILES = "/mlflow-artifacts/"
_ENTRY = {"role", "password"}


class LoginsError(Exception):
    """The file isn't one of logins."""


def read(path: Path) -> dict[str, dict[str, str]]:
    """Read the file: by name the role, `read`, `edit` or `manage`, and the password.

    Raises:
        LoginsError: it can't be read, or says something else. No password is in the text.
    """
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise LoginsError(f"logins of MLflow: {path} can't be read ({type(error).__name__})") from None
    for name, entry in found.items() if isinstance(found, dict) else [("", None)]:
        if not isinstance(entry, dict) or set(entry) != _ENTRY or entry["role"] not in _GRANTS:
            raise LoginsError(f"logins of MLflow: {path} has no role and password for {name or 'each name'}")
    return dict(found)


def settle(store: Any, logins: dict[str, dict[str, str]], admin: tuple[str, str]) -> None:
    """Bring MLflow's users to what the file says. Users whom somebody else has made are left alone, and told of.

    Who gets a lower role becomes a new user: what the old one made, or was given, would still be his to delete.

    Args:
        store: MLflow's own, of users and roles.
        logins: as `read` answers them.
        admin: name and password.
    """
    from mlflow.utils.workspace_utils import DEFAULT_WORKSPACE_NAME  # noqa: PLC0415  takes seconds

    roles = {role: _settled_role(store, DEFAULT_WORKSPACE_NAME, role, grant) for role, grant in _GRANTS.items()}
    _settle_password(store, *admin)
    held = {user.username: (user, [role.id for role in has]) for user, has in store.list_users_with_roles()}
    for name, (_, has) in sorted(held.items()):
        if name in logins or name == admin[0]:
            continue
        if set(has) & set(roles.values()):
            store.delete_user(name)
            _logger.info("login %s is taken away: the platform's file doesn't name it any more", name)
        else:
            _logger.warning("user %s isn't in the platform's file, and is left alone", name)
    for name, entry in sorted(logins.items()):
        had = [role for role, number in roles.items() if name in held and number in held[name][1]]
        if any(_RANKS.index(role) > _RANKS.index(entry["role"]) for role in had):
            store.delete_user(name)
            del held[name]
            _logger.info("login %s may %s from now on, and loses the rights to what it made", name, entry["role"])
        if name not in held:
            store.create_user(name, entry["password"])
            _logger.info("login %s is made, to %s", name, entry["role"])
        else:
            _settle_password(store, name, entry["password"])
        user, has = held.get(name) or (store.get_user(name), [])
        if user.is_admin:
            store.update_user(name, is_admin=False)
        for role, number in roles.items():
            if role == entry["role"] and number not in has:
                store.assign_role_to_user(user.id, number)
            if role != entry["role"] and number in has:
                store.unassign_role_from_user(user.id, number)
                _logger.info("login %s may %s from now on", name, entry["role"])


def _settle_password(store: Any, name: str, password: str) -> None:
    if not store.authenticate_user(name, password, use_primary=True):
        store.update_user(name, password=password)
        _logger.info("login %s has another password now", name)


def _settled_role(store: Any, workspace: str, role: str, grant: str) -> int:
    """Have a role with its grants and no others; answers its number."""
    name = _PREFIX + role
    found = {each.name: each for each in store.list_roles([workspace])}
    number = int((found.get(name) or store.create_role(name, workspace)).id)
    wanted = dict.fromkeys(_KINDS, grant)
    for has in store.list_role_permissions(number):
        if has.resource_pattern == "*" and wanted.get(has.resource_type) == has.permission:
            del wanted[has.resource_type]
        else:
            store.remove_role_permission(has.id)
    for kind, permission in wanted.items():
        store.add_role_permission(number, kind, "*", permission)
    return number


@functools.cache
def _readers() -> frozenset[str]:
    found = read(Path(os.environ[FILE]))
    return frozenset(name for name, entry in found.items() if entry["role"] == "read")


def authorize() -> Any:
    """Check a login as MLflow does, and refuse readers what isn't a question; MLflow's `authorization_function`.

    In MLflow everybody who is logged in makes experiments and models, and manages what they made: no grant takes that
    away without taking reading away.
    """
    from mlflow.server.auth import authenticate_request_basic_auth, make_forbidden_response  # noqa: PLC0415

    given = authenticate_request_basic_auth()
    is_refused = getattr(given, "username", None) in _readers() and not _asks(flask.request.method, flask.request.path)
    return make_forbidden_response() if is_refused else given


def _asks(method: str, path: str) -> bool:
    if method in {"GET", "HEAD", "OPTIONS"}:
        return True
    return method == "POST" and _FILES not in path and path.endswith(_QUESTIONS)
