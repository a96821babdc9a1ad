"""Who may have one of a few places next: the quick do not wait behind the slow.

A place is held by one at a time. Whoever turns out to be slow may keep its place only while a place remains for the quick; the slow
among themselves wait for the rest. Plain bookkeeping under a lock: who waits does so on a future, in a thread or in an event loop.
"""

import threading
from collections import deque
from concurrent.futures import Future


class Lanes:
    """`places` places, numbered from 0, of which all but one may be held by the slow (the only one while no quick one waits)."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._free = set(range(places))
        self._quick: deque[Future[int]] = deque()
        self._slow: deque[Future[int]] = deque()
        self._held_slowly: set[int] = set()

    def claim(self, *, slow: bool) -> "Future[int]":
        """A place, when it comes. What was claimed is to be released, or the future cancelled before it is done."""
        ticket: Future[int] = Future()
        with self._lock:
            (self._slow if slow else self._quick).append(ticket)
            self._hand_out()
        return ticket

    def release(self, place: int) -> None:
        """Give a place back."""
        with self._lock:
            self._held_slowly.discard(place)
            self._free.add(place)
            self._hand_out()

    def may_go_on(self, place: int) -> bool:
        """Whether whoever holds this place quickly, and took long, may hold it slowly from now on."""
        with self._lock:
            if not self._room_for_slow():
                return False
            self._held_slowly.add(place)
            return True

    def is_awaited(self) -> bool:
        """Whether a quick one waits."""
        with self._lock:
            return any(not ticket.cancelled() for ticket in self._quick)

    def take(self, place: int) -> bool:
        """Take this very place if it is free and nobody holds it."""
        with self._lock:
            if place not in self._free:
                return False
            self._free.remove(place)
            return True

    def _room_for_slow(self) -> bool:
        return len(self._held_slowly) < self._places - 1 or (self._places == 1 and not self._held_slowly and not self._quick)

    def _hand_out(self) -> None:
        while self._free:
            slowly = bool(self._slow) and self._room_for_slow()
            if not slowly and not self._quick:
                return
            ticket = (self._slow if slowly else self._quick).popleft()
            if ticket.set_running_or_notify_cancel():
                place = min(self._free)
                self._free.remove(place)
                if slowly:
                    self._held_slowly.add(place)
                ticket.set_result(place)
