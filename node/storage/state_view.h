#pragma once

#include <deque>
#include <memory>

#include "ledger/state/view.h"
#include "node/seams/kv.h"

namespace remit::node {

/// The ledger's records in a database or a snapshot of it. As thread-safe as what it reads. A
/// failed read ends the process: no rule may run on a guess.
class KvStateView final : public ledger::StateView {
public:
    explicit KvStateView(std::shared_ptr<const KvReader> reader) : reader_(std::move(reader)) {}
    /// Borrows: `reader` outlives the view.
    explicit KvStateView(const KvReader& reader)
        : reader_(std::shared_ptr<const KvReader>(), &reader) {}

    [[nodiscard]] std::optional<Bytes> get(ByteView key) const override;
    [[nodiscard]] std::optional<ledger::Record> next(ByteView from_inclusive,
                                                     ByteView prefix) const override;

private:
    std::shared_ptr<const KvReader> reader_;
};

/// The same for one walk over many records, which it reads in runs: several times faster than a
/// search for each. For records that do not change meanwhile; one thread.
class KvWalkView final : public ledger::StateView {
public:
    explicit KvWalkView(const KvReader& reader) : reader_(reader), single_(reader) {}

    [[nodiscard]] std::optional<Bytes> get(ByteView key) const override { return single_.get(key); }
    [[nodiscard]] std::optional<ledger::Record> next(ByteView from_inclusive,
                                                     ByteView prefix) const override;

private:
    void read_run(ByteView from) const;

    const KvReader& reader_;
    KvStateView single_;
    mutable std::deque<ledger::Record> run_;  // read ahead, in key order
    mutable Bytes run_from_;                  // every record from here to the run's end is in it
};

}  // namespace remit::node
