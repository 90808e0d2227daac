#include "test/sim/colluding_twins.h"

#include "ledger/wire/encode.h"
#include "ledger/wire/envelope.h"
#include "test/sim/comparison.h"
#include "test/sim/genesis.h"
#include "test/sim/simulated_node.h"

namespace remit::sim {

namespace {

/// One honest validator and a process of each twin: validators h, 2 and 3, where h is 0 or 1.
class Half {
public:
    Half(const SharedWorld& world, std::size_t honest, Comparison& comparison)
        : world_(world), honest_(honest) {
        for (const std::size_t index : {honest, std::size_t{2}, std::size_t{3}}) {
            auto node = std::make_unique<SimulatedNode>(
                world, index, test::Network::key(validator_name(index), KeyPurpose::validate));
            if (index != honest) {
                node->capture([this, index, &comparison](std::size_t to, ByteView bytes) {
                    comparison.see(bytes);
                    world_.scheduler.after(
                        2, [this, index, to, bytes = Bytes(bytes)] { deliver(index, to, bytes); });
                });
            }
            nodes_[index] = std::move(node);
        }
    }
    void boot() {
        for (auto& [index, node] : nodes_) {
            node->boot();
        }
        for (auto& [index, node] : nodes_) {
            for (const auto& [peer, other] : nodes_) {
                if (peer != index) {
                    node->peer_up(peer);
                }
            }
        }
    }
    void deliver(std::size_t from, std::size_t to, const Bytes& bytes) {
        if (const auto found = nodes_.find(to); found != nodes_.end()) {
            found->second->deliver(from, bytes);
        }
    }
    SimulatedNode& honest() { return *nodes_.at(honest_); }

private:
    SharedWorld world_;
    std::size_t honest_;
    std::map<std::size_t, std::unique_ptr<SimulatedNode>> nodes_;
};

/// Something to order that the other half does not have.
Bytes an_item(const node::Chain& chain, test::Prng& random) {
    ledger::Transaction transaction;
    transaction.participant = ledger::ParticipantId{1};
    transaction.client_key = random.draw<ledger::ClientKey>();
    transaction.valid_until = BlockTime{chain.genesis.time.ms + 3'600'000};
    transaction.operations.emplace_back(
        ledger::OpenAccount{.asset = test::hkd, .tag = random.draw<ledger::CustomerTag>()});
    return ledger::wire::item_of(ledger::wire::sign_transaction(
        transaction, test::Network::key("A", KeyPurpose::operate), chain.id));
}

}  // namespace

std::optional<Fork> fork_by_colluding_twins(std::uint64_t seed, bool commits_only) {
    const auto genesis_file = ledger::encode_genesis(sim_genesis({}));
    const auto chain = chain_from(genesis_file);
    Scheduler scheduler(seed);
    const Profile profile;
    std::map<std::size_t, Half*> halves;
    FaultScript lost;
    Comparison comparison(chain);
    Links links(scheduler, seed, profile, nullptr, lost,
                [&](std::size_t from, std::size_t to, const Bytes& bytes) {
                    comparison.see(bytes);
                    halves.at(from)->deliver(from, to, bytes);
                });
    ConsensusOracle consensus(chain.id, chain.validators, chain.params, chain.genesis.epoch_blocks);
    consensus.set_byzantine(2);
    consensus.set_byzantine(3);
    if (commits_only) {
        consensus.judge_commits_only();
    }
    MoneyOracle money;
    RarePoints rare(seed, false);
    const SharedWorld world{scheduler, links, chain, genesis_file, profile,
                            consensus, money, rare,  seed,         chain.genesis.time.ms};
    Half first(world, 0, comparison);
    Half second(world, 1, comparison);
    halves = {{0, &first}, {1, &second}};
    test::Prng random(seed, "clients");
    std::optional<Breach> breach;
    std::int64_t until_ms = 20'000;
    const auto careful = [&](const auto& step) {
        try {
            return step();
        } catch (const Breach& seen) {
            if (!breach) {
                breach = seen;
                // What honest ones sent until then arrives, and with it what the twins make of it.
                constexpr std::int64_t all_arrived_ms = 1000;
                until_ms = scheduler.now_ms() + all_arrived_ms;
            }
            first.honest().crash(false);
            second.honest().crash(false);
            return true;
        }
    };
    for (auto* half : {&first, &second}) {
        careful([&] {
            half->boot();
            return half->honest().submit(an_item(chain, random), 0,
                                         [](const node::SubmitAnswer&) {});
        });
    }
    while (careful([&] { return scheduler.run_next(until_ms); })) {
    }
    if (!breach) {
        return std::nullopt;
    }
    const std::set<PublicKey> twins{chain.validators.key(2), chain.validators.key(3)};
    return Fork{.breach = *breach,
                .guilty = comparison.guilty(),
                .names_the_twins = comparison.guilty() == twins};
}

}  // namespace remit::sim
