#!/bin/sh
# What the job of a pull request does: hold a candidate against its baseline, and write a report in every format.
#
#   gate.sh BASELINE CANDIDATE [FOLDER]
#
# Both are files of results or, where ARC_DATABASE_URL names a database, simulations: a name, or tag:main.
# Exit codes are arc's: 0 every gate passed, 3 one failed, 4 nobody can tell, 1 something went wrong.
set -eu

if [ $# -lt 2 ]; then
    echo "usage: $0 BASELINE CANDIDATE [FOLDER]" >&2
    exit 64
fi
baseline=$1
candidate=$2
folder=${3:-out}

# Without a database the job brings up one of its own, which is gone when it ends.
if [ -z "${ARC_DATABASE_URL:-}" ]; then set -- --ephemeral; else set --; fi

exec "${ARC:-arc}" report regression "$@" --baseline "$baseline" --candidate "$candidate" \
    --format github --format junit --format html --format json --format markdown --output "$folder"
