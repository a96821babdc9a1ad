"""What an edit changed: shown whole, bounded, and nothing where nothing reads differently."""

from hypothesis import given
from hypothesis import strategies as st

from services.clean.core.document import Cleaned
from services.clean.core.revisions import ELLIPSIS, MAX_CHARS, MAX_LINE, MAX_LINES, Change, Former, compare, paragraph_diff, settled

PARAGRAPHS = st.lists(st.sampled_from(["a", "b", "c", "The ferry sank.", "Nobody was hurt."]), max_size=12)


def edit(before: str, after: str, *, title: str = "Ferry sinks", title_before: str = "Ferry sinks") -> Change | None:
    return compare(Former(revision=1, title=title_before, standfirst=None, text=before), Cleaned(title=title, text=after))


@given(PARAGRAPHS, PARAGRAPHS)
def test_a_diff_holds_both_texts_in_order(before: list[str], after: list[str]) -> None:
    lines = paragraph_diff(before, after)
    assert [text for sign, text in lines if sign != "+"] == before
    assert [text for sign, text in lines if sign != "-"] == after


@given(PARAGRAPHS)
def test_what_reads_the_same_is_no_edit(paragraphs: list[str]) -> None:
    assert edit("\n\n".join(paragraphs), " \n\n\n\n".join(paragraphs)) is None


def test_an_edit_shows_what_changed_with_its_surroundings_and_counts_words() -> None:
    kept = [f"Paragraph {number} stands as it stood." for number in range(8)]
    after = [*kept[:4], "Eleven people died, not nine.", *kept[5:]]
    change = edit("\n\n".join(kept), "\n\n".join(after))
    assert change is not None
    assert change.diff == (
        (" ", ELLIPSIS),
        (" ", kept[3]),
        ("-", kept[4]),
        ("+", "Eleven people died, not nine."),
        (" ", kept[5]),
        (" ", ELLIPSIS),
    )
    assert (change.added, change.removed) == (5, 6)
    assert change.title_before == change.title


def test_a_new_headline_alone_is_an_edit() -> None:
    change = edit("The ferry sank.", "The ferry sank.", title="Ferry sinks off Mindoro")
    assert change == Change(title_before="Ferry sinks", title="Ferry sinks off Mindoro", diff=(), added=0, removed=0)


def test_a_standfirst_that_becomes_a_paragraph_is_no_edit() -> None:
    former = Former(revision=1, title="T", standfirst="The ferry sank.", text="Nobody was hurt.")
    assert compare(former, Cleaned(title="T", text="The ferry sank.\n\nNobody was hurt.")) is None


def test_scripts_without_spaces_are_counted_by_their_characters() -> None:
    change = edit("渡轮沉没，九人死亡。", "渡轮沉没，十一人死亡。")
    assert change is not None
    assert (change.added, change.removed) == (2, 1)


def test_two_texts_without_anything_in_common_are_compared_in_bounds() -> None:
    before = "\n\n".join(f"{number} " + "x" * 5_000 for number in range(3_000))
    after = "\n\n".join(f"{number} " + "y" * 50 for number in range(3_000))
    change = edit(before, after)
    assert change is not None
    assert len(change.diff) <= MAX_LINES
    assert sum(len(text) for _, text in change.diff) <= MAX_CHARS + MAX_LINE
    assert change.diff[-1] == (" ", ELLIPSIS)


def test_what_pages_change_at_every_request_is_no_new_article() -> None:
    facts: dict[str, object] = {"title": "T", "image": "https://a.test/i.jpg?token=1", "modified_at": 1, "provenance": {}}
    assert settled(facts) == settled(facts | {"image": "https://a.test/i.jpg?token=2", "modified_at": 2})
    assert settled(facts) != settled(facts | {"image": "https://a.test/other.jpg"})
    assert settled(facts) != settled(facts | {"authors": ["A"]})
