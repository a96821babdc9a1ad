"""Entities of a Wikidata dump as concepts. The dump is made here; items and names are invented, but for countries' codes."""

import bz2
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from services.tag.concepts import Row
from services.tag.core import built_in
from services.tag.core.wikidata import MAX_LINE, Entity, read_entity
from services.tag.dump import Import, Wanted, parse_languages

WANTED = Wanted(languages=("en", "de", "ru"), min_links=2)


def claim(value: Any, rank: str = "normal") -> dict[str, Any]:
    return {"rank": rank, "mainsnak": {"datavalue": {"value": value}}}


def entity(number: int, name: str, *classes: str, links: int = 5, aliases: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """An entity as a dump has it. `more`: further claims, an item's id or a text."""
    claims = {"P31": [claim({"id": one}) for one in classes]}
    claims |= {prop: [claim({"id": value} if isinstance(value, str) and value.startswith("Q") else value)] for prop, value in more.items()}
    return {
        "type": "item",
        "id": f"Q{number}",
        "labels": {"en": {"language": "en", "value": name}},
        "aliases": {"en": [{"language": "en", "value": one} for one in aliases]},
        "claims": claims,
        "sitelinks": {f"wiki{one}": {} for one in range(links)},
    }


PORTUGAL = entity(45, "Portugal", "Q6256", P297="PT", aliases=("Lusitanian Republic",))
LISBON = entity(597, "Lisbon", "Q515", P17="Q45", aliases=("City of Seven Hills",))
ENTITIES = [
    entity(9001, "Olga Quarrin", "Q5", P27="Q45", aliases=("Quarrin", "O. M. Quarrin")),
    entity(9002, "Harbour Trust", "Q43229", P17="Q45", aliases=("HBTR", "the trust")),
    entity(9003, "Zurbagan", "Q515", P17="Q45"),
    entity(9004, "Olga Quarrin", "Q5", links=40, aliases=("Olga the Great",)),
    entity(9005, "Quarrin", "Q101352"),
    entity(9006, "Quarrin (disambiguation)", "Q4167410"),
    entity(9007, "Little Known", "Q5", links=1),
    entity(9008, "Paintings by Quarrin", "Q99999999"),
    entity(9009, "Mount Quarrin", "Q99999998", P17="Q45", P625={"latitude": 1}),
    PORTUGAL,
    LISBON,
]


def dump(path: Path, entities: list[dict[str, Any]]) -> Path:
    text = "[\n" + ",\n".join(json.dumps(one) for one in entities) + "\n]\n"
    raw = text.encode()
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else bz2.compress(raw) if path.suffix == ".bz2" else raw)
    return path


def taken(path: Path, folder: Path, wanted: Wanted = WANTED) -> dict[str, Row]:
    import_ = Import(path, folder, wanted)
    import_.read(lambda _: None)
    return {row[0].id: row for row in import_.rows(built_in())}


@pytest.mark.parametrize("name", ["dump.json", "dump.json.gz", "dump.json.bz2"])
def test_persons_places_and_organisations_are_taken_with_their_country(tmp_path: Path, name: str) -> None:
    rows = taken(dump(tmp_path / name, ENTITIES), tmp_path)
    trust, surfaces = rows["name:harbour-trust"]
    assert (trust.kind, trust.parent, surfaces) == ("organisation", "country:PT", ["Harbour Trust", "HBTR"])
    assert rows["name:zurbagan"][0].is_weak
    assert rows["name:mount-quarrin"][0].kind == "place"
    assert not {"name:quarrin", "name:little-known", "name:paintings-by-quarrin"} & set(rows)


def test_what_too_few_wikis_know_is_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = []
    for number, links in enumerate([0, 1, 2, 3]):
        given = entity(number + 1, f"Olga Quarrin{'abcd'[number]}", "Q5", links=0)
        given["sitelinks"] = {f"w{one}": {"site": f"w{one}", "title": "x", "badges": []} for one in range(links)}
        lines.append(json.dumps(given, separators=(",", ":")))
    path = tmp_path / "dump.json"
    path.write_text("\n".join(lines))
    parsed = 0

    def read(line: bytes, languages: Sequence[str], min_links: int) -> Entity | None:
        nonlocal parsed
        parsed += 1
        return read_entity(line, languages, min_links)

    monkeypatch.setattr("services.tag.dump.read_entity", read)
    assert len(taken(path, tmp_path)) == parsed == 2


