#!/bin/sh
# Runs check.py with python-nomad against the server that NOMAD_ADDR names.
# The client is installed once, into the folder that is given; without Python's venv, says so and ends well.
set -eu
environment=$1
here=$(dirname "$0")
if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    echo "skipped: needs python3-venv"
    exit 0
fi
if [ ! -x "$environment/bin/python" ]; then python3 -m venv "$environment"; fi
if ! "$environment/bin/python" -c 'import nomad' 2>/dev/null; then
    if ! "$environment/bin/pip" install --quiet --disable-pip-version-check python-nomad==2.1.0; then
        echo "skipped: python-nomad cannot be installed"
        exit 0
    fi
fi
exec "$environment/bin/python" "$here/check.py"
