#include "node/storage/layered_view.h"

#include <algorithm>

namespace remit::node {

std::optional<Bytes> LayeredView::get(ByteView key) const {
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
        if (const auto found = (*layer)->find(key); found != (*layer)->end()) {
            return found->second;
        }
    }
    return base_.get(key);
}

std::optional<ledger::Record> LayeredView::next(ByteView from_inclusive, ByteView prefix) const {
    Bytes from(std::max(from_inclusive, prefix));
    while (true) {
        auto first = base_.next(from, prefix);
        for (const auto& layer : layers_) {
            const auto found = layer->lower_bound(from);
            if (found == layer->end() || !found->first.starts_with(prefix) ||
                (first && found->first > first->first)) {
                continue;
            }
            first = ledger::Record(found->first, {});
        }
        if (!first) {
            return std::nullopt;
        }
        if (auto value = get(first->first)) {
            return ledger::Record(std::move(first->first), std::move(*value));
        }
        from = ledger::key_after(first->first);  // a layer erased it
    }
}

}  // namespace remit::node
