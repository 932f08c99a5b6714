"""Texts with identities that nobody has: sentences, filled by Faker from a seed."""

import calendar
import random
import re
from collections.abc import Callable, Iterator

from faker import Faker

from models.identity_masker.sentences import HELD_OUT, LEARNT
from pipeline_mlops.model import Row, Span

_LOCALES = {"en": ("en_US", "en_GB"), "es": ("es_ES", "es_MX"), "de": ("de_DE", "de_AT")}
_SHARES = {"en": 6, "es": 2, "de": 2}
_PLACE = re.compile(r"\{(\w+)\}")
_JOINTS = (" ", " ", "\n", " - ")


def texts(seed: int, count: int, *, held_out: bool) -> Iterator[Row]:
    """Make rows; equal arguments and an equal version of Faker make equal rows."""
    chance = random.Random(f"{seed} {held_out}")  # noqa: S311  made-up texts are no secrets
    # Not it_IT: its cities are in a set, whose order is another one in each process.
    fakers = {locale: Faker(locale) for locale in (*sum(_LOCALES.values(), ()), "fr_FR")}
    for number, each in enumerate(fakers.values()):
        each.seed_instance(chance.randrange(2**32) + number)
    sentences = HELD_OUT if held_out else LEARNT
    for _ in range(count):
        language = chance.choices(list(_SHARES), list(_SHARES.values()))[0]
        chosen = chance.sample(sentences[language], chance.choice((1, 1, 2, 3)))
        text = chance.choice(_JOINTS).join(chosen)
        yield _filled(text, chance, fakers, chance.choice(_LOCALES[language]))


def _filled(template: str, chance: random.Random, fakers: dict[str, Faker], locale: str) -> Row:
    made = ""
    spans: list[Span] = []
    end = 0
    for match in _PLACE.finditer(template):
        made += template[end : match.start()]
        end = match.end()
        name = match[1]
        # People write from everywhere: a name or an address is now and then of another country.
        there = locale if chance.random() < 0.7 else chance.choice(list(fakers))
        value = _MADE[name.lower()](fakers[there], chance)
        if name.isupper():
            spans.append(Span(name.lower(), len(made), len(made) + len(value)))
        made += value
    return Row(made + template[end:], tuple(spans))


def _person(faker: Faker, chance: random.Random) -> str:
    name = f"{faker.first_name()} {faker.last_name()}"
    form = chance.random()
    if form < 0.7:
        return name
    if form < 0.8:
        return faker.last_name() if chance.random() < 0.5 else faker.first_name()
    if form < 0.9:
        return f"{faker.last_name()}, {faker.first_name()}"
    return name.lower() if form < 0.95 else name.upper()


def _address(faker: Faker, chance: random.Random) -> str:
    joint = ", " if chance.random() < 0.8 else "\n"
    return joint.join(part for part in faker.address().split("\n") if part)


def _email(faker: Faker, chance: random.Random) -> str:
    mail = faker.email() if chance.random() < 0.6 else faker.company_email()
    if chance.random() < 0.2:
        mail = mail.replace("@", f"+{chance.choice(('news', 'shop', 'x'))}@")
    return mail.upper() if chance.random() < 0.03 else mail


def _phone(faker: Faker, chance: random.Random) -> str:
    if chance.random() < 0.6:
        return faker.phone_number()
    return f"+{chance.choice((1, 33, 34, 39, 43, 44, 49))} {chance.randint(20, 999)} {chance.randint(100000, 99999999)}"


def _card(faker: Faker, chance: random.Random) -> str:
    number = faker.credit_card_number()
    joint = chance.choice(("", " ", " ", "-"))
    return joint.join(re.findall(r"\d{1,4}", number))


def _iban(faker: Faker, chance: random.Random) -> str:
    code = faker.iban()
    return code if chance.random() < 0.5 else " ".join(re.findall(r".{1,4}", code))


def _amount(_faker: Faker, chance: random.Random) -> str:
    value = f"{chance.randint(1, 9999)}.{chance.randint(0, 99):02}"
    return chance.choice((f"${value}", f"{value} EUR", f"{value.replace('.', ',')} €", f"USD {chance.randint(1, 900)}"))


def _date(_faker: Faker, chance: random.Random) -> str:
    year, month, day = chance.randint(2015, 2029), chance.randint(1, 12), chance.randint(1, 28)
    return chance.choice((f"{year}-{month:02}-{day:02}", f"{day}/{month}/{year}", f"{day}.{month}.{year}"))


def _order(_faker: Faker, chance: random.Random) -> str:
    number = chance.randint(1000, 99999999)
    return chance.choice((f"#{number}", f"{number}", f"ORD-{number}", f"{chance.randint(10, 99)}-{number}"))


def _serial(_faker: Faker, chance: random.Random) -> str:
    letters = "".join(chance.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=chance.randint(2, 4)))
    return f"{letters}{chance.randint(10**5, 10**12)}"


_MADE: dict[str, Callable[[Faker, random.Random], str]] = {
    "person": _person,
    "address": _address,
    "email": _email,
    "phone": _phone,
    "card": _card,
    "iban": _iban,
    "amount": _amount,
    "date": _date,
    "order": _order,
    "serial": _serial,
    # Faker's companies of surnames alone are persons to anybody who reads them.
    "company": lambda faker, _: f"{faker.last_name()} {faker.company_suffix()}",
    "city": lambda faker, _: faker.city(),
    # Faker's month lies between 1970 and now, so its texts would be others every few hours.
    "month": lambda _, chance: calendar.month_name[chance.randint(1, 12)],
    "number": lambda _, chance: str(chance.randint(2, 5000)),
    "time": lambda _, chance: f"{chance.randint(0, 23)}:{chance.randint(0, 59):02}",
    "expiry": lambda _, chance: f"{chance.randint(1, 12):02}/{chance.randint(26, 34)}",
    "version": lambda _, chance: f"{chance.randint(0, 9)}.{chance.randint(0, 30)}.{chance.randint(0, 9)}",
    "ip": lambda faker, _: faker.ipv4(),
}
