#include "node/seams/private_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace remit::node {

namespace {

constexpr std::size_t file_bytes_max = 1024;

KeyFileError error(KeyFileFailure failure, const std::string& path, const std::string& text) {
    return {failure, "key file " + path + ": " + text};
}

std::string reason_of(int code) {
    return std::error_code(code, std::generic_category()).message();
}

}  // namespace

Result<Bytes, KeyFileError> read_private_file(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        return fail(error(KeyFileFailure::missing, path, reason_of(errno)));
    }
    struct stat status{};
    std::array<char, file_bytes_max> buffer{};
    ssize_t got = -1;
    const bool known = ::fstat(descriptor, &status) == 0;
    const bool private_file = known && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    if (private_file && S_ISREG(status.st_mode)) {
        got = ::read(descriptor, buffer.data(), buffer.size());
    }
    ::close(descriptor);
    if (known && !S_ISREG(status.st_mode)) {
        return fail(error(KeyFileFailure::malformed, path, "not a regular file"));
    }
    if (known && !private_file) {
        return fail(
            error(KeyFileFailure::too_open, path, "others may read it; run: chmod 600 " + path));
    }
    if (got < 0) {
        return fail(error(KeyFileFailure::missing, path, "cannot be read as a file"));
    }
    Bytes out(buffer.data(), static_cast<std::size_t>(got));
    sodium_memzero(buffer.data(), buffer.size());
    return out;
}

Status<KeyFileError> check_single_file(const std::string& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) {
        return fail(error(KeyFileFailure::missing, path, reason_of(errno)));
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(error(KeyFileFailure::too_open, path, "a link; name the file itself"));
    }
    if (status.st_nlink != 1) {
        return fail(error(KeyFileFailure::too_open, path,
                          "has a second name (hard link); remove it, or make a new key"));
    }
    if (status.st_uid != ::geteuid()) {
        return fail(error(KeyFileFailure::too_open, path, "belongs to another user"));
    }
    return {};
}

}  // namespace remit::node
