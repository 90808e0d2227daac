#include <algorithm>

#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/devnet/devnet.h"

namespace remit::devnet {
namespace {

namespace api = gateway::v1;

struct Sample {
    std::string name;
    std::uint32_t operator_id;
    std::int64_t fiat_minor;
    std::int64_t fund_minor;
};

Status<cli::Failure> open_wallet(const Network& network, const SampleWallet& wallet,
                                 const Sample& sample) {
    const auto* process = network.of(ProcessKind::wallet, sample.operator_id);
    constexpr int patience_ms = 5'000;
    TRY_ASSIGN(const auto channel,
               cli::connect(network, *process, wallet.operator_name, patience_ms));
    const auto stub = api::WalletService::NewStub(channel);
    api::OpenWalletRequest open;
    open.set_name(wallet.name);
    open.set_currency(wallet.currency);
    open.set_rail_opening_minor(sample.fiat_minor);
    open.set_wait_ms(cli::wait_ms_max);
    TRY(cli::call(*stub, &api::WalletService::Stub::OpenWallet, open, cli::CallKind::write,
                  process->name, cli::wait_ms_max));
    api::OnRampRequest fund;
    // Drawn from the name: a repeated `up` funds nobody twice.
    const auto id = hash(domain::account, {wallet.name, "@", wallet.operator_name});
    fund.set_request_id(Bytes(id.view().substr(0, Uuid::size)));
    fund.set_wallet(wallet.name);
    fund.set_currency(wallet.currency);
    fund.set_amount_minor(sample.fund_minor);
    fund.set_wait_ms(cli::wait_ms_max);
    TRY_ASSIGN(const auto funded, cli::call(*stub, &api::WalletService::Stub::OnRamp, fund,
                                            cli::CallKind::write, process->name, cli::wait_ms_max));
    if (funded.has_refusal()) {
        return fail(cli::failure_of(funded.refusal()));
    }
    if (funded.progress() != api::PROGRESS_DONE) {
        return fail(cli::Failure{"NOT_READY", "funding " + wallet.name + " takes too long",
                                 "see " + process->log_file().string(), cli::ExitCode::unhealthy});
    }
    return {};
}

}  // namespace

Status<cli::Failure> open_samples(Network& network, const Progress& progress) {
    if (network.of_kind(ProcessKind::wallet).empty()) {
        return {};
    }
    const Sample samples[] = {{"alice", id_of(Place::payer_operator), 2'000'000, 500'000},
                              {"bob", id_of(Place::payee_operator), 5'000'000, 1'000'000}};
    for (const auto& sample : samples) {
        const auto name = network.member_name(sample.operator_id);
        TRY_ASSIGN(const auto* member, network.member(name));
        const SampleWallet wallet{sample.name, name, member->currency};
        progress("opening " + sample.name + "'s wallet at " + name);
        TRY(open_wallet(network, wallet, sample));
        const bool known =
            std::any_of(network.wallets.begin(), network.wallets.end(),
                        [&](const auto& other) { return other.name == wallet.name; });
        if (!known) {
            network.wallets.push_back(wallet);
        }
    }
    return network.save();
}

}  // namespace remit::devnet
