#include <mutex>
#include <thread>

#include "tools/bench/load.h"
#include "tools/bench/pace.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/devnet/plan.h"

namespace remit::bench {
namespace {

namespace api = gateway::v1;
using cli::Failure;
using Stub = api::WalletService::Stub;

constexpr int call_ms = 60'000;

/// One operator's gateway and the wallets of the load there.
struct Desk {
    std::uint32_t operator_id = 0;
    std::string name;
    std::string currency;
    std::int64_t amount_minor_min = 0;  // of a remittance; the largest is five times as much
    std::unique_ptr<Stub> stub;
    std::vector<std::string> wallets;
};

struct Load {
    const LoadPlan& plan;
    Desk& hkd;
    Desk& php;
    Pace pace;
    const LoadProgress& progress;
    std::atomic<std::size_t> ended{0};
    std::mutex mutex{};
    LoadReport report{};
    std::optional<Failure> failure{};
};

Result<Desk, Failure> open_desk(const devnet::Network& network, devnet::Place place,
                                const LoadPlan& plan) {
    const auto id = devnet::id_of(place);
    const auto* process = network.of(devnet::ProcessKind::wallet, id);
    if (process == nullptr) {
        return cli::usage("this network has no wallet gateways", "use --through nodes");
    }
    constexpr int connect_ms = 3'000;
    TRY_ASSIGN(const auto* member, network.member(network.member_name(id)));
    TRY_ASSIGN(const auto channel, cli::connect(network, *process, member->name, connect_ms));
    // About equal values in both currencies, so that the two directions nearly net.
    const std::int64_t amount_minor_min = place == devnet::Place::payer_operator ? 1'000 : 7'500;
    Desk desk{
        id, process->name, member->currency, amount_minor_min, api::WalletService::NewStub(channel),
        {}};
    for (std::size_t i = 0; i < std::max<std::size_t>(1, plan.wallets / 2); ++i) {
        desk.wallets.push_back(plan.wallet_prefix + "-" + std::to_string(i));
    }
    return desk;
}

/// Opens one wallet with fiat at its rail and takes it on-ramp.
Status<Failure> fund_wallet(const Desk& desk, const std::string& wallet,
                            std::int64_t amount_minor) {
    api::OpenWalletRequest open;
    open.set_name(wallet);
    open.set_currency(desk.currency);
    open.set_rail_opening_minor(amount_minor);
    open.set_wait_ms(cli::wait_ms_max);
    TRY(cli::call(*desk.stub, &Stub::OpenWallet, open, cli::CallKind::write, desk.name, call_ms));
    api::OnRampRequest fund;
    fund.set_request_id(cli::new_uuid().bytes());
    fund.set_wallet(wallet);
    fund.set_currency(desk.currency);
    fund.set_amount_minor(amount_minor);
    fund.set_wait_ms(cli::wait_ms_max);
    TRY_ASSIGN(const auto funded, cli::call(*desk.stub, &Stub::OnRamp, fund, cli::CallKind::write,
                                            desk.name, call_ms));
    if (funded.has_refusal()) {
        return fail(cli::failure_of(funded.refusal()));
    }
    if (funded.progress() != api::PROGRESS_DONE) {
        return fail(Failure{"OUTCOME_UNKNOWN", "funding " + wallet + " takes too long",
                            "see remit gateway status " + desk.name,
                            cli::ExitCode::outcome_unknown});
    }
    return {};
}

Status<Failure> fund_all(const Desk& desk, std::int64_t amount_minor) {
    constexpr std::size_t workers = 24;
    Pace pace(desk.wallets.size(), 0);
    std::mutex mutex;
    std::optional<Failure> failure;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < workers; ++i) {
        threads.emplace_back([&] {
            while (const auto item = pace.next()) {
                if (auto done = fund_wallet(desk, desk.wallets[item->index], amount_minor); !done) {
                    const std::lock_guard lock(mutex);
                    failure = done.error();
                    return;
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    return failure ? Status<Failure>(fail(*failure)) : Status<Failure>{};
}

api::SendRemittancesRequest group_request(const Load& load, const Desk& from, const Desk& to,
                                          const Share& share) {
    api::SendRemittancesRequest request;
    for (auto number = share.first; number < share.first + share.count; ++number) {
        const auto steps = static_cast<std::size_t>(from.amount_minor_min) * 4 + 1;
        auto& send = *request.add_remittances();
        send.set_uetr(cli::new_uuid().bytes());
        send.set_from_wallet(from.wallets[number % from.wallets.size()]);
        send.set_from_currency(from.currency);
        send.set_payee_operator_id(to.operator_id);
        send.set_payee_wallet(to.wallets[number * 31 % to.wallets.size()]);
        send.set_payee_currency(to.currency);
        send.set_fixed(v1::FIXED_SIDE_SEND);
        send.set_amount_minor(from.amount_minor_min +
                              static_cast<std::int64_t>(number * 2'654'435'761 % steps));
        send.set_purpose("OTHR");
        send.set_end_to_end_id(load.plan.wallet_prefix + "-" + std::to_string(number));
    }
    return request;
}

/// Asks after each remittance of a group until all have ended.
Status<Failure> await_group(Load& load, const Desk& from, const api::SendRemittancesRequest& sent) {
    const auto until = Clock::now() + std::chrono::seconds(120);
    std::vector<std::string> open;
    for (const auto& send : sent.remittances()) {
        open.push_back(send.uetr());
    }
    while (!open.empty()) {
        std::vector<std::string> still;
        for (const auto& uetr : open) {
            api::GetSendRequest request;
            request.set_uetr(uetr);
            TRY_ASSIGN(const auto answer, cli::call(*from.stub, &Stub::GetSend, request,
                                                    cli::CallKind::read, from.name, call_ms));
            if (answer.progress() != api::PROGRESS_DONE &&
                answer.progress() != api::PROGRESS_REFUSED &&
                answer.progress() != api::PROGRESS_PARKED) {
                still.push_back(uetr);
                continue;
            }
            const std::lock_guard lock(load.mutex);
            auto& report = load.report;
            report.by_state[answer.state().empty() ? "NOT_SENT" : answer.state()] += 1;
            if (answer.has_refusal()) {
                report.refusals[answer.refusal().name()] += 1;
            }
            constexpr std::int64_t us_per_ms = 1'000;
            if (answer.prepared_at_ms() != 0) {
                report.final.add((answer.prepared_at_ms() - answer.submitted_at_ms()) * us_per_ms);
            }
            if (answer.ended_at_ms() != 0) {
                report.whole.add((answer.ended_at_ms() - answer.submitted_at_ms()) * us_per_ms);
            }
            load.ended += 1;
        }
        open = std::move(still);
        load.progress(load.ended);
        if (!open.empty() && Clock::now() > until) {
            return fail(Failure{"OUTCOME_UNKNOWN",
                                std::to_string(open.size()) + " remittances have not ended, " +
                                    cli::uuid_text(open.front()) + " among them",
                                "see remit remittance show, or the gateway's log",
                                cli::ExitCode::outcome_unknown});
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(open.empty() ? 0 : 100));
    }
    return {};
}

Status<Failure> run_group(Load& load, const Pace::Item& item) {
    const bool forth = item.index % 2 == 0;
    const Desk& from = forth ? load.hkd : load.php;
    const Desk& to = forth ? load.php : load.hkd;
    const auto request = group_request(load, from, to, share_of(load.plan, item.index));
    TRY(cli::call(*from.stub, &Stub::SendRemittances, request, cli::CallKind::write, from.name,
                  call_ms));
    {
        const std::lock_guard lock(load.mutex);
        load.report.submitted += static_cast<std::size_t>(request.remittances_size());
        for (const auto& send : request.remittances()) {
            load.report.uetrs.push_back(cli::uuid_text(send.uetr()));
        }
    }
    return await_group(load, from, request);
}

void run_client(Load& load) {
    while (const auto item = load.pace.next()) {
        if (auto done = run_group(load, *item); !done) {
            const std::lock_guard lock(load.mutex);
            load.failure = done.error();
            return;
        }
    }
}

}  // namespace

Result<LoadReport, Failure> run_gateway_load(const devnet::Network& network, const LoadPlan& plan,
                                             const LoadProgress& progress) {
    TRY_ASSIGN(auto hkd, open_desk(network, devnet::Place::payer_operator, plan));
    TRY_ASSIGN(auto php, open_desk(network, devnet::Place::payee_operator, plan));
    // What each wallet may come to send: its share of the load at the largest amount, and more.
    const auto sends = static_cast<std::int64_t>(plan.remittances / hkd.wallets.size() + 2);
    constexpr std::int64_t times_min = 10;
    TRY(fund_all(hkd, sends * hkd.amount_minor_min * times_min));
    TRY(fund_all(php, sends * php.amount_minor_min * times_min));
    const auto groups = (plan.remittances + plan.batch - 1) / plan.batch;
    const auto started = Clock::now();
    Load load{plan, hkd, php, Pace(groups, plan.rate / static_cast<double>(plan.batch)), progress};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < std::min(plan.clients, groups); ++i) {
        threads.emplace_back([&] { run_client(load); });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    if (load.failure) {
        return fail(*load.failure);
    }
    load.report.seconds = static_cast<double>(us_since(started)) / 1e6;
    return std::move(load.report);
}

}  // namespace remit::bench
