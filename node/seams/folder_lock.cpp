#include "node/seams/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace remit::node {

Result<FolderLock, IoError> FolderLock::take(const std::string& folder) {
    const auto path = folder + "/lock";
    constexpr mode_t owner_only = 0600;
    const int descriptor =
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, owner_only);
    if (descriptor < 0) {
        return fail(io_error_from_errno("open", path, errno));
    }
    FolderLock out(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        return fail(IoError{IoFailure::busy, "lock", path, "another process holds it"});
    }
    return out;
}

FolderLock::~FolderLock() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

}  // namespace remit::node
