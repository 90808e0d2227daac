#include "node/storage/state_view.h"

#include "node/storage/key_schema.h"

namespace remit::node {

std::optional<Bytes> KvStateView::get(ByteView key) const {
    return or_die(reader_->get(key));
}

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

std::optional<ledger::Record> KvWalkView::next(ByteView from_inclusive, ByteView prefix) const {
    const auto from = std::max(from_inclusive, prefix);
    const bool ahead = !run_.empty() && from >= run_from_ && from <= run_.back().first;
    if (!ahead) {
        read_run(from);
    }
    while (!run_.empty() && run_.front().first < from) {
        run_.pop_front();
    }
    run_from_ = from;
    if (run_.empty() || !run_.front().first.starts_with(prefix)) {
        return std::nullopt;
    }
    return run_.front();
}

void KvWalkView::read_run(ByteView from) const {
    constexpr std::size_t run_size = 1000;
    run_.clear();
    or_die(reader_.scan(from, keys::end_of_state(), [&](ByteView key, ByteView value) {
        run_.emplace_back(Bytes(key), Bytes(value));
        return run_.size() < run_size;
    }));
}

}  // namespace remit::node
