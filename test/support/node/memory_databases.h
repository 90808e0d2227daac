#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "test/support/node/memory_disk.h"
#include "test/support/node/memory_kv.h"

namespace remit::test {

/// Databases in memory. A rename or removal is durable at once, as it is on a disk whose folder is
/// synced; the power may go before it, and then it did not happen.
class MemoryDatabases final : public node::Databases {
public:
    /// Called before each write, sync, copy, rename and removal; may throw PowerLoss.
    std::function<void()> before_write;
    /// As `MemoryKv::trouble`, of all of them.
    std::function<Status<node::IoError>(std::uint64_t bytes)> trouble;

    /// The one at `path`, made empty when it is not there.
    MemoryKv& at(const std::string& path) {
        auto& slot = all_[path];
        if (!slot) {
            slot = make();
        }
        return *slot;
    }
    [[nodiscard]] bool exists(const std::string& path) override { return all_.contains(path); }
    Result<std::vector<std::string>, node::IoError> list(const std::string& folder) override {
        std::vector<std::string> names;
        for (const auto& [path, database] : all_) {
            if (node::folder_of(path) == folder) {
                names.push_back(path.substr(folder.size() + 1));
            }
        }
        return names;
    }
    Result<std::shared_ptr<node::Kv>, node::IoError> create(const std::string& path) override {
        touch();
        all_[path] = make();
        return std::shared_ptr<node::Kv>(all_[path]);
    }
    Result<std::shared_ptr<const node::KvReader>, node::IoError> open(
        const std::string& path) override {
        const auto found = all_.find(path);
        if (found == all_.end()) {
            return fail(node::IoError{node::IoFailure::not_found, "open database", path, ""});
        }
        return std::shared_ptr<const node::KvReader>(found->second);
    }
    Status<node::IoError> rename(const std::string& from, const std::string& to) override {
        touch();
        all_[to] = all_.at(from);
        all_.erase(from);
        return {};
    }
    Status<node::IoError> remove(const std::string& path) override {
        touch();
        all_.erase(path);
        return {};
    }
    /// The one at `path`, null when it is not there.
    [[nodiscard]] MemoryKv* find(const std::string& path) const {
        const auto found = all_.find(path);
        return found == all_.end() ? nullptr : found->second.get();
    }
    [[nodiscard]] std::vector<std::string> paths() const {
        std::vector<std::string> out;
        for (const auto& [path, database] : all_) {
            out.push_back(path);
        }
        return out;
    }
    [[nodiscard]] bool rotten() const {
        return std::any_of(all_.begin(), all_.end(),
                           [](const auto& each) { return each.second->rotten(); });
    }
    void cut_power(Prng& random) {
        for (auto& [path, database] : all_) {
            database->cut_power(random);
        }
    }

private:
    void touch() const {
        if (before_write) {
            before_write();
        }
    }
    std::shared_ptr<MemoryKv> make() {
        auto out = std::make_shared<MemoryKv>();
        out->before_write = [this] { touch(); };
        out->trouble = [this](std::uint64_t bytes) {
            return trouble ? trouble(bytes) : Status<node::IoError>();
        };
        out->keep_copy = [this](const std::string& path, const MemoryKv& from) {
            at(path).fill(from);
        };
        return out;
    }

    std::map<std::string, std::shared_ptr<MemoryKv>> all_;
};

}  // namespace remit::test
