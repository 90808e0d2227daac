#include "test/placement/host.h"

#include <algorithm>
#include <chrono>

#include "consensus/leader_schedule.h"

namespace remit::placement {

using namespace consensus;

namespace {

constexpr std::int64_t genesis_ms = 1'735'660'800'000;  // 2024-12-31 16:00 UTC

SecretKey key_of(std::size_t number) {
    KeySeed seed;
    seed.data.fill(static_cast<std::uint8_t>(number + 1));
    return SecretKey(seed);
}

template <class Work>
double median_us(Work&& work) {
    constexpr int samples = 41;
    constexpr int repeats = 10;
    std::vector<double> times;
    for (int i = 0; i < samples; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        for (int j = 0; j < repeats; ++j) {
            work();
        }
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - begin;
        times.push_back(took.count() / repeats);
    }
    std::nth_element(times.begin(), times.begin() + samples / 2, times.end());
    return times[samples / 2];
}

}  // namespace

Costs Costs::measured() {
    static_cast<void>(init_crypto());
    const auto key = key_of(0);
    const Bytes message(129, 'v');  // a vote
    const auto signature = key.sign(message);
    Costs out;
    out.sign_us = median_us([&] { static_cast<void>(key.sign(message)); });
    out.verify_us =
        median_us([&] { static_cast<void>(verify(key.public_key(), message, signature)); });
    out.sync_us = out.batch_sync_us = 140;
    out.message_us = 15;
    out.block_us = 150;
    out.item_us = 300;  // docs/benchmarks: what a node takes today, a disturbed machine
    out.write_us = 150;
    return out;
}

World::World(std::size_t validators, Params the_params) : params(the_params) {
    static_cast<void>(init_crypto());
    chain_id = remit::hash(domain::genesis, "placement");
    std::vector<Validator> all;
    for (std::size_t i = 0; i < validators; ++i) {
        keys.push_back(key_of(i));
        all.push_back({keys.back().public_key(), "validator " + std::to_string(i)});
    }
    set = ValidatorSet(1, std::move(all));
    genesis = genesis_header({.chain_id = chain_id,
                              .time_ms = genesis_ms,
                              .state_root = remit::hash(domain::state_node, "genesis"),
                              .receipts_root = {},
                              .params_hash = params.hash(),
                              .leader_schedule_hash = leader_schedule_hash(chain_id, set),
                              .next_epoch_hash = {}});
}

Host::Host(const World& world, std::size_t index)
    : world_(world),
      index_(index),
      engine_(std::make_unique<Engine>(EngineConfig{.chain_id = world.chain_id,
                                                    .validators = world.set,
                                                    .self = static_cast<ValidatorIndex>(index),
                                                    .params = world.params,
                                                    .genesis = world.genesis,
                                                    .boot_counter = 1},
                                       static_cast<const Signer&>(*this),
                                       static_cast<const BlockSource&>(*this))) {
    states_[world.genesis.digest()] = world.genesis.exec.state_root;
}

Host::~Host() = default;

double Host::kept_bytes_per_block() const {
    double bytes = 0;
    for (const auto& [height, stored] : blocks_) {
        bytes += static_cast<double>(encode(stored).size());
    }
    return blocks_.empty() ? 0 : bytes / static_cast<double>(blocks_.size());
}

void Host::forget_costs() {
    cpu_us = 0;
    execution_us = 0;
    syncs = 0;
    sent_bytes = 0;
    journal_bytes = 0;
}

/// Messages that leave: one to all is written to each peer's connection (Replica::send).
std::size_t Host::copies(const Output& output) const {
    std::size_t out = 0;
    for (const auto& send : output.send) {
        out += send.to ? 1 : world_.set.size() - 1;
    }
    return out;
}

Host::Done Host::finish(Output output) {
    const auto checked = engine_->metrics().signatures_verified;
    const auto messages = static_cast<double>(copies(output));
    Done done{.output = std::move(output), .reactor_us = 0};
    done.reactor_us = static_cast<double>(checked - checked_before_) * costs->verify_us +
                      static_cast<double>(signed_ - signed_before_) * costs->sign_us +
                      messages * costs->message_us;
    checked_before_ = checked;
    signed_before_ = signed_;
    for (const auto& batch : done.output.store_batches) {
        batches_[batch->digest()] = batch;
        journal_bytes += encode(*batch).size();
    }
    for (const auto& record : done.output.journal) {
        journal_bytes += encode(record).size();
    }
    cpu_us += done.reactor_us;
    if (done.output.sync_before_send) {
        ++syncs;
        done.reactor_us += done.output.journal.empty() ? costs->batch_sync_us : costs->sync_us;
    }
    return done;
}

Host::Done Host::start(Now now) {
    return finish(std::move(engine_->start({}, now).output));
}

Host::Done Host::step(const Event& event, Now now) {
    auto done = finish(engine_->step(event, now));
    done.reactor_us += costs->message_us;
    cpu_us += costs->message_us;
    return done;
}

ExecutionResult Host::execute(const Header& header, const std::vector<BatchHandle>& batches) {
    Writer writer;
    writer.fixed(states_.at(header.parent_digest)).fixed(header.digest());
    for (const auto& batch : batches) {
        writer.fixed(batch->digest());
    }
    ExecutionResult result;
    result.height = header.height;
    result.block_digest = header.digest();
    result.state_root = remit::hash(domain::state_node, writer.view());
    states_[result.block_digest] = result.state_root;
    return result;
}

void Host::keep(const Commit& commit) {
    StoredBlock stored{.header = commit.header, .finalization = {}, .execution = {}};
    if (commit.descendants.empty()) {
        stored.finalization = commit.finalization;
    }
    blocks_[commit.header.height] = std::move(stored);
    heights_[commit.digest] = commit.header.height;
}

void Host::keep(const ExecutionCertificate& certificate) {
    if (const auto found = blocks_.find(certificate.result.height); found != blocks_.end()) {
        found->second.execution = certificate;
    }
}

std::optional<StoredBlock> Host::block(Height height) const {
    const auto found = blocks_.find(height);
    return found == blocks_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Header> Host::header(const Hash& digest) const {
    const auto found = heights_.find(digest);
    return found == heights_.end() ? std::nullopt : std::optional(blocks_.at(found->second).header);
}

BatchHandle Host::batch(const Hash& digest) const {
    const auto found = batches_.find(digest);
    return found == batches_.end() ? nullptr : found->second;
}

std::optional<Signature> Host::signature_of(ByteView message) const {
    ++signed_;
    return world_.keys[index_].sign(message);
}

}  // namespace remit::placement
