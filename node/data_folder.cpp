#include "node/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "node/seams/disk_full.h"
#include "node/seams/posix_disk.h"

namespace remit::node {

namespace {

Status<Failure> check_folder(const std::string& path) {
    struct stat facts{};
    if (::lstat(path.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
        return fail_with(ExitCode::not_allowed, "data folder " + path + " is not a folder",
                         "name the folder itself, not a link to it");
    }
    if (facts.st_uid != ::geteuid()) {
        return fail_with(ExitCode::not_allowed, "data folder " + path + " is another user's");
    }
    if ((facts.st_mode & 022U) != 0) {
        return fail_with(ExitCode::not_allowed, "data folder " + path + " is writable by others",
                         "chmod 700 " + path);
    }
    return {};
}

Status<Failure> check_chain(Disk& disk, const std::string& path, const Hash& chain_id) {
    const auto file = path + "/genesis";
    if (!disk.exists(file)) {
        if (disk.exists(path + "/db")) {
            return fail_with(ExitCode::bad_configuration,
                             file + " is missing beside a database: which chain is this?",
                             "restore the whole folder from one backup");
        }
        if (auto done = replace_file(disk, file, chain_id.hex() + "\n"); !done) {
            return tl::unexpected(failure_of(done.error()));
        }
        return {};
    }
    const auto recorded = read_file(disk, file);
    if (!recorded) {
        return tl::unexpected(failure_of(recorded.error()));
    }
    if (*recorded != chain_id.hex() + "\n") {
        return fail_with(ExitCode::bad_configuration,
                         "data folder " + path + " belongs to chain " +
                             recorded->substr(0, 2 * Hash::size) + ", the genesis file makes " +
                             chain_id.hex(),
                         "use the genesis file of the first start, or another data folder");
    }
    return {};
}

}  // namespace

Failure failure_of(const IoError& error) {
    ExitCode exit = ExitCode::io_error;
    std::string help;
    switch (error.failure) {
        case IoFailure::corrupt:
            exit = ExitCode::bad_configuration;
            help =
                "run: remit-node db verify; a damaged node is restored from its peers, never "
                "mended by hand";
            break;
        case IoFailure::busy:
        case IoFailure::not_found:
            exit = ExitCode::bad_configuration;
            break;
        case IoFailure::denied:
            exit = ExitCode::not_allowed;
            break;
        case IoFailure::full:
            return {.exit = exit,
                    .message = disk_full(error.text()),
                    .help = "free disk there or enlarge it, then start again: nothing is lost"};
        case IoFailure::other:
            break;
    }
    return {.exit = exit, .message = error.text(), .help = std::move(help)};
}

Result<Bytes, Failure> read_genesis_file(const std::string& path) {
    const std::string remedy = "name the genesis file that the members of the network share";
    if (path.empty()) {
        return fail_with(ExitCode::bad_configuration, "node.genesis is empty", remedy);
    }
    PosixDisk disk;
    auto bytes = read_file(disk, path);
    if (!bytes) {
        return fail_with(ExitCode::bad_configuration, "genesis file: " + bytes.error().text(),
                         remedy);
    }
    return std::move(*bytes);
}

Result<DataFolder, Failure> DataFolder::open(const std::string& path, const Hash& chain_id) {
    PosixDisk disk;
    if (!disk.exists(path)) {
        if (auto made = disk.make_folder(path); !made) {
            return tl::unexpected(failure_of(made.error()));
        }
    }
    TRY(check_folder(path));
    const int lock =
        ::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0) {
        return tl::unexpected(failure_of(io_error_from_errno("open", path + "/lock", errno)));
    }
    DataFolder out(path, lock);
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        return fail_with(ExitCode::bad_configuration,
                         "data folder " + path + " is in use by another node",
                         "two nodes with one key would both vote: stop the other one");
    }
    TRY(check_chain(disk, path, chain_id));
    return out;
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataFolder::~DataFolder() {
    if (lock_ >= 0) {
        ::close(lock_);
    }
}

}  // namespace remit::node
