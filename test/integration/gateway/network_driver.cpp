#include "test/integration/gateway/network_driver.h"

#include <catch2/catch.hpp>

#include "gateway/saga.h"
#include "ledger/base/hash.h"
#include "ledger/base/keys.h"
#include "ledger/base/uuid.h"
#include "node/tls/client_polling.h"

namespace remit::gateway {

namespace {

constexpr std::chrono::milliseconds patience{8'000};
constexpr std::uint32_t wait_ms = 1'500;
constexpr std::int64_t funded_minor = 10'000;
constexpr std::int64_t sent_minor = 1'000;
constexpr std::int64_t redeemed_minor = 500;
constexpr const char* payees[] = {"keeper", "paid", "picky", "shut"};

std::string folder_of(const std::string& role, const std::string& name) {
    return (role == "rail" ? "rails/" : "gateways/") + name;
}

void add_send(v1::SendRemittancesRequest& request, const Bytes& uetr, const std::string& from,
              const std::string& to, std::int64_t minor) {
    auto& send = *request.add_remittances();
    send.set_uetr(uetr);
    send.set_from_wallet(from);
    send.set_from_currency("HKD");
    send.set_payee_operator_id(2);
    send.set_payee_wallet(to);
    send.set_payee_currency("PHP");
    send.set_amount_minor(minor);
}

}  // namespace

Settings settings_of(const cli::StateFolder& state, GatewayKind kind, const std::string& name) {
    const auto folder = folder_of(kind == GatewayKind::rail ? "rail" : "wallet", name);
    auto settings = load_settings(kind, (state.net() / folder / "gateway.toml").string());
    if (!settings) {
        throw std::runtime_error(settings.error().message);
    }
    return *settings;
}

std::shared_ptr<grpc::Channel> channel_to(const Settings& settings,
                                          const std::filesystem::path& certificate) {
    const auto identity = Identity::load((certificate / "tls.crt").string(),
                                         (certificate / "tls.key").string(), settings.peers);
    if (!identity) {
        throw std::runtime_error(identity.error().message);
    }
    return identity->channel(settings.listen.text());
}

Bytes test_id(const std::string& text) {
    const auto digest = hash(Domain{"test.id"}, text);
    return uuid_v4_from(Uuid::from(digest.view().substr(0, Uuid::size)).value_or(Uuid())).bytes();
}

Victim::Victim(const cli::StateFolder& state, std::string role, std::string name)
    : role_(std::move(role)) {
    const auto folder = state.net() / folder_of(role_, name);
    config_ = (folder / "gateway.toml").string();
    log_ = (folder / "victim.log").string();
    const auto kind = role_ == "rail"    ? GatewayKind::rail
                      : role_ == "bank"  ? GatewayKind::bank
                      : role_ == "maker" ? GatewayKind::maker
                                         : GatewayKind::wallet;
    settings_ = settings_of(state, kind, name);
    REQUIRE(state.run("devnet kill " + name).exit == 0);
}

void Victim::start(const std::string& crash_point, int descriptors_max) {
    std::vector<std::string> words;
    if (descriptors_max != 0) {
        words = {"prlimit", "--nofile=" + std::to_string(descriptors_max)};
    }
    words.insert(words.end(), {"/usr/bin/env", "REMIT_CRASH_AT=" + crash_point,
                               std::string(REMIT_BIN_DIR) + "/remit-gateway", role_, "--dev",
                               "--config", config_});
    process_ = std::make_unique<test::NodeProcess>(words, log_);
}

std::optional<int> Victim::wait(std::chrono::milliseconds limit) {
    return process_ ? process_->wait(limit) : std::nullopt;
}

void Victim::kill() {
    if (process_) {
        process_->kill();
    }
}

Clients::Clients(const cli::StateFolder& state) {
    init_crypto();
    // As the gateways and the command line do: a gateway that is back is found by failing calls
    // alone, and a server ends handshakes that take more than 5 s.
    node::poll_connections_often();
    const auto at = [&](GatewayKind kind, const std::string& name, const std::string& member) {
        return channel_to(settings_of(state, kind, name), state.net() / "clients" / member);
    };
    a = v1::WalletService::NewStub(at(GatewayKind::wallet, "gateway-alipayhk", "alipayhk"));
    g = v1::WalletService::NewStub(at(GatewayKind::wallet, "gateway-gcash", "gcash"));
    bank = v1::BankService::NewStub(at(GatewayKind::bank, "gateway-clearbank", "clearbank"));
    const auto rail = at(GatewayKind::rail, "rail-gcash", "gcash");
    g_rail = v1::RailService::NewStub(rail);
    g_admin = v1::RailAdminService::NewStub(rail);
    bank_admin =
        v1::RailAdminService::NewStub(at(GatewayKind::rail, "rail-clearbank", "clearbank"));
}

void Clients::open_beneficiaries() {
    for (const std::string name : payees) {
        v1::OpenWalletRequest request;
        request.set_name(name);
        request.set_currency("PHP");
        request.set_pay_out(name == "paid" || name == "shut");
        request.set_wait_ms(wait_ms);
        v1::OpenWalletResponse response;
        // Asked again until it is done: a network that has just started answers "not yet".
        REQUIRE(test::eventually([&] {
            return call(*g, &v1::WalletService::Stub::OpenWallet, request, response, patience)
                       .ok() &&
                   response.wallet().open();
        }));
        if (name == "picky") {
            v1::SetWalletRequest set;
            *set.mutable_wallet() = response.wallet();
            set.mutable_wallet()->set_reject_reason("MS02");
            v1::SetWalletResponse done;
            REQUIRE(test::eventually([&] {
                return call(*g, &v1::WalletService::Stub::SetWallet, set, done, patience).ok();
            }));
        }
    }
}

bool Clients::fund(const std::string& wallet, const Bytes& ramp_id, std::int64_t minor) {
    v1::OpenWalletRequest open;
    open.set_name(wallet);
    open.set_currency("HKD");
    open.set_rail_opening_minor(minor);
    open.set_wait_ms(wait_ms);
    v1::OpenWalletResponse opened;
    if (!call(*a, &v1::WalletService::Stub::OpenWallet, open, opened, patience).ok() ||
        !opened.wallet().open()) {
        return false;
    }
    v1::OnRampRequest ramp;
    ramp.set_request_id(ramp_id);
    ramp.set_wallet(wallet);
    ramp.set_currency("HKD");
    ramp.set_amount_minor(minor);
    ramp.set_wait_ms(wait_ms);
    v1::OnRampResponse ramped;
    return call(*a, &v1::WalletService::Stub::OnRamp, ramp, ramped, patience).ok() &&
           ramped.progress() == v1::PROGRESS_DONE;
}

bool Clients::send_all(const std::string& wallet, const std::string& round) {
    v1::SendRemittancesRequest request;
    for (const std::string payee : payees) {
        add_send(request, test_id(payee + round), wallet, payee, sent_minor);
    }
    v1::SendRemittancesResponse response;
    return call(*a, &v1::WalletService::Stub::SendRemittances, request, response, patience).ok();
}

std::string Clients::state_of(const Bytes& uetr) {
    v1::GetRemittanceRequest request;
    request.set_uetr(uetr);
    v1::GetRemittanceResponse response;
    const auto status =
        call(*a, &v1::WalletService::Stub::GetRemittance, request, response, patience);
    return status.ok() ? response.remittance().state() : "";
}

std::string Clients::states(const std::string& round) {
    std::string out;
    for (const std::string payee : payees) {
        out += payee + " " + state_of(test_id(payee + round)) + "; ";
    }
    return out;
}

bool Clients::live(const std::string& round) {
    v1::SetFaultsRequest faults;
    constexpr std::uint32_t all = 1'000;
    faults.mutable_faults()->set_reject_next(all);
    faults.mutable_faults()->set_account_prefix("customer/shut");
    v1::SetFaultsResponse before;
    call(*g_admin, &v1::RailAdminService::Stub::SetFaults, faults, before, patience);

    const auto wallet = "w" + round;
    if (!fund(wallet, test_id("ramp" + round), funded_minor) || !send_all(wallet, round)) {
        return false;
    }
    v1::OffRampRequest off;
    off.set_payout_id(test_id("off" + round));
    off.set_wallet(wallet);
    off.set_currency("HKD");
    off.set_amount_minor(redeemed_minor);
    off.set_wait_ms(wait_ms);
    v1::OffRampResponse done;
    return call(*a, &v1::WalletService::Stub::OffRamp, off, done, patience).ok() &&
           done.progress() == v1::PROGRESS_DONE &&
           state_of(test_id("keeper" + round)) == "CREDITED" &&
           state_of(test_id("paid" + round)) == "CREDITED" &&
           state_of(test_id("picky" + round)) == "REJECTED" &&
           state_of(test_id("shut" + round)) == "RETURNED";
}

int Clients::send_many(int count) {
    constexpr std::int64_t each_minor = 100;
    REQUIRE(test::eventually([&] { return fund("bulk", test_id("bulk"), each_minor * count); }));
    v1::SendRemittancesRequest request;
    for (int i = 0; i < count; ++i) {
        add_send(request, test_id("bulk" + std::to_string(i)), "bulk", "keeper", each_minor);
    }
    v1::SendRemittancesResponse response;
    REQUIRE(test::eventually([&] {
        return call(*a, &v1::WalletService::Stub::SendRemittances, request, response, patience)
            .ok();
    }));
    int credited = 0;
    for (int i = 0; i < count; ++i) {
        v1::GetSendRequest ask;
        ask.set_uetr(request.remittances(i).uetr());
        v1::SendRemittanceResponse answer;
        test::eventually([&] {
            return call(*a, &v1::WalletService::Stub::GetSend, ask, answer, patience).ok() &&
                   answer.ended_at_ms() != 0;
        });
        credited += answer.state() == "CREDITED" ? 1 : 0;
    }
    return credited;
}

void Clients::trade() {
    constexpr std::int64_t each_minor = 100;
    constexpr std::int64_t enough_minor = 100'000;
    if (!fund("trader", test_id("trader"), enough_minor)) {
        return;
    }
    v1::SendRemittancesRequest request;
    add_send(request, test_id("trade" + std::to_string(++trades_)), "trader", "keeper", each_minor);
    v1::SendRemittancesResponse response;
    call(*a, &v1::WalletService::Stub::SendRemittances, request, response, patience);
}

void Clients::check(const std::string& round, const std::set<std::int64_t>& paid_minor) {
    v1::GetPaidRequest request;
    for (const std::string payee : payees) {
        request.add_uetrs(uuid_text(test_id(payee + round)));
    }
    v1::GetPaidResponse response;
    // A channel to a process that was killed needs a moment to find the new one.
    REQUIRE(test::eventually([&] {
        return call(*g_rail, &v1::RailService::Stub::GetPaid, request, response, patience).ok();
    }));
    REQUIRE(response.paid_size() == 4);
    for (int i = 0; i < response.paid_size(); ++i) {
        CAPTURE(payees[i]);
        CHECK(response.paid(i).count() == (std::string(payees[i]) == "paid" ? 1 : 0));
    }
    // 10.00 HKD at 7.4585923208, rounded down, unless the test says otherwise.
    CHECK(paid_minor.contains(response.paid(1).amount_minor()));
    v1::GetWalletRequest wallet;
    wallet.set_name("w" + round);
    wallet.set_currency("HKD");
    v1::GetWalletResponse found;
    REQUIRE(test::eventually([&] {
        return call(*a, &v1::WalletService::Stub::GetWallet, wallet, found, patience).ok();
    }));
    CHECK(found.balance_minor() == funded_minor - 2 * sent_minor - redeemed_minor);
    CHECK(found.rail_balance_minor() == redeemed_minor);
}

void Clients::check_books() {
    const auto no_difference = [](const v1::ReconcileResponse& report) {
        for (const auto& line : report.lines()) {
            if (line.difference_minor() != 0) {
                return false;
            }
        }
        return report.lines_size() > 0;
    };
    const auto wallets_agree = [&](v1::WalletService::Stub& stub) {
        v1::ReconcileResponse report;
        return call(stub, &v1::WalletService::Stub::Reconcile, v1::ReconcileRequest(), report,
                    patience)
                   .ok() &&
               no_difference(report);
    };
    CHECK(test::eventually([&] { return wallets_agree(*a); }));
    CHECK(test::eventually([&] { return wallets_agree(*g); }));
    CHECK(test::eventually([&] {
        v1::ReconcileResponse report;
        return call(*bank, &v1::BankService::Stub::ReconcileBank, v1::ReconcileRequest(), report,
                    patience)
                   .ok() &&
               no_difference(report);
    }));
}

}  // namespace remit::gateway
