#!/usr/bin/env bash
# Runs the simulator for so many minutes: every profile, every actor, 1 to 31 validators, with fresh
# seeds, turn by turn. What fails is kept with the command that runs it again, shrunk to the faults
# that it needs; the rest goes on. With the fix, put the line into test/sim/seeds.txt or the list of
# faults into test/sim/repros.
#
#   tools/simulate.sh MINUTES [FIRST_SEED]   FIRST_SEED: default from the clock, printed
#   BUILD=build-asan tools/simulate.sh 60    another build folder
#   FAILURES=file tools/simulate.sh 60       where failures are kept (default simulate-failures.log)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ ${1:-} =~ ^[0-9]+$ ]] || {
    sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
}
end=$((SECONDS + $1 * 60))
seed=${2:-$(date +%s)}
sim=$PWD/${BUILD:-build}/bin/sim
failures=${FAILURES:-simulate-failures.log}
[ -x "$sim" ] || {
    echo "simulate: $sim is missing: run tools/build.sh sim" >&2
    exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "simulate: $1 minutes, seeds from $seed"
seeds=0 failed=0 virtual=0

# turn SEEDS OPTION...: so many seeds of one kind, while there is time.
turn() {
    local count=$1 one simulated status
    shift
    for ((one = 0; one < count && SECONDS < end; one++)); do
        status=0
        "$sim" --seed "$seed" --shrink --rare-report "$@" >"$work/log" 2>&1 || status=$?
        # 1 without a broken rule: some rare point never fired in this one seed. Above 1 the
        # simulator itself died, on a CHECK or a signal.
        if [ "$status" -le 1 ] && ! grep -q BROKEN "$work/log"; then
            seeds=$((seeds + 1))
        else
            failed=$((failed + 1))
            [ "$status" -le 1 ] || echo "BROKEN: exit $status; replay: sim --seed $seed $*" >>"$work/log"
            { date -u +%FT%TZ; git rev-parse HEAD; grep -v '^rare' "$work/log"; } >>"$failures"
            grep -E 'BROKEN|replay|shrunk|^fault' "$work/log"
        fi
        sed -n 's/^rare point \([a-z_]*\) *\([0-9]*\).*/\1 \2/p' "$work/log" >>"$work/rare"
        simulated=$(sed -n 's/.* blocks: \([0-9]*\) s of virtual.*/\1/p' "$work/log")
        virtual=$((virtual + ${simulated:-0}))
        seed=$((seed + 1))
    done
}

while [ "$SECONDS" -lt "$end" ]; do
    turn 8
    for profile in calm lossy crashing split storm forgetful set_back snapshots bereaved epochs \
        bad_disks gray gray_executor slow_execution versions; do
        turn 1 --profile "$profile"
    done
    turn 8 --profile byzantine
    turn 6 --profile byzantine_epochs
    turn 3 --profile byzantine_snapshots
    for validators in 1 2 3 5 7 10 13; do
        turn 1 --validators "$validators"
    done
    turn 1 --profile forgetful --validators 7
    turn 1 --profile bereaved --validators 7
    turn 1 --profile byzantine --validators 7
    turn 1 --profile byzantine --validators 10
    turn 1 --profile epochs --validators 7
    turn 1 --validators 31
    # Another sample of what twins can do in each turn: some 140 scenarios.
    turn 1 --twins 3 --every 2003
    turn 1 --twins 4 --every 100003
done
awk '{ hits[$1] += $2 } END { for (name in hits) printf "rare point %-22s %d%s\n", name, hits[name],
     hits[name] ? "" : "  NEVER HIT" }' "$work/rare" | sort
echo "simulate: $seeds seeds held, $failed failed, $virtual s of virtual time in $SECONDS s"
[ "$failed" -eq 0 ] || {
    echo "simulate: what failed is in $failures" >&2
    exit 1
}
