#!/usr/bin/env bash
# Shows that a seed of the simulator is the same run whoever compiled it: builds it with g++ -O2 and
# clang++-19 -O0 in folders of their own, runs the same seeds with each (and with the dev build, g++
# -O1) and compares the hashes of all that was delivered and of the final states.
# The builds take minutes each the first time.
#
#   tools/trace_hash.sh [SEEDS]     default 20 of each profile below
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seeds=${1:-20}
[[ $seeds =~ ^[0-9]+$ ]] || {
    sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
}
profiles=(swarm byzantine bereaved epochs byzantine_epochs)
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build FOLDER COMPILER FLAGS
build() {
    if ! { cmake --preset dev -B "$1" -DCMAKE_CXX_COMPILER="$2" \
               -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="$3" && ninja -C "$1" sim; } >"$work/log" 2>&1; then
        tail -30 "$work/log"
        echo "trace_hash: $1 does not build" >&2
        exit 1
    fi
}

# traces FOLDER: one line a seed, without what the clock of this machine says.
traces() {
    local profile
    for profile in "${profiles[@]}"; do
        "$1/bin/sim" --seed 1 --seeds "$seeds" --profile "$profile" >"$work/runs" || {
            grep -m 1 -A 1 BROKEN "$work/runs" >&2 || tail -n 3 "$work/runs" >&2
            echo "trace_hash: $1/bin/sim --profile $profile does not hold" >&2
            exit 1
        }
        sed -n 's/^\(seed .*\) virtual, [0-9]* ms, \(root .*\)/\1 \2/p' "$work/runs"
    done
}

build build-trace-gcc g++ -O2
build build-trace-clang clang++-19 -O0
tools/build.sh sim >/dev/null
for folder in build build-trace-gcc build-trace-clang; do
    traces "$folder" >"$work/${folder}"
done
for folder in build-trace-gcc build-trace-clang; do
    diff "$work/build" "$work/$folder" || {
        echo "trace_hash: $folder runs other runs than build" >&2
        exit 1
    }
done
lines=$(wc -l <"$work/build")
[ "$lines" -eq $((${#profiles[@]} * seeds)) ] || {
    echo "trace_hash: $lines runs held, not $((${#profiles[@]} * seeds)): see tools/simulate.sh" >&2
    exit 1
}
echo "trace_hash: $lines seeds have equal traces and roots with g++ -O1, g++ -O2 and clang++-19 -O0"
