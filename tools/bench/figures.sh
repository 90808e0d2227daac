#!/usr/bin/env bash
# Measures the network on this machine and prints a page of Markdown: latency at low load and at
# half of the maximum, throughput, share of the signature ceiling, restart to voting, bytes on disk.
# Needs `cmake --preset release && ninja -C build-release remit remit-node remit-gateway`.
#
#   tools/bench/figures.sh [BUILD_FOLDER]     default build-release
#   RUNS=3       repeats; the table gives the median [min-max]
#   SCALE=1      multiplies the number of remittances
#   PEERS=DIR    folder of pg_double_entry.sh and etcd_put.sh, run in turn with ours
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${1:-build-release}
RUNS=${RUNS:-3} SCALE=${SCALE:-1} PEERS=${PEERS:-../shared/peers}
[ -x "$build/bin/remit" ] || {
    echo "figures: $build/bin/remit is missing: cmake --preset release &&" \
         "ninja -C build-release remit remit-node remit-gateway" >&2
    exit 2
}
remit=$PWD/$build/bin/remit
work=$(mktemp -d)
export REMIT_STATE=$work/net
trap '"$remit" devnet down --wipe --quiet >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
say() { echo "figures: $*" >&2; }

# load NAME ARGUMENTS...: one run; its JSON goes to NAME.RUN.json.
load() {
    local name=$1
    shift
    say "run $run of $RUNS: $name"
    "$remit" bench load -o json --quiet "$@" >"$work/$name.$run.json"
}
# middle FILTER NAME: median [min-max] of a figure over the runs.
middle() {
    jq -s -r "[.[] | ($1)] | sort | .[length / 2 | floor] as \$m |
              \"\(\$m * 10 | round / 10) [\(.[0] * 10 | round / 10)-\(.[-1] * 10 | round / 10)]\"" \
        "$work/$2".*.json
}
# Bytes that the four validators' stores take, journals included.
disk_bytes() { du -sb "$REMIT_STATE"/nodes/*/data | awk '{s += $1} END {print s}'; }

control() {
    local ms
    ms=$( { dd if=/dev/zero of="$work/sync" bs=4k count=400 oflag=dsync; } 2>&1 |
          awk '/copied/ {for (i = 1; i <= NF; i++) if ($i == "s,") print $(i - 1) * 1000 / 400}')
    echo "{\"sync_ms\": $ms}" >"$work/control.$run.json"
}

restart() {
    say "run $run of $RUNS: kill -9 and return"
    "$remit" bench load --remittances 2000 --batch 1 --rate 20 >"$work/background.log" 2>&1 &
    local background=$! ops began
    until grep -q ended "$work/background.log"; do
        kill -0 "$background" || { cat "$work/background.log" >&2; exit 1; }
        sleep 0.2
    done
    ops=$("$remit" devnet status -o json | jq -r '.processes[] | select(.name == "regulator") | .ops')
    "$remit" devnet kill regulator --quiet >/dev/null
    sleep 2
    began=$(date +%s%3N)
    "$remit" devnet start regulator --quiet >/dev/null &
    local starting=$!
    # A synced journal: its first vote of this life is durable and goes out.
    until curl -s --max-time 1 "http://$ops/metrics" 2>/dev/null |
          awk '$1 == "remit_journal_syncs_total" && $2 > 0 {found = 1} END {exit !found}'; do
        kill -0 "$background" || { cat "$work/background.log" >&2; exit 1; }
        sleep 0.005
    done
    echo "{\"ms\": $(($(date +%s%3N) - began))}" >"$work/restart.$run.json"
    wait "$starting"
    kill "$background" 2>/dev/null || true
    wait "$background" 2>/dev/null || true
}

# figures_of NAME: reads a peer's line, writes its JSON.
figures_of() {
    sed -E 's/.*(transfers|puts)_per_s=([0-9]+).*p50_ms=([0-9.]+) p99_ms=([0-9.]+).*/{"rate": \2, "p50": \3, "p99": \4}/' \
        >"$work/$1.$run.json"
}

