"""Tokens of a text: words, numbers and single signs, each with its place."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+|[^\w\s]|_", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a text and where it stands, in characters; `glued` where no space is before it."""

    text: str
    start: int
    end: int
    glued: bool


def tokens(text: str) -> list[Token]:
    """Cut a text into its tokens; what is between them is white space."""
    found: list[Token] = []
    end = -1
    for match in _TOKEN.finditer(text):
        found.append(Token(match.group(), match.start(), match.end(), match.start() == end))
        end = match.end()
    return found
