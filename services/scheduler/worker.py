"""The scheduler's process: a look every second until told to stop."""

import signal
import time
from threading import Event
from types import FrameType

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from services.scheduler.sweep import Sweeper

log = structlog.get_logger()


def run(sweeper: Sweeper, *, every_s: float) -> None:
    """Sweep every `every_s` seconds until SIGTERM or SIGINT. A database that is away is waited for."""
    stop = Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    log.info("scheduler_started", every_s=every_s)
    while not stop.is_set():
        started = time.monotonic()
        try:
            sweeper.sweep()
        except (OperationalError, InterfaceError) as error:
            log.warning("database_away", error=str(error)[:300])
        except OSError as error:
            log.warning("storage_away", error=str(error)[:300])
        stop.wait(max(0.05, every_s - (time.monotonic() - started)))
    log.info("scheduler_stopped")
