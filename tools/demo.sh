#!/usr/bin/env bash
# The whole product in one run: four validators, the gateways and rails they need, a remittance from
# Hong Kong to Manila on the ECB's rates, a day of load with a validator killed in the middle, the
# cut-off, settlement, and a receipt proven with every node stopped. Ends with a table and exit 0,
# or names the first figure that is off and exits 1.
#
#   tools/demo.sh [--keep] [--remittances N]     --keep leaves the network up
#
# REMIT_BIN_DIR names programs built elsewhere: nothing is installed or built then.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

keep=no
remittances=2000
while [ $# -gt 0 ]; do
    case "$1" in
        --keep) keep=yes ;;
        --remittances) remittances=$2; shift ;;
        *) echo "usage: tools/demo.sh [--keep] [--remittances N]" >&2; exit 2 ;;
    esac
    shift
done
calm_remittances=600      # a second load with all validators up, for the signature counters
load_wallets=200

if [ -z "${REMIT_BIN_DIR:-}" ]; then
    bash tools/setup.sh
    bash tools/build.sh remit remit-node remit-gateway
fi

bin=${REMIT_BIN_DIR:-$PWD/build/bin}
export REMIT_STATE=$PWD/build/demo-network
work=$PWD/build/demo-work
mkdir -p "$work"
started_at=$(date +%s)
load_pid=

say() { printf '%4ss  %s\n' "$(($(date +%s) - started_at))" "$*"; }
off() { echo "demo: $*" >&2; exit 1; }
remit() { "$bin/remit" "$@"; }
json() { "$bin/remit" -o json -q "$@"; }

