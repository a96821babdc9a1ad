#!/bin/sh
# Makes .venv, and installs into it exactly what a lock file names, and this checkout as an editable package.
#
#   deploy/setup.sh LOCKFILE      called by make, from the root of the checkout
#
# By uv where it is on PATH, else by the standard library's venv and pip. PYTHON names an interpreter; without it the first that fits.
set -eu
lock=$1
# 3.12 and 3.11 first: for these there is a wheel with a real Redis server.
candidates=${PYTHON:-python3.12 python3.11 python3.13 python3.14 python3 python}

# first TEST: the first candidate that runs (a shim of a version that is not there does not) and passes this line of Python
first() {
  for candidate in $candidates; do
    if "$candidate" -c "$1" 2>/dev/null; then echo "$candidate"; return; fi
  done
}
new_enough='import sqlite3, ssl, sys; assert sys.version_info >= (3, 11) and sqlite3.sqlite_version_info >= (3, 35)'
# pip 22.3 and later can install into another environment, which saves putting a pip into each.
with_pip="$new_enough; import venv, pip; assert tuple(map(int, pip.__version__.split('.')[:2])) >= (22, 3)"
with_ensurepip="$new_enough; import venv, ensurepip"

refuse() {
  echo "Dateline needs Python 3.11 or later with its modules venv, ssl and sqlite3 (SQLite 3.35 or later), and pip or ensurepip." >&2
  [ -z "${PYTHON:-}" ] || echo "PYTHON=$PYTHON is not such a one." >&2
  echo "Install one (Debian, Ubuntu: python3 and python3-venv), or say where it is: make PYTHON=/path/to/python3 …" >&2
  exit 1
}

uv=$(command -v uv || true)
tool=pip
[ -z "$uv" ] || tool=uv
if ! .venv/bin/python -c "$new_enough" 2>/dev/null; then
  if [ -n "$uv" ]; then
    python=$(first "$new_enough")
    "$uv" venv --quiet --clear --python "${python:-${PYTHON:-3.12}}" .venv
  elif python=$(first "$with_pip") && [ -n "$python" ]; then
    "$python" -m venv --clear --without-pip .venv
  else
    python=$(first "$with_ensurepip")
    [ -n "$python" ] || refuse
    "$python" -m venv --clear .venv
  fi
fi

echo "installing $(grep -c '==' "$lock") locked packages into .venv with $tool (once; below a minute on most lines) …"
if [ -n "$uv" ]; then
  "$uv" pip install --quiet --python .venv/bin/python --compile-bytecode --require-hashes -r "$lock"
  "$uv" pip install --quiet --python .venv/bin/python --no-deps -e .
  exit
fi

if .venv/bin/python -m pip --version >/dev/null 2>&1; then
  pip=".venv/bin/python -m pip"
elif python=$(first "$with_pip") && [ -n "$python" ]; then
  pip="$python -m pip --python .venv/bin/python"
else
  .venv/bin/python -m ensurepip >/dev/null || refuse
  pip=".venv/bin/python -m pip"
fi
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
# The lock names everything, so nothing is resolved again (older pips fail at extras that a package spells in two ways).
$pip install --quiet --no-compile --no-deps --require-hashes -r "$lock"
# Byte code is made by all cores at once while the last package comes: a third less to wait than with pip's own, one file after the other.
.venv/bin/python -m compileall -q -j 0 .venv/lib >/dev/null 2>&1 &
$pip install --quiet --no-deps -e .
wait
