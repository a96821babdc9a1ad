"""The same pages as files, for any server that serves files, or for none."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from services.web.core.html import STATIC_TYPES, static_file, static_path
from services.web.core.rendering import render
from services.web.core.site import FORMATS, Site, is_own_path
from shared.records import DayPage, Page


def save_pages(pages: Iterable[Page], folder: Path, site: Site) -> int:
    """Write each page in each format to `folder` + its path + ending, and the style sheet; returns how many pages there were.

    Each file is whole at any moment: written beside its place, then renamed. A file that would stay the same is left alone, with its
    time, and nothing is removed. Links between HTML pages end in `.html`. Raises ValueError for a page whose path is not one of ours.
    """
    site = replace(site, ending=".html")
    for name in STATIC_TYPES:
        _write(folder / static_path(name).removeprefix("/"), static_file(name))
    saved = 0
    for page in pages:
        if not is_own_path(page.path):
            raise ValueError(f"a page asks to be written to {page.path!r}, which is not an address of ours")
        if isinstance(page, DayPage) and not page.events and not (folder / f"{page.path.removeprefix('/')}.html").exists():
            continue  # its events went to other days before anybody saw them here
        for fmt in FORMATS:
            _write(folder / f"{page.path.removeprefix('/')}.{fmt}", render(page, fmt, site).encode())
        saved += 1
    return saved


def _write(path: Path, content: bytes) -> None:
    try:
        if path.read_bytes() == content:
            return
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name[:64]}.{uuid4().hex[:8]}.tmp")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
