#!/usr/bin/env bash
# Checks the models in this folder with spin: each must be clean, each of its mutants refuted, each
# of its witnesses found. One line per search, exit 1 if any is not as it must be, 77 without spin.
#   run.sh [small]            everything in small scope, every search exhaustive; under a minute
#   run.sh large [SECONDS]    larger scopes, bitstate, SECONDS a search at most (default 600)
#   JOBS=N run.sh             so many searches at once (default: one for each processor)
set -euo pipefail

mode=${1:-small}
seconds=${2:-600}
if [[ ! $mode =~ ^(small|large)$ || ! $seconds =~ ^[1-9][0-9]*$ ]]; then
    echo "usage: run.sh [small|large] [seconds]" >&2
    exit 2
fi
for program in spin gcc; do
    if ! command -v "$program" >/dev/null; then
        echo "skipped: $program is not installed (tools/setup.sh installs it)"
        exit 77
    fi
done
models=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
searches=0
running=0
jobs=${JOBS:-$(nproc)}

# Builds the verifier of $1 with the defines in $2 and compiler flags in $3, in the folder it is in.
build() {
    # shellcheck disable=SC2086
    spin -a $2 "$models/$1.pml" >build.txt 2>&1 && gcc $3 -w -DSAFETY -o pan pan.c >>build.txt 2>&1
}

# Verdict on out.txt, for a search that must be $1: clean, or refuted by an assertion.
judge() {
    if grep -qE "max search depth too small|out of memory|reached -DMEMLIM" out.txt; then
        echo "TRUNCATED"
    elif grep -q "assertion violated" out.txt; then
        [ "$1" = refuted ] && echo refuted || echo VIOLATED
    elif ! grep -q "errors: 0" out.txt; then
        echo "BROKEN"
    elif grep -q "Search not completed" out.txt; then
        [ "$1" = clean ] && [ "$mode" = large ] && echo "clean so far" || echo "NOT FINISHED"
    else
        [ "$1" = clean ] && echo clean || echo "SURVIVED"
    fi
}

# search EXPECTED MODEL [DEFINE...], beside others; leaves a file in $work/held if it is so.
search() {
    searches=$((searches + 1))
    if [ "$running" -ge "$jobs" ]; then
        wait -n
        running=$((running - 1))
    fi
    search_apart "$searches" "$@" &
    running=$((running + 1))
}

# search_apart NUMBER EXPECTED MODEL [DEFINE...]
search_apart() {
    mkdir "$work/$1"
    cd "$work/$1"
    local number=$1
    shift
    local expected=$1 model=$2 defines="" flags="-O0 -DMEMLIM=3000" options="-m1000000 -w20" verdict
    shift 2
    local name="$model $*" limit=600
    for define in "$@"; do
        defines+=" -D$define"
    done
    if [ "$mode" = large ]; then
        flags="-O2 -DBITSTATE"
        options="-m1000000 -w33"
        limit=$seconds
    fi
    if build "$model" "$defines" "$flags"; then
        # shellcheck disable=SC2086
        timeout --signal=INT "$limit" ./pan $options >out.txt 2>&1 || true
        verdict=$(judge "$expected")
    else
        cp build.txt out.txt
        verdict="NOT BUILT"
    fi
    printf '%-68s %9s states %6s s  %s\n' "$name" \
        "$(awk '/states, stored/ { print $1; exit }' out.txt)" \
        "$(sed -nE 's/^pan: elapsed time ([0-9.e+-]+) seconds/\1/p' out.txt)" "$verdict"
    if [[ $verdict =~ [A-Z] ]]; then
        tail -n 25 out.txt >&2
    else
        touch "$work/held/$number"
    fi
    cd "$work"
    rm -rf "${work:?}/$number"
}

