#include "test/support/consensus/network.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace remit::test {

using namespace consensus;

namespace {

KeySeed seed_of(std::uint8_t number) {
    KeySeed seed;
    seed.data.fill(number);
    return seed;
}

}  // namespace

SeedSigner::SeedSigner(std::uint8_t number) : key_(seed_of(number)) {}

Chain::Chain(std::size_t n, Params the_params, Epochs the_epochs)
    : params(the_params), epochs(std::move(the_epochs)) {
    static_cast<void>(init_crypto());
    std::vector<Validator> validators;
    epochs.nodes = std::max(epochs.nodes, n);
    for (std::uint8_t key = 0; key < keys_of_a_node; ++key) {
        for (std::size_t i = 0; i < epochs.nodes; ++i) {
            signers.push_back(
                std::make_unique<SeedSigner>(static_cast<std::uint8_t>(i + 1 + 100 * key)));
        }
    }
    std::vector<Seat> first;
    for (std::size_t i = 0; i < n; ++i) {
        first.push_back({.node = static_cast<PeerNumber>(i)});
        validators.push_back({signers[i]->public_key(), "validator " + std::to_string(i)});
    }
    epochs.sets.insert({Epoch{1}, std::move(first)});
    chain_id = remit::hash(domain::genesis, "test chain");
    set = ValidatorSet(1, std::move(validators));
    genesis = genesis_header({.chain_id = chain_id,
                              .time_ms = VirtualNetwork::wall_offset_ms,
                              .state_root = remit::hash(domain::state_node, "genesis"),
                              .receipts_root = {},
                              .params_hash = params.hash(),
                              .leader_schedule_hash = leader_schedule_hash(chain_id, set),
                              .next_epoch_hash = description(2).hash()});
}

const SeedSigner& Chain::signer(Seat seat) const {
    return *signers[seat.key * epochs.nodes + seat.node];
}

const std::vector<Seat>& Chain::seats(Epoch epoch) const {
    return std::prev(epochs.sets.upper_bound(epoch))->second;
}

ValidatorSet Chain::set_of(Epoch epoch) const {
    std::vector<Validator> validators;
    for (const auto& seat : seats(epoch)) {
        validators.push_back({signer(seat).public_key(), "validator " + std::to_string(seat.node)});
    }
    return {epoch, std::move(validators)};
}

std::optional<ValidatorIndex> Chain::index_of(PeerNumber node, Epoch epoch) const {
    const auto& all = seats(epoch);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].node == node) {
            return static_cast<ValidatorIndex>(i);
        }
    }
    return std::nullopt;
}

EpochDescription Chain::description(Epoch epoch) const {
    EpochDescription out;
    out.set = set_of(epoch);
    out.params = params;
    const auto changed = epochs.params.upper_bound(epoch);
    if (changed != epochs.params.begin()) {
        out.params = std::prev(changed)->second;
    }
    const auto version = epochs.versions.upper_bound(epoch);
    if (version != epochs.versions.begin()) {
        out.params.protocol_version = std::prev(version)->second;
    }
    out.end_height = epochs.length == 0 ? never_ends : epoch * epochs.length;
    if (const auto demoted = epochs.demoted.find(epoch); demoted != epochs.demoted.end()) {
        out.demoted = demoted->second;
    }
    return out;
}

Vote Chain::vote(VoteKind kind, View view, const Hash& digest, ValidatorIndex signer) const {
    return {.kind = kind,
            .epoch = 1,
            .view = view,
            .digest = digest,
            .signer = signer,
            .signature = signers[signer]->sign(vote_bytes(chain_id, set, kind, view, digest))};
}

Certificate Chain::certificate(VoteKind kind, View view, const Hash& digest,
                               const std::vector<ValidatorIndex>& by) const {
    SignatureMap signatures;
    for (const auto index : by) {
        signatures[index] = vote(kind, view, digest, index).signature;
    }
    return {.kind = kind,
            .epoch = 1,
            .view = view,
            .digest = digest,
            .valset_hash = set.hash(),
            .signers = Signers::from(signatures, signatures.size(), set.size())};
}

