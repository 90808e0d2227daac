#include "tools/cli/input_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace remit::cli {

Result<Bytes, Failure> read_input(const std::string& path) {
    constexpr std::size_t bytes_max = std::size_t{64} << 20U;
    constexpr std::size_t piece = std::size_t{64} << 10U;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                               std::fclose);
    Bytes bytes;
    int error = file ? 0 : errno;
    while (file && bytes.size() <= bytes_max) {
        const auto done = bytes.size();
        bytes.resize(done + piece);
        const auto got = std::fread(bytes.data() + done, 1, piece, file.get());
        bytes.resize(done + got);
        if (got < piece) {
            error = std::ferror(file.get()) != 0 ? errno : 0;
            break;
        }
    }
    if (error != 0) {
        return fail(Failure{"NOT_FOUND", "cannot read " + path + ": " + std::strerror(error),
                            "check the path and its permissions", ExitCode::not_found});
    }
    if (bytes.size() > bytes_max) {
        return usage(path + " has more than 64 MiB", "is it the right file?");
    }
    return bytes;
}

}  // namespace remit::cli
