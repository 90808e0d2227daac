#pragma once

#include <string>
#include <utility>

#include "node/seams/io_error.h"

namespace remit::node {

/// Holds a folder for this process: the kernel gives it up when the process ends, however it ends.
class FolderLock {
public:
    /// Locks `folder`/lock. Errors: busy when another process holds it.
    static Result<FolderLock, IoError> take(const std::string& folder);
    ~FolderLock();
    FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FolderLock& operator=(FolderLock&&) = delete;
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_ = -1;
};

}  // namespace remit::node
