#pragma once

#include <map>

#include "ledger/state/delta.h"
#include "ledger/state/view.h"
#include "node/seams/kv.h"
#include "node/storage/state_view.h"

namespace remit::node {

/// The state as execution reads it, the same records as the database's, faster in two places:
///
/// - Records that nearly every operation reads and that are few (policy, calendar, assets,
///   participants, keys, newest marks, positions) are kept in memory.
/// - Tables in the order of a deadline are asked for their first record in every block and lose
///   their records at the front, where a database still passes over what was erased. The first
///   few records of each are kept in memory, and the next few are read behind them.
///
/// One thread; only `apply` changes what the database holds.
class ExecutionView final : public ledger::StateView {
public:
    /// `reader` outlives the view.
    explicit ExecutionView(const KvReader& reader) : reader_(reader), stored_(reader) {}

    /// Reads what is kept in memory. Once before use, and after a change made without `apply`.
    void load();
    /// To be called with each block's writes when the database has them.
    void apply(const ledger::Delta::WriteSet& writes);

    [[nodiscard]] std::optional<Bytes> get(ByteView key) const override;
    [[nodiscard]] std::optional<ledger::Record> next(ByteView from_inclusive,
                                                     ByteView prefix) const override;

private:
    using Records = std::map<Bytes, Bytes, std::less<>>;
    [[nodiscard]] std::optional<ledger::Record> next_kept(ByteView from, ByteView prefix) const;
    [[nodiscard]] std::optional<ledger::Record> next_deadline(ByteView from, ByteView prefix) const;
    /// The first records of a table: all that lie before `until`.
    struct Front {
        Records records;
        Bytes until;
    };
    [[nodiscard]] Front& front_of(char table) const;
    void read_on(Front& front, const Bytes& table) const;
    static void keep(Front& front, const Bytes& key, const std::optional<Bytes>& value);

    const KvReader& reader_;
    KvStateView stored_;
    Records kept_;
    mutable std::map<char, Front> fronts_;  // of each deadline table, by its prefix
};

}  // namespace remit::node
