#include "node/replica/read_model.h"

#include "ledger/state/receipts_tree.h"

namespace remit::node {

namespace {
/// Executed blocks may wait for their proof at most this long a queue: ordering stops 64 blocks
/// above the executed one (N7), so more never wait in a live network.
constexpr std::size_t waiting_max = 256;
constexpr std::size_t records_kept = 8;

std::vector<ledger::Receipt> decoded(const ExecutedBlockRecord& record, std::uint32_t first,
                                     std::uint32_t count) {
    std::vector<ledger::Receipt> out;
    for (std::uint64_t i = first; i < std::uint64_t{first} + count; ++i) {
        auto receipt = i < record.receipts.size()
                           ? ledger::decode<ledger::Receipt>(record.receipts[i])
                           : std::nullopt;
        if (!receipt) {
            die_of({IoFailure::corrupt, "read database", "receipts",
                    "height " + std::to_string(record.result.height)});
        }
        out.push_back(std::move(*receipt));
    }
    return out;
}
}  // namespace

ReadModel::ReadModel(const Kv& kv, const Hash& chain_id, consensus::ValidatorSet validators)
    : chain_id_(chain_id), validators_(std::move(validators)), kv_(kv), store_(kv_) {}

std::shared_ptr<const StateSnapshot> ReadModel::latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
}

ReadModel::Record ReadModel::record_at(consensus::Height height) const {
    {
        const std::lock_guard lock(records_mutex_);
        for (const auto& record : records_) {
            if (record->result.height == height) {
                return record;
            }
        }
    }
    auto found = or_die(store_.executed(height));
    if (!found) {
        return nullptr;
    }
    auto record = std::make_shared<const ExecutedBlockRecord>(std::move(*found));
    const std::lock_guard lock(records_mutex_);
    records_.push_back(record);
    if (records_.size() > records_kept) {
        records_.pop_front();
    }
    return record;
}

std::optional<TransactionReceipts> ReadModel::transaction(const Hash& id) const {
    const auto place = or_die(store_.transaction(id));
    return place ? receipts_at(*place) : std::nullopt;
}

std::optional<TransactionReceipts> ReadModel::receipts_at(const TransactionPlace& place) const {
    const auto record = held(place.height) ? record_at(place.height) : nullptr;
    if (!record) {
        return std::nullopt;
    }
    return TransactionReceipts{place.height, decoded(*record, place.first, place.count)};
}

std::optional<consensus::StoredBlock> ReadModel::block(consensus::Height height) const {
    return held(height) ? or_die(store_.block(height, validators_.q())) : std::nullopt;
}

std::optional<ExecutedBlockRecord> ReadModel::executed(consensus::Height height) const {
    const auto record = held(height) ? record_at(height) : nullptr;
    return record ? std::optional(*record) : std::nullopt;
}

std::optional<BlockNews> ReadModel::news(consensus::Height height) const {
    const auto record = held(height) ? record_at(height) : nullptr;
    if (!record) {
        return std::nullopt;
    }
    BlockNews out;
    out.height = height;
    out.time_ms = record->time_ms;
    out.receipts = decoded(*record, 0, static_cast<std::uint32_t>(record->receipts.size()));
    out.events = record->events;
    return out;
}

std::optional<Bytes> ReadModel::receipt_proof(const Hash& transaction_id,
                                              std::uint32_t index) const {
    const auto place = or_die(store_.transaction(transaction_id));
    if (!place || !held(place->height) || index >= place->count) {
        return std::nullopt;
    }
    const auto record = record_at(place->height);
    auto execution = or_die(store_.execution(place->height));
    const auto position = place->first + index;
    if (!record || !execution || position >= record->receipts.size()) {
        return std::nullopt;
    }
    PortableReceipt out;
    out.chain_id = chain_id_;
    out.receipt = record->receipts[position];
    out.receipt_proof = ledger::ReceiptsTree(record->receipts)
                            .prove(position, record->previous_receipts_root)
                            .encode();
    out.execution = std::move(*execution);
    for (auto height = place->height; out.headers.size() < PortableReceipt::headers_max; ++height) {
        auto block = or_die(store_.block(height, validators_.q()));
        if (!block) {
            return std::nullopt;
        }
        const bool last = block->header.is_epoch_last();
        const auto epoch = block->header.epoch;
        out.headers.push_back(std::move(block->header));
        if (block->finalization) {
            out.finalization = std::move(*block->finalization);
        } else if (last) {
            const auto way = or_die(store_.hand_over(epoch + 1));
            if (!way) {
                return std::nullopt;
            }
            out.headers.insert(out.headers.end(), way->headers.begin() + 1, way->headers.end());
            out.finalization = way->finalization;
        }
        if (block->finalization || last) {
            return add_ways(out, std::max(epoch, out.execution.epoch)) ? std::optional(out.encode())
                                                                       : std::nullopt;
        }
    }
    return std::nullopt;
}

std::optional<Hash> ReadModel::root_of(consensus::Epoch epoch) const {
    const auto way = or_die(store_.hand_over(epoch));
    return way ? std::optional(way->headers.front().digest()) : std::nullopt;
}

/// The way from the first epoch to this one, as far as it is stored here.
bool ReadModel::add_ways(PortableReceipt& proof, consensus::Epoch up_to) const {
    for (consensus::Epoch epoch = 2; epoch <= up_to; ++epoch) {
        auto way = or_die(store_.hand_over(epoch));
        if (!way) {
            return false;
        }
        proof.ways.push_back(std::move(*way));
    }
    return true;
}

void ReadModel::publish_executed(std::shared_ptr<const StateSnapshot> snapshot) {
    const std::lock_guard lock(mutex_);
    executed_height_ = snapshot->height;
    if (!latest_ || snapshot->height <= final_height_) {
        latest_ = std::move(snapshot);
        return;
    }
    waiting_.push_back(std::move(snapshot));
    if (waiting_.size() > waiting_max) {
        waiting_.pop_front();
    }
}

void ReadModel::publish_final(consensus::Height height) {
    const std::lock_guard lock(mutex_);
    final_height_ = std::max(final_height_.load(), height);
    while (!waiting_.empty() && waiting_.front()->height <= final_height_) {
        latest_ = std::move(waiting_.front());
        waiting_.pop_front();
    }
}

}  // namespace remit::node
