#include "node/storage/state_view.h"

#include "node/storage/key_schema.h"

namespace remit::node {

std::optional<Bytes> KvStateView::get(ByteView key) const { return or_die(reader_->get(key)); }

std::optional<ledger::Record> KvStateView::next(ByteView from_inclusive, ByteView prefix) const {
    const auto from = std::max(from_inclusive, prefix);
    const auto until = prefix.empty() ? keys::end_of_state() : end_of_prefix(prefix);
    if (from >= until) {
        return std::nullopt;
    }
    std::optional<ledger::Record> found;
    or_die(reader_->scan(from, until, [&](ByteView key, ByteView value) {
        found.emplace(Bytes(key), Bytes(value));
        return false;
    }));
    return found;
}

}  // namespace remit::node
