"""What a run of the tests says at its end of what it did not show."""

from skipped import paragraph


def test_nothing_is_said_where_nothing_was_skipped() -> None:
    assert paragraph([]) == ""


def test_what_is_missing_is_named_once_with_the_number_of_tests() -> None:
    said = paragraph(["no compose plugin", "needs a browser", "the reference documents are not there: seeds", "no compose plugin", "odd"])
    assert set(said.splitlines()) == {
        "Skipped, so not shown by this run:",
        "- 1 test because of: odd",
        "- 1 test for want of a browser: install Chromium (Debian: chromium)",
        "- 1 test for want of the folder ../shared beside the checkout: real pages, not ours to publish",
        "- 2 tests for want of the compose plugin: install docker-compose-plugin, or docker-compose 2 (no engine is needed)",
    }
