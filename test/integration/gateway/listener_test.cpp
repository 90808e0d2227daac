#include <catch2/catch.hpp>
#include <fstream>

#include "test/integration/gateway/network_driver.h"
#include "test/support/devnet/http2_attacks.h"
#include "test/support/devnet/http2_frames.h"
#include "test/support/devnet/process_facts.h"
#include "test/support/devnet/silent_connections.h"

using namespace std::chrono_literals;

namespace remit::gateway {

namespace {

constexpr int descriptors_max = 256;
constexpr int flood = 300;

struct Role {
    GatewayKind kind;
    std::string role;
    std::string name;
    std::string member;  ///< whose listed client turns on it
    std::string path;
};

const std::vector<Role>& roles() {
    static const std::vector<Role> all{
        {GatewayKind::wallet, "wallet", "gateway-alipayhk", "alipayhk",
         "/remit.gateway.v1.WalletService/GetGatewayStatus"},
        {GatewayKind::bank, "bank", "gateway-clearbank", "clearbank",
         "/remit.gateway.v1.BankService/GetBankStatus"},
        {GatewayKind::rail, "rail", "rail-alipayhk", "alipayhk",
         "/remit.gateway.v1.RailService/ListBalances"}};
    return all;
}

bool is_healthy(const Settings& settings) {
    return test::eventually(
        [&] { return test::http_get(settings.ops_listen.port, "/readyz").status == 200; });
}

/// Of the running process, from its pid file.
pid_t pid_of(const cli::StateFolder& state, const Role& role) {
    const auto folder = state.net() / (role.kind == GatewayKind::rail ? "rails" : "gateways");
    std::ifstream file(folder / role.name / "pid");
    pid_t out = -1;
    file >> out;
    return out;
}

}  // namespace

TEST_CASE("gateway ports: a listed party that turns hostile ends nothing and stops nobody else",
          "[integration][gateway][http2]") {
    const cli::StateFolder state;
    REQUIRE(state.run("devnet up").exit == 0);
    Clients clients(state);
    clients.open_beneficiaries();
    for (const auto& role : roles()) {
        const auto settings = settings_of(state, role.kind, role.name);
        const auto pid = pid_of(state, role);
        CAPTURE(role.name, pid);
        REQUIRE(test::listening_ports(pid) ==
                std::set<std::uint16_t>{settings.listen.port, settings.ops_listen.port});
        // Plain text: a TLS alert at most, never a frame.
        const auto answer = test::send_raw(settings.listen.port, test::http2::preface());
        REQUIRE((answer.empty() || answer[0] == '\x15'));
        const auto identity = node::read_tls_identity(state.net() / "clients" / role.member);
        REQUIRE(identity);
        for (const auto& attack : test::http2::attacks(role.path)) {
            CAPTURE(attack.name);
            test::http2::carry_out(attack, settings.listen.port, *identity);
            REQUIRE(is_healthy(settings));
        }
        // Still the process it was.
        REQUIRE(test::listening_ports(pid).contains(settings.listen.port));
        // What a gateway needs by itself, and what its server may take (its resource quota).
        constexpr long memory_max_kib = (256 + 512) * 1024;
        CHECK(test::status_kib(pid, "VmHWM") < memory_max_kib);
    }
    CHECK(test::eventually([&] { return clients.live("after"); }));
    clients.check("after");
    clients.check_books();
}

TEST_CASE("gateway ports: a flood of silent connections closes no listener for good",
          "[integration][gateway][http2]") {
    const cli::StateFolder state;
    REQUIRE(state.run("devnet up").exit == 0);
    std::vector<std::unique_ptr<Victim>> victims;
    for (const auto& role : roles()) {
        auto& victim = *victims.emplace_back(std::make_unique<Victim>(state, role.role, role.name));
        victim.start("", descriptors_max);
        CAPTURE(role.name);
        REQUIRE(is_healthy(victim.settings()));
    }
    for (const auto& victim : victims) {
        const test::SilentConnections silent(victim->settings().listen.port, flood);
        REQUIRE(silent.count() > descriptors_max);
        std::this_thread::sleep_for(2s);
    }
    Clients clients(state);
    clients.open_beneficiaries();
    CHECK(test::eventually([&] { return clients.live("after"); }));
    clients.check("after");
    clients.check_books();
    for (const auto& victim : victims) {
        REQUIRE(victim->is_running());
    }
}

}  // namespace remit::gateway