Header Chain::child(const Header& parent, View view) const {
    Header out;
    out.epoch = 1;
    out.view = view;
    out.height = parent.height + 1;
    out.leader = static_cast<ValidatorIndex>(0);
    out.parent_view = parent.view;
    out.parent_digest = parent.digest();
    out.time_ms = parent.time_ms + 1;
    out.exec = parent.exec;
    out.params_hash = params.hash();
    out.leader_schedule_hash = leader_schedule_hash(chain_id, set);
    return out;
}

std::optional<StoredBlock> Disk::block(Height height) const {
    const auto found = blocks.find(height);
    return found == blocks.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Header> Disk::header(const Hash& digest) const {
    for (const auto& [height, stored] : blocks) {
        if (stored.header.digest() == digest) {
            return stored.header;
        }
    }
    return std::nullopt;
}

BatchHandle Disk::batch(const Hash& digest) const {
    const auto found = batches.find(digest);
    return found == batches.end() ? nullptr : found->second;
}

std::optional<HandOver> Disk::hand_over(Epoch epoch) const {
    const auto found = hand_overs.find(epoch);
    return found == hand_overs.end() ? std::nullopt : std::optional(found->second);
}

std::optional<EpochDescription> Disk::description(const Hash& hash) const {
    const auto found = descriptions.find(hash);
    return found == descriptions.end() ? std::nullopt : std::optional(found->second);
}

VirtualNetwork::VirtualNetwork(std::size_t n, Params params, Epochs epochs)
    : chain_(n, params, std::move(epochs)), nodes_(chain_.epochs.nodes) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        start(static_cast<ValidatorIndex>(i));
    }
}

void VirtualNetwork::start(ValidatorIndex index) {
    auto& node = nodes_[index];
    ++node.runs;
    node.speculated.clear();
    EngineConfig config{.chain_id = chain_.chain_id,
                        .validators = chain_.set,
                        .self = index,
                        .params = chain_.params,
                        .genesis = chain_.genesis,
                        .boot_counter = node.runs,
                        .end_height = chain_.description(1).end_height,
                        .version_max = node.version_max,
                        .trusted = node.trusted};
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        config.peers.push_back(chain_.signers[i]->public_key());
    }
    const auto& later = chain_.signer({.node = index, .key = 1});
    config.other_keys.push_back({.key = later.public_key(), .signer = &later});
    node.engine = std::make_unique<Engine>(std::move(config), *chain_.signers[index], node.disk);
    node.disk.descriptions.emplace(chain_.description(2).hash(), chain_.description(2));
    Recovery recovery;
    recovery.journal = node.disk.journal;
    if (!node.disk.results.empty()) {
        const auto height = node.disk.results.rbegin()->first;
        recovery.executed = node.disk.blocks.at(height);
        recovery.results.push_back(node.disk.results.rbegin()->second);
        recovery.wake_at = {.height = height, .time_ms = node.wake_ms};
        // What is stored above the executed height comes again.
        node.disk.blocks.erase(node.disk.blocks.upper_bound(height), node.disk.blocks.end());
    }
    for (const auto& [digest, batch] : node.disk.batches) {
        recovery.batches.push_back(batch);
    }
    recovery.votes_lost = node.votes_lost;
    const auto fresh = std::to_string(index) + "/" + std::to_string(node.runs);
    if (std::any_of(node.disk.journal.begin(), node.disk.journal.end(),
                    [](const auto& record) { return record.type == RecordType::votes_lost; })) {
        recovery.votes_lost = hash(domain::hello, "lost " + fresh);
    }
    if (node.runs > 1) {
        recovery.ask_for_votes = hash(domain::hello, "ask " + fresh);
    }
    auto started = node.engine->start(recovery, now());
    if (!started.ok) {
        faults_.push_back("journal refused");
        return;
    }
    drain(index, std::move(started.output));
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const auto peer = static_cast<PeerNumber>(i);
        step(index, PeerKnown{peer, chain_.signer({.node = peer, .key = 1}).public_key()});
    }
}

void VirtualNetwork::at(std::int64_t when_ms, Action action) {
    queue_.emplace(when_ms, std::move(action));
}

void VirtualNetwork::step(ValidatorIndex index, const Event& event) {
    if (nodes_[index].engine) {
        drain(index, nodes_[index].engine->step(event, now()));
    }
}

