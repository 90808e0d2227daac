#include "tools/cli/input_file.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace remit::cli {

TEST_CASE("input files: read whole, refused when unreadable or endless", "[cli][input]") {
    const auto path = std::filesystem::temp_directory_path() / "remit_input_file_test";
    const Bytes bytes(200'000, 'x');
    std::ofstream(path, std::ios::binary) << bytes;
    CHECK(read_input(path.string()).value() == bytes);
    std::ofstream(path, std::ios::binary | std::ios::trunc).flush();
    CHECK(read_input(path.string()).value().empty());
    std::filesystem::remove(path);

    const auto missing = read_input(path.string());
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().exit == ExitCode::not_found);
    CHECK(missing.error().message ==
          "cannot read " + path.string() + ": No such file or directory");
    CHECK(read_input("/").error().exit == ExitCode::not_found);
    CHECK(read_input("/dev/zero").error().exit == ExitCode::usage);
}

}  // namespace remit::cli