finish() {
    local status=$?
    [ -z "$load_pid" ] || kill "$load_pid" 2>/dev/null || true
    if [ $status -ne 0 ] || [ "$keep" = no ]; then
        [ ! -f "$REMIT_STATE/devnet.json" ] || remit -q devnet down >/dev/null 2>&1 || true
    fi
    [ $status -eq 0 ] || echo "demo: failed; logs are below $REMIT_STATE" >&2
    exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

# Waits until a command succeeds: until_true SECONDS WHAT COMMAND...
until_true() {
    local limit=$1 what=$2
    shift 2
    local deadline=$(($(date +%s) + limit))
    until "$@"; do
        [ "$(date +%s)" -lt "$deadline" ] || off "$what took more than $limit s"
        sleep 0.2
    done
}

nodes=(alipayhk gcash clearbank regulator)
new_uuid() { cat /proc/sys/kernel/random/uuid; }
hex_of() { base64 -d | od -An -v -tx1 | tr -d ' \n'; }
state_count() { json ledger totals | jq -r --arg s "$1" '.remittances_by_state[$s] // "0"'; }
state_of() { json remittance show "$1" | jq -r .state; }
tokens_of() { json account show "$1" | jq -r .balance_minor; }
metric() {  # metric NODE NAME: the sum over its labels, 0 when absent
    local ops
    ops=$(jq -r --arg n "$1" '.processes[] | select(.name == $n) | .ops' "$REMIT_STATE/devnet.json")
    bash -c "exec 3<>/dev/tcp/${ops/:/\/} && printf 'GET /metrics HTTP/1.0\r\nConnection: close\r\n\r\n' >&3 && cat <&3" |
        awk -v name="$2" '$1 == name || index($1, name "{") == 1 { sum += $2 } END { printf "%d", sum }'
}
signatures() { json node status --node "$1" | jq -r .signatures_verified; }
executed() {  # executed NODE: its newest executed height, 0 while it does not answer
    local height
    height=$(json node status --node "$1" 2>/dev/null | jq -r .executed_height) || true
    echo "${height:-0}"
}
has_reached() { [ "$(executed "$1")" -ge "$2" ]; }
shows_block() { remit block show "$2" --node "$1" >/dev/null 2>&1; }

# ------------------------------------------------------------------------------------------------
if [ -f "$REMIT_STATE/devnet.json" ]; then
    remit -q devnet down --wipe >/dev/null
fi
say "starting four validators, three gateways and three rails"
remit -q devnet up --cutoff-seconds 60 --window-seconds 30 --pay-in-seconds 30 >"$work/banner"
say "up; the bank's marks rest on the ECB's euro reference rates:"
remit bank marks
rate_date=$(json bank marks | jq -r '.marks[0].rate_date')
[ "$rate_date" = 2024-12-31 ] || off "the mark rests on rates of '$rate_date', not 2024-12-31"

# ---- one remittance -----------------------------------------------------------------------------
say "on-ramp: 1,500.00 HKD of alice's fiat become tokens"
remit account fund alice@alipayhk --amount 1,500.00
say "a firm quote for 1,000.00 HKD, signed by the market maker"
remit quote --from HKD --to PHP --amount 1,000.00 --as alipayhk
first=$(new_uuid)
say "alice@alipayhk sends 1,000.00 HKD to bob@gcash"
json remittance send --uetr "$first" --from alice@alipayhk --to bob@gcash --amount 1,000.00 \
    --currency HKD >"$work/first.json"
remit remittance show "$first"
[ "$(state_of "$first")" = CREDITED ] || off "the first remittance is $(state_of "$first")"
first_tx=$(jq -r .transaction_id "$work/first.json" | hex_of)
first_operation=$(jq -r .operation_index "$work/first.json")
say "off-ramp: bob takes 7,000.00 PHP out as fiat"
remit account withdraw bob@gcash --amount 7,000.00

# ---- two that do not arrive ---------------------------------------------------------------------
remit -q account open dora@gcash >/dev/null
remit -q account set dora@gcash --incoming reject:AC04 >/dev/null
remit -q account open sam@gcash >/dev/null
remit -q account set sam@gcash --incoming silent >/dev/null
before=$(tokens_of alice@alipayhk)
rejected=$(new_uuid)
expired=$(new_uuid)
say "a payment that dora's wallet rejects, and one that sam's never answers"
remit -q remittance send --uetr "$rejected" --from alice@alipayhk --to dora@gcash \
    --amount 25.00 --currency HKD >/dev/null 2>&1 && off "a rejected payment ended with exit 0"
remit -q remittance send --uetr "$expired" --from alice@alipayhk --to sam@gcash \
    --amount 35.00 --currency HKD --expires-seconds 4 --wait prepared >/dev/null

# ---- a day of load, one validator killed in the middle ---------------------------------------------
say "$remittances remittances in both directions between $load_wallets wallets"
json -v bench load --through gateways --remittances "$remittances" --wallets "$load_wallets" \
    --batch 50 --clients 8 >"$work/load.json" 2>"$work/load.log" &
load_pid=$!
load_credited() { [ "$(state_count CREDITED)" -gt "$1" ] || ! kill -0 "$load_pid" 2>/dev/null; }
until_true 60 "the first quarter of the load" load_credited $((remittances / 4))
kill -0 "$load_pid" 2>/dev/null || { wait "$load_pid" || true; cat "$work/load.log" >&2; off "the load ended before a validator was killed"; }
at_kill=$(state_count CREDITED)
remit -q devnet kill regulator >/dev/null
say "kill -9 of regulator after $at_kill credited remittances; the other three go on"
until_true 60 "progress with three validators" load_credited $((at_kill + remittances / 4))
at_return=$(state_count CREDITED)
[ "$at_return" -gt "$at_kill" ] || off "nothing was credited while regulator was down"
remit -q devnet start regulator --no-wait >/dev/null
say "regulator comes back after $at_return credited remittances"
wait "$load_pid" || { cat "$work/load.log" >&2; off "the load failed"; }
load_pid=
say "the load has ended: $(jq -c .by_state "$work/load.json")"
final_height=$(executed gcash)
until_true 30 "regulator's catch-up" has_reached regulator "$final_height"
say "regulator has caught up with block $final_height"

# ---- a batch over the inline limit, fetched after its author was killed -----------------------------
jq -n '{mode: "MODE_EACH", operations: [range(3000) |
    {open_account: {asset_id: 1, tag: ("demo-" + (("00000000000" + tostring)[-11:]) | @base64)}}]}' \
    >"$work/big.json"
