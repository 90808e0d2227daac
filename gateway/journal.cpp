#include "gateway/journal.h"

#include "ledger/base/codec.h"

namespace remit::gateway {

namespace {

constexpr char live_prefix = 'L';
constexpr char rest_prefix = 'D';
constexpr char outbox_prefix = 'O';
constexpr char break_prefix = 'B';
constexpr char ramps_prefix = 'T';

}  // namespace

void Journal::commit(const node::KvBatch& batch) {
    if (!batch.empty()) {
        node::or_die(kv_.write(batch, node::KvSync::durable));
    }
}

void Journal::put(node::KvBatch& batch, const Saga& saga) {
    const auto key = saga_key(saga);
    const bool rests = is_at_rest(saga);
    batch.erase(Bytes(1, rests ? live_prefix : rest_prefix) + key);
    put(batch, rests ? rest_prefix : live_prefix, key, saga);
}

std::vector<Saga> Journal::live_sagas() const {
    std::vector<Saga> all;
    each<Saga>(live_prefix, [&](ByteView, Saga saga) { all.push_back(std::move(saga)); });
    return all;
}

std::optional<Saga> Journal::saga_at_rest(const Bytes& key) const {
    return get<Saga>(rest_prefix, key);
}

void Journal::each_at_rest(const std::function<void(const Saga&)>& visit) const {
    each<Saga>(rest_prefix, [&](ByteView, const Saga& saga) { visit(saga); });
}

void Journal::put(node::KvBatch& batch, const v1::OutboxRecord& record) {
    put(batch, outbox_prefix, Writer().u64(record.sequence()).view(), record);
}

void Journal::erase_outbox(node::KvBatch& batch, std::uint64_t sequence) {
    batch.erase(Bytes(1, outbox_prefix) + Writer().u64(sequence).take());
}

std::vector<v1::OutboxRecord> Journal::outbox() const {
    std::vector<v1::OutboxRecord> all;
    each<v1::OutboxRecord>(outbox_prefix, [&](ByteView, v1::OutboxRecord record) {
        all.push_back(std::move(record));
    });
    return all;
}

void Journal::put(node::KvBatch& batch, const v1::Break& item) {
    put(batch, break_prefix, item.break_id(), item);
}

std::vector<v1::Break> Journal::breaks() const {
    std::vector<v1::Break> all;
    each<v1::Break>(break_prefix,
                    [&](ByteView, v1::Break item) { all.push_back(std::move(item)); });
    return all;
}

std::optional<v1::Break> Journal::find_break(const std::string& break_id) const {
    return get<v1::Break>(break_prefix, break_id);
}

void Journal::add(node::KvBatch& batch, std::uint32_t asset, const v1::RampTotals& more) const {
    auto sums = ramps(asset);
    sums.set_on_ramped_minor(sums.on_ramped_minor() + more.on_ramped_minor());
    sums.set_paid_out_minor(sums.paid_out_minor() + more.paid_out_minor());
    put(batch, ramps_prefix, Writer().u32(asset).view(), sums);
}

v1::RampTotals Journal::ramps(std::uint32_t asset) const {
    return get<v1::RampTotals>(ramps_prefix, Writer().u32(asset).view()).value_or(v1::RampTotals());
}

void Journal::put(node::KvBatch& batch, Number number, std::uint64_t value) {
    batch.put(Bytes(1, static_cast<char>(number)), Writer().u64(value).take());
}

std::uint64_t Journal::number(Number number) const {
    const auto bytes = node::or_die(kv_.get(Bytes(1, static_cast<char>(number))));
    return bytes ? Reader(*bytes).u64() : 0;
}

}  // namespace remit::gateway
