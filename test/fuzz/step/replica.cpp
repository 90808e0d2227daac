#include "test/fuzz/step/replica.h"

#include <algorithm>
#include <utility>

#include "consensus/evidence.h"
#include "test/fuzz/require.h"

namespace remit::fuzz {

namespace {

constexpr std::size_t vote_bytes_size = 129;
constexpr std::size_t sent_kept = 32;
constexpr std::size_t ticks_at_once_max = 16;

std::optional<View> view_of_vote(ByteView message) {
    if (message.size() != vote_bytes_size || !message.starts_with(domain::vote.tag())) {
        return std::nullopt;
    }
    Reader reader(message);
    reader.raw(vote_bytes_size - 32 - 8);
    return reader.u64();
}

}  // namespace

StepReplica::StepReplica(StepWorld& world) : world_(world) {
    start();
}

void StepReplica::start() {
    const auto& chain = step_chain();
    ++boots_;
    engine_ = std::make_unique<Engine>(EngineConfig{.chain_id = chain.chain_id,
                                                    .validators = chain.set,
                                                    .self = world_.self(),
                                                    .params = chain.params,
                                                    .genesis = chain.genesis,
                                                    .boot_counter = boots_},
                                       *this, *this);
    Recovery recovery;
    for (const auto& entry : file_) {
        if (const auto* record = std::get_if<JournalRecord>(&entry)) {
            recovery.journal.push_back(*record);
        } else {
            recovery.batches.push_back(std::get<BatchHandle>(entry));
        }
    }
    committed_ = 0;
    if (!results_.empty()) {
        committed_ = results_.rbegin()->first;
        recovery.executed = blocks_.at(committed_);
        for (const auto& [height, result] : results_) {
            if (height + step_chain().params.lag_max > committed_) {
                recovery.results.push_back(result);
            }
        }
        recovery.wake_at = {.height = committed_, .time_ms = std::nullopt};
    }
    before_ = {};
    auto started = engine_->start(recovery, {now_ms_, wall_ms()});
    require(started.ok, "the replica's own journal was refused");
    take(std::move(started.output), std::nullopt);
}

void StepReplica::step(const Event& event, std::optional<ValidatorIndex> clean_from) {
    take(engine_->step(event, {now_ms_, wall_ms()}), clean_from);
}

void StepReplica::deliver(ValidatorIndex from, Message message, bool clean) {
    const bool blameless = clean && world_.honest(from);
    step(PeerMessage{from, std::move(message)}, blameless ? std::optional(from) : std::nullopt);
}

void StepReplica::serve_deadline() {
    auto deadline = engine_->next_deadline();
    if (!deadline) {
        return;
    }
    now_ms_ = std::max(now_ms_, *deadline);
    for (std::size_t ticks = 0; deadline && *deadline <= now_ms_; ++ticks) {
        require(ticks < ticks_at_once_max, "a deadline stays in the past: the host would spin");
        step(Tick{});
        deadline = engine_->next_deadline();
    }
}

void StepReplica::merge_outputs(bool merge) {
    merge_ = merge;
    if (!merge_) {
        drain();
    }
}

void StepReplica::take(Output output, std::optional<ValidatorIndex> clean_from) {
    learn_own(output);
    judge_signed();
    judge_progress(output);
    for (const auto& each : output.misbehaviour) {
        require(each.peer != world_.self(), "the replica blames itself");
        require(each.peer != clean_from, "an honest peer is blamed for an honest message");
    }
    pending_.append(std::move(output));
    if (!merge_) {
        drain();
    }
}

/// Own batches and headers become part of the world before they are judged.
void StepReplica::learn_own(const Output& output) {
    for (const auto& batch : output.store_batches) {
        require(batch != nullptr, "a batch to store is there");
        if (batch->author == world_.self()) {
            world_.add_batch(batch);
        }
    }
    for (const auto& send : output.send) {
        if (const auto* proposal = std::get_if<Proposal>(&send.message)) {
            if (proposal->header.leader == world_.self()) {
                const auto header = world_.add_header(proposal->header);
                const auto flaw = world_.headers()[header].flaw;
                require(flaw.empty(), "the replica proposes a header: " + std::string(flaw));
            }
        }
    }
}

void StepReplica::judge_signed() {
    for (const auto& message : std::exchange(signed_now_, {})) {
        Reader reader(ByteView(message).substr(vote_bytes_size - 1 - 8 - 32));
        const auto kind = static_cast<VoteKind>(reader.u8());
        const auto view = reader.u64();
        promise(kind, view, reader.fixed<Hash>());
    }
}

bool StepReplica::promised(VoteKind kind, View view, const Hash& digest) const {
    const auto found = promised_.find({kind, view});
    return found != promised_.end() && found->second == digest;
}

bool StepReplica::could_be_certified(VoteKind kind, View view, const Hash& digest) const {
    return world_.certifiable(kind, view, digest, promised(kind, view, digest));
}

void StepReplica::promise(VoteKind kind, View view, const Hash& digest) {
    const auto known = promised_.find({kind, view});
    require(known == promised_.end() || known->second == digest, "S1: two votes of one kind");
    const bool nullified = promised_.contains({VoteKind::nullify, view});
    if (kind == VoteKind::nullify) {
        require(digest.is_zero(), "a Nullify names nothing");
        require(!promised_.contains({VoteKind::finalize, view}), "S2: Nullify after Finalize");
    } else if (kind == VoteKind::finalize) {
        require(!nullified, "S2: Finalize after Nullify");
        require(could_be_certified(VoteKind::notarize, view, digest),
                "S4: Finalize without a Notarization");
    } else {
        require(!nullified, "S1: Notarize after Nullify");
        judge_notarize(view, digest);
    }
    require(view >= before_.finalised_view, "a vote below the floor");
    promised_[{kind, view}] = digest;
}

void StepReplica::judge_notarize(View view, const Hash& digest) const {
    const auto index = world_.find(digest);
    require(index.has_value(), "Notarize of a header that nobody made");
    const auto& known = world_.headers()[*index];
    require(known.sound, "Notarize of a header: " + std::string(known.flaw));
    require(known.header.view == view, "Notarize of a header of another view");
    require(known.header.leader == world_.self() ||
                known.header.time_ms <= wall_ms() + step_chain().params.skew_ms,
            "N4: Notarize of a header from the future");
    const auto& parent = world_.headers()[known.parent];
    require(known.parent == 0 ||
                could_be_certified(VoteKind::notarize, parent.header.view, parent.digest) ||
                could_be_certified(VoteKind::finalize, parent.header.view, parent.digest),
            "S3: Notarize on an uncertified parent");
    for (View skipped = parent.header.view + 1; skipped < view; ++skipped) {
        require(could_be_certified(VoteKind::nullify, skipped, Hash{}),
                "S3: Notarize over a view that is not nullified");
    }
}

void StepReplica::judge_progress(const Output& output) {
    const auto now = engine_->metrics();
    require(now.view >= before_.view, "the view went back");
    require(now.finalised_view >= before_.finalised_view &&
                now.finalised_height >= before_.finalised_height,
            "the floor went back");
    require(now.view > now.finalised_view, "the view is not above the floor");
    require(now.voting && !output.divergence, "the replica stopped voting among sound results");
    const auto& params = step_chain().params;
    const auto open_views = now.view - now.finalised_view + 9;
    require(now.batches_held <= std::uint64_t{4} * params.author_window +
                                    (params.block_batches_max + 1) * open_views,
            "more batches are held than windows and open headers allow");
    require(output.send.size() <= 64 + 16 * open_views, "one event makes too many messages");
    for (const auto& evidence : output.evidence) {
        require(verify(evidence, step_chain().set, step_chain().chain_id),
                "evidence does not verify");
        require(evidence.first.signer == world_.liar(), "evidence against an honest validator");
    }
    before_ = now;
}

void StepReplica::drain() {
    auto output = std::exchange(pending_, {});
    write(output);
    if (output.sync_before_send) {
        synced_ = file_.size();
        note_durable();
    }
    for (const auto& send : output.send) {
        release(send);
    }
    require(world_.advance_final(), "two blocks of one height are final");
    for (const auto& proof : output.execution_proofs) {
        require(verify_execution_proof(proof, step_chain().set, step_chain().chain_id).has_value(),
                "an execution proof does not verify");
        require(results_.at(proof.result.height) == proof.result, "a proof of another result");
    }
    for (const auto& certificate : output.execution_certificates) {
        if (auto found = blocks_.find(certificate.result.height); found != blocks_.end()) {
            require(found->second.header.digest() == certificate.result.block_digest,
                    "an execution certificate of a block that is not final");
            found->second.execution = certificate;
        }
    }
    for (auto& each : output.commits) {
        commit(std::move(each));
    }
    for (auto& each : output.notarized) {
        take(std::move(each));
    }
}

void StepReplica::take(NotarizedBlock&& block) {
    const auto below = results_.find(block.header.height - 1);
    require(
        block.header.height == 1 || handed_.contains(block.header.parent_digest) ||
            (below != results_.end() && below->second.block_digest == block.header.parent_digest),
        "a block to execute ahead comes before its parent");
    require(ahead_.insert(block.digest).second, "a block to execute ahead comes twice");
    handed_.insert(block.digest);
    if (block.header.height <= committed_) {
        return;  // committed in a later step, whose output was merged with this one
    }
    require(block.batches.size() == block.header.batches.size(), "a batch is missing");
    for (std::size_t i = 0; i < block.batches.size(); ++i) {
        require(block.batches[i]->entry() == block.header.batches[i],
                "a block to execute ahead holds another batch than its header names");
    }
    to_speculate_.push_back(block.digest);
}

void StepReplica::write(const Output& output) {
    for (const auto& batch : output.store_batches) {
        file_.emplace_back(batch);
        batches_[batch->digest()] = batch;
    }
    for (const auto& record : output.journal) {
        file_.emplace_back(record);
    }
}

void StepReplica::note_durable() {
    for (; noted_ < synced_; ++noted_) {
        if (const auto* batch = std::get_if<BatchHandle>(&file_[noted_])) {
            durable_batches_.insert((*batch)->digest());
            continue;
        }
        const auto& record = std::get<JournalRecord>(file_[noted_]);
        if (durable_records_.insert(encode(record)).second &&
            record.type == RecordType::certificate) {
            certificates_.push_back(*decode<Certificate>(record.bytes));
        }
    }
}

bool StepReplica::durable(const JournalRecord& record) const {
    return durable_records_.contains(encode(record));
}

bool StepReplica::durable_certificate(VoteKind kind, View view, const Hash* digest) const {
    return std::any_of(certificates_.begin(), certificates_.end(), [&](const auto& each) {
        return each.kind == kind && each.view == view &&
               (digest == nullptr || each.digest == *digest);
    });
}

void StepReplica::release(const Send& send) {
    require(send.to != world_.self(), "a message to itself");
    if (const auto* vote = std::get_if<Vote>(&send.message)) {
        judge_sent_vote(*vote);
    } else if (const auto* proposal = std::get_if<Proposal>(&send.message)) {
        judge_sent_proposal(*proposal);
    } else if (const auto* ack = std::get_if<Ack>(&send.message)) {
        judge_sent_ack(*ack);
    } else if (const auto* executed = std::get_if<ExecutionVote>(&send.message)) {
        const auto& result = executed->result;
        const bool ahead = speculated_.contains(result.block_digest);
        require((ahead && world_.result_of(*world_.find(result.block_digest)) == result) ||
                    (results_.contains(result.height) && results_.at(result.height) == result),
                "an execution vote for what was not executed");
    } else if (const auto* certificate = std::get_if<Certificate>(&send.message)) {
        require(verify(*certificate, step_chain().set, step_chain().chain_id).has_value(),
                "a wrong certificate is relayed");
    }
    const auto bytes = encode_message(send.message);
    const auto back = decode_message(bytes);
    require(back && encode_message(*back) == bytes, "a sent message survives its encoding");
    sent_.push_back(send.message);
    if (sent_.size() > sent_kept) {
        sent_.pop_front();
    }
}

void StepReplica::judge_sent_proposal(const Proposal& proposal) {
    if (proposal.header.leader != world_.self()) {
        return;  // somebody else's, passed on
    }
    judge_sent_vote({.kind = VoteKind::notarize,
                     .epoch = 1,
                     .view = proposal.header.view,
                     .digest = proposal.header.digest(),
                     .signer = world_.self(),
                     .signature = proposal.leader_signature});
    if (proposal.inline_batch) {
        require(durable_batches_.contains(proposal.inline_batch->digest()),
                "an inline batch leaves before it is durable");
    }
}

void StepReplica::judge_sent_vote(const Vote& vote) {
    require(vote.signer == world_.self(), "a vote of somebody else is sent");
    require(durable(record_of(vote)), "a vote leaves before its record is durable");
    const auto other = released_.emplace(Slot{vote.kind, vote.view}, vote.digest).first;
    require(other->second == vote.digest, "S1: two votes of one kind were sent");
    world_.replica_voted(vote.kind, vote.view, vote.digest);
    if (vote.kind == VoteKind::finalize) {
        require(durable_certificate(VoteKind::notarize, vote.view, &vote.digest),
                "a Finalize leaves before its Notarization is durable");
        return;
    }
    judge_entered(vote.view);
    if (vote.kind == VoteKind::nullify) {
        return;
    }
    const auto& known = world_.headers()[*world_.find(vote.digest)];
    require(durable(record_of(known.header)), "a Notarize leaves before its header is durable");
    const auto& parent = world_.headers()[known.parent];
    const auto view = parent.header.view;
    require(known.parent == 0 || durable_certificate(VoteKind::notarize, view, &parent.digest) ||
                durable_certificate(VoteKind::finalize, view, &parent.digest),
            "a Notarize leaves before its parent's certificate is durable");
    for (View skipped = view + 1; skipped < vote.view; ++skipped) {
        require(durable_certificate(VoteKind::nullify, skipped, nullptr),
                "a Notarize leaves before a Nullification it rests on is durable");
    }
}

void StepReplica::judge_entered(View view) const {
    const bool entered =
        view == 1 ||
        std::any_of(certificates_.begin(), certificates_.end(),
                    [&](const auto& each) { return each.view + 1 >= view; }) ||
        (!results_.empty() && blocks_.at(results_.rbegin()->first).header.view + 1 >= view);
    require(entered, "a vote leaves before the view's entry certificate is durable");
}

void StepReplica::judge_sent_ack(const Ack& ack) const {
    require(durable_batches_.contains(ack.entry.digest),
            "an Ack leaves before its batch is durable");
    const auto found = batches_.find(ack.entry.digest);
    require(found != batches_.end() && found->second->entry() == ack.entry,
            "an Ack of another Entry than the batch's");
}

void StepReplica::commit(Commit commit) {
    const auto height = commit.header.height;
    require(height == committed_ + 1, "blocks are committed in height order, each once");
    committed_ = height;
    const auto& chain = world_.final_chain();
    require(height < chain.size() && world_.headers()[chain[height]].digest == commit.digest &&
                commit.header.digest() == commit.digest,
            "a block is committed that is not final");
    const auto& last =
        commit.descendants.empty() ? commit.digest : commit.descendants.back().digest();
    require(commit.finalization.kind == VoteKind::finalize && commit.finalization.digest == last &&
                verify(commit.finalization, step_chain().set, step_chain().chain_id).has_value(),
            "a commit without its finalization");
    require(commit.batches.size() == commit.header.batches.size(), "a commit lacks a batch");
    for (std::size_t i = 0; i < commit.batches.size(); ++i) {
        require(commit.batches[i] && commit.batches[i]->entry() == commit.header.batches[i],
                "a commit holds another batch than its header names");
    }
    StoredBlock stored{.header = commit.header, .finalization = {}, .execution = {}};
    if (commit.finalization.digest == commit.digest) {
        stored.finalization = commit.finalization;
    }
    blocks_[height] = std::move(stored);
    handed_.insert(commit.digest);
    to_execute_.push_back(std::move(commit));
}

void StepReplica::execute() {
    if (!to_speculate_.empty()) {
        const auto known = world_.find(to_speculate_.front());
        to_speculate_.pop_front();
        speculated_.insert(world_.headers()[*known].digest);
        step(BlockSpeculated{world_.result_of(*known)});
    }
    if (to_execute_.empty()) {
        return;
    }
    const auto block = std::move(to_execute_.front());
    to_execute_.pop_front();
    for (const auto& batch : block.batches) {
        executed_batches_[batch->digest()] = batch;
        batches_[batch->digest()] = batch;
    }
    const auto result = world_.result_of(*world_.find(block.digest));
    results_[result.height] = result;
    step(BlockExecuted{result});
    step(WakeAt{.height = result.height, .time_ms = std::nullopt});
}

/// What a crash leaves: the synced part of the file and the first `kept` entries behind it.
void StepReplica::forget_unsynced(std::size_t kept) {
    file_.resize(std::min(file_.size(), synced_ + kept));
    synced_ = file_.size();  // found at the next start, so it counts from there on
    note_durable();
    promised_.clear();
    batches_ = executed_batches_;
    for (const auto& entry : file_) {
        if (const auto* batch = std::get_if<BatchHandle>(&entry)) {
            batches_[(*batch)->digest()] = *batch;
        }
    }
    for (const auto& record : durable_records_) {
        const auto one = decode<JournalRecord>(record);
        if (one->type == RecordType::vote) {
            const auto vote = decode<Vote>(one->bytes);
            promised_[{vote->kind, vote->view}] = vote->digest;
        }
    }
    const auto executed = results_.empty() ? 0 : results_.rbegin()->first;
    blocks_.erase(blocks_.upper_bound(executed), blocks_.end());
    to_execute_.clear();
    to_speculate_.clear();
    handed_.clear();
    ahead_.clear();
    speculated_.clear();
}

void StepReplica::crash(bool written, std::size_t kept, bool prune) {
    if (written) {
        write(pending_);
    }
    pending_ = {};
    engine_.reset();
    forget_unsynced(kept);
    if (prune && !results_.empty()) {
        const auto floor = blocks_.at(results_.rbegin()->first).header.view;
        const auto needed = std::find_if(file_.begin(), file_.end(), [&](const auto& entry) {
            const auto* record = std::get_if<JournalRecord>(&entry);
            return record != nullptr
                       ? record->view >= floor
                       : !executed_batches_.contains(std::get<BatchHandle>(entry)->digest());
        });
        file_.erase(file_.begin(), needed);
        synced_ = noted_ = file_.size();
    }
    start();
}

std::optional<StoredBlock> StepReplica::block(Height height) const {
    const auto found = blocks_.find(height);
    return found == blocks_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Header> StepReplica::header(const Hash& digest) const {
    for (const auto& [height, stored] : blocks_) {
        if (stored.header.digest() == digest) {
            return stored.header;
        }
    }
    return std::nullopt;
}

BatchHandle StepReplica::batch(const Hash& digest) const {
    const auto found = batches_.find(digest);
    return found == batches_.end() ? nullptr : found->second;
}

std::optional<Signature> StepReplica::signature_of(ByteView message) const {
    if (view_of_vote(message)) {
        signed_now_.emplace_back(message);
    }
    return step_chain().signers[world_.self()]->sign(message);
}

}  // namespace remit::fuzz
