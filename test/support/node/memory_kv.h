#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "node/seams/kv.h"
#include "test/support/node/prng.h"

namespace remit::test {

/// A key-value store in memory that loses unsynced writes as a write-ahead log does: after a power
/// cut a random number of the oldest unsynced batches is left. `snapshot` shows the live records:
/// the simulator has one thread and reads snapshots only between writes.
class MemoryKv final : public node::Kv {
public:
    using Records = std::map<Bytes, Bytes, std::less<>>;
    /// Called before each sync and each write; may throw PowerLoss.
    std::function<void()> before_write;
    /// Asked before each sync and each write, with the bytes written; what it answers with an error
    /// fails so.
    std::function<Status<node::IoError>(std::uint64_t bytes)> trouble;

    Result<std::optional<Bytes>, node::IoError> get(ByteView key) const override {
        const auto found = now_.find(key);
        if (found == now_.end()) {
            return std::optional<Bytes>();
        }
        TRY(check(found->first));
        return std::optional(found->second);
    }
    Status<node::IoError> scan(ByteView from, ByteView until,
                               const node::KvVisitor& visit) const override {
        for (auto at = now_.lower_bound(from); at != now_.end(); ++at) {
            if (!until.empty() && at->first >= until) {
                break;
            }
            TRY(check(at->first));
            if (!visit(at->first, at->second)) {
                break;
            }
        }
        return {};
    }
    Status<node::IoError> scan_back(ByteView from, ByteView until,
                                    const node::KvVisitor& visit) const override {
        auto at = until.empty() ? now_.end() : now_.lower_bound(until);
        while (at != now_.begin()) {
            --at;
            if (at->first < from) {
                break;
            }
            TRY(check(at->first));
            if (!visit(at->first, at->second)) {
                break;
            }
        }
        return {};
    }
    Status<node::IoError> write(const node::KvBatch& batch, node::KvSync sync) override {
        if (before_write) {
            before_write();
        }
        std::uint64_t bytes = 0;
        for (const auto& [key, value] : batch.writes()) {
            bytes += key.size() + (value ? value->size() : 0);
        }
        auto done = ask(bytes);
        if (!done && done.error().failure == node::IoFailure::full) {
            return done;
        }
        // One that failed in any other way may be there after all.
        apply(now_, batch);
        unsynced_.push_back(batch);
        for (const auto& [key, value] : batch.writes()) {
            rotten_.erase(key);
        }
        TRY(done);
        if (sync == node::KvSync::durable) {
            settle(unsynced_.size());
        }
        return {};
    }
    Status<node::IoError> sync() override {
        if (before_write) {
            before_write();
        }
        TRY(ask(0));
        settle(unsynced_.size());
        return {};
    }
    std::shared_ptr<const node::KvReader> snapshot() const override {
        return {std::shared_ptr<const node::KvReader>(), this};
    }
    Status<node::IoError> copy_to(const std::string& path) override {
        TRY(sync());
        keep_copy(path, *this);
        return {};
    }
    Status<node::IoError> discard(ByteView from, ByteView until,
                                  const node::KvVisitor& unwanted) override {
        TRY(sync());
        for (const auto& key : rotten_) {
            if (key >= from && (until.empty() || key < until)) {
                return check(key);
            }
        }
        std::erase_if(now_, [&](const auto& record) {
            return record.first >= from && (until.empty() || record.first < until) &&
                   unwanted(record.first, record.second);
        });
        durable_ = now_;
        return {};
    }
    std::uint64_t disk_bytes() const override {
        std::uint64_t bytes = 0;
        for (const auto& [key, value] : now_) {
            bytes += key.size() + value.size();
        }
        return bytes;
    }
    /// Takes what `copy_to` makes.
    std::function<void(const std::string& path, const MemoryKv& from)> keep_copy;
    /// Begins with what the other one holds, durable; what is rotten there is so here.
    void fill(const MemoryKv& from) {
        now_ = from.now_;
        durable_ = from.now_;
        rotten_ = from.rotten_;
    }

    void cut_power(Prng& random) {
        settle(random.below(unsynced_.size() + 1));
        unsynced_.clear();
        now_ = durable_;
    }
    [[nodiscard]] const Records& records() const { return now_; }
    void set_back(const Records& records) {
        now_ = durable_ = records;
        unsynced_.clear();
        rotten_.clear();
    }
    /// The medium gives other bytes than it got here; a checksum tells whoever reads the record.
    void rot(const Bytes& key) { rotten_.insert(key); }
    [[nodiscard]] bool rotten() const { return !rotten_.empty(); }
    /// True when the record would be there after a power cut.
    [[nodiscard]] bool durable(ByteView key) const {
        return durable_.find(key) != durable_.end() && !rotten_.contains(Bytes(key));
    }
    /// Changes a record behind everybody's back.
    void damage(ByteView key, std::size_t offset) {
        for (auto* records : {&now_, &durable_}) {
            if (const auto found = records->find(key); found != records->end()) {
                found->second[offset] = static_cast<char>(found->second[offset] ^ 1);
            }
        }
    }

private:
    [[nodiscard]] Status<node::IoError> ask(std::uint64_t bytes) const {
        return trouble ? trouble(bytes) : Status<node::IoError>();
    }
    [[nodiscard]] Status<node::IoError> check(const Bytes& key) const {
        if (rotten_.contains(key)) {
            return fail(node::IoError{node::IoFailure::corrupt, "read database", "db",
                                      "a block does not match its checksum"});
        }
        return {};
    }
    static void apply(Records& records, const node::KvBatch& batch) {
        for (const auto& [key, value] : batch.writes()) {
            if (value) {
                records[key] = *value;
            } else {
                records.erase(key);
            }
        }
    }
    void settle(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            apply(durable_, unsynced_[i]);
        }
        unsynced_.erase(unsynced_.begin(), unsynced_.begin() + static_cast<std::ptrdiff_t>(count));
    }

    Records now_;
    Records durable_;
    std::vector<node::KvBatch> unsynced_;
    std::set<Bytes> rotten_;
};

}  // namespace remit::test
