#include "test/support/gateway/world.h"

#include <stdexcept>

#include "ledger/base/uuid.h"

namespace remit::test {

namespace {

using gateway::Saga;

constexpr const char* ecb_rates =
    "# European Central Bank\n"
    "Date,USD,HKD,PHP,\n"
    "2024-12-31,1.0389,8.0686,60.301,\n";

gateway::Engine::Post into(std::deque<gateway::Engine::Job>& jobs) {
    return [&jobs](gateway::Engine::Job job) { jobs.push_back(std::move(job)); };
}

void run_jobs(std::deque<gateway::Engine::Job>& jobs) {
    while (!jobs.empty()) {
        auto job = std::move(jobs.front());
        jobs.pop_front();
        job();
    }
}

constexpr std::int64_t cash_minor = 100'000'000;  // 1,000,000.00 in each account at the bank
constexpr int rounds_max = 1'000;

}  // namespace

Bytes an_id(const std::string& text) {
    const auto digest = hash(Domain{"test.id"}, text);
    return uuid_v4_from(Uuid::from(digest.view().substr(0, Uuid::size)).value_or(Uuid())).bytes();
}

gateway::v1::SendRemittanceRequest a_send(const Bytes& uetr) {
    gateway::v1::SendRemittanceRequest request;
    request.set_uetr(uetr);
    request.set_from_wallet("alice");
    request.set_from_currency("HKD");
    request.set_payee_operator_id(2);
    request.set_payee_wallet("bob");
    request.set_payee_currency("PHP");
    request.set_amount_minor(100'000);
    return request;
}

WalletProcess::WalletProcess(World& world, const std::string& name)
    : world_(world),
      name_(name),
      rail_(world.clock),
      key_(Network::key(name, KeyPurpose::operate)) {
    options_.participant = world.network.id_of(name).value;
    options_.screening_hash = hash(Domain{"test.list"}, "list").bytes();
    revive();
}

void WalletProcess::revive() {
    life_ = std::make_unique<Life>();
    auto& life = *life_;
    life.wallets = std::make_unique<gateway::WalletBook>(gateway::Journal(kv_), world_.random);
    life.role =
        std::make_unique<gateway::WalletRole>(gateway::WalletParts{.ledger = world_.ledger,
                                                                   .rail = rail_,
                                                                   .quotes = *world_.bank,
                                                                   .wallets = *life.wallets,
                                                                   .registry = world_.registry,
                                                                   .clock = world_.clock},
                                              options_);
    life.engine = std::make_unique<gateway::Engine>(
        gateway::EngineParts{.kv = kv_,
                             .clock = world_.clock,
                             .random = world_.random,
                             .ledger = world_.ledger,
                             .key = key_,
                             .own_rail = &rail_,
                             .clearing_rail = &world_.bank->rail()},
        gateway::EngineOptions{.participant = options_.participant,
                               .chain_id = world_.ledger.chain().chain_id()},
        *life.role, into(life.jobs));
    life.role->bind([engine = life.engine.get()](gateway::v1::SagaKind kind, ByteView id) {
        return engine->find(kind, id);
    });
    life.engine->load();
}

void WalletProcess::work() {
    life_->engine->turn();
    run_jobs(life_->jobs);
}

void WalletProcess::try_until_written(const std::function<void()>& act) {
    try {
        act();
    } catch (const Crash&) {
        revive();
        act();
    }
}

void WalletProcess::open_wallet(const std::string& name, const std::string& currency, bool pay_out,
                                std::int64_t fiat_minor) {
    try_until_written([&] {
        gateway::v1::Wallet wanted;
        wanted.set_name(name);
        wanted.set_currency(currency);
        wanted.set_asset_id(world_.registry.asset_of(currency)->asset_id());
        wanted.set_rail_account(gateway::customer_account(name, currency));
        wanted.set_pay_out(pay_out);
        node::KvBatch batch;
        const auto wallet = life_->wallets->find_or_draw(wanted, batch);
        if (batch.empty()) {
            return;
        }
        Saga saga;
        saga.set_kind(gateway::v1::SAGA_KIND_OPEN_WALLET);
        saga.set_id(wallet.tag());
        saga.set_step(gateway::v1::SAGA_STEP_RAIL_ACCOUNT);
        saga.set_tag(wallet.tag());
        saga.set_asset_id(wallet.asset_id());
        saga.set_currency(currency);
        saga.set_rail_account(wallet.rail_account());
        saga.set_rail_opening_minor(fiat_minor);
        life_->wallets->remember(wallet);
        life_->engine->start({saga}, batch);
    });
}

gateway::v1::Wallet WalletProcess::wallet(const std::string& name, const std::string& currency) {
    return life_->wallets->by_name(name, currency).value();
}

void WalletProcess::set_wallet(const gateway::v1::Wallet& wallet) {
    node::KvBatch batch;
    gateway::WalletBook::put(batch, wallet);
    life_->engine->start({}, batch);
    life_->wallets->remember(wallet);
}

void WalletProcess::on_ramp(const Bytes& id, const std::string& name, const std::string& currency,
                            std::int64_t amount_minor) {
    try_until_written([&] {
        const auto from = wallet(name, currency);
        Saga saga;
        saga.set_kind(gateway::v1::SAGA_KIND_ON_RAMP);
        saga.set_id(id);
        saga.set_step(gateway::v1::SAGA_STEP_COLLECT);
        saga.set_tag(from.tag());
        saga.set_asset_id(from.asset_id());
        saga.set_currency(currency);
        saga.set_amount_minor(amount_minor);
        saga.set_rail_account(from.rail_account());
        life_->engine->start({saga});
    });
}

void WalletProcess::off_ramp(const Bytes& id, const std::string& name, const std::string& currency,
                             std::int64_t amount_minor) {
    try_until_written([&] {
        const auto from = wallet(name, currency);
        Saga saga;
        saga.set_kind(gateway::v1::SAGA_KIND_OFF_RAMP);
        saga.set_id(id);
        saga.set_step(gateway::v1::SAGA_STEP_LOCK);
        saga.set_tag(from.tag());
        saga.set_asset_id(from.asset_id());
        saga.set_currency(currency);
        saga.set_amount_minor(amount_minor);
        saga.set_rail_account(from.rail_account());
        life_->engine->start({saga});
    });
}

void WalletProcess::send(const gateway::v1::SendRemittanceRequest& request,
                         const Bytes& payee_tag) {
    try_until_written([&] {
        auto saga =
            gateway::send_saga(request, payee_tag,
                               {.from = wallet(request.from_wallet(), request.from_currency()),
                                .registry = world_.registry,
                                .expires_in_ms = options_.expires_in_ms,
                                .screening_hash = options_.screening_hash,
                                .now_ms = world_.clock.wall_ms()},
                               world_.random);
        if (!saga) {
            throw std::runtime_error(saga.error().text);
        }
        life_->engine->start({std::move(*saga)});
    });
}

void WalletProcess::give_back(const Bytes& id, const Bytes& uetr, std::int64_t source_minor) {
    try_until_written([&] {
        Saga saga;
        saga.set_kind(gateway::v1::SAGA_KIND_GIVE_BACK);
        saga.set_id(id);
        saga.set_uetr(uetr);
        saga.set_step(gateway::v1::SAGA_STEP_RECHECK);
        auto& back = *saga.mutable_give_back();
        back.set_return_id(id);
        back.set_uetr(uetr);
        back.set_source_minor(source_minor);
        back.set_mode(v1::RETURN_MODE_SAME_RATE);
        life_->engine->start({saga});
    });
}

Saga WalletProcess::saga(gateway::v1::SagaKind kind, const Bytes& id) {
    return life_->engine->find(kind, id).value_or(Saga());
}

BankProcess::BankProcess(World& world)
    : world_(world),
      rail_(world.clock),
      key_(Network::key("bank", KeyPurpose::bank)),
      quote_key_(Network::key("M1", KeyPurpose::quote)) {
    for (const auto* currency : {"HKD", "PHP"}) {
        for (const auto* name : {"A", "G", "M1"}) {
            for (const auto* kind : {"reserve", "cover", "own"}) {
                const auto account = std::string(kind) + "/" +
                                     std::to_string(world.network.id_of(name).value) + "/" +
                                     currency;
                rail_.open(account, currency, cash_minor);
            }
        }
        rail_.open(std::string("clearing/") + currency, currency, 0);
    }
    revive();
}

void BankProcess::revive() {
    life_ = std::make_unique<Life>();
    auto& life = *life_;
    const auto maker = world_.network.id_of("M1").value;
    const auto bank = world_.network.id_of("bank").value;
    life.role = std::make_unique<gateway::BankRole>(
        world_.ledger, rail_, world_.registry, life.marks,
        gateway::BankOptions{.participant = bank, .own_maker = maker});
    life.role->load(gateway::Journal(kv_));
    life.engine = std::make_unique<gateway::Engine>(
        gateway::EngineParts{.kv = kv_,
                             .clock = world_.clock,
                             .random = world_.random,
                             .ledger = world_.ledger,
                             .key = key_,
                             .own_rail = &rail_,
                             .clearing_rail = &rail_},
        gateway::EngineOptions{.participant = bank, .chain_id = world_.ledger.chain().chain_id()},
        *life.role, into(life.jobs));
    life.engine->load();
    life.desk = std::make_unique<gateway::QuoteDesk>(
        life.engine->journal(), life.marks, world_.registry, quote_key_, world_.clock,
        world_.random,
        gateway::MakerOptions{.participant = maker, .chain_id = world_.ledger.chain().chain_id()});
    life.publisher = std::make_unique<gateway::Publisher>(
        *life.engine, world_.ledger, rail_, world_.registry, world_.rates, life.marks,
        world_.random, gateway::PublisherOptions{.participant = bank});
    life.settlement = std::make_unique<gateway::Settlement>(
        *life.engine, world_.ledger, rail_, world_.registry, gateway::SettlementOptions{});
}

void BankProcess::work() {
    life_->publisher->poll(world_.clock.wall_ms());
    life_->settlement->poll(world_.clock.wall_ms());
    life_->engine->turn();
    run_jobs(life_->jobs);
}

Result<std::vector<gateway::v1::QuoteAnswer>, gateway::RailSilent> BankProcess::quotes(
    const std::vector<gateway::v1::QuoteRequest>& requests) {
    try {
        std::vector<gateway::v1::QuoteAnswer> answers;
        for (const auto& request : requests) {
            answers.push_back(life_->desk->quote(request));
        }
        return answers;
    } catch (const Crash&) {
        revive();
        return fail(gateway::RailSilent{"the maker's gateway died"});
    }
}

World::World()
    : ledger(network),
      clock(ledger.chain()),
      random(1, "gateway"),
      registry(gateway::Registry::from(*ledger.participants())),
      rates(*gateway::parse_rates(ecb_rates)) {
    bank = std::make_unique<BankProcess>(*this);
    a = std::make_unique<WalletProcess>(*this, "A");
    g = std::make_unique<WalletProcess>(*this, "G");
    a->rail().open("operator/HKD", "HKD", cash_minor);
    a->rail().open("operator/PHP", "PHP", cash_minor);
    g->rail().open("operator/HKD", "HKD", cash_minor);
    g->rail().open("operator/PHP", "PHP", cash_minor);
    for (auto* process : {a.get(), g.get()}) {
        process->rail().on_transfer = [this, process](const gateway::v1::Transfer& transfer) {
            judge(*process, transfer);
        };
    }
    settle_down();
}

/// Money may leave for a customer once his tokens are locked, or the remittance is committed.
void World::judge(const WalletProcess& process, const gateway::v1::Transfer& transfer) {
    const std::string off_ramp = "off-ramp/";
    bool covered = true;
    if (!transfer.uetr().empty()) {
        const auto uetr = uuid_from_text(transfer.uetr());
        const auto state = uetr ? state_of(uetr->bytes()) : "";
        covered = state == "COMMITTED" || state == "CREDITED";
    } else if (transfer.transfer_id().starts_with(off_ramp)) {
        const auto payout = uuid_from_text(transfer.transfer_id().substr(off_ramp.size()));
        covered = payout && ledger.chain().state().redemption({process.id()}, *payout).has_value();
    }
    if (!covered) {
        early_payouts_.push_back(transfer.transfer_id());
    }
}

bool World::feed(GatewayProcess& process) {
    const auto before = process.engine().next_height();
    const auto watched = ledger.watch(
        before, [&](const auto& block) { return process.engine().apply_block(block); });
    return watched && process.engine().next_height() != before;
}

bool World::let_work(GatewayProcess& process) {
    try {
        process.work();
        return feed(process);
    } catch (const Crash&) {
        process.revive();
        return true;
    }
}

void World::settle_down() {
    int quiet = 0;
    for (int round = 0; round < rounds_max; ++round) {
        const auto height = ledger.chain().height();
        bool moved = false;
        for (GatewayProcess* process :
             {static_cast<GatewayProcess*>(bank.get()), static_cast<GatewayProcess*>(a.get()),
              static_cast<GatewayProcess*>(g.get())}) {
            moved = let_work(*process) || moved;
        }
        quiet = moved || ledger.chain().height() != height ? 0 : quiet + 1;
        constexpr int quiet_rounds = 4;
        constexpr int patience = 80;  // longer than any pause before a retry
        const bool idle =
            bank->engine().is_idle() && a->engine().is_idle() && g->engine().is_idle();
        if (quiet >= (idle ? quiet_rounds : patience)) {
            return;
        }
        ledger.chain().advance(250);  // lets what backs off try again
    }
}

void World::pass(std::int64_t ms) {
    constexpr std::int64_t step = 600'000;
    while (ms > 0) {
        ledger.pass(std::min(ms, step));
        ms -= step;
        settle_down();
    }
}

std::int64_t World::tokens(const std::string& operator_name, const std::string& wallet,
                           const std::string& currency) {
    auto& process = operator_name == "A" ? *a : *g;
    const auto tag = remit::ledger::CustomerTag::from(process.wallet(wallet, currency).tag());
    const auto asset = static_cast<std::uint16_t>(registry.asset_of(currency)->asset_id());
    return ledger.balance(
        remit::ledger::customer_account(network.id_of(operator_name), {asset}, *tag));
}

std::string World::state_of(const Bytes& uetr) {
    const auto remittance = ledger.remittance(uetr);
    return remittance ? remittance->state() : "";
}

}  // namespace remit::test
