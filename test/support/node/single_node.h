#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ledger/state_access.h"
#include "ledger/wire/encode.h"
#include "ledger/wire/envelope.h"
#include "node/replica/executors.h"
#include "node/replica/replica.h"
#include "node/storage/chain.h"
#include "test/support/ledger/network.h"
#include "test/support/node/memory_databases.h"
#include "test/support/node/memory_disk.h"

namespace remit::test {

/// A chain of one validator with the daemon's own objects on memory, for tests of a single node; or
/// the first validator of a larger set, whose peers say what a test makes them say.
class SingleNode final : node::Clock, node::Transport, node::ReplicaObserver, consensus::Signer {
public:
    explicit SingleNode(node::CheckpointPolicy checkpoints = {},
                        const consensus::Params& params = {}, std::size_t validators = 1)
        : key_(Network::key("A", KeyPurpose::validate)), checkpoints_(checkpoints) {
        auto genesis = network.genesis();
        genesis.validators.resize(validators);
        genesis.consensus_params = consensus::encode(params);
        for (const auto asset : {hkd, php}) {
            for (const std::uint32_t id : {1U, 2U, 5U}) {
                genesis.cash.push_back({ledger::ParticipantId{id}, asset, 1'000'000, 1'000'000});
            }
        }
        std::sort(genesis.cash.begin(), genesis.cash.end(), [](const auto& a, const auto& b) {
            return std::pair(a.participant, a.asset) < std::pair(b.participant, b.asset);
        });
        genesis_file = ledger::encode_genesis(genesis);
        auto found = node::chain_of(genesis_file);
        if (!found) {
            throw std::runtime_error(found.error());
        }
        chain = std::move(*found);
    }

    /// Empty when it started, else why not.
    std::string start() {
        checker = std::make_unique<node::ItemChecker>(chain.id);
        reads = std::make_unique<node::ReadModel>(kv, chain.id, chain.validators);
        if (chain.params.snapshot_interval > 0) {
            auto library =
                node::SnapshotLibrary::open({disk, databases, chain, "snapshots", node::at_once});
            if (!library) {
                return library.error().text();
            }
            snapshots = std::move(*library);
        }
        auto opened = node::Execution::open({kv, *this, *checker, *reads, snapshots.get()},
                                            genesis_file, checkpoints_);
        if (!opened) {
            return opened.error().text();
        }
        execution = std::move(*opened);
        executor_ = std::make_unique<node::InlineExecutor>(*execution);
        executor_->set_sink(
            [this](node::ExecutedBlock block) { replica->on_executed(std::move(block)); });
        node::ReplicaConfig config;
        config.engine = chain.engine_config(0);
        config.journal = {"journal", 64 * 1024};
        config.gathered = gathered;
        replica = std::make_unique<node::Replica>(
            std::move(config),
            node::ReplicaParts{*this, random, disk, kv, *this, *this, *executor_, *checker, *reads,
                               *this, nullptr, gathered.empty() ? nullptr : snapshots.get()});
        if (auto started = replica->start(); !started) {
            return started.error().text();
        }
        replica->flush();
        return {};
    }
    /// The process ends here and now; with `power`, unsynced writes are lost in part.
    void stop(bool power) {
        replica.reset();
        executor_.reset();
        execution.reset();
        snapshots.reset();
        reads.reset();
        checker.reset();
        if (power) {
            disk.cut_power(random);
            databases.cut_power(random);
        }
    }
    void run_for(std::int64_t ms) {
        const auto until = now_ms + ms;
        while (now_ms < until) {
            const auto next = replica->next_deadline();
            now_ms = std::min(until, std::max(now_ms + 1, next.value_or(until)));
            replica->on_tick();
            replica->flush();
        }
    }

    /// A signed envelope of operator A that opens an account.
    [[nodiscard]] Bytes opening(std::uint8_t tag, const std::string& signer = "A") {
        ledger::OpenAccount operation{.asset = hkd, .tag = {}};
        operation.tag.data[0] = tag;
        ledger::Transaction transaction;
        transaction.participant = ledger::ParticipantId{1};
        transaction.client_key.data[0] = tag;
        transaction.valid_until = BlockTime{chain.genesis.time.ms + 3'600'000};
        transaction.operations = {operation};
        return ledger::wire::item_of(ledger::wire::sign_transaction(
            transaction, Network::key(signer, KeyPurpose::operate), chain.id));
    }
    /// Hands an item over and returns every answer heard so far in `answers`.
    void submit(Bytes item, std::int64_t wait_ms) {
        replica->submit({std::move(item), wait_ms,
                         [this](node::SubmitAnswer answer) { answers.push_back(answer); }});
        replica->flush();
    }

    Network network;
    Bytes genesis_file;
    node::Chain chain;
    std::int64_t now_ms = 5000;
    Prng random{7, "single node"};
    MemoryDisk disk;
    MemoryDatabases databases;
    MemoryKv& kv = databases.at("db");
    std::vector<node::SubmitAnswer> answers;
    std::vector<std::string> stops;
    std::vector<consensus::Fork> forks;
    std::string gathered;                  ///< set: joins from snapshots, gathered there
    std::vector<consensus::Message> sent;  ///< to the other validators, broadcasts once for each
    std::uint64_t blamed = 0;
    std::unique_ptr<node::ItemChecker> checker;
    std::unique_ptr<node::ReadModel> reads;
    std::unique_ptr<node::SnapshotLibrary> snapshots;
    std::unique_ptr<node::Execution> execution;
    std::unique_ptr<node::Replica> replica;

private:
    [[nodiscard]] std::int64_t mono_ms() const override { return now_ms; }
    [[nodiscard]] std::int64_t wall_ms() const override { return chain.genesis.time.ms + now_ms; }
    [[nodiscard]] std::optional<Signature> signature_of(ByteView message) const override {
        return key_.sign(message);
    }
    void send(std::uint16_t, node::Channel, ByteView bytes) override {
        if (auto message = consensus::decode_message(bytes)) {
            sent.push_back(std::move(*message));
        }
    }
    void on_stopped(const std::string& reason) override { stops.push_back(reason); }
    void on_fork(const consensus::Fork& fork) override { forks.push_back(fork); }
    void on_misbehaviour(const consensus::Misbehaviour&) override { ++blamed; }

    SecretKey key_;
    node::CheckpointPolicy checkpoints_;
    std::unique_ptr<node::InlineExecutor> executor_;
};

}  // namespace remit::test
