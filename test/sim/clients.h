#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "ledger/fx.h"
#include "ledger/operation.h"
#include "test/sim/simulated_node.h"
#include "test/support/ledger/network.h"

namespace remit::sim {

/// Everybody outside the validators: operators' gateways, the maker and the clearing bank. They
/// ask any node that is up, ask again when it is silent, and go on when an answer is final.
class Clients {
public:
    using Receipts = std::vector<ledger::Receipt>;
    using Done = std::function<void(const Receipts&)>;

    Clients(SharedWorld world, std::vector<std::unique_ptr<SimulatedNode>>& nodes,
            const ledger::ChainId& chain_id);

    /// Opens wallets, funds them, publishes marks, then sends remittances until `count` are on
    /// their way, each to one of its possible ends.
    void begin(std::uint64_t count);
    /// One more remittance, for the liveness phase.
    void send_one();
    /// Of the newest remittance that was credited twice as much is to go back.
    void return_too_much();

    [[nodiscard]] bool idle() const { return open_requests_ == 0 && running_ == 0; }
    [[nodiscard]] std::uint64_t finished() const { return finished_; }
    /// Without those refused as older windows are not settled: that ends by itself.
    [[nodiscard]] std::uint64_t concluded() const { return finished_ - put_off_; }
    /// Remittances whose money reached the payee's side.
    [[nodiscard]] std::uint64_t accepted() const { return accepted_; }
    [[nodiscard]] std::uint64_t answers() const { return final_.size(); }
    [[nodiscard]] std::string stuck() const;
    /// Every final answer, to be compared with the nodes' books at the end.
    [[nodiscard]] const std::map<Hash, Receipts>& final_answers() const { return final_; }

private:
    struct Side {
        std::string name;
        ledger::ParticipantId id;
        ledger::AssetId asset;
        std::vector<ledger::CustomerTag> wallets;
    };
    struct Request {
        Bytes item;
        Hash id;
        std::string what;
        Done done;
        bool answered = false;
    };
    struct Signer {
        std::string name;
        KeyPurpose purpose = KeyPurpose::operate;
    };

    void request(const Signer& signer, std::vector<ledger::Operation> operations, Done done);
    void attempt(const std::shared_ptr<Request>& request);
    void answer(const std::shared_ptr<Request>& request, const node::SubmitAnswer& answer);
    void open_wallets(Side& side);
    void publish_marks();
    void remit();
    void prepare(ledger::Prepare prepare, const Side& payer, const Side& payee, int fate);
    void decide(const ledger::Prepare& prepare, const Side& payer, const Side& payee, int fate);
    void credit(const ledger::Prepare& prepare, const Side& payer, const Side& payee, int fate);
    void give_back(const ledger::Prepare& prepare, const Side& payer, const Side& payee);
    void finish();
    void settle();
    // What must be refused, or change nothing (clients_misuse.cpp).
    void fund_again(const Side& side, const std::vector<ledger::Operation>& money);
    void redeem(const Side& side);
    void pay_out(const Side& side, const ledger::PayoutId& payout);
    void refund_paid(const Side& side, const ledger::PayoutId& payout);
    void govern_alone();
    [[nodiscard]] ledger::Quote quote(const Side& payer, const Side& payee, ledger::Minor source);
    [[nodiscard]] std::int64_t wall_ms() const;
    [[nodiscard]] SimulatedNode* any_node(bool honest);

    SharedWorld world_;
    std::vector<std::unique_ptr<SimulatedNode>>& nodes_;
    ledger::ChainId chain_id_;
    test::Prng random_;
    Side a_;
    Side g_;
    std::vector<ledger::Quote> used_quotes_;
    std::optional<ledger::Prepare> credited_;  // the newest one
    std::uint64_t to_send_ = 0;
    std::uint64_t running_ = 0;
    std::uint64_t finished_ = 0;
    std::uint64_t put_off_ = 0;
    std::uint64_t accepted_ = 0;
    std::uint64_t open_requests_ = 0;
    std::uint64_t nonce_ = 0;
    std::uint64_t waiting_to_start_ = 0;
    bool settling_ = false;
    std::map<Hash, std::string> open_;
    std::map<Hash, Receipts> final_;
};

}  // namespace remit::sim
