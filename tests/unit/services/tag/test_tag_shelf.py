"""The gazetteer of the data folder: taken when it comes, taken anew when it changes, kept when the new one is broken."""

import logging
from pathlib import Path

import pytest

from services.tag.concepts import Folder
from services.tag.core import Concept, built_in, tag_article
from services.tag.shelf import Shelf
from shared.replacing import replaced


def put(folder: Folder, name: str) -> str:
    """Make a gazetteer with one more organisation; its digest."""
    folder.write("own", [(Concept(f"name:{name.lower().replace(' ', '-')}", "organisation", name), [name])])
    return str(folder.build()["digest"])


def ids(shelf: Shelf, text: str) -> set[str]:
    return {tag.id for tag in tag_article(None, text, "en", shelf.current())}


def test_without_a_file_the_packages_tables_serve(tmp_path: Path) -> None:
    assert Shelf().current() is built_in()
    assert Shelf(tmp_path / "absent").current() is built_in()


def test_a_newer_file_is_taken_at_once(tmp_path: Path) -> None:
    folder, shelf = Folder(tmp_path / "concepts"), Shelf(tmp_path / "concepts")
    assert shelf.current().digest == ""
    first = put(folder, "Lantern Guild")
    assert shelf.current().digest == first
    assert "name:lantern-guild" in ids(shelf, "They asked the Lantern Guild in Aleppo.")
    assert shelf.current() is shelf.current()
    second = put(folder, "Candle Guild")
    assert shelf.current().digest == second != first
    assert shelf.current().concepts.get("name:lantern-guild") is None
    folder.remove("own")
    assert folder.build() == {}
    assert shelf.current() is built_in()


@pytest.mark.parametrize("wrong", [b"", b"no gazetteer at all, only some text that is long enough"])
def test_a_broken_file_leaves_the_one_before(tmp_path: Path, wrong: bytes, caplog: pytest.LogCaptureFixture) -> None:
    folder, shelf = Folder(tmp_path), Shelf(tmp_path)
    digest = put(folder, "Lantern Guild")
    assert shelf.current().digest == digest
    with replaced(folder.gazetteer) as out:
        out.write(wrong)
    with caplog.at_level(logging.ERROR):
        assert shelf.current().digest == digest
    assert "name:lantern-guild" in ids(shelf, "They asked the Lantern Guild in Aleppo.")


def test_a_source_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    put(folder, "Lantern Guild")

    def broken():  # type: ignore[no-untyped-def]
        yield Concept("name:candle-guild", "organisation", "Candle Guild"), ["Candle Guild"]
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        folder.write("own", broken())
    assert [concept.name for concept, _ in folder.rows("own")] == ["Lantern Guild"]
    assert [file.name for file in tmp_path.iterdir() if file.name.endswith(".part")] == []


def test_lines_that_were_edited_wrongly_are_passed_over(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    put(folder, "Lantern Guild")
    with folder.file("own").open("a") as out:
        out.write("not a concept\n\n")
    assert len(list(folder.rows("own"))) == 1
    assert folder.build()["concepts"] == len(built_in().concepts) + 1