remit -q devnet kill regulator >/dev/null
json tx submit "$work/big.json" --as alipayhk --node alipayhk >"$work/big.receipts"
big_height=$(jq -r '.receipts[0].height' "$work/big.receipts")
[ "$(jq '[.receipts[] | select(.refusal == null)] | length' "$work/big.receipts")" -eq 3000 ] ||
    off "the large envelope was not executed whole"
remit -q devnet kill alipayhk >/dev/null
say "3,000 operations (over 64 KiB) are final in block $big_height; their author alipayhk is killed"
remit -q devnet start regulator --no-wait >/dev/null
# Executed is not enough: it shows a block when it holds the proof of three that they agree on it.
until_true 30 "fetching the large batch" shows_block regulator "$big_height"
until_true 30 "the proof of the large block" shows_block gcash "$big_height"
[ "$(json block show "$big_height" --node regulator | jq -r .state_root)" = \
  "$(json block show "$big_height" --node gcash | jq -r .state_root)" ] ||
    off "regulator executed block $big_height to another root"
say "regulator, down meanwhile, has fetched the batch from the others and executed it"
remit -q devnet start alipayhk >/dev/null
until_true 30 "alipayhk's catch-up" has_reached alipayhk "$(executed gcash)"

# ---- a calm load: every validator verifies every signature ------------------------------------------
declare -A envelopes_before signatures_before
for node in "${nodes[@]}"; do
    envelopes_before[$node]=$(metric "$node" remit_commit_duration_seconds_count)
    signatures_before[$node]=$(signatures "$node")
done
json bench load --through gateways --remittances "$calm_remittances" --wallets 20 --batch 5 \
    --clients 16 --prefix calm >"$work/calm.json" || off "the calm load failed"
say "$calm_remittances more with all four up: $(jq -c .by_state "$work/calm.json")"
envelopes=0
for node in "${nodes[@]}"; do
    until_true 10 "$node's blocks" has_reached "$node" "$(executed gcash)"
    through=$(($(metric "$node" remit_commit_duration_seconds_count) - envelopes_before[$node]))
    [ "$through" -ge 20 ] || off "only $through envelopes went through $node"
    envelopes=$((envelopes + through))
done
for node in "${nodes[@]}"; do
    verified=$(($(signatures "$node") - signatures_before[$node]))
    [ "$verified" -ge "$envelopes" ] ||
        off "$node verified $verified signatures of $envelopes envelopes"
done
say "each of the four verified the signatures of all $envelopes envelopes"

[ "$(state_of "$rejected")" = REJECTED ] || off "dora's remittance is $(state_of "$rejected")"
is_expired() { [ "$(state_of "$expired")" = EXPIRED ]; }
until_true 20 "the expiry" is_expired
[ "$(tokens_of alice@alipayhk)" = "$before" ] || off "rejected and expired money did not come home"
say "the rejected and the expired payment are home again"

# ---- cut-off and settlement -----------------------------------------------------------------------
remit -q rail faults rail-clearbank --withhold 1 --prefix clearing/HKD >/dev/null
day=$(json window show | jq -r .window.window_id)
day_is_closed() { [ "$(json window show "$day" | jq -r .window.state)" != OPEN ]; }
say "waiting for the cut-off of window $day by block time"
until_true 60 "the cut-off" day_is_closed
remit window show "$day"
json window list >"$work/closed.json"
nets=$(jq '[.windows[] | select(.state != "OPEN") | .legs[] | select(.net_minor != "0")] | length' \
    "$work/closed.json")
