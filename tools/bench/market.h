#pragma once

#include <atomic>

#include "ledger/operation.h"
#include "tools/devnet/network.h"

namespace remit::bench {

/// Customers' tags of one operator and the asset they hold.
struct Side {
    ledger::ParticipantId operator_id;
    std::string operator_name;
    ledger::AssetId asset;
    std::vector<ledger::CustomerTag> tags;
};

/// Makes prepares with firm quotes of the maker between two operators' customers. Thread-safe.
class Market {
public:
    Market(const devnet::Network& network, SecretKey quote_key, std::uint64_t mark_id,
           std::int64_t now_ms);

    /// The bank's marks these quotes rest on, for both directions, valid for a day.
    [[nodiscard]] std::vector<ledger::Operation> marks() const;

    /// One remittance from a customer of `from` to one of `to`; `number` picks both and the amount.
    [[nodiscard]] ledger::Prepare prepare(const Side& from, const Side& to, std::uint64_t number);

private:
    [[nodiscard]] ledger::Rate rate(ledger::AssetId source) const;

    Hash chain_id_;
    SecretKey quote_key_;
    ledger::ParticipantId maker_;
    std::uint64_t mark_id_;
    std::int64_t now_ms_;
    std::atomic<std::uint64_t> nonce_;
};

}  // namespace remit::bench
