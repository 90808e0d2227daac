#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ledger/base/bytes.h"
#include "node/seams/io_error.h"

namespace remit::node {

/// An open file. One thread at a time.
class File {
public:
    virtual ~File() = default;
    /// Writes all parts one behind the other at `offset`, in one pwritev where the system allows.
    /// Nothing is durable before `sync`.
    virtual Status<IoError> write(std::uint64_t offset, const std::vector<ByteView>& parts) = 0;
    /// Up to `size` bytes; fewer only at the end of the file.
    virtual Result<Bytes, IoError> read(std::uint64_t offset, std::size_t size) = 0;
    /// fdatasync: what was written before is on the medium when this returns success.
    virtual Status<IoError> sync() = 0;
    /// Makes the file `size` bytes long, zero-filled, with its blocks allocated.
    virtual Status<IoError> preallocate(std::uint64_t size) = 0;
    [[nodiscard]] virtual Result<std::uint64_t, IoError> size() = 0;
};

enum class OpenMode : std::uint8_t {
    read,
    write,       ///< read and write, must exist
    create_new,  ///< read and write, must not exist
};

/// Files of one process.
class Disk {
public:
    virtual ~Disk() = default;
    virtual Result<std::unique_ptr<File>, IoError> open(const std::string& path, OpenMode mode) = 0;
    /// Creates the folder and its parents; success when it exists.
    virtual Status<IoError> make_folder(const std::string& path) = 0;
    /// Names in the folder, sorted.
    virtual Result<std::vector<std::string>, IoError> list(const std::string& folder) = 0;
    [[nodiscard]] virtual bool exists(const std::string& path) = 0;
    virtual Status<IoError> rename(const std::string& from, const std::string& to) = 0;
    virtual Status<IoError> remove(const std::string& path) = 0;
    /// Makes creations, renames and removals in the folder durable.
    virtual Status<IoError> sync_folder(const std::string& path) = 0;
};

/// The whole file, or why not.
Result<Bytes, IoError> read_file(Disk& disk, const std::string& path);

/// Replaces `path` with `bytes` so that a crash leaves the old or the new content, never a mixture:
/// temporary file, sync, rename, folder sync.
Status<IoError> replace_file(Disk& disk, const std::string& path, ByteView bytes);

/// The folder part of a path, "." when there is none.
std::string folder_of(const std::string& path);

}  // namespace remit::node
