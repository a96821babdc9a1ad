"""What the tests of the Current Events portal share. Sentences and addresses are invented."""

from datetime import date
from typing import Any

from services.fetch.core.portal import read_day

DAY = date(2021, 9, 4)
BELOW, ABOVE = "<!-- All news items below this line -->", "<!-- All news items above this line -->"
ITEM = "A dam breaks near [[Velda]]. [https://a.test/1 (Tessel Radio)]"
ITEMS = f"'''Disasters and accidents'''\n*[[2021 Velda flood]]\n**{ITEM}\n"


def read(text: str, day: date | None = DAY) -> list[Any]:
    return list(read_day(day, text))


def headlines(text: str, day: date | None = DAY) -> list[str]:
    return [event["headline"] for event in read(text, day)]


def only(text: str) -> Any:
    (event,) = read(text)
    return event


def names(event: Any) -> list[str]:
    return [tag["name"] for tag in event["tags"]]


def sources(event: Any) -> list[tuple[str | None, str]]:
    return [(source["outlet"], source["url"]) for source in event["sources"]]
