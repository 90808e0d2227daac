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

# Behind the bug: the rule whose check must find it, then what else the simulator is told, for a bug
# that only an actor or some weather reveals.
control() {
    bug=$1
    rule=$2
    shift 2
    wanted "$bug" || return 0
    cmake --build "$build" --target sim "sim_bug_$bug" >/dev/null
    if found=$("$build/bin/sim_bug_$bug" --seed 1 --seeds "$seeds" --validators 4 --quiet "$@"); then
        echo "$bug: NOT FOUND within $seeds seeds"
        exit 1
    fi
    seed=$(printf '%s\n' "$found" | sed -n 's/^seed \([0-9]*\) .*BROKEN.*/\1/p')
    # An end without a verdict is a crash of the simulator, not a find.
    test -n "$seed"
    case "$found" in
        *" BROKEN $rule: "*) ;;
        *)
            printf '%s: found, but not as %s: %s\n' "$bug" "$rule" "$found"
            exit 1
            ;;
    esac
    printf '%s: found by %s\n' "$bug" "$(printf '%s\n' "$found" | grep BROKEN)"
    "$build/bin/sim" --seed "$seed" --validators 4 --quiet "$@"
}

# Words behind the bug: the test case that must fail, by its name.
control_gateway() {
    control_test gateway_world gateway_bug "$@"
}

control_money() {
    control_test money_tests money_bug "$@"
}

control_test() {
    sound=$1
    planted=$2
    bug=$3
    case_name=$4
    wanted "$bug" || return 0
    cmake --build "$build" --target "$sound" "${planted}_$bug" >/dev/null
    if found=$("$build/bin/${planted}_$bug" "$case_name" 2>/dev/null); then
        echo "$bug: NOT FOUND by \"$case_name\""
        exit 1
    fi
    # Failed assertions are a find; an end of the program or an exception is none.
    printf '%s\n' "$found" | grep -q "^  CHECK(\|^  REQUIRE("
    printf '%s: found by "%s", %s\n' "$bug" "$case_name" \
        "$(printf '%s\n' "$found" | sed -n 's/^assertions: //p')"
    "$build/bin/$sound" "$case_name" >/dev/null 2>&1
}

control quorum_2f C8
control vote_before_sync C5
control ack_before_sync C5
control executed_height_outside_batch C6
control quote_nonce_not_stored M3
control refused_burns_quote I
control expiry_by_local_clock C7
control nullify_then_finalize C5
control fsync_dropped C5
control hash_map_order C7
control rate_rounded_up M11
control deposit_not_claimed M2
control refund_of_claimed_payout M12
control return_unbounded M10
control early_success M16
control no_skip_check C1 --actor bad_parent
control duplicate_signers C8 --actor repeated_vote
control journal_not_replayed C5 --actor none
control amnesia_rule_off C5 --profile forgetful
control hand_over_unverified E1 --actor hand_over_liar --seed 4
control dropped_early "Keep rule" --seed 20
control shown_votes_ignored C5 --profile set_back --seed 29
control rot_skipped D4 --profile bad_disks --seed 3
control failed_sync_trusted C5 --profile bad_disks --seed 3
control crowded_ignored C10 --profile gray_executor
control version_ignored E5 --profile versions
control rotten_end_cut D4 --profile bad_disks --seed 9
control view_on_timeout N1
control params_unchecked N2 --actor foreign_header
control time_ahead_unchecked N4 --actor time_at_skew_edge
control same_time_allowed N4 --actor time_at_skew_edge
control data_unchecked N5
control anchor_uncertified N6 --actor wrong_state_root
control lag_unchecked N7 --profile slow_execution
control finalize_unnotarized S4
control expired_taken "Take rule"
control named_offered "Offer rule"
control delta_of_the_slowest C12 --profile gray --seed 20
control_gateway rail_without_idempotency_key "gateways: lost answers*"
control_gateway refund_of_unknown_payout "gateways: lost answers*"
control_gateway payout_before_claim "gateways: two days come out*"
control_gateway credit_before_commit "gateways: two days come out*"
control_money overflow_unchecked "money: sums outside the range are refused"
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
