#include "node/replica/replica.h"

#include <algorithm>

#include "node/replica/block_overlay.h"
#include "node/replica/evidence_reporter.h"
#include "node/replica/readiness.h"
#include "node/replica/stop_reason.h"
#include "node/replica/submissions.h"
#include "node/snapshot/exchange.h"

namespace remit::node {

class Replica::Core {
public:
    Core(ReplicaConfig config, ReplicaParts parts)
        : config_(std::move(config)),
          parts_(std::move(parts)),
          peers_(config_.engine.peers.empty() ? config_.engine.validators.size()
                                              : config_.engine.peers.size()),
          readiness_({.random = parts_.random,
                      .chain_id = config_.engine.chain_id,
                      .keys = consensus::own_keys(config_.engine, parts_.signer),
                      .version_max = config_.engine.version_max}),
          blocks_(parts_.kv, config_.engine.validators, config_.engine.params),
          submissions_(parts_.checker, parts_.reads, blocks_.store(), config_.engine.params,
                       config_.waiting_clients_max),
          reporter_({.chain_id = config_.engine.chain_id,
                     .turn = config_.engine.self,
                     .keys = consensus::own_keys(config_.engine, parts_.signer),
                     .reads = parts_.reads}) {}

    Status<IoError> start();
    void step(const consensus::Event& event) { collect(engine_->step(event, now())); }
    void on_peer_bytes(consensus::ValidatorIndex from, ByteView bytes);
    void on_peer_message(consensus::ValidatorIndex from, consensus::Message message);
    void on_peer_disconnected(consensus::ValidatorIndex peer) {
        snapshots_.on_disconnected(peer);
        step(consensus::PeerDisconnected{peer});
    }
    void on_tick() {
        snapshots_.on_time(now().mono_ms);
        step(consensus::Tick{});
    }
    void discard_gathered() { or_die(snapshots_.discard()); }
    [[nodiscard]] std::optional<SnapshotCounts> snapshot_counts() const {
        return snapshots_.counts();
    }
    void on_executed(ExecutedBlock block);
    void submit(Submission submission);
    void flush();
    void close() { or_die(journal_->close()); }
    void on_peer_known(consensus::PeerNumber peer, const PublicKey& key) {
        peers_ = std::max(peers_, peer + std::size_t{1});
        step(consensus::PeerKnown{peer, key});
    }
    [[nodiscard]] std::optional<std::int64_t> next_deadline() const;

    [[nodiscard]] const consensus::Engine& engine() const { return *engine_; }
    [[nodiscard]] const Submissions& submissions() const { return submissions_; }
    [[nodiscard]] const EvidenceReporter& reporter() const { return reporter_; }
    [[nodiscard]] bool stopped() const { return stopped_; }
    [[nodiscard]] std::uint64_t boot_counter() const { return config_.engine.boot_counter; }
    [[nodiscard]] ReplicaCounts counts() const {
        return {.journal_syncs = journal_->syncs(),
                .journal_bytes = journal_->bytes_written(),
                .votes_sent = votes_sent_,
                .frames_refused = frames_refused_};
    }

private:
    [[nodiscard]] consensus::Now now() const {
        return {parts_.clock.mono_ms(), parts_.clock.wall_ms()};
    }
    Result<VoteJournal::Opened, IoError> open_journal(consensus::Height executed);
    Result<consensus::Recovery, IoError> recovery(VoteJournalContents contents);
    void collect(consensus::Output output);
    void persist(const consensus::Output& output);
    void send(const std::vector<consensus::Send>& sends);
    void hand_over(std::vector<consensus::Commit> commits);
    void hand_over(std::vector<consensus::NotarizedBlock> blocks);
    void store_certificates(const consensus::Output& output);
    void note(const consensus::Output& output);
    void report_evidence();
    void publish_final();
    Status<IoError> start_snapshots(consensus::Height executed);
    void collect_snapshots();
    void say_ready();
    void forget_behind(consensus::Height durable_height);
    void stop(const std::string& reason);

