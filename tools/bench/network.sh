# shellcheck shell=bash disable=SC2154  # its caller sets what it uses
# What scripts that load a devnet share; sourced, not run. They set `remit`, the program, and `work`, a
# folder for figures; `run` of `RUNS` is the repeat.

say() { echo "$(basename "$0" .sh): $*" >&2; }
# ops_of NAME: where this validator's metrics are.
ops_of() { jq -r --arg n "$1" '.processes[] | select(.name == $n) | .ops' "$REMIT_STATE/devnet.json"; }
# metric ADDRESS NAME: a whole number; nothing while the node does not answer.
metric() {
    curl -s --max-time 1 "http://$1/metrics" 2>/dev/null |
        awk -v name="$2" '$1 == name {printf "%d\n", $2}' || true
}
# load NAME ARGUMENTS...: one run; its JSON goes to NAME.RUN.json. What was refused would be no load.
load() {
    local name=$1
    shift
    say "run $run of $RUNS: $name"
    "$remit" bench load -o json --quiet "$@" >"$work/$name.$run.json"
    jq -e '.credited == .submitted' "$work/$name.$run.json" >/dev/null || {
        say "$name: not all remittances were credited: $(jq -c '[.by_state, .refusals]' "$work/$name.$run.json")"
        exit 1
    }
}
# middle FILTER NAME [PARTS]: median [min-max] of a figure over the runs, to a tenth or one of PARTS.
middle() {
    jq -s -r --argjson parts "${3:-10}" "[.[] | ($1)] | sort | map(. * \$parts | round / \$parts) |
              .[length / 2 | floor] as \$m | \"\(\$m) [\(.[0])-\(.[-1])]\"" "$work/$2".*.json
}