small() {
    search clean voting
    for bug in QUORUM_MINUS_ONE NULLIFY_THEN_FINALIZE FINALIZE_THEN_NULLIFY NO_SKIP_CHECK \
               UNCERTIFIED_PARENT DOUBLE_NOTARIZE FINALIZE_WITHOUT_NOTARIZATION; do
        search refuted voting "BUG_$bug" AGREEMENT_ONLY
    done
    for witness in FINALIZED CHAIN SKIP SPLIT; do
        search refuted voting "WITNESS_$witness"
    done
    search clean amnesia VIEWS=2
    search clean amnesia BLOCKS_1=0 BLOCKS=1
    for bug in NO_RULE MAX_PLUS_ONE NOTARIZE_ONLY COUNTS_ITSELF ENTRY_NOT_JOURNALED \
               STALE_ANSWERS; do
        search refuted amnesia "BUG_$bug" BLOCKS_1=0 BLOCKS=1 AGREEMENT_ONLY
    done
    search refuted amnesia VIEWS=2 WITNESS_VOTES_AGAIN
    search refuted amnesia BLOCKS_2=0 BLOCKS=1 WITNESS_FINALIZES_AGAIN
    search clean availability
    for bug in VOTE_WITHOUT_HOLDING AC_OF_F_ACKS HELD_IN_MEMORY NO_WINDOW_CHECK EXPIRED_BATCH \
               NO_EXPIRY_LIMIT DROP_BEFORE_CHECKPOINT DROP_BEFORE_SNAPSHOT DROP_BEFORE_EXPIRY \
               DROP_EXPIRED_NAMED; do
        search refuted availability "BUG_$bug"
    done
    for witness in VOTE_BY_CERTIFICATE DROPPED_BY_ALL NAMED_AGAIN EXPIRED; do
        search refuted availability "WITNESS_$witness"
    done
    search clean epoch
    for bug in ROOT_FROM_CLOSING ORDINARY_AFTER_LAST CLOSING_NAMES_BATCH LAST_WITH_INHERITED_EXEC \
               VOTES_ON FINALIZATION_IN_MEMORY OLD_SET_EXECUTES RETIRES_EARLY; do
        search refuted epoch "BUG_$bug"
    done
    for witness in ANCHORED CLOSING SKIPPED_LAST STILL_VOTES; do
        search refuted epoch "WITNESS_$witness"
    done
    search clean progress ONE_BLOCK
    for bug in NOTARIZATION_DOES_NOT_LEAD_ON FINALIZE_ONLY_WHAT_I_NOTARIZED NOT_SENT_AGAIN \
               BYZANTINE_NEEDED; do
        search refuted progress "BUG_$bug" ONE_BLOCK
    done
    search refuted progress BUG_NO_TIMEOUT_AFTER_NOTARIZE
    search refuted progress WITNESS_END ONE_BLOCK
    search refuted progress WITNESS_SPLIT ONE_BLOCK
    search clean execution VIEWS=3
    for bug in NO_ANCESTRY EXEC_GOES_BACK NO_CERTIFICATE CERTIFICATE_OF_F_PLUS_ONE NO_LAG \
               LAG_STOPS_BLOCKS VOTE_ONCE_A_HEIGHT LEADER_ANCHORS_ANY_CHAIN HEIGHT_UNCHECKED; do
        search refuted execution "BUG_$bug" VIEWS=3
    done
    for witness in ABANDONED BOTH FROZEN; do
        search refuted execution "WITNESS_$witness" VIEWS=3
    done
    search clean amnesia_epochs
    for bug in NEVER_ASKED_AGAIN ANSWERS_OF_OLD_EPOCH FIRST_VIEW BOUND_TOO_HIGH \
               UNANSWERED_IS_ANSWERED DOUBT_NOT_DURABLE; do
        search refuted amnesia_epochs "BUG_$bug" AGREEMENT_ONLY
    done
    search refuted amnesia_epochs WITNESS_NO_DOUBT
    search refuted amnesia_epochs VIEWS_NEXT=2 WITNESS_VOTES_AGAIN
    search clean amnesia_epochs GUEST
    for bug in NEVER_ASKED_AGAIN ANSWERS_OF_OLD_EPOCH FIRST_VIEW BOUND_TOO_HIGH \
               UNANSWERED_IS_ANSWERED DOUBT_NOT_DURABLE; do
        search refuted amnesia_epochs GUEST "BUG_$bug" AGREEMENT_ONLY
    done
    search refuted amnesia_epochs GUEST WITNESS_NO_DOUBT
    search refuted amnesia_epochs GUEST VIEWS_NEXT=2 WITNESS_VOTES_AGAIN
    search clean block_time
    for bug in MAY_STAND_STILL MAY_GO_BACK ANY_TIME_AHEAD; do
        search refuted block_time "BUG_$bug"
    done
    search refuted block_time WITNESS_AHEAD
    search clean offer
    for bug in NO_OFFERS OFFERED_TO_LEADER_ALONE ACKS_TO_AUTHOR_ALONE; do
        search refuted offer "BUG_$bug"
    done
    search refuted offer WITNESS_STRICT
    search clean modes
    for bug in STRICT_NAMES_UNCERTIFIED CERTIFICATES_NOT_SHOWN VOTERS_WANT_DATA; do
        search refuted modes "BUG_$bug"
    done
    for witness in STARVED STARVING_BATCH_NAMED; do
        search refuted modes "WITNESS_$witness"
    done
}

large() {
    search clean voting VIEWS=3
    search refuted voting VIEWS=3 WITNESS_FINALIZED
    search clean amnesia BLOCKS=1
    search clean amnesia
    search clean amnesia VIEWS=4 BLOCKS=1
    search refuted amnesia VIEWS=4 BUG_MAX_PLUS_ONE AGREEMENT_ONLY
    search clean availability VIEWS=4
    search clean availability VIEWS=5 W=2
    search clean epoch VIEWS=4 END=2
    search clean progress
    search clean execution VIEWS=3 LAG=2
    search clean execution
    search clean amnesia_epochs VIEWS_NEXT=2
    search clean amnesia_epochs VIEWS_E=2
    search clean amnesia_epochs VIEWS_E=2 VIEWS_NEXT=2 LOSSES=1
    search clean amnesia_epochs GUEST VIEWS_NEXT=2
    search clean amnesia_epochs GUEST VIEWS_E=2
}

mkdir "$work/held"
"$mode"
wait
failures=$((searches - $(find "$work/held" -type f | wc -l)))
echo "$searches searches, $failures not as they must be"
[ "$failures" -eq 0 ]
