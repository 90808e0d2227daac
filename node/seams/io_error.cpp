#include "node/seams/io_error.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "node/seams/disk_full.h"

namespace remit::node {

namespace {
constexpr int exit_io = 70;  // EX_SOFTWARE of sysexits.h; docs/operate lists the exit codes
}

std::string_view name_of(IoFailure failure) {
    switch (failure) {
        case IoFailure::not_found:
            return "not found";
        case IoFailure::denied:
            return "denied";
        case IoFailure::full:
            return "disk full";
        case IoFailure::corrupt:
            return "corrupt";
        case IoFailure::busy:
            return "in use";
        case IoFailure::other:
            return "failed";
    }
    return "failed";
}

std::string IoError::text() const {
    std::string out = action;
    out += ' ';
    out += path;
    out += ": ";
    out += name_of(failure);
    if (!reason.empty()) {
        out += " (" + reason + ")";
    }
    return out;
}

IoError io_error_from_errno(std::string action, std::string path, int code) {
    auto failure = IoFailure::other;
    if (code == ENOENT || code == ENOTDIR) {
        failure = IoFailure::not_found;
    } else if (code == EACCES || code == EPERM || code == EROFS) {
        failure = IoFailure::denied;
    } else if (code == ENOSPC || code == EDQUOT) {
        failure = IoFailure::full;
    } else if (code == EAGAIN || code == EBUSY || code == EWOULDBLOCK) {
        failure = IoFailure::busy;
    }
    return {failure, std::move(action), std::move(path),
            std::error_code(code, std::generic_category()).message()};
}

void die_of(const IoError& error) {
    const bool full = error.failure == IoFailure::full;
    std::fprintf(stderr, "fatal: %s; the process ends, restart it when the disk %s\n",
                 (full ? disk_full(error.text()) : error.text()).c_str(),
                 full ? "has room" : "is sound");
    std::fflush(stderr);
    ::_exit(exit_io);
}

}  // namespace remit::node
