#pragma once

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

}  // namespace remit::node
