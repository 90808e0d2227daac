#!/usr/bin/env bash
# Measures how fast a validator that was away catches up, against how fast the others make blocks:
# by blocks, and by a snapshot with its database gone. Prints Markdown rows.
# Needs `cmake --preset release && ninja -C build-release remit remit-node remit-gateway`.
#
#   tools/bench/catch_up.sh [BUILD_FOLDER]    default build-release
#   AWAY=60      seconds of load while it is away; a snapshot join needs snapshots in the genesis file
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${1:-build-release}
AWAY=${AWAY:-60}
remit=$PWD/$build/bin/remit
[ -x "$remit" ] || { echo "catch_up: $remit is missing" >&2; exit 2; }
work=$(mktemp -d)
export REMIT_STATE=$work/net
trap '"$remit" devnet down --wipe --quiet >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

ops_of() { "$remit" devnet status -o json | jq -r ".processes[] | select(.name == \"$1\") | .ops"; }
# Executed height of a node; nothing while it does not answer.
height() {
    curl -s --max-time 1 "http://$1/metrics" 2>/dev/null |
        awk '$1 == "remit_block_height" {printf "%d\n", $2}' || true
}
now() { date +%s%3N; }

# returns NAME TARGET FROM: starts the regulator; a row with its rate against production.
returns() {
    local began taken
    began=$(now)
    "$remit" devnet start regulator --quiet >/dev/null &
    until [ "$(height "$away")" -ge "$2" ] 2>/dev/null; do sleep 0.05; done
    taken=$(($(now) - began))
    wait
    awk -v name="$1" -v blocks=$(($2 - $3)) -v ms="$taken" -v made="$made" 'BEGIN {
        rate = blocks * 1000 / ms
        printf "| %s: %d blocks in %.1f s | %.0f blocks/s, %.1f times production |\n",
               name, blocks, ms / 1000, rate, rate / made }'
}

"$remit" devnet up --bare --quiet >/dev/null
here=$(ops_of alipayhk) away=$(ops_of regulator)
from=$(height "$here")
"$remit" devnet kill regulator --quiet >/dev/null
began=$(now)
"$remit" bench load --remittances 1000000 --batch 1 --clients 32 --quiet >"$work/load.log" 2>&1 &
load=$!
sleep "$AWAY"
kill "$load" 2>/dev/null || true
wait "$load" 2>/dev/null || true
tip=$(height "$here")
made=$(awk -v blocks=$((tip - from)) -v ms=$(($(now) - began)) 'BEGIN {print blocks * 1000 / ms}')
echo "| production while one was away | $(awk -v m="$made" 'BEGIN {printf "%.1f", m}') blocks/s |"
returns "by blocks" "$tip" "$from"
"$remit" devnet kill regulator --quiet >/dev/null
data=$REMIT_STATE/nodes/regulator/data
rm -rf "$data/db" "$data/snapshots"
returns "by snapshot, database gone" "$tip" 0