[ "$nets" -gt 0 ] || off "no net was due at the cut-off"
has_due() { [ "$(json window show "$1" | jq '[.window.legs[] | select(.due_minor != "0")] | length')" -gt 0 ]; }
if [ "$(jq --arg d "$day" '[.windows[] | select(.window_id == $d) | .legs[]] | length' "$work/closed.json")" -gt 0 ]; then
    sleep 3
    has_due "$day" || off "the window settled although an entry of the bank was withheld"
    say "one entry of the bank is withheld: the window stays unsettled"
fi
remit -q rail repair rail-clearbank >/dev/null
remit bank settle --timeout-seconds 60
[ "$(json window show "$day" | jq -r .window.state)" = SETTLED ] || off "window $day is not settled"
say "window $day is SETTLED"
remit ledger positions
json ledger positions >"$work/positions.json"
[ "$(jq '[.positions[] | select(.position_minor != "0")] | length' "$work/positions.json")" -eq 0 ] ||
    off "a position is not 0 after settlement"

# ---- everybody agrees -----------------------------------------------------------------------------
top=$(executed gcash)
until_true 20 "the proof of the last block" shows_block gcash "$top"
top_root=$(json block show "$top" --node gcash | jq -r '.digest + " " + .state_root')
for node in "${nodes[@]}"; do
    until_true 20 "$node's last block" shows_block "$node" "$top"
    root=$(json block show "$top" --node "$node" | jq -r '.digest + " " + .state_root')
    [ "$root" = "$top_root" ] || off "$node has another block or root at $top"
done
say "all four validators agree on block $top and its state root"
reconciles() { remit -q gateway reconcile "$1" >"$work/reconcile.$1" 2>&1; }
for gateway in gateway-alipayhk gateway-gcash gateway-clearbank; do
    until_true 20 "reconciliation of $gateway (see $work/reconcile.$gateway)" reconciles "$gateway"
    say "$gateway: ledger and rail agree to the cent"
    cat "$work/reconcile.$gateway"
done

json ledger totals >"$work/totals.json"
expect() {  # expect STATE COUNT
    local found
    found=$(jq -r --arg s "$1" '.remittances_by_state[$s] // "0"' "$work/totals.json")
    [ "$found" = "$2" ] || off "$found remittances are $1, not $2"
}
sent=$((remittances + calm_remittances + 3))
expect CREDITED $((sent - 2))
expect REJECTED 1
expect EXPIRED 1
[ "$(jq '[.remittances_by_state[] | tonumber] | add' "$work/totals.json")" -eq "$sent" ] ||
    off "the ledger knows another number of remittances than were sent"
[ "$sent" -ge 2000 ] || off "fewer than 2,000 remittances"
[ "$(jq '[.totals[] | select(.sum_minor != "0")] | length' "$work/totals.json")" -eq 0 ] ||
    off "the accounts of an asset do not sum to 0"
[ "$(jq '[.totals[] | select(.clearing_minor != "0")] | length' "$work/totals.json")" -eq 0 ] ||
    off "cash is left in clearing"