void VirtualNetwork::drain(ValidatorIndex index, Output output) {
    auto& node = nodes_[index];
    for (auto& record : output.journal) {
        node.disk.journal.push_back(std::move(record));
    }
    for (const auto& batch : output.store_batches) {
        node.disk.batches[batch->digest()] = batch;
    }
    for (auto& way : output.hand_overs) {
        const auto known = roots_.emplace(way.epoch(), way.headers.front().digest()).first;
        if (known->second != way.headers.front().digest()) {
            faults_.push_back("two roots of epoch " + std::to_string(way.epoch()));
        }
        node.disk.hand_overs.insert_or_assign(way.epoch(), way);
    }
    // Batches die with their epoch: as a host does, their items are submitted again.
    for (const auto token : output.expired) {
        if (chain_.epochs.length > 0 && items_.contains(token)) {
            at(now_ms_, [this, index, token, run = node.runs] {
                const auto done = items(index);
                if (nodes_[index].runs == run &&
                    std::find(done.begin(), done.end(), items_.at(token)) == done.end()) {
                    step(index, SubmitItems{{Item{token, items_.at(token)}}});
                }
            });
        }
    }
    if (output.unsupported) {
        node.unsupported = output.unsupported;
    }
    for (const auto& send : output.send) {
        watch_vote(index, send.message);
        for (std::size_t to = 0; to < nodes_.size(); ++to) {
            const auto peer = static_cast<ValidatorIndex>(to);
            if (peer != index && (!send.to || *send.to == peer)) {
                deliver(index, peer, send);
            }
        }
    }
    for (auto& commit : output.commits) {
        StoredBlock stored{.header = commit.header, .finalization = {}, .execution = {}};
        if (commit.finalization.digest == commit.digest) {
            stored.finalization = commit.finalization;
        }
        if (commit.header.is_closing() ||
            !verify(commit.finalization, chain_.set_of(commit.header.epoch), chain_.chain_id) ||
            commit.finalization.digest !=
                (commit.descendants.empty() ? commit.digest : commit.descendants.back().digest())) {
            faults_.push_back("commit without its finalization");
        }
        const auto height = commit.header.height;
        if (const auto known = finalised_.emplace(height, commit.digest).first;
            known->second != commit.digest) {
            faults_.push_back("fork at height " + std::to_string(height));
        }
        node.disk.blocks[height] = std::move(stored);
        node.commits.push_back(std::move(commit));
        if (node.executes) {
            at(now_ms_ + execution_ms,
               [this, index, run = node.runs, handed = node.commits.back()] {
                   if (nodes_[index].runs == run && nodes_[index].engine) {
                       execute(index, handed);
                   }
               });
        }
    }
    for (auto& block : output.notarized) {
        if (node.executes && node.speculates) {
            at(now_ms_ + execution_ms, [this, index, run = node.runs, handed = std::move(block)] {
                if (nodes_[index].runs == run && nodes_[index].engine) {
                    speculate(index, handed);
                }
            });
        }
    }
    for (const auto& proof : output.execution_proofs) {
        if (!verify_execution_proof(proof, chain_.set_of(proof.epoch), chain_.chain_id)) {
            faults_.push_back("execution proof does not verify");
        }
        node.proofs.push_back(proof);
    }
    for (const auto& certificate : output.execution_certificates) {
        if (auto found = node.disk.blocks.find(certificate.result.height);
            found != node.disk.blocks.end()) {
            found->second.execution = certificate;
        }
    }
    node.refused.insert(node.refused.end(), output.refused.begin(), output.refused.end());
    node.evidence.insert(node.evidence.end(), output.evidence.begin(), output.evidence.end());
    for (const auto& each : output.misbehaviour) {
        node.misbehaviour.push_back(each.reason);
    }
    if (output.fork) {
        node.fork = output.fork;
        faults_.push_back("a fork seen by " + std::to_string(index));
    }
    if (output.foreign_votes) {
        node.foreign_votes = output.foreign_votes;
    }
    if (output.divergence) {
        node.divergence = output.divergence;
    }
}