def test_of_two_that_bear_one_name_the_better_known_has_it(tmp_path: Path) -> None:
    rows = taken(dump(tmp_path / "dump.json", ENTITIES), tmp_path)
    assert rows["name:olga-quarrin"][1] == ["Olga Quarrin", "Olga the Great"]


def test_what_the_tables_know_keeps_its_id_and_gets_further_surfaces(tmp_path: Path) -> None:
    rows = taken(dump(tmp_path / "dump.json", ENTITIES), tmp_path)
    assert rows["country:PT"][1] == ["Portugal", "Lusitanian Republic"]
    assert "City of Seven Hills" in rows["place:lisbon"][1]
    assert "name:lisbon" not in rows


def test_what_the_tables_know_by_a_surface_stays_theirs(tmp_path: Path) -> None:
    rows = taken(dump(tmp_path / "dump.json", [entity(1, "Harbour Trust", "Q43229", aliases=("United Nations", "NATO"))]), tmp_path)
    assert rows["name:harbour-trust"][1] == ["Harbour Trust"]


def test_names_in_the_wanted_languages_are_surfaces(tmp_path: Path) -> None:
    given = entity(1, "Olga Quarrin", "Q5")
    given["labels"] |= {"ru": {"value": "Ольга Куаррина"}, "fr": {"value": "Olga Couarrine"}}
    assert taken(dump(tmp_path / "d.json", [given]), tmp_path)["name:olga-quarrin"][1] == ["Olga Quarrin", "ru:Ольга Куаррина"]


def test_a_stopped_import_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tag.dump.KEPT_EVERY", 3)
    path = dump(tmp_path / "dump.json.gz", ENTITIES)
    calls = 0

    def stop(_: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Import(path, tmp_path, WANTED).read(stop)
    again = Import(path, tmp_path, WANTED)
    parsed: list[bytes] = []

    def read(line: bytes, languages: Sequence[str], min_links: int) -> Entity | None:
        parsed.append(line)
        return read_entity(line, languages, min_links)

    monkeypatch.setattr("services.tag.dump.read_entity", read)
    again.read(lambda _: None)
    assert 0 < len(parsed) < len(ENTITIES)
    whole = taken(path, tmp_path / "other")
    assert {row[0].id: row for row in again.rows(built_in())} == whole
    again.forget()
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".wikidata")]


def test_a_dump_that_ends_early_is_told_and_another_one_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "dump.json.gz"
    path.write_bytes(gzip.compress(b"[\n" + json.dumps(LISBON).encode())[:-12])
    with pytest.raises(EOFError):
        taken(path, tmp_path)
    assert "name:zurbagan" in taken(dump(path, ENTITIES), tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[",
        b"{",
        b"{}",
        b"{" * 100_000,
        b'{"type": "item", "id": "Q1"}',
        b'{"type": "item", "id": 1, "labels": {}, "claims": {}}',
        b'{"type": "item", "id": "Q1", "labels": [], "claims": [], "sitelinks": 3}',
        b'{"type": "item", "id": "Q1", "labels": {"en": 3}, "claims": {"P31": [3, {"mainsnak": {"datavalue": {"value": {"id": "Q5"}}}}]}}',
        b'{"type": "item", "id": "Q1", "labels": {"en": {"value": ["x"]}}, "claims": {"P31": {"id": "Q5"}, "P569": 0}}',
        b'{"type": "property", "id": "P31"}',
        b"\xff\xfe",
        b'{"a": "' + b"x" * MAX_LINE + b'"}',
    ],
)
def test_lines_that_are_no_entity_are_passed_over(line: bytes) -> None:
    assert read_entity(line, ["en"], 0) is None


def test_a_line_without_end_does_not_hide_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tag.dump.MAX_LINE", 4000)
    path = tmp_path / "dump.json"
    path.write_bytes(b'{"labels": "claims' + b"x" * 50_000 + b"\n" + json.dumps(ENTITIES[1]).encode())
    assert list(taken(path, tmp_path)) == ["name:harbour-trust"]


def test_the_most_that_is_wanted_ends_the_reading(tmp_path: Path) -> None:
    rows = taken(dump(tmp_path / "dump.json", ENTITIES), tmp_path, Wanted(languages=("en",), min_links=0, most=2))
    assert len(rows) == 2


def test_languages_are_codes() -> None:
    assert parse_languages("EN, de,en,zh-hans") == ["en", "de", "zh-hans"]
    for wrong in ("", "e1", "en,§"):
        with pytest.raises(ValueError, match="no list of languages"):
            parse_languages(wrong)
