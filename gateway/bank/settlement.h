#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/connectors/rail.h"
#include "gateway/engine.h"
#include "gateway/registry.h"

namespace remit::gateway {

/// What the booked entries say of one expected movement.
struct EntryMatch {
    enum class Kind : std::uint8_t { none, exact, differs } kind = Kind::none;
    std::vector<v1::RailEntry> entries;  // of exact
    v1::BreakClass break_class = v1::BREAK_CLASS_UNSPECIFIED;
    std::string detail;  // of differs
};

/// The movement a leg waits for, on the clearing account.
struct ExpectedMovement {
    std::string transfer_id;
    std::string account;
    std::string currency;
    std::int64_t amount_minor = 0;  // credit positive, debit negative
};

/// Exact when the entries of that transfer, without those taken back, are one booking of exactly
/// this amount. Doubled or wrong entries never match, not even in part. Pure.
EntryMatch match_entries(const ExpectedMovement& expected,
                         const std::vector<v1::RailEntry>& entries);

struct SettlementOptions {
    bool settle_fail = true;
    std::int64_t grace_ms = 0;  // after the pay-in deadline
};

/// Follows the bank's rail and the ledger's windows, and moves the legs that wait: entries that
/// match are confirmed, pay-outs are instructed when the pay-ins are in, missing pay-ins fail after
/// the deadline. One thread calls `poll`.
class Settlement {
public:
    Settlement(Engine& engine, Ledger& ledger, Rail& rail, const Registry& registry,
               const SettlementOptions& options)
        : engine_(engine), ledger_(ledger), rail_(rail), registry_(registry), options_(options) {}

    /// Takes new entries in and moves what can move.
    void poll(std::int64_t now_ms);

private:
    bool take_entries();
    [[nodiscard]] std::vector<v1::RailEntry> entries_of(const std::string& transfer_id) const;
    void move(Saga& saga, const remit::v1::ListWindowsResponse& windows, std::int64_t block_time_ms,
              Change& change);
    void move_entries(Saga& saga, const remit::v1::Window& window, std::int64_t block_time_ms,
                      Change& change);
    void move_pay_out(Saga& saga, const remit::v1::Window& window, Change& change);
    void report_strays(std::int64_t now_ms);

    Engine& engine_;
    Ledger& ledger_;
    Rail& rail_;
    const Registry& registry_;
    SettlementOptions options_;
    std::map<std::string, std::vector<v1::RailEntry>> inbox_;  // by transfer id
    std::map<std::string, std::int64_t> clearing_;             // rail balances, by currency
    std::map<std::string, std::int64_t> promised_;             // pay-outs under way, by currency
    std::map<std::string, std::int64_t> seen_ms_;              // first sight of a transfer id
    bool loaded_ = false;
};

}  // namespace remit::gateway
