#include "gateway/settings.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "gateway/crash_points.h"
#include "test/support/node/temporary_folder.h"

namespace remit::gateway {

namespace {

Result<Settings, node::Failure> load(GatewayKind kind, const std::string& text) {
    const node::TemporaryFolder folder;
    const auto file = folder.path() / "gateway.toml";
    std::ofstream(file) << text;
    return load_settings(kind, file.string());
}

constexpr const char* rail_toml =
    "[gateway]\nname = \"rail\"\ndata = \"book\"\nlisten = \"127.0.0.1:7200\"\n"
    "[rail]\nparticipant = 1\nadmin = true\n"
    "[accounts]\n\"operator/HKD\" = \"100\"\n"
    "[peers]\nalipayhk = \"00 1\"\n";

}  // namespace

TEST_CASE("settings: a rail's file is read, paths from its folder", "[gateway][settings]") {
    const auto settings = load(GatewayKind::rail, rail_toml);
    REQUIRE(settings);
    CHECK(settings->name == "rail");
    CHECK(settings->data.ends_with("/book"));
    CHECK(settings->data.front() == '/');
    CHECK(settings->rail_admin);
    CHECK(settings->accounts.at("operator/HKD") == "100");
    CHECK(settings->peers.at("alipayhk") == "00 1");
}

TEST_CASE("settings: an unknown key is refused with its line and the nearest name",
          "[gateway][settings]") {
    const auto settings =
        load(GatewayKind::rail, "[gateway]\nname = \"rail\"\nlisen = \"127.0.0.1:7200\"\n");
    REQUIRE_FALSE(settings);
    CHECK(settings.error().exit == node::ExitCode::bad_configuration);
    const auto told = settings.error().message + " " + settings.error().help;
    CHECK(told.find(":3") != std::string::npos);
    CHECK(told.find("gateway.listen") != std::string::npos);
}

TEST_CASE("settings: keys of another role are unknown here", "[gateway][settings]") {
    CHECK_FALSE(load(GatewayKind::rail, std::string(rail_toml) + "[bank]\nmark_life = \"1h\"\n"));
    CHECK_FALSE(load(GatewayKind::wallet, rail_toml));
}

TEST_CASE("settings: the defaults of every role are shown with their help", "[gateway][settings]") {
    CHECK(default_settings(GatewayKind::wallet).find("return_expires_in") != std::string::npos);
    CHECK(default_settings(GatewayKind::bank).find("mark_life") != std::string::npos);
    CHECK(default_settings(GatewayKind::rail).find("admin") != std::string::npos);
}

TEST_CASE("crash points: names are unique and found again", "[gateway][crash_point]") {
    std::set<std::string_view> names;
    for (const auto& row : crash_point_table()) {
        names.insert(row.name);
        CHECK(crash_point_from(row.name) == row.point);
    }
    CHECK(names.size() == crash_point_table().size());
    CHECK_FALSE(crash_point_from("no.such.point"));
}

}  // namespace remit::gateway
