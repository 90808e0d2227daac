#!/bin/sh
# A test that cannot fail proves nothing: builds the simulator with each planted bug and shows that
# it is found within SEEDS seeds, then that the sound build passes the same seeds.
# Usage: test/sim/positive_controls.sh BUILD_FOLDER [SEEDS]
set -eu
build=${1:?usage: positive_controls.sh BUILD_FOLDER [SEEDS]}
seeds=${2:-200}

# Words behind the bug: what else the simulator is told, for a bug that only an actor reveals.
control() {
    bug=$1
    shift
    cmake --build "$build" --target "sim_bug_$bug" >/dev/null
    if found=$("$build/bin/sim_bug_$bug" --seed 1 --seeds "$seeds" --validators 4 --quiet "$@"); then
        echo "$bug: NOT FOUND within $seeds seeds"
        exit 1
    fi
    seed=$(printf '%s\n' "$found" | sed -n 's/^seed \([0-9]*\) .*BROKEN.*/\1/p')
    # An end without a verdict is a crash of the simulator, not a find.
    test -n "$seed"
    printf '%s: found by %s\n' "$bug" "$(printf '%s\n' "$found" | head -n 1)"
    "$build/bin/sim" --seed "$seed" --validators 4 --quiet "$@"
}

cmake --build "$build" --target sim >/dev/null
for bug in quorum_2f vote_before_sync executed_height_outside_batch quote_nonce_not_stored \
    expiry_by_local_clock nullify_then_finalize fsync_dropped hash_map_order; do
    control "$bug"
done
control no_skip_check --actor bad_parent
control duplicate_signers --actor repeated_vote
control journal_not_replayed --actor none
control amnesia_rule_off --profile forgetful
control hand_over_unverified --actor hand_over_liar
control shown_votes_ignored --profile set_back
control rot_skipped --profile bad_disks
control failed_sync_trusted --profile bad_disks
control crowded_ignored --profile gray_executor
control version_ignored --profile versions
echo "the sound build passes each of these seeds"

# A kept repro is a failure still, where its bug is planted.
for repro in "$(dirname "$0")"/repros/*.txt; do
    bug=$(basename "$repro" .txt)
    test -x "$build/bin/sim_bug_$bug" || continue
    if "$build/bin/sim_bug_$bug" --repro "$repro"; then
        echo "$bug: its repro breaks nothing"
        exit 1
    fi
done
