#!/usr/bin/env bash
# Measures how fast a validator that was away catches up, against how fast the others made blocks
# meanwhile: by blocks when nothing more comes and while the load goes on, from an empty folder by all
# blocks and by a snapshot; then what pruning gives back. Prints Markdown rows.
#
# Needs `cmake --preset release && ninja -C build-release remit remit-node remit-gateway`, curl, jq.
#
#   tools/bench/catch_up.sh [BUILD_FOLDER]    default build-release
#   AWAY=60      seconds of load while it is away
#   EVERY=256    blocks from one snapshot to the next
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [[ ${1:-} == -* ]]; then
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
    exit 0
fi
build=${1:-build-release}
AWAY=${AWAY:-60}
EVERY=${EVERY:-256}
patience_s=300
remit=$PWD/$build/bin/remit
[ -x "$remit" ] || { echo "catch_up: $remit is missing" >&2; exit 2; }
work=$(mktemp -d)
export REMIT_STATE=$work/net
data=$REMIT_STATE/nodes/regulator/data
log=$REMIT_STATE/nodes/regulator/log
load=
trap '[ -z "$load" ] || kill "$load" 2>/dev/null || true
      "$remit" devnet down --wipe --quiet >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# shellcheck source=tools/bench/network.sh
source tools/bench/network.sh
fail() {
    say "$*"
    tail -5 "$log" >&2 2>/dev/null || true
    exit 1
}
height() { metric "$1" remit_executed_height; }
now() { date +%s%3N; }
row() { echo "| $1 | $2 |"; }
# Milliseconds since 1970 of the newest line of the regulator's log with this event.
event_ms() {
    local ts
    ts=$(grep "\"event\":\"$1\"" "$log" | tail -1 | jq -r .ts)
    [ -n "$ts" ] || fail "the log has no $1"
    date -d "$ts" +%s%3N
}

# begin_load: payments through every validator, until end_load. One that is gone later is left out.
begin_load() {
    "$remit" bench load --remittances 1000000 --batch 1 --clients 32 --quiet >"$work/load.log" 2>&1 &
    load=$!
    local before
    before=$(height "$here")
    until [ "$(height "$here")" -gt $((before + 8)) ]; do
        kill -0 "$load" 2>/dev/null || { cat "$work/load.log" >&2; fail "the load ended by itself"; }
        sleep 0.1
    done
}
end_load() {
    kill -0 "$load" 2>/dev/null || { cat "$work/load.log" >&2; fail "the load ended by itself"; }
    kill "$load" 2>/dev/null || true
    wait "$load" 2>/dev/null || true
    load=
}
# Milliseconds of processor that a node has used: what neighbours take does not count.
cpu_ms() {
    awk -v tick="$(getconf CLK_TCK)" '{printf "%d\n", ($14 + $15) * 1000 / tick}' \
        "/proc/$(cut -d' ' -f1 "$REMIT_STATE/nodes/$1/pid")/stat"
}
# KiB of a node's tables; its logs are as large as their buffer, whatever is in them.
tables_kib() {
    find "$REMIT_STATE/nodes/$1/data/db" -name '*.sst' -printf '%s\n' | awk '{sum += $1} END {print int(sum / 1024)}'
}

# returns NAME TARGET FROM: starts the regulator; a row with its rate against production.
returns() {
    local began taken
    began=$(now)
    "$remit" devnet start regulator --no-wait --quiet >/dev/null
    until [ "$(height "$away")" -ge "$2" ] 2>/dev/null; do
        [ $(($(now) - began)) -lt $((patience_s * 1000)) ] || fail "$1: not there after $patience_s s"
        sleep 0.05
    done
    taken=$(($(now) - began))
    row "$1" "$(awk -v blocks=$(($2 - $3)) -v ms="$taken" -v made="$made" -v cpu="$(cpu_ms regulator)" 'BEGIN {
        rate = blocks * 1000 / ms
        printf "%d blocks in %.1f s from its start: %.0f blocks/s, %.1f times production; %.1f ms of processor a block",
               blocks, ms / 1000, rate, rate / made, blocks ? cpu / blocks : 0 }')"
    started_ms=$began
}

