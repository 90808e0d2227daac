#include "test/sim/twins.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <numeric>
#include <set>

#include "test/sim/consensus_oracle.h"
#include "test/sim/scheduler.h"
#include "test/support/consensus/network.h"

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {

constexpr std::size_t validators = 4;
constexpr std::size_t processes = 5;
constexpr std::int64_t delta_ms = 10;
constexpr std::int64_t hop_ms = 2;
constexpr std::int64_t patience_ms = 20'000;

Params twin_params() {
    Params out;
    out.delta_ms_min = delta_ms;
    out.delta_ms_max = delta_ms;
    out.resend_ms = 15 * delta_ms;
    out.skip_window_ms = 400 * delta_ms;  // leaders are not skipped: each view has its partition
    return out;
}

/// The same messages are signed in scenario after scenario, with the same result.
class RememberingSigner final : public Signer {
public:
    explicit RememberingSigner(const Signer& signer) : signer_(signer) {}
    [[nodiscard]] std::optional<Signature> signature_of(ByteView message) const override {
        constexpr std::size_t kept_max = 100'000;
        if (signed_.size() > kept_max) {
            signed_.clear();
        }
        const auto [found, fresh] = signed_.try_emplace(Bytes(message));
        if (fresh) {
            found->second = *signer_.signature_of(message);
        }
        return found->second;
    }

private:
    const Signer& signer_;
    mutable std::map<Bytes, Signature> signed_;
};

struct Setting {
    test::Chain chain{validators, twin_params()};
    std::vector<std::unique_ptr<RememberingSigner>> signers;
    Setting() {
        for (const auto& each : chain.signers) {
            signers.push_back(std::make_unique<RememberingSigner>(*each));
        }
    }
};

/// Five engines without hosts, for one scenario.
class TwinNetwork {
public:
    TwinNetwork(const Setting& setting, const TwinScenario& scenario)
        : setting_(setting),
          scenario_(scenario),
          scheduler_(0),
          oracle_(setting.chain.chain_id, setting.chain.set, setting.chain.params,
                  ledger::epoch_blocks_default) {
        oracle_.set_byzantine(scenario.twin);
        oracle_.held_by_honest = [this](const Hash& batch, const Signature&) {
            return std::any_of(honest_.begin(), honest_.end(), [&](std::size_t each) {
                return processes_.at(each).disk.batches.contains(batch);
            });
        };
        for (std::size_t i = 0; i < processes; ++i) {
            if (identity(i) != scenario.twin) {
                honest_.push_back(i);
            }
            start(i);
        }
    }

    /// Throws Breach.
    void run() {
        for (std::size_t i = 0; i < processes; ++i) {
            for (std::size_t peer = 0; peer < validators; ++peer) {
                if (peer != identity(i)) {
                    step(i, PeerConnected{static_cast<ValidatorIndex>(peer)});
                }
            }
        }
        for (std::size_t i = 0; i < processes; ++i) {
            // Each has something of its own to order: the twins' blocks differ.
            step(i, SubmitItems{{Item{i, "item of process " + std::to_string(i)}}});
        }
        while (!done()) {
            if (!scheduler_.run_next(patience_ms)) {
                throw Breach("C12", "not all that honest validators were asked is executed, " +
                                        std::to_string(oracle_.committed()) + " heights are final");
            }
        }
    }
    [[nodiscard]] const ConsensusOracle& oracle() const { return oracle_; }

private:
    struct Process {
        test::Disk disk;
        std::unique_ptr<Engine> engine;
        std::set<Bytes> journaled;  // signatures of votes
        Height executed = 0;
        std::size_t items = 0;  // executed, of honest validators
        View view = 0;
        std::int64_t entered_ms = 0;
        std::int64_t tick_at_ms = 0;
    };

    [[nodiscard]] std::size_t identity(std::size_t process) const {
        return process == validators ? scenario_.twin : process;
    }
    [[nodiscard]] Now now() const {
        return {scheduler_.now_ms(), test::VirtualNetwork::wall_offset_ms + scheduler_.now_ms()};
    }
    [[nodiscard]] bool done() const {
        return std::all_of(honest_.begin(), honest_.end(), [&](std::size_t each) {
            return processes_.at(each).items == honest_.size() &&
                   processes_.at(each).executed == oracle_.committed();
        });
    }

    void start(std::size_t index) {
        auto& process = processes_.at(index);
        const auto self = static_cast<ValidatorIndex>(identity(index));
        process.engine = std::make_unique<Engine>(EngineConfig{.chain_id = setting_.chain.chain_id,
                                                               .validators = setting_.chain.set,
                                                               .self = self,
                                                               .params = setting_.chain.params,
                                                               .genesis = setting_.chain.genesis,
                                                               .boot_counter = 1},
                                                  *setting_.signers[self], process.disk);
        auto started = process.engine->start(Recovery{}, now());
        drain(index, std::move(started.output));
    }

    void step(std::size_t index, const Event& event) {
        drain(index, processes_.at(index).engine->step(event, now()));
    }

    void drain(std::size_t index, Output output) {
        auto& process = processes_.at(index);
        keep(process, output);
        for (const auto& send : output.send) {
            route(index, send);
        }
        if (const auto view = process.engine->metrics().view; view != process.view) {
            process.view = view;
            process.entered_ms = scheduler_.now_ms();
        }
        for (auto& commit : output.commits) {
            execute(index, std::move(commit));
        }
        if (identity(index) != scenario_.twin) {
            judge(index, output);
        }
        plan_tick(index);
    }

    void keep(Process& process, const Output& output) {
        for (const auto& record : output.journal) {
            if (record.type != RecordType::vote) {
                continue;
            }
            if (const auto vote = decode<Vote>(record.bytes)) {
                process.journaled.insert(Bytes(vote->signature.view()));
            }
        }
        for (const auto& batch : output.store_batches) {
            process.disk.batches[batch->digest()] = batch;
        }
    }

    /// Messages stay within the sender's group while it is in a view of the scenario, as long as a
    /// view without a certificate lasts.
    [[nodiscard]] bool hears(std::size_t to, std::size_t from) const {
        const auto& sender = processes_.at(from);
        if (sender.view == 0 || sender.view > scenario_.groups.size()) {
            return true;
        }
        const auto doubled = std::min<View>(sender.view - 1, 3);
        const auto lasts_ms = (std::int64_t{6} * delta_ms) << doubled;
        const auto& groups = scenario_.groups[sender.view - 1];
        return scheduler_.now_ms() - sender.entered_ms > lasts_ms || groups[from] == groups[to];
    }

    void route(std::size_t from, const Send& send) {
        const auto bytes = encode_message(send.message);
        const auto sender = static_cast<ValidatorIndex>(identity(from));
        if (sender != scenario_.twin) {
            oracle_.on_send(sender, bytes, [&](ByteView signature) {
                return processes_.at(from).journaled.contains(Bytes(signature));
            });
        }
        for (std::size_t to = 0; to < processes; ++to) {
            if (identity(to) != sender && (!send.to || *send.to == identity(to)) &&
                hears(to, from)) {
                scheduler_.after(hop_ms, [this, sender, to, bytes] {
                    auto message = decode_message(bytes);
                    if (!message) {
                        throw Breach("C8", "a message does not survive its encoding");
                    }
                    step(to, PeerMessage{sender, std::move(*message)});
                });
            }
        }
    }

    void judge(std::size_t index, const Output& output) {
        const auto who = identity(index);
        for (const auto& evidence : output.evidence) {
            oracle_.on_evidence(who, evidence);
        }
        for (const auto& each : output.misbehaviour) {
            if (each.peer != scenario_.twin) {
                throw Breach("C11", "validator " + std::to_string(who) + " blames honest " +
                                        std::to_string(each.peer) + ": " + each.reason);
            }
        }
        if (output.fork) {
            throw Breach("C1", "validator " + std::to_string(who) + " sees a fork");
        }
        if (output.divergence) {
            throw Breach("C7", "validator " + std::to_string(who) + " has other roots");
        }
        const auto& process = processes_.at(index);
        oracle_.on_turn(who, 1, process.engine->metrics(), process.executed);
    }

    void execute(std::size_t index, Commit commit) {
        auto& process = processes_.at(index);
        if (identity(index) != scenario_.twin) {
            oracle_.on_commit(identity(index), commit);
        }
        ExecutionResult result;
        result.height = commit.header.height;
        result.block_digest = commit.digest;
        result.state_root = remit::hash(domain::state_node, commit.digest.view());
        StoredBlock stored{.header = commit.header, .finalization = {}, .execution = {}};
        if (commit.finalization.digest == commit.digest) {
            stored.finalization = commit.finalization;
        }
        process.disk.blocks[result.height] = std::move(stored);
        process.executed = result.height;
        for (const auto& batch : commit.batches) {
            process.items += batch->author != scenario_.twin ? batch->items.size() : 0;
        }
        scheduler_.after(1, [this, index, result] { step(index, BlockExecuted{result}); });
    }

    void plan_tick(std::size_t index) {
        auto& process = processes_.at(index);
        const auto deadline = process.engine->next_deadline();
        if (!deadline) {
            return;
        }
        const auto at = std::max(*deadline, scheduler_.now_ms() + 1);
        if (process.tick_at_ms > scheduler_.now_ms() && process.tick_at_ms <= at) {
            return;
        }
        process.tick_at_ms = at;
        scheduler_.at(at, [this, index, at] {
            if (processes_.at(index).tick_at_ms == at) {
                processes_.at(index).tick_at_ms = 0;
                step(index, Tick{});
            }
        });
    }

    const Setting& setting_;
    const TwinScenario& scenario_;
    Scheduler scheduler_;
    ConsensusOracle oracle_;
    std::vector<std::size_t> honest_;
    std::array<Process, processes> processes_;
};

/// All ways to put the processes into at most so many groups, each as group numbers in the order
/// of first occurrence.
std::vector<std::vector<std::uint8_t>> partitions(std::size_t groups_max) {
    std::vector<std::vector<std::uint8_t>> out = {{0}};
    for (std::size_t i = 1; i < processes; ++i) {
        std::vector<std::vector<std::uint8_t>> longer;
        for (const auto& each : out) {
            const auto used =
                static_cast<std::uint8_t>(*std::max_element(each.begin(), each.end()));
            for (std::uint8_t group = 0; group <= used + 1 && group < groups_max; ++group) {
                longer.push_back(each);
                longer.back().push_back(group);
            }
        }
        out = std::move(longer);
    }
    return out;
}

/// The same partition with the twin's two processes renamed.
std::vector<std::uint8_t> renamed(std::vector<std::uint8_t> groups, std::size_t twin) {
    std::swap(groups[twin], groups[validators]);
    std::map<std::uint8_t, std::uint8_t> numbers;
    for (auto& group : groups) {
        group = numbers.try_emplace(group, static_cast<std::uint8_t>(numbers.size())).first->second;
    }
    return groups;
}

/// Of two scenarios that are each other with the processes renamed, the smaller one stands for
/// both.
bool canonical(const TwinScenario& scenario) {
    auto other = scenario.groups;
    for (auto& groups : other) {
        groups = renamed(groups, scenario.twin);
    }
    return scenario.groups <= other;
}

void run_one(const Setting& setting, const TwinScenario& scenario, TwinResult& result) {
    ++result.scenarios;
    TwinNetwork network(setting, scenario);
    try {
        network.run();
    } catch (const Breach& breach) {
        result.breach = breach;
        result.found = scenario;
    }
    result.evidence += network.oracle().evidence_seen() > 0 ? 1 : 0;
    result.blocks += network.oracle().committed();
    result.nullified += network.oracle().views_nullified();
}

}  // namespace