ExecutionResult VirtualNetwork::result_of(const Node& node, const Hash& parent_state,
                                          const Header& header,
                                          const std::vector<BatchHandle>& batches) const {
    Writer writer;
    writer.fixed(parent_state).fixed(header.digest()).bytes(node.state_suffix);
    for (const auto& batch : batches) {
        for (const auto& item : batch->items) {
            writer.bytes(item);
        }
    }
    ExecutionResult result;
    result.height = header.height;
    result.block_digest = header.digest();
    result.state_root = remit::hash(domain::state_node, writer.view());
    result.next_epoch_hash = next_of(header).hash();
    return result;
}

/// The epoch_last block makes the next description current; any block yields the one after.
EpochDescription VirtualNetwork::next_of(const Header& header) const {
    return chain_.description(header.epoch + (header.is_epoch_last() ? 2 : 1));
}

void VirtualNetwork::execute(ValidatorIndex index, const Commit& commit) {
    auto& node = nodes_[index];
    const auto height = commit.header.height;
    const auto before = node.disk.results.find(height - 1);
    const auto& previous = before == node.disk.results.end() ? chain_.genesis.exec.state_root
                                                             : before->second.state_root;
    const auto result = result_of(node, previous, commit.header, commit.batches);
    node.disk.descriptions.emplace(result.next_epoch_hash, next_of(commit.header));
    node.disk.results[height] = result;
    if (node.wake_ms && commit.header.time_ms >= *node.wake_ms) {
        node.wake_ms.reset();
    }
    step(index, BlockExecuted{result});
    step(index, WakeAt{.height = height, .time_ms = node.wake_ms});
}

/// Only what its parent's state is known for: as a host that forgot an overlay would.
void VirtualNetwork::speculate(ValidatorIndex index, const NotarizedBlock& block) {
    auto& node = nodes_[index];
    const auto& results = node.disk.results;
    std::optional<Hash> parent;
    if (block.header.height == 1) {
        parent = chain_.genesis.exec.state_root;
    } else if (const auto done = results.find(block.header.height - 1);
               done != results.end() && done->second.block_digest == block.header.parent_digest) {
        parent = done->second.state_root;
    } else if (const auto ahead = node.speculated.find(block.header.parent_digest);
               ahead != node.speculated.end()) {
        parent = ahead->second;
    }
    if (!parent || results.contains(block.header.height)) {
        return;
    }
    const auto result = result_of(node, *parent, block.header, block.batches);
    node.speculated[block.digest] = result.state_root;
    step(index, BlockSpeculated{result});
}

void VirtualNetwork::deliver(ValidatorIndex from, ValidatorIndex to, const Send& send) {
    if (filter && !filter(from, to, send.message)) {
        return;
    }
    at(now_ms_ + delay_ms,
       [this, from, to, run = nodes_[to].runs, bytes = encode_message(send.message)] {
           if (nodes_[to].runs != run || !nodes_[to].engine) {
               return;
           }
           auto message = decode_message(bytes);
           if (!message) {
               faults_.push_back("a message does not survive its encoding");
               return;
           }
           step(to, PeerMessage{from, std::move(*message)});
       });
}

void VirtualNetwork::watch_vote(ValidatorIndex from, const Message& message) {
    std::optional<Vote> vote;
    if (const auto* sent = std::get_if<Vote>(&message)) {
        vote = *sent;
    } else if (const auto* proposal = std::get_if<Proposal>(&message)) {
        vote = Vote{.kind = VoteKind::notarize,
                    .epoch = proposal->header.epoch,
                    .view = proposal->header.view,
                    .digest = proposal->header.digest(),
                    .signer = proposal->header.leader,
                    .signature = {}};
    }
    if (!vote || vote->signer != chain_.index_of(from, vote->epoch)) {
        return;
    }
    const auto key = std::tuple(from, vote->epoch, vote->view, static_cast<int>(vote->kind));
    auto& newest = voted_[from];
    if (vote->epoch < newest && !votes_.contains(key)) {  // an old one may be said again
        faults_.push_back("vote in an epoch that was left, by " + std::to_string(from));
    }
    newest = std::max(newest, vote->epoch);
    if (const auto known = votes_.emplace(key, vote->digest).first; known->second != vote->digest) {
        faults_.push_back("double vote by " + std::to_string(from));
    }
    const auto other = vote->kind == VoteKind::nullify ? VoteKind::finalize : VoteKind::nullify;
    if (vote->kind != VoteKind::notarize &&
        votes_.contains(std::tuple(from, vote->epoch, vote->view, static_cast<int>(other)))) {
        faults_.push_back("nullify and finalize by " + std::to_string(from));
    }
}

