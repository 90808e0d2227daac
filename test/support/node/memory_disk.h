#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "node/seams/disk.h"
#include "test/support/node/prng.h"

namespace remit::test {

/// Thrown out of a sync when the power goes there: nothing behind it in the process runs.
struct PowerLoss {};

/// Files in memory with the two faces of a real disk: what the process sees, and what survives a
/// power cut. A cut keeps a random part of the 512-byte sectors and folder entries that were not
/// synced.
class MemoryDisk final : public node::Disk {
public:
    static constexpr std::size_t sector = 512;
    struct Data {
        Bytes now;
        Bytes durable;
        std::set<std::size_t> dirty;  // sectors
    };
    /// Called before each sync of a file; may throw PowerLoss.
    std::function<void()> before_sync;
    enum class Access : std::uint8_t { write, sync, folder };
    /// Asked before each write, sync and change of a folder, with the bytes by which files grow;
    /// what it answers with an error fails so.
    std::function<Status<node::IoError>(Access, const std::string& path, std::uint64_t grows)>
        trouble;
    std::uint64_t syncs = 0;

    void cut_power(Prng& random);

    Result<std::unique_ptr<node::File>, node::IoError> open(const std::string& path,
                                                            node::OpenMode mode) override;
    Status<node::IoError> make_folder(const std::string&) override { return {}; }
    Result<std::vector<std::string>, node::IoError> list(const std::string& folder) override {
        std::vector<std::string> names;
        for (const auto& [path, data] : now_) {
            if (node::folder_of(path) == folder) {
                names.push_back(path.substr(folder.size() + 1));
            }
        }
        return names;
    }
    bool exists(const std::string& path) override { return now_.contains(path); }
    Status<node::IoError> rename(const std::string& from, const std::string& to) override {
        TRY(ask(Access::folder, to, 0));
        now_[to] = now_.at(from);
        now_.erase(from);
        return {};
    }
    Status<node::IoError> remove(const std::string& path) override {
        TRY(ask(Access::folder, path, 0));
        now_.erase(path);
        return {};
    }
    Status<node::IoError> sync_folder(const std::string& folder) override {
        TRY(ask(Access::folder, folder, 0));
        const auto here = [&](const auto& entry) { return node::folder_of(entry.first) == folder; };
        std::erase_if(durable_, here);
        for (const auto& entry : now_) {
            if (here(entry)) {
                durable_.insert(entry);
            }
        }
        return {};
    }

    /// All files as the process sees them now, durable.
    using Copy = std::map<std::string, Bytes>;
    [[nodiscard]] Copy copy() const {
        Copy out;
        for (const auto& [path, data] : now_) {
            out.emplace(path, data->now);
        }
        return out;
    }
    void set_back(const Copy& copy) {
        now_.clear();
        durable_.clear();
        for (const auto& [path, bytes] : copy) {
            replace(path, bytes);
        }
    }

    /// Bytes of a file as the process sees them, to look at or to damage (durably, as far as they
    /// are durable).
    [[nodiscard]] const Bytes& bytes(const std::string& path) const { return now_.at(path)->now; }
    void damage(const std::string& path, std::size_t offset, std::uint8_t flip) {
        for (auto* bytes : {&now_.at(path)->now, &now_.at(path)->durable}) {
            if (offset < bytes->size()) {
                (*bytes)[offset] = static_cast<char>((*bytes)[offset] ^ static_cast<char>(flip));
            }
        }
    }
    void replace(const std::string& path, Bytes bytes) {
        now_[path] = std::make_shared<Data>(Data{bytes, bytes, {}});
        durable_[path] = now_[path];
    }
    /// True when the bytes would be found after a power cut, whatever is kept of the rest.
    [[nodiscard]] bool durable(ByteView needle) const {
        return std::any_of(durable_.begin(), durable_.end(), [&](const auto& entry) {
            return entry.second->durable.find(needle) != Bytes::npos;
        });
    }
    [[nodiscard]] std::vector<std::string> paths() const {
        std::vector<std::string> out;
        for (const auto& [path, data] : now_) {
            out.push_back(path);
        }
        return out;
    }

private:
    class OpenFile;
    [[nodiscard]] Status<node::IoError> ask(Access access, const std::string& path,
                                            std::uint64_t grows) const {
        return trouble ? trouble(access, path, grows) : Status<node::IoError>();
    }