peers() {
    local line
    if [ ! -x "$PEERS/pg_double_entry.sh" ]; then
        return
    fi
    say "run $run of $RUNS: peers"
    for mode in single batchset; do
        if line=$(MODE=$mode REPLICAS=3 CLIENTS=$([ $mode = single ] && echo 16 || echo 8) SECS=4 \
                  RUNS=1 INSTALL=${INSTALL:-0} bash "$PEERS/pg_double_entry.sh" 2>"$work/pg.log"); then
            echo "$line" | figures_of "pg_$mode"
        else
            say "PostgreSQL skipped: $(tail -1 "$work/pg.log")"
        fi
    done
    if line=$(SECS=4 RUNS=1 OUTSTANDING=64 INSTALL=${INSTALL:-0} bash "$PEERS/etcd_put.sh" 2>"$work/etcd.log"); then
        echo "$line" | figures_of etcd
    else
        say "etcd skipped: $(tail -1 "$work/etcd.log")"
    fi
}

for run in $(seq "$RUNS"); do
    control
    "$remit" devnet up --bare --quiet >/dev/null
    load low --remittances $((200 * SCALE)) --batch 1 --rate 20
    before=$(disk_bytes)
    load single --remittances $((3000 * SCALE)) --batch 1 --clients 64
    echo "{\"bytes\": $((($(disk_bytes) - before) / 4 / (3000 * SCALE)))}" >"$work/disk_single.$run.json"
    half=$(jq '.per_second / 2 | round' "$work/single.$run.json")
    load half --remittances $((half * 10)) --batch 1 --rate "$half" --clients 64
    restart
    "$remit" devnet down --wipe --quiet >/dev/null
    # A new network: each load brings its own tokens, and reserves are finite.
    "$remit" devnet up --bare --quiet >/dev/null
    before=$(disk_bytes)
    load batch --remittances $((20000 * SCALE)) --batch 1000 --clients 8
    echo "{\"bytes\": $((($(disk_bytes) - before) / 4 / (20000 * SCALE)))}" >"$work/disk_batch.$run.json"
    "$remit" devnet down --wipe --quiet >/dev/null
    peers
done

cpu=$(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo)
cat <<PAGE
| what | median [min-max] of $RUNS runs |
|---|---|
| machine | $(nproc) cores, $cpu; 4 validators and the load on loopback |
| revision | $(git rev-parse --short HEAD)$(git diff --quiet HEAD || echo " with changes"), $build |
| control: one 4 KiB write with its sync | $(middle .sync_ms control) ms |
| control: libsodium verifications, all cores | $(middle .verify_ceiling_per_second low) /s |
| submit to final, 20 remittances/s: p50 | $(middle .submit_to_final.p50_ms low) ms |
| submit to final, 20 remittances/s: p99 | $(middle .submit_to_final.p99_ms low) ms |
| finalised remittances, one in an envelope, closed loop of 64 | $(middle .per_second single) /s |
| ... share of the verification ceiling | $(middle .verify_share_percent single) % |
| submit to final at half of that rate: p50 | $(middle .submit_to_final.p50_ms half) ms |
| submit to final at half of that rate: p99 | $(middle .submit_to_final.p99_ms half) ms |
| finalised remittances, 1,000 in an envelope, closed loop of 8 | $(middle .per_second batch) /s |
| ... share of the verification ceiling | $(middle .verify_share_percent batch) % |
| start after kill -9 to voting, under 20/s | $(middle .ms restart) ms |
| bytes on one validator's disk per remittance, one in an envelope | $(middle .bytes disk_single) |
| bytes on one validator's disk per remittance, 1,000 in an envelope | $(middle .bytes disk_batch) |
PAGE
for peer in pg_single:"PostgreSQL, 3 standbys, quorum of 2, one transfer each, 16 clients" \
            pg_batchset:"PostgreSQL, 3 standbys, quorum of 2, 100 transfers each, 8 clients" \
            etcd:"etcd, 3 members, 256 B puts, 64 outstanding"; do
    name=${peer%%:*}
    if ls "$work/$name".*.json >/dev/null 2>&1; then
        echo "| ${peer#*:} | $(middle .rate "$name") /s, p50 $(middle .p50 "$name") ms, p99 $(middle .p99 "$name") ms |"
    else
        echo "| ${peer#*:} | skipped: not installed here |"
    fi
done
