#!/usr/bin/env bash
# Makes .venv with exactly what requirements-dev.lock names, each file checked against its hash, and the project itself.
# PYTHON may name the interpreter; else the newest supported one of the PATH is taken.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '  %s\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

supported() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
    if supported "$candidate"; then command -v "$candidate"; return; fi
  done
  fail "Python 3.11 or newer is needed, and ${PYTHON:-python3} is $("${PYTHON:-python3}" --version 2>/dev/null || echo missing);" \
    "install one (apt-get install python3 python3-venv) or say where it is: make setup PYTHON=/path/to/python3"
}

if ! { [ -x .venv/bin/python ] && supported .venv/bin/python; }; then
  python=$(find_python)
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$python cannot make virtual environments; install its venv module: apt-get install python3-venv"
  free_mb=$(df -Pm . | awk 'NR == 2 {print $4}')
  [ "$free_mb" -ge 2048 ] || fail "too little disk here: $free_mb MB free, 2048 needed; free some"
  say "making .venv with $("$python" --version)"
  "$python" -m venv --clear .venv || fail "$python could not make .venv; its own message is above"
fi

log=.venv/setup.log
pip() {
  .venv/bin/python -m pip --disable-pip-version-check --no-input install --quiet "$@" >"$log" 2>&1 ||
    fail "pip: $(grep -m1 '^ERROR' "$log" || tail -n1 "$log"); whole output: $log; check the network and make setup again"
}
say "installing $(grep -c '==' requirements-dev.lock) packages from requirements-dev.lock (a minute or two the first time)"
pip --require-hashes --requirement requirements-dev.lock
.venv/bin/python -m stream_app.local compiler >/dev/null || true   # it says itself what is missing
say "installing stream-app itself, and compiling its core (a minute the first time)"
pip --no-deps --no-build-isolation --editable .
.venv/bin/python -c 'import sys; from stream_app import native; sys.exit(not native.BUILT)' ||
  say "the core could not be compiled: the plain one takes its place, at five times the CPU" \
    "(apt-get install g++ python3-dev, then make setup; whole output: $log)"
