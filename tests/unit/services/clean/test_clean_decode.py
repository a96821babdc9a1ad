"""From bytes to text: what browsers read, this reads."""

import pytest

from services.clean.core.decode import codec, decode

RUSSIAN = "Мэрия открыла новый мост через реку, движение начнётся в понедельник."


def test_utf8_is_read_without_being_told() -> None:
    assert decode(RUSSIAN.encode()) == RUSSIAN


@pytest.mark.parametrize(("bom", "name"), [(b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_a_byte_order_mark_wins_over_the_header(bom: bytes, name: str) -> None:
    assert decode(bom + RUSSIAN.encode(name), "text/html; charset=windows-1252") == RUSSIAN


def test_the_header_names_the_charset() -> None:
    assert decode(RUSSIAN.encode("cp1251"), "text/html; charset=Windows-1251") == RUSSIAN


def test_the_document_names_its_charset() -> None:
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=koi8-r"></head><p>{RUSSIAN}'
    assert RUSSIAN in decode(page.encode("koi8_r"))


def test_latin_1_means_windows_1252() -> None:
    assert decode("„Brücke“ – 5 €".encode("cp1252"), "text/html; charset=ISO-8859-1") == "„Brücke“ – 5 €"


def test_utf8_declared_as_latin_1_is_utf8() -> None:
    assert decode("Brücke über den Fluß".encode(), "text/html; charset=iso-8859-1") == "Brücke über den Fluß"


def test_gb2312_means_gb18030() -> None:
    assert decode("新桥镕".encode("gb18030"), "text/html; charset=gb2312") == "新桥镕"


def test_undeclared_western_bytes_are_windows_1252() -> None:
    assert decode("Café déjà fermé".encode("cp1252")) == "Café déjà fermé"


def test_a_document_cut_within_its_last_character_is_still_utf8() -> None:
    assert decode(RUSSIAN.encode()[:-1] + "я".encode()[:1]).startswith("Мэрия открыла")


@pytest.mark.parametrize("label", ["utf-7", "idna", "rot13", "unicode_escape", "punycode", "nonsense"])
def test_labels_that_are_no_charsets_are_not_honoured(label: str) -> None:
    assert codec(label) is None
    assert decode(b"plain", f"text/html; charset={label}") == "plain"
