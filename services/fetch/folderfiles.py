"""The files of a folder that strangers may write in: listed and opened without being led out of it."""

import os
import stat

from services.fetch.core.folder import Stamp, is_watched
from shared.stage import Reject

MAX_FILES = 20_000  # of one folder; the rest is not looked at
MAX_DEPTH = 10  # folders within folders
TOO_MANY = "…"


def list_files(root: str) -> tuple[dict[str, Stamp], dict[str, str]]:
    """The files below a folder by their paths there, in order; and why some cannot be read, by their paths.

    Hidden and half-written ones are none, by their names. Raises `Reject("file_unreadable")` where the folder itself cannot be read.
    """
    found: dict[str, Stamp] = {}
    wrong: dict[str, str] = {}
    try:
        _list(root, "", found, wrong)
    except OSError as problem:
        raise Reject("file_unreadable", problem.strerror or str(problem)) from problem
    return found, wrong


def open_file(root: str, path: str) -> int:
    """A descriptor of a file below `root`. No link is followed on the way, whatever has changed since the folder was listed.

    Raises OSError.
    """
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        *folders, name = path.split(os.sep)
        for folder in folders:
            within = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
            os.close(handle)
            handle = within
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=handle)
    finally:
        os.close(handle)


def stamp_of(told: os.stat_result) -> Stamp:
    """By what a change of the file is known."""
    return Stamp(told.st_size, told.st_mtime_ns)


def _list(root: str, below: str, found: dict[str, Stamp], wrong: dict[str, str]) -> None:
    with os.scandir(os.path.join(root, below)) as entries:
        inside = sorted((one for one in entries if is_watched(one.name) and _is_text(one.name)), key=lambda one: one.name)
    for one in inside:
        if len(found) >= MAX_FILES:
            found[TOO_MANY], wrong[TOO_MANY] = Stamp(0, 0), f"more than {MAX_FILES} files: the rest is not looked at"
            return
        path = os.path.join(below, one.name)
        try:
            if not one.is_dir(follow_symlinks=False):
                _look_at(root, path, one, found, wrong)
            elif path.count(os.sep) < MAX_DEPTH:
                _list(root, path, found, wrong)
        except OSError as problem:
            found[path], wrong[path] = Stamp(0, 0), problem.strerror or str(problem)


def _look_at(root: str, path: str, one: "os.DirEntry[str]", found: dict[str, Stamp], wrong: dict[str, str]) -> None:
    told = one.stat(follow_symlinks=False)
    if one.is_symlink():
        end = os.path.realpath(one.path)
        if end == root or end.startswith(root.rstrip(os.sep) + os.sep):
            return  # what it leads to is read in its own place
        wrong[path] = "a link that leads out of the folder"
    elif not stat.S_ISREG(told.st_mode):
        wrong[path] = "no regular file"
    found[path] = stamp_of(told)


def _is_text(name: str) -> bool:
    """Whether a name can be written down: one that is no UTF-8 cannot, neither in the database nor on a page."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
