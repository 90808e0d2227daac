#!/usr/bin/env bash
# Measures what a block costs each validator as the set grows, by processes (1 to 13 of them, as far as
# the memory goes) and by the model of test/placement (to 31). Prints Markdown. Five minutes; on a
# machine with few cores read processor time, bytes and syncs, not rates.
#
#   tools/build.sh test_integration remit-node placement
#   tools/bench/costs.sh [BUILD_FOLDER]       default build (the release preset has no tests)
#   NODE=FILE    another remit-node to measure, like build-release/bin/remit-node
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [[ ${1:-} == -* ]]; then
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
    exit 0
fi
build=${1:-build}
for program in test_integration remit-node placement; do
    [ -x "$build/bin/$program" ] || {
        echo "costs: $build/bin/$program is missing: tools/build.sh test_integration remit-node placement" >&2
        exit 2
    }
done
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if [ -n "${NODE:-}" ]; then
    REMIT_NODE_PROGRAM=$(realpath --relative-to="$build/bin" "$NODE")
    export REMIT_NODE_PROGRAM
fi
echo "$(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg); $(git rev-parse --short HEAD), $build${NODE:+, nodes of $NODE}"
"$build/bin/test_integration" "costs:*" >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
}
grep -E '^(Processes|\|)|^$' "$log" | cat -s
"$build/bin/placement" --growth --payments 100
