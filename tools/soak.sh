#!/usr/bin/env bash
# Looks for rare failures for so many minutes: fresh simulator seeds, then real nodes and gateways
# killed again and again, turn by turn. Stops at the first failure and prints how to see it again.
#
#   tools/soak.sh MINUTES [FIRST_SEED]     FIRST_SEED: default from the clock, printed
#   BUILD=build-tsan tools/soak.sh 60      another build folder (cmake --preset tsan; ninja)
#   SIM_ONLY=1 tools/soak.sh 60            the simulator alone
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ ${1:-} =~ ^[0-9]+$ ]] || {
    sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
}
minutes=$1
seed=${2:-$(date +%s)}
build=$PWD/${BUILD:-build}
seeds_per_turn=20
for program in sim test_integration test_integration_gateway; do
    [ -x "$build/bin/$program" ] || {
        echo "soak: $build/bin/$program is missing: run tools/build.sh" >&2
        exit 2
    }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
end=$((SECONDS + minutes * 60)) first=$seed turns=0
echo "soak: $minutes minutes, seeds from $first"

# run WHAT COMMAND...: its output is shown only when it fails.
run() {
    local what=$1
    shift
    if ! "$@" >"$work/log" 2>&1; then
        tail -40 "$work/log"
        echo "soak: FAILED: $what" >&2
        echo "soak: again: $*" >&2
        exit 1
    fi
}
while [ "$SECONDS" -lt "$end" ]; do
    run "simulator" "$build/bin/sim" --seed "$seed" --seeds "$seeds_per_turn" --quiet
    seed=$((seed + seeds_per_turn))
    if [ "$SECONDS" -lt "$end" ] && [ -z "${SIM_ONLY:-}" ]; then
        run "nodes" "$build/bin/test_integration"
        run "gateways" "$build/bin/test_integration_gateway"
        turns=$((turns + 1))
    fi
    echo "soak: $(((end - SECONDS) / 60)) minutes left, $((seed - first)) seeds," \
         "$turns turns of real processes, no failure"
done
