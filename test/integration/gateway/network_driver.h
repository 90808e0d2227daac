#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "gateway/channels.h"
#include "gateway/settings.h"
#include "remit/gateway/v1/bank.grpc.pb.h"
#include "remit/gateway/v1/rail.grpc.pb.h"
#include "remit/gateway/v1/wallet.grpc.pb.h"
#include "test/integration/cli/program.h"
#include "test/support/devnet/node_process.h"

namespace remit::gateway {

/// One gateway or rail process of a devnet, taken over by a test that kills it.
class Victim {
public:
    /// `role`: wallet, bank, maker or rail; `name` as the devnet calls the process.
    Victim(const cli::StateFolder& state, std::string role, std::string name);

    /// Starts the program, to die at `crash_point` when one is named, with so many descriptors at
    /// most when that is not 0.
    void start(const std::string& crash_point = "", int descriptors_max = 0);
    /// The exit status when it ends within the limit.
    std::optional<int> wait(std::chrono::milliseconds limit);
    void kill();
    [[nodiscard]] bool is_running() { return process_ && process_->is_running(); }
    [[nodiscard]] const Settings& settings() const { return settings_; }
    [[nodiscard]] std::string output() const { return process_ ? process_->output() : ""; }

private:
    std::string role_;
    std::string config_;
    std::string log_;
    Settings settings_;
    std::unique_ptr<test::NodeProcess> process_;
};

/// Channels to a devnet's gateways and rails, with the certificates of its members.
class Clients {
public:
    explicit Clients(const cli::StateFolder& state);

    std::unique_ptr<v1::WalletService::Stub> a;
    std::unique_ptr<v1::WalletService::Stub> g;
    std::unique_ptr<v1::BankService::Stub> bank;
    std::unique_ptr<v1::RailService::Stub> g_rail;
    std::unique_ptr<v1::RailAdminService::Stub> g_admin;
    std::unique_ptr<v1::RailAdminService::Stub> bank_admin;

    /// Opens gcash's wallets: keeper keeps tokens, paid is paid in fiat, picky rejects, shut is
    /// paid in fiat and its rail refuses.
    void open_beneficiaries();
    /// Everything a customer of alipayhk does, under ids of this round; false until all of it has
    /// come to its end. Repeats what was not answered.
    bool live(const std::string& round);
    /// Of the remittances of a round, for a message.
    std::string states(const std::string& round);
    /// Hands over so many sends of 1.00 HKD from one funded wallet to keeper and waits for their
    /// end; how many ended CREDITED.
    int send_many(int count);
    /// Hands over one more send of 1.00 HKD to keeper, as far as somebody answers.
    void trade();
    /// Checks states, amounts and the rail's paid counts of a round that has ended.
    /// `paid_minor`: what 10.00 HKD may have become, at the makers' rates.
    void check(const std::string& round, const std::set<std::int64_t>& paid_minor = {7'458});
    /// Ledger and rail books agree at both operators, and at the bank once its windows are settled.
    void check_books();

private:
    int trades_ = 0;
    bool fund(const std::string& wallet, const Bytes& ramp_id, std::int64_t minor);
    bool send_all(const std::string& wallet, const std::string& round);
    [[nodiscard]] std::string state_of(const Bytes& uetr);
};

/// The configuration of one gateway or rail process of a devnet.
Settings settings_of(const cli::StateFolder& state, GatewayKind kind, const std::string& name);

/// A channel to that process under the certificate in the folder.
std::shared_ptr<grpc::Channel> channel_to(const Settings& settings,
                                          const std::filesystem::path& certificate);

/// A UUID v4 that depends on the text alone.
Bytes test_id(const std::string& text);

}  // namespace remit::gateway
