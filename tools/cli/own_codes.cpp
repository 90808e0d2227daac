#include "tools/cli/own_codes.h"

#include "ledger/errors.h"

namespace remit::cli {
namespace {

constexpr OwnCode table[] = {
    {"BUSY", "the server has more work than it takes", "wait a moment and send the same again"},
    {"EXPIRED", "the payee's operator did not answer in time: the money is back",
     "nothing is owed; send again as a new remittance"},
    {"HISTORY_PRUNED", "it is older than what the node keeps, and took effect all the same",
     "ask a node that keeps everything", 1201},
    {"NOTHING_TO_RETURN", "nothing of the remittance is with this operator",
     "remit remittance show tells what became of it"},
    {"NOT_READY", "a process did not become ready, or ended", "read the last lines of its log"},
    {"NOT_YOUR_ACCOUNT",
     "a rail moves and shows an account for its owner and its participant alone",
     "use the certificate of the rail's owner, or your own account"},
    {"NOT_YOUR_GATEWAY", "another participant's certificate asks for what is the operator's own",
     "leave out --as, or name the operator whose gateway it is"},
    {"NO_NETWORK", "the state folder holds no network", "remit devnet up, or name it with --state"},
    {"NO_NODE", "the gateway reaches no validator", "remit node status; then ask with the same id"},
    {"OUTCOME_UNKNOWN", "it may have happened or may happen yet",
     "ask for it, or send it again with the same id, never under a new one"},
    {"OPEN_QUOTES", "too many quotes of this participant are open at the maker",
     "use them or let them expire"},
    {"OTHER_MAKER", "the desk that was asked quotes for another market maker",
     "mend [makers] in the wallet gateway's configuration"},
    {"PARKED", "the gateway has set this aside for a person", "see remit gateway reconcile"},
    {"PAYEE_OPERATOR_SILENT", "the gateway of the payee's operator does not answer",
     "remit devnet status; then send again with the same --uetr"},
    {"PORT_IN_USE", "another program listens on a port that is needed",
     "stop it, or give another --base-port"},
    {"RAIL_REFUSED", "the fiat side said no, with its ISO 20022 reason; nothing moved",
     "AM04: too little fiat on the account, see remit account show"},
    {"REJECTED", "the payee's operator did not take the money: it is back",
     "ask the payee; remit remittance show tells the reason"},
    {"UNREACHABLE", "a process does not answer; nothing was done", "see remit devnet status"},
    {"WALLET_NOT_FOUND", "the operator has no open wallet of this name and currency",
     "check the name, or remit account open NAME@OPERATOR; remit account list --wallets --as "
     "OPERATOR lists them"},
};

}  // namespace

std::span<const OwnCode> own_codes() {
    return table;
}

std::string remedy_of(std::string_view code) {
    for (const auto& own : table) {
        if (own.name == code) {
            return std::string(own.remedy);
        }
    }
    for (const auto& info : ledger::error_table()) {
        if (info.name == code) {
            return std::string(info.remedy);
        }
    }
    return {};
}

}  // namespace remit::cli
