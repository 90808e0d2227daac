#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "consensus/engine.h"
#include "ledger/base/keys.h"

namespace remit::placement {

/// What things cost on the machine that is emulated, in microseconds.
struct Costs {
    double verify_us = 0;      ///< one signature checked
    double sign_us = 0;        ///< one made
    double sync_us = 0;        ///< one fdatasync that holds up a vote
    double batch_sync_us = 0;  ///< one that holds up what rests on batches alone
    double message_us = 0;     ///< one message taken, or sent to one peer, besides its signatures
    double block_us = 0;       ///< executing a block
    double item_us = 0;        ///< and each item of it
    double write_us = 0;       ///< writing an executed block that is final
    static Costs measured();   ///< signatures as they are here; the rest as design figures say
};

/// Chain, keys and set that all validators share.
struct World {
    explicit World(std::size_t validators, consensus::Params the_params = {});
    Hash chain_id;
    std::vector<SecretKey> keys;
    consensus::ValidatorSet set;
    consensus::Params params;
    consensus::Header genesis;
};

/// One validator: a real engine, a disk of maps, an execution that gives hashes. It reckons what
/// it did; when that is done is the caller's business.
class Host final : consensus::BlockSource, consensus::Signer {
public:
    Host(const World& world, std::size_t index);
    ~Host() override;

    /// What a step left to do, and what it cost the processor.
    struct Done {
        consensus::Output output;
        double reactor_us = 0;
    };
    Done start(consensus::Now now);
    Done step(const consensus::Event& event, consensus::Now now);
    /// What executing costs, and what it gives.
    consensus::ExecutionResult execute(const consensus::Header& header,
                                       const std::vector<consensus::BatchHandle>& batches);
    void keep(const consensus::Commit& commit);
    void keep(const consensus::ExecutionCertificate& certificate);

    [[nodiscard]] std::optional<std::int64_t> deadline() const { return engine_->next_deadline(); }
    [[nodiscard]] consensus::Metrics metrics() const { return engine_->metrics(); }
    [[nodiscard]] std::size_t leader(consensus::View view) const { return engine_->leader(view); }
    /// Of a block, on average: its header and the certificates that are kept with it.
    [[nodiscard]] double kept_bytes_per_block() const;
    /// What follows is reckoned from nothing.
    void forget_costs();

    // Reckoned by the caller.
    std::int64_t reactor_free_us = 0;  ///< until then it is busy
    std::int64_t executor_free_us = 0;
    std::int64_t tick_planned_ms = -1;
    double cpu_us = 0;  ///< of consensus
    double execution_us = 0;
    std::uint64_t syncs = 0;
    std::uint64_t sent_bytes = 0;
    std::uint64_t journal_bytes = 0;
    const Costs* costs = nullptr;
    struct Carried {
        std::size_t leader = 0;
        std::vector<Bytes> items;
    };
    std::map<consensus::Height, Carried> carried;  ///< by blocks that are not proven yet
    std::set<Hash> ahead;                          ///< executed ahead, not committed yet

private:
    [[nodiscard]] std::optional<consensus::StoredBlock> block(
        consensus::Height height) const override;
    [[nodiscard]] std::optional<consensus::Header> header(const Hash& digest) const override;
    [[nodiscard]] consensus::BatchHandle batch(const Hash& digest) const override;
    [[nodiscard]] std::optional<Signature> signature_of(ByteView message) const override;
    Done finish(consensus::Output output);
    [[nodiscard]] std::size_t copies(const consensus::Output& output) const;

    const World& world_;
    std::size_t index_;
    mutable std::uint64_t signed_ = 0;
    std::uint64_t signed_before_ = 0;
    std::uint64_t checked_before_ = 0;
    std::unique_ptr<consensus::Engine> engine_;
    std::map<consensus::Height, consensus::StoredBlock> blocks_;
    std::map<Hash, consensus::Height> heights_;
    std::map<Hash, consensus::BatchHandle> batches_;
    std::map<Hash, Hash> states_;  ///< state root after each block executed, by its digest
};

}  // namespace remit::placement