# ---- a receipt, proven with every node stopped ------------------------------------------------------
remit -q receipt export "$first_tx" --operation "$first_operation" --out "$work/receipt.bin"
remit -q devnet down
say "every node is stopped; the receipt is checked against the genesis file alone"
remit verify "$work/receipt.bin" --genesis "$REMIT_STATE/genesis.bin"
flip() {  # flip FILE OFFSET OUT: one bit of one byte
    local byte
    byte=$(od -An -v -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
    cp "$1" "$3"
    printf "\\x$(printf %02x $((byte ^ 1)))" |
        dd of="$3" bs=1 seek="$2" conv=notrunc status=none
}
must_fail() { if remit -q verify "$1" --genesis "$2" >/dev/null 2>&1; then off "$3"; fi; }
size=$(stat -c %s "$work/receipt.bin")
flips=0
for ((offset = 0; offset < size; offset += size / 60 + 1)); do
    flip "$work/receipt.bin" "$offset" "$work/flipped.bin"
    must_fail "$work/flipped.bin" "$REMIT_STATE/genesis.bin" "a receipt with byte $offset changed passed"
    flips=$((flips + 1))
done
size=$(stat -c %s "$REMIT_STATE/genesis.bin")
for ((offset = 0; offset < size; offset += size / 20 + 1)); do
    flip "$REMIT_STATE/genesis.bin" "$offset" "$work/flipped.bin"
    must_fail "$work/receipt.bin" "$work/flipped.bin" "a genesis with byte $offset changed passed"
    flips=$((flips + 1))
done
say "$flips copies with one changed byte were all refused"

# ---- the table --------------------------------------------------------------------------------------
money() { awk -v m="$1" 'BEGIN { s = m < 0 ? "-" : ""; m = m < 0 ? -m : m; w = sprintf("%d", m / 100);
    f = sprintf("%02d", m % 100); while (match(w, /[0-9][0-9][0-9][0-9](,|$)/))
    w = substr(w, 1, RSTART) "," substr(w, RSTART + 1); printf "%s%s.%s", s, w, f }'; }
ms() { jq -r "\"p50 \\(.$2.p50_ms) ms   p99 \\(.$2.p99_ms) ms\"" "$work/$1.json"; }
name_of() { jq -r --arg i "$1" '.participants[] | select(.id == ($i | tonumber)) | .name' "$REMIT_STATE/devnet.json"; }
currency_of() { jq -r --arg i "$1" '.assets[] | select(.id == ($i | tonumber)) | .currency' "$REMIT_STATE/devnet.json"; }
echo
echo "remittances by final state"
jq -r '.remittances_by_state | to_entries | sort_by(.key)[] | select(.value != "0") | "  \(.key) \(.value)"' \
    "$work/totals.json" | awk '{ printf "  %-12s %8d\n", $1, $2 }'
echo "submit to final"
echo "  all four up                $(ms calm submit_to_final)"
echo "  load, a validator killed   $(ms load submit_to_final)"
echo "net positions                     at the cut-off   after settlement"
jq -r '[.windows[] | select(.state != "OPEN") | .legs[] | select(.net_minor != "0")] |
    group_by([.participant_id, .asset_id])[] |
    "\(.[0].participant_id) \(.[0].asset_id) \([.[].net_minor | tonumber] | add)"' "$work/closed.json" |
    while read -r participant asset net; do
        after=$(jq -r --arg p "$participant" --arg a "$asset" '.positions[] |
            select(.participant_id == ($p | tonumber) and .asset_id == ($a | tonumber)) |
            .position_minor' "$work/positions.json")
        printf '  %-12s %22s %s %14s\n' "$(name_of "$participant")" "$(money "$net")" \
            "$(currency_of "$asset")" "$(money "${after:-0}")"
    done
echo "asset    supply                sum of all accounts"
jq -r '.totals[] | "\(.currency) \(.supply_minor) \(.sum_minor)"' "$work/totals.json" |
    while read -r currency supply sum; do
        printf '  %-6s %18s   %s\n' "$currency" "$(money "$supply")" "$sum"
    done
echo
if [ "$keep" = yes ]; then
    remit -q devnet up >/dev/null
    say "the network is up. Try:"
    echo "  export REMIT_STATE=$REMIT_STATE PATH=$bin:\$PATH"
    echo "  remit account show alice@alipayhk"
    echo "  remit remittance send --from bob@gcash --to alice@alipayhk --amount 500.00 --currency PHP"
    echo "  remit window list"
    echo "  remit devnet kill gcash; remit node status; remit devnet start gcash"
    echo "  remit devnet down --wipe"
fi
say "done"
