"""A real browser, without a driver: Chromium prints what it made of a page, or takes its picture."""

import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars", "--no-proxy-server"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)


def program() -> str | None:
    """The browser on PATH; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def dom(url: str, wait_ms: int = 4000) -> str:
    """The page's document after its scripts ran for so long."""
    return _run(url, "--dump-dom", f"--virtual-time-budget={wait_ms}")


def picture(url: str, path: Path, *, width: int = 1200, height: int = 1400, wait_ms: int = 4000) -> Path:
    """The page as a PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _run(url, f"--screenshot={path}", f"--window-size={width},{height}", f"--virtual-time-budget={wait_ms}")
    return path


def _run(url: str, *options: str) -> str:
    browser = program()
    if browser is None:
        raise FileNotFoundError("no browser on PATH")
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *QUIET, f"--user-data-dir={profile}", *options, url]
        return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout
