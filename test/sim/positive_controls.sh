#!/bin/sh
# A test that cannot fail proves nothing: builds the simulator with each planted bug and shows that
# it is found within SEEDS seeds, then that the sound build passes the same seeds. Bugs of gateways
# are planted in the test that kills gateways at each named point (test/unit/gateway/crash_test.cpp).
# Usage: test/sim/positive_controls.sh BUILD_FOLDER [SEEDS [BUG...]]
set -eu
build=${1:?usage: positive_controls.sh BUILD_FOLDER [SEEDS [BUG...]]}
seeds=${2:-200}
if [ $# -gt 1 ]; then shift 2; else shift; fi
only=" $* "

wanted() {
    [ "$only" = "  " ] || case "$only" in *" $1 "*) ;; *) return 1 ;; esac
}

# Words behind the bug: what else the simulator is told, for a bug that only an actor reveals.
control() {
    bug=$1
    shift
    wanted "$bug" || return 0
    cmake --build "$build" --target sim "sim_bug_$bug" >/dev/null
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

# Words behind the bug: the test case that must fail, by its name.
control_gateway() {
    bug=$1
    case_name=$2
    wanted "$bug" || return 0
    cmake --build "$build" --target gateway_world "gateway_bug_$bug" >/dev/null
    if found=$("$build/bin/gateway_bug_$bug" "$case_name" 2>/dev/null); then
        echo "$bug: NOT FOUND by \"$case_name\""
        exit 1
    fi
    # Failed assertions are a find; an end of the program or an exception is none.
    printf '%s\n' "$found" | grep -q "^  CHECK(\|^  REQUIRE("
    printf '%s: found by "%s", %s\n' "$bug" "$case_name" \
        "$(printf '%s\n' "$found" | sed -n 's/^assertions: //p')"
    "$build/bin/gateway_world" "$case_name" >/dev/null 2>&1
}

control quorum_2f
control vote_before_sync
control executed_height_outside_batch
control quote_nonce_not_stored
control refused_burns_quote
control expiry_by_local_clock
control nullify_then_finalize
control fsync_dropped
control hash_map_order
control rate_rounded_up
control deposit_not_claimed
control refund_of_claimed_payout
control early_success
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
control_gateway rail_without_idempotency_key "gateways: lost answers*"
control_gateway refund_of_unknown_payout "gateways: lost answers*"
control_gateway payout_before_claim "gateways: two days come out*"
control_gateway credit_before_commit "gateways: two days come out*"
echo "the sound build passes each of these seeds"

# A kept repro is a failure still, where its bug is planted.
for repro in "$(dirname "$0")"/repros/*.txt; do
    bug=$(basename "$repro" .txt)
    wanted "$bug" && test -x "$build/bin/sim_bug_$bug" || continue
    if "$build/bin/sim_bug_$bug" --repro "$repro"; then
        echo "$bug: its repro breaks nothing"
        exit 1
    fi
done
