#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "gateway/bank/bank_role.h"
#include "gateway/bank/publisher.h"
#include "gateway/bank/settlement.h"
#include "gateway/engine.h"
#include "gateway/maker/quotes.h"
#include "gateway/wallet/requests.h"
#include "gateway/wallet/wallet_role.h"
#include "test/support/gateway/local_rail.h"
#include "test/support/gateway/rule_ledger.h"
#include "test/support/node/prng.h"

namespace remit::test {

/// One process: what survives its death is the store; the rest is made anew.
class GatewayProcess {
public:
    virtual ~GatewayProcess() = default;
    /// Everything that can be done now. May throw Crash.
    virtual void work() = 0;
    virtual void revive() = 0;
    [[nodiscard]] virtual gateway::Engine& engine() = 0;
};

class World;

/// A wallet operator's gateway.
class WalletProcess final : public GatewayProcess {
public:
    WalletProcess(World& world, const std::string& name);
    void work() override;
    void revive() override;
    [[nodiscard]] gateway::Engine& engine() override { return *life_->engine; }
    [[nodiscard]] gateway::WalletBook& wallets() { return *life_->wallets; }

    /// Each retries until it is written: a caller asks again with the same id.
    void open_wallet(const std::string& name, const std::string& currency, bool pay_out,
                     std::int64_t fiat_minor);
    void on_ramp(const Bytes& id, const std::string& wallet, const std::string& currency,
                 std::int64_t amount_minor);
    void off_ramp(const Bytes& id, const std::string& wallet, const std::string& currency,
                  std::int64_t amount_minor);
    void send(const gateway::v1::SendRemittanceRequest& request, const Bytes& payee_tag);
    void give_back(const Bytes& id, const Bytes& uetr, std::int64_t source_minor);
    void set_wallet(const gateway::v1::Wallet& wallet);
    [[nodiscard]] gateway::v1::Wallet wallet(const std::string& name, const std::string& currency);
    [[nodiscard]] gateway::Saga saga(gateway::v1::SagaKind kind, const Bytes& id);

    [[nodiscard]] LocalRail& rail() { return rail_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::uint32_t id() const { return options_.participant; }

private:
    struct Life {
        std::unique_ptr<gateway::WalletBook> wallets;
        std::unique_ptr<gateway::WalletRole> role;
        std::unique_ptr<gateway::Engine> engine;
        std::deque<gateway::Engine::Job> jobs;
    };
    void try_until_written(const std::function<void()>& act);

    World& world_;
    std::string name_;
    MemoryKv kv_;
    LocalRail rail_;
    SecretKey key_;
    gateway::WalletOptions options_;
    std::unique_ptr<Life> life_;
};

/// The clearing bank's gateway, with maker M1's quotes.
class BankProcess final : public GatewayProcess, public gateway::QuoteSource {
public:
    explicit BankProcess(World& world);
    void work() override;
    void revive() override;
    [[nodiscard]] gateway::Engine& engine() override { return *life_->engine; }
    Result<std::vector<gateway::v1::QuoteAnswer>, gateway::RailSilent> quotes(
        const std::vector<gateway::v1::QuoteRequest>& requests) override;
    [[nodiscard]] LocalRail& rail() { return rail_; }
    [[nodiscard]] const gateway::MarkBook& marks() const { return life_->marks; }

private:
    struct Life {
        gateway::MarkBook marks;
        std::unique_ptr<gateway::BankRole> role;
        std::unique_ptr<gateway::Engine> engine;
        std::unique_ptr<gateway::QuoteDesk> desk;
        std::unique_ptr<gateway::Publisher> publisher;
        std::unique_ptr<gateway::Settlement> settlement;
        std::deque<gateway::Engine::Job> jobs;
    };
    World& world_;
    MemoryKv kv_;
    LocalRail rail_;
    SecretKey key_;
    SecretKey quote_key_;
    std::unique_ptr<Life> life_;
};

/// Operators A (HKD) and G (PHP), the bank with maker M1, their rails, and one ledger.
class World {
public:
    World();

    /// Lets everyone work, dying and coming back where a crash point says so, until nothing moves.
    void settle_down();
    /// Lets time pass, in steps short enough for marks to be renewed.
    void pass(std::int64_t ms);

    [[nodiscard]] std::int64_t tokens(const std::string& operator_name, const std::string& wallet,
                                      const std::string& currency);
    [[nodiscard]] std::string state_of(const Bytes& uetr);
    /// Transfers to customers that reached a rail before the ledger had set the tokens aside.
    [[nodiscard]] const std::vector<std::string>& early_payouts() const { return early_payouts_; }

    Network network;
    RuleLedger ledger;
    ChainClock clock;
    Prng random;
    gateway::Registry registry;
    gateway::ReferenceRates rates;
    std::unique_ptr<BankProcess> bank;
    std::unique_ptr<WalletProcess> a;
    std::unique_ptr<WalletProcess> g;

private:
    /// True when the process died and was brought back.
    bool let_work(GatewayProcess& process);
    bool feed(GatewayProcess& process);
    void judge(const WalletProcess& process, const gateway::v1::Transfer& transfer);

    std::vector<std::string> early_payouts_;
};

/// A send of 1,000.00 HKD from alice at A to bob at G, to be changed as a test needs.
gateway::v1::SendRemittanceRequest a_send(const Bytes& uetr);
/// A UUID v4 that depends on the text alone.
Bytes an_id(const std::string& text);

}  // namespace remit::test
