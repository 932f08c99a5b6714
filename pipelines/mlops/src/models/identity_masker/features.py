"""What the classifier sees of a token: itself, its neighbours, and what the run of signs around it looks like."""

import re
from collections.abc import Sequence

from models.identity_masker.tokens import Token

_EMAIL = re.compile(r"[^@]+@[^@]+\.[^@]+")
_AROUND = (-3, -2, -1, 1, 2, 3)


def features(found: Sequence[Token]) -> list[list[str]]:
    """Describe each token of a text by names; equal names are equal features, anywhere."""
    words = [each.text.lower() for each in found]
    shapes = [_shape(each.text) for each in found]
    runs = _runs(found)
    numbers = _numbers(found)
    described: list[list[str]] = []
    for index, token in enumerate(found):
        word, shape = words[index], shapes[index]
        names = [
            "bias",
            f"w={word}" if not word[0].isdigit() else f"d={len(word)}",
            f"s={shape}",
            f"p={word[:3]}",
            f"e={word[-3:]}",
            f"r={runs[index]}",
            f"n={numbers[index]}",
            f"g={token.glued}",
        ]
        for step in _AROUND:
            there = index + step
            if not 0 <= there < len(found):
                names.append(f"{step}none")
                continue
            names.append(f"{step}w={words[there]}" if not words[there][0].isdigit() else f"{step}d={len(words[there])}")
            names.append(f"{step}s={shapes[there]}")
            names.append(f"{step}n={numbers[there]}")
        before, after = shapes[index - 1] if index else "^", shapes[index + 1] if index + 1 < len(found) else "$"
        names += [f"b={before}/{shape}", f"a={shape}/{after}", f"t={before}/{shape}/{after}"]
        names.append(f"bw={words[index - 1] if index else '^'}/{shape}")
        names.append(f"aw={shape}/{words[index + 1] if index + 1 < len(found) else '$'}")
        described.append(names)
    return described


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
