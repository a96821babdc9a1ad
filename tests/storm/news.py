"""Articles for the proof that events do not depend on order: made up here, or read from an open stream of news beside the repository."""

import gzip
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from web import name, word

START = datetime(2031, 3, 4, 6, tzinfo=UTC)
STREAM = Path(__file__).resolve().parents[3] / "shared" / "bench" / "link" / "dev_stream.jsonl.gz"

# What one happening may be: a title and sentences that every teller may use, and the same in German. Names differ from story to story, so
# that two stories of one kind are look-alikes.
KINDS: Sequence[dict[str, Sequence[str]]] = (
    {
        "titles": (
            "Quake of {figure} shakes {place}",
            "{place} hit by quake, {count} homes damaged",
            "{person}: {place} will be rebuilt after quake",
        ),
        "told": (
            "A quake of magnitude {figure} shook {place} before dawn and damaged {count} homes.",
            "{person}, governor of {other}, said that {count} families slept in tents near the {thing} bridge.",
            "Rescue teams with dogs searched the {thing} quarter of {place} for those who are missing.",
            "Trains between {place} and {other} stand still until engineers have looked at the tunnels.",
            "Schools stay shut, and the hospital of {other} took in the injured, {person} said.",
            "It was the strongest quake in the region since the {thing} disaster.",
        ),
        "german": (
            "Erdbeben der Stärke {figure} erschüttert {place}",
            "Ein Erdbeben der Stärke {figure} hat {place} erschüttert und {count} Häuser beschädigt, sagte {person}.",
            "Rettungskräfte suchen im Viertel {thing} nach Vermissten; die Züge nach {other} stehen still.",
        ),
    },
    {
        "titles": (
            "Court in {place} jails {person} for fraud",
            "{person} sentenced over {thing} fraud",
            "{count} investors lost savings, {place} court finds",
        ),
        "told": (
            "A court in {place} sentenced {person} to prison for the fraud at the {thing} bank.",
            "The judges found that {count} investors had lost {figure} million through forged letters.",
            "Lawyers for {person} announced an appeal to the high court in {other}.",
            "The trial over the {thing} bank had lasted two years and heard witnesses from {other}.",
            "Prosecutors had asked for a longer sentence for the founder of the bank.",
        ),
        "german": (
            "Gericht in {place} verurteilt {person}",
            "Ein Gericht in {place} hat {person} wegen Betrugs bei der Bank {thing} verurteilt. {count} Anleger verloren {figure} Mio.",
            "Die Anwälte kündigten Berufung beim Gericht in {other} an.",
        ),
    },
    {
        "titles": (
            "Ferry {thing} runs aground off {place}",
            "{count} passengers saved from ferry near {place}",
            "Captain {person} questioned after ferry accident",
        ),
        "told": (
            "The ferry {thing} ran aground off {place} with {count} passengers on board.",
            "Captain {person} told the coast guard that the rudder had failed {figure} miles from the harbour of {other}.",
            "Lifeboats from {other} brought all passengers ashore in heavy seas.",
            "Oil was seen on the water near {place}, and fishermen were told to stay in port.",
            "The owner of the {thing} promised to pay for the damage.",
        ),
        "german": (
            "Fähre {thing} vor {place} auf Grund gelaufen",
            "Die Fähre {thing} ist mit {count} Passagieren vor {place} auf Grund gelaufen, sagte Kapitän {person}.",
            "Rettungsboote aus {other} brachten alle an Land.",
        ),
    },
    {
        "titles": (
            "{person} elected mayor of {place}",
            "{place} votes for {person}",
            "Recount in {place} after {person} wins by {count} votes",
        ),
        "told": (
            "{person} was elected mayor of {place} with {figure} per cent of the votes.",
            "The candidate of the {thing} list won by {count} votes over the party that had ruled since the war.",
            "Observers from {other} saw long queues but no violence at the polling stations.",
            "The losers asked for a recount in the districts on the {other} road.",
            "{person} promised cheaper buses and a new roof for the {thing} market.",
        ),
        "german": (
            "{person} wird Bürgermeister von {place}",
            "{person} ist mit {figure} Prozent der Stimmen zum Bürgermeister von {place} gewählt worden.",
            "Die Liste {thing} gewann mit {count} Stimmen Vorsprung; Beobachter aus {other} sahen keine Gewalt.",
        ),
    },
)


@dataclass(frozen=True, kw_only=True)
class Told:
    """One article as `clean` would leave it. `key` stands for its address."""

    key: str
    title: str | None
    text: str | None
    published: datetime | None
    language: str | None = "en"
    standfirst: str | None = None


def made_up(number: int, seed: int = 5) -> list[Told]:
    """So many articles: each story told by several, a day later too, undated, copied, translated; and look-alikes."""
    dice = random.Random(seed)
    made: list[Told] = []
    while len(made) < number:
        made += _story(dice, len(made))
    return made[:number]


def _story(dice: random.Random, first: int) -> list[Told]:
    kind = dice.choice(KINDS)
    names = {"place": name(dice), "other": name(dice), "person": f"{name(dice)} {name(dice)}", "thing": word(dice).capitalize()}
    names |= {"count": str(dice.randrange(40, 9000)), "figure": f"{dice.randrange(3, 70)}.{dice.randrange(1, 9)}"}
    at = START + timedelta(minutes=dice.randrange(3 * 1440))
    told: list[Told] = []
    for teller in range(dice.choice((1, 1, 2, 3, 4, 5, 7))):
        title = dice.choice(kind["titles"]).format(**names)
        sentences = dice.sample(kind["told"], k=dice.randrange(2, len(kind["told"]) + 1))
        text = "\n\n".join(sentence.format(**names) for sentence in sentences)
        when = None if dice.random() < 0.08 else at + timedelta(minutes=dice.randrange(30 * 60))
        one = Told(key=f"outlet{teller}.test/{first + len(told)}", title=title, text=text, published=when)
        match dice.randrange(8):
            case 0 if told:  # the same words elsewhere, under this title or that
                one = replace(one, text=told[0].text, title=dice.choice((title, told[0].title)))
            case 1:
                german, *more = (line.format(**names) for line in kind["german"])
                one = replace(one, title=german, text="\n\n".join(more), language="de")
            case 2:  # a headline and nothing else
                one = replace(one, text=None)
        told.append(one)
    return told


def open_stream(number: int, seed: int = 5) -> list[Told]:
    """So many articles of a stretch of the open stream, as they follow one another in time. OSError where the stream is not there."""
    with gzip.open(STREAM, "rt", encoding="utf-8") as lines:
        records = sorted((json.loads(line) for line in lines), key=lambda record: (record["date"] or "", record["id"]))
    start = random.Random(seed).randrange(max(1, len(records) - number))
    return [
        Told(
            key=f"stream.test/{record['id']}",
            title=record["title"],
            text=record["text"],
            published=datetime.fromisoformat(record["date"]).replace(tzinfo=UTC) if record["date"] else None,
        )
        for record in records[start : start + number]
    ]
