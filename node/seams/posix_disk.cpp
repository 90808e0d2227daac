#include "node/seams/posix_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace remit::node {

namespace {

constexpr std::size_t parts_per_call_max = 512;  // below IOV_MAX, 1024 on Linux

class PosixFile final : public File {
public:
    PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
    PosixFile(const PosixFile&) = delete;
    PosixFile& operator=(const PosixFile&) = delete;
    ~PosixFile() override { ::close(descriptor_); }

    Status<IoError> write(std::uint64_t offset, const std::vector<ByteView>& parts) override {
        std::vector<iovec> vectors;
        vectors.reserve(parts.size());
        for (const auto& part : parts) {
            if (!part.empty()) {
                vectors.push_back({const_cast<char*>(part.data()), part.size()});  // NOLINT
            }
        }
        std::size_t first = 0;
        while (first < vectors.size()) {
            const auto count = std::min(parts_per_call_max, vectors.size() - first);
            const auto written = ::pwritev(descriptor_, &vectors[first], static_cast<int>(count),
                                           static_cast<off_t>(offset));
            if (written < 0) {
                if (errno == EINTR) {
                    continue;
                }
                return fail(io_error_from_errno("write", path_, errno));
            }
            offset += static_cast<std::uint64_t>(written);
            first = advance(vectors, first, static_cast<std::size_t>(written));
        }
        return {};
    }

    Result<Bytes, IoError> read(std::uint64_t offset, std::size_t size) override {
        Bytes out(size, '\0');
        std::size_t have = 0;
        while (have < size) {
            const auto got =
                ::pread(descriptor_, &out[have], size - have, static_cast<off_t>(offset + have));
            if (got < 0) {
                if (errno == EINTR) {
                    continue;
                }
                return fail(io_error_from_errno("read", path_, errno));
            }
            if (got == 0) {
                break;
            }
            have += static_cast<std::size_t>(got);
        }
        out.resize(have);
        return out;
    }

    Status<IoError> sync() override {
        if (::fdatasync(descriptor_) != 0) {
            return fail(io_error_from_errno("fdatasync", path_, errno));
        }
        return {};
    }

    Status<IoError> preallocate(std::uint64_t size) override {
        const int code = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(size));
        if (code != 0) {
            return fail(io_error_from_errno("allocate", path_, code));
        }
        return {};
    }

    Result<std::uint64_t, IoError> size() override {
        struct stat status{};
        if (::fstat(descriptor_, &status) != 0) {
            return fail(io_error_from_errno("stat", path_, errno));
        }
        return static_cast<std::uint64_t>(status.st_size);
    }

private:
    static std::size_t advance(std::vector<iovec>& vectors, std::size_t first, std::size_t bytes) {
        while (first < vectors.size() && bytes >= vectors[first].iov_len) {
            bytes -= vectors[first].iov_len;
            ++first;
        }
        if (bytes > 0) {
            auto& rest = vectors[first];
            rest.iov_base = static_cast<char*>(rest.iov_base) + bytes;
            rest.iov_len -= bytes;
        }
        return first;
    }

    int descriptor_;
    std::string path_;
};

}  // namespace

Result<std::unique_ptr<File>, IoError> PosixDisk::open(const std::string& path, OpenMode mode) {
    int flags = O_CLOEXEC;
    flags |= mode == OpenMode::read ? O_RDONLY : O_RDWR;
    flags |= mode == OpenMode::create_new ? O_CREAT | O_EXCL : 0;
    constexpr mode_t owner_only = 0600;
    const int descriptor = ::open(path.c_str(), flags, owner_only);
    if (descriptor < 0) {
        return fail(io_error_from_errno("open", path, errno));
    }
    return std::unique_ptr<File>(std::make_unique<PosixFile>(descriptor, path));
}

Status<IoError> PosixDisk::make_folder(const std::string& path) {
    std::error_code code;
    const bool made = std::filesystem::create_directories(path, code);
    if (code) {
        return fail(io_error_from_errno("create folder", path, code.value()));
    }
    constexpr mode_t owner_only = 0700;
    if (made && ::chmod(path.c_str(), owner_only) != 0) {
        return fail(io_error_from_errno("set mode of", path, errno));
    }
    return {};
}

Result<std::vector<std::string>, IoError> PosixDisk::list(const std::string& folder) {
    std::error_code code;
    std::filesystem::directory_iterator entries(folder, code);
    std::vector<std::string> names;
    while (!code && entries != std::filesystem::directory_iterator()) {
        names.push_back(entries->path().filename().string());
        entries.increment(code);
    }
    if (code) {
        return fail(io_error_from_errno("list", folder, code.value()));
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool PosixDisk::exists(const std::string& path) {
    std::error_code code;
    return std::filesystem::exists(path, code);
}

Status<IoError> PosixDisk::rename(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) {
        return fail(io_error_from_errno("rename", from, errno));
    }
    return {};
}

Status<IoError> PosixDisk::remove(const std::string& path) {
    if (::unlink(path.c_str()) != 0) {
        return fail(io_error_from_errno("remove", path, errno));
    }
    return {};
}

Status<IoError> PosixDisk::sync_folder(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return fail(io_error_from_errno("open folder", path, errno));
    }
    const int result = ::fsync(descriptor);
    const int code = errno;
    ::close(descriptor);
    if (result != 0) {
        return fail(io_error_from_errno("fsync folder", path, code));
    }
    return {};
}

}  // namespace remit::node
