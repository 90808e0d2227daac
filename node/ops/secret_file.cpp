#include "node/ops/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace remit::node {

namespace {

class Descriptor {
public:
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    [[nodiscard]] int get() const { return value_; }

private:
    int value_;
};

std::string reason() {
    return std::strerror(errno);
}  // NOLINT(concurrency-mt-unsafe)

}  // namespace

Result<Bytes, Failure> read_secret_file(const std::filesystem::path& path, std::size_t size_max) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file.get() < 0) {
        return fail_with(ExitCode::not_allowed,
                         "cannot open key file " + path.string() + ": " + reason(),
                         "a key file is a regular file of this user, not a link");
    }
    struct stat facts{};
    if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return fail_with(ExitCode::not_allowed, path.string() + " is not a regular file");
    }
    if (facts.st_uid != ::geteuid()) {
        return fail_with(ExitCode::not_allowed, path.string() + " belongs to another user");
    }
    if ((facts.st_mode & 077U) != 0) {
        return fail_with(ExitCode::not_allowed, path.string() + " can be read or written by others",
                         "chmod 600 " + path.string() + ", and replace the key if it was exposed");
    }
    if (static_cast<std::size_t>(facts.st_size) > size_max) {
        return fail_with(ExitCode::not_allowed, path.string() + " is too large for a key file");
    }
    Bytes out(static_cast<std::size_t>(facts.st_size), '\0');
    std::size_t done = 0;
    while (done < out.size()) {
        const auto got = ::read(file.get(), out.data() + done, out.size() - done);
        if (got <= 0) {
            return fail_with(ExitCode::io_error, "cannot read " + path.string() + ": " + reason());
        }
        done += static_cast<std::size_t>(got);
    }
    return out;
}

Status<Failure> write_secret_file(const std::filesystem::path& path, ByteView bytes) {
    const Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.get() < 0) {
        return fail_with(errno == EEXIST ? ExitCode::wrong_usage : ExitCode::io_error,
                         "cannot create " + path.string() + ": " + reason());
    }
    while (!bytes.empty()) {
        const auto put = ::write(file.get(), bytes.data(), bytes.size());
        if (put <= 0) {
            return fail_with(ExitCode::io_error, "cannot write " + path.string() + ": " + reason());
        }
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const Descriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (::fdatasync(file.get()) != 0 || parent.get() < 0 || ::fsync(parent.get()) != 0) {
        return fail_with(ExitCode::io_error, "cannot sync " + path.string() + ": " + reason());
    }
    return {};
}

}  // namespace remit::node