    std::map<std::string, std::shared_ptr<Data>> now_;
    std::map<std::string, std::shared_ptr<Data>> durable_;
};

class MemoryDisk::OpenFile final : public node::File {
public:
    OpenFile(MemoryDisk& disk, std::string path, std::shared_ptr<Data> data)
        : disk_(disk), path_(std::move(path)), data_(std::move(data)) {}

    Status<node::IoError> write(std::uint64_t offset, const std::vector<ByteView>& parts) override {
        auto end = offset;
        for (const auto& part : parts) {
            end += part.size();
        }
        TRY(disk_.ask(Access::write, path_, grown_to(end)));
        for (const auto& part : parts) {
            if (data_->now.size() < offset + part.size()) {
                data_->now.resize(offset + part.size(), '\0');
            }
            data_->now.replace(offset, part.size(), part);
            for (auto at = offset / sector; at * sector < offset + part.size(); ++at) {
                data_->dirty.insert(at);
            }
            offset += part.size();
        }
        return {};
    }
    Result<Bytes, node::IoError> read(std::uint64_t offset, std::size_t size) override {
        return offset < data_->now.size() ? data_->now.substr(offset, size) : Bytes();
    }
    /// A failed one leaves what Linux leaves: the process still sees what it wrote, nothing of it
    /// is on the medium, and no later sync brings it there.
    Status<node::IoError> sync() override {
        if (disk_.before_sync) {
            disk_.before_sync();
        }
        if (auto done = disk_.ask(Access::sync, path_, 0); !done) {
            data_->dirty.clear();
            return done;
        }
        ++disk_.syncs;
        data_->durable.resize(data_->now.size(), '\0');
        for (const auto at : data_->dirty) {
            const auto size = std::min(sector, data_->now.size() - at * sector);
            data_->durable.replace(at * sector, size, data_->now, at * sector, size);
        }
        data_->dirty.clear();
        return {};
    }
    Status<node::IoError> preallocate(std::uint64_t size) override {
        TRY(disk_.ask(Access::write, path_, grown_to(size)));
        data_->now.resize(size, '\0');
        return {};
    }
    Result<std::uint64_t, node::IoError> size() override { return data_->now.size(); }

private:
    [[nodiscard]] std::uint64_t grown_to(std::uint64_t size) const {
        return size > data_->now.size() ? size - data_->now.size() : 0;
    }

    MemoryDisk& disk_;
    std::string path_;
    std::shared_ptr<Data> data_;
};

inline Result<std::unique_ptr<node::File>, node::IoError> MemoryDisk::open(const std::string& path,
                                                                           node::OpenMode mode) {
    const bool there = now_.contains(path);
    if (there == (mode == node::OpenMode::create_new)) {
        return fail(node::IoError{there ? node::IoFailure::other : node::IoFailure::not_found,
                                  "open", path, ""});
    }
    auto& data = now_[path];
    if (!data) {
        data = std::make_shared<Data>();
    }
    return std::unique_ptr<node::File>(std::make_unique<OpenFile>(*this, path, data));
}

/// What is there after the power came back.
inline void MemoryDisk::cut_power(Prng& random) {
    constexpr std::uint64_t half = 500'000;
    auto after = durable_;
    for (const auto& [path, data] : now_) {
        if ((!durable_.contains(path) || durable_.at(path) != data) && random.chance(half)) {
            after[path] = data;
        }
    }
    for (const auto& [path, data] : durable_) {
        if (!now_.contains(path) && random.chance(half)) {
            after.erase(path);
        }
    }
    for (const auto& [path, data] : after) {
        if (data->now.size() > data->durable.size() && random.chance(half)) {
            data->durable.resize(data->now.size(), '\0');
        }
        for (const auto at : data->dirty) {
            if (at * sector < data->durable.size() && random.chance(half)) {
                const auto size = std::min(sector, data->durable.size() - at * sector);
                data->durable.replace(at * sector, size, data->now, at * sector, size);
            }
        }
        data->dirty.clear();
        data->now = data->durable;
    }
    now_ = after;
    durable_ = after;
}

}  // namespace remit::test
