#!/bin/sh
# Plays the job on this machine: a clean checkout of the repository that this is called in, the candidate's results put
# into it, a bare environment, gate.sh, and the artifacts brought back.
#
#   play.sh BASELINE CANDIDATE [FOLDER]
#
# BASELINE is a file that the repository has, CANDIDATE any file of results. It ends with the job's exit code.
set -eu

if [ $# -lt 2 ]; then
    echo "usage: $0 BASELINE CANDIDATE [FOLDER]" >&2
    exit 64
fi
baseline=$1
candidate=$2
folder=${3:-out}
arc=$(command -v "${ARC:-arc}") || {
    echo "arc isn't there: install it, or name it by ARC" >&2
    exit 1
}
scripts=$(cd "$(dirname "$0")" && pwd)
repository=$(git rev-parse --show-toplevel)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet --depth 1 "file://$repository" "$work/checkout"
mkdir -p "$work/checkout/results" "$work/home"
cp "$candidate" "$work/checkout/results/candidate.jsonl"

set +e
(
    cd "$work/checkout" &&
        env -i PATH="$PATH" HOME="$work/home" LANG=C.UTF-8 ARC="$arc" ${ARC_DATABASE_URL:+ARC_DATABASE_URL="$ARC_DATABASE_URL"} \
            GITHUB_STEP_SUMMARY="$work/summary.md" CI=true \
            "$scripts/gate.sh" "$baseline" results/candidate.jsonl out
)
status=$?
set -e

mkdir -p "$folder"
if [ -d "$work/checkout/out" ]; then cp -R "$work/checkout/out/." "$folder/"; fi
if [ -f "$work/summary.md" ]; then cp "$work/summary.md" "$folder/step-summary.md"; fi
echo "exit code $status; artifacts in $folder: $(ls "$folder" | tr '\n' ' ')"
exit $status
