#pragma once

#include <memory>
#include <vector>

#include "ledger/state/delta.h"
#include "ledger/state/view.h"

namespace remit::node {

/// The state after blocks that are executed but not final: what each of them wrote, over the
/// database's. The base may take over the lowest layers while the view lives, never anything else.
class LayeredView final : public ledger::StateView {
public:
    using Layer = std::shared_ptr<const ledger::Delta::WriteSet>;

    /// `layers` in block order. `base` outlives the view.
    LayeredView(const ledger::StateView& base, std::vector<Layer> layers)
        : base_(base), layers_(std::move(layers)) {}

    [[nodiscard]] std::optional<Bytes> get(ByteView key) const override;
    [[nodiscard]] std::optional<ledger::Record> next(ByteView from_inclusive,
                                                     ByteView prefix) const override;

private:
    const ledger::StateView& base_;
    std::vector<Layer> layers_;
};

}  // namespace remit::node
