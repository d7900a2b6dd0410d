#!/bin/sh
# Runs a check with a client of others against the servers that NOMAD_ADDR, CONSUL_ADDR and VAULT_ADDR name:
#   run.sh FOLDER PACKAGE MODULE CHECK
# The client is installed once, into the folder that is given; without Python's venv, says so and ends well.
set -eu
environment=$1 package=$2 module=$3 check=$4
here=$(dirname "$0")
if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    echo "skipped: needs python3-venv"
    exit 0
fi
if [ ! -x "$environment/bin/python" ]; then python3 -m venv "$environment"; fi
if ! "$environment/bin/python" -c "import $module" 2>/dev/null; then
    if ! "$environment/bin/pip" install --quiet --disable-pip-version-check "$package"; then
        echo "skipped: $package cannot be installed"
        exit 0
    fi
fi
exec "$environment/bin/python" "$here/$check"
