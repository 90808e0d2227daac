#include "node/data_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "test/support/node/temporary_folder.h"

namespace remit::node {
namespace {

const Hash chain = hash(domain::genesis, "a chain");

Failure refusal_of(const std::string& path) {
    const auto opened = DataFolder::open(path, chain);
    REQUIRE_FALSE(opened);
    return opened.error();
}

}  // namespace

TEST_CASE("data folder: made when it is missing, for its owner alone", "[node]") {
    const TemporaryFolder folder;
    const auto path = (folder.path() / "data").string();
    REQUIRE(DataFolder::open(path, chain));
    struct stat facts{};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0700U);
    REQUIRE(DataFolder::open(path, chain));
}

TEST_CASE("data folder: a link is refused, wherever it leads", "[node]") {
    const TemporaryFolder folder;
    const auto real = folder.path() / "real";
    const auto link = folder.path() / "link";
    std::filesystem::create_directory(real);
    std::filesystem::create_symlink(real, link);
    const auto refused = refusal_of(link.string());
    CHECK(refused.exit == ExitCode::not_allowed);
    CHECK_THAT(refused.message, Catch::Contains(link.string()) && Catch::Contains("not a folder"));
    CHECK_THAT(refused.help, Catch::Contains("not a link"));
    CHECK(std::filesystem::is_empty(real));
    std::filesystem::remove(real);
    CHECK_FALSE(DataFolder::open(link.string(), chain));  // leads nowhere: nothing is made there
    CHECK_FALSE(std::filesystem::exists(real));
}

TEST_CASE("data folder: a file in its place is refused", "[node]") {
    const TemporaryFolder folder;
    const auto path = (folder.path() / "data").string();
    REQUIRE(::close(::creat(path.c_str(), 0600)) == 0);
    CHECK(refusal_of(path).exit == ExitCode::not_allowed);
}

TEST_CASE("data folder: one that others may write is refused, with the remedy", "[node]") {
    const auto mode = GENERATE(0720U, 0702U, 0777U);
    CAPTURE(mode);
    const TemporaryFolder folder;
    const auto path = folder.path() / "data";
    std::filesystem::create_directory(path);
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    const auto refused = refusal_of(path.string());
    CHECK(refused.exit == ExitCode::not_allowed);
    CHECK_THAT(refused.message, Catch::Contains("writable by others"));
    CHECK(refused.help == "chmod 700 " + path.string());
    CHECK(std::filesystem::is_empty(path));
    REQUIRE(::chmod(path.c_str(), 0750) == 0);
    CHECK(DataFolder::open(path.string(), chain));
}

TEST_CASE("data folder: another user's is refused", "[node]") {
    const TemporaryFolder folder;
    auto path = folder.path() / "data";
    std::filesystem::create_directory(path);
    constexpr uid_t nobody = 65534;
    if (::chown(path.c_str(), nobody, static_cast<gid_t>(-1)) != 0) {
        path = "/usr";  // who may not give folders away is not root
    }
    const auto refused = refusal_of(path.string());
    CHECK(refused.exit == ExitCode::not_allowed);
    CHECK_THAT(refused.message, Catch::Contains("is another user's"));
    CHECK_FALSE(std::filesystem::exists(path / "lock"));
}

TEST_CASE("data folder: one process at a time, one chain for ever", "[node]") {
    const TemporaryFolder folder;
    const auto path = (folder.path() / "data").string();
    {
        const auto first = DataFolder::open(path, chain);
        REQUIRE(first);
        const auto refused = refusal_of(path);
        CHECK(refused.exit == ExitCode::bad_configuration);
        CHECK_THAT(refused.message, Catch::Contains("in use by another node"));
    }
    const auto other = hash(domain::genesis, "another chain");
    const auto refused = DataFolder::open(path, other);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().exit == ExitCode::bad_configuration);
    CHECK_THAT(refused.error().message,
               Catch::Contains(chain.hex()) && Catch::Contains(other.hex()));
}

}  // namespace remit::node