void VirtualNetwork::submit(ValidatorIndex node, const Bytes& item) {
    items_[next_token_] = item;
    step(node, SubmitItems{{Item{next_token_++, item}}});
}

void VirtualNetwork::inject(ValidatorIndex from, ValidatorIndex to, const Message& message) {
    step(to, PeerMessage{from, message});
}

void VirtualNetwork::set_wake(std::int64_t wall_time_ms) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const auto index = static_cast<ValidatorIndex>(i);
        nodes_[i].wake_ms = wall_time_ms;
        step(index, WakeAt{.height = executed(index), .time_ms = wall_time_ms});
    }
}

void VirtualNetwork::crash(ValidatorIndex node) {
    nodes_[node].engine.reset();
    ++nodes_[node].runs;
}

void VirtualNetwork::restart(ValidatorIndex node) {
    start(node);
}

void VirtualNetwork::lose_journal(ValidatorIndex node) {
    auto& disk = nodes_[node].disk;
    disk.journal.clear();
    std::set<Hash> named;
    for (const auto& [height, block] : disk.blocks) {
        for (const auto& entry : block.header.batches) {
            named.insert(entry.digest);
        }
    }
    std::erase_if(disk.batches, [&](const auto& each) { return !named.contains(each.first); });
    nodes_[node].votes_lost = hash(domain::hello, std::to_string(node) + std::to_string(now_ms_));
}

std::optional<std::int64_t> VirtualNetwork::next_time() const {
    std::optional<std::int64_t> next;
    if (!queue_.empty()) {
        next = queue_.begin()->first;
    }
    for (const auto& node : nodes_) {
        if (node.engine) {
            if (const auto deadline = node.engine->next_deadline()) {
                next = next ? std::min(*next, *deadline) : *deadline;
            }
        }
    }
    return next;
}

void VirtualNetwork::advance_to(std::int64_t when_ms) {
    now_ms_ = std::max(now_ms_, when_ms);
    while (!queue_.empty() && queue_.begin()->first <= now_ms_) {
        auto action = std::move(queue_.begin()->second);
        queue_.erase(queue_.begin());
        action();
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i].engine) {
            const auto deadline = nodes_[i].engine->next_deadline();
            if (deadline && *deadline <= now_ms_) {
                step(static_cast<ValidatorIndex>(i), Tick{});
            }
        }
    }
}

void VirtualNetwork::run_for(std::int64_t ms) {
    static_cast<void>(run_until([] { return false; }, ms));
}

bool VirtualNetwork::run_until(const std::function<bool()>& condition, std::int64_t limit_ms) {
    const auto end = now_ms_ + limit_ms;
    while (!condition()) {
        const auto next = next_time();
        if (!next || *next > end) {
            now_ms_ = end;
            return condition();
        }
        // A deadline that stays in the past would spin: time always moves.
        advance_to(std::max(*next, now_ms_ + (queue_.empty() ? 1 : 0)));
    }
    return true;
}

Height VirtualNetwork::executed(ValidatorIndex index) const {
    const auto& results = nodes_[index].disk.results;
    return results.empty() ? 0 : results.rbegin()->first;
}

std::vector<Bytes> VirtualNetwork::items(ValidatorIndex index) const {
    std::map<Height, const Commit*> executed_commits;
    for (const auto& commit : nodes_[index].commits) {
        if (nodes_[index].disk.results.contains(commit.header.height)) {
            executed_commits[commit.header.height] = &commit;
        }
    }
    std::vector<Bytes> out;
    for (const auto& [height, commit] : executed_commits) {
        for (const auto& batch : commit->batches) {
            out.insert(out.end(), batch->items.begin(), batch->items.end());
        }
    }
    return out;
}

bool VirtualNetwork::all_executed(const Bytes& item) const {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (!nodes_[i].engine) {
            continue;
        }
        const auto done = items(static_cast<ValidatorIndex>(i));
        if (std::find(done.begin(), done.end(), item) == done.end()) {
            return false;
        }
    }
    return true;
}

}  // namespace remit::test
