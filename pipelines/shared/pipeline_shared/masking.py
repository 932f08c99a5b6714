"""What no line of a log may show: known secrets, values of names like `password`, and what has a secret's form.

The forms stand in `masks.json`, which the shipper of logs reads, too: what is masked here is masked there once more.
"""

import json
import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

MASK = "***"
# Longer texts are cut: a form may need time with the square of a text's length.
_MOST = 20_000
_SHORT = 100
_known: set[str] = set()


def hide(*secrets: str) -> None:
    """Mask these texts wherever they come up in a line from now on."""
    _known.update(secret for secret in secrets if secret)


def masked(value: Any, name: str = "") -> Any:
    """Give a value of a log line as it may be shown.

    Args:
        value: text, number, list or map; what is none of them is shown as its text.
        name: its name in the line, by which it may be secret whatever it holds.
    """
    if value is None or isinstance(value, bool):
        return value
    if name and _is_secret(name):
        return MASK
    if isinstance(value, dict):
        shown = {str(key): masked(each, str(key)) for key, each in value.items()}
        # A trail says who did what, also where that is an e-mail address.
        if value.get("audit") is True and isinstance(actor := value.get("actor"), str):
            shown["actor"] = masked_text(actor, is_actor=True)
        return shown
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(each) for each in value]
    if isinstance(value, int | float):
        return value
    return masked_text(str(value))


def masked_text(text: str, *, is_actor: bool = False) -> str:
    """Give a text without known secrets, and without what has a secret's form.

    Args:
        text: of any length.
        is_actor: whether it says who did something: what names a person stays.
    """
    # The longest first: one may be a part of another.
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    if len(text) > _MOST:
        text = f"{text[:_MOST]}... ({len(text)} characters)"
    return _short_formed(text, is_actor) if len(text) <= _SHORT else _formed(text, is_actor)


def _formed(text: str, is_actor: bool) -> str:
    for form in _FORMS_OF_SECRETS if is_actor else _FORMS:
        text = form.sub(lambda found: (found[1] if found.re.groups else "") + MASK, text)
    return text


# Of ten texts in a line eight are those of the line before: who writes, what was done, on what.
_short_formed = lru_cache(maxsize=1024)(_formed)


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return _NAMES.search(name) is not None


def _read() -> tuple[re.Pattern[str], list[re.Pattern[str]], list[re.Pattern[str]]]:
    given = json.loads(files("pipeline_shared").joinpath("masks.json").read_text(encoding="utf-8"))
    flags = re.IGNORECASE | re.MULTILINE
    # The form of an S3 secret and of AWS's access keys tells capitals from small letters.
    forms = [re.compile(each["find"], re.MULTILINE if each.get("exact") else flags) for each in given["texts"]]
    of_secrets = [form for form, each in zip(forms, given["texts"], strict=True) if not each.get("person")]
    return re.compile(given["names"], re.IGNORECASE), forms, of_secrets


_NAMES, _FORMS, _FORMS_OF_SECRETS = _read()
