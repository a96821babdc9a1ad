"""The only module that imports Celery: the app, its tasks, the worker, and the hints that go to Redis.

One queue and one task per stage, both named after it. JSON only; no result backend; no ETA, countdown or Celery retry: the ledger is the
retry clock. A message names rows of work: `deliver(ids=[…])`; its task id is the first row's id, so that Flower finds it.
"""

import base64
import inspect
import json
import os
import resource
import socket
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from celery import Celery
from celery.exceptions import CPendingDeprecationWarning
from celery.platforms import SecurityWarning
from celery.signals import setup_logging
from celery.worker import state as worker_state
from kombu import Queue
from kombu.exceptions import OperationalError as BrokerError
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import redis as kombu_redis
from redis import Redis
from redis.exceptions import RedisError

from shared.overlap import Overlap
from shared.pipeline import Pipeline
from shared.runner import Runner
from shared.timelimit import Watchdog

TASK = "dateline.{stage}"
# Redis gives a message that nobody acknowledged to another worker after this time. It may be early or late: the ledger decides.
VISIBILITY_TIMEOUT_S = 300
SOCKET_TIMEOUT_S = 5
# A worker's watchdog ends the process at this share of the lease: the row's lease outlives whoever holds it.
HARD_SHARE = 0.9
# A queue shorter than this is as good as empty: what is new is hinted at once, however little it is.
NEARLY_EMPTY = 4

log = structlog.get_logger()


def refusal(message: Any, stage: str) -> str | None:
    """What is wrong with a message in a stage's queue, None where it is one that `send` could have written.

    Celery ends a worker that finds anything else (`Unrecoverable error`), and the message comes back after the visibility timeout.
    """
    try:
        headers, properties = message["headers"], message["properties"]
        if headers["task"] != TASK.format(stage=stage):
            return "unknown task"
        if message["content-type"] != "application/json" or message["content-encoding"] != "utf-8" or headers.get("compression"):
            return "content type"
        if properties["body_encoding"] != "base64" or not isinstance(properties["delivery_info"], dict):
            return "envelope"
        if not all(isinstance(one, str) for one in (headers["id"], properties["delivery_tag"])):
            return "envelope"
        if headers.get("eta") or headers.get("expires"):
            return "eta or expires: the ledger is the clock"
        args, kwargs, embed = json.loads(base64.b64decode(message["body"], validate=True))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        return f"{type(error).__name__}: {error}"[:200]
    if args != [] or not isinstance(embed, dict) or not isinstance(kwargs, dict) or set(kwargs) != {"ids"}:
        return "arguments: the only one is ids"
    ids = kwargs["ids"]
    if not isinstance(ids, list) or not ids or not all(type(one) is int and 0 < one < 2**63 for one in ids):
        return "ids must be a list of numbers of work"
    return None


class Channel(kombu_redis.Channel):
    """Reads what strangers may have written: garbage is logged and dropped where kombu and Celery would end the process.

    It keeps no copy of a message until it is acknowledged. The ledger sends again what a dead worker held; kombu's copy costs two
    transactions on Redis a message, a fourth of its whole cost, to come back after the visibility timeout as a duplicate.
    """

    _kept_client: Redis | None = None

    def _create_client(self, asynchronous: bool = False) -> Redis:
        """One client for a pool's life: kombu makes one for each command, and that costs more than the command."""
        if asynchronous:
            return super()._create_client(asynchronous)
        if self._kept_client is None or self._kept_client.connection_pool is not self.pool:
            self._kept_client = super()._create_client()
        return self._kept_client

    def basic_consume(self, queue: str, no_ack: bool, *given: Any, **more: Any) -> Any:
        return super().basic_consume(queue, True, *given, **more)

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        """There is no copy."""

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """There is no copy."""

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)
        except (ValueError, TypeError, RecursionError) as error:
            log.warning("message_dropped", reason=f"{type(error).__name__}: {error}"[:200])
            return None


class Transport(kombu_redis.Transport):
    """Redis, with a look at each message before Celery sees it."""

    Channel = Channel

    def _deliver(self, message: Any, queue: str) -> None:
        reason = refusal(message, queue) if queue in self.stages else None
        if reason is None:
            super()._deliver(message, queue)
        else:
            log.warning("message_dropped", stage=queue, reason=reason, message=repr(message)[:300])

    @property
    def stages(self) -> Any:
        """The queues that hold hints; the others are Celery's own, for remote control."""
        return self.client.transport_options["stages"] if self.client else ()


def make_app(broker: str, pipeline: Pipeline) -> Celery:
    """A Celery app that can send to every stage's queue. It holds no global state and finds no tasks by itself."""
    app = Celery("dateline", broker=broker, set_as_current=False, fixups=[])
    app.conf.update(
        task_queues=[Queue(name) for name in pipeline.names],
        task_default_queue="unrouted",
        task_create_missing_queues=False,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=False,  # the ledger sends again, and knows what killed whom
        worker_prefetch_multiplier=1,
        worker_send_task_events=True,
        task_send_sent_event=False,
        worker_enable_remote_control=True,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_soft_shutdown_timeout=5.0,
        enable_utc=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "stages": list(pipeline.names),
            "visibility_timeout": VISIBILITY_TIMEOUT_S,
            "socket_timeout": SOCKET_TIMEOUT_S,
            "socket_connect_timeout": SOCKET_TIMEOUT_S,
            "socket_keepalive": True,
            "health_check_interval": 25,
        },
    )
    return app


