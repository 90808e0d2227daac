#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "consensus/engine.h"
#include "test/fuzz/step/world.h"

namespace remit::fuzz {

/// One engine and the host around it: a journal with an unsynced tail, blocks that wait to be
/// executed, crashes. Everything the engine does is judged here.
class StepReplica final : public BlockSource, public Signer {
public:
    explicit StepReplica(StepWorld& world);

    // Driving.
    /// `clean_from`: an honest peer whose message this is, which must not be blamed.
    void step(const Event& event, std::optional<ValidatorIndex> clean_from = std::nullopt);
    void deliver(ValidatorIndex from, Message message, bool clean);
    /// The clock moves, by at least nothing.
    void wait(std::int64_t ms) { now_ms_ += ms; }
    /// The wall clock is set, forwards or back; the monotonic one goes on.
    void set_wall(std::int64_t drift_ms) { drift_ms_ = drift_ms; }
    /// The clock moves to the engine's deadline, which is then served.
    void serve_deadline();
    /// Whether outputs are merged until `drain` is called.
    void merge_outputs(bool merge);
    void drain();
    void execute();
    /// `written`: what was not drained reaches the file; `kept` of the unsynced tail survives.
    void crash(bool written, std::size_t kept, bool prune);

    // Looking.
    [[nodiscard]] View view() const { return engine_->metrics().view; }
    [[nodiscard]] Height floor_height() const { return engine_->metrics().finalised_height; }
    [[nodiscard]] std::int64_t mono_ms() const { return now_ms_; }
    [[nodiscard]] std::int64_t wall_ms() const { return now_ms_ + wall_offset_ms + drift_ms_; }
    [[nodiscard]] const std::deque<Message>& sent() const { return sent_; }

    [[nodiscard]] std::optional<StoredBlock> block(Height height) const override;
    [[nodiscard]] std::optional<Header> header(const Hash& digest) const override;
    [[nodiscard]] BatchHandle batch(const Hash& digest) const override;
    [[nodiscard]] std::optional<Signature> signature_of(ByteView message) const override;

private:
    static constexpr std::int64_t wall_offset_ms = test::VirtualNetwork::wall_offset_ms;
    using Entry = std::variant<BatchHandle, JournalRecord>;
    using Slot = std::pair<VoteKind, View>;

    void start();
    void take(Output output, std::optional<ValidatorIndex> clean_from);
    void learn_own(const Output& output);
    void judge_signed();
    void judge_progress(const Output& output);
    void promise(VoteKind kind, View view, const Hash& digest);
    void write(const Output& output);
    void release(const Send& send);
    void judge_sent_vote(const Vote& vote);
    void judge_sent_ack(const Ack& ack) const;
    void judge_entered(View view) const;
    void commit(Commit commit);
    void take(NotarizedBlock&& block);
    void note_durable();
    [[nodiscard]] bool durable(const JournalRecord& record) const;
    [[nodiscard]] bool promised(VoteKind kind, View view, const Hash& digest) const;
    [[nodiscard]] bool could_be_certified(VoteKind kind, View view, const Hash& digest) const;
    void judge_notarize(View view, const Hash& digest) const;
    void judge_sent_proposal(const Proposal& proposal);
    void forget_unsynced(std::size_t kept);
    [[nodiscard]] bool durable_certificate(VoteKind kind, View view, const Hash* digest) const;

    StepWorld& world_;
    std::unique_ptr<Engine> engine_;
    std::uint64_t boots_ = 0;
    std::int64_t now_ms_ = 1000;
    std::int64_t drift_ms_ = 0;
    bool merge_ = false;
    Output pending_;

    // The disk.
    std::vector<Entry> file_;
    std::size_t synced_ = 0;                 // entries of file_
    std::size_t noted_ = 0;                  // of these, taken into durable_records_
    std::set<Bytes> durable_records_;        // encoded; pruned ones too
    std::vector<Certificate> certificates_;  // of durable_records_
    std::set<Hash> durable_batches_;
    std::map<Hash, BatchHandle> batches_;
    std::map<Hash, BatchHandle> executed_batches_;
    std::map<Height, StoredBlock> blocks_;
    std::map<Height, ExecutionResult> results_;
    std::deque<Commit> to_execute_;
    std::deque<Hash> to_speculate_;
    std::set<Hash> speculated_;  ///< in this run
    std::set<Hash> ahead_;       ///< of these, ahead of their finalization
    std::set<Hash> handed_;      ///< in this run, as commits or ahead of them

    // What the engine has promised.
    mutable std::vector<Bytes> signed_now_;  // votes of this step
    std::map<Slot, Hash> promised_;          // durable, or signed in this run
    std::map<Slot, Hash> released_;
    Metrics before_;
    Height committed_ = 0;
    std::deque<Message> sent_;
};

}  // namespace remit::fuzz
