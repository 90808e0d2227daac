#pragma once

#include "node/kv/rocks_kv.h"

namespace remit::node {

/// RocksDB databases of one owner: each in a folder of its own. Thread-safe.
class RocksDatabases final : public Databases {
public:
    /// `options.path` is not looked at.
    explicit RocksDatabases(RocksOptions options) : options_(std::move(options)) {}

    [[nodiscard]] bool exists(const std::string& path) override;
    Result<std::vector<std::string>, IoError> list(const std::string& folder) override;
    Result<std::shared_ptr<Kv>, IoError> create(const std::string& path) override;
    Result<std::shared_ptr<const KvReader>, IoError> open(const std::string& path) override;
    Status<IoError> rename(const std::string& from, const std::string& to) override;
    Status<IoError> remove(const std::string& path) override;

private:
    RocksOptions options_;
};

}  // namespace remit::node
