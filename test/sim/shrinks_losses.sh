#!/usr/bin/env bash
# A failure of a lossy network is shrunk to single lost messages: it needs each that is left, and is
# found again from the file. The bug is view_on_timeout: without a loss no view times out.
# Usage: test/sim/shrinks_losses.sh BUILD_FOLDER
set -euo pipefail
build=${1:?usage: shrinks_losses.sh BUILD_FOLDER}
cmake --build "$build" --target sim_bug_view_on_timeout >/dev/null
sim=$build/bin/sim_bug_view_on_timeout
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$sim" --profile lossy --validators 4 --seed 23 --quiet --shrink --out "$work/repro" \
    >"$work/log" || true
grep 'BROKEN N1: \|^shrunk' "$work/log"
before=$(sed -n 's/^shrunk: .* lost messages of \([0-9]*\),.*/\1/p' "$work/log")
left=$(awk '$1 == "lost" && $2 != "nothing" { count += NF - 3 } END { print count + 0 }' "$work/repro")
[ "$left" -ge 1 ] && [ "$left" -lt "$before" ]
breaks() { # FILE: found as N1; an end without a verdict is none
    local said
    said=$("$sim" --repro "$1") || true
    [[ $said == *": BROKEN N1: "* ]]
}
breaks "$work/repro" || {
    echo "what was shrunk breaks nothing"
    exit 1
}
for ((one = 1; one <= left; one++)); do
    # The same list without its so-many-th message.
    awk -v one="$one" '
        $1 != "lost" { print; next }
        { line = ""; for (i = 4; i <= NF; i++) if (++seen != one) line = line " " $i
          if (line != "") { print $1, $2, $3 line; any = 1 } }
        END { if (!any) print "lost nothing" }' "$work/repro" >"$work/less"
    if breaks "$work/less"; then
        echo "lost message $one of $left is not needed"
        exit 1
    fi
done
echo "$left lost messages of $before are left, and each is needed"
