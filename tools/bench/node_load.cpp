#include <future>
#include <thread>

#include "node/seams/random.h"
#include "tools/bench/load.h"
#include "tools/bench/market.h"
#include "tools/bench/pace.h"
#include "tools/bench/submitter.h"
#include "tools/cli/signing.h"
#include "tools/devnet/plan.h"
#include "tools/devnet/process.h"

namespace remit::bench {
namespace {

using cli::Failure;
using devnet::Place;
using ledger::Operation;

/// Everything the client threads share.
struct Load {
    const LoadPlan& plan;
    Submitter& submitter;
    Market& market;
    const Side& hkd;
    const Side& php;
    const SecretKey& hkd_key;
    const SecretKey& php_key;
    Pace pace;
    const LoadProgress& progress;
    std::atomic<std::size_t> ended{0};
    std::mutex mutex{};
    LoadReport report{};
    std::optional<Failure> failure{};
};

/// Remittances of one envelope that went through so far.
struct Group {
    std::vector<Uuid> uetrs;
    std::map<std::string, std::size_t> ended;
    std::map<std::string, std::size_t> refusals;
    std::string last_state;
};

/// An envelope holds at most 256 KiB: a larger group goes in several at once.
constexpr std::size_t envelope_operations_max = 500;

/// Receipts of all operations, in their order.
Result<std::vector<v1::Receipt>, Failure> submit_all(Submitter& submitter, const Side& signer,
                                                     const SecretKey& key,
                                                     std::vector<Operation> operations) {
    using Answer = Result<std::vector<v1::Receipt>, Failure>;
    std::vector<std::future<Answer>> parts;
    for (std::size_t first = 0; first < operations.size(); first += envelope_operations_max) {
        const auto last = std::min(first + envelope_operations_max, operations.size());
        std::vector<Operation> part(
            std::make_move_iterator(operations.begin() + static_cast<std::ptrdiff_t>(first)),
            std::make_move_iterator(operations.begin() + static_cast<std::ptrdiff_t>(last)));
        const auto policy = operations.size() <= envelope_operations_max ? std::launch::deferred
                                                                         : std::launch::async;
        parts.push_back(std::async(policy, [&, part = std::move(part)]() mutable {
            return submitter.submit(signer.operator_id, key, std::move(part));
        }));
    }
    std::vector<v1::Receipt> receipts;
    for (auto& part : parts) {
        TRY_ASSIGN(auto answer, part.get());
        receipts.insert(receipts.end(), answer.begin(), answer.end());
    }
    return receipts;
}

/// Submits and keeps those that succeeded; the others have ended with `failed_state`.
Status<Failure> step(Load& load, Group& group, const Side& signer, const SecretKey& key,
                     std::vector<Operation> operations, const std::string& done_state,
                     const std::string& failed_state) {
    if (operations.empty()) {
        return {};
    }
    TRY_ASSIGN(const auto receipts, submit_all(load.submitter, signer, key, std::move(operations)));
    std::vector<Uuid> alive;
    for (std::size_t i = 0; i < group.uetrs.size() && i < receipts.size(); ++i) {
        if (receipts[i].has_refusal()) {
            group.refusals[receipts[i].refusal().name()] += 1;
            group.ended[failed_state] += 1;
        } else {
            alive.push_back(group.uetrs[i]);
        }
    }
    group.uetrs = std::move(alive);
    group.last_state = done_state;
    return {};
}

/// One envelope's remittances, from prepare to credit.
Status<Failure> run_group(Load& load, const Pace::Item& item) {
    const bool forth = item.index % 2 == 0;
    const Side& from = forth ? load.hkd : load.php;
    const Side& to = forth ? load.php : load.hkd;
    const SecretKey& from_key = forth ? load.hkd_key : load.php_key;
    const SecretKey& to_key = forth ? load.php_key : load.hkd_key;
    const auto share = share_of(load.plan, item.index);
    Group group;
    std::vector<Operation> operations;
    for (auto number = share.first; number < share.first + share.count; ++number) {
        auto prepare = load.market.prepare(from, to, number);
        group.uetrs.push_back(prepare.uetr);
        operations.emplace_back(std::move(prepare));
    }
    const auto all = group.uetrs;
    const auto started = load.plan.rate > 0 ? item.due : Clock::now();
    TRY(step(load, group, from, from_key, std::move(operations), "PREPARED", "REFUSED"));
    const auto final_us = us_since(started);
    operations.clear();
    const auto list_hash = hash(domain::account, "bench");
    for (const auto& uetr : group.uetrs) {
        operations.emplace_back(ledger::Accept{uetr, {list_hash, 0}});
    }
    TRY(step(load, group, to, to_key, std::move(operations), "COMMITTED", "PREPARED"));
    operations.clear();
    for (const auto& uetr : group.uetrs) {
        operations.emplace_back(ledger::ConfirmCredit{uetr, to_text(uetr), false});
    }
    TRY(step(load, group, to, to_key, std::move(operations), "CREDITED", "COMMITTED"));
    const auto whole_us = us_since(started);
    const std::lock_guard lock(load.mutex);
    for (const auto& uetr : all) {
        load.report.final.add(final_us);
        load.report.whole.add(whole_us);
        load.report.uetrs.push_back(to_text(uetr));
    }
    load.report.submitted += all.size();
    if (!group.uetrs.empty()) {
        load.report.by_state[group.last_state] += group.uetrs.size();
    }
    for (const auto& [state, count] : group.ended) {
        load.report.by_state[state] += count;
    }
    for (const auto& [code, count] : group.refusals) {
        load.report.refusals[code] += count;
    }
    load.ended += all.size();
    return {};
}

void run_client(Load& load) {
    while (const auto item = load.pace.next()) {
        if (auto done = run_group(load, *item); !done) {
            const std::lock_guard lock(load.mutex);
            load.failure = done.error();
            return;
        }
        load.progress(load.ended);
    }
}

Side make_side(const devnet::Network& network, Place place, std::uint16_t asset,
               std::size_t wallets) {
    node::SystemRandom random;
    Side side{{devnet::id_of(place)}, network.member_name(devnet::id_of(place)), {asset}, {}};
    for (std::size_t i = 0; i < wallets; ++i) {
        side.tags.push_back(random.draw<ledger::CustomerTag>());
    }
    return side;
}

/// Opens and funds the accounts, a thousand operations an envelope.
Status<Failure> fund(Submitter& submitter, const Side& side, const SecretKey& key,
                     std::int64_t amount_minor) {
    constexpr std::size_t group = 500;
    for (std::size_t first = 0; first < side.tags.size(); first += group) {
        std::vector<Operation> operations;
        for (auto i = first; i < std::min(first + group, side.tags.size()); ++i) {
            operations.emplace_back(ledger::OpenAccount{side.asset, side.tags[i]});
            operations.emplace_back(ledger::FundWallet{side.asset, side.tags[i], amount_minor,
                                                       "bench-" + side.tags[i].hex()});
        }
        TRY_ASSIGN(const auto receipts,
                   submitter.submit(side.operator_id, key, std::move(operations)));
        for (const auto& receipt : receipts) {
            if (receipt.has_refusal()) {
                return fail(cli::failure_of(receipt.refusal()));
            }
        }
    }
    return {};
}

std::size_t total(const std::map<std::string, std::size_t>& counts) {
    std::size_t sum = 0;
    for (const auto& [name, count] : counts) {
        sum += count;
    }
    return sum;
}

Status<Failure> check_no_gateways(const devnet::Network& network) {
    for (const auto* gateway : network.of_kind(devnet::ProcessKind::wallet)) {
        if (devnet::running_process(gateway->pid_file())) {
            return fail(Failure{"GATEWAYS_RUNNING",
                                gateway->name + " would reject money for wallets it does not know",
                                "use --through gateways, or a network of remit devnet up --bare",
                                cli::ExitCode::bad_configuration});
        }
    }
    return {};
}

}  // namespace

Result<LoadReport, Failure> run_node_load(const devnet::Network& network, const LoadPlan& plan,
                                          const LoadProgress& progress) {
    TRY(check_no_gateways(network));
    TRY_ASSIGN(const auto submitter, Submitter::open(network));
    const auto key_of = [&](Place place, KeyPurpose purpose) {
        return cli::read_member_key(network, network.member_name(devnet::id_of(place)), purpose);
    };
    TRY_ASSIGN(const auto hkd_key, key_of(Place::payer_operator, KeyPurpose::operate));
    TRY_ASSIGN(const auto php_key, key_of(Place::payee_operator, KeyPurpose::operate));
    TRY_ASSIGN(const auto bank_key, key_of(Place::bank, KeyPurpose::bank));
    TRY_ASSIGN(auto quote_key, key_of(Place::maker, KeyPurpose::quote));
    const auto half = std::max<std::size_t>(1, plan.wallets / 2);
    const auto hkd = make_side(network, Place::payer_operator, devnet::hkd_id, half);
    const auto php = make_side(network, Place::payee_operator, devnet::php_id, half);
    const auto now = cli::wall_clock_ms();
    Market market(network, std::move(quote_key), static_cast<std::uint64_t>(now), now);
    TRY_ASSIGN(const auto marked,
               submitter->submit({devnet::id_of(Place::bank)}, bank_key, market.marks()));
    for (const auto& receipt : marked) {
        if (receipt.has_refusal()) {
            return fail(cli::failure_of(receipt.refusal()));
        }
    }
    // A quarter of the reserve for all of a run's wallets: several runs fit.
    constexpr std::int64_t hkd_total_minor = 500'000'000;
    constexpr std::int64_t php_total_minor = 3'500'000'000;
    TRY(fund(*submitter, hkd, hkd_key, hkd_total_minor / static_cast<std::int64_t>(half)));
    TRY(fund(*submitter, php, php_key, php_total_minor / static_cast<std::int64_t>(half)));
    const auto groups = (plan.remittances + plan.batch - 1) / plan.batch;
    const auto envelopes_before = total(submitter->envelopes());
    const auto started = Clock::now();
    Load load{
        plan,    *submitter, market,  hkd,
        php,     hkd_key,    php_key, Pace(groups, plan.rate / static_cast<double>(plan.batch)),
        progress};
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
    load.report.envelopes = submitter->envelopes();
    load.report.retries = submitter->retries();
    load.report.signature_checks =
        devnet::organisations *
        (total(load.report.envelopes) - envelopes_before + load.report.submitted);
    return std::move(load.report);
}

}  // namespace remit::bench
