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
/// - Tables in the order of a deadline lose their records at the front. A database still passes
///   over what was erased there at every search, so each search begins where the last one found
///   the first record.
///
/// One thread; only `apply` changes what the database holds.
class ExecutionView final : public ledger::StateView {
public:
    /// `reader` outlives the view.
    explicit ExecutionView(const KvReader& reader) : stored_(reader) {}

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

    KvStateView stored_;
    Records kept_;
    /// Of each deadline table, by its prefix: no record lies before this key.
    mutable std::map<char, Bytes> fronts_;
};

}  // namespace remit::node
