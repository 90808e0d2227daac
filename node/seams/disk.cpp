#include "node/seams/disk.h"

namespace remit::node {

Result<Bytes, IoError> read_file(Disk& disk, const std::string& path) {
    TRY_ASSIGN(auto file, disk.open(path, OpenMode::read));
    TRY_ASSIGN(const auto size, file->size());
    return file->read(0, size);
}

Status<IoError> replace_file(Disk& disk, const std::string& path, ByteView bytes) {
    const auto temporary = path + ".new";
    if (disk.exists(temporary)) {
        TRY(disk.remove(temporary));
    }
    {
        TRY_ASSIGN(auto file, disk.open(temporary, OpenMode::create_new));
        TRY(file->write(0, {bytes}));
        TRY(file->sync());
    }
    TRY(disk.rename(temporary, path));
    return disk.sync_folder(folder_of(path));
}

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) {
        return ".";
    }
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace remit::node
