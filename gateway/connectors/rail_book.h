#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "node/seams/clock.h"
#include "node/seams/kv.h"
#include "remit/gateway/v1/journal.pb.h"
#include "remit/gateway/v1/rail.pb.h"

namespace remit::gateway {

inline constexpr std::size_t account_name_size_max = 34;  // ISO 20022 Max34Text
inline constexpr std::size_t transfer_id_size_max = 64;
inline constexpr std::size_t rail_reference_size_max = 140;  // ISO 20022 Max140Text

/// Faults that are counted down.
enum class RailFault : std::uint8_t {
    reject,
    unknown_before,
    unknown_after,
    withhold,
    duplicate,
    wrong_amount,
    repeat_delivery,
};

/// The sandbox rail's durable book: accounts, transfers by id, entries by cursor. Each call makes
/// one durable write at most, so a crash leaves it done or not done. Every currency's accounts sum
/// to zero: opening money comes from `world/<currency>`, which alone may be negative. Thread-safe.
///
/// A failed durable write ends the process (node::die_of).
class RailBook {
public:
    RailBook(node::Kv& kv, const node::Clock& clock);

    /// Refusal text, empty when the account is open with this opening amount.
    std::vector<std::string> open(const std::vector<v1::RailAccount>& accounts);

    /// Exactly once per transfer id: the same content again is DUPLICATE with the first result,
    /// another content is DUPLICATE with `same` false. Refusals are final: AC03 unknown account,
    /// AM03 wrong currency, AM12 amount, AM04 too little money, FF01 malformed.
    std::vector<v1::TransferResult> submit(const std::vector<v1::Transfer>& transfers);

    v1::QueryTransferResponse query(const std::string& transfer_id) const;
    v1::ListEntriesResponse entries(const v1::ListEntriesRequest& request);
    v1::ListBalancesResponse balances(const std::string& account_prefix) const;
    std::vector<v1::Paid> paid(const std::vector<std::string>& uetrs) const;

    /// The switches that tell lies in the book; those of the transport are the server's. They
    /// outlive the process; after a restart each counts from what was set.
    v1::Faults set_faults(const v1::Faults& faults);
    v1::Faults faults() const;
    /// Uses up one of a counted fault; false when it is off or none of the accounts is meant.
    bool take_fault(RailFault fault, const std::vector<v1::Transfer>& transfers);
    /// Lists what faults withheld, reverses what they doubled or falsified. Number of repairs.
    std::uint32_t repair();

private:
    struct Write;

    v1::TransferResult apply(const v1::Transfer& transfer, Write& write);
    std::string refusal_of(const v1::Transfer& transfer, const Write& write) const;
    void book(const v1::Transfer& transfer, v1::TransferResult& result, Write& write);
    void list(const v1::Transfer& transfer, std::vector<v1::RailEntry> entries, Write& write);
    void append(v1::RailEntry entry, Write& write);
    std::string next_reference();
    bool take_locked(RailFault fault, const std::vector<v1::Transfer>& transfers);

    node::Kv& kv_;
    const node::Clock& clock_;
    mutable std::mutex mutex_;
    v1::Faults faults_;
    std::uint64_t counter_ = 0;  // last used, of cursors and references
};

}  // namespace remit::gateway