std::string TwinScenario::text() const {
    auto out = "twin of validator " + std::to_string(twin);
    for (std::size_t view = 0; view < groups.size(); ++view) {
        out += ", view " + std::to_string(view + 1) + " groups ";
        for (const auto group : groups[view]) {
            out += std::to_string(group);
        }
    }
    return out;
}

TwinResult enumerate_twins(const TwinScope& scope) {
    const Setting setting;
    const auto ways = partitions(scope.groups_max);
    std::uint64_t count = validators;
    for (std::size_t view = 0; view < scope.views; ++view) {
        count *= ways.size();
    }
    TwinResult result;
    result.in_scope = count;
    result.every = std::max<std::uint64_t>(scope.every, 1);
    while (std::gcd(result.every, validators * ways.size()) != 1) {
        ++result.every;
    }
    for (auto number = scope.first % result.every; number < count && !result.breach;
         number += result.every) {
        auto rest = number;
        TwinScenario scenario{.twin = rest % validators, .groups = {}};
        rest /= validators;
        for (std::size_t view = 0; view < scope.views; ++view) {
            scenario.groups.push_back(ways[rest % ways.size()]);
            rest /= ways.size();
        }
        if (canonical(scenario)) {
            run_one(setting, scenario, result);
        } else {
            ++result.pruned;
        }
    }
    return result;
}

}  // namespace remit::sim
