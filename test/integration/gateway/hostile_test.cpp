#include <catch2/catch.hpp>

#include "node/tls/certificate.h"
#include "test/integration/gateway/network_driver.h"

namespace remit::gateway {

namespace {

constexpr std::chrono::milliseconds patience{20'000};

struct Port {
    GatewayKind kind;
    std::string name;
};

}  // namespace

TEST_CASE("gateway and rail ports: garbage, strangers and oversized calls harm nobody",
          "[integration][gateway]") {
    const cli::StateFolder state;
    REQUIRE(state.run("devnet up").exit == 0);
    Clients clients(state);
    clients.open_beneficiaries();
    const std::vector<std::string> attacks{
        std::string(1'000'000, '\xff'),
        std::string("\x16\x03\x01\xff\xff", 5) + std::string(70'000, 'a'),
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + std::string(200'000, '\0'),
    };
    const auto stranger = state.file("stranger");
    std::filesystem::create_directory(stranger);
    REQUIRE(node::write_tls_identity(stranger, node::make_tls_identity("stranger").value()));
    for (const auto& [kind, name] :
         {Port{GatewayKind::wallet, "gateway-alipayhk"}, Port{GatewayKind::wallet, "gateway-gcash"},
          Port{GatewayKind::bank, "gateway-clearbank"}, Port{GatewayKind::rail, "rail-alipayhk"},
          Port{GatewayKind::rail, "rail-clearbank"}}) {
        const auto settings = settings_of(state, kind, name);
        CAPTURE(name);
        for (const auto& attack : attacks) {
            test::send_raw(settings.listen.port, attack, std::chrono::milliseconds(100));
            test::send_raw(settings.ops_listen.port, attack, std::chrono::milliseconds(100));
        }
        const auto channel = channel_to(settings, stranger);
        CHECK_FALSE(channel->WaitForConnected(std::chrono::system_clock::now() +
                                              std::chrono::milliseconds(300)));
    }
    const auto channel = channel_to(settings_of(state, GatewayKind::rail, "rail-clearbank"),
                                    state.net() / "clients" / "alipayhk");
    const auto rail = v1::RailService::NewStub(channel);
    v1::SubmitTransfersRequest theft;
    auto& transfer = *theft.add_transfers();
    transfer.set_transfer_id("theft");
    transfer.set_debit_account("own/2/PHP");
    transfer.set_credit_account("own/1/PHP");
    transfer.set_currency("PHP");
    transfer.set_amount_minor(1);
    v1::SubmitTransfersResponse stolen;
    const auto refused =
        call(*rail, &v1::RailService::Stub::SubmitTransfers, theft, stolen, patience);
    CHECK(refused.error_code() == grpc::StatusCode::PERMISSION_DENIED);
    CHECK(refusal_of(refused).name() == "NOT_YOUR_ACCOUNT");
    v1::ListBalancesRequest look;
    v1::ListBalancesResponse seen;
    const auto reads = [&](const std::string& prefix) {
        look.set_account_prefix(prefix);
        return call(*rail, &v1::RailService::Stub::ListBalances, look, seen, patience).ok();
    };
    CHECK_FALSE(reads(""));
    CHECK_FALSE(reads("own/2/"));
    CHECK_FALSE(reads("clearing/"));
    CHECK(reads("own/1/"));
    v1::SetFaultsResponse before;
    CHECK(call(*v1::RailAdminService::NewStub(channel), &v1::RailAdminService::Stub::SetFaults,
               v1::SetFaultsRequest(), before, patience)
              .error_code() == grpc::StatusCode::PERMISSION_DENIED);

    v1::OpenWalletRequest oversized;
    oversized.set_name(std::string(std::size_t{17} << 20U, 'x'));
    v1::OpenWalletResponse response;
    CHECK(call(*clients.a, &v1::WalletService::Stub::OpenWallet, oversized, response, patience)
              .error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
    CHECK(test::eventually([&] { return clients.live("after"); }));
    clients.check("after");
    clients.check_books();
}

}  // namespace remit::gateway
