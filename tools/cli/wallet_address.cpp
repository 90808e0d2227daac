#include "tools/cli/wallet_address.h"

namespace remit::cli {

Result<WalletAddress, Failure> parse_wallet(const devnet::Network& network, const std::string& text,
                                            const std::string& acting,
                                            const std::string& wanted_currency) {
    WalletAddress address;
    const auto at = text.find('@');
    address.name = text.substr(0, at);
    address.operator_name = at == std::string::npos ? std::string() : text.substr(at + 1);
    if (at == std::string::npos) {
        for (const auto& sample : network.wallets) {
            if (sample.name == text) {
                address.operator_name = sample.operator_name;
            }
        }
        if (address.operator_name.empty()) {
            address.operator_name = acting;
        }
    }
    if (address.name.empty() || address.operator_name.empty()) {
        return usage("'" + text + "' does not tell whose wallet it is",
                     "write it like alice@alipayhk");
    }
    TRY_ASSIGN(const auto* member, network.member(address.operator_name));
    address.operator_id = member->id;
    address.currency = wanted_currency.empty() ? member->currency : wanted_currency;
    if (address.currency.empty()) {
        return usage(address.operator_name + " has no currency of its own",
                     "name one with --currency (--to-currency of a payee)");
    }
    TRY(network.asset(address.currency));
    return address;
}

}  // namespace remit::cli
