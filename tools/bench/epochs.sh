#!/usr/bin/env bash
# Measures what short epochs cost: the same load on networks whose epochs last so many blocks, in
# turn, and prints Markdown. A validator's key that was stolen counts as one of f until its epoch
# ends; `epoch_blocks` is how long that is at most (docs/adr/0022). Some six minutes with three runs.
#
#   cmake --preset release && ninja -C build-release remit remit-node remit-gateway
#   tools/bench/epochs.sh [BUILD_FOLDER]     default build-release
#   EPOCHS="10000 100 20"    lengths in blocks, the first is what the others are compared with
#   RUNS=3                   repeats; the table gives the median [min-max]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [[ ${1:-} == -* ]]; then
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
    exit 0
fi
build=${1:-build-release}
RUNS=${RUNS:-3}
read -r -a lengths <<<"${EPOCHS:-10000 100 20}"
remit=$PWD/$build/bin/remit
[ -x "$remit" ] || {
    echo "epochs: $remit is missing: cmake --preset release && ninja -C build-release remit remit-node remit-gateway" >&2
    exit 2
}
work=$(mktemp -d)
export REMIT_STATE=$work/net
trap '"$remit" devnet down --wipe --quiet >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# shellcheck source=tools/bench/network.sh
source tools/bench/network.sh

for ((run = 1; run <= RUNS; ++run)); do
    for length in "${lengths[@]}"; do
        say "run $run of $RUNS: $length blocks"
        "$remit" devnet up --bare --epoch-blocks "$length" --quiet >/dev/null
        load steady --remittances 600 --batch 1 --clients 64 --rate 30
        load full --remittances 1500 --batch 1 --clients 64
        ops=$(ops_of regulator)
        epochs=$(($(metric "$ops" remit_epoch) - 1))
        blocks=$(metric "$ops" remit_finalised_height)
        jq -n --argjson epochs "$epochs" --argjson blocks "$blocks" --slurpfile steady "$work/steady.$run.json" \
            --slurpfile full "$work/full.$run.json" \
            '{epochs: $epochs, blocks: $blocks, p50: $steady[0].submit_to_final.p50_ms,
              p99: $steady[0].submit_to_final.p99_ms, rate: $full[0].per_second}' >"$work/of.$length.$run.json"
        "$remit" devnet down --wipe --quiet >/dev/null
    done
done

echo "$(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg); $(git rev-parse --short HEAD), $build; $RUNS runs in turn, median [min-max]"
echo
echo "| blocks of an epoch | epochs begun | blocks | 30/s: p50 ms | p99 ms | closed loop of 64: remittances/s | beside ${lengths[0]} blocks |"
echo "|---|---|---|---|---|---|---|"
for length in "${lengths[@]}"; do
    for ((run = 1; run <= RUNS; ++run)); do
        jq --slurpfile first "$work/of.${lengths[0]}.$run.json" '. + {beside: (.rate / $first[0].rate)}' \
            "$work/of.$length.$run.json" >"$work/one.json"
        mv "$work/one.json" "$work/of.$length.$run.json"
    done
    echo "| $length | $(middle .epochs "of.$length") | $(middle .blocks "of.$length") | $(middle .p50 "of.$length") |" \
        "$(middle .p99 "of.$length") | $(middle .rate "of.$length") | $(middle .beside "of.$length" 100) |"
done
