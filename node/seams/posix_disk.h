#pragma once

#include "node/seams/disk.h"

namespace remit::node {

/// The machine's file system. Files are made with mode 0600, folders with 0700.
class PosixDisk final : public Disk {
public:
    Result<std::unique_ptr<File>, IoError> open(const std::string& path, OpenMode mode) override;
    Status<IoError> make_folder(const std::string& path) override;
    Result<std::vector<std::string>, IoError> list(const std::string& folder) override;
    [[nodiscard]] bool exists(const std::string& path) override;
    Status<IoError> rename(const std::string& from, const std::string& to) override;
    Status<IoError> remove(const std::string& path) override;
    Status<IoError> sync_folder(const std::string& path) override;
};

}  // namespace remit::node