# returns_under_load: away again, and back while the others go on; a row with its rate against theirs.
# There when it has executed what the others had executed a moment before.
returns_under_load() {
    local began left there tip taken
    begin_load
    "$remit" devnet kill regulator --quiet >/dev/null
    left=$(height "$here")
    sleep "$AWAY"
    began=$(now) there=$(height "$here")
    "$remit" devnet start regulator --no-wait --quiet >/dev/null
    tip=$there
    until [ "$(height "$away")" -ge "$tip" ] 2>/dev/null; do
        kill -0 "$load" 2>/dev/null || { cat "$work/load.log" >&2; fail "the load ended by itself"; }
        [ $(($(now) - began)) -lt $((patience_s * 1000)) ] ||
            fail "under load: not there after $patience_s s, $(height "$away") of $tip"
        sleep 0.05
        tip=$(height "$here")
    done
    taken=$(($(now) - began))
    row "away $AWAY s, back by blocks while the load goes on" \
        "$(awk -v behind=$((there - left)) -v blocks=$((tip - left)) -v fresh=$((tip - there)) -v ms="$taken" \
               -v cpu="$(cpu_ms regulator)" 'BEGIN {
            rate = blocks * 1000 / ms; made = fresh * 1000 / ms
            printf "%d blocks behind, level with the others after %.1f s: %.0f blocks/s against %.1f/s made meanwhile, ",
                   behind, ms / 1000, rate, made
            printf "%.1f times; %.1f ms of processor a block", made ? rate / made : 0, cpu / blocks }')"
    end_load
}

"$remit" devnet up --bare --snapshot-every "$EVERY" --quiet >/dev/null
here=$(ops_of alipayhk) away=$(ops_of regulator)
begin_load
"$remit" devnet kill regulator --quiet >/dev/null
from=$(height "$here")
began=$(now) busy=$(cpu_ms alipayhk)
sleep "$AWAY"
busy=$(($(cpu_ms alipayhk) - busy))
end_load
tip=$(height "$here")
took=$(($(now) - began))
[ $((tip - from)) -ge $((2 * EVERY)) ] || fail "only $((tip - from)) blocks: give more AWAY or less EVERY"
made=$(awk -v blocks=$((tip - from)) -v ms="$took" 'BEGIN {print blocks * 1000 / ms}')

row "machine, revision" "$(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg); $(git rev-parse --short HEAD), $build"
row "production while one was away $AWAY s" \
    "$(awk -v m="$made" -v n=$((tip - from)) -v cpu="$busy" 'BEGIN {
        printf "%d blocks, %.1f blocks/s; %.1f ms of processor a block at one validator", n, m, cpu / n }')"
returns "away, back by blocks" "$tip" "$from"
returns_under_load
tip=$(height "$here")
"$remit" devnet kill regulator --quiet >/dev/null
rm -rf "${data:?}"/*
REMIT_NODE__SNAPSHOTS__JOIN=false returns "empty folder, by all blocks" "$tip" 0
"$remit" devnet kill regulator --quiet >/dev/null
rm -rf "${data:?}"/*
returns "empty folder, by a snapshot" "$tip" 0
# It starts anew with what it gathered, so its own counters are gone: what the others served.
chunks=0 bytes=0
for peer in alipayhk gcash clearbank; do
    chunks=$((chunks + $(metric "$(ops_of "$peer")" remit_snapshot_chunks_served_total)))
    bytes=$((bytes + $(metric "$(ops_of "$peer")" remit_snapshot_served_bytes_total)))
done
if [ "$(metric "$away" remit_snapshots_installed_total)" = 1 ]; then
    gathered=$(event_ms snapshot_gathered)
    row "the snapshot" "$chunks chunks, $((bytes / 1024)) KiB with its manifest"
    row "... gathered, from the start of the process" "$((gathered - started_ms)) ms"
    row "... installed, checked and swapped in" "$(($(event_ms snapshot_installed) - gathered)) ms"
else
    # A short chain on a free machine: whoever is new takes blocks as well, and they may come first.
    row "the snapshot" "none was installed: all blocks were there first ($chunks chunks served)"
fi

# Pruning: the same chain with everything kept beside it.
"$remit" devnet kill regulator --quiet >/dev/null
rm -rf "${data:?}"/*
REMIT_NODE__SNAPSHOTS__JOIN=false returns "empty folder, by all blocks again" "$tip" 0
"$remit" devnet kill regulator --quiet >/dev/null
REMIT_NODE__STORE__PRUNE=true returns "start with store.prune" "$tip" "$tip" >/dev/null
begin_load
until [ "$(height "$here")" -ge $((tip + 2 * EVERY)) ]; do
    [ $(($(now) - started_ms)) -lt $((patience_s * 1000)) ] || fail "no two snapshots more in $patience_s s"
    sleep 0.5
done
end_load
sleep 5 # compaction goes on beside the rest
row "tables at height $(height "$away")" \
    "$(tables_kib regulator) KiB with store.prune, $(tables_kib alipayhk) KiB with everything kept"
# A copy is complete when it has its name, a manifest likewise.
cut=$(for manifest in "$REMIT_STATE"/nodes/*/data/snapshots/*.manifest; do
    echo "$(stat -c %.3Z "$manifest") $(stat -c %.3Z "${manifest%.manifest}.db")"
done | awk '{printf "%s%.0f", (NR > 1 ? ", " : ""), ($1 - $2) * 1000}')
row "from a copy of the state to its manifest, each node's last two" "$cut ms"