    ReplicaConfig config_;
    ReplicaParts parts_;
    std::size_t peers_;  // known, this node counted
    Readiness readiness_;
    BlockOverlay blocks_;
    Submissions submissions_;
    EvidenceReporter reporter_;
    std::unique_ptr<VoteJournal> journal_;
    std::unique_ptr<consensus::Engine> engine_;
    SnapshotExchange snapshots_;
    consensus::Output pending_;
    bool work_ = false;  // something collected since the last drain
    consensus::Height proven_height_ = 0;
    consensus::Height durable_height_ = 0;
    struct Executed {
        consensus::Epoch epoch = 0;
        consensus::View view = 0;
        std::vector<Hash> batches;
    };
    std::map<consensus::Height, Executed> not_durable_;
    std::uint64_t frames_refused_ = 0;
    std::uint64_t votes_sent_ = 0;
    bool stopped_ = false;
};

Status<IoError> Replica::Core::start() {
#ifdef SIM_BUG_version_ignored
    config_.engine.version_max = 0xFFFF;
#endif
    TRY_ASSIGN(const auto height, blocks_.store().executed_height());
    const auto executed = height.value_or(0);
    TRY_ASSIGN(auto opened, open_journal(executed));
    // A database that is gone altogether, beside the votes, is got from the others again.
    const bool rejoins = executed == 0 && parts_.snapshots != nullptr &&
                         !config_.gathered.empty() && config_.engine.validators.size() > 1;
    if (opened.contents.durable_height > executed && !rejoins) {
        return fail(IoError{IoFailure::corrupt, "open database", "state",
                            "it ends at height " + std::to_string(executed) + ", but height " +
                                std::to_string(opened.contents.durable_height) +
                                " was durable: an old copy, or its log is gone"});
    }
    journal_ = std::move(opened.journal);
    if (opened.contents.durable_height > executed) {
        parts_.observer.on_votes_lost(
            "the database is gone, and with it up to where votes were final");
        TRY(journal_->lose_database(opened.contents));
    }
    config_.engine.boot_counter = opened.contents.boot_counter;
    const bool votes_lost = opened.contents.votes_lost;
    if (parts_.recalled) {
        parts_.recalled(opened.contents.records);
    }
    TRY_ASSIGN(auto found, recovery(std::move(opened.contents)));
    if (votes_lost) {
        found.votes_lost = parts_.random.draw<Hash>();
    }
    found.ask_for_votes = parts_.random.draw<Hash>();
    durable_height_ = executed;
    TRY(start_snapshots(executed));
    // Old receipts are final at once, without waiting for a peer.
    TRY_ASSIGN(const auto proven, blocks_.store().proven_height());
    proven_height_ = proven.value_or(0);
    publish_final();
    engine_ = std::make_unique<consensus::Engine>(config_.engine, parts_.signer, blocks_);
    auto started = engine_->start(found, now());
    if (!started.ok) {
        return fail(IoError{IoFailure::corrupt, "open vote journal", config_.journal.folder,
                            "its records are another validator's or another chain's"});
    }
    reporter_.follow(config_.engine.validators);
    reporter_.follow(engine_->validators());
    TRY(reporter_.recover(parts_.kv, now().mono_ms));
    collect(std::move(started.output));
    return {};
}

Result<VoteJournal::Opened, IoError> Replica::Core::open_journal(consensus::Height executed) {
    auto opened = VoteJournal::open(parts_.disk, parts_.random, config_.journal, executed == 0);
    const bool others = peers_ > 1;
    if (opened || opened.error().failure != IoFailure::corrupt || !others) {
        return opened;
    }
    parts_.observer.on_votes_lost(opened.error().text());
    return VoteJournal::begin_anew(parts_.disk, parts_.random, config_.journal);
}

Result<consensus::Recovery, IoError> Replica::Core::recovery(VoteJournalContents contents) {
    const auto& store = blocks_.store();
    consensus::Recovery out;
    TRY_ASSIGN(const auto height, store.executed_height());
    if (height && *height > 0) {
        TRY_ASSIGN(out.executed, store.block(*height, 1));
        if (!out.executed) {
            return fail(IoError{IoFailure::corrupt, "open database", "blocks",
                                "the newest block is missing"});
        }
        blocks_.drop_mere_proof(*out.executed);
        const auto lag = std::uint64_t{blocks_.epochs().lag_max_at(out.executed->header.epoch)};
        for (auto at = *height > lag ? *height - lag + 1 : 1; at <= *height; ++at) {
            TRY_ASSIGN(const auto record, store.executed(at));
            if (record) {
                out.results.push_back(record->result);
            }
        }
    }
    TRY_ASSIGN(auto base, store.base());
    if (base) {
        out.base_height = base->height;
        out.named_below = std::move(base->named);
    }
    TRY_ASSIGN(const auto newest, store.executed(height.value_or(0)));
    if (newest) {
        out.wake_at = {newest->result.height, newest->wake_at_ms};
    }
    // Opening the database made it durable, so what it holds the journal need not keep.
    for (auto& batch : contents.batches) {
        TRY_ASSIGN(const auto stored, store.batch(batch->digest()));
        if (stored) {
            journal_->release_batch(batch->digest());
        } else {
            blocks_.hold(batch);
            out.batches.push_back(std::move(batch));
        }
    }
    out.journal = std::move(contents.records);
    return out;
}

void Replica::Core::on_peer_bytes(consensus::ValidatorIndex from, ByteView bytes) {
    auto message = consensus::decode_message(bytes);
    if (!message) {
        ++frames_refused_;
        parts_.observer.on_misbehaviour({from, "a frame that is no message"});
        return;
    }
    on_peer_message(from, std::move(*message));
}

Status<IoError> Replica::Core::start_snapshots(consensus::Height executed) {
    if (parts_.snapshots == nullptr) {
        return {};
    }
    std::optional<SnapshotJoin::Parts> join;
    if (!config_.gathered.empty()) {
        join.emplace(SnapshotJoin::Parts{.disk = parts_.disk,
                                         .chain = config_.engine,
                                         .epochs = blocks_.epochs(),
                                         .kv = parts_.kv,
                                         .folder = config_.gathered,
                                         .executed = executed});
        work_ = true;  // it may be complete
    }
    TRY(snapshots_.open({.library = *parts_.snapshots,
                         .store = blocks_.store(),
                         .epochs = blocks_.epochs(),
                         .bytes_per_second = config_.serve_bytes_per_second,
                         .aside = parts_.aside},
                        std::move(join), now().mono_ms));
    return {};
}

void Replica::Core::on_peer_message(consensus::ValidatorIndex from, consensus::Message message) {
    work_ = true;
    if (!snapshots_.on_message(from, message, now().mono_ms)) {
        step(consensus::PeerMessage{from, std::move(message)});
    }
}

void Replica::Core::collect_snapshots() {
    auto output = snapshots_.take_output();
    if (!output.send.empty() || !output.misbehaviour.empty()) {
        collect(std::move(output));
    }
    if (snapshots_.gathered()) {
        parts_.observer.on_snapshot_gathered(snapshots_.began_new());
    }
}

void Replica::Core::collect(consensus::Output output) {
    work_ = true;
    for (const auto& batch : output.store_batches) {
        blocks_.hold(batch);
        if (parts_.prefetch) {
            parts_.prefetch(batch);
        }
    }
    pending_.append(std::move(output));
}

void Replica::Core::report_evidence() {
    if (auto item = reporter_.due(parts_.clock.mono_ms(), parts_.clock.wall_ms())) {
        submit({.item = std::move(*item), .wait_ms = 0, .done = [](const SubmitAnswer&) {}});
    }
    if (const auto writes = reporter_.take_writes(); !writes.empty()) {
        or_die(parts_.kv.write(writes, KvSync::buffered));
    }
}

void Replica::Core::flush() {
    report_evidence();
    submissions_.on_time(parts_.clock.mono_ms());
    collect_snapshots();
    while (true) {
        if (auto items = submissions_.take_queued(); !items.empty()) {
            step(consensus::SubmitItems{std::move(items)});
        }
        if (!work_) {
            return;
        }
        work_ = false;
        auto output = std::exchange(pending_, {});
        for (const auto& way : output.hand_overs) {
            reporter_.follow(way.next.set);
            parts_.observer.on_epoch(way);
        }
#ifdef SIM_BUG_vote_before_sync
        send(output.send);
        persist(output);
#else
        persist(output);
        send(output.send);
#endif
        store_certificates(output);
        hand_over(std::move(output.commits));
        hand_over(std::move(output.notarized));
        note(output);
    }
}

void Replica::Core::persist(const consensus::Output& output) {
    or_die(journal_->append(output.journal, output.store_batches));
    bool due = output.sync_before_send;
#ifdef SIM_BUG_ack_before_sync
    due = !output.journal.empty();  // batches alone wait for the next vote
#endif
    if (due) {
        or_die(journal_->sync());
    }
}

void Replica::Core::send(const std::vector<consensus::Send>& sends) {
    for (const auto& one : sends) {
        const auto bytes = consensus::encode_message(one.message);
        votes_sent_ += std::holds_alternative<consensus::Vote>(one.message) ? 1 : 0;
        const auto channel =
            one.channel == consensus::Channel::votes ? Channel::votes : Channel::bulk;
        if (one.to) {
            parts_.transport.send(*one.to, channel, bytes);
            continue;
        }
        for (std::size_t peer = 0; peer < peers_; ++peer) {
            if (peer != config_.engine.self) {
                parts_.transport.send(static_cast<std::uint16_t>(peer), channel, bytes);
            }
        }
    }
    parts_.transport.flush();
}

void Replica::Core::hand_over(std::vector<consensus::Commit> commits) {
    std::vector<std::shared_ptr<const consensus::Commit>> shared;
    for (auto& commit : commits) {
        shared.push_back(std::make_shared<const consensus::Commit>(std::move(commit)));
        blocks_.add(shared.back());
        Executed executed;
        executed.epoch = shared.back()->header.epoch;
        executed.view = shared.back()->header.view;
        for (const auto& entry : shared.back()->header.batches) {
            executed.batches.push_back(entry.digest);
        }
        not_durable_[shared.back()->header.height] = std::move(executed);
    }
    for (auto& commit : shared) {
        if (!stopped_) {
            parts_.executor.execute(std::move(commit));
        }
    }
}

void Replica::Core::hand_over(std::vector<consensus::NotarizedBlock> blocks) {
    for (auto& block : blocks) {
        if (!stopped_) {
            parts_.executor.speculate(
                std::make_shared<const consensus::NotarizedBlock>(std::move(block)));
        }
    }
}

void Replica::Core::store_certificates(const consensus::Output& output) {
    KvBatch writes;
    for (const auto& way : output.hand_overs) {
        put_hand_over(writes, way);
    }
    for (const auto& proof : output.execution_proofs) {
        const auto height = proof.result.height;
        proven_height_ = std::max(proven_height_, height);
        const auto stored = or_die(blocks_.store().execution(height));
        if (!stored || stored->signers.signatures.size() < proof.signers.signatures.size()) {
            put_execution(writes, proof);
        }
    }
    for (const auto& certificate : output.execution_certificates) {
        put_execution(writes, certificate);
    }
    if (!writes.empty()) {
        or_die(parts_.kv.write(writes, KvSync::buffered));
    }
}

/// What is left once everything is sent and handed over.
void Replica::Core::note(const consensus::Output& output) {
    for (const auto token : output.refused) {
        submissions_.on_refused(token);
    }
    for (const auto token : output.expired) {
        submissions_.on_expired(token);
    }
    for (const auto& digest : output.drop_batches) {
        blocks_.drop_batch(digest);
        journal_->release_batch(digest);
    }
    if (output.unsupported) {
        parts_.observer.on_unsupported_version(*output.unsupported);
    }
    for (const auto& evidence : output.evidence) {
        reporter_.add(evidence, parts_.clock.mono_ms());
        parts_.observer.on_evidence(evidence);
    }
    for (const auto& misbehaviour : output.misbehaviour) {
        parts_.observer.on_misbehaviour(misbehaviour);
    }
    if (output.lost_vote) {
        parts_.observer.on_votes_lost("peers hold a vote of view " +
                                      std::to_string(*output.lost_vote) +
                                      " of this key that the journal lacks: the data folder is an "
                                      "old copy, or another process uses the key");
    }
    if (output.divergence) {
        parts_.observer.on_divergence(*output.divergence);
    }
    if (output.fork) {
        parts_.observer.on_fork(*output.fork);
    }
    if (output.foreign_votes) {
        parts_.observer.on_foreign_votes(*output.foreign_votes);
    }
    if (const auto reason = stop_reason(output)) {
        stop(*reason);
    }
    publish_final();
}

void Replica::Core::publish_final() {
    const auto height = std::min(proven_height_, parts_.reads.executed_height());
    if (stopped_ || height <= parts_.reads.final_height()) {
        return;
    }
    parts_.reads.publish_final(height);
    submissions_.on_final(height);
    parts_.observer.on_final(height);
}

void Replica::Core::on_executed(ExecutedBlock block) {
    if (block.speculative) {
        step(consensus::BlockSpeculated{block.result});
        return;
    }
    if (block.breach) {
        stop("an invariant of the ledger is broken: " + *block.breach);
        return;
    }
    blocks_.executed(block.result.height);
    submissions_.on_executed(block);
    forget_behind(block.durable_height);
    snapshots_.on_executed(block.result.height, parts_.clock.mono_ms());
    step(consensus::BlockExecuted{block.result});
    step(consensus::WakeAt{block.result.height, block.wake_at_ms});
    // An earlier proof of this height may have waited for its execution here.
    publish_final();
    submissions_.on_final(parts_.reads.final_height());
    say_ready();
}

/// A node that governance wants in the next set tells the chain that it can vote.
void Replica::Core::say_ready() {
    if (stopped_) {
        return;
    }
    const auto latest = parts_.reads.latest();
    const ledger::StateReader state(*latest->view);
    const auto finalised = engine_->metrics().finalised_height;
    const auto behind = finalised > latest->height ? finalised - latest->height : 0;
    for (auto& item : readiness_.due(state, state.head(), behind)) {
        submit({.item = std::move(item), .wait_ms = 0, .done = [](const SubmitAnswer&) {}});
    }
}

/// Behind a durable checkpoint the journal's copies are not needed any more.
void Replica::Core::forget_behind(consensus::Height durable_height) {
    if (durable_height <= durable_height_) {
        return;
    }
    durable_height_ = durable_height;
    consensus::Epoch epoch = 0;
    consensus::View view = 0;
    while (!not_durable_.empty() && not_durable_.begin()->first <= durable_height) {
        epoch = not_durable_.begin()->second.epoch;
        view = not_durable_.begin()->second.view;
        for (const auto& digest : not_durable_.begin()->second.batches) {
            journal_->release_batch(digest);
        }
        not_durable_.erase(not_durable_.begin());
    }
    or_die(journal_->prune(epoch, view, durable_height));
}

void Replica::Core::stop(const std::string& reason) {
    if (!stopped_) {
        stopped_ = true;
        submissions_.stop();
        parts_.observer.on_stopped(reason);
    }
}

void Replica::Core::submit(Submission submission) {
    submissions_.submit(std::move(submission), parts_.clock.mono_ms());
}

std::optional<std::int64_t> Replica::Core::next_deadline() const {
    const auto engine = engine_->next_deadline();
    const auto clients = submissions_.next_deadline();
    auto next = engine;
    for (const auto& each : {clients, reporter_.next_deadline(), snapshots_.next_deadline()}) {
        if (each) {
            next = next ? std::min(*next, *each) : *each;
        }
    }
    return next;
}

Replica::Replica(ReplicaConfig config, ReplicaParts parts)
    : core_(std::make_unique<Core>(std::move(config), std::move(parts))) {}
Replica::~Replica() = default;

Status<IoError> Replica::start() {
    return core_->start();
}
void Replica::on_peer_bytes(consensus::ValidatorIndex from, ByteView bytes) {
    core_->on_peer_bytes(from, bytes);
}
void Replica::on_peer_message(consensus::ValidatorIndex from, consensus::Message message) {
    core_->on_peer_message(from, std::move(message));
}
void Replica::on_peer_connected(consensus::ValidatorIndex peer) {
    core_->step(consensus::PeerConnected{peer});
}
void Replica::on_peer_disconnected(consensus::ValidatorIndex peer) {
    core_->on_peer_disconnected(peer);
}
void Replica::on_peer_known(consensus::PeerNumber peer, const PublicKey& key) {
    core_->on_peer_known(peer, key);
}
void Replica::on_tick() {
    core_->on_tick();
}
void Replica::on_executed(ExecutedBlock block) {
    core_->on_executed(std::move(block));
}
void Replica::submit(Submission submission) {
    core_->submit(std::move(submission));
}
void Replica::discard_gathered() {
    core_->discard_gathered();
}
void Replica::flush() {
    core_->flush();
}
void Replica::close() {
    core_->close();
}
std::optional<std::int64_t> Replica::next_deadline() const {
    return core_->next_deadline();
}
consensus::Metrics Replica::metrics() const {
    return core_->engine().metrics();
}
std::vector<consensus::PeerMetrics> Replica::peer_metrics() const {
    return core_->engine().peer_metrics();
}
bool Replica::stopped() const {
    return core_->stopped();
}
std::size_t Replica::pending() const {
    return core_->submissions().size();
}
std::size_t Replica::evidence_waiting() const {
    return core_->reporter().waiting();
}
ReplicaCounts Replica::counts() const {
    return core_->counts();
}
std::optional<SnapshotCounts> Replica::snapshot_counts() const {
    return core_->snapshot_counts();
}
std::uint64_t Replica::boot_counter() const {
    return core_->boot_counter();
}

}  // namespace remit::node
