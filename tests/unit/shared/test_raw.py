"""The raw store: complete or absent, and verified."""

import os
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard

from shared.raw import RawMissing, RawStore

BODY = b"<html>The harbour reopened.</html>" * 100


def test_what_was_kept_comes_back_by_its_hash(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    name = store.put(BODY)
    assert name == sha256(BODY).hexdigest()
    assert store.get(name) == BODY
    assert store.put(BODY) == name
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        f"{name[:2]}/{name[2:4]}/{name}.zst"
    ]
    assert name in RawStore(tmp_path)
    assert store.get(store.put(b"")) == b""


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 64, "A" * 64])
def test_what_was_never_kept_is_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(RawMissing):
        RawStore(tmp_path).get(name)


@pytest.mark.parametrize("damage", [b"", b"\x28\xb5\x2f\xfd", b"plain", zstandard.compress(b"other"), zstandard.compress(bytes(5000))])
def test_damaged_and_oversized_files_are_noticed(tmp_path: Path, damage: bytes) -> None:
    store = RawStore(tmp_path, max_bytes=4000)
    name = store.put(BODY)
    next(tmp_path.rglob("*.zst")).write_bytes(damage)
    with pytest.raises(RawMissing):
        store.get(name)


def test_files_that_nothing_names_are_found(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    kept, orphan = store.put(b"kept"), store.put(b"orphan")
    for path in tmp_path.rglob("*.zst"):
        os.utime(path, (1000, 1000))
    young = store.put(b"too young to tell")
    found = {name: list(store.orphans(int(name[:4], 16), lambda _: {kept}, older_than=2000)) for name in (kept, orphan, young)}
    assert {name: [path.name for path in paths] for name, paths in found.items()} == {kept: [], orphan: [f"{orphan}.zst"], young: []}


def test_an_orphan_that_is_wanted_again_is_young_again(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    name = store.put(b"orphan")
    os.utime(next(tmp_path.rglob("*.zst")), (1000, 1000))
    store.put(b"orphan")
    assert list(store.orphans(int(name[:4], 16), lambda _: (), older_than=2000)) == []


def test_a_store_that_cannot_be_read_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    name = store.put(BODY)
    path = next(tmp_path.rglob("*.zst"))
    path.unlink()
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        store.get(name)
