"""A file is complete or as it was."""

from pathlib import Path

import pytest

from shared.replacing import replaced


def test_a_file_takes_its_place_only_when_all_of_it_is_there(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    with replaced(file) as out:
        out.write(b"one")
        assert not file.exists()
    with replaced(file) as out:
        out.write(b"two")
        assert file.read_bytes() == b"one"
    assert file.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [file]


def test_what_breaks_off_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"old")

    def break_off() -> None:
        with replaced(file) as out:
            out.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]
