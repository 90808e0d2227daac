#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/saga.h"
#include "node/seams/kv.h"

namespace remit::gateway {

/// A gateway's own database: what each record is and under which key. One prefix byte each:
///
///     C  next block height (u64)                 L  live saga, by saga key
///     D  saga at rest, by saga key               O  outbox record, by sequence (u64)
///     W  wallet, by tag                          N  tag, by currency | name
///     B  break, by id                            T  ramp totals, by asset (u32)
///     I  rail entry, by entry reference          J  cursor of the rail's entries (u64)
///     Q  last quote nonce (u64)                  S  last outbox sequence (u64)
///     M  last mark id of a pair, by two u16
///
/// Integers in keys are big-endian. Reads that fail end the process (node::die_of).
class Journal {
public:
    explicit Journal(node::Kv& kv) : kv_(kv) {}

    /// Writes the whole batch, synced. A failure ends the process.
    void commit(const node::KvBatch& batch);

    static void put(node::KvBatch& batch, const Saga& saga);
    [[nodiscard]] std::vector<Saga> live_sagas() const;
    [[nodiscard]] std::optional<Saga> saga_at_rest(const Bytes& key) const;
    void each_at_rest(const std::function<void(const Saga&)>& visit) const;

    static void put(node::KvBatch& batch, const v1::OutboxRecord& record);
    static void erase_outbox(node::KvBatch& batch, std::uint64_t sequence);
    [[nodiscard]] std::vector<v1::OutboxRecord> outbox() const;

    static void put(node::KvBatch& batch, const v1::Break& item);
    [[nodiscard]] std::vector<v1::Break> breaks() const;
    [[nodiscard]] std::optional<v1::Break> find_break(const std::string& break_id) const;

    /// Adds to the sums of an asset; in the same batch as the step that they come from.
    void add(node::KvBatch& batch, std::uint32_t asset, const v1::RampTotals& more) const;
    [[nodiscard]] v1::RampTotals ramps(std::uint32_t asset) const;

    /// A number by itself: cursors and counters. 0 when never written.
    enum class Number : char {
        next_height = 'C',
        entries_cursor = 'J',
        quote_nonce = 'Q',
        outbox_sequence = 'S',
    };
    static void put(node::KvBatch& batch, Number number, std::uint64_t value);
    [[nodiscard]] std::uint64_t number(Number number) const;

    [[nodiscard]] node::Kv& kv() const { return kv_; }

    /// Any Protobuf record under `prefix | rest`.
    template <class Record>
    static void put(node::KvBatch& batch, char prefix, ByteView rest, const Record& record) {
        batch.put(Bytes(1, prefix) + Bytes(rest), record.SerializeAsString());
    }
    template <class Record>
    [[nodiscard]] std::optional<Record> get(char prefix, ByteView rest) const {
        const auto bytes = node::or_die(kv_.get(Bytes(1, prefix) + Bytes(rest)));
        Record record;
        return bytes && record.ParseFromString(*bytes) ? std::optional(record) : std::nullopt;
    }
    template <class Record>
    void each(char prefix, const std::function<void(ByteView rest, Record)>& visit) const {
        const Bytes from(1, prefix);
        node::or_die(kv_.scan(from, node::end_of_prefix(from), [&](ByteView key, ByteView value) {
            Record record;
            if (record.ParseFromString(Bytes(value))) {
                visit(key.substr(1), std::move(record));
            }
            return true;
        }));
    }

private:
    node::Kv& kv_;
};

}  // namespace remit::gateway
