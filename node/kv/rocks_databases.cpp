#include "node/kv/rocks_databases.h"

#include <filesystem>

#include "node/seams/posix_disk.h"

namespace remit::node {

bool RocksDatabases::exists(const std::string& path) {
    // Its CURRENT file is the last thing that a database or a copy of one gets.
    return PosixDisk().exists(path + "/CURRENT");
}

Result<std::vector<std::string>, IoError> RocksDatabases::list(const std::string& folder) {
    return PosixDisk().list(folder);
}

Result<std::shared_ptr<Kv>, IoError> RocksDatabases::create(const std::string& path) {
    TRY(remove(path));
    TRY(PosixDisk().make_folder(path));
    auto options = options_;
    options.path = path;
    TRY_ASSIGN(auto kv, RocksKv::open(options));
    return std::shared_ptr<Kv>(std::move(kv));
}

Result<std::shared_ptr<const KvReader>, IoError> RocksDatabases::open(const std::string& path) {
    auto options = options_;
    options.path = path;
    options.read_only = true;
    TRY_ASSIGN(auto kv, RocksKv::open(options));
    return std::shared_ptr<const KvReader>(std::move(kv));
}

Status<IoError> RocksDatabases::rename(const std::string& from, const std::string& to) {
    PosixDisk disk;
    TRY(disk.rename(from, to));
    TRY(disk.sync_folder(folder_of(to)));
    if (folder_of(from) != folder_of(to)) {
        TRY(disk.sync_folder(folder_of(from)));
    }
    return {};
}

Status<IoError> RocksDatabases::remove(const std::string& path) {
    std::error_code code;
    std::filesystem::remove_all(path, code);
    if (code) {
        return fail(io_error_from_errno("remove", path, code.value()));
    }
    return {};
}

}  // namespace remit::node
