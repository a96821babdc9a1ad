"""Who gets a place: the quick do not wait behind the slow."""

from concurrent.futures import Future

from hypothesis import given
from hypothesis import strategies as st

from shared.lanes import Lanes


def test_the_quick_have_a_place_that_the_slow_cannot_take() -> None:
    lanes = Lanes(2)
    slow, other, quick = lanes.claim(slow=True), lanes.claim(slow=True), lanes.claim(slow=False)
    assert (slow.result(), other.done(), quick.result()) == (0, False, 1)
    lanes.release(quick.result())
    assert not other.done()
    lanes.release(slow.result())
    assert other.result() == 0


def test_whoever_turns_out_to_be_slow_goes_on_where_a_place_is_left_for_the_quick() -> None:
    lanes = Lanes(2)
    first, second, third = (lanes.claim(slow=False) for _ in range(3))
    assert lanes.is_awaited()
    assert lanes.may_go_on(first.result())
    assert not lanes.may_go_on(second.result())
    lanes.release(second.result())
    assert third.result() == 1
    assert not lanes.is_awaited()


def test_the_slow_come_before_the_quick_where_they_hold_nothing() -> None:
    lanes = Lanes(2)
    held = [lanes.claim(slow=False), lanes.claim(slow=False)]
    quick, slow = lanes.claim(slow=False), lanes.claim(slow=True)
    lanes.release(held[0].result())
    assert slow.done()
    assert not quick.done()


def test_a_single_place_is_the_slows_while_no_quick_one_waits() -> None:
    lanes = Lanes(1)
    held, slow, quick = lanes.claim(slow=False), lanes.claim(slow=True), lanes.claim(slow=False)
    lanes.release(held.result())
    assert quick.done()
    assert not slow.done()
    lanes.release(quick.result())
    assert slow.done()


@given(st.integers(1, 3), st.lists(st.tuples(st.sampled_from(["quick", "slow", "release", "cancel", "go on", "take"]), st.integers(0, 5))))
def test_no_place_is_held_twice_and_none_is_lost(places: int, steps: list[tuple[str, int]]) -> None:
    lanes = Lanes(places)
    open_tickets: list[Future[int]] = []
    taken: list[int] = []

    def held() -> list[int]:
        return [ticket.result() for ticket in open_tickets if ticket.done()] + taken

    for what, number in steps:
        if what in ("quick", "slow"):
            open_tickets.append(lanes.claim(slow=what == "slow"))
        elif what == "take":
            taken += [number] if number < places and lanes.take(number) else []
        elif open_tickets:
            ticket = open_tickets[number % len(open_tickets)]
            if what == "go on" and ticket.done():
                lanes.may_go_on(ticket.result())
            elif what == "cancel" and ticket.cancel():
                open_tickets.remove(ticket)
            elif what == "release" and ticket.done():
                open_tickets.remove(ticket)
                lanes.release(ticket.result())
        assert len(set(held())) == len(held())
    for place in taken:
        lanes.release(place)
    while open_tickets:
        ticket = next(one for one in open_tickets if one.done())  # somebody always comes next
        open_tickets.remove(ticket)
        lanes.release(ticket.result())
    assert all(lanes.take(place) for place in range(places))
