"""What the classifier sees of a token: itself, its neighbours, and what the run of signs around it looks like."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from models.identity_masker.tokens import Token

_EMAIL = re.compile(r"[^@]+@[^@]+\.[^@]+")
_AROUND = (-3, -2, -1, 1, 2, 3)
_EDGE = 3  # tokens beyond the first and the last that are looked at
_MOST_KEPT = 20_000
_SHAPE = 3
"""Characters of the longest shape that is one of few: of `XXX`."""
T = TypeVar("T")
Beside = Sequence[Sequence[T]]
"""Features of a token for those beside it, by where it stands from them (`_AROUND`)."""
Look = tuple[str, int, str]
"""Shape of a token, length of one of digits or 0, and what its number is."""


class Describer(Generic[T]):
    """Describes tokens by features. Each is made of its name once a call, or once for all where it holds no word.

    Most features of a token say what signs and numbers look like, of which there are few; those are kept. What holds a
    word of somebody's text isn't. Threads may share one: a version is tried out while another one answers.
    """

    def __init__(self, made: Callable[[str], T]) -> None:
        """Begin without any.

        Args:
            made: a feature of its name; equal names are equal features, anywhere.
        """
        self._made = made
        self._none = [[made(f"{step}none")] for step in _AROUND]
        self._own: dict[tuple[Look, str, bool], list[T]] = {}
        self._beside: dict[Look, Beside[T]] = {}
        self._joined: dict[tuple[str, str, str], list[T]] = {}

    def describe(self, texts: Iterable[Sequence[Token]]) -> list[list[T]]:
        """Answer the features of each token of each text, one text after the other."""
        for kept in (self._own, self._beside, self._joined):
            if len(kept) > _MOST_KEPT:
                kept.clear()
        words: dict[str, tuple[list[T], Beside[T]]] = {}
        return [each for found in texts if found for each in self._text(found, words)]

    def _text(self, found: Sequence[Token], known: dict[str, tuple[list[T], Beside[T]]]) -> Iterator[list[T]]:
        made = self._made
        lower = [each.text.lower() for each in found]
        shapes = [_shape(each.text) for each in found]
        own, beside, joined = self._own, self._beside, self._joined
        if any(len(each) > _SHAPE for each in shapes):  # a word that begins with Ⅷ or ½ is its own shape
            own, beside, joined = {}, {}, {}
        digits = [len(each) if each[0].isdigit() else 0 for each in lower]
        looks = list(zip(shapes, digits, _numbers(found), strict=True))
        runs = _runs(found)
        words = [known.get(each) or known.setdefault(each, self._word(each)) for each in lower]
        nothing: Beside[T] = [()] * len(_AROUND)
        signs = [self._none] * _EDGE + [self._look(each, beside) for each in looks] + [self._none] * _EDGE
        terms = [nothing] * _EDGE + [each[1] for each in words] + [nothing] * _EDGE
        before, word_before = "^", "^"
        for index, token in enumerate(found):
            look = looks[index]
            shape = look[0]
            last = index + 1 == len(found)
            after, word_after = ("$", "$") if last else (shapes[index + 1], lower[index + 1])
            key = (look, runs[index], token.glued)
            of_own = own.get(key)
            if of_own is None:
                of_own = own[key] = [made(each) for each in _own(*key)]
            three = (before, shape, after)
            of_three = joined.get(three)
            if of_three is None:
                of_three = joined[three] = [made(each) for each in _joined(*three)]
            described = [*of_own, *words[index][0], *of_three]
            described.append(made(f"bw={word_before}/{shape}"))
            described.append(made(f"aw={shape}/{word_after}"))
            for place, step in enumerate(_AROUND):
                there = index + _EDGE + step
                described += signs[there][place]
                described += terms[there][place]
            yield described
            before, word_before = shape, lower[index]

    def _look(self, look: Look, beside: dict[Look, Beside[T]]) -> Beside[T]:
        found = beside.get(look)
        if found is None:
            found = beside[look] = [[self._made(each) for each in _beside(step, look)] for step in _AROUND]
        return found

    def _word(self, word: str) -> tuple[list[T], Beside[T]]:
        """Of a token itself, and of it beside others. Of a number, how it is written says enough of it."""
        made = self._made
        ends = [made(f"p={word[:3]}"), made(f"e={word[-3:]}")]
        if word[0].isdigit():
            return ends, [()] * len(_AROUND)
        return [*ends, made(f"w={word}")], [(made(f"{step}w={word}"),) for step in _AROUND]


def _own(look: Look, run: str, glued: bool) -> list[str]:
    shape, digits, number = look
    return ["bias", *_digits("", digits), f"s={shape}", f"r={run}", f"n={number}", f"g={glued}"]


def _beside(step: int, look: Look) -> list[str]:
    shape, digits, number = look
    return [*_digits(step, digits), f"{step}s={shape}", f"{step}n={number}"]


def _digits(step: int | str, digits: int) -> list[str]:
    return [f"{step}d={digits}"] if digits else []


def _joined(before: str, shape: str, after: str) -> list[str]:
    return [f"b={before}/{shape}", f"a={shape}/{after}", f"t={before}/{shape}/{after}"]


def _shape(text: str) -> str:
    """`Xx` of a name, `XX` of capitals, `9` of digits by their number, the sign of a sign."""
    if text[0].isdigit():
        return f"9{min(len(text), 7)}"
    if not text[0].isalpha():
        return text
    if text.isupper():
        return "X" if len(text) == 1 else "XX" if len(text) == 2 else "XXX"
    return "Xx" if text[0].isupper() else "x"


def _runs(found: Sequence[Token]) -> list[str]:
    """What the run without a space is, in which each token stands: an e-mail address, or neither."""
    said: list[str] = []
    begin = 0
    for index in range(1, len(found) + 1):
        if index < len(found) and found[index].glued:
            continue
        run = "".join(each.text for each in found[begin:index]).rstrip(".,;:!?)")
        kind = "email" if _EMAIL.fullmatch(run.lstrip("(<")) else "long" if index - begin > 4 else "short"
        said += [kind] * (index - begin)
        begin = index
    return said


def _numbers(found: Sequence[Token]) -> list[str]:
    """What the number is, of which each token is a part: groups of digits with single signs or spaces between them."""
    said = ["-"] * len(found)
    index = 0
    while index < len(found):
        end = _number_end(found, index)
        if end == index:
            index += 1
            continue
        digits = "".join(each.text for each in found[index:end] if each.text[0].isdigit())
        kind = _kind_of_number(found, index, end, digits)
        said[index:end] = [kind] * (end - index)
        index = end
    return said


def _number_end(found: Sequence[Token], begin: int) -> int:
    end = index = begin
    while index < len(found):
        text = found[index].text
        if text[0].isdigit() or _iban_part(found, begin, index):
            index += 1
            end = index
        elif text in "+-./()" and index - end < 2:
            index += 1
        else:
            break
    return end


def _iban_part(found: Sequence[Token], begin: int, index: int) -> bool:
    """Tell whether letters belong to the number: two at its beginning, or four of a bank within it."""
    text = found[index].text
    if not text.isupper() or not text.isascii():
        return False
    if index == begin:
        following = found[index + 1] if index + 1 < len(found) else None
        return len(text) == 2 and following is not None and following.glued and following.text[0].isdigit()
    return found[begin].text.isupper() and len(text) <= 4


def _kind_of_number(found: Sequence[Token], begin: int, end: int, digits: str) -> str:
    first = found[begin].text
    if first.isupper():
        code = "".join(each.text for each in found[begin:end])
        return "iban" if 15 <= len(code) <= 34 and _mod_97(code) else "code"
    if 13 <= len(digits) <= 19:
        return "luhn" if _luhn(digits) else "longdigits"
    sign = "+" if first == "+" else "(" if first == "(" else ""
    groups = sum(each.text[0].isdigit() for each in found[begin:end])
    return f"{sign}{min(len(digits), 13)}/{min(groups, 5)}"


def _luhn(digits: str) -> bool:
    doubled = (int(each) * (2 if place % 2 else 1) for place, each in enumerate(reversed(digits)))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def _mod_97(code: str) -> bool:
    turned = code[4:] + code[:4]
    return turned.isalnum() and turned.isascii() and int("".join(str(int(each, 36)) for each in turned)) % 97 == 1
