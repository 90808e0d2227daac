#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "gateway/connectors/rail.h"
#include "gateway/journal.h"
#include "gateway/ledger.h"
#include "gateway/saga.h"
#include "ledger/base/keys.h"
#include "node/seams/clock.h"
#include "node/seams/random.h"

namespace remit::gateway {

/// A set of changes to sagas that is written whole or not at all. Sagas are edited as copies: what
/// others see changes only when the write is durable.
class Change {
public:
    Change(const std::map<Bytes, Saga>& live, const Journal& journal, std::int64_t now_ms);

    /// For editing; null when there is no such saga.
    Saga* find(v1::SagaKind kind, ByteView id);
    Saga* find(const Bytes& key);
    /// False, and nothing changes, when kind and id exist.
    bool add(Saga saga);
    [[nodiscard]] StepContext& context() { return context_; }
    /// Further records of the same write.
    [[nodiscard]] node::KvBatch& batch() { return batch_; }
    [[nodiscard]] std::map<Bytes, Saga>& sagas() { return sagas_; }
    /// Everything that is not at rest, as it was before this change.
    [[nodiscard]] const std::map<Bytes, Saga>& live() const { return live_; }
    [[nodiscard]] bool empty() const {
        return sagas_.empty() && batch_.empty() && context_.breaks.empty();
    }

private:
    const std::map<Bytes, Saga>& live_;
    const Journal& journal_;
    StepContext context_;
    node::KvBatch batch_;
    std::map<Bytes, Saga> sagas_;
};

/// One finalised block and what had to be read to understand it.
struct BlockFacts {
    remit::v1::WatchEventsResponse block;
    std::map<Bytes, remit::v1::Remittance> remittances;  // by UETR
    std::vector<remit::v1::Window> windows;
};

/// What kind of gateway this is: which sagas live in it and how it reads the ledger.
class Role {
public:
    Role() = default;
    Role(const Role&) = delete;
    Role& operator=(const Role&) = delete;
    virtual ~Role() = default;

    [[nodiscard]] virtual const SagaRules& rules_of(v1::SagaKind kind) const = 0;
    /// Reads from other places what the sagas ask for, and moves them on. Blocks; no lock is held.
    virtual void ask(std::vector<Saga>& sagas, StepContext& context) = 0;
    /// Reads what the block alone does not tell. False: try again later. Blocks; no lock is held.
    virtual bool study(BlockFacts& facts) = 0;
    /// Works a block into sagas, once per block. No I/O.
    virtual void on_block(const BlockFacts& facts, Change& change) = 0;
    /// A saga is about to be written: records derived from it go into the same write. No I/O.
    virtual void on_write(const Saga& saga, node::KvBatch& batch) = 0;
};

struct EngineOptions {
    std::uint32_t participant = 0;
    Hash chain_id;
    std::int64_t valid_for_ms = 60'000;
    std::size_t senders = 8;  // envelopes and rail calls under way at once
    std::size_t operations_per_envelope = 64;
    std::uint32_t submit_wait_ms = 5'000;
};

/// What an engine works with; all of it outlives the engine.
struct EngineParts {
    node::Kv& kv;
    const node::Clock& clock;
    node::Random& random;
    Ledger& ledger;
    const SecretKey& key;
    Rail* own_rail = nullptr;
    Rail* clearing_rail = nullptr;
};

/// Drives sagas: writes each intent before it is acted on and each answer before the next step.
/// One thread calls `turn`; what blocks is handed to `post`; everything else may be called from
/// any thread.
class Engine {
public:
    using Job = std::function<void()>;
    using Post = std::function<void(Job)>;

    Engine(const EngineParts& parts, const EngineOptions& options, Role& role, Post post);

    /// Reads what a former life left and takes it up again. Before the first turn.
    void load();

    /// Decides what is due, writes it and hands it out.
    void turn();
    /// Sleeps until there may be something for `turn`.
    void wait_for_work(std::chrono::milliseconds longest);

