#pragma once

#include <rocksdb/compaction_filter.h>

#include <memory>
#include <mutex>
#include <utility>

#include "node/seams/kv.h"

namespace remit::node {

/// Leaves unwanted records of one range out of every compaction while a discard runs. Thread-safe.
class DiscardFilters final : public rocksdb::CompactionFilterFactory {
public:
    void begin(Bytes from, Bytes until, KvVisitor unwanted) {
        const std::lock_guard lock(mutex_);
        range_ = std::make_shared<const Range>(
            Range{std::move(from), std::move(until), std::move(unwanted)});
    }
    void end() {
        const std::lock_guard lock(mutex_);
        range_ = nullptr;
    }
    [[nodiscard]] const char* Name() const override { return "remit.discard"; }
    std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
        const rocksdb::CompactionFilter::Context& /*context*/) override {
        const std::lock_guard lock(mutex_);
        return range_ ? std::make_unique<Leaver>(range_) : nullptr;
    }

private:
    struct Range {
        Bytes from;
        Bytes until;
        KvVisitor unwanted;
    };
    class Leaver final : public rocksdb::CompactionFilter {
    public:
        explicit Leaver(std::shared_ptr<const Range> range) : range_(std::move(range)) {}
        [[nodiscard]] const char* Name() const override { return "remit.discard"; }
        bool Filter(int /*level*/, const rocksdb::Slice& key, const rocksdb::Slice& value,
                    std::string* /*new_value*/, bool* /*changed*/) const override {
            const ByteView name(key.data(), key.size());
            return name >= range_->from && (range_->until.empty() || name < range_->until) &&
                   range_->unwanted(name, {value.data(), value.size()});
        }

    private:
        std::shared_ptr<const Range> range_;
    };

    std::mutex mutex_;
    std::shared_ptr<const Range> range_;
};

}  // namespace remit::node
