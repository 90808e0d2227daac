#!/usr/bin/env bash
# Measures the network on this machine and prints a page of Markdown: latency at low load and at
# half of the maximum, throughput, share of the signature ceiling, restart to voting, bytes on disk,
# and what they are beside distance, etcd and PostgreSQL. Fails when a remittance is not credited.
# Needs `cmake --preset release && ninja -C build-release remit remit-node remit-gateway`, curl, jq.
#
#   tools/bench/figures.sh [BUILD_FOLDER]     default build-release
#   RUNS=3       repeats; the table gives the median [min-max]
#   SCALE=1      multiplies the number of remittances
#   PEERS=DIR    folder of pg_double_entry.sh and etcd_put.sh, run in turn with ours
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [[ ${1:-} == -* ]]; then
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
    exit 0
fi
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
# shellcheck source=tools/bench/network.sh
source tools/bench/network.sh

# Bytes that the four validators' stores take, journals included.
disk_bytes() { du -sb "$REMIT_STATE"/nodes/*/data | awk '{s += $1} END {print s}'; }

control() {
    local ms
    ms=$( { dd if=/dev/zero of="$work/sync" bs=4k count=400 oflag=dsync; } 2>&1 |
          awk '/copied/ {for (i = 1; i <= NF; i++) if ($i == "s,") print $(i - 1) * 1000 / 400}')
    echo "{\"sync_ms\": $ms, \"round_trip_ms\": $(round_trip_ms "$1")}" >"$work/control.$run.json"
}
# Of a TCP connection to a port of this machine, the median of a hundred.
round_trip_ms() {
    for _ in {1..100}; do
        curl -s -o "$work/ignored" -w '%{time_connect}\n' "http://$1/healthz" || true
    done | sort -n | awk '{all[NR] = $1} END {printf "%.3f\n", all[int((NR + 1) / 2)] * 1000}'
}

restart() {
    say "run $run of $RUNS: kill -9 and return"
    "$remit" bench load --remittances 2000 --batch 1 --rate 20 >"$work/background.log" 2>&1 &
    local background=$! ops began
    until grep -q ended "$work/background.log"; do
        kill -0 "$background" || { cat "$work/background.log" >&2; exit 1; }
        sleep 0.2
    done
    ops=$(ops_of regulator)
    "$remit" devnet kill regulator --quiet >/dev/null
    sleep 2
    began=$(date +%s%3N)
    "$remit" devnet start regulator --quiet >/dev/null &
    local starting=$!
    # Syncs alone say nothing: batches that it holds are synced too. Counters begin with the process.
    until curl -s --max-time 1 "http://$ops/metrics" 2>/dev/null |
          awk '$1 == "remit_voting" && $2 == 1 {votes = 1}
               $1 == "remit_votes_sent_total" && $2 > 0 {sent = 1}
               END {exit !(votes && sent)}'; do
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

# peer NAME SCRIPT: one run of a peer with what the environment says; nothing where it is not here.
peer() {
    local line
    [ -f "$PEERS/$2" ] || return 0
    say "run $run of $RUNS: $1"
    if line=$(REPLICAS=3 SECS=4 RUNS=1 INSTALL=${INSTALL:-0} bash "$PEERS/$2" 2>"$work/peer.log"); then
        echo "$line" | figures_of "$1"
    else
        say "$1 skipped: $(tail -1 "$work/peer.log")"
    fi
}
peers() {
    MODE=single CLIENTS=1 JOBS=1 peer pg_one pg_double_entry.sh
    MODE=single CLIENTS=16 peer pg_single pg_double_entry.sh
    MODE=batchset CLIENTS=8 peer pg_batchset pg_double_entry.sh
    OUTSTANDING=1 TARGET=leader peer etcd_one etcd_put.sh
    OUTSTANDING=64 peer etcd etcd_put.sh
    OUTSTANDING=256 peer etcd_many etcd_put.sh
}

# ratio NAME FILTER OURS FILTER THEIRS: of this run's two figures, to NAME.RUN.json.
ratio() {
    [ -f "$work/$3.$run.json" ] && [ -f "$work/$5.$run.json" ] || return 0
    jq -n --slurpfile a "$work/$3.$run.json" --slurpfile b "$work/$5.$run.json" \
        "{x: ((\$a[0] | $2) / (\$b[0] | $4))}" >"$work/$1.$run.json"
}
ratios() {
    # Four hops of 0.1 ms, less where the submitter leads: the bound of four in a data centre (placement).
    echo '{"receipt_ms": 0.375}' >"$work/bound.$run.json"
    # What performance.md's G13 allows: six round trips, one sync, three verifications.
    jq -n --slurpfile c "$work/control.$run.json" --slurpfile l "$work/low.$run.json" --argjson cores "$(nproc)" \
        '{ms: ($c[0].round_trip_ms * 6 + $c[0].sync_ms + 3000 * $cores / $l[0].verify_ceiling_per_second)}' \
        >"$work/idle_floor.$run.json"
    ratio low_bound .submit_to_final.p50_ms low .receipt_ms bound
    ratio half_bound .submit_to_final.p50_ms half .receipt_ms bound
    ratio low_floor .submit_to_final.p50_ms low .ms idle_floor
    ratio half_low .submit_to_final.p99_ms half .submit_to_final.p50_ms low
    ratio single_pg .per_second single .rate pg_single
    ratio batch_pg .per_second batch .rate pg_batchset
    ratio single_etcd .per_second single .rate etcd_many
    ratio batch_etcd .per_second batch .rate etcd_many
    ratio low_etcd .submit_to_final.p50_ms low .p50 etcd_one
    ratio low_pg .submit_to_final.p50_ms low .p50 pg_one
}

for run in $(seq "$RUNS"); do
    "$remit" devnet up --bare --quiet >/dev/null
    control "$(ops_of regulator)"
    load low --remittances $((600 * SCALE)) --batch 1 --rate 20
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
    ratios
done

cpu=$(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo)
cat <<PAGE
| what | median [min-max] of $RUNS runs |
|---|---|
| machine | $(nproc) cores, $cpu; 4 validators and the load on loopback |
| revision | $(git rev-parse --short HEAD)$(git diff --quiet HEAD || echo " with changes"), $build |
| control: one 4 KiB write with its sync | $(middle .sync_ms control) ms |
| control: round trip of a TCP connection on loopback | $(middle .round_trip_ms control 1000) ms |
| control: libsodium verifications, all cores | $(middle .verify_ceiling_per_second low) /s |
| submit to final, 20 remittances/s: p50 | $(middle .submit_to_final.p50_ms low) ms |
| submit to final, 20 remittances/s: p99 | $(middle .submit_to_final.p99_ms low) ms |
| remittances final and credited, one in an envelope, closed loop of 64 | $(middle .per_second single) /s |
| ... share of the verification ceiling | $(middle .verify_share_percent single) % |
| submit to final at half of that rate: p50 | $(middle .submit_to_final.p50_ms half) ms |
| submit to final at half of that rate: p99 | $(middle .submit_to_final.p99_ms half) ms |
| remittances final and credited, 1,000 in a group of two envelopes, closed loop of 8 | $(middle .per_second batch) /s |
| ... share of the verification ceiling | $(middle .verify_share_percent batch) % |
| start after kill -9 to its first vote, under 20/s | $(middle .ms restart) ms |
| bytes on one validator's disk per remittance, one in an envelope | $(middle .bytes disk_single) |
| bytes on one validator's disk per remittance, 1,000 in a group | $(middle .bytes disk_batch) |
PAGE
# row NAME TEXT: a peer's figures.
row() {
    if ls "$work/$1".*.json >/dev/null 2>&1; then
        echo "| $2 | $(middle .rate "$1") /s, p50 $(middle .p50 "$1") ms, p99 $(middle .p99 "$1") ms |"
    else
        echo "| $2 | skipped: not installed here |"
    fi
}
row pg_one "PostgreSQL, 3 standbys, quorum of 2, one transfer each, 1 client"
row pg_single "PostgreSQL, 3 standbys, quorum of 2, one transfer each, 16 clients"
row pg_batchset "PostgreSQL, 3 standbys, quorum of 2, 100 transfers each, 8 clients"
row etcd_one "etcd, 3 members, 256 B puts to the leader, 1 outstanding"
row etcd "etcd, 3 members, 256 B puts, 64 outstanding"
row etcd_many "etcd, 3 members, 256 B puts, 256 outstanding"
# ratio_row NAME TEXT: the median of the runs' ratios, of those whose peer is here.
ratio_row() {
    ! ls "$work/$1".*.json >/dev/null 2>&1 || echo "| ratio: $2 | $(middle .x "$1" 1000) |"
}
ratio_row low_bound "p50 at 20/s to the bound of distance in a data centre (0.375 ms)"
ratio_row half_bound "p50 at half of the maximum to the same bound"
ratio_row low_floor "p50 at 20/s to 6 round trips, a sync and 3 verifications of this run (G13: at most 1)"
ratio_row half_low "p99 at half of the maximum to p50 at 20/s (G15: at most 10)"
ratio_row low_etcd "p50 at 20/s to etcd's, 1 outstanding (G14: at most 1)"
ratio_row low_pg "p50 at 20/s to PostgreSQL's, 1 client (G14: at most 1.25)"
ratio_row single_pg "one in an envelope to PostgreSQL, one transfer each (G4: 4)"
ratio_row batch_pg "1,000 in a group to PostgreSQL, 100 transfers each (G6: 5)"
ratio_row single_etcd "one in an envelope to etcd, 256 outstanding (G7: 2.5)"
ratio_row batch_etcd "1,000 in a group to etcd, 256 outstanding (G7: 16)"
