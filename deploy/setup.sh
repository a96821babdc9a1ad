#!/bin/sh
# Makes .venv, and installs into it exactly what a lock file names, and this checkout as an editable package.
#
#   deploy/setup.sh LOCKFILE      called by make, from the root of the checkout
#
# By uv where it is on PATH, else by the standard library's venv and pip. PYTHON names an interpreter; without it the first that fits.
set -eu
lock=$1

fits() { # an interpreter that runs, is new enough, and can make environments; a shim of a version that is not there does not run
  "$1" - 2>/dev/null <<'PYTHON'
import sqlite3, ssl, sys, venv
import ensurepip  # Debian parts it from the rest
sys.exit(sys.version_info < (3, 11) or sqlite3.sqlite_version_info < (3, 35))
PYTHON
}

fits_uv() {
  "$1" -c 'import sqlite3, sys; sys.exit(sys.version_info < (3, 11) or sqlite3.sqlite_version_info < (3, 35))' 2>/dev/null
}

# 3.12 and 3.11 first: for these there is a wheel with a real Redis server.
choose() {
  for candidate in ${PYTHON:-python3.12 python3.11 python3.13 python3.14 python3 python}; do
    if "$1" "$candidate"; then echo "$candidate"; return; fi
  done
}

uv=$(command -v uv || true)
if ! fits_uv .venv/bin/python; then
  if [ -n "$uv" ]; then
    python=$(choose fits_uv)
    "$uv" venv --quiet --clear --python "${python:-${PYTHON:-3.12}}" .venv
  else
    python=$(choose fits)
    if [ -z "$python" ]; then
      echo "Dateline needs Python 3.11 or later, with its venv, ensurepip, ssl and sqlite3 (3.35 or later) modules." >&2
      echo "${PYTHON:+PYTHON=$PYTHON is not such a one. }Install one (Debian, Ubuntu: python3 and python3-venv), or say where it is: make PYTHON=/path/to/python3" >&2
      exit 1
    fi
    "$python" -m venv --clear .venv
  fi
fi

echo "installing $(grep -c '==' "$lock") locked packages into .venv with ${uv:-pip} (once; below a minute on most lines) …"
if [ -n "$uv" ]; then
  "$uv" pip install --quiet --python .venv/bin/python --require-hashes -r "$lock"
  "$uv" pip install --quiet --python .venv/bin/python --no-deps -e .
else
  # An environment that uv made has no pip.
  .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
  export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
  .venv/bin/python -m pip install --quiet --require-hashes -r "$lock"
  .venv/bin/python -m pip install --quiet --no-deps -e .
fi