    /// Writes new sagas with further records, durably. Those that exist already are left alone;
    /// gives the number that were new.
    std::size_t start(std::vector<Saga> sagas, const node::KvBatch& more = {});
    /// A change under the engine's lock: no I/O inside.
    void edit(const std::function<void(Change&)>& change);
    /// False when the block could not be understood yet: hand it over again.
    bool apply_block(const remit::v1::WatchEventsResponse& block);

    [[nodiscard]] std::optional<Saga> find(v1::SagaKind kind, ByteView id) const;
    /// The saga as soon as `enough` says so, or as it is at the deadline.
    std::optional<Saga> wait_until(v1::SagaKind kind, ByteView id,
                                   const std::function<bool(const Saga&)>& enough,
                                   std::chrono::milliseconds longest) const;
    [[nodiscard]] std::vector<Saga> live() const;
    [[nodiscard]] std::uint64_t next_height() const;
    [[nodiscard]] std::size_t envelopes_open() const;
    /// Nothing is under way, queued or about to be retried.
    [[nodiscard]] bool is_idle() const;
    [[nodiscard]] const Journal& journal() const { return journal_; }

private:
    struct RailWork {
        Bytes key;
        v1::SagaStep step = v1::SAGA_STEP_UNSPECIFIED;
        v1::Transfer transfer;
        bool ask_first = false;
    };
    struct LedgerWork {
        Bytes key;
        v1::SagaStep step = v1::SAGA_STEP_UNSPECIFIED;
        remit::v1::Operation operation;
    };

    void commit(Change& change);
    /// Opens a break, or closes the one of that id if it is open.
    void put_break(const v1::Break& item, node::KvBatch& batch) const;
    /// The saga is where it was when the work was queued; otherwise the work is void.
    [[nodiscard]] bool is_still_at(const Bytes& key, v1::SagaStep step) const;
    void release(const Bytes& key);
    void take_timers();
    void sort_ready();
    void stage_envelopes(std::vector<Job>& jobs);
    v1::OutboxRecord make_record(std::vector<LedgerWork> work, std::uint64_t sequence);
    void stage_rail(RailName rail, std::vector<Job>& jobs);
    void stage_asks(std::vector<Job>& jobs);

    void deliver(std::uint64_t sequence, bool ask_first);
    void submit(const v1::OutboxRecord& record);
    /// Asks by transaction id. True when that settled the matter for now.
    bool inquire(const v1::OutboxRecord& record);
    void deliver_later(std::uint64_t sequence);
    void complete(std::uint64_t sequence,
                  const google::protobuf::RepeatedPtrField<remit::v1::Receipt>& receipts);
    void turned_away(std::uint64_t sequence, const remit::v1::Refusal& refusal);

    void call_rail(RailName rail, std::vector<RailWork> work);
    std::optional<v1::TransferResult> inquire(Rail& rail, const RailWork& work);
    void finish_rail(const std::vector<RailWork>& work,
                     const std::vector<std::optional<v1::TransferResult>>& results);
    void call_ask(std::vector<Saga> sagas);

    EngineParts parts_;
    EngineOptions options_;
    Role& role_;
    Post post_;
    Journal journal_;

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::condition_variable work_;
    std::map<Bytes, Saga> live_;
    std::set<Bytes> ready_;
    std::set<Bytes> busy_;   // queued or at a rail or being asked about
    std::set<Bytes> alone_;  // goes in an envelope of its own: its last one was turned away
    std::multimap<std::int64_t, Bytes> timers_;
    std::multimap<std::int64_t, std::uint64_t> redeliveries_;
    std::deque<LedgerWork> ledger_queue_;
    std::map<RailName, std::deque<RailWork>> rail_queue_;
    std::map<RailName, std::size_t> rail_calls_;
    std::vector<Bytes> ask_queue_;
    std::size_t asks_ = 0;
    std::size_t jobs_ = 0;
    std::map<std::uint64_t, v1::OutboxRecord> outbox_;
    std::map<std::uint64_t, std::uint32_t> attempts_;
    std::uint64_t sequence_ = 0;
    std::uint64_t next_height_ = 1;
};

}  // namespace remit::gateway