def redis_client(broker: str) -> Redis:
    """A client with time limits on everything."""
    return Redis.from_url(broker, socket_timeout=SOCKET_TIMEOUT_S, socket_connect_timeout=SOCKET_TIMEOUT_S)


def await_workers(broker: str, pipeline: Pipeline, longest: timedelta) -> None:
    """Return once workers of all stages answer, or when the time is over. Flower asks who works for which queue at its start, and once."""
    app = make_app(broker, pipeline)
    until = time.monotonic() + longest.total_seconds()
    missing = set(pipeline.names)
    while missing and time.monotonic() < until:
        try:
            found = app.control.inspect(timeout=1.0).active_queues() or {}
        except (BrokerError, RedisError, OSError):
            time.sleep(1.0)
            continue
        missing -= {queue["name"] for queues in found.values() for queue in queues}


@dataclass(kw_only=True)
class RedisHints:
    """Hints over Redis. When Redis is away, there is no room and nothing is sent: the sweep makes up for it."""

    app: Celery
    redis: Redis
    high: int  # most rows that wait in one queue
    batch: int
    _away: bool = field(default=False, init=False)

    def length(self, stage: str) -> int | None:
        """Messages that wait in a queue; None where Redis is away."""
        try:
            found = int(self.redis.llen(stage))  # type: ignore[arg-type]
        except (RedisError, OSError) as error:
            self._tell_away(error)
            return None
        self._away = False
        return found

    def room(self, stage: str, rows: int) -> int:
        """Full messages while there is room; a part of one only where the queue is nearly empty, since many small ones cost most."""
        length = self.length(stage)
        if length is None:
            return 0
        room = max(0, self.high - length * self.batch)
        return room if length < NEARLY_EMPTY else min(room, rows) // self.batch * self.batch

    def send(self, stage: str, ids: Sequence[int]) -> None:
        """Hint these rows in one message."""
        name = TASK.format(stage=stage)
        try:
            given = {"ids": list(ids)}
            shown = {"argsrepr": "()", "kwargsrepr": repr(given)}  # what Flower shows; Celery's own way to it takes a sixth of the sending
            self.app.send_task(name, kwargs=given, task_id=str(ids[0]), queue=stage, ignore_result=True, retry=False, **shown)
        except (BrokerError, RedisError, OSError) as error:
            self._tell_away(error)

    def _tell_away(self, error: Exception) -> None:
        if not self._away:
            log.warning("redis_away", error=f"{type(error).__name__}: {error}"[:300])
        self._away = True


def add_tasks(app: Celery, runner: Runner, stages: Sequence[str]) -> Overlap:
    """Register these stages' tasks on the app. What is returned is to be closed when the worker ends."""
    limit = timedelta(seconds=runner.limits.lease.total_seconds() * HARD_SHARE)
    overlap = Overlap(runner=runner, room=runner.limits.batch, watchdog=Watchdog(), limit=limit)
    for stage in stages:
        waits = inspect.iscoroutinefunction(runner.stages[stage].run)
        app.task(name=TASK.format(stage=stage))(_beside(overlap, stage) if waits else _by_itself(runner, stage, overlap.watchdog, limit))
    return overlap


def _by_itself(runner: Runner, stage: str, watchdog: Watchdog, limit: timedelta) -> Callable[..., None]:
    """The function that a stage's task runs; `refusal` has seen to it that `ids` are numbers."""

    def deliver(*, ids: list[int]) -> None:
        mark = watchdog.begin(limit)
        try:
            runner.deliver(stage, ids)
        finally:
            watchdog.end(mark)

    deliver.__name__ = stage
    return deliver


def _beside(overlap: Overlap, stage: str) -> Callable[..., None]:
    """The same for a stage that waits: the task ends when its batch has begun."""

    def deliver(*, ids: list[int]) -> None:
        overlap.deliver(stage, ids)

    deliver.__name__ = stage
    return deliver


def run_worker(app: Celery, runner: Runner, stages: Sequence[str], *, memory_mb: int = 0, log_level: str = "info") -> int:
    """Consume these stages' queues until told to stop. One process, one batch at a time (scale by processes). Returns the exit status."""
    if memory_mb:
        resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 2**20, memory_mb * 2**20))
    # In a container the process is nobody's; on a laptop it is whoever started it. Celery's essay about root helps neither.
    warnings.simplefilter("ignore", SecurityWarning)
    # Celery warns at each loss of the connection that it does not cancel what runs. It must not: the ledger has the say.
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning, module="celery")
    # Only here, and by name, since Flower asks a worker for its broker's address and gets the transport's name in it.
    TRANSPORT_ALIASES.update(redis=f"{__name__}:Transport", rediss=f"{__name__}:Transport")
    setup_logging.connect(_keep_our_logging, weak=False)
    overlap = add_tasks(app, runner, stages)
    worker = app.Worker(
        pool="solo",
        concurrency=1,
        queues=list(stages),
        hostname=f"{'+'.join(stages)}@{socket.gethostname()}-{os.getpid()}",
        without_gossip=True,
        without_mingle=True,
        task_events=True,
        loglevel=log_level.upper(),
    )
    log.info("worker_started", stages=list(stages), pid=os.getpid())
    worker.start()
    if not worker_state.should_terminate:  # told to stop at once: the leases run out
        overlap.close()
    return int(worker.exitcode or 0)


def _keep_our_logging(**_given: Any) -> None:
    """Celery sets up no logging where somebody listens to this signal."""
